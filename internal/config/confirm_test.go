package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func TestConfirmChangesOneWordOfTheRegistry(t *testing.T) {
	for file, tc := range map[string]struct{ text, old, edited string }{
		"plants.yaml": {"# mine\nplants:\n  - id: p # the first\n    lines:\n      - {id: a, machines: [m], commissioned: false}\n      - id: b\n        commissioned: false # soon\n        machines: [m]\n",
			"        commissioned: false # soon", "        commissioned: true # soon"},
		"plants.csv": {"\ufeff# mine\nplant,line,machines,commissioned\np,a,m,false\n\"p\",b,m,\"false\"\n", `"p",b,m,"false"`, `"p",b,m,"true"`},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, file)
		if err := os.WriteFile(name, []byte(tc.text), 0o640); err != nil {
			t.Fatal(err)
		}
		load := func() *Loaded {
			l, err := Load(nil, []string{"HEARTLINE_REGISTRY=" + name})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		edit, err := load().Confirm("p", "b")
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if edit.Old != tc.old || edit.New != tc.edited {
			t.Errorf("%s: %q becomes %q", file, edit.Old, edit.New)
		}
		if err := edit.Write(); err != nil {
			t.Fatal(err)
		}
		now, _ := os.ReadFile(name)
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 || string(now) != strings.Replace(tc.text, tc.old, tc.edited, 1) {
			t.Errorf("%s: %v\n%s", file, err, now)
		}
		l := load()
		if !l.Registry.Plant("p").Line("b").IsCommissioned() || l.Registry.Plant("p").Line("a").IsCommissioned() {
			t.Errorf("%s: another line was commissioned", file)
		}
		if _, err := l.Confirm("p", "b"); plant.CodeOf(err) != plant.CodeConflict {
			t.Errorf("%s: again: %v", file, err)
		}
		if _, err := l.Confirm("p", "c"); plant.CodeOf(err) != plant.CodeNotFound {
			t.Errorf("%s: a line nobody has: %v", file, err)
		}
	}
}
