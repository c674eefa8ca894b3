package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/plant"
)

// snapshotSlots: while one is being overwritten, two whole ones remain.
const snapshotSlots = 3

// manifest describes a whole snapshot. It is written after its chunks and
// removed before they are: where there is one, the chunks should be there.
type manifest struct {
	Seq    uint64 `json:"seq"` // of the newest frame that the snapshot includes
	Size   int    `json:"size"`
	Chunks int    `json:"chunks"`
	Sum    uint64 `json:"sum"` // xxhash64 of all the data

	slot   int
	stored uint64 // its own sequence number: the newest wins
}

func (q *Queue) manifestSubject(slot int) string {
	return fmt.Sprintf("state.manifest.%d.%d", q.cfg.Partition, slot)
}

func (q *Queue) chunkSubject(slot int, chunk string) string {
	return fmt.Sprintf("state.chunk.%d.%d.%s", q.cfg.Partition, slot, chunk)
}

// manifests returns those there are, newest first.
func (q *Queue) manifests(ctx context.Context) ([]manifest, error) {
	var all []manifest
	for slot := range snapshotSlots {
		raw, err := q.state.lastOf(ctx, q.manifestSubject(slot))
		if err != nil {
			return nil, err
		}
		if raw == nil {
			continue
		}
		m := manifest{slot: slot, stored: raw.Sequence}
		if err := json.Unmarshal(raw.Data, &m); err != nil {
			q.log.Warn("a snapshot's manifest cannot be read; it is passed over", "err", err)
			continue
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b manifest) int { return cmp.Compare(b.stored, a.stored) })
	return all, nil
}

// SaveSnapshot keeps what pieces hold together as the state after frame seq. It
// is on disk when nil is returned; until then, and where pieces yields an error,
// which is returned, the snapshot before it stays the newest. A piece is used up
// before the next is asked for.
func (q *Queue) SaveSnapshot(ctx context.Context, seq uint64, pieces iter.Seq2[[]byte, error]) error {
	q.saving.Lock()
	defer q.saving.Unlock()
	slot, err := q.freeSlot(ctx)
	if err != nil {
		return err
	}
	for _, subject := range []string{q.manifestSubject(slot), q.chunkSubject(slot, "*")} {
		if err := q.state.purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
			return err
		}
	}
	m, err := q.putChunks(ctx, slot, pieces)
	if err != nil {
		return err
	}
	m.Seq = seq
	text, err := json.Marshal(m)
	if err != nil {
		return plant.Errorf(plant.CodeInternal, "a snapshot's manifest: %w", err)
	}
	return q.putState(ctx, q.manifestSubject(slot), text)
}

// putChunks writes pieces, as many together as fit into a message.
func (q *Queue) putChunks(ctx context.Context, slot int, pieces iter.Seq2[[]byte, error]) (m manifest, err error) {
	sum, chunk := xxhash.New(), make([]byte, 0, q.chunkSize())
	put := func() error {
		if err := q.putState(ctx, q.chunkSubject(slot, fmt.Sprint(m.Chunks)), chunk); err != nil {
			return fmt.Errorf("a snapshot's chunk: %w", err)
		}
		m.Size, m.Chunks, chunk = m.Size+len(chunk), m.Chunks+1, chunk[:0]
		return nil
	}
	for piece, err := range pieces {
		if err != nil {
			return m, err
		}
		_, _ = sum.Write(piece) // never fails
		for len(piece) > 0 {
			n := min(cap(chunk)-len(chunk), len(piece))
			chunk, piece = append(chunk, piece[:n]...), piece[n:]
			if len(chunk) < cap(chunk) {
				break
			}
			if err := put(); err != nil {
				return m, err
			}
		}
	}
	if len(chunk) > 0 {
		err = put()
	}
	m.Sum = sum.Sum64()
	return m, err
}

// freeSlot returns a slot without a manifest, else the oldest snapshot's.
func (q *Queue) freeSlot(ctx context.Context) (int, error) {
	all, err := q.manifests(ctx)
	if err != nil {
		return 0, err
	}
	for slot := range snapshotSlots {
		if !slices.ContainsFunc(all, func(m manifest) bool { return m.slot == slot }) {
			return slot, nil
		}
	}
	return all[len(all)-1].slot, nil
}

// chunkSize leaves room for a message's header.
func (q *Queue) chunkSize() int {
	return int(max(min(1<<20, q.state.nc.MaxPayload()-4<<10), 16<<10))
}

func (q *Queue) putState(ctx context.Context, subject string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, q.cfg.Timeout)
	defer cancel()
	_, err := q.state.send(ctx, &nats.Msg{Subject: subject, Data: data})
	return err
}

// LoadSnapshot has read take the newest snapshot: the sequence number of the newest
// frame that it includes, and what it holds. Whether it is whole is known at its
// end: where it was not, it is passed over with a line in the log, and read is
// called again, for the one before it. Where no other is left, the error is a
// CodeDamaged one; else it is what read returned for the one that is whole. Where
// none was ever saved, read is not called.
func (q *Queue) LoadSnapshot(ctx context.Context, read func(seq uint64, from io.Reader) error) error {
	all, err := q.manifests(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		c := &chunks{ctx: ctx, q: q, m: m, sum: xxhash.New()}
		failed := read(m.Seq, c)
		if err = c.check(); err == nil {
			return failed
		}
		if plant.CodeOf(err) != plant.CodeDamaged {
			return err
		}
		q.log.Warn("a snapshot of the rules' state is damaged; the one before it is used", "seq", m.Seq, "err", err)
	}
	return err
}

// chunks reads a snapshot, and remembers what failed.
type chunks struct {
	ctx  context.Context
	q    *Queue
	m    manifest
	next int    // chunk
	rest []byte // of the one before
	size int
	sum  *xxhash.Digest
	err  error
}

// Read implements io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	for len(c.rest) == 0 && c.err == nil {
		c.rest, c.err = c.fetch()
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	if n > 0 {
		return n, nil
	}
	return 0, c.err
}

func (c *chunks) fetch() ([]byte, error) {
	if c.m.Size < 0 || c.m.Chunks < 0 || c.m.Chunks > c.m.Size {
		return nil, plant.Errorf(plant.CodeDamaged, "the manifest of the snapshot of frame %d makes no sense", c.m.Seq)
	}
	if c.next == c.m.Chunks {
		return nil, io.EOF
	}
	chunk, err := c.q.state.lastOf(c.ctx, c.q.chunkSubject(c.m.slot, fmt.Sprint(c.next)))
	if err != nil {
		return nil, err
	}
	c.next++
	if chunk == nil {
		return nil, plant.Errorf(plant.CodeDamaged, "chunk %d of %d of the snapshot of frame %d is gone or cannot be read", c.next, c.m.Chunks, c.m.Seq)
	}
	c.size += len(chunk.Data)
	_, _ = c.sum.Write(chunk.Data) // never fails
	return chunk.Data, nil
}

// check reads what is left, and tells what failed, or that the sum does not match.
func (c *chunks) check() error {
	if _, err := io.Copy(io.Discard, c); err != nil {
		return err
	}
	if c.size != c.m.Size || c.sum.Sum64() != c.m.Sum {
		return plant.Errorf(plant.CodeDamaged, "the snapshot of frame %d does not match its checksum", c.m.Seq)
	}
	return nil
}
