package embedded

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
)

// keptLines is how many of a program's last lines an error can quote.
const keptLines = 8

// influxLog passes what influxd prints on to our log and keeps the last lines.
type influxLog struct {
	log *slog.Logger

	mu   sync.Mutex // guards last: written by the reader, read for errors
	last []string
}

func newInfluxLog(log *slog.Logger) *influxLog {
	return &influxLog{log: log.With("component", influxdName)}
}

// line takes one line. influxd's info lines are of use only to those who look
// for them, so they come out at debug.
func (l *influxLog) line(s string) {
	fields := parseLogfmt(s)
	level, msg := slog.LevelInfo, s
	if m, ok := fields["msg"]; ok {
		msg = m
		switch fields["lvl"] {
		case "debug", "info":
			level = slog.LevelDebug
		case "warn":
			level = slog.LevelWarn
		default:
			level = slog.LevelError
		}
	}
	said := msg
	var args []any
	if e := fields["error"]; e != "" {
		args = append(args, "err", e)
		said += ": " + e
	}
	l.log.Log(context.Background(), level, msg, args...)

	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == keptLines {
		l.last = append(l.last[:0], l.last[1:]...)
	}
	l.last = append(l.last, said)
}

// tail returns the last lines as one, and forgets them.
func (l *influxLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := strings.Join(l.last, " | ")
	l.last = nil
	return s
}

// parseLogfmt reads key=value pairs; values may be quoted as Go strings.
// Words that are no pair are passed over.
func parseLogfmt(s string) map[string]string {
	fields := map[string]string{}
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		end := strings.IndexAny(s, "= ")
		if end < 0 {
			break
		}
		key := s[:end]
		if s[end] == ' ' {
			s = s[end:]
			continue
		}
		s = s[end+1:]
		if quoted, err := strconv.QuotedPrefix(s); err == nil {
			fields[key], _ = strconv.Unquote(quoted)
			s = s[len(quoted):]
			continue
		}
		value, rest, _ := strings.Cut(s, " ")
		fields[key], s = value, rest
	}
	return fields
}
