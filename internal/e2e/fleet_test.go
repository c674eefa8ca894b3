package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const threePlants = `plants:
  - {id: a, labels: {region: Zhejiang}, lines: [{id: l, machines: [m], interval: 1s, normal: 3600/h}]}
  - {id: b, labels: {region: Jiangsu}, lines: [{id: l, machines: [m], interval: 1s, normal: 3600/h}]}
  - {id: c, lines: [{id: l, machines: [m], interval: 1s, normal: 3600/h}], excluded: {reason: flood, to: 2099-12-31}}
`

// A fleet of three, of which one produces, one was never heard of and one is
// excluded: the same on the API, in the metrics and in InfluxDB, and after a
// kill still the same points.
func TestFleetFiguresReachEveryReader(t *testing.T) {
	awaitADayWithRoom()
	dir := t.TempDir()
	registry := writeFile(t, "plants.yaml", threePlants)
	rules := writeFile(t, "rules.yaml", "resume: {window: 3s, hold: 3s, stop_hold: 3s, lateness: 1h}\n")
	h := serve(t, dir, "--registry", registry, "--rules", rules)
	now := time.Now()
	for i := range 12 { // a clock a few seconds ahead: windows close at once
		pub(t, h.addr.MQTT, "factory/a/l/m/heartbeat", fmt.Sprintf(`{"ts":%d,"good":%d}`, now.Add(time.Duration(i)*time.Second).UnixMilli(), i))
	}
	h.awaitLog("phase resumed", `plant=a`)

	var answer struct {
		Resumption []struct {
			Segment                              string
			Value                                string `json:"segment_value"`
			Eligible, Resumed, Unknown, Excluded int
		}
	}
	eventually(t, "a has resumed", func() bool {
		h.get("/api/v1/resumption?by=region", &answer)
		return answer.Resumption[0].Resumed == 1
	})
	got := []string{}
	for _, r := range answer.Resumption {
		got = append(got, fmt.Sprintf("%s %s %d/%d %d unknown %d excluded", r.Segment, r.Value, r.Resumed, r.Eligible, r.Unknown, r.Excluded))
	}
	want := "all all 1/2 1 unknown 1 excluded; region (none) 0/0 0 unknown 1 excluded; region Jiangsu 0/1 1 unknown 0 excluded; region Zhejiang 1/1 0 unknown 0 excluded"
	if strings.Join(got, "; ") != want {
		t.Errorf("the API says\n%s\nwant\n%s", strings.Join(got, "; "), want)
	}
	if v := h.metric(`heartline_resumption_rate{segment="all",segment_value="all"}`); v != 0.5 {
		t.Errorf("the metric says %v, want 0.5", v)
	}
	text := run(t, binary, "report", "--data_dir", dir, "--registry", registry, "--rules", rules, "--by", "region")
	for _, want := range []string{"50.0\u202f%", "50.0\u202f% – 100.0\u202f%", "region: Jiangsu", "excluded by a person", "at least 30% of normal output"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	query := "SELECT resumed, eligible, unknown, excluded, rate, rate_high, segment, segment_value, basis FROM resumption WHERE segment='all' AND resumed=1"
	eventually(t, "InfluxDB has the rate", func() bool {
		_, rows := influxQL(t, h.addr.InfluxDB, "factory_verdicts", query)
		return len(rows) > 0 && count(t, h.addr.InfluxDB, "factory", "SELECT count(good) FROM heartbeat") == 12
	})
	columns, before := influxQL(t, h.addr.InfluxDB, "factory_verdicts", query)
	if text := fmt.Sprint(columns[1:], before[0][1:]); text != "[resumed eligible unknown excluded rate rate_high segment segment_value basis] [1 2 1 1 0.5 1 all all first]" {
		t.Errorf("InfluxDB says %s", text)
	}
	day := now.UTC().Format(time.DateOnly)
	text = run(t, binary, "report", "--replay", "--data_dir", dir, "--registry", registry, "--rules", rules, "--from", day, "--to", day, "--output", "csv")
	if want := ",2,1,0,0,0,1,1,1,0.5,0.5,1,0.5,"; !strings.Contains(text, want) { // eligible, resumed, ...
		t.Errorf("what InfluxDB holds, played again, lacks %q:\n%s", want, text)
	}
	// What was reported before the server remembers is in InfluxDB.
	midnight := now.UTC().Truncate(24 * time.Hour)
	point := fmt.Sprintf("resumption,basis=first,definition=old,segment=all,segment_value=all eligible=9i,resumed=6i,rate=0.75 %d", midnight.UnixNano())
	resp, err := http.Post(h.addr.InfluxDB+"/write?db=factory_verdicts", "text/plain", strings.NewReader(point))
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	text = run(t, binary, "report", "--data_dir", dir, "--registry", registry, "--rules", rules, "--from", midnight.AddDate(0, 0, -1).Format(time.DateOnly), "--output", "csv")
	for _, want := range []string{",all,all,old,first,false,9,6,", ",2,1,0,0,0,1,1,1,0.5,"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report from yesterday on lacks %q:\n%s", want, text)
		}
	}
	h.kill()
	h = serve(t, dir, "--registry", registry, "--rules", rules)
	eventually(t, "it is 1 of 2 after the kill", func() bool {
		h.get("/api/v1/resumption", &answer)
		return answer.Resumption[0].Resumed == 1 && answer.Resumption[0].Eligible == 2
	})
	_, after := influxQL(t, h.addr.InfluxDB, "factory_verdicts", query)
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("after a kill InfluxDB says\n%v\nbefore\n%v", after, before)
	}
}
