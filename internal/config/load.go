package config

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Loaded is everything a user wrote, checked. It is read-only.
type Loaded struct {
	// Config has every path resolved: relative to the working directory.
	Config Config
	// Registry is indexed; empty where nobody is enrolled.
	Registry *plant.Registry
	// Rules has its defaults filled in.
	Rules rules.Config
	// Profiles holds one profile per source, by the source's index, with
	// defaults filled in.
	Profiles []*collector.Profile
	// Templates holds one topic template per source.
	Templates []collector.Template
	// Version is a short hash of registry and rules: the same for the same
	// meaning, however the files are written.
	Version string
	// Files lists the files that were read, in order.
	Files []string
	// Warnings is what works but should be looked at.
	Warnings plant.Problems

	registryFile string
	own          []*collector.Profile // read from files of the user's, used or not
}

// Load reads heartline.yaml (--config, else HEARTLINE_CONFIG, else
// DefaultFile), puts env ("NAME=value", as of os.Environ) and the flags that
// were given on top, and reads the files it names. Paths in the file are
// relative to the file, paths in variables and flags to the working directory.
//
// The error is CodeInvalid and wraps plant.Problems: everything that is wrong
// in any of the files. fs may be nil.
func Load(fs *pflag.FlagSet, env []string) (*Loaded, error) {
	base, named := configFile(fs, env)
	return load(&loader{base: base}, named, fs, env)
}

// LoadForSetup is Load for heartline setup, which makes influxdb.token_file:
// the file may be absent.
func LoadForSetup(fs *pflag.FlagSet, env []string) (*Loaded, error) {
	base, named := configFile(fs, env)
	return load(&loader{base: base, beforeSetup: true}, named, fs, env)
}

// LoadBeforeUsers is Load for heartline user add, which makes mqtt.users_file:
// the file may be absent.
func LoadBeforeUsers(fs *pflag.FlagSet, env []string) (*Loaded, error) {
	base, named := configFile(fs, env)
	return load(&loader{base: base, beforeUsers: true}, named, fs, env)
}

// configFile is the configuration's file, and whether somebody named it.
func configFile(fs *pflag.FlagSet, env []string) (file place, named bool) {
	name := DefaultFile
	for _, entry := range env {
		if text, ok := strings.CutPrefix(entry, configEnv+"="); ok && text != "" {
			name, named = text, true
		}
	}
	if f := lookupFlag(fs, configFlag); f != nil && f.Changed {
		name, named = f.Value.String(), true
	}
	return place{name: name}, named
}

// LoadFrom is Load with a configuration file that is built into the program:
// it and the files it names are read from fsys; data_dir and secrets are
// relative to the working directory.
func LoadFrom(fsys fs.FS, file string, flags *pflag.FlagSet, env []string) (*Loaded, error) {
	return load(&loader{base: place{fsys: fsys, name: file}}, true, flags, env)
}

// loader collects what is read, and what is wrong with it.
type loader struct {
	*layers
	base place // of the configuration file
	// beforeSetup: influxdb.token_file may be absent.
	beforeSetup bool
	// beforeUsers: mqtt.users_file may be absent.
	beforeUsers bool
	out         Loaded
	problems    plant.Problems
}

func load(l *loader, named bool, flags *pflag.FlagSet, env []string) (*Loaded, error) {
	l.layers = newLayers()
	l.readConfig(named)
	problems, warnings := l.fromEnv(env)
	l.problems = append(l.problems, problems...)
	l.out.Warnings = append(l.out.Warnings, warnings...)
	l.problems = append(l.problems, l.fromFlags(flags)...)
	c, err := l.config()
	if err != nil {
		l.problems = append(l.problems, plant.Problem{What: err.Error()})
	}
	l.out.Config = c
	l.resolvePaths()
	l.check()
	l.readProfiles()
	l.readDefinition()
	sortProblems(l.problems)
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return &l.out, nil
}

// sortProblems puts the problems of one file together, by line.
func sortProblems(ps plant.Problems) {
	order := map[string]int{}
	for i, p := range ps {
		if _, ok := order[p.File]; !ok {
			order[p.File] = i
		}
	}
	slices.SortStableFunc(ps, func(a, b plant.Problem) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
}

func (l *loader) readConfig(named bool) {
	data, err := l.base.read()
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
	case err != nil:
		l.problems = append(l.problems, plant.Problem{File: l.base.name, What: fileWords(err)})
	default:
		l.out.Files = append(l.out.Files, l.base.name)
		l.problems = append(l.problems, l.fromFile(l.base.name, data)...)
	}
}

// fileWords says why a file cannot be read, without naming it again.
func fileWords(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return "cannot be read: " + err.Error()
}

// named returns the place of a file that the value of key names.
func (l *loader) named(key, name string) place {
	if o := l.of(key); o == byEnv || o == byFlag {
		return place{name: filepath.Clean(name)}
	}
	return l.base.beside(name)
}

// onDisk is named for what must lie in the file system: beside a built-in
// configuration it is relative to the working directory.
func (l *loader) onDisk(key, name string) string {
	if name == "" {
		return ""
	}
	if p := l.named(key, name); p.fsys == nil {
		return p.name
	}
	return filepath.Clean(name)
}

// resolvePaths makes the paths relative to the working directory, but for
// those of files that may be built in: they are read through named.
func (l *loader) resolvePaths() {
	c := &l.out.Config
	c.DataDir = l.onDisk("data_dir", c.DataDir)
	c.InfluxDB.TokenFile = l.onDisk("influxdb.token_file", c.InfluxDB.TokenFile)
	if strings.ContainsRune(c.InfluxDB.Binary, filepath.Separator) {
		c.InfluxDB.Binary = l.onDisk("influxdb.binary", c.InfluxDB.Binary)
	}
	for i := range c.MQTT.Servers {
		s := &c.MQTT.Servers[i]
		for _, at := range []*string{&s.PasswordFile, &s.CAFile, &s.CertFile, &s.KeyFile} {
			*at = l.onDisk("mqtt.servers", *at)
		}
	}
	for key, at := range map[string]*string{
		"mqtt.users_file": &c.MQTT.UsersFile, "mqtt.tls.cert_file": &c.MQTT.TLS.CertFile,
		"mqtt.tls.key_file": &c.MQTT.TLS.KeyFile, "mqtt.tls.client_ca_file": &c.MQTT.TLS.ClientCAFile,
	} {
		*at = l.onDisk(key, *at)
	}
	if c.InfluxDB.VerdictBucket == "" {
		c.InfluxDB.VerdictBucket = c.InfluxDB.Bucket + "_verdicts"
	}
}

// open reads the file that the value of key names. It returns nil where the
// file is absent and only the default names it.
func (l *loader) open(key, name string) (place, []byte) {
	p := l.named(key, name)
	data, err := p.read()
	switch {
	case errors.Is(err, fs.ErrNotExist) && l.of(key) == byDefault:
		return p, nil
	case err != nil:
		l.add(key, "%s: %s", p.name, fileWords(err))
		return p, nil
	}
	l.out.Files = append(l.out.Files, p.name)
	if data == nil {
		data = []byte{}
	}
	return p, data
}
