package backtest

import (
	"context"
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// slotReader reads slots, as InfluxDB's output.
type slotReader struct{ slots []plant.OutputSlot }

func (r *slotReader) Next() (history.Record, error) {
	if len(r.slots) == 0 {
		return history.Record{}, io.EOF
	}
	x := &r.slots[0]
	r.slots = r.slots[1:]
	return history.Record{Kind: history.Slot, At: x.At, Plant: x.Plant, Slot: x}, nil
}

// Baselines of slots are those of the samples that the slots were made of: by
// day, by shift, and learned; a day that nothing is known of is no day of zeros.
func TestBaselinesOfSlotsAreThoseOfTheirSamples(t *testing.T) {
	disruption := plant.Date{Year: 2026, Month: 4, Day: 13}
	reference := rules.Reference{From: plant.Date{Year: 2026, Month: 3, Day: 2}, To: plant.Date{Year: 2026, Month: 3, Day: 15}}
	for _, per := range []string{rules.PerDay, rules.PerShift} {
		def := outputDefinition([]string{"m1"}, plant.KindDelta)
		def.Registry.Plants[0].Lines[0].Normal = plant.Rate{}
		def.Registry.Plants[0].Calendar = "c"
		day, late := clockAt(t, "06:00"), clockAt(t, "22:00")
		def.Registry.Calendars = []*plant.Calendar{{Name: "c", Shifts: []plant.Shift{{Name: "early", From: day, To: clockAt(t, "14:00")}, {Name: "late", From: clockAt(t, "14:00"), To: late}}}}
		def.Registry.Index()
		reference.Per = per
		def.Rules.Baseline = rules.BaselineConfig{Reference: reference, Learned: true}
		def.Rules.DisruptionDate = disruption

		output, direct := NewOutput(def, 0), rules.NewHistory(def)
		state := rules.NewState(def)
		state.Collect(direct)
		begin := monday.Add(-6 * time.Hour)
		state.Step(rules.Event{Kind: rules.Tick, Seq: 1, At: begin})
		var slots []plant.OutputSlot
		for i := 1; i <= 40*24*12; i++ {
			if i/(24*12)%9 == 4 {
				continue // not known
			}
			made := int64(1 + i%5)
			if i/(24*12)%7 == 6 {
				made = 0 // Sundays
			}
			x := outputSample("m1", 5*i-6*60, made)
			state.Step(rules.Event{Kind: rules.SampleSeen, Seq: uint64(i + 1), At: x.Stamp, Sample: x})
			output.Add(x)
			slots = append(slots, output.Slots()...)
		}
		output.End()
		slots = append(slots, output.Slots()...)
		got, err := Baselines(context.Background(), def, func(from, to plant.Instant) (history.Reader, io.Closer, error) {
			return &slotReader{slots}, io.NopCloser(nil), nil
		})
		want := direct.Baselines()
		if err != nil || len(want.Lines) != 2 || !reflect.DeepEqual(got, want) {
			t.Errorf("per %s: %v\nof slots   %+v\nof samples %+v", per, err, got, want)
		}
	}
}

func clockAt(t *testing.T, text string) (c plant.Clock) {
	t.Helper()
	if err := c.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return c
}
