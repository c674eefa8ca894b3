package main

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// heartlineFigures reads what only Heartline tells of itself: the quantiles of
// its commits, in ms, and allocations per message.
func heartlineFigures(base string, n int) (p50, p99, allocs float64, err error) {
	resp, err := http.Get(base + "/metrics")
	if err != nil {
		return 0, 0, 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, 0, 0, err
	}
	h := histogram{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		if bound, ok := strings.CutPrefix(name, `heartline_commit_seconds_bucket{le="`); ok {
			le, err := strconv.ParseFloat(strings.TrimSuffix(bound, `"}`), 64)
			if err == nil {
				h = append(h, bucket{le, v})
			}
		}
		if name == "go_memstats_mallocs_total" {
			allocs = v / float64(n)
		}
	}
	return h.quantile(0.5) * 1000, h.quantile(0.99) * 1000, allocs, nil
}

// metric reads one figure without labels.
func metric(base, name string) (float64, error) {
	resp, err := http.Get(base + "/metrics")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("%s has no %s", base, name)
}

type bucket struct{ le, count float64 }

type histogram []bucket

// quantile is worked out as Prometheus does: linearly within the bucket.
func (h histogram) quantile(q float64) float64 {
	if len(h) == 0 || h[len(h)-1].count == 0 {
		return 0
	}
	rank := q * h[len(h)-1].count
	from, below := 0.0, 0.0
	for _, b := range h {
		if b.count >= rank {
			return from + (b.le-from)*(rank-below)/(b.count-below)
		}
		from, below = b.le, b.count
	}
	return from
}
