package influx

import (
	"encoding/json"
	"math"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// The measurements of results.
const (
	MeasurementOutput      = "output"
	MeasurementLineState   = "line_state"
	MeasurementPlantPhase  = "plant_phase"
	MeasurementTransition  = "transition"
	MeasurementResumption  = "resumption"
	MeasurementDeclaration = "declaration"
	MeasurementFlag        = "flag"
	MeasurementShift       = "shift"
)

// points makes every point of doc. A field keeps one type for ever: times are
// integers, milliseconds since the epoch; numbers are floats; a number that
// does not exist is left out.
func points(doc *collector.Verdicts, s *sorted) {
	for i := range doc.Slots {
		slot := &doc.Slots[i]
		put(s, doc.At, slot.Plant, slot, outputPoint(slot))
	}
	for i := range doc.Lines {
		l := &doc.Lines[i]
		put(s, doc.At, l.Plant, l, linePoint(l))
	}
	for i := range doc.Windows {
		w := &doc.Windows[i]
		put(s, doc.At, w.Plant, w, phasePoint(w, doc.Definition, plant.BasisFirst))
	}
	for i := range doc.Transitions {
		t := &doc.Transitions[i]
		put(s, doc.At, t.Plant, t, transitionPoint(t, doc.Definition, plant.BasisFirst))
	}
	for i := range doc.Declared {
		d := &doc.Declared[i]
		put(s, doc.At, d.Plant, d, declarationPoint(d, doc.At))
	}
	for i := range doc.Flags {
		f := &doc.Flags[i]
		put(s, doc.At, f.Plant, f, flagPoint(f))
	}
	for i := range doc.Shifts {
		f := &doc.Shifts[i]
		put(s, doc.At, f.Plant, f, shiftPoint(f, doc.Definition, plant.BasisFirst))
	}
	for i := range doc.Resumption {
		r := &doc.Resumption[i]
		put(s, doc.At, "", r, resumptionPoint(r))
	}
}

// put encodes p into the lane of its plant, or keeps what it was made of as a
// dead letter where line protocol cannot write it.
func put(s *sorted, at plant.Instant, id string, what any, p *measured) {
	line, err := p.encode()
	if err == nil {
		s.add([]byte(id), line, noAccount)
		return
	}
	text, _ := json.Marshal(what) // it came from JSON
	s.letters = append(s.letters, collector.DeadLetter{
		At: at.Time(), Plant: id, Payload: text, Reason: reasonRefused, Words: err.Error(),
	})
}

func outputPoint(o *plant.OutputSlot) *measured {
	p := newPoint(MeasurementOutput, o.At)
	p.tag("plant", o.Plant)
	p.tag("line", o.Line)
	p.float("made", &o.Made)
	p.float("scrap", &o.Scrap)
	p.float("expected", &o.Expected)
	p.float("scheduled_s", &o.Scheduled)
	p.float("observed_s", &o.Observed)
	p.float("downtime_s", &o.Downtime)
	return p
}

func linePoint(l *collector.LineStatus) *measured {
	// Written also where empty: else the last reason would outlive its state.
	reason, ok := lineprotocol.StringValue(l.Reason)
	if !ok {
		reason = lineprotocol.MustNewValue("")
	}
	p := newPoint(MeasurementLineState, l.At)
	p.tag("plant", l.Plant)
	p.tag("line", l.Line)
	p.text("state", l.State.String())
	p.fields = append(p.fields, field{"reason", reason})
	p.instant("since", l.Since)
	p.float("output", l.Output)
	p.float("expected", l.Expected)
	return p
}

func phasePoint(w *collector.PlantWindow, definition, basis string) *measured {
	p := newPoint(MeasurementPlantPhase, w.Verdict.To)
	p.tag("plant", w.Plant)
	p.tag("definition", definition)
	p.tag("basis", basis)
	p.labels(w.Labels)
	p.text("phase", w.Phase.String())
	p.flag("relapsed", w.Relapsed)
	p.float("recovery", w.Verdict.Recovery)
	p.float("recovery_low", w.Verdict.RecoveryLow)
	p.float("recovery_high", w.Verdict.RecoveryHigh)
	p.float("output", &w.Verdict.Output)
	p.float("normal_output", &w.Verdict.NormalOutput)
	p.float("coverage", &w.Verdict.Coverage)
	return p
}

// evidence is the transition's field of that name: what it was decided on.
type evidence struct {
	Since    plant.Instant  `json:"since,omitempty"`
	First    bool           `json:"first,omitempty"`
	Relapsed bool           `json:"relapsed,omitempty"`
	Verdict  *plant.Verdict `json:"verdict,omitempty"`
	Alert    *plant.Alert   `json:"alert,omitempty"`
}

func transitionPoint(t *plant.Transition, definition, basis string) *measured {
	if t.Definition != "" {
		definition = t.Definition
	}
	p := newPoint(MeasurementTransition, t.At)
	p.tag("plant", t.Plant)
	p.tag("line", t.Line)
	p.tag("machine", t.Machine)
	p.tag("kind", t.Kind)
	p.tag("definition", definition)
	p.tag("basis", basis)
	if a := t.Alert; a != nil {
		p.tag("rule", a.Rule)
		p.text("severity", a.Severity)
	}
	p.text("from", t.From)
	p.text("to", t.To)
	p.text("reason", t.Reason)
	p.text("id", t.ID)
	if v := t.Verdict; v != nil {
		p.float("value", v.Recovery)
		p.float("threshold", &v.Threshold)
		p.float("baseline", &v.NormalOutput)
	}
	text, err := json.Marshal(evidence{t.Since, t.First, t.Relapsed, t.Verdict, t.Alert})
	if err == nil {
		p.text("evidence", string(text))
	}
	return p
}

func shiftPoint(f *plant.ShiftFigures, definition, basis string) *measured {
	p := newPoint(MeasurementShift, f.To)
	p.tag("plant", f.Plant)
	p.tag("line", f.Line)
	p.tag("shift", writable(f.Shift))
	p.tag("definition", definition)
	p.tag("basis", basis)
	p.instant("from", f.From)
	p.float("planned_busy_s", &f.PlannedBusy)
	p.float("observed_s", &f.Observed)
	p.float("production_s", &f.Production)
	p.float("downtime_s", &f.Downtime)
	p.float("good", &f.Good)
	p.float("produced", &f.Produced)
	if f.IdealCycle > 0 {
		p.float("ideal_cycle_s", &f.IdealCycle)
	}
	p.float("coverage", &f.Coverage)
	p.float("availability", f.Availability)
	p.float("availability_high", f.AvailabilityHigh)
	p.float("effectiveness", f.Effectiveness)
	p.float("quality", f.Quality)
	p.float("oee", f.OEE)
	p.float("oee_high", f.OEEHigh)
	p.flag("proxy", f.Proxy)
	return p
}

func resumptionPoint(r *plant.Resumption) *measured {
	p := newPoint(MeasurementResumption, r.At)
	p.tag("segment", writable(r.Segment))
	p.tag("segment_value", writable(r.Value))
	p.tag("definition", r.Definition)
	p.tag("basis", r.Basis)
	p.whole("eligible", uint64(r.Eligible))
	p.whole("resumed", uint64(r.Resumed))
	p.whole("normal", uint64(r.Normal))
	p.whole("ramping_up", uint64(r.RampingUp))
	p.whole("stopped", uint64(r.Stopped))
	p.whole("unknown", uint64(r.Unknown))
	p.whole("excluded", uint64(r.Excluded))
	p.whole("reporting", uint64(r.Reporting))
	p.float("rate", r.Rate)
	p.float("rate_low", r.RateLow)
	p.float("rate_high", r.RateHigh)
	p.float("coverage", r.Coverage)
	p.float("recovery", r.Recovery)
	p.float("activity", r.Activity)
	return p
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

func milliseconds(i plant.Instant) int64 { return int64(i) / int64(time.Millisecond) }
