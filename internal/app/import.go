package app

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// What keeps an import from being in anybody's way: it waits while so much of
// it is not in InfluxDB yet, or the rules are so far behind.
const (
	importInFlight = 20_000 // samples
	importResults  = 64     // documents with output
	importBehind   = 3 * time.Second
	importWait     = 20 * time.Second // for that, in one request
	importIdle     = 2 * time.Minute  // after which one is given up
)

// importer takes imports, one at a time, into the queue. Safe for concurrent
// use.
type importer struct {
	app *App
	// turn has its one place while a request takes something into the queue,
	// which may last: who asks how far an import is waits for none of it.
	turn chan struct{}

	mu   sync.Mutex // guards open, and last, ending and drained of it; never held for long
	open *importing // nil: none was begun
}

// importing is one import.
type importing struct {
	id, name string
	last     time.Time // of its requests
	ending   bool
	drained  uint64 // results that InfluxDB has to have; 0: not known yet
	before   collector.Tally
	letters  map[uint64]bool // rows that are dead letters already, nil: not known; of whose turn it is
}

// BeginImport implements console.Imports.
func (i *importer) BeginImport(ctx context.Context, plan console.ImportPlan) (console.ImportBegun, error) {
	var out console.ImportBegun
	if !i.app.started.Load() {
		return out, errStarting
	}
	refused, err := i.app.fit(&plan)
	if err != nil {
		return out, err
	}
	if plan.IntervalS < 0 || plan.IntervalS > maxInterval {
		return out, plant.Errorf(plant.CodeInvalid, "interval_s %g: write the seconds between two rows of a machine, 0 (not known) to %g", plan.IntervalS, maxInterval)
	}
	if err := i.await(ctx, i.unsettled); err != nil {
		return out, err
	}
	if err := i.begin(ctx); err != nil {
		return out, err
	}
	defer i.end()
	now := i.app.opt.Clock()
	if name := i.running(now); name != "" {
		return out, plant.Errorf(plant.CodeConflict, "%s is being imported; wait for its end: one import runs at a time", name)
	}
	letters, err := i.rowLetters(ctx)
	if err != nil {
		return out, err
	}
	x := &importing{id: strconv.FormatInt(now.UnixNano(), 36), name: plan.Name, last: now, before: i.app.imported(), letters: letters}
	control := &collector.Import{ID: x.id, Interval: plant.Duration(plan.IntervalS * float64(time.Second))}
	if err := i.app.loop.Import(ctx, &collector.Imported{Control: control}); err != nil {
		return out, err
	}
	i.mu.Lock()
	i.open = x
	i.mu.Unlock()
	i.app.log.Info("an import begins", "name", x.name, "id", x.id)
	return console.ImportBegun{ID: x.id, Refused: refused}, nil
}

// maxInterval is the most seconds between two rows of an import: a year.
const maxInterval = 366 * 24 * 3600.0

var errStarting = plant.Errorf(plant.CodeUnavailable, "Heartline is starting; try again in a moment")

// ImportPoints implements console.Imports.
func (i *importer) ImportPoints(ctx context.Context, id string, text []byte) (int, error) {
	var part collector.Imported
	if err := new(collector.PointReader).Read(&part, text); err != nil {
		return 0, err
	}
	return len(part.Samples), i.take(ctx, id, func(*importing) error { return i.app.loop.Import(ctx, &part) })
}

// ImportBad implements console.Imports. Rows that are dead letters already are
// counted as duplicates.
func (i *importer) ImportBad(ctx context.Context, id string, rows []console.BadRow) error {
	return i.take(ctx, id, func(x *importing) error { return i.bury(ctx, x, rows) })
}

// bury keeps rows of x as dead letters. Where that is broken off, they may be kept
// or not: the next time looks.
func (i *importer) bury(ctx context.Context, x *importing, rows []console.BadRow) (err error) {
	if x.letters == nil {
		if x.letters, err = i.rowLetters(ctx); err != nil {
			return err
		}
	}
	var part collector.Imported
	kept := map[uint64]bool{}
	for _, r := range rows {
		d := collector.DeadLetter{
			At: i.app.opt.Clock(), Topic: r.File, Plant: r.Plant, Payload: []byte(r.Text),
			Words: fmt.Sprintf("%s line %d: %s", r.File, r.Line, r.Words),
		}
		if sum := sumOfRow(&d); x.letters[sum] || kept[sum] {
			part.Known = append(part.Known, r.Plant)
		} else {
			kept[sum] = true
			part.Bad = append(part.Bad, d)
		}
	}
	if err := i.app.loop.Import(ctx, &part); err != nil {
		x.letters = nil
		return err
	}
	maps.Copy(x.letters, kept)
	return nil
}

func sumOfRow(d *collector.DeadLetter) uint64 {
	h := xxhash.New()
	_, _ = h.WriteString(d.Words)
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(d.Payload)
	return h.Sum64()
}

// rowLetters are the rows that are dead letters. Ask for them in one's turn.
func (i *importer) rowLetters(ctx context.Context) (map[uint64]bool, error) {
	// What a request left to the loop that was broken off is in the queue then.
	if err := i.app.loop.Import(ctx, &collector.Imported{}); err != nil {
		return nil, err
	}
	out := map[uint64]bool{}
	q := collector.LetterQuery{Reason: collector.ReasonRow, Limit: 1000}
	for {
		all, err := i.app.queue.Letters(ctx, q)
		if err != nil {
			return nil, err
		}
		for k := range all {
			out[sumOfRow(&all[k].DeadLetter)] = true
			q.Before = all[k].ID
		}
		if len(all) < q.Limit {
			return out, nil
		}
	}
}

// EndImport implements console.Imports.
func (i *importer) EndImport(ctx context.Context, id string) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	defer i.end()
	x, err := i.find(id)
	if err != nil {
		return err
	}
	return i.close(ctx, x)
}

// close notes the end of x, whose turn it is.
func (i *importer) close(ctx context.Context, x *importing) error {
	if err := i.app.loop.Import(ctx, &collector.Imported{Control: &collector.Import{ID: x.id, End: true}}); err != nil {
		return err
	}
	i.mu.Lock()
	x.ending = true
	i.mu.Unlock()
	return nil
}

// ImportState implements console.Imports.
func (i *importer) ImportState(ctx context.Context, id string) (console.ImportState, error) {
	i.mu.Lock()
	x := i.open
	over := x != nil && i.over(x)
	i.mu.Unlock()
	if x == nil || x.id != id {
		return console.ImportState{}, plant.Errorf(plant.CodeNotFound, "no import %q is known: another one began, or Heartline was started anew", id)
	}
	now, was := i.app.imported(), x.before
	out := console.ImportState{
		ID: x.id, Name: x.name, Received: now.Received - was.Received, Stored: now.Stored - was.Stored, Duplicate: now.Duplicate - was.Duplicate,
		Expired: now.Expired - was.Expired, DeadLettered: now.DeadLettered - was.DeadLettered, InFlight: now.InFlight(),
	}
	if !over {
		return out, nil
	}
	end := i.app.past.ended.Load()
	out.Slots, out.Late = end.slots, end.late
	stats, err := i.app.queue.Stats(ctx)
	if err != nil {
		return out, err
	}
	i.mu.Lock()
	if x.drained == 0 {
		x.drained = stats.Results + stats.ResultsDropped
	}
	drained := x.drained
	i.mu.Unlock()
	out.Done = out.InFlight == 0 && stats.ResultsAcked >= drained
	if out.Done {
		i.app.baseline.want() // there may be enough history now
	}
	return out, nil
}
