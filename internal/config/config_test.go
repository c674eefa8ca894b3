package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/plant"
)

func TestFlagsHelp(t *testing.T) {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	golden(t, "testdata/flags.golden", fs.FlagUsages())
}

func TestFlagsMayBeWrittenWithDashes(t *testing.T) {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	fs.String("csv-format", "", "")
	if err := fs.Parse([]string{"--data-dir=a", "--mqtt.store-max-bytes", "2MiB", "--csv-format=x"}); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(fs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := loaded.Config; c.DataDir != "a" || c.MQTT.StoreMaxBytes != 2<<20 {
		t.Errorf("got data_dir %q and mqtt.store_max_bytes %d", c.DataDir, c.MQTT.StoreMaxBytes)
	}
	if f := fs.Lookup("csv-format"); f == nil || f.Value.String() != "x" {
		t.Error("a flag of another kind was renamed")
	}
}

func TestFlagGoesBeforeVariableBeforeFileBeforeDefault(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "heartline.yaml")
	write(t, file, "log: {level: warn}\nqueue: {partitions: 1, max_bytes: 2MiB}\ndata_dir: sub/state\n", 0o644)
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	args, env := []string{}, []string{}
	check := func(want, dataDir string) {
		t.Helper()
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		loaded, err := Load(fs, env)
		if err != nil {
			t.Fatal(err)
		}
		if got := loaded.Config; got.Log.Level != want || got.DataDir != dataDir {
			t.Errorf("level %q and data_dir %q, want %q and %q", got.Log.Level, got.DataDir, want, dataDir)
		}
	}
	t.Chdir(t.TempDir())
	check("info", "heartline-data")
	env = append(env, "HEARTLINE_CONFIG="+file)
	check("warn", filepath.Join(dir, "sub/state"))
	env = append(env, "HEARTLINE_LOG_LEVEL=error", "HEARTLINE_DATA_DIR=here")
	check("error", "here")
	args = append(args, "--log.level=debug", "--data_dir=there")
	check("debug", "there")
}

// Names are values: whatever their case, they come back as written.
func TestNamesKeepTheirCase(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "heartline.yaml")
	write(t, file, "mqtt: {servers: [{name: EAST.Mill, url: \"tcp://Broker:1883\", user: Me}], client_id: Big, sources: [{topic: \"A/{plant}/{line}/{machine}\", profile: json}]}\n", 0o644)
	c := mustLoad(t, "HEARTLINE_CONFIG="+file).Config.MQTT
	if s := c.Servers[0]; s.Name != "EAST.Mill" || s.URL != "tcp://Broker:1883" || s.User != "Me" || c.ClientID != "Big" || c.Sources[0].Topic != "A/{plant}/{line}/{machine}" {
		t.Errorf("got %+v", c)
	}
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for text, want := range map[string]string{"s3cret\n": "s3cret", "s3cret": "s3cret", "s3cret\r\n": "s3cret", " a b \n": " a b "} {
		write(t, at("good"), text, 0o600)
		if got, err := ReadSecret(at("good")); got != want || err != nil {
			t.Errorf("%q is the secret %q, %v; want %q", text, got, err, want)
		}
	}
	for name, text := range map[string]string{"empty": "", "newline": "\n", "two lines": "topsecret\ntopsecret\n", "long": strings.Repeat("topsecret", 10_000)} {
		write(t, at(name), text, 0o600)
		_, err := ReadSecret(at(name))
		if plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), at(name)) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadSecret(at("absent")); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("absent: %v", err)
	}
}

func TestExposedSecretIsAWarning(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "t", 0o644)
	got := mustLoad(t, "HEARTLINE_INFLUXDB_TOKEN_FILE="+file).Warnings.Error()
	if want := "HEARTLINE_INFLUXDB_TOKEN_FILE: every user of this machine can read " + file; !strings.Contains(got, want) {
		t.Errorf("got warnings\n%s\nwant %q", got, want)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := mustLoad(t, "HEARTLINE_INFLUXDB_TOKEN_FILE="+file).Warnings.Error(); strings.Contains(got, "every user") {
		t.Errorf("got warnings\n%s", got)
	}
}

func TestRetention(t *testing.T) {
	for text, want := range map[string]string{"90d": "90d", "24h": "1d", "36h": "36h", "forever": "forever"} {
		var r Retention
		if err := r.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got, _ := r.MarshalText(); string(got) != want {
			t.Errorf("%q was written as %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"", "0d", "-1h", "ever"} {
		if err := new(Retention).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as a retention", text)
		}
	}
}

func TestEveryKeyHasHelp(t *testing.T) {
	for _, k := range keys() {
		if k.help == "" && !k.list() {
			t.Errorf("%s has no help", k.path)
		}
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}
