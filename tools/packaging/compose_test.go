package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = "../.."

// load reads docker-compose.yml as `docker compose` does, with these variables.
func load(t *testing.T, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{root + "/docker-compose.yml"}, cli.WithEnv(env), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

var pinned = regexp.MustCompile(`^[a-z/-]+:\d+\.\d+\.\d+$`)

func TestServicesArePinnedAndHaveNoRights(t *testing.T) {
	project := load(t)
	if want := []string{"grafana", "heartline", "influxdb", "mosquitto", "setup"}; strings.Join(project.ServiceNames(), " ") != strings.Join(want, " ") {
		t.Errorf("services %v, want %v", project.ServiceNames(), want)
	}
	for name, s := range project.Services {
		if s.Build == nil && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q is not pinned to a version", name, s.Image)
		}
		if s.Build == nil && (s.User == "" || strings.HasPrefix(s.User, "0") || s.User == "root") {
			t.Errorf("%s runs as %q", name, s.User)
		}
		if !s.ReadOnly || s.Privileged || len(s.CapAdd) > 0 || strings.Join(s.CapDrop, "") != "ALL" || strings.Join(s.SecurityOpt, "") != "no-new-privileges:true" {
			t.Errorf("%s may more than it needs", name)
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to %q unless somebody says so", name, p.Published, p.HostIP)
			}
		}
	}
	for _, p := range load(t, "LISTEN=0.0.0.0").Services["influxdb"].Ports {
		if p.HostIP != "127.0.0.1" {
			t.Errorf("LISTEN opens InfluxDB to %q", p.HostIP)
		}
	}
}

var secretName = regexp.MustCompile(`(?i)password|token|secret`)

func TestSecretsAreFilesThatGitIgnores(t *testing.T) {
	project := load(t)
	for name, s := range project.Secrets {
		rel, err := filepath.Rel(abs(t, root), s.File)
		if err != nil || filepath.Dir(rel) != "secrets" {
			t.Errorf("secret %s is %q, want a file in secrets/", name, s.File)
		}
	}
	ignored, err := os.ReadFile(root + "/.gitignore")
	if err != nil || !strings.Contains(string(ignored), "/secrets/\n") {
		t.Errorf("git does not ignore secrets/ (%v)", err)
	}
	for name, s := range project.Services {
		for key, value := range s.Environment {
			if value != nil && secretName.MatchString(key) && !strings.HasPrefix(*value, "/run/secrets/") {
				t.Errorf("%s: %s holds a secret", name, key)
			}
		}
	}
}

// What is mounted is there, and what is there is mounted.
func TestMountedFilesAreShipped(t *testing.T) {
	mounted := map[string]bool{}
	for name, s := range load(t).Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
			if !v.ReadOnly {
				t.Errorf("%s may change %s", name, v.Source)
			}
			mounted[v.Source] = true
		}
	}
	dir := abs(t, root+"/packaging/compose")
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".sh") {
			return err
		}
		for p := path; p != dir; p = filepath.Dir(p) {
			if mounted[p] {
				return nil
			}
		}
		t.Errorf("%s is mounted nowhere", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// secrets.sh makes every secret that is mounted, once, and readable to
// containers only through their directory.
func TestSecretsAreMadeByTheScript(t *testing.T) {
	if _, err := exec.LookPath("mosquitto_passwd"); err != nil {
		t.Fatal("install Mosquitto")
	}
	copied := t.TempDir()
	script := filepath.Join(copied, "packaging", "compose", "secrets.sh")
	text, err := os.ReadFile(root + "/packaging/compose/secrets.sh")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(script), 0o700)
	}
	if err == nil {
		err = os.WriteFile(script, text, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	sh := func(args ...string) error {
		out, err := exec.Command(script, args...).CombinedOutput()
		t.Logf("%s", out)
		return err
	}
	if err := sh(); err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	for name, s := range load(t).Secrets {
		file := filepath.Join(copied, "secrets", filepath.Base(s.File))
		text, err := os.ReadFile(file)
		if err != nil || len(text) < 24 {
			t.Errorf("secret %s: %q, %v", name, text, err)
		}
		before[file] = string(text)
	}
	if info, err := os.Stat(filepath.Join(copied, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("secrets/: %v, %v; want mode 0700", info.Mode(), err)
	}
	if err := sh("plant-7"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"heartline", "+", "a/b", "-D", "a b"} {
		if sh(bad) == nil {
			t.Errorf("it takes the plant %q", bad)
		}
	}
	for file, want := range before {
		if text, _ := os.ReadFile(file); string(text) != want && filepath.Base(file) != "mosquitto-passwords" {
			t.Errorf("%s was changed", file)
		}
	}
}

func abs(t *testing.T, path string) string {
	t.Helper()
	out, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
