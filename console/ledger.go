package console

import (
	"net/http"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Account is one account of the ledger as the API has it: how many samples
// were received, and what became of them.
type Account struct {
	Plant        string `json:"plant"`
	Source       string `json:"source"`
	Received     uint64 `json:"received"`
	Stored       uint64 `json:"stored"`
	Duplicate    uint64 `json:"duplicate"`
	Expired      uint64 `json:"expired"`
	DeadLettered uint64 `json:"dead_lettered"`
	InFlight     uint64 `json:"in_flight"`
	Gaps         int64  `json:"gaps"`
}

func shapeAccount(p collector.Posting) Account {
	return Account{
		Plant: p.Plant, Source: p.Source, Received: p.Received, Stored: p.Stored, Duplicate: p.Duplicate,
		Expired: p.Expired, DeadLettered: p.DeadLettered, InFlight: p.InFlight(), Gaps: p.Gaps,
	}
}

// getLedger answers with the ledger, whole or of one plant, and its sum.
func (s *Server) getLedger(w http.ResponseWriter, r *http.Request) {
	if s.ledger == nil {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "this Heartline was started without a ledger"))
		return
	}
	for name := range r.URL.Query() {
		if name != "plant" {
			s.fail(w, r, plant.Errorf(plant.CodeInvalid, "%s is no parameter of the ledger; there is plant", printable(name)))
			return
		}
	}
	postings, complete := s.ledger()
	out := []Account{}
	var sum collector.Posting
	for _, p := range postings {
		if q := r.URL.Query(); q.Has("plant") && q.Get("plant") != p.Plant {
			continue
		}
		out = append(out, shapeAccount(p))
		sum.Add(p.Tally)
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"ledger": out, "sum": shapeAccount(sum), "complete": complete})
}
