package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// saveEvery is how often, at most, a cursor's position goes to disk: each
// save is a sync beside those of the frames.
const saveEvery = 100 * time.Millisecond

// cursorPace is how long what is to be stored may wait for more to come.
const cursorPace = 100 * time.Millisecond

// saveShare is how many times as long as saving takes the next one waits: a
// ledger of very many plants takes a while.
const saveShare = 20

// Cursor reads a stream in order and remembers, across restarts, how far it
// was worked off. Each message is returned once in the life of a Cursor;
// after a crash those since the last saved position come again.
//
// Fetch is for one goroutine; Ack and Acked are safe for concurrent use.
type Cursor struct {
	follower
	state   *stream
	subject string // of its position in state

	mu     sync.Mutex // held while the position is saved; guards what follows
	acked  uint64
	ledger collector.Ledger // of everything up to acked
	saved  uint64
	when   time.Time
	took   time.Duration // the last save
}

// position is how far a cursor is, and what became of the samples until there:
// one message, so that neither is ever without the other.
type position struct {
	Seq    uint64 `json:"seq"`
	Ledger []byte `json:"ledger,omitempty"` // gzipped JSON of postings
}

// StoreCursor returns the cursor of the writer to InfluxDB over the frames.
// There is one: a second call returns the same Cursor.
func (q *Queue) StoreCursor(ctx context.Context) (*Cursor, error) {
	return q.cursor(ctx, q.frames, "store")
}

// ResultsCursor returns the cursor of the writer of verdicts over the
// results. There is one: a second call returns the same Cursor.
func (q *Queue) ResultsCursor(ctx context.Context) (*Cursor, error) {
	return q.cursor(ctx, q.results, "results")
}

func (q *Queue) cursor(ctx context.Context, s *stream, name string) (*Cursor, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.cursors[name]; c != nil {
		return c, nil
	}
	c := &Cursor{follower: follower{s: s, log: q.log, pace: cursorPace}, state: q.state, subject: q.positionSubject(name)}
	saved, postings, err := q.position(ctx, name)
	if err != nil {
		return nil, err
	}
	c.ledger.Add(postings)
	st, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	if saved == 0 { // none yet, or lost: begin with the oldest there is
		saved = max(st.FirstSeq, 1) - 1
	}
	if saved > st.LastSeq { // the frames were checked by Open: only results
		q.log.Error("messages at the end of a stream were lost on disk", "stream", s.name, "from", st.LastSeq+1, "to", saved)
		saved = st.LastSeq
	}
	c.acked, c.saved, c.next = saved, saved, saved+1
	q.cursors[name] = c
	return c, nil
}

func (q *Queue) positionSubject(name string) string {
	return fmt.Sprintf("state.cursor.%d.%s", q.cfg.Partition, name)
}

// position reads how far a cursor got, and its ledger; 0 where nobody saved it.
func (q *Queue) position(ctx context.Context, name string) (uint64, []collector.Posting, error) {
	m, err := q.state.lastOf(ctx, q.positionSubject(name))
	if err != nil || m == nil {
		return 0, nil, err
	}
	var p position
	if err := json.Unmarshal(m.Data, &p); err != nil {
		q.log.Warn("a cursor's position cannot be read; it begins with the oldest message there is", "cursor", name, "err", err)
		return 0, nil, nil
	}
	postings, err := unpackPostings(p.Ledger)
	if err != nil {
		q.log.Error("the ledger cannot be read; it begins anew", "cursor", name, "err", err)
	}
	return p.Seq, postings, nil
}

// Fetch returns between one and limit messages that follow those fetched
// before, waiting for the first until ctx ends. Several fetches may be
// outstanding before Ack. It rides out restarts of the server. A message that
// is gone is a CodeDamaged error with a *Gap in it; Skip goes on past it.
func (c *Cursor) Fetch(ctx context.Context, limit int) ([]Frame, error) {
	return c.fetch(ctx, max(limit, 1))
}

// Skip makes the next Fetch begin after through: for gaps, once they have
// been reported. Call it where Fetch is called.
func (c *Cursor) Skip(through uint64) { c.next = max(c.next, through+1) }

// Ack says that everything up to and including upTo has been dealt with, and
// what became of the samples since the Ack before; that is taken in any case.
// Its error is that the position could not be saved, which costs no more than
// dealing with some of it again after a restart.
func (c *Cursor) Ack(ctx context.Context, upTo uint64, settled []collector.Posting) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked = max(c.acked, upTo)
	c.ledger.Add(settled)
	if time.Since(c.when) < max(saveEvery, saveShare*c.took) {
		return nil
	}
	return c.save(ctx)
}

// Settled is what became of all samples up to Acked, durably or soon.
func (c *Cursor) Settled() []collector.Posting {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.Postings()
}

// Acked is the sequence number up to which everything has been dealt with.
func (c *Cursor) Acked() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acked
}

// flush saves the position if it was not, and returns it.
func (c *Cursor) flush(ctx context.Context) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acked, c.save(ctx)
}

func (c *Cursor) save(ctx context.Context) error {
	if c.acked == c.saved {
		return nil
	}
	began := time.Now()
	packed, err := packPostings(c.ledger.Postings())
	if err != nil {
		return err
	}
	data, err := json.Marshal(position{c.acked, packed})
	if err != nil {
		return plant.Errorf(plant.CodeInternal, "a cursor's position: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.state.timeout)
	defer cancel()
	if _, err := c.state.send(ctx, &nats.Msg{Subject: c.subject, Data: data}); err != nil {
		return err
	}
	c.saved, c.when = c.acked, time.Now()
	c.took = c.when.Sub(began)
	return nil
}

func (q *Queue) saveCursors(ctx context.Context) error {
	q.mu.Lock()
	cursors := slices.Collect(maps.Values(q.cursors))
	q.mu.Unlock()
	for _, c := range cursors {
		if _, err := c.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}
