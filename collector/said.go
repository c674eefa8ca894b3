package collector

import "time"

// sayAgain is how long dead letters of one reason are only counted after one
// was logged.
const sayAgain = time.Minute

// deadSaid is what the log knows of dead letters, by their reason.
type deadSaid map[string]*struct {
	at    time.Time
	since int // not logged since
}

// sayDead logs a dead letter: the first of its reason, and then one a minute
// with how many there were.
func (l *Loop) sayDead(d *DeadLetter) {
	if l.said == nil {
		l.said = deadSaid{}
	}
	s, now := l.said[d.Reason], l.cfg.Clock()
	if s == nil {
		s = new(struct {
			at    time.Time
			since int
		})
		l.said[d.Reason] = s
	} else if now.Sub(s.at) < sayAgain {
		s.since++
		return
	}
	l.cfg.Log.Warn("a message cannot be read and is kept as a dead letter", "reason", d.Reason, "topic", d.Topic,
		"broker", d.Broker, "err", d.Words, "more_of_this_reason", s.since)
	s.at, s.since = now, 0
}
