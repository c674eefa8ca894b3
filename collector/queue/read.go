package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// batchBytes bounds what one request reads, give or take a message: the
	// server copies it while nothing is written.
	batchBytes = 2 << 20
	// maxProbe bounds how far the end of a gap is looked for.
	maxProbe = 100_000
)

// message is one stored message. It belongs to whoever read it.
type message struct {
	seq    uint64
	at     time.Time
	header nats.Header
	data   []byte
}

// read returns up to limit messages from sequence number from on, none where
// from is yet to come. A hole at from is a gap; one further on ends what is
// returned.
func (s *stream) read(ctx context.Context, from uint64, limit int) ([]message, error) {
	batch, err := s.batch(ctx, from, limit)
	if err != nil {
		return nil, err
	}
	for i, m := range batch {
		if m.seq != from+uint64(i) {
			batch = batch[:i]
			break
		}
	}
	if len(batch) > 0 {
		return batch, nil
	}
	return nil, s.missing(ctx, from)
}

// missing tells whether a message that was not returned is yet to come (nil)
// or gone (a gap).
func (s *stream) missing(ctx context.Context, seq uint64) error {
	st, err := s.state(ctx)
	if err != nil {
		return err
	}
	switch {
	case seq == st.LastSeq+1:
		return nil
	case seq > st.LastSeq:
		return plant.Errorf(plant.CodeDamaged, "stream %s ends at message %d, but message %d was seen before: messages at its end were lost", s.name, st.LastSeq, seq-1)
	case seq < st.FirstSeq:
		return gapError(&Gap{s.name, seq, st.FirstSeq - 1})
	}
	if there, err := s.onLeader(ctx, seq); there || err != nil {
		return err // a replica that lags; it comes
	}
	for next := seq + 1; next <= min(st.LastSeq, seq+maxProbe); next++ {
		found, err := s.batch(ctx, next, 1)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return gapError(&Gap{s.name, seq, found[0].seq - 1})
		}
	}
	return gapError(&Gap{s.name, seq, min(st.LastSeq, seq+maxProbe)})
}

// batch asks any replica for messages with sequence numbers of at least from.
func (s *stream) batch(ctx context.Context, from uint64, limit int) ([]message, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	fail := func(err error) ([]message, error) { return nil, requestError("stream "+s.name, err) }
	if !s.nc.IsConnected() {
		return fail(nats.ErrDisconnected)
	}
	inbox := nats.NewInbox()
	sub, err := s.nc.SubscribeSync(inbox)
	if err != nil {
		return fail(err)
	}
	defer sub.Unsubscribe()
	request := fmt.Sprintf(`{"seq":%d,"batch":%d,"max_bytes":%d}`, from, limit, batchBytes)
	if err := s.nc.PublishRequest("$JS.API.DIRECT.GET."+s.name, inbox, []byte(request)); err != nil {
		return fail(err)
	}
	var all []message
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return fail(err)
		}
		switch status := m.Header.Get("Status"); status {
		case "":
			got, err := parse(m)
			if err != nil {
				return nil, err
			}
			all = append(all, got)
		case "204", "404": // the end; nothing there
			return all, nil
		default:
			return fail(fmt.Errorf("status %s %s", status, m.Header.Get("Description")))
		}
	}
}

func parse(m *nats.Msg) (message, error) {
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return message{}, plant.Errorf(plant.CodeInternal, "the queue's server sent a message without a sequence number: %w", err)
	}
	at, _ := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	return message{seq: seq, at: at, header: m.Header, data: m.Data}, nil
}

// onLeader asks the stream's leader whether it can read the message.
func (s *stream) onLeader(ctx context.Context, seq uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	m, err := s.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+s.name, fmt.Appendf(nil, `{"seq":%d}`, seq))
	if err != nil {
		return false, requestError("stream "+s.name, err)
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return false, requestError("stream "+s.name, err)
	}
	if answer.Error == nil {
		return true, nil
	}
	if answer.Error.Code == 404 || errors.Is(answer.Error, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return false, requestError("stream "+s.name, answer.Error)
}
