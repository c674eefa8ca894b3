package rules

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// WithDefaults returns c with every unset key at its default: resumed at 30 %
// of normal output (State Grid, 2020), stopped below 20 % (Zhejiang, 2021),
// windows and holds of one production day.
func (c Config) WithDefaults() Config {
	r := &c.Resume
	if r.At.IsZero() && !r.Stop.Rate.Set {
		r.At.Share = 0.30
	}
	if r.Stop.IsZero() && !r.At.Rate.Set {
		r.Stop.Share = 0.20
	}
	for _, s := range []*plant.Span{&r.Window, &r.Hold, &r.StopHold} {
		if s.IsZero() {
			*s = plant.Span{Days: 1}
		}
	}
	fill(&r.Lateness, 15*time.Minute)
	if r.NormalExit.IsZero() && r.Normal.Share > 0 {
		r.NormalExit.Share = max(r.Normal.Share-0.10, 0)
	}
	fill(&c.Stall.ShortStop, 5*time.Minute)
	fill(&c.Stall.MinRunning, time.Minute)
	if c.Silence.Missed == 0 {
		c.Silence.Missed = 3
	}
	fill(&c.LateStart.Grace, 20*time.Minute)
	fill(&c.Flags.Window, time.Hour)
	if c.Flags.Little.IsZero() {
		c.Flags.Little.Share = 0.02
	}
	if c.Flags.Repeats == 0 {
		c.Flags.Repeats = 30
	}
	if c.Flags.AboveIdeal.IsZero() {
		c.Flags.AboveIdeal.Share = 1.10
	}
	if len(c.Custom) > 0 {
		c.Custom = slices.Clone(c.Custom)
		for i := range c.Custom {
			c.Custom[i] = c.Custom[i].WithDefaults()
		}
	}
	if !c.Baseline.Reference.IsZero() && c.Baseline.Reference.Per == "" {
		c.Baseline.Reference.Per = PerDay
	}
	return c
}

func fill(v *plant.Duration, d time.Duration) {
	if *v == 0 {
		*v = plant.Duration(d)
	}
}

// thresholds are the levels of a Config as numbers: shares of normal output,
// or units per hour where absolute.
type thresholds struct {
	absolute       bool
	at, stop       float64
	normal         float64 // 0: the phase normal is not used
	normalExit     float64
	hold, stopHold plant.Span
	window         plant.Span
	lateness       time.Duration
	shortStop      time.Duration
	minRunning     time.Duration
	missed         int
	grace          time.Duration
	flagWindow     time.Duration
	little         float64 // share of normal output
	aboveIdeal     float64 // share of what the ideal cycle allows
	repeats        int
}

func (c Config) thresholds() thresholds {
	r := c.Resume
	level := func(l plant.Level) float64 {
		if l.Rate.Set {
			return l.Rate.PerHour
		}
		return l.Share
	}
	return thresholds{
		absolute: r.At.Rate.Set, at: level(r.At), stop: level(r.Stop),
		normal: level(r.Normal), normalExit: level(r.NormalExit),
		hold: r.Hold, stopHold: r.StopHold, window: r.Window, lateness: time.Duration(r.Lateness),
		shortStop: time.Duration(c.Stall.ShortStop), minRunning: time.Duration(c.Stall.MinRunning),
		missed: c.Silence.Missed, grace: time.Duration(c.LateStart.Grace),
		flagWindow: time.Duration(c.Flags.Window), little: c.Flags.Little.Share, aboveIdeal: c.Flags.AboveIdeal.Share, repeats: c.Flags.Repeats,
	}
}
