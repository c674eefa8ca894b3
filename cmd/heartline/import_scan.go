package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// scanned is what the sources hold.
type scanned struct {
	rows, bad int
	machines  map[collector.MachineID]*scannedMachine
	first     error // the first row that cannot be read
	step      steps
}

type scannedMachine struct {
	rows   int
	fields map[string]bool
	kind   string
	last   plant.Instant
}

// steps finds the most usual time between two rows of a machine, if more than
// half of them are alike (Boyer and Moore's majority vote).
type steps struct {
	usual plant.Instant
	votes int
}

func (s *steps) add(step plant.Instant) {
	switch {
	case step <= 0:
	case s.votes == 0:
		s.usual, s.votes = step, 1
	case s.usual == step:
		s.votes++
	default:
		s.votes--
	}
}

// scan reads the sources through: nothing is sent of files that make no sense.
func (i *importing) scan(ctx context.Context, sources []source, progress func(int)) (*scanned, error) {
	out := &scanned{machines: map[collector.MachineID]*scannedMachine{}}
	err := i.each(ctx, sources, func(s *source, rec *history.Record) error {
		out.rows++
		out.add(s, rec.Sample)
		if progress != nil && out.rows&0xfff == 0 {
			progress(out.rows)
		}
		return nil
	}, func(s *source, row *history.BadRow) error {
		if out.bad++; out.first == nil {
			out.first = fmt.Errorf("%s: %w", s.name, row)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case out.rows == 0 && out.first != nil:
		return nil, plant.Errorf(plant.CodeInvalid, "no row can be read; the first: %w", out.first)
	case out.rows == 0:
		return nil, plant.Errorf(plant.CodeInvalid, "%s: there is no row to import", names(sources))
	case out.bad > i.maxBad:
		return nil, plant.Errorf(plant.CodeInvalid, "%d of %d rows cannot be read, more than --max-bad %d; nothing was taken; the first: %w", out.bad, out.bad+out.rows, i.maxBad, out.first)
	}
	return out, nil
}

func (s *scanned) add(from *source, x *plant.Sample) {
	id := collector.MachineID{Plant: x.Plant, Line: x.Line, Machine: x.Machine}
	m := s.machines[id]
	if m == nil {
		m = &scannedMachine{kind: from.kind, fields: map[string]bool{}}
		s.machines[id] = m
	} else {
		s.step.add(x.Stamp - m.last)
	}
	m.rows, m.last = m.rows+1, x.Stamp
	for k := range x.Fields {
		if name := x.Fields[k].Name; len(m.fields) < decode.MaxFields && !m.fields[name] {
			m.fields[name] = true
		}
	}
}

// plan is what is told to Heartline of it.
func (s *scanned) plan(name string) console.ImportPlan {
	out := console.ImportPlan{Name: name, Machines: []console.PlannedMachine{}}
	if s.step.votes > 0 {
		out.IntervalS = float64(s.step.usual) / 1e9
	}
	for id, m := range s.machines {
		out.Machines = append(out.Machines, console.PlannedMachine{Plant: id.Plant, Line: id.Line, Machine: id.Machine, Fields: slices.Sorted(maps.Keys(m.fields)), Kind: m.kind})
	}
	return out
}
