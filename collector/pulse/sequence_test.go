package pulse

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

func TestNumbers(t *testing.T) {
	const untimed = true
	up := func(from, to uint64) (ns []uint64) {
		for n := from; n <= to; n++ {
			ns = append(ns, n)
		}
		return ns
	}
	for _, c := range []struct {
		name                   string
		ns                     []uint64
		untimed                bool
		missing, resets, wraps uint64
	}{
		{"in order", up(1, 50), false, 0, 0, 0},
		{"from the middle", up(1000, 1050), false, 0, 0, 0},
		{"a hole", []uint64{1, 2, 7, 8}, false, 4, 0, 0},
		{"a restart", []uint64{500, 501, 0, 1, 2}, false, 0, 1, 0},
		{"a restart without device time", []uint64{500, 501, 1, 2, 3}, untimed, 0, 1, 0},
		{"a restart with a hole", []uint64{500, 501, 1, 2, 5}, false, 2, 1, 0},
		{"another place altogether", []uint64{5, 6, 1 << 40, 1<<40 + 1}, false, 0, 1, 0},
		{"a byte that wraps", append(up(250, 255), up(0, 5)...), false, 0, 0, 1},
		{"a byte that wraps to 1", append(up(250, 255), up(1, 5)...), false, 0, 0, 1},
		{"16 bits that wrap", append(up(65530, 65535), up(0, 5)...), false, 0, 0, 1},
		{"32 bits that wrap", append(up(1<<32-3, 1<<32-1), up(0, 5)...), false, 0, 0, 1},
		{"four digits that wrap", append(up(9990, 9999), up(0, 5)...), false, 0, 0, 1},
		{"a hole at the second wrap", append(append(up(250, 255), up(0, 253)...), up(3, 8)...), false, 5, 0, 2},
		{"a restart that looks like no wrap", append(append(up(250, 255), up(0, 200)...), up(0, 8)...), false, 0, 1, 1},
		{"a count past its supposed end", append(append(up(254, 255), up(0, 255)...), up(256, 300)...), false, 0, 0, 1},
		{"always the same", []uint64{7, 7, 7, 7}, false, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			for i, n := range c.ns {
				at := start.Add(time.Duration(i) * time.Second)
				s := r.sample(at)
				s.Seq = n
				if c.untimed {
					s.Flags |= plant.NoDeviceTime
				}
				r.send(s, at)
			}
			m := r.seen()
			if m.Missing != c.missing || m.Resets != c.resets || m.Wraps != c.wraps || r.gaps != int64(c.missing) || m.Repeats != 0 {
				t.Errorf("missing %d (%d), resets %d, wraps %d, repeats %d; want %d, %d, %d", m.Missing, r.gaps, m.Resets, m.Wraps, m.Repeats, c.missing, c.resets, c.wraps)
			}
		})
	}
}

// Whatever is lost, delayed and doubled: what is counted missing is what did
// not come, and the sum of the changes is the count.
func TestMissingIsWhatDidNotCome(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		r := newRig(t)
		type parcel struct {
			s  *plant.Sample
			at plant.Instant
		}
		var sent []parcel
		lost, doubled := uint64(0), uint64(0)
		for i := range 300 {
			at := start.Add(time.Duration(i) * time.Second)
			s := r.sample(at)
			switch x := rnd.IntN(20); {
			case i == 0 || i == 299: // what comes before or after nobody can miss
				sent = append(sent, parcel{s, at})
			case x == 0:
				lost++
			case x == 1: // overtaken by a few
				sent = append(sent, parcel{s, at.Add(time.Duration(1+rnd.IntN(5))*time.Second + 1)})
			case x == 2:
				again := *s
				sent = append(sent, parcel{s, at}, parcel{&again, at.Add(time.Duration(1+rnd.IntN(3))*time.Second + 2)})
				doubled++
			default:
				sent = append(sent, parcel{s, at})
			}
		}
		for i := 1; i < len(sent); i++ {
			for j := i; j > 0 && sent[j].at < sent[j-1].at; j-- {
				sent[j], sent[j-1] = sent[j-1], sent[j]
			}
		}
		for _, p := range sent {
			r.send(p.s, p.at)
		}
		m := r.seen()
		if m.Missing != lost || r.gaps != int64(lost) || m.Resets != 0 || m.Jumps != 0 {
			t.Fatalf("seed %d: missing %d (changes %d), lost %d; resets %d, jumps %d", seed, m.Missing, r.gaps, lost, m.Resets, m.Jumps)
		}
		if lossy := r.tracker.order[0].seq.lossy; m.Repeats != doubled && !lossy {
			t.Fatalf("seed %d: %d repeats, %d were doubled", seed, m.Repeats, doubled)
		}
	}
}

// What a device buffered before its restart comes after it: neither a hole
// nor a jump of its clock.
func TestSamplesFromBeforeARestart(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 900, 10*time.Second, 0)
	var held []*plant.Sample
	for i := range 100 {
		held = append(held, r.sample(at.Add(time.Duration(i+1)*10*time.Second)))
	}
	at, r.seq = at.Add(2000*time.Second), 0
	at = r.live(at, 10, 10*time.Second, 0)
	for i, s := range held {
		if seen := r.send(s, at.Add(time.Duration(i)*time.Millisecond)); seen.Gaps != 0 || seen.JumpedBack || seen.Reset || !seen.Late {
			t.Fatalf("buffered sample %d: %+v", i, seen)
		}
	}
	r.live(at.Add(10*time.Second), 10, 10*time.Second, 0)
	if m := r.seen(); m.Missing != 0 || m.Resets != 1 || m.Jumps != 0 {
		t.Errorf("missing %d, resets %d, jumps %d", m.Missing, m.Resets, m.Jumps)
	}
}

// More holes than are remembered: how many numbers are missing stays right,
// and what fills the oldest hole is no longer known.
func TestManyHoles(t *testing.T) {
	r := newRig(t)
	at := start
	for range 20 {
		at = at.Add(time.Second)
		r.send(r.sample(at), at)
		r.seq += 3
	}
	if m := r.seen(); m.Missing != 19*3 {
		t.Errorf("missing %d, want %d", m.Missing, 19*3)
	}
	old := r.sample(start.Add(time.Second + time.Millisecond))
	old.Seq = 2
	if seen := r.send(old, at); seen.Gaps != 0 || seen.Repeat {
		t.Errorf("of a forgotten hole: %+v", seen)
	}
	recent := r.sample(at.Add(-time.Millisecond))
	recent.Seq = 19*4 - 1
	if seen := r.send(recent, at); seen.Gaps != -1 {
		t.Errorf("of a remembered hole: %+v", seen)
	}
}

func TestRepeats(t *testing.T) {
	for _, numbered := range []bool{true, false} {
		r := newRig(t)
		for i := range 20 {
			at := start.Add(time.Duration(i) * time.Second)
			s := r.sample(at)
			s.HasSeq = numbered
			again := *s
			if seen := r.send(s, at); seen.Repeat {
				t.Errorf("numbered %v: %d is new: %+v", numbered, i, seen)
			}
			if seen := r.send(&again, at.Add(time.Millisecond)); !seen.Repeat || seen.Gaps != 0 || seen.Late {
				t.Errorf("numbered %v: %d is a repeat: %+v", numbered, i, seen)
			}
		}
		if m := r.seen(); m.Repeats != 20 || m.Interval != time.Second || m.Counters[0].Flats != 0 {
			t.Errorf("numbered %v: %+v", numbered, m)
		}
	}
	// Two samples of one second that say different things are no repeat.
	r := newRig(t)
	for range 2 {
		s := r.sample(start)
		s.HasSeq = false
		if seen := r.send(s, start); seen.Repeat {
			t.Errorf("%+v", seen)
		}
	}
}

func TestRetainedFillsAHole(t *testing.T) {
	r := newRig(t)
	r.send(r.sample(start), start)
	missed := r.sample(start.Add(time.Second))
	r.send(r.sample(start.Add(2*time.Second)), start.Add(2*time.Second))
	missed.Flags |= plant.Retained
	if seen := r.send(missed, start.Add(3*time.Second)); seen.Gaps != -1 {
		t.Errorf("%+v", seen)
	}
	if m := r.seen(); m.Missing != 0 {
		t.Errorf("missing %d", m.Missing)
	}
}

func ExampleTracker_Observe() {
	tracker := New(Config{})
	for _, seq := range []uint64{1, 2, 5, 4} {
		stamp := plant.Instant(time.Duration(1_700_000_000+seq) * time.Second)
		s := plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: stamp, Unit: plant.Second, Seq: seq, HasSeq: true}
		fmt.Println(seq, tracker.Observe(&s, stamp.Add(time.Second)).Gaps)
	}
	// Output:
	// 1 0
	// 2 0
	// 5 2
	// 4 -1
}
