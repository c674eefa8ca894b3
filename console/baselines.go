package console

import (
	"context"
	"net/http"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Baselines are what lines normally make.
type Baselines interface {
	Baselines(ctx context.Context) (BaselineList, error)
	// FreezeBaselines works them out of InfluxDB's output anew and has them
	// hold from now on; CodeUnavailable where InfluxDB does not answer.
	FreezeBaselines(ctx context.Context) (BaselineList, error)
}

// BaselineList is every line's normal output, with its origin, and the lines
// that have none.
type BaselineList struct {
	Definition string               `json:"definition"`
	Baselines  []rules.LineBaseline `json:"baselines"`
	Missing    []rules.Missing      `json:"missing"`
}

func (s *Server) getBaselines(w http.ResponseWriter, r *http.Request) {
	s.answerBaselines(w, r, Baselines.Baselines)
}

func (s *Server) postFreeze(w http.ResponseWriter, r *http.Request) {
	s.answerBaselines(w, r, Baselines.FreezeBaselines)
}

func (s *Server) answerBaselines(w http.ResponseWriter, r *http.Request, ask func(Baselines, context.Context) (BaselineList, error)) {
	err := error(plant.Errorf(plant.CodeNotFound, "this Heartline was started without baselines"))
	var list BaselineList
	if s.baselines != nil {
		list, err = ask(s.baselines, r.Context())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", list)
}
