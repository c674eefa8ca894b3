package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// versionMark stands between the version of registry and rules and what
// baselines add to it.
const versionMark = "-"

// WithBaselines returns a copy of d that uses b, nil or empty: none. Its version
// is d's, and says which baselines: other figures are another definition.
func (d *Definition) WithBaselines(b *Baselines) *Definition {
	out := *d
	out.Version, out.Baselines = BaseVersion(d.Version), nil
	if b == nil || len(b.Lines) == 0 {
		return &out
	}
	lines := slices.Clone(b.Lines)
	for i := range lines {
		lines[i].Frozen = 0 // the same figures are the same definition
	}
	text, err := json.Marshal(lines)
	if err != nil {
		panic("rules: baselines have no JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	out.Version += versionMark + hex.EncodeToString(sum[:3])
	out.Baselines = b
	return &out
}

// BaseVersion is the version of registry and rules alone.
func BaseVersion(version string) string {
	base, _, _ := strings.Cut(version, versionMark)
	return base
}

// Fitting returns those of b that d asks for: of lines that it has and that have
// no fixed figure, made by the rule it has now. b may be nil.
func (b *Baselines) Fitting(d *Definition) *Baselines {
	out := &Baselines{Lines: []LineBaseline{}}
	if b == nil {
		return out
	}
	for _, x := range b.Lines {
		p := d.Registry.Plant(x.Plant)
		if p == nil || p.Line(x.Line) == nil || p.Line(x.Line).Normal.Set {
			continue
		}
		if conf := d.Rules.For(p); x.madeBy(&conf) {
			out.Lines = append(out.Lines, x)
		}
	}
	return out
}

// madeBy reports whether conf asks for this figure.
func (b *LineBaseline) madeBy(conf *Config) bool {
	if b.Origin == OriginLearned {
		return conf.Baseline.Learned && b.To == plant.DateNumber(conf.DisruptionDate.Number()-1)
	}
	per := PerDay
	if b.Origin == OriginReferenceShift {
		per = PerShift
	}
	return conf.Baseline.Reference == Reference{From: b.From, To: b.To, Per: per}
}

// Missing is a line that counts and has no normal output, and what to do.
type Missing struct {
	Plant string `json:"plant"`
	Line  string `json:"line"`
	Why   string `json:"why"`
	// Asked: a rule takes it from history, which holds too little.
	Asked bool `json:"asked"`
}

// Missing returns the lines of d that have neither a fixed figure nor one of
// its baselines that serves their plant's windows, in the order of the registry.
func (d *Definition) Missing() []Missing {
	out := []Missing{}
	made := newPlanner(d)
	for _, p := range d.Registry.Plants {
		conf := d.Rules.For(p)
		for _, l := range p.Lines {
			if l.Normal.Set || !l.IsCommissioned() {
				continue
			}
			base := made.baseline(&plantState{id: p.ID, th: made.thresholds(p)}, l)
			if base.perDay > 0 && base.days || len(base.shifts) > 0 {
				continue
			}
			m := Missing{Plant: p.ID, Line: l.ID, Asked: !conf.Baseline.Reference.IsZero() || conf.Baseline.Learned}
			m.Why = conf.lacks(base.perDay > 0)
			out = append(out, m)
		}
	}
	return out
}

// lacks says why a line has no baseline, and how to get one; daily: it has a
// daily mean.
func (c *Config) lacks(daily bool) string {
	r := c.Baseline.Reference
	switch {
	case daily:
		return "its baseline is a daily mean, which serves windows of days only: write per: shift, or a window in days"
	case !r.IsZero() && !c.Baseline.Learned:
		return fmt.Sprintf("no output is known from %s to %s: bring that time in (heartline import), then heartline baseline freeze; or write normal: for the line", r.From, r.To)
	case c.Baseline.Learned:
		return fmt.Sprintf("too little output is known from before %s (four of the last six shifts of a weekday): bring that time in (heartline import), then heartline baseline freeze; or write normal: for the line", c.DisruptionDate)
	}
	return "nothing says what is normal: write normal: for the line, or baseline: into the rules"
}
