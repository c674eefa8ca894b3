package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/plant"
)

const (
	// perFrame is how many samples a frame holds: about what it does at the
	// highest rate.
	perFrame = 500
	// interval is between two samples of a machine.
	interval = 10 * time.Second
)

// fill appends the samples of o.backlog messages to the queue in dataDir, which
// nobody else has open: those that the machines would have sent until now.
func fill(ctx context.Context, dataDir string, o options, now time.Time) error {
	log := slog.New(slog.DiscardHandler)
	nats, err := embedded.StartNATS(ctx, embedded.NATSConfig{Dir: filepath.Join(dataDir, "nats"), Log: log})
	if err != nil {
		return err
	}
	defer nats.Stop(context.WithoutCancel(ctx))
	q, err := queue.Open(ctx, nats.Conn(), queue.Config{Log: log})
	if err != nil {
		return err
	}
	defer q.Close(context.WithoutCancel(ctx))
	first := now.Add(-time.Duration(o.backlog/o.machines+1) * interval)
	var frame collector.FrameBuilder
	for i := range o.backlog {
		s := sample(i%o.machines, i/o.machines, first)
		if err := frame.AddSample(&s, collector.Stamp(&s, 0), "factory/{plant}/{line}/{machine}/heartbeat", collector.Packet{}); err != nil {
			return err
		}
		if frame.Samples() < perFrame && i < o.backlog-1 {
			continue
		}
		if _, err := q.Append(ctx, frame.Seal(plant.InstantOf(now))); err != nil {
			return err
		}
		frame.Reset()
		if i%1_000_000 < perFrame {
			progress("%d messages are in the queue", i+1)
		}
	}
	return nil
}

// sample is what a message of publish says: number seq of that machine.
func sample(machine, seq int, first time.Time) plant.Sample {
	at := first.Add(time.Duration(seq)*interval + time.Duration(machine)*time.Millisecond)
	return plant.Sample{
		Plant: fmt.Sprintf("plant-%03d", machine/perPlant), Line: "line-1", Machine: fmt.Sprintf("m%04d", machine), Broker: "mosquitto",
		Stamp: plant.InstantOf(at.Truncate(time.Millisecond)), Unit: plant.Millisecond, Arrived: plant.InstantOf(at.Add(20 * time.Millisecond)),
		Seq: uint64(seq), HasSeq: true, State: "running",
		Fields: []plant.Field{
			{Name: "good", Kind: plant.Int, Int: int64(1_000_000 + seq)},
			{Name: "scrap", Kind: plant.Int, Int: 12},
			{Name: "temperature", Kind: plant.Float, Float: 60 + float64((machine*7+seq*13)%400)/100},
			{Name: "spindle_speed", Kind: plant.Float, Float: 1200 + float64((machine*11+seq*17)%1000)/4},
			{Name: "order", Kind: plant.String, Str: "2026-0815-4711"},
		},
	}
}
