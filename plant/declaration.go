package plant

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Declaration is what a person said about a plant or line. It comes to the
// rules as an event, so that it replays.
type Declaration struct {
	ID    string  `json:"id"`
	Kind  string  `json:"kind"`
	Plant string  `json:"plant"`
	Line  string  `json:"line,omitempty"` // "": all of the plant's lines
	From  Instant `json:"from"`
	To    Instant `json:"to"` // 0: until somebody ends it
	// Reason and By are the person's own words and name.
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
	// EndedBy is who ended it before its time.
	EndedBy string `json:"ended_by,omitempty"`
}

// The kinds of declaration.
const (
	DeclareExclude     = "exclude"      // the plant, out of every figure
	DeclarePlannedStop = "planned_stop" // of a line
	DeclareChangeover  = "changeover"   // of a line, to another product
	DeclareNote        = "note"         // nothing but words
	DeclareWithdraw    = "withdraw"     // takes back the declaration with that ID
)

// RegistryExclusion is the ID of the exclusion that the registry holds.
const RegistryExclusion = "registry"

// Bounds of a declaration.
const (
	MaxDeclaredReason = 500 // bytes
	MaxDeclaredBy     = 100 // bytes
	MaxDeclaredAhead  = 10 * 366 * 24 * time.Hour
)

// Over reports whether it has come to its end at the moment at.
func (d *Declaration) Over(at Instant) bool { return d.To != 0 && d.To <= at }

// Holds reports whether it is in force at the moment at.
func (d *Declaration) Holds(at Instant) bool { return d.From <= at && !d.Over(at) }

// Check says what is wrong with a declaration that is made at the moment now,
// as a CodeInvalid error; nil: nothing.
func (d *Declaration) Check(now Instant) error {
	if err := CheckID(d.ID); err != nil {
		return Errorf(CodeInvalid, "id: %w", err)
	}
	if d.ID == RegistryExclusion {
		return Errorf(CodeInvalid, "id: %q is the exclusion of the registry; choose another", d.ID)
	}
	if err := checkWords("reason", d.Reason, MaxDeclaredReason); err != nil {
		return err
	}
	if err := CheckDeclaredBy(d.By); err != nil {
		return err
	}
	if err := d.checkKind(); err != nil {
		return err
	}
	return d.checkTimes(now)
}

// CheckDeclaredBy says what is wrong with the name of who declares, as a
// CodeInvalid error.
func CheckDeclaredBy(name string) error { return checkWords("by", name, MaxDeclaredBy) }

// checkKind checks what each kind asks for.
func (d *Declaration) checkKind() error {
	switch d.Kind {
	case DeclareExclude:
		switch {
		case d.Line != "":
			return Errorf(CodeInvalid, "line: a plant is excluded, not a line; name the plant alone")
		case d.Reason == "":
			return Errorf(CodeInvalid, "reason: is missing: say why the plant is taken out of all figures")
		case d.To == 0:
			return Errorf(CodeInvalid, "until: is missing: an exclusion has an end, like 2026-09-30")
		}
	case DeclarePlannedStop:
		if d.To == 0 {
			return Errorf(CodeInvalid, "until: is missing: a planned stop has an end, like 2026-09-30 18:00")
		}
	case DeclareChangeover:
		if d.Line == "" {
			return Errorf(CodeInvalid, "line: is missing: a changeover is of one line")
		}
	case DeclareNote:
		if d.Reason == "" {
			return Errorf(CodeInvalid, "reason: is missing: a note is words")
		}
	default:
		return Errorf(CodeInvalid, "kind: %.20q cannot be declared; there are exclude, planned_stop, changeover and note", d.Kind)
	}
	return nil
}

func (d *Declaration) checkTimes(now Instant) error {
	furthest := now.Add(MaxDeclaredAhead)
	switch {
	case d.Kind == DeclareNote:
		return nil
	case d.From > furthest || d.To > furthest:
		return Errorf(CodeInvalid, "until: is more than ten years ahead; name an end that somebody will look at")
	case d.Over(d.From):
		return Errorf(CodeInvalid, "until: %s is not after its beginning, %s", d.To, d.From)
	case d.Over(now):
		return Errorf(CodeInvalid, "until: %s is past: what is over changes nothing", d.To)
	}
	return nil
}

// checkWords refuses what does not print on one line as it was written.
func checkWords(what, text string, most int) error {
	odd := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	switch {
	case len(text) > most:
		return Errorf(CodeInvalid, "%s: is longer than %d bytes", what, most)
	case !utf8.ValidString(text):
		return Errorf(CodeInvalid, "%s: is not UTF-8", what)
	case strings.ContainsFunc(text, odd):
		return Errorf(CodeInvalid, "%s: holds a control character; write it on one line", what)
	}
	return nil
}
