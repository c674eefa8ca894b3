package e2e

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
)

// metric reads one figure from /metrics; -1 where there is none.
func (h *instance) metric(name string) float64 {
	h.t.Helper()
	resp, err := http.Get(h.addr.HTTP + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
		if text, ok := strings.CutPrefix(scan.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				h.t.Fatal(err)
			}
			return v
		}
	}
	return -1
}
