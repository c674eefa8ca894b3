package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// run measures both subjects: first at full rate, then at half the highest.
func run(ctx context.Context, o options) (*report, error) {
	mosquitto, port, err := startMosquitto(ctx, o.dir)
	if err != nil {
		return nil, err
	}
	defer mosquitto.stop()
	influxd, err := startInflux(ctx, o.bin, o.dir)
	if err != nil {
		return nil, err
	}
	defer influxd.stop()
	r := &report{Date: time.Now().UTC().Format(time.RFC3339), CPUs: runtime.NumCPU(), Messages: o.messages, Machines: o.machines}
	if r.FsyncMS, err = fsync(o.dir); err != nil {
		return nil, err
	}
	b := &bench{o: o, influx: influxd, broker: fmt.Sprintf("tcp://127.0.0.1:%d", port)}
	highest := 0.0
	for _, s := range o.subjects() {
		progress("%s at full rate", s.name)
		got, err := b.measure(ctx, s, "full", o.messages, 0)
		if err != nil {
			return nil, fmt.Errorf("%s at full rate: %w", s.name, err)
		}
		r.Full = append(r.Full, got)
		highest = max(highest, got.PerSecond)
	}
	for _, s := range o.subjects() {
		progress("%s at %.0f messages a second", s.name, highest/2)
		got, err := b.measure(ctx, s, "half", o.messages/2, highest/2)
		if err != nil {
			return nil, fmt.Errorf("%s at half rate: %w", s.name, err)
		}
		r.Half = append(r.Half, got)
	}
	if o.backlog > 0 && (o.only == "" || o.only == "heartline" || o.only == "backlog") {
		progress("heartline drains a backlog of %d messages", o.backlog)
		if r.Backlog, err = b.drain(ctx); err != nil {
			return nil, fmt.Errorf("backlog: %w", err)
		}
	}
	if o.restart > 0 && (o.only == "" || o.only == "heartline" || o.only == "restart") {
		progress("heartline restarts with %d plants", o.restart)
		if r.Restart, err = b.restart(ctx); err != nil {
			return nil, fmt.Errorf("restart: %w", err)
		}
	}
	return r, nil
}

// subjects are those that are compared in this run.
func (o *options) subjects() (out []subject) {
	for _, s := range subjects {
		if o.only == "" || o.only == s.name {
			out = append(out, s)
		}
	}
	return out
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// bench is the servers of a run.
type bench struct {
	o      options
	influx *influx
	broker string
}

// measure runs s over n messages, rate a second.
func (b *bench) measure(ctx context.Context, s subject, name string, n int, rate float64) (figures, error) {
	out := figures{Subject: s.name, Messages: n}
	dir := filepath.Join(b.o.dir, s.name+"-"+name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return out, err
	}
	db := "bench_" + s.name + "_" + name
	for _, q := range []string{"CREATE DATABASE " + db, "CREATE DATABASE " + db + "_verdicts"} {
		if _, err := b.influx.number("", q); err != nil {
			return out, err
		}
	}
	p, err := s.start(ctx, b.o, dir, b.broker, b.influx.url, db)
	if err != nil {
		return out, err
	}
	defer b.forget(s.name)
	defer p.stop()
	way, err := b.follow(ctx, db)
	if err != nil {
		return out, err
	}
	defer way.end()
	if _, out.RestBytes, err = p.memory(); err != nil {
		return out, err
	}
	before, err := p.cpu()
	if err != nil {
		return out, err
	}
	l, err := publish(ctx, b.broker, b.o, n, rate)
	if err != nil {
		return out, err
	}
	stored, last, err := b.settle(ctx, db, n)
	if err != nil {
		return out, err
	}
	after, err := p.cpu()
	if err != nil {
		return out, err
	}
	out.Stored, out.PublishedPerSecond = stored, float64(n)/l.took.Seconds()
	out.PerSecond = float64(n) / last.Sub(l.began).Seconds()
	out.CPUPerMillion = (after - before).Seconds() / float64(n) * 1e6
	out.P50MS, out.P99MS = way.quantile(0.5), way.quantile(0.99)
	if out.PeakBytes, _, err = p.memory(); err != nil {
		return out, err
	}
	if s.name == "heartline" {
		all, err := scrape(heartlineURL(dir))
		if err != nil {
			return out, err
		}
		commits := histogramOf(all, "heartline_commit_seconds", "")
		out.CommitP50MS, out.CommitP99MS = commits.quantile(0.5)*1000, commits.quantile(0.99)*1000
		out.AllocsPerMessage = all["go_memstats_mallocs_total"] / float64(n)
		rules := latencyOf(nil, all)
		out.Rules = &rules
	}
	return out, nil
}

// settle waits until n messages are stored, or until their number has not grown
// for a while, and returns how many there are and when the last one came.
func (b *bench) settle(ctx context.Context, db string, n int) (stored int64, last time.Time, err error) {
	const quiet = 10 * time.Second
	last = time.Now()
	for ctx.Err() == nil {
		now, err := b.influx.number(db, fmt.Sprintf("SELECT count(seq) FROM heartbeat WHERE machine != '%s'", probe))
		if err != nil {
			return 0, last, err
		}
		if now > stored {
			stored, last = now, time.Now()
		}
		if stored >= int64(n) || time.Since(last) > quiet {
			return stored, last, nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return stored, last, ctx.Err()
}

// forget ends the subject's session at the broker.
func (b *bench) forget(name string) {
	for _, id := range []string{"bench-" + name} {
		client := paho.NewClient(paho.NewClientOptions().AddBroker(b.broker).SetClientID(id).SetCleanSession(true))
		if token := client.Connect(); token.WaitTimeout(patience) && token.Error() == nil {
			client.Disconnect(100)
		}
	}
}

// fsync is the median time of a 4 KiB write with fsync in dir, in ms.
func fsync(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var all []float64
	for range 200 {
		began := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		all = append(all, float64(time.Since(began))/float64(time.Millisecond))
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}
