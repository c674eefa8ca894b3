package app

import (
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/logins"
)

// LoginTopics says what a plant's gateways may publish to: the plant's topics
// of every source, and its gateways' last wills.
func LoginTopics(l *config.Loaded) logins.Topics {
	return func(plantID string) (out []string) {
		for _, t := range l.Templates {
			if f := t.FilterOf(plantID); f != "" {
				out = append(out, f)
			}
		}
		if p := l.Registry.Plant(plantID); p != nil {
			for _, g := range p.Gateways {
				if g.WillTopic != "" {
					out = append(out, g.WillTopic)
				}
			}
		}
		return out
	}
}

// usersFile is the file of logins, read again when it changed. While a new one
// cannot be used the old one holds. Safe for concurrent use.
type usersFile struct {
	name string
	log  *slog.Logger

	mu     sync.Mutex // guards what follows
	stamp  time.Time
	users  *logins.Users
	failed bool // the newest file is not used
}

// openUsers reads the file; nil where none is configured.
func (a *App) openUsers() (*usersFile, error) {
	if a.cfg.MQTT.UsersFile == "" {
		return nil, nil
	}
	u := &usersFile{name: a.cfg.MQTT.UsersFile, log: a.log}
	var err error
	u.users, err = logins.Read(u.name)
	u.stamp = modified(u.name)
	return u, err
}

// now returns the logins as they are.
func (u *usersFile) now() *logins.Users {
	u.mu.Lock()
	defer u.mu.Unlock()
	stamp := modified(u.name)
	if stamp.Equal(u.stamp) {
		return u.users
	}
	u.stamp = stamp
	users, err := logins.Read(u.name)
	if u.failed = err != nil; u.failed {
		u.log.Error("the new file of logins is not used, the old one holds", "file", u.name, "err", err)
		return u.users
	}
	u.log.Info("the file of logins was read again", "file", u.name, "logins", len(users.All()))
	u.users = users
	return users
}

// good reports whether the newest file is used.
func (u *usersFile) good() bool {
	u.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.failed
}

func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// brokerTLS is the TLS of the embedded broker; nil: none.
func (a *App) brokerTLS() *embedded.BrokerTLS {
	t := a.cfg.MQTT.TLS
	if t.CertFile == "" {
		return nil
	}
	return &embedded.BrokerTLS{CertFile: t.CertFile, KeyFile: t.KeyFile, ClientCAFile: t.ClientCAFile}
}
