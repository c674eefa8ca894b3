package embedded

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed-00829101/heartline/logins"
)

// users reads logins from lines like "gw-1 secret p1"; - is no password.
func users(t *testing.T, lines ...string) *logins.Users {
	t.Helper()
	var text strings.Builder
	for _, line := range lines {
		f := strings.Fields(line)
		hash := []byte("-")
		if f[1] != "-" {
			var err error
			if hash, err = bcrypt.GenerateFromPassword([]byte(f[1]), bcrypt.MinCost); err != nil {
				t.Fatal(err)
			}
		}
		text.WriteString(f[0] + ":" + string(hash) + ":" + f[2] + "\n")
	}
	name := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	u, err := logins.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func topicsOf(id string) []string {
	return []string{"factory/" + id + "/+/+/heartbeat", "factory/" + id + "/gw/state"}
}

// dial connects with a login, and says whether it was let in.
func dial(n *NATS, id, user, password string, conf *tls.Config) (mqtt.Client, error) {
	opts := mqtt.NewClientOptions().AddBroker(n.MQTTURL()).SetClientID(id).SetUsername(user).SetPassword(password).
		SetAutoReconnect(false).SetConnectTimeout(patience).SetTLSConfig(conf)
	c := mqtt.NewClient(opts)
	token := c.Connect()
	token.WaitTimeout(patience)
	return c, token.Error()
}

// Who listens hears what every gateway publishes, and can publish nothing.
func TestTheListenerHearsEverythingAndSaysNothing(t *testing.T) {
	cfg, _ := natsConfig(t, t.TempDir())
	all := users(t, "gw-1 secret p1")
	cfg.Users, cfg.Topics = func() *logins.Users { return all }, topicsOf
	n := startNATS(t, cfg)
	_, heartbeats := ours(t, n)
	user, password := n.ListenLogin()
	if _, err := dial(n, "bad", user, "guess", nil); err == nil {
		t.Error("the listener was let in with a guess")
	}
	listener, err := dial(n, "listener", user, password, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Disconnect(0)
	heard := make(chan received, 8)
	finish(t, listener.Subscribe("#", 0, func(_ mqtt.Client, m mqtt.Message) { heard <- received{m.Topic(), string(m.Payload())} }))
	finish(t, listener.Publish("factory/p1/l/m/heartbeat", 1, false, "forged"))
	gw, err := dial(n, "whatever", "gw-1", "secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer gw.Disconnect(0)
	finish(t, gw.Publish("factory/p1/l/m/heartbeat", 1, false, "real"))
	for _, c := range []chan received{heard, heartbeats} {
		if r := next(t, c); r != (received{"factory/p1/l/m/heartbeat", "real"}) {
			t.Errorf("got %v", r)
		}
	}
}

func TestALoginMayPublishItsPlantsTopicsAndNothingElse(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	var now atomic.Pointer[logins.Users]
	now.Store(users(t, "gw-1 secret p1", "gw-2 other p2"))
	cfg.Users, cfg.Topics = now.Load, topicsOf
	n := startNATS(t, cfg)
	_, heartbeats := ours(t, n)
	for _, bad := range [][2]string{{"", ""}, {"gw-1", "wrong"}, {"gw-1", ""}, {"nobody", "secret"}} {
		if _, err := dial(n, "bad", bad[0], bad[1], nil); err == nil {
			t.Errorf("%q was let in with %q", bad[0], bad[1])
		}
	}
	gw, err := dial(n, "whatever", "gw-1", "secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer gw.Disconnect(0)
	for _, topic := range []string{
		"factory/p2/l/m/heartbeat", "factory/p1/l/m/command", "heartline/v1/plants/p1/phase", "samples/0", "$JS/API/STREAM/PURGE/x", "other",
	} {
		finish(t, gw.Publish(topic, 1, false, "forged"))
		if !lines.has("login=gw-1 topic=" + topic) {
			t.Errorf("the log does not name %s", topic)
		}
	}
	finish(t, gw.Publish("factory/p1/l/m/heartbeat", 1, false, "real"))
	if r := next(t, heartbeats); r != (received{"factory/p1/l/m/heartbeat", "real"}) {
		t.Errorf("our subscriber got %v", r)
	}
	// It reads what we say of its plant, and nobody else's heartbeats.
	heard := make(chan received, 8)
	hear := func(_ mqtt.Client, m mqtt.Message) { heard <- received{m.Topic(), string(m.Payload())} }
	finish(t, gw.Subscribe("heartline/v1/plants/p1/#", 1, hear))
	if token := gw.Subscribe("factory/#", 1, hear); token.WaitTimeout(patience) {
		if result := token.(*mqtt.SubscribeToken).Result()["factory/#"]; result != 0x80 {
			t.Errorf("it may subscribe to factory/#: %#x", result)
		}
	}
	user, password := n.InternalLogin()
	status, _ := client(t, n, "status", user, password, true)
	finish(t, status.Publish("heartline/v1/plants/p2/phase", 1, true, "not yours"))
	finish(t, status.Publish("heartline/v1/plants/p1/phase", 1, true, "yours"))
	if r := next(t, heard); r.Payload != "yours" {
		t.Errorf("it hears %v", r)
	}
	if clients, messages := n.Refused(); clients != 4 || messages != 6 {
		t.Errorf("%d clients and %d messages were refused, want 4 and 6", clients, messages)
	}
	// A login that is gone is not let in again; a new one is.
	now.Store(users(t, "gw-3 third p1"))
	if _, err := dial(n, "gw-1b", "gw-1", "secret", nil); err == nil {
		t.Error("a login that was removed is let in")
	}
	if c, err := dial(n, "gw-3", "gw-3", "third", nil); err != nil {
		t.Errorf("a new login: %v", err)
	} else {
		c.Disconnect(0)
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.cert, a.key, a.pem, _ = certificate(t, "test authority", nil)
	return a
}

// certificate makes one, signed by a, or by itself.
func certificate(t *testing.T, name string, a *authority) (*x509.Certificate, *ecdsa.PrivateKey, []byte, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: a == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
}

func (a *authority) shows(t *testing.T, name string) *tls.Config {
	t.Helper()
	_, _, cert, key := certificate(t, name, a)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &tls.Config{RootCAs: pool, ServerName: "localhost", Certificates: []tls.Certificate{pair}}
}

func TestCertificatesAreLogins(t *testing.T) {
	a, stranger, dir := newAuthority(t), newAuthority(t), t.TempDir()
	_, _, cert, key := certificate(t, "broker", a)
	files := BrokerTLS{CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key"), ClientCAFile: filepath.Join(dir, "ca")}
	for name, text := range map[string][]byte{files.CertFile: cert, files.KeyFile: key, files.ClientCAFile: a.pem} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, lines := natsConfig(t, t.TempDir())
	all := users(t, "gw-1 - p1", "gw-2 secret p2")
	cfg.TLS, cfg.Users, cfg.Topics = &files, func() *logins.Users { return all }, topicsOf
	n := startNATS(t, cfg)
	user, password := n.InternalLogin()
	own, err := dial(n, "heartline-test", user, password, n.InternalTLS())
	if err != nil {
		t.Fatalf("our own client is not let in: %v", err)
	}
	defer own.Disconnect(0)
	for what, tc := range map[string]struct {
		conf           *tls.Config
		user, password string
		in             bool
	}{
		"its certificate":                {a.shows(t, "gw-1"), "", "", true},
		"its certificate and name":       {a.shows(t, "gw-1"), "gw-1", "", true},
		"certificate and password":       {a.shows(t, "gw-2"), "gw-2", "secret", true},
		"certificate, wrong password":    {a.shows(t, "gw-2"), "gw-2", "wrong", false},
		"another's name":                 {a.shows(t, "gw-1"), "gw-2", "", false},
		"a name nobody has":              {a.shows(t, "gw-9"), "", "", false},
		"a stranger's certificate":       {&tls.Config{RootCAs: a.shows(t, "x").RootCAs, ServerName: "localhost", Certificates: stranger.shows(t, "gw-1").Certificates}, "", "", false},
		"no certificate, right password": {&tls.Config{RootCAs: a.shows(t, "x").RootCAs, ServerName: "localhost"}, "gw-2", "secret", false},
	} {
		c, err := dial(n, strings.ReplaceAll(what, " ", "-"), tc.user, tc.password, tc.conf)
		if (err == nil) != tc.in {
			t.Errorf("%s: %v, want in: %v", what, err, tc.in)
		}
		if err == nil {
			c.Disconnect(0)
		}
	}
	// While a new certificate cannot be used the old one holds.
	later := time.Now().Add(time.Minute)
	for _, text := range []string{"nonsense", string(cert)} {
		if err := errors.Join(os.WriteFile(files.CertFile, []byte(text), 0o600), os.Chtimes(files.CertFile, later, later)); err != nil {
			t.Fatal(err)
		}
		later = later.Add(time.Minute)
		c, err := dial(n, "client", "", "", a.shows(t, "gw-1"))
		if err != nil {
			t.Fatalf("cert_file holds %q: %v", text, err)
		}
		c.Disconnect(0)
	}
	for _, want := range []string{"the broker's new certificate is not used, the old one holds", "the broker's certificate was read again"} {
		if !lines.has(want) {
			t.Errorf("the log does not say that %s", want)
		}
	}
}
