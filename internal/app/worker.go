package app

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

const (
	// viewsEvery bounds how often the board hears of changed plants.
	viewsEvery = 250 * time.Millisecond
)

// frames is the part of the queue the worker needs; see package queue.
type frames interface {
	LoadSnapshot(ctx context.Context, read func(seq uint64, from io.Reader) error) error
	SaveSnapshot(ctx context.Context, seq uint64, pieces iter.Seq2[[]byte, error]) error
	LastResult(ctx context.Context) (queue.Mark, error)
	AppendResult(ctx context.Context, seq uint64, part int, doc []byte) error
}

// frameReader reads frames in order.
type frameReader interface {
	// Next waits for the next frame. A gap is a CodeDamaged error.
	Next(ctx context.Context) (seq uint64, data []byte, err error)
}

// audience hears what the rules decided. Its calls must not block.
type audience interface {
	// Changed gets the new views of plants.
	Changed(views []rules.PlantView)
	// Gone gets the ids of plants that are no longer known.
	Gone(ids []string)
	// Decided gets transitions, once each since the process began.
	Decided(ts []plant.Transition)
	// Closed gets what lines made of shifts, once each since the process began.
	Closed(shifts []plant.ShiftFigures)
}

// worker feeds the rules with the queue's frames and publishes what they
// decide: first durably, as documents, then to the audience.
type worker struct {
	queue    frames
	open     func(ctx context.Context, from uint64) (frameReader, error)
	snapshot func(seq uint64) // told when a snapshot holds all up to seq
	audience audience
	alerts   *alertCount
	pressed  func() bool       // whether the queue takes nothing more
	known    *rules.Definition // that holds now, as the queue is about to say; nil ok
	clock    collector.Clock
	log      *slog.Logger
	stats    *workerStats
	// observe gets how long after its stamp a frame of our own time was
	// through, and whether it led to anything; nil ok.
	observe func(d time.Duration, something bool)

	state     *rules.State
	fleet     *fleet.Live
	frames    collector.FrameReader
	events    eventReader
	published queue.Mark // newest document in the queue
	document  documents
	past      *past

	began  plant.Instant // to read frames
	viewed time.Time
	saves
}

// Run works until ctx ends, then saves a last snapshot.
func (w *worker) Run(ctx context.Context) error {
	if err := w.load(ctx); err != nil {
		return err
	}
	reader, err := w.open(ctx, w.state.Seq()+1)
	if err != nil {
		return err
	}
	w.audience.Changed(w.state.Views())
	w.ended = w.clock()
	w.began = plant.InstantOf(w.ended)
	defer w.stopSaving()
	for {
		seq, data, err := reader.Next(ctx)
		if ctx.Err() != nil {
			return w.last(ctx)
		}
		if err != nil {
			return err
		}
		if err := w.frame(ctx, seq, data); err != nil {
			return err
		}
		now := w.clock()
		if now.Sub(w.viewed) >= viewsEvery {
			w.viewed = now
			w.showChanged()
		}
		if err := w.save(ctx, now); err != nil {
			return err
		}
	}
}

func (w *worker) load(ctx context.Context) error {
	w.state = rules.NewState(nil)
	w.fleet = fleet.NewLive(w.state)
	var at uint64
	err := w.queue.LoadSnapshot(ctx, func(seq uint64, from io.Reader) (err error) {
		if w.state, w.fleet, err = readSnapshot(from, w.known); err != nil {
			return plant.Errorf(plant.CodeDamaged, "the rules' snapshot at frame %d cannot be read: %w", seq, err)
		}
		at = seq
		return nil
	})
	if err != nil {
		return err
	}
	w.stats.fleet.Store(w.fleet)
	w.stats.begun(at, w.state.At())
	w.published, err = w.queue.LastResult(ctx)
	return err
}

// frame steps the rules through one frame. A frame whose sum does not match
// is lost, and said to be.
func (w *worker) frame(ctx context.Context, seq uint64, data []byte) error {
	began := w.clock()
	w.document.begin()
	frame, err := w.frames.Read(data)
	if err != nil {
		w.lost(seq, err)
		return nil
	}
	// Time passes first, so that a frame without records is a tick.
	w.step(rules.Event{Kind: rules.Tick, Seq: seq, At: frame.At})
	var rec collector.Record // one for all, since it escapes
	for next, err := range frame.Records() {
		if rec = next; err == nil {
			err = w.record(seq, frame.At, &rec)
		}
		if err != nil {
			w.lost(seq, err)
		}
	}
	w.document.doc.Resumption = w.fleet.Frame(w.state.Definition(), frame.At, w.document.doc.Transitions, w.document.windows)
	w.document.addSlots(w.past.slots())
	w.stats.seen(seq, frame.At, w.clock().Sub(began))
	something := !w.document.empty()
	if err := w.publish(ctx, seq, frame.At); err != nil {
		return err
	}
	if w.observe != nil && frame.At > w.began {
		w.observe(plant.InstantOf(w.clock()).Sub(frame.At), something)
	}
	w.past.published()
	return nil
}

// record takes one record: history makes output, all else is an event.
func (w *worker) record(seq uint64, at plant.Instant, rec *collector.Record) error {
	if past, err := w.past.record(rec, w.state.Definition()); past {
		return err
	}
	if c := rec.Control; c != nil && c.Kind == collector.ControlDefinition && c.Version != "" && c.Version == w.state.Definition().Version {
		return nil // each start says it again; to unpack it costs half a second with many machines
	}
	ev, err := w.events.read(seq, at, rec)
	if err == nil {
		w.step(ev)
		if ev.Kind == rules.Declared {
			w.viewed = time.Time{} // who said it waits to see it
		}
	}
	return err
}

func (w *worker) step(ev rules.Event) {
	res := w.state.Step(ev)
	w.document.add(res)
	for i := range res.Failures {
		w.failed(&res.Failures[i])
	}
}

// failed counts that a custom rule could not be evaluated, and says so once.
func (w *worker) failed(f *rules.RuleFailure) {
	w.alerts.failure(f.Rule)
	if f.First {
		w.log.Warn("a custom rule cannot be evaluated on what was sent; the others go on, and it is not said again", "rule", f.Rule,
			"plant", f.Plant, "line", f.Line, "machine", f.Machine, "why", f.Why, "sample", f.Sample)
	}
}

func (w *worker) lost(seq uint64, err error) {
	w.stats.damaged.Add(1)
	w.log.Error("a part of the queue cannot be read and was lost to the rules", "frame", seq, "err", err)
}

// publish makes the frame's document durable and tells the audience. After a
// restart, frames that were published before are not published again.
func (w *worker) publish(ctx context.Context, seq uint64, at plant.Instant) error {
	if seq < w.published.Frame || w.document.empty() {
		return nil
	}
	parts, err := w.document.parts(at, w.state)
	if err != nil {
		return err
	}
	for i := range parts {
		if w.published.Covers(seq, i) {
			continue
		}
		data, err := parts[i].Marshal()
		if err != nil {
			return err
		}
		if err := w.persist(ctx, "results", func() error { return w.queue.AppendResult(ctx, seq, i, data) }); err != nil {
			return err
		}
		w.published = queue.Mark{Frame: seq, Part: i}
		w.audience.Closed(parts[i].Shifts)
		w.tellAll(parts[i].Transitions)
	}
	return nil
}

// persist tries write until it succeeds: a full disk or a server that is away
// delays the rules, and loses nothing.
func (w *worker) persist(ctx context.Context, what string, write func() error) error {
	said := false
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := write()
		if err == nil {
			return struct{}{}, nil
		}
		if !passing(err) {
			return struct{}{}, backoff.Permanent(err)
		}
		if !said && ctx.Err() == nil {
			said = true
			w.log.Warn("the rules wait for the queue to take their "+what, "err", err)
		}
		return struct{}{}, err
	}, backoff.WithMaxElapsedTime(0), backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, RandomizationFactor: 0.3, Multiplier: 2, MaxInterval: 2 * time.Second}))
	return err
}
