package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")

// TestExamplesOfThePages reads every file of a user's that the pages show, as
// a reader would copy it.
func TestExamplesOfThePages(t *testing.T) {
	const (
		aPlant = "plants: [{id: p, timezone: Asia/Shanghai, calendar: two-shift, lines: [{id: dye-1, unit: m, normal: 500/h, machines: [m]}]}]\n"
		aLine  = "plants: [{id: p, lines: [{id: dye-1, unit: m, normal: 500/h, machines: [m], "
	)
	dir, seen := t.TempDir(), 0
	for _, page := range []string{"getting-started.md", "rules.md"} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
			seen++
			file := filepath.Join(dir, "file.yaml")
			registry := func(text string) error {
				write(t, file, text, 0o600)
				_, err := ReadRegistry(file)
				return err
			}
			switch key, _, _ := strings.Cut(block[1], ":"); key {
			case "plants":
				err = registry(block[1])
			case "calendars":
				err = registry(aPlant + block[1])
			case "counter":
				err = registry(aLine + strings.TrimSpace(block[1]) + "}]}]\n")
			default:
				write(t, file, block[1], 0o600)
				var conf rules.Config
				if conf, err = ReadRules(file); err == nil && len(conf.Custom) > 0 {
					problems, _ := conf.Check(new(plant.Registry))
					err = problems.Err()
				}
			}
			if err != nil {
				t.Errorf("%s: this example\n%s%v", page, block[1], err)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d examples were found", seen)
	}
}
