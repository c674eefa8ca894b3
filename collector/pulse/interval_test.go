package pulse

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// A machine's interval is that of its live samples, however its backlog comes.
func TestABacklogIsNotTheInterval(t *testing.T) {
	const every = 10 * time.Second
	for _, c := range []struct {
		name        string
		thinned     int  // one of so many is in the backlog
		newestFirst bool // and a live one after every twenty
		sent        bool // numbers are given out as samples are sent, not as they are made
	}{
		{"all of it", 1, false, false},
		{"one sample a minute", 6, false, false},
		{"one sample a minute, numbered as sent", 6, false, true},
		{"newest first", 1, true, false},
		{"newest first, numbered as sent", 1, true, true},
		{"newest first, one sample a minute, numbered as sent", 6, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			made := func(i int) plant.Instant { return start.Add(time.Duration(i) * every) }
			send := func(i int, at plant.Instant) {
				s := r.sample(made(i))
				if !c.sent {
					s.Seq = uint64(i)
				}
				r.send(s, at)
			}
			interval := func(when string) {
				t.Helper()
				if m := r.seen(); m.Interval != every || m.OnChange {
					t.Errorf("%s: an interval of %v, on change: %v", when, m.Interval, m.OnChange)
				}
			}
			for i := range 50 {
				send(i, made(i))
			}
			interval("before")
			now, at := 410, made(410)
			for k := 0; k < 360; k += c.thinned {
				i := 50 + k
				if c.newestFirst {
					i = 409 - k
				}
				at = at.Add(20 * time.Millisecond)
				send(i, at)
				if c.newestFirst && k/c.thinned%20 == 19 {
					at = max(at, made(now))
					send(now, at)
					now++
				}
			}
			interval("in the backlog")
			for range 5 {
				send(now, max(at, made(now)))
				now++
			}
			interval("after it")
		})
	}
}
