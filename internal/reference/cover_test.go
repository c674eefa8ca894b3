package reference

import "testing"

// tally counts what scenarios show of the words that the glossary tells apart.
type tally map[string]int

func (n tally) note(what string, is bool) {
	if is {
		n[what]++
	}
}

func (n tally) scenario(s *scenario) {
	for _, p := range s.Plants {
		for _, l := range p.Lines {
			n.note("on change", l.OnChange)
			n.note("sum", l.Sum)
			n.note("delta", l.Kind == "delta")
			n.note("rollover", l.Rollover > 0)
			n.note("resets", l.Resets)
			n.note("decimal", l.Decimal)
			n.note("not commissioned", l.Uncommissioned)
			n.note("states", l.States != "")
		}
		for _, g := range p.Gateways {
			n.note("clock offset", g.Offset != 0)
			n.note("gateway of all lines", g.Lines == nil)
		}
	}
	for _, c := range s.Calendars {
		n.note("country", c.Country != "")
		n.note("workdays", c.Workdays != nil)
		n.note("exceptions", c.Exceptions != nil)
		n.note("maintenance", c.Maintenance != nil)
	}
	n.note("overrides", s.Overrides != nil)
	n.note("windows of several days", s.Rules.Window.Days > 1)
	n.note("rate", s.Rules.Absolute)
	n.note("reference per day", s.Rules.Reference == "day")
	n.note("reference per shift", s.Rules.Reference == "shift")
	n.note("learned", s.Rules.Learned)
	for i := range s.Records {
		r := &s.Records[i]
		n.note("link down", r.Link == "down")
		n.note("not listening", r.Listening == "false")
		n.note("bad quality", r.Bad)
		n.note("without time", r.NoTS)
		n.note("of a time to come", r.TS > r.At+5*minute)
	}
}

func (n tally) outcome(o *outcome) {
	for _, c := range o.Phases {
		n.note("phase "+c.To, true)
		n.note("relapsed", c.Relapsed)
	}
	for _, c := range o.Lines {
		n.note("line "+c.To+" "+c.Reason, true)
	}
}

// check tells of what was hardly shown in so many scenarios.
func (n tally) check(t *testing.T, scenarios int) {
	t.Helper()
	if scenarios < 120 {
		return
	}
	for _, what := range []string{
		"states", "clock offset", "gateway of all lines", "country", "workdays", "exceptions", "maintenance", "overrides",
		"windows of several days", "without time", "on change", "sum", "delta", "rollover", "resets", "decimal", "not commissioned", "rate", "reference per day",
		"reference per shift", "learned", "link down", "not listening", "bad quality", "of a time to come", "relapsed",
		"phase stopped", "phase ramping_up", "phase resumed", "phase normal", "phase unknown", "phase excluded",
		"line running ", "line running unscheduled", "line short_stop ", "line off_shift ",
		"line planned_stop break", "line planned_stop maintenance", "line planned_stop changeover", "line planned_stop reported",
		"line unknown silent", "line unknown blind", "line unknown bad_quality", "line unknown no_data", "line unknown never_seen",
		"line stalled late_start", "line stalled internal", "line stalled external", "line stalled unexplained",
	} {
		if n[what] < 2 {
			t.Errorf("%s: shown %d times in %d scenarios", what, n[what], scenarios)
		}
	}
}
