package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/influxadmin"
	"github.com/seed-00829101/heartline/plant"
)

// setup is a command line of heartline setup.
type setup struct {
	adminToken, adminPassword, readerToken string
	dryRun                                 bool
	wait                                   time.Duration
}

func newSetup() *cobra.Command {
	s := new(setup)
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Make in your InfluxDB what Heartline writes to, or check that it is there",
		Long: `Makes what is missing in the InfluxDB at influxdb.url: the organisation, the
bucket of the heartbeats with influxdb.retention, the bucket of the results,
kept for ever, and a login that may use these two and nothing else, which is
written to influxdb.token_file (mode 0600). On 1.8: databases, retention
policies, a user and its rights. It says what it did. It can be run again at
any time: what is there is left alone, a retention that is too short is
lengthened, none is ever shortened.

On a server that was never set up it does the first set-up, too; the
administrator's token and password are taken from the two files named below, or
made and written to them. On any other, the first file has to hold an
administrator's token (1.8 with users: user:password).

The embedded InfluxDB needs none of this.

Exit status: 0 everything is as it should be, 1 it is not, 2 bad usage or
config.`,
		Example: `  heartline setup --config heartline.yaml --dry-run
  heartline setup --config heartline.yaml --admin-token-file /run/secrets/influxdb-admin-token`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.LoadForSetup(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			return s.run(cmd.Context(), &loaded.Config.InfluxDB, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.adminToken, "admin-token-file", "", "file of an administrator's token; default: influxdb-admin-token beside influxdb.token_file")
	f.StringVar(&s.adminPassword, "admin-password-file", "", "file of the password that the first set-up gives the administrator; default: influxdb-admin-password beside influxdb.token_file")
	f.StringVar(&s.readerToken, "reader-token-file", "", "file to write a login to that may only read both buckets, for dashboards; default: none is made")
	f.BoolVar(&s.dryRun, "dry-run", false, "change nothing, and say what would be done")
	f.DurationVar(&s.wait, "wait", 0, "how long to wait for an InfluxDB that does not answer yet")
	config.AddFlags(f)
	return cmd
}

func (s *setup) run(ctx context.Context, c *config.InfluxDB, out io.Writer) error {
	if c.URL == "" {
		return plant.Errorf(plant.CodeInvalid, "influxdb.url is empty: the embedded InfluxDB is set up by serve; name the address of yours")
	}
	beside := func(file, name string) string {
		if file == "" {
			return filepath.Join(filepath.Dir(c.TokenFile), name)
		}
		return file
	}
	options := influxadmin.Options{
		Server: influxadmin.Server{URL: c.URL, HTTP: &http.Client{Timeout: 30 * time.Second}},
		Org:    c.Org, Bucket: c.Bucket, Retention: time.Duration(c.Retention), VerdictBucket: c.VerdictBucket,
		TokenFile: c.TokenFile, ReaderTokenFile: s.readerToken, AdminTokenFile: beside(s.adminToken, "influxdb-admin-token"), AdminPasswordFile: beside(s.adminPassword, "influxdb-admin-password"),
		DryRun: s.dryRun,
		Say:    func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) },
	}
	if err := s.await(ctx, &options.Server, out); err != nil {
		return err
	}
	done, err := influxadmin.Setup(ctx, options)
	if err != nil {
		return err
	}
	if !done {
		fmt.Fprintln(out, "nothing was changed: --dry-run")
		return nil
	}
	if err := checkLogin(ctx, c); err != nil {
		return err
	}
	fmt.Fprintln(out, "Heartline may write to both buckets")
	return nil
}

// await waits until InfluxDB answers, for as long as was said.
func (s *setup) await(ctx context.Context, server *influxadmin.Server, out io.Writer) error {
	began := time.Now()
	for told := false; ; told = true {
		_, err := server.Major(ctx)
		if plant.CodeOf(err) != plant.CodeUnavailable || time.Since(began) >= s.wait {
			return err
		}
		if !told {
			fmt.Fprintf(out, "waiting for InfluxDB at %s, for at most %s\n", server.URL, s.wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// checkLogin asks what serve asks at its start.
func checkLogin(ctx context.Context, c *config.InfluxDB) error {
	cfg := influx.Config{
		URL: c.URL, Org: c.Org, Bucket: c.Bucket, VerdictBucket: c.VerdictBucket, Retention: time.Duration(c.Retention),
	}
	var err error
	if c.TokenFile != "" {
		if cfg.Token, err = config.ReadSecret(c.TokenFile); err != nil {
			return err
		}
	}
	client, err := influx.New(cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	err = client.Check(ctx)
	if plant.CodeOf(err) == plant.CodeRefused {
		return plant.Errorf(plant.CodeRefused, "%w; or delete %s, and run setup again: it makes a new one", err, c.TokenFile)
	}
	return err
}
