package console

import (
	_ "embed"
	"net/http"

	"github.com/seed-00829101/heartline/plant"
)

//go:embed openapi.yaml
var openapi []byte

// contentPolicy allows the page its own files and nothing else: no inline
// script or style, no other host.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// route is one path of the console; openapi.yaml has the same ones (a test
// holds that).
type route struct {
	path string
	get  http.HandlerFunc // nil: it only changes something
	post http.HandlerFunc // changes something; nil: it only answers
}

func (s *Server) routes() []route {
	return []route{
		{path: "/{$}", get: s.getPage},
		{path: "/assets/{file}", get: s.getAsset},
		{path: "/board/events", get: s.getBoardEvents},
		{path: "/-/healthy", get: s.getHealthy},
		{path: "/-/ready", get: s.getReady},
		{path: "/metrics", get: s.getMetrics},
		{path: "/api/v1/plants", get: s.getPlants},
		{path: "/api/v1/plants/{id}", get: s.getPlant},
		{path: "/api/v1/plants/{id}/machines", get: s.getMachines},
		{path: "/api/v1/plants/{id}/shifts", get: s.getShifts},
		{path: "/api/v1/transitions", get: s.getTransitions},
		{path: "/api/v1/alerts", get: s.getAlerts},
		{path: "/api/v1/resumption", get: s.getResumption},
		{path: "/api/v1/events", get: s.getEvents},
		{path: "/api/v1/openapi.yaml", get: s.getOpenAPI},
		{path: "/api/v1/ledger", get: s.getLedger},
		{path: "/api/v1/deadletters", get: s.getLetters},
		{path: "/api/v1/deadletters/{id}", get: s.getLetter},
		{path: "/api/v1/deadletters/{id}/replay", post: s.postReplay},
		{path: "/api/v1/baselines", get: s.getBaselines},
		{path: "/api/v1/baselines/freeze", post: s.postFreeze},
		{path: "/api/v1/declarations", get: s.getDeclarations, post: s.postDeclaration},
		{path: "/api/v1/declarations/{id}", get: s.getDeclaration},
		{path: "/api/v1/declarations/{id}/end", post: s.postDeclarationEnd},
		{path: "/api/v1/imports", post: s.postImport},
		{path: "/api/v1/imports/{id}", get: s.getImport},
		{path: "/api/v1/imports/{id}/points", post: s.postImportPoints},
		{path: "/api/v1/imports/{id}/bad", post: s.postImportBad},
		{path: "/api/v1/imports/{id}/end", post: s.postImportEnd},
	}
}

func (s *Server) routing() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.path, methods(r))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuseMethod(w, r, "GET, HEAD")
			return
		}
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "there is nothing at %s; /api/v1/openapi.yaml says what there is", printable(r.URL.Path)))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// methods lets through what the route answers to. What changes something is
// never done for a page of a browser: those say where they come from, and no
// page of ours asks for it. So no other site can have it done, either.
func methods(r route) http.HandlerFunc {
	allowed := "GET, HEAD"
	switch {
	case r.get == nil:
		allowed = http.MethodPost
	case r.post != nil:
		allowed += ", " + http.MethodPost
	}
	return func(w http.ResponseWriter, req *http.Request) {
		reads := req.Method == http.MethodGet || req.Method == http.MethodHead
		changes := req.Method == http.MethodPost
		switch {
		case reads && r.get != nil:
			r.get(w, req)
		case !changes || r.post == nil:
			refuseMethod(w, req, allowed)
		case req.Header.Get("Origin") != "" || req.Header.Get("Sec-Fetch-Site") != "":
			writeProblem(w, problem{Status: http.StatusForbidden, Code: plant.CodeRefused,
				Detail: "pages of a browser may not change anything here; use the command line, like heartline deadletter replay"})
		default:
			r.post(w, req)
		}
	}
}

func (s *Server) getHealthy(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, "application/json", map[string]string{"status": "healthy", "version": s.version})
}

func (s *Server) getReady(w http.ResponseWriter, _ *http.Request) {
	problems := s.ready()
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusServiceUnavailable
	} else {
		problems = []Problem{}
	}
	writeJSON(w, status, "application/json", map[string]any{
		"ready": len(problems) == 0, "problems": problems, "restart_needed_for": append([]string{}, s.waits()...),
	})
}

func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request) {
	if s.metrics == nil {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "this Heartline was started without metrics"))
		return
	}
	s.metrics.ServeHTTP(w, r)
}

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openapi)
}
