package rules

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"runtime"
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

// itemsAhead is how many plants' items wait to be taken: as many as are read at
// once, some 50 KB each where there are 50 machines.
const itemsAhead = 64

// restoreItems takes the plants' items, each plant's once, on every processor.
func (s *State) restoreItems(r *bufio.Reader) error {
	items, free := make(chan *bytes.Buffer, itemsAhead), make(chan *bytes.Buffer, itemsAhead)
	for range itemsAhead {
		free <- new(bytes.Buffer)
	}
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for w := range errs {
		all.Go(func() {
			var r unpacker
			for item := range items {
				if errs[w] == nil {
					errs[w] = r.plant(s, item.Bytes())
				}
				free <- item
			}
		})
	}
	err := s.readItems(r, items, free)
	close(items)
	all.Wait()
	return cmp.Or(err, cmp.Or(errs...))
}

// readItems reads the plants' items to the end.
func (s *State) readItems(r *bufio.Reader, items, free chan *bytes.Buffer) error {
	seen := make([]bool, len(s.order))
	for n := 0; ; n++ {
		item := <-free
		err := readItem(r, item)
		if err == io.EOF && n == len(seen) {
			return nil
		}
		if err == io.EOF {
			return plantsMiscounted(n)
		}
		if err != nil {
			return plant.Errorf(plant.CodeDamaged, "the snapshot cannot be read: %w", errShort)
		}
		if i, size := binary.Uvarint(item.Bytes()); size <= 0 || i >= uint64(len(seen)) || seen[i] {
			return plant.Errorf(plant.CodeDamaged, "the snapshot holds a plant twice, or one that its registry has not")
		} else {
			seen[i] = true
		}
		items <- item
	}
}

// readItem reads what follows its length into item; io.EOF where nothing follows.
func readItem(r *bufio.Reader, item *bytes.Buffer) error {
	item.Reset()
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return err
	}
	if n > math.MaxInt64 {
		return errShort
	}
	if _, err = io.CopyN(item, r, int64(n)); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// unpacker reads items.
type unpacker struct{ words }

func (r *unpacker) plant(s *State, item []byte) error {
	at, size := binary.Uvarint(item) // was checked
	p := s.order[at]
	damaged := func(err error) error {
		return plant.Errorf(plant.CodeDamaged, "the snapshot's state of plant %q cannot be read: %w", p.id, err)
	}
	text, rest, err := cutItem(item[size:])
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

// cutItem takes what follows its length from the front of data.
func cutItem(data []byte) (item, rest []byte, err error) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return nil, nil, errShort
	}
	return data[size : size+int(n)], data[size+int(n):], nil
}
