package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// repeatEvery is how often one and the same complaint is logged; between
	// two lines it is counted.
	repeatEvery = time.Minute
	// maxRepeats bounds how many complaints are told apart.
	maxRepeats = 1024
)

// natsLog takes the server's log lines. It is a server.Logger.
type natsLog struct {
	log *slog.Logger
	// topic returns the topic of the message that a client sent last.
	topic func(number uint64) string
	// login returns the user name that a client showed.
	login func(number uint64) string
	// fatal is why the server cannot go on; nil while it can.
	fatal atomic.Pointer[string]
	// clients and messages that were refused.
	clients, messages atomic.Uint64

	mu      sync.Mutex // guards repeats: any of the server's goroutines logs
	repeats map[string]*repeat
}

type repeat struct {
	last  time.Time
	since int // repetitions that were not logged since
}

// noise are beginnings of lines that no person can act on.
var noise = []string{
	"Plaintext passwords detected", "Maximum payloads over", "JetStream: no memory limit", "Filestore [",
	"Creating MQTT streams/consumers", "Took too long to process subscription",
}

// Noticef takes what the server does in its normal course.
func (l *natsLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }

// Debugf takes what only the server's authors read.
func (l *natsLog) Debugf(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }

// Tracef takes the wire protocol.
func (l *natsLog) Tracef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }

// Warnf takes what may need a person.
func (l *natsLog) Warnf(format string, v ...any) {
	l.complain(slog.LevelWarn, fmt.Sprintf(format, v...))
}

// Errorf takes what went wrong, mostly with a client.
func (l *natsLog) Errorf(format string, v ...any) {
	l.complain(slog.LevelError, fmt.Sprintf(format, v...))
}

// Fatalf takes why the server cannot start. Unlike the server's own logger it
// does not end the process: StartNATS returns the reason.
func (l *natsLog) Fatalf(format string, v ...any) {
	why := fmt.Sprintf(format, v...)
	l.fatal.CompareAndSwap(nil, &why)
}

// complain logs a line once a minute and counts its repetitions.
func (l *natsLog) complain(level slog.Level, line string) {
	for _, n := range noise {
		if strings.HasPrefix(line, n) {
			return
		}
	}
	addr, number, id, ok := splitClientName(line)
	if !ok {
		l.once(level, withoutDigits(line), line)
		return
	}
	// What a client does wrong is for its owner to mend: a warning.
	_, what, _ := strings.Cut(line, fmt.Sprintf("mid:%d - %q - ", number, id))
	what = strings.TrimPrefix(what, factoryUser+" - ")
	args := []any{"client", id, "address", addr}
	switch {
	case strings.Contains(what, "character not supported for MQTT topics"):
		topic := l.topic(number)
		l.once(slog.LevelWarn, id+topic, "the broker closed a client's connection: its topic holds white space, "+
			"which the embedded broker cannot carry; rename the topic or use Mosquitto", append(args, "topic", topic)...)
	case strings.HasPrefix(what, "Publish Violation"):
		topic := violated(what)
		l.messages.Add(1)
		if login := l.login(number); login != "" {
			args = append(args, "login", login)
		}
		l.once(slog.LevelWarn, id+what, "the broker refused a message: this client may not publish to this topic",
			append(args, "topic", topic)...)
	case strings.Contains(what, "maximum bytes exceeded"):
		l.once(slog.LevelWarn, "full", "the broker's store is full: messages are not acknowledged, and gateways keep them, "+
			"until they are taken out of it", args...)
	default:
		l.once(slog.LevelWarn, id+withoutDigits(what), "the broker says of a client: "+what, args...)
	}
}

// refused logs a client that was not let in.
func (l *natsLog) refused(client, why string) {
	l.clients.Add(1)
	addr, _, id, ok := splitClientName(client)
	if !ok {
		addr = client
	}
	l.once(slog.LevelWarn, id+why, "the broker refused a client: "+why, "client", id, "address", addr)
}

func (l *natsLog) once(level slog.Level, key, msg string, args ...any) {
	if key = key[:min(len(key), 512)]; !l.due(key, &args) {
		return
	}
	l.log.Log(context.Background(), level, msg, args...)
}

// due says whether the complaint is to be logged now, with its count.
func (l *natsLog) due(key string, args *[]any) bool {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.repeats[key]
	if r == nil {
		if l.repeats == nil || len(l.repeats) >= maxRepeats {
			l.repeats = map[string]*repeat{}
		}
		l.repeats[key] = &repeat{last: now}
		return true
	}
	if now.Sub(r.last) < repeatEvery {
		r.since++
		return false
	}
	*args = append(*args, "repeated", r.since)
	*r = repeat{last: now}
	return true
}

// withoutDigits makes complaints about packet 17 and packet 18 one.
func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// violated turns `Publish Violation - Subject "samples.0"` into the topic.
func violated(what string) string {
	_, quoted, _ := strings.Cut(what, "Subject ")
	subject := strings.Trim(quoted, `"`)
	return strings.ReplaceAll(subject, ".", "/")
}

// loginOf returns the user name that a client showed, "" where it is gone.
func (n *NATS) loginOf(number uint64) string {
	srv := n.server()
	if srv == nil {
		return ""
	}
	if c := srv.GetClient(number); c != nil {
		return c.GetOpts().Username
	}
	return ""
}

// offendingTopic returns the topic of the message a client sent last, "" where
// it cannot be told. The server's own log line leaves it out, so it is read
// from the server's client, on the goroutine that parsed the message. Should
// the fields be named otherwise one day, the topic is missing from our log, and
// a test fails.
func (n *NATS) offendingTopic(number uint64) (topic string) {
	defer func() {
		if recover() != nil {
			topic = ""
		}
	}()
	srv := n.server()
	if srv == nil {
		return ""
	}
	c := reflect.ValueOf(srv.GetClient(number))
	if c.IsNil() {
		return ""
	}
	return string(c.Elem().FieldByName("mqtt").Elem().FieldByName("pp").Elem().FieldByName("topic").Bytes())
}
