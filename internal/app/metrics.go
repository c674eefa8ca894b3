package app

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/plant"
)

// timings are the histograms that are fed as things happen.
type timings struct {
	commit, write prometheus.Histogram
	decide        *prometheus.HistogramVec
}

func newTimings(r prometheus.Registerer) *timings {
	buckets := prometheus.ExponentialBuckets(0.00025, 2, 16) // 0.25 ms to 8 s
	t := &timings{
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "heartline_commit_seconds", Buckets: buckets,
			Help: "Time from the first try to write a frame until it was on disk."}),
		write: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "heartline_influxdb_write_seconds", Buckets: buckets,
			Help: "Time of successful writes to InfluxDB."}),
		decide: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "heartline_rules_latency_seconds", Buckets: buckets,
			Help: "Time from the stamp of a frame, before it is on disk, until the rules were through with it and what they decided was on disk; led_to: nothing, or something to publish."}, []string{"led_to"}),
	}
	r.MustRegister(t.commit, t.write, t.decide, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return t
}

// statsTimeout bounds what a scrape waits for the queue.
const statsTimeout = 2 * time.Second

// metrics reads every other figure when it is scraped. Safe for concurrent
// use.
type metrics struct {
	app   *App
	descs map[string]*prometheus.Desc
}

// segment are the labels of the fleet's figures.
var segment = []string{"segment", "segment_value"}

// descriptions lists every metric: name, help, labels.
var descriptions = []struct {
	name, help string
	labels     []string
}{
	{"heartline_build_info", "Always 1.", []string{"version"}},
	{"heartline_definition_info", "The version of registry and rules that holds; always 1.", []string{"definition"}},
	{"heartline_messages_received_total", "Messages taken from brokers.", nil},
	{"heartline_messages_received_bytes_total", "Payload bytes of these messages.", nil},
	{"heartline_messages_overflow_total", "Messages there was no room for: QoS 1 comes again, QoS 0 is lost.", nil},
	{"heartline_samples_decoded_total", "Samples read from messages.", nil},
	{"heartline_samples_repeated_total", "Samples that had been taken before.", nil},
	{"heartline_samples_committed_total", "Samples on disk in the queue.", nil},
	{"heartline_dead_letters_total", "Messages, parts of messages and points kept as dead letters.", []string{"stage"}},
	{"heartline_dead_letters", "Dead letters kept now.", nil},
	{"heartline_dead_letters_dropped_total", "Dead letters that fell out by size or age.", nil},
	{"heartline_ledger_samples", "What became of samples, over all time: received = stored + duplicate + expired + dead_lettered + in_flight.", []string{"what"}},
	{"heartline_ledger_gaps", "Sequence numbers that never came.", nil},
	{"heartline_points_stored_total", "Points that InfluxDB took.", []string{"what"}},
	{"heartline_points_expired_total", "Points older than the bucket's retention, not stored.", []string{"what"}},
	{"heartline_influxdb_retries_total", "Requests to InfluxDB that had to be sent again.", []string{"what"}},
	{"heartline_influxdb_up", "1 while writes to InfluxDB succeed.", nil},
	{"heartline_damaged_total", "Parts of the queue that could not be read and were lost.", []string{"reader"}},
	{"heartline_queue_lost_total", "Entries that were gone from the queue before they were stored.", nil},
	{"heartline_queue_frames", "Frames in the queue.", nil},
	{"heartline_queue_bytes", "Bytes of the queue on disk.", nil},
	{"heartline_queue_max_bytes", "Bytes the queue may have.", nil},
	{"heartline_queue_waiting_frames", "Frames that are not in InfluxDB yet.", nil},
	{"heartline_queue_waiting_seconds", "Age of the oldest frame that is not in InfluxDB yet.", nil},
	{"heartline_rules_waiting_frames", "Frames the rules have not seen yet.", nil},
	{"heartline_rules_seconds", "Seconds spent in the rules since the start.", nil},
	{"heartline_rules_snapshots_total", "Snapshots of the rules that were written since the start.", nil},
	{"heartline_rules_snapshot_bytes", "Size of the newest snapshot of the rules.", nil},
	{"heartline_flags", "Gaming flags of lines that stand now.", []string{"kind"}},
	{"heartline_alerts_firing", "Alerts of custom rules that fire now.", []string{"rule", "severity"}},
	{"heartline_rule_failures_total", "Times that a custom rule could not be evaluated on odd data, since our start.", []string{"rule"}},
	{"heartline_resumption_plants", "Plants of a segment by phase: the eligible ones, and those excluded.", []string{"segment", "segment_value", "phase"}},
	{"heartline_resumption_rate", "Share of the eligible plants that are resumed or normal.", segment},
	{"heartline_resumption_rate_low", "The rate with none of the unknown.", segment},
	{"heartline_resumption_rate_high", "The rate with all of the unknown.", segment},
	{"heartline_resumption_coverage", "Share of the eligible plants whose newest closed window was observed.", segment},
	{"heartline_resumption_recovery", "Fleet output recovery: the weighted mean of the plants' recoveries.", segment},
	{"heartline_resumption_activity", "Activity index: the mean of rate and recovery.", segment},
	{"heartline_broker_connected", "1 while connected and subscribed.", []string{"broker"}},
	{"heartline_broker_reconnects_total", "Times the broker was connected again.", []string{"broker"}},
	{"heartline_broker_acknowledged_total", "Messages acknowledged to the broker.", []string{"broker"}},
	{"heartline_broker_in_flight", "Messages taken and not acknowledged yet.", []string{"broker"}},
	{"heartline_broker_unmatched_total", "Messages that no source matched.", []string{"broker"}},
	{"heartline_gateway_clock_offset_seconds", "How far the device times of an enrolled gateway's live samples are behind our clock; known after three of them.", []string{"plant", "gateway"}},
	{"heartline_gateway_draining_machines", "Machines of an enrolled gateway that drain a backlog now.", []string{"plant", "gateway"}},
	{"heartline_gateway_stamps_total", "Device times of an enrolled gateway that were odd: future (over 5 min ahead), late (older than the machine's newest).", []string{"plant", "gateway", "what"}},
	{"heartline_gateway_clock_set_back_total", "Times that a clock behind an enrolled gateway was set back.", []string{"plant", "gateway"}},
	{"heartline_gateway_backlogs_total", "Backlogs that an enrolled gateway sent.", []string{"plant", "gateway"}},
	{"heartline_sequence_missing", "Sequence numbers missing now.", nil},
	{"heartline_sequence_resets_total", "Times that a machine's numbering began anew.", nil},
	{"heartline_samples_retained_total", "Samples that a broker had kept.", nil},
	{"heartline_samples_unwatched_total", "Samples of machines past the million that are watched.", nil},
	{"heartline_broker_refused_total", "What the embedded broker refused: clients, and messages to topics their login may not publish to.", []string{"what"}},
	{"heartline_config_last_reload_successful", "1 where the newest reading of registry, rules and profiles holds; 0: the one before does.", nil},
	{"heartline_config_last_reload_success_timestamp_seconds", "When registry, rules and profiles were read last without a mistake.", nil},
	{"heartline_config_restart_needed", "1 where a change of the configuration waits for a restart; /-/ready names it.", nil},
	{"heartline_ready", "1 where /-/ready says so.", nil},
}

func newMetrics(a *App) *metrics {
	m := &metrics{app: a, descs: map[string]*prometheus.Desc{}}
	for _, d := range descriptions {
		m.descs[d.name] = prometheus.NewDesc(d.name, d.help, d.labels, nil)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range m.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	if !m.app.started.Load() {
		return
	}
	gauge := func(name string, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(m.descs[name], prometheus.GaugeValue, v, labels...)
	}
	count := func(name string, v uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(m.descs[name], prometheus.CounterValue, float64(v), labels...)
	}
	a := m.app
	gauge("heartline_build_info", 1, a.opt.Version)
	gauge("heartline_definition_info", 1, a.baseline.definition(a.loaded()).Version)
	gauge("heartline_ready", truth(len(a.problems()) == 0))
	if a.nats != nil {
		clients, messages := a.nats.Refused()
		count("heartline_broker_refused_total", clients, "client")
		count("heartline_broker_refused_total", messages, "message")
	}
	if r := a.reloaded.Load(); r != nil {
		gauge("heartline_config_last_reload_successful", truth(!r.failed && (a.users == nil || a.users.Good())))
		gauge("heartline_config_last_reload_success_timestamp_seconds", float64(r.at.UnixNano())/1e9)
		gauge("heartline_config_restart_needed", truth(len(r.waits) > 0))
	}
	m.ingest(count)
	m.ledger(gauge)
	m.watch(gauge, count)
	m.fleet(gauge)
	m.flags(gauge)
	m.alerts(gauge, count)
	m.store(gauge, count)
	m.queue(gauge, count)
	for _, s := range a.mqtt.States() {
		gauge("heartline_broker_connected", truth(s.Connected), s.Broker)
		gauge("heartline_broker_in_flight", float64(s.InFlight), s.Broker)
		count("heartline_broker_reconnects_total", s.Reconnects, s.Broker)
		count("heartline_broker_acknowledged_total", s.Acked, s.Broker)
		count("heartline_broker_unmatched_total", s.Unmatched, s.Broker)
	}
}

type counting func(name string, v uint64, labels ...string)
type gauging func(name string, v float64, labels ...string)

func (m *metrics) ingest(count counting) {
	l := m.app.loop.Stats()
	count("heartline_messages_received_total", l.Messages)
	count("heartline_messages_received_bytes_total", l.Bytes)
	count("heartline_messages_overflow_total", l.Overflow)
	count("heartline_samples_decoded_total", l.Samples)
	count("heartline_samples_repeated_total", l.Repeated)
	count("heartline_samples_committed_total", l.Committed)
	count("heartline_dead_letters_total", l.DeadLettered, "decode")
}

func (m *metrics) watch(gauge gauging, count counting) {
	ctx, cancel := context.WithTimeout(context.Background(), watchTimeout)
	defer cancel()
	t, err := m.app.watch.total(ctx)
	if err != nil {
		return // the loop is away; its health says why
	}
	gauge("heartline_sequence_missing", float64(t.missing))
	count("heartline_sequence_resets_total", t.resets)
	count("heartline_samples_retained_total", t.retained)
	count("heartline_samples_unwatched_total", t.untracked)
	gateways, err := m.app.watch.gateways(ctx)
	if err != nil {
		return
	}
	for _, g := range gateways {
		p := m.app.loaded().Registry.Plant(g.Plant)
		if p == nil || g.Gateway != "" && !slices.ContainsFunc(p.Gateways, func(x *plant.Gateway) bool { return x.ID == g.Gateway }) {
			continue // names that nobody enrolled are no labels
		}
		if g.HasOffset {
			gauge("heartline_gateway_clock_offset_seconds", g.Offset.Seconds(), g.Plant, g.Gateway)
		}
		gauge("heartline_gateway_draining_machines", float64(g.Draining), g.Plant, g.Gateway)
		count("heartline_gateway_stamps_total", g.Future, g.Plant, g.Gateway, "future")
		count("heartline_gateway_stamps_total", g.Late, g.Plant, g.Gateway, "late")
		count("heartline_gateway_clock_set_back_total", g.Jumps, g.Plant, g.Gateway)
		count("heartline_gateway_backlogs_total", g.Backlogs, g.Plant, g.Gateway)
	}
}

func (m *metrics) ledger(gauge gauging) {
	all, _ := m.app.ledger()
	var sum collector.Tally
	for _, p := range all {
		sum.Add(p.Tally)
	}
	for what, n := range map[string]uint64{
		"received": sum.Received, "stored": sum.Stored, "duplicate": sum.Duplicate, "expired": sum.Expired,
		"dead_lettered": sum.DeadLettered, "in_flight": sum.InFlight(),
	} {
		gauge("heartline_ledger_samples", float64(n), what)
	}
	gauge("heartline_ledger_gaps", float64(sum.Gaps))
}

func (m *metrics) store(gauge gauging, count counting) {
	a := m.app
	up := a.probe.get() == nil
	for what, s := range map[string]influx.Status{"heartbeats": a.store.Status(), "verdicts": a.verdicts.Status()} {
		count("heartline_points_stored_total", s.Written, what)
		count("heartline_points_expired_total", s.Expired, what)
		count("heartline_influxdb_retries_total", s.Retries, what)
		count("heartline_dead_letters_total", s.DeadLettered, what)
		count("heartline_damaged_total", s.Damaged, what)
		up = up && s.FailingSince.IsZero()
	}
	gauge("heartline_influxdb_up", truth(up))
	count("heartline_damaged_total", a.worker.damaged.Load(), "rules")
	count("heartline_queue_lost_total", a.lost.Load())
	gauge("heartline_rules_seconds", time.Duration(a.worker.busy.Load()).Seconds())
}

func (m *metrics) queue(gauge gauging, count counting) {
	a := m.app
	ctx, cancel := context.WithTimeout(context.Background(), statsTimeout)
	defer cancel()
	q, err := a.queue.Stats(ctx) // what was known last, where the queue does not answer
	if err != nil {
		a.log.Debug("the queue did not say how it stands", "err", err)
	}
	gauge("heartline_queue_frames", float64(q.Frames))
	gauge("heartline_queue_bytes", float64(q.Bytes))
	gauge("heartline_queue_max_bytes", float64(q.MaxBytes))
	gauge("heartline_queue_waiting_frames", behind(q.LastSeq, q.StoreAcked))
	waiting := 0.0
	if !q.WaitingSince.IsZero() {
		waiting = max(a.opt.Clock().Sub(q.WaitingSince).Seconds(), 0)
	}
	gauge("heartline_queue_waiting_seconds", waiting)
	gauge("heartline_rules_waiting_frames", behind(q.LastSeq, a.worker.seq.Load()))
	count("heartline_rules_snapshots_total", a.worker.snapshots.Load())
	gauge("heartline_rules_snapshot_bytes", float64(a.worker.snapshotBytes.Load()))
	gauge("heartline_dead_letters", float64(q.DeadLetters))
	count("heartline_dead_letters_dropped_total", q.DeadDropped)
}

func behind(last, seen uint64) float64 {
	if last <= seen {
		return 0
	}
	return float64(last - seen)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
