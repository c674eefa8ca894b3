package doctor

import (
	"fmt"
	"io"
)

// Severity is how bad a finding is.
type Severity string

// The severities.
const (
	OK      Severity = "ok"
	Warning Severity = "warning" // it runs, and may lose what it need not
	Trouble Severity = "problem" // it will not run, or loses
)

// Finding is one thing that was looked at.
type Finding struct {
	Severity Severity `json:"severity"`
	What     string   `json:"what"` // broker, queue, disk, ...
	Words    string   `json:"words"`
	Do       string   `json:"do,omitempty"` // what mends it
}

// Findings is everything that was looked at, in the order it was.
type Findings []Finding

func (fs *Findings) add(s Severity, what, do, format string, args ...any) {
	*fs = append(*fs, Finding{s, what, fmt.Sprintf(format, args...), do})
}

// Worst is the worst severity of all.
func (fs Findings) Worst() Severity {
	worst := OK
	for _, f := range fs {
		if f.Severity == Trouble || f.Severity == Warning && worst == OK {
			worst = f.Severity
		}
	}
	return worst
}

// Print writes the findings for a person.
func (fs Findings) Print(w io.Writer) {
	for _, f := range fs {
		fmt.Fprintf(w, "%-8s %-10s %s\n", f.Severity, f.What, f.Words)
		if f.Do != "" {
			fmt.Fprintf(w, "%-8s %-10s -> %s\n", "", "", f.Do)
		}
	}
}
