// Package holidays knows the public holidays of some countries: by rule where
// the library has the country, from a file with its source where not.
package holidays

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/us"

	"github.com/seed-00829101/heartline/plant"
)

//go:embed cn.txt kr.txt
var files embed.FS

// Years that are worked out where holidays follow rules.
const (
	firstYear = 2000
	lastYear  = 2050
)

// byRule are countries, and states of Germany, whose holidays follow rules.
var byRule = map[string][]*cal.Holiday{
	"US": us.Holidays, "DE": de.Holidays,
	"DE-BW": de.HolidaysBW, "DE-BY": de.HolidaysBY, "DE-BE": de.HolidaysBE, "DE-BB": de.HolidaysBB,
	"DE-HB": de.HolidaysHB, "DE-HH": de.HolidaysHH, "DE-HE": de.HolidaysHE, "DE-MV": de.HolidaysMV,
	"DE-NI": de.HolidaysNI, "DE-NW": de.HolidaysNW, "DE-RP": de.HolidaysRP, "DE-SL": de.HolidaysSL,
	"DE-SN": de.HolidaysSN, "DE-ST": de.HolidaysST, "DE-SH": de.HolidaysSH, "DE-TH": de.HolidaysTH,
}

var byFile = map[string]string{"CN": "cn.txt", "KR": "kr.txt"}

// Countries are the codes that Table knows, sorted.
func Countries() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for c := range maps.Keys(byRule) {
			if !yield(c) {
				return
			}
		}
		for c := range maps.Keys(byFile) {
			if !yield(c) {
				return
			}
		}
	})
}

// Table returns the holidays of a country (ISO 3166, states of Germany as
// DE-BY), or a CodeNotFound error that names those it knows.
func Table(country string) (*plant.HolidayTable, error) {
	if list := byRule[country]; list != nil {
		return worked(country, list), nil
	}
	name := byFile[country]
	if name == "" {
		return nil, plant.Errorf(plant.CodeNotFound, "%q is no country whose holidays are known; known are: %s; others can be written as a list of dates", country, strings.Join(Countries(), ", "))
	}
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return parse(country, string(data))
}

// worked works a table out by rule. Where a holiday is observed on another
// day, because it falls on a weekend, both are in it.
func worked(country string, list []*cal.Holiday) *plant.HolidayTable {
	t := &plant.HolidayTable{Country: country, FirstYear: firstYear, LastYear: lastYear, Source: "github.com/rickar/cal/v2"}
	for year := firstYear; year <= lastYear; year++ {
		for _, h := range list {
			actual, observed := h.Calc(year)
			if !actual.IsZero() {
				t.Days = append(t.Days, plant.DateOf(actual))
			}
			if !observed.IsZero() {
				t.Days = append(t.Days, plant.DateOf(observed))
			}
		}
	}
	slices.SortFunc(t.Days, plant.Date.Compare)
	t.Days = slices.Compact(t.Days)
	return t
}

// parse reads rows like "2018: 01-01 02-15 worked 02-11"; # begins a comment.
func parse(country, text string) (*plant.HolidayTable, error) {
	t := &plant.HolidayTable{Country: country}
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(row)
		if comment, ok := strings.CutPrefix(row, "#"); ok {
			t.Source = strings.TrimSpace(t.Source + comment)
			continue
		}
		year, days, _ := strings.Cut(row, ":")
		n, err := strconv.Atoi(year)
		if err != nil {
			return nil, fmt.Errorf("holidays of %s: %q is no year", country, row)
		}
		if t.FirstYear == 0 {
			t.FirstYear = n
		}
		t.LastYear = n
		into := &t.Days
		for _, day := range strings.Fields(days) {
			if day == "worked" {
				into = &t.Workdays
				continue
			}
			var d plant.Date
			if err := d.UnmarshalText([]byte(year + "-" + day)); err != nil {
				return nil, fmt.Errorf("holidays of %s: %w", country, err)
			}
			*into = append(*into, d)
		}
	}
	return t, nil
}
