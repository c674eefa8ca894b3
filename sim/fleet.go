package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// FleetConfig says what a fleet is.
type FleetConfig struct {
	Plants   int           // 1 to 100,000; default 1
	Machines int           // per plant, 1 to 10,000; default 5, which is one line
	Every    time.Duration // between two heartbeats of a machine, at least 1 ms; default 10s
	Seed     uint64        // the same seed gives the same messages
	Start    time.Time     // of the first heartbeat
	End      time.Time     // no heartbeat is due at it or later; zero: no end
}

// machinesPerLine stand in series: the last one's count is the line's.
const machinesPerLine = 5

// rollovers are where real counters roll over, as far as a day reaches them.
var rollovers = []uint64{1_000, 10_000, 32_768, 65_536, 1 << 31}

// Fleet makes the heartbeats of simulated plants. It implements Source, and
// like it is not safe for concurrent use.
type Fleet struct {
	cfg      FleetConfig
	machines []*machine
	topics   []string
	registry *plant.Registry
	round, i int
}

var _ Source = (*Fleet)(nil)

// NewFleet returns a fleet. Numbers out of range are a CodeInvalid error.
func NewFleet(cfg FleetConfig) (*Fleet, error) {
	if cfg.Plants == 0 {
		cfg.Plants = 1
	}
	if cfg.Machines == 0 {
		cfg.Machines = machinesPerLine
	}
	if cfg.Every == 0 {
		cfg.Every = 10 * time.Second
	}
	switch {
	case cfg.Plants < 0 || cfg.Plants > 100_000:
		return nil, plant.Errorf(plant.CodeInvalid, "%d plants cannot be simulated; choose 1 to 100000", cfg.Plants)
	case cfg.Machines < 0 || cfg.Machines > 10_000:
		return nil, plant.Errorf(plant.CodeInvalid, "%d machines a plant cannot be simulated; choose 1 to 10000", cfg.Machines)
	case cfg.Plants*cfg.Machines > 2_000_000:
		return nil, plant.Errorf(plant.CodeInvalid, "%d machines in all are more than one process simulates (2000000)", cfg.Plants*cfg.Machines)
	case cfg.Every < time.Millisecond:
		return nil, plant.Errorf(plant.CodeInvalid, "a heartbeat every %v is too often; choose 1ms or more", cfg.Every)
	case cfg.Start.IsZero():
		return nil, plant.Errorf(plant.CodeInvalid, "a fleet needs the time of its first heartbeat")
	}
	f := &Fleet{cfg: cfg, registry: &plant.Registry{}}
	f.build()
	return f, nil
}

// build makes plants, lines and machines. What a line is (its cycle, its
// counters) is drawn per line, what a machine does by the machine itself.
func (f *Fleet) build() {
	f.cfg.Start = f.cfg.Start.UTC()
	for p := range f.cfg.Plants {
		pl := &plant.Plant{
			ID: fmt.Sprintf("sim-%05d", p+1), Name: fmt.Sprintf("Simulated plant %d", p+1), Timezone: "UTC",
			Labels: map[string]string{"region": fmt.Sprintf("region-%d", p%7+1)},
		}
		for first := 0; first < f.cfg.Machines; first += machinesPerLine {
			pl.Lines = append(pl.Lines, f.line(pl.ID, p, first))
		}
		f.registry.Plants = append(f.registry.Plants, pl)
	}
}

func (f *Fleet) line(plantID string, p, first int) *plant.Line {
	number := first / machinesPerLine
	draw := rand.New(rand.NewPCG(f.cfg.Seed, 1<<63|uint64(p)<<20|uint64(number)))
	cycle := time.Duration(2+draw.IntN(29)) * time.Second
	rollover, resets := rollovers[draw.IntN(len(rollovers))], draw.IntN(4) == 0
	l := &plant.Line{
		ID: fmt.Sprintf("line-%d", number+1), Unit: "pcs", IdealCycle: plant.Duration(cycle),
		Normal:   plant.Rate{PerHour: outputShare * float64(time.Hour) / float64(cycle), Set: true},
		Interval: plant.Interval{Every: f.cfg.Every},
		Counter:  plant.Counter{Field: "good", Kind: plant.KindTotal, Rollover: int64(rollover), Resets: resets},
	}
	for i := first; i < min(first+machinesPerLine, f.cfg.Machines); i++ {
		id := fmt.Sprintf("m%d", i-first+1)
		l.Machines = append(l.Machines, id)
		f.topics = append(f.topics, Topic(plantID, l.ID, id))
		f.machines = append(f.machines, newMachine(f.cfg.Seed, uint64(len(f.machines)), f.cfg.Start, cycle, rollover, resets))
	}
	l.Output.Machines = l.Machines[len(l.Machines)-1:]
	return l
}

// Next implements Source. The machines' heartbeats are spread evenly over
// the interval.
func (f *Fleet) Next() (Message, error) {
	spread := f.cfg.Every * time.Duration(f.i) / time.Duration(len(f.machines))
	at := f.cfg.Start.Add(time.Duration(f.round)*f.cfg.Every + spread).Truncate(time.Millisecond)
	if !f.cfg.End.IsZero() && !at.Before(f.cfg.End) {
		return Message{}, io.EOF
	}
	h := f.machines[f.i].step(at)
	msg := Message{At: at, Topic: f.topics[f.i], Payload: h.payload()}
	if f.i++; f.i == len(f.machines) {
		f.i, f.round = 0, f.round+1
	}
	return msg, nil
}

// Registry returns the fleet's plants, as they would be enrolled. The caller
// may index it.
func (f *Fleet) Registry() *plant.Registry { return f.registry }

// WriteRegistry writes the fleet's plants as a plants.yaml.
func (f *Fleet) WriteRegistry(w io.Writer) error { return WriteRegistry(w, f.registry) }
