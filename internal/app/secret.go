package app

import (
	"log/slog"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/renew"
)

// openSecret reads a file that holds a secret.
func openSecret(name string, log *slog.Logger) (*renew.Files[string], error) {
	return renew.Open(
		func() (string, error) { return config.ReadSecret(name) },
		func(string) { log.Info("the secret was read again", "file", name) },
		func(err error) {
			log.Error("the new secret cannot be read, the old one holds", "file", name, "err", err)
		}, name)
}
