package rules

// What snapshots hold of a machine. A number belongs to its field for ever; a
// new field has the highest.

func (m *memory) visit(f *fields) {
	integer(f, 1, &m.Heard)
	integer(f, 2, &m.HeardObs)
	text(f, 3, &m.Broker)
	integer(f, 4, &m.Newest)
	integer(f, 5, &m.Good)
	integer(f, 6, &m.First)
	integer(f, 7, &m.LastInc)
	integer(f, 8, &m.Anew)
	m.Count.visit(f, 10) // to 20
	m.Scrap.visit(f, 21) // to 31
	integer(f, 32, &m.Scrapped)
	visitRecent(f, 33, &m.Recent)
	integer(f, 34, &m.Latest)
	integer(f, 35, &m.Next)
	integer(f, 36, &m.Status)
	text(f, 37, &m.Word)
	integer(f, 38, &m.Means)
	text(f, 39, &m.Lost)
	flag(f, 40, &m.Bad)
	integer(f, 41, &m.Lag)
	flag(f, 42, &m.Missed)
	list(f, 43, &m.Holes, (*hole).visit)
	flag(f, 44, &m.Draining)
	integer(f, 45, &m.DrainAt)
	integer(f, 46, &m.DrainLag)
	integer(f, 47, &m.WordSince)
	packed(f, 48, &m.Rules)
	suspected := m.Suspect != nil
	if flag(f, 50, &suspected); suspected {
		if m.Suspect == nil {
			m.Suspect = &suspect{}
		}
		m.Suspect.visit(f, 51) // to 60
	}
	m.Steady.visit(f, 61) // to 67
}

func (k *steady) visit(f *fields, num uint64) {
	integer(f, num, &k.Lag)
	integer(f, num+1, &k.Mark)
	integer(f, num+2, &k.From)
	integer(f, num+4, &k.MarkAt) // 64 was when its newest sample came
	integer(f, num+5, &k.Last)
	integer(f, num+6, &k.Cut)
}

// visit visits eleven numbers.
func (k *total) visit(f *fields, num uint64) {
	flag(f, num, &k.Have)
	k.Last.visit(f, num+1)
	integer(f, num+4, &k.At)
	list(f, num+5, &k.Peaks, func(r *reading, f *fields) { r.visit(f, 1) })
	flag(f, num+6, &k.HasRise)
	k.Rise.visit(f, num+7)
	integer(f, num+10, &k.RiseAt)
}

func (r *reading) visit(f *fields, num uint64) {
	integer(f, num, &r.Int)
	decimal(f, num+1, &r.Float)
	flag(f, num+2, &r.Dec)
}

func (h *hole) visit(f *fields) {
	integer(f, 1, &h.From)
	integer(f, 2, &h.To)
}

// visit visits ten numbers.
func (x *suspect) visit(f *fields, num uint64) {
	x.Shown.visit(f, num)
	x.Frozen.visit(f, num+3)
	integer(f, num+6, &x.Payload)
	x.Same.visit(f, num+7)
}

func (e *evidence) visit(f *fields, num uint64) {
	integer(f, num, &e.From)
	integer(f, num+1, &e.For)
	integer(f, num+2, &e.N)
}
