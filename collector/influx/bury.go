package influx

import (
	"bytes"
	"context"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/collector"
)

// reasonRefused is the dead letters' reason for what InfluxDB refused.
const reasonRefused = "refused"

// bury keeps a point that InfluxDB refused alone, with its words. The stamp is
// the entry's, so that a point buried again after a restart is the same letter.
func (p *pump) bury(ctx context.Context, pt point, a answer) bool {
	words := a.words
	if a.outcome == tooLarge {
		words = "too large for one request: " + words
		p.unshrink()
	}
	if !p.keep(ctx, collector.DeadLetter{
		At:     pt.from.at.Time(),
		Source: pt.from.tally.source(pt.account),
		Plant:  plantOf(pt.line),
		Point:  bytes.Clone(pt.line),
		Reason: reasonRefused,
		Words:  words,
	}) {
		return false
	}
	p.window.note(pt, collector.Tally{DeadLettered: 1})
	return true
}

// keep puts d where dead letters are kept, however long that takes; false
// where ctx ended first.
func (p *pump) keep(ctx context.Context, d collector.DeadLetter) bool {
	wait := p.client.backoff()
	for {
		err := p.put(ctx, d)
		if err == nil {
			p.state.buried(d)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		p.state.say(sayDead, "a dead letter cannot be kept; nothing behind it is acknowledged until it is", "err", err)
		if !sleep(ctx, wait.NextBackOff()) {
			return false
		}
	}
}

func (p *pump) put(ctx context.Context, d collector.DeadLetter) error {
	ctx, cancel := graceful(ctx)
	defer cancel()
	return p.dead.Put(ctx, d)
}

// plantOf reads the plant from a line; "" where it has none.
func plantOf(line []byte) string {
	dec := lineprotocol.NewDecoderWithBytes(line)
	if !dec.Next() {
		return ""
	}
	for {
		key, val, err := dec.NextTag()
		if err != nil || key == nil {
			return ""
		}
		if string(key) == "plant" {
			return string(val)
		}
	}
}
