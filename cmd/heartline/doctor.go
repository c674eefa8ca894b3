package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/collector/mqtt"
	"github.com/seed-00829101/heartline/internal/app"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/doctor"
	"github.com/seed-00829101/heartline/plant"
)

func newDoctor() *cobra.Command {
	var listen time.Duration
	var output string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say in advance what will not go well, and how to mend it",
		Long: `Looks at what the configuration will meet: what the brokers can hold for us
against the declared rate and outage, the queue and the disk, clocks, open
files, InfluxDB's version, retention and rights, topics that cannot be carried.
Each finding says what mends it. The embedded servers are looked at while they
run.

With --listen it hears what is published for a while, and proposes sources and
registry entries as YAML to paste; lines are proposed as not commissioned. At
brokers of your own it hears what the login of mqtt.servers may read.

Exit status: 0 good, 1 there is a problem, 2 bad usage or config.`,
		Example: `  heartline doctor --config heartline.yaml
  heartline doctor --listen 60s > proposal.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			loaded, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			addr, running := app.ReadAddresses(loaded.Config.DataDir)
			brokers, err := brokersOf(loaded, addr, running == nil)
			if err != nil {
				return err
			}
			if listen > 0 {
				return hear(cmd, loaded, brokers, listen)
			}
			findings := doctor.Limits(loaded)
			findings = append(findings, doctor.Brokers(cmd.Context(), loaded, brokers)...)
			store, err := storeOf(loaded, addr)
			if err != nil {
				return err
			}
			if store.URL != "" {
				findings = append(findings, doctor.InfluxDB(cmd.Context(), store)...)
			}
			if output == "json" {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"findings": findings})
			} else {
				findings.Print(cmd.OutOrStdout())
			}
			if err == nil && findings.Worst() == doctor.Trouble {
				err = fmt.Errorf("there are problems; each says what mends it")
			}
			return err
		},
	}
	f := cmd.Flags()
	f.DurationVar(&listen, "listen", 0, "hear what is published for so long, and propose sources and registry")
	f.StringVar(&output, "output", "text", "text or json")
	config.AddFlags(f)
	return cmd
}

// hear listens and prints the proposal.
func hear(cmd *cobra.Command, loaded *config.Loaded, brokers []doctor.Broker, length time.Duration) error {
	if len(brokers) == 0 {
		return plant.Errorf(plant.CodeUnavailable, "the embedded broker does not run; start heartline serve, or name brokers in mqtt.servers")
	}
	profiles, err := config.BuiltinProfiles()
	if err != nil {
		return err
	}
	profiles = append(loaded.Profiles, profiles...)
	fmt.Fprintf(cmd.ErrOrStderr(), "listening for %s\n", length)
	heard, err := doctor.Listen(cmd.Context(), brokers, length, progressOn(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	if heard.Messages() == 0 {
		return plant.Errorf(plant.CodeUnavailable, "nothing was published in %s that we may hear: listen longer, and see whether the gateways reach the broker and our login may read their topics", length)
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), heard.Propose(profiles).YAML())
	return err
}

// brokersOf is the brokers that the configuration names, or the embedded one
// where it runs.
func brokersOf(l *config.Loaded, addr app.Addresses, running bool) (out []doctor.Broker, err error) {
	if len(l.Config.MQTT.Servers) == 0 {
		if !running {
			return nil, nil
		}
		user, password, err := app.ListenLogin(l.Config.DataDir)
		if err != nil {
			return nil, plant.Errorf(plant.CodeUnavailable, "the embedded broker's login for listening cannot be read, run doctor as the user that serve runs as: %w", err)
		}
		options := paho.NewClientOptions().AddBroker(addr.MQTT).SetUsername(user).SetPassword(password)
		if strings.HasPrefix(addr.MQTT, "ssl:") {
			options.SetTLSConfig(&tls.Config{InsecureSkipVerify: true}) // this machine's own broker, over loopback
		}
		return []doctor.Broker{{Name: "the embedded broker", Options: options, Own: true}}, nil
	}
	for _, s := range l.Config.MQTT.Servers {
		options := paho.NewClientOptions().AddBroker(s.URL).SetUsername(s.User)
		if s.PasswordFile != "" {
			password, err := config.ReadSecret(s.PasswordFile)
			if err != nil {
				return nil, err
			}
			options.SetPassword(password)
		}
		if s.CAFile != "" || s.CertFile != "" {
			conf, err := mqtt.TLSConfig(s.CAFile, s.CertFile, s.KeyFile)
			if err != nil {
				return nil, err
			}
			options.SetTLSConfig(conf)
		}
		out = append(out, doctor.Broker{Name: s.Name, Options: options})
	}
	return out, nil
}

// storeOf is the InfluxDB to look at; without a URL where the embedded one does
// not run.
func storeOf(l *config.Loaded, addr app.Addresses) (influx.Config, error) {
	c := l.Config.InfluxDB
	out := influx.Config{
		URL: c.URL, Org: c.Org, Bucket: c.Bucket, VerdictBucket: c.VerdictBucket, Retention: time.Duration(c.Retention),
		Clock: time.Now, Log: quiet,
	}
	if out.URL == "" {
		out.URL = addr.InfluxDB
	}
	var err error
	if c.TokenFile != "" {
		out.Token, err = config.ReadSecret(c.TokenFile)
	}
	return out, err
}
