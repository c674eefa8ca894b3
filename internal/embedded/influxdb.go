package embedded

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// defaultPolicy is the retention policy that influxd makes with each database.
const defaultPolicy = "autogen"

// createDatabases makes what is not there yet and sets how long each keeps its
// data. It may be called again: the statements name states, not steps.
func (x *Influx) createDatabases(ctx context.Context) error {
	if err := x.database(ctx, x.cfg.Bucket, x.cfg.Retention); err != nil {
		return err
	}
	return x.database(ctx, x.cfg.VerdictBucket, 0)
}

func (x *Influx) database(ctx context.Context, name string, keep time.Duration) error {
	if name == "" {
		return nil
	}
	duration := "INF"
	if keep > 0 {
		duration = fmt.Sprintf("%ds", int64(keep/time.Second))
	}
	for _, q := range []string{
		fmt.Sprintf("CREATE DATABASE %s", quoteIdent(name)),
		fmt.Sprintf("ALTER RETENTION POLICY %s ON %s DURATION %s SHARD DURATION %s DEFAULT",
			quoteIdent(defaultPolicy), quoteIdent(name), duration, shardOf(keep)),
	} {
		if err := x.query(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// shardOf follows InfluxDB's own rule for the span of one shard; a shard must
// not be longer than what is kept.
func shardOf(keep time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case keep > 0 && keep < 2*day:
		return "1h"
	case keep > 0 && keep < 180*day:
		return "1d"
	}
	return "7d"
}

func quoteIdent(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// query runs one InfluxQL statement that changes something.
func (x *Influx) query(ctx context.Context, q string) error {
	form := strings.NewReader(url.Values{"q": {q}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.URL()+"/query", form)
	if err != nil {
		return fmt.Errorf("influxd: %s: %w", q, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := x.client.Do(req)
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "influxd: %s: %w", q, err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Error   string
		Results []struct{ Error string }
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer); err != nil {
		return plant.Errorf(plant.CodeUnavailable, "influxd: %s: status %s: %w", q, resp.Status, err)
	}
	for _, r := range answer.Results {
		if answer.Error == "" {
			answer.Error = r.Error
		}
	}
	if answer.Error != "" {
		return plant.Errorf(plant.CodeRefused, "influxd refused %s: %s", q, answer.Error)
	}
	return nil
}
