package influx

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
)

// same fails unless InfluxQL and Flux both count want heartbeats.
func (d *influxd) same(c *Client, want int) {
	d.t.Helper()
	if got := d.count("heartbeat", "arrived"); got != want {
		d.t.Errorf("InfluxQL counts %d heartbeats, want %d", got, want)
	}
	if got := d.fluxCount(c, "heartbeat", "arrived"); got != want {
		d.t.Errorf("Flux counts %d heartbeats, want %d", got, want)
	}
}

func TestEverySampleIsStoredOnceAndAcknowledged(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		cfg.MaxBatch = 8 << 10
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		fill(t, cur, 7, 1000, 10)
		cur.add(frame(t)) // a tick
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		cur.await(t)
		stop()
		d.same(c, 7000)
		if want := (collector.Tally{Received: 7000, Stored: 7000}); cur.settled(t) != want || len(cur.ledger.Postings()) != 7 {
			t.Errorf("the ledger has %+v of %d accounts, want %+v of 7", cur.settled(t), len(cur.ledger.Postings()), want)
		}
		got := s.Status()
		want := Status{Reachable: true, Written: 7000, Acked: cur.last()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Status (-want +got):\n%s", diff)
		}
	})
}

func TestFaultsLoseNothingAndStoreNothingTwice(t *testing.T) {
	faults := map[string][]fault{
		"503 with Retry-After":       {says(503, "busy", "Retry-After", "0"), says(503, "busy")},
		"429":                        {says(429, `{"code":"too many requests","message":"later"}`, "Content-Type", "application/json")},
		"401":                        {says(401, `{"code":"unauthorized","message":"unauthorized access"}`), says(401, "")},
		"404":                        {says(404, `{"error":"database not found: \"factory\""}`)},
		"500":                        {says(500, "internal error"), says(502, "<html>"), says(504, "")},
		"cut after it was stored":    {cutAfter, cutAfter, nil, cutAfter},
		"connection reset in a body": {cutBody, nil, cutBody},
		"truncated body":             {truncated, nil, truncated},
		"page of a portal":           {says(200, "<html>please log in</html>"), says(200, "")},
		"redirect to a login":        {says(302, "", "Location", "/login")},
		"400 of a proxy":             {says(400, "<html>400 Bad Request</html>")},
	}
	onEvery(t, func(t *testing.T, version string) {
		proxied := startProxy(t, useInfluxd(t, version).URL)
		for name, list := range faults {
			t.Run(name, func(t *testing.T) { rideOut(t, useInfluxd(t, version), proxied, list) })
		}
	})
}

func rideOut(t *testing.T, d *influxd, proxied *proxy, list []fault) {
	cfg, _ := testConfig(t, d, proxied.url)
	cfg.MaxBatch = 16 << 10
	c := newClient(t, cfg)
	cur, dead := newMemoryCursor(), new(memoryLetters)
	fill(t, cur, 5, 300, 10)
	proxied.fail(list...)
	s := c.NewStore(cur, dead)
	stop := run(t, s)
	cur.await(t)
	stop()
	d.same(c, 1500)
	if letters := dead.all(); len(letters) > 0 {
		t.Errorf("%d dead letters, the first: %+v", len(letters), letters[0])
	}
	if got := s.Status(); got.Retries == 0 || got.Blocked != "" || !got.FailingSince.IsZero() {
		t.Errorf("Status = %+v, want retries and no trouble left", got)
	}
}

func TestTooLargeRequestsAreSplit(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		proxied := startProxy(t, d.URL)
		proxied.failAll(tooLong(900))
		cfg, _ := testConfig(t, d, proxied.url)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		fill(t, cur, 5, 300, 300)
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		cur.await(t)
		stop()
		d.same(c, 1500)
		if n := len(dead.all()); n > 0 {
			t.Errorf("%d dead letters, want 0", n)
		}
	})
}

func TestKilledInfluxdIsRiddenOut(t *testing.T) {
	onEvery(t, func(t *testing.T, version string) {
		d := startInfluxd(t, version)
		cfg, log := testConfig(t, d, d.URL)
		cfg.MaxBatch = 16 << 10
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		for round := range 2 {
			fill(t, cur, 5, 200, 10) // the same points again: they stay the same points
			// A 1.8 that is killed while it makes its first shard cannot open it again.
			eventually(t, "the shard is there", func() bool { return s.Status().Written > 0 })
			d.Kill()
			fill(t, cur, 5, 400, 10)
			eventually(t, "trouble is noted", func() bool { return s.Status().FailingSince.IsZero() == false })
			d.Flux = round == 1 // d.same asks by it
			d.start()
			cur.await(t)
		}
		stop()
		d.same(c, 2000)
		if n := len(dead.all()); n > 0 {
			t.Errorf("%d dead letters, want 0", n)
		}
		if n := log.count("connection refused"); n > 2 {
			t.Errorf("unreachable was told %d times, want it told and not repeated", n)
		}
	})
}

func TestHostileNamesComeBackAsTheyWere(t *testing.T) {
	names := []string{"with space", "a,b", "a=b", `back\slash`, `quote"d`, "绍兴第七印染厂", ",plant=x", `\,plant=y`, " lead", "émile", "a,line=z machine=q"}
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		for _, name := range names {
			s := sample(name, 1)
			s.Line, s.Machine, s.State = name, name, name+"\nheartbeat,plant=forged good=1i 1"
			cur.add(frame(t, s))
		}
		stop := run(t, c.NewStore(cur, dead))
		cur.await(t)
		stop()
		if letters := dead.all(); len(letters) > 0 {
			t.Fatalf("dead letters: %+v", letters)
		}
		d.same(c, len(names))
		got := map[string]string{}
		for _, s := range d.query(`SELECT plant::tag, machine::tag, "state" FROM heartbeat`) {
			for _, row := range s.Values {
				got[fmt.Sprint(row[1])] = fmt.Sprint(row[2], "|", row[3])
			}
		}
		want := map[string]string{}
		for _, name := range names {
			// The encoder writes a newline as \n, which InfluxDB keeps as these two characters.
			want[name] = fmt.Sprint(name, "|", name+`\n`+"heartbeat,plant=forged good=1i 1")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("plants as stored (-want +got):\n%s", diff)
		}
	})
}

func TestDamagedFramesAreCountedAndPassed(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, log := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		cur.add(frame(t, sample("p", 1)))
		bad := frame(t, sample("p", 2))
		bad[len(bad)/2] ^= 1
		cur.add(bad)
		cur.add([]byte("short"))
		cur.add(frame(t, sample("p", 3)))
		s := c.NewStore(cur, dead)
		stop := run(t, s)
		cur.await(t)
		stop()
		d.same(c, 2)
		if got := s.Status().Damaged; got != 2 {
			t.Errorf("Damaged = %d, want 2", got)
		}
		if n := log.count("checksum"); n != 1 {
			t.Errorf("the damage was told %d times, want 1", n)
		}
	})
}

func TestRestartGoesOnWhereItWas(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		proxied := startProxy(t, d.URL)
		cfg, _ := testConfig(t, d, proxied.url)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		fill(t, cur, 3, 100, 10)
		stop := run(t, c.NewStore(cur, dead))
		cur.await(t)
		before := cur.newestAck()
		proxied.failAll(says(http.StatusServiceUnavailable, "down"))
		for i := 100; i < 200; i++ {
			cur.add(frame(t, sample("plant 0", i)))
		}
		eventually(t, "a write fails", func() bool { proxied.mu.Lock(); defer proxied.mu.Unlock(); return proxied.writes > 2 })
		stop()
		if got := cur.newestAck(); got != before {
			t.Fatalf("acknowledged up to %d while InfluxDB was down, want %d", got, before)
		}
		proxied.failAll(nil)
		cur.rewind()
		stop = run(t, c.NewStore(cur, dead))
		cur.await(t)
		stop()
		d.same(c, 400)
	})
}

func TestPlantTag(t *testing.T) {
	for _, id := range []string{"p", "a b", "a,b", `a\b`, ",plant=x", "x plant=", "厂"} {
		s := sample(id, 1)
		s.Line, s.Machine = ",plant=no", `x\`+" ,plant=no"
		var lines [][]byte
		takeInto(t, frame(t, s), &lines)
		if got := plantOf(lines[0]); got != id {
			t.Errorf("plantOf(%s) = %q, want %q", lines[0], got, id)
		}
		t2 := sample(id, 2)
		var more [][]byte
		takeInto(t, frame(t, t2), &more)
		if a, b := plantTag(lines[0]), plantTag(more[0]); string(a) != string(b) || len(a) == 0 {
			t.Errorf("plantTag: %q and %q, want the same for plant %q", a, b, id)
		}
	}
	if got := plantTag([]byte("heartbeat good=1i 1")); got != nil {
		t.Errorf("plantTag without plant = %q", got)
	}
}
