package app

import (
	"slices"

	"github.com/seed-00829101/heartline/collector"
)

// enrolled reports whether the registry that holds now has a machine; with
// neither line nor machine, whether it has the plant.
func (a *App) enrolled(id collector.MachineID) bool {
	p := a.loaded().Registry.Plant(id.Plant)
	if p == nil || id.Line == "" && id.Machine == "" {
		return p != nil
	}
	l := p.Line(id.Line)
	return l != nil && slices.Contains(l.Machines, id.Machine)
}
