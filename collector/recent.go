package collector

import (
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// recentStamps is how many newest samples of a machine are compared.
	recentStamps = 8
	// maxMachines bounds how many machines are compared; those past it are
	// stored without the comparison.
	maxMachines = 1_000_000
)

// MachineID names a machine.
type MachineID struct {
	Plant   string `json:"plant"`
	Line    string `json:"line"`
	Machine string `json:"machine"`
}

// machineRecent is what is remembered of one machine's newest samples.
type machineRecent struct {
	next       int
	stamps     [recentStamps]plant.Instant
	hashes     [recentStamps]uint64
	retained   uint64 // hash of the last retained sample without device time
	discovered bool   // nobody enrolled it
	account    int    // in the chart, of source
	source     string
}

// recent tells new samples from repeated ones. It is begun anew from the
// newest frames at every start, so that what was not acknowledged before a
// kill is known again.
type recent struct {
	machines   map[MachineID]*machineRecent
	discovered int
}

// seen is how a sample compares with the machine's newest ones.
type seen uint8

const (
	seenNew seen = iota
	seenRepeated
	seenConflict // another sample has this very stamp
)

// find returns what is known of the machine of s, or nil.
func (r *recent) find(s *plant.Sample) *machineRecent {
	return r.machines[MachineID{s.Plant, s.Line, s.Machine}]
}

// meet remembers the machine of s from now on; nil where there are too many.
func (r *recent) meet(s *plant.Sample, enrolled bool) *machineRecent {
	if len(r.machines) >= maxMachines {
		return nil
	}
	if r.machines == nil {
		r.machines = map[MachineID]*machineRecent{}
	}
	m := &machineRecent{discovered: !enrolled, account: -1}
	if m.discovered {
		r.discovered++
	}
	r.machines[MachineID{strings.Clone(s.Plant), strings.Clone(s.Line), strings.Clone(s.Machine)}] = m
	return m
}

// look says how a sample of m, which may be nil, compares, and the stamp to
// store it at. It remembers nothing.
func (m *machineRecent) look(s *plant.Sample, hash uint64) (seen, plant.Instant) {
	stamp := Stamp(s, hash)
	switch {
	case m == nil:
	case s.Flags.Has(plant.NoDeviceTime):
		if s.Flags.Has(plant.Retained) && m.retained == hash {
			return seenRepeated, stamp
		}
		for m.at(stamp) >= 0 {
			stamp++ // our own clock made it: move it on
		}
	default:
		if i := m.at(stamp); i >= 0 && m.hashes[i] == hash {
			return seenRepeated, stamp
		} else if i >= 0 {
			return seenConflict, stamp
		}
	}
	return seenNew, stamp
}

// remember notes a sample that look found new.
func (m *machineRecent) remember(s *plant.Sample, hash uint64, stamp plant.Instant) {
	if s.Flags.Has(plant.NoDeviceTime | plant.Retained) {
		m.retained = hash
	}
	m.stamps[m.next], m.hashes[m.next] = stamp, hash
	m.next = (m.next + 1) % recentStamps
}

func (m *machineRecent) at(stamp plant.Instant) int {
	for i, t := range m.stamps {
		if t == stamp {
			return i
		}
	}
	return -1
}
