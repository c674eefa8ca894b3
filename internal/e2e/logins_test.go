package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// The list that heartline acl writes holds in a real Mosquitto: a gateway may
// publish its plant's topics, and Heartline hears those and nothing else.
func TestMosquittoHoldsTheAccessControlList(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	users := []string{"--mqtt.users_file", file("users")}
	for _, args := range [][]string{{"gw-1", "--plant", "p1"}, {"gw-2", "--plant", "p2"}} {
		if out, err := exec.Command(binary, append(append([]string{"user", "add"}, args...), users...)...).CombinedOutput(); err != nil {
			t.Fatalf("user add: %v\n%s", err, out)
		}
	}
	acl, err := exec.Command(binary, append([]string{"acl"}, users...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"heartline", "gw-1", "gw-2"} {
		create := []string{"-b"}
		if login == "heartline" {
			create = []string{"-c", "-b"}
		}
		if out, err := exec.Command("mosquitto_passwd", append(create, file("passwd"), login, "secret")...).CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v\n%s", err, out)
		}
	}
	m := &mosquitto{t: t, conf: file("mosquitto.conf"), port: freeport.Take(t)}
	conf := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s\nacl_file %s\nuser root\n", m.port, file("passwd"), file("acl"))
	for name, text := range map[string]string{"acl": string(acl), "mosquitto.conf": conf} {
		if err := os.WriteFile(file(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.start()
	t.Cleanup(m.stop)
	heard := make(chan string, 16)
	reader := login(t, m.url(), "heartline")
	if token := reader.Subscribe("factory/+/+/+/heartbeat", 1, func(_ paho.Client, m paho.Message) { heard <- m.Topic() }); !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatal(token.Error())
	}
	gw := login(t, m.url(), "gw-1")
	for _, topic := range []string{"factory/p2/l/m/heartbeat", "heartline/v1/plants/p1/phase", "factory/p1/l/m/heartbeat"} {
		if token := gw.Publish(topic, 1, false, "x"); !token.WaitTimeout(patience) {
			t.Fatal("no answer")
		}
	}
	select {
	case topic := <-heard: // the last one: those before it were refused
		if topic != "factory/p1/l/m/heartbeat" {
			t.Errorf("%s got through", topic)
		}
	case <-time.After(patience):
		t.Fatal("nothing was heard")
	}
}

func login(t *testing.T, address, name string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker(address).SetClientID(name).SetUsername(name).SetPassword("secret"))
	if token := c.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatal(token.Error())
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

// A gateway with a login publishes to the embedded broker, and its heartbeat
// is stored; one without is refused, counted, and named.
func TestGatewaysLogIn(t *testing.T) {
	dir := t.TempDir()
	users := filepath.Join(dir, "users")
	add := exec.Command(binary, "user", "add", "gw-1", "--plant", "p1", "--password-stdin", "--mqtt.users_file", users)
	add.Stdin = strings.NewReader("secret\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	h := serve(t, filepath.Join(dir, "data"), "--mqtt.users_file", users)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(h.addr.MQTT, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	send := func(plant string, more ...string) error {
		args := append([]string{"-h", "127.0.0.1", "-p", port, "-q", "1", "-t", "factory/" + plant + "/l/m/heartbeat", "-m", `{"seq":1,"good":1}`}, more...)
		return exec.Command("mosquitto_pub", args...).Run()
	}
	if err := send("p1"); err == nil {
		t.Error("a client without a login is let in")
	}
	if err := send("p2", "-u", "gw-1", "-P", "secret"); err != nil {
		t.Errorf("a topic that is refused closes the connection: %v", err)
	}
	if err := send("p1", "-u", "gw-1", "-P", "secret"); err != nil {
		t.Error(err)
	}
	if got := h.settled(1); got.Received != 1 || got.Stored != 1 {
		t.Errorf("the ledger has %+v", got)
	}
	if c, m := h.metric(`heartline_broker_refused_total{what="client"}`), h.metric(`heartline_broker_refused_total{what="message"}`); c != 1 || m != 1 {
		t.Errorf("%v clients and %v messages were refused, want one of each", c, m)
	}
	h.awaitLog("there is no login", "heartline user add")
	h.stop()
}

// doctor hears what gateways publish to the embedded broker though that asks
// for logins, and proposes it.
func TestDoctorListensWhereGatewaysLogIn(t *testing.T) {
	dir := t.TempDir()
	users, data := filepath.Join(dir, "users"), filepath.Join(dir, "data")
	add := exec.Command(binary, "user", "add", "gw-1", "--plant", "p1", "--password-stdin", "--mqtt.users_file", users)
	add.Stdin = strings.NewReader("secret\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	h := serve(t, data, "--mqtt.users_file", users)
	if info, err := os.Stat(filepath.Join(data, "listen-login")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the listener's login: %v, %v", info, err)
	}
	gw := login(t, h.addr.MQTT, "gw-1")
	ended := make(chan struct{})
	var out []byte
	var err error
	go func() {
		defer close(ended)
		out, err = exec.Command(binary, "doctor", "--listen", "5s", "--data_dir", data, "--mqtt.users_file", users).CombinedOutput()
	}()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for heard := false; !heard; {
		select {
		case <-tick.C:
			gw.Publish("factory/p1/l/m/heartbeat", 1, false, `{"good":1}`).Wait()
		case <-ended:
			heard = true
		}
	}
	if err != nil || !strings.Contains(string(out), "factory/{plant}/{line}/{machine}/heartbeat") || !strings.Contains(string(out), `machines: ["m"]`) {
		t.Errorf("doctor --listen: %v\n%s", err, out)
	}
	if out, err := exec.Command(binary, "doctor", "--data_dir", data, "--mqtt.users_file", users).CombinedOutput(); !strings.Contains(string(out), "the embedded broker answers") {
		t.Errorf("doctor: %v\n%s", err, out)
	}
	h.stop()
	if _, err := os.Stat(filepath.Join(data, "listen-login")); !os.IsNotExist(err) {
		t.Errorf("the listener's login after the end: %v", err)
	}
}
