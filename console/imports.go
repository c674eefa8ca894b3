package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/seed-00829101/heartline/plant"
)

// What one request of an import may hold, in bytes.
const (
	maxImportPlan   = 64 << 20
	maxImportPoints = 4 << 20
)

// Imports takes history. One import runs at a time: it begins, brings points
// and rows that could not be read, and ends.
type Imports interface {
	// BeginImport begins one; CodeInvalid where nothing of it means
	// anything, CodeConflict where another one runs.
	BeginImport(ctx context.Context, plan ImportPlan) (ImportBegun, error)
	// ImportPoints takes heartbeats in line protocol, all of them or, with an
	// error, none; they are on disk when it returns. CodeUnavailable: InfluxDB
	// or the rules are behind; try again.
	ImportPoints(ctx context.Context, id string, text []byte) (int, error)
	// ImportBad keeps rows as dead letters.
	ImportBad(ctx context.Context, id string, rows []BadRow) error
	EndImport(ctx context.Context, id string) error
	ImportState(ctx context.Context, id string) (ImportState, error)
}

// ImportPlan is what a file holds.
type ImportPlan struct {
	Name     string           `json:"name"`
	Machines []PlannedMachine `json:"machines"`
	// IntervalS is the usual time between two rows of a machine, in seconds.
	IntervalS float64 `json:"interval_s"`
}

// PlannedMachine is one machine of a plan.
type PlannedMachine struct {
	Plant   string   `json:"plant"`
	Line    string   `json:"line"`
	Machine string   `json:"machine"`
	Fields  []string `json:"fields"`
	Kind    string   `json:"kind"` // total or delta; empty: as the registry says
}

// ImportBegun answers a plan.
type ImportBegun struct {
	ID string `json:"id"`
	// Refused are machines whose rows are not to be sent.
	Refused []RefusedMachine `json:"refused"`
}

// RefusedMachine is a machine whose samples could make no output.
type RefusedMachine struct {
	Plant   string `json:"plant"`
	Line    string `json:"line"`
	Machine string `json:"machine"`
	Why     string `json:"why"`
}

// BadRow is a row of a file that cannot be read.
type BadRow struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Plant string `json:"plant"` // empty: not known
	Text  string `json:"text"`
	Words string `json:"words"`
}

// ImportState is how far an import is. Counts are samples, as in the ledger.
type ImportState struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Done         bool   `json:"done"` // it ended, and InfluxDB has it all
	Received     uint64 `json:"received"`
	Stored       uint64 `json:"stored"`
	Duplicate    uint64 `json:"duplicate"`
	Expired      uint64 `json:"expired"`
	DeadLettered uint64 `json:"dead_lettered"`
	InFlight     uint64 `json:"in_flight"`
	Slots        int    `json:"slots"` // points of output, once it ended
	Late         uint64 `json:"late"`  // amounts out of order, in no slot
}

// body reads a request's body, at most limit bytes.
func body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, plant.Errorf(plant.CodeInvalid, "the request is larger than %d bytes; send less at once", limit)
	}
	if err != nil {
		return nil, plant.Errorf(plant.CodeUnavailable, "the request did not come to its end: %w", err)
	}
	return text, nil
}

// answerImport answers with what do makes of the request's body.
func (s *Server) answerImport(w http.ResponseWriter, r *http.Request, limit int64, do func(id string, text []byte) (any, error)) {
	var out any
	var err error
	if s.imports == nil {
		err = plant.Errorf(plant.CodeNotFound, "this Heartline takes no imports")
	}
	var text []byte
	if err == nil {
		text, err = body(w, r, limit)
	}
	if err == nil {
		out, err = do(r.PathValue("id"), text)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", out)
}

// fromJSON reads one JSON value. A key that is not known is refused: who meant
// a line, and wrote it otherwise, must not get the whole plant.
func fromJSON(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if _, more := dec.Token(); err == nil && more != io.EOF {
		err = errors.New("something follows the value")
	}
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "the request's JSON cannot be read: %w; /api/v1/openapi.yaml says what there is", err)
	}
	return nil
}

func (s *Server) postImport(w http.ResponseWriter, r *http.Request) {
	s.answerImport(w, r, maxImportPlan, func(_ string, text []byte) (any, error) {
		var plan ImportPlan
		if err := fromJSON(text, &plan); err != nil {
			return nil, err
		}
		return s.imports.BeginImport(r.Context(), plan)
	})
}

func (s *Server) postImportPoints(w http.ResponseWriter, r *http.Request) {
	s.answerImport(w, r, maxImportPoints, func(id string, text []byte) (any, error) {
		n, err := s.imports.ImportPoints(r.Context(), id, text)
		return map[string]any{"id": id, "taken": n}, err
	})
}

func (s *Server) postImportBad(w http.ResponseWriter, r *http.Request) {
	s.answerImport(w, r, maxImportPoints, func(id string, text []byte) (any, error) {
		var in struct {
			Rows []BadRow `json:"rows"`
		}
		err := fromJSON(text, &in)
		if err == nil {
			err = s.imports.ImportBad(r.Context(), id, in.Rows)
		}
		return map[string]any{"id": id, "taken": len(in.Rows)}, err
	})
}

func (s *Server) postImportEnd(w http.ResponseWriter, r *http.Request) {
	s.answerImport(w, r, maxImportPoints, func(id string, _ []byte) (any, error) {
		return map[string]any{"id": id, "ended": true}, s.imports.EndImport(r.Context(), id)
	})
}

func (s *Server) getImport(w http.ResponseWriter, r *http.Request) {
	s.answerImport(w, r, 0, func(id string, _ []byte) (any, error) {
		return s.imports.ImportState(r.Context(), id)
	})
}
