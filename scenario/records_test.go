package scenario

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/history"
)

// What reaches us of a machine with a heartbeat each 10 s from 06:00 on: when
// it arrives, /its stamp where that is another, =its counter.
func TestWhatACourseSends(t *testing.T) {
	const head = `name: n
start: 2026-03-02 06:00
plants:
  - id: p
    gateways: [{id: g, will_topic: w, keep_alive: 20s}]
    lines:
      - {id: total, normal: 500/h, interval: 10s, machines: [m]}
      - {id: delta, normal: 500/h, interval: 10s, machines: [d], counter: {kind: delta}}
      - {id: change, normal: 500/h, interval: on-change, machines: [c]}
      - {id: decimal, normal: 500/h, interval: 10s, machines: [e], counter: {decimal: true}}
`
	const tail = "expect: [{at: 06:00, plant: p, phase: unknown}]\n"
	for name, c := range map[string]struct{ text, want string }{
		"counts, silence, heartbeats": {`output: [{machine: m, counts: +2x2 _x2 +0x1 0}]`, "00=0 10=2 20=4 50=4 60=4"},
		"made, but lost":              {`output: [{machine: m, total: 7, counts: +2 +2 lost +2}]`, "00=7 10=9 30=13"},
		"a reset":                     {`output: [{machine: m, total: 7, counts: +2 =1x2 +1}]`, "00=7 10=9 20=1 30=1 40=2"},
		"whole parts at a rate":       {`output: [{machine: m, counts: 400/h for 40s 0}]`, "00=0 10=1 20=2 30=3 40=4 50=4"},
		"a rate that ends between":    {`output: [{machine: m, counts: 360/h until 06:00:25 0 x1 360/h x2}]`, "00=0 10=1 20=2 30=2 40=3 50=4"},
		"parts of a part":             {`output: [{machine: e, counts: 180/h x3}]`, "00=0 10=0.5 20=1 30=1.5"},
		"from, and every":             {`output: [{machine: m, from: 06:00:05, every: 20s, counts: +1x2}]`, "05=0 25=1 45=2"},
		"deltas":                      {`output: [{machine: d, counts: +2 +3 lost +4 0}]`, "00=0 10=2 30=4 40=0"},
		"on change":                   {`output: [{machine: c, every: 10s, counts: 0x2 +1 0x2 0x2 state=Held}]`, "00=0 30=1 60=1 Held"},
		"late":                        {`output: [{machine: m, counts: +1 late=15s +1 +1}]`, "15/00=0 20=2 25/10=1 30=3"},
		"kept":                        {`output: [{machine: m, counts: 0 +1x2 kept +1}]`, "00=0 10=0 30/20=1 30=2 40=3"},
		"ahead and behind":            {`output: [{machine: m, counts: 0 +1 ahead=5s +1 behind=5s}]`, "00=0 10=0 20/25=1 30/25=2"},
		"twice, and bad":              {`output: [{machine: m, counts: 0 +1 twice bad 0}]`, "00=0 10=0 20=1bad 20=1bad 30=1"},
		"a state stays":               {`output: [{machine: m, counts: [0 state=A, 0, "0 state=\"B C\""]}]`, "00=0 A 10=0 A 20=0 A 30=0 B C"},
		"a gateway is cut off": {`output: [{machine: m, counts: +1x6}]
links: [{gateway: g, cut: 06:00:10, back: 06:00:50}]`, "00=0 10=1 down40 up50 60=6"},
		"and keeps": {`output: [{machine: m, counts: +1x6}]
links: [{gateway: g, cut: 06:00:10, back: 06:00:40, kept: true}]`, "00=0 10=1 40/20=2 40/30=3 40=4 50=5 60=6"},
		"and drains": {`output: [{machine: m, counts: +1x6}]
links: [{gateway: g, cut: 06:00:10, back: 06:00:40, kept: true, drains: 20s, will: none}]`, "00=0 10=1 44/20=2 48/30=3 52/40=4 56/50=5 60=6"},
		"and never comes back": {`output: [{machine: m, counts: +1x6}]
links: [{gateway: g, cut: 06:00:10, will: 06:00:15}]`, "00=0 10=1 down15"},
		"we do not listen": {`output: [{machine: m, counts: +1x4}]
links: [{gateway: g, cut: 06:00:10, back: 06:00:20, will: 06:00:15}]
listening: [{off: 06:00:12, on: 06:00:30, kept: true}]`, "00=0 10=1 deaf12 hear30 down30 up30 30=3 40=4"},
		"and the broker forgets": {`output: [{machine: m, counts: +1x4}]
listening: [{off: 06:00:10, on: 06:00:30}]`, "00=0 10=1 deaf10 hear30 40=4"},
		"two machines": {`output: [{machines: [m, e], counts: +1}]`, "00=0 00=0 10=1 10=1"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(write(t, head+c.text+"\n"+tail))
			if err != nil {
				t.Fatal(err)
			}
			if got := sent(t, s); got != c.want {
				t.Errorf("%s\nsends %s\nwant  %s", c.text, got, c.want)
			}
		})
	}
}

// sent writes the records of a scenario in seconds after its start.
func sent(t *testing.T, s *Scenario) string {
	t.Helper()
	r, _, err := s.records.open()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return strings.Join(out, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("%02.0f", rec.At.Sub(s.clock.start).Seconds())
		words := map[bool]string{true: "up", false: "down"}
		if rec.Kind == history.Listening {
			words = map[bool]string{true: "hear", false: "deaf"}
		}
		if rec.Kind != history.Sample {
			out = append(out, words[rec.Up]+at)
			continue
		}
		x := rec.Sample
		if x.Stamp != rec.At {
			at += fmt.Sprintf("/%02.0f", x.Stamp.Sub(s.clock.start).Seconds())
		}
		at += fmt.Sprintf("=%v", float64(x.Fields[0].Int)+x.Fields[0].Float)
		if x.Flags != 0 {
			at += "bad"
		}
		if x.State != "" {
			at += " " + x.State
		}
		out = append(out, at)
	}
}
