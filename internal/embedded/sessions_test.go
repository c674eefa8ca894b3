package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/seed-00829101/heartline/logins"
)

// A gateway's session is its login's: another plant's login neither takes it
// over, nor throws the gateway out, nor gets what it is owed, also after a
// restart and while the gateway is away.
func TestASessionBelongsToItsLogin(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	var now atomic.Pointer[logins.Users]
	now.Store(users(t, "gw-a secret pa", "gw-b other pb"))
	cfg.Users, cfg.Topics = now.Load, topicsOf
	persistent := func(n *NATS, user, password string, lost chan error) (mqtt.Client, error) {
		c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(n.MQTTURL()).SetClientID("press-7").SetUsername(user).SetPassword(password).
			SetCleanSession(false).SetAutoReconnect(false).SetConnectionLostHandler(func(_ mqtt.Client, err error) { lost <- err }))
		token := c.Connect()
		token.WaitTimeout(patience)
		return c, token.Error()
	}
	thief := func(n *NATS) {
		t.Helper()
		refused, _ := n.Refused()
		for _, clean := range []bool{true, false} {
			opts := mqtt.NewClientOptions().AddBroker(n.MQTTURL()).SetClientID("press-7").SetUsername("gw-a").SetPassword("secret").
				SetCleanSession(clean).SetAutoReconnect(false).SetProtocolVersion(4)
			token := mqtt.NewClient(opts).Connect()
			token.WaitTimeout(patience)
			if !errors.Is(token.Error(), packets.ErrorRefusedNotAuthorised) {
				t.Errorf("another login with that client id: %v", token.Error())
			}
		}
		if got, _ := n.Refused(); got != refused+2 {
			t.Errorf("%d clients were refused, want 2 more than %d", got, refused)
		}
		if !lines.has(`the client id \"press-7\" belongs to the login \"gw-b\"`) {
			t.Error("the log does not say whose it is")
		}
	}
	n := startNATS(t, cfg)
	lost := make(chan error, 1)
	gw, err := persistent(n, "gw-b", "other", lost)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, gw.Subscribe("heartline/v1/plants/pb/#", 1, nil))
	thief(n)
	finish(t, gw.Publish("factory/pb/l/m/heartbeat", 1, false, "still here"))
	select {
	case err := <-lost:
		t.Errorf("the gateway was thrown out: %v", err)
	default:
	}
	gw.Disconnect(250)
	if err := n.Stop(within(t)); err != nil {
		t.Fatal(err)
	}

	n = startNATS(t, cfg)
	thief(n)
	if gw, err = persistent(n, "gw-b", "other", lost); err != nil {
		t.Fatalf("the gateway itself: %v", err)
	}
	gw.Disconnect(250)
	// A login that is gone holds nothing.
	now.Store(users(t, "gw-a secret pa"))
	if gw, err = persistent(n, "gw-a", "secret", lost); err != nil {
		t.Fatalf("the session of a login that is gone: %v", err)
	}
	gw.Disconnect(250)
}

func TestWhoMakesUpClientIDsLosesOnlyItsOwn(t *testing.T) {
	log, _ := logTo(t)
	file := filepath.Join(t.TempDir(), "sessions")
	everybody := func(string) bool { return true }
	s := openSessions(file, log)
	claim := func(id, login string, want bool) {
		t.Helper()
		if owner, ok := s.claim(id, login, everybody); ok != want {
			t.Errorf("%s for %s: %v, it is of %s", id, login, ok, owner)
		}
	}
	claim("press-7", "gw-b", true)
	claim("mine", "gw-a", true)
	for i := range 5 * maxSessions {
		claim(fmt.Sprint("made up ", i), "gw-a", true)
		if i%100 == 0 {
			claim("mine", "gw-a", true) // in use
		}
	}
	if len(s.owner) != maxSessions+1 || s.lines > 3*maxSessions+10 {
		t.Errorf("%d ids and %d lines are kept", len(s.owner), s.lines)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("0123456789abcdef torn"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, new := range []string{"new", "newer"} {
		s = openSessions(file, log)
		claim("press-7", "gw-a", false)
		claim("press-7", "gw-b", true)
		claim("made up 4999", "gw-b", false)
		claim("made up 17", "gw-b", true) // given up long ago
		claim("made up 17", "gw-a", false)
		claim(new, "gw-a", true) // behind what is torn
	}
	s = openSessions(file, log)
	claim("new", "gw-b", false)
	claim("newer", "gw-b", false)
}
