package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// shared is where the real data lies.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("HEARTLINE_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is absent; set HEARTLINE_SHARED to the directory of the test data", path)
	}
	return path
}
