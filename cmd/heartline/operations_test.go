package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sources parses every file of the module's program and calls see with each
// node. Tests, tools and the benchmark are no part of the program.
func sources(t *testing.T, see func(ast.Node)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		switch base := filepath.Base(name); {
		case err != nil:
			return err
		case d.IsDir() && name != "../.." && (strings.HasPrefix(base, ".") || slices.Contains([]string{"tools", "bench", "bin"}, base)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		ast.Inspect(file, func(n ast.Node) bool { see(n); return true })
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files were read: %v", files, err)
	}
}

// literal is the string that an expression is, or begins with.
func literal(e ast.Expr) (string, bool) {
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok {
			break
		}
		e = sum.X
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func page(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestEveryMetricIsOnTheOperationsPage: each with its row, and none that is
// not there any more, on any page.
func TestEveryMetricIsOnTheOperationsPage(t *testing.T) {
	metric := regexp.MustCompile(`^heartline_[a-z0-9_]+$`)
	known := map[string]bool{}
	sources(t, func(n ast.Node) {
		if e, ok := n.(ast.Expr); ok {
			if s, ok := literal(e); ok && metric.MatchString(s) {
				known[s] = true
			}
		}
	})
	if len(known) < 40 {
		t.Fatalf("only %d metrics were found in the code", len(known))
	}
	operations := page(t, "../../docs/operations.md")
	for name := range known {
		if !strings.Contains(operations, "\n| `"+name+"` |") {
			t.Errorf("docs/operations.md has no row for %s", name)
		}
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\bheartline_[a-z0-9_]+\b`)
	for _, name := range append(pages, "../../README.md") {
		for _, m := range word.FindAllString(page(t, name), -1) {
			if !known[m] {
				t.Errorf("%s names %s, which is no metric", name, m)
			}
		}
	}
}

// TestEveryComplaintIsOnTheOperationsPage holds the beginnings of all lines of
// the log from WARN on, up to the first colon, semicolon or comma, against the
// page's table.
func TestEveryComplaintIsOnTheOperationsPage(t *testing.T) {
	operations := page(t, "../../docs/operations.md")
	found := 0
	sources(t, func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		name, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Warn", "Error", "say", "tell", "once"}, name.Sel.Name) {
			return
		}
		if from, ok := name.X.(*ast.Ident); ok && from.Name == "http" {
			return
		}
		for _, arg := range call.Args {
			words, ok := literal(arg)
			if !ok || !strings.Contains(words, " ") {
				continue
			}
			found++
			head := strings.TrimSpace(words[:endOfHead(words)])
			if !strings.Contains(operations, "\n| "+head) {
				t.Errorf("docs/operations.md does not say what to do where the log says %q", head)
			}
			return
		}
	})
	if found < 30 {
		t.Errorf("only %d lines of the log were found in the code", found)
	}
}

// endOfHead is where the first clause of a line ends.
func endOfHead(words string) int {
	if i := strings.IndexAny(words, ":;,"); i >= 0 {
		return i
	}
	return len(words)
}

// TestLinksOfThePages: what a page points to is there.
func TestLinksOfThePages(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	pages := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		switch base := filepath.Base(name); {
		case err != nil:
			return err
		case d.IsDir() && name != "../.." && (strings.HasPrefix(base, ".") || base == "bin"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(base) != ".md":
			return nil
		}
		pages++
		for _, m := range link.FindAllStringSubmatch(page(t, name), -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), to)); err != nil {
				t.Errorf("%s points to %s, which is not there", name, m[1])
			}
		}
		return nil
	})
	if err != nil || pages < 20 {
		t.Errorf("%d pages were read: %v", pages, err)
	}
}
