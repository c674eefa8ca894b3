package plant

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Meaning is what a machine's own word for its state means to the rules. It
// explains a standstill; whether a machine produces, only its counter says.
type Meaning uint8

// The meanings of a word. Most words have none.
const (
	MeansNothing    Meaning = iota
	MeansInternal           // a fault, or held by a condition inside the machine
	MeansExternal           // starved or blocked: suspended by one outside
	MeansPlanned            // a planned stop
	MeansChangeover         // a planned stop, for another product
	MeansNoData             // connected, and nothing is known
	MeansRunning            // it says that it produces; only its counter says whether
)

var meaningWords = [...]string{"", "internal", "external", "planned", "changeover", "no_data", "running"}

func (m Meaning) String() string { return word(meaningWords[:], int(m)) }

// Planned reports whether the word means a planned stop.
func (m Meaning) Planned() bool { return m == MeansPlanned || m == MeansChangeover }

// MarshalText writes the meaning's word.
func (m Meaning) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a meaning's word.
func (m *Meaning) UnmarshalText(b []byte) error {
	i, err := indexOf(meaningWords[:], string(b), "meaning")
	*m = Meaning(i)
	return err
}

// The vocabularies that a line may declare with `states:`. Names only: a bare
// integer means something else in each edition (Execute is 6 to PackML, 4 to
// the TMC enumeration), so none is ever looked up, but for UMH's bands, which
// are integers by definition.
var vocabularies = map[string]map[string]Meaning{
	// PackML (ISA-TR88.00.02): states, and the usual names of modes.
	"packml": {
		"held": MeansInternal, "holding": MeansInternal, "unholding": MeansInternal,
		"suspended": MeansExternal, "suspending": MeansExternal, "unsuspending": MeansExternal,
		"aborted": MeansInternal, "aborting": MeansInternal, "clearing": MeansInternal,
		"changeover": MeansChangeover, "maintenance": MeansPlanned, "execute": MeansRunning,
	},
	// OPC 40001-1, MachineryItemState.
	"opc-40001-1": {"notavailable": MeansNoData, "outofservice": MeansPlanned, "executing": MeansRunning},
	// MTConnect, execution. UNAVAILABLE is not STOPPED: nothing is known.
	"mtconnect": {
		"unavailable": MeansNoData, "interrupted": MeansInternal, "feed_hold": MeansInternal,
		"optional_stop": MeansPlanned, "program_optional_stop": MeansPlanned, "wait": MeansExternal,
		"active": MeansRunning,
	},
	// SEMI E10, the basic states.
	"semi-e10": {
		"unscheduled downtime": MeansInternal, "unscheduled_downtime": MeansInternal, "udt": MeansInternal,
		"scheduled downtime": MeansPlanned, "scheduled_downtime": MeansPlanned, "sdt": MeansPlanned,
		"non-scheduled": MeansPlanned, "non_scheduled": MeansPlanned, "nst": MeansPlanned,
		"engineering": MeansPlanned, "eng": MeansPlanned, "standby": MeansExternal, "sby": MeansExternal,
		"productive": MeansRunning, "prd": MeansRunning,
	},
	// Words that mean one thing wherever they are used: where nothing is declared.
	"": {
		"fault": MeansInternal, "faulted": MeansInternal, "error": MeansInternal, "alarm": MeansInternal,
		"held": MeansInternal, "aborted": MeansInternal, "breakdown": MeansInternal,
		"starved": MeansExternal, "blocked": MeansExternal, "suspended": MeansExternal,
		"changeover": MeansChangeover, "planned_stop": MeansPlanned, "planned stop": MeansPlanned, "maintenance": MeansPlanned,
		"unavailable": MeansNoData, "notavailable": MeansNoData,
		"running": MeansRunning, "producing": MeansRunning, "execute": MeansRunning, "executing": MeansRunning,
	},
	"umh": nil,
}

// Vocabularies are the names that `states:` may have, sorted.
func Vocabularies() []string {
	out := slices.Sorted(maps.Keys(vocabularies))
	return out[1:] // without the one of lines that declare none
}

// StateMeaning is what word means in a vocabulary; letters' case does not
// matter, and words that are not in it mean nothing.
func StateMeaning(vocabulary, word string) Meaning {
	if vocabulary == "umh" {
		return umhMeaning(word)
	}
	return vocabularies[vocabulary][strings.ToLower(strings.TrimSpace(word))]
}

// umhMeaning reads the United Manufacturing Hub's bands of numbers.
func umhMeaning(word string) Meaning {
	n, err := strconv.Atoi(word)
	switch {
	case err == nil && n >= 10000 && n < 30000: // active
		return MeansRunning
	case err != nil, n < 60000, n >= 230000:
		return MeansNothing
	case n < 100000: // material: jams at inlet or outlet, congestion
		return MeansExternal
	case n < 140000: // process: changeover, cleaning, emptying, setting up
		return MeansChangeover
	case n < 160000: // operator: missing; from 150000 on a break
		if n >= 150000 {
			return MeansPlanned
		}
		return MeansExternal
	case n < 180000: // no shift, no order
		return MeansPlanned
	}
	return MeansInternal // technical
}
