package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/internal/config"
)

const (
	// patience bounds what any one server may take to answer.
	patience = 5 * time.Second
	// maxSkew is how far two clocks may be apart.
	maxSkew = 5 * time.Second
)

// Broker is one broker to look at.
type Broker struct {
	Name    string
	Options *paho.ClientOptions // address, login, TLS; the client id is ours to set
	Own     bool                // the embedded one
}

// Brokers connects to each broker and says what it can hold for us against the
// declared rate and outage.
func Brokers(ctx context.Context, l *config.Loaded, all []Broker) Findings {
	var fs Findings
	for _, b := range all {
		client, err := connect(b)
		if err != nil {
			fs.add(Trouble, "broker", "start it, or correct mqtt.servers", "%s does not let us in: %v", b.Name, err)
			continue
		}
		if b.Own {
			client.Disconnect(100)
			fs.add(OK, "broker", "", "%s answers", b.Name)
			continue
		}
		version := sys(ctx, client, "$SYS/broker/version")
		client.Disconnect(100)
		switch {
		case strings.Contains(strings.ToLower(version), "mosquitto"):
			mosquitto(&fs, l, b.Name, version)
		default:
			fs.add(OK, "broker", "", "%s answers%s; see its documents for how much it keeps of a persistent session with QoS 1", b.Name, says(version))
		}
	}
	return fs
}

// mosquitto says what Mosquitto's defaults hold: it does not tell its settings.
func mosquitto(fs *Findings, l *config.Loaded, name, version string) {
	rate, outage := Rate(l.Registry), time.Duration(l.Config.Outage)
	needs := rate * outage.Seconds()
	if rate == 0 {
		fs.add(OK, "broker", "", "%s answers%s", name, says(version))
		return
	}
	const queued = 1000
	fs.add(Warning, "broker", fmt.Sprintf("in mosquitto.conf: max_queued_messages 0 (or %.0f), max_inflight_messages 1000, persistence true, autosave_interval 30", max(needs, queued)),
		"%s%s: unless it is set otherwise, Mosquitto keeps %d messages for us, %s of the declared rate, drops the rest without a word, and forgets all of them when it is killed",
		name, says(version), queued, span(queued/rate))
}

func says(version string) string {
	if version == "" {
		return ""
	}
	return " (" + version + ")"
}

// connect connects with a clean session of a name of its own: the collector's
// session is not touched.
func connect(b Broker) (paho.Client, error) {
	b.Options.SetClientID("heartline-doctor-" + strconv.FormatInt(time.Now().UnixNano(), 36)).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectTimeout(patience)
	client := paho.NewClient(b.Options)
	token := client.Connect()
	if !token.WaitTimeout(patience) {
		return nil, fmt.Errorf("no answer within %s", patience)
	}
	return client, token.Error()
}

// sys returns what a $SYS topic says; empty where there is none.
func sys(ctx context.Context, client paho.Client, topic string) string {
	got := make(chan string, 1)
	client.Subscribe(topic, 0, func(_ paho.Client, m paho.Message) {
		select {
		case got <- string(m.Payload()):
		default:
		}
	})
	select {
	case text := <-got:
		return text
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	return ""
}

// InfluxDB asks for version, retention and rights, and compares clocks.
func InfluxDB(ctx context.Context, cfg influx.Config) Findings {
	var fs Findings
	client, err := influx.New(cfg)
	if err != nil {
		fs.add(Trouble, "influxdb", "correct influxdb in heartline.yaml", "%v", err)
		return fs
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := client.Check(ctx); err != nil {
		fs.add(Trouble, "influxdb", "heartline setup makes what is missing", "%v", err)
	} else {
		fs.add(OK, "influxdb", "", "%s answers (version %s), takes writes to both buckets and keeps them as declared", cfg.URL, client.Version())
	}
	clock(ctx, &fs, cfg.URL)
	return fs
}

// clock compares our clock with the one in an answer of InfluxDB.
func clock(ctx context.Context, fs *Findings, url string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/ping", nil)
	if err != nil {
		return
	}
	before := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	resp.Body.Close()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	if skew := time.Until(at) + time.Since(before)/2; skew.Abs() > maxSkew {
		fs.add(Warning, "clock", "let both machines keep time by NTP", "InfluxDB's clock is %s away from ours: at what time is now, then?", skew.Abs().Round(time.Second))
	} else {
		fs.add(OK, "clock", "", "agrees with InfluxDB's")
	}
}
