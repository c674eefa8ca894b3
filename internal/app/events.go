package app

import (
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// eventReader turns the records of frames into the events of the rules. Not
// safe for concurrent use; the zero eventReader is ready.
type eventReader struct {
	lines  collector.LineReader
	sample plant.Sample
}

// read returns the event that rec is; its Sample is lent until the next read.
func (r *eventReader) read(seq uint64, at plant.Instant, rec *collector.Record) (rules.Event, error) {
	ev := rules.Event{Seq: seq, At: at}
	if rec.StoreOnly || rec.Imported {
		return ev, nil // the rules saw it when it came, or it is history: a tick
	}
	if rec.Control == nil {
		if err := r.lines.Read(rec, &r.sample); err != nil {
			return ev, err
		}
		ev.Kind, ev.Sample = rules.SampleSeen, &r.sample
		return ev, nil
	}
	c := rec.Control
	ev.Plant, ev.Gateway, ev.Broker, ev.Up = c.Plant, c.Gateway, c.Broker, c.Up
	switch c.Kind {
	case collector.ControlListening:
		ev.Kind = rules.Listening
	case collector.ControlBroker:
		ev.Kind = rules.BrokerLink
	case collector.ControlGateway:
		ev.Kind = rules.GatewayLink
	case collector.ControlDefinition:
		def, err := definitionOf(c)
		if err != nil {
			return ev, err
		}
		ev.Kind, ev.Definition = rules.Defined, def
	case collector.ControlDeclared:
		if c.Declaration == nil {
			return ev, plant.Errorf(plant.CodeDamaged, "a control record of kind %q holds no declaration", c.Kind)
		}
		ev.Kind, ev.Declaration = rules.Declared, c.Declaration
	case collector.ControlLedger, collector.ControlReplayed, collector.ControlImport: // of the store, the loop, the worker
	default:
		return ev, plant.Errorf(plant.CodeDamaged, "a control record of kind %q is unknown to this version", c.Kind)
	}
	return ev, nil
}
