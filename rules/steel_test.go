package rules_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// usage is a quarter of an hour of the steel works.
type usage struct {
	end plant.Instant
	kWh float64
}

// steel reads the electricity of a real steel works. A row's time is the end
// of its interval; the day's last row is marked 0:00 of the same date.
func steel(t *testing.T, zone *time.Location) []usage {
	t.Helper()
	dir := os.Getenv("HEARTLINE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "data", "steel-2018h1.csv"))
	if os.IsNotExist(err) {
		t.Skipf("the shared test data is absent (HEARTLINE_SHARED): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []usage
	for _, row := range rows[1:] {
		end, err := time.ParseInLocation("2/1/2006 15:04", row[0], zone)
		if err != nil {
			t.Fatal(err)
		}
		if end.Hour() == 0 && end.Minute() == 0 {
			end = end.AddDate(0, 0, 1)
		}
		kWh, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, usage{plant.InstantOf(end), kWh})
	}
	return out
}

// TestASteelWorksOverNewYear: a rule of State Grid's kind finds the lunar new
// year's break of 2018 in the works' electricity.
func TestASteelWorksOverNewYear(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	from := plant.InstantOf(time.Date(2018, 2, 12, 0, 0, 0, 0, zone))
	to := plant.InstantOf(time.Date(2018, 2, 25, 0, 0, 0, 0, zone))
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		p.Timezone = "Asia/Seoul"
		l.Unit, l.Normal, l.Interval = "kWh", perHour(4072.2/24), plant.Interval{Every: 15 * time.Minute}
		l.Counter = plant.Counter{Field: "Usage_kWh", Kind: plant.KindDelta, Decimal: true, Proxy: true}
	})
	p := newPlay(t, from, reg, rules.Config{}.WithDefaults())
	for _, u := range steel(t, zone) {
		if u.end >= from && u.end <= to {
			p.sample(u.end, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: u.end, Unit: plant.Second,
				Fields: []plant.Field{{Name: "Usage_kWh", Kind: plant.Float, Float: u.kWh}}})
		}
	}
	p.tick(to.Add(time.Hour))
	var got []string
	for _, x := range p.got {
		if x.Kind == plant.KindPhase {
			// The day that decided is the one that ends at x.At.
			got = append(got, x.At.Add(-time.Second).Time().In(zone).Format("2 Jan ")+x.To)
		}
	}
	want := []string{"12 Feb resumed", "14 Feb stopped", "19 Feb resumed"}
	if !slices.Equal(got, want) {
		t.Errorf("phases %v, want %v", got, want)
	}
	if first := p.got[slices.IndexFunc(p.got, func(x plant.Transition) bool { return x.Kind == plant.KindPhase })]; !first.First {
		t.Error("the first verdict is not marked as first")
	}
}
