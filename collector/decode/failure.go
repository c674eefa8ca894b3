package decode

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/seed-00829101/heartline/collector"
)

// The reasons, see collector.Failure.
const (
	reasonSyntax  = "syntax"
	reasonDepth   = "depth"
	reasonSize    = "size"
	reasonUTF8    = "utf8"
	reasonNumber  = "number"
	reasonTime    = "time"
	reasonMissing = "missing"
	reasonType    = "type"
	reasonTopic   = "topic"
	reasonID      = "id"
)

// fail notes that a part of the message cannot be read.
func (d *Decoder) fail(reason, words string) {
	if len(d.failures) == maxFailures {
		d.unread++
		return
	}
	d.failures = append(d.failures, collector.Failure{Reason: reason, Words: words})
}

// failWhole notes that nothing of the message can be read.
func (d *Decoder) failWhole(reason, words string) {
	d.failures, d.unread = d.failures[:0], 0
	d.fail(reason, words)
}

// refuse fails part p because of v. A part fails once: its first reason.
func (d *Decoder) refuse(p *part, reason string, v value, format string, args ...any) {
	if p.failed {
		return
	}
	p.failed = true
	if len(d.failures) < maxFailures {
		format = d.place.where(v) + ": " + fmt.Sprintf(format, args...)
	}
	d.fail(reason, format)
}

// quote shows at most 40 bytes of a value.
func quote(text []byte) string {
	const most = 40
	if len(text) <= most {
		return strconv.Quote(string(text))
	}
	cut := most
	for cut > most-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strconv.Quote(string(text[:cut])) + "..."
}

// show shows a value as it was written.
func (v value) show() string {
	switch {
	case v.kind == isText:
		return "the text " + quote(v.text)
	case len(v.text) > 40:
		return string(v.text[:40]) + "..."
	}
	return string(v.text)
}
