package influx

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// fault is how a proxy fails one write: it answers itself, or calls pass.
type fault func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc)

// proxy stands in front of an InfluxDB and fails the writes it is told to.
type proxy struct {
	url string

	mu     sync.Mutex
	faults []fault // of the next writes, in order; nil: pass
	always fault   // of every write after those
	writes int
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p := new(proxy)
	next := httputil.NewSingleHostReverseProxy(u)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v2/write" {
			next.ServeHTTP(w, r)
			return
		}
		if f := p.next(); f != nil {
			f(w, r, next.ServeHTTP)
			return
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *proxy) next() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes++
	if len(p.faults) == 0 {
		return p.always
	}
	f := p.faults[0]
	p.faults = p.faults[1:]
	return f
}

func (p *proxy) fail(faults ...fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

func (p *proxy) failAll(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.always = f
}

// answer answers without InfluxDB.
func says(status int, text string, header ...string) fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

// cutAfter lets InfluxDB store the points and cuts the connection before its
// 204 gets through.
func cutAfter(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
	pass(httptest.NewRecorder(), r)
	hangUp(w)
}

// cutBody hangs up in the middle of the body.
func cutBody(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	io.CopyN(io.Discard, r.Body, r.ContentLength/2)
	hangUp(w)
}

// truncated passes half of the body on, as if that were all.
func truncated(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text[:len(text)/2]))
	r.ContentLength = int64(len(text) / 2)
	pass(w, r)
}

// tooLong refuses bodies of more than max bytes, as they come.
func tooLong(max int64) fault {
	return func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		if r.ContentLength > max {
			says(http.StatusRequestEntityTooLarge, "<html>413</html>")(w, r, nil)
			return
		}
		pass(w, r)
	}
}

func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}
