package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// run runs a program that is not ours and returns what it printed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// hostPort splits tcp://host:port.
func hostPort(t *testing.T, address string) (host, port string) {
	t.Helper()
	host, port, ok := strings.Cut(strings.TrimPrefix(address, "tcp://"), ":")
	if !ok {
		t.Fatalf("%q is no address", address)
	}
	return host, port
}

// pub publishes by mosquitto_pub, with QoS 1.
func pub(t *testing.T, address, topic, payload string, more ...string) {
	t.Helper()
	host, port := hostPort(t, address)
	run(t, "mosquitto_pub", append([]string{"-h", host, "-p", port, "-q", "1", "-t", topic, "-m", payload}, more...)...)
}

// python is one that has paho-mqtt: Debian's, where another comes first.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import paho.mqtt.client").Run() == nil {
			return name
		}
	}
	t.Fatal("no Python with paho-mqtt; install python3-paho-mqtt")
	return ""
}

func TestHeartbeatsOfOtherClientsAreQueryable(t *testing.T) {
	h := launchBy(t, t.TempDir(), withFlux, "serve")
	h.ready()
	now := time.Now().UnixMilli()
	pub(t, h.addr.MQTT, "factory/shaoxing-07/dye-1/m1/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":42,"state":"running","good":9007199254740993,"scrap":2,"temp":61.5}`, now))
	host, port := hostPort(t, h.addr.MQTT)
	run(t, python(t), "-c", fmt.Sprintf(`
import paho.mqtt.publish as publish
publish.single("factory/shaoxing-07/dye-1/m2/heartbeat", '{"seq":1,"state":"running","good":17}', qos=1, hostname=%q, port=%s)
`, host, port))
	eventually(t, "both points are in InfluxDB", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat WHERE plant='shaoxing-07'`) == 2
	})
	columns, rows := influxQL(t, h.addr.InfluxDB, "factory", `SELECT good, scrap, temp, state, seq FROM heartbeat WHERE machine='m1'`)
	if got, want := fmt.Sprint(columns, rows), fmt.Sprintf("[time good scrap temp state seq] [[%d000042 9007199254740993 2 61.5 running 42]]", now); got != want {
		t.Errorf("InfluxQL says %s, want %s", got, want)
	}
	csv := flux(t, h.addr.InfluxDB, `from(bucket:"factory") |> range(start:0) |> filter(fn:(r)=>r._measurement=="heartbeat" and r._field=="good" and r.machine=="m2")`)
	if !strings.Contains(csv, ",17,") {
		t.Errorf("Flux says\n%s", csv)
	}
	var plants struct {
		Plants []struct {
			ID       string
			Enrolled bool
		}
	}
	eventually(t, "the plant is shown as not enrolled", func() bool {
		h.get("/api/v1/plants", &plants)
		return len(plants.Plants) == 1
	})
	if p := plants.Plants[0]; p.ID != "shaoxing-07" || p.Enrolled {
		t.Errorf("the API shows %+v", p)
	}
	h.stop()
}

// Names that are markup, white space or another script in MQTT, line
// protocol, topics or files arrive as they are; what cannot is a dead letter.
func TestHostileNames(t *testing.T) {
	m := startMosquitto(t)
	h := serve(t, t.TempDir(), "--config", m.config(t, ""))
	good := []string{"绍兴-07", "a b,c=d", `quo"te`, `back\slash`, "percent%20", "...", "<b>x"}
	for i, id := range good {
		pub(t, m.url(), "factory/"+id+"/l 1/m,1/heartbeat", fmt.Sprintf(`{"seq":%d,"good":1}`, i))
	}
	bad := []string{"", "..", ".", `ends\`}
	for _, id := range bad {
		pub(t, m.url(), "factory/"+id+"/l/m/heartbeat", `{"seq":1,"good":1}`)
	}
	// A line break in a value is no second point.
	pub(t, m.url(), "factory/injected/l/m/heartbeat", `{"seq":1,"good":1,"note":"x\nheartbeat,plant=forged good=1i"}`)
	good = append(good, "injected")
	eventually(t, "the good ones are stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat`) == len(good)
	})
	_, rows := influxQL(t, h.addr.InfluxDB, "factory", `SHOW TAG VALUES FROM heartbeat WITH KEY = plant`)
	stored := map[string]bool{}
	for _, r := range rows {
		stored[r[1].(string)] = true
	}
	for _, id := range good {
		if !stored[id] {
			t.Errorf("%q is not stored by its name; InfluxDB has %v", id, stored)
		}
	}
	eventually(t, "the others are dead letters", func() bool {
		return h.metric(`heartline_dead_letters_total{stage="decode"}`) == float64(len(bad))
	})
	h.stop()
}

// White space in a topic makes the embedded broker refuse the client, which
// the log names; everybody else goes on.
func TestWhiteSpaceInATopicOfTheEmbeddedBroker(t *testing.T) {
	h := serve(t, t.TempDir())
	host, port := hostPort(t, h.addr.MQTT)
	_ = exec.Command("mosquitto_pub", "-h", host, "-p", port, "-q", "1", "-t", "factory/a b/l/m/heartbeat", "-m", "{}").Run()
	h.awaitLog("white space", "a b")
	pub(t, h.addr.MQTT, "factory/ab/l/m/heartbeat", `{"seq":1,"good":1}`)
	eventually(t, "the next one is stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat`) == 1
	})
	h.stop()
}

// One client of the embedded broker cannot forge frames, empty the queue, or
// speak in our name.
func TestForgedTopicsAreRefused(t *testing.T) {
	h := serve(t, t.TempDir())
	before := h.metric("heartline_queue_frames")
	host, port := hostPort(t, h.addr.MQTT)
	for _, topic := range []string{"samples/0", "$JS/API/STREAM/PURGE/HEARTLINE_SAMPLES_0", "$MQTT/x", "heartline/v1/plants/p/phase"} {
		_ = exec.Command("mosquitto_pub", "-h", host, "-p", port, "-q", "1", "-r", "-t", topic, "-m", "forged").Run()
	}
	out, _ := exec.Command("mosquitto_sub", "-h", host, "-p", port, "-t", "heartline/v1/#", "-W", "1").CombinedOutput()
	if strings.Contains(string(out), "forged") {
		t.Errorf("a forged status was kept: %s", out)
	}
	pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", `{"seq":1,"good":1}`)
	eventually(t, "the queue goes on", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat`) == 1
	})
	if after := h.metric("heartline_queue_frames"); after < before {
		t.Errorf("the queue has %v frames, before it had %v", after, before)
	}
	h.stop()
}

// A retained message is stored once, however often it arrives.
func TestRetainedMessagesAreStoredOnce(t *testing.T) {
	dir := t.TempDir()
	m := startMosquitto(t)
	config := m.config(t, "")
	pub(t, m.url(), "factory/p/l/m/heartbeat", fmt.Sprintf(`{"ts":%d,"good":5}`, time.Now().UnixMilli()), "-r")
	for range 3 {
		h := serve(t, dir, "--config", config)
		eventually(t, "it is stored", func() bool {
			return count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat`) == 1
		})
		h.stop()
	}
}
