package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// statusOf is the one place where error codes become HTTP statuses.
var statusOf = map[plant.Code]int{
	plant.CodeInternal:    http.StatusInternalServerError,
	plant.CodeInvalid:     http.StatusBadRequest,
	plant.CodeNotFound:    http.StatusNotFound,
	plant.CodeConflict:    http.StatusConflict,
	plant.CodeUnavailable: http.StatusServiceUnavailable,
	plant.CodeRefused:     http.StatusForbidden,
	plant.CodeDamaged:     http.StatusInternalServerError,
	plant.CodeFull:        http.StatusInsufficientStorage,
}

// problem is an error as RFC 9457 has it. Its type is about:blank, so it is
// left out; code is ours.
type problem struct {
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Detail string     `json:"detail"`
	Code   plant.Code `json:"code"`
}

// fail answers with err. What is no error of ours is logged and not shown: it
// may hold what only the operator should read.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := plant.CodeOf(err)
	status, ok := statusOf[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	detail := err.Error()
	if status == http.StatusInternalServerError {
		s.log.Error("a request to the console failed", "path", r.URL.Path, "err", err)
		detail = "something failed inside Heartline; its log says what"
	}
	writeProblem(w, problem{Status: status, Detail: detail, Code: code})
}

func writeProblem(w http.ResponseWriter, p problem) {
	p.Title = http.StatusText(p.Status)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, p.Status, "application/problem+json", p)
}

// refuseMethod answers a request with a method that its path has not.
func refuseMethod(w http.ResponseWriter, r *http.Request, allowed string) {
	w.Header().Set("Allow", allowed)
	writeProblem(w, problem{Status: http.StatusMethodNotAllowed, Code: plant.CodeInvalid,
		Detail: fmt.Sprintf("%s is not possible here; this path only answers %s", printable(r.Method), strings.ReplaceAll(allowed, ", ", " and "))})
}

// printable keeps what a stranger sent short enough to repeat.
func printable(text string) string {
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}

// writeJSON answers with v, which must be of a kind that always marshals.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic("console: cannot marshal an answer: " + err.Error())
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client may be gone: nobody to tell
}
