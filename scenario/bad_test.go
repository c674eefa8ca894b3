package scenario

import (
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

// ground is a scenario that is good.
const ground = `name: n
start: 2026-03-28 06:00
plants:
  - id: dye
    timezone: Europe/Berlin
    gateways: [{id: gw-1, will_topic: w, keep_alive: 60s}, {id: gw-2, lines: [dye-2]}]
    lines:
      - {id: dye-1, normal: 500/h, interval: 10s, machines: [m1, m2], output: [m2]}
      - {id: dye-2, normal: 500/h, interval: 10s, machines: [m2], counter: {kind: delta}}
rules: {resume: {window: 15m}}
output:
  - {machine: dye-1/m2, counts: 400/h until 07:00}
links:
  - {gateway: gw-1, cut: 06:10, back: 06:20}
listening:
  - {off: 06:30, on: 06:31}
expect:
  - {line: dye-1, changes: [06:00 short stop]}
`

// What is wrong with an expected alert.
func TestBadExpectationsOfAlerts(t *testing.T) {
	ground := strings.NewReplacer("rules: {resume: {window: 15m}}",
		"rules: {custom: [{name: a, each: machine, when: temp > 80}, {name: b, each: line, when: state == 'stalled'}, {name: c, each: plant, when: phase == 'stopped'}]}",
		"{line: dye-1, changes: [06:00 short stop]}", "EXPECT").Replace(ground)
	for expect, want := range map[string]string{
		"{alert: a, machine: m1, changes: none}":                       "",
		"{alert: b, line: dye-2, changes: [06:05 firing since 06:00]}": "",
		"{alert: c, changes: [06:05 firing, 06:10 inactive]}":          "",
		"{alert: d, changes: none}":                                    `expect[0].alert: there is no custom rule "d"; there are: a, b, c`,
		"{alert: a, changes: none}":                                    "expect[0].machine: ",
		"{alert: a, line: dye-1, changes: none}":                       `expect[0].line: rule "a" is about each machine; name that`,
		"{alert: b, line: dye-1}":                                      "expect[0].changes: is missing: write what becomes of the alert",
		"{alert: b, line: dye-1, at: 06:10, changes: none}":            "expect[0].at: says nothing beside an alert",
		"{alert: b, line: dye-1, changes: [06:05 stalled]}":            `expect[0].changes[0]: "stalled" is no state of an alert; there are firing and inactive`,
		"{alert: b, line: dye-1, changes: [06:05 firing first]}":       `"first" is not understood; write it like 09:12 firing since 09:10`,
	} {
		_, err := Load(write(t, strings.Replace(ground, "EXPECT", expect, 1)))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", expect, err, want)
		}
	}
}

// What is wrong is said with its line, its key and how to mend it.
func TestBadScenariosAreRefused(t *testing.T) {
	if _, err := Load(write(t, ground)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct{ from, to, want string }{
		{"rules: {resume: {window: 15m}}", "rules: {custom: [{name: a, each: machine, when: temp > 80 and tempp}]}", ":10:59: rules.custom[0].when: and (these do not go together: truth and number)"},
		{"{line: dye-1, changes", "{alert: a, line: dye-1, changes", `:18: expect[0].alert: there is no custom rule "a"; there are: none`},
		{"name: n\n", "", ":1: name: is missing: say in a few words what the scenario shows"},
		{"name:", "nmae:", ":1: nmae: there is no such key; did you mean name?"},
		{"start: 2026-03-28 06:00", "", ":1: start: is missing: write when the scenario begins, like 2026-03-02 06:00"},
		{"06:00", "06:00 Europe/Berlim", `:2: start: "Europe/Berlim" is no time zone`},
		{"start: 2026-03-28 06:00", "start: 06:00", `:2: start: "06:00" begins with no date`},
		{"2026-03-28", "2026-02-30", `:2: start: "2026-02-30 06:00" begins with no date`},
		{"plants:\n", "plants:\n  - {id: other, timezone: Asia/Seoul, lines: [{id: l, machines: [m]}]}\n", `:2: start: names no time zone, and the plants have different ones (Asia/Seoul and Europe/Berlin)`},
		{"timezone: Europe/Berlin", "timezone: Berlin", ":5: plants[0].timezone: "},
		{"window: 15m", "window: 15", ":10: rules.resume.window: "},
		{"window: 15m", "windwo: 15m", ":10: rules.resume.windwo: there is no such key; did you mean window?"},
		{"window: 15m", "at: 10%", ":10: rules.resume.stop"},
		{"machine: dye-1/m2", "machine: m2", `:12: output[0].machine: "m2" may mean several; write one of dye/dye-1/m2, dye/dye-2/m2`},
		{"machine: dye-1/m2", "machine: m7", `:12: output[0].machine: "m7" is no machine of the scenario; there are dye/dye-1/m1, dye/dye-1/m2, dye/dye-2/m2`},
		{"machine: dye-1/m2", "machines: [m1, m1]", `:12: output[0].machines: "m1" has its course in output[0] already`},
		{"400/h until 07:00", "400/h until 25:00", `:12: output[0].counts: 400/h: "25:00" is no time; write it like 09:40`},
		{"400/h until 07:00", "400/h until 05:00", `400/h: "05:00" is before the scenario's start, 06:00`},
		{"400/h until 07:00", "400/h until sun 02:30", `"sun 02:30" does not exist in Europe/Berlin: clocks are put forward then, at 03:00`},
		{"400/h until 07:00", "[400/h until 07:00, 0 until 06:30]", `counts: item 2 lasts until 06:30, and begins at 07:00: items follow each other in time`},
		{"400/h until 07:00", "400/h x30 for 1h", "400/h: says twice how long it lasts; write one of x30, for 2h, until 09:40"},
		{"400/h until 07:00", "0 until 06:30, 400/h until 07:00", ":12: output[0].400/h until 07:00: a comma within {...} ends the value; write a list"},
		{"400/h until 07:00", "400/h until", "400/h: until is followed by a time"},
		{"400/h until 07:00", "400/h for ever", `400/h: "ever" is no span of time`},
		{"400/h until 07:00", "30 x5", `"30": write +30 for 30 more with each sample, =30 for a total of 30, or 30/h`},
		{"400/h until 07:00", "much", `"much": an item begins with what the counter does: 0 (nothing made)`},
		{"400/h until 07:00", "+1x0", `x0 is no number of samples`},
		{"400/h until 07:00", "+1x9999999", `x9999999 is no number of samples; write it like x30, between 1 and 2000000`},
		{"400/h until 07:00", "+-1", `"-1" is no count`},
		{"400/h until 07:00", "+1.5x3", `item 1 counts a fraction, and the counter is a whole number; declare counter: {decimal: true} of line "dye-1"`},
		{"400/h until 07:00", "400/h until 07:00 badly", `400/h: "badly" is not understood; behind the amount come x30`},
		{"400/h until 07:00", "400/h until 07:00 late=x", `400/h: late: "x" is no span of time`},
		{"400/h until 07:00", "'0 state=\"a b'", `opens a " that is not closed`},
		{"400/h until 07:00", "400/h for 900d", `all of it makes more than 2000000 samples; write a longer every, or shorter stretches`},
		{"dye-1/m2, counts: 400/h until 07:00", "dye-1/m2, every: 1000d, counts: [+1, +1x2000000]", `output[0].counts: item 2 lasts until more than 5 years after the start`},
		{"400/h until 07:00", "0 for 1800d, 0 for 1800d", `a comma within {...}`},
		{"400/h until 07:00", "[0 for 1800d, 0 for 1800d]", `output[0].counts: item 2 lasts until more than 5 years after the start`},
		{"400/h until 07:00", "400/h until 2040-01-01", `"2040-01-01" is more than 5 years after the start`},
		{"dye-1/m2, counts: 400/h until 07:00", "dye-2/m2, counts: =5", `item 1 sets a total, and line "dye-2" counts deltas`},
		{"dye-1/m2,", "dye-1/m2, gateway: gw-2,", `:12: output[0].gateway: "gw-2" does not publish for line "dye-1"`},
		{"dye-1/m2, counts: 400/h until 07:00", "m1", `:12: output[0].counts: is missing`},
		{"gateway: gw-1, cut", "gateway: gw-9, cut", `:14: links[0].gateway: "gw-9" is no gateway of the scenario; there are dye/gw-1, dye/gw-2`},
		{"back: 06:20", "back: 06:05", `:14: links[0].back: "06:05" is not after "06:10"`},
		{"back: 06:20", "will: 06:05", `:14: links[0].will: "06:05" is not between cut and back`},
		{"back: 06:20", "back: 06:20, drains: 5m", `:14: links[0].drains: says how long what was kept takes to arrive`},
		{"back: 06:20", "back: 06:20, kept: true, drains: 5", `:14: links[0].drains: "5" is no span of time`},
		{"off: 06:30, ", "", `:16: listening[0].off: is missing`},
		{"expect:\n  - {line: dye-1, changes: [06:00 short stop]}\n", "", "expect: is missing: a scenario that expects nothing tests nothing"},
		{"changes: [06:00 short stop]", "chnages: []", ":18: expect[0].chnages: there is no such key; did you mean changes?"},
		{"changes: [06:00 short stop]", "state: running", ":18: expect[0]: says neither changes, at, window, shift nor fleet"},
		{"changes: [06:00 short stop]", "at: 06:00", ":18: expect[0]: expects nothing of that time; write state:"},
		{"changes: [06:00 short stop]", "at: 06:00, phase: resumed", ":18: expect[0].phase: says nothing beside at of a line, which goes with plant, line, state, since"},
		{"06:00 short stop", "06:00 short", `:18: expect[0].changes[0]: "short" is no state of a line; there are running, short_stop`},
		{"06:00 short stop", "06:00 resumed", `"resumed" is no state of a line`},
		{"06:00 short stop", "short stop", `"short" is no time`},
		{"06:00 short stop", "06:00", `"06:00": a change is a time and a word; write it like 11:07 stalled since 11:02 (unexplained)`},
		{"06:00 short stop", "06:00 stalled relapsed", `"relapsed" is not understood`},
		{"06:00 short stop", "06:00 stalled, 05:00 stalled", `"05:00" is before the scenario's start`},
		{"06:00 short stop", "06:10 stalled, 06:05 stalled", `:18: expect[0].changes[1]: "06:05 stalled" is before the change above it`},
		{"06:00 short stop", "06:00 stalled (because", `"(because" opens a ( that is not closed`},
		{"line: dye-1, changes: [06:00 short stop]", "plant: dye, changes: [06:00 stopped 0.x]", `"0.x" is not understood; write it like 10:00 resumed 0.80`},
		{"line: dye-1, changes: [06:00 short stop]", "plant: dye, window: 06:15, recovery: much", `:18: expect[0].recovery: "much" is no number`},
		{"line: dye-1, changes: [06:00 short stop]", "plant: dye, shift: 06:15, oee: 0.8", `:18: expect[0].line: is missing: shifts are those of lines`},
		{"line: dye-1, changes: [06:00 short stop]", "line: dye-1, shift: 06:15, exists: false, oee: 0.8", `:18: expect[0].exists: a shift that does not exist has no figures`},
		{"line: dye-1, changes: [06:00 short stop]", "plant: dye, window: 06:15, exists: false, recovery: 0.8", `:18: expect[0].exists: a window that does not exist has no figures`},
		{"line: dye-1, changes: [06:00 short stop]", "fleet: region=Zhejiang, at: 06:00, rate: 50%", `:18: expect[0].fleet: "region=Zhejiang" is neither all nor a label that some plant has`},
		{"line: dye-1, changes: [06:00 short stop]", "fleet: all, rate: 50%", `:18: expect[0].at: is missing: write of which time`},
		{"line: dye-1, changes: [06:00 short stop]", "fleet: all, at: 06:00", `:18: expect[0]: expects nothing of that time; write rate:, coverage:`},
		{"line: dye-1, changes: [06:00 short stop]", "fleet: all, at: 06:00, state: running, rate: 1", `:18: expect[0].state: says nothing beside fleet`},
		{"changes: [06:00 short stop]", "changes: [], window: 06:15", ":18: expect[0].window: says nothing beside changes"},
		{"expect:", "declared: [{kind: stop, line: dye-1, from: 06:10, to: 06:20}]\nexpect:", `:17: declared[0].kind: "stop" cannot be declared; there are exclude`},
		{"expect:", "declared: [{kind: exclude, line: dye-1, from: 06:10, to: 06:20}]\nexpect:", `:17: declared[0].line: a plant is excluded, not a line`},
		{"expect:", "declared: [{kind: exclude, from: 06:10, to: 06:05}]\nexpect:", `:17: declared[0].to: "06:05" is not after "06:10"`},
		{"expect:", "declared: [{kind: exclude, from: 06:10}]\nexpect:", `:17: declared[0].to: is missing; write it like 09:40`},
		{"expect:", "declared: [{kind: exclude, from: 06:10, to: 06:20}]\nexpect:", `:17: declared[0]: reason: is missing: say why`},
		{"expect:", "declared: [{kind: changeover, from: 06:10, to: 06:20}]\nexpect:", `:17: declared[0]: line: is missing: a changeover is of one line`},
		{"expect:", "declared: [{kind: note, at: 06:10}]\nexpect:", `:17: declared[0]: reason: is missing: a note is words`},
		{"{line: dye-1, changes: [06:00 short stop]}", "{line: dye-1, from: 07:00, to: 06:30, changes: none}", `:18: expect[0].to: "06:30" is before from, "07:00"`},
		{"expect:", "declared: [{kind: exclude, from: 06:10, to: 06:20, at: 06:30}]\nexpect:", `:17: declared[0].at: "06:30" is after its end`},
		{"expect:", "declared: [{kind: withdraw, id: x, at: 06:30}]\nexpect:", `:17: declared[0].id: "x" is the id of no declaration above it`},
		{"expect:", "declared: [{kind: withdraw, id: x, from: 06:30, at: 06:30}]\nexpect:", `:17: declared[0]: a withdraw has a time at which it is said`},
		{"expect:", "declared: [{kind: note, at: 06:30, to: 06:40, reason: x}]\nexpect:", `:17: declared[0]: a note has a time at which it is said`},
		{"400/h until 07:00", "400/h until 07:00 sate=Held", `400/h: sate=Held is no reading; write a number like sate=81.5`},
		{"400/h until 07:00", "400/h until 07:00 temp=1 temp=2", `400/h: says temp= twice`},
		{"400/h until 07:00", "400/h until 07:00 good=2", `output[0].counts: item 1 says good=, which is the counter of line "dye-1"`},
		{"changes: [06:00 short stop]", "at: 06:10, flags: power", `:18: expect[0].flags: "power" is no kind of flag; there are power_without_output`},
		{"line: dye-1,", "line: dye-3,", `:18: expect[0].line: "dye-3" is no line of the scenario; there are dye/dye-1, dye/dye-2`},
		{"expect:", "end: 06:10\nexpect:", `:17: end: 06:10 is before 07:00, until which the scenario goes`},
		{"name: n", "name: n\nname: m", `:2: name: is already set in line 1`},
		{"name: n", "name: [", "is no YAML: "},
	} {
		text := strings.Replace(ground, bad.from, bad.to, 1)
		if text == ground {
			t.Errorf("%q is not in the ground", bad.from)
			continue
		}
		_, err := Load(write(t, text))
		if err == nil || plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%q: it says\n  %v\nwant\n  %s", bad.to, err, bad.want)
		}
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	if _, err := Load(t.TempDir() + "/none.yaml"); err == nil || !strings.HasSuffix(err.Error(), "none.yaml: there is no such file") {
		t.Error(err)
	}
}

// A scenario in years whose holidays nobody knows is played, and says so.
func TestHolidaysOfUnknownYearsAreAWarning(t *testing.T) {
	text := strings.Replace(ground, "timezone: Europe/Berlin", "timezone: Europe/Berlin\n    calendar: cn", 1)
	text = strings.Replace(text, "rules:", "calendars: [{name: cn, days: [sat], holidays: CN}]\nrules:", 1)
	for start, want := range map[string]int{"2026-03-28": 0, "2009-03-28": 1} {
		s, err := Load(write(t, strings.Replace(text, "2026-03-28", start, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.Warnings); n != want || n > 0 && !strings.Contains(s.Warnings[0].String(), ":2: start: the holidays of CN are known from 2010 to ") {
			t.Errorf("%s: %v", start, s.Warnings)
		}
	}
}
