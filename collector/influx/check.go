package influx

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// Check asks whether InfluxDB answers, takes writes to both buckets, and keeps
// them for as long as was declared, and notes its version. It stores nothing.
// Errors say what to do: CodeUnavailable (nobody answers, or it is busy),
// CodeRefused (the token), CodeNotFound (a bucket), CodeConflict (a retention
// that is too short), CodeInvalid (something else answers at the address).
func (c *Client) Check(ctx context.Context) error {
	if err := c.ping(ctx); err != nil {
		return err
	}
	for _, bucket := range []string{c.cfg.Bucket, c.cfg.VerdictBucket} {
		if err := c.writable(ctx, bucket); err != nil {
			return err
		}
	}
	if err := c.lasting(ctx, c.cfg.Bucket, c.cfg.Retention); err != nil {
		return err
	}
	return c.lasting(ctx, c.cfg.VerdictBucket, 0)
}

// ping asks for the version: of /health's JSON (1.8, 2.x), else /ping's header
// or JSON (all).
func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var last error
	for _, path := range []string{"health", "ping"} {
		status, text, err := c.get(ctx, path)
		if err != nil {
			return plant.Errorf(plant.CodeUnavailable, "InfluxDB at %s does not answer; start it, or correct influxdb.url: %w", c.cfg.URL, err)
		}
		var said struct{ Version, Status, Message string }
		if json.Unmarshal(text, &said) == nil && said.Version != "" {
			v := strings.TrimPrefix(said.Version, "v")
			c.version.Store(&v)
		}
		switch {
		case said.Status == "fail":
			return plant.Errorf(plant.CodeUnavailable, "InfluxDB at %s says that it is not well: %s", c.cfg.URL, firstLine(said.Message))
		case status < 300 && c.Version() != "":
			return nil
		case status == http.StatusUnauthorized || status == http.StatusForbidden:
			return plant.Errorf(plant.CodeRefused, "InfluxDB at %s refuses the token: %s", c.cfg.URL, adviceToken)
		case status >= 500:
			return plant.Errorf(plant.CodeUnavailable, "InfluxDB at %s is not ready: %d %s", c.cfg.URL, status, firstLine(string(text)))
		}
		last = plant.Errorf(plant.CodeInvalid, "what answers at %s is no InfluxDB (GET /%s: %d, no version); correct influxdb.url", c.cfg.URL, path, status)
	}
	return last
}

func (c *Client) get(ctx context.Context, path string) (status int, text []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.http.ServerURL(), "/")+"/"+path, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := c.http.DoHTTPRequestWithResponse(req, nil)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	c.hear(resp.Header)
	return resp.StatusCode, text, err
}

// writable sends bucket a comment, which InfluxDB reads after it has looked at
// token and bucket. Some versions then say that there are no points: that
// bucket may be written to.
func (c *Client) writable(ctx context.Context, bucket string) error {
	b := newBody()
	b.plain = append(b.plain, "# heartline\n"...)
	b.pack()
	a := c.post(ctx, bucket, b)
	switch {
	case a.outcome == stored, a.outcome == refused && a.heard, a.outcome == expired:
		return nil
	case a.outcome == later:
		return plant.Errorf(plant.CodeUnavailable, "InfluxDB at %s does not take writes to bucket %q now: %s; %s", c.cfg.URL, bucket, a.words, a.advice)
	case a.kind == "status 404":
		return plant.Errorf(plant.CodeNotFound, "InfluxDB at %s has no bucket %q (%s); create it: %s", c.cfg.URL, bucket, a.words, c.createCommand(bucket, a.words))
	case a.kind == "status 401", a.kind == "status 403":
		return plant.Errorf(plant.CodeRefused, "InfluxDB at %s does not let this token write to bucket %q (%s); %s", c.cfg.URL, bucket, a.words, a.advice)
	}
	return plant.Errorf(plant.CodeInvalid, "writing to bucket %q at %s: %s; %s", bucket, c.cfg.URL, a.words, a.advice)
}

// createCommand is what creates bucket in the InfluxDB that was heard. One
// that was not built by its makers calls its version "unknown"; its words tell.
func (c *Client) createCommand(bucket, words string) string {
	switch version := c.Version(); {
	case strings.HasPrefix(version, "1."), strings.HasPrefix(words, "database not found"):
		db, rp, named := strings.Cut(bucket, "/")
		if named {
			return `influx -execute ` + shellQuote(`CREATE RETENTION POLICY "`+rp+`" ON "`+db+`" DURATION INF REPLICATION 1`) +
				` (after ` + shellQuote(`CREATE DATABASE "`+db+`"`) + ` where that is missing, too)`
		}
		return `influx -execute ` + shellQuote(`CREATE DATABASE "`+db+`"`)
	case strings.HasPrefix(version, "3."):
		return "influxdb3 create database " + shellQuote(bucket)
	}
	return "influx bucket create --org " + shellQuote(c.cfg.Org) + " --name " + shellQuote(bucket)
}

// shellQuote quotes text for a shell where it needs it.
func shellQuote(text string) string {
	if text != "" && strings.Trim(strconv.Quote(text), `"`) == text && !strings.ContainsAny(text, " $&|;<>()*?[]#~'`!{}") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
