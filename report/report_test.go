package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

var shanghai = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return zone
}()

// ends is when the day of February 2020 ends in China.
func ends(day int) plant.Instant {
	return plant.InstantOf(time.Date(2020, 2, day+1, 0, 0, 0, 0, shanghai))
}

func date(day int) plant.Date { return plant.Date{Year: 2020, Month: 2, Day: day} }

// played is a fleet of four over the days 10 to 12: a resumes on the 11th, b
// stops again on the 12th, c was never heard, d is excluded.
func played() *Played {
	reg := &plant.Registry{}
	for _, p := range []struct{ id, name, region string }{
		{"a", "Plant <A> & sons", "Zhejiang"}, {"b", "", "Zhejiang"}, {"c", "", "Jiangsu"}, {"d", "", ""},
	} {
		x := &plant.Plant{ID: p.id, Name: p.name, Timezone: "Asia/Shanghai", Lines: []*plant.Line{{ID: "l", Machines: []string{"m"}}}}
		if p.region != "" {
			x.Labels = map[string]string{"region": p.region}
		}
		reg.Plants = append(reg.Plants, x)
	}
	reg.Index()
	def := &rules.Definition{Version: "v1", Registry: reg, Rules: rules.Config{}.WithDefaults()}
	p := &Played{Definition: def}
	turn := func(id string, day int, to plant.Phase, relapsed bool) {
		p.Transitions = append(p.Transitions, plant.Transition{Kind: plant.KindPhase, Plant: id, At: ends(day), To: to.String(), Relapsed: relapsed})
	}
	window := func(id string, day int, recovery float64) {
		p.Windows = append(p.Windows, rules.Window{Plant: id, Verdict: plant.Verdict{From: ends(day - 1), To: ends(day),
			Recovery: &recovery, RecoveryLow: &recovery, RecoveryHigh: &recovery, Coverage: 1, Baseline: "fixed", Proxy: id == "b"}})
	}
	turn("a", 10, plant.Stopped, false)
	turn("a", 11, plant.Resumed, false)
	turn("b", 10, plant.Resumed, false)
	turn("b", 12, plant.Stopped, true)
	turn("d", 10, plant.Excluded, false)
	for day, r := range map[int][2]float64{10: {0, .9}, 11: {.5, .8}, 12: {.6, .1}} {
		window("a", day, r[0])
		window("b", day, r[1])
	}
	return p
}

func made(t *testing.T) *Report {
	t.Helper()
	r, err := Of(played(), date(10), date(12), []string{"region"})
	if err != nil {
		t.Fatal(err)
	}
	r.Source = "a test"
	return r
}

func TestDaysAndPlants(t *testing.T) {
	r := made(t)
	var got []string
	for _, d := range r.Days {
		x := d.Figures[0]
		got = append(got, fmt.Sprintf("%s %d/%d %d unknown %d excluded %.2f", d.Date, x.Resumed, x.Eligible, x.Unknown, x.Excluded, *x.Recovery))
	}
	want := []string{"2020-02-10 1/3 1 unknown 1 excluded 0.45", "2020-02-11 2/3 1 unknown 1 excluded 0.65", "2020-02-12 1/3 1 unknown 1 excluded 0.35"}
	if !slices.Equal(got, want) {
		t.Errorf("days\n%q\nwant\n%q", got, want)
	}
	got = nil
	for _, p := range r.Plants {
		got = append(got, fmt.Sprintf("%s %s %v", p.ID, p.Phase, p.Flags))
	}
	want = []string{"a resumed []", "b stopped [relapsed proxy]", "c unknown [unobserved]", "d excluded [excluded]"}
	if !slices.Equal(got, want) {
		t.Errorf("plants\n%q\nwant\n%q", got, want)
	}
	if since := *r.Plants[0].Since; since != ends(11) {
		t.Errorf("a is resumed since %s, want %s", since, ends(11))
	}
	if _, err := Of(played(), date(10), date(12), []string{"regoin"}); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("a label that nobody has: %v", err)
	}
}

func TestCSVAndJSONSayTheSame(t *testing.T) {
	r := made(t)
	var b bytes.Buffer
	if err := r.CSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+3*4 { // all, (none), Jiangsu, Zhejiang
		t.Fatalf("%d rows", len(rows))
	}
	last := map[string]string{}
	for i, name := range rows[0] {
		last[name] = rows[len(rows)-1][i]
	}
	for name, want := range map[string]string{"date": "2020-02-12", "segment": "region", "segment_value": "Zhejiang", "eligible": "2",
		"resumed": "1", "stopped": "1", "rate": "0.5", "rate_high": "0.5", "recovery": "0.35", "basis": "backtest"} {
		if last[name] != want {
			t.Errorf("%s: got %q, want %q", name, last[name], want)
		}
	}
	b.Reset()
	if err := r.JSON(&b, "en"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Days  []struct{ Resumption []plant.Resumption }
		Words []string `json:"definition_words"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if n := len(got.Days[2].Resumption); n != 4 || *got.Days[2].Resumption[3].Rate != 0.5 {
		t.Errorf("JSON: %d segments: %s", n, b.String())
	}
	if len(got.Words) != 5 || !strings.Contains(got.Words[0], "30% of normal output") {
		t.Errorf("words: %q", got.Words)
	}
}

// missing finds keys that nobody translated: they show as themselves.
var missing = regexp.MustCompile(`\b(phase|flag|baseline|rules)\.[a-z_]+\b`)

func TestThePageNeedsNothingElse(t *testing.T) {
	r := made(t)
	r.Simulated = true
	for _, lang := range Languages {
		var b bytes.Buffer
		if err := r.HTML(&b, lang); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		bare := strings.NewReplacer("http://www.w3.org/2000/svg", "", "http://www.w3.org/1999/xlink", "").Replace(text)
		for _, foreign := range []string{"http://", "https://", "<script", "<link", "url(", "@import", "src="} {
			if strings.Contains(bare, foreign) {
				t.Errorf("%s: the page has %q", lang, foreign)
			}
		}
		if strings.Contains(text, "<A>") || !strings.Contains(text, "Plant &lt;A&gt; &amp; sons") {
			t.Errorf("%s: a name is taken for markup", lang)
		}
		if key := missing.FindString(text); key != "" {
			t.Errorf("%s: %s is not translated", lang, key)
		}
		if n := strings.Count(text, "<svg"); n != 3 { // all, Jiangsu, Zhejiang; nobody else is eligible
			t.Errorf("%s: %d charts, want 3", lang, n)
		}
		words := html.UnescapeString(text)
		for _, want := range []string{say(lang, "simulated"), "33.3\u202f% – 66.6\u202f%", "2020-02-12", say(lang, "rules.rate"), say(lang, "flag.relapsed"), "Asia/Shanghai"} {
			if !strings.Contains(words, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
	}
}

func TestOneDayHasNoCourseToDraw(t *testing.T) {
	r, err := Of(played(), date(12), date(12), []string{"region"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.HTML(&b, "en"); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "<svg") || strings.Contains(text, "<figure") || strings.Contains(text, say("en", "rate")+": region") ||
		!strings.Contains(text, "33.3\u202f%") {
		t.Errorf("a chart, or the title of one, where one day is known; or no figures: %s", text)
	}
}

func TestTextInBothLanguages(t *testing.T) {
	r := made(t)
	for lang, want := range map[string]string{"en": "relapsed, proxy", "zh": "再次停产, 替代指标"} {
		var b bytes.Buffer
		if err := r.Text(&b, lang); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) || missing.MatchString(b.String()) || strings.Contains(b.String(), "%!") {
			t.Errorf("%s:\n%s", lang, b.String())
		}
	}
}

func TestEveryWordIsThereTwice(t *testing.T) {
	for key, w := range words {
		if w.en == "" || w.zh == "" || strings.Count(w.en, "%s") != strings.Count(w.zh, "%s") {
			t.Errorf("%s: %q, %q", key, w.en, w.zh)
		}
	}
}

// A share of normal output means nothing to who is not told what that is.
func TestTheDefinitionSaysWhereNormalOutputComesFrom(t *testing.T) {
	r := made(t)
	conf := *r.Rules
	conf.Baseline = rules.BaselineConfig{Reference: rules.Reference{From: plant.Date{Year: 2019, Month: 12, Day: 1}, To: plant.Date{Year: 2019, Month: 12, Day: 31}}, Learned: true}
	conf.DisruptionDate = plant.Date{Year: 2020, Month: 1, Day: 24}
	r.Rules = &conf
	for lang, want := range map[string][]string{
		"en": {"the mean of whole days, 2019-12-01 to 2019-12-31", "weeks before 2020-01-24"},
		"zh": {"2019-12-01 至 2019-12-31 的日均产量", "2020-01-24 之前"},
	} {
		text := strings.Join(r.definition(lang), "\n")
		for _, w := range want {
			if !strings.Contains(text, w) || strings.Contains(text, "%!") {
				t.Errorf("%s: %q is not in\n%s", lang, w, text)
			}
		}
	}
}
