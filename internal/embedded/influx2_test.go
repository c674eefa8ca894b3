package embedded

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/influxadmin"
	"github.com/seed-00829101/heartline/plant"
)

// second is a configuration that runs a 2.7.
func second(t *testing.T, dir string) InfluxConfig {
	t.Helper()
	binary, err := filepath.Abs("../../bin/influxd2")
	if err != nil || !exists(binary) {
		t.Skip("no influxd2, which needs cargo to build: run make influxd2")
	}
	cfg, _ := influxConfig(t, dir)
	cfg.Binary, cfg.Org = binary, "works"
	return cfg
}

// asWho is our 2.7 as somebody whose token is in a file of its directory.
func (x *Influx) asWho(t *testing.T, file string) *influxadmin.Server {
	t.Helper()
	path := filepath.Join(x.cfg.Dir, file)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%s: %v, %v; want mode 0600", path, info, err)
	}
	token, err := influxadmin.ReadToken(path)
	if err != nil {
		t.Fatal(err)
	}
	return &influxadmin.Server{URL: x.URL(), Token: token, HTTP: http.DefaultClient}
}

func (x *Influx) post(t *testing.T, path, token, body string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, x.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestASecondInfluxdIsSetUpKilledAndStartedAgain(t *testing.T) {
	cfg := second(t, t.TempDir())
	x := startInflux(t, cfg)
	token := x.Token()
	const write = "/api/v2/write?org=works&bucket=factory"
	if got := x.post(t, write, token, "heartbeat,machine=m1 good=1i"); got != http.StatusNoContent {
		t.Errorf("a write was answered with %d", got)
	}
	if got := x.post(t, write, "guess", "heartbeat,machine=m1 good=1i"); got != http.StatusUnauthorized {
		t.Errorf("a write without our token was answered with %d", got)
	}
	keeps := func(want time.Duration) {
		t.Helper()
		for _, who := range []string{"token", "reader-token", "admin-token"} {
			server := x.asWho(t, who)
			if got, err := server.Keeps(t.Context(), "works", "factory"); got != want || err != nil {
				t.Errorf("%s: factory keeps data %s, %v; want %s", who, got, err, want)
			}
			if got, err := server.Keeps(t.Context(), "works", "verdicts"); got != 0 || err != nil {
				t.Errorf("%s: verdicts keeps data %s, %v; want for ever", who, got, err)
			}
		}
	}
	keeps(90 * 24 * time.Hour)
	base, first := x.URL(), x.current()
	if err := syscall.Kill(first.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	x.answersAnew(t, first)
	if x.URL() != base || x.post(t, write, token, "heartbeat,machine=m1 good=2i") != http.StatusNoContent {
		t.Errorf("it does not take writes at %s", base)
	}
	if err := x.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	cfg.Retention = 24 * time.Hour
	x = startInflux(t, cfg)
	if x.Token() != token {
		t.Error("after a stop there is another token")
	}
	keeps(24 * time.Hour)
}

func TestDataOfAnotherVersionIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	newer := second(t, dir)
	older, _ := influxConfig(t, dir)
	for _, pair := range [][2]InfluxConfig{{older, newer}, {newer, older}} {
		if err := os.RemoveAll(older.Dir); err != nil {
			t.Fatal(err)
		}
		x, err := StartInflux(within(t), pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Stop(context.WithoutCancel(within(t))); err != nil {
			t.Fatal(err)
		}
		if _, err := StartInflux(within(t), pair[1]); plant.CodeOf(err) != plant.CodeConflict || !strings.Contains(err.Error(), "influxdb.binary") {
			t.Errorf("%s after %s: %v, want a conflict", pair[1].Binary, pair[0].Binary, err)
		}
	}
}
