package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// Report is what a span of days came to. It is made once and then read.
type Report struct {
	From plant.Date `json:"from"` // the first day
	To   plant.Date `json:"to"`   // the last day
	Zone string     `json:"timezone"`
	// By are the labels that the fleet is told apart by.
	By []string `json:"by"`
	// Source is where the figures come from, in the user's words.
	Source string `json:"source"`
	// Simulated marks what no factory made.
	Simulated  bool    `json:"simulated"`
	Definition string  `json:"definition"`
	Days       []Day   `json:"days"`
	Plants     []Plant `json:"plants"`

	// Rules say when a plant is resumed; nil: only their version is known.
	Rules *rules.Config `json:"-"`
}

// Day is what the fleet came to at the end of a production day.
type Day struct {
	Date plant.Date `json:"date"`
	// Figures are those of all plants, then of every segment.
	Figures []plant.Resumption `json:"resumption"`
}

// Plant is where one plant stands at the end of the last day.
type Plant struct {
	ID       string            `json:"plant"`
	Name     string            `json:"name"`
	Labels   map[string]string `json:"labels"`
	Phase    plant.Phase       `json:"phase"`
	Since    *plant.Instant    `json:"since"` // null: no verdict yet
	Relapsed bool              `json:"relapsed"`
	// Last is the newest closed window, its baseline's origin included; null:
	// none has closed.
	Last  *plant.Verdict `json:"last"`
	Flags []string       `json:"flags"`
	// Gaming are the flags of its lines that stand, with their evidence.
	Gaming []LineFlag `json:"gaming"`
}

// LineFlag is a gaming flag of a line.
type LineFlag struct {
	Line string `json:"line"`
	plant.GamingFlag
}

// GamingOf are the flags of a plant's lines.
func GamingOf(lines []rules.LineView) []LineFlag {
	out := []LineFlag{}
	for i := range lines {
		for _, f := range lines[i].Flags {
			out = append(out, LineFlag{lines[i].ID, f})
		}
	}
	return out
}

// The flags of a plant, besides the kinds of plant.GamingFlag.
const (
	FlagRelapsed   = "relapsed"
	FlagProxy      = "proxy"       // its figure stands in for good output
	FlagUnobserved = "unobserved"  // nothing of its newest window was
	FlagNoBaseline = "no_baseline" // its recovery was not evaluated
	FlagExcluded   = "excluded"    // a person took it out
)

// Flag fills in Flags: what one should know of p's figure.
func (p *Plant) Flag() {
	p.Flags = []string{}
	if p.Gaming == nil {
		p.Gaming = []LineFlag{}
	}
	add := func(is bool, name string) {
		if is {
			p.Flags = append(p.Flags, name)
		}
	}
	add(p.Relapsed && p.Phase == plant.Stopped, FlagRelapsed)
	add(p.Phase == plant.Excluded, FlagExcluded)
	if v := p.Last; v == nil {
		add(p.Phase != plant.Excluded, FlagUnobserved)
	} else {
		add(v.Proxy, FlagProxy)
		add(v.Coverage == 0, FlagUnobserved)
		add(v.Recovery == nil, FlagNoBaseline)
	}
	for _, kind := range plant.GamingKinds {
		add(slices.ContainsFunc(p.Gaming, func(f LineFlag) bool { return f.Kind == kind }), kind)
	}
}

// Days returns the production days from ... to of a fleet, both included, and
// when each ends.
func Days(days calendar.Days, from, to plant.Date) (dates []plant.Date, ends []plant.Instant) {
	for n := from.Number(); n <= to.Number(); n++ {
		dates = append(dates, plant.DateNumber(n))
		ends = append(ends, days.Start(plant.DateNumber(n+1)))
	}
	return dates, ends
}

// Lateness is how long after the end of a day its figures are complete, unless
// a backlog drains.
func Lateness(conf rules.Config) time.Duration {
	d := time.Duration(conf.WithDefaults().Resume.Lateness)
	for i := range conf.Overrides {
		d = max(d, time.Duration(conf.Overrides[i].Resume.Lateness))
	}
	return d
}

// Played is what rules said over a recording, from its beginning.
type Played struct {
	Definition  *rules.Definition
	Transitions []plant.Transition
	Windows     []rules.Window
	// Views are what the board shows of the plants in the end.
	Views []rules.PlantView
}

// Of makes the report of what was played. A label that no plant has is a
// CodeInvalid error.
func Of(p *Played, from, to plant.Date, by []string) (*Report, error) {
	def := p.Definition
	days := fleet.Day(def.Registry)
	r := &Report{From: from, To: to, Zone: days.Zone.String(), By: append([]string{}, by...), Plants: []Plant{}, Definition: def.Version, Rules: &def.Rules}
	f := fleet.New(def, 0)
	f.Tell(p.Transitions, p.Windows)
	dates, ends := Days(days, from, to)
	for i, end := range ends {
		figures, err := f.Figures(end, by...)
		if err != nil {
			return nil, err
		}
		for j := range figures {
			figures[j].Basis = plant.BasisBacktest
		}
		r.Days = append(r.Days, Day{dates[i], figures})
	}
	if n := len(ends); n > 0 {
		r.Plants = p.standings(ends[n-1])
	}
	return r, nil
}

// standings says where every plant stands at that instant.
func (p *Played) standings(at plant.Instant) []Plant {
	out := make([]Plant, len(p.Definition.Registry.Plants))
	by := make(map[string]*Plant, len(out))
	for i, conf := range p.Definition.Registry.Plants {
		out[i] = Plant{ID: conf.ID, Name: cmp.Or(conf.Name, conf.ID), Labels: conf.Labels}
		by[conf.ID] = &out[i]
	}
	for i := range p.Transitions {
		t := &p.Transitions[i]
		x := by[t.Plant]
		if x == nil || t.Kind != plant.KindPhase || t.At > at || x.Since != nil && *x.Since > t.At {
			continue
		}
		if x.Phase.UnmarshalText([]byte(t.To)) == nil {
			x.Since, x.Relapsed = &t.At, t.Relapsed
		}
	}
	for i := range p.Windows {
		w := &p.Windows[i]
		if x := by[w.Plant]; x != nil && w.Verdict.To <= at && (x.Last == nil || x.Last.To < w.Verdict.To) {
			x.Last = &w.Verdict
		}
	}
	for i := range p.Views {
		if x := by[p.Views[i].ID]; x != nil {
			x.Gaming = GamingOf(p.Views[i].Lines)
		}
	}
	for i := range out {
		out[i].Flag()
	}
	return out
}

// segments are the figures of the last day, all plants first.
func (r *Report) segments() []plant.Resumption {
	if len(r.Days) == 0 {
		return nil
	}
	return r.Days[len(r.Days)-1].Figures
}

// course is how one segment went, a figure a day.
func (r *Report) course(segment, value string) (out []plant.Resumption) {
	for _, d := range r.Days {
		i := slices.IndexFunc(d.Figures, func(x plant.Resumption) bool { return x.Segment == segment && x.Value == value })
		if i >= 0 {
			out = append(out, d.Figures[i])
		}
	}
	return out
}
