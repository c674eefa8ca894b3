package influx

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/freeport"
	"github.com/seed-00829101/heartline/plant"
)

func TestCheckOfARealInfluxd(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		if err := c.Check(t.Context()); err != nil {
			t.Fatalf("Check: %v", err)
		}
		if got := c.Version(); got == "" { // "unknown" where influxd was built by go install
			t.Error("Version() is empty")
		}
		for _, bucket := range []string{d.db, d.db + "_verdicts"} {
			d.db = bucket
			if got := d.query("SHOW MEASUREMENTS"); len(got) != 0 {
				t.Errorf("Check stored something in %q: %v", bucket, got)
			}
		}
		cfg.VerdictBucket = "no such"
		err := newClient(t, cfg).Check(t.Context())
		if plant.CodeOf(err) != plant.CodeNotFound || !strings.Contains(err.Error(), d.createCommand("no such")) {
			t.Errorf("Check without bucket: %v, want the command that creates it", err)
		}
		cfg.URL = "http://" + freeport.Address(t)
		if err := newClient(t, cfg).Check(t.Context()); plant.CodeOf(err) != plant.CodeUnavailable || !strings.Contains(err.Error(), cfg.URL) {
			t.Errorf("Check of nobody: %v, want unavailable at %s", err, cfg.URL)
		}
	})
}

func TestCheckSaysWhatToDo(t *testing.T) {
	health := `{"name":"influxdb","status":"pass","version":"v2.7.12"}`
	tests := []struct {
		name          string
		health, write fault
		code          plant.Code
		words         string
	}{
		{"2.x well", says(200, health), says(400, `{"code":"invalid","message":"writing requires points"}`), "", ""},
		{"2.x no bucket", says(200, health), says(404, `{"code":"not found","message":"bucket \"factory\" not found"}`), plant.CodeNotFound, "influx bucket create --org heartline --name factory"},
		{"2.x token", says(200, health), says(401, `{"code":"unauthorized","message":"unauthorized access"}`), plant.CodeRefused, "influxdb.token_file"},
		{"2.x not ready", says(503, `{"name":"influxdb","status":"fail","message":"starting"}`), nil, plant.CodeUnavailable, "starting"},
		{"3 well", says(200, "OK", "X-Influxdb-Version", "3.4.1"), says(204, ""), "", ""},
		{"3 no database", says(200, "OK", "X-Influxdb-Version", "3.4.1"), says(404, `{"error":"not found"}`), plant.CodeNotFound, "influxdb3 create database factory"},
		{"3 token", says(401, ""), nil, plant.CodeRefused, "influxdb.token_file"},
		{"something else", says(200, "<html>"), nil, plant.CodeInvalid, "no InfluxDB"},
		{"writes end in a portal", says(200, health), says(200, "<html>log in"), plant.CodeInvalid, "log in"},
		{"busy", says(200, health), says(503, "busy"), plant.CodeUnavailable, "busy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					tt.write(w, r, nil)
				} else {
					tt.health(w, r, nil)
				}
			}))
			defer server.Close()
			cfg, _ := testConfig(t, nil, server.URL)
			err := newClient(t, cfg).Check(t.Context())
			if plant.CodeOf(err) != tt.code || err != nil && !strings.Contains(err.Error(), tt.words) {
				t.Errorf("Check: %v (%s), want %q with %q", err, plant.CodeOf(err), tt.code, tt.words)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the token is in %q", err)
			}
		})
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := Config{URL: "http://127.0.0.1:8086", Bucket: "factory", VerdictBucket: "v"}
	for name, change := range map[string]func(*Config){
		"no URL":     func(c *Config) { c.URL = "" },
		"no scheme":  func(c *Config) { c.URL = "127.0.0.1:8086" },
		"scheme":     func(c *Config) { c.URL = "tcp://127.0.0.1:8086" },
		"password":   func(c *Config) { c.URL = "http://u:hunter2@127.0.0.1:8086" },
		"no bucket":  func(c *Config) { c.Bucket = "" },
		"no verdict": func(c *Config) { c.VerdictBucket = "" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); plant.CodeOf(err) != plant.CodeInvalid || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: New: %v, want a CodeInvalid error without the password", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Errorf("New: %v", err)
	}
}
