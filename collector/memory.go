package collector

import (
	"context"

	"github.com/seed-00829101/heartline/plant"
)

// Memory is what a Loop must know from one start to the next besides what the
// newest frames tell: the machines that nobody enrolled, and which retained
// messages without a time were stored.
type Memory struct {
	Machines []MachineMemory `json:"machines"`
}

// MachineMemory is what is remembered of one machine.
type MachineMemory struct {
	MachineID
	Discovered bool   `json:"discovered,omitempty"`
	Retained   uint64 `json:"retained,omitempty"` // hash of the newest one
}

// Memory returns what the next Loop should know. Safe for concurrent use.
func (l *Loop) Memory(ctx context.Context) (Memory, error) {
	var out Memory
	err := l.ask(ctx, func(done func()) error {
		for id, m := range l.recent.machines {
			if m.discovered || m.retained != 0 {
				out.Machines = append(out.Machines, MachineMemory{id, m.discovered, m.retained})
			}
		}
		done()
		return nil
	})
	return out, err
}

// recall begins with what the last Loop knew.
func (l *Loop) recall(mem Memory) {
	for _, m := range mem.Machines {
		s := plant.Sample{Plant: m.Plant, Line: m.Line, Machine: m.Machine}
		known := l.recent.find(&s)
		if known == nil {
			if known = l.recent.meet(&s, l.cfg.Enrolled(m.MachineID)); known == nil {
				return
			}
		}
		known.retained = m.Retained
	}
}

// reread goes through the newest frames: what they hold was taken, whether or
// not a broker heard of it, and what was replayed need not come again.
func (l *Loop) reread(ctx context.Context) error {
	var lines LineReader
	var s plant.Sample
	for data := range l.cfg.Tail(ctx) {
		f, err := ReadFrame(data)
		if err != nil {
			continue // its readers say so
		}
		for rec, err := range f.Records() {
			if err != nil {
				continue // its readers say so
			}
			if rec.Control != nil {
				for _, id := range rec.Control.Letters {
					l.wasReplayed(id)
					if err := l.cfg.Dead.Remove(ctx, id); err != nil {
						return err
					}
				}
				continue
			}
			if rec.Imported {
				continue
			}
			if err := lines.Read(&rec, &s); err == nil {
				l.rereadSample(&s, rec.Packet)
			}
		}
	}
	return ctx.Err()
}

func (l *Loop) rereadSample(s *plant.Sample, packet Packet) {
	known := l.recent.find(s)
	if known == nil {
		if known = l.recent.meet(s, l.cfg.Enrolled(MachineID{s.Plant, s.Line, s.Machine})); known == nil {
			return
		}
	}
	hash := l.hasher.Sum(s)
	known.remember(s, hash, Stamp(s, hash))
	l.packets.remember(s.Broker, packet)
	l.cfg.Observe(s)
}
