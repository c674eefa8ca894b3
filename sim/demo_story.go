package sim

import "time"

// chapter is what a line of the demo does for a while.
type chapter struct {
	until time.Duration // since the story began
	share float64       // of its ideal output
	state string        // empty: no heartbeats at all
}

type demoLine struct {
	id, machine, unit string
	story             []chapter
}

type demoPlant struct {
	id, name, zone string
	labels         map[string]string
	lines          []demoLine
}

const (
	// demoEvery is the machines' interval, demoCycle the time a unit takes.
	demoEvery = time.Second
	demoCycle = 400 * time.Millisecond
	// demoNormal is the lines' normal output per hour: 80 % of the ideal.
	demoNormal = 7200
	// demoLength is when the story begins anew.
	demoLength = 4 * time.Minute
)

func sec(n int) time.Duration { return time.Duration(n) * time.Second }

var steady = []chapter{{demoLength, 0.8, stateRunning}}

// demoPlants is the demo's story. With windows of 10 s, a hold of 20 s and a
// stop_hold of 10 s:
//
//	shaoxing-07   stands still, produces from 25 s on: stopped, ramping up by
//	              40 s, resumed by 55 s; stands still again from 200 s on
//	gwangju-02    runs all the time
//	pune-11       runs; press-2 breaks down at 35 s and is stalled at about
//	              41 s, until it is mended at 110 s
//	wolfsburg-03  runs, stops at 60 s: relapsed by 80 s; runs again from 130 s on
//	monterrey-04  makes 15 % of its normal output, from 50 s on 25 %: stopped,
//	              never resumed; its gateway is cut off from 90 s to 120 s
var demoPlants = []demoPlant{
	{"shaoxing-07", "Shaoxing Dyeing No. 7", "Asia/Shanghai", map[string]string{"region": "Zhejiang", "industry": "textiles"}, []demoLine{
		{"dye-1", "jigger-1", "m", []chapter{{sec(25), 0, stateStopped}, {sec(200), 0.75, stateRunning}, {demoLength, 0, stateStopped}}},
		{"dye-2", "jigger-2", "m", []chapter{{sec(27), 0, stateStopped}, {sec(202), 0.7, stateRunning}, {demoLength, 0, stateStopped}}},
	}},
	{"gwangju-02", "Gwangju Appliances", "Asia/Seoul", map[string]string{"region": "Gwangju", "industry": "appliances"}, []demoLine{
		{"assembly-1", "tester-1", "pcs", steady},
		{"assembly-2", "tester-2", "pcs", []chapter{{demoLength, 0.7, stateRunning}}},
	}},
	{"pune-11", "Pune Stampings", "Asia/Kolkata", map[string]string{"region": "Maharashtra", "industry": "automotive"}, []demoLine{
		{"press-1", "press-1", "pcs", steady},
		{"press-2", "press-2", "pcs", []chapter{{sec(35), 0.8, stateRunning}, {sec(110), 0, stateFault}, {demoLength, 0.8, stateRunning}}},
	}},
	{"wolfsburg-03", "Wolfsburg Plastics", "Europe/Berlin", map[string]string{"region": "Niedersachsen", "industry": "automotive"}, []demoLine{
		{"moulding-1", "imm-1", "pcs", []chapter{{sec(60), 0.7, stateRunning}, {sec(130), 0, stateStarved}, {demoLength, 0.8, stateRunning}}},
	}},
	{"monterrey-04", "Monterrey Castings", "America/Monterrey", map[string]string{"region": "Nuevo León", "industry": "metal"}, []demoLine{
		{"casting-1", "caster-1", "pcs", []chapter{{sec(50), 0.12, stateRunning}, {sec(90), 0.2, stateRunning}, {sec(120), 0, ""}, {demoLength, 0.2, stateRunning}}},
	}},
}
