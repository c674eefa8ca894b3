package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// hotAlert is an alert that fires since noon.
func hotAlert(id string) rules.AlertView {
	return rules.AlertView{Plant: id, Line: "dye-1", Machine: "dryer", At: noon, Since: noon.Add(-2 * time.Minute), Alert: plant.Alert{
		Rule: "too-hot", Severity: "critical", Labels: map[string]string{"team": "x"},
		Annotations: map[string]string{"summary": "dryer runs at <85> degrees"}, Values: map[string]any{"temp": 85.5, "state": "running", "scheduled": true}}}
}

func alertFires(id string) plant.Transition {
	a := hotAlert(id)
	return plant.Transition{ID: "3-0", Kind: plant.KindAlert, Plant: id, Line: a.Line, Machine: a.Machine, At: a.At, From: plant.AlertInactive, To: plant.AlertFiring,
		Reason: "condition", Since: a.Since, Definition: "v1", Alert: &a.Alert}
}

func TestAlertsThatFire(t *testing.T) {
	s := testServer(Options{})
	first, second := view("p1"), view("p2")
	first.Alerts, second.Alerts = []rules.AlertView{hotAlert("p1")}, []rules.AlertView{hotAlert("p2"), hotAlert("p2")}
	second.Alerts[0].At = noon.Add(time.Minute)
	second.Alerts[1].Rule, second.Alerts[1].Severity = "flapping", "info"
	s.Update([]rules.PlantView{first, second, view("p3")})
	for query, want := range map[string][]string{
		"": {"p2 too-hot", "p1 too-hot", "p2 flapping"}, "?plant=p1": {"p1 too-hot"}, "?severity=info": {"p2 flapping"}, "?rule=too-hot&plant=p2": {"p2 too-hot"}, "?rule=none": nil,
	} {
		var got []string
		for _, a := range read[struct{ Alerts []rules.AlertView }](t, get(s, "GET", "/api/v1/alerts"+query)).Alerts {
			got = append(got, a.Plant+" "+a.Rule)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
}

func TestPageShowsAlerts(t *testing.T) {
	s := testServer(Options{})
	v := view("p1")
	for range maxAlerts + 2 {
		v.Alerts = append(v.Alerts, hotAlert("p1"))
	}
	s.Update([]rules.PlantView{v})
	s.Transitions([]plant.Transition{alertFires("p1")})
	for lang, wants := range map[string][]string{
		"en": {"too-hot", "critical", "firing", "dryer runs at &lt;85&gt; degrees", "+ 2: /api/v1/alerts"},
		"zh": {"too-hot", "报警中", "警报"},
	} {
		text := pageOf(t, s, "/?lang="+lang)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
	}
}
