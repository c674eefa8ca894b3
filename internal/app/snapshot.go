package app

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
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

// readSnapshot takes a snapshot apart. known, which may be nil, is used where the
// rules' part holds the same definition.
func readSnapshot(from io.Reader, known *rules.Definition) (*rules.State, *fleet.Live, error) {
	r := bufio.NewReader(from)
	if mark, _ := r.Peek(len(snapshotMark)); !bytes.Equal(mark, snapshotMark) {
		return readEarlier(r)
	}
	head := make([]byte, len(snapshotMark)+8)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, nil, endsEarly()
	}
	n := binary.BigEndian.Uint64(head[len(snapshotMark):])
	ofFleet, err := io.ReadAll(io.LimitReader(r, int64(min(n, math.MaxInt64))))
	if err != nil || uint64(len(ofFleet)) < n {
		return nil, nil, endsEarly()
	}
	state, err := rules.Read(r, known)
	if err != nil {
		return nil, nil, err
	}
	live, err := fleet.Unmarshal(ofFleet, state)
	return state, live, err
}

// readEarlier is readSnapshot of what an earlier version wrote.
func readEarlier(r io.Reader) (*rules.State, *fleet.Live, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, err
	}
	rest, second := bytes.CutPrefix(data, secondMark)
	if !second {
		state, err := rules.Unmarshal(data)
		if err != nil {
			return nil, nil, err
		}
		return state, fleet.NewLive(state), nil
	}
	if len(rest) < 8 || binary.BigEndian.Uint64(rest) > uint64(len(rest)-8) {
		return nil, nil, endsEarly()
	}
	n := 8 + binary.BigEndian.Uint64(rest)
	state, err := rules.Unmarshal(rest[8:n])
	if err != nil {
		return nil, nil, err
	}
	live, err := fleet.Unmarshal(rest[n:], state)
	return state, live, err
}

func endsEarly() error { return plant.Errorf(plant.CodeDamaged, "the snapshot ends too early") }
