package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// said is a declaration as the API answers it.
type said struct {
	ID, Kind, Plant, Line, Reason, By, Until, State string
	EndedBy                                         string `json:"ended_by"`
}

// post sends text to path and reads the answer.
func (h *instance) post(path, text string) (status int, answer []byte) {
	h.t.Helper()
	res, err := http.Post(h.addr.HTTP+path, "application/json", strings.NewReader(text))
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return res.StatusCode, answer
}

// declarations returns those of a plant, by id.
func (h *instance) declarations(plantID string) map[string]said {
	h.t.Helper()
	var all struct{ Declarations []said }
	h.get("/api/v1/declarations?plant="+plantID, &all)
	out := map[string]said{}
	for _, d := range all.Declarations {
		out[d.ID] = d
	}
	return out
}

// states is a plant's phase and its lines' states with their reasons.
func (h *instance) states(plantID string) string {
	h.t.Helper()
	var p struct {
		Phase string
		Lines []struct{ ID, State, Reason string }
	}
	h.get("/api/v1/plants/"+plantID, &p)
	out := p.Phase
	for _, l := range p.Lines {
		out += fmt.Sprintf(" %s:%s/%s", l.ID, l.State, l.Reason)
	}
	return out
}

const declarable = `plants:
  - {id: a, timezone: Asia/Shanghai, lines: [{id: l, machines: [m], interval: 1s, normal: 3600/h}, {id: n, machines: [m], interval: 1s, normal: 3600/h}]}
  - {id: b, lines: [{id: l, machines: [m], interval: 1s, normal: 3600/h}]}
`

// What people declare by command line and API holds at once, survives a kill
// right after the answer, and ends by its end or by hand; everybody reads it.
func TestDeclarationsOutliveAKillAndEnd(t *testing.T) {
	dir := t.TempDir()
	registry := writeFile(t, "plants.yaml", declarable)
	rules := writeFile(t, "rules.yaml", "resume: {window: 15m, hold: 1h}\n")
	h := serve(t, dir, "--registry", registry, "--rules", rules)
	declare := func(args ...string) (d said) {
		t.Helper()
		text := run(t, binary, append(append([]string{"declare"}, args...), "--data_dir", dir, "--output", "json")...)
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return d
	}
	beat := func() { // idle machines, of which all that is known is what people say
		for i, topic := range []string{"a/l", "a/n", "b/l"} {
			pub(t, h.addr.MQTT, "factory/"+topic+"/m/heartbeat", fmt.Sprintf(`{"ts":%d,"good":%d}`, time.Now().UnixMilli(), i))
		}
	}
	beat()
	nextYear := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	excluded := declare("exclude", "b", "--reason", "flood", "--until", nextYear, "--by", "li")
	if excluded.Until != nextYear+"T00:00:00.000Z" || excluded.State != "in_force" {
		t.Errorf("taken as %+v", excluded)
	}
	stop := declare("stop", "a/l", "--reason", "boiler", "--for", "2h")
	declare("note", "a/n", "new pump", "--id", "my-note")
	status, text := h.post("/api/v1/declarations", `{"id":"c1","kind":"changeover","plant":"a","line":"n","by":"wu"}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	h.kill()

	h = serve(t, dir, "--registry", registry, "--rules", rules)
	eventually(t, "all is in force after the kill", func() bool {
		return strings.HasPrefix(h.states("b"), "excluded") && len(h.declarations("a")) == 3
	})
	beat()
	eventually(t, "lines stand as declared", func() bool {
		s := h.states("a")
		return strings.Contains(s, "l:planned_stop/planned_stop") && strings.Contains(s, "n:planned_stop/changeover")
	})
	all := h.declarations("a")
	if d := all[stop.ID]; d.Reason != "boiler" || d.State != "in_force" || d.By == "" {
		t.Errorf("the stop became %+v", d)
	}
	if d := all["c1"]; d.By != "wu" || d.Until != "" || d.State != "in_force" {
		t.Errorf("the changeover became %+v", d)
	}
	if d := all["my-note"]; d.Reason != "new pump" || d.State != "over" {
		t.Errorf("the note became %+v", d)
	}

	// The same id again is the same declaration; with other words it is refused.
	if status, text = h.post("/api/v1/declarations", `{"id":"c1","kind":"changeover","plant":"a","line":"n","by":"wu"}`); status != http.StatusOK {
		t.Errorf("again: %d %s", status, text)
	}
	if status, text = h.post("/api/v1/declarations", `{"id":"c1","kind":"note","plant":"a","reason":"x"}`); status != http.StatusConflict {
		t.Errorf("another of the same id: %d %s", status, text)
	}
	for body, want := range map[string]string{
		`{"kind":"exclude","plant":"a","until":"` + nextYear + `"}`:                        "reason: is missing",
		`{"kind":"exclude","plant":"a","reason":"x"}`:                                      "until: is missing",
		`{"kind":"planned_stop","plant":"a","until":"2020-01-01"}`:                         "is not after its beginning",
		`{"kind":"changeover","plant":"a"}`:                                                "line: is missing",
		`{"kind":"note","plant":"a","reason":"a\nb"}`:                                      "control character",
		`{"kind":"note","plant":"a","reason":"x","by":"` + strings.Repeat("x", 101) + `"}`: "longer than 100 bytes",
		`{"kind":"strike","plant":"a"}`:                                                    "cannot be declared",
	} {
		if status, text := h.post("/api/v1/declarations", body); status != http.StatusBadRequest || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s, want %q", body, status, text, want)
		}
	}
	if status, text := h.post("/api/v1/declarations", `{"kind":"note","plant":"nobody","reason":"x"}`); status != http.StatusNotFound {
		t.Errorf("an unknown plant: %d %s", status, text)
	}
	if out, err := exec.Command(binary, "declare", "exclude", "b", "--data_dir", dir).CombinedOutput(); err == nil || !strings.Contains(string(out), "reason") {
		t.Errorf("no reason: %v %s", err, out)
	}

	// One ends by its own end, one by hand, and both stay so after a kill.
	short := declare("stop", "a/n", "--reason", "belt", "--for", "3s", "--id", "short")
	if ended := declare("end", "c1", "--by", "chen"); ended.State != "over" || ended.EndedBy != "chen" {
		t.Errorf("ended as %+v", ended)
	}
	h.kill()
	h = serve(t, dir, "--registry", registry, "--rules", rules)
	eventually(t, "both are over", func() bool {
		all = h.declarations("a")
		return all[short.ID].State == "over" && all["c1"].State == "over"
	})
	beat()
	eventually(t, "the line is judged by its machine again", func() bool {
		s := h.states("a")
		return strings.Contains(s, "l:planned_stop/planned_stop") && !strings.Contains(s, "n:planned_stop")
	})
	if status, text = h.post("/api/v1/declarations/c1/end", ""); status != http.StatusConflict {
		t.Errorf("ended twice: %d %s", status, text)
	}
	eventually(t, "InfluxDB holds all of them, with their ends", func() bool {
		_, rows := influxQL(t, h.addr.InfluxDB, "factory_verdicts", `SELECT id, reason, "by", ended_by, open FROM declaration`)
		var text string
		for _, r := range rows {
			text += fmt.Sprintln(r[1:]...)
		}
		return len(rows) == 5 && strings.Contains(text, "flood li <nil> false") && strings.Contains(text, "c1 <nil> wu chen false") && strings.Contains(text, "my-note new pump")
	})
	// History is played with what was declared in it.
	if played := run(t, binary, "rules", "backtest", "--data_dir", dir, "--registry", registry, "--rules", rules); !strings.Contains(played, "excluded") || !strings.Contains(played, "planned_stop") {
		t.Errorf("a backtest of InfluxDB's history says\n%s", played)
	}
	list := run(t, binary, "declare", "list", "--data_dir", dir)
	for _, want := range []string{"flood", "boiler", "new pump", "by chen"} {
		if !strings.Contains(list, want) {
			t.Errorf("heartline declare list lacks %q:\n%s", want, list)
		}
	}
	h.stop()
}
