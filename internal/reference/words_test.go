package reference

import (
	"strconv"
	"strings"
)

// meanings are of words that the glossary names, by declared profile.
var meanings = map[string]map[string]string{
	"": {
		"unavailable": "no data", "changeover": "changeover", "maintenance": "planned", "held": "internal", "fault": "internal",
		"suspended": "external", "starved": "external", "blocked": "external",
	},
	"packml":      {"held": "internal", "suspended": "external"},
	"opc-40001-1": {"notavailable": "no data", "outofservice": "planned"},
	"mtconnect":   {"unavailable": "no data"},
	"semi-e10":    {"unscheduled downtime": "internal", "scheduled downtime": "planned", "non-scheduled": "planned", "engineering": "planned", "standby": "external"},
}

// vocabulary are words that machines send, with and without a meaning.
var vocabulary = map[string][]string{
	"":            {"UNAVAILABLE", "Held", "Suspended", "changeover", "running", "fault", "starved", "maintenance"},
	"packml":      {"Held", "Suspended", "Execute", "Idle", "Complete", "6"},
	"opc-40001-1": {"NotAvailable", "OutOfService", "NotExecuting", "Executing"},
	"mtconnect":   {"UNAVAILABLE", "STOPPED", "ACTIVE", "READY"},
	"semi-e10":    {"Productive", "Standby", "Engineering", "Scheduled Downtime", "Unscheduled Downtime", "Non-scheduled"},
	"umh":         {"10000", "29999", "30000", "160000", "179999", "180000", "229999"},
}

func meaning(profile, word string) string {
	if profile != "umh" {
		return meanings[profile][strings.ToLower(word)]
	}
	switch n, err := strconv.Atoi(word); {
	case err != nil:
	case n >= 160000 && n <= 179999:
		return "planned"
	case n >= 180000 && n <= 229999:
		return "internal"
	}
	return ""
}

func plannedWord(meaning string) bool { return meaning == "planned" || meaning == "changeover" }
