package doctor

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// loaded is a configuration of so many machines that report each second.
func loaded(machines int, id string) *config.Loaded {
	l := &config.Loaded{Config: config.Defaults(), Registry: &plant.Registry{}}
	l.Config.MinFreeDisk = 1 << 20
	line := &plant.Line{ID: "l", Interval: plant.Interval{Every: time.Second}}
	for range machines {
		line.Machines = append(line.Machines, id)
	}
	l.Registry.Plants = []*plant.Plant{{ID: "p", Lines: []*plant.Line{line}}}
	return l
}

func (fs Findings) of(what string) (out []string) {
	for _, f := range fs {
		if f.What == what {
			out = append(out, string(f.Severity)+": "+f.Words+" -> "+f.Do)
		}
	}
	return out
}

func TestLimitsAreToldInAdvance(t *testing.T) {
	small := Limits(loaded(1, "m"))
	if small.Worst() == Trouble || !strings.Contains(strings.Join(small.of("queue"), ""), "ok: holds ") {
		t.Errorf("one machine: %+v", small)
	}
	l := loaded(50_000, "m")
	l.Config.Outage = plant.Duration(2 * time.Hour)
	large := Limits(l)
	if got := large.of("queue"); len(got) != 1 || !strings.HasPrefix(got[0], "warning: holds 1h8m0s of the declared rate, not 2h0m0s") || !strings.HasSuffix(got[0], "-> queue.max_bytes: 18GiB") {
		t.Errorf("the queue: %q", got)
	}
	if got := large.of("broker"); len(got) != 1 || !strings.Contains(got[0], "mqtt.store_max_bytes: 135GiB") {
		t.Errorf("the broker: %q", got)
	}
	l.Config.MinFreeDisk = 1 << 60
	if got := Limits(l); got.Worst() != Trouble || !strings.Contains(strings.Join(got.of("disk"), ""), "nothing would be taken") {
		t.Errorf("a full disk: %+v", got)
	}
	if got := Limits(loaded(1, "press 1")).of("topics"); len(got) != 1 || !strings.Contains(got[0], `problem: "press 1" of plant "p" holds white space`) {
		t.Errorf("white space: %q", got)
	}
	if got := Limits(&config.Loaded{Config: config.Defaults(), Registry: &plant.Registry{}}).of("registry"); !strings.Contains(got[0], "--listen") {
		t.Errorf("nobody enrolled: %q", got)
	}
}
