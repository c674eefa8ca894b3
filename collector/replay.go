package collector

import (
	"bytes"
	"context"

	"github.com/seed-00829101/heartline/plant"
)

// Replay takes a dead letter as if its message came now: its samples are on
// disk and the letter is given up when Replay returns nil. A message that
// arrived without a time keeps the time of its first arrival. A letter that
// still cannot be read, all of it, is a CodeInvalid error and stays.
//
// After a kill in between, or where it could not be given up, that is done at
// the next start. A letter that was taken before is given up and nothing else:
// it is never taken twice. Safe for concurrent use.
func (l *Loop) Replay(ctx context.Context, k KeptLetter) error {
	err := l.ask(ctx, func(done func()) error {
		if !l.replays.known(k.ID) {
			if err := l.replay(&k); err != nil {
				return err
			}
			l.replays.note(k.ID, false)
			l.open.replayed = append(l.open.replayed, k.ID)
		}
		l.ackLater(done)
		return nil
	})
	if err != nil {
		return err
	}
	return l.giveUp(ctx, k.ID)
}

// giveUp removes a letter that was taken. One that cannot be removed is known
// from then on, across restarts, until it can.
func (l *Loop) giveUp(ctx context.Context, id uint64) error {
	err := l.cfg.Dead.Remove(ctx, id)
	l.replays.note(id, err == nil)
	return err
}

// replay puts what k holds into the open batch, all of it or nothing.
func (l *Loop) replay(k *KeptLetter) error {
	if k.Reason == ReasonRow {
		return plant.Errorf(plant.CodeInvalid, "dead letter %d is a row of an import: mend it in the file, and import that again; what is in already stays as it is", k.ID)
	}
	if k.Topic == "" { // an empty payload is none either
		return l.replayPoint(k)
	}
	m := Message{Topic: k.Topic, Payload: k.Payload, Broker: k.Broker, Arrived: k.At, Source: -1}
	for i, t := range l.cfg.Sources {
		if levels, ok := t.Match(k.Topic); ok {
			m.Source, m.Levels = i, levels
			break
		}
	}
	if m.Source < 0 {
		return plant.Errorf(plant.CodeInvalid, "dead letter %d: no source takes the topic %q any more", k.ID, k.Topic)
	}
	var failures []Failure
	l.samples, failures = l.cfg.Decoder.Decode(l.samples[:0], &m)
	if len(failures) > 0 {
		return plant.Errorf(plant.CodeInvalid, "dead letter %d: %s: %s", k.ID, failures[0].Reason, failures[0].Words)
	}
	for i := range l.samples {
		s := &l.samples[i]
		known := l.recent.find(s)
		if what, _ := known.look(s, l.hasher.Sum(s)); what == seenConflict {
			return plant.Errorf(plant.CodeConflict, "dead letter %d: another sample of machine %s has the same time and number", k.ID, s.Machine)
		}
	}
	l.stats.Messages.Add(1)
	l.takeAll(&m)
	return nil
}

// replayPoint takes a point that InfluxDB refused. The rules had its sample
// when it came.
func (l *Loop) replayPoint(k *KeptLetter) error {
	var s plant.Sample
	var lines LineReader
	if err := lines.Read(&Record{Line: k.Point}, &s); err != nil || !bytes.HasPrefix(k.Point, []byte(Measurement+",")) {
		return plant.Errorf(plant.CodeInvalid, "dead letter %d is no heartbeat: what the rules said cannot be replayed", k.ID)
	}
	l.open.frame.AddPoint(k.Point, k.Source)
	l.open.books.sample(l.chart.number(Account{s.Plant, k.Source}, true))
	return nil
}
