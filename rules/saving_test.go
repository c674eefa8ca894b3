package rules_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// savings makes snapshots while a random run goes on, one piece now and then.
type savings struct {
	t   *testing.T
	rnd *rand.Rand
	now *rules.Saving // nil: none
	// want is a snapshot made at once where the one that is made now began, got
	// what it came to so far, and since what happened meanwhile.
	want, got    []byte
	since        []rules.Event
	all          *plant.Registry
	whole, given int
	defined      int // while a snapshot was made
}

// between two frames, definitions change, snapshots begin, go on, and are given up.
func (x *savings) between(p *play, _ plant.Instant) {
	p.heard = x.heard
	if x.all == nil {
		x.all = p.state.Definition().Registry
	}
	if x.rnd.IntN(60) == 0 || x.now != nil && x.rnd.IntN(20) == 0 {
		x.redefine(p)
	}
	if x.rnd.IntN(20) == 0 {
		p.state.Views() // changes nothing
	}
	switch {
	case x.now == nil && x.rnd.IntN(40) == 0:
		x.want, x.got, x.since = marshal(x.t, p.state), nil, nil
		x.now = save(x.t, p.state)
		x.now.InPieces(1 + x.rnd.IntN(3000))
	case x.now == nil || x.rnd.IntN(5) > 0:
	case x.rnd.IntN(15) == 0:
		x.now.Drop()
		x.now = nil
		x.given++
	default:
		x.next(p)
	}
}

func (x *savings) heard(ev rules.Event) {
	if x.now != nil {
		x.since = append(x.since, ev)
	}
}

// redefine takes a plant or a line out, or puts all back.
func (x *savings) redefine(p *play) {
	reg := *x.all
	reg.Plants = slices.Clone(reg.Plants)
	switch x.rnd.IntN(3) {
	case 0:
		reg.Plants = reg.Plants[1:]
	case 1:
		fewer := *reg.Plants[1]
		fewer.Lines = fewer.Lines[x.rnd.IntN(2):][:1]
		reg.Plants[1] = &fewer
	}
	if x.now != nil {
		x.defined++
	}
	def := *p.state.Definition()
	p.redefine(p.last, fmt.Sprint("v", p.seq), &reg, def.Rules)
}

// next takes a piece. A snapshot that is whole holds what one holds that was made
// at once where it began; and what went on from it would be where the state is.
func (x *savings) next(p *play) {
	piece, err := x.now.Next()
	if err == nil {
		x.got = append(x.got, piece...)
		return
	}
	if err != io.EOF {
		x.t.Fatal(err)
	}
	x.now = nil
	x.whole++
	if !bytes.Equal(inOrder(x.t, x.got), inOrder(x.t, x.want)) {
		x.t.Fatalf("a snapshot that ended at frame %d holds something else than its beginning", p.seq)
	}
	again, err := rules.Unmarshal(x.got)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, ev := range x.since {
		again.Step(ev)
	}
	if !bytes.Equal(inOrder(x.t, marshal(x.t, again)), inOrder(x.t, marshal(x.t, p.state))) {
		x.t.Fatalf("frames up to %d, gone through again from a snapshot, lead elsewhere:\n%s", p.seq, cmp.Diff(again.Views(), p.state.Views()))
	}
}

// A snapshot that is put together piece by piece while the state goes on, and
// definitions change, is one of the moment at which it began.
func TestASnapshotHoldsOneMoment(t *testing.T) {
	var x savings
	for seed := range uint64(5) {
		x.t, x.rnd, x.now, x.all = t, rand.New(rand.NewPCG(seed, 4)), nil, nil
		randomRun(t, seed, x.between)
	}
	if x.whole < 40 || x.given < 8 || x.defined < 30 {
		t.Errorf("%d snapshots, %d given up, %d definitions meanwhile: that tests too little", x.whole, x.given, x.defined)
	}
}

func save(t *testing.T, s *rules.State) *rules.Saving {
	t.Helper()
	v, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func marshal(t *testing.T, s *rules.State) []byte {
	t.Helper()
	data, err := s.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inOrder is the same snapshot with its plants in the order of the registry.
func inOrder(t *testing.T, data []byte) []byte {
	t.Helper()
	s, err := rules.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return marshal(t, s)
}
