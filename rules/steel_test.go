package rules_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// works is the steel works under a rule of State Grid's kind: daily kWh against
// the mean of all January days, Monday to Friday scheduled.
func works(t *testing.T, holidays ...string) (def *rules.Definition, rows []usage, zone *time.Location) {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		p.Timezone, p.Calendar = "Asia/Seoul", "weekdays"
		l.Unit, l.Normal, l.Interval = "kWh", plant.Rate{}, plant.Interval{Every: 15 * time.Minute}
		l.Counter = plant.Counter{Field: "Usage_kWh", Kind: plant.KindDelta, Decimal: true, Proxy: true}
	})
	weekdays := &plant.Calendar{Name: "weekdays", Days: []plant.Weekday{plant.Mon, plant.Tue, plant.Wed, plant.Thu, plant.Fri}}
	for _, h := range holidays {
		weekdays.Holidays.Dates = append(weekdays.Holidays.Dates, onDate(h))
	}
	reg.Calendars = []*plant.Calendar{weekdays}
	reg.Index()
	conf := rules.Config{Baseline: rules.BaselineConfig{Reference: rules.Reference{From: onDate("2018-01-01"), To: onDate("2018-01-31"), Per: rules.PerDay}}}
	return &rules.Definition{Version: "v1", Registry: reg, Rules: conf.WithDefaults()}, steel(t, zone), zone
}

// onDate is a date like 2018-01-01.
func onDate(text string) (d plant.Date) {
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

// replay plays the works' rows by def and returns what became of its phase:
// the day that decided, its recovery, the phase.
func replay(t *testing.T, def *rules.Definition, rows []usage, zone *time.Location, h *rules.History) (out []string) {
	t.Helper()
	p := &play{t: t, state: rules.NewState(def)}
	if h != nil {
		p.state.Collect(h)
	}
	p.tick(rows[0].end.Add(-15 * time.Minute))
	for _, u := range rows {
		p.sample(u.end, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: u.end, Unit: plant.Second,
			Fields: []plant.Field{{Name: "Usage_kWh", Kind: plant.Float, Float: u.kWh}}})
	}
	p.tick(rows[len(rows)-1].end.Add(time.Hour))
	for _, x := range p.got {
		if x.Kind == plant.KindPhase {
			// The day that decided is the one that ends at x.At.
			line := fmt.Sprintf("%s %.3f %s", x.At.Add(-time.Second).Time().In(zone).Format("Mon 2006-01-02"), *x.Verdict.Recovery, x.To)
			if x.Relapsed {
				line += " relapsed"
			}
			if x.First {
				line += " first"
			}
			if !x.Verdict.Proxy || x.Verdict.Baseline != rules.OriginReferenceDay {
				t.Errorf("%s: proxy %v, baseline %q", line, x.Verdict.Proxy, x.Verdict.Baseline)
			}
			out = append(out, line)
		}
	}
	return out
}

// TestASteelWorksOverHalfAYear: the table of the data's README, and nothing
// else.
func TestASteelWorksOverHalfAYear(t *testing.T) {
	def, rows, zone := works(t)
	h := rules.NewHistory(def)
	replay(t, def, rows, zone, h)
	def.Baselines = h.Baselines()
	if mean := def.Baselines.Lines[0].PerDay; math.Abs(mean-4072.2) > 0.05 || def.Baselines.Lines[0].Days != 31 {
		t.Errorf("the mean of %d January days is %.2f kWh, want 4,072.2 of 31", def.Baselines.Lines[0].Days, mean)
	}
	want := []string{
		"Mon 2018-01-01 0.086 stopped first",
		"Tue 2018-01-02 0.970 resumed",
		"Wed 2018-02-14 0.163 stopped relapsed",
		"Mon 2018-02-19 1.050 resumed",
		"Tue 2018-05-01 0.073 stopped relapsed",
		"Wed 2018-05-02 1.097 resumed",
	}
	if diff := cmp.Diff(want, replay(t, def, rows, zone, nil)); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

// With Korea's public holidays the works still stops on 14 February, a working
// day, and returns on the 19th. New Year's Day is not scheduled: no verdict.
// Labour Day is none of the public holidays of 2018.
func TestASteelWorksWithPublicHolidays(t *testing.T) {
	def, rows, zone := works(t, "2018-01-01", "2018-02-15", "2018-02-16", "2018-02-17", "2018-03-01", "2018-05-07", "2018-05-22", "2018-06-06", "2018-06-13")
	h := rules.NewHistory(def)
	replay(t, def, rows, zone, h)
	def.Baselines = h.Baselines()
	want := []string{
		"Tue 2018-01-02 0.970 resumed first",
		"Wed 2018-02-14 0.163 stopped relapsed",
		"Mon 2018-02-19 1.050 resumed",
		"Tue 2018-05-01 0.073 stopped relapsed",
		"Wed 2018-05-02 1.097 resumed",
	}
	if diff := cmp.Diff(want, replay(t, def, rows, zone, nil)); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}
