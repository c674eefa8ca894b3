package influx

import (
	"context"
	"log/slog"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

// say is something that is told once and then counted for a while.
type say uint8

const (
	sayFetch say = iota
	sayAck
	sayDead
	sayRefused
	sayExpired
	sayDamaged
)

var sayEvery = map[say]time.Duration{
	sayFetch: time.Minute, sayAck: time.Minute, sayDead: time.Minute,
	sayRefused: time.Minute, sayExpired: time.Hour, sayDamaged: time.Minute,
}

type repeats struct {
	at    time.Time
	since int // how often since it was told
}

// say tells what went wrong, or counts it where it was told lately.
func (s *state) say(what say, words string, attrs ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(what, 1, slog.LevelError, words, attrs...)
}

func (s *state) tell(what say, n int, level slog.Level, words string, attrs ...any) {
	r := s.said[what]
	if r == nil {
		r = new(repeats)
		s.said[what] = r
	}
	r.since += n
	now := s.clock()
	if !r.at.IsZero() && now.Sub(r.at) < sayEvery[what] {
		return
	}
	s.log.Log(context.Background(), level, words, append(attrs, "times", r.since)...)
	r.at, r.since = now, 0
}

func (s *state) count(written, expired int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Written += uint64(written)
	if expired == 0 {
		return
	}
	s.status.Expired += uint64(expired)
	s.tell(sayExpired, expired, slog.LevelWarn, "points older than the bucket's retention are not stored, and are counted as expired; lengthen the retention (influxdb.retention) to keep them")
}

// tooOld notes imported samples that are older than the retention: as intended.
func (s *state) tooOld(n int) {
	if n > 0 {
		s.mu.Lock()
		s.status.Expired += uint64(n)
		s.mu.Unlock()
	}
}

func (s *state) buried(d collector.DeadLetter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.DeadLettered++
	s.tell(sayRefused, 1, slog.LevelWarn, "InfluxDB refuses a point for good: it is kept as a dead letter", "plant", d.Plant, "err", d.Words)
}

func (s *state) damaged(seq uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Damaged++
	s.status.LastError = err.Error()
	s.tell(sayDamaged, 1, slog.LevelError, "an entry of the queue cannot be read, or a part of it: what is damaged is lost and counted", "seq", seq, "err", err)
}
