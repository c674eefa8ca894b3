package history

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// told is each record of r in a line, errors by their words.
func told(r Reader) (out []string) {
	for {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			out = append(out, "error "+err.Error())
			continue
		case rec.Kind == Listening:
			out = append(out, fmt.Sprintf("%d %d listening %v", rec.Line, rec.At/1e6, rec.Up))
			continue
		case rec.Kind == Link:
			out = append(out, fmt.Sprintf("%d %d %s/%s %v", rec.Line, rec.At/1e6, rec.Plant, rec.Gateway, rec.Up))
			continue
		}
		s := rec.Sample
		line := fmt.Sprintf("%d %d %s/%s/%s %d #%d %v %s", rec.Line, rec.At/1e6, s.Plant, s.Line, s.Machine, s.Stamp/1e6, s.Seq, s.Flags.Has(plant.BadQuality), s.State)
		for _, f := range s.Fields {
			line += fmt.Sprintf(" %s=%v/%v/%v", f.Name, f.Int, f.Float, f.Str)
		}
		out = append(out, line)
	}
}

func TestSamplesAreReadAsDocumented(t *testing.T) {
	got := told(NewSamples(strings.NewReader(`{"at":1000,"ts":900,"plant":"p","line":"l","machine":"m","seq":7,"state":"on","quality":"bad","good":9223372036854775807,"kWh":1.5}
{"at":1000,"plant":"p","gateway":"g","link":"down"}

{"at":1001,"listening":false}
{"at":1002,"plant":"p","line":"l","machine":"m","good":3}
`)))
	want := []string{
		"1 1000 p/l/m 900 #7 true on good=9223372036854775807/0/ kWh=0/1.5/",
		"2 1000 p/g false", "4 1001 listening false", "5 1002 p/l/m 1002 #0 false  good=3/0/",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// As spreadsheets and data frames write them.
func TestSamplesOfOtherToolsAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeff" + `{"at":1000,"ts":900,"plant":"p","line":"l","machine":"m","good":1}` + "\r\n":                                       "1 1000 p/l/m 900 #0 false  good=1/0/",
		`{"at":1000,"ts":null,"plant":"p","line":"l","machine":"m","seq":null,"state":null,"quality":null,"good":null}`:                "1 1000 p/l/m 1000 #0 false ",
		`{"at":1000.0,"ts":9e2,"plant":"p","line":"l","machine":"m","seq":7.0,"state":180000,"good":3.0,"link":null,"listening":null}`: "1 1000 p/l/m 900 #7 false 180000 good=0/3/",
		`{"at":1000.5,"plant":"p","line":"l","machine":"m"}`:                                                                           "error line 1: at: is no whole number of milliseconds since 1970",
		`{"at":1000,"plant":"p","line":"l","machine":"m","seq":-1}`:                                                                    "error line 1: seq: is no whole number from 0 on",
	} {
		if got := told(NewSamples(strings.NewReader(text))); len(got) != 1 || got[0] != want {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestABadLineIsNamedAndTheNextOneRead(t *testing.T) {
	for text, want := range map[string]string{
		`{"at":1,"plant":"p"`: "line 1: ", `[]`: "is no JSON object", `{"plant":"p"}`: "at is missing", `{"at":"1"}`: "at: is no whole number",
		`{"at":1,"plant":"p","line":"l"}`: "a plant, a line and a machine", `{"at":1,"link":"off","plant":"p","gateway":"g"}`: "neither",
		`{"at":1,"plant":7}`: "plant: is no text", `{"at":1,"at":2}`: "duplicate", `{"at":1,"plant":"p","line":"l","machine":"m","x":[1]}`: "x: is an object or array",
		`{"at":9223372036854775807}`: "at: is no whole number", `{"at":1,"listening":"no"}`: "neither true nor false",
	} {
		got := told(NewSamples(strings.NewReader(text + "\n" + `{"at":5,"listening":true}` + "\n")))
		if len(got) != 2 || !strings.HasPrefix(got[0], "error line 1: ") || !strings.Contains(got[0], want) || got[1] != "2 5 listening true" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	got := told(NewSamples(strings.NewReader(`{"at":5,"listening":true}` + "\n" + `{"at":4,"listening":true}`)))
	if len(got) != 2 || !strings.Contains(got[1], "line 2: at is") {
		t.Errorf("%q", got)
	}
}

func FuzzSamples(f *testing.F) {
	f.Add([]byte(`{"at":1000,"ts":900,"plant":"p","line":"l","machine":"m","seq":7,"state":"o\n","quality":true,"good":1e3}`))
	f.Fuzz(func(t *testing.T, text []byte) { told(NewSamples(strings.NewReader(string(text)))) })
}

func TestAnExportOfManyMachines(t *testing.T) {
	format, err := LoadCSVFormat(strings.NewReader("time: t\nlayout: 2006-01-02 15:04\nvalue: v\nkind: delta\nplant_column: p\nline: l\nmachine_column: m\n"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := NewCSVRows(strings.NewReader("p,m,t,v\nx,1,2026-01-01 00:15,3\ny,1,2026-01-01 00:15,4\nx,1,2026-01-01 00:30,5\nx,1,2026-01-01 00:30,6\n../,1,2026-01-01 00:45,1\nx,2,2026-01-01 00:15,7\n"), format)
	if err != nil {
		t.Fatal(err)
	}
	got := told(NewCSV(rows, nil))
	if len(got) != 6 || !strings.Contains(got[1], "y/l/1") || !strings.Contains(got[3], "line 5: its interval ends at") || !strings.Contains(got[4], "line 6: an id") || !strings.Contains(got[5], "x/l/2") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// The clocks are set back: the wall shows 02:00 to 03:00 twice. What counts has
// the name that the line's counter has.
func TestRowsOfATimeThatComesTwice(t *testing.T) {
	for layout, want := range map[string]string{
		"2006-01-02 15:04":       "00:30 00:45 01:30 01:45 02:00",
		"2006-01-02 15:04 -0700": "00:30 00:45 01:30 01:45 02:00",
	} {
		format, err := LoadCSVFormat(strings.NewReader("time: t\nlayout: " + layout + "\nzone: Europe/Berlin\nvalue: v\nplant: p\nline: l\nmachine: m\n"))
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		text := "t,v\n"
		for _, utc := range strings.Fields(want) {
			at, err := time.Parse("2006-01-02 15:04", "2026-10-25 "+utc)
			if err != nil {
				t.Fatal(err)
			}
			text += at.In(zone).Format(layout) + ",1\n"
		}
		rows, err := NewCSVRows(strings.NewReader(text), format)
		if err != nil {
			t.Fatal(err)
		}
		r, got := NewCSV(rows, func(string, string) string { return "good" }), ""
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || rec.Sample.Fields[0].Name != "good" {
				t.Fatalf("%v: %+v", err, rec.Sample)
			}
			got += rec.At.Time().UTC().Format("15:04") + " "
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: got %s, want %s", layout, got, want)
		}
	}
}
