package config

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/logins"
)

// Bounds of what a user may set.
const (
	minBytes     = 1 << 20 // of a store or queue on disk
	minRetention = Retention(1 * 3600 * 1e9)
)

func (l *loader) add(path, format string, args ...any) {
	if !l.unreadable(path) {
		l.problems = append(l.problems, l.problem(path, format, args...))
	}
}

func (l *loader) warn(path, format string, args ...any) {
	l.out.Warnings = append(l.out.Warnings, l.problem(path, format, args...))
}

// check looks at every value of the configuration by itself; files it names
// come later.
func (l *loader) check() {
	c := &l.out.Config
	for _, k := range []struct{ path, value string }{
		{"data_dir", c.DataDir}, {"registry", c.Registry}, {"rules", c.Rules},
		{"mqtt.client_id", c.MQTT.ClientID}, {"influxdb.org", c.InfluxDB.Org}, {"influxdb.bucket", c.InfluxDB.Bucket},
	} {
		if k.value == "" {
			l.add(k.path, "is empty")
		} else if strings.ContainsFunc(k.value, unicode.IsControl) {
			l.add(k.path, "%q holds a control character", k.value)
		}
	}
	l.checkMQTT(&c.MQTT)
	l.checkInfluxDB(&c.InfluxDB)
	l.checkQueue(&c.Queue)
	l.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	l.oneOf("log.format", c.Log.Format, "text", "json")
	l.checkBroker(c)
	l.checkListeners(c)
}

func (l *loader) oneOf(path, value string, words ...string) {
	if !slices.Contains(words, value) {
		l.add(path, "%q is none of %s", value, strings.Join(words, ", "))
	}
}

func (l *loader) checkMQTT(m *MQTT) {
	if m.StoreMaxBytes < minBytes {
		l.add("mqtt.store_max_bytes", "is less than 1MiB")
	}
	if len(m.ClientID) > 128 {
		l.add("mqtt.client_id", "is longer than 128 bytes, which not every broker takes")
	}
	names := map[string]int{}
	for i := range m.Servers {
		s, at := &m.Servers[i], joinIndex("mqtt.servers", i)
		l.checkServer(at, s)
		if first, dup := names[s.Name]; dup && s.Name != "" {
			l.add(at, "%q is already the name of mqtt.servers[%d]; give one of them another name", s.Name, first)
		}
		names[s.Name] = i
	}
	if len(m.Sources) == 0 {
		l.add("mqtt.sources", "is empty: name at least one topic, or leave the key out for the default")
	}
	l.out.Templates = make([]collector.Template, len(m.Sources))
	for i, s := range m.Sources {
		at := joinIndex("mqtt.sources", i)
		t, err := collector.ParseTemplate(s.Topic)
		if err != nil {
			l.add(at+".topic", "%v", err)
		}
		l.out.Templates[i] = t
		for j, u := range l.out.Templates[:i] {
			switch {
			case t.Filter() != "" && t.Filter() == u.Filter():
				l.add(at+".topic", "subscribes to %s as mqtt.sources[%d] does already, which takes every message", t.Filter(), j)
			case t.Overlaps(u):
				l.warn(at+".topic", "some topics also match mqtt.sources[%d] (%s), which takes their messages as it comes first", j, u)
			}
		}
	}
}

// brokerSchemes says of each scheme of a broker's URL whether it is TLS.
var brokerSchemes = map[string]bool{"tcp": false, "mqtt": false, "ssl": true, "tls": true, "mqtts": true}

func (l *loader) checkServer(at string, s *Server) {
	u, ok := l.checkURL(at+".url", s.URL, "ssl://broker.example:8883", "tcp", "mqtt", "ssl", "tls", "mqtts")
	if ok {
		secure := brokerSchemes[u.Scheme]
		if s.Name == "" {
			s.Name = u.Host
		}
		for _, f := range []struct{ key, value string }{{"ca_file", s.CAFile}, {"cert_file", s.CertFile}, {"key_file", s.KeyFile}} {
			if f.value != "" && !secure {
				l.add(at+"."+f.key, "needs TLS, and %s:// has none; write ssl://%s", u.Scheme, u.Host)
			}
		}
		if s.PasswordFile != "" && !secure && !loopback(u.Hostname()) {
			l.warn(at+".url", "the password crosses the network in the clear; use ssl://")
		}
	}
	if s.PasswordFile != "" && s.User == "" {
		l.add(at+".user", "is missing: a password needs a user")
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		l.add(at, "cert_file and key_file belong together; set both or neither")
	}
	l.secretFile(at+".password_file", s.PasswordFile)
	l.secretFile(at+".key_file", s.KeyFile)
	l.plainFile(at+".ca_file", s.CAFile)
	l.plainFile(at+".cert_file", s.CertFile)
}

// checkBroker looks at the logins and certificates of the embedded broker.
func (l *loader) checkBroker(c *Config) {
	m := &c.MQTT
	if (m.TLS.CertFile == "") != (m.TLS.KeyFile == "") {
		l.add("mqtt.tls", "cert_file and key_file belong together; set both or neither")
	}
	if m.TLS.ClientCAFile != "" && m.TLS.CertFile == "" {
		l.add("mqtt.tls.client_ca_file", "needs mqtt.tls.cert_file: gateways show certificates over TLS only")
	}
	if m.TLS.ClientCAFile != "" && m.UsersFile == "" {
		l.add("mqtt.tls.client_ca_file", "needs mqtt.users_file: it says which plant's topics a certificate is allowed")
	}
	l.plainFile("mqtt.tls.cert_file", m.TLS.CertFile)
	l.secretFile("mqtt.tls.key_file", m.TLS.KeyFile)
	l.plainFile("mqtt.tls.client_ca_file", m.TLS.ClientCAFile)
	if m.UsersFile == "" {
		return
	}
	if len(m.Servers) > 0 {
		l.warn("mqtt.users_file", "is not used: the brokers are yours (mqtt.servers); heartline acl writes the same rules for Mosquitto")
	}
	if _, err := os.Stat(m.UsersFile); l.beforeUsers && errors.Is(err, fs.ErrNotExist) {
		return
	}
	if _, err := logins.Read(m.UsersFile); err != nil {
		l.add("mqtt.users_file", "%v", err)
	} else if exposed(m.UsersFile) {
		l.warn("mqtt.users_file", "every user of this machine can read %s; chmod 600 it", m.UsersFile)
	}
	for i, s := range m.Sources {
		if t, err := collector.ParseTemplate(s.Topic); err == nil && !t.Named("plant") {
			l.add(joinIndex("mqtt.sources", i)+".topic", "has no level {plant}: a login is allowed its plant's topics, and could publish for none here")
		}
	}
}

func (l *loader) checkInfluxDB(c *InfluxDB) {
	if c.URL != "" {
		u, ok := l.checkURL("influxdb.url", c.URL, "http://influxdb.example:8086", "http", "https")
		if ok && u.RawQuery != "" {
			l.add("influxdb.url", "holds a query; write only scheme, host and port")
		}
		if ok && c.TokenFile != "" && u.Scheme == "http" && !loopback(u.Hostname()) {
			l.warn("influxdb.url", "the token crosses the network in the clear; use https://")
		}
	}
	if c.VerdictBucket == c.Bucket && c.Bucket != "" {
		l.add("influxdb.verdict_bucket", "is the bucket of the heartbeats, where it would expire with them; name another")
	}
	if c.Retention != 0 && c.Retention < minRetention {
		l.add("influxdb.retention", "is less than 1h, which InfluxDB refuses")
	}
	if _, err := os.Stat(c.TokenFile); l.beforeSetup && errors.Is(err, fs.ErrNotExist) {
		return
	}
	l.secretFile("influxdb.token_file", c.TokenFile)
}

func (l *loader) checkQueue(c *Queue) {
	if c.URL != "" {
		for one := range strings.SplitSeq(c.URL, ",") {
			l.checkURL("queue.url", strings.TrimSpace(one), "nats://nats.example:4222", "nats", "tls")
		}
	}
	if c.MaxBytes < minBytes {
		l.add("queue.max_bytes", "is less than 1MiB")
	}
	if c.Partitions != 1 {
		l.add("queue.partitions", "%d partitions cannot be run by this version; write 1", c.Partitions)
	}
}

func (l *loader) secretFile(path, file string) {
	if file == "" {
		return
	}
	if strings.HasSuffix(path, "key_file") {
		l.plainFile(path, file)
	} else if _, err := ReadSecret(file); err != nil {
		l.add(path, "%v", err)
		return
	}
	if exposed(file) {
		l.warn(path, "every user of this machine can read %s; chmod 600 it", file)
	}
}

func (l *loader) plainFile(path, file string) {
	if file == "" {
		return
	}
	if _, err := (place{name: file}).read(); err != nil {
		l.add(path, "%s: %s", file, fileWords(err))
	}
}
