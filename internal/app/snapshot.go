package app

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// snapshotMark begins a snapshot: the length of the fleet's part, that part, and
// the rules'.
var snapshotMark = []byte("heartline snapshot 3\n")

// secondMark began one while it was put together as a whole: the rules' part
// came first. Without a mark, the rules' part is all there is, as it was before
// there were figures of the fleet.
var secondMark = []byte("heartline snapshot 2\n")

// snapshotHead is what comes before the rules' part.
func snapshotHead(live *fleet.Live) ([]byte, error) {
	part, err := live.Marshal()
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint64(slices.Clone(snapshotMark), uint64(len(part)))
	return append(out, part...), nil
}

// readSnapshot takes a snapshot apart; nil: the beginning.
func readSnapshot(data []byte) (*rules.State, *fleet.Live, error) {
	if data == nil {
		state := rules.NewState(nil)
		return state, fleet.NewLive(state), nil
	}
	first, second, err := parts(data)
	if err != nil {
		return nil, nil, err
	}
	state, err := rules.Unmarshal(first)
	if err != nil {
		return nil, nil, err
	}
	if second == nil {
		return state, fleet.NewLive(state), nil
	}
	live, err := fleet.Unmarshal(second, state)
	return state, live, err
}

// parts are the rules' part and the fleet's.
func parts(data []byte) (ofRules, ofFleet []byte, err error) {
	rest, third := bytes.CutPrefix(data, snapshotMark)
	if !third {
		var second bool
		if rest, second = bytes.CutPrefix(data, secondMark); !second {
			return data, nil, nil
		}
	}
	if len(rest) < 8 || binary.BigEndian.Uint64(rest) > uint64(len(rest)-8) {
		return nil, nil, plant.Errorf(plant.CodeDamaged, "the snapshot ends too early")
	}
	n := binary.BigEndian.Uint64(rest)
	first, second := rest[8:8+n], rest[8+n:]
	if third {
		return second, first, nil
	}
	return first, second, nil
}
