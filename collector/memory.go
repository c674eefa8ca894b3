package collector

import (
	"context"

	"github.com/seed-00829101/heartline/plant"
)

// Memory is what a Loop must know from one start to the next: the machines that
// nobody enrolled, which retained messages without a time were stored, and the
// dead letters that were replayed and are still there. The frames after Seq tell
// the rest.
type Memory struct {
	// Seq is the number of the newest frame that it includes; 0: none.
	Seq      uint64          `json:"seq"`
	Machines []MachineMemory `json:"machines"`
	Letters  []uint64        `json:"letters,omitempty"`
}

// MachineMemory is what is remembered of one machine.
type MachineMemory struct {
	MachineID
	Discovered bool   `json:"discovered,omitempty"`
	Retained   uint64 `json:"retained,omitempty"` // hash of the newest one
}

// Memory returns what the next Loop should know. It has the loop call also at
// the very moment that is remembered: Observe was called with the samples of all
// frames up to and with Memory.Seq, and with no others. It returns once that
// frame is on disk. Safe for concurrent use.
func (l *Loop) Memory(ctx context.Context, also func()) (Memory, error) {
	var out Memory
	err := l.ask(ctx, func(done func()) error {
		l.open.closing = append(l.open.closing, func() {
			out = l.remember()
			also()
		})
		l.ackLater(func() {
			out.Seq = l.newest
			done()
		})
		return nil
	})
	if err != nil {
		return Memory{}, err // out may be written yet
	}
	return out, nil
}

func (l *Loop) remember() (m Memory) {
	m.Letters = l.replays.left()
	for id, known := range l.recent.machines {
		if known.discovered || known.retained != 0 {
			m.Machines = append(m.Machines, MachineMemory{id, known.discovered, known.retained})
		}
	}
	return m
}

// recall begins with what the last Loop knew.
func (l *Loop) recall(ctx context.Context, mem Memory) {
	l.giveUpAll(ctx, mem.Letters)
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

// giveUpAll removes letters that were taken before the start.
func (l *Loop) giveUpAll(ctx context.Context, ids []uint64) {
	for _, id := range ids {
		if err := l.giveUp(ctx, id); err != nil && ctx.Err() == nil {
			l.cfg.Log.Warn("a dead letter that was replayed is still there: it is not taken again, and removed at the next start", "letter", id, "err", err)
		}
	}
}

// reread goes through the newest frames: what they hold was taken, whether or
// not a broker heard of it, and what was replayed need not come again. What the
// memory, of frame remembered, does not include is observed.
func (l *Loop) reread(ctx context.Context, remembered uint64) error {
	var lines LineReader
	var s plant.Sample
	for seq, data := range l.cfg.Tail(ctx, remembered) {
		f, err := ReadFrame(data)
		if err != nil {
			continue // its readers say so
		}
		for rec, err := range f.Records() {
			if err != nil {
				continue // its readers say so
			}
			if rec.Control != nil {
				if seq > remembered {
					l.giveUpAll(ctx, rec.Control.Letters)
				}
				continue
			}
			if rec.Imported || rec.StoreOnly {
				continue
			}
			if err := lines.Read(&rec, &s); err == nil {
				l.rereadSample(&s, rec.Packet, seq > remembered)
			}
		}
	}
	return ctx.Err()
}

func (l *Loop) rereadSample(s *plant.Sample, packet Packet, observe bool) {
	if observe {
		l.cfg.Observe(s)
	}
	known := l.recent.find(s)
	if known == nil {
		if known = l.recent.meet(s, l.cfg.Enrolled(MachineID{s.Plant, s.Line, s.Machine})); known == nil {
			return
		}
	}
	hash := l.hasher.Sum(s)
	known.remember(s, hash, Stamp(s, hash))
	l.packets.remember(s.Broker, packet)
}
