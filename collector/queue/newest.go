package queue

import "context"

// newestBatch is how many messages are read at once, going backwards.
const newestBatch = 64

// newest calls f with the messages before a sequence number (0: all), newest
// first, until f returns false. Those that cannot be read are left out.
func (s *stream) newest(ctx context.Context, before uint64, f func(message) bool) error {
	st, err := s.state(ctx)
	if err != nil || st.Msgs == 0 {
		return err
	}
	to := st.LastSeq
	if before > 0 {
		to = min(to, before-1)
	}
	for to >= st.FirstSeq {
		from := st.FirstSeq
		if to-st.FirstSeq >= newestBatch {
			from = to - newestBatch + 1
		}
		all, err := s.between(ctx, from, to)
		if err != nil {
			return err
		}
		for i := len(all) - 1; i >= 0; i-- {
			if !f(all[i]) {
				return nil
			}
		}
		to = from - 1
	}
	return nil
}

// between returns the readable messages of a range, both ends included.
func (s *stream) between(ctx context.Context, from, to uint64) ([]message, error) {
	var all []message
	for from <= to {
		batch, err := s.batch(ctx, from, int(to-from+1))
		if err != nil {
			return nil, err
		}
		next := from + 1 // where from cannot be read
		for _, m := range batch {
			if m.seq > to {
				return all, nil
			}
			all = append(all, m)
			next = m.seq + 1
		}
		from = next
	}
	return all, nil
}
