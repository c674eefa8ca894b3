package console

import (
	"context"
	"net/http"
	"slices"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxDeclaration is how large a request with a declaration may be, in bytes.
const maxDeclaration = 16 << 10

// Declarations takes what people declare.
type Declarations interface {
	// Declare takes a declaration, which is on disk when it returns.
	// CodeInvalid where it makes no sense, CodeNotFound for a plant or line
	// that nobody enrolled, CodeConflict where its id was given to another.
	Declare(ctx context.Context, said Saying) (plant.Declaration, error)
	// EndDeclaration ends one now; CodeNotFound, or CodeConflict where it is
	// over.
	EndDeclaration(ctx context.Context, id, by string) (plant.Declaration, error)
}

// Saying is a declaration as a person writes it.
type Saying struct {
	ID     string `json:"id"` // empty: the server makes one
	Kind   string `json:"kind"`
	Plant  string `json:"plant"`
	Line   string `json:"line"` // empty: all of the plant
	Reason string `json:"reason"`
	By     string `json:"by"`
	// From and Until are RFC 3339, or as on the wall of the plant:
	// 2026-09-30 18:00, or 2026-09-30, its beginning. Empty: now, and until
	// somebody ends it.
	From  string `json:"from"`
	Until string `json:"until"`
}

// Declaration is a declaration as the API has it.
type Declaration struct {
	ID      string         `json:"id"`
	Kind    string         `json:"kind"`
	Plant   string         `json:"plant"`
	Line    string         `json:"line"`
	Reason  string         `json:"reason"`
	By      string         `json:"by"`
	From    plant.Instant  `json:"from"`
	Until   *plant.Instant `json:"until"` // null: until somebody ends it
	EndedBy string         `json:"ended_by"`
	State   string         `json:"state"`
}

// stateOf is ahead, in_force or over; a note is over from the start.
func stateOf(d *plant.Declaration, now plant.Instant) string {
	switch {
	case d.Kind == plant.DeclareNote || d.Over(now):
		return "over"
	case d.From > now:
		return "ahead"
	}
	return "in_force"
}

func (s *Server) shapeDeclaration(d *plant.Declaration) Declaration {
	return Declaration{ID: d.ID, Kind: d.Kind, Plant: d.Plant, Line: d.Line, Reason: d.Reason, By: d.By,
		From: d.From, Until: instant(d.To), EndedBy: d.EndedBy, State: stateOf(d, plant.InstantOf(s.clock()))}
}

const (
	// maxSaid and maxNotes are how many declarations one card shows, and how
	// many of the newest notes.
	maxSaid  = 4
	maxNotes = 2
)

// saidOf is what a card shows of what was declared, and how many of those in
// force or ahead it does not.
func saidOf(v *rules.PlantView) (shown []plant.Declaration, more int) {
	n := min(len(v.Declared), maxSaid)
	shown = slices.Clone(v.Declared[:n])
	for _, d := range v.Past {
		if d.Kind == plant.DeclareNote && len(shown) < n+maxNotes {
			shown = append(shown, d)
		}
	}
	return shown, len(v.Declared) - n
}

func (s *Server) postDeclaration(w http.ResponseWriter, r *http.Request) {
	var said Saying
	s.answerDeclaration(w, r, &said, func() (plant.Declaration, error) { return s.declares.Declare(r.Context(), said) })
}

func (s *Server) postDeclarationEnd(w http.ResponseWriter, r *http.Request) {
	var in struct {
		By string `json:"by"`
	}
	s.answerDeclaration(w, r, &in, func() (plant.Declaration, error) {
		return s.declares.EndDeclaration(r.Context(), r.PathValue("id"), in.By)
	})
}

// answerDeclaration reads the request's body, if there is one, into in and
// answers with what do makes of it.
func (s *Server) answerDeclaration(w http.ResponseWriter, r *http.Request, in any, do func() (plant.Declaration, error)) {
	err := error(plant.Errorf(plant.CodeNotFound, "this Heartline takes no declarations"))
	var text []byte
	if s.declares != nil {
		text, err = body(w, r, maxDeclaration)
	}
	if err == nil && len(text) > 0 {
		err = fromJSON(text, in)
	}
	var d plant.Declaration
	if err == nil {
		d, err = do()
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", s.shapeDeclaration(&d))
}

func (s *Server) getDeclarations(w http.ResponseWriter, r *http.Request) {
	views := s.board.all()
	for name := range r.URL.Query() {
		if name != "plant" {
			s.fail(w, r, plant.Errorf(plant.CodeInvalid, "%s is no parameter of declarations; there is plant", printable(name)))
			return
		}
	}
	if id := r.URL.Query().Get("plant"); id != "" {
		v := s.board.plant(id)
		if v == nil {
			s.fail(w, r, plant.Errorf(plant.CodeNotFound, "no plant is called %s", printable(id)))
			return
		}
		views = []*rules.PlantView{v}
	}
	out := []Declaration{}
	for _, v := range views {
		for _, list := range [][]plant.Declaration{v.Declared, v.Past} {
			for i := range list {
				out = append(out, s.shapeDeclaration(&list[i]))
			}
		}
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"declarations": out})
}

func (s *Server) getDeclaration(w http.ResponseWriter, r *http.Request) {
	d, ok := s.Declared(r.PathValue("id"))
	if !ok {
		s.fail(w, r, noDeclaration(r.PathValue("id")))
		return
	}
	writeJSON(w, http.StatusOK, "application/json", s.shapeDeclaration(&d))
}

func noDeclaration(id string) error {
	return plant.Errorf(plant.CodeNotFound, "no declaration has the id %s: there is none, or it has been over for long", printable(id))
}

// Declared returns the declaration with that id, if a plant has it. The
// registry's exclusions have none of their own.
func (s *Server) Declared(id string) (plant.Declaration, bool) {
	same := func(d plant.Declaration) bool { return d.ID == id && id != plant.RegistryExclusion }
	for _, v := range s.board.all() {
		for _, list := range [][]plant.Declaration{v.Declared, v.Past} {
			if i := slices.IndexFunc(list, same); i >= 0 {
				return list[i], true
			}
		}
	}
	return plant.Declaration{}, false
}

// AheadOf is how many declarations of a plant are in force or ahead.
func (s *Server) AheadOf(plantID string) int {
	if v := s.board.plant(plantID); v != nil {
		return len(v.Declared)
	}
	return 0
}

// AwaitDeclared waits until the rules have taken a declaration as done says,
// or ctx ends.
func (s *Server) AwaitDeclared(ctx context.Context, id string, done func(plant.Declaration) bool) (plant.Declaration, bool) {
	changed, end := s.board.watch()
	defer end()
	for {
		if d, ok := s.Declared(id); ok && done(d) {
			return d, true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return plant.Declaration{}, false
		}
	}
}
