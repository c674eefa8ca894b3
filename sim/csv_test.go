package sim

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

func steelFormat(t *testing.T) history.CSVFormat {
	t.Helper()
	f, err := os.Open("../configs/steel.csv-format.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	format, err := history.LoadCSVFormat(f)
	if err != nil {
		t.Fatal(err)
	}
	return format
}

func steelData(t *testing.T) *os.File {
	t.Helper()
	shared := os.Getenv("HEARTLINE_SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	f, err := os.Open(filepath.Join(shared, "data/steel-2018h1.csv"))
	if err != nil {
		t.Skipf("the steel works' data is not here (HEARTLINE_SHARED): %v", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func kwh(t *testing.T, m Message) float64 {
	t.Helper()
	var b struct {
		TS, Seq int64
		Usage   float64 `json:"Usage_kWh"`
	}
	if err := json.Unmarshal(m.Payload, &b); err != nil || b.TS != m.At.UnixMilli() {
		t.Fatalf("%s due at %d: %v", m.Payload, m.At.UnixMilli(), err)
	}
	return b.Usage
}

func TestADayInFiveSeconds(t *testing.T) {
	seoul, _ := time.LoadLocation("Asia/Seoul")
	now := time.Date(2026, 2, 10, 8, 0, 1, 7, time.UTC)
	c, err := NewCSV(steelData(t), steelFormat(t), CSVOptions{
		From: time.Date(2018, 2, 12, 0, 0, 0, 0, seoul), To: time.Date(2018, 2, 25, 0, 0, 0, 0, seoul), Speed: 17280, Start: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	base := time.Date(2026, 2, 10, 8, 0, 5, 0, time.UTC)
	if !c.Begins().Equal(base) {
		t.Fatalf("begins at %v, want %v", c.Begins(), base)
	}
	messages := all(t, c)
	if len(messages) != 13*96 {
		t.Fatalf("%d messages, want %d", len(messages), 13*96)
	}
	// A day's kilowatt hours, added up from the file by its date column.
	want := []float64{3968.94, 5060.72, 663.18, 334.54, 331.64, 339.23, 338.39, 4275.49, 5853.61, 5455.38, 6161.20, 4637.49, 4856.52}
	got, rows := make([]float64, 13), make([]int, 13)
	for i, m := range messages {
		day := int((m.At.Sub(base) - 1) / (5 * time.Second)) // half open, (from, to]
		got[day] += kwh(t, m)
		rows[day]++
		if end := base.Add(time.Duration(i/96+1) * 5 * time.Second); i%96 == 95 && !m.At.Equal(end) {
			t.Errorf("day %d ends at %v, want %v", i/96, m.At, end)
		}
		if m.Topic != "factory/gwangyang/works/meter/heartbeat" {
			t.Fatalf("topic %s", m.Topic)
		}
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 0.005 || rows[i] != 96 {
			t.Errorf("day %d: %.2f kWh in %d rows, want %.2f in 96", i, got[i], rows[i], want[i])
		}
	}
}

const hourly = "time: t\nlayout: 2006-01-02 15:04\nvalue: v\nplant: p\nline: l\nmachine: m\n"

func replay(t *testing.T, format, rows string, opts CSVOptions) ([]Message, error) {
	t.Helper()
	f, err := history.LoadCSVFormat(strings.NewReader(format))
	if err != nil {
		t.Fatal(err)
	}
	if opts.Start.IsZero() {
		opts.Start = start
	}
	c, err := NewCSV(strings.NewReader(rows), f, opts)
	if err != nil {
		return nil, err
	}
	var out []Message
	for {
		m, err := c.Next()
		if err != nil {
			return out, err
		}
		out = append(out, m)
	}
}

func TestDaysThatChangeClocksTakeAsLong(t *testing.T) {
	rows := "t,v\n2026-03-28 12:00,1\n2026-03-29 00:00,2\n2026-03-29 12:00,3\n2026-03-30 00:00,4\n2026-03-31 00:00,5\n"
	got, _ := replay(t, hourly+"zone: Europe/Berlin\n", rows, CSVOptions{Align: 24 * time.Second})
	want := []string{"12s", "24s", "35.479s", "48s", "1m12s"} // 11 of 23 hours, rounded up
	for i, m := range got {
		if d := m.At.Sub(start).String(); d != want[i] {
			t.Errorf("row %d is due after %s, want %s", i, d, want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestRowsStampedAtTheirStart(t *testing.T) {
	got, _ := replay(t, hourly+"stamp: start\ninterval: 6h\n", "\ufefft,v\n2026-03-28 12:00,1\n2026-03-28 18:00,2\n", CSVOptions{Speed: 3600})
	if len(got) != 2 || got[0].At.Sub(start) != 18*time.Second || got[1].At.Sub(start) != 24*time.Second {
		t.Errorf("got %v", got)
	}
	if want := `{"ts":` + "1770699624000" + `,"seq":2,"v":2}`; string(got[1].Payload) != want {
		t.Errorf("got %s, want %s", got[1].Payload, want)
	}
}

func TestAReplayNamesTheBadLine(t *testing.T) {
	for _, tc := range []struct{ name, rows, want string }{
		{"no column", "time,v\n", `no column "t"; its header is time, v`},
		{"empty", "", "has no header"},
		{"a bad time", "t,v\n28.3.2026,1\n", `line 2: column t: "28.3.2026" is not written like`},
		{"a bad number", "t,v\n2026-03-28 12:00,1\n2026-03-28 13:00,x\n", `line 3: column v: "x" is no number`},
		{"no number", "t,v\n2026-03-28 12:00,NaN\n", "is no number"},
		{"a fraction", "t,v\n2026-03-28 12:00,1.5\n", "write decimal: true"},
		{"out of order", "t,v\n2026-03-28 12:00,1\n2026-03-28 12:00,1\n", "line 3: its interval ends at 2026-03-28T12:00:00Z, not after line 2's"},
		{"a short row", "t,v\n2026-03-28 12:00\n", "it has 1 columns, the header has 2"},
		{"too fast", "t,v\n2026-03-28 12:00,1\n2026-03-28 12:01,1\n2026-03-28 12:02,1\n", "two rows share a millisecond"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := replay(t, hourly, tc.rows, CSVOptions{Align: 100 * time.Millisecond}); plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestCSVOptions(t *testing.T) {
	for want, opts := range map[string]CSVOptions{
		"0 times as fast":       {},
		"in 1.5ms":              {Align: 1500 * time.Microsecond},
		"in 48h0m0s":            {Speed: 0.5},
		"is not before to":      {Speed: 10, From: start, To: start},
		"-1 times as fast as":   {Speed: -1},
		"1e+20 times as fast a": {Speed: 1e20},
	} {
		if _, err := replay(t, hourly, "t,v\n", opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", opts, err, want)
		}
	}
}
