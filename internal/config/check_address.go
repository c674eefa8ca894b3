package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// checkURL asks for a scheme, a host and nothing secret.
func (l *loader) checkURL(path, text, example string, schemes ...string) (*url.URL, bool) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		l.add(path, "is missing; write it like %s", example)
	case err != nil:
		l.add(path, "is no URL; write it like %s", example) // err would repeat a password
	case u.User != nil:
		l.add(path, "holds a user or password; name a file for it instead, so that it shows in no log")
	case !slices.Contains(schemes, u.Scheme):
		l.add(path, "%q does not begin with one of %s://; write it like %s", text, strings.Join(schemes, "://, "), example)
	case u.Hostname() == "":
		l.add(path, "%q names no host; write it like %s", text, example)
	case u.Port() != "" && !isPort(u.Port()):
		l.add(path, "%q has a port that is not between 1 and 65535", text)
	default:
		return u, true
	}
	return nil, false
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// checkListeners asks for addresses that can be listened on, each once.
func (l *loader) checkListeners(c *Config) {
	taken := map[string]string{}
	for _, a := range []struct {
		path, value string
		used, open  bool // open: may be more than loopback
	}{
		{"mqtt.listen", c.MQTT.Listen, len(c.MQTT.Servers) == 0, false},
		{"influxdb.listen", c.InfluxDB.Listen, c.InfluxDB.URL == "", false},
		{"http.listen", c.HTTP.Listen, true, true},
	} {
		host, port, err := splitAddress(a.value)
		switch {
		case err != nil:
			l.add(a.path, "%v", err)
			continue
		case !a.used:
			continue
		case !loopback(host) && a.path == "mqtt.listen" && c.MQTT.UsersFile != "" && c.MQTT.TLS.CertFile != "":
		case !loopback(host) && a.path == "mqtt.listen":
			l.add(a.path, "%q can be reached from other machines: name logins (mqtt.users_file) and a certificate (mqtt.tls.cert_file), or write 127.0.0.1:%d", a.value, port)
		case !loopback(host) && !a.open:
			l.add(a.path, "%q can be reached from other machines, and nobody has to log in there; write 127.0.0.1:%d", a.value, port)
		case !loopback(host):
			l.warn(a.path, "%q can be reached from other machines, and nobody has to log in there", a.value)
		}
		number := strconv.Itoa(port)
		if other := taken[number]; other != "" && port != 0 {
			l.add(a.path, "port %d is already that of %s", port, other)
		}
		taken[number] = a.path
	}
}

func splitAddress(text string) (host string, port int, err error) {
	host, number, err := net.SplitHostPort(text)
	if err == nil {
		port, err = strconv.Atoi(number)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%q is no address; write host:port like 127.0.0.1:8080 (port 0: any free one)", text)
	}
	return host, port, nil
}

// loopback reports whether only this machine can reach host.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
