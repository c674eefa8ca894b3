package config

import (
	"encoding"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Describe writes in words what would run. Its text is the same for the same
// configuration.
func (l *Loaded) Describe(w io.Writer) {
	for _, part := range []string{
		l.filesWords(), l.brokersWords(), l.topicsWords(), l.queueWords(), l.storeWords(),
		l.registryWords(), l.rulesWords(), l.addressWords(),
	} {
		_, _ = io.WriteString(w, part)
	}
}

func (l *Loaded) filesWords() string {
	files := "none; everything is at its default"
	if len(l.Files) > 0 {
		files = strings.Join(l.Files, ", ")
	}
	return fmt.Sprintf("Files: %s.\nState is kept in %s.\n", files, l.Config.DataDir)
}

func (l *Loaded) brokersWords() string {
	m := &l.Config.MQTT
	if len(m.Servers) == 0 {
		return fmt.Sprintf("Broker: the embedded one, on %s; its message store may take %s.\n", m.Listen, show(m.StoreMaxBytes))
	}
	var b strings.Builder
	b.WriteString("Brokers, all connected at once as client " + m.ClientID + ":\n")
	for _, s := range m.Servers {
		fmt.Fprintf(&b, "  %s", s.URL)
		if s.Name != "" && !strings.HasSuffix(s.URL, "//"+s.Name) {
			fmt.Fprintf(&b, ", called %s", s.Name)
		}
		if s.User != "" {
			fmt.Fprintf(&b, ", as user %s", s.User)
		}
		if s.CertFile != "" {
			b.WriteString(", with a client certificate")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (l *Loaded) topicsWords() string {
	var b strings.Builder
	b.WriteString("Topics, the first that matches takes a message:\n")
	for i, t := range l.Templates {
		p := l.Profiles[i]
		fmt.Fprintf(&b, "  %s\n    subscribed to as %s, read by profile %s: %s\n", t, t.Filter(), p.Name, profileWords(t, p))
	}
	return b.String()
}

var formatWords = map[string]string{
	collector.FormatJSON: "JSON", collector.FormatLineProtocol: "line protocol", collector.FormatCSV: "CSV",
	collector.FormatPairs: "lines of names and values", collector.FormatValue: "a bare value",
}

// profileWords says where a sample's parts come from.
func profileWords(t collector.Template, p *collector.Profile) string {
	var topic, message, fixed []string
	for _, id := range []string{"plant", "line", "machine", "gateway"} {
		switch {
		case t.Named(id):
			topic = append(topic, id)
		case p.IDs.ID(id) != "":
			fixed = append(fixed, id)
		case p.Gives(id):
			message = append(message, id)
		}
	}
	parts := []string{formatWords[p.Format]}
	if p.NeedsField() {
		topic = append(topic, "the value's name")
	}
	if len(topic) > 0 {
		parts = append(parts, "topic gives "+strings.Join(topic, ", "))
	}
	if len(message) > 0 {
		parts = append(parts, "message gives "+strings.Join(message, ", "))
	}
	if len(fixed) > 0 {
		parts = append(parts, "profile gives "+strings.Join(fixed, ", "))
	}
	units := strings.Join(append([]string{p.Time.Unit}, p.Time.Or...), " or ")
	switch {
	case p.Format == collector.FormatLineProtocol:
		parts = append(parts, "time in "+units)
	case p.Time.Field == collector.NoField:
		parts = append(parts, "no time of the device's own")
	default:
		parts = append(parts, "time from "+p.Time.Field+" in "+units)
	}
	var counters []string
	for _, c := range p.Counters {
		kind := "total"
		if c.IsDelta() {
			kind = "delta"
		}
		counters = append(counters, c.Field+" ("+kind+")")
	}
	if len(counters) == 0 {
		counters = []string{"none"}
	}
	return strings.Join(append(parts, "counters "+strings.Join(counters, ", ")), "; ")
}

func (l *Loaded) queueWords() string {
	q := &l.Config.Queue
	where := "the embedded one"
	if q.URL != "" {
		where = q.URL
	}
	return fmt.Sprintf("Queue: %s; at most %s in %s. When it is full, or less than %s of disk is free, nothing more is acknowledged.\n",
		where, show(q.MaxBytes), count(q.Partitions, "partition"), show(l.Config.MinFreeDisk))
}

func (l *Loaded) storeWords() string {
	c := &l.Config.InfluxDB
	where := "the embedded influxd, on " + c.Listen
	if c.URL != "" {
		where = c.URL + ", organisation " + c.Org
	}
	kept := "for ever"
	if c.Retention != 0 {
		kept = show(c.Retention)
	}
	return fmt.Sprintf("Store: %s. Heartbeats go to bucket %s, kept %s; all the rest to %s, kept for ever.\n", where, c.Bucket, kept, c.VerdictBucket)
}

func (l *Loaded) registryWords() string {
	var lines, machines, gateways, waiting, bare int
	for _, p := range l.Registry.Plants {
		gateways += len(p.Gateways)
		for _, n := range p.Lines {
			lines++
			machines += len(n.Machines)
			switch {
			case !n.IsCommissioned():
				waiting++
			case !n.Normal.Set:
				bare++
			}
		}
	}
	if len(l.Registry.Plants) == 0 {
		return "Plants: nobody is enrolled; heartbeats are stored and shown, and no plant gets a verdict.\n"
	}
	text := fmt.Sprintf("Plants: %s with %s, %s and %s.\n", count(len(l.Registry.Plants), "plant"), count(lines, "line"), count(machines, "machine"), count(gateways, "gateway"))
	if waiting > 0 {
		text += fmt.Sprintf("  %s not commissioned: stored and shown, in no figure.\n", count(waiting, "line"))
	}
	if bare > 0 {
		text += fmt.Sprintf("  %s without a normal figure.\n", count(bare, "line"))
	}
	return text
}

func (l *Loaded) rulesWords() string {
	r, s := &l.Rules.Resume, &l.Rules.Stall
	var b strings.Builder
	b.WriteString("Rules")
	if !slices.Contains(l.Files, l.Config.Rules) {
		b.WriteString(" (defaults, as there is no " + l.Config.Rules + ")")
	}
	fmt.Fprintf(&b, ", definition %s:\n", l.Version)
	fmt.Fprintf(&b, "  A plant is resumed when it makes at least %s in windows of %s, for %s; stopped when it makes less than %s, for %s.\n",
		levelWords(r.At), spanWords(r.Window), spanWords(r.Hold), levelWords(r.Stop), spanWords(r.StopHold))
	if !r.Normal.IsZero() {
		fmt.Fprintf(&b, "  A resumed plant is normal from %s on, until below %s.\n", levelWords(r.Normal), levelWords(r.NormalExit))
	}
	b.WriteString(baselineWords(&l.Rules))
	fmt.Fprintf(&b, "  A window waits at most %s for samples that are late.\n", r.Lateness)
	fmt.Fprintf(&b, "  A line without a new part is in a short stop after %s, stalled after %s (longer where its cycle or interval is long).\n", s.MinRunning, s.ShortStop)
	fmt.Fprintf(&b, "  A machine is silent after %s.\n", count(l.Rules.Silence.Missed, "missed heartbeat"))
	if n := len(l.Rules.Overrides); n > 0 {
		fmt.Fprintf(&b, "  For some plants %s says otherwise, in %s.\n", l.Config.Rules, count(n, "override"))
	}
	for _, r := range l.Rules.Custom {
		fmt.Fprintf(&b, "  Custom rule %s (%s), of each %s: %s", r.Name, r.Severity, r.Each, strings.Join(strings.Fields(r.When), " "))
		if r.For > 0 {
			fmt.Fprintf(&b, ", for %s", r.For)
		}
		b.WriteString(".\n")
	}
	return b.String()
}

// baselineWords says where the normal output of lines without a figure of their
// own comes from.
func baselineWords(conf *rules.Config) (text string) {
	if ref := conf.Baseline.Reference; !ref.IsZero() {
		of := "whole days"
		if ref.Per == rules.PerShift {
			of = "each day of the week and shift"
		}
		text = fmt.Sprintf("  Normal output of lines without a figure is the mean of %s, %s to %s.\n", of, ref.From, ref.To)
	}
	if conf.Baseline.Learned {
		text += fmt.Sprintf("  Normal output of lines without another figure is the median of the same shifts before %s.\n", conf.DisruptionDate)
	}
	return text
}

func (l *Loaded) addressWords() string {
	return fmt.Sprintf("Page, API and /metrics: http://%s\nLog: %s and above, as %s.\n", l.Config.HTTP.Listen, l.Config.Log.Level, l.Config.Log.Format)
}

func levelWords(v plant.Level) string {
	if v.Rate.Set {
		return show(v) + " of scheduled time"
	}
	return show(v) + " of normal output"
}

func spanWords(s plant.Span) string {
	if s.Days > 0 {
		return count(s.Days, "production day")
	}
	return s.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// show is v as users write it.
func show(v encoding.TextMarshaler) string {
	b, err := v.MarshalText()
	if err != nil {
		return err.Error()
	}
	return string(b)
}
