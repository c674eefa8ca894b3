package console

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// defaultLimit is how many transitions, or shifts, are answered where no limit is asked.
const defaultLimit = 100

func (s *Server) getPlants(w http.ResponseWriter, _ *http.Request) {
	views := s.board.all()
	plants := make([]plantJSON, len(views))
	for i, v := range views {
		plants[i] = shapePlant(v)
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"plants": plants})
}

func (s *Server) getPlant(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	v := s.board.plant(id)
	if v == nil {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "no plant is called %s: it is not in the registry and no heartbeat came from it", printable(id)))
		return
	}
	writeJSON(w, http.StatusOK, "application/json", shapePlant(v))
}

func (s *Server) getTransitions(w http.ResponseWriter, r *http.Request) {
	q, err := parseTransitionQuery(r.URL.Query())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	entries, _ := s.board.newest(q.limit, q.wants)
	out := make([]plant.Transition, len(entries))
	for i, e := range entries {
		out[i] = shapeTransition(e.transition)
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"transitions": out})
}

// transitionQuery is what a client asked of the transitions. Times are half
// open, (from, to], as windows are: a phase is dated by its window's end.
type transitionQuery struct {
	span
	plant, kind string
}

func (q transitionQuery) wants(t *plant.Transition) bool {
	return (q.plant == "" || t.Plant == q.plant) && (q.kind == "" || t.Kind == q.kind) &&
		(q.from == 0 || t.At > q.from) && (q.to == 0 || t.At <= q.to)
}

func parseTransitionQuery(v url.Values) (q transitionQuery, err error) {
	for name := range v {
		switch name {
		case "plant", "kind", "from", "to", "limit":
		default:
			return q, plant.Errorf(plant.CodeInvalid, "%s is no parameter of transitions; there are plant, kind, from, to and limit", printable(name))
		}
	}
	q.plant, q.kind = v.Get("plant"), v.Get("kind")
	if q.kind != "" && q.kind != plant.KindPhase && q.kind != plant.KindLine && q.kind != plant.KindAlert {
		return q, plant.Errorf(plant.CodeInvalid, "kind: %s is none of phase, line, alert", printable(q.kind))
	}
	q.span, err = parseSpan(v)
	return q, err
}

// span is which of what has a time are asked for, and how many of the newest.
type span struct {
	from, to plant.Instant // half open, (from, to]; 0: unbounded
	limit    int
}

func parseSpan(v url.Values) (s span, err error) {
	if s.from, err = parseTime("from", v.Get("from")); err != nil {
		return s, err
	}
	if s.to, err = parseTime("to", v.Get("to")); err != nil {
		return s, err
	}
	s.limit, err = parseLimit(v.Get("limit"))
	return s, err
}

// parseLimit reads how many are asked for; by default defaultLimit.
func parseLimit(text string) (int, error) {
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, plant.Errorf(plant.CodeInvalid, "limit: %s is no number from 1", printable(text))
	}
	return n, nil
}

func parseTime(name, text string) (plant.Instant, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, plant.Errorf(plant.CodeInvalid, "%s: %s is no time; write it like 2020-02-14T08:00:00Z (in a URL, + is written %%2B)", name, printable(text))
	}
	return plant.InstantOf(t), nil
}
