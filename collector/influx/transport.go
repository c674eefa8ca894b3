package influx

import (
	"io"
	"net/http"
)

// maxAnswer bounds how much of a refusal is read.
const maxAnswer = 64 << 10

// authorized shows InfluxDB the token as it is now.
type authorized struct {
	token func() string
	next  http.RoundTripper
}

// RoundTrip is http.RoundTripper's.
func (t *authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	if token := t.token(); token != "" {
		shown := *req // a request belongs to its caller
		shown.Header = req.Header.Clone()
		shown.Header.Set("Authorization", "Token "+token)
		req = &shown
	}
	return t.next.RoundTrip(req)
}

func (t *authorized) CloseIdleConnections() {
	if next, ok := t.next.(*http.Transport); ok {
		next.CloseIdleConnections()
	}
}

// plainErrors hands refusals on as plain text: the client library's own
// reading of JSON errors drops the words of InfluxDB 1.8 and 3, and reads
// bodies without a bound.
type plainErrors struct{ next http.RoundTripper }

// RoundTrip is http.RoundTripper's.
func (t *plainErrors) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || resp.StatusCode/100 == 2 {
		return resp, err
	}
	resp.Header.Set("Content-Type", "text/plain")
	resp.Body = limited{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

func (t *plainErrors) CloseIdleConnections() {
	if next, ok := t.next.(*authorized); ok {
		next.CloseIdleConnections()
	}
}

type limited struct {
	io.Reader
	io.Closer
}
