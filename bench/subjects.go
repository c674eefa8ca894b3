package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// subject is one of the two that are compared.
type subject struct {
	name string
	// start starts it: it writes what it hears from broker into db.
	start func(ctx context.Context, o options, dir, broker, influxURL, db string) (*process, error)
}

var subjects = []subject{{"telegraf", startTelegraf}, {"heartline", startHeartline}}

// startHeartline starts Heartline with its plants enrolled: the rules run as
// they would in a factory.
func startHeartline(ctx context.Context, o options, dir, broker, influxURL, db string) (*process, error) {
	files := map[string]string{
		"heartline.yaml": fmt.Sprintf("data_dir: %s/data\nmin_free_disk: 64MiB\nregistry: plants.yaml\nrules: rules.yaml\n"+
			"mqtt: {client_id: bench-heartline, servers: [{name: mosquitto, url: %q}]}\n"+
			"influxdb: {url: %q, bucket: %s, verdict_bucket: %s_verdicts}\nhttp: {listen: 127.0.0.1:0}\n", dir, broker, influxURL, db, db),
		"plants.yaml": registry((o.machines+perPlant-1)/perPlant, perPlant),
		"rules.yaml":  "resume: {window: 15m, hold: 1h}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	p, err := start(dir, filepath.Join(o.bin, "heartline"), "serve", "--config", filepath.Join(dir, "heartline.yaml"))
	if err != nil {
		return nil, fmt.Errorf("%w; build it with make build", err)
	}
	return p, await(ctx, "heartline answers", func() bool { return heartlineURL(dir) != "" })
}

// heartlineURL is where the Heartline in dir answers; empty: it does not yet.
func heartlineURL(dir string) string {
	var addr struct{ HTTP string }
	text, err := os.ReadFile(filepath.Join(dir, "data", "addresses.json"))
	if err != nil || json.Unmarshal(text, &addr) != nil {
		return ""
	}
	return addr.HTTP
}

// registry enrols plants with one line each.
func registry(plants, machines int) string {
	var b strings.Builder
	b.WriteString("plants:\n")
	for p := range plants {
		fmt.Fprintf(&b, "- {id: plant-%03d, lines: [{id: line-1, normal: 500/h, interval: 10s, output: sum, machines: [", p)
		for m := range machines {
			fmt.Fprintf(&b, "m%04d, ", p*machines+m)
		}
		b.WriteString("]}]}\n")
	}
	return b.String()
}

// startTelegraf starts Telegraf as its documents advise for no loss: QoS 1, a
// persistent session, as many undelivered messages as the broker's window, a
// buffer that holds the whole run.
func startTelegraf(ctx context.Context, o options, dir, broker, influxURL, db string) (*process, error) {
	conf := filepath.Join(dir, "telegraf.conf")
	text := fmt.Sprintf(`[agent]
  interval = "1s"
  flush_interval = "250ms"
  metric_batch_size = 5000
  metric_buffer_limit = 1000000
  omit_hostname = true
  quiet = true
[[inputs.mqtt_consumer]]
  servers = [%q]
  topics = ["factory/+/+/+/heartbeat"]
  qos = 1
  persistent_session = true
  client_id = "bench-telegraf"
  max_undelivered_messages = %d
  topic_tag = ""
  data_format = "json_v2"
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "factory/+/+/+/heartbeat"
    measurement = "_/_/_/_/measurement"
    tags = "_/plant/line/machine/_"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "heartbeat"
    timestamp_path = "ts"
    timestamp_format = "unix_ms"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "@this"
      excluded_keys = ["ts"]
      [inputs.mqtt_consumer.json_v2.object.fields]
        seq = "int"
        good = "int"
        scrap = "int"
[[outputs.influxdb_v2]]
  urls = [%q]
  token = "bench:bench"
  organization = "bench"
  bucket = "%s/autogen"
  content_encoding = "gzip"
`, broker, inFlight, influxURL, db)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p, err := start(dir, filepath.Join(o.bin, "telegraf"), "--config", conf)
	if err != nil {
		return nil, fmt.Errorf("%w; build it with make telegraf", err)
	}
	return p, nil
}
