package history

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const hourly = "time: t\nlayout: 2006-01-02 15:04\nvalue: v\nplant: p\nline: l\nmachine: m\n"

func steelFormat(t *testing.T) CSVFormat {
	t.Helper()
	f, err := os.Open("../configs/steel.csv-format.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	format, err := LoadCSVFormat(f)
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

func TestTheWholeFileIsRead(t *testing.T) {
	rows, err := NewCSVRows(steelData(t), steelFormat(t))
	if err != nil {
		t.Fatal(err)
	}
	n, sum := 0, map[string]float64{}
	for {
		row, err := rows.Next()
		if err != nil {
			break
		}
		n++
		sum[row.At.Add(-time.Nanosecond).Format("2006-01-02")] += row.Value
	}
	if n != 17376 || len(sum) != 181 {
		t.Errorf("%d rows of %d days, want 17376 of 181", n, len(sum))
	}
	const january = 4072.2 // mean of its days
	for day, want := range map[string]float64{"2018-01-01": 0.086, "2018-01-02": 0.970, "2018-02-14": 0.163, "2018-02-19": 1.050, "2018-05-01": 0.073, "2018-05-02": 1.097} {
		if got := sum[day] / january; math.Abs(got-want) > 0.0006 {
			t.Errorf("%s: %.4f of a January day, want %.3f", day, got, want)
		}
	}
}

func TestLoadCSVFormat(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "the file is empty"},
		{hourly + "colour: red\n", "field colour not found"},
		{hourly + "stamp: middle\n", `stamp: "middle" is neither end nor start`},
		{hourly + "stamp: start\n", "interval: is missing"},
		{hourly + "midnight: noon\n", "midnight: "},
		{hourly + "zone: Seoul\n", `zone: "Seoul" is no time zone`},
		{hourly + "kind: sum\n", "kind: "},
		{strings.Replace(hourly, "2006-01-02 15:04", "2006-01-02", 1), "does not say date and time to the minute"},
		{strings.Replace(hourly, "plant: p", "plant: ../p", 1), "plant: "},
		{"layout: \"2006-01-02 15:04\"\nplant: p\nline: l\nmachine: m\n", "time: is missing"},
	} {
		if _, err := LoadCSVFormat(strings.NewReader(tc.text)); plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, want %q", tc.text, err, tc.want)
		}
	}
}
