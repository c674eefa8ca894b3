package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-00829101/heartline/internal/influxadmin"
	"github.com/seed-00829101/heartline/plant"
)

// boltFile is where a 2.x keeps users and buckets; metaDir is that of a 1.x.
const (
	boltFile = "influxd.bolt"
	metaDir  = "meta"
)

// arguments prepares the directory and returns what influxd is started with.
func (x *Influx) arguments(listen string) ([]string, error) {
	dir, err := filepath.Abs(x.cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find %q: %w", x.cfg.Dir, err)
	}
	for major, name := range map[int]string{1: metaDir, 2: boltFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil && major != x.major {
			return nil, plant.Errorf(plant.CodeConflict, "%s holds the data of an InfluxDB %d.x, and %q is a %d.x, which cannot read it: set influxdb.binary to one that can, or take another data_dir",
				dir, major, x.cfg.Binary, x.major)
		}
	}
	if x.major == 1 {
		conf, err := writeInfluxConf(dir, listen)
		return []string{"-config", conf}, err
	}
	return []string{
		"--http-bind-address", listen, "--reporting-disabled", "--log-level", "info",
		"--bolt-path", filepath.Join(dir, boltFile), "--sqlite-path", filepath.Join(dir, "influxd.sqlite"), "--engine-path", filepath.Join(dir, "engine"),
	}, privateDir(dir)
}

// provide makes buckets, or databases, that keep data for as long as they
// should, and returns the token to use them with. It may be called again.
func (x *Influx) provide(ctx context.Context) (token string, err error) {
	server := influxadmin.Server{URL: x.URL(), HTTP: &x.client}
	if x.major == 2 {
		return x.setup(ctx, server)
	}
	for name, keep := range map[string]time.Duration{x.cfg.Bucket: x.cfg.Retention, x.cfg.VerdictBucket: 0} {
		if name == "" {
			continue
		}
		if err := server.SetDatabase(ctx, name, keep); err != nil {
			return "", err
		}
	}
	return "", nil
}

// TokenFile is where our own 2.x, whose data is in dir, keeps our token.
func TokenFile(dir string) string { return filepath.Join(dir, "token") }

// setup is heartline setup for our own 2.x: the administrator's secrets and
// our token lie in its directory.
func (x *Influx) setup(ctx context.Context, server influxadmin.Server) (string, error) {
	in := func(name string) string { return filepath.Join(x.cfg.Dir, name) }
	_, err := influxadmin.Setup(ctx, influxadmin.Options{
		Server: server, Org: x.cfg.Org, Bucket: x.cfg.Bucket, Retention: x.cfg.Retention, VerdictBucket: x.cfg.VerdictBucket,
		Shorten: true, TokenFile: TokenFile(x.cfg.Dir), ReaderTokenFile: in("reader-token"), AdminTokenFile: in("admin-token"), AdminPasswordFile: in("admin-password"),
		Say: func(format string, args ...any) { x.cfg.Log.Debug(fmt.Sprintf(format, args...)) },
	})
	if err != nil {
		return "", err
	}
	return influxadmin.ReadToken(TokenFile(x.cfg.Dir))
}
