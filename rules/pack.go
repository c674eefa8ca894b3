package rules

import (
	"encoding/binary"
	"runtime"
	"slices"
	"sync"

	"github.com/seed-00829101/heartline/plant"
)

// pack writes the plant's item.
func (p *plantState) pack(f *fields) error {
	in := savedPlant{
		Memory:  p.plantMemory,
		Windows: savedPeriods{p.windows.open, p.windows.last},
		Slots:   savedPeriods{p.slots.open, p.slots.last},
		Shifts:  &savedPeriods{p.shifts.open, p.shifts.last},
		Lines:   make([]savedLine, len(p.lines)),
	}
	for i, l := range p.lines {
		in.Lines[i].Memory = l.lineMemory
	}
	text, err := packing.Marshal(&in)
	if err != nil {
		return err
	}
	f.b = binary.AppendUvarint(f.b, uint64(p.index))
	f.b = append(binary.AppendUvarint(f.b, uint64(len(text))), text...)
	for _, l := range p.lines {
		f.b = binary.AppendUvarint(f.b, uint64(len(l.machines)))
		for _, m := range l.machines {
			at := f.open()
			m.memory.visit(f)
			f.close(at)
		}
	}
	return f.err
}

// restoreItems takes the plants' items, each plant's once.
func (s *State) restoreItems(items [][]byte) error {
	seen := make([]bool, len(s.order))
	for _, item := range items {
		i, n := binary.Uvarint(item)
		if n <= 0 || i >= uint64(len(seen)) || seen[i] {
			return plant.Errorf(plant.CodeDamaged, "the snapshot holds a plant twice, or one that its registry has not")
		}
		seen[i] = true
	}
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for w := range errs {
		all.Go(func() {
			var r unpacker
			for i := w; i < len(items) && errs[w] == nil; i += len(errs) {
				at, n := binary.Uvarint(items[i])
				errs[w] = r.plant(s, s.order[at], items[i][n:])
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// unpacker reads items.
type unpacker struct{ words }

func (r *unpacker) plant(s *State, p *plantState, item []byte) error {
	damaged := func(err error) error {
		return plant.Errorf(plant.CodeDamaged, "the snapshot's state of plant %q cannot be read: %w", p.id, err)
	}
	text, rest, err := cutItem(item)
	if err != nil {
		return damaged(err)
	}
	var in savedPlant
	if err := unpacking.Unmarshal(text, &in); err != nil {
		return damaged(err)
	}
	if err := s.restore(p, &in, snapshotVersion); err != nil {
		return err
	}
	for _, l := range p.lines {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n != uint64(len(l.machines)) {
			return l.miscounted(int(min(n, 1<<31)))
		}
		rest = rest[size:]
		for _, m := range l.machines {
			var packed []byte
			if packed, rest, err = cutItem(rest); err != nil {
				return damaged(err)
			}
			f := fields{b: packed, reads: true, words: &r.words}
			saved := memory{}
			saved.visit(&f)
			if err := f.end(); err != nil {
				return damaged(err)
			}
			s.recall(m, saved)
			if err := m.sound(); err != nil {
				return err
			}
		}
	}
	return nil
}

// split takes items apart; there is at least one.
func split(data []byte) (items [][]byte, err error) {
	for len(data) > 0 || len(items) == 0 {
		var item []byte
		if item, data, err = cutItem(data); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return slices.Clip(items), nil
}

// cutItem takes what follows its length from the front of data.
func cutItem(data []byte) (item, rest []byte, err error) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return nil, nil, errShort
	}
	return data[size : size+int(n)], data[size+int(n):], nil
}
