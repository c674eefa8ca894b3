package pulse

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
)

// written yields the pieces of s; between is called before each.
func written(s *Saving, between func()) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for between(); ; between() {
			if piece := s.Next(); piece == nil || !yield(piece, nil) {
				return
			}
		}
	}
}

// crowdOf is samples of many machines through a few gateways: gaps, restarts,
// clocks that are set, backlogs, some without numbers or without a time.
func crowdOf(rng *rand.Rand, machines, n int) (samples []plant.Sample) {
	seq := make([]uint64, machines)
	at := start
	for range n {
		at = at.Add(time.Duration(rng.IntN(100)) * time.Millisecond)
		m := rng.IntN(machines)
		switch rng.IntN(20) {
		case 0:
			seq[m] += uint64(rng.IntN(5))
		case 1:
			seq[m] = 0
		}
		seq[m]++
		s := plant.Sample{
			Plant: fmt.Sprint("p", m%3), Line: "l", Machine: fmt.Sprint("m", m), Gateway: fmt.Sprint("g", m%7),
			Stamp: at.Add(-time.Duration(m%5) * time.Minute), Unit: plant.Millisecond, Arrived: at, Seq: seq[m], HasSeq: m%11 != 0,
		}
		switch rng.IntN(15) {
		case 0:
			s.Stamp = s.Stamp.Add(-time.Duration(rng.IntN(600)) * time.Second)
		case 1:
			s.Flags |= plant.Retained
		}
		if m%13 == 0 {
			s.Flags |= plant.NoDeviceTime
		}
		samples = append(samples, s)
	}
	return samples
}

func TestATrackerThatIsWrittenWhileItGoesOnIsReadAsItWas(t *testing.T) {
	for seed := range uint64(2) {
		rng := rand.New(rand.NewPCG(seed, 1))
		all := crowdOf(rng, 10_000, 60_000)
		live := New(Config{})
		for i := range all[:30_000] {
			live.Observe(&all[i], all[i].Arrived)
		}
		then := 30_000
		read, err := Restore(Config{}, written(live.Save(all[then].Arrived), func() {
			for range 5000 {
				live.Observe(&all[then], all[then].Arrived)
				then++
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		for i := range all[30_000:] {
			s := &all[30_000+i]
			got := read.Observe(s, s.Arrived)
			if 30_000+i < then {
				continue // live has seen it
			}
			if want := live.Observe(s, s.Arrived); got != want {
				t.Fatalf("seed %d, sample %d: %+v, want %+v", seed, i, got, want)
			}
		}
		for m := range live.Machines {
			got, _ := read.Machine(m.MachineID)
			m.Fields, got.Fields = nil, nil // not written
			if d := cmp.Diff(m, got); d != "" {
				t.Fatalf("seed %d: %s", seed, d)
			}
		}
		want, got := slices.Collect(live.Gateways), slices.Collect(read.Gateways)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
	}
}

// An empty piece is the end of what is written: none comes before it.
func TestPiecesOfMachinesThatAreNotWrittenHideNoOthers(t *testing.T) {
	live := New(Config{})
	const silent = 3 * savePiece
	for i := range silent + 1 {
		at := start
		if i == silent {
			at = start.Add(2 * forgotAfter)
		}
		live.Observe(&plant.Sample{Plant: "p", Line: "l", Machine: fmt.Sprint("m", i), Stamp: at, Arrived: at}, at)
	}
	saving := live.Save(start.Add(2 * forgotAfter))
	var pieces [][]byte
	for piece := saving.Next(); len(piece) > 0; piece = saving.Next() {
		pieces = append(pieces, piece)
	}
	read, err := Restore(Config{}, func(yield func([]byte, error) bool) {
		for _, piece := range pieces {
			if !yield(piece, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(read.order) != 1 || read.order[0].id.Machine != fmt.Sprint("m", silent) {
		t.Errorf("%d machines were read, want the one that is heard", len(read.order))
	}
}

func TestWhatIsDamagedIsNotRead(t *testing.T) {
	r := newRig(t)
	r.live(start, 20, time.Second, 0)
	piece := r.tracker.Save(start).Next()
	one := func(data []byte) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) { yield(data, nil) }
	}
	if _, err := Restore(Config{}, one(piece)); err != nil {
		t.Fatal(err)
	}
	for n := range piece[:len(piece)-1] {
		if _, err := Restore(Config{}, one(piece[:n])); plant.CodeOf(err) != plant.CodeDamaged && n > 60 {
			t.Errorf("%d of %d bytes were read as if they were all: %v", n, len(piece), err)
		}
	}
	piece[0]++
	if _, err := Restore(Config{}, one(piece)); plant.CodeOf(err) != plant.CodeDamaged {
		t.Errorf("another version: %v", err)
	}
}

func FuzzRestore(f *testing.F) {
	tr := New(Config{})
	for _, s := range crowdOf(rand.New(rand.NewPCG(1, 1)), 20, 500) {
		tr.Observe(&s, s.Arrived)
	}
	f.Add(tr.Save(start).Next())
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, err := Restore(Config{MaxMachines: 1000}, func(yield func([]byte, error) bool) { yield(data, nil) })
		if err != nil {
			return
		}
		for m := range tr.Machines {
			s := plant.Sample{Plant: m.Plant, Line: m.Line, Machine: m.Machine, Seq: m.Samples, HasSeq: true, Stamp: m.Newest + 1}
			tr.Observe(&s, m.Last+1)
		}
	})
}

// What was lost while nobody listened is counted where it can be known.
func TestNumbersAcrossARestart(t *testing.T) {
	for _, c := range []struct {
		name                string
		last, next          uint64
		away                time.Duration
		gaps                int64
		resets, wantRepeats uint64
	}{
		{"nothing was lost", 20, 21, 10 * time.Second, 0, 0, 0},
		{"five were lost", 20, 26, 60 * time.Second, 5, 0, 0},
		{"an hour was lost", 5000, 5360, time.Hour, 359, 0, 0},
		{"the device was restarted", 5000, 3, time.Hour, 0, 1, 0},
		{"it may have been restarted, and is past its old number", 20, 26, time.Hour, 0, 0, 0},
		{"it stood still, and has a long count", 5000, 5003, time.Hour, 2, 0, 0},
		{"the same again", 20, 20, 0, 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.seq = c.last - 20
			at := r.live(start, 20, 10*time.Second, 0)
			resumed := at.Add(c.away / 2)
			var err error
			if r.tracker, err = Restore(Config{Resumed: resumed}, written(r.tracker.Save(at), func() {})); err != nil {
				t.Fatal(err)
			}
			r.gaps, r.seq = 0, c.next-1
			r.send(r.sample(at.Add(c.away)), at.Add(c.away))
			m := r.seen()
			if r.gaps != c.gaps || m.Resets != c.resets || m.Repeats != c.wantRepeats || m.Samples != 21 {
				t.Errorf("%d gaps, %d resets, %d repeats, %d samples", r.gaps, m.Resets, m.Repeats, m.Samples)
			}
			// Once it is heard again, all is as it always is.
			r.seq += 3
			r.send(r.sample(at.Add(c.away+time.Hour)), at.Add(c.away+time.Hour))
			if r.gaps != c.gaps+3 {
				t.Errorf("%d gaps after another three were left out", r.gaps)
			}
		})
	}
}

// What came between the last save and a kill is seen again as it was then.
func TestNumbersFromBeforeARestartAreSeenAsTheyWere(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 5, 10*time.Second, 0)
	pieces := written(r.tracker.Save(at), func() {})
	again, err := Restore(Config{Resumed: at.Add(time.Hour)}, pieces)
	if err != nil {
		t.Fatal(err)
	}
	r.seq += 3
	s := r.sample(at.Add(2 * time.Minute))
	s.Arrived = at.Add(2 * time.Minute)
	if want, got := r.tracker.Observe(s, s.Arrived), again.Observe(s, s.Arrived); want.Gaps != 3 || got != want {
		t.Errorf("%+v, want three gaps as in %+v", got, want)
	}
}

func BenchmarkRestore(b *testing.B) {
	const machines = 500_000
	tr := New(Config{})
	for i := range 20 {
		for m := range machines {
			at := start.Add(time.Duration(i)*10*time.Second + time.Duration(m)*19*time.Microsecond)
			s := plant.Sample{
				Plant: fmt.Sprint("plant-", m/500), Line: fmt.Sprint("line-", m/10%50), Machine: fmt.Sprint("machine-", m%10), Gateway: "gw-1",
				Stamp: at.Add(-time.Duration(m%1000) * time.Millisecond), Unit: plant.Millisecond, Arrived: at, Seq: uint64(i + m), HasSeq: true,
			}
			tr.Observe(&s, at)
		}
	}
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			size := 0
			for piece := range written(tr.Save(start), func() {}) {
				size += len(piece)
			}
			b.ReportMetric(float64(size)/machines, "B/machine")
		}
	})
	b.Run("restore", func(b *testing.B) {
		var pieces [][]byte
		for piece := range written(tr.Save(start), func() {}) {
			pieces = append(pieces, piece)
		}
		for b.Loop() {
			if _, err := Restore(Config{}, func(yield func([]byte, error) bool) {
				for _, p := range pieces {
					if !yield(p, nil) {
						return
					}
				}
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
