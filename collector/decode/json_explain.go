package decode

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// explain turns the error that ended the walk into a failure.
func (d *Decoder) explain(err error) (reason, words string) {
	switch {
	case err == errDepth:
		return reasonDepth, fmt.Sprintf("%s: objects and arrays nest deeper than %d levels", d.json.where(value{}), maxDepth)
	case err == errTooMany:
		return reasonSize, fmt.Sprintf("the message holds more than %d samples", maxSamples)
	case err == errMore:
		return reasonSyntax, fmt.Sprintf("at byte %d: more follows the end of the message", d.json.end)
	case err == io.EOF:
		return reasonSyntax, "at byte 0: the message is empty"
	}
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return reasonSyntax, fmt.Sprintf("%s: %v", d.json.where(value{}), err)
	}
	reason, what := reasonSyntax, "syntax error"
	if syntax.Err != nil {
		what = syntax.Err.Error()
	}
	if strings.Contains(what, "UTF-8") {
		reason = reasonUTF8
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		what = "the message ends in the middle"
	}
	place := fmt.Sprintf("at byte %d", syntax.ByteOffset)
	if syntax.JSONPointer != "" {
		place += " (" + shorten(string(syntax.JSONPointer)) + ")"
	}
	return reason, place + ": " + shorten(what)
}
