package app

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/calendar"
)

const (
	// declareTimeout bounds what a declaration waits for the disk.
	declareTimeout = 10 * time.Second
	// declareSeen bounds what its answer waits for the rules: after a start
	// they may have much to read first.
	declareSeen = 3 * time.Second
)

// declarer takes what people declare into the queue. Safe for concurrent use.
type declarer struct {
	app *App

	mu   sync.Mutex // held while one is taken: each sees those before it
	last int64      // id made last
}

// Declare implements console.Declarations.
func (d *declarer) Declare(ctx context.Context, said console.Saying) (plant.Declaration, error) {
	if !d.app.started.Load() {
		return plant.Declaration{}, errStarting
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := d.subject(said.Plant, said.Line)
	if err != nil {
		return plant.Declaration{}, err
	}
	now := plant.InstantOf(d.app.opt.Clock())
	out, err := declarationOf(said, p.Location(), now)
	if err != nil {
		return out, err
	}
	if out.ID == "" {
		out.ID = d.newID(now)
	} else if old, ok := d.app.console.Declared(out.ID); ok {
		return again(old, out, said)
	}
	if err := out.Check(now); err != nil {
		return out, err
	}
	if d.app.console.AheadOf(p.ID) >= rules.MaxDeclared {
		return out, plant.Errorf(plant.CodeFull, "%d declarations of plant %s are in force or ahead; end some first (heartline declare list)", rules.MaxDeclared, p.ID)
	}
	if err := d.take(ctx, out); err != nil {
		return out, err
	}
	d.app.log.Info("a declaration was taken", "kind", out.Kind, "plant", out.Plant, "line", out.Line, "reason", out.Reason, "by", out.By, "until", out.To.String(), "id", out.ID)
	d.await(ctx, out.ID, func(plant.Declaration) bool { return true })
	return out, nil
}

// subject finds what a declaration is of.
func (d *declarer) subject(plantID, lineID string) (*plant.Plant, error) {
	p := d.app.loaded().Registry.Plant(plantID)
	switch {
	case plantID == "":
		return nil, plant.Errorf(plant.CodeInvalid, "plant: is missing")
	case p == nil:
		return nil, plant.Errorf(plant.CodeNotFound, "no plant of the registry is called %.80q", plantID)
	case lineID != "" && p.Line(lineID) == nil:
		return nil, plant.Errorf(plant.CodeNotFound, "plant %s has no line %.80q in the registry", p.ID, lineID)
	}
	return p, nil
}

// newID is one that nobody has.
func (d *declarer) newID(now plant.Instant) string {
	for {
		d.last = max(d.last+1, int64(now)/int64(time.Millisecond))
		id := strconv.FormatInt(d.last, 36)
		if _, taken := d.app.console.Declared(id); !taken { // the clock may have been set back
			return id
		}
	}
}

// declarationOf is what was said, at the moment now, with times as on the wall
// of zone.
func declarationOf(said console.Saying, zone *time.Location, now plant.Instant) (plant.Declaration, error) {
	out := plant.Declaration{ID: said.ID, Kind: said.Kind, Plant: said.Plant, Line: said.Line, Reason: said.Reason, By: said.By, From: now}
	if said.From != "" {
		from, err := momentOf("from", said.From, zone)
		if err != nil {
			return out, err
		}
		out.From = from
	}
	if said.Until != "" {
		to, err := momentOf("until", said.Until, zone)
		if err != nil {
			return out, err
		}
		out.To = to
	}
	if said.Kind == plant.DeclareNote {
		if said.Until != "" {
			return out, plant.Errorf(plant.CodeInvalid, "until: a note has no end")
		}
		out.To = out.From
	}
	return out, nil
}

// momentOf reads a time; without a zone it is on the wall of zone.
func momentOf(what, text string, zone *time.Location) (plant.Instant, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err == nil {
		if at.Year() < 2000 || at.Year() > 2200 {
			return 0, plant.Errorf(plant.CodeInvalid, "%s: the year of %.40q is out of the question", what, text)
		}
		return plant.InstantOf(at), nil
	}
	var m plant.Moment
	if m.UnmarshalText([]byte(text)) != nil || m.Date.IsZero() {
		return 0, plant.Errorf(plant.CodeInvalid, "%s: %.40q is no time; write it like 2026-09-30, 2026-09-30 18:00 (on the plant's wall) or 2026-09-30T18:00:00+08:00", what, text)
	}
	if m.Date.Year < 2000 || m.Date.Year > 2200 {
		return 0, plant.Errorf(plant.CodeInvalid, "%s: the year of %.40q is out of the question", what, text)
	}
	return calendar.Wall(zone, m.Date, m.Clock.After), nil
}

// again answers what has an id that is known: the same is no news.
func again(old, fresh plant.Declaration, said console.Saying) (plant.Declaration, error) {
	same := old.Kind == fresh.Kind && old.Plant == fresh.Plant && old.Line == fresh.Line && old.Reason == fresh.Reason && old.By == fresh.By &&
		(said.From == "" || old.From == fresh.From) && (old.EndedBy != "" || old.To == fresh.To || old.Kind == plant.DeclareNote)
	if !same {
		of, until := old.Plant, "until somebody ends it"
		if old.Line != "" {
			of += "/" + old.Line
		}
		if old.To != 0 {
			until = "until " + old.To.String()
		}
		return fresh, plant.Errorf(plant.CodeConflict, "another declaration has the id %s: %s of %s, %s; if it is yours it was taken, else choose another id", old.ID, old.Kind, of, until)
	}
	return old, nil
}

// EndDeclaration implements console.Declarations.
func (d *declarer) EndDeclaration(ctx context.Context, id, by string) (plant.Declaration, error) {
	if !d.app.started.Load() {
		return plant.Declaration{}, errStarting
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	old, ok := d.app.console.Declared(id)
	if !ok {
		return old, plant.Errorf(plant.CodeNotFound, "no declaration has the id %.80q; heartline declare list shows them", id)
	}
	now := plant.InstantOf(d.app.opt.Clock())
	if old.Kind == plant.DeclareNote {
		return old, plant.Errorf(plant.CodeConflict, "%s is a note: there is nothing to end", id)
	}
	if old.Over(now) {
		return old, plant.Errorf(plant.CodeConflict, "%s is over, since %s", id, old.To)
	}
	if err := plant.CheckDeclaredBy(by); err != nil {
		return old, err
	}
	if err := d.take(ctx, plant.Declaration{ID: id, Kind: plant.DeclareWithdraw, Plant: old.Plant, Line: old.Line, From: now, To: now, By: by}); err != nil {
		return old, err
	}
	d.app.log.Info("a declaration was ended", "kind", old.Kind, "plant", old.Plant, "line", old.Line, "by", by, "id", id)
	ended, ok := d.await(ctx, id, func(x plant.Declaration) bool { return x.Over(plant.InstantOf(d.app.opt.Clock())) })
	if !ok {
		ended = old
		ended.To, ended.EndedBy = now, by
	}
	return ended, nil
}

// take has a declaration on disk.
func (d *declarer) take(ctx context.Context, said plant.Declaration) error {
	ctx, cancel := context.WithTimeout(ctx, declareTimeout)
	defer cancel()
	if err := d.app.loop.Declare(ctx, said); err != nil {
		return plant.Errorf(plant.CodeUnavailable, "the queue takes nothing now, and it is not known whether it will take this; say it again with the id %s, which is taken once: %w", said.ID, err)
	}
	return nil
}

// await waits for the rules for a while, so that who asks next sees what was
// said before.
func (d *declarer) await(ctx context.Context, id string, done func(plant.Declaration) bool) (plant.Declaration, bool) {
	ctx, cancel := context.WithTimeout(ctx, declareSeen)
	defer cancel()
	return d.app.console.AwaitDeclared(ctx, id, done)
}
