package rules

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// What was made of samples says of a plant's phases what the samples say: the
// same windows, recoveries and phases, to the last digit, also where the line
// was not seen, and where windows are longer or shorter than slots.
func TestSlotsSayWhatTheirSamplesSay(t *testing.T) {
	begin := plant.InstantOf(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	for _, window := range []plant.Span{{Days: 1}, {Fixed: time.Hour}, {Fixed: 30 * time.Minute}} {
		reg := &plant.Registry{
			Plants: []*plant.Plant{{ID: "p", Calendar: "c", Lines: []*plant.Line{{ID: "l", Machines: []string{"m"}, Normal: plant.Rate{Set: true, PerHour: 100},
				Interval: plant.Interval{Every: 5 * time.Minute}, Counter: plant.Counter{Kind: plant.KindDelta}}}}},
			Calendars: []*plant.Calendar{{Name: "c", Shifts: []plant.Shift{{Name: "s", From: clock(6), To: clock(22)}}}},
		}
		reg.Index()
		conf := Config{Resume: Resume{Window: window, Hold: window, StopHold: window}}
		def := &Definition{Version: "v", Registry: reg, Rules: conf}
		direct, slots := NewState(def), NewState(def)
		enrol := func(s *State) { s.Step(Event{Kind: Tick, Seq: 1, At: begin}) }
		enrol(direct)
		enrol(slots)
		var want, got []Window
		for i := 1; i <= 6*24*12; i++ {
			at := begin.Add(time.Duration(i) * 5 * time.Minute)
			day, hour := i/(24*12), i/12%24
			if day == 3 && hour < 18 {
				continue // not seen
			}
			made := int64(0)
			if hour >= 7 && hour < 22 && day != 2 {
				made = int64(3 + i%7)
			}
			x := &plant.Sample{Plant: "p", Line: "l", Machine: "m", Broker: "b", Stamp: at, Arrived: at, Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: made}}}
			r := direct.Step(Event{Kind: SampleSeen, Seq: uint64(i + 1), At: at, Sample: x})
			want = append(want, r.Windows...)
			for k := range r.Slots {
				if r.Slots[k].Seen() {
					got = append(got, slots.Step(Event{Kind: SlotSeen, Seq: uint64(i + 1), At: r.Slots[k].At, Slot: &r.Slots[k]}).Windows...)
				}
			}
		}
		if len(want) < 5 {
			t.Fatalf("%d windows", len(want))
		}
		n := min(len(got), len(want))
		if len(want)-n > 2 {
			t.Errorf("%v: %d windows of slots, %d of samples", window, len(got), len(want))
		}
		for i := range want[:n] {
			a, b := &want[i], &got[i]
			if a.Phase != b.Phase || a.Verdict.To != b.Verdict.To || a.Verdict.Output != b.Verdict.Output || !near(a.Verdict.RecoveryLow, b.Verdict.RecoveryLow) || !near(a.Verdict.RecoveryHigh, b.Verdict.RecoveryHigh) {
				t.Errorf("%v: window %d: of slots %+v, of samples %+v", window, i, b.Verdict, a.Verdict)
			}
		}
	}
}

func near(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a-*b < 1e-9 && *b-*a < 1e-9
}

func clock(hour int) plant.Clock {
	var c plant.Clock
	if err := c.UnmarshalText([]byte(time.Date(0, 1, 1, hour, 0, 0, 0, time.UTC).Format("15:04"))); err != nil {
		panic(err)
	}
	return c
}
