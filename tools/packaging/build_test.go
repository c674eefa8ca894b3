package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestImageIsPinnedAndWithoutRights(t *testing.T) {
	text, err := os.ReadFile(root + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	from := regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)`).FindAllStringSubmatch(string(text), -1)
	last := ""
	for _, f := range from {
		last = f[1]
		if last != "scratch" && !regexp.MustCompile(`^[a-z/]+:\d+\.\d+\.\d+-[a-z]+$`).MatchString(last) {
			t.Errorf("FROM %s is not pinned to a version", last)
		}
	}
	if last != "scratch" {
		t.Errorf("the image is built on %q", last)
	}
	for _, want := range []string{"\nUSER 65532:65532\n", "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH", `ENTRYPOINT ["/usr/bin/heartline"]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it lacks %q", want)
		}
	}
}

// maxExposure is in tenths of what systemd-analyze security calls exposure.
const maxExposure = "15"

func TestUnitIsRightAndClosed(t *testing.T) {
	text, err := os.ReadFile(root + "/packaging/systemd/heartline.service")
	if err != nil {
		t.Fatal(err)
	}
	// verify wants the program to be there.
	unit := filepath.Join(t.TempDir(), "heartline.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), "/usr/bin/heartline", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--man=no", unit},
		{"security", "--offline=true", "--no-pager", "--threshold=" + maxExposure, unit},
	} {
		out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		if err != nil || args[0] == "verify" && strings.Contains(string(out), "heartline.service") {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
