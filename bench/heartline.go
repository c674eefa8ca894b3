package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// scrape reads every figure, labels and all, by its name.
func scrape(base string) (map[string]float64, error) {
	resp, err := http.Get(base + "/metrics")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		if at := strings.LastIndexByte(strings.TrimSpace(line), ' '); at > 0 && line[0] != '#' {
			if v, err := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64); err == nil {
				out[line[:at]] = v
			}
		}
	}
	return out, nil
}

// histogramOf is the one whose buckets have that name, and those labels before le.
func histogramOf(all map[string]float64, name, labels string) (h histogram) {
	for key, v := range all {
		bound, ok := strings.CutPrefix(key, name+"_bucket{"+labels+`le="`)
		if !ok {
			continue
		}
		if le, err := strconv.ParseFloat(strings.TrimSuffix(bound, `"}`), 64); err == nil {
			h = append(h, bucket{le, v})
		}
	}
	slices.SortFunc(h, func(a, b bucket) int { return cmp.Compare(a.le, b.le) })
	return h
}

// since is what was counted after before.
func (h histogram) since(before histogram) histogram {
	out := slices.Clone(h)
	for i := range before {
		out[i].count -= before[i].count
	}
	return out
}

// latency is how long after their stamp, which is before they are on disk, frames
// were through the rules: all of them, and those that led to something, which was
// on disk then.
type latency struct {
	Frames         float64 `json:"frames"`
	P50MS          float64 `json:"p50_ms"`
	P99MS          float64 `json:"p99_ms"`
	Published      float64 `json:"published"`
	PublishedP50MS float64 `json:"published_p50_ms"`
	PublishedP99MS float64 `json:"published_p99_ms"`
}

// latencyOf is that of the frames between two scrapes; before may be nil.
func latencyOf(before, after map[string]float64) (l latency) {
	const name = "heartline_rules_latency_seconds"
	of := func(labels string) histogram {
		return histogramOf(after, name, labels).since(histogramOf(before, name, labels))
	}
	something, all := of(`led_to="something",`), of(`led_to="nothing",`)
	if all == nil {
		all = something
	} else {
		all = slices.Clone(all)
		for i := range something {
			all[i].count += something[i].count
		}
	}
	l.Frames, l.P50MS, l.P99MS = all.count(), all.quantile(0.5)*1000, all.quantile(0.99)*1000
	l.Published, l.PublishedP50MS, l.PublishedP99MS = something.count(), something.quantile(0.5)*1000, something.quantile(0.99)*1000
	return l
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

func (h histogram) count() float64 {
	if len(h) == 0 {
		return 0
	}
	return h[len(h)-1].count
}

// quantile is worked out as Prometheus does: linearly within the bucket.
func (h histogram) quantile(q float64) float64 {
	if len(h) == 0 || h[len(h)-1].count == 0 {
		return 0
	}
	rank := q * h[len(h)-1].count
	from, below := 0.0, 0.0
	for _, b := range h {
		if b.count >= rank {
			if math.IsInf(b.le, 1) {
				return from // or more
			}
			return from + (b.le-from)*(rank-below)/(b.count-below)
		}
		from, below = b.le, b.count
	}
	return from
}
