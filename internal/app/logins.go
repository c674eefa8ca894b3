package app

import (
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/internal/renew"
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

// openUsers reads the file of logins; nil where none is configured.
func (a *App) openUsers() (*renew.Files[*logins.Users], error) {
	name := a.cfg.MQTT.UsersFile
	if name == "" {
		return nil, nil
	}
	return renew.Open(
		func() (*logins.Users, error) { return logins.Read(name) },
		func(u *logins.Users) {
			a.log.Info("the file of logins was read again", "file", name, "logins", len(u.All()))
		},
		func(err error) {
			a.log.Error("the new file of logins is not used, the old one holds", "file", name, "err", err)
		}, name)
}

// brokerTLS is the TLS of the embedded broker; nil: none.
func (a *App) brokerTLS() *embedded.BrokerTLS {
	t := a.cfg.MQTT.TLS
	if t.CertFile == "" {
		return nil
	}
	return &embedded.BrokerTLS{CertFile: t.CertFile, KeyFile: t.KeyFile, ClientCAFile: t.ClientCAFile}
}
