package console

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// oneImport has the import 7.
type oneImport struct{}

func (oneImport) BeginImport(_ context.Context, plan ImportPlan) (ImportBegun, error) {
	if len(plan.Machines) == 0 {
		return ImportBegun{}, plant.Errorf(plant.CodeInvalid, "nothing of %s can be imported", plan.Name)
	}
	return ImportBegun{ID: "7", Refused: []RefusedMachine{{Plant: "p", Line: "l", Machine: "m", Why: "is not in the registry"}}}, nil
}

func (oneImport) ImportPoints(_ context.Context, id string, text []byte) (int, error) {
	var part collector.Imported
	var r collector.PointReader
	if err := r.Read(&part, text); err != nil {
		return 0, err
	}
	return len(part.Samples), knownImport(id)
}

func knownImport(id string) error {
	if id != "7" {
		return plant.Errorf(plant.CodeNotFound, "no import %q is open", id)
	}
	return nil
}

func (oneImport) ImportBad(_ context.Context, id string, _ []BadRow) error { return knownImport(id) }
func (oneImport) EndImport(_ context.Context, id string) error             { return knownImport(id) }
func (oneImport) ImportState(_ context.Context, id string) (ImportState, error) {
	return ImportState{ID: id, Done: true}, knownImport(id)
}

func TestImportsAreReadStrictly(t *testing.T) {
	handler := New(Options{Imports: oneImport{}}).Handler()
	for _, tc := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/api/v1/imports", "{", 400},
		{"POST", "/api/v1/imports", "{}", 400},
		{"GET", "/api/v1/imports", "", 405},
		{"POST", "/api/v1/imports/7/points", "cpu value=1 5", 400},
		{"POST", "/api/v1/imports/7/points", strings.Repeat("#\n", maxImportPoints/2+1), 400},
		{"POST", "/api/v1/imports/7/points", "heartbeat,line=l,machine=m,plant=p good=1i 5", 200},
		{"POST", "/api/v1/imports/7/bad", "[]", 400},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, strings.NewReader(tc.body)))
		if w.Code != tc.want {
			t.Errorf("%s %s: %d %s, want %d", tc.method, tc.path, w.Code, w.Body, tc.want)
		}
	}
	w := httptest.NewRecorder()
	New(Options{}).Handler().ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/imports", strings.NewReader("{}")))
	if w.Code != 404 {
		t.Errorf("without imports: %d", w.Code)
	}
}

// oneBaseline has one line with a figure, and one without.
type oneBaseline struct{}

func (oneBaseline) Baselines(context.Context) (BaselineList, error) {
	return BaselineList{Definition: "v", Missing: []rules.Missing{{Plant: "p", Line: "m", Why: "nothing says what is normal"}},
		Baselines: []rules.LineBaseline{{Plant: "p", Line: "l", Origin: rules.OriginLearned, From: plant.Date{Year: 2019, Month: 1, Day: 1}, To: plant.Date{Year: 2019, Month: 12, Day: 31}, Days: 6, Frozen: noon,
			Shifts: []rules.ShiftBaseline{{Shift: "early", Normal: 17, Of: 6}}}}}, nil
}

func (b oneBaseline) FreezeBaselines(ctx context.Context) (BaselineList, error) {
	return b.Baselines(ctx)
}
