package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/internal/config"
)

func TestTopicsBecomeOneTemplate(t *testing.T) {
	all := []string{"plant", "line", "machine"}
	for _, tc := range []struct {
		want   string
		ids    []string
		field  bool
		topics []string
	}{
		{"factory/{plant}/{line}/{machine}/heartbeat", all, false, []string{"factory/p1/l1/m1/heartbeat", "factory/p1/l1/m2/heartbeat", "factory/p2/l3/m1/heartbeat"}},
		{"umh/v1/+/{plant}/{line}/{machine}/_historian", all, false, []string{
			"umh/v1/acme/hangzhou/dye/m1/_historian", "umh/v1/acme2/ningbo/dye/m2/_historian", "umh/v1/acme/ningbo/cut/m1/_historian"}},
		{"{plant}/{line}/{machine}/x", all, false, []string{"p/l/m/x", "p/l/n/x"}},
		{"a/{plant}/{line}/{machine}/{field}", all, true, []string{"a/p/l/m/temp", "a/p/l/m/good"}},
		{"kepware/{plant}", all[:1], false, []string{"kepware/p1"}},
		{"{plant}", all[:1], false, []string{"p1"}},
		{"factory/{plant}/{line}/neuron", all[:2], false, []string{"factory/p1/l1/neuron"}},
		{"a/+/x", nil, false, []string{"a/b/x", "a/c/x"}},
		{"{plant}/{line}/{machine}", all, false, []string{"p/l/m"}},
		{"", all, true, []string{"l/m/temp"}},
		{"", all, false, []string{"m/heartbeat"}},
	} {
		if got, ok := template(tc.topics, tc.ids, tc.field); got != tc.want || ok != (tc.want != "") {
			t.Errorf("%v: %q, %v, want %q", tc.topics, got, ok, tc.want)
		}
	}
}

// What is proposed is taken as it is pasted, whatever was heard.
func TestAProposalCanBePasted(t *testing.T) {
	profiles, err := config.BuiltinProfiles()
	if err != nil {
		t.Fatal(err)
	}
	const kepware = `{"timestamp":1700000000999,"values":[{"id":"L1.Press1.good","v":1017,"q":true,"t":1700000000123}]}`
	heard := &Heard{topics: map[string]*heardTopic{}}
	for _, tc := range []struct {
		topic, payload string
		want           []string
	}{
		{"", "", []string{"# heartline.yaml"}},
		{"weird/x y/z", "17", []string{`# the levels of "weird/x y/z" are too few`}},
		{"kepware/p1", kepware, []string{"# 1 topic, such as kepware/p1", `{topic: "kepware/{plant}", profile: kepware}`, `id: "p1"`, `id: "L1"`, `machines: ["Press1"]`}},
		{"kepware/p2", kepware, []string{"# 2 topics, such as kepware/p1", `id: "p2"`}},
		{"logs/all", "\xff\xfe", []string{`# no built-in profile reads "logs/all"`}},
		{"factory/p1/l1/m1/heartbeat", `{"good":1}`, []string{`{topic: "factory/{plant}/{line}/{machine}/heartbeat", profile: json}`, `id: "l1"`}},
	} {
		if tc.topic != "" {
			heard.take(tc.topic, []byte(tc.payload), time.Unix(1700000000, 0))
		}
		text := heard.Propose(profiles).YAML()
		for _, want := range tc.want {
			if !strings.Contains(text, want) {
				t.Errorf("after %s nothing says %s:\n%s", tc.topic, want, text)
			}
		}
		if err := paste(t, text); err != nil {
			t.Errorf("after %s: %v\n%s", tc.topic, err, text)
		}
	}
}

// paste reads a proposal as the files it goes into.
func paste(t *testing.T, text string) error {
	t.Helper()
	dir := t.TempDir()
	sources, plants, ok := strings.Cut(text, "# plants.yaml\n")
	if !ok {
		t.Fatalf("no registry in\n%s", text)
	}
	named := filepath.Join(dir, "heartline.yaml")
	for name, text := range map[string]string{named: sources, filepath.Join(dir, "plants.yaml"): plants} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(flags)
	if err := flags.Parse([]string{"--config", named}); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(flags, nil)
	return err
}
