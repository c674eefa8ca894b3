package rules

import (
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func frozenDefinition(conf Config) *Definition {
	reg := &plant.Registry{Plants: []*plant.Plant{{ID: "p", Lines: []*plant.Line{
		{ID: "l", Machines: []string{"m"}}, {ID: "fixed", Machines: []string{"f"}, Normal: plant.Rate{Set: true, PerHour: 1}},
	}}}}
	reg.Index()
	return &Definition{Version: "0123456789ab", Registry: reg, Rules: conf}
}

var march = Reference{From: plant.Date{Year: 2020, Month: 3, Day: 1}, To: plant.Date{Year: 2020, Month: 3, Day: 31}, Per: PerDay}

func TestFrozenFiguresFitTheRuleThatTheyWereMadeBy(t *testing.T) {
	daily := LineBaseline{Plant: "p", Line: "l", Origin: OriginReferenceDay, From: march.From, To: march.To, PerDay: 5}
	learned := LineBaseline{Plant: "p", Line: "l", Origin: OriginLearned, To: plant.Date{Year: 2020, Month: 1, Day: 23}, Shifts: []ShiftBaseline{{Normal: 5}}}
	fixed, gone := daily, daily
	fixed.Line, gone.Line = "fixed", "gone"
	b := &Baselines{Lines: []LineBaseline{daily, learned, fixed, gone}}
	shift := march
	shift.Per = PerShift
	for name, tc := range map[string]struct {
		conf Config
		want string
	}{
		"no rule":          {Config{}, ""},
		"the period":       {Config{Baseline: BaselineConfig{Reference: march}}, OriginReferenceDay},
		"another mean":     {Config{Baseline: BaselineConfig{Reference: shift}}, ""},
		"learned":          {Config{Baseline: BaselineConfig{Learned: true}, DisruptionDate: plant.Date{Year: 2020, Month: 1, Day: 24}}, OriginLearned},
		"another day":      {Config{Baseline: BaselineConfig{Learned: true}, DisruptionDate: plant.Date{Year: 2020, Month: 1, Day: 25}}, ""},
		"an override only": {Config{Overrides: []Override{{Plants: []string{"p"}, Baseline: BaselineConfig{Reference: march}}}}, OriginReferenceDay},
	} {
		var got []string
		for _, x := range b.Fitting(frozenDefinition(tc.conf)).Lines {
			got = append(got, x.Origin)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	if len((*Baselines)(nil).Fitting(frozenDefinition(Config{})).Lines) != 0 {
		t.Error("nothing frozen fits")
	}
}

// Other figures are another definition, the same ones the same; the version of
// registry and rules can be told from it.
func TestBaselinesArePartOfTheDefinition(t *testing.T) {
	d := frozenDefinition(Config{Baseline: BaselineConfig{Reference: march}})
	with := func(perDay float64) *Definition {
		return d.WithBaselines(&Baselines{Lines: []LineBaseline{{Plant: "p", Line: "l", Origin: OriginReferenceDay, From: march.From, To: march.To, PerDay: perDay}}})
	}
	five := with(5)
	if five.Version == d.Version || BaseVersion(five.Version) != d.Version || with(5).Version != five.Version || with(6).Version == five.Version || five.WithBaselines(nil).Version != d.Version {
		t.Errorf("versions %s %s %s", d.Version, five.Version, with(6).Version)
	}
	if m := d.Missing(); len(m) != 1 || m[0].Line != "l" || !m[0].Asked || !strings.Contains(m[0].Why, "heartline import") {
		t.Errorf("missing %+v", m)
	}
	if m := five.Missing(); len(m) != 0 {
		t.Errorf("missing %+v", m)
	}
	hourly := with(5)
	hourly.Rules.Resume.Window = plant.Span{Fixed: 3600e9}
	if m := hourly.Missing(); len(m) != 1 || !strings.Contains(m[0].Why, "windows of days") {
		t.Errorf("missing %+v", m)
	}
	if m := frozenDefinition(Config{}).Missing(); len(m) != 1 || m[0].Asked || !strings.Contains(m[0].Why, "normal:") {
		t.Errorf("missing %+v", m)
	}
}
