package influxdb_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/influxdtest"
	"github.com/seed-00829101/heartline/plant"
)

func TestFiguresAreReadAsTheyWereReported(t *testing.T) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) {
			day := func(n int) plant.Instant { return plant.InstantOf(time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)) }
			text := ""
			for n := 1; n <= 4; n++ {
				text += fmt.Sprintf("resumption,basis=first,definition=v1,segment=all,segment_value=all eligible=4i,resumed=%di,stopped=1i,rate=%v,rate_high=1 %d\n", n, float64(n)/4, day(n))
				text += fmt.Sprintf("resumption,basis=first,definition=v1,segment=it's,segment_value=浙江 eligible=0i,excluded=1i %d\n", day(n))
				text += fmt.Sprintf("resumption,basis=first,definition=v1,segment=size,segment_value=x eligible=9i %d\n", day(n))
				text += fmt.Sprintf("resumption,basis=backtest,definition=v1,segment=all,segment_value=all eligible=9i %d\n", day(n))
			}
			text += fmt.Sprintf("resumption,basis=now,definition=v2,segment=all,segment_value=all eligible=4i,resumed=4i,rate=1,recovery=0.9 %d\n", day(2))
			c := fresh(t, version, "factory_verdicts", text)
			all, err := c.Resumption(t.Context(), "factory_verdicts", day(2), day(3), []string{"it's"})
			if err != nil {
				t.Fatal(err)
			}
			share := func(f *float64) string {
				if f == nil {
					return "-"
				}
				return fmt.Sprint(*f)
			}
			var got []string
			for _, r := range all {
				got = append(got, fmt.Sprintf("%s %s %s %s %s %d/%d %d rate %s recovery %s", r.At.Time().Format("02"), r.Segment, r.Value, r.Basis, r.Definition,
					r.Resumed, r.Eligible, r.Excluded, share(r.Rate), share(r.Recovery)))
			}
			slices.SortFunc(got, cmp.Compare)
			want := []string{
				"02 all all first v1 2/4 0 rate 0.5 recovery -", "02 all all now v2 4/4 0 rate 1 recovery 0.9", "02 it's 浙江 first v1 0/0 1 rate - recovery -",
				"03 all all first v1 3/4 0 rate 0.75 recovery -", "03 it's 浙江 first v1 0/0 1 rate - recovery -",
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n%q\nwant\n%q", got, want)
			}
		})
	}
}
