package console

import (
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/http"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

//go:embed web
var webFiles embed.FS

// assets are the files a page may load, with their types.
var assets = map[string]string{
	"board.css": "text/css; charset=utf-8",
	"board.js":  "text/javascript; charset=utf-8",
	"icon.svg":  "image/svg+xml",
}

func (s *Server) getAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kind, ok := assets[name]
	if !ok {
		s.fail(w, r, plant.Errorf(plant.CodeNotFound, "the page has no file %s", printable(name)))
		return
	}
	text, err := webFiles.ReadFile("web/" + name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	if r.URL.Query().Get("v") == s.build { // the page names the build: this text will not change
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(text)
}

// buildOf names version and the page's files together: an open page that came
// with others loads itself again.
func buildOf(version string) string {
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, version)
	err := fs.WalkDir(webFiles, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := webFiles.ReadFile(path)
		_, _ = fmt.Fprintln(h, path, len(text))
		_, _ = h.Write(text)
		return err
	})
	if err != nil {
		panic("console: embedded files: " + err.Error())
	}
	return fmt.Sprintf("%016x", h.Sum64())
}
