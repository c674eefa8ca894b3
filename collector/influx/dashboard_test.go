package influx

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

// Each panel of the dashboard shows what was written.
func TestPanelsOfTheDashboardShowSomething(t *testing.T) {
	text, err := os.ReadFile("../../packaging/compose/grafana/dashboards/heartline.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Query string }
		}
		Templating struct{ List []struct{ Query string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{"the list of plants": dashboard.Templating.List[0].Query}
	for _, p := range dashboard.Panels {
		queries[p.Title] = p.Targets[0].Query
	}
	d := useInfluxd(t, influxdtest.V2)
	cfg, _ := testConfig(t, d, d.URL)
	c := newClient(t, cfg)
	doc := document()
	doc.Transitions[1].To = "stalled"
	results, err := doc.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	frames, documents := newMemoryCursor(), newMemoryCursor()
	frames.add(frame(t, sample("a b", 1)))
	documents.add(results)
	stopFrames, stopDocuments := run(t, c.NewStore(frames, new(memoryLetters))), run(t, c.NewVerdicts(documents, new(memoryLetters)))
	frames.await(t)
	documents.await(t)
	stopFrames()
	stopDocuments()
	day := `2020-02-01T00:00:00Z`
	fill := strings.NewReplacer(`"factory"`, `"`+d.db+`"`, `"factory_verdicts"`, `"`+d.db+`_verdicts"`,
		"v.timeRangeStart", day, "v.timeRangeStop", "2020-03-01T00:00:00Z", "${plant:regex}", "(a b)",
		`tag: "plant"`, `tag: "plant", start: `+day)
	for title, query := range queries {
		result, err := c.api.QueryAPI(cfg.Org).Query(t.Context(), fill.Replace(query))
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		if !result.Next() || result.Err() != nil {
			t.Errorf("%s shows nothing (%v):\n%s", title, result.Err(), fill.Replace(query))
		}
		_ = result.Close()
	}
}
