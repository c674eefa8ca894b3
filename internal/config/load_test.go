package config

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/plant"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata's file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant (%s)\n%s", got, file, want)
	}
}

// lines returns the lines of a file that may be absent.
func lines(t *testing.T, file string) []string {
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(data), "\n"), "\n")
}

// loadCase loads a directory of testdata from within, with its args and env.
func loadCase(t *testing.T, dir string) (*Loaded, error) {
	t.Helper()
	t.Chdir(dir)
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	for _, arg := range lines(t, "args") {
		if arg == "" {
			continue
		}
		if err := fs.Parse([]string{arg}); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Chmod("conf/secret", 0o600)
	return Load(fs, lines(t, "env"))
}

func cases(t *testing.T, glob string) []string {
	t.Helper()
	dirs, err := filepath.Glob(glob)
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases in %s: %v", glob, err)
	}
	for i := range dirs {
		if dirs[i], err = filepath.Abs(dirs[i]); err != nil {
			t.Fatal(err)
		}
	}
	return dirs
}

func TestGoodConfigurations(t *testing.T) {
	for _, dir := range cases(t, "testdata/good/*") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			loaded, err := loadCase(t, dir)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			loaded.Describe(&got)
			for _, w := range loaded.Warnings {
				got.WriteString("warning: " + w.String() + "\n")
			}
			golden(t, "golden", got.String())
			if strings.Contains(got.String(), "not-to-be-shown") {
				t.Error("the description shows a secret")
			}
			if len(loaded.Profiles) != len(loaded.Config.MQTT.Sources) || len(loaded.Templates) != len(loaded.Profiles) {
				t.Errorf("%d profiles and %d templates for %d sources", len(loaded.Profiles), len(loaded.Templates), len(loaded.Config.MQTT.Sources))
			}
		})
	}
}

func TestBadConfigurations(t *testing.T) {
	for _, dir := range cases(t, "testdata/bad/*") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			loaded, err := loadCase(t, dir)
			if err == nil {
				t.Fatalf("it was accepted: %+v", loaded.Config)
			}
			if got := plant.CodeOf(err); got != plant.CodeInvalid {
				t.Errorf("its code is %q, want %q", got, plant.CodeInvalid)
			}
			if problems := (plant.Problems)(nil); !errors.As(err, &problems) {
				t.Error("it is not made of problems")
			}
			golden(t, "golden", err.Error()+"\n")
		})
	}
}
