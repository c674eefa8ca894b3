package console

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// reader reads server-sent events as a client that is not ours would.
type reader struct {
	t    *testing.T
	body io.ReadCloser
	scan *bufio.Scanner
}

type event struct{ name, id, data string }

func (e event) String() string {
	var d struct{ ID, Phase string }
	_ = json.Unmarshal([]byte(e.data), &d)
	return strings.TrimSpace(e.name + " " + d.ID + " " + d.Phase)
}

func listen(t *testing.T, address, lastID string) *reader {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("X-Accel-Buffering") != "no" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	t.Cleanup(func() { res.Body.Close() })
	scan := bufio.NewScanner(res.Body)
	scan.Buffer(nil, 1<<20)
	return &reader{t: t, body: res.Body, scan: scan}
}

// next returns the next event; false at the end of the stream. A comment is
// an event without data.
func (r *reader) next() (e event, ok bool) {
	for r.scan.Scan() {
		name, value, _ := strings.Cut(r.scan.Text(), ": ")
		switch name {
		case "":
			if value != "" {
				e.name = "comment"
				continue
			}
			return e, true
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		}
	}
	return event{}, false
}

func (r *reader) take(n int) (out []string, last event) {
	r.t.Helper()
	for range n {
		e, ok := r.next()
		if !ok {
			r.t.Fatalf("the stream ended after %v: %v", out, r.scan.Err())
		}
		out, last = append(out, e.String()), e
	}
	return out, last
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func phased(id string, p plant.Phase) rules.PlantView {
	v := view(id)
	v.Phase = p
	return v
}

func TestEventsBeginWithEverythingAndFollowEveryChange(t *testing.T) {
	s := testServer(Options{})
	s.Update([]rules.PlantView{view("a"), view("b")})
	s.Transitions([]plant.Transition{transition(1, "a")})
	r := listen(t, start(t, s)+"/api/v1/events", "")
	got, _ := r.take(4)
	want(t, got, "reset", "plant a resumed", "plant b resumed", "transition 1-0")
	s.Update([]rules.PlantView{view("a")}) // nothing new
	s.Update([]rules.PlantView{phased("b", plant.Stopped)})
	got, last := r.take(1)
	want(t, got, "plant b stopped")
	if d := cmp.Diff(shapePlant(s.board.plant("b")), readText[plantJSON](t, last.data)); d != "" {
		t.Error(d)
	}
	s.Remove("a")
	s.Transitions([]plant.Transition{transition(1, "a"), transition(2, "b")})
	got, _ = r.take(2)
	want(t, got, "removed a", "transition 2-0")
}

func readText[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestClientThatComesBackGoesOnWhereItWas(t *testing.T) {
	s := testServer(Options{})
	address := start(t, s) + "/api/v1/events"
	s.Update([]rules.PlantView{view("a"), view("b"), view("c")})
	r := listen(t, address, "")
	_, last := r.take(4)
	r.body.Close()
	s.Update([]rules.PlantView{phased("b", plant.Stopped)})
	s.Remove("c")
	s.Transitions([]plant.Transition{transition(1, "b")})
	got, _ := listen(t, address, last.id).take(3)
	want(t, got, "plant b stopped", "removed c", "transition 1-0")
	for _, id := range []string{"gone-1", "nonsense", s.board.epoch + "-999999", s.board.epoch + "-x", "-"} {
		got, _ := listen(t, address, id).take(2)
		want(t, got, "reset", "plant a resumed")
	}
}

func TestClientThatMissedForgottenRemovalsStartsOver(t *testing.T) {
	b := newBoard("e", 10)
	for i := range maxRemoved + 10 {
		id := fmt.Sprint(i)
		b.update([]rules.PlantView{{ID: id}})
		b.remove([]string{id})
	}
	if b.resumable("e", 1) || !b.resumable("e", b.version) {
		t.Error("a stream may resume although removals it has not seen are forgotten, or the other way round")
	}
	if len(b.removed) != maxRemoved || len(b.plants) != maxRemoved {
		t.Errorf("%d removals and %d plants are kept", len(b.removed), len(b.plants))
	}
}

func TestSlowClientGetsTheLatestValueAndHoldsNobodyUp(t *testing.T) {
	s := testServer(Options{})
	address := start(t, s) + "/api/v1/events"
	views := make([]rules.PlantView, 2000)
	update := func(phase plant.Phase, since int) {
		for i := range views {
			views[i] = phased(fmt.Sprintf("p%04d", i), phase)
			views[i].Since = noon.Add(time.Duration(since))
		}
		s.Update(views)
	}
	update(plant.Resumed, 0)
	slow := listen(t, address, "")
	for i := range 50 { // far more than any socket's buffer holds; nobody reads
		update(plant.RampingUp, i)
	}
	update(plant.Stopped, 99)
	latest, events := map[string]string{}, 0
	for n := 0; n < len(views); {
		e, ok := slow.next()
		if !ok {
			t.Fatal("the stream ended")
		}
		if events++; e.name != "plant" {
			continue
		}
		p := readText[plantJSON](t, e.data)
		if latest[p.ID] = p.Phase.String(); p.Phase == plant.Stopped {
			n++
		}
	}
	for id, phase := range latest {
		if phase != "stopped" {
			t.Errorf("%s is last told as %s", id, phase)
		}
	}
	if events > 20*len(views) {
		t.Errorf("%d events for %d plants that changed 50 times: nothing was left out", events, len(views))
	}
}

func TestPageIsSentOnlyWhatDiffers(t *testing.T) {
	s := testServer(Options{})
	s.Update([]rules.PlantView{view("a"), view("b")})
	r := listen(t, start(t, s)+"/board/events?lang=zh", "")
	got, _ := r.take(9)
	want(t, got, "hello", "part", "part", "part", "part", "part", "card a", "card b", "order")
	v := view("a")
	v.Lines[0].Heard++ // seen by nobody
	s.Update([]rules.PlantView{v})
	v = view("b")
	v.Phase = plant.Stopped
	s.Update([]rules.PlantView{v})
	s.Transitions([]plant.Transition{transition(1, "b")})
	var names []string
	for len(names) == 0 || names[len(names)-1] != "news 1-0" {
		got, last := r.take(1)
		names = append(names, got[0])
		if last.name == "card" && !strings.Contains(last.data, "停产") {
			t.Errorf("not in the language asked for: %s", last.data)
		}
	}
	for _, name := range names {
		if name == "card a" {
			t.Error("a card was sent that looks as before")
		}
	}
}

func TestOneServerIsUsedFromEverywhereAtOnce(t *testing.T) {
	s := testServer(Options{Recent: 10})
	address := start(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			v := view(fmt.Sprint(i % 7))
			v.Since = noon.Add(time.Duration(i))
			s.Update([]rules.PlantView{v})
			s.Transitions([]plant.Transition{transition(i, v.ID)})
			s.Remove(fmt.Sprint((i + 3) % 7))
		}
		s.Transitions([]plant.Transition{transition(1000, "end")})
	}()
	for _, path := range []string{"/api/v1/events", "/board/events", "/board/events?lang=zh&q=plant"} {
		r := listen(t, address+path, "")
		for {
			e, ok := r.next()
			if !ok {
				t.Fatal("the stream ended")
			}
			get(s, "GET", "/")
			if strings.HasSuffix(e.String(), " 1000-0") {
				break
			}
		}
	}
	<-done
}
