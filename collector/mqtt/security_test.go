package mqtt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestWrongPasswordNamesTheMend(t *testing.T) {
	dir := t.TempDir()
	users := dir + "/users"
	if out, err := exec.Command("mosquitto_passwd", "-c", "-b", users, "heartline", "right").CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd: %v: %s", err, out)
	}
	b := newBroker(t, "password_file "+users)
	for _, c := range []struct{ user, password, mend string }{
		{"heartline", "wrong", "check user and password_file"},
		{"", "", "give this server a user and a password_file"},
	} {
		cfg := Config{Servers: []Server{{URL: b.url(), User: c.user, Password: c.password}}, Sources: sources(t, heartbeats)}
		r := runAnyway(t, cfg, newRecorder(t))
		eventually(t, "a refusal", func() bool { return r.States()[0].LastError != "" })
		eventually(t, "words about it", func() bool { return strings.Contains(r.log.String(), c.mend) })
		if c.password != "" && strings.Contains(r.log.String(), c.password) {
			t.Errorf("the log holds the password:\n%s", r.log)
		}
		r.stop()
	}
	run(t, Config{Servers: []Server{{URL: b.url(), User: "heartline", Password: "right"}}, Sources: sources(t, heartbeats)}, newRecorder(t))
}

func TestAPasswordThatIsReplacedIsUsedForTheNextConnection(t *testing.T) {
	users := t.TempDir() + "/users"
	if out, err := exec.Command("mosquitto_passwd", "-c", "-b", users, "heartline", "right").CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd: %v: %s", err, out)
	}
	b := newBroker(t, "password_file "+users)
	var tries atomic.Int64
	server := Server{URL: b.url(), User: "heartline", Password: "wrong", Renew: func() (string, *tls.Config, error) {
		if tries.Add(1) < 3 {
			return "", nil, errors.New("the file is being written")
		}
		return "right", nil, nil
	}}
	r := runAnyway(t, Config{Servers: []Server{server}, Sources: sources(t, heartbeats)}, newRecorder(t))
	r.awaitUp()
	if got := strings.Count(r.log.String(), "the file is being written"); got != 1 {
		t.Errorf("what is wrong with the file is said %d times, want once:\n%s", got, r.log)
	}
}

// refuser is a broker that grants the session and refuses every subscription,
// as EMQX or nats-server do where the ACL says no (Mosquitto grants and then
// sends nothing).
func refuser(t *testing.T, codes ...byte) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c, codes)
		}
	}()
	return l
}

func answer(c net.Conn, codes []byte) {
	defer c.Close()
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		switch buf[0] >> 4 {
		case 1: // CONNECT
			_, _ = c.Write([]byte{0x20, 2, 0, 0})
		case 8: // SUBSCRIBE
			_, _ = c.Write(append([]byte{0x90, byte(2 + len(codes)), buf[2], buf[3]}, codes...))
		}
		_ = n
	}
}

func TestRefusedSubscriptionNamesTheACL(t *testing.T) {
	l := refuser(t, 0x80)
	r := runAnyway(t, Config{Servers: servers("tcp://" + l.Addr().String()), Sources: sources(t, heartbeats)}, newRecorder(t))
	eventually(t, "words about it", func() bool { return strings.Contains(r.log.String(), "ACL") })
	if s := r.States()[0]; s.Connected || s.LastError != errNoFilter.Error() {
		t.Errorf("Connected %v, LastError %q", s.Connected, s.LastError)
	}
}

func TestOneRefusedSubscriptionLeavesTheOthers(t *testing.T) {
	l := refuser(t, 0, 0x80)
	r := run(t, Config{Servers: servers("tcp://" + l.Addr().String()), Sources: sources(t, "a", "b")}, newRecorder(t))
	eventually(t, "words about it", func() bool { return strings.Contains(r.States()[0].LastError, "refuses the subscription") })
	for _, want := range []string{"ACL", "QoS 0 only"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, r.log)
		}
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	ca, caKey := certificate(t, nil, nil, "test authority")
	server, serverKey := certificate(t, ca, caKey, "localhost")
	client, clientKey := certificate(t, ca, caKey, "heartline")
	b := newBroker(t)
	b.stop()
	file := func(name, kind string, der []byte) string {
		return b.write(name, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
	}
	caFile := file("ca.pem", "CERTIFICATE", ca.Raw)
	conf := fmt.Sprintf("user root\nallow_anonymous true\nlistener %d 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n", b.port, caFile,
		file("server.pem", "CERTIFICATE", server.Raw), file("server.key", "EC PRIVATE KEY", keyDER(t, serverKey)))
	b.write("mosquitto.conf", conf)
	b.start()
	url := fmt.Sprintf("mqtts://localhost:%d", b.port)
	try := func(url, ca, cert, key string) *running {
		t.Helper()
		conf, err := TLSConfig(ca, cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return runAnyway(t, Config{Servers: []Server{{URL: url, TLS: conf}}, Sources: sources(t, heartbeats)}, newRecorder(t))
	}
	certFile, keyFile := file("client.pem", "CERTIFICATE", client.Raw), file("client.key", "EC PRIVATE KEY", keyDER(t, clientKey))
	for _, c := range []struct{ name, url, ca, cert, key, mend string }{
		{"unknown authority", url, "", "", "", "as ca_file"},
		{"another name", fmt.Sprintf("mqtts://127.0.0.1:%d", b.port), caFile, certFile, keyFile, "a name that its certificate holds"},
		{"no client certificate", url, caFile, "", "", "cert_file and key_file"},
	} {
		r := try(c.url, c.ca, c.cert, c.key)
		eventually(t, c.name+": words about it", func() bool { return strings.Contains(r.log.String(), c.mend) })
		r.stop()
	}
	r := try(url, caFile, certFile, keyFile)
	r.awaitUp()
	r.Publish("status", []byte("x"))
	eventually(t, "a status value through TLS", func() bool { return r.States()[0].Published == 1 })
	for _, c := range []struct{ ca, cert, key, want string }{
		{dir + "/absent", "", "", "ca_file cannot be read"},
		{keyFile, "", "", "holds no certificate"},
		{"", certFile, "", "belong together"},
		{"", certFile, certFile, "cannot be used"},
	} {
		if _, err := TLSConfig(c.ca, c.cert, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("TLSConfig(%q, %q, %q) = %v, want %q", c.ca, c.cert, c.key, err, c.want)
		}
	}
}

// certificate makes a certificate for name, signed by parent or, where that
// is nil, an authority.
func certificate(t *testing.T, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, name string) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if parent == nil {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.DNSNames = true, true, x509.KeyUsageCertSign, nil
		parent, parentKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

func keyDER(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
