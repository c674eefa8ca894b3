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
	path    string
	handler http.HandlerFunc
	changes bool // POST, and changes something
}

func (s *Server) routes() []route {
	return []route{
		{path: "/{$}", handler: s.getPage},
		{path: "/assets/{file}", handler: s.getAsset},
		{path: "/board/events", handler: s.getBoardEvents},
		{path: "/-/healthy", handler: s.getHealthy},
		{path: "/-/ready", handler: s.getReady},
		{path: "/metrics", handler: s.getMetrics},
		{path: "/api/v1/plants", handler: s.getPlants},
		{path: "/api/v1/plants/{id}", handler: s.getPlant},
		{path: "/api/v1/plants/{id}/machines", handler: s.getMachines},
		{path: "/api/v1/transitions", handler: s.getTransitions},
		{path: "/api/v1/resumption", handler: s.getResumption},
		{path: "/api/v1/events", handler: s.getEvents},
		{path: "/api/v1/openapi.yaml", handler: s.getOpenAPI},
		{path: "/api/v1/ledger", handler: s.getLedger},
		{path: "/api/v1/deadletters", handler: s.getLetters},
		{path: "/api/v1/deadletters/{id}", handler: s.getLetter},
		{path: "/api/v1/deadletters/{id}/replay", handler: s.postReplay, changes: true},
		{path: "/api/v1/baselines", handler: s.getBaselines},
		{path: "/api/v1/baselines/freeze", handler: s.postFreeze, changes: true},
		{path: "/api/v1/imports", handler: s.postImport, changes: true},
		{path: "/api/v1/imports/{id}", handler: s.getImport},
		{path: "/api/v1/imports/{id}/points", handler: s.postImportPoints, changes: true},
		{path: "/api/v1/imports/{id}/bad", handler: s.postImportBad, changes: true},
		{path: "/api/v1/imports/{id}/end", handler: s.postImportEnd, changes: true},
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
	return func(w http.ResponseWriter, req *http.Request) {
		reads := req.Method == http.MethodGet || req.Method == http.MethodHead
		switch {
		case r.changes && req.Method != http.MethodPost:
			refuseMethod(w, req, http.MethodPost)
		case !r.changes && !reads:
			refuseMethod(w, req, "GET, HEAD")
		case r.changes && (req.Header.Get("Origin") != "" || req.Header.Get("Sec-Fetch-Site") != ""):
			writeProblem(w, problem{Status: http.StatusForbidden, Code: plant.CodeRefused,
				Detail: "pages of a browser may not change anything here; use the command line, like heartline deadletter replay"})
		default:
			r.handler(w, req)
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
	writeJSON(w, status, "application/json", map[string]any{"ready": len(problems) == 0, "problems": problems})
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
