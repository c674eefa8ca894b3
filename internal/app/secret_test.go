package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestASecretIsReadAgainWhenItsFileChanges(t *testing.T) {
	name := filepath.Join(t.TempDir(), "token")
	written := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	write := func(text string) {
		t.Helper()
		written = written.Add(time.Second)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, written, written); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	write("old\n")
	f, err := openSecret(name, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil || f.Now() != "old" {
		t.Fatalf("%q, %v", f.Now(), err)
	}
	write("")
	for range 3 {
		if got := f.Now(); got != "old" {
			t.Errorf("an empty file: %q, want the old secret", got)
		}
	}
	if n := strings.Count(log.String(), "the old one holds"); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, &log)
	}
	write("new")
	if got := f.Now(); got != "new" {
		t.Errorf("%q, want the new secret", got)
	}
	if strings.Contains(log.String(), "old\"") || strings.Contains(log.String(), "=new") {
		t.Errorf("the log holds a secret:\n%s", &log)
	}
}
