package app

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// TestNothingThatGoesWrongMakesAFalseVerdict lets fleets produce steadily while
// we restart, links and brokers are away, and clocks jump: devices' and our own.
// No line is stalled, no machine silent, and no plant relapsed that is not in
// truth; and those that are, are found, and dated right.
func TestNothingThatGoesWrongMakesAFalseVerdict(t *testing.T) { claims(t, 6, 1) }

// claims plays as many worlds as there are seeds; so many of them through a real
// queue and a worker that is stopped and killed at random places.
func claims(t *testing.T, seeds, killed uint64) {
	disturbed, truths := map[string]int{}, map[string]int{}
	for seed := range seeds {
		w := newWorld(t, seed)
		rec := w.play()
		docs := rec.whole(t)
		if seed < killed {
			h := newHouse(t, rec, rand.New(rand.NewPCG(seed, 12)))
			h.live()
			if !slices.Equal(docs, h.documents()) {
				t.Errorf("seed %d: stops and kills changed what was said", seed)
			}
			disturbed["stopped or killed"] += h.ends.stops + h.ends.reading + h.ends.beforeResult + h.ends.afterResult + h.ends.inSnapshot + h.ends.servers
		}
		said, _, _ := flatten(t, docs)
		w.judge(said, truths)
		for what, n := range w.disturbed {
			disturbed[what] += n
		}
	}
	t.Logf("went wrong: %v; true, and found: %v", disturbed, truths)
	for _, what := range []string{"stalled", "silent", "relapsed"} {
		if truths[what] == 0 {
			t.Errorf("%s: only %d true ones in %d worlds: they test too little", what, truths[what], seeds)
		}
	}
}

// judge compares what was said with the truth, and counts what was true.
func (w *world) judge(said []plant.Transition, truths map[string]int) {
	for i := range said {
		if slices.ContainsFunc(said[i+1:], func(tr plant.Transition) bool {
			return tr.Kind == said[i].Kind && tr.Plant == said[i].Plant && tr.Line == said[i].Line && tr.At == said[i].At
		}) {
			continue // of several at one instant the last stands
		}
		switch tr := &said[i]; {
		case tr.Kind == plant.KindLine && tr.To == "stalled" && !w.stands(tr):
			w.t.Errorf("seed %d: %s/%s is said to be stalled at %s, since %s (%s)", w.seed, tr.Plant, tr.Line, clockOf(tr.At), clockOf(tr.Since), w.around(tr.Plant, tr.At))
		case tr.Kind == plant.KindLine && tr.To == "unknown" && tr.Reason == "silent" && !w.isDead(tr):
			w.t.Errorf("seed %d: %s/%s is said to be silent at %s (%s)", w.seed, tr.Plant, tr.Line, clockOf(tr.At), w.around(tr.Plant, tr.At))
		case tr.Kind == plant.KindPhase && tr.To == "stopped" && !w.isStopped(tr):
			w.t.Errorf("seed %d: %s is said to be stopped, relapsed %t, at %s (%s)", w.seed, tr.Plant, tr.Relapsed, clockOf(tr.At), w.around(tr.Plant, tr.At))
		}
	}
	for _, l := range w.lines {
		for _, s := range l.stops {
			w.wantStall(l, s, said, truths)
		}
		for _, s := range l.machines[0].dead {
			if len(l.machines) == 1 {
				w.wantSilence(l, s, said, truths)
			}
		}
	}
	w.wantRelapses(said, truths)
}

func clockOf(t plant.Instant) string { return t.Time().UTC().Format("02T15:04:05.000") }

// stands reports whether a stall that was said is one.
func (w *world) stands(tr *plant.Transition) bool {
	slack := w.slack(tr.At)
	for _, l := range w.lines {
		for _, s := range l.stops {
			if l.plant == tr.Plant && l.id == tr.Line && tr.At > s.from.Add(-slack) && tr.At <= s.to.Add(slack+l.cycle+worldInterval) {
				return true // to the first part after it
			}
		}
		if l.plant == tr.Plant && l.shifts && slack > 0 {
			return true // by a clock that is wrong the shifts are
		}
	}
	return false
}

func (w *world) isDead(tr *plant.Transition) bool {
	for _, l := range w.lines {
		for _, m := range l.machines {
			for _, s := range m.dead {
				if l.plant == tr.Plant && l.id == tr.Line && tr.At > s.from.Add(-time.Hour) && tr.At <= s.to.Add(time.Hour) {
					return true
				}
			}
		}
	}
	return false
}

// isStopped reports whether in truth the plant made less in the window than it
// is stopped at.
func (w *world) isStopped(tr *plant.Transition) bool {
	if w.share(tr.Plant, tr.At) < 0.2 {
		return true
	}
	for at := tr.At.Add(-w.slack(tr.At)); at < tr.At.Add(w.slack(tr.At)); at = at.Add(5 * time.Minute) {
		if w.share(tr.Plant, at) < 0.2 {
			return true
		}
	}
	return false
}

// share is what the plant made in the 15 minutes to an instant, of the normal.
func (w *world) share(id string, to plant.Instant) float64 {
	made, normal := 0, 0.0
	for _, l := range w.lines {
		if l.plant != id {
			continue
		}
		normal += map[bool]float64{true: 5, false: 30}[l.cycle > 2*time.Minute]
		for _, m := range l.machines {
			for _, at := range m.parts {
				if (stretch{to.Add(-15 * time.Minute), to}).holds(at) {
					made++
				}
			}
		}
	}
	return float64(made) / normal
}

// slack is by how much what is said at an instant may be off: while our own
// clock is behind, stamps that are too far ahead of it are not believed, and the
// end of a silence is dated by it.
func (w *world) slack(at plant.Instant) time.Duration {
	for _, p := range w.plagues {
		if strings.HasPrefix(p.what, "our clock") && at > p.stretch.from.Add(-2*time.Hour) && at < p.stretch.to.Add(2*time.Hour) {
			return 2 * time.Hour
		}
	}
	return 0
}

// calm reports whether nothing happens to ourselves around a time.
func (w *world) calm(from, to plant.Instant) bool {
	for _, p := range w.plagues {
		if p.of == "" && p.stretch.from < to.Add(20*time.Minute) && p.stretch.to > from.Add(-20*time.Minute) {
			return false
		}
	}
	return w.slack(from) == 0 && w.slack(to) == 0
}

// around is what goes wrong around an instant.
func (w *world) around(id string, at plant.Instant) (out []string) {
	for _, p := range w.plagues {
		if (p.of == "" || p.of == id) && p.stretch.from < at.Add(time.Hour) && p.stretch.to > at.Add(-2*time.Hour) {
			out = append(out, p.what+" "+clockOf(p.stretch.from)+" to "+clockOf(p.stretch.to))
		}
	}
	return out
}

// wantStall wants a stall of a true stop: T_stall after the last part.
func (w *world) wantStall(l *trueLine, s stretch, said []plant.Transition, truths map[string]int) {
	var last plant.Instant
	for _, m := range l.machines {
		for _, at := range m.parts {
			if at <= s.from {
				last = max(last, at)
			}
		}
	}
	truths["stalled"]++
	i := slices.IndexFunc(said, func(tr plant.Transition) bool {
		return tr.Plant == l.plant && tr.Line == l.id && tr.To == "stalled" && tr.At > s.from.Add(-w.slack(s.from)) && tr.At <= s.to.Add(w.slack(s.from))
	})
	switch {
	case i < 0 && w.slack(s.from) > 0:
		truths["hidden by our clock"]++ // unknown meanwhile, and nobody says otherwise
	case i < 0:
		w.t.Errorf("seed %d: %s/%s stood from %s to %s, and nobody says so (%s)", w.seed, l.plant, l.id, clockOf(s.from), clockOf(s.to), w.around(l.plant, s.from))
	case w.slack(s.from) == 0 && said[i].Since != last, w.calm(s.from, s.from.Add(l.stall)) && !l.due(last, said[i].At):
		w.t.Errorf("seed %d: %s/%s stood from %s on, its last part told at %s: said to be stalled at %s, since %s", w.seed, l.plant, l.id, clockOf(s.from), clockOf(last), clockOf(said[i].At), clockOf(said[i].Since))
	}
}

// due reports whether a stall that began with the last part is dated right:
// T_stall after it; of several machines, after the last part of any of them.
func (l *trueLine) due(last, at plant.Instant) bool {
	if len(l.machines) > 1 {
		early := last.Add(l.stall).Sub(at)
		return early >= 0 && early < l.cycle+worldInterval
	}
	return at == last.Add(l.stall)
}

// wantSilence wants it of a machine that is dead: 100 s after it was heard last.
func (w *world) wantSilence(l *trueLine, s stretch, said []plant.Transition, truths map[string]int) {
	var heard plant.Instant
	for _, h := range l.machines[0].heard {
		if h[0] < s.from.Add(worldInterval) {
			heard = h[1]
		}
	}
	if !w.calm(s.from, s.from) {
		return // it may be our own blindness
	}
	truths["silent"]++
	if !slices.ContainsFunc(said, func(tr plant.Transition) bool {
		return tr.Plant == l.plant && tr.Line == l.id && tr.Reason == "silent" && tr.At == heard.Add(100*time.Second)
	}) {
		w.t.Errorf("seed %d: %s/%s is dead from %s on, heard last at %s, and not said to be silent 100 s later", w.seed, l.plant, l.id, clockOf(s.from), clockOf(heard))
	}
}

// wantRelapses wants them of plants that stand as a whole, where nothing else
// happens: at the end of the first window below stop.
func (w *world) wantRelapses(said []plant.Transition, truths map[string]int) {
	for i, l := range w.lines[:len(w.lines)-1] {
		for _, s := range l.stops {
			if o := w.lines[i+1]; o.plant != l.plant || !slices.Contains(o.stops, s) || w.slack(s.from) > 0 || w.slack(s.to) > 0 {
				continue
			}
			quarter := plant.Instant(15 * time.Minute)
			at := (s.from/quarter + 1) * quarter
			for w.share(l.plant, at) >= 0.2 {
				at += quarter
			}
			truths["relapsed"]++
			if !slices.ContainsFunc(said, func(tr plant.Transition) bool {
				return tr.Plant == l.plant && tr.To == "stopped" && tr.Relapsed && tr.At == at
			}) {
				w.t.Errorf("seed %d: %s stood from %s to %s, and is not said to be stopped, relapsed, at %s", w.seed, l.plant, clockOf(s.from), clockOf(s.to), clockOf(at))
			}
		}
	}
}
