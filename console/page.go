package console

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxCards, maxOthers and maxNews bound one page: enrolled plants,
	// plants nobody enrolled, transitions.
	maxCards  = 200
	maxOthers = 50
	maxNews   = 30
	// maxQuery bounds what a filter may hold, in bytes.
	maxQuery = 200
)

// pages renders everything in one language: whole pages, and the same
// fragments for pages that are open.
type pages struct {
	lang      string
	templates *template.Template

	mu    sync.Mutex // guards cards: fragments shared by all pages
	cards map[string]fragment
}

// fragment is a plant's card as of a version.
type fragment struct {
	version uint64
	html    template.HTML
}

func allPages() map[string]*pages {
	out := map[string]*pages{}
	for _, lang := range languages {
		p := &pages{lang: lang, cards: map[string]fragment{}}
		p.templates = template.Must(template.New("").Funcs(template.FuncMap{
			"t":      func(key string) (string, error) { return say(lang, key) },
			"reason": func(word string) string { return reason(lang, word) },
			"phase":  func(word string) string { return sayOr(lang, "phase.", word) },
			"state":  func(word string) string { return sayOr(lang, "line.", word) },
			"utc":    func(i plant.Instant) string { return i.Time().Format("2006-01-02 15:04 UTC") },
			"iso":    func(i plant.Instant) string { return i.Time().Format(time.RFC3339) },
		}).ParseFS(webFiles, "web/*.html"))
		out[lang] = p
	}
	return out
}

func (p *pages) render(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	err := p.templates.ExecuteTemplate(&b, name, data)
	return template.HTML(bytes.TrimSpace(b.Bytes())), err
}

// card returns the fragment of e, from memory where e was rendered before.
func (p *pages) card(e *entry) (template.HTML, error) {
	p.mu.Lock()
	f, ok := p.cards[e.id]
	p.mu.Unlock()
	if ok && f.version == e.version {
		return f.html, nil
	}
	html, err := p.render("card", cardOf(e.view))
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.cards) > 8*(maxCards+maxOthers) { // plants that no page shows any more
		clear(p.cards)
	}
	p.cards[e.id] = fragment{version: e.version, html: html}
	return html, nil
}

// look is what one page shows at one moment.
type look struct {
	Lang     string
	Q        string
	Total    int // enrolled plants, shown or not
	Hidden   int // that match the filter and are not shown
	More     int // not enrolled and not shown
	Relapsed int
	Phases   []count
	States   []count
	Problems []Problem
	Fleet    *fleetLook // nil: no plant is eligible
	shown    []*entry
	others   []*entry
}

// Shown is the number of plants' cards on the page.
func (l look) Shown() int { return len(l.shown) }

// Others is the number of plants on the page that nobody enrolled.
func (l look) Others() int { return len(l.others) }

// Empty reports that nothing is known at all yet.
func (l look) Empty() bool { return l.Total == 0 && len(l.others) == 0 && l.Q == "" }

// count is one figure of the header.
type count struct {
	Word string
	N    int
}

func (s *Server) look(lang, q string) look {
	r := s.board.ranking()
	l := look{Lang: lang, Q: q, Total: len(r.enrolled), Relapsed: r.relapsed, Problems: s.ready(), Fleet: s.fleetNow()}
	l.shown, l.Hidden = matching(r.enrolled, q, maxCards)
	l.others, l.More = matching(r.others, q, maxOthers)
	for _, p := range []plant.Phase{plant.Stopped, plant.RampingUp, plant.Resumed, plant.Normal, plant.PhaseUnknown, plant.Excluded} {
		rare := p == plant.Normal || p == plant.Excluded // shown where there are any
		if n := r.phases[p]; n > 0 || !rare {
			l.Phases = append(l.Phases, count{p.String(), n})
		}
	}
	for _, st := range []plant.LineState{plant.Stalled, plant.ShortStop, plant.Running, plant.LineUnknown, plant.PlannedStop, plant.OffShift, plant.Commissioning} {
		rare := st == plant.PlannedStop || st == plant.OffShift || st == plant.Commissioning
		if n := r.lines[st]; n > 0 || !rare {
			l.States = append(l.States, count{st.String(), n})
		}
	}
	return l
}

// wholePage is what page.html shows.
type wholePage struct {
	look
	Build, Version string
	Languages      []otherLanguage
	Asked          string // ?lang=, to be kept by the filter's form
	Stream         string // the address of the page's events
	Cards, Rest    []template.HTML
	News           []template.HTML
	Now            plant.Instant
}

type otherLanguage struct {
	Tag, Name, Href string
	Current         bool
}

func (s *Server) getPage(w http.ResponseWriter, r *http.Request) {
	lang, q := languageOf(r), query(r)
	p := s.pages[lang]
	page := wholePage{look: s.look(lang, q), Build: s.build, Version: s.version, Now: plant.InstantOf(s.clock()),
		Stream: "board/events?" + url.Values{"lang": {lang}}.Encode()}
	if r.URL.Query().Has("lang") {
		page.Asked = lang
	}
	for _, l := range []otherLanguage{{Tag: "en", Name: "English"}, {Tag: "zh", Name: "中文"}} {
		v := url.Values{"lang": {l.Tag}}
		if q != "" {
			v.Set("q", q)
		}
		l.Href, l.Current = "?"+v.Encode(), l.Tag == lang
		page.Languages = append(page.Languages, l)
	}
	html, err := s.renderPage(p, page)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", lang)
	w.Header().Set("Vary", "Accept-Language")
	_, _ = w.Write([]byte(html))
}

func (s *Server) renderPage(p *pages, page wholePage) (_ template.HTML, err error) {
	if page.Cards, err = p.all(page.shown); err != nil {
		return "", err
	}
	if page.Rest, err = p.all(page.others); err != nil {
		return "", err
	}
	entries, _ := s.board.newest(maxNews, nil)
	for _, e := range entries {
		html, err := s.news(p, e.transition)
		if err != nil {
			return "", err
		}
		page.News = append(page.News, html)
	}
	return p.render("page.html", page)
}

func (p *pages) all(entries []*entry) ([]template.HTML, error) {
	out := make([]template.HTML, len(entries))
	for i, e := range entries {
		var err error
		if out[i], err = p.card(e); err != nil {
			return nil, err
		}
	}
	return slices.Clip(out), nil
}

func (s *Server) news(p *pages, t *plant.Transition) (template.HTML, error) {
	name := ""
	if v := s.board.plant(t.Plant); v != nil {
		name = v.Name
	}
	return p.render("news", newsOf(t, name))
}

// query is the page's filter.
func query(r *http.Request) string {
	q := r.URL.Query().Get("q")
	if len(q) > maxQuery {
		q = q[:maxQuery]
	}
	return strings.TrimSpace(strings.ToValidUTF8(q, ""))
}
