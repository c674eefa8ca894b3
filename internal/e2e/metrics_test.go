package e2e

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// metric reads one figure from /metrics; -1 where there is none.
func (h *instance) metric(name string) float64 {
	h.t.Helper()
	for line := range strings.Lines(h.metrics()) {
		if text, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				h.t.Fatal(err)
			}
			return v
		}
	}
	return -1
}

// metrics is what /metrics answers.
func (h *instance) metrics() string {
	h.t.Helper()
	resp, err := http.Get(h.addr.HTTP + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// definition is the metric that names registry and rules that hold.
func (h *instance) definition() string {
	h.t.Helper()
	for line := range strings.Lines(h.metrics()) {
		if strings.HasPrefix(line, "heartline_definition_info{") {
			return line
		}
	}
	return ""
}
