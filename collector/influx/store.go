package influx

import (
	"bytes"
	"context"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

// Store writes the samples of the queue's frames to the bucket of heartbeats.
type Store struct{ pump *pump }

// NewStore returns a Store that reads cur and keeps in dead what InfluxDB
// refuses for good. Each cursor has one Store.
func (c *Client) NewStore(cur Cursor, dead collector.DeadLetters) *Store {
	p := newPump(c, "heartbeats", c.cfg.Bucket, cur, dead)
	p.take = func(q collector.Queued, s *sorted) *entry {
		e := takeFrame(q, s, c.cfg.Retention)
		p.state.tooOld(e.tally.expired())
		return e
	}
	return &Store{p}
}

// Run writes until ctx ends and then returns nil, after at most a few seconds
// for the writes under way. A frame is acknowledged once every sample of it is
// stored or kept as a dead letter; what is not comes again at the next start.
// No state of InfluxDB ends it. Run is called once.
func (s *Store) Run(ctx context.Context) error { return s.pump.run(ctx) }

// Status says how writing goes. Safe for concurrent use.
func (s *Store) Status() Status { return s.pump.status() }

// takeFrame sorts a frame's samples by plant. Imported ones that are older than
// the retention (0: for ever) are not written: they are expired.
func takeFrame(q collector.Queued, s *sorted, retention time.Duration) *entry {
	f, err := collector.ReadFrame(q.Data)
	if err != nil {
		s.damage = err
		return &entry{}
	}
	var postings []collector.Posting
	for rec, err := range f.Records() {
		if err != nil {
			s.damage = err
			continue
		}
		if rec.Control != nil {
			postings = append(postings, rec.Control.Postings...)
			continue
		}
		tag := plantTag(rec.Line)
		account := s.books.book(tag, f.Origins[rec.Origin].Source, rec.Line)
		if rec.Imported && retention > 0 && stampOf(rec.Line) < int64(f.At.Add(-retention)) {
			s.books.expire(account)
			continue
		}
		s.add(tag, rec.Line, account)
	}
	return &entry{at: f.At, tally: s.books.close(postings)}
}

// plantTag returns the plant's tag as it is written in line, escapes and all.
func plantTag(line []byte) []byte {
	const key = ",plant="
	for i := 1; i < len(line); i++ {
		if line[i-1] == '\\' {
			continue
		}
		switch line[i] {
		case ' ':
			return nil
		case ',':
			if bytes.HasPrefix(line[i:], []byte(key)) {
				return tagValue(line[i+len(key):])
			}
		}
	}
	return nil
}

func tagValue(rest []byte) []byte {
	for i, c := range rest {
		if (c == ' ' || c == ',') && (i == 0 || rest[i-1] != '\\') {
			return rest[:i]
		}
	}
	return rest
}
