package console

import (
	"net/http"

	"github.com/seed-00829101/heartline/plant"
)

// Watched is what is seen of a plant's machines and gateways since our start:
// for whoever commissions them, or wonders about their clocks.
type Watched struct {
	Machines []WatchedMachine `json:"machines"`
	Gateways []WatchedGateway `json:"gateways"`
}

// WatchedMachine is what is seen of one machine. Times are seconds.
type WatchedMachine struct {
	Line      string           `json:"line"`
	Machine   string           `json:"machine"`
	Gateway   string           `json:"gateway"`
	Samples   uint64           `json:"samples"`
	First     plant.Instant    `json:"first"`
	Last      plant.Instant    `json:"last"`
	IntervalS float64          `json:"interval_s"` // 0: not known
	OnChange  bool             `json:"on_change"`
	OffsetS   *float64         `json:"offset_s"` // behind our clock; null: it sends no time
	Numbered  bool             `json:"numbered"`
	Missing   uint64           `json:"missing"`
	Resets    uint64           `json:"resets"`
	Repeats   uint64           `json:"repeats"`
	Retained  uint64           `json:"retained"`
	Late      uint64           `json:"late"`
	Future    uint64           `json:"future"`
	Jumps     uint64           `json:"clock_set_back"`
	Draining  bool             `json:"draining"`
	Counters  []WatchedCounter `json:"counters"`
}

// WatchedCounter is what the steps of one counter look like.
type WatchedCounter struct {
	Name        string  `json:"name"`
	Delta       bool    `json:"delta"` // as its profile declares it
	Looks       string  `json:"looks"` // total or delta; empty: could be either
	Last        float64 `json:"last"`
	Smallest    float64 `json:"smallest"`
	Typical     float64 `json:"typical"`
	Largest     float64 `json:"largest"`
	Falls       uint64  `json:"falls"`
	Resets      uint64  `json:"resets"`
	Rollovers   uint64  `json:"rollovers"`
	Implausible uint64  `json:"implausible"`
}

// WatchedGateway is what is seen of one gateway; of machines whose samples name
// none, where Gateway is empty.
type WatchedGateway struct {
	Gateway  string        `json:"gateway"`
	Samples  uint64        `json:"samples"`
	Last     plant.Instant `json:"last"`
	Clock    string        `json:"clock"`
	OffsetS  *float64      `json:"offset_s"`
	ZoneS    float64       `json:"zone_s"`
	Future   uint64        `json:"future"`
	Late     uint64        `json:"late"`
	Backlogs uint64        `json:"backlogs"`
	Jumps    uint64        `json:"clock_set_back"`
	Draining int           `json:"draining"`
}

func (s *Server) getMachines(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	out, err := Watched{Machines: []WatchedMachine{}, Gateways: []WatchedGateway{}}, error(nil)
	if s.watched != nil {
		out, err = s.watched(r.Context(), id)
	}
	if err == nil && len(out.Machines) == 0 && s.board.plant(id) == nil {
		err = plant.Errorf(plant.CodeNotFound, "no plant is called %s: it is not in the registry and no heartbeat came from it", printable(id))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", out)
}
