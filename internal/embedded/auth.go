package embedded

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/seed-00829101/heartline/logins"
)

// The logins of our own clients; everybody else is a factory's client.
const (
	internalUser = "heartline-internal" // our MQTT clients
	brokerUser   = "heartline-broker"   // sets the bounds of the broker's store
	queueUser    = "heartline-queue"    // our streams
	listenUser   = "heartline-listen"   // hears everything, says nothing: heartline doctor
	factoryUser  = "factory"            // how anonymous clients show in logs
)

// doorman decides who a connection is. Passwords are made anew at each start,
// so none is ever written down but the listener's; see NATS.ListenLogin.
type doorman struct {
	clientID                string
	internal, broker, queue string
	listen                  string
	factoryPerms            *server.Permissions
	users                   func() *logins.Users // nil: everybody is let in
	topics                  logins.Topics
	sessions                *sessions
	certificates            bool // every client but ours shows one
	account                 func(name string) *server.Account
	refused                 func(client, why string)
}

func newDoorman(cfg NATSConfig) *doorman {
	return &doorman{
		sessions: openSessions(filepath.Join(cfg.Dir, "mqtt-logins"), cfg.Log),
		users:    cfg.Users, topics: cfg.Topics,
		clientID: cfg.ClientID, internal: rand.Text(), broker: rand.Text(), queue: rand.Text(), listen: rand.Text(),
		factoryPerms: factoryPermissions(cfg.Filters),
	}
}

// Check is called by the server for each connection.
func (l *doorman) Check(c server.ClientAuthentication) bool {
	opts := c.GetOpts()
	account, password := factoryAccount, ""
	var perms *server.Permissions
	switch opts.Username {
	case internalUser:
		password, perms = l.internal, internalPermissions()
	case brokerUser:
		password = l.broker
	case queueUser:
		account, password = homeAccount, l.queue
	case listenUser:
		password, perms = l.listen, internalPermissions()
		perms.Publish.Deny = []string{">"}
	default:
		// A second client with our id would throw our session out, or, with a
		// clean session, delete what it is owed.
		if id, ok := mqttClientID(c); ok && id == l.clientID {
			l.refused(clientName(c), "the client id "+strconv.Quote(id)+" is Heartline's own: give this client another one")
			return false
		}
		return l.gateway(c, opts)
	}
	if subtle.ConstantTimeCompare([]byte(opts.Password), []byte(password)) != 1 {
		l.refused(clientName(c), "the user name "+strconv.Quote(opts.Username)+" is Heartline's own: give this client another one")
		return false
	}
	return l.register(c, opts.Username, account, perms)
}

func (l *doorman) register(c server.ClientAuthentication, user, account string, perms *server.Permissions) bool {
	acc := l.account(account)
	if acc == nil {
		return false
	}
	c.RegisterUser(&server.User{Username: user, Account: acc, Permissions: perms})
	return true
}

// machinery is what MQTT clients may neither publish to nor listen to: topics
// become subjects, and these subjects steer the server. $MQTT.sub and
// $MQTT.deliver are not here: the server delivers by them.
var machinery = []string{
	"$JS.>", "$SYS.>", "$KV.>", "$O.>", "$NRG.>", "$SRV.>", "$G.>", "_INBOX.>",
	"$MQTT.msgs.>", "$MQTT.rmsgs.>", "$MQTT.sess.>", "$MQTT.JSA.>", "$MQTT.qos2.>", "$MQTT.out.>",
}

// internalPermissions are those of our own MQTT clients.
func internalPermissions() *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Deny: append([]string{"$MQTT.>"}, machinery...)},
		Subscribe: &server.SubjectPermission{Deny: machinery},
	}
}

// factoryPermissions are those of everybody else: our status topics and, so
// that a forged frame is refused and not just without effect, the names of our
// streams may be read but not written. Where a source has samples/ as its own
// first level, that level stays the user's.
func factoryPermissions(filters []string) *server.Permissions {
	p := internalPermissions()
	p.Publish.Deny = append(p.Publish.Deny, "heartline.v1", "heartline.v1.>")
	for _, f := range filters {
		if first, _, _ := strings.Cut(f, "/"); first == "samples" {
			return p
		}
	}
	p.Publish.Deny = append(p.Publish.Deny, "samples.*")
	return p
}

// clientName is how the server's log names a connection: address, number and,
// for MQTT, client id.
func clientName(c server.ClientAuthentication) string {
	if s, ok := c.(fmt.Stringer); ok {
		return s.String()
	}
	return c.RemoteAddress().String()
}

// mqttClientID reads the client id from the connection's name, the one place
// where the server shows it before the session is taken over.
func mqttClientID(c server.ClientAuthentication) (string, bool) {
	_, _, id, ok := splitClientName(clientName(c))
	return id, ok
}

// splitClientName takes `127.0.0.1:4711 - mid:5 - "gw-1"` apart.
func splitClientName(name string) (addr string, number uint64, id string, ok bool) {
	addr, rest, ok1 := strings.Cut(name, " - mid:")
	digits, rest, ok2 := strings.Cut(rest, " - ")
	number, err := strconv.ParseUint(digits, 10, 64)
	if !ok1 || !ok2 || err != nil {
		return "", 0, "", false
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return "", 0, "", false
	}
	id, err = strconv.Unquote(quoted)
	return addr, number, id, err == nil
}
