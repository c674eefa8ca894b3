package console

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// getAlerts answers what fires now, the newest first.
func (s *Server) getAlerts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name := range q {
		if name != "plant" && name != "rule" && name != "severity" {
			s.fail(w, r, plant.Errorf(plant.CodeInvalid, "%s is no parameter of alerts; there are plant, rule and severity", printable(name)))
			return
		}
	}
	matches := func(name, value string) bool { return !q.Has(name) || q.Get(name) == value }
	out := []rules.AlertView{}
	for _, a := range s.board.alerts() {
		if matches("plant", a.Plant) && matches("rule", a.Rule) && matches("severity", a.Severity) {
			out = append(out, a)
		}
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"alerts": out})
}

// alerts are those of all plants, the newest first.
func (b *board) alerts() (out []rules.AlertView) {
	b.mu.RLock()
	for _, e := range b.plants {
		if e.view != nil {
			out = append(out, e.view.Alerts...)
		}
	}
	b.mu.RUnlock()
	slices.SortFunc(out, func(x, y rules.AlertView) int {
		return cmp.Or(cmp.Compare(y.At, x.At), cmp.Compare(x.Plant, y.Plant), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Machine, y.Machine), cmp.Compare(x.Rule, y.Rule))
	})
	return out
}

// maxAlerts is how many alerts one card shows.
const maxAlerts = 5

// alertsOf are the newest alerts of a plant, and how many are not among them.
func alertsOf(v *rules.PlantView) (shown []alertItem, more int) {
	all := slices.Clone(v.Alerts)
	slices.SortStableFunc(all, func(x, y rules.AlertView) int { return cmp.Compare(y.At, x.At) })
	if len(all) > maxAlerts {
		all, more = all[:maxAlerts], len(all)-maxAlerts
	}
	for i := range all {
		shown = append(shown, alertItem{&all[i], all[i].Annotations["summary"]})
	}
	return shown, more
}

// alertItem is what a template shows of one alert.
type alertItem struct {
	*rules.AlertView
	Summary string
}
