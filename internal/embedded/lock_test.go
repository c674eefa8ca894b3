package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func TestDataDirectoryIsPrivateAndLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "data")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, want 0700", info.Mode().Perm())
	}
	_, err = LockDir(dir)
	if plant.CodeOf(err) != plant.CodeConflict || !strings.Contains(err.Error(), dir) {
		t.Errorf("second lock: %v, want a conflict that names %s", err, dir)
	}
	for range 2 {
		if err := unlock(); err != nil {
			t.Errorf("unlock: %v", err)
		}
	}
	unlock, err = LockDir(dir)
	if err != nil {
		t.Fatalf("lock after unlock: %v", err)
	}
	_ = unlock()
}

func TestUnusableDataDirectoryIsRefusedInOneSentence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file, filepath.Join(file, "sub"), "/proc/heartline"} {
		_, err := LockDir(dir)
		if plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "\n") {
			t.Errorf("LockDir(%q) = %v, want one sentence that names it", dir, err)
		}
	}
}
