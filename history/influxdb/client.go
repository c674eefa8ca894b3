// Package influxdb reads history as an InfluxDB holds it: heartbeats, and the
// output that was made of them. It speaks InfluxQL, which 1.8 and 2.7 answer
// alike, and never holds more than a chunk of an answer.
package influxdb

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-00829101/heartline/plant"
)

// chunk is how many rows InfluxDB sends at once.
const chunk = 5000

// Client asks one InfluxDB. It is safe for concurrent use.
type Client struct {
	URL   string
	Token string // 1.8 with users: user:password; empty: none is sent
	// HTTP sends requests; its Timeout would bound a whole answer, so there
	// should be none. nil: http.DefaultClient.
	HTTP *http.Client
}

// ask sends a query to a bucket (1.8: a database, or database/policy) and
// returns its answer. Errors: CodeUnavailable (nobody answers, or it is ill),
// CodeRefused (the token), CodeNotFound (the bucket), CodeInvalid (the query,
// in InfluxDB's words).
func (c *Client) ask(ctx context.Context, bucket, query string) (*answer, error) {
	db, rp, _ := strings.Cut(bucket, "/")
	q := url.Values{"db": {db}, "q": {query}, "epoch": {"ns"}, "chunked": {"true"}, "chunk_size": {fmt.Sprint(chunk)}}
	if rp != "" {
		q.Set("rp", rp)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/query", strings.NewReader(q.Encode()))
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "%q is no address of an InfluxDB", c.URL)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if c.Token != "" {
		req.Header.Set("Authorization", "Token "+c.Token)
	}
	web := c.HTTP
	if web == nil {
		web = http.DefaultClient
	}
	resp, err := web.Do(req)
	if err != nil {
		return nil, plant.Errorf(plant.CodeUnavailable, "InfluxDB at %s does not answer; start it, or correct its address: %w", c.URL, err)
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		return nil, plant.Errorf(codeOf(resp.StatusCode), "InfluxDB at %s: %s: %s", c.URL, resp.Status, strings.TrimSpace(string(text)))
	}
	return &answer{body: resp.Body, dec: jsontext.NewDecoder(resp.Body)}, nil
}

// Exec has InfluxDB do what a query says; its rows are left alone.
func (c *Client) Exec(ctx context.Context, bucket, query string) error {
	return c.each(ctx, bucket, query, func([]string, row) error { return nil })
}

// each asks a query and takes the rows of its answer one by one.
func (c *Client) each(ctx context.Context, bucket, query string, take func(columns []string, r row) error) error {
	a, err := c.ask(ctx, bucket, query)
	if err != nil {
		return err
	}
	defer a.Close()
	for {
		r, err := a.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = take(a.columns, r)
		}
		if err != nil {
			return err
		}
	}
}

func codeOf(status int) plant.Code {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return plant.CodeRefused
	case status == http.StatusNotFound:
		return plant.CodeNotFound
	case status >= 500 || status == http.StatusTooManyRequests:
		return plant.CodeUnavailable
	}
	return plant.CodeInvalid
}

// quoted writes an identifier of InfluxQL.
func quoted(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// between is the condition that a point lies in (from, to].
func between(from, to plant.Instant) string {
	return fmt.Sprintf("time > %d AND time <= %d", from, to)
}

// Span returns the times of the oldest and the newest point of a measurement;
// zeros where there is none.
func (c *Client) Span(ctx context.Context, bucket, measurement string) (first, last plant.Instant, err error) {
	for at, order := range map[*plant.Instant]string{&first: "ASC", &last: "DESC"} {
		a, err := c.ask(ctx, bucket, fmt.Sprintf("SELECT * FROM %s ORDER BY time %s LIMIT 1", quoted(measurement), order))
		if err != nil {
			return 0, 0, err
		}
		row, err := a.next()
		a.Close()
		if err == nil {
			*at, err = row.instant(0)
		}
		if err != nil && err != io.EOF {
			return 0, 0, err
		}
	}
	return first, last, nil
}

// kinds are the types of a measurement's fields: an answer's JSON does not tell
// 3 from 3.0.
func (c *Client) kinds(ctx context.Context, bucket, measurement string) (map[string]string, error) {
	out := map[string]string{}
	return out, c.each(ctx, bucket, "SHOW FIELD KEYS FROM "+quoted(measurement), func(_ []string, r row) error {
		name, kind := r.text(0), r.text(1)
		if known := out[name]; known != "" && known != kind {
			kind = "float" // written as both, in different years
		}
		out[name] = kind
		return nil
	})
}

// day is what one query of many asks for.
const day = 24 * time.Hour
