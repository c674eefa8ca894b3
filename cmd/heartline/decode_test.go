package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs one command line in an empty directory.
func command(t *testing.T, in string, args ...string) (status int, out, errs string) {
	t.Helper()
	t.Chdir(t.TempDir())
	return inPlace(in, args...)
}

func inPlace(in string, args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = exec(context.Background(), args, strings.NewReader(in), &o, &e)
	return status, o.String(), e.String()
}

func TestDecodeShowsSamplesAndWhereItFails(t *testing.T) {
	status, out, errs := command(t, `{"ts":1700000000123,"seq":9007199254740993,"state":"on\u001b[31m","good":9223372036854775807,"temp":61.5}`, "decode")
	want := `p/l/m  2023-11-14T22:13:20.123Z  seq 9007199254740993  state "on\x1b[31m"  good=9223372036854775807 (counter)  temp=61.5` + "\n"
	if status != 0 || out != want || errs != "" {
		t.Errorf("status %d, %q, %q; want %q", status, out, errs, want)
	}
	status, out, errs = command(t, `{"good":1}{`, "decode")
	if status != 1 || out != "" || !strings.Contains(errs, "cannot be read (syntax): at byte 10: ") {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	status, out, _ = command(t, `{"good":"x"}`, "decode", "--output", "json")
	if want := `{"samples":[],"failures":[{"reason":"type","words":"at byte 8 (/good): `; status != 1 || !strings.HasPrefix(out, want) {
		t.Errorf("status %d, %s; want %s", status, out, want)
	}
	status, _, errs = command(t, "{}", "decode", "--profile", "kepware", "--topic", "kepware/p1")
	if status != 2 || !strings.Contains(errs, "--template") {
		t.Errorf("status %d, %q", status, errs)
	}
	status, _, errs = command(t, "{}", "decode", "--topic", "elsewhere/p")
	if status != 2 || !strings.Contains(errs, "--profile") {
		t.Errorf("status %d, %q", status, errs)
	}
}

func TestDecodeReadsByAProfileOfOnesOwn(t *testing.T) {
	t.Chdir(t.TempDir())
	profile := "format: json\nunwrap: [head, body]\ntime: {field: t, unit: s}\nnumbers: [t, Count, Temp]\nexclude: [Ver]\nstate: Run\n" +
		"counters: [{field: Count, kind: total}]\nrename: [{from: Count, to: good}]\n"
	payload := `{"head":{"t":"1700000000"},"body":{"Count":"1017","Temp":"61.5","Run":"1","Ver":"2.1"}}`
	for name, text := range map[string]string{"my-gateway.yaml": profile, "good.json": payload, "bad.json": `{"body":{"Count":"x"}}`} {
		if err := os.WriteFile(filepath.Join(".", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"decode", "--profile", "my-gateway.yaml", "--template", "plc/{plant}/{line}/{machine}", "--topic", "plc/p1/l1/m1"}
	status, out, errs := inPlace("", append(args, "good.json", "bad.json")...)
	if status != 1 || out != `good.json: p1/l1/m1  2023-11-14T22:13:20.000Z  state "1"  Temp=61.5  good=1017 (counter)`+"\n" ||
		!strings.Contains(errs, `bad.json: cannot be read (number): at byte 17 (/body/Count): is the text "x"; profile "my-gateway" says that it is a number`) {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	status, out, _ = inPlace(payload, append(args, "--output", "json")...)
	want := `{"samples":[{"plant":"p1","line":"l1","machine":"m1","time":"2023-11-14T22:13:20.000Z","state":"1","fields":{"Temp":61.5,"good":1017}}],"failures":[]}` + "\n"
	if status != 0 || out != want {
		t.Errorf("status %d, %s; want %s", status, out, want)
	}
}
