package console

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func pageOf(t *testing.T, s *Server, target string, header ...string) string {
	t.Helper()
	r := get(s, "GET", target, header...)
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %d %v", target, r.StatusCode, err)
	}
	return string(text)
}

func TestPageShowsEverythingWithoutJavaScript(t *testing.T) {
	s := testServer(Options{Ready: func() []Problem { return []Problem{{"influxdb", "it does not answer"}} }})
	v := view("p1")
	v.Phase, v.Relapsed = plant.Stopped, true
	v.Lines = append(v.Lines, rules.LineView{ID: "dye-2", State: plant.Stalled, Reason: "late_start", Since: noon})
	v.Lines[0].Reason = "first_part"
	fresh := view("p2")
	fresh.Last, fresh.Current, fresh.Since, fresh.Phase = nil, nil, 0, plant.PhaseUnknown
	s.Update([]rules.PlantView{v, fresh, {ID: "stranger"}})
	s.Transitions([]plant.Transition{transition(1, "p1")})
	for lang, wants := range map[string][]string{
		"en": {`<html lang="en"`, "Stopped", "relapsed", "80\u202f%", "72\u202f% – 88\u202f%", "2026-03-24 10:00 UTC", "1,234 m", "Stalled", "late start",
			"not evaluated", "no verdict yet", "Not enrolled", "stranger", "influxdb: it does not answer", "unexplained", "2 / 2 shown"},
		"zh": {`<html lang="zh-Hans"`, "停产", "再次停产", "停线", "开工延迟", "未评估", "尚无结论", "未登记"},
	} {
		text := pageOf(t, s, "/?lang="+lang)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
		if strings.Contains(text, "first") {
			t.Errorf("%s: a running line is said to run because of its first part", lang)
		}
		if strings.Contains(text, "style=") || regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(text) || strings.Contains(text, "http://") || strings.Contains(text, "https://") {
			t.Errorf("%s: inline style or script, or another host", lang)
		}
	}
}

func TestLanguageIsAskedForOrTheBrowsersOwn(t *testing.T) {
	s := testServer(Options{})
	for _, test := range []struct{ target, accept, want string }{
		{"/", "", "en"},
		{"/", "de, fr;q=0.5", "en"},
		{"/", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
		{"/", "en-GB,zh;q=0.5", "en"},
		{"/?lang=zh", "en", "zh-Hans"},
		{"/?lang=en", "zh", "en"},
		{"/?lang=xx", "zh", "zh-Hans"},
		{"/", ";;;q=,", "en"},
	} {
		if text := pageOf(t, s, test.target, "Accept-Language", test.accept); !strings.Contains(text, `<html lang="`+test.want+`"`) {
			t.Errorf("%s, %q: not in %s", test.target, test.accept, test.want)
		}
	}
}

func TestEmptyPageSaysHowToPublish(t *testing.T) {
	s := testServer(Options{})
	const command = "mosquitto_pub"
	if !strings.Contains(pageOf(t, s, "/"), command) {
		t.Error("an empty board does not say how to publish")
	}
	s.Update([]rules.PlantView{{ID: "stranger"}})
	if strings.Contains(pageOf(t, s, "/"), command) {
		t.Error("a board that heard a heartbeat says how to publish the first")
	}
}

func TestUrgentPlantsComeFirstAndTheRestIsCounted(t *testing.T) {
	s := testServer(Options{})
	var views []rules.PlantView
	for i := range maxCards + 100 {
		views = append(views, view(fmt.Sprintf("p%04d", i)))
	}
	views[250].Lines[0].State = plant.Stalled
	views[260].Phase, views[260].Relapsed = plant.Stopped, true
	views[270].Phase = plant.Stopped
	s.Update(views)
	text := pageOf(t, s, "/")
	ids := cardIDs(text)
	if len(ids) != maxCards || strings.Join(ids[:4], " ") != "p0250 p0260 p0270 p0000" {
		t.Errorf("%d cards, the first are %v", len(ids), ids[:4])
	}
	if !strings.Contains(text, "200 / 300 shown") || !strings.Contains(text, "<b>100</b> more not shown") {
		t.Error("the page does not say how many plants it leaves out")
	}
	if ids := cardIDs(pageOf(t, s, "/?q=P0299")); strings.Join(ids, " ") != "p0299" {
		t.Errorf("filtered: %v", ids)
	}
	if ids := cardIDs(pageOf(t, s, "/?q=zhejiang+p029")); len(ids) != 10 {
		t.Errorf("filtered by label and id: %v", ids)
	}
	if ids := cardIDs(pageOf(t, s, "/?q="+strings.Repeat("%E5%B7%A5", 500))); len(ids) != 0 {
		t.Errorf("filtered by nonsense: %v", ids)
	}
}

func cardIDs(text string) (ids []string) {
	for _, m := range regexp.MustCompile(`<article [^>]*data-id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func TestTenThousandPlantsAreRankedAndRenderedWhileTheyChange(t *testing.T) {
	s := testServer(Options{})
	views := make([]rules.PlantView, 10_000)
	for i := range views {
		views[i] = view(fmt.Sprintf("p%05d", i))
	}
	for round := range 3 {
		for i := range views {
			views[i].Lines = []rules.LineView{{ID: "l", Output: float64(round)}}
		}
		s.Update(views)
		if n := len(cardIDs(pageOf(t, s, "/"))); n != maxCards {
			t.Fatalf("%d cards", n)
		}
	}
	if n := len(s.board.log); n > 3*len(views) {
		t.Errorf("the log holds %d entries for %d plants", n, len(views))
	}
}

func TestEveryStateHasWordsAndAShapeInBothLanguages(t *testing.T) {
	s := testServer(Options{})
	var views []rules.PlantView
	for p := plant.PhaseUnknown; p <= plant.Excluded; p++ {
		v := view(p.String())
		v.Phase, v.Relapsed, v.Lines = p, true, nil
		for l := plant.LineUnknown; l <= plant.Commissioning; l++ {
			v.Lines = append(v.Lines, rules.LineView{ID: l.String(), State: l, Since: noon, Reason: "a_new_reason"})
		}
		views = append(views, v)
	}
	for i := range views { // few lines, so that all are shown
		views = append(views, rules.PlantView{ID: fmt.Sprint("x", i), Enrolled: true, Lines: views[i].Lines[4:]})
	}
	s.Update(views)
	for _, lang := range languages {
		text := pageOf(t, s, "/?lang="+lang)
		if strings.Contains(text, "invalid(") || !strings.Contains(text, "a new reason") {
			t.Errorf("%s: a word is missing", lang)
		}
		for _, m := range regexp.MustCompile(`href="#(i-[a-z_]+)"`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(text, `<symbol id="`+m[1]+`"`) {
				t.Errorf("%s: no shape %s", lang, m[1])
			}
		}
	}
	for key, w := range words {
		if w.en == "" || w.zh == "" {
			t.Errorf("words for %q are missing", key)
		}
	}
}

func TestWordsOfTheTemplatesExist(t *testing.T) {
	for _, file := range []string{"web/page.html", "web/fragments.html"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\{\{t "([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			if _, ok := words[m[1]]; !ok {
				t.Errorf("%s: no words for %q", file, m[1])
			}
		}
	}
}

func TestHostileNamesAreText(t *testing.T) {
	s := testServer(Options{})
	s.Update([]rules.PlantView{hostile()})
	tr := transition(1, hostile().ID)
	tr.To, tr.Line, tr.Reason = `"><script>`, `<script>`, `<script>`
	s.Transitions([]plant.Transition{tr})
	text := pageOf(t, s, `/?q=%22%3E%3Cscript%3E`) + pageOf(t, s, "/")
	for _, bad := range []string{"<script>", "<img src=x", `' onmouseover`} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, test := range []struct {
		share float64
		want  string
	}{{.8, "80"}, {.2999, "29.9"}, {.3, "30"}, {.29, "29"}, {.19996, "19.9"}, {1.0401, "104"}, {0, "0"}, {-.0005, "-0.1"}} {
		if got := percent(test.share); got != test.want+"\u202f%" {
			t.Errorf("percent(%v) = %s, want %s", test.share, got, test.want)
		}
	}
	for f, want := range map[float64]string{0: "0", 3.25: "3.2", 12345.6: "12,346", 999: "999", 1000: "1,000", 1234567: "1,234,567", -4321: "-4,321", 2e18: "2e+18"} {
		if got := amount(f); got != want {
			t.Errorf("amount(%v) = %s, want %s", f, got, want)
		}
	}
}

func TestUnboundedRecoverySaysAtLeast(t *testing.T) {
	f := figureOf(&plant.Verdict{Recovery: ptr(.5), RecoveryLow: ptr(.4)})
	if f.Range != "≥ 40\u202f%" || f.Low+f.Band != 100 {
		t.Errorf("%+v", f)
	}
	if f := figureOf(&plant.Verdict{RecoveryLow: ptr(.4)}); f != nil {
		t.Errorf("not evaluated, but %+v", f)
	}
}

func TestManyLinesAreSummedUpTheUrgentOnesShown(t *testing.T) {
	v := view("p")
	v.Lines = nil
	for i := range 20 {
		v.Lines = append(v.Lines, rules.LineView{ID: fmt.Sprint("l", i), State: plant.Running, Since: noon.Add(-time.Hour)})
	}
	v.Lines[17].State = plant.Stalled
	c := cardOf(&v)
	if len(c.Lines) != maxLines-1 || c.Lines[0].ID != "l17" || len(c.More) != 1 || c.More[0] != (count{"running", 15}) {
		t.Errorf("%d lines, the first %s, and %v", len(c.Lines), c.Lines[0].ID, c.More)
	}
	if v.Lines[0].ID != "l0" {
		t.Error("the view itself was sorted")
	}
}
