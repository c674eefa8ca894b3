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

type machineID struct{ plant, line, machine string }

// machineRecent is what is remembered of one machine's newest samples.
type machineRecent struct {
	next     int
	stamps   [recentStamps]plant.Instant
	hashes   [recentStamps]uint64
	retained uint64 // hash of the last retained sample without device time
}

// recent tells new samples from repeated ones. It is a memory only, not the
// guarantee: after a restart a repeated sample makes the same point again.
type recent struct{ machines map[machineID]*machineRecent }

// seen is how a sample compares with the machine's newest ones.
type seen uint8

const (
	seenNew seen = iota
	seenRepeated
	seenConflict // another sample has this very stamp
)

// look says how the sample compares, and the stamp to store it at.
func (r *recent) look(s *plant.Sample, hash uint64) (seen, plant.Instant) {
	m := r.machine(s)
	stamp := Stamp(s, hash)
	if m == nil {
		return seenNew, stamp
	}
	if s.Flags.Has(plant.NoDeviceTime) {
		if s.Flags.Has(plant.Retained) {
			if m.retained == hash {
				return seenRepeated, stamp
			}
			m.retained = hash
		}
		for m.find(stamp) >= 0 {
			stamp++ // our own clock made it: move it on
		}
	} else if i := m.find(stamp); i >= 0 {
		if m.hashes[i] == hash {
			return seenRepeated, stamp
		}
		return seenConflict, stamp
	}
	m.stamps[m.next], m.hashes[m.next] = stamp, hash
	m.next = (m.next + 1) % recentStamps
	return seenNew, stamp
}

func (r *recent) machine(s *plant.Sample) *machineRecent {
	if m, ok := r.machines[machineID{s.Plant, s.Line, s.Machine}]; ok {
		return m
	}
	if len(r.machines) >= maxMachines {
		return nil
	}
	if r.machines == nil {
		r.machines = map[machineID]*machineRecent{}
	}
	m := new(machineRecent)
	r.machines[machineID{strings.Clone(s.Plant), strings.Clone(s.Line), strings.Clone(s.Machine)}] = m
	return m
}

func (m *machineRecent) find(stamp plant.Instant) int {
	for i, at := range m.stamps {
		if at == stamp {
			return i
		}
	}
	return -1
}
