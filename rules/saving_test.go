package rules_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// A snapshot that is put together while the state goes on holds what one holds
// that was made at once, where it began.
func TestASnapshotHoldsOneMoment(t *testing.T) {
	whole, given := 0, 0
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		var saving *rules.Saving
		var want, got []byte
		randomRun(t, seed, func(p *play, _ plant.Instant) {
			switch {
			case saving == nil && rnd.IntN(15) == 0:
				want, got = marshal(t, p.state), nil
				saving = save(t, p.state)
			case saving == nil || rnd.IntN(5) > 0:
			case rnd.IntN(10) == 0:
				saving.Drop()
				saving = nil
				given++
			default:
				piece, err := saving.Next()
				if err == nil {
					got = append(got, piece...)
					return
				}
				if err != io.EOF {
					t.Fatal(err)
				}
				if !bytes.Equal(inOrder(t, got), inOrder(t, want)) {
					t.Fatalf("seed %d: a snapshot at frame %d holds something else than its beginning", seed, p.seq)
				}
				saving = nil
				whole++
			}
		})
	}
	if whole < 40 || given < 5 {
		t.Errorf("%d snapshots, %d given up: that tests too little", whole, given)
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
