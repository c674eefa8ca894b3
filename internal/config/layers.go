package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// origin says who set a key last.
type origin uint8

const (
	byDefault origin = iota
	byFile
	byEnv
	byFlag
)

// layers puts defaults, file, environment and flags on top of each other.
type layers struct {
	merged *viper.Viper
	origin map[string]origin // by key path
	file   string            // as the user named it
	root   *yaml.Node        // of the file; nil where there is none
	broken []string          // paths in the file that could not be read
}

func newLayers() *layers {
	l := &layers{merged: viper.New(), origin: map[string]origin{}}
	defaults := Defaults()
	for _, k := range keys() {
		if k.list() {
			continue // kept from Defaults by unmarshal
		}
		v, _ := k.parse(k.text(&defaults))
		l.merged.SetDefault(k.path, v)
	}
	return l
}

// fromFile puts the values of heartline.yaml on top.
func (l *layers) fromFile(file string, data []byte) plant.Problems {
	l.file = file
	root, problems := parseYAML(file, data)
	if problems != nil {
		return problems
	}
	l.root = root
	values, problems := walkYAML(file, root, new(Config))
	for _, p := range problems {
		l.broken = append(l.broken, p.Path)
	}
	for _, k := range keys() {
		if _, ok := lookup(values, k.path); ok {
			l.origin[k.path] = byFile
		}
	}
	if err := l.merged.MergeConfigMap(values); err != nil {
		problems = append(problems, plant.Problem{File: file, What: err.Error()})
	}
	return problems
}

func lookup(values map[string]any, path string) (any, bool) {
	group, rest, deeper := strings.Cut(path, ".")
	v, ok := values[group]
	if !ok || !deeper {
		return v, ok
	}
	inner, _ := v.(map[string]any)
	return lookup(inner, rest)
}

// fromEnv puts HEARTLINE_ variables on top; empty ones are unset.
func (l *layers) fromEnv(env []string) (problems, warnings plant.Problems) {
	known := map[string]key{}
	for _, k := range keys() {
		if !k.list() {
			known[k.env()] = k
		}
	}
	env = slices.Sorted(slices.Values(env))
	for _, entry := range env {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || name == configEnv || name == sharedEnv || text == "" {
			continue
		}
		k, ok := known[name]
		if !ok {
			warnings = append(warnings, plant.Problem{Path: name, What: "no key has this environment variable; it is ignored"})
			continue
		}
		v, err := k.parse(text)
		if err != nil {
			problems = append(problems, plant.Problem{Path: name, What: err.Error()})
			continue
		}
		l.merged.Set(k.path, v)
		l.origin[k.path] = byEnv
	}
	return problems, warnings
}

// sharedEnv names the directory of test data; it is nobody's key.
const sharedEnv = envPrefix + "SHARED"

// fromFlags puts the flags that were given on top.
func (l *layers) fromFlags(fs *pflag.FlagSet) plant.Problems {
	var problems plant.Problems
	for _, k := range keys() {
		f := lookupFlag(fs, k.path)
		if k.list() || f == nil || !f.Changed {
			continue
		}
		v, err := k.parse(f.Value.String())
		if err != nil {
			problems = append(problems, plant.Problem{Path: "--" + k.path, What: err.Error()})
			continue
		}
		l.merged.Set(k.path, v)
		l.origin[k.path] = byFlag
	}
	return problems
}

func lookupFlag(fs *pflag.FlagSet, name string) *pflag.Flag {
	if fs == nil {
		return nil
	}
	return fs.Lookup(name)
}

// config returns what the layers come to.
func (l *layers) config() (Config, error) {
	c := Config{}
	err := l.merged.UnmarshalExact(&c, func(d *mapstructure.DecoderConfig) {
		d.TagName = "yaml"
		d.DecodeHook = mapstructure.TextUnmarshallerHookFunc()
	})
	if err != nil {
		return Defaults(), fmt.Errorf("cannot put the configuration together: %w", err)
	}
	defaults := Defaults()
	if l.origin["mqtt.sources"] == byDefault {
		c.MQTT.Sources = defaults.MQTT.Sources
	}
	return c, nil
}

// of returns who set the key that path is, or is part of.
func (l *layers) of(path string) origin {
	path, _, _ = strings.Cut(path, "[")
	return l.origin[path]
}

// unreadable reports whether path, or what it is part of, could not be read
// from the file: that was told already.
func (l *layers) unreadable(path string) bool {
	return slices.ContainsFunc(l.broken, func(b string) bool {
		rest, ok := strings.CutPrefix(path, b)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// problem says what is wrong with path where the user can mend it.
func (l *layers) problem(path, format string, args ...any) plant.Problem {
	p := plant.Problem{Path: path, What: fmt.Sprintf(format, args...)}
	name, _, _ := strings.Cut(path, "[")
	switch l.of(path) {
	case byFile:
		p.File, p.Line = l.file, lineOf(l.root, path)
	case byEnv:
		p.Path = key{path: name}.env()
	case byFlag:
		p.Path = "--" + name
	}
	return p
}
