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
}

func (s *Server) routes() []route {
	return []route{
		{"/{$}", s.getPage},
		{"/assets/{file}", s.getAsset},
		{"/board/events", s.getBoardEvents},
		{"/-/healthy", s.getHealthy},
		{"/-/ready", s.getReady},
		{"/metrics", s.getMetrics},
		{"/api/v1/plants", s.getPlants},
		{"/api/v1/plants/{id}", s.getPlant},
		{"/api/v1/transitions", s.getTransitions},
		{"/api/v1/events", s.getEvents},
		{"/api/v1/openapi.yaml", s.getOpenAPI},
	}
}

func (s *Server) routing() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.path, r.handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "there is nothing at %s; /api/v1/openapi.yaml says what there is", printable(r.URL.Path)))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuseMethod(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
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
