package reference

import (
	"fmt"
	"strings"
	"time"
)

type calendarConf struct {
	Name        string
	Days        []time.Weekday // whole production days; nil: shifts
	Shifts      []shiftConf
	Breaks      []shiftConf
	Country     string // whose holidays; none: those of Holidays
	Holidays    []string
	Workdays    []string
	Exceptions  []exceptionConf
	Maintenance []maintenanceConf
}

type shiftConf struct {
	Name     string
	Days     []time.Weekday // nil: every day
	From, To int            // minutes after midnight
}

// exceptionConf is about one date: closed, as another day, or with shifts.
type exceptionConf struct {
	Date   string
	Closed bool
	As     time.Weekday // where no shifts are given
	Shifts []shiftConf
}

// maintenanceConf is once from one wall time to another (2006-01-02 15:04),
// or weekly.
type maintenanceConf struct {
	Once, Until string
	Weekly      shiftConf
	Lines       []string // nil: all
}

func clock(m int) string { return fmt.Sprintf("%02d:%02d", m/60%24, m%60) }

func weekdays(days []time.Weekday) string {
	var out []string
	for _, d := range days {
		out = append(out, strings.ToLower(d.String()[:3]))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (c *calendarConf) yaml(b *strings.Builder) {
	fmt.Fprintf(b, "  - name: %s\n", c.Name)
	if len(c.Days) > 0 {
		fmt.Fprintf(b, "    days: %s\n", weekdays(c.Days))
	}
	list(b, "shifts", c.Shifts, shiftConf.yaml)
	list(b, "breaks", c.Breaks, shiftConf.yaml)
	switch {
	case c.Country != "":
		fmt.Fprintf(b, "    holidays: %s\n", c.Country)
	case len(c.Holidays) > 0:
		fmt.Fprintf(b, "    holidays: [%s]\n", strings.Join(c.Holidays, ", "))
	}
	if len(c.Workdays) > 0 {
		fmt.Fprintf(b, "    workdays: [%s]\n", strings.Join(c.Workdays, ", "))
	}
	list(b, "exceptions", c.Exceptions, exceptionConf.yaml)
	list(b, "maintenance", c.Maintenance, maintenanceConf.yaml)
}

func list[T any](b *strings.Builder, key string, of []T, yaml func(T) string) {
	for i, x := range of {
		if i == 0 {
			b.WriteString("    " + key + ":\n")
		}
		b.WriteString("      - {" + yaml(x) + "}\n")
	}
}

func (s shiftConf) yaml() string {
	text := fmt.Sprintf("from: %q, to: %q", clock(s.From), clock(s.To))
	if s.Days != nil {
		text = "days: " + weekdays(s.Days) + ", " + text
	}
	if s.Name != "" {
		text = "name: " + s.Name + ", " + text
	}
	return text
}

func (e exceptionConf) yaml() string {
	switch {
	case e.Closed:
		return "date: " + e.Date + ", closed: true"
	case e.Shifts == nil:
		return "date: " + e.Date + ", as: " + strings.ToLower(e.As.String()[:3])
	}
	var shifts []string
	for _, s := range e.Shifts {
		shifts = append(shifts, "{"+s.yaml()+"}")
	}
	return "date: " + e.Date + ", shifts: [" + strings.Join(shifts, ", ") + "]"
}

func (m maintenanceConf) yaml() string {
	text := fmt.Sprintf("from: %q, to: %q", m.Once, m.Until)
	if m.Once == "" {
		text = m.Weekly.yaml()
	}
	if m.Lines != nil {
		text += ", lines: [" + strings.Join(m.Lines, ", ") + "]"
	}
	return text
}
