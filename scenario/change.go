package scenario

import (
	"fmt"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// change is one expected change: `11:15 stopped relapsed 0.10`,
// `11:07 stalled since 11:02 (unexplained)`.
type change struct {
	at              plant.Instant
	to              string
	first, relapsed bool // of phases: compared always
	since           plant.Instant
	reason          string
	// Those that are written of recovery and its bounds.
	recovery, low, high *figure
}

const (
	phaseHelp = "write it like 10:00 resumed 0.80, 11:15 stopped relapsed 0.05..0.10, 09:15 stopped first"
	alertHelp = "write it like 09:12 firing since 09:10, 09:40 inactive"
	lineHelp  = "write it like 11:07 stalled since 11:02 (unexplained)"
)

// parseChange reads a change of a plant's phase, a line's state or an alert.
// kind is that of the transition it will be.
func parseChange(text, kind string, c *clock) (out change, err error) {
	help := map[string]string{plant.KindPhase: phaseHelp, plant.KindLine: lineHelp, plant.KindAlert: alertHelp}[kind]
	words, err := splitWords(text)
	if err != nil {
		return out, err
	}
	n := timeWords(words)
	if len(words) <= n || n == 0 {
		return out, fmt.Errorf("%q: a change is a time and a word; %s", text, help)
	}
	if out.at, err = c.read(strings.Join(words[:n], " ")); err != nil {
		return out, err
	}
	words = words[n:]
	var used int
	if out.to, used, err = stateWord(words, kind); err != nil {
		return out, err
	}
	words = words[used:]
	for len(words) > 0 {
		used, err := out.detail(words, kind != plant.KindPhase, c)
		if err != nil {
			return out, fmt.Errorf("%w; %s", err, help)
		}
		words = words[used:]
	}
	return out, nil
}

// timeWords is how many of the first words are a time: a date or weekday, a
// time of day, or both.
func timeWords(words []string) int {
	switch {
	case len(words) == 0:
		return 0
	case strings.Contains(words[0], ":"):
		return 1
	case len(words) > 1 && strings.Contains(words[1], ":"):
		return 2
	}
	return 1
}

// stateWord reads a phase, or a state of a line or an alert, of one word or two: ramping_up, ramping up.
func stateWord(words []string, kind string) (word string, used int, err error) {
	if kind == plant.KindAlert {
		if words[0] != plant.AlertFiring && words[0] != plant.AlertInactive {
			return "", 0, fmt.Errorf("%q is no state of an alert; there are firing and inactive", words[0])
		}
		return words[0], 1, nil
	}
	ofLine := kind == plant.KindLine
	check := func(w string) (err error) {
		if ofLine {
			var s plant.LineState
			return s.UnmarshalText([]byte(w))
		}
		var p plant.Phase
		return p.UnmarshalText([]byte(w))
	}
	if len(words) > 1 {
		if two := words[0] + "_" + words[1]; check(two) == nil {
			return two, 2, nil
		}
	}
	if check(words[0]) == nil {
		return words[0], 1, nil
	}
	if ofLine {
		return "", 0, fmt.Errorf("%q is no state of a line; there are running, short_stop, stalled, planned_stop, off_shift, unknown, commissioning", words[0])
	}
	return "", 0, fmt.Errorf("%q is no phase; there are stopped, ramping_up, resumed, normal, unknown, excluded", words[0])
}

// detail reads what follows the word, and how many words that were.
func (x *change) detail(words []string, ofLine bool, c *clock) (used int, err error) {
	word := words[0]
	switch {
	case word == "since" && len(words) > 1:
		n := timeWords(words[1:])
		if n == 2 && !strings.Contains(words[2], ":") {
			n = 1
		}
		x.since, err = c.read(strings.Join(words[1:1+n], " "))
		return 1 + n, err
	case strings.HasPrefix(word, "("):
		for n := range words {
			if strings.HasSuffix(words[n], ")") {
				x.reason = strings.Trim(strings.Join(words[:n+1], "_"), "()")
				return n + 1, nil
			}
		}
		return 0, fmt.Errorf("%q opens a ( that is not closed", word)
	case ofLine:
		return 0, fmt.Errorf("%q is not understood", word)
	case word == "first":
		x.first = true
	case word == "relapsed":
		x.relapsed = true
	case strings.Contains(word, ".."):
		low, high, _ := strings.Cut(word, "..")
		var l, h figure
		if l, err = parseFigure(low); err == nil {
			h, err = parseFigure(high)
		}
		x.low, x.high = &l, &h
	default:
		var r figure
		if r, err = parseFigure(word); err != nil {
			return 0, fmt.Errorf("%q is not understood", word)
		}
		x.recovery = &r
	}
	return 1, err
}

// write writes the change as it would be read.
func (x *change) write(c *clock) string {
	text := c.write(x.at) + " " + x.to
	for _, f := range []struct {
		word  string
		holds bool
	}{{"first", x.first}, {"relapsed", x.relapsed}} {
		if f.holds {
			text += " " + f.word
		}
	}
	if x.since != 0 {
		text += " since " + c.write(x.since)
	}
	if x.reason != "" {
		text += " (" + x.reason + ")"
	}
	if x.recovery != nil {
		text += " " + x.recovery.want()
	}
	if x.low != nil {
		text += " " + x.low.want() + ".." + x.high.want()
	}
	return text
}

// want writes the figure as it is expected.
func (f *figure) want() string {
	if f.none {
		return "none"
	}
	return f.write(&f.value)
}

// agrees reports whether t is the change that is expected.
func (x *change) agrees(t *plant.Transition) bool {
	v := t.Verdict
	if v == nil {
		v = new(plant.Verdict)
	}
	return t.At == x.at && t.To == x.to &&
		(t.Kind != plant.KindPhase || t.First == x.first && t.Relapsed == x.relapsed) &&
		(x.since == 0 || t.Since == x.since) && (x.reason == "" || t.Reason == x.reason) &&
		(x.recovery == nil || x.recovery.agrees(v.Recovery)) &&
		(x.low == nil || x.low.agrees(v.RecoveryLow) && x.high.agrees(v.RecoveryHigh))
}

// got writes t as a change is written, with as much of it as x says, if any.
func got(t *plant.Transition, x *change, c *clock) string {
	out := change{at: t.At, to: t.To}
	if t.Kind == plant.KindPhase {
		out.first, out.relapsed = t.First, t.Relapsed
	}
	if x == nil && t.Since != t.At || x != nil && x.since != 0 {
		out.since = t.Since
	}
	if x == nil || x.reason != "" {
		out.reason = t.Reason
	}
	text := out.write(c)
	v := t.Verdict
	if v == nil {
		return text
	}
	switch {
	case x == nil:
		text += " " + share.write(v.Recovery)
	case x.recovery != nil:
		text += " " + x.recovery.write(v.Recovery)
	}
	if x != nil && x.low != nil {
		text += " " + x.low.write(v.RecoveryLow) + ".." + x.high.write(v.RecoveryHigh)
	}
	return text
}
