package app

import (
	"path/filepath"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/internal/influxadmin"
	"github.com/seed-00829101/heartline/plant"
)

// Store returns where the InfluxDB of a configuration answers, and the token
// to show it: the one of its own, or that of the Heartline that runs on its
// data_dir. An error where none runs.
func Store(c *config.Config) (url, token string, err error) {
	if c.InfluxDB.URL == "" {
		addr, err := ReadAddresses(c.DataDir)
		if err != nil {
			return "", "", plant.Errorf(plant.CodeUnavailable, "influxdb.url is empty, and %w; start it, or name an InfluxDB with --influxdb.url", err)
		}
		token, err = influxadmin.ReadToken(embedded.TokenFile(influxDir(c)))
		if plant.CodeOf(err) == plant.CodeNotFound {
			err = nil // a 1.8 of ours asks nobody
		}
		return addr.InfluxDB, token, err
	}
	if c.InfluxDB.TokenFile != "" {
		token, err = config.ReadSecret(c.InfluxDB.TokenFile)
	}
	return c.InfluxDB.URL, token, err
}

// influxDir is where the embedded InfluxDB keeps its data.
func influxDir(c *config.Config) string { return filepath.Join(c.DataDir, "influxdb") }
