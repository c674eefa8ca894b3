package pulse

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// backlog is samples of hours without a link, sent in a burst.
func TestABacklogIsNoOffset(t *testing.T) {
	const step = 10 * time.Second
	for _, c := range []struct {
		name   string
		behind time.Duration // of the clock
	}{{"good clock", 0}, {"clock off by a zone", -8 * time.Hour}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			cut := r.live(start, 50, step, c.behind)
			const held = 4 * 360
			back := cut.Add(held * step)
			for i := range held { // 20 ms each
				seen := r.send(r.sample(cut.Add(time.Duration(i+1)*step).Add(-c.behind)), back.Add(time.Duration(i)*20*time.Millisecond))
				if !seen.Draining && i < held-10 {
					t.Fatalf("sample %d of %d of the backlog is not called so", i, held)
				}
			}
			if g := r.gateway(); g.Backlogs != 1 {
				t.Errorf("%d backlogs, want 1", g.Backlogs)
			}
			r.live(back.Add(40*time.Second), 10, step, c.behind)
			g, m := r.gateway(), r.seen()
			if g.Draining != 0 || g.Backlogs != 1 || m.Late != 0 || m.Missing != 0 || (g.Offset-c.behind).Abs() > time.Second {
				t.Errorf("afterwards: draining %d, backlogs %d, late %d, missing %d, offset %s", g.Draining, g.Backlogs, m.Late, m.Missing, g.Offset)
			}
			if m.Interval != step {
				t.Errorf("interval %s, want %s", m.Interval, step)
			}
		})
	}
}

func TestABacklogBehindLiveSamples(t *testing.T) {
	const step, held = 10 * time.Second, 720
	r := newRig(t)
	cut := r.live(start, 50, step, 0)
	back := cut.Add((held + 1) * step)
	var old []*plant.Sample
	for i := range held {
		old = append(old, r.sample(cut.Add(time.Duration(i+1)*step)))
	}
	if seen := r.send(r.sample(back), back); seen.Gaps != held {
		t.Errorf("the first live sample shows %d missing, want %d", seen.Gaps, held)
	}
	at, drained := back, 0
	for i, s := range old {
		at = at.Add(100 * time.Millisecond)
		seen := r.send(s, at)
		if seen.Gaps != -1 || !seen.Late || seen.JumpedBack || seen.Repeat {
			t.Fatalf("old sample %d: %+v", i, seen)
		}
		if seen.Draining {
			drained++
		}
		if i%100 == 99 {
			if seen := r.send(r.sample(at), at); seen.Late || seen.Gaps != 0 {
				t.Fatalf("live sample among old ones: %+v", seen)
			}
		}
	}
	if drained < held*9/10 {
		t.Errorf("%d of %d old samples count as a backlog", drained, held)
	}
	if g := r.gateway(); g.Draining != 1 || g.Clock != ClockDraining {
		t.Errorf("while it drains: %d machines, clock %s", g.Draining, g.Clock)
	}
	r.live(at.Add(step), 10, step, 0)
	g, m := r.gateway(), r.seen()
	if m.Missing != 0 || r.gaps != 0 || g.Draining != 0 || g.Backlogs != 1 || g.Jumps != 0 || g.Clock != ClockGood {
		t.Errorf("afterwards: missing %d (%d), %+v", m.Missing, r.gaps, g)
	}
}

func TestAMachineMetInTheMiddleOfABacklog(t *testing.T) {
	const step, held = 10 * time.Second, 360
	r := newRig(t)
	now := start.Add(held * step)
	for i := range held {
		r.send(r.sample(start.Add(time.Duration(i)*step)), now.Add(time.Duration(i)*10*time.Millisecond))
	}
	if g := r.gateway(); g.Backlogs != 1 || g.Clock != ClockDraining {
		t.Errorf("in the burst: %+v", g)
	}
	r.live(now.Add(held*10*time.Millisecond+step), 40, step, 0)
	if g := r.gateway(); g.Clock != ClockGood || g.Draining != 0 || g.Backlogs != 1 {
		t.Errorf("afterwards: %+v", g)
	}
}

// A clock that was set to another zone is a backlog for as long as it could
// be one, and an offset after that.
func TestAnOffsetThatStaysIsNoBacklog(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 50, 10*time.Second, 0)
	r.tracker.order[0].newest = 0 // its clock goes back, which is told apart elsewhere
	r.live(at.Add(10*time.Second), 60, 10*time.Second, 5*time.Hour)
	if g := r.gateway(); g.Draining != 0 || g.Clock != ClockZone || g.Zone != -5*time.Hour {
		t.Errorf("%+v", g)
	}
}
