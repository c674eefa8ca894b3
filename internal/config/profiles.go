package config

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/configs"
	"github.com/seed-00829101/heartline/plant"
)

// readProfiles reads built-in and own profiles, and gives each source its.
func (l *loader) readProfiles() {
	byName, problems := builtinProfiles()
	l.problems = append(l.problems, problems...)
	own := map[string]string{} // file by name
	bad := false
	for i, name := range l.out.Config.Profiles {
		key := joinIndex("profiles", i)
		at := l.named("profiles", name)
		l.out.Config.Profiles[i] = at.name
		files, err := at.yamlFiles()
		if err != nil {
			l.add(key, "%s: %s", at.name, fileWords(err))
			bad = true
			continue
		}
		for _, f := range files {
			p, problems := readProfile(f)
			if len(problems) == 0 && own[p.Name] != "" {
				problems = plant.Problems{{File: f.name, Path: "name", What: fmt.Sprintf("%q is already the name of the profile in %s", p.Name, own[p.Name])}}
			}
			l.out.Files = append(l.out.Files, f.name)
			l.problems = append(l.problems, problems...)
			bad = bad || len(problems) > 0
			own[p.Name], byName[p.Name] = f.name, p
			l.out.own = append(l.out.own, p)
		}
	}
	l.matchSources(byName, bad)
}

// matchSources looks up each source's profile; where some file was bad, a
// missing profile is not told as well.
func (l *loader) matchSources(byName map[string]*collector.Profile, bad bool) {
	for i, s := range l.out.Config.MQTT.Sources {
		at := joinIndex("mqtt.sources", i)
		p := byName[s.Profile]
		switch {
		case s.Profile == "":
			l.add(at+".profile", "is missing; known are: %s", namesOfProfiles(byName))
		case p == nil && !bad:
			l.add(at+".profile", "there is no profile %q; known are: %s; list the file of your own under profiles", s.Profile, namesOfProfiles(byName))
		}
		l.out.Profiles = append(l.out.Profiles, p)
		if t := l.out.Templates[i]; p != nil && t.Filter() != "" {
			l.checkIdentity(at, t, p)
		}
	}
}

// checkIdentity asks that each message says whose it is.
func (l *loader) checkIdentity(at string, t collector.Template, p *collector.Profile) {
	var missing []string
	for _, id := range []string{"plant", "line", "machine"} {
		if !t.Named(id) && !p.Gives(id) {
			missing = append(missing, id)
		}
	}
	if p.NeedsField() && !t.Named("field") {
		l.add(at+".topic", "nothing says what the values of profile %q are called: give the topic a level {field}", p.Name)
	}
	if len(missing) > 0 {
		l.add(at+".topic", "nothing says the %s of a message: give the topic a level {%s}, or the profile %q a path: %s: ..., or one for all messages: ids: {%s: ...}",
			strings.Join(missing, " and the "), missing[0], p.Name, missing[0], missing[0])
	}
}

func namesOfProfiles(m map[string]*collector.Profile) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

// builtinProfiles returns the profiles that come with the program.
func builtinProfiles() (map[string]*collector.Profile, plant.Problems) {
	out := map[string]*collector.Profile{}
	files, err := place{fsys: configs.FS, name: "profiles"}.yamlFiles()
	if err != nil {
		return out, plant.Problems{{What: "the built-in profiles cannot be read: " + err.Error()}}
	}
	var problems plant.Problems
	for _, f := range files {
		p, ps := readProfile(f)
		problems = append(problems, ps...)
		out[p.Name] = p
	}
	return out, problems
}

// BuiltinProfile returns the profile called name that comes with the program,
// with its defaults; CodeNotFound where there is none.
func BuiltinProfile(name string) (*collector.Profile, error) {
	all, problems := builtinProfiles()
	if p := all[name]; p != nil && len(problems) == 0 {
		return p, nil
	}
	return nil, plant.Errorf(plant.CodeNotFound, "there is no built-in profile %q; known are: %s", name, namesOfProfiles(all))
}

// BuiltinProfiles returns all profiles that come with the program, with their
// defaults, by name.
func BuiltinProfiles() ([]*collector.Profile, error) {
	all, problems := builtinProfiles()
	var out []*collector.Profile
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[name])
	}
	return out, problems.Err()
}

// readProfile reads one profile, with defaults filled in. Without a name it
// is called as its file.
func readProfile(at place) (*collector.Profile, plant.Problems) {
	p := new(collector.Profile)
	data, err := at.read()
	if err != nil {
		return p, plant.Problems{{File: at.name, What: fileWords(err)}}
	}
	if problems := decodeYAML(at.name, data, p); len(problems) > 0 {
		return p, problems
	}
	if p.Name == "" {
		p.Name = strings.TrimSuffix(path.Base(at.name), path.Ext(at.name))
	}
	doc := &document{file: at.name, data: data}
	problems := locateAll(p.Check(), func(string) *document { return doc })
	full := p.WithDefaults()
	return &full, problems
}

func joinIndex(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// Profile returns the profile called name, or the one in the file called name
// where that ends in .yaml or .yml, with its defaults filled in.
func (l *Loaded) Profile(name string) (*collector.Profile, error) {
	if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
		p, problems := readProfile(place{name: name})
		return p, problems.Err()
	}
	all, problems := builtinProfiles()
	for _, p := range l.Profiles {
		all[p.Name] = p
	}
	for _, p := range l.own {
		all[p.Name] = p
	}
	if p := all[name]; p != nil {
		return p, problems.Err()
	}
	return nil, plant.Errorf(plant.CodeInvalid, "there is no profile %q; known are: %s; a file of your own ends in .yaml", name, namesOfProfiles(all))
}
