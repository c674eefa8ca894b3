package collector

import "time"

// gathering decides when the open batch is committed. Each commit is a sync,
// and costs the same for one message as for hundreds: while messages keep
// coming, it waits for more, a few milliseconds at most. As soon as none came
// for a moment (the broker's window is used up, or that was all) it does not.
// The loop's own.
type gathering struct {
	timer *time.Timer
	step  time.Duration
	steps int // left, of the longest wait
	open  bool
	came  bool // a message, in the step that runs
}

const gatherSteps = 5

func newGathering(longest time.Duration) *gathering {
	g := &gathering{timer: time.NewTimer(time.Hour), step: max(longest/gatherSteps, 1)}
	g.timer.Stop()
	return g
}

// more notes that messages came.
func (g *gathering) more() {
	g.came = true
	if !g.open && g.steps == 0 {
		g.open, g.steps, g.came = true, gatherSteps, false
		g.timer.Reset(g.step)
	}
}

// pass notes that a step passed.
func (g *gathering) pass() {
	g.steps--
	if g.steps > 0 && g.came {
		g.came = false
		g.timer.Reset(g.step)
		return
	}
	g.open, g.steps = false, 0
}

// over reports whether nothing more is waited for.
func (g *gathering) over() bool { return !g.open }

// begin begins anew with the next batch.
func (g *gathering) begin() {
	g.timer.Stop()
	g.open, g.steps, g.came = false, 0, false
}

func (g *gathering) stop() { g.timer.Stop() }
