package plant

// ShiftFigures is what one line made of one closed shift, by the key figures of
// ISO 22400-2 (glossary: Line states). A figure that cannot be said is nil: it
// is never made up. Lacks says what for.
type ShiftFigures struct {
	Plant string `json:"plant"`
	Line  string `json:"line"`
	// Shift is the shift's name by the calendar; without one its hours on the
	// wall, and day where it is a whole production day.
	Shift string `json:"shift"`
	// The shift, half open: (From, To].
	From Instant `json:"from"`
	To   Instant `json:"to"`
	// Until is up to when all of it is: To of a shift that closed; of the one
	// that goes on now, or the newest sample a few intervals ago.
	Until Instant `json:"until"`
	// PlannedBusy is PBT: the shift without its breaks and planned maintenance,
	// in seconds. Observed is how much of that good samples cover, and
	// Production how much of this the line ran (APT); the rest of Observed it
	// stood (Downtime).
	PlannedBusy float64 `json:"planned_busy_s"`
	Observed    float64 `json:"observed_s"`
	Production  float64 `json:"production_s"`
	Downtime    float64 `json:"downtime_s"`
	// IdealCycle is PRI, the planned run time of a unit in seconds; 0: not
	// declared.
	IdealCycle float64 `json:"ideal_cycle_s"`
	// Good is GQ in the line's unit, and Produced PQ: good and scrap.
	Good     float64 `json:"good"`
	Produced float64 `json:"produced"`
	// ScrapCounted: every output machine that was heard has a scrap counter.
	ScrapCounted bool `json:"scrap_counted"`
	// Proxy: the counter stands in for good output, like kWh.
	Proxy bool `json:"proxy"`
	// Coverage is Observed over PlannedBusy, 0 to 1.
	Coverage float64 `json:"coverage"`
	// Availability is APT/PBT. Time that nobody observed counts as not
	// produced; in AvailabilityHigh as produced.
	Availability     *float64 `json:"availability"`
	AvailabilityHigh *float64 `json:"availability_high"`
	// Effectiveness is PRI*PQ/APT. It may be above 1; see AboveIdeal.
	Effectiveness *float64 `json:"effectiveness"`
	// Quality is GQ/PQ.
	Quality *float64 `json:"quality"`
	// OEE is Availability x Effectiveness x Quality, which is PRI*GQ/PBT. In
	// OEEHigh the time that nobody observed is as good as can be.
	OEE     *float64 `json:"oee"`
	OEEHigh *float64 `json:"oee_high"`
	// AboveIdeal: more was made than the ideal cycle allows in the time the line
	// ran. As a rule the ideal cycle is wrong.
	AboveIdeal bool `json:"above_ideal"`
}

// What figures of a shift lack.
const (
	LacksObservation = "observation" // nobody heard the line
	LacksIdealCycle  = "ideal_cycle"
	LacksScrap       = "scrap"
	LacksOutput      = "output" // the counter is a proxy
)

// Lacks says what was lacking for the figures that are nil.
func (f *ShiftFigures) Lacks() []string {
	out := []string{}
	if f.Observed == 0 && f.Produced == 0 {
		return append(out, LacksObservation)
	}
	if f.Proxy {
		return append(out, LacksOutput)
	}
	if f.IdealCycle == 0 {
		out = append(out, LacksIdealCycle)
	}
	if !f.ScrapCounted {
		out = append(out, LacksScrap)
	}
	return out
}

// Work fills in the figures from times and quantities (ISO 22400-2).
func (f *ShiftFigures) Work() {
	f.Coverage, f.AboveIdeal = 0, false
	f.Availability, f.AvailabilityHigh, f.Effectiveness, f.Quality, f.OEE, f.OEEHigh = nil, nil, nil, nil, nil, nil
	if f.PlannedBusy <= 0 || f.Observed == 0 && f.Produced == 0 {
		return
	}
	unseen := f.PlannedBusy - f.Observed
	f.Coverage = f.Observed / f.PlannedBusy
	f.Availability, f.AvailabilityHigh = ratio(f.Production, f.PlannedBusy), ratio(f.Production+unseen, f.PlannedBusy)
	if f.Proxy {
		return
	}
	if f.ScrapCounted {
		f.Quality = ratio(f.Good, f.Produced)
	}
	if f.IdealCycle == 0 {
		return
	}
	f.Effectiveness = ratio(f.IdealCycle*f.Produced, f.Production)
	f.AboveIdeal = f.Effectiveness != nil && *f.Effectiveness > 1+1e-9
	f.OEE, f.OEEHigh = ratio(f.IdealCycle*f.Good, f.PlannedBusy), ratio(f.IdealCycle*f.Good+unseen, f.PlannedBusy)
}

// ratio is a/b; nil where b is 0.
func ratio(a, b float64) *float64 {
	if b <= 0 {
		return nil
	}
	r := a / b
	return &r
}
