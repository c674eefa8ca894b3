package embedded

import (
	"strconv"
	"strings"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/seed-00829101/heartline/logins"
)

// gateway lets a factory's client in: everybody where there is no file of
// logins, else whoever shows a login's password, or its certificate, and no other
// login's client id. A login may publish its plants' topics and read what we say
// of them.
func (l *doorman) gateway(c server.ClientAuthentication, opts *server.ClientOpts) bool {
	var users *logins.Users
	if l.users != nil {
		users = l.users()
	}
	if users == nil {
		return l.register(c, factoryUser, factoryAccount, l.factoryPerms)
	}
	name, proven := opts.Username, false
	if l.certificates {
		shown, ok := commonName(c)
		if !ok || name != "" && name != shown {
			l.refused(clientName(c), "it shows no certificate of its own; its common name must be its login")
			return false
		}
		name, proven = shown, true
	}
	login := users.Login(name)
	switch {
	case login == nil:
		l.refused(clientName(c), "there is no login "+strconv.Quote(name)+" in mqtt.users_file; make one with heartline user add")
		return false
	case len(login.Hash) == 0 && proven:
	case !login.Verify(opts.Password) && !(proven && opts.Password == ""):
		l.refused(clientName(c), "the password of "+strconv.Quote(name)+" is wrong")
		return false
	}
	if id, ok := mqttClientID(c); ok {
		exists := func(name string) bool { return users.Login(name) != nil }
		if owner, ok := l.sessions.claim(id, name, exists); !ok {
			l.refused(clientName(c), "the client id "+strconv.Quote(id)+" belongs to the login "+strconv.Quote(owner)+
				", and this is "+strconv.Quote(name)+": give this client another id; it is free once that login is removed")
			return false
		}
	}
	return l.register(c, name, factoryAccount, loginPermissions(login, l.topics))
}

// commonName is that of the certificate that the client showed and the server
// verified.
func commonName(c server.ClientAuthentication) (string, bool) {
	state := c.GetTLSConnectionState()
	if state == nil || len(state.VerifiedChains) == 0 {
		return "", false
	}
	name := state.PeerCertificates[0].Subject.CommonName
	return name, name != ""
}

// loginPermissions are those of one login: nothing but what is named.
func loginPermissions(l *logins.Login, topics logins.Topics) *server.Permissions {
	p := internalPermissions()
	for _, f := range l.Publish(topics) {
		p.Publish.Allow = append(p.Publish.Allow, logins.Subject(f))
	}
	if len(p.Publish.Allow) == 0 {
		p.Publish.Deny = []string{">"} // an empty list would allow everything
	}
	for _, f := range l.Subscribe() {
		p.Subscribe.Allow = append(p.Subscribe.Allow, logins.Subject(f))
		if above, ok := strings.CutSuffix(f, "/#"); ok { // a/# is a as well
			p.Subscribe.Allow = append(p.Subscribe.Allow, logins.Subject(above))
		}
	}
	// The server delivers by these.
	p.Subscribe.Allow = append(p.Subscribe.Allow, "$MQTT.sub.>", "$MQTT.deliver.>")
	return p
}
