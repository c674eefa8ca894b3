package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/custom"
)

// hot plays samples of machine m, ten seconds apart, at that temperature.
func (p *play) hot(from, to plant.Instant, temp float64) {
	for at := from; at < to; at = at.Add(10 * time.Second) {
		p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Unit: plant.Millisecond, State: "running",
			Fields: []plant.Field{{Name: "good", Kind: plant.Int}, {Name: "temp", Kind: plant.Float, Float: temp}}})
	}
}

// alerts is what was told of alerts.
func (p *play) alerts() (out []string) {
	for _, t := range p.got {
		if t.Kind == plant.KindAlert {
			of := strings.TrimSuffix(strings.Join([]string{t.Plant, t.Line, t.Machine}, "/"), "/")
			out = append(out, t.At.Time().Format("15:04:05")+" "+t.Alert.Rule+" of "+of+" "+t.To+" ("+t.Reason+")")
		}
	}
	return out
}

func (p *play) wantAlerts(want ...string) {
	p.t.Helper()
	if got := p.alerts(); !slices.Equal(got, want) {
		p.t.Errorf("alerts are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func hotRules(name, severity string) rules.Config {
	c := quick()
	c.Custom = []custom.Rule{{Name: name, Each: "machine", When: "temp > 80", For: plant.Duration(time.Minute), Severity: severity}}
	return c.WithDefaults()
}

func machineM(p *plant.Plant, l *plant.Line) {
	l.Machines, l.Output = []string{"m"}, plant.Output{Machines: []string{"m"}}
}

// What fires goes on where the rule means the same, and ends where it, or what it
// was about, is gone.
func TestAlertsWhenADefinitionChanges(t *testing.T) {
	fires := "09:01:00 hot of p/l/m firing (condition)"
	for name, c := range map[string]struct {
		cfg    rules.Config
		change func(p *plant.Plant, l *plant.Line)
		want   []string
	}{
		"the same rule, another severity": {hotRules("hot", "critical"), machineM, []string{"09:10:00 hot of p/l/m inactive (condition)"}},
		"another rule":                    {hotRules("hotter", ""), machineM, []string{"09:05:00 hot of p/l/m inactive (rule_gone)", "09:06:00 hotter of p/l/m firing (condition)", "09:10:00 hotter of p/l/m inactive (condition)"}},
		"no rules":                        {quick(), machineM, []string{"09:05:00 hot of p/l/m inactive (rule_gone)"}},
		"no longer commissioned": {hotRules("hot", ""), func(p *plant.Plant, l *plant.Line) {
			machineM(p, l)
			l.Commissioned = new(bool)
		}, []string{"09:05:00 hot of p/l/m inactive (rule_gone)"}},
		"excluded by the registry": {hotRules("hot", ""), func(p *plant.Plant, l *plant.Line) {
			machineM(p, l)
			p.Excluded = &plant.Exclusion{Reason: "flood", To: moment("2027-01-01")}
		}, []string{"09:05:00 hot of p/l/m inactive (excluded)"}},
		"another line": {hotRules("hot", ""), func(p *plant.Plant, l *plant.Line) { machineM(p, l); l.ID = "other" }, []string{"09:05:00 hot of p/l/m inactive (rule_gone)"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, clock("08:50"), oneLine(machineM), hotRules("hot", ""))
			p.hot(clock("09:00"), clock("09:05"), 90)
			p.redefine(clock("09:05"), "v2", oneLine(c.change), c.cfg)
			p.hot(clock("09:05"), clock("09:10"), 90)
			p.hot(clock("09:10"), clock("09:11"), 70)
			p.wantAlerts(append([]string{fires}, c.want...)...)
		})
	}
}

// A plant that is excluded alerts nobody; a machine that is silent ends nothing.
func TestAlertsOfTheExcludedAndOfTheSilent(t *testing.T) {
	p := newPlay(t, clock("08:50"), oneLine(machineM), hotRules("hot", ""))
	p.hot(clock("09:00"), clock("09:05"), 90)
	if v, _ := p.state.View("p"); len(v.Alerts) != 1 || v.Alerts[0].Rule != "hot" || v.Alerts[0].Machine != "m" || v.Alerts[0].Since != clock("09:00") || v.Alerts[0].Values["temp"] != 90.0 {
		t.Errorf("the board shows %+v", v.Alerts)
	}
	p.tick(clock("10:00"))
	p.wantAlerts("09:01:00 hot of p/l/m firing (condition)")
	d := plant.Declaration{ID: "x", Kind: plant.DeclareExclude, Plant: "p", From: clock("10:00"), To: clock("11:00"), Reason: "flood"}
	p.step(rules.Event{Kind: rules.Declared, At: clock("10:00"), Declaration: &d})
	p.hot(clock("10:05"), clock("10:10"), 95)
	p.tick(clock("11:00"))
	p.hot(clock("11:05"), clock("11:10"), 95)
	p.wantAlerts("09:01:00 hot of p/l/m firing (condition)", "10:00:00 hot of p/l/m inactive (excluded)", "11:06:00 hot of p/l/m firing (condition)")
	if v, _ := p.state.View("p"); len(v.Alerts) != 1 {
		t.Errorf("the board shows %+v", v.Alerts)
	}
}

// A gap makes no alert: what counters and meters rose by in it is spread, within
// the window and at its edge, and what was not heard in it is not old.
func TestNoAlertOfAGap(t *testing.T) {
	const perPart = "delta(kwh, '1h') / delta(made, '1h')"
	for _, gap := range []string{"11:02", "11:30", "11:50", "11:59:50", "12:10"} {
		c := quick()
		c.Custom = []custom.Rule{
			{Name: "pace", Each: "machine", When: "rate(made, '1h') > 370 or rate(made, '1h') < 350 or rate(made, '10m') > 370"},
			{Name: "meter", Each: "machine", When: "delta(kwh, '1h') < 70 or delta(kwh, '1h') > 74"},
			{Name: "thrift", Each: "machine", When: perPart + " < 0.19 or " + perPart + " > 0.21"},
			{Name: "old", Each: "machine", When: "age(temp) > 60"},
			{Name: "long", Each: "machine", When: "age(state) > 3 * 3600"},
		}
		p := newPlay(t, clock("08:50"), oneLine(machineM), c.WithDefaults())
		good := int64(0)
		for at := clock("09:00"); at < clock("14:00"); at = at.Add(10 * time.Second) {
			if good++; at > clock("11:00") && at < clock(gap) {
				continue
			}
			p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Unit: plant.Millisecond, State: "running",
				Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}, {Name: "kwh", Kind: plant.Float, Float: 0.2 * float64(good)}}})
			p.sample(at.Add(time.Second), &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at.Add(time.Second), Unit: plant.Millisecond,
				Fields: []plant.Field{{Name: "temp", Kind: plant.Float, Float: 20}}})
		}
		if got := p.alerts(); len(got) > 0 {
			t.Errorf("silent from 11:00 to %s: %v", gap, got)
		}
	}
}

// A rule whose for gets shorter while it waits fires from now on, not half an hour
// ago.
func TestAShorterForFallsDueNow(t *testing.T) {
	longer, shorter := hotRules("hot", ""), hotRules("hot", "")
	longer.Custom[0].For = plant.Duration(time.Hour)
	p := newPlay(t, clock("08:50"), oneLine(machineM), longer)
	p.hot(clock("09:00"), clock("09:30"), 90)
	p.redefine(clock("09:30"), "v2", oneLine(machineM), shorter)
	p.hot(clock("09:30"), clock("09:31"), 90)
	p.wantAlerts("09:29:50 hot of p/l/m firing (condition)")
	if since := p.got[len(p.got)-1].Since; since != clock("09:00") {
		t.Errorf("since %s", since)
	}
}

// An alert that falls due between two samples of its line says what held then,
// not what the sample after it changed.
func TestAnAlertSaysWhatHeldWhenItFellDue(t *testing.T) {
	c := quick()
	c.Custom = []custom.Rule{{Name: "stands", Each: "line", When: "state == 'short_stop'", For: plant.Duration(155 * time.Second), Severity: "warning",
		Annotations: map[string]string{"summary": "{{.Line}}: {{.Values.state}}"}}}
	p := newPlay(t, clock("08:50"), oneLine(machineM), c)
	good := int64(0)
	for at := clock("09:00"); at < clock("09:30"); at = at.Add(10 * time.Second) {
		if at < clock("09:05") || at >= clock("09:08:30") { // a short stop from 09:05:50 to 09:08:30
			good++
		}
		p.total(at, at, "m", good)
	}
	p.wantAlerts("09:08:25 stands of p/l firing (condition)", "09:08:30 stands of p/l inactive (condition)")
	said := []string{"l: short_stop", "l: running"}
	for _, t := range p.got {
		if t.Alert != nil && len(said) > 0 {
			if t.Alert.Annotations["summary"] != said[0] {
				p.t.Errorf("%s says %q, want %q", t.To, t.Alert.Annotations["summary"], said[0])
			}
			said = said[1:]
		}
	}
}

// A change of a machine's word counts once, however many messages of its instant
// come, and its first word is no change.
func TestChangesOfAMachinesWord(t *testing.T) {
	c := quick()
	c.Custom = []custom.Rule{{Name: "flaps", Each: "machine", When: "changes(state, '10m') > 0"}, {Name: "twice", Each: "machine", When: "changes(state, '10m') > 1"}}
	p := newPlay(t, clock("08:50"), oneLine(machineM), c.WithDefaults())
	for at := clock("09:00"); at < clock("09:40"); at = at.Add(10 * time.Second) {
		word := "running"
		if at >= clock("09:15") {
			word = "idle"
		}
		for _, name := range []string{"good", "temp", "power"} {
			p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Unit: plant.Millisecond, State: word, Fields: []plant.Field{{Name: name, Kind: plant.Int}}})
		}
	}
	p.wantAlerts("09:15:00 flaps of p/l/m firing (condition)", "09:25:00 flaps of p/l/m inactive (condition)")
}

// A rule that fails is told with each sample, the first time with what was
// sent; the others go on.
func TestARuleThatFailsIsToldWithItsSample(t *testing.T) {
	c := hotRules("hot", "")
	c.Custom = append([]custom.Rule{{Name: "odd", Each: "machine", When: "program > 5", Severity: "x"}}, c.Custom...)
	p := newPlay(t, clock("08:50"), oneLine(machineM), c)
	var failures []rules.RuleFailure
	for i := range 10 {
		at := clock("09:00").Add(time.Duration(i) * 10 * time.Second)
		p.seq++
		res := p.state.Step(rules.Event{Kind: rules.SampleSeen, At: at, Seq: p.seq, Sample: &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Broker: "b",
			Fields: []plant.Field{{Name: "program", Kind: plant.String, Str: "A7"}, {Name: "temp", Kind: plant.Float, Float: 95}}}})
		p.take(res)
		failures = append(failures, res.Failures...)
	}
	p.wantAlerts("09:01:00 hot of p/l/m firing (condition)")
	if len(failures) != 10 {
		t.Fatalf("%d failures", len(failures))
	}
	if f := failures[0]; !f.First || f.Rule != "odd" || f.Machine != "m" || f.Why != `program is the text "A7", and the rule takes it for a number` || !strings.Contains(f.Sample, `program="A7" temp=95`) {
		t.Errorf("%+v", f)
	}
	if f := failures[9]; f.First || f.Sample != "" {
		t.Errorf("it is said again: %+v", f)
	}
}

// No alert comes from a gateway that died: not of little output, not of a
// machine; and what is unknown comes due by our clock.
func TestNoAlertOfADeadGateway(t *testing.T) {
	c := quick()
	c.Custom = []custom.Rule{
		{Name: "little", Each: "line", When: "delta(made, '10m') < 50", For: plant.Duration(time.Minute)},
		{Name: "stands", Each: "line", When: "state == 'stalled' or state == 'short_stop'", For: plant.Duration(time.Minute)},
		{Name: "old", Each: "machine", When: "age(made) > 120 or count(temp, '5m') < 10"},
		{Name: "lost", Each: "line", When: "state == 'unknown'", For: plant.Duration(10 * time.Minute)},
	}
	p := newPlay(t, clock("08:50"), oneLine(machineM), c.WithDefaults())
	good := int64(0)
	makes := func(from, to plant.Instant) {
		for at := from; at < to; at = at.Add(10 * time.Second) {
			good++
			p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Unit: plant.Millisecond,
				Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}, {Name: "temp", Kind: plant.Float, Float: 50}}})
		}
	}
	makes(clock("09:00"), clock("10:00"))
	good += 6 * 40 // it goes on meanwhile
	makes(clock("10:40"), clock("11:30"))
	p.wantAlerts("10:10:20 lost of p/l firing (condition)", "10:40:00 lost of p/l inactive (condition)")
}

// What rules remember is bounded: of 10,000 machines they may all be a hundred, of
// half a million ten.
func TestCustomRulesAreBounded(t *testing.T) {
	for _, x := range []struct {
		rules, plants, machines int
		when, says              string
	}{
		{100, 200, 50, "x%d > 1", ""},
		{10, 10_000, 50, "x%d > 1", ""},
		{11, 10_000, 50, "x%d > 1", "11000000 alerts and readings"},
		{10, 1000, 50, "avg(x%d, '10m') > 1", ""},
		{11, 1000, 50, "avg(x%d, '10m') > 1", "550000 windows"},
	} {
		reg := &plant.Registry{}
		for i := range x.plants {
			reg.Plants = append(reg.Plants, &plant.Plant{ID: fmt.Sprint(i), Lines: []*plant.Line{{ID: "l", Machines: make([]string, x.machines)}}})
		}
		c := quick()
		for i := range x.rules {
			c.Custom = append(c.Custom, custom.Rule{Name: fmt.Sprint(i), Each: "machine", When: fmt.Sprintf(x.when, i), Severity: "s"})
		}
		problems, _ := c.Check(reg)
		if said := fmt.Sprint(problems); (len(problems) > 0) != (x.says != "") || !strings.Contains(said, x.says) {
			t.Errorf("%d rules of %d machines: %s, want %q", x.rules, x.plants*x.machines, said, x.says)
		}
	}
}
