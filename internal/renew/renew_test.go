package renew

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A file that cannot be read is tried again at each look, though nothing about
// it changes, and the same words are said once.
func TestWhatFailedIsTriedAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "token")
	write := func(text string, at int64) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Unix(at, 0), time.Unix(at, 0)); err != nil {
			t.Fatal(err)
		}
	}
	var fail error
	var said, got []string
	write("old", 1)
	f, err := Open(func() (string, error) {
		if fail != nil {
			return "", fail
		}
		text, err := os.ReadFile(name)
		return string(text), err
	}, func(text string) { got = append(got, text) }, func(err error) { said = append(said, err.Error()) }, name)
	if err != nil || f.Now() != "old" || !f.Good() {
		t.Fatalf("%q, %v", f.Now(), err)
	}
	write("new", 2)
	for _, words := range []string{"permission denied", "permission denied", "half written", "permission denied"} {
		if fail = errors.New(words); f.Now() != "old" || f.Good() {
			t.Errorf("%s: %q is used", words, f.Now())
		}
	}
	if want := []string{"permission denied", "half written", "permission denied"}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
	fail = nil // a chmod: stamp and size stay
	if f.Now() != "new" || !f.Good() {
		t.Errorf("%q is used, want the new one", f.Now())
	}
	write("newer", 2) // within one tick of the file system's clock
	for range 2 {
		if now := f.Now(); now != "newer" {
			t.Errorf("%q is used, want the newer one", now)
		}
	}
	if want := []string{"new", "newer"}; !slices.Equal(got, want) {
		t.Errorf("renewed %q, want %q", got, want)
	}
}
