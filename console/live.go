package console

import (
	"hash/maphash"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// getBoardEvents streams to one open page what it must change. Events: hello
// (the build it should be), part, card, order, news, beat. It is the page's
// own and no promise to anybody else.
func (s *Server) getBoardEvents(w http.ResponseWriter, r *http.Request) {
	st := s.openStream(w, r)
	if st == nil {
		return
	}
	defer st.end()
	if r.Method == http.MethodHead {
		return
	}
	lang := languageOf(r)
	p := livePage{stream: st, pages: s.pages[lang], q: query(r), seed: maphash.MakeSeed(),
		cards: map[string]sentCard{}, parts: map[string]template.HTML{}}
	if p.event("hello", "", map[string]any{"build": s.build, "now": s.now()}) != nil {
		return
	}
	st.run(s.pagePace, p.send, func() error { return p.event("beat", "", map[string]any{"now": s.now()}) })
}

func (s *Server) now() plant.Instant { return plant.InstantOf(s.clock()) }

// livePage remembers what one open page shows, so that only what differs is
// sent. It is as large as the page, whatever happens.
type livePage struct {
	*stream
	pages *pages
	q     string
	seed  maphash.Seed
	cards map[string]sentCard
	parts map[string]template.HTML
	order []string // ids of cards, then "", then ids of plants not enrolled
	news  uint64   // version up to which transitions were sent
}

type sentCard struct{ version, hash uint64 }

// send brings the page up to date.
func (p *livePage) send() error {
	l := p.server.look(p.pages.lang, p.q)
	for _, part := range []string{"problems", "summary", "status", "empty", "others-status"} {
		if err := p.part(part, l); err != nil {
			return err
		}
	}
	order := []string{}
	for _, e := range l.shown {
		if err := p.card(e); err != nil {
			return err
		}
		order = append(order, e.id)
	}
	order = append(order, "")
	for _, e := range l.others {
		if err := p.card(e); err != nil {
			return err
		}
		order = append(order, e.id)
	}
	if p.order == nil || !slices.Equal(order, p.order) {
		p.order = order
		p.forget()
		n := len(l.shown)
		if err := p.event("order", "", map[string][]string{"plants": order[:n], "others": order[n+1:]}); err != nil {
			return err
		}
	}
	return p.latest()
}

func (p *livePage) part(name string, l look) error {
	html, err := p.pages.render(name, l)
	if err != nil {
		return p.broken(err)
	}
	if old, ok := p.parts[name]; ok && old == html {
		return nil
	}
	p.parts[name] = html
	return p.event("part", "", map[string]any{"name": name, "html": html})
}

func (p *livePage) card(e *entry) error {
	old, ok := p.cards[e.id]
	if ok && old.version == e.version {
		return nil
	}
	html, err := p.pages.card(e)
	if err != nil {
		return p.broken(err)
	}
	hash := maphash.String(p.seed, string(html))
	p.cards[e.id] = sentCard{e.version, hash}
	if ok && old.hash == hash {
		return nil
	}
	return p.event("card", "", map[string]any{"id": e.id, "html": html})
}

// forget drops the cards that the page no longer shows.
func (p *livePage) forget() {
	shown := make(map[string]bool, len(p.order))
	for _, id := range p.order {
		shown[id] = true
	}
	for id := range p.cards {
		if !shown[id] {
			delete(p.cards, id)
		}
	}
}

// latest sends the transitions that came since the last look, oldest first.
func (p *livePage) latest() error {
	entries, version := p.server.board.newest(maxNews, nil)
	slices.Reverse(entries)
	for _, e := range entries {
		if e.version <= p.news {
			continue
		}
		html, err := p.server.news(p.pages, e.transition)
		if err != nil {
			return p.broken(err)
		}
		if err := p.event("news", "", map[string]any{"id": e.id, "html": html}); err != nil {
			return err
		}
	}
	p.news = version
	return nil
}

// broken logs a template that failed: a bug, but the page must not go on as
// if it were up to date.
func (p *livePage) broken(err error) error {
	p.server.log.Error("the page cannot be rendered", "lang", p.pages.lang, "err", strings.TrimSpace(err.Error()))
	return err
}
