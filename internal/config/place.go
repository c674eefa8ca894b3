package config

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// place is where a file lies: in the file system, or in files built into the
// program.
type place struct {
	fsys fs.FS // nil: the operating system's
	name string
}

// beside returns the place that a file at p means by name.
func (p place) beside(name string) place {
	switch {
	case filepath.IsAbs(name):
		return place{name: name}
	case p.fsys != nil:
		return place{fsys: p.fsys, name: path.Join(path.Dir(p.name), filepath.ToSlash(name))}
	}
	return place{name: filepath.Join(filepath.Dir(p.name), name)}
}

func (p place) read() ([]byte, error) {
	if p.fsys != nil {
		return fs.ReadFile(p.fsys, p.name)
	}
	return os.ReadFile(p.name)
}

// yamlFiles returns p, or the YAML files in it where it is a directory.
func (p place) yamlFiles() ([]place, error) {
	fsys, name := p.fsys, p.name
	if fsys == nil {
		fsys, name = os.DirFS(p.name), "."
		if info, err := os.Stat(p.name); err != nil || !info.IsDir() {
			return []place{p}, err
		}
	} else if info, err := fs.Stat(fsys, name); err != nil || !info.IsDir() {
		return []place{p}, err
	}
	entries, err := fs.ReadDir(fsys, name)
	if err != nil {
		return nil, err
	}
	var out []place
	for _, e := range entries {
		if ext := path.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(e.Name(), ".") {
			// A name in the directory is beside any other name in it.
			out = append(out, place{p.fsys, path.Join(filepath.ToSlash(p.name), "x")}.beside(e.Name()))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}
