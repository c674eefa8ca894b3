package plant

import (
	"errors"
	"fmt"
	"strings"
)

// Code classifies an error. It is mapped to an exit status and an HTTP status
// in one place each (cmd/heartline and console).
type Code string

// The codes.
const (
	CodeInternal    Code = "internal"    // a bug or a broken machine
	CodeInvalid     Code = "invalid"     // what the user wrote is wrong
	CodeNotFound    Code = "not_found"   // no such plant, line, ...
	CodeConflict    Code = "conflict"    // taken: a port, a data directory
	CodeUnavailable Code = "unavailable" // a server does not answer; try again
	CodeRefused     Code = "refused"     // a server answered no: rights, limits
	CodeDamaged     Code = "damaged"     // a checksum does not match
	CodeFull        Code = "full"        // a bound is reached; nothing was taken
)

// Error is an error with a code. What says what failed and, where possible,
// how to mend it, in one sentence for a person.
type Error struct {
	Code Code
	What string
	Err  error
}

// Errorf returns an *Error; %w in format keeps its cause.
func Errorf(code Code, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, What: err.Error(), Err: errors.Unwrap(err)}
}

func (e *Error) Error() string { return e.What }

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first *Error in err's chain, CodeInternal
// where there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// Problem is one thing wrong in a file a user wrote.
type Problem struct {
	File string // as the user named it
	Line int    // from 1; 0 where unknown
	// Column is where in the line it stands, from 1; 0: not said.
	Column int
	Path   string // plants[3].lines[0].normal
	What   string // what is wrong and what would be right
}

func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
			if p.Column > 0 {
				fmt.Fprintf(&b, ":%d", p.Column)
			}
		}
		b.WriteString(": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.What)
	return b.String()
}

// Problems is every problem of a set of files, told at once.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns ps as a CodeInvalid error, or nil where there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalid, What: ps.Error(), Err: ps}
}
