package collector_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// What the loop takes of an import is in a frame, marked as history, with its
// stamp, unit and flags; rows that cannot be read are dead letters, and the
// ledger has all of them.
func TestAnImportIsMarkedAsHistoryAndCounted(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	var part collector.Imported
	var points collector.PointReader
	text := "heartbeat,line=l,machine=m,plant=p arrived=1514733300000i,flags=\"delta\",kWh=3.17 1514733300000000000\n" +
		"# a comment\n\nheartbeat,plant=p,line=l,machine=m seq=42i,good=7i 1514733300123000042\n"
	if err := points.Read(&part, []byte(text)); err != nil {
		t.Fatal(err)
	}
	part.Bad = []collector.DeadLetter{{At: time.Unix(5, 0), Plant: "p", Payload: []byte("x"), Words: "f.csv line 3: no number"}}
	part.Known = []string{"p"}
	part.Control = &collector.Import{ID: "a"}
	if err := r.loop.Import(t.Context(), &part); err != nil {
		t.Fatal(err)
	}
	appended := r.loop.Appended()
	_ = r.stop()
	var lines collector.LineReader
	var got []plant.Sample
	for _, data := range q.all() {
		f, err := collector.ReadFrame(data)
		if err != nil {
			t.Fatal(err)
		}
		for rec, err := range f.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if rec.Imported {
				var s plant.Sample
				if err := lines.Read(&rec, &s); err != nil {
					t.Fatal(err)
				}
				got = append(got, s)
			}
		}
	}
	if len(got) != 2 || !got[0].Flags.Has(plant.Delta) || got[0].Unit != plant.Nanosecond || got[0].Stamp != 1514733300000000000 ||
		got[1].Unit != plant.Millisecond || got[1].Stamp != 1514733300123000000 || got[1].Seq != 42 {
		t.Errorf("%+v", got)
	}
	want := collector.Posting{Account: collector.Account{Plant: "p", Source: collector.ImportSource}, Tally: collector.Tally{Received: 4, Duplicate: 1, DeadLettered: 1}}
	if !slices.Contains(appended, want) {
		t.Errorf("the ledger says %+v, want %+v", appended, want)
	}
	if len(r.dead.kept) != 1 || r.dead.kept[0].Reason != collector.ReasonRow || r.dead.kept[0].Source != collector.ImportSource {
		t.Errorf("dead letters %+v", r.dead.kept)
	}
}

// An import that cannot be noted is refused, and the loop goes on.
func TestAnImportThatWouldNotReadBackIsRefused(t *testing.T) {
	r := start(t, newFakeQueue(), nil)
	bad := collector.Imported{Control: &collector.Import{ID: "a", Interval: -1}}
	if err := r.loop.Import(t.Context(), &bad); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("%v, want a refusal", err)
	}
	r.send(1, "m1", "1")
	r.awaitAck()
}

func TestPointsThatAreNoHeartbeatsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"heartbeat,line=l,machine=m,plant=p good=1i 5\nx y=1 5":             "line 2: is no point of the measurement heartbeat",
		"heartbeat,line=l,machine=m good=1i 5":                              "tag plant: is empty",
		"heartbeat,line=l,machine=m,plant=a/b good=1i 5":                    "tag plant: ",
		"heartbeat,line=l,machine=m,plant=p good=1i":                        "has no time",
		"heartbeat,line=l,machine=m,plant=p plant=1i 5":                     `field "plant"`,
		"heartbeat,line=l,machine=m,plant=p good=1i,good=2i 5":              `field "good" is there twice`,
		"heartbeat,line=l,machine=m,plant=p seq=1.5 5":                      "field seq is of type",
		"heartbeat,line=l,machine=m,plant=p good= 5":                        "cannot be read",
		"heartbeat,line=l,machine=m,plant=p flags=\"x\",arrived=\"soon\" 5": "field arrived is of type",
	} {
		var points collector.PointReader
		if err := points.Read(new(collector.Imported), []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzPoints(f *testing.F) {
	f.Add([]byte("heartbeat,line=l,machine=m,plant=p arrived=5i,flags=\"delta\",good=1i 5\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var part collector.Imported
		var points collector.PointReader
		_ = points.Read(&part, text)
		var b collector.FrameBuilder
		for i := range part.Samples {
			_ = b.AddImported(&part.Samples[i], part.Stamps[i], "import")
		}
	})
}
