package influxadmin

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

// onEvery runs test with the address of a fresh server that wants to know who
// one is, for each version.
func onEvery(t *testing.T, test func(t *testing.T, url string)) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) {
			test(t, influxdtest.Run(t, version, func(s *influxdtest.Server) { s.Auth = true }).URL)
		})
	}
}

func page(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	t.Cleanup(server.Close)
	return server.URL
}
