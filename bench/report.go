package main

import (
	"fmt"
	"io"
	"strings"
)

// report is what a run came to. Times are as their names say.
type report struct {
	Date     string    `json:"date"`
	CPUs     int       `json:"cpus"`
	Messages int       `json:"messages"`
	Machines int       `json:"machines"`
	FsyncMS  float64   `json:"fsync_ms"`
	Full     []figures `json:"full"`
	Half     []figures `json:"half"`
	Backlog  *backlog  `json:"backlog,omitempty"`
	Restart  *restart  `json:"restart,omitempty"`
}

// figures are those of one subject in one run.
type figures struct {
	Subject            string  `json:"subject"`
	Messages           int     `json:"messages"`
	Stored             int64   `json:"stored"`
	PublishedPerSecond float64 `json:"published_per_second"`
	PerSecond          float64 `json:"stored_per_second"`
	CPUPerMillion      float64 `json:"cpu_s_per_million"`
	PeakBytes          int64   `json:"peak_bytes"`
	RestBytes          int64   `json:"rest_bytes"`
	P50MS              float64 `json:"p50_ms"` // publish to queryable
	P99MS              float64 `json:"p99_ms"`
	CommitP50MS        float64 `json:"commit_p50_ms,omitempty"`
	CommitP99MS        float64 `json:"commit_p99_ms,omitempty"`
	AllocsPerMessage   float64 `json:"allocs_per_message,omitempty"`
	// Rules is how soon the rules were through with frames.
	Rules *latency `json:"rules,omitempty"`
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d CPUs, %d machines, fsync of 4 KiB %.2f ms\n", r.Date, r.CPUs, r.Machines, r.FsyncMS)
	for _, part := range []struct {
		name string
		all  []figures
	}{{"at full rate", r.Full}, {"at half the highest rate", r.Half}} {
		fmt.Fprintf(w, "\n%s\n%-10s %9s %9s %9s %10s %9s %9s %9s %9s\n", part.name,
			"", "messages", "stored", "stored/s", "CPU s/mio", "peak MB", "rest MB", "p50 ms", "p99 ms")
		for _, f := range part.all {
			fmt.Fprintf(w, "%-10s %9d %9d %9.0f %10.2f %9.1f %9.1f %9.0f %9.0f\n", f.Subject, f.Messages, f.Stored, f.PerSecond,
				f.CPUPerMillion, float64(f.PeakBytes)/1e6, float64(f.RestBytes)/1e6, f.P50MS, f.P99MS)
		}
		r.ratios(w, part.all)
	}
	if d := r.Backlog; d != nil {
		fmt.Fprintf(w, "\nheartline drains a backlog of %d messages (%.0f bytes each in the queue) at %.0f a second (%d stored); memory %s MB, %.0f MB at most\n",
			d.Messages, d.QueueBytes/float64(d.Messages), d.PerSecond, d.Stored, megabytes(d.MemoryBytes), float64(d.PeakBytes)/1e6)
	}
	if x := r.Restart; x != nil {
		fmt.Fprintf(w, "\nheartline with %d plants of %d machines: stopped in %.2f s, back in %.2f s; back after kill -9 at full rate in %.2f s, with frames to read again in %.2f s; memory %.0f MB at most\n",
			x.Plants, perPlant, x.StopS, x.BackS, x.KilledS, x.BehindS, float64(x.PeakBytes)/1e6)
		fmt.Fprintf(w, "with that state, at full rate, while %.0f snapshots (%.0f MB) were made: %s\n", x.Snapshots, x.SnapshotBytes/1e6, &x.Rules)
	}
}

// ratios compares Heartline with Telegraf in one part of the run.
func (r *report) ratios(w io.Writer, all []figures) {
	var h, t *figures
	for i := range all {
		switch all[i].Subject {
		case "heartline":
			h = &all[i]
		case "telegraf":
			t = &all[i]
		}
	}
	if h != nil {
		fmt.Fprintf(w, "heartline: %s\n", h.Rules)
		fmt.Fprintf(w, "heartline: commit p50 %.2f ms, p99 %.2f ms; %.1f allocations a message\n", h.CommitP50MS, h.CommitP99MS, h.AllocsPerMessage)
	}
	if h != nil && t != nil {
		fmt.Fprintf(w, "heartline / telegraf: CPU per message %.2f, throughput %.2f\n", h.CPUPerMillion/t.CPUPerMillion, h.PerSecond/t.PerSecond)
	}
}

func (l *latency) String() string {
	return fmt.Sprintf("from a frame's stamp until the rules were through: p50 %.1f ms, p99 %.1f ms of %.0f frames; of %.0f that led to something, which was on disk then: p50 %.1f ms, p99 %.1f ms",
		l.P50MS, l.P99MS, l.Frames, l.Published, l.PublishedP50MS, l.PublishedP99MS)
}

// megabytes lists figures: 120, 122, 121.
func megabytes(bytes []int64) string {
	var all []string
	for _, n := range bytes {
		all = append(all, fmt.Sprintf("%.0f", float64(n)/1e6))
	}
	return strings.Join(all, ", ")
}
