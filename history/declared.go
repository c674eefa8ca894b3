package history

import (
	"cmp"
	"errors"
	"io"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// withDeclared reads a recording with what people declared in between.
type withDeclared struct {
	base     Reader
	declared []Record // in order of time
	seen     map[string]bool
	waiting  map[string][]Record // for the first record of their plant
	ready    []Record            // come before the next record of base
	held     *Record             // of base; comes after what is ready
	ended    bool                // base has
}

// WithDeclared returns base, whose records are in order of time, with declared
// in between, each at its At. What is declared of a plant that has not been
// heard waits for its first record, unless enrolled: then plants are known
// without one.
func WithDeclared(base Reader, declared []Record, enrolled bool) Reader {
	if len(declared) == 0 {
		return base
	}
	declared = slices.Clone(declared)
	slices.SortStableFunc(declared, func(a, b Record) int { return cmp.Compare(a.At, b.At) })
	r := &withDeclared{base: base, declared: declared, waiting: map[string][]Record{}}
	if !enrolled {
		r.seen = map[string]bool{}
	}
	return r
}

// Next implements Reader.
func (r *withDeclared) Next() (Record, error) {
	for {
		if len(r.ready) > 0 {
			rec := r.ready[0]
			r.ready = r.ready[1:]
			return rec, nil
		}
		if r.held != nil {
			rec := *r.held
			r.held = nil
			r.first(&rec)
			return rec, nil
		}
		if r.ended {
			return Record{}, io.EOF
		}
		rec, err := r.base.Next()
		switch {
		case errors.Is(err, io.EOF):
			r.ended = true
			if r.seen == nil {
				r.upTo(1<<63 - 1)
			}
		case err != nil:
			return rec, err
		default:
			r.upTo(rec.At)
			r.held = &rec
		}
	}
}

// upTo makes ready what was declared by then.
func (r *withDeclared) upTo(at plant.Instant) {
	for len(r.declared) > 0 && r.declared[0].At <= at {
		d := r.declared[0]
		r.declared = r.declared[1:]
		if r.seen == nil || r.seen[d.Plant] {
			r.ready = append(r.ready, d)
		} else {
			r.waiting[d.Plant] = append(r.waiting[d.Plant], d)
		}
	}
}

// first makes ready what waited for the plant of rec.
func (r *withDeclared) first(rec *Record) {
	if r.seen == nil || r.seen[rec.Plant] || rec.Plant == "" {
		return
	}
	r.seen[rec.Plant] = true
	for _, d := range r.waiting[rec.Plant] {
		d.At = rec.At
		r.ready = append(r.ready, d)
	}
	delete(r.waiting, rec.Plant)
}
