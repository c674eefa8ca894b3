package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// Resumption says what the fleet comes to.
type Resumption interface {
	// Now returns the figures of this moment: of all plants first, then of
	// every segment. They are shared: nobody changes them.
	Now() []plant.Resumption
	// Figures returns those of that instant (0: this moment), of all plants
	// and of each value of the labels. CodeInvalid for a label that nobody
	// has and for a time to come, CodeNotFound for one that is not known
	// any more.
	Figures(at plant.Instant, by ...string) ([]plant.Resumption, error)
}

// getResumption answers with figures of the fleet.
func (s *Server) getResumption(w http.ResponseWriter, r *http.Request) {
	if s.resumption == nil {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "this Heartline was started without figures of the fleet"))
		return
	}
	var by []string
	for name, values := range r.URL.Query() {
		switch name {
		case "at":
		case "by":
			by = labels(values)
		default:
			s.fail(w, r, plant.Errorf(plant.CodeInvalid, "%s is no parameter of the resumption; there are by and at", printable(name)))
			return
		}
	}
	at, err := parseTime("at", r.URL.Query().Get("at"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	figures, err := s.resumption.Figures(at, by...)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"resumption": figures})
}

// labels reads by=region,size and by=region&by=size alike; a label that is
// named twice counts once.
func labels(values []string) (out []string) {
	for _, text := range values {
		for name := range strings.SplitSeq(text, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// fleetLook is what the head of the page says of the whole fleet.
type fleetLook struct {
	plant.Resumption
	Producing                  int
	Share, Bounds, Heard       string
	OutputRecovery, ActivityIs string // empty: not evaluated
}

// fleetNow is nil where no plant is eligible.
func (s *Server) fleetNow() *fleetLook {
	if s.resumption == nil {
		return nil
	}
	all := s.resumption.Now()
	if len(all) == 0 || all[0].Eligible == 0 {
		return nil
	}
	r := all[0]
	f := &fleetLook{Resumption: r, Producing: r.Resumed + r.Normal, Share: percent(*r.Rate), Heard: percent(*r.Coverage)}
	if r.Unknown > 0 {
		f.Bounds = percent(*r.RateLow) + " – " + percent(*r.RateHigh)
	}
	if r.Recovery != nil {
		f.OutputRecovery = percent(*r.Recovery)
	}
	if r.Activity != nil {
		f.ActivityIs = percent(*r.Activity)
	}
	return f
}
