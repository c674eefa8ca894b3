package holidays

import (
	"slices"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func date(text string) (d plant.Date) {
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

func TestKnownHolidays(t *testing.T) {
	for _, c := range []struct {
		country, date   string
		holiday, worked bool
	}{
		{"KR", "2018-01-01", true, false}, {"KR", "2018-02-14", false, false}, {"KR", "2018-02-15", true, false},
		{"KR", "2018-02-16", true, false}, {"KR", "2018-02-17", true, false}, {"KR", "2018-02-19", false, false},
		{"KR", "2018-05-01", false, false}, {"KR", "2018-05-07", true, false}, // Labour Day is none; Children's Day made up for
		{"CN", "2020-01-24", true, false}, {"CN", "2020-02-02", true, false}, {"CN", "2020-02-03", false, false},
		{"CN", "2020-01-19", false, true}, {"CN", "2026-02-14", false, true},
		{"US", "2026-07-04", true, false}, {"US", "2026-07-03", true, false}, // a Saturday, observed on Friday
		{"US", "2026-11-26", true, false}, {"DE", "2026-10-03", true, false}, {"DE", "2026-04-03", true, false},
		{"DE", "2026-11-01", false, false}, {"DE-BY", "2026-11-01", true, false},
	} {
		table, err := Table(c.country)
		if err != nil {
			t.Fatal(err)
		}
		if table.Source == "" || table.LastYear < 2026 {
			t.Errorf("%s has source %q and last year %d", c.country, table.Source, table.LastYear)
		}
		if got := slices.Contains(table.Days, date(c.date)); got != c.holiday {
			t.Errorf("%s %s: a holiday is %v, want %v", c.country, c.date, got, c.holiday)
		}
		if got := slices.Contains(table.Workdays, date(c.date)); got != c.worked {
			t.Errorf("%s %s: worked is %v, want %v", c.country, c.date, got, c.worked)
		}
	}
	if _, err := Table("XX"); plant.CodeOf(err) != plant.CodeNotFound {
		t.Errorf("a country nobody knows: %v", err)
	}
}
