package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func oneAccount() ([]collector.Posting, bool) {
	return []collector.Posting{{Account: collector.Account{Plant: "p", Source: "+/x"}, Tally: collector.Tally{Received: 3, Stored: 2}}}, true
}

func oneMachine(_ context.Context, plantID string) (Watched, error) {
	if plantID != "shaoxing-07" {
		return Watched{Machines: []WatchedMachine{}, Gateways: []WatchedGateway{}}, nil
	}
	return Watched{
		Machines: []WatchedMachine{{Line: "l", Machine: "m", First: noon, Last: noon, Counters: []WatchedCounter{{Name: "good", Looks: "total"}}}},
		Gateways: []WatchedGateway{{Gateway: "g", Last: noon, Clock: "good"}},
	}, nil
}

// oneLetter has the dead letter 7.
type oneLetter struct{}

func (oneLetter) Letters(_ context.Context, q collector.LetterQuery) ([]collector.KeptLetter, error) {
	k, _ := oneLetter{}.Letter(context.Background(), 7)
	if !q.Wants(&k) {
		return nil, nil
	}
	return []collector.KeptLetter{k}, nil
}

func (oneLetter) Letter(_ context.Context, id uint64) (collector.KeptLetter, error) {
	if id != 7 {
		return collector.KeptLetter{}, plant.Errorf(plant.CodeNotFound, "there is no dead letter %d", id)
	}
	at := time.Date(2026, 2, 10, 8, 0, 0, 0, time.FixedZone("", 3600))
	return collector.KeptLetter{ID: 7, DeadLetter: collector.DeadLetter{At: at, Topic: "a", Plant: "p", Payload: []byte("{"), Reason: "syntax", Words: "x"}}, nil
}

func (oneLetter) ReplayLetter(ctx context.Context, id uint64) error {
	_, err := oneLetter{}.Letter(ctx, id)
	return err
}

func TestOnlyTheCommandLineReplays(t *testing.T) {
	handler := New(Options{Letters: oneLetter{}}).Handler()
	for _, tc := range []struct {
		method, path string
		header       string
		want         int
	}{
		{"POST", "/api/v1/deadletters/7/replay", "", 200},
		{"POST", "/api/v1/deadletters/7/replay", "Origin", 403},
		{"POST", "/api/v1/deadletters/7/replay", "Sec-Fetch-Site", 403},
		{"GET", "/api/v1/deadletters/7/replay", "", 405},
		{"POST", "/api/v1/deadletters/7", "", 405},
		{"POST", "/api/v1/deadletters/x/replay", "", 400},
		{"POST", "/api/v1/deadletters/8/replay", "", 404},
		{"DELETE", "/", "", 405},
	} {
		r := httptest.NewRequest(tc.method, tc.path, nil)
		if tc.header != "" {
			r.Header.Set(tc.header, "http://127.0.0.1:8080")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != tc.want || w.Code == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s %s: %d %s, want %d", tc.method, tc.path, tc.header, w.Code, w.Body, tc.want)
		}
	}
}

func TestDeadLettersAreSelected(t *testing.T) {
	handler := New(Options{Letters: oneLetter{}}).Handler()
	for query, want := range map[string]bool{
		"": true, "reason=syntax": true, "reason=type": false, "plant=q": false, "before=7": false, "before=8": true,
		"from=2026-02-10T07:00:00Z": true, "from=2026-02-10T07:00:01Z": false, "to=2026-02-10T07:00:00Z": false,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/deadletters?"+query, nil))
		if got := strings.Contains(w.Body.String(), `"id":7,"at":"2026-02-10T07:00:00.000Z"`); got != want {
			t.Errorf("%q: %s", query, w.Body)
		}
	}
}
