package rules

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/seed-00829101/heartline/plant"
)

// snapshotVersion is the version of the snapshot's format. Version 1 had no
// calendars: all time was scheduled, and what it lacks is zero. Version 2 had
// no gaming flags, and did not know which words say that a machine runs. Until
// version 3 it was JSON; then one CBOR item (RFC 8949), the definition in it JSON.
// Version 4 had no custom rules. Since version 6 it is many items, see saving.go.
const (
	snapshotVersion = 6
	lastWhole       = 5 // the newest version that was one item
	lastJSON        = 3 // the newest that was JSON, the definition a part of it
	oldestSnapshot  = 1
)

var (
	packing, _   = cbor.EncOptions{Sort: cbor.SortBytewiseLexical, TextMarshaler: cbor.TextMarshalerTextString}.EncMode()
	unpacking, _ = cbor.DecOptions{
		TextUnmarshaler: cbor.TextUnmarshalerTextString, MaxArrayElements: 1 << 24, MaxMapPairs: 1 << 24,
		UTF8: cbor.UTF8DecodeInvalid, // what was taken in is read again
	}.DecMode()
)

// snapshot is a State as it is saved.
type snapshot struct {
	Version    int                  `json:"version"`
	Seq        uint64               `json:"seq"`
	Index      int                  `json:"index"`
	AtNanos    int64                `json:"at"`
	Listening  bool                 `json:"listening"`
	Definition *Definition          `json:"definition" cbor:"-"`
	Defined    []byte               `json:"-" cbor:"defined"` // the definition, JSON
	Links      map[string]*link     `json:"links"`
	Strangers  map[string]*stranger `json:"strangers"`
	Plants     []savedPlant         `json:"plants"`
	Late       uint64               `json:"late"`
}

type savedPlant struct {
	Memory  plantMemory  `json:"memory"`
	Windows savedPeriods `json:"windows"`
	Slots   savedPeriods `json:"slots"`
	// Shifts is absent where it was written before there were any.
	Shifts *savedPeriods `json:"shifts,omitempty"`
	Lines  []savedLine   `json:"lines"`
}

type savedPeriods struct {
	Open []period      `json:"open,omitempty"`
	Last plant.Instant `json:"last"`
}

type savedLine struct {
	Memory   lineMemory `json:"memory"`
	Machines []memory   `json:"machines,omitempty"` // up to version 5
}

// Unmarshal reads what Marshal wrote. Another version of the format, or damage, is
// a CodeDamaged error.
func Unmarshal(data []byte) (*State, error) { return Read(bytes.NewReader(data), nil) }

// Read is Unmarshal of what from has left to read; plants are taken, on every
// processor, while it reads. The state uses known, which may be nil and is indexed,
// where the snapshot holds the same definition. What from cannot read counts as
// damage.
func Read(from io.Reader, known *Definition) (*State, error) {
	r := bufio.NewReader(from)
	in, err := readSnapshot(r)
	if err != nil {
		return nil, plant.Errorf(plant.CodeDamaged, "the snapshot cannot be read: %w", err)
	}
	if in.Version < oldestSnapshot || in.Version > snapshotVersion {
		return nil, plant.Errorf(plant.CodeDamaged, "the snapshot's format is version %d; this Heartline reads versions %d to %d", in.Version, oldestSnapshot, snapshotVersion)
	}
	if err := in.define(known); err != nil {
		return nil, err
	}
	s := NewState(nil)
	s.at = plant.Instant(in.AtNanos)
	s.seq, s.index, s.listening, s.late = in.Seq, in.Index, in.Listening, in.Late
	if in.Links != nil {
		s.links = in.Links
	}
	s.define(in.Definition)
	if len(in.Defined) > 0 {
		s.defined.of, s.defined.text = in.Definition, in.Defined
	}
	if in.Strangers != nil {
		s.strangers = in.Strangers
	}
	if in.Version > lastWhole {
		err = s.restoreItems(r)
	} else {
		err = s.restoreWhole(in)
	}
	if err != nil {
		return nil, err
	}
	s.wake()
	return s, nil
}

// define makes in.Definition what the snapshot holds: known, where that says the
// same, since to read half a million machines takes a while.
func (in *snapshot) define(known *Definition) error {
	if known != nil {
		if text, err := json.Marshal(known); err == nil && bytes.Equal(text, in.Defined) {
			in.Definition = known
			return in.sound()
		}
	}
	if in.Version > lastJSON {
		if err := json.Unmarshal(in.Defined, &in.Definition); err != nil {
			return plant.Errorf(plant.CodeDamaged, "the snapshot cannot be read: %w", err)
		}
	}
	if in.Definition == nil || in.Definition.Registry == nil {
		return plant.Errorf(plant.CodeDamaged, "the snapshot holds plants, and no registry of them")
	}
	if err := in.sound(); err != nil {
		return err
	}
	in.Definition.Registry.Index()
	return nil
}

// restoreWhole takes the plants of a snapshot that was one item.
func (s *State) restoreWhole(in *snapshot) error {
	if len(in.Plants) != len(s.order) {
		return plantsMiscounted(len(in.Plants))
	}
	for i := range in.Plants {
		if err := s.restore(s.order[i], &in.Plants[i], in.Version); err != nil {
			return err
		}
	}
	return nil
}

func plantsMiscounted(saved int) error {
	return plant.Errorf(plant.CodeDamaged, "the snapshot holds %d plants, and its registry another number", saved)
}

// wake schedules what the restored plants wait for.
func (s *State) wake() {
	s.deadlines, s.dirty = make(deadlines, 0, len(s.order)+machinesOf(s.def.Registry.Plants...)), nil
	for _, p := range s.order {
		p.due, p.dirty = 0, false
		for _, l := range p.lines {
			for _, m := range l.machines {
				m.due = 0
			}
		}
	}
	for _, p := range s.order {
		s.resume(p)
	}
	s.dirty = nil
	for _, p := range s.order {
		p.dirty = false
	}
}

// readSnapshot reads any format; of the newest, all before the plants' items.
func readSnapshot(r *bufio.Reader) (*snapshot, error) {
	in := new(snapshot)
	if mark, _ := r.Peek(len(savedMark)); bytes.Equal(mark, savedMark) {
		_, _ = r.Discard(len(savedMark))
		var head bytes.Buffer
		if err := readItem(r, &head); err != nil {
			return nil, errShort
		}
		return in, unpacking.Unmarshal(head.Bytes(), in)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(data) > 0 && data[0] == '{' {
		return in, json.Unmarshal(data, in)
	}
	return in, unpacking.Unmarshal(data, in)
}

// sound looks for what a reader of a damaged snapshot would trip over.
func (in *snapshot) sound() error {
	for i, p := range in.Definition.Registry.Plants {
		if p == nil || slices.Contains(p.Lines, nil) || slices.Contains(p.Gateways, nil) {
			return plant.Errorf(plant.CodeDamaged, "the snapshot's registry holds an empty plant, line or gateway (plants[%d])", i)
		}
	}
	for name, l := range in.Links {
		if l == nil {
			return plant.Errorf(plant.CodeDamaged, "the snapshot holds nothing of broker %q", name)
		}
	}
	for id, g := range in.Strangers {
		if g == nil || g.Lines == nil {
			return plant.Errorf(plant.CodeDamaged, "the snapshot holds nothing of plant %q, which nobody enrolled", id)
		}
	}
	return nil
}

// sound reports whether the periods follow each other and hold every line.
func (in *savedPeriods) sound(lines int) bool {
	from := in.Last
	for _, w := range in.Open {
		if w.From != from || w.To <= w.From || len(w.Lines) != lines {
			return false
		}
		from = w.To
	}
	return true
}

// restore takes what is saved of the plant, but for machines that are saved
// apart from it.
func (s *State) restore(p *plantState, in *savedPlant, version int) error {
	fresh := p.Rules
	p.plantMemory = in.Memory
	p.Rules = s.rules.plant.Restore(p.Rules, fresh)
	p.windows.open, p.windows.last = in.Windows.Open, in.Windows.Last
	p.slots.open, p.slots.last = in.Slots.Open, in.Slots.Last
	if in.Shifts != nil {
		p.shifts.open, p.shifts.last = in.Shifts.Open, in.Shifts.Last
	}
	if len(in.Lines) != len(p.lines) {
		return plant.Errorf(plant.CodeDamaged, "the snapshot holds %d lines of plant %q, and its registry %d", len(in.Lines), p.id, len(p.lines))
	}
	if !in.Windows.sound(len(p.lines)) || !in.Slots.sound(len(p.lines)) || in.Shifts != nil && !in.Shifts.sound(len(p.lines)) {
		return plant.Errorf(plant.CodeDamaged, "the snapshot's open windows of plant %q do not follow each other, or miss a line", p.id)
	}
	for i, l := range p.lines {
		fresh = l.Rules
		l.lineMemory = in.Lines[i].Memory
		l.Rules = s.rules.line.Restore(l.Rules, fresh)
		if version > lastWhole {
			continue
		}
		if len(in.Lines[i].Machines) != len(l.machines) {
			return l.miscounted(len(in.Lines[i].Machines))
		}
		for j, m := range l.machines {
			s.recall(m, in.Lines[i].Machines[j])
			if version < 3 {
				m.Means = plant.StateMeaning(l.conf.States, m.Word)
			}
			if err := m.sound(); err != nil {
				return err
			}
		}
	}
	return nil
}

// recall has m remember what was saved of it.
func (s *State) recall(m *machine, saved memory) {
	fresh := m.Rules
	m.memory = saved
	m.Rules = s.rules.machine.Restore(m.Rules, fresh)
}

func (l *line) miscounted(saved int) error {
	return plant.Errorf(plant.CodeDamaged, "the snapshot holds %d machines of line %s/%s, and its registry %d", saved, l.plant.id, l.id, len(l.machines))
}

func (m *machine) sound() error {
	if m.Next < 0 || m.Next > 0 && m.Next >= len(m.Recent) {
		return plant.Errorf(plant.CodeDamaged, "the snapshot's samples of machine %s/%s/%s are damaged", m.line.plant.id, m.line.id, m.id)
	}
	return nil
}
