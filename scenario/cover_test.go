package scenario

import (
	"path/filepath"
	"testing"
)

// The shipped scenarios expect every phase, every state of a line and every
// reason of one, so that each row of the tables in docs/rules.md is shown.
func TestShippedScenariosShowEveryRow(t *testing.T) {
	seen := map[string]bool{}
	files, err := filepath.Glob(shipped + "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range s.expect {
			switch e := e.(type) {
			case *changes:
				kind := kindOf(&e.subject)
				for _, x := range e.want {
					seen[kind+x.to] = true
					seen["reason "+x.reason] = true
					seen["first"] = seen["first"] || x.first
					seen["relapsed"] = seen["relapsed"] || x.relapsed
				}
			case *moment:
				seen[kindOf(&e.subject)+e.word] = true
				seen["reason "+e.reason] = true
				for _, kind := range e.flags {
					seen["flag "+kind] = true
				}
			case *segment:
				for _, x := range e.want {
					seen["fleet "+x.name] = true
				}
			case *window:
				seen["baseline "+e.baseline] = true
				seen["proxy"] = seen["proxy"] || e.proxy != nil && *e.proxy
				seen["no window"] = seen["no window"] || !e.exists
			case *shift:
				for _, x := range e.figures {
					seen["shift "+x.key] = true
				}
				seen["no shift"] = seen["no shift"] || !e.exists
			}
		}
	}
	for _, want := range []string{
		"phase stopped", "phase ramping_up", "phase resumed", "phase normal", "phase unknown", "phase excluded", "first", "relapsed",
		"state commissioning", "state off_shift", "state unknown", "state running", "state planned_stop", "state short_stop", "state stalled",
		"reason late_start", "reason internal", "reason external", "reason unexplained", // of a stall
		"reason silent", "reason blind", "reason bad_quality", "reason no_data", "reason never_seen", // of unknown
		"reason break", "reason maintenance", "reason changeover", "reason planned_stop", // of a planned stop
		"reason unscheduled", "reason first_part", "reason no_part", "reason shift_start", "reason shift_end", "reason stop_end",
		"flag power_without_output", "flag frozen_counter", "flag repeated_payload", "flag above_ideal_cycle",
		"baseline fixed", "baseline reference_day", "baseline reference_shift", "baseline learned", "proxy", "no window",
		"shift oee", "shift oee_high", "shift availability", "shift availability_high", "shift effectiveness", "shift quality", "no shift",
		"fleet eligible", "fleet excluded", "fleet unknown", "fleet rate", "fleet rate_low", "fleet rate_high", "fleet coverage", "fleet recovery", "fleet activity",
	} {
		if !seen[want] {
			t.Errorf("no shipped scenario expects %q", want)
		}
	}
}

func kindOf(s *subject) string {
	if s.line != "" {
		return "state "
	}
	return "phase "
}
