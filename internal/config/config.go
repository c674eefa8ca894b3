package config

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Config is heartline.yaml with every key set. Paths are relative to the
// working directory once loaded.
type Config struct {
	DataDir     string         `yaml:"data_dir" help:"directory of the queue, the embedded store and all state"`
	MinFreeDisk plant.Size     `yaml:"min_free_disk" help:"nothing more is taken while less than this is free under data_dir"`
	Outage      plant.Duration `yaml:"outage" help:"how long InfluxDB, or Heartline at its brokers, may be away without a loss; heartline doctor says whether it can"`
	Registry    string         `yaml:"registry" help:"file of the enrolled plants: YAML, or CSV where it ends in .csv"`
	Calendars   string         `yaml:"calendars" help:"file of calendars, besides those of the registry"`
	Rules       string         `yaml:"rules" help:"file of the rules"`
	Profiles    []string       `yaml:"profiles" help:"files of profiles, or directories of them, besides the built-in ones"`
	MQTT        MQTT           `yaml:"mqtt"`
	InfluxDB    InfluxDB       `yaml:"influxdb"`
	Queue       Queue          `yaml:"queue"`
	DeadLetters DeadLetters    `yaml:"dead_letters"`
	HTTP        HTTP           `yaml:"http"`
	Log         Log            `yaml:"log"`
}

// MQTT says where messages come from.
type MQTT struct {
	// Servers are the brokers, all connected at once; none: the embedded one.
	Servers       []Server   `yaml:"servers"`
	ClientID      string     `yaml:"client_id" help:"client id of our persistent session on every broker; another Heartline needs another"`
	Listen        string     `yaml:"listen" help:"where the embedded broker listens; used where mqtt.servers is empty"`
	UsersFile     string     `yaml:"users_file" help:"file of the gateways' logins at the embedded broker; empty: anybody may publish"`
	TLS           BrokerTLS  `yaml:"tls"`
	StoreMaxBytes plant.Size `yaml:"store_max_bytes" help:"largest size of the embedded broker's message store on disk"`
	// Sources are the topics to subscribe to; the first that matches a
	// topic takes its message.
	Sources []Source `yaml:"sources"`
}

// BrokerTLS is the TLS of the embedded broker.
type BrokerTLS struct {
	CertFile     string `yaml:"cert_file" help:"certificate of the embedded broker, with mqtt.tls.key_file: it then speaks TLS only"`
	KeyFile      string `yaml:"key_file" help:"key of mqtt.tls.cert_file"`
	ClientCAFile string `yaml:"client_ca_file" help:"authorities of gateways' certificates: each must show one whose common name is its login"`
}

// Server is one MQTT broker. Secrets are read from files.
type Server struct {
	// Name is what logs and metrics call it; default its host and port.
	Name         string `yaml:"name"`
	URL          string `yaml:"url"` // tcp://host:port or mqtts://host:port
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	CAFile       string `yaml:"ca_file"`   // default: the system's roots
	CertFile     string `yaml:"cert_file"` // our certificate, with KeyFile
	KeyFile      string `yaml:"key_file"`
}

// Source is a topic template and the profile its messages are read by.
type Source struct {
	Topic   string `yaml:"topic"`
	Profile string `yaml:"profile"`
}

// InfluxDB says where points go.
type InfluxDB struct {
	URL           string    `yaml:"url" help:"InfluxDB to write to; empty: the embedded influxd"`
	Org           string    `yaml:"org" help:"organisation of the buckets"`
	Bucket        string    `yaml:"bucket" help:"bucket of the heartbeats, which expire by influxdb.retention"`
	VerdictBucket string    `yaml:"verdict_bucket" help:"bucket of all the rest, kept for ever; empty: influxdb.bucket with _verdicts"`
	TokenFile     string    `yaml:"token_file" help:"file that holds the token (1.8: user:password)"`
	Retention     Retention `yaml:"retention" help:"how long heartbeats are kept, or forever"`
	Listen        string    `yaml:"listen" help:"where the embedded influxd listens; used where influxdb.url is empty"`
	Binary        string    `yaml:"binary" help:"the influxd to run; empty: the one on PATH, else bin/influxd"`
}

// Queue is the durable queue between collector, store and rules.
type Queue struct {
	URL        string     `yaml:"url" help:"NATS servers with JetStream; empty: the embedded one"`
	MaxBytes   plant.Size `yaml:"max_bytes" help:"largest size of the queue on disk; when full, nothing more is acknowledged"`
	Partitions int        `yaml:"partitions" help:"partitions of the queue; this version runs 1"`
	AcceptLoss bool       `yaml:"accept_loss" help:"go on although frames that were acknowledged are gone from the queue, and say which"`
}

// DeadLetters says how long what could not be read or stored is kept.
type DeadLetters struct {
	MaxBytes plant.Size     `yaml:"max_bytes" help:"largest size of the dead letters on disk; the oldest fall out, and are counted"`
	MaxAge   plant.Duration `yaml:"max_age" help:"how long a dead letter is kept; older ones fall out, and are counted"`
}

// HTTP is the page, the API and /metrics.
type HTTP struct {
	Listen string `yaml:"listen" help:"where the page, the API and /metrics listen"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `yaml:"level" help:"least important line that is logged: debug, info, warn or error"`
	Format string `yaml:"format" help:"text, or json with one object a line"`
}

// Defaults returns the Config of an empty file.
func Defaults() Config {
	return Config{
		DataDir:     "heartline-data",
		MinFreeDisk: 1 << 30,
		Outage:      plant.Duration(time.Hour),
		Registry:    "plants.yaml",
		Rules:       "rules.yaml",
		MQTT: MQTT{
			ClientID: "heartline", Listen: "127.0.0.1:1883", StoreMaxBytes: 1 << 30,
			Sources: []Source{{Topic: "factory/{plant}/{line}/{machine}/heartbeat", Profile: "json"}},
		},
		InfluxDB:    InfluxDB{Org: "heartline", Bucket: "factory", Retention: Retention(90 * 24 * time.Hour), Listen: "127.0.0.1:8086"},
		Queue:       Queue{MaxBytes: 10 << 30, Partitions: 1},
		DeadLetters: DeadLetters{MaxBytes: 256 << 20, MaxAge: plant.Duration(90 * 24 * time.Hour)},
		HTTP:        HTTP{Listen: "127.0.0.1:8080"},
		Log:         Log{Level: "info", Format: "text"},
	}
}

// Retention is how long heartbeats are kept; 0 is for ever.
type Retention time.Duration

const forever = "forever"

// UnmarshalText reads 90d or forever.
func (r *Retention) UnmarshalText(b []byte) error {
	if string(b) == forever {
		*r = 0
		return nil
	}
	s, err := plant.ParseSpan(string(b))
	if err != nil {
		return fmt.Errorf("%q is no span of time; write it like 90d, or forever", b)
	}
	*r = Retention(s.Fixed + time.Duration(s.Days)*24*time.Hour)
	return nil
}

// MarshalText writes the retention as users write it.
func (r Retention) MarshalText() ([]byte, error) {
	day := Retention(24 * time.Hour)
	switch {
	case r == 0:
		return []byte(forever), nil
	case r%day == 0:
		return plant.Span{Days: int(r / day)}.MarshalText()
	}
	return plant.Span{Fixed: time.Duration(r)}.MarshalText()
}
