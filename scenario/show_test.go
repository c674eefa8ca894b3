package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is shown of a scenario can be pasted in place of what it expects, and
// holds.
func TestWhatIsShownHolds(t *testing.T) {
	files, err := filepath.Glob(shipped + "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			head, _, _ := strings.Cut(string(text), "\nexpect:\n")
			rules, err := filepath.Abs("../configs/custom-rules.yaml")
			if err != nil {
				t.Fatal(err)
			}
			head = strings.ReplaceAll(head, "../custom-rules.yaml", rules)
			s, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			var shown strings.Builder
			if err := s.Show(t.Context(), &shown); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(head, "\nend:") {
				head += "\nend: " + s.clock.write(s.end)
			}
			head += "\nnothing_else: true\n"
			pasted := write(t, head+shown.String())
			empty, err := LoadToShow(write(t, head))
			if err != nil {
				t.Fatal(err)
			}
			var again strings.Builder
			if err := empty.Show(t.Context(), &again); err != nil {
				t.Fatal(err)
			}
			if _, a, _ := strings.Cut(again.String(), "\n"); !strings.HasSuffix(shown.String(), a) {
				t.Errorf("without expectations it shows\n%s", again.String())
			}
			holds(t, pasted)
		})
	}
}
