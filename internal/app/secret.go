package app

import (
	"log/slog"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/internal/config"
)

// secretFile is a file that holds a secret, read again when it changed. While a
// new one cannot be read the old one holds. Safe for concurrent use.
type secretFile struct {
	name string
	log  *slog.Logger

	mu     sync.Mutex // guards what follows
	stamp  time.Time
	secret string
}

func openSecret(name string, log *slog.Logger) (*secretFile, error) {
	f := &secretFile{name: name, log: log, stamp: modified(name)}
	var err error
	f.secret, err = config.ReadSecret(name)
	return f, err
}

// now returns the secret as it is.
func (f *secretFile) now() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamp := modified(f.name)
	if stamp.Equal(f.stamp) {
		return f.secret
	}
	f.stamp = stamp
	secret, err := config.ReadSecret(f.name)
	if err != nil {
		f.log.Error("the new secret cannot be read, the old one holds", "file", f.name, "err", err)
		return f.secret
	}
	f.log.Info("the secret was read again", "file", f.name)
	f.secret = secret
	return secret
}
