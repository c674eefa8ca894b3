package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/history/influxdb"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

const (
	baselinesFile = "baselines.json"
	// baselinesEvery is how often what is missing is looked for again.
	baselinesEvery = time.Hour
)

// baselines are the figures that were worked out of history and frozen. They are
// part of the definition that goes through the queue, and outlive restarts in a
// file; what they were made of is not looked at again, unless somebody asks.
// Safe for concurrent use.
type baselines struct {
	app    *App
	wanted chan struct{} // capacity 1: something may be found now

	defining sync.Mutex // held while what holds is changed

	mu     sync.Mutex // guards frozen
	frozen *rules.Baselines
}

// load reads what was frozen before.
func (b *baselines) load() error {
	text, err := os.ReadFile(b.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	frozen := new(rules.Baselines)
	if err == nil {
		err = json.Unmarshal(text, frozen)
	}
	if err != nil {
		return plant.Errorf(plant.CodeDamaged, "the frozen baselines in %s cannot be read: %w; restore the file, or remove it to have them worked out anew", b.file(), err)
	}
	b.frozen = frozen
	return nil
}

func (b *baselines) file() string { return filepath.Join(b.app.cfg.DataDir, baselinesFile) }

// keep has frozen hold, also after a restart.
func (b *baselines) keep(frozen *rules.Baselines) error {
	text, err := json.MarshalIndent(frozen, "", "  ")
	if err == nil {
		err = os.WriteFile(b.file()+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(b.file()+".new", b.file())
	}
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frozen = frozen
	return nil
}

// definition is what l says, with the figures that are frozen.
func (b *baselines) definition(l *config.Loaded) *rules.Definition {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := &rules.Definition{Version: l.Version, Registry: l.Registry, Rules: l.Rules}
	return d.WithBaselines(b.frozen.Fitting(d))
}

// want has what is missing looked for soon.
func (b *baselines) want() {
	select {
	case b.wanted <- struct{}{}:
	default:
	}
}

// run freezes what is missing, once InfluxDB is there, then whenever it is
// wanted and now and then, until ctx ends.
func (b *baselines) run(ctx context.Context) error {
	tick := time.NewTicker(baselinesEvery)
	defer tick.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.app.probe.passed:
	}
	for {
		if err := b.freeze(ctx, false); err != nil && ctx.Err() == nil {
			b.app.log.Warn("baselines cannot be worked out of InfluxDB's output; lines without one have no phase until they can", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.wanted:
		case <-tick.C:
		}
	}
}

// freeze works out of InfluxDB's output what the rules take from history, all of
// it or only what is missing, and has it hold from the next message on.
func (b *baselines) freeze(ctx context.Context, all bool) error {
	a := b.app
	b.defining.Lock()
	defer b.defining.Unlock()
	now := b.definition(a.loaded())
	if !all && !anyAsked(now.Missing()) {
		return nil
	}
	found, err := backtest.Baselines(ctx, now, func(from, to plant.Instant) (history.Reader, io.Closer, error) {
		return a.history().Output(ctx, a.cfg.InfluxDB.VerdictBucket, from, min(to, plant.InstantOf(a.opt.Clock())))
	})
	if err != nil {
		return err
	}
	next := merge(now.Baselines, a.finished(found), all)
	if len(next.Lines) == 0 || now.Baselines != nil && reflect.DeepEqual(next.Lines, now.Baselines.Lines) {
		return nil
	}
	if err := b.keep(next); err != nil {
		return err
	}
	decoder, err := decode.New(a.loaded().Profiles)
	if err != nil {
		return err
	}
	def := b.definition(a.loaded())
	control, err := definitionControl(def)
	if err != nil {
		return err
	}
	a.log.Info("baselines are frozen", "lines", len(next.Lines), "definition", def.Version)
	return a.loop.Redefine(ctx, decoder, control)
}

// finished are those of found whose period is over, dated now.
func (a *App) finished(found *rules.Baselines) *rules.Baselines {
	out, now := &rules.Baselines{}, a.opt.Clock()
	for _, x := range found.Lines {
		zone := a.loaded().Registry.Plant(x.Plant).Location()
		if end := time.Date(x.To.Year, x.To.Month, x.To.Day+1, 0, 0, 0, 0, zone); !end.After(now) {
			x.Frozen = plant.InstantOf(now)
			out.Lines = append(out.Lines, x)
		}
	}
	return out
}

func anyAsked(missing []rules.Missing) bool {
	for _, m := range missing {
		if m.Asked {
			return true
		}
	}
	return false
}

// merge puts found beside what is frozen, or in its place.
func merge(frozen, found *rules.Baselines, replace bool) *rules.Baselines {
	type key struct{ plant, line, origin string }
	out, has := &rules.Baselines{Lines: []rules.LineBaseline{}}, map[key]int{}
	first, second := frozen, found
	if replace {
		first, second = found, frozen
	}
	for _, from := range []*rules.Baselines{first, second} {
		if from == nil {
			continue
		}
		for _, x := range from.Lines {
			if k := (key{x.Plant, x.Line, x.Origin}); has[k] == 0 {
				out.Lines = append(out.Lines, x)
				has[k] = len(out.Lines)
			} else if old, fresh := x, out.Lines[has[k]-1]; replace {
				if fresh.Frozen = old.Frozen; reflect.DeepEqual(old, fresh) {
					out.Lines[has[k]-1] = old // found the same again
				}
			}
		}
	}
	out.Sort()
	return out
}

// history is what InfluxDB holds.
func (a *App) history() *influxdb.Client {
	return &influxdb.Client{URL: a.addr.InfluxDB, Token: a.token()}
}

// Baselines implements console.Baselines.
func (b *baselines) Baselines(context.Context) (console.BaselineList, error) {
	if !b.app.started.Load() {
		return console.BaselineList{}, errStarting
	}
	d := b.definition(b.app.loaded())
	out := console.BaselineList{Definition: d.Version, Baselines: []rules.LineBaseline{}, Missing: d.Missing()}
	for _, p := range d.Registry.Plants {
		for _, l := range p.Lines {
			if l.Normal.Set {
				out.Baselines = append(out.Baselines, rules.LineBaseline{Plant: p.ID, Line: l.ID, Origin: rules.OriginFixed, PerHour: l.Normal.PerHour})
			}
		}
	}
	if d.Baselines != nil {
		out.Baselines = append(out.Baselines, d.Baselines.Lines...)
	}
	return out, nil
}

// FreezeBaselines implements console.Baselines.
func (b *baselines) FreezeBaselines(ctx context.Context) (console.BaselineList, error) {
	if !b.app.started.Load() {
		return console.BaselineList{}, errStarting
	}
	if err := b.freeze(ctx, true); err != nil {
		return console.BaselineList{}, err
	}
	return b.Baselines(ctx)
}
