package embedded

import (
	"context"
	"debug/buildinfo"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const influxdName = "influxd"

// FindInfluxd returns the path of the influxd to run: the one the user named
// (flag), else the first on PATH, else bin/influxd under the working
// directory, else one beside our own binary.
//
// Errors: CodeInvalid where flag names no program, CodeNotFound where there is
// none anywhere.
func FindInfluxd(flag string) (string, error) {
	if flag != "" {
		path, err := exec.LookPath(flag)
		if err != nil && !errors.Is(err, exec.ErrDot) {
			return "", plant.Errorf(plant.CodeInvalid,
				"no influxd at %q: %w; name the program itself, or build one with `make influxd`", flag, err)
		}
		return filepath.Abs(path)
	}
	if path, err := exec.LookPath(influxdName); err == nil {
		return filepath.Abs(path)
	}
	places := []string{filepath.Join("bin", influxdName)}
	if self, err := os.Executable(); err == nil {
		dir := filepath.Dir(self)
		places = append(places, filepath.Join(dir, influxdName), filepath.Join(dir, "bin", influxdName))
	}
	for _, place := range places {
		if info, err := os.Stat(place); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return filepath.Abs(place)
		}
	}
	return "", plant.Errorf(plant.CodeNotFound,
		"no influxd found on PATH, nor at %s: build one with `make influxd`, or set influxdb.url to an InfluxDB that runs already",
		strings.Join(places, ", "))
}

// majorOf asks a binary which InfluxDB it is: 1 or 2. CodeInvalid where it is
// neither.
func majorOf(ctx context.Context, binary string) (int, error) {
	// A binary built from the module says so itself; `influxd version` of such
	// a build says "unknown".
	if info, err := buildinfo.ReadFile(binary); err == nil {
		switch {
		case strings.HasPrefix(info.Path, "github.com/influxdata/influxdb/v2/"):
			return 2, nil
		case strings.HasPrefix(info.Path, "github.com/influxdata/influxdb/cmd/"):
			return 1, nil
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return 0, plant.Errorf(plant.CodeNotFound, "no influxd at %q: build one with `make influxd`", binary)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary, "version").CombinedOutput()
	said, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		return 0, plant.Errorf(plant.CodeInvalid, "`%s version` failed: %w (%s); build an influxd with `make influxd`", binary, err, said)
	}
	words := strings.Fields(said)
	if len(words) < 2 || words[0] != "InfluxDB" {
		return 0, plant.Errorf(plant.CodeInvalid, "%q is no influxd: its version command says %q", binary, said)
	}
	switch number, _, _ := strings.Cut(strings.TrimPrefix(words[1], "v"), "."); number {
	case "1":
		return 1, nil
	case "2":
		return 2, nil
	}
	return 0, plant.Errorf(plant.CodeInvalid,
		"%q is InfluxDB %s, which Heartline does not run by itself; run it yourself and set influxdb.url to it, or build a 1.8 with `make influxd`",
		binary, words[1])
}
