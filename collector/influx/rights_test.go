package influx

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/influxdtest"
	"github.com/seed-00829101/heartline/plant"
)

// token makes a token of 2.7 with these rights on d's two buckets.
func (p v2) token(d *influxd, rights ...string) string {
	d.t.Helper()
	var orgs struct{ Orgs []struct{ ID string } }
	p.call(d, http.MethodGet, "/api/v2/orgs?org=heartline", nil, &orgs)
	var permissions []any
	for _, bucket := range []string{d.db, d.db + "_verdicts"} {
		for _, right := range rights {
			permissions = append(permissions, map[string]any{"action": right, "resource": map[string]string{
				"type": "buckets", "id": p.bucketID(d, bucket), "orgID": orgs.Orgs[0].ID,
			}})
		}
	}
	var made struct{ Token string }
	p.call(d, http.MethodPost, "/api/v2/authorizations", map[string]any{"orgID": orgs.Orgs[0].ID, "permissions": permissions}, &made)
	return made.Token
}

func TestTokensWithoutTheRightsOfTwoPointSevenKeepEverything(t *testing.T) {
	p := v2{}
	d := useInfluxd(t, influxdtest.V2)
	read := p.token(d, "read")
	for name, tt := range map[string]struct {
		change func(*Config)
		code   plant.Code
		kind   string
	}{
		"wrong token":   {func(c *Config) { c.Token = "wrong" }, plant.CodeRefused, "status 401"},
		"may only read": {func(c *Config) { c.Token = read }, plant.CodeRefused, "status 403"},
		"no bucket":     {func(c *Config) { c.Bucket = "nowhere" }, plant.CodeNotFound, "status 404"},
		"no org":        {func(c *Config) { c.Org = "nobody" }, plant.CodeNotFound, "status 404"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, log := testConfig(t, d, d.URL)
			tt.change(&cfg)
			c := newClient(t, cfg)
			if err := c.Check(t.Context()); plant.CodeOf(err) != tt.code {
				t.Errorf("Check: %v, want %s", err, tt.code)
			}
			cur, dead := newMemoryCursor(), new(memoryLetters)
			fill(t, cur, 2, 10, 10)
			s := c.NewStore(cur, dead)
			stop := run(t, s)
			eventually(t, "several attempts", func() bool { return s.Status().Retries > 3 })
			stop()
			if got := s.Status(); got.Blocked == "" || got.Acked != 0 || got.Written != 0 || len(dead.all()) > 0 {
				t.Errorf("Status = %+v, want it blocked, and nothing acknowledged", got)
			}
			if log.count(tt.kind) == 0 || log.count(cfg.Token) > 0 {
				t.Errorf("the log has %q %d times and the token %d times", tt.kind, log.count(tt.kind), log.count(cfg.Token))
			}
		})
	}
}

func TestATokenThatIsReplacedIsUsed(t *testing.T) {
	d := useInfluxd(t, influxdtest.V2)
	cfg, _ := testConfig(t, d, d.URL)
	var now atomic.Value
	now.Store("wrong")
	cfg.Renew = func() string { return now.Load().(string) }
	cur := newMemoryCursor()
	fill(t, cur, 2, 10, 10)
	s := newClient(t, cfg).NewStore(cur, new(memoryLetters))
	stop := run(t, s)
	eventually(t, "the wrong token is refused", func() bool { return s.Status().Blocked != "" })
	now.Store(cfg.Token)
	cur.await(t)
	stop()
	if got := d.count("heartbeat", "arrived"); got != 20 {
		t.Errorf("%d heartbeats, want 20", got)
	}
}

func TestATokenThatMayOnlyWriteWrites(t *testing.T) {
	p := v2{}
	d := useInfluxd(t, influxdtest.V2)
	cfg, log := testConfig(t, d, d.URL)
	cfg.Token = p.token(d, "write")
	c := newClient(t, cfg)
	for range 2 {
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := log.count("cannot be checked"); got != 2 {
		t.Errorf("that retentions cannot be read was told %d times, want once for each bucket", got)
	}
	cur := newMemoryCursor()
	fill(t, cur, 2, 10, 10)
	stop := run(t, c.NewStore(cur, new(memoryLetters)))
	cur.await(t)
	stop()
	if got := d.count("heartbeat", "arrived"); got != 20 {
		t.Errorf("%d heartbeats, want 20", got)
	}
}

func TestCheckHoldsRetentionsAgainstWhatWasDeclared(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		check := func(retention time.Duration) error {
			cfg.Retention = retention
			return newClient(t, cfg).Check(t.Context())
		}
		for _, retention := range []time.Duration{0, 24 * time.Hour} { // a longer one is well
			if err := check(retention); err != nil {
				t.Errorf("declared %s, kept for ever: %v", retention, err)
			}
		}
		d.keepFor(d, 48*time.Hour, time.Hour)
		for retention, want := range map[time.Duration]plant.Code{24 * time.Hour: "", 48 * time.Hour: "", 72 * time.Hour: plant.CodeConflict, 0: plant.CodeConflict} {
			err := check(retention)
			if plant.CodeOf(err) != want || err != nil && !strings.Contains(err.Error(), "keeps its data 2 days") {
				t.Errorf("declared %s, kept 48 h: %v, want %q", retention, err, want)
			}
		}
		cfg.VerdictBucket, cfg.Bucket = cfg.Bucket, cfg.VerdictBucket
		if err := check(0); plant.CodeOf(err) != plant.CodeConflict || !strings.Contains(err.Error(), "verdict_bucket") {
			t.Errorf("results that expire: %v", err)
		}
	})
}

func TestTotalsAreExactToTheLastDigit(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur := newMemoryCursor()
		totals := []int64{1<<53 + 1, math.MaxInt64, math.MinInt64, -1}
		for i, total := range totals {
			s := sample("p", i)
			s.Fields = []plant.Field{{Name: "total", Kind: plant.Int, Int: total}}
			cur.add(frame(t, s))
		}
		stop := run(t, c.NewStore(cur, new(memoryLetters)))
		cur.await(t)
		stop()
		var got []string
		for _, s := range d.query(`SELECT total FROM heartbeat`) {
			for _, row := range s.Values {
				got = append(got, row[1].(json.Number).String())
			}
		}
		if want := fmt.Sprint(totals); fmt.Sprint(got) != want {
			t.Errorf("InfluxQL returns %v, want %s", got, want)
		}
	})
}
