package app

import (
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
)

// figures are the fleet's, as the console asks for them. They follow the
// rules' newest frame.
type figures struct{ app *App }

// Now implements console.Resumption.
func (f figures) Now() []plant.Resumption {
	if live := f.app.worker.fleet.Load(); live != nil {
		return live.Now()
	}
	return nil
}

// Figures implements console.Resumption.
func (f figures) Figures(at plant.Instant, by ...string) ([]plant.Resumption, error) {
	live := f.app.worker.fleet.Load()
	if live == nil || live.Newest() == 0 {
		return nil, plant.Errorf(plant.CodeUnavailable, "the rules have not begun yet; try again in a moment")
	}
	return ask(live, at, by)
}

func ask(live *fleet.Live, at plant.Instant, by []string) ([]plant.Resumption, error) {
	newest := live.Newest()
	switch {
	case at == 0:
		return live.FiguresNow(by...)
	case at > newest:
		return nil, plant.Errorf(plant.CodeInvalid, "at: %s is yet to come; the rules have come to %s", at, newest)
	}
	return live.Figures(at, by...)
}

func (m *metrics) fleet(gauge gauging) {
	for _, r := range (figures{m.app}).Now() {
		for phase, n := range map[plant.Phase]int{
			plant.Stopped: r.Stopped, plant.RampingUp: r.RampingUp, plant.Resumed: r.Resumed, plant.Normal: r.Normal,
			plant.PhaseUnknown: r.Unknown, plant.Excluded: r.Excluded,
		} {
			gauge("heartline_resumption_plants", float64(n), r.Segment, r.Value, phase.String())
		}
		for name, v := range map[string]*float64{
			"heartline_resumption_rate": r.Rate, "heartline_resumption_rate_low": r.RateLow, "heartline_resumption_rate_high": r.RateHigh,
			"heartline_resumption_coverage": r.Coverage, "heartline_resumption_recovery": r.Recovery, "heartline_resumption_activity": r.Activity,
		} {
			if v != nil {
				gauge(name, *v, r.Segment, r.Value)
			}
		}
	}
}
