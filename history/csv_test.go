package history

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
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

// Rows that cannot be read are told with their line and text, whatever is wrong
// with them, and the rows after them are read: a quote that is never closed
// does not swallow the file.
func TestBadRowsAreToldAsTheyStandAndTheRestIsRead(t *testing.T) {
	format, err := LoadCSVFormat(strings.NewReader(hourly + "kind: delta\n"))
	if err != nil {
		t.Fatal(err)
	}
	text := "t,v\r\n2026-01-01 01:00,1\r\n2026-01-01 02:00\r\n2026-01-01 03:00,\"4\r\n2026-01-01 04:00,5\r\n\"2026-01-01 05:00\",\"6\"\r\n" +
		"2026-01-01 06:00,a \"b\r\n2026-01-01 07:00,x\r\nnever,1\r\n2026-01-01 04:30,7\r\n2026-01-01 08:00,\"8"
	rows, err := NewCSVRows(strings.NewReader(text+strings.Repeat("9", 3*maxRow)+"\n2026-01-01 09:00,10\n"), format)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 20 {
		row, err := rows.Next()
		var bad *BadRow
		if err == io.EOF {
			break
		}
		if errors.As(err, &bad) {
			got = append(got, fmt.Sprintf("%d bad %.20s", bad.Line, bad.Text))
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s %v", row.Line, row.At.Format("15:04"), row.Value))
	}
	want := []string{
		"2 01:00 1", "3 bad 2026-01-01 02:00", "4 bad 2026-01-01 03:00,\"4", "5 04:00 5", "6 05:00 6", "7 bad 2026-01-01 06:00,a \"", "8 bad 2026-01-01 07:00,x",
		"9 bad never,1", "10 bad 2026-01-01 04:30,7", "11 bad 2026-01-01 08:00,\"89", "12 09:00 10",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What a spreadsheet in most of Europe exports is read as well.
func TestSeparatorsAndDecimalCommas(t *testing.T) {
	read := func(format, file string) (values []float64, bad []string) {
		t.Helper()
		f, err := LoadCSVFormat(strings.NewReader(hourly + format))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := NewCSVRows(strings.NewReader(file), f)
		if err != nil {
			return nil, []string{err.Error()}
		}
		for {
			row, err := rows.Next()
			switch b := (*BadRow)(nil); {
			case err == nil:
				values = append(values, row.Value)
			case errors.As(err, &b):
				bad = append(bad, err.Error())
			default:
				return values, bad
			}
		}
	}
	const rows = "t;v\n2018-01-01 01:00;3,17\n2018-01-01 02:00;4\n2018-01-01 03:00;1.234,5\n"
	values, bad := read("separator: ';'\ndecimal: true\ndecimal_comma: true\n", rows)
	if !slices.Equal(values, []float64{3.17, 4}) || len(bad) != 1 || !strings.Contains(bad[0], `"1.234,5" has a dot`) {
		t.Errorf("%v %q", values, bad)
	}
	if values, _ = read("separator: tab\n", "t\tv\n2018-01-01 01:00\t3\n"); !slices.Equal(values, []float64{3}) {
		t.Errorf("tab: %v", values)
	}
	for _, test := range []struct{ name, format, file, want string }{
		{"not told so", "separator: ';'\ndecimal: true\n", rows, "decimal_comma: true"},
		{"another separator", "", rows, "are not separated by what the format says"},
		{"UTF-16", "", "\xff\xfet\x00", "UTF-16"},
		{"packed", "", "\x1f\x8b\x08", "packed by gzip"},
		{"a terminal's own language", "", "\x1b[2Jt\n", "no column \"t\"; its header is \ufffd[2Jt"},
		{"two columns of a name", "", "t,v,v\n", `two columns "v"`},
	} {
		if _, bad := read(test.format, test.file); len(bad) == 0 || !strings.Contains(bad[0], test.want) {
			t.Errorf("%s: %q", test.name, bad)
		}
	}
	for _, text := range []string{"';;'", `'"'`, "'.'", "'7'"} {
		if _, err := LoadCSVFormat(strings.NewReader(hourly + "separator: " + text + "\n")); err == nil {
			t.Errorf("separator %s is taken", text)
		}
	}
}
