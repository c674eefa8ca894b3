package scenario

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// linkText is a gateway's link that is cut, as it is written.
type linkText struct {
	Gateway string `yaml:"gateway"`
	Cut     string `yaml:"cut"`
	Back    string `yaml:"back"`
	Kept    bool   `yaml:"kept"`
	Drains  string `yaml:"drains"`
	Will    string `yaml:"will"` // a time, or none
}

// pauseText is a time in which we do not listen.
type pauseText struct {
	Off  string `yaml:"off"`
	On   string `yaml:"on"`
	Kept bool   `yaml:"kept"`
}

// link is a time in which nothing comes from a gateway, or nothing at all.
type link struct {
	plant   *plant.Plant // nil: we do not listen
	gateway *plant.Gateway
	from    plant.Instant
	to      plant.Instant // 0: it never comes back
	will    plant.Instant // when the broker publishes it; 0: never
	kept    bool          // what is said meanwhile arrives at to, ...
	drains  time.Duration // ... or evenly for so long from then on
}

func (k *link) record(at plant.Instant, up bool) history.Record {
	if k.plant == nil {
		return history.Record{Kind: history.Listening, At: at, Up: up}
	}
	return history.Record{Kind: history.Link, At: at, Plant: k.plant.ID, Gateway: k.gateway.ID, Up: up}
}

func (l *loader) cuts() (out []link) {
	for i := range l.file.Links {
		t := &l.file.Links[i]
		at := fmt.Sprintf("links[%d]", i)
		g, err := find(l.names.gateways, l.names.all["gateway"], "gateway", t.Gateway)
		if err != nil {
			l.add(at+".gateway", "%v", err)
			continue
		}
		k := link{plant: g.plant, gateway: g.gateway, kept: t.Kept}
		if l.between(at, &k, "cut", t.Cut, "back", t.Back) && l.drains(at, &k, t.Drains) && l.will(at, &k, t.Will) {
			out = append(out, k)
		}
	}
	return out
}

func (l *loader) pauses() (out []link) {
	for i := range l.file.Listening {
		t := &l.file.Listening[i]
		k := link{kept: t.Kept}
		if l.between(fmt.Sprintf("listening[%d]", i), &k, "off", t.Off, "on", t.On) {
			out = append(out, k)
		}
	}
	return out
}

func (l *loader) between(at string, k *link, fromKey, from, toKey, to string) bool {
	if from == "" {
		l.add(at+"."+fromKey, "is missing: write when it begins, like 09:40")
		return false
	}
	if !l.time(at+"."+fromKey, from, &k.from) || to != "" && !l.time(at+"."+toKey, to, &k.to) {
		return false
	}
	if k.to != 0 && k.to <= k.from {
		l.add(at+"."+toKey, "%q is not after %q", to, from)
		return false
	}
	return true
}

// drains reads how long a gateway takes to send what it kept.
func (l *loader) drains(at string, k *link, text string) bool {
	if text == "" {
		return true
	}
	d, err := span(text)
	if err != nil {
		l.add(at+".drains", "%v", err)
	} else if !k.kept || k.to == 0 {
		l.add(at+".drains", "says how long what was kept takes to arrive: it goes with back and kept: true")
	}
	k.drains = d
	return err == nil
}

// will works out when the broker publishes the last will: one and a half
// keep-alives after it heard the gateway last.
func (l *loader) will(at string, k *link, text string) bool {
	g := k.gateway
	switch {
	case text == "none":
	case text != "":
		if !l.time(at+".will", text, &k.will) {
			return false
		}
		if k.will < k.from || k.to != 0 && k.will > k.to {
			l.add(at+".will", "%q is not between cut and back", text)
			return false
		}
	case g.WillTopic != "":
		wait := time.Duration(g.KeepAlive) * 3 / 2
		if wait == 0 {
			l.add(at+".will", "is missing: gateway %q has a will and no keep_alive; write when the broker publishes it, or none", g.ID)
			return false
		}
		if k.will = k.from.Add(wait); k.to != 0 && k.will >= k.to {
			k.will = 0 // it was back in time
		}
	}
	return true
}

// cut has the link hold back what would arrive meanwhile, and adds what is
// told of it.
func (r *recording) cut(k *link) {
	kept := r.rows[:0]
	for _, x := range r.rows {
		if r.goes(&x, k) && x.at > k.from && (k.to == 0 || x.at <= k.to.Add(k.drains)) {
			if !k.kept || k.to == 0 {
				continue
			}
			x.at, x.rank = k.release(x.at), rankSample
		}
		kept = append(kept, x)
	}
	r.rows = kept
	down := k.from
	if k.plant != nil {
		down = k.will
	}
	if down != 0 {
		r.rows = append(r.rows, row{at: down, stamp: down, rank: rankDown, course: -1, link: k})
		if k.to != 0 {
			r.rows = append(r.rows, row{at: k.to, stamp: k.to, rank: rankUp, course: -1, link: k, up: true})
		}
	}
}

// release is when what was sent at that instant arrives: where a backlog
// drains, what is sent meanwhile stands in line behind it.
func (k *link) release(at plant.Instant) plant.Instant {
	length := k.to.Add(k.drains).Sub(k.from)
	share := float64(at.Sub(k.from)) / float64(length)
	return k.to.Add(time.Duration(share * float64(k.drains)).Round(time.Millisecond))
}

// goes reports whether x goes by way of k: what machines send, and, to us, also
// what brokers tell of gateways.
func (r *recording) goes(x *row, k *link) bool {
	switch {
	case x.course >= 0:
		return k.plant == nil || r.courses[x.course].gateway == k.gateway
	case x.link != nil:
		return k.plant == nil && x.link.plant != nil
	}
	return false
}
