package console

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func shiftsOf(t *testing.T, s *Server, query string) (out []string) {
	t.Helper()
	var got struct{ Shifts []plant.ShiftFigures }
	if err := json.NewDecoder(get(s, "GET", "/api/v1/plants/shaoxing-07/shifts"+query).Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	for _, f := range got.Shifts {
		out = append(out, f.Line+f.To.Time().Format(" 15"))
	}
	return out
}

// Shifts come from two sides, views and what closed, and are kept once.
func TestShiftsAreKeptOnce(t *testing.T) {
	s := testServer(Options{})
	closed := func(line string, hours int) plant.ShiftFigures {
		f := oneShift()
		f.Line, f.To = line, noon.Add(time.Duration(hours)*time.Hour)
		return f
	}
	last := closed("dye-1", -8)
	v := view("shaoxing-07")
	v.Lines[0].LastShift = &last
	s.Update([]rules.PlantView{v}) // after a restart
	s.Shifts([]plant.ShiftFigures{closed("dye-1", 0), closed("dye-2", 0)})
	s.Shifts([]plant.ShiftFigures{closed("dye-1", 0), closed("dye-1", 8)})
	newest := closed("dye-1", 8)
	v.Lines[0].LastShift = &newest
	s.Update([]rules.PlantView{v})
	other := oneShift()
	other.Plant = "elsewhere"
	s.Shifts([]plant.ShiftFigures{other})
	for query, want := range map[string]string{
		"":                           "dye-1 20, dye-2 12, dye-1 12, dye-1 04",
		"?line=dye-1&limit=2":        "dye-1 20, dye-1 12",
		"?from=2026-03-24T04:00:00Z": "dye-1 20, dye-2 12, dye-1 12",
		"?to=2026-03-24T12:00:00Z":   "dye-2 12, dye-1 12, dye-1 04",
		"?line=nobody":               "",
	} {
		if got := strings.Join(shiftsOf(t, s, query), ", "); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	if r := get(s, "GET", "/api/v1/plants/nobody/shifts"); r.StatusCode != 404 {
		t.Errorf("of a plant nobody knows: %d", r.StatusCode)
	}
}

// What is kept is bounded: the oldest go.
func TestShiftsInMemoryAreBounded(t *testing.T) {
	var l shiftLog
	for i := range 3 * maxShifts {
		l.add([]plant.ShiftFigures{{Plant: "p", Line: fmt.Sprint(i), To: noon}})
	}
	all := l.of(shiftQuery{plant: "p", span: span{limit: 1 << 30}})
	if len(all) != maxShifts || all[0].Line != fmt.Sprint(3*maxShifts-1) || len(l.kept) > 2*maxShifts {
		t.Errorf("%d shifts are answered of %d kept, the newest %s", len(all), len(l.kept), all[0].Line)
	}
}

// The page says how a line's shift goes, in either language, and no figure
// that cannot be said.
func TestThePageShowsOEE(t *testing.T) {
	goes, closed := oneShift(), oneShift()
	early := oneShift()
	early.Observed, early.Production, early.Downtime = 0, 0, 0
	early.Good, early.Produced = 0, 0
	early.Work()
	noCycle := oneShift()
	noCycle.IdealCycle = 0
	noCycle.Work()
	above := oneShift()
	above.IdealCycle = 9
	above.Work()
	closed.Shift = "night"
	day := oneShift()
	day.Shift = "day"
	for name, c := range map[string]struct {
		shift, last *plant.ShiftFigures
		en, zh      string
	}{
		"the shift that goes on":   {&goes, &closed, `OEE <b>77.1 %</b> – 80.4 % <span>early so far</span>`, `OEE <b>77.1 %</b> – 80.4 % <span>early 至今</span>`},
		"else the last one":        {&early, &closed, `OEE <b>77.1 %</b> – 80.4 % <span>night</span>`, `<span>night</span>`},
		"no ideal cycle":           {&noCycle, nil, `availability <b>90.9 %</b> – 94.1 % <span>`, `可用率 <b>90.9 %</b>`},
		"above the ideal cycle":    {nil, &above, `<span class="flag">above ideal cycle</span>`, `超过理想节拍`},
		"a production day":         {nil, &day, `<span>day</span>`, `<span>全天</span>`},
		"nothing is known":         {&early, nil, "", ""},
		"there is no shift at all": {nil, nil, "", ""},
	} {
		v := view("p")
		v.Lines[0].Shift, v.Lines[0].LastShift = c.shift, c.last
		s := testServer(Options{})
		s.Update([]rules.PlantView{v})
		for lang, want := range map[string]string{"en": c.en, "zh": c.zh} {
			html, err := s.pages[lang].card(s.board.plants["p"])
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(html), "\u202f", " ")
			if want != "" && !strings.Contains(text, want) || want == "" && strings.Contains(text, "oee") {
				t.Errorf("%s (%s): the card does not say %q:\n%s", name, lang, want, text)
			}
		}
	}
}
