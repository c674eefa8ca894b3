package scenario

import (
	"github.com/seed-00829101/heartline/plant"
)

// window expects what a closed window of a plant came to.
type window struct {
	subject
	end                                           plant.Instant
	exists                                        bool
	recovery, low, high, output, normal, coverage *figure
	baseline                                      string
	proxy                                         *bool
}

func (l *loader) window(at string, t *expectText, who subject) expectation {
	e := &window{subject: who, exists: t.Exists == nil || *t.Exists, baseline: t.Baseline, proxy: t.Proxy}
	l.time(at+".window", t.Window, &e.end)
	for _, f := range []struct {
		key, text string
		into      **figure
	}{
		{"recovery", t.Recovery, &e.recovery}, {"recovery_low", t.Low, &e.low}, {"recovery_high", t.High, &e.high},
		{"output", t.Output, &e.output}, {"normal_output", t.NormalOutput, &e.normal}, {"coverage", t.Coverage, &e.coverage},
	} {
		*f.into = l.figure(at+"."+f.key, f.text)
	}
	if !e.exists && e.figures() > 0 {
		l.add(at+".exists", "a window that does not exist has no figures; leave them or exists out")
	}
	return e
}

func (e *window) last() plant.Instant { return e.end }

func (e *window) count() int { return max(e.figures(), 1) }

// figures is how many figures are asked for.
func (e *window) figures() (n int) {
	for _, f := range []*figure{e.recovery, e.low, e.high, e.output, e.normal, e.coverage} {
		if f != nil {
			n++
		}
	}
	if e.baseline != "" {
		n++
	}
	if e.proxy != nil {
		n++
	}
	return n
}

func (e *window) check(o *outcome) []Failure {
	f := Failure{Line: e.place, What: e.String() + ", window that ends " + o.clock.write(e.end)}
	w := o.window(e.plant, e.end)
	switch {
	case w == nil && e.exists:
		f.text("window", "closed", "not there")
		f.Evidence = o.tooSoon(e.end)
	case w != nil && !e.exists:
		f.text("window", "not there", "closed")
	case w != nil:
		v := &w.Verdict
		f.figure("recovery", e.recovery, v.Recovery)
		f.figure("recovery_low", e.low, v.RecoveryLow)
		f.figure("recovery_high", e.high, v.RecoveryHigh)
		f.figure("output", e.output, &v.Output)
		f.figure("normal_output", e.normal, &v.NormalOutput)
		f.figure("coverage", e.coverage, &v.Coverage)
		f.text("baseline", e.baseline, v.Baseline)
		f.bool("proxy", e.proxy, v.Proxy)
	}
	if f.wrong == 0 {
		return nil
	}
	f.Evidence = append(f.Evidence, o.windowsAround(e.plant, e.end)...)
	return []Failure{f}
}
