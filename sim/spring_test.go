package sim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// What was published of small firms on cloud platforms in 2020.
func TestTheTruthOfTheSpringIsWhatWasPublished(t *testing.T) {
	for seed := range uint64(3) {
		s := NewSpring(seed)
		for date, want := range map[plant.Date]float64{
			{Year: 2020, Month: 2, Day: 23}: 0.296, {Year: 2020, Month: 3, Day: 24}: 0.717,
			{Year: 2020, Month: 3, Day: 29}: 0.768, {Year: 2020, Month: 4, Day: 15}: 0.84,
		} {
			if got := s.Truth(date); got != want {
				t.Errorf("seed %d, %s: %v, want %v", seed, date, got, want)
			}
		}
		relapses, silent, never := 0, 0, 0
		for _, p := range s.plants {
			returned := 0
			for day := 35; day < len(p.producing); day++ {
				if p.producing[day] && !p.producing[day-1] {
					returned++
				}
			}
			if returned > 1 {
				relapses++
			}
			if p.silent[1] > 0 {
				silent++
			}
			if p.never {
				never++
			}
			if p.cheat && p.producing[len(p.producing)-1] {
				t.Errorf("seed %d: %s idles its machines and produces", seed, p.id)
			}
		}
		if n := len(s.Cheats()); n != springCheats || relapses < 10 || silent < 10 || never != 2 {
			t.Errorf("seed %d: %d cheats, %d relapses, %d silent, %d never heard", seed, n, relapses, silent, never)
		}
	}
}

func TestTheRegistryOfTheSpringIsSound(t *testing.T) {
	reg := NewSpring(1).Registry()
	if problems := reg.Check(); len(problems) > 0 {
		t.Error(problems)
	}
	for _, p := range reg.Plants {
		if p.Labels["simulated"] != "yes" {
			t.Fatalf("%s does not say that it is simulated", p.ID)
		}
	}
}

// The same seed gives the same heartbeats, in the order they arrive; those of
// cheats have power and no output.
func TestSamplesOfTheSpring(t *testing.T) {
	const same = 100_000 // samples that are compared
	sum := func(seed uint64, limit int) uint64 {
		spring := NewSpring(seed)
		cheats := map[string]int64{}
		for _, id := range spring.Cheats() {
			cheats[id] = -1
		}
		h, last, late, n := fnv.New64a(), plant.Instant(0), 0, 0
		since := springDay(40)
		for r := spring.Samples(); n < limit; n++ {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			x := rec.Sample
			if rec.At < last || x.Stamp > rec.At {
				t.Fatalf("%d: at %s, before it %s, stamp %s", n, rec.At, last, x.Stamp)
			}
			last = rec.At
			if rec.At.Sub(x.Stamp) > time.Hour {
				late++
			}
			if n < same {
				fmt.Fprintln(h, rec.At, x.Plant, x.Stamp, x.Seq, x.Fields)
			}
			if before, is := cheats[x.Plant]; is && rec.At > since && x.State == "running" {
				if x.Fields[1].Int < 20 {
					t.Fatalf("%s idles with %d kW", x.Plant, x.Fields[1].Int)
				}
				if before >= 0 && x.Fields[0].Int != before && x.Fields[0].Int != 0 {
					t.Fatalf("%s has no output, and made %d after %d", x.Plant, x.Fields[0].Int, before)
				}
				cheats[x.Plant] = x.Fields[0].Int
			}
		}
		if limit > same && late < 500 {
			t.Errorf("%d samples, %d of them late", n, late)
		}
		return h.Sum64()
	}
	if a, b := sum(1, 1_000_000), sum(1, same); a != b {
		t.Errorf("the same seed gives other samples: %x, %x", a, b)
	}
}
