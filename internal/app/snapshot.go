package app

import (
	"bytes"
	"encoding/binary"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// snapshotMark begins a snapshot: the length of the rules' part, that part,
// and the fleet's. Without it, the rules' part is all there is, as it was
// before there were figures of the fleet.
var snapshotMark = []byte("heartline snapshot 2\n")

// writeSnapshot puts the parts together.
func writeSnapshot(state *rules.State, live *fleet.Live) ([]byte, error) {
	first, err := state.Marshal()
	if err != nil {
		return nil, err
	}
	second, err := live.Marshal()
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(snapshotMark)+8+len(first)+len(second))
	out = binary.BigEndian.AppendUint64(append(out, snapshotMark...), uint64(len(first)))
	return append(append(out, first...), second...), nil
}

// readSnapshot takes apart what writeSnapshot put together; nil: the beginning.
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

func parts(data []byte) (first, second []byte, err error) {
	rest, marked := bytes.CutPrefix(data, snapshotMark)
	if !marked {
		return data, nil, nil
	}
	if len(rest) < 8 || binary.BigEndian.Uint64(rest) > uint64(len(rest)-8) {
		return nil, nil, plant.Errorf(plant.CodeDamaged, "the snapshot ends too early")
	}
	n := binary.BigEndian.Uint64(rest)
	return rest[8 : 8+n], rest[8+n:], nil
}
