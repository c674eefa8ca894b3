package collector

import (
	"fmt"

	"github.com/seed-00829101/heartline/plant"
)

// meet remembers the machine of s; nil where it is one too many: a gateway
// that makes up names must not make series in InfluxDB without end.
func (l *Loop) meet(s *plant.Sample) *machineRecent {
	enrolled := l.cfg.Enrolled(MachineID{s.Plant, s.Line, s.Machine})
	if !enrolled && l.recent.discovered >= l.cfg.MaxDiscovered {
		return nil
	}
	return l.recent.meet(s, enrolled)
}

func (l *Loop) tooMany(s *plant.Sample) string {
	return fmt.Sprintf("machine %s of line %s of plant %s is not in the registry, and %d machines that are not were heard already: "+
		"enrol it, or see what makes up names", s.Machine, s.Line, s.Plant, l.cfg.MaxDiscovered)
}

// sortOut looks again at who is enrolled, after a new definition.
func (l *Loop) sortOut() {
	l.recent.discovered = 0
	for id, m := range l.recent.machines {
		if m.discovered = !l.cfg.Enrolled(id); m.discovered {
			l.recent.discovered++
		}
	}
}
