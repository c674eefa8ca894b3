package console

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

type operation struct {
	Parameters []struct {
		Name, In string
		Example  string
	}
	RequestBody struct {
		Content map[string]struct{ Example string }
	} `yaml:"requestBody"`
	Responses map[string]response
}

type document struct {
	Paths      map[string]struct{ Get, Post *operation }
	Components struct {
		Responses map[string]response
		Schemas   map[string]map[string]any
	}
}

type response struct {
	Ref     string `yaml:"$ref"`
	Content map[string]struct{ Schema map[string]any }
}

func readDocument(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(openapi, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d document) resolve(r response) response {
	if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
		return d.Components.Responses[name]
	}
	return r
}

func TestEveryRouteIsDocumentedAndNoOther(t *testing.T) {
	var served, documented []string
	for _, r := range New(Options{}).routes() {
		served = append(served, strings.TrimSuffix(r.path, "{$}"))
	}
	d := readDocument(t)
	for path := range d.Paths {
		documented = append(documented, path)
	}
	slices.Sort(served)
	slices.Sort(documented)
	if !slices.Equal(served, documented) {
		t.Errorf("served     %v\ndocumented %v", served, documented)
	}
}

// documented is a server that has one of everything.
func documented() *Server {
	s := testServer(Options{Watched: oneMachine, Ledger: oneAccount, Letters: oneLetter{}, Imports: oneImport{}, Baselines: oneBaseline{}, Declarations: oneDeclaration{}, Resumption: oneFleet{}, Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	})})
	bare := rules.PlantView{ID: "bare"}
	known := view("shaoxing-07")
	known.Last.Baseline, known.Last.BaselinePeriod, known.Last.Proxy = rules.OriginLearned, "2019-01-01/2019-12-31", true
	known.Lines[0].Baseline = &rules.LineBaseline{Origin: rules.OriginFixed, PerHour: 5}
	shift := oneShift()
	known.Lines[0].Shift, known.Lines[0].LastShift = &shift, &plant.ShiftFigures{Plant: known.ID, Line: "dye-1", Shift: "night", From: noon.Add(-16 * time.Hour), To: noon.Add(-8 * time.Hour), Until: noon.Add(-8 * time.Hour), PlannedBusy: 28800}
	known.Lines[0].Flags = []plant.GamingFlag{{Kind: plant.PowerWithoutOutput, Machine: "m", Since: noon, Until: noon.Add(time.Hour),
		Evidence: plant.GamingEvidence{Seconds: 3600, Made: 1, Normal: 500, Power: 30, Standby: 5, Repeats: 30, PerHour: 1, Ideal: 600}}}
	known.Declared, known.Past = []plant.Declaration{declared()}, []plant.Declaration{{ID: "n", Kind: plant.DeclareNote, Plant: known.ID, From: noon, To: noon, Reason: "x"}}
	known.Alerts = []rules.AlertView{hotAlert(known.ID)}
	s.Update([]rules.PlantView{known, bare})
	phase := transition(2, "shaoxing-07")
	phase.Kind, phase.Line, phase.From, phase.To, phase.First, phase.Relapsed = plant.KindPhase, "", "resumed", "stopped", true, true
	phase.Verdict = &plant.Verdict{From: noon, To: noon.Add(time.Minute), Recovery: ptr(.1), Threshold: .2}
	s.Transitions([]plant.Transition{transition(1, "shaoxing-07"), phase, alertFires(known.ID)})
	return s
}

func TestDocumentedPathsAnswerWithTheDocumentedShape(t *testing.T) {
	d := readDocument(t)
	s := documented()
	address := start(t, s)
	client := &http.Client{Timeout: 20 * time.Second}
	for path, item := range d.Paths {
		for method, op := range map[string]*operation{http.MethodGet: item.Get, http.MethodPost: item.Post} {
			if op != nil {
				d.checkOperation(t, client, method, address, path, op)
			}
		}
	}
	for _, path := range []string{"/api/v1/transitions?limit=none", "/api/v1/deadletters?limit=0", "/api/v1/deadletters?from=x", "/api/v1/ledger?x=1", "/api/v1/declarations?x=1", "/api/v1/resumption?at=x", "/api/v1/resumption?of=x", "/api/v1/plants/shaoxing-07/shifts?limit=0", "/api/v1/alerts?x=1"} {
		bare, _, _ := strings.Cut(strings.Replace(path, "/shaoxing-07/", "/{id}/", 1), "?")
		d.check(t, client, http.MethodGet, address+path, "", d.Paths[bare].Get.Responses, http.StatusBadRequest)
	}
	closed := testServer(Options{Ready: func() []Problem { return []Problem{{"queue", "it is full"}} }})
	address = start(t, closed)
	closed.Close()
	for _, path := range []string{"/-/ready", "/api/v1/events", "/board/events"} {
		d.check(t, client, http.MethodGet, address+path, "", d.Paths[path].Get.Responses, http.StatusServiceUnavailable)
	}
}

func (d document) checkOperation(t *testing.T, client *http.Client, method, address, path string, op *operation) {
	t.Helper()
	target, nobody := path, path
	for _, p := range op.Parameters {
		if p.In == "path" {
			target = strings.ReplaceAll(target, "{"+p.Name+"}", url.PathEscape(p.Example))
			nobody = strings.ReplaceAll(nobody, "{"+p.Name+"}", "404")
		}
	}
	body := ""
	for _, c := range op.RequestBody.Content {
		body = c.Example
	}
	d.check(t, client, method, address+target, body, op.Responses, http.StatusOK)
	if target != path { // the same with a name nobody has
		d.check(t, client, method, address+nobody, body, op.Responses, http.StatusNotFound)
	}
}

func (d document) check(t *testing.T, client *http.Client, method, target, body string, responses map[string]response, status int) {
	t.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != status {
		t.Errorf("%s: status %d, want %d", target, res.StatusCode, status)
		return
	}
	want, ok := responses[strconv.Itoa(status)]
	if !ok {
		t.Errorf("%s: status %d is not documented", target, status)
		return
	}
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	content, ok := d.resolve(want).Content[kind]
	if !ok {
		t.Errorf("%s: answers %s, which is not documented", target, kind)
		return
	}
	if !strings.HasSuffix(kind, "json") {
		return
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	for _, p := range d.differences(target, content.Schema, v) {
		t.Error(p)
	}
}

// differences compares v with as much of JSON Schema as openapi.yaml uses.
func (d document) differences(at string, schema map[string]any, v any) (out []string) {
	if ref, ok := schema["$ref"].(string); ok {
		return d.differences(at, d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], v)
	}
	if any, ok := schema["anyOf"].([]any); ok {
		for _, s := range any {
			if out = d.differences(at, s.(map[string]interface{}), v); len(out) == 0 {
				return nil
			}
		}
		return out
	}
	if schema == nil || !isType(schema["type"], v) {
		return []string{fmt.Sprintf("%s: %v is no %v", at, v, schema["type"])}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		out = append(out, fmt.Sprintf("%s: %v is not among %v", at, v, enum))
	}
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, v); schema["format"] == "date-time" && (err != nil || !strings.HasSuffix(v, "Z")) {
			out = append(out, fmt.Sprintf("%s: %q is no RFC 3339 time in UTC", at, v))
		}
	case []any:
		for i, x := range v {
			out = append(out, d.differences(fmt.Sprintf("%s[%d]", at, i), schema["items"].(map[string]any), x)...)
		}
	case map[string]any:
		out = append(out, d.members(at, schema, v)...)
	}
	return out
}

func (d document) members(at string, schema map[string]any, v map[string]any) (out []string) {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			out = append(out, fmt.Sprintf("%s: %v is missing", at, name))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, x := range v {
		s, ok := properties[name].(map[string]any)
		if !ok {
			s, ok = schema["additionalProperties"].(map[string]any)
		}
		if !ok {
			out = append(out, fmt.Sprintf("%s: %s is not documented", at, name))
			continue
		}
		out = append(out, d.differences(at+"."+name, s, x)...)
	}
	return out
}

func isType(want, v any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(w any) bool { return isType(w, v) })
	}
	switch x := v.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && x == float64(int64(x))
	case []any:
		return want == "array"
	}
	return want == "object"
}

func TestDocumentedWordsAreThoseOfTheDomain(t *testing.T) {
	d := readDocument(t)
	enum := func(schema, name string) string {
		return fmt.Sprint(d.Components.Schemas[schema]["properties"].(map[string]any)[name].(map[string]any)["enum"])
	}
	var phases, states []string
	for p := plant.PhaseUnknown; p <= plant.Excluded; p++ {
		phases = append(phases, p.String())
	}
	for s := plant.LineUnknown; s <= plant.Commissioning; s++ {
		states = append(states, s.String())
	}
	if got, want := enum("Plant", "phase"), fmt.Sprint(phases); got != want {
		t.Errorf("phases %s, want %s", got, want)
	}
	if got, want := enum("Line", "state"), fmt.Sprint(states); got != want {
		t.Errorf("states %s, want %s", got, want)
	}
}
