package console

import (
	"math"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// plantJSON is a plant as the API has it. Scripts rely on its names; see
// openapi.yaml. What never happened is null, not an empty text.
type plantJSON struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Labels   map[string]string `json:"labels"`
	Enrolled bool              `json:"enrolled"`
	Phase    plant.Phase       `json:"phase"`
	Relapsed bool              `json:"relapsed"`
	Since    *plant.Instant    `json:"since"`
	// Of the newest closed window; null: not evaluated (high: unbounded).
	Recovery     *float64       `json:"recovery"`
	RecoveryLow  *float64       `json:"recovery_low"`
	RecoveryHigh *float64       `json:"recovery_high"`
	Last         *plant.Verdict `json:"last"`
	Current      *plant.Verdict `json:"current"`
	Lines        []lineJSON     `json:"lines"`
}

type lineJSON struct {
	ID     string          `json:"id"`
	Unit   string          `json:"unit"`
	State  plant.LineState `json:"state"`
	Reason string          `json:"reason"`
	Since  *plant.Instant  `json:"since"`
	Heard  *plant.Instant  `json:"heard"`
	Output float64         `json:"output"`
	// Baseline is where normal output comes from; null: there is none.
	Baseline *baselineJSON `json:"baseline"`
	// Shift is the one that goes on, as it stands; LastShift the newest that
	// closed. null: there is none.
	Shift     *shiftJSON `json:"shift"`
	LastShift *shiftJSON `json:"last_shift"`
	// Flags stand beside the figures: what looks made up, with its evidence.
	Flags []plant.GamingFlag `json:"flags"`
}

type baselineJSON struct {
	Origin string `json:"origin"`
	Period string `json:"period"` // 2019-12-01/2019-12-31; empty: fixed
	Days   int    `json:"days"`
}

func shapeBaseline(b *rules.LineBaseline) *baselineJSON {
	if b == nil {
		return nil
	}
	return &baselineJSON{Origin: b.Origin, Period: b.Period(), Days: b.Days}
}

func shapePlant(v *rules.PlantView) plantJSON {
	p := plantJSON{
		ID: v.ID, Name: v.Name, Labels: v.Labels, Enrolled: v.Enrolled,
		Phase: v.Phase, Relapsed: v.Relapsed, Since: instant(v.Since),
		Last: shapeVerdict(v.Last), Current: shapeVerdict(v.Current), Lines: []lineJSON{},
	}
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	if p.Last != nil {
		p.Recovery, p.RecoveryLow, p.RecoveryHigh = p.Last.Recovery, p.Last.RecoveryLow, p.Last.RecoveryHigh
	}
	for _, l := range v.Lines {
		p.Lines = append(p.Lines, lineJSON{ID: l.ID, Unit: l.Unit, State: l.State, Reason: l.Reason,
			Since: instant(l.Since), Heard: instant(l.Heard), Output: number(l.Output), Baseline: shapeBaseline(l.Baseline),
			Shift: shapeShift(l.Shift), LastShift: shapeShift(l.LastShift), Flags: append([]plant.GamingFlag{}, l.Flags...)})
	}
	return p
}

func shapeTransition(t *plant.Transition) plant.Transition {
	out := *t
	out.Verdict = shapeVerdict(t.Verdict)
	return out
}

// shapeVerdict copies v without what JSON cannot say: NaN and infinity.
func shapeVerdict(v *plant.Verdict) *plant.Verdict {
	if v == nil {
		return nil
	}
	out := *v
	out.Recovery, out.RecoveryLow, out.RecoveryHigh = finite(v.Recovery), finite(v.RecoveryLow), finite(v.RecoveryHigh)
	out.Output, out.NormalOutput = number(v.Output), number(v.NormalOutput)
	out.Coverage, out.Threshold = number(v.Coverage), number(v.Threshold)
	return &out
}

func instant(i plant.Instant) *plant.Instant {
	if i == 0 {
		return nil
	}
	return &i
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

func finite(f *float64) *float64 {
	if f == nil || !isFinite(*f) {
		return nil
	}
	return f
}

func number(f float64) float64 {
	if !isFinite(f) {
		return 0
	}
	return f
}
