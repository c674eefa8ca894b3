package queue

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// maxFiller bounds how many sequence numbers are filled with ticks.
const maxFiller = 100_000

// markEvery is how often the newest frame's sequence number is noted apart.
const markEvery = time.Second

// mark notes, apart from the frames, how many there are: when the server
// finds a damaged block after a crash it cuts the stream off there and says
// nothing.
type mark struct {
	subject string
	when    time.Time
}

// note sends the note and waits for nothing: the next one is a second away.
func (m *mark) note(nc *nats.Conn, seq uint64) {
	if time.Since(m.when) < markEvery {
		return
	}
	m.when = time.Now()
	if text, err := json.Marshal(position{Seq: seq}); err == nil {
		_ = nc.Publish(m.subject, text)
	}
}

// checkLoss compares where the frames end with what was noted of them: how
// many there were, the store's position, snapshots, results. A sequence
// number that any of them has seen must never be given to another frame.
func (q *Queue) checkLoss(ctx context.Context) error {
	var seen uint64
	for _, name := range []string{"written", "store"} {
		at, _, err := q.position(ctx, name)
		if err != nil {
			return err
		}
		seen = max(seen, at)
	}
	manifests, err := q.manifests(ctx)
	if err != nil {
		return err
	}
	for _, m := range manifests {
		seen = max(seen, m.Seq)
	}
	seen = max(seen, q.resulter.mark.Frame)
	if last := q.writer.last; seen > last {
		if !q.cfg.AcceptLoss {
			return plant.Errorf(plant.CodeDamaged, "stream %s ends at frame %d, but frames up to %d were acknowledged and used: they were lost on disk; restore the queue's directory, or start once with --queue.accept_loss=true to go on without them", q.frames.name, last, seen)
		}
		q.log.Error("acknowledged frames were lost on disk; going on without them, as asked", "stream", q.frames.name, "from", last+1, "to", seen)
		return q.fill(ctx, seen)
	}
	if !q.cfg.AcceptLoss {
		return nil
	}
	_, _, err = q.Last(ctx)
	if plant.CodeOf(err) != plant.CodeDamaged {
		return err
	}
	q.log.Error("the newest frame cannot be read; going on without it, as asked", "stream", q.frames.name, "seq", q.writer.last, "err", err)
	return q.fill(ctx, q.writer.last+1)
}

// fill makes the frames end with sequence number through: with ticks that
// carry the newest readable stamp, or, where no frame is left or too many
// are missing, by beginning there anew.
func (q *Queue) fill(ctx context.Context, through uint64) error {
	st, err := q.frames.state(ctx)
	if err != nil {
		return err
	}
	if st.Msgs == 0 || through-st.LastSeq > maxFiller {
		if err := q.frames.purge(ctx, jetstream.WithPurgeSequence(through+1)); err != nil {
			return err
		}
		return q.readEnds(ctx)
	}
	at := q.newestStamp(ctx)
	var tick collector.FrameBuilder
	for q.writer.last < through {
		if _, err := q.AppendControl(ctx, tick.Seal(at)); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue) newestStamp(ctx context.Context) (at plant.Instant) {
	_ = q.frames.newest(ctx, maxProbe, func(m message) bool {
		f, err := collector.ReadFrame(m.data)
		at = f.At
		return err != nil
	})
	return at
}
