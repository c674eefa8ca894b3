package fleet

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// large is a server of 10,000 plants in five regions and three sizes, which has
// run for two months.
func large(tb testing.TB) (*frames, plant.Instant) {
	tb.Helper()
	var plants []string
	for i := range 10_000 {
		plants = append(plants, fmt.Sprintf("p%d region=r%d size=s%d", i, i%5, i%3))
	}
	f := newFrames(definition(plants...))
	at := monday
	f.at(at, nil, nil) // enrols them
	for d := range 60 {
		at = monday.Add(time.Duration(d) * day)
		for i := range 10_000 {
			id := fmt.Sprintf("p%d", i)
			f.live.tell(nil, window(id, at, 0.8, 1))
			if (i+d)%20 == 0 {
				f.live.tell(change(id, at, plant.Phase(1+(i+d)%4)), nil)
			}
		}
	}
	f.at(at, nil, nil)
	for i := range 10_000 {
		f.live.tell(nil, window(fmt.Sprintf("p%d", i), at, 0.8, 1))
	}
	return f, at
}

func BenchmarkFrameWithoutNews(b *testing.B) {
	f, at := large(b)
	f.at(at.Add(time.Hour), nil, nil)
	at = at.Add(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		at++
		if out := f.live.Frame(f.def, at, nil, nil); out != nil {
			b.Fatal("a frame without news says something")
		}
	}
}

func BenchmarkFigures(b *testing.B) {
	f, at := large(b)
	b.ReportAllocs()
	for b.Loop() {
		f.live.figures(at, at, f.live.labels)
	}
}

func BenchmarkMarshal(b *testing.B) {
	f, _ := large(b)
	for b.Loop() {
		data, err := f.live.Marshal()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data)), "bytes")
	}
}

func TestAFrameWithoutNewsAllocatesNothing(t *testing.T) {
	f := newFrames(definition("a", "b"))
	f.at(monday.Add(time.Hour), nil, nil)
	at := monday.Add(time.Hour)
	if n := testing.AllocsPerRun(100, func() {
		at++
		f.live.Frame(f.def, at, nil, nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
