package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func declared() plant.Declaration {
	return plant.Declaration{ID: "mt2k0x4w", Kind: plant.DeclareExclude, Plant: "shaoxing-07", From: noon, To: noon.Add(time.Hour), Reason: "flood", By: "li"}
}

// oneDeclaration takes anything of plant shaoxing-07, and has one.
type oneDeclaration struct{}

func (oneDeclaration) Declare(_ context.Context, said Saying) (plant.Declaration, error) {
	if said.Plant != "shaoxing-07" {
		return plant.Declaration{}, plant.Errorf(plant.CodeNotFound, "no plant")
	}
	d := declared()
	d.Kind, d.Reason = said.Kind, said.Reason
	return d, nil
}

func (oneDeclaration) EndDeclaration(_ context.Context, id, by string) (plant.Declaration, error) {
	d := declared()
	if id != d.ID {
		return d, noDeclaration(id)
	}
	d.To, d.EndedBy = noon, by
	return d, nil
}

// Who may declare, and what is refused before anybody is asked.
func TestDeclarationsAreOfTheCommandLineAndInBounds(t *testing.T) {
	handler := New(Options{Declarations: oneDeclaration{}}).Handler()
	const path, good = "/api/v1/declarations", `{"kind":"note","plant":"shaoxing-07","reason":"x"}`
	for _, tc := range []struct {
		method, path, body, header string
		want                       int
	}{
		{"POST", path, good, "", 200},
		{"POST", path, good, "Origin", 403},
		{"POST", path, good, "Sec-Fetch-Site", 403},
		{"POST", path + "/mt2k0x4w/end", "", "", 200},
		{"POST", path + "/mt2k0x4w/end", "", "Origin", 403},
		{"GET", path + "/mt2k0x4w/end", "", "", 405},
		{"DELETE", path, "", "", 405},
		{"POST", path, `{"kind":`, "", 400},
		{"POST", path, `{"kind":"` + strings.Repeat("x", maxDeclaration) + `"}`, "", 400},
		{"POST", path, `{"kind":"note","plant":"elsewhere"}`, "", 404},
		{"POST", path, `{"kind":"note","plant":"shaoxing-07","lines":["dye-1"],"reason":"x"}`, "", 400},
		{"POST", path, good + "}", "", 400},
	} {
		r := httptest.NewRequest(tc.method, tc.path, strings.NewReader(tc.body))
		if tc.header != "" {
			r.Header.Set(tc.header, "http://127.0.0.1:8080")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != tc.want || w.Code == http.StatusMethodNotAllowed && !strings.Contains(w.Header().Get("Allow"), "POST") {
			t.Errorf("%s %s %s: %d %s, want %d", tc.method, tc.path, tc.header, w.Code, w.Body, tc.want)
		}
	}
}

// The list has what is in force, ahead and over, and says which is which.
func TestTheListOfDeclarationsSaysWhatHolds(t *testing.T) {
	s := testServer(Options{})
	v := view("p")
	open := plant.Declaration{ID: "open", Kind: plant.DeclareChangeover, Plant: "p", Line: "dye-1", From: noon}
	ahead := plant.Declaration{ID: "ahead", Kind: plant.DeclarePlannedStop, Plant: "p", From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}
	note := plant.Declaration{ID: "note", Kind: plant.DeclareNote, Plant: "p", From: noon, To: noon, Reason: "<b>"}
	v.Declared, v.Past = []plant.Declaration{open, ahead}, []plant.Declaration{note}
	s.Update([]rules.PlantView{v, view("q")})
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/declarations?plant=p", nil))
	for _, want := range []string{`"id":"open"`, `"until":null,"ended_by":"","state":"in_force"`, `"state":"ahead"`, `"id":"note"`, `"state":"over"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s lacks %s", w.Body, want)
		}
	}
	for target, want := range map[string]string{"?plant=q": `{"declarations":[]}`, "?plant=nobody": "no plant is called"} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/declarations"+target, nil))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", target, w.Body)
		}
	}
}

// The page says who declared what, why and until when, in both languages, and
// nothing that somebody wrote becomes a part of it.
func TestThePageShowsWhatIsDeclared(t *testing.T) {
	s := testServer(Options{})
	v := view("p")
	v.Phase = plant.Excluded
	v.Lines[0].State, v.Lines[0].Reason = plant.PlannedStop, plant.DeclarePlannedStop
	exclude := declared()
	exclude.Reason = "<script>flood</script>"
	v.Declared = []plant.Declaration{exclude, {ID: "c", Kind: plant.DeclareChangeover, Plant: "p", Line: "dye-1", From: noon}}
	for i := range 4 {
		v.Declared = append(v.Declared, plant.Declaration{ID: string(rune('d' + i)), Kind: plant.DeclarePlannedStop, Plant: "p", From: noon, To: noon.Add(time.Hour)})
	}
	v.Past = []plant.Declaration{
		{ID: "old", Kind: plant.DeclareExclude, Plant: "p", From: noon, To: noon, Reason: "bygone"},
		{ID: "n", Kind: plant.DeclareNote, Plant: "p", From: noon, To: noon, Reason: "new pump", By: "wu"},
	}
	s.Update([]rules.PlantView{v})
	for lang, wants := range map[string][]string{
		"en": {"Declared by people", "&lt;script&gt;flood&lt;/script&gt;", "li, ", "2026-03-24 13:00 UTC", "Changeover", "until it is ended", "Note", "new pump", "wu, ", "+ 2: heartline declare list"},
		"zh": {"人工申报", "已排除", "换型", "至人工结束", "备注", "计划停机"},
	} {
		text := pageOf(t, s, "/?lang="+lang)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
		if strings.Contains(text, "<script>flood") || strings.Contains(text, "bygone") || strings.Contains(text, "planned stop") {
			t.Errorf("%s: the page says what it should not", lang)
		}
	}
}
