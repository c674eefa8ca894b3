package main

import (
	"os"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

func TestSetupFromNothingToAReadyServer(t *testing.T) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) {
			url := influxdtest.Run(t, version, func(s *influxdtest.Server) { s.Auth = true }).URL
			t.Chdir(t.TempDir())
			if err := os.WriteFile("heartline.yaml", []byte("influxdb: {url: "+url+", token_file: secrets/token}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if status, _, errs := inPlace("", "check"); status != 2 || !strings.Contains(errs, "secrets/token") {
				t.Errorf("check before setup: status %d, %q; want the missing file named", status, errs)
			}
			status, out, errs := inPlace("", "setup", "--dry-run")
			if status != 0 || !strings.Contains(out, "would: first set-up") || !strings.Contains(out, "nothing was changed") {
				t.Fatalf("--dry-run: status %d, %q, %q", status, out, errs)
			}
			for range 2 { // again: nothing left to do
				status, out, errs = inPlace("", "setup")
				if status != 0 || !strings.HasSuffix(out, "Heartline may write to both buckets\n") || errs != "" {
					t.Fatalf("status %d, %q, %q", status, out, errs)
				}
			}
			if strings.Contains(out, "made") {
				t.Errorf("the second time it said:\n%s", out)
			}
			if status, _, errs := inPlace("", "check"); status != 0 {
				t.Errorf("check after setup: status %d, %q", status, errs)
			}
			if err := os.WriteFile("secrets/token", []byte("another:one\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if status, _, errs := inPlace("", "setup"); status != 1 || !strings.Contains(errs, "delete secrets/token") {
				t.Errorf("with a wrong token: status %d, %q", status, errs)
			}
		})
	}
}

func TestSetupSaysWhatIsMissing(t *testing.T) {
	status, _, errs := command(t, "", "setup")
	if status != 2 || !strings.Contains(errs, "influxdb.url") {
		t.Errorf("status %d, %q", status, errs)
	}
	status, _, errs = command(t, "", "setup", "--influxdb.url", "http://127.0.0.1:1")
	if status != 1 || !strings.Contains(errs, "does not answer") {
		t.Errorf("status %d, %q", status, errs)
	}
}
