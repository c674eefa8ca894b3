package influx

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func f64(v float64) *float64 { return &v }

var at = day.Add(15 * time.Minute)

func document() *collector.Verdicts {
	verdict := plant.Verdict{From: day, To: at, Recovery: f64(0.8), RecoveryLow: f64(0.75), Output: 100, NormalOutput: 125, Coverage: 0.95, Threshold: 0.3}
	return &collector.Verdicts{
		At: at.Add(time.Second), Definition: "v1",
		Transitions: []plant.Transition{
			{ID: "7-0", Kind: plant.KindPhase, Plant: "a b", At: at, From: "stopped", To: "ramping_up", Reason: "window", Verdict: &verdict, Definition: "v1"},
			{ID: "7-1", Kind: plant.KindLine, Plant: "a b", Line: "dye,1", At: at, From: "stalled", To: "running", Reason: "first_part", Since: day},
		},
		Windows: []collector.PlantWindow{{Plant: "a b", Phase: plant.RampingUp, Labels: map[string]string{"region": "浙江", "phase": "2", "time": "x"}, Verdict: verdict}},
		Slots:   []plant.OutputSlot{{Plant: "a b", Line: "dye,1", At: at, Made: 100, Expected: 125, Scheduled: 900, Observed: 880, Downtime: 20}},
		Lines:   []collector.LineStatus{{Plant: "a b", Line: "dye,1", At: at, State: plant.Running, Since: day, Output: f64(12)}},
		Declared: []plant.Declaration{{ID: "d-1", Kind: plant.DeclareChangeover, Plant: "a b", Line: "dye,1", From: day, Reason: "other yarn", By: "shift lead"},
			{ID: "d-2", Kind: plant.DeclareExclude, Plant: "a b", From: day, To: at, Reason: "flood", EndedBy: "office"}},
		Flags: []plant.FlagChange{{Plant: "a b", Line: "dye,1", At: at, Stands: true,
			Flag: plant.GamingFlag{Kind: plant.FrozenCounter, Machine: "m", Since: day, Until: at, Evidence: plant.GamingEvidence{Seconds: 900}}}},
		Shifts: []plant.ShiftFigures{shift(), {Plant: "a b", Line: "dye,2", Shift: "night", From: day, To: at, PlannedBusy: 900}}, // nobody heard it
		Resumption: []plant.Resumption{{Segment: "region", Value: "浙江", At: at, Definition: "v1", Basis: plant.BasisFirst,
			Eligible: 4, Resumed: 1, Normal: 1, RampingUp: 1, Unknown: 1, Excluded: 2, Reporting: 3,
			Rate: f64(0.5), RateLow: f64(0.5), RateHigh: f64(0.75), Coverage: f64(0.75)}, // nothing was evaluated
			{Segment: plant.SegmentAll, Value: plant.SegmentAll, At: at, Definition: "v1", Basis: plant.BasisNow, Rate: f64(0.5), Recovery: f64(0.4528), Activity: f64(0.4764)}},
	}
}

func shift() plant.ShiftFigures {
	f := plant.ShiftFigures{Plant: "a b", Line: "dye,1", Shift: "早班", From: day, To: at, PlannedBusy: 900, Observed: 800, Production: 600, Downtime: 200,
		IdealCycle: 6, Good: 75, Produced: 80, ScrapCounted: true}
	f.Work()
	return f
}

func TestPointsOfADocument(t *testing.T) {
	s := sorted{lanes: make([][]line, 1)}
	points(document(), &s)
	if len(s.letters) > 0 {
		t.Fatalf("dead letters: %+v", s.letters)
	}
	var got []string
	for _, line := range s.lanes[0] {
		got = append(got, string(line.text))
	}
	want := []string{
		`output,line=dye\,1,plant=a\ b made=100,scrap=0,expected=125,scheduled_s=900,observed_s=880,downtime_s=20 1582186500000000000`,
		`line_state,line=dye\,1,plant=a\ b state="running",reason="",since=1582185600000i,output=12 1582186500000000000`,
		`plant_phase,basis=first,definition=v1,label_phase=2,label_time=x,plant=a\ b,region=浙江 phase="ramping_up",relapsed=false,recovery=0.8,recovery_low=0.75,output=100,normal_output=125,coverage=0.95 1582186500000000000`,
		`transition,basis=first,definition=v1,kind=phase,plant=a\ b from="stopped",to="ramping_up",reason="window",id="7-0",value=0.8,threshold=0.3,baseline=125,evidence="{\"verdict\":{\"from\":\"2020-02-20T08:00:00.000Z\",\"to\":\"2020-02-20T08:15:00.000Z\",\"recovery\":0.8,\"recovery_low\":0.75,\"recovery_high\":null,\"output\":100,\"normal_output\":125,\"coverage\":0.95,\"threshold\":0.3}}" 1582186500000000000`,
		`transition,basis=first,definition=v1,kind=line,line=dye\,1,plant=a\ b from="stalled",to="running",reason="first_part",id="7-1",evidence="{\"since\":\"2020-02-20T08:00:00.000Z\"}" 1582186500000000000`,
		`declaration,id=d-1,kind=changeover,line=dye\,1,plant=a\ b reason="other yarn",by="shift lead",said=1582186501000i,open=true 1582185600000000000`,
		`declaration,id=d-2,kind=exclude,plant=a\ b reason="flood",ended_by="office",until=1582186500000i,open=false 1582185600000000000`,
		`flag,kind=frozen_counter,line=dye\,1,machine=m,plant=a\ b stands=true,since=1582185600000i,until=1582186500000i,seconds=900,made=0,evidence="{\"seconds\":900,\"made\":0}" 1582186500000000000`,
		`shift,basis=first,definition=v1,line=dye\,1,plant=a\ b,shift=早班 from=1582185600000i,planned_busy_s=900,observed_s=800,production_s=600,downtime_s=200,good=75,produced=80,ideal_cycle_s=6,coverage=0.8888888888888888,availability=0.6666666666666666,availability_high=0.7777777777777778,effectiveness=0.8,quality=0.9375,oee=0.5,oee_high=0.6111111111111112,proxy=false 1582186500000000000`,
		`shift,basis=first,definition=v1,line=dye\,2,plant=a\ b,shift=night from=1582185600000i,planned_busy_s=900,observed_s=0,production_s=0,downtime_s=0,good=0,produced=0,coverage=0,proxy=false 1582186500000000000`,
		`resumption,basis=first,definition=v1,segment=region,segment_value=浙江 eligible=4i,resumed=1i,normal=1i,ramping_up=1i,stopped=0i,unknown=1i,excluded=2i,reporting=3i,rate=0.5,rate_low=0.5,rate_high=0.75,coverage=0.75 1582186500000000000`,
		`resumption,basis=now,definition=v1,segment=all,segment_value=all eligible=0i,resumed=0i,normal=0i,ramping_up=0i,stopped=0i,unknown=0i,excluded=0i,reporting=0i,rate=0.5,recovery=0.4528,activity=0.4764 1582186500000000000`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
}

func TestLabelsNeverHideATagOrField(t *testing.T) {
	tests := []struct {
		labels map[string]string
		want   string
	}{
		{map[string]string{"plant": "x", "basis": "y", "label_plant": "z"}, `label_basis=y,label_label_plant=x,label_plant=z`},
		{map[string]string{"_field": "x", "empty": ""}, `label__field=x`},
		{map[string]string{"a\nb": "c\nd", "trail": `x\`, "eq=,": "v w"}, `a\ b=c\ d,eq\=\,=v\ w,trail=x`},
		{map[string]string{"bad\xff": "\xff"}, "bad\uFFFD=\uFFFD"},
		{map[string]string{"": "x"}, ``},
	}
	for _, tt := range tests {
		p := newPoint("m", at)
		p.labels(tt.labels)
		p.flag("f", true)
		line, err := p.encode()
		if err != nil {
			t.Errorf("%v: %v", tt.labels, err)
			continue
		}
		want := "m"
		if tt.want != "" {
			want += "," + tt.want
		}
		if got, _, _ := strings.Cut(string(line), " f="); got != want {
			t.Errorf("%v: %s, want %s", tt.labels, got, want)
		}
	}
}

func TestVerdictsAreStoredAndWhatCannotBeIsKept(t *testing.T) {
	onEveryInfluxd(t, func(t *testing.T, d *influxd) {
		cfg, _ := testConfig(t, d, d.URL)
		c := newClient(t, cfg)
		cur, dead := newMemoryCursor(), new(memoryLetters)
		doc := document()
		doc.Slots = append(doc.Slots, plant.OutputSlot{Plant: "bad\nid", Line: "l", At: at}, plant.OutputSlot{Plant: "no time", Line: "l"})
		text, err := doc.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		cur.add(text)
		cur.add([]byte(`{"at":`))
		cur.add(text) // again, after a restart
		v := c.NewVerdicts(cur, dead)
		stop := run(t, v)
		cur.await(t)
		stop()
		if got := v.Status(); got.Damaged != 1 || got.Written != 24 || got.DeadLettered != 4 {
			t.Errorf("Status = %+v, want 1 damaged, 24 written, 4 dead letters", got)
		}
		letters := dead.all()
		if len(letters) != 4 || !json.Valid(letters[0].Payload) || letters[0].Plant != "bad\nid" || !letters[0].At.Equal(letters[2].At) {
			t.Errorf("dead letters = %+v", letters)
		}
		d.db += "_verdicts"
		for measurement, fields := range map[string]string{"output": "made", "line_state": "state", "plant_phase": "phase", "resumption": "recovery", "flag": "seconds", "shift": "oee"} {
			if got := d.count(measurement, fields); got != 1 {
				t.Errorf("InfluxQL counts %d of %s, want 1", got, measurement)
			}
			if got := d.fluxCount(c, measurement, fields); got != 1 {
				t.Errorf("Flux counts %d of %s, want 1", got, measurement)
			}
		}
		if got := d.count("declaration", "reason"); got != 2 {
			t.Errorf("%d declarations, want 2", got)
		}
		if got := d.count("transition", "id"); got != 2 {
			t.Errorf("%d transitions, want 2", got)
		}
		rows := d.query(`SELECT phase, recovery FROM plant_phase WHERE region = '浙江' AND label_phase = '2' AND plant = 'a b' AND basis = 'first'`)
		if len(rows) != 1 || fmt.Sprint(rows[0].Values[0][1:]) != "[ramping_up 0.8]" {
			t.Errorf("plant_phase by its labels = %+v", rows)
		}
	})
}

func TestNumbersThatDoNotExistAreLeftOut(t *testing.T) {
	p := newPoint("m", at)
	p.float("nan", f64(math.NaN()))
	p.float("inf", f64(math.Inf(1)))
	p.float("nil", nil)
	p.float("x", f64(1))
	line, err := p.encode()
	if got, want := string(line), "m x=1 1582186500000000000"; got != want || err != nil {
		t.Errorf("encode() = %s, %v; want %s", got, err, want)
	}
	if _, err := (&collector.Verdicts{Slots: []plant.OutputSlot{{Made: math.NaN()}}}).Marshal(); plant.CodeOf(err) != plant.CodeInternal {
		t.Errorf("Marshal of NaN: %v, want a CodeInternal error", err)
	}
	if _, err := newPoint("m", 0).encode(); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("encode without time: %v, want a CodeInvalid error", err)
	}
}
