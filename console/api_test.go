package console

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func read[T any](t *testing.T, r *http.Response) (v T) {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestPlantHasItsFiguresFromTheLastWindowAndNullsForWhatNeverHappened(t *testing.T) {
	s := testServer(Options{})
	v := view("p1")
	v.Last.RecoveryHigh = ptr(math.Inf(1)) // an absolute threshold without ideal cycle
	v.Last.Threshold = math.NaN()
	s.Update([]rules.PlantView{v, {ID: "heard"}})
	got := read[map[string]any](t, get(s, "GET", "/api/v1/plants/p1"))
	for key, want := range map[string]any{
		"id": "p1", "name": "Plant p1", "enrolled": true, "phase": "resumed", "relapsed": false,
		"since": "2026-03-24T10:00:00.000Z", "recovery": .8, "recovery_low": .72, "recovery_high": nil,
		"labels": map[string]any{"region": "Zhejiang"},
		"lines": []any{map[string]any{"id": "dye-1", "unit": "m", "state": "running", "reason": "", "shift": nil, "last_shift": nil, "since": "2026-03-24T11:00:00.000Z",
			"heard": "2026-03-24T11:59:55.000Z", "output": 1234., "baseline": nil, "flags": []any{}}},
	} {
		if d := cmp.Diff(want, got[key]); d != "" {
			t.Errorf("%s (-want +got):\n%s", key, d)
		}
	}
	got = read[map[string]any](t, get(s, "GET", "/api/v1/plants/heard"))
	want := map[string]any{"id": "heard", "name": "", "labels": map[string]any{}, "enrolled": false, "phase": "unknown", "relapsed": false,
		"since": nil, "recovery": nil, "recovery_low": nil, "recovery_high": nil, "last": nil, "current": nil, "lines": []any{}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("a plant of which nothing is known (-want +got):\n%s", d)
	}
}

func TestPlantsAreListedByIDAndUpdatedAndRemoved(t *testing.T) {
	s := testServer(Options{})
	ids := func() (out []string) {
		for _, p := range read[struct{ Plants []plantJSON }](t, get(s, "GET", "/api/v1/plants")).Plants {
			out = append(out, p.ID+" "+p.Phase.String())
		}
		return out
	}
	if text, _ := io.ReadAll(get(s, "GET", "/api/v1/plants").Body); string(text) != "{\"plants\":[]}\n" {
		t.Errorf("without plants: %s", text)
	}
	s.Update([]rules.PlantView{view("b"), view("a")})
	stopped := view("b")
	stopped.Phase = plant.Stopped
	s.Update([]rules.PlantView{stopped})
	if d := cmp.Diff([]string{"a resumed", "b stopped"}, ids()); d != "" {
		t.Error(d)
	}
	s.Remove("a", "nobody", "a")
	if d := cmp.Diff([]string{"b stopped"}, ids()); d != "" {
		t.Error(d)
	}
	s.Update([]rules.PlantView{view("a")})
	if d := cmp.Diff([]string{"a resumed", "b stopped"}, ids()); d != "" {
		t.Error(d)
	}
}

func TestPlantIDsOfAllKindsAreFound(t *testing.T) {
	s := testServer(Options{})
	for _, id := range []string{"a b", "绍兴七厂", "a,b=c", "100%", "a?b&c", `"><script>`, "..", "a/b"} {
		s.Update([]rules.PlantView{view(id)})
		if got := read[plantJSON](t, get(s, "GET", "/api/v1/plants/"+strings.ReplaceAll(url.PathEscape(id), "..", "%2E%2E"))); got.ID != id {
			t.Errorf("asked for %q, got %q", id, got.ID)
		}
	}
}

func TestTransitionsNewestFirstAndFiltered(t *testing.T) {
	s := testServer(Options{Recent: 5})
	var ts []plant.Transition
	for i := range 7 {
		x := transition(i, []string{"p0", "p1"}[i%2])
		if i == 6 {
			x.Kind, x.Line = plant.KindPhase, ""
		}
		ts = append(ts, x)
	}
	s.Transitions(ts)
	s.Transitions(ts[4:]) // told again after a restart
	at := func(n int) string { return noon.Add(time.Duration(n) * time.Second).String() }
	for _, test := range []struct{ query, want string }{
		{"", "6-0 5-0 4-0 3-0 2-0"},
		{"?limit=2", "6-0 5-0"},
		{"?limit=99999", "6-0 5-0 4-0 3-0 2-0"},
		{"?plant=p1", "5-0 3-0"},
		{"?plant=nobody", ""},
		{"?kind=phase", "6-0"},
		{"?kind=line&plant=p0", "4-0 2-0"},
		{"?from=" + at(4), "6-0 5-0"}, // half open: (from, to]
		{"?to=" + at(4), "4-0 3-0 2-0"},
		{"?from=" + at(2) + "&to=" + at(4) + "&limit=1", "4-0"},
		{"?from=2026-03-24T20:00:04%2B08:00", "6-0 5-0"},
	} {
		var got []string
		for _, x := range read[struct{ Transitions []plant.Transition }](t, get(s, "GET", "/api/v1/transitions"+test.query)).Transitions {
			got = append(got, x.ID)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %v, want %s", test.query, got, test.want)
		}
	}
}

func TestErrorsAreProblems(t *testing.T) {
	s := testServer(Options{Metrics: http.NotFoundHandler()})
	for _, test := range []struct {
		method, target string
		status         int
		code           plant.Code
		says           string
	}{
		{"GET", "/api/v1/plants/nobody", 404, plant.CodeNotFound, `"nobody"`},
		{"GET", "/api/v1/nothing", 404, plant.CodeNotFound, "openapi.yaml"},
		{"GET", "/assets/secret", 404, plant.CodeNotFound, "secret"},
		{"GET", "/assets/page.html", 404, plant.CodeNotFound, "page.html"},
		{"GET", "/api/v1/transitions?from=yesterday", 400, plant.CodeInvalid, "2020-02-14T08:00:00Z"},
		{"GET", "/api/v1/transitions?to=1", 400, plant.CodeInvalid, "to:"},
		{"GET", "/api/v1/transitions?limit=0", 400, plant.CodeInvalid, "limit"},
		{"GET", "/api/v1/transitions?limit=-1", 400, plant.CodeInvalid, "limit"},
		{"GET", "/api/v1/transitions?kind=plant", 400, plant.CodeInvalid, "none of phase, line, alert"},
		{"GET", "/api/v1/transitions?form=2020-02-14T08:00:00Z", 400, plant.CodeInvalid, `"form"`},
		{"POST", "/api/v1/plants", 405, plant.CodeInvalid, "POST"},
		{"DELETE", "/api/v1/plants/p1", 405, plant.CodeInvalid, "DELETE"},
		{"OPTIONS", "/", 405, plant.CodeInvalid, "OPTIONS"},
		{"PUT", "/metrics", 405, plant.CodeInvalid, "PUT"},
		{"GET", "/api/v1/plants/" + strings.Repeat("x", 5000), 404, plant.CodeNotFound, "xxx"},
	} {
		r := get(s, test.method, test.target)
		p := read[problem](t, r)
		if r.StatusCode != test.status || p.Status != test.status || p.Code != test.code || !strings.Contains(p.Detail, test.says) ||
			r.Header.Get("Content-Type") != "application/problem+json" || len(p.Detail) > 300 {
			t.Errorf("%s %.60s: %d %+v", test.method, test.target, r.StatusCode, p)
		}
		if test.status == 405 && r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow is %q", test.target, r.Header.Get("Allow"))
		}
	}
}

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, c := range []plant.Code{plant.CodeInternal, plant.CodeInvalid, plant.CodeNotFound, plant.CodeConflict,
		plant.CodeUnavailable, plant.CodeRefused, plant.CodeDamaged, plant.CodeFull} {
		if statusOf[c] < 400 {
			t.Errorf("%s has the status %d", c, statusOf[c])
		}
	}
}

func TestInternalErrorsAreNotShown(t *testing.T) {
	s := testServer(Options{})
	w := recorder()
	s.fail(w, request("/"), plant.Errorf(plant.CodeInternal, "open /secret/token: denied"))
	if text := w.Body.String(); strings.Contains(text, "secret") || w.Code != 500 {
		t.Errorf("%d %s", w.Code, text)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	var problems []Problem
	s := testServer(Options{Version: "1.2", Ready: func() []Problem { return problems }})
	if r := get(s, "GET", "/-/healthy"); r.StatusCode != 200 || read[map[string]string](t, r)["version"] != "1.2" {
		t.Error("not healthy")
	}
	type ready struct {
		Ready    bool
		Problems []Problem
	}
	if r := get(s, "GET", "/-/ready"); r.StatusCode != 200 || !read[ready](t, r).Ready {
		t.Error("not ready")
	}
	problems = []Problem{{"influxdb", "it does not answer"}}
	r := get(s, "GET", "/-/ready")
	if got := read[ready](t, r); r.StatusCode != 503 || got.Ready || !cmp.Equal(got.Problems, problems) {
		t.Errorf("%d %+v", r.StatusCode, got)
	}
	if r := get(s, "GET", "/-/healthy"); r.StatusCode != 200 {
		t.Error("what is not ready is healthy all the same")
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := testServer(Options{})
	for _, target := range []string{"/", "/api/v1/plants", "/api/v1/nothing", "/assets/board.js", "/-/ready"} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			h := get(s, method, target).Header
			csp := h.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'self'") || strings.Contains(csp, "unsafe") ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s %s: %v", method, target, h)
			}
		}
	}
	if got := get(s, "GET", "/assets/board.css?v="+s.build).Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a file by its build: %q", got)
	}
	if got := get(s, "GET", "/assets/board.css?v=old").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a file by another build: %q", got)
	}
}
