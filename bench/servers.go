package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"time"
)

// inFlight is Mosquitto's window for each subscriber: the same for both.
const inFlight = 2000

// startMosquitto starts a broker that keeps what it acknowledged, as both
// subjects' documents advise.
func startMosquitto(ctx context.Context, dir string) (*process, int, error) {
	port, err := freePort()
	if err != nil {
		return nil, 0, err
	}
	conf := filepath.Join(dir, "mosquitto.conf")
	text := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location %s/\n"+
		"max_queued_messages 0\nmax_inflight_messages %d\n", port, dir, inFlight)
	if os.Geteuid() == 0 {
		text += "user root\n"
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, 0, err
	}
	name, err := osexec.LookPath("mosquitto")
	if err != nil {
		name = "/usr/sbin/mosquitto"
	}
	p, err := start(dir, name, "-c", conf)
	if err != nil {
		return nil, 0, fmt.Errorf("%w; install Mosquitto", err)
	}
	return p, port, await(ctx, "mosquitto accepts connections", func() bool { return listens(port) })
}

func listens(port int) bool {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err == nil {
		c.Close()
	}
	return err == nil
}

// influx is an influxd 1.8 of the run's own.
type influx struct {
	*process
	url string
}

func startInflux(ctx context.Context, bin, dir string) (*influx, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "influxdb.conf")
	text := fmt.Sprintf(`reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "%[1]s/meta"
[data]
dir = "%[1]s/data"
wal-dir = "%[1]s/wal"
index-version = "tsi1"
max-values-per-tag = 0
max-series-per-database = 0
query-log-enabled = false
[http]
bind-address = "127.0.0.1:%[2]d"
flux-enabled = true
log-enabled = false
[monitor]
store-enabled = false
`, dir, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p, err := start(dir, filepath.Join(bin, "influxd"), "-config", conf)
	if err != nil {
		return nil, fmt.Errorf("%w; build it with make influxd", err)
	}
	i := &influx{p, fmt.Sprintf("http://127.0.0.1:%d", port)}
	return i, await(ctx, "influxd answers", func() bool {
		resp, err := http.Get(i.url + "/ping")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusNoContent
	})
}

// number runs a query that gives one number; 0 where it gives none.
func (i *influx) number(db, query string) (int64, error) {
	resp, err := http.PostForm(i.url+"/query", url.Values{"db": {db}, "q": {query}})
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Results []struct {
			Error  string
			Series []struct{ Values [][]any }
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return 0, err
	}
	if len(answer.Results) == 0 || len(answer.Results[0].Series) == 0 {
		return 0, nil
	}
	if e := answer.Results[0].Error; e != "" {
		return 0, fmt.Errorf("%s: %s", query, e)
	}
	n, _ := answer.Results[0].Series[0].Values[0][1].(float64)
	return int64(n), nil
}
