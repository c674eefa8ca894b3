package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/console"
)

func TestADeadLetterNeverReachesTheTerminalRaw(t *testing.T) {
	l := &console.WholeLetter{Letter: console.Letter{ID: 7, Reason: "syntax", Words: "x", Topic: "a/\x1b[2J"}, Payload: []byte("\x1b]0;owned\a{\"a\":1}\xff浙江")}
	var out bytes.Buffer
	if err := showLetter(&out, l, "text"); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\a") || !strings.Contains(out.String(), `\x1b]0;owned\a{"a":1}\xff浙江`) {
		t.Errorf("%q", out.String())
	}
	out.Reset()
	if err := showLetter(&out, l, "raw"); err != nil || out.String() != string(l.Payload) {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestReplayWantsToKnowWhich(t *testing.T) {
	for _, args := range [][]string{{}, {"7", "--all"}, {"x"}} {
		status, _, errs := command(t, "", append([]string{"deadletter", "replay", "--url", "http://127.0.0.1:1"}, args...)...)
		if status != 2 {
			t.Errorf("%v: status %d, %s", args, status, errs)
		}
	}
	status, _, errs := command(t, "", "ledger")
	if status != 1 || !strings.Contains(errs, "no Heartline runs on heartline-data; start it") {
		t.Errorf("status %d, %s", status, errs)
	}
}

func TestAFlagsBadValueIsNamedInAUsersWords(t *testing.T) {
	for args, want := range map[string]string{
		"simulate --plants x": `--plants: "x" is no whole number; see heartline simulate --help`,
		"simulate --every 10": `--every: "10" is no duration: write it like 90s or 1h30m; see heartline simulate --help`,
		"simulate --seed -1":  `--seed: "-1" is no whole number that is not negative; see heartline simulate --help`,
		"ledger --url h:8080": `--url "h:8080" is no URL; write it like http://127.0.0.1:8080`,
		"simulate --sped 2":   `unknown flag: --sped; see heartline simulate --help`,
	} {
		status, _, errs := command(t, "", strings.Fields(args)...)
		if status != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %s", args, status, errs)
		}
	}
}
