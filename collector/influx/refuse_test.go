package influx

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/internal/influxdtest"
	"github.com/seed-00829101/heartline/plant"
)

func TestRefusedPointIsKeptAndItsNeighboursStored(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), &memoryLetters{fail: 2}
		cur.add(frame(t, sample("p 1", 0)))
		var samples []plant.Sample
		for i := 1; i <= 200; i++ {
			s := sample("p 1", i)
			if i == 77 || i == 78 || i == 200 {
				s.Fields = []plant.Field{{Name: "good", Kind: plant.Int, Int: int64(i)}, {Name: "temp", Kind: plant.String, Str: "hot"}}
			}
			samples = append(samples, s)
		}
		cur.add(frame(t, samples...))
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		cur.await(t)
		stop()
		d.same(c, 198)
		letters := dead.all()
		if len(letters) != 3 {
			t.Fatalf("%d dead letters, want 3: %+v", len(letters), letters)
		}
		for i, n := range []int{77, 78, 200} {
			l := letters[i]
			if l.Plant != "p 1" || l.Reason != "refused" || !strings.Contains(l.Words, "field type conflict") ||
				!strings.Contains(string(l.Point), fmt.Sprintf("good=%di", n)) || !l.At.Equal(day.Time()) {
				t.Errorf("dead letter %d = %+v, point %s", i, l, l.Point)
			}
		}
		if got := s.Status(); got.DeadLettered != 3 || got.Written != 198 {
			t.Errorf("Status = %+v, want 3 dead letters and 198 written", got)
		}
	})
}

func TestNothingIsAcknowledgedBeforeItsDeadLetterIsKept(t *testing.T) {
	proxied := startProxy(t, "http://127.0.0.1:1")
	proxied.failAll(says(422, `{"code":"unprocessable entity","message":"field type conflict"}`))
	cfg, log := testConfig(t, nil, proxied.url)
	c := newClient(t, cfg)
	cur, dead := newMemoryCursor(), &memoryLetters{fail: 1 << 30}
	cur.add(frame(t, sample("p", 1)))
	s := c.NewStore(cur, dead)
	run(t, s)
	eventually(t, "the trouble is told", func() bool { return log.count("a dead letter cannot be kept") > 0 })
	if got := cur.newestAck(); got != 0 {
		t.Errorf("acknowledged %d, want nothing", got)
	}
	dead.mu.Lock()
	dead.fail = 0
	dead.mu.Unlock()
	cur.await(t)
	if n := len(dead.all()); n != 1 {
		t.Errorf("%d dead letters, want 1", n)
	}
}

func TestPointsOlderThanTheRetentionAreCounted(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		d.keepFor(d, 24*time.Hour, time.Hour)
		cfg, log := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		var samples []plant.Sample
		// All within one shard: what type a field has is decided by its first
		// point in each.
		newest := plant.InstantOf(time.Now().Truncate(time.Hour)).Add(-time.Minute)
		for i := range 100 {
			s := sample("p", i) // of 2020
			if i%2 == 0 {
				s.Stamp = newest.Add(-time.Duration(i) * time.Second)
			}
			samples = append(samples, s)
		}
		samples[50].Fields = []plant.Field{{Name: "arrived2", Float: 1}, {Name: "good", Kind: plant.String, Str: "x"}}
		cur.add(frame(t, samples...))
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		cur.await(t)
		stop()
		d.same(c, 49)
		got := s.Status()
		if got.Written != 49 || got.Expired != 50 || got.DeadLettered != 1 {
			t.Errorf("Status = %+v, want 49 written, 50 expired, 1 dead letter", got)
		}
		if want := (collector.Tally{Received: 100, Stored: 49, Expired: 50, DeadLettered: 1}); cur.settled(t) != want {
			t.Errorf("the ledger has %+v, want %+v", cur.settled(t), want)
		}
		if n := log.count("older than the bucket's retention"); n != 1 {
			t.Errorf("expiry was told %d times, want 1", n)
		}
	})
}

func TestALimitOfInfluxDBKeepsEverything(t *testing.T) {
	d := startInfluxd(t, influxdtest.V1, func(s *influxdtest.Server) { s.MaxValuesPerTag = 10 }) // 2.x has no such limit
	cfg, log := testConfig(t, d, d.URL)
	c := newClient(t, cfg)
	cur, dead := newMemoryCursor(), new(memoryLetters)
	s := c.NewStore(cur, dead)
	run(t, s)
	for i := range 30 {
		cur.add(frame(t, sample(fmt.Sprintf("plant %d", i), i)))
		if i == 7 {
			cur.await(t) // the limit is looked at before a batch, not within it
		}
	}
	eventually(t, "the limit is told", func() bool { return strings.Contains(s.Status().Blocked, "max-values-per-tag") })
	if got := log.count("raise that limit"); got != 1 {
		t.Errorf("the limit was told %d times, want 1", got)
	}
	d.Kill()
	d.MaxValuesPerTag, d.Flux = 0, true
	d.start()
	cur.await(t)
	d.same(c, 30)
	if n := len(dead.all()); n > 0 {
		t.Errorf("%d dead letters, want 0", n)
	}
	eventually(t, "nothing is blocked", func() bool { return s.Status().Blocked == "" })
}

func TestWrongTokenBlocksAndSaysSoOnce(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		proxied := startProxy(t, d.URL)
		proxied.failAll(says(http.StatusUnauthorized, `{"code":"unauthorized","message":"unauthorized access"}`))
		cfg, log := testConfig(t, d, proxied.url)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		fill(t, cur, 6, 100, 10)
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		eventually(t, "several attempts", func() bool { return s.Status().Retries > 12 })
		if got := s.Status(); !strings.Contains(got.Blocked, "token_file") || got.Acked != 0 || !got.Reachable {
			t.Errorf("Status = %+v, want blocked by the token, nothing acknowledged", got)
		}
		if got := log.count("nothing is written to InfluxDB"); got != 1 {
			t.Errorf("told %d times, want 1", got)
		}
		if got := log.count("secret"); got != 0 {
			t.Error("the token is in the log")
		}
		proxied.failAll(nil)
		cur.await(t)
		stop()
		d.same(c, 600)
		if got := log.count("takes what is written again"); got != 1 {
			t.Errorf("the end of it was told %d times, want 1", got)
		}
	})
}

func TestOnePointTooLargeForEveryRequest(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		proxied := startProxy(t, d.URL)
		proxied.failAll(tooLong(20 << 10))
		cfg, _ := testConfig(t, d, proxied.url)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		fill(t, cur, 1, 50, 50)
		s := sample("plant 0", 50)
		s.State = noise(60 << 10)
		cur.add(frame(t, s))
		fill(t, cur, 1, 50, 50)
		store := c.NewStore(cur, dead)
		stop := run(t, store)
		cur.await(t)
		stop()
		d.same(c, 50)
		letters := dead.all()
		if len(letters) != 1 || !strings.Contains(letters[0].Words, "too large") {
			t.Errorf("dead letters %d, want the one that is too large", len(letters))
		}
		if got := store.pump.limit(); got != DefaultMaxBatch {
			t.Errorf("requests are of at most %d bytes afterwards, want %d", got, DefaultMaxBatch)
		}
	})
}

func TestAcknowledgementsAreTriedAgain(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, log := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		cur.failAck = 3
		fill(t, cur, 2, 100, 10)
		stop := run(t, c.NewStore(cur, dead))
		cur.await(t)
		stop()
		if diff := cmp.Diff(1, log.count("does not take an acknowledgement")); diff != "" {
			t.Errorf("told how often (-want +got): %s", diff)
		}
		for i := 1; i < len(cur.acked); i++ {
			if cur.acked[i] < cur.acked[i-1] {
				t.Errorf("acknowledged %v, want rising numbers", cur.acked)
			}
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		proxied := startProxy(t, d.URL)
		proxied.fail(says(http.StatusServiceUnavailable, "busy", "Retry-After", "1"))
		cfg, _ := testConfig(t, d, proxied.url)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		cur.add(frame(t, sample("p", 1)))
		began := time.Now()
		run(t, c.NewStore(cur, dead))
		cur.await(t)
		if took := time.Since(began); took < time.Second {
			t.Errorf("tried again after %s, want the second that InfluxDB asked for", took)
		}
		d.same(c, 1)
	})
}
