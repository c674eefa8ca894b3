package config

import (
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/rules/custom"
)

// fieldsOf says which readings machines may send by the profiles of the
// sources: any, unless each of them lists what it keeps.
func fieldsOf(profiles []*collector.Profile) *custom.Fields {
	out := &custom.Fields{Closed: len(profiles) > 0}
	for _, p := range profiles {
		if p == nil {
			return &custom.Fields{}
		}
		listed := p.Include
		if len(listed) == 0 {
			listed = p.Columns
		}
		out.Closed = out.Closed && len(listed) > 0
		for _, c := range p.Counters {
			out.Names = append(out.Names, fieldName(p, c.Field))
		}
		for _, path := range listed {
			if slices.Contains([]string{p.Time.Field, p.Seq, p.State, p.Plant, p.Line, p.Machine, p.Gateway, p.Quality.Field}, path) {
				continue
			}
			name := fieldName(p, path)
			out.Names = append(out.Names, name)
			if p.Format == collector.FormatJSON {
				out.Prefixes = append(out.Prefixes, name+"_")
			}
		}
	}
	slices.Sort(out.Names)
	out.Names = slices.Compact(out.Names)
	return out
}

// fieldName is the name of the field that a path of p becomes.
func fieldName(p *collector.Profile, path string) string {
	for _, r := range p.Rename {
		if r.From == path {
			return r.To
		}
	}
	if p.Format == collector.FormatJSON {
		return strings.ReplaceAll(path, ".", "_")
	}
	return path
}
