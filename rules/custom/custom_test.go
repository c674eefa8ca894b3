package custom

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// FuzzCompile: whatever a rule says, it is refused in words or it runs in
// bounded time on anything.
func FuzzCompile(f *testing.F) {
	for _, when := range []string{
		"temp > 80 && state == 'running'", "avg(temp, '10m') / delta(made, '1h') ** 2 > 1e300", "state in ['a', 'b'] or not scheduled",
		"field('a.b') > 3 ? temp < 1 : true", "lines('all') == 3", "filter(1..1e9, # > 1)", "let x = 1; x", "a?.b ?? c", "$env", "now()", "repeat('a', 1e9)",
		"((((((((((", "temp[1:2]", "'a' matches '(a+)+$'", "count(temp)", "any(temp, {# > 1})", "1 / 0 > temp", "::abs(temp)", "temp | abs() > 1", "if temp > 1 {true} else {false}",
		"max(temp, '5m') > max(temp, 5.5)", "label('x') == text('y')", "age(state) > -5", "-temp > 1", "true", "\x00", "temp > 9223372036854775807", "b'abc' == temp", "text(\"\") == 'a'",
	} {
		for each := range uint8(3) {
			f.Add(when, "{{.Value}} {{printf \"%9d\" .Values}}", each)
		}
	}
	f.Fuzz(func(t *testing.T, when, annotation string, each uint8) {
		r := Rule{Name: "r", Each: []string{EachMachine, EachLine, EachPlant}[each%3], When: when, Annotations: map[string]string{"a": annotation}}.WithDefaults()
		p, mistakes := Compile(r, &Fields{})
		if p == nil {
			for _, m := range mistakes {
				if m.What == "" || m.Key == "" || strings.Contains(m.What, "\n | ") {
					t.Errorf("%q: %+v", when, m)
				}
			}
			return
		}
		if n := len(p.code.Bytecode); n > 10*maxNodes {
			t.Errorf("%q: %d instructions", when, n)
		}
		s := &Set{env: map[string]any{}}
		s.add(p)
		w := s.NewWatch("good", "scrap", true)
		for i := range 5 {
			at := plant.Instant(i+1) * plant.Instant(time.Hour)
			now := &Now{At: at, Plant: "p", Line: "l", Machine: "m", State: "running", Phase: "resumed", StateSince: 1, Lines: func(string) int { return i }, Normal: math.NaN(), Recovery: 1}
			var fields []plant.Field
			for j, name := range s.Readings() {
				fields = append(fields, plant.Field{Name: name, Kind: plant.FieldKind((i + j) % 4), Float: math.MaxFloat64, Int: math.MinInt64, Str: "\xff"})
			}
			s.Sample(w, at, fields)
			s.Counted(w, Made, at-1e12, at, 1e308)
			s.Evaluate(w, now, Moment{Evaluates: true, Exact: i%2 == 0}, quiet{})
		}
	})
}

type quiet struct{}

func (quiet) Alerted(Change, plant.Instant, plant.Instant, *plant.Alert) {}
func (quiet) Failed(*Rule, error)                                        {}

// heard notes what an evaluation came to.
type heard struct{ told []string }

func (h *heard) Alerted(c Change, at, since plant.Instant, a *plant.Alert) {
	word := map[Change]string{Fires: "fires", Ends: "ends"}[c]
	h.told = append(h.told, fmt.Sprintf("%s at %d since %d", word, at.Sub(0)/time.Second, since.Sub(0)/time.Second))
}

func (h *heard) Failed(r *Rule, why error) { h.told = append(h.told, "failed: "+why.Error()) }

func (h *heard) take() string {
	out := strings.Join(h.told, ", ")
	h.told = nil
	return out
}

// one is a Set of one rule, and what it remembers of one thing.
func one(t testing.TB, r Rule) (*Set, *Watch) {
	t.Helper()
	s, bad := NewSet([]Rule{r}, r.Each, &Fields{})
	if s == nil {
		t.Fatal(bad)
	}
	return s, s.NewWatch("good", "scrap", true)
}

func sec(n int) plant.Instant { return plant.Instant(n) * plant.Instant(time.Second) }

func number(name string, v float64) plant.Field {
	return plant.Field{Name: name, Kind: plant.Float, Float: v}
}

// machine plays samples of one machine.
type machine struct {
	set   *Set
	watch *Watch
	heard heard
	now   Now
}

func (m *machine) sample(at int, how Moment, fields ...plant.Field) string {
	m.now.At = sec(at)
	m.set.Sample(m.watch, sec(at), fields)
	how.Evaluates = true
	m.set.Evaluate(m.watch, &m.now, how, &m.heard)
	return m.heard.take()
}

func TestAlertFiresAndEndsWhenDue(t *testing.T) {
	m := machine{now: Now{State: "running"}}
	m.set, m.watch = one(t, Rule{Name: "hot", Each: EachMachine, When: "temp > 80 && state == 'running'",
		For: plant.Duration(20 * time.Second), KeepFiringFor: plant.Duration(15 * time.Second)})
	for _, step := range []struct {
		at   int
		temp float64
		how  Moment
		want string
	}{
		{at: 100, temp: 90},
		{at: 110, temp: 70}, // a peak
		{at: 120, temp: 90},
		{at: 130, temp: 90},
		{at: 143, temp: 90, want: "fires at 140 since 120"},
		{at: 150, temp: 70},
		{at: 160, temp: 90}, // it holds again: nothing has ended
		{at: 170, temp: 70},
		{at: 180, temp: 70},
		{at: 190, temp: 70, want: "ends at 185 since 140"},
		{at: 200, temp: 90},
		{at: 900, temp: 90, how: Moment{Gap: true}}, // nobody knows what was between
		{at: 910, temp: 90},
		{at: 920, temp: 90, want: "fires at 920 since 900"},
		{at: 930, temp: 70},
		{at: 1900, temp: 70, how: Moment{Gap: true}},
		{at: 1910, temp: 70},
		{at: 1920, temp: 70, want: "ends at 1915 since 920"},
	} {
		if got := m.sample(step.at, step.how, number("temp", step.temp)); got != step.want {
			t.Errorf("%d: %q, want %q", step.at, got, step.want)
		}
	}
}

// What is not known neither fires nor ends, and what fails is told, each time.
func TestUnknownDecidesNothing(t *testing.T) {
	m := machine{}
	m.set, m.watch = one(t, Rule{Name: "r", Each: EachMachine, When: "a / b > 1 or state == 'x'"})
	for i, step := range []struct {
		state  string
		fields []plant.Field
		want   string
	}{
		{"x", []plant.Field{number("a", 4)}, ""}, // b never came
		{"", []plant.Field{number("b", 2)}, ""},  // nor did a word
		{"y", nil, "fires at 3 since 3"},         // readings stay
		{"y", []plant.Field{number("b", 0)}, ""}, // divided by nothing
		{"y", []plant.Field{{Name: "b", Kind: plant.String, Str: "ERR"}}, `failed: b is the text "ERR", and the rule takes it for a number`},
		{"y", []plant.Field{{Name: "b", Kind: plant.Int, Int: 8}}, "ends at 6 since 3"},
		{"y", []plant.Field{{Name: "b", Kind: plant.Bool, Bool: true}}, "fires at 7 since 7"},
	} {
		m.now.State = step.state
		if got := m.sample(i+1, Moment{}, step.fields...); got != step.want {
			t.Errorf("%d: %q, want %q", i, got, step.want)
		}
	}
}

// Windows against all samples that lie in them.
func TestWindows(t *testing.T) {
	const over = 600
	values := map[string]func(v []float64) float64{
		"avg(x, '10m')": func(v []float64) (out float64) {
			for _, x := range v {
				out += x / float64(len(v))
			}
			return out
		},
		"min(x, '10m')":   func(v []float64) float64 { return minOf(v) },
		"max(x, '10m')":   func(v []float64) float64 { return -minOf(negated(v)) },
		"count(x, '10m')": func(v []float64) float64 { return float64(len(v)) },
	}
	for text, want := range values {
		s, w := one(t, Rule{Name: "r", Each: EachMachine, When: text + " > 0"})
		var all []float64
		for i := range 400 { // one each 10 s, the width of a bucket
			at := 10*i + 9
			all = append(all, math.Sin(float64(i)/7)*50)
			s.Sample(w, sec(at), []plant.Field{number("x", all[i])})
			got := s.value(0, w, &Now{At: sec(at)})
			if got.err != nil || got.known != (i >= over/10-1) {
				t.Fatalf("%s, %d s: %+v", text, at, got)
			}
			if in := all[max(0, len(all)-over/10):]; got.known && math.Abs(got.number-want(in)) > 1e-9 {
				t.Fatalf("%s, %d s: %+v, want %v", text, at, got, want(in))
			}
		}
	}
}

func minOf(v []float64) float64 {
	out := v[0]
	for _, x := range v {
		out = min(out, x)
	}
	return out
}

func negated(v []float64) (out []float64) {
	for _, x := range v {
		out = append(out, -x)
	}
	return out
}

func TestRises(t *testing.T) {
	s, w := one(t, Rule{Name: "r", Each: EachMachine, When: "rate(kwh, '1h') + delta(kwh, '30m') + delta(good, '1h') + changes(state, '1h') > 0"})
	for at := 0; at <= 4*3600; at += 60 {
		s.Sample(w, sec(at), []plant.Field{number("kwh", 1000+float64(at)/100), {Name: "good", Kind: plant.Int, Int: 5}})
		s.Counted(w, Made, sec(at), sec(at), 2)
		s.Counted(w, Scrapped, sec(at), sec(at), 1)
		if at%600 == 0 {
			s.Changed(w, sec(at))
		}
	}
	for j, want := range []float64{36, 18, 120, 6} {
		if got := s.value(j, w, &Now{At: sec(4 * 3600)}); got.number != want || !got.known || got.err != nil {
			t.Errorf("input %d: %+v, want %v", j, got, want)
		}
	}
	// A gap as long as the window begins it anew.
	s.Sample(w, sec(6*3600), []plant.Field{number("kwh", 2000)})
	if s.value(0, w, &Now{At: sec(6 * 3600)}).known {
		t.Error("a window of an hour is known after a gap of two")
	}
}

// An amount of some time is spread over the buckets that it spans, and what is
// older than the window is left out.
func TestAmountsAreSpread(t *testing.T) {
	s, w := one(t, Rule{Name: "r", Each: EachLine, When: "delta(made, '10m') > 0"})
	for at := 0; at <= 1200; at += 10 {
		s.Sample(w, sec(at), nil)
	}
	s.Counted(w, Made, sec(300), sec(1500), 1200) // one a second
	s.Sample(w, sec(1500), nil)
	if got := s.value(0, w, &Now{At: sec(1500)}); math.Abs(got.number-600) > 1e-6 || !got.known {
		t.Errorf("%+v", got)
	}
}

// Rules that stay keep what they remember, windows too.
func TestAdopt(t *testing.T) {
	old := []Rule{{Name: "a", Each: EachMachine, When: "avg(x, '1m') > 5"}, {Name: "b", Each: EachMachine, When: "x > 5"}}
	s, _ := NewSet(old, EachMachine, &Fields{})
	w := s.NewWatch("", "", false)
	for at := range 100 {
		s.Sample(w, sec(at), []plant.Field{number("x", 9)})
		s.Evaluate(w, &Now{At: sec(at)}, Moment{Evaluates: true}, quiet{})
	}
	now := []Rule{{Name: "c", Each: EachMachine, When: "y > avg(x, '1m')"}, {Name: "b", Each: EachMachine, When: "x > 6"}, {Name: "a", Each: EachMachine, When: "avg(x, '1m') > 5", Severity: "high"}}
	s2, _ := NewSet(now, EachMachine, &Fields{})
	w2 := s2.NewWatch("", "", false)
	s2.Adopt(w2, s, w)
	if w2.Alerts[0].Fired != 0 || w2.Alerts[1].Fired != 0 || w2.Alerts[2].Fired == 0 {
		t.Errorf("alerts are %+v", w2.Alerts)
	}
	if v := s2.value(s2.uses[2][0], w2, &Now{At: sec(99)}); v.number != 9 || !v.known {
		t.Errorf("the window is %+v", v)
	}
	if got := s2.Restore(&Watch{}, w2); got != w2 {
		t.Error("what does not fit was taken")
	}
}

func TestAnnotations(t *testing.T) {
	r := Rule{Name: "r", Each: EachMachine, When: "temp > 80", Labels: map[string]string{"team": "x"}, Annotations: map[string]string{
		"a": `{{.Plant}}/{{.Line}}/{{.Machine}} {{.Rule}} {{.Severity}} {{.Labels.team}} {{printf "%.1f" .Value}} {{if gt .Values.temp 90.0}}very{{end}}`,
		"b": `{{printf "%2000d" 1}}`,
	}}
	s, w := one(t, r)
	s.Sample(w, sec(1), []plant.Field{number("temp", 95.25)})
	var got *plant.Alert
	s.Evaluate(w, &Now{At: sec(1), Plant: "p", Line: "l", Machine: "m"}, Moment{Evaluates: true}, catch(func(a *plant.Alert) { got = a }))
	if got == nil || got.Annotations["a"] != "p/l/m r warning x 95.2 very" {
		t.Fatalf("got %+v", got)
	}
	if b := got.Annotations["b"]; len(b) != maxAnnotation+3 {
		t.Errorf("%d bytes of an annotation", len(b))
	}
}

type catch func(*plant.Alert)

func (c catch) Alerted(_ Change, _, _ plant.Instant, a *plant.Alert) { c(a) }
func (catch) Failed(*Rule, error)                                    {}
