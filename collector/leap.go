package collector

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// leapTicks is how many ticks lie between two frames at most, as long as
	// all is well: an idle loop writes one every one or two.
	leapTicks = 3
	// setBack is by how much our clock may go back without a word.
	setBack = 10 * time.Second
)

// leap writes down that nobody listened since the newest frame, where the frame
// that comes next is further away than frames are: our clock was set ahead, the
// process or its machine was stopped, or the queue did not answer. What was sent
// meanwhile is heard only now, and that is nobody's silence.
func (l *Loop) leap(ctx context.Context, at plant.Instant) error {
	if l.stood == 0 || at.Sub(l.stood) <= leapTicks*l.cfg.Tick {
		return nil
	}
	l.cfg.Log.Warn("nothing was written for longer than it should be: the clock was set, the process stopped, or the queue did not answer; it counts as time in which nobody listened", "from", l.stood.Time(), "to", at.Time())
	from := l.stood
	for _, up := range []bool{false, true} {
		f, err := controls(Control{Kind: ControlListening, Up: up})
		if err != nil {
			return err
		}
		if err := l.write(ctx, f, from); err != nil {
			return err
		}
		from = at
	}
	return nil
}

// at returns the stamp of the next frame. Where our clock is behind the newest one,
// because it was set back, the rules' clock goes on at half its pace until it is
// caught up: silence is seen, if later, and nothing happens twice.
func (l *Loop) at() plant.Instant {
	now := l.cfg.Clock()
	passed := time.Duration(0)
	if !l.read.IsZero() {
		passed = max(now.Sub(l.read), 0) // by the monotonic clock, where there is one
	}
	l.read = now
	back := l.lastAt.Sub(plant.InstantOf(now))
	if back > setBack != l.behind {
		if l.behind = !l.behind; l.behind {
			l.cfg.Log.Warn("our clock is behind what was written last, so it was set back: until it has caught up the rules' clock goes at half its pace", "behind", back.Round(time.Second))
		}
	}
	l.lastAt = max(l.lastAt.Add(passed/2), plant.InstantOf(now))
	return l.lastAt
}
