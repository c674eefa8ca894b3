package scenario

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")

// TestExamplesOfThePage plays each example of docs/scenarios.md: the first as
// it is, the others in place of what the first has under the same keys. What
// is cut off in one is expected in the next.
func TestExamplesOfThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, b := range yamlBlock.FindAllStringSubmatch(string(page), -1) {
		blocks = append(blocks, b[1])
	}
	if len(blocks) != 6 {
		t.Fatalf("the page has %d examples, not 6", len(blocks))
	}
	first, output, links, declared, expect := blocks[0], blocks[1], blocks[2], blocks[3], blocks[4]
	holds(t, write(t, first))
	head, rest, _ := strings.Cut(first, "output:\n")
	its, _, _ := strings.Cut(rest, "expect:\n")
	holds(t, write(t, head+output+"expect:\n  - {plant: dye, at: 09:01, phase: resumed}\n  - {line: dye-1, at: 12:07:30, state: stalled, reason: internal}\n"))
	holds(t, write(t, head+"output:\n"+its+declared+"expect:\n"+
		"  - {line: dye-1, from: 10:00, to: 11:00, changes: none}\n"+ // it makes parts all the while
		"  - {plant: dye, from: 11:00, changes: [11:15 stopped relapsed, 11:20 excluded, 11:50 unknown]}\n"))
	if got := holds(t, write(t, head+"output:\n"+its+links+expect)); got.Expectations < 19 {
		t.Errorf("only %d things are expected", got.Expectations)
	}
	begin, _, _ := strings.Cut(head, "rules:")
	holds(t, write(t, begin+"output:\n"+its+blocks[5]))
	failing := strings.Replace(first, "11:03 short stop", "11:04 short stop", 1)
	s, err := Load(write(t, failing))
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	report.Print(&b)
	_, shown, _ := strings.Cut(string(page), "      my-plant.yaml:14: ")
	shown, _, _ = strings.Cut(shown, "\n\n")
	if flat := func(text string) string { return strings.Join(strings.Fields(text), " ") }; !strings.Contains(flat(b.String()), flat(shown)) {
		t.Errorf("it says\n%s\nthe page says\n%s", b.String(), shown)
	}
}

var code = regexp.MustCompile("`([^`]+)`")

// TestNotationOfThePage reads every piece of notation that the page's tables
// and its paragraph on times show.
func TestNotationOfThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	c := testClock()
	_, times, _ := strings.Cut(string(page), "**Times**: ")
	times, _, _ = strings.Cut(times, "or RFC 3339")
	for _, m := range code.FindAllStringSubmatch(times, -1) {
		if _, err := c.read(strings.NewReplacer("2026-03-02", "2026-03-29").Replace(m[1])); err != nil {
			t.Error(err)
		}
	}
	seen := 0
	for _, table := range []struct{ head, before string }{{"| the counter | |", ""}, {"| how long | |", "+1 "}, {"| how it reaches us | |", "+1 "}} {
		_, rows, found := strings.Cut(string(page), table.head+"\n|---|---|\n")
		if !found {
			t.Errorf("the page has no table %q", table.head)
		}
		rows, _, _ = strings.Cut(rows, "\n\n")
		for row := range strings.Lines(rows) {
			first, _, _ := strings.Cut(row[2:], " |")
			for _, m := range code.FindAllStringSubmatch(first, -1) {
				seen++
				if _, err := parseCourse(table.before+m[1], c); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d pieces of notation were found", seen)
	}
}

// Every key of a scenario, and of what is in it, is on the page.
func TestKeysOfThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, like := range []any{file{}, courseText{}, linkText{}, pauseText{}, declaredText{}, expectText{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(like)) {
			key := f.Tag.Get("yaml")
			if f.Anonymous {
				continue
			}
			if word := regexp.MustCompile(`\b` + key + `\b[:` + "`" + `]`); !word.Match(page) {
				t.Errorf("%T has a key %s that the page does not show", like, key)
			}
		}
	}
}
