package rules_test

import (
	"math"
	"testing"
	"time"
)

// The figures of every shift are those that counting seconds gives, by random
// calendars, on days when clocks change, of machines that stop and are not
// heard.
func TestShiftFiguresAreWhatCountingSecondsGives(t *testing.T) {
	shifts, stood, unseen := 0, 0, 0
	for seed := range uint64(15) {
		x := playShifts(t, seed)
		truths := x.truths()
		if len(x.machines[0]) > 0 && !x.total { // the first message of a machine is output, and observes nothing
			for i := range truths {
				for _, heard := range x.machines {
					if s := &truths[i]; len(heard) > 0 && s.from < heard[0].sec && heard[0].sec <= s.to {
						s.good, s.scrap = s.good+float64(heard[0].made), s.scrap+float64(heard[0].scrap)
					}
				}
			}
		}
		for _, f := range x.play.shifts {
			i := 0
			for i < len(truths) && (truths[i].name != f.Shift || x.at(truths[i].from) != f.From || x.at(truths[i].to) != f.To) {
				i++
			}
			if i == len(truths) {
				t.Fatalf("seed %d: no shift %s from %s to %s in the calendar", seed, f.Shift, f.From, f.To)
			}
			want := truths[i]
			if !x.scrap {
				want.scrap = 0
			}
			got := truth{f.Shift, want.from, want.to, f.PlannedBusy, f.Observed, f.Production, f.Good, f.Produced - f.Good}
			if text := want.differs(&got); text != "" {
				t.Fatalf("seed %d, shift %s from %s (total %v, %d machines): %s\n got %+v\nwant %+v", seed, f.Shift, f.From, x.total, len(x.machines), text, got, want)
			}
			if f.Observed == 0 && f.Produced == 0 {
				continue
			}
			if oee := x.cycle * want.good / want.busy; math.Abs(*f.OEE-oee) > 1e-6 || math.Abs(*f.Availability-want.ran/want.busy) > 1e-6 || *f.OEEHigh < *f.OEE {
				t.Fatalf("seed %d, shift %s from %s: OEE %v, want %v", seed, f.Shift, f.From, *f.OEE, oee)
			}
			shifts++
			if f.Downtime > 0 {
				stood++
			}
			if f.Coverage < 0.99 {
				unseen++
			}
		}
	}
	if shifts < 30 || stood < 20 || unseen < 5 {
		t.Errorf("%d shifts, %d with down time, %d with unobserved time: they test too little", shifts, stood, unseen)
	}
}

// Of one machine that is always heard, APT is the time of PBT in which the
// line's state was running.
func TestProductionTimeIsTheTimeOfTheStateRunning(t *testing.T) {
	shifts := 0
	for seed := range uint64(20) {
		x := playShifts(t, seed)
		if x.unheard || len(x.machines) > 1 {
			continue
		}
		works, states := x.paused(x.truths()), x.states()
		for _, f := range x.play.shifts {
			if f.Coverage < 1 {
				continue // enrolled within
			}
			ran := 0
			for at := f.From.Add(time.Second); at <= f.To; at = at.Add(time.Second) {
				sec := int(at.Sub(x.begin) / time.Second)
				if works[sec+firstSecond] && states[sec] == "running" {
					ran++
				}
			}
			if math.Abs(f.Production-float64(ran)) > 1e-6 {
				t.Fatalf("seed %d, shift %s from %s: APT %v s, and the line was running for %d s", seed, f.Shift, f.From, f.Production, ran)
			}
			shifts++
		}
	}
	if shifts < 8 {
		t.Errorf("only %d shifts", shifts)
	}
}
