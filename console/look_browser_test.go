package console

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// contrast lists the visible words whose contrast with what is behind them is
// below WCAG's AA: 4.5, or 3 for large text.
const contrast = `(() => {
  const rgb = (s) => s.match(/[\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const bad = new Set(), words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const el = words.currentNode.parentElement, style = getComputedStyle(el);
    if (!words.currentNode.data.trim() || !el.checkVisibility() || el.closest(".skip, svg, noscript")) continue;
    let behind = [255, 255, 255];
    for (let e = el; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) { behind = c.slice(0, 3); break; }
    }
    const [a, b] = [light(rgb(style.color).slice(0, 3)), light(behind)], ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    if (ratio < (large ? 3 : 4.5)) bad.add(el.className + " " + el.textContent.trim().slice(0, 30) + " " + ratio.toFixed(2));
  }
  return [...bad].join("; ");
})()`

// TestPageFitsAndCanBeReadOnTVAndPhone also leaves pictures for people to look
// at, in the directory that HEARTLINE_SHOTS names.
func TestPageFitsAndCanBeReadOnTVAndPhone(t *testing.T) {
	b := openBrowser(t)
	board := testServer(Options{Resumption: oneFleet{}, Clock: time.Now, Version: "dev"})
	fill(board)
	urls := map[string]string{"board": start(t, board), "empty": start(t, testServer(Options{Clock: time.Now,
		Ready: func() []Problem { return []Problem{{"influxdb", "it does not answer at http://127.0.0.1:8086"}} }}))}
	for _, lang := range languages {
		for _, scheme := range []string{"light", "dark"} {
			for _, size := range [][2]int64{{1920, 1080}, {375, 812}} {
				for name, url := range urls {
					t.Run(fmt.Sprintf("%s-%s-%s-%d", name, lang, scheme, size[0]), func(t *testing.T) {
						call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
							{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
						b.do(t, chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(url+"/?lang="+lang))
						b.await(t, live)
						b.await(t, `document.documentElement.scrollWidth <= innerWidth`)
						bad, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](contrast))
						if err != nil || bad != "" {
							t.Errorf("too little contrast: %s (%v)", bad, err)
						}
						shoot(t, b)
					})
				}
			}
		}
	}
}

func shoot(t *testing.T, b *browser) {
	t.Helper()
	dir := os.Getenv("HEARTLINE_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, filepath.Base(t.Name())+".png"), png, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// fill gives the board one of everything.
func fill(s *Server) {
	now := plant.InstantOf(time.Now())
	ago := func(d time.Duration) plant.Instant { return now.Add(-d) }
	line := func(id, unit string, st plant.LineState, reason string, since time.Duration, out float64) rules.LineView {
		return rules.LineView{ID: id, Unit: unit, State: st, Reason: reason, Since: ago(since), Heard: ago(time.Second), Output: out}
	}
	v := func(id, name string, p plant.Phase, relapsed bool, since time.Duration, low, r, high float64, lines ...rules.LineView) rules.PlantView {
		out := rules.PlantView{ID: id, Name: name, Enrolled: true, Phase: p, Relapsed: relapsed, Since: ago(since), Lines: lines}
		if r >= 0 {
			out.Last = &plant.Verdict{Recovery: &r, RecoveryLow: &low, RecoveryHigh: &high}
			c := r * .96
			out.Current = &plant.Verdict{Recovery: &c}
		}
		return out
	}
	views := []rules.PlantView{
		v("shaoxing-07", "Shaoxing Dyeing No. 7", plant.Resumed, false, 26*time.Hour, .8, .8, .8,
			line("dye-1", "m", plant.Stalled, "unexplained", 9*time.Minute, 1210), line("dye-2", "m", plant.Running, "", time.Hour, 1480)),
		v("ningbo-02", "宁波注塑二厂", plant.Stopped, true, 50*time.Minute, .08, .1, .14,
			line("press-1", "pcs", plant.Stalled, "late_start", 75*time.Minute, 0), line("press-2", "pcs", plant.ShortStop, "", 70*time.Second, 412), line("press-3", "pcs", plant.PlannedStop, "", 12*time.Minute, 80)),
		v("gwangyang", "Gwangyang Steel", plant.Stopped, false, 96*time.Hour, .02, .02, .02, line("works", "kWh", plant.OffShift, "", 5*time.Hour, 18)),
		v("suzhou-11", "Suzhou Board Assembly", plant.RampingUp, false, 18*time.Minute, .35, .41, .55,
			line("smt-1", "boards", plant.Running, "", 25*time.Minute, 233), line("smt-2", "boards", plant.LineUnknown, "blind", 6*time.Minute, 120)),
		v("wuxi-01", "Wuxi Bearings", plant.PhaseUnknown, false, 3*time.Hour, 0, -1, 0, line("grind-1", "pcs", plant.LineUnknown, "silent", 3*time.Hour, 0)),
		v("hangzhou-03", "Hangzhou Packaging", plant.Resumed, false, 5*24*time.Hour, .93, .97, 1.02,
			line("fold-1", "boxes", plant.Running, "", 3*time.Hour, 20480), line("fold-2", "boxes", plant.Running, "", 2*time.Hour, 19822), line("fold-3", "boxes", plant.Commissioning, "", 400*time.Hour, 3)),
		v("jiaxing-04", "Jiaxing Knitting", plant.Normal, false, 9*24*time.Hour, 1.04, 1.04, 1.04, line("knit-1", "m", plant.Running, "", 8*time.Hour, 961), line("knit-2", "m", plant.Running, "", 8*time.Hour, 955)),
		v("demo-new", "", plant.PhaseUnknown, false, 0, 0, -1, 0, line("line-1", "", plant.Running, "", time.Minute, 4)),
	}
	views[7].Since = 0
	views[1].Declared = []plant.Declaration{{ID: "a", Kind: plant.DeclarePlannedStop, Line: "press-3", Reason: "mould cleaning", By: "li", From: ago(12 * time.Minute), To: now.Add(time.Hour)}}
	views[2].Past = []plant.Declaration{{ID: "b", Kind: plant.DeclareNote, Reason: "Transformer is being replaced, back on Thursday at the earliest", By: "park", From: ago(time.Hour), To: ago(time.Hour)}}
	for i := range 9 {
		var ls []rules.LineView
		for j := range 12 {
			ls = append(ls, line(fmt.Sprintf("line-%02d", j+1), "pcs", plant.Running, "", time.Duration(j+1)*time.Minute, float64(200+j*13)))
		}
		if i > 1 {
			ls = ls[:2]
		}
		views = append(views, v(fmt.Sprintf("sim-%03d", i), fmt.Sprintf("Simulated plant %d", i), plant.Resumed, false, time.Duration(i)*time.Hour, .5, .55, .6, ls...))
	}
	views = append(views, rules.PlantView{ID: "plant-1", Lines: []rules.LineView{line("line-1", "", plant.LineUnknown, "", 0, 0)}})
	s.Update(views)
	r := .1
	s.Transitions([]plant.Transition{
		{ID: "1-0", Kind: "phase", Plant: "hangzhou-03", At: ago(5 * 24 * time.Hour), From: "unknown", To: "resumed", First: true, Reason: "window", Verdict: &plant.Verdict{Recovery: ptr(.97)}},
		{ID: "2-0", Kind: "phase", Plant: "ningbo-02", At: ago(50 * time.Minute), From: "resumed", To: "stopped", Relapsed: true, Reason: "window", Verdict: &plant.Verdict{Recovery: &r}},
		{ID: "3-0", Kind: "phase", Plant: "suzhou-11", At: ago(18 * time.Minute), From: "stopped", To: "ramping_up", Reason: "window", Verdict: &plant.Verdict{Recovery: ptr(.41)}},
		{ID: "4-0", Kind: "line", Plant: "suzhou-11", Line: "smt-2", At: ago(6 * time.Minute), From: "running", To: "unknown", Reason: "blind"},
		{ID: "5-0", Kind: "line", Plant: "shaoxing-07", Line: "dye-1", At: ago(4 * time.Minute), From: "short_stop", To: "stalled", Reason: "unexplained"},
		{ID: "6-0", Kind: "line", Plant: "ningbo-02", Line: "press-2", At: ago(70 * time.Second), From: "running", To: "short_stop"},
	})
}
