package console

import (
	"reflect"
	"slices"
	"sort"
	"sync"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxRemoved bounds how many removed plants are remembered for streams that
// resume; one that was away for longer starts over.
const maxRemoved = 10_000

// entry is the latest value of one plant, a removed plant, or a transition.
// All but stale is never changed once made.
type entry struct {
	version    uint64
	id         string
	view       *rules.PlantView  // of a plant
	transition *plant.Transition // of a transition; neither: removed
	rank       rank              // of a plant: where the board shows it
	stale      bool              // superseded or dropped; guarded by board.mu
}

// board keeps the latest value of everything in a log ordered by version, in
// which a newer value of a plant makes the older one stale. A stream is then
// no more than a version: what it has still to send is what follows. So a
// slow client costs nothing and misses only values that are no longer true.
type board struct {
	epoch  string // of this process: versions of another mean nothing here
	recent int

	mu       sync.RWMutex // guards all below; held for memory work only
	version  uint64
	floor    uint64 // removals up to here are forgotten
	plants   map[string]*entry
	removed  []*entry
	passed   []*entry // transitions, oldest first
	known    map[string]bool
	log      []*entry
	stale    int
	watchers map[chan struct{}]bool

	rankMu sync.Mutex // guards ranked: the order the pages share
	ranked *ranking
}

func newBoard(epoch string, recent int) *board {
	return &board{epoch: epoch, recent: recent, plants: map[string]*entry{},
		known: map[string]bool{}, watchers: map[chan struct{}]bool{}}
}

func (b *board) update(views []rules.PlantView) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.tell(b.version)
	for i := range views {
		old := b.plants[views[i].ID]
		if old != nil && old.view != nil && reflect.DeepEqual(*old.view, views[i]) {
			continue
		}
		v := views[i]
		b.put(&entry{id: v.ID, view: &v, rank: rankOf(&v)})
	}
}

func (b *board) remove(ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.tell(b.version)
	for _, id := range ids {
		if old := b.plants[id]; old == nil || old.view == nil {
			continue
		}
		e := &entry{id: id}
		b.put(e)
		b.removed = append(b.removed, e)
	}
	for len(b.removed) > maxRemoved {
		e := b.removed[0]
		b.removed = b.removed[1:]
		if !e.stale {
			b.floor = max(b.floor, e.version)
			b.drop(e)
			delete(b.plants, e.id)
		}
	}
}

func (b *board) transitions(ts []plant.Transition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.tell(b.version)
	for i := range ts {
		t := ts[i]
		if b.known[t.ID] {
			continue
		}
		b.known[t.ID] = true
		e := &entry{id: t.ID, transition: &t}
		b.passed = append(b.passed, e)
		b.append(e)
	}
	for len(b.passed) > b.recent {
		delete(b.known, b.passed[0].id)
		b.drop(b.passed[0])
		b.passed[0] = nil
		b.passed = b.passed[1:]
	}
}

// put makes e the latest value of its plant.
func (b *board) put(e *entry) {
	if old := b.plants[e.id]; old != nil {
		b.drop(old)
	}
	b.plants[e.id] = e
	b.append(e)
}

func (b *board) drop(e *entry) {
	e.stale = true
	b.stale++
}

func (b *board) append(e *entry) {
	b.version++
	e.version = b.version
	b.log = append(b.log, e)
	if b.stale > 1024 && b.stale > len(b.log)/2 {
		b.log = slices.DeleteFunc(b.log, func(e *entry) bool { return e.stale })
		b.stale = 0
	}
}

// after returns up to limit entries newer than version, oldest first.
func (b *board) after(version uint64, limit int) []*entry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	i := sort.Search(len(b.log), func(i int) bool { return b.log[i].version > version })
	var out []*entry
	for ; i < len(b.log) && len(out) < limit; i++ {
		if !b.log[i].stale {
			out = append(out, b.log[i])
		}
	}
	return out
}

// resumable reports whether a stream that has everything up to version can go
// on from there without missing a removal.
func (b *board) resumable(epoch string, version uint64) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return epoch == b.epoch && version >= b.floor && version <= b.version
}

// watch returns a channel that gets a value when something changed since the
// last one was taken, and a function that ends it.
func (b *board) watch() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[ch] = true
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, ch)
	}
}

// tell wakes the streams if something changed since version was.
func (b *board) tell(was uint64) {
	if b.version == was {
		return
	}
	for ch := range b.watchers {
		select {
		case ch <- struct{}{}:
		default: // it has not looked since the last change: one is enough
		}
	}
}
