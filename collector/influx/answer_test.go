package influx

import (
	"net/http"
	"testing"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

func TestAnswersOfEveryVersion(t *testing.T) {
	v1 := http.Header{"X-Influxdb-Version": {"1.8.10"}}
	v2 := http.Header{"X-Platform-Error-Code": {"invalid"}}
	tests := []struct {
		name    string
		status  int
		header  http.Header
		text    string
		want    outcome
		dropped int
	}{
		{"1.8 type conflict", 400, v1, `{"error":"partial write: field type conflict: input field \"temp\" on measurement \"heartbeat\" is type string, already exists as type float dropped=1"}`, refused, 0},
		{"2.x type conflict", 422, v2, `{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict: input field \"temp\" on measurement \"m\" is type string, already exists as type float dropped=1"}`, refused, 0},
		{"3 partial write", 400, nil, `{"error":"partial write of line protocol occurred","data":[{"original_line":"x","line_number":1,"error_message":"invalid column type for column 'temp'"}]}`, refused, 0},
		{"1.8 parse", 400, v1, `{"error":"unable to parse 'quota limit exceeded': missing fields"}`, refused, 0},
		{"a field called like a limit", 400, v1, `{"error":"partial write: field type conflict: input field \"max-values-per-tag\" on measurement \"limit exceeded\" is type string"}`, refused, 0},
		{"1.8 key too long", 400, v1, `{"error":"partial write: max key length exceeded: 70000 > 65535 dropped=1"}`, refused, 0},
		{"1.8 values per tag", 400, v1, `{"error":"partial write: max-values-per-tag limit exceeded (100000/100000): measurement=\"heartbeat\" tag=\"machine\" value=\"m\" dropped=1"}`, blocked, 0},
		{"1.8 series", 400, v1, `{"error":"partial write: max-series-per-database limit exceeded: (1000000) dropped=1"}`, blocked, 0},
		{"1.8 expired", 400, v1, `{"error":"partial write: points beyond retention policy dropped=7"}`, expired, 7},
		{"2.x expired", 422, v2, `{"code":"unprocessable entity","message":"failure writing points to database: partial write: dropped 12 points outside retention policy of duration 1h0m0s"}`, expired, 12},
		{"1.8 shard on its way out", 400, v1, `{"error":"partial write: shard 3 is pending deletion dropped=2"}`, later, 0},
		{"body cut", 400, v1, `{"error":"unexpected EOF"}`, later, 0},
		{"400 of nginx", 400, nil, "<html>The plain HTTP request was sent to HTTPS port</html>", blocked, 0},
		{"401", 401, v2, `{"code":"unauthorized","message":"unauthorized access"}`, blocked, 0},
		{"403", 403, v1, `{"error":"\"u\" user is not authorized to write to database \"factory\""}`, blocked, 0},
		{"404", 404, v2, `{"code":"not found","message":"bucket \"factory\" not found"}`, blocked, 0},
		{"1.8 no such retention policy", 500, v1, `{"error":"retention policy not found: \"x\""}`, blocked, 0},
		{"405", 405, nil, "", blocked, 0},
		{"302", 302, nil, "", blocked, 0},
		{"413", 413, v1, `{"error":"Request Entity Too Large"}`, tooLarge, 0},
		{"429", 429, v2, "", later, 0},
		{"500", 500, v1, `{"error":"timeout"}`, later, 0},
		{"503", 503, nil, "<html>", later, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.header
			if h == nil {
				h = http.Header{}
			}
			got := read(&influxhttp.Error{StatusCode: tt.status, Message: tt.text, Header: h}, "factory", time.Now())
			if got.outcome != tt.want || got.dropped != tt.dropped {
				t.Errorf("outcome %d, dropped %d (%s); want %d, %d", got.outcome, got.dropped, got.words, tt.want, tt.dropped)
			}
			if got.words == "" || (got.outcome == blocked || got.outcome == later && tt.status > 400) && got.advice == "" {
				t.Errorf("words %q, advice %q: want both", got.words, got.advice)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2020, 2, 20, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "soon": 0, "-1": 0,
		"Thu, 20 Feb 2020 08:00:30 GMT": 30 * time.Second,
		"Thu, 20 Feb 2020 07:00:30 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("retryAfter(%q) = %s, want %s", text, got, want)
		}
	}
}
