package report

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer, lang string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s, %s %s %s\n", say(lang, "title"), r.From, say(lang, "to"), r.To)
	if r.Simulated {
		fmt.Fprintf(t, "%s\n", strings.ToUpper(say(lang, "simulated")))
	}
	fmt.Fprintf(t, "%s: %s\n\n", say(lang, "source"), r.Source)
	head := func(first string) {
		fmt.Fprintln(t, strings.Join([]string{first, say(lang, "rate"), say(lang, "bounds"), say(lang, "coverage"), say(lang, "recovery"),
			say(lang, "activity"), say(lang, "producing"), say(lang, "eligible"), say(lang, "unknown"), say(lang, "excluded")}, "\t"))
	}
	row := func(first string, x *plant.Resumption) {
		fmt.Fprintf(t, "%s\t%s\t%s – %s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", first, percent(x.Rate), percent(x.RateLow), percent(x.RateHigh),
			percent(x.Coverage), percent(x.Recovery), percent(x.Activity), x.Resumed+x.Normal, x.Eligible, x.Unknown, x.Excluded)
	}
	head(say(lang, "day"))
	for i := range r.Days {
		row(r.Days[i].Date.String(), &r.Days[i].Figures[0])
	}
	if all := r.segments(); len(all) > 1 {
		fmt.Fprintf(t, "\n%s\n", say(lang, "segments"))
		head(say(lang, "segment"))
		for i := range all {
			row(segmentName(lang, all[i].Segment, all[i].Value), &all[i])
		}
	}
	fmt.Fprintf(t, "\n%s\n", say(lang, "plants"))
	fmt.Fprintln(t, strings.Join([]string{say(lang, "plant"), say(lang, "phase"), say(lang, "since"), say(lang, "recovery"),
		say(lang, "bounds"), say(lang, "baseline"), say(lang, "flags")}, "\t"))
	for i := range r.Plants {
		p := r.row(lang, &r.Plants[i])
		fmt.Fprintln(t, strings.Join([]string{p.ID, p.Phase, p.Since, p.Recovery, p.Bounds, p.Baseline, p.Flags}, "\t"))
	}
	fmt.Fprintf(t, "\n%s (%s %s)\n", say(lang, "definition"), say(lang, "version"), r.Definition)
	for _, sentence := range r.definition(lang) {
		fmt.Fprintf(t, "  %s\n", sentence)
	}
	return t.Flush()
}

// plantRow is a plant as the tables show it.
type plantRow struct {
	ID, Name, Labels, Phase, Word, Since, Recovery, Bounds, Baseline, Flags string
}

func (r *Report) row(lang string, p *Plant) plantRow {
	out := plantRow{ID: p.ID, Name: cmp.Or(p.Name, p.ID), Word: p.Phase.String(), Phase: say(lang, "phase."+p.Phase.String()),
		Since: "–", Recovery: "–", Bounds: "–", Baseline: baseline(lang, p.Last), Flags: flags(lang, p.Flags)}
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(p.Labels)) {
		labels = append(labels, name+": "+p.Labels[name])
	}
	out.Labels = strings.Join(labels, ", ")
	if p.Since != nil {
		out.Since = p.Since.Time().In(r.zone()).Format("2006-01-02 15:04")
	}
	if v := p.Last; v != nil {
		out.Recovery = percent(v.Recovery)
		if v.Recovery != nil {
			high := percent(v.RecoveryHigh)
			if v.RecoveryHigh == nil {
				high = "∞"
			}
			out.Bounds = percent(v.RecoveryLow) + " – " + high
		}
	}
	return out
}

func (r *Report) zone() *time.Location {
	if zone, err := time.LoadLocation(r.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// CSV writes a row per day and segment. Shares are from 0 to 1, empty where
// there are none.
func (r *Report) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"date", "at", "segment", "segment_value", "definition", "basis", "simulated", "eligible", "resumed", "normal", "ramping_up", "stopped",
		"unknown", "excluded", "reporting", "rate", "rate_low", "rate_high", "coverage", "recovery", "activity"}}
	for i := range r.Days {
		for j := range r.Days[i].Figures {
			x := &r.Days[i].Figures[j]
			rows = append(rows, []string{r.Days[i].Date.String(), x.At.String(), x.Segment, x.Value, x.Definition, x.Basis, strconv.FormatBool(r.Simulated),
				strconv.Itoa(x.Eligible), strconv.Itoa(x.Resumed), strconv.Itoa(x.Normal), strconv.Itoa(x.RampingUp), strconv.Itoa(x.Stopped),
				strconv.Itoa(x.Unknown), strconv.Itoa(x.Excluded), strconv.Itoa(x.Reporting),
				share(x.Rate), share(x.RateLow), share(x.RateHigh), share(x.Coverage), share(x.Recovery), share(x.Activity)})
		}
	}
	return c.WriteAll(rows)
}

func share(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'g', 6, 64)
}

// JSON writes all of it, with the definition in words.
func (r *Report) JSON(w io.Writer, lang string) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		*Report
		Words []string `json:"definition_words"`
	}{r, r.definition(lang)})
}
