package console

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxShifts is how many closed shifts are kept in memory, of all lines; older
// ones are in InfluxDB.
const maxShifts = 20_000

// shiftLog keeps the newest closed shifts, in the order they closed. The newest
// of each line outlive a restart: they come with the views.
type shiftLog struct {
	mu     sync.Mutex
	kept   []plant.ShiftFigures // oldest first
	newest map[[2]string]plant.Instant
}

func (l *shiftLog) add(shifts []plant.ShiftFigures) {
	if len(shifts) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range shifts {
		l.take(&shifts[i])
	}
}

// seen takes the newest shifts of the views' lines that are not known yet.
func (l *shiftLog) seen(views []rules.PlantView) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range views {
		for j := range views[i].Lines {
			if f := views[i].Lines[j].LastShift; f != nil && l.newest[[2]string{f.Plant, f.Line}] == 0 {
				l.take(f)
			}
		}
	}
}

// take keeps a shift once; shifts of a line close in order.
func (l *shiftLog) take(f *plant.ShiftFigures) {
	key := [2]string{f.Plant, f.Line}
	if f.To <= l.newest[key] {
		return
	}
	if l.newest == nil {
		l.newest = map[[2]string]plant.Instant{}
	}
	l.newest[key] = f.To
	if len(l.kept) == 2*maxShifts {
		l.kept = append(l.kept[:0], l.kept[maxShifts:]...)
	}
	l.kept = append(l.kept, *f)
}

// of returns the newest shifts that are asked for, newest first.
func (l *shiftLog) of(q shiftQuery) []shiftJSON {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []shiftJSON{}
	for i := len(l.kept) - 1; i >= max(0, len(l.kept)-maxShifts) && len(out) < q.limit; i-- {
		if f := &l.kept[i]; q.wants(f) {
			out = append(out, *shapeShift(f))
		}
	}
	return out
}

// shiftJSON is a shift as the API has it.
type shiftJSON struct {
	plant.ShiftFigures
	IdealCycle *float64 `json:"ideal_cycle_s"` // null: not declared
	// Lacks says what was lacking for the figures that are null.
	Lacks []string `json:"lacks"`
}

func shapeShift(f *plant.ShiftFigures) *shiftJSON {
	if f == nil {
		return nil
	}
	out := &shiftJSON{ShiftFigures: *f, Lacks: f.Lacks()}
	out.Good, out.Produced = number(f.Good), number(f.Produced)
	for _, r := range []**float64{&out.Availability, &out.AvailabilityHigh, &out.Effectiveness, &out.Quality, &out.OEE, &out.OEEHigh} {
		*r = finite(*r)
	}
	if f.IdealCycle > 0 {
		out.IdealCycle = &f.IdealCycle
	}
	return out
}

// shiftQuery is what a client asked of a plant's shifts. Times are half open,
// (from, to]: a shift is dated by its end.
type shiftQuery struct {
	span
	plant, line string
}

func (q shiftQuery) wants(f *plant.ShiftFigures) bool {
	return q.plant == f.Plant && (q.line == "" || q.line == f.Line) && (q.from == 0 || f.To > q.from) && (q.to == 0 || f.To <= q.to)
}

func parseShiftQuery(id string, v url.Values) (q shiftQuery, err error) {
	for name := range v {
		switch name {
		case "line", "from", "to", "limit":
		default:
			return q, plant.Errorf(plant.CodeInvalid, "%s is no parameter of shifts; there are line, from, to and limit", printable(name))
		}
	}
	q.plant, q.line = id, v.Get("line")
	q.span, err = parseSpan(v)
	return q, err
}

func (s *Server) getShifts(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	v := s.board.plant(id)
	if v == nil {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "no plant is called %s: it is not in the registry and no heartbeat came from it", printable(id)))
		return
	}
	q, err := parseShiftQuery(id, r.URL.Query())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"shifts": s.shifts.of(q)})
}
