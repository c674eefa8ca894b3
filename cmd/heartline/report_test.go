package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// twoPlants records three days of plant a, which produces from the second on;
// of plant b nothing.
func twoPlants(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "plants.yaml", `plants:
  - {id: a, labels: {region: Zhejiang}, lines: [{id: l, machines: [m], interval: 1h, normal: 10/h}]}
  - {id: b, labels: {region: Jiangsu}, lines: [{id: l, machines: [m], interval: 1h, normal: 10/h}]}
`, 0o600)
	var b strings.Builder
	at, good := time.Date(2020, 2, 10, 0, 0, 0, 0, time.UTC), 0
	for hour := range 73 {
		if hour > 24 {
			good += 9
		}
		ms := at.Add(time.Duration(hour)*time.Hour).UnixMilli() + 1
		fmt.Fprintf(&b, `{"at":%d,"ts":%d,"plant":"a","line":"l","machine":"m","good":%d}`+"\n", ms, ms, good)
	}
	write(t, "samples.ndjson", b.String(), 0o600)
}

func TestReportOfARecording(t *testing.T) {
	twoPlants(t)
	status, out, errs := inPlace("", "report", "--samples", "samples.ndjson", "--by", "region", "--output", "csv", "--to", "2020-02-12")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows[1:] {
		got = append(got, strings.Join([]string{row[0], row[3], row[8] + "/" + row[7], row[15] + " " + row[16]}, " "))
	}
	// The plant that was never heard is in the denominator.
	want := `2020-02-11 all 1/2 0.5 0.5
2020-02-11 Jiangsu 0/1 0 0
2020-02-11 Zhejiang 1/1 1 1
2020-02-12 all 1/2 0.5 0.5
2020-02-12 Jiangsu 0/1 0 0
2020-02-12 Zhejiang 1/1 1 1`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	for _, args := range [][]string{{"--output", "html"}, {"--output", "html", "--lang", "zh"}, {"--output", "json"}, {}} {
		if status, out, errs := inPlace("", append([]string{"report", "--samples", "samples.ndjson"}, args...)...); status != 0 || !strings.Contains(out, "2020-02-12") {
			t.Errorf("%v: status %d: %s", args, status, errs)
		}
	}
}

func TestReportSaysWhatIsWrong(t *testing.T) {
	twoPlants(t)
	write(t, "empty.ndjson", "", 0o600)
	for args, want := range map[string]string{
		"--samples samples.ndjson --output pdf":                      "none of text, csv, json and html",
		"--samples samples.ndjson --lang de":                         "none of en, zh",
		"--samples samples.ndjson --from 2020-02":                    "like 2026-03-01",
		"--samples samples.ndjson --from 2020-02-12 --to 2020-02-10": "before the first",
		"--samples samples.ndjson --by regoin":                       `no plant has a label "regoin"; there are [region]`,
		"--samples samples.ndjson --csv x --csv-format y":            "name one file",
		"--samples samples.ndjson --url http://127.0.0.1:1":          "name one of them",
		"--samples empty.ndjson":                                     "no window",
		"--samples nothing.ndjson":                                   "nothing.ndjson",
	} {
		status, out, errs := inPlace("", append([]string{"report"}, strings.Fields(args)...)...)
		if status != 2 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %s%s", args, status, out, errs)
		}
	}
	if _, err := os.Stat("heartline-data"); err == nil {
		t.Error("a report makes a data directory")
	}
}
