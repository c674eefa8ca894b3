package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// redefine makes reg and cfg hold from at on.
func (p *play) redefine(at plant.Instant, version string, reg *plant.Registry, cfg rules.Config) {
	reg.Index()
	p.step(rules.Event{Kind: rules.Defined, At: at, Definition: &rules.Definition{Version: version, Registry: reg, Rules: cfg}})
}

// A plant of 80 % of its normal output from 09:00 is resumed at 09:30, whose
// definition changes at 09:20.
func TestADefinitionChanges(t *testing.T) {
	inShanghai := func(p *plant.Plant, l *plant.Line) { perMinute(p, l); p.Timezone = "Asia/Shanghai" }
	longer := holding()
	longer.Resume.Hold = span("45m")
	wider := holding()
	wider.Resume.Window = span("30m")
	for name, c := range map[string]struct {
		version string
		cfg     rules.Config
		change  func(p *plant.Plant, l *plant.Line)
		want    []string
	}{
		"the same version":  {"v1", wider, inShanghai, []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80"}},
		"another label":     {"v2", holding(), func(p *plant.Plant, l *plant.Line) { inShanghai(p, l); p.Labels = map[string]string{"a": "b"} }, []string{"09:15:00 ramping_up first 0.80", "09:30:00 resumed 0.80"}},
		"a longer hold":     {"v2", longer, inShanghai, []string{"09:15:00 ramping_up first 0.80", "09:45:00 resumed 0.80"}},
		"a higher normal":   {"v2", holding(), func(p *plant.Plant, l *plant.Line) { inShanghai(p, l); l.Normal = perHour(4000) }, []string{"09:15:00 ramping_up first 0.80", "09:45:00 stopped 0.08"}},
		"another window":    {"v2", wider, inShanghai, []string{"09:15:00 ramping_up first 0.80", "10:00:00 resumed 0.80"}},
		"the line was gone": {"v2", holding(), func(p *plant.Plant, l *plant.Line) { inShanghai(p, l); l.ID = "other" }, []string{"09:15:00 ramping_up first 0.80", "10:00:00 unknown 0.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, clock("08:50"), oneLine(inShanghai), holding())
			p.between = func(p *play, next plant.Instant) {
				if at := clock("09:20"); p.last < at && at <= next {
					p.last = at
					p.redefine(at, c.version, oneLine(c.change), c.cfg)
				}
			}
			windows(p, "80 80 80 80")
			p.want(plant.KindPhase, c.want...)
			if got := p.state.Definition().Version; got != c.version {
				t.Errorf("version %q holds, want %q", got, c.version)
			}
		})
	}
}

func TestPlantsComeAndGo(t *testing.T) {
	p := newPlay(t, clock("08:50"), oneLine(perMinute), holding())
	p.sample(clock("09:00"), &plant.Sample{Plant: "q", Line: "l", Machine: "m", Stamp: clock("09:00")})
	if v, ok := p.state.View("q"); !ok || v.Enrolled {
		t.Errorf("a plant nobody enrolled is shown %v, enrolled %v", ok, v.Enrolled)
	}
	p.state.TakeDirty()
	p.redefine(clock("09:05"), "v2", oneLine(func(pl *plant.Plant, l *plant.Line) { perMinute(pl, l); pl.ID = "q" }), holding())
	if got := p.state.TakeDirty(); !slices.Contains(got, "p") || !slices.Contains(got, "q") {
		t.Errorf("views of %v changed, want those of p and q", got)
	}
	if _, ok := p.state.View("p"); ok {
		t.Error("a plant that left the registry is still shown")
	}
	if v, _ := p.state.View("q"); !v.Enrolled || len(p.state.Views()) != 1 {
		t.Errorf("the new plant is enrolled: %v, of %d plants", v.Enrolled, len(p.state.Views()))
	}
	p.tick(clock("09:45"))
	if len(p.wins) != 1 || p.wins[0].Verdict.From != clock("09:15") {
		t.Errorf("windows %v, want one, the first that begins after enrolment: 09:15", p.wins)
	}
}

// Where NewState is given the definition, plants are enrolled by the first event.
func TestNewStateEnrolsByTheFirstEvent(t *testing.T) {
	reg := oneLine(perMinute)
	reg.Index()
	s := rules.NewState(&rules.Definition{Version: "v1", Registry: reg, Rules: holding()})
	if r := s.Step(rules.Event{Kind: rules.Tick, At: clock("09:00"), Seq: 1}); len(r.Windows)+len(r.Slots) != 0 {
		t.Errorf("the first event closed %d windows, %d slots", len(r.Windows), len(r.Slots))
	}
	r := s.Step(rules.Event{Kind: rules.Tick, At: clock("09:30"), Seq: 2})
	if len(r.Windows) != 1 || r.Windows[0].Verdict.From != clock("09:00") {
		t.Errorf("windows %v, want the one from 09:00", r.Windows)
	}
}

// Samples are lent: their strings may change once Step returned.
func TestStepKeepsNoLentString(t *testing.T) {
	p := newPlay(t, clock("08:50"), oneLine(nil), quick())
	for _, id := range []string{"p", "stranger"} {
		buf := []byte(id + " l m b")
		lent := unsafe.String(&buf[0], len(buf))
		names := strings.Fields(lent)
		at := p.last.Add(time.Second)
		p.step(rules.Event{Kind: rules.SampleSeen, At: at, Sample: &plant.Sample{Plant: names[0], Line: names[1], Machine: names[2], Broker: names[3], Stamp: at}})
		for i := range buf {
			buf[i] = 'X'
		}
	}
	data, err := p.state.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "X") {
		t.Errorf("the state kept a lent string: %s", data)
	}
}
