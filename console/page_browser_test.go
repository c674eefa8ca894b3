package console

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/seed-00829101/heartline/internal/freeport"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

const live = `document.getElementById("link").dataset.state === "live"`

// phaseText is the text of a plant's phase on the page.
func phaseText(id, want string) string {
	return fmt.Sprintf(`document.querySelector('.card[data-id=%q] .phase')?.textContent === %q`, id, want)
}

func TestPageChangesWithoutAReloadInBothLanguages(t *testing.T) {
	b := openBrowser(t)
	for _, test := range []struct{ lang, resumed, stopped, relapsed, stalled string }{
		{"en", "Resumed", "Stopped", "relapsed", "Stalled"},
		{"zh", "已复产", "停产", "再次停产", "停线"},
	} {
		t.Run(test.lang, func(t *testing.T) {
			s := testServer(Options{})
			url := start(t, s)
			s.Update([]rules.PlantView{view("p1"), view("p2")})
			b.do(t, chromedp.Navigate(url+"/?lang="+test.lang))
			b.await(t, live+" && "+phaseText("p1", test.resumed))
			b.do(t, chromedp.Evaluate[chromedp.Void](`window.same = true`))

			v := view("p2")
			v.Phase, v.Relapsed, v.Since = plant.Stopped, true, noon
			v.Lines[0].State = plant.Stalled
			s.Update([]rules.PlantView{v})
			s.Transitions([]plant.Transition{transition(1, "p2")})
			b.await(t, phaseText("p2", test.stopped))
			b.await(t, `document.querySelector('.card').dataset.id === "p2"`) // what needs somebody comes first
			b.await(t, fmt.Sprintf(`document.querySelector('.card[data-id="p2"] .relapsed').textContent === %q`, test.relapsed))
			b.await(t, fmt.Sprintf(`document.querySelector('.card[data-id="p2"] .line .state').textContent.startsWith(%q)`, test.stalled))
			b.await(t, fmt.Sprintf(`document.querySelector('#news li .how').textContent.includes(%q)`, test.stalled))
			b.await(t, `document.querySelector('.phases .phase-stopped b').textContent === "1"`)
			// 12:00 UTC is 20:00 where this browser is.
			b.await(t, `document.querySelector('.card[data-id="p2"] time[data-abs]').textContent.includes("20:00")`)

			s.Update([]rules.PlantView{view("p3")})
			s.Remove("p1")
			b.await(t, `[...document.querySelectorAll(".card")].map((c) => c.dataset.id).join() === "p2,p3"`)
			b.await(t, `window.same === true`)
			b.quiet(t, url)
		})
	}
}

func TestPageSaysThatTheConnectionIsLostAndComesBack(t *testing.T) {
	b := openBrowser(t)
	s := testServer(Options{})
	s.Update([]rules.PlantView{view("p1")})
	address := freeport.Address(t)
	srv := serveAt(t, address, s)
	b.do(t, chromedp.Navigate(srv.URL))
	b.await(t, live+` && document.getElementById("lost").hidden`)
	s.Close()
	srv.CloseClientConnections()
	srv.Close()
	b.await(t, `document.getElementById("link").dataset.state === "lost" && !document.getElementById("lost").hidden`)

	s = testServer(Options{})
	v := view("p1")
	v.Phase = plant.Stopped
	s.Update([]rules.PlantView{v})
	serveAt(t, address, s)
	b.await(t, live+` && document.getElementById("lost").hidden && `+phaseText("p1", "Stopped"))
}

func TestPageLoadsItselfAgainWhenItsFilesChanged(t *testing.T) {
	b := openBrowser(t)
	s := testServer(Options{Version: "1"})
	address := freeport.Address(t)
	srv := serveAt(t, address, s)
	b.do(t, chromedp.Navigate(srv.URL))
	b.await(t, live)
	s.Close()
	srv.Close()
	serveAt(t, address, testServer(Options{Version: "2"}))
	b.await(t, `document.querySelector("footer").textContent.includes("Heartline 2") && `+live)
}

func TestHostileNamesRunNothing(t *testing.T) {
	b := openBrowser(t)
	s := testServer(Options{})
	url := start(t, s)
	s.Update([]rules.PlantView{hostile()})
	b.do(t, chromedp.Navigate(url+"/?q="+`%22%3E%3Cscript%3Ealert(1)%3C/script%3E`))
	b.await(t, live)
	b.do(t, chromedp.Navigate(url))
	b.await(t, live+` && document.querySelectorAll(".card").length === 1`)
	v := hostile()
	v.Lines[0].Reason = `<svg onload=alert(1)>`
	s.Update([]rules.PlantView{v})
	tr := transition(1, v.ID)
	tr.To, tr.Line = `"><script>alert(1)</script>`, `<b onclick=x>`
	s.Transitions([]plant.Transition{tr})
	b.await(t, `document.querySelector(".line small")?.textContent === "<svg onload=alert(1)>" && document.querySelectorAll("#news li").length === 1`)
	b.await(t, `document.querySelectorAll("main script, main [onload], main [onerror], main [onclick]").length === 0 && window.hacked === undefined`)
	b.quiet(t, url)
}

func TestFilterAsksTheServerWhileTyping(t *testing.T) {
	b := openBrowser(t)
	s := testServer(Options{})
	url := start(t, s)
	var views []rules.PlantView
	for i := range maxCards + 50 {
		views = append(views, view(fmt.Sprintf("p%03d", i)))
	}
	s.Update(views)
	b.do(t, chromedp.Navigate(url))
	b.await(t, live+` && document.querySelectorAll("#cards .card").length === 200 && document.querySelector(".hidden-count b").textContent === "50"`)
	b.do(t, chromedp.SendKeys("#q", "p24"))
	b.await(t, `document.querySelectorAll("#cards .card").length === 10 && location.search === "?q=p24"`)
	b.quiet(t, url)
}
