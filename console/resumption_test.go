package console

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

// oneFleet has three plants, one of them unknown.
type oneFleet struct{}

func (oneFleet) Now() []plant.Resumption {
	return []plant.Resumption{{Segment: plant.SegmentAll, Value: plant.SegmentAll, At: noon, Definition: "v1", Basis: plant.BasisNow,
		Eligible: 3, Resumed: 1, Stopped: 1, Unknown: 1, Reporting: 2,
		Rate: ptr(1. / 3), RateLow: ptr(1. / 3), RateHigh: ptr(2. / 3), Coverage: ptr(2. / 3), Recovery: ptr(.4528), Activity: ptr(.39306)}}
}

func (f oneFleet) Figures(at plant.Instant, by ...string) ([]plant.Resumption, error) {
	out := f.Now()
	if at != 0 {
		out[0].At = at
	}
	for _, label := range by {
		if label != "region" && label != "size" {
			return nil, plant.Errorf(plant.CodeInvalid, "no plant has a label %q", label)
		}
		out = append(out, plant.Resumption{Segment: label, Value: "x", At: out[0].At})
	}
	return out, nil
}

func TestResumptionIsAskedForByLabelAndTime(t *testing.T) {
	s := testServer(Options{Resumption: oneFleet{}})
	for target, want := range map[string]string{
		"/api/v1/resumption":                                          "all",
		"/api/v1/resumption?by=region,size":                           "all region size",
		"/api/v1/resumption?by=region&by=size&by=region":              "all region size",
		"/api/v1/resumption?by=region&at=2026-03-23T00:00:00%2B08:00": "all region",
		"/api/v1/resumption?by=regoin":                                "400",
		"/api/v1/resumption?at=yesterday":                             "400",
		"/api/v1/resumption?plant=a":                                  "400",
	} {
		res := get(s, http.MethodGet, target)
		text, _ := io.ReadAll(res.Body)
		if want == "400" {
			if res.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s %s", target, res.Status, text)
			}
			continue
		}
		var got struct{ Resumption []plant.Resumption }
		if err := json.Unmarshal(text, &got); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %s %v", target, res.Status, text, err)
			continue
		}
		var segments []string
		for _, r := range got.Resumption {
			segments = append(segments, r.Segment)
		}
		if strings.Join(segments, " ") != want {
			t.Errorf("%s: segments %v, want %s", target, segments, want)
		}
		if at := "2026-03-22T16:00:00.000Z"; strings.Contains(target, "at=") && got.Resumption[0].At.String() != at {
			t.Errorf("%s: at %s, want %s", target, got.Resumption[0].At, at)
		}
	}
}

func TestThePageSaysTheRateWithCoverageAndBounds(t *testing.T) {
	s := testServer(Options{Resumption: oneFleet{}})
	for lang, want := range map[string][]string{
		"en": {"Resumption rate", "33.3\u202f%", "1 / 3 eligible plants", "33.3\u202f% – 66.6\u202f%", "coverage 66.6\u202f%", "output recovery 45.2", "activity index 39.3"},
		"zh": {"复产率", "1 / 3 家应统计工厂", "数据覆盖率 66.6", "产量恢复率 45.2", "活跃指数 39.3"},
	} {
		text, _ := io.ReadAll(get(s, http.MethodGet, "/?lang="+lang).Body)
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s: the page lacks %q", lang, w)
			}
		}
	}
	text, _ := io.ReadAll(get(testServer(Options{}), http.MethodGet, "/?lang=en").Body)
	if strings.Contains(string(text), "Resumption rate") {
		t.Error("a page without eligible plants shows a rate")
	}
}
