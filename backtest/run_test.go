package backtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// day begins at midnight.
var day = plant.InstantOf(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))

func definition(plants ...string) *rules.Definition {
	reg := &plant.Registry{}
	for _, id := range plants {
		reg.Plants = append(reg.Plants, &plant.Plant{ID: id, Lines: []*plant.Line{{
			ID: "l", Machines: []string{"m"}, Interval: plant.Interval{Every: time.Minute}, Normal: plant.Rate{PerHour: 60, Set: true},
		}}})
	}
	reg.Index()
	c := rules.Config{}
	c.Resume.Window, c.Resume.Hold, c.Resume.StopHold = plant.Span{Fixed: time.Hour}, plant.Span{Fixed: 2 * time.Hour}, plant.Span{Fixed: time.Hour}
	return &rules.Definition{Version: "v", Registry: reg, Rules: c.WithDefaults()}
}

// minutes writes a sample a minute of (from, to], each with that many parts more.
func minutes(b *strings.Builder, id string, from, to, parts int, good *int) {
	for i := from + 1; i <= to; i++ {
		*good += parts
		at := day.Add(time.Duration(i)*time.Minute) / 1e6
		fmt.Fprintf(b, `{"at":%d,"ts":%d,"plant":%q,"line":"l","machine":"m","seq":%d,"good":%d}`+"\n", at, at, id, i, *good)
	}
}

func run(t *testing.T, text string, opts Options) *Report {
	t.Helper()
	open := func() (history.Reader, io.Closer, error) {
		return history.NewSamples(strings.NewReader(text)), io.NopCloser(nil), nil
	}
	report, err := Run(context.Background(), open, opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func phases(r *Report) (out []string) {
	for _, p := range r.Phases {
		out = append(out, fmt.Sprintf("%s %s->%s", p.At.Time().Format("15:04"), p.From, p.To))
	}
	return out
}

func TestAPlantIsEnrolledFromItsFirstSampleOrFrom(t *testing.T) {
	var b strings.Builder
	good := 0
	minutes(&b, "p", 90, 600, 1, &good)
	got := phases(run(t, b.String(), Options{Definition: definition("p")}))
	if fmt.Sprint(got) != "[03:00 unknown->ramping_up 04:00 ramping_up->resumed]" {
		t.Errorf("without from: %v", got)
	}
	// The first window was not observed: nobody knows what was made in it.
	got = phases(run(t, b.String(), Options{Definition: definition("p"), From: day}))
	if fmt.Sprint(got) != "[02:00 unknown->ramping_up 03:00 ramping_up->resumed]" {
		t.Errorf("from midnight: %v", got)
	}
	got = phases(run(t, b.String(), Options{Definition: definition("p"), From: day, To: day.Add(2*time.Hour + 30*time.Minute)}))
	if fmt.Sprint(got) != "[02:00 unknown->ramping_up]" {
		t.Errorf("to 02:30: %v", got)
	}
}

func TestWhoDidNotListenBeforeFromDoesNotListenThen(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, `{"at":%d,"listening":false}`+"\n", day.Add(-time.Minute)/1e6)
	// All of four hours comes at once at 04:01: no window was late, for nobody
	// listened.
	at := day.Add(4*time.Hour+time.Minute) / 1e6
	for i := range 241 {
		fmt.Fprintf(&b, `{"at":%d,"ts":%d,"plant":"p","line":"l","machine":"m","seq":%d,"good":%d}`+"\n", at, day.Add(time.Duration(i+1)*time.Minute)/1e6, i+1, i)
	}
	got := phases(run(t, b.String(), Options{Definition: definition("p"), From: day}))
	if fmt.Sprint(got) != "[01:00 unknown->ramping_up 02:00 ramping_up->resumed]" {
		t.Errorf("%v", got)
	}
}

func TestWhatCannotBePlayedIsTold(t *testing.T) {
	r := run(t, `{"at":1,"plant":"nobody","line":"l","machine":"m","good":1}`+"\n{\n"+
		`{"at":2,"plant":"p","line":"l","machine":"x","good":1}`, Options{Definition: definition("p")})
	if r.Unread != 1 || len(r.Problems) != 1 || r.Strange["nobody"] != 1 || r.Strange["p/l/x"] != 1 {
		t.Errorf("%+v", r)
	}
}

func TestOfSeveralChangesAtOneInstantTheLastStands(t *testing.T) {
	r := Result{Lines: []Line{
		{Plant: "p", Line: "l", At: 5, From: "running", To: "short_stop"}, {Plant: "p", Line: "l", At: 5, From: "short_stop", To: "stalled"},
		{Plant: "p", Line: "l", At: 7, From: "stalled", To: "running"}, {Plant: "p", Line: "l", At: 7, From: "running", To: "stalled"},
		{Plant: "a", Line: "l", At: 7, From: "stalled", To: "running"},
	}}
	r.finish()
	if len(r.Lines) != 2 || r.Lines[0].From != "running" || r.Lines[0].To != "stalled" || r.Lines[1].Plant != "a" {
		t.Errorf("%+v", r.Lines)
	}
}

func TestOtherRulesAreCompared(t *testing.T) {
	at := func(i int, plantID, to string) Phase {
		return Phase{Plant: plantID, At: plant.Instant(i) * 1e9, To: to}
	}
	before := Result{Phases: []Phase{at(1, "p", "stopped"), at(5, "p", "resumed"), at(9, "p", "stopped")}}
	now := Result{Phases: []Phase{at(1, "p", "stopped"), at(7, "p", "resumed")}, Lines: []Line{{Plant: "p", Line: "l", At: 3e9, To: "stalled"}}}
	d := Compare(&before, &now)
	if len(d.Gained) != 1 || d.Gained[0].Line != "l" || len(d.Lost) != 1 || d.Lost[0].At != 9e9 || len(d.Moved) != 1 || d.Moved[0].By != 2 {
		t.Errorf("%+v", d)
	}
	var out bytes.Buffer
	d.Print(&out)
	if !strings.Contains(out.String(), "~ 1970-01-01T00:00:07.000Z  plant p resumed, 2s later than 1970-01-01T00:00:05.000Z") {
		t.Error(out.String())
	}
}

// What both say at the same time is no difference, however many changes to the
// same word one of them has before it.
func TestAChangeIsComparedWithItsOwnSpell(t *testing.T) {
	run := func(words ...string) *Result {
		r := new(Result)
		for i, word := range words {
			if word != "" {
				r.Phases = append(r.Phases, Phase{Plant: "p", At: plant.Instant(i) * 1e9, To: word})
			}
		}
		return r
	}
	const s, u, e = "stopped", "resumed", ""
	for _, test := range []struct {
		name     string
		was, is  []string
		expected string
	}{
		{"the same", []string{s, u, s, u}, []string{s, u, s, u}, ""},
		{"a stop less", []string{s, u, e, s, u, e, s}, []string{s, u, e, e, e, e, s}, "-3 -4"},
		{"a stop more", []string{s, u, e, e, e, e, s}, []string{s, u, e, s, u, e, s}, "+3 +4"},
		{"the first verdict another", []string{s, u, e, s, u}, []string{e, u, e, s, u}, "-0"},
		{"later", []string{s, e, u, e, e, s}, []string{s, e, e, u, e, e, s}, "~2>3 ~5>6"},
		{"one for two", []string{s, u, s, u, e}, []string{e, e, s, e, u}, "-0 -1 ~3>4"},
		{"two for one, the nearer", []string{e, e, s, e, e, u}, []string{s, u, e, s, e, u}, "+0 +1 ~2>3"},
		{"over before it begins", []string{s, u}, []string{u, e, e, s}, "-0 +3 ~1>0"},
	} {
		d := Compare(run(test.was...), run(test.is...))
		var got []string
		for _, c := range d.Lost {
			got = append(got, fmt.Sprintf("-%d", c.At/1e9))
		}
		for _, c := range d.Gained {
			got = append(got, fmt.Sprintf("+%d", c.At/1e9))
		}
		for _, c := range d.Moved {
			got = append(got, fmt.Sprintf("~%d>%d", c.Was/1e9, c.At/1e9))
		}
		if text := strings.Join(got, " "); text != test.expected {
			t.Errorf("%s: %s, expected %s", test.name, text, test.expected)
		}
	}
}

// Who looks sees the plant as of then, and changes nothing of what is told.
func TestLookingChangesNothing(t *testing.T) {
	var b strings.Builder
	good := 0
	minutes(&b, "p", 0, 90, 0, &good)
	minutes(&b, "p", 90, 400, 1, &good)
	opts := Options{Definition: definition("p", "q"), From: day}
	plain := run(t, b.String(), opts)
	var seen []string
	opts.Keep = true
	opts.Look = func(at plant.Instant, id string, state *rules.State) {
		v, _ := state.View(id)
		seen = append(seen, fmt.Sprintf("%s %s %s", at.Time().Format("15:04:05"), id, v.Phase))
	}
	for i := range plant.Instant(13) {
		opts.Stops = append(opts.Stops, day+i*plant.Instant(1111*time.Second))
	}
	looked := run(t, b.String(), opts)
	if fmt.Sprint(looked.Result) != fmt.Sprint(plain.Result) || len(looked.Transitions) != 6 || len(looked.Windows) != 12 {
		t.Errorf("looked %v, with %d transitions and %d windows, plain %v", looked.Result, len(looked.Transitions), len(looked.Windows), plain.Result)
	}
	if len(seen) != 26 || seen[0] != "00:00:00 p unknown" || seen[24] != "03:42:12 p resumed" || seen[25] != "03:42:12 q unknown" {
		t.Errorf("%d times, %q", len(seen), seen)
	}
}
