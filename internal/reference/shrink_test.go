package reference

import "slices"

// shrink leaves plants, lines and records out while both readings differ.
func shrink(s *scenario) {
	still := func() bool {
		if len(s.Records) == 0 {
			return false
		}
		diff, _, err := differs(s)
		return err == nil && len(diff) > 0
	}
	try := func(change func()) bool {
		kept := *s
		change()
		if still() {
			return true
		}
		*s = kept
		return false
	}
	for i := len(s.Plants) - 1; i >= 0 && len(s.Plants) > 1; i-- {
		id := s.Plants[i].ID
		try(func() {
			s.Plants = slices.Delete(slices.Clone(s.Plants), i, i+1)
			s.without(func(r *record) bool { return r.Plant == id })
		})
	}
	for _, p := range s.Plants {
		shrinkLines(s, p, try)
	}
	for size := len(s.Records) / 2; size >= 1; size /= 2 {
		for at := len(s.Records) - size; at >= 0; at -= size {
			try(func() { s.Records = slices.Delete(slices.Clone(s.Records), at, min(at+size, len(s.Records))) })
		}
	}
}

func shrinkLines(s *scenario, p *plantConf, try func(func()) bool) {
	for i := len(p.Lines) - 1; i >= 0 && len(p.Lines) > 1; i-- {
		id, lines := p.Lines[i].ID, p.Lines
		gateways := p.Gateways
		ok := try(func() {
			p.Lines = slices.Delete(slices.Clone(lines), i, i+1)
			p.Gateways = nil
			for _, g := range gateways {
				left := *g
				left.Lines = slices.DeleteFunc(slices.Clone(g.Lines), func(l string) bool { return l == id })
				if g.Lines == nil || len(left.Lines) > 0 {
					p.Gateways = append(p.Gateways, &left)
				}
			}
			s.without(func(r *record) bool { return r.Plant == p.ID && r.Line == id })
		})
		if !ok {
			p.Lines, p.Gateways = lines, gateways
		}
	}
}

// without leaves records out.
func (s *scenario) without(which func(*record) bool) {
	var left []record
	for _, r := range s.Records {
		if !which(&r) {
			left = append(left, r)
		}
	}
	s.Records = left
}
