package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/collector/mqtt"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// settle is how long files must have been left alone before they are read
// again: an editor writes one in several steps, a deployment several.
const settle = 300 * time.Millisecond

// reloadStats is how reading the configuration again went. Guarded by being
// written by one goroutine: see App.reloaded.
type reloadStats struct {
	failed bool
	at     time.Time // the last success
	waits  []string  // what of the newest reading holds after a restart only
}

// startReloading reads registry, rules and profiles again when their files
// change, or when asked to.
func (a *App) startReloading(context.Context) error {
	a.reloaded.Store(&reloadStats{at: a.opt.Clock()})
	if a.opt.Reload == nil {
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		a.log.Warn("changes of the configuration's files will not be seen; send SIGHUP after a change", "err", err)
		w = nil
	}
	a.life.run("reading the configuration again", func(ctx context.Context) error {
		if w == nil {
			return a.reloading(ctx, nil, nil, nil)
		}
		a.watchFiles(w)
		return errors.Join(a.reloading(ctx, w.Events, w.Errors, func() { a.watchFiles(w) }), w.Close())
	})
	return nil
}

// watchFiles watches the directories of the files that were read: a mounted
// ConfigMap is changed by a link beside them.
func (a *App) watchFiles(w *fsnotify.Watcher) {
	for _, f := range a.loaded().Files {
		if err := w.Add(filepath.Dir(f)); err != nil {
			a.log.Debug("a directory of the configuration cannot be watched", "dir", filepath.Dir(f), "err", err)
		}
	}
}

// reloading waits for changes until ctx ends; again is called after each.
func (a *App) reloading(ctx context.Context, events <-chan fsnotify.Event, errs <-chan error, again func()) error {
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ev, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			if a.concerns(ev.Name) {
				quiet.Reset(settle)
			}
			continue
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			// Events were lost: what changed is found by reading again.
			a.log.Warn("changes of the configuration's files may have been missed; it is read again", "err", err)
			quiet.Reset(settle)
			continue
		case <-a.opt.Hangup:
			a.log.Info("asked to read the configuration again")
		case <-quiet.C:
		}
		a.reload(ctx)
		if again != nil {
			again()
		}
	}
}

// concerns reports whether a change of that file may change what was read.
// Links beside the files may lead to all of them.
func (a *App) concerns(name string) bool {
	if filepath.Base(name) == "..data" {
		return true
	}
	dir := filepath.Dir(name)
	return slices.ContainsFunc(a.loaded().Files, func(f string) bool {
		return filepath.Clean(f) == filepath.Clean(name) || filepath.Dir(f) == dir && filepath.Base(filepath.Dir(f)) == "profiles"
	})
}

// reload reads the configuration again and makes it hold, all of it or
// nothing.
func (a *App) reload(ctx context.Context) {
	old, waits := a.loaded(), a.waits()
	next, err := a.opt.Reload()
	if err == nil {
		waits = a.sayWaits(next)
		err = a.adopt(ctx, old, next)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		a.reloaded.Store(&reloadStats{failed: true, at: a.reloaded.Load().at, waits: waits})
		if ps := (plant.Problems)(nil); errors.As(err, &ps) {
			for _, p := range ps {
				a.log.Error("the changed configuration is not used, the old one holds: " + p.String())
			}
			return
		}
		a.log.Error("the changed configuration is not used, the old one holds", "err", err)
		return
	}
	a.reloaded.Store(&reloadStats{at: a.opt.Clock(), waits: waits})
}

// waits names what of the configuration, as it was read last, holds after a
// restart only. Safe for concurrent use.
func (a *App) waits() []string {
	if r := a.reloaded.Load(); r != nil {
		return r.waits
	}
	return nil
}

// sayWaits returns what of next waits for a restart, and says it where that
// changed.
func (a *App) sayWaits(next *config.Loaded) []string {
	what, before := needsRestart(a.opt.Loaded, next), a.waits()
	switch {
	case slices.Equal(what, before):
	case len(what) > 0:
		a.log.Warn("a change of the configuration needs a restart and does not hold yet; registry and rules that were changed with it hold at once", "what", strings.Join(what, ", "))
	default:
		a.log.Info("nothing of the configuration needs a restart any more")
	}
	return what
}

// adopt makes next hold from the next message on.
func (a *App) adopt(ctx context.Context, old, next *config.Loaded) error {
	// Sources are as at the start: their profiles may have changed.
	adopted := *next
	adopted.Config, adopted.Templates, adopted.Profiles = old.Config, old.Templates, old.Profiles
	if reflect.DeepEqual(old.Config.MQTT.Sources, next.Config.MQTT.Sources) {
		adopted.Profiles = next.Profiles
	}
	if next.Version == old.Version && reflect.DeepEqual(profilesOf(old), profilesOf(&adopted)) {
		if a.reloaded.Load().failed {
			a.log.Info("the configuration's files say again what holds", "definition", old.Version)
		}
		return nil
	}
	decoder, err := decode.New(adopted.Profiles)
	if err != nil {
		return err
	}
	a.baseline.defining.Lock()
	defer a.baseline.defining.Unlock()
	definition, err := definitionControl(a.baseline.definition(next))
	if err != nil {
		return err
	}
	a.current.Store(&adopted)
	if err := a.loop.Redefine(ctx, decoder, definition); err != nil {
		a.current.Store(old)
		return err
	}
	a.baseline.want()
	a.log.Info("the changed configuration holds", "definition", next.Version, "before", old.Version, "plants", len(next.Registry.Plants))
	for _, w := range next.Warnings {
		a.log.Warn(w.String())
	}
	return nil
}

// profilesOf is what the profiles of l's sources say.
func profilesOf(l *config.Loaded) (out []string) {
	for _, p := range l.Profiles {
		out = append(out, fmt.Sprintf("%+v", *p))
	}
	return out
}

// needsRestart names what changed that cannot change while we run: keys of
// heartline.yaml, or last wills.
func needsRestart(old, next *config.Loaded) []string {
	keys := config.Changed(&old.Config, &next.Config)
	if len(keys) == 0 && !slices.Equal(mqtt.Filters(sourcesOf(old), willsOf(old)), mqtt.Filters(sourcesOf(next), willsOf(next))) {
		keys = append(keys, "last wills of gateways")
	}
	return keys
}
