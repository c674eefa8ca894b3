//go:build storm

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Heartline is killed again and again while it drains a backlog: each message
// is stored once, and the ledger adds up.
func TestStormKillsWhileDraining(t *testing.T) {
	const messages, kills = 40_000, 5
	store := serve(t, t.TempDir(), "--mqtt.client_id", "store") // for its influxd
	target, err := url.Parse(store.addr.InfluxDB)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(target)
	pass.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	var open atomic.Bool
	written := make(chan struct{}, 1<<16)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writes := r.URL.Path == "/api/v2/write"
		if writes && !open.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		pass.ServeHTTP(w, r)
		if writes {
			written <- struct{}{}
		}
	}))
	defer proxy.Close()
	dir := t.TempDir()
	start := func() *instance { return serve(t, dir, "--influxdb.url", proxy.URL) }
	open.Store(true) // everything answers, at the start
	h := start()
	open.Store(false)
	publish(t, func() string { return h.addr.MQTT }, "factory/p/l/m/heartbeat", 1, messages, 500, func(int) {})
	if n := count(t, store.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`); n != 0 {
		t.Fatalf("%d points were stored while InfluxDB refused", n)
	}
	for len(written) > 0 {
		<-written
	}
	open.Store(true)
	for range kills {
		<-written // in the middle of it
		h.kill()
		h = start()
	}
	go func() {
		for range written {
		}
	}()
	eventually(t, "everything is stored", func() bool {
		return count(t, store.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) >= messages
	})
	if n := count(t, store.addr.InfluxDB, "factory", `SELECT count(distinct(seq)) FROM heartbeat`); n != messages {
		t.Errorf("%d different numbers of %d", n, messages)
	}
	if n := count(t, store.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`); n != messages {
		t.Errorf("%d points of %d messages", n, messages)
	}
	if got := h.settled(messages); got.Stored < messages || got.DeadLettered+got.Expired > 0 {
		t.Errorf("the ledger has %+v", got)
	}
	h.stop()
	store.stop()
}

// Heartline is killed again and again while its rules change under it and
// messages come: none is lost, and at the end the newest rules hold.
func TestStormKillsWhileReloading(t *testing.T) {
	const messages, kills = 5_000, 4
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	rules := func(n int) { write("rules.yaml", fmt.Sprintf("resume: {window: 15m, hold: 1h, at: %d%%}\n", 30+n%60)) }
	write("heartline.yaml", "registry: plants.yaml\nrules: rules.yaml\n")
	write("plants.yaml", "plants:\n- {id: p, lines: [{id: l, normal: 500/h, machines: [m]}]}\n")
	const newest = "resume: {window: 15m, hold: 1h, at: 95%}\n"
	write("rules.yaml", newest)
	start := func() *instance {
		return serve(t, filepath.Join(dir, "data"), "--config", filepath.Join(dir, "heartline.yaml"))
	}
	var now atomic.Pointer[instance]
	now.Store(start())
	want := now.Load().definition()
	ctx, stop := context.WithCancel(t.Context())
	var changing sync.WaitGroup
	changing.Go(func() {
		for n := 1; ctx.Err() == nil; n++ {
			rules(n)
			_ = now.Load().cmd.Process.Signal(syscall.SIGHUP)
			select {
			case <-time.After(30 * time.Millisecond): // the pace of the changes
			case <-ctx.Done():
			}
		}
	})
	progress := make(chan int, messages)
	done := make(chan struct{})
	go func() {
		defer close(done)
		publish(t, func() string { return now.Load().addr.MQTT }, "factory/p/l/m/heartbeat", 1, messages, 50, func(n int) { progress <- n })
	}()
	for kill := range kills {
		for n := range progress {
			if n >= (kill+1)*messages/(kills+1) {
				break
			}
		}
		now.Load().kill()
		now.Store(start())
	}
	<-done
	stop()
	changing.Wait()
	h := now.Load()
	eventually(t, "everything is stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) >= messages
	})
	// What came again after a kill was stored again, as the same point.
	if got := h.settled(messages); got.Stored < messages || got.DeadLettered+got.Expired > 0 {
		t.Errorf("the ledger has %+v", got)
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`); n != messages {
		t.Errorf("%d points of %d messages", n, messages)
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(distinct(seq)) FROM heartbeat`); n != messages {
		t.Errorf("%d different numbers of %d", n, messages)
	}
	write("rules.yaml", newest)
	eventually(t, "the newest rules hold", func() bool { return h.definition() == want })
	h.kill()
	h = start()
	if got := h.definition(); got != want {
		t.Errorf("after the restart %s holds, not %s", got, want)
	}
	h.stop()
}

// Heartline is killed again and again while dead letters are replayed: each is
// taken once.
func TestStormKillsWhileReplaying(t *testing.T) {
	const letters, kills = 1_200, 4
	dir, m := t.TempDir(), startMosquitto(t)
	profile := filepath.Join(dir, "mine.yaml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(profile, "name: mine\nformat: json\ntime: {unit: s}\n") // publish sends milliseconds
	write(filepath.Join(dir, "heartline.yaml"), "profiles: [mine.yaml]\nmqtt: {servers: [{url: '"+m.url()+
		"'}], sources: [{topic: 'factory/{plant}/{line}/{machine}/heartbeat', profile: mine}]}\n")
	data := filepath.Join(dir, "data")
	start := func() *instance { return serve(t, data, "--config", filepath.Join(dir, "heartline.yaml")) }
	h := start()
	publish(t, m.url, "factory/p/l/m/heartbeat", 1, letters, 100, func(int) {})
	if got := h.settled(letters); got.DeadLettered != letters {
		t.Fatalf("%+v, want %d dead letters", got, letters)
	}
	h.stop()
	write(profile, "name: mine\nformat: json\n")
	h = start()
	replay := func() *exec.Cmd {
		return exec.Command(binary, "deadletter", "replay", "--all", "--data_dir", data)
	}
	for kill := range kills {
		cmd := replay()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "some more are taken", func() bool {
			return h.metric("heartline_dead_letters") <= float64(letters-(kill+1)*letters/(2*kills))
		})
		h.kill()
		_ = cmd.Wait() // its server is gone
		h = start()
	}
	if out, err := replay().CombinedOutput(); err != nil {
		t.Fatalf("the last replay: %v\n%s", err, out)
	}
	eventually(t, "none is left", func() bool { return h.metric("heartline_dead_letters") == 0 })
	if got := h.settledOnce(2 * letters); got.Stored != letters || got.DeadLettered != letters || got.Received-got.Duplicate != 2*letters {
		t.Errorf("the ledger has %+v, want %d stored", got, letters)
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`); n != letters {
		t.Errorf("%d points of %d letters", n, letters)
	}
	h.stop()
}
