package logins

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/seed-00829101/heartline/plant"
)

func hash(t testing.TB, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func TestLoginsAreRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "users")
	text := "# gateways\ngw-1:" + hash(t, "secret") + ":p1, p2\n\ngw-2:-:p3\r\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	u, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	l := u.Login("gw-1")
	if !l.Verify("secret") || l.Verify("Secret") || !slices.Equal(l.Plants, []string{"p1", "p2"}) {
		t.Errorf("%+v", l)
	}
	if u.Login("gw-2").Verify("") || u.Login("nobody").Verify("secret") || u.Login("nobody") != nil {
		t.Error("a login without a password lets one in")
	}
}

func TestAMissingFileOfLoginsSaysWhatMakesIt(t *testing.T) {
	_, err := Read(filepath.Join(t.TempDir(), "users"))
	if plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), "heartline user add") {
		t.Error(err)
	}
}

func TestBadLoginsAreAllNamedWithoutTheirHashes(t *testing.T) {
	good := hash(t, "x")
	_, problems := parse([]byte("gw-1\n" + "gw-1:plain:p\nheartline:-:p\nheartline-x:-:p\ngw-2:" + good + ":../p\ngw-3:-:p\ngw-3:-:p\n:-:p\ngw-4:$2a$15$" + good[7:] + ":p\n"))
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	all := strings.Join(got, "\n")
	for i, want := range []string{"is no login; write", "is no bcrypt hash", "are Heartline's own", "are Heartline's own", "a plant of \"gw-2\"", "for the second time", "name is empty", "hashed with cost 15"} {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Errorf("problem %d of\n%s\nwant %q", i, all, want)
		}
	}
	if strings.Contains(all, good) || strings.Contains(all, "plain") {
		t.Errorf("a hash is shown: %s", all)
	}
}

func TestEditKeepsTheRestAndRefusesWhatCannotBeRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "users")
	add := func(line string) error {
		return Edit(name, func(lines []string) ([]string, error) { return append(lines, line), nil })
	}
	if err := add("# mine"); err != nil {
		t.Fatal(err)
	}
	if err := add("gw-1:-:p"); err != nil {
		t.Fatal(err)
	}
	if err := add("gw-1:-:p"); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("a second login of that name: %v", err)
	}
	text, _ := os.ReadFile(name)
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 || string(text) != "# mine\ngw-1:-:p\n" {
		t.Errorf("%q, %v, %v", text, info.Mode(), err)
	}
}

func TestNoGatewayHasHeartlinesRights(t *testing.T) {
	u, problems := parse([]byte("reader:-:p1\ngw-1:-:p1\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	topics := func(id string) []string { return []string{"factory/" + id + "/#"} }
	if err := WriteACL(new(strings.Builder), u, topics, "reader", nil); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("a gateway's login is Heartline's: %v", err)
	}
	if err := WriteACL(new(strings.Builder), u, topics, "heartline", nil); err != nil {
		t.Error(err)
	}
}

func TestSubjects(t *testing.T) {
	for filter, want := range map[string]string{
		"factory/p.1/+/x": "factory.p//1.*.x", "a//b/#": "a./.b.>", "/a": "/.a",
	} {
		if got := Subject(filter); got != want {
			t.Errorf("%s is %s, want %s", filter, got, want)
		}
	}
}

func FuzzLogins(f *testing.F) {
	f.Add([]byte("gw-1:$2y$10$abcdefghijklmnopqrstuv:p\n#\n:::\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		u, _ := parse(data)
		for _, l := range u.All() {
			if back, err := parseLogin(l.Line()); err != nil || back.Name != l.Name || !slices.Equal(back.Plants, l.Plants) {
				t.Fatalf("%q: %+v, %v", l.Line(), back, err)
			}
		}
	})
}
