package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// windows plays windows of 15 minutes from 09:00 on, of a line with a delta
// each minute and a normal output of 100 a window. A word is what a window
// makes; "50/6" makes 50, and its last 6 minutes are unseen.
func windows(p *play, text string) {
	start := clock("09:00")
	p.delta(start, 0)
	for _, word := range strings.Fields(text) {
		var made float64
		unseen := 0
		if n, _ := fmt.Sscanf(word, "%f/%d", &made, &unseen); n == 0 {
			p.t.Fatalf("%q is no window", word)
		}
		for minute := 1; minute <= 15-unseen; minute++ {
			p.delta(start.Add(time.Duration(minute)*time.Minute), made)
			made = 0
		}
		start = start.Add(15 * time.Minute)
	}
	p.tick(start.Add(15 * time.Minute)) // lateness
}

func (p *play) delta(at plant.Instant, made float64) {
	p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at,
		Fields: []plant.Field{{Name: "good", Kind: plant.Float, Float: made}}})
}

// perMinute makes oneLine the line that windows plays.
func perMinute(_ *plant.Plant, l *plant.Line) {
	l.Interval, l.Normal = plant.Interval{Every: time.Minute}, perHour(400)
	l.Counter = plant.Counter{Kind: plant.KindDelta, Decimal: true}
}

// holding are windows of 15m, both holds 30m.
func holding() rules.Config {
	cfg := quick()
	cfg.Resume.Hold, cfg.Resume.StopHold = span("30m"), span("30m")
	return cfg
}

func TestPhases(t *testing.T) {
	normal := holding()
	normal.Resume.Normal, normal.Resume.NormalExit = share(0.8), share(0.7)
	rate := holding()
	rate.Resume.At, rate.Resume.Stop = plant.Level{Rate: perHour(120)}, plant.Level{Rate: perHour(80)}
	noBaseline := func(p *plant.Plant, l *plant.Line) { perMinute(p, l); l.Normal = plant.Rate{} }
	idealCycle := func(p *plant.Plant, l *plant.Line) { noBaseline(p, l); l.IdealCycle = plant.Duration(time.Minute) }
	for name, c := range map[string]struct {
		cfg     rules.Config
		line    func(*plant.Plant, *plant.Line)
		windows string
		want    []string
	}{
		"first verdict stopped":              {holding(), perMinute, "0 0", []string{"09:30:00 stopped first 0.00"}},
		"first verdict ramping up":           {holding(), perMinute, "80 80", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80"}},
		"exactly at the threshold":           {holding(), perMinute, "30 30", []string{"09:15:00 ramping_up first 0.30", "09:30:00 resumed 0.30"}},
		"exactly at stop is not below":       {holding(), perMinute, "20 20 20", nil},
		"no first verdict between the two":   {holding(), perMinute, "25 25 25", nil},
		"hysteresis":                         {holding(), perMinute, "80 80 25 25 25", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80"}},
		"between the two a hold is broken":   {holding(), perMinute, "0 0 80 25 80 80", []string{"09:30:00 stopped first 0.00", "09:45:00 ramping_up 0.80", "10:30:00 resumed 0.80"}},
		"ramping up falls back to stopped":   {holding(), perMinute, "0 0 80 10 10", []string{"09:30:00 stopped first 0.00", "09:45:00 ramping_up 0.80", "10:15:00 stopped 0.10"}},
		"a stop's hold is broken":            {holding(), perMinute, "80 80 10 25 10 10", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80", "10:30:00 stopped relapsed 0.10"}},
		"recovery is not capped":             {holding(), perMinute, "200 200", []string{"09:15:00 ramping_up first 2.00", "09:30:00 resumed 2.00"}},
		"one undecidable pauses a hold":      {holding(), perMinute, "0 0 80 0/15 80", []string{"09:30:00 stopped first 0.00", "09:45:00 ramping_up 0.80", "10:15:00 resumed 0.80"}},
		"one undecidable pauses a stop hold": {holding(), perMinute, "80 80 5 0/15 5", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80", "10:15:00 stopped relapsed 0.05"}},
		"two in a row, judged from before":   {holding(), perMinute, "80 80 0/15 0/15 80", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80", "10:00:00 unknown 0.00", "10:15:00 resumed 0.80"}},
		"unknown ends a hold":                {holding(), perMinute, "0 0 80 0/15 0/15 80 80", []string{"09:30:00 stopped first 0.00", "09:45:00 ramping_up 0.80", "10:15:00 unknown 0.00", "10:30:00 ramping_up 0.80", "10:45:00 resumed 0.80"}},
		"unknown ends a stop's hold":         {holding(), perMinute, "80 80 5 0/15 0/15 5 5", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80", "10:15:00 unknown 0.00", "10:30:00 resumed 0.05", "10:45:00 stopped relapsed 0.05"}},
		"unseen before the first verdict":    {holding(), perMinute, "0/15 0/15 0/15 80", []string{"10:00:00 ramping_up first 0.80"}},
		"stopped does not look at stop":      {holding(), perMinute, "0 0 2/3 2/3 2/3", []string{"09:30:00 stopped first 0.00"}},
		"resumed looks at stop":              {holding(), perMinute, "80 80 2/3 2/3", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80", "10:00:00 unknown 0.02"}},
		"resumed does not look at at":        {holding(), perMinute, "80 80 25/3 25/3", []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80"}},
		"ramping up looks at both":           {holding(), perMinute, "0 0 80 25/3 25/3", []string{"09:30:00 stopped first 0.00", "09:45:00 ramping_up 0.80", "10:15:00 unknown 0.25"}},
		"normal and back":                    {normal, perMinute, "90 90 90 75 60 90", []string{"09:15:00 ramping_up first 0.90", "09:30:00 resumed 0.90", "09:45:00 normal 0.90", "10:15:00 resumed 0.60", "10:30:00 normal 0.90"}},
		"normal makes nothing undecidable":   {normal, perMinute, "90 90 90 75/3 75/3", []string{"09:15:00 ramping_up first 0.90", "09:30:00 resumed 0.90", "09:45:00 normal 0.90"}},
		"from normal to stopped":             {normal, perMinute, "90 90 90 5 5", []string{"09:15:00 ramping_up first 0.90", "09:30:00 resumed 0.90", "09:45:00 normal 0.90", "10:00:00 resumed 0.05", "10:15:00 stopped relapsed 0.05"}},
		"unknown between, and normal again":  {normal, perMinute, "90 90 90 0/15 0/15 90", []string{"09:15:00 ramping_up first 0.90", "09:30:00 resumed 0.90", "09:45:00 normal 0.90", "10:15:00 unknown 0.00", "10:30:00 normal 0.90"}},
		"unknown, judged from resumed":       {normal, perMinute, "50 50 0/15 0/15 90", []string{"09:15:00 ramping_up first 0.50", "09:30:00 resumed 0.50", "10:00:00 unknown 0.00", "10:15:00 normal 0.90"}},
		"no baseline, no verdict":            {holding(), noBaseline, "80 80 0 0", nil},
		"absolute":                           {rate, noBaseline, "0 0 30 30", []string{"09:30:00 stopped first", "09:45:00 ramping_up", "10:00:00 resumed"}},
		"absolute, just below":               {rate, noBaseline, "0 0 29 29", []string{"09:30:00 stopped first"}},
		"absolute, unseen, no ideal cycle":   {rate, noBaseline, "0 0 10/3 10/3", []string{"09:30:00 stopped first", "10:00:00 unknown"}},
		"absolute, unseen, ideal cycle":      {rate, idealCycle, "0 0 10/3 10/3", []string{"09:30:00 stopped first"}},
		"absolute, unseen, normal figure":    {rate, perMinute, "0 0 1/3 1/3", []string{"09:30:00 stopped first 0.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, clock("08:50"), oneLine(c.line), c.cfg)
			windows(p, c.windows)
			p.want(plant.KindPhase, c.want...)
		})
	}
}

// A plant that is excluded before its first verdict has none meanwhile, and
// its first one afterwards.
func TestExcludedBeforeTheFirstVerdict(t *testing.T) {
	p := newPlay(t, clock("09:00"), oneLine(func(pl *plant.Plant, l *plant.Line) {
		perMinute(pl, l)
		pl.Excluded = &plant.Exclusion{Reason: "flood"}
		if err := pl.Excluded.To.UnmarshalText([]byte("2026-03-02 09:20")); err != nil {
			t.Fatal(err)
		}
	}), holding())
	windows(p, "0 0 50 50 50")
	p.want(plant.KindPhase, "09:00:00 excluded", "09:20:00 unknown", "09:45:00 ramping_up first 0.50", "10:00:00 resumed 0.50")
}
