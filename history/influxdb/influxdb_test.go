package influxdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/history/influxdb"
	"github.com/seed-00829101/heartline/internal/influxadmin"
	"github.com/seed-00829101/heartline/internal/influxdtest"
	"github.com/seed-00829101/heartline/plant"
)

// fresh is an InfluxDB with the buckets of Heartline, and the points of text.
func fresh(t *testing.T, version, bucket, text string) *influxdb.Client {
	t.Helper()
	server := influxdtest.Run(t, version)
	token := t.TempDir() + "/token"
	_, err := influxadmin.Setup(t.Context(), influxadmin.Options{
		Server: influxadmin.Server{URL: server.URL, HTTP: http.DefaultClient}, Org: "heartline", Bucket: "factory", VerdictBucket: "factory_verdicts",
		TokenFile: token, AdminTokenFile: t.TempDir() + "/admin", AdminPasswordFile: t.TempDir() + "/password", Say: t.Logf,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &influxdb.Client{URL: server.URL}
	if c.Token, err = influxadmin.ReadToken(token); err != nil {
		t.Log(err) // 1.8 asks nobody
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v2/write?"+url.Values{"org": {"heartline"}, "bucket": {bucket}}.Encode(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+c.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %s", resp.Status, said)
	}
	return c
}

func told(t *testing.T, r history.Reader) (out []string) {
	t.Helper()
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if s := rec.Slot; s != nil {
			out = append(out, fmt.Sprintf("%s/%s %s made %v of %v seen %v", s.Plant, s.Line, s.At, s.Made, s.Expected, s.Observed))
			continue
		}
		s := rec.Sample
		line := fmt.Sprintf("%s/%s/%s %s unit %d seq %d state %q flags %d", s.Plant, s.Line, s.Machine, s.Stamp, s.Unit, s.Seq, s.State, s.Flags)
		for _, f := range s.Fields {
			line += fmt.Sprintf(" %s=%d:%v/%v/%v/%q", f.Name, f.Kind, f.Int, f.Float, f.Bool, f.Str)
		}
		out = append(out, line)
	}
}

func TestHeartbeatsAreReadAsTheyWereStored(t *testing.T) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) {
			c := fresh(t, version, "factory", `heartbeat,line=l,machine=m1,plant=p arrived=1769940000500i,seq=42i,state="say \"on\", now",good=9007199254740993i,temp=3 1769940000123000042
heartbeat,line=l,machine=m2,plant=p arrived=1769940000500i,flags="bad_quality delta",kWh=2,ok=true,word="x" 1769940001000000000
heartbeat,line=l,machine=m1,plant=p arrived=1770112800000i,good=7i,temp=3.5 1770112800000000000
`)
			from, to, err := c.Span(t.Context(), "factory", "heartbeat")
			if err != nil || from != 1769940000123000042 || to != 1770112800000000000 {
				t.Fatalf("span %d %d %v", from, to, err)
			}
			r, closer, err := c.Heartbeats(t.Context(), "factory", from-1, to)
			if err != nil {
				t.Fatal(err)
			}
			defer closer.Close()
			got := told(t, r)
			want := []string{
				fmt.Sprintf(`p/l/m1 2026-02-01T10:00:00.123Z unit %d seq 42 state "say \"on\", now" flags 0 good=%d:9007199254740993/0/false/"" temp=%d:0/3/false/""`, plant.Millisecond, plant.Int, plant.Float),
				fmt.Sprintf(`p/l/m2 2026-02-01T10:00:01.000Z unit 0 seq 0 state "" flags %d kWh=%d:0/2/false/"" ok=%d:0/0/true/"" word=%d:0/0/false/"x"`, plant.Delta|plant.BadQuality, plant.Float, plant.Bool, plant.String),
				fmt.Sprintf(`p/l/m1 2026-02-03T10:00:00.000Z unit 0 seq 0 state "" flags 0 good=%d:7/0/false/"" temp=%d:0/3.5/false/""`, plant.Int, plant.Float),
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			text, err := c.CSV(t.Context(), "factory", `SELECT max(good) AS good FROM heartbeat WHERE machine = 'm1' GROUP BY time(1d), plant, machine fill(none)`)
			if err != nil {
				t.Fatal(err)
			}
			defer text.Close()
			all, err := io.ReadAll(text)
			if want := "time,good,machine,plant\n2026-02-01T00:00:00Z,9007199254740993,m1,p\n2026-02-03T00:00:00Z,7,m1,p\n"; err != nil || string(all) != want {
				t.Errorf("%v\n%s\nwant\n%s", err, all, want)
			}
			bad, err := c.CSV(t.Context(), "factory", `SELEKT`)
			if err == nil {
				_, err = io.ReadAll(bad)
			}
			if plant.CodeOf(err) != plant.CodeInvalid {
				t.Errorf("a query that is none: %v", err)
			}
		})
	}
}

// More rows than a chunk, over many days: all of them, in order.
func TestOutputIsReadChunkByChunkAndDayByDay(t *testing.T) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) {
			var text strings.Builder
			begin := plant.InstantOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			const lines, slots = 120, 3 * 96
			for i := 1; i <= slots; i++ {
				for l := range lines {
					fmt.Fprintf(&text, "output,line=l%03d,plant=p made=%d,expected=4,observed_s=900 %d\n", l, i, begin.Add(time.Duration(i)*15*time.Minute))
				}
			}
			c := fresh(t, version, "factory_verdicts", text.String())
			from, to, err := c.Span(t.Context(), "factory_verdicts", "output")
			if err != nil {
				t.Fatal(err)
			}
			r, closer, err := c.Output(t.Context(), "factory_verdicts", from-1, to)
			if err != nil {
				t.Fatal(err)
			}
			defer closer.Close()
			got := told(t, r)
			if len(got) != lines*slots || !strings.HasSuffix(got[0], " 2026-01-01T00:15:00.000Z made 1 of 4 seen 900") || !strings.HasSuffix(got[len(got)-1], " 2026-01-04T00:00:00.000Z made 288 of 4 seen 900") {
				t.Errorf("%d slots, from %s to %s", len(got), got[0], got[len(got)-1])
			}
			if from, to, err := c.Span(t.Context(), "factory_verdicts", "nothing"); from != 0 || to != 0 || err != nil {
				t.Errorf("span of nothing: %d %d %v", from, to, err)
			}
		})
	}
}

func TestAnInfluxDBThatIsAwayIsUnavailable(t *testing.T) {
	c := &influxdb.Client{URL: "http://127.0.0.1:1"}
	if _, _, err := c.Span(context.Background(), "b", "m"); plant.CodeOf(err) != plant.CodeUnavailable {
		t.Error(err)
	}
}

func TestDeclarationsOfATime(t *testing.T) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) {
			c := fresh(t, version, "factory_verdicts", `declaration,id=over,kind=exclude,plant=p reason="x",until=1769940000000i,open=false,said=1769930000000i 1769930000000000000
declaration,id=long,kind=exclude,plant=p reason="flood",by="li",until=1769950000000i,open=false,said=1769930000000i 1769930000000000000
declaration,id=open,kind=changeover,line=l,plant=p open=true,said=1769942000000i 1769943000000000000
declaration,id=back,kind=planned_stop,line=l,plant=p ended_by="wu",until=1769941000000i,open=false,said=1769941500000i 1769943000000000000
declaration,id=note,kind=note,plant=p reason="pump",until=1769943000000i,open=false,said=1769943000000i 1769943000000000000
declaration,id=later,kind=changeover,line=l,plant=p open=true,said=1769960000000i 1769960000000000000`)
			got, err := c.Declarations(t.Context(), "factory_verdicts", 1769940000000000000, 1769950000000000000)
			if err != nil {
				t.Fatal(err)
			}
			var text []string
			for _, r := range got {
				d := r.Declaration
				text = append(text, fmt.Sprintf("%s %d %s/%s %s %d-%d %s %s", d.ID, r.At, d.Plant, d.Line, d.Kind, d.From, d.To, d.Reason, d.By))
			}
			slices.Sort(text)
			want := []string{
				"long 1769940000000000001 p/ exclude 1769930000000000000-1769950000000000000 flood li",
				"open 1769942000000000000 p/l changeover 1769943000000000000-0  ",
			}
			if fmt.Sprint(text) != fmt.Sprint(want) {
				t.Errorf("got  %q\nwant %q", text, want)
			}
		})
	}
}
