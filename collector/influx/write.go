package influx

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// write sends points to bucket once and says what became of them.
func (c *Client) write(ctx context.Context, bucket string, points []point) answer {
	b := c.bodies.Get().(*body)
	b.fill(points)
	began := c.cfg.Clock()
	a := c.post(ctx, bucket, b)
	if a.outcome == stored {
		c.cfg.Observe(c.cfg.Clock().Sub(began), len(points))
	}
	if b.free() {
		c.bodies.Put(b) // else its last reader keeps it from the collector
	}
	return a
}

func (c *Client) post(ctx context.Context, bucket string, b *body) answer {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	prepare := func(req *http.Request) {
		req.Header.Set("Content-Type", "text/plain; charset=utf-8")
		req.Header.Set("Content-Encoding", "gzip")
		req.ContentLength = int64(b.packed.Len())
		req.GetBody = func() (io.ReadCloser, error) { return b.reader(), nil }
	}
	err := c.http.DoPostRequest(ctx, c.writeURL(bucket), b.reader(), prepare, c.onlyNoContent)
	if err == nil {
		return answer{outcome: stored, heard: true}
	}
	c.hear(err.Header)
	return read(err, bucket, c.cfg.Clock())
}

func (c *Client) writeURL(bucket string) string {
	q := url.Values{"bucket": {bucket}, "precision": {"ns"}}
	if c.cfg.Org != "" {
		q.Set("org", c.cfg.Org)
	}
	return c.http.ServerAPIURL() + "write?" + q.Encode()
}

// notStored is an answer that looks like success and is not InfluxDB's.
type notStored struct {
	status string
	text   string
}

func (e *notStored) Error() string {
	return fmt.Sprintf("the answer was %q where InfluxDB says 204 No Content: %s", e.status, e.text)
}

// onlyNoContent takes 204 alone for success: a portal or proxy that answers
// 200 with a page has stored nothing.
func (c *Client) onlyNoContent(resp *http.Response) error {
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	c.hear(resp.Header)
	if resp.StatusCode == http.StatusNoContent {
		return nil
	}
	return &notStored{resp.Status, firstLine(string(text))}
}

// hear remembers the version in an answer's headers.
func (c *Client) hear(h http.Header) {
	if v := h.Get("X-Influxdb-Version"); v != "" {
		v = strings.TrimPrefix(v, "v")
		if v != c.Version() {
			c.version.Store(&v)
		}
	}
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// firstLine shortens a server's words to what fits in a log line.
func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return text
}
