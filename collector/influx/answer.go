package influx

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// outcome is what became of a write.
type outcome uint8

const (
	stored   outcome = iota
	later            // nobody answered, or the server is busy or broken: again
	blocked          // only a person can help: again, slowly
	tooLarge         // in smaller pieces
	refused          // some of the points, for good
	expired          // some of the points are older than the retention; the rest is stored
)

// answer is an outcome and what is known about it.
type answer struct {
	outcome outcome
	kind    string // a word for logs and for telling troubles apart
	words   string // the server's, or the network's
	advice  string // what a person can do about it
	wait    time.Duration
	dropped int  // of an expired: how many points; 0 where it did not say
	heard   bool // InfluxDB itself answered
}

// read makes sense of what a write came back with.
func read(err *influxhttp.Error, bucket string, now time.Time) answer {
	if err.StatusCode == 0 {
		var page *notStored
		if errors.As(err, &page) {
			return answer{outcome: blocked, kind: "not InfluxDB", words: page.Error(),
				advice: "something else answers at influxdb.url, like a proxy or a login page: let it pass POST /api/v2/write, or correct influxdb.url"}
		}
		return answer{outcome: later, kind: "unreachable", words: err.Error(),
			advice: "start InfluxDB, or correct influxdb.url; nothing is lost meanwhile"}
	}
	a := answer{words: serverWords(err), wait: retryAfter(err.Header, now), heard: fromInflux(err)}
	a.kind = "status " + strconv.Itoa(err.StatusCode)
	switch code := err.StatusCode; {
	case code == http.StatusBadRequest || code == http.StatusUnprocessableEntity:
		a.judge(bucket)
	case code == http.StatusRequestEntityTooLarge:
		a.outcome = tooLarge
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		a.outcome, a.advice = blocked, adviceToken
	case code == http.StatusNotFound, strings.HasPrefix(a.words, "retention policy not found"):
		a.outcome, a.advice = blocked, adviceBucket(bucket)
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		a.outcome, a.advice = later, "look into InfluxDB's own log; nothing is lost meanwhile"
	default:
		a.outcome, a.advice = blocked, adviceProxy
	}
	return a
}

const (
	adviceToken  = "put a token that may write to both buckets into influxdb.token_file (InfluxDB 1.8: user:password)"
	adviceProxy  = "no InfluxDB answers like that: something in front of it does; let it pass POST /api/v2/write, or correct influxdb.url"
	adviceLimits = "raise that limit in InfluxDB and restart it (1.8: [data] max-values-per-tag = 0, max-series-per-database = 0); writing goes on by itself"
)

func adviceBucket(bucket string) string {
	return "create the bucket " + strconv.Quote(bucket) + ", or correct influxdb.bucket and influxdb.org"
}

// judge reads a 400 or 422: are the points bad, too old, or is it something
// else? What the server quotes may come from a payload and decides nothing.
func (a *answer) judge(bucket string) {
	own := strings.ToLower(a.words)
	if i := strings.IndexAny(own, `"'`); i >= 0 {
		own = own[:i]
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(own, w) {
				return true
			}
		}
		return false
	}
	switch {
	case !a.heard:
		a.outcome, a.advice = blocked, adviceProxy
	case has("field type conflict", "unable to parse", "key length exceeded"):
		a.outcome = refused
	case has("max-values-per-tag", "max-series-per-database", "limit exceeded", "exceed limit", "limit reached", "quota"):
		a.outcome, a.kind, a.advice = blocked, "limit", adviceLimits
	case has("database not found", "bucket not found", "organization not found", "retention policy is required"):
		a.outcome, a.advice = blocked, adviceBucket(bucket)
	case has("retention policy"):
		a.outcome = expired
		a.dropped = droppedCount(a.words)
	case has("pending deletion", "gzip", "flate", "unexpected eof") || own == "eof":
		a.outcome = later // a shard on its way out; a body cut on its way in
	default:
		a.outcome = refused
	}
}

var dropped = regexp.MustCompile(`dropped[= ](\d+)`)

func droppedCount(words string) int {
	m := dropped.FindStringSubmatch(words)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// fromInflux tells InfluxDB's own refusals from those of what stands before it.
func fromInflux(err *influxhttp.Error) bool {
	for name := range err.Header {
		if strings.HasPrefix(name, "X-Influxdb-") || strings.HasPrefix(name, "X-Platform-") {
			return true
		}
	}
	_, ok := jsonWords(err.Message)
	return ok
}

func serverWords(err *influxhttp.Error) string {
	if words, ok := jsonWords(err.Message); ok {
		return words
	}
	if words := err.Header.Get("X-Influxdb-Error"); words != "" {
		return words
	}
	if words := firstLine(err.Message); words != "" {
		return words
	}
	return strconv.Itoa(err.StatusCode) + " " + http.StatusText(err.StatusCode)
}

// jsonWords reads the errors of 1.8 ({"error"}), 2.x ({"message"}) and 3
// ({"error", "data": [{"error_message"}]}).
func jsonWords(text string) (string, bool) {
	var e struct {
		Error   string          `json:"error"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	}
	if json.Unmarshal([]byte(text), &e) != nil || e.Error == "" && e.Message == "" {
		return "", false
	}
	words := e.Message
	if words == "" {
		words = e.Error
	}
	var lines []struct {
		Words string `json:"error_message"`
	}
	if json.Unmarshal(e.Data, &lines) == nil && len(lines) > 0 && lines[0].Words != "" {
		words += ": " + lines[0].Words
	}
	return words, true
}
