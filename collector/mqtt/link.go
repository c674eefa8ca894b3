package mqtt

import (
	"context"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

// repeatEvery is how often one and the same trouble is logged again.
const repeatEvery = 10 * time.Minute

// link keeps one server connected. Everything without a word about it is set
// by newLink or used by run's goroutine only.
type link struct {
	cfg     *Config
	server  *Server
	url     *url.URL
	inbox   collector.Inbox
	board   *board
	own     string
	filters []string          // what we subscribe to
	forget  []string          // what an earlier start subscribed to
	wills   map[string][]Will // by topic
	routes  map[string]*route // by topic; the receiver's
	wake    chan struct{}     // one token: the board changed
	first   chan struct{}     // closed once it was connected

	window   *window  // safe for concurrent use
	counters counters // likewise
	status   status   // likewise

	backoff   backoff
	announced bool                 // whether the inbox was last told that the link is up
	down      time.Time            // since when it is not connected
	failures  int                  // tries since then
	said      map[string]time.Time // what a person can do, and when it was last logged
	quiet     bool                 // the last loss was not logged, nor will the return be
	stands    int                  // times it was connected
	opened    bool                 // a first connection was tried
	unread    string               // why the secrets cannot be read again; said once
	warnedAt  time.Time            // of the last word about unmatched messages; receiver's
}

func newLink(cfg *Config, i int, inbox collector.Inbox, b *board) *link {
	s := &cfg.Servers[i]
	l := &link{cfg: cfg, server: s, inbox: inbox, board: b, own: cfg.Own, wills: map[string][]Will{}, routes: map[string]*route{}, wake: make(chan struct{}, 1), first: make(chan struct{})}
	l.url, _ = s.address() // check has seen it
	l.backoff.rand = rand.New(rand.NewPCG(cfg.Seed, uint64(i)))
	l.window = newWindow(cfg.MaxInflight, &l.counters.acked)
	var mine []Will
	for _, w := range cfg.Wills {
		if w.Topic != "" && (w.Broker == "" || w.Broker == s.Name) {
			mine = append(mine, w)
			l.wills[w.Topic] = append(l.wills[w.Topic], w)
		}
	}
	l.filters = Filters(cfg.Sources, mine)
	current := map[string]bool{}
	for _, f := range l.filters {
		current[f] = true
	}
	for _, f := range cfg.Forget {
		if !current[f] {
			l.forget = append(l.forget, f)
		}
	}
	return l
}

// poke tells the link that the board changed.
func (l *link) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run connects again and again until ctx ends.
func (l *link) run(ctx context.Context) {
	l.down = l.cfg.Clock()
	l.status.set(false, l.down, "")
	if l.server.Password != "" && !encrypted(l.url) && !loopback(l.url) {
		l.cfg.Log.Warn("the password goes over the network unencrypted: use mqtts:// and the broker's TLS port", "broker", l.server.Name)
	}
	for {
		stood, err := l.connectOnce(ctx)
		if ctx.Err() != nil {
			l.announce(false)
			l.status.set(false, l.cfg.Clock(), errStopped.Error())
			return
		}
		l.lost(err, stood)
		wait := l.backoff.next(err, stood)
		if l.backoff.contested() {
			l.stepBack(wait)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// connectOnce connects and serves until the connection is lost. It returns
// how long it stood.
func (l *link) connectOnce(ctx context.Context) (stood time.Duration, err error) {
	if !l.announce(false) { // left over where the inbox had no room
		return 0, errInboxFull
	}
	s, err := l.open(ctx)
	if err != nil {
		return 0, err
	}
	defer s.close()
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	if !l.announce(true) {
		return time.Since(began), errInboxFull
	}
	l.back(s.resumed)
	err = s.serve(ctx)
	return max(time.Since(began), 1), err
}

// renew reads the server's secrets again. While new ones cannot be read, the old
// ones hold.
func (l *link) renew() {
	if !l.opened || l.server.Renew == nil {
		l.opened = true
		return
	}
	password, conf, err := l.server.Renew()
	if err != nil {
		if l.unread != err.Error() {
			l.cfg.Log.Error("the server's secrets cannot be read again, the old ones are used", "broker", l.server.Name, "err", err)
		}
		l.unread = err.Error()
		return
	}
	l.server.Password, l.server.TLS, l.unread = password, conf, ""
}

// announce tells the inbox whether the link is up, once. It reports false
// where the inbox has no room: to be tried again before anything else.
func (l *link) announce(up bool) bool {
	if l.announced == up {
		return true
	}
	if !l.inbox.Link(collector.LinkEvent{Broker: l.server.Name, Up: up}) {
		return false
	}
	l.announced = up
	return true
}

// back says that the link is up.
func (l *link) back(resumed bool) {
	now := l.cfg.Clock()
	args := []any{"broker", l.server.Name, "filters", len(l.filters), "session_kept", resumed}
	switch l.stands++; {
	case l.stands == 1:
		l.cfg.Log.Info("connected to the broker", args...)
	case !l.quiet:
		l.cfg.Log.Info("the broker is back", append(args, "away", now.Sub(l.down).Round(time.Millisecond), "tries", l.failures)...)
	}
	if l.stands > 1 {
		l.counters.reconnects.Add(1)
	}
	l.failures = 0
	l.status.set(true, now, "")
	if l.stands == 1 {
		close(l.first)
	}
}

// lost says that the link is not up, why, and what can be done: each thing
// once, until a connection stood for a while.
func (l *link) lost(err error, stood time.Duration) {
	l.announce(false)
	now := l.cfg.Clock()
	l.status.set(false, now, err.Error())
	text := "no connection to the broker; trying on"
	if stood > 0 {
		text, l.down, l.quiet = "the connection to the broker is lost; trying on", now, true
	}
	if stood >= settled || l.said == nil {
		l.said = map[string]time.Time{}
	}
	l.failures++
	advice := mend(err, l.server.User != "")
	if at, ok := l.said[advice]; ok && now.Sub(at) < repeatEvery {
		return
	}
	l.said[advice], l.quiet = now, false
	l.cfg.Log.Warn(text, "broker", l.server.Name, "err", err, "mend", advice, "tries", l.failures, "reconnects", l.counters.reconnects.Load())
}

// stepBack says that another client seems to have our id, and has the better of
// us.
func (l *link) stepBack(wait time.Duration) {
	l.quiet = false
	l.status.set(false, l.cfg.Clock(), "another client seems to have our client id; waiting for "+wait.String())
	l.cfg.Log.Error("another client seems to have our client id at this broker: it closes each connection soon after it stands; stepping back, so that the other can work. "+
		"If that is a second Heartline, stop it or give it a mqtt.client_id of its own; else the broker's rules may forbid our topics, see its log",
		"broker", l.server.Name, "client_id", l.cfg.ClientID, "closed", l.backoff.thrown, "wait", wait)
}

// unmatched counts a message that nobody asked for, and says so once in a
// while. Called by the receiver only.
func (l *link) unmatched(topic string) {
	n := l.counters.unmatched.Add(1)
	if now := l.cfg.Clock(); l.warnedAt.IsZero() || now.Sub(l.warnedAt) >= repeatEvery {
		l.warnedAt = now
		l.cfg.Log.Warn("the broker sends messages that no source asks for: they are dropped; an earlier subscription may live on in the session, or a filter brings more than its sources", "broker", l.server.Name, "topic", topic, "count", n)
	}
}
