package main

import (
	"context"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/config"
)

// asCommand has the test's program be heartline.
const asCommand = "HEARTLINE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(exec(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// indented returns the indented blocks of a page, without the indent.
func indented(page string) (blocks []string) {
	block := ""
	for line := range strings.Lines(page + "\n\n") {
		if text, ok := strings.CutPrefix(line, "    "); ok {
			block += text
		} else if block != "" {
			blocks, block = append(blocks, block), ""
		}
	}
	return blocks
}

// TestExamplesOfTheProfilesPage runs each example of docs/profiles.md in a
// shell, as a reader would paste it, and compares what it prints.
func TestExamplesOfTheProfilesPage(t *testing.T) {
	shell, err := osexec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to paste the examples into")
	}
	page, err := os.ReadFile("../../docs/profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "heartline"), "#!/bin/sh\n"+asCommand+"=1 exec '"+program+"' \"$@\"\n", 0o700)
	shown := map[string]bool{}
	for _, block := range indented(string(page)) {
		switch {
		case strings.HasPrefix(block, `{"head"`):
			write(t, filepath.Join(dir, "payload.json"), block, 0o600)
		case strings.HasPrefix(block, "# my-gateway.yaml\n"):
			write(t, filepath.Join(dir, "my-gateway.yaml"), block, 0o600)
		case strings.Contains(block, "heartline decode"):
			command, want := cutCommand(block)
			_, name, _ := strings.Cut(command, "--profile ")
			name, _, _ = strings.Cut(name, " ")
			shown[name] = true
			t.Run(name, func(t *testing.T) {
				run := osexec.CommandContext(t.Context(), shell, "-c", command)
				run.Dir, run.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
				got, err := run.CombinedOutput()
				if err != nil || string(got) != want {
					t.Errorf("%s\nprints %s(%v)\nthe page says %s", command, got, err, want)
				}
			})
		}
	}
	all, err := config.BuiltinProfiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if !shown[p.Name] {
			t.Errorf("the page has no example of the profile %s", p.Name)
		}
	}
}

// cutCommand returns the command of an example, which goes on after a | at a
// line's end, and what it prints.
func cutCommand(block string) (command, prints string) {
	for line := range strings.Lines(block) {
		if command += line; !strings.HasSuffix(line, "|\n") {
			break
		}
	}
	return command, strings.TrimPrefix(block, command)
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
