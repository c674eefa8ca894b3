package console

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// noon is when the tests take place.
var noon = plant.InstantOf(time.Date(2026, 3, 24, 12, 0, 0, 0, time.UTC))

func ptr(f float64) *float64 { return &f }

// view is a resumed plant with one running line.
func view(id string) rules.PlantView {
	return rules.PlantView{
		ID: id, Name: "Plant " + id, Labels: map[string]string{"region": "Zhejiang"}, Enrolled: true,
		Phase: plant.Resumed, Since: noon.Add(-2 * time.Hour),
		Last: &plant.Verdict{From: noon.Add(-15 * time.Minute), To: noon, Recovery: ptr(.8), RecoveryLow: ptr(.72), RecoveryHigh: ptr(.88),
			Output: 100, NormalOutput: 125, Coverage: .9},
		Current: &plant.Verdict{From: noon, To: noon.Add(15 * time.Minute), Recovery: ptr(.5)},
		Lines: []rules.LineView{{ID: "dye-1", Unit: "m", State: plant.Running, Since: noon.Add(-time.Hour),
			Heard: noon.Add(-5 * time.Second), Output: 1234}},
	}
}

// oneShift is one of which everything is known, as it stands at noon.
func oneShift() plant.ShiftFigures {
	f := plant.ShiftFigures{Plant: "shaoxing-07", Line: "dye-1", Shift: "early", From: noon.Add(-8 * time.Hour), To: noon, Until: noon,
		PlannedBusy: 27900, Observed: 27000, Production: 25380, Downtime: 1620, IdealCycle: 6, Good: 3589, Produced: 3700, ScrapCounted: true}
	f.Work()
	return f
}

func transition(n int, id string) plant.Transition {
	return plant.Transition{ID: fmt.Sprintf("%d-0", n), Kind: plant.KindLine, Plant: id, Line: "dye-1",
		At: noon.Add(time.Duration(n) * time.Second), From: "running", To: "stalled", Reason: "unexplained",
		Since: noon, Definition: "v1"}
}

// start serves s on a loopback port until the test ends.
func start(t *testing.T, s *Server) string {
	t.Helper()
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.Close()
		srv.Close()
	})
	return srv.URL
}

func testServer(o Options) *Server {
	if o.Clock == nil {
		o.Clock = func() time.Time { return noon.Time() }
	}
	s := New(o)
	s.apiPace, s.pagePace = 10*time.Millisecond, 10*time.Millisecond
	return s
}

// get answers one request without a network.
func get(s *Server, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Result()
}

// serveAt serves s on an address that another server had, or will have.
func serveAt(t *testing.T, address string, s *Server) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(s.Handler())
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(func() {
		s.Close()
		srv.Close()
	})
	return srv
}

func recorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func request(target string) *http.Request { return httptest.NewRequest("GET", target, nil) }
