package logins

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/seed-00829101/heartline/plant"
)

// Login is one gateway's login. It may publish for its plants only.
type Login struct {
	Name   string
	Hash   []byte // bcrypt; empty: it shows a client certificate
	Plants []string
}

// Users is the logins of a file, one a line:
//
//	gw-1:$2y$10$...:shaoxing-07
//	gw-2:$2y$10$...:pune-11,pune-12
//	gw-3:-:wolfsburg-03
//
// The first two parts are what `htpasswd -nbB` prints; - for a password means
// that only a client certificate with that name lets in. # begins a comment.
// Read-only once read, and then safe for concurrent use.
type Users struct{ byName map[string]*Login }

// maxCost bounds the work of one password: 14 takes about a second.
const maxCost = 14

// maxUsersFile bounds the file, in bytes.
const maxUsersFile = 16 << 20

// Read reads the file called name. What is wrong with it is a CodeInvalid
// error that names every line, never its content.
func Read(name string) (*Users, error) {
	data, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil, plant.Errorf(plant.CodeInvalid, "%s: there is no such file; heartline user add makes it, with its first login", name)
	}
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "the file of logins cannot be read: %w", err)
	}
	u, problems := parse(data)
	for i := range problems {
		problems[i].File = name
	}
	return u, problems.Err()
}

func parse(data []byte) (*Users, plant.Problems) {
	u := &Users{byName: map[string]*Login{}}
	var problems plant.Problems
	if len(data) > maxUsersFile {
		return u, plant.Problems{{What: fmt.Sprintf("is larger than %d MiB: it is no file of logins", maxUsersFile>>20)}}
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		l, err := parseLogin(text)
		if err == nil && u.byName[l.Name] != nil {
			err = fmt.Errorf("the login %q stands here for the second time", l.Name)
		}
		if err != nil {
			problems = append(problems, plant.Problem{Line: n, What: err.Error()})
			continue
		}
		u.byName[l.Name] = l
	}
	return u, problems
}

func parseLogin(text string) (*Login, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return nil, fmt.Errorf("is no login; write name:hash:plants, as `heartline user add` does, or `htpasswd -nbB name password` with :plants behind it")
	}
	l := &Login{Name: parts[0]}
	if err := plant.CheckID(l.Name); err != nil {
		return nil, fmt.Errorf("the login's name %w", err)
	}
	if l.Name == "heartline" || strings.HasPrefix(l.Name, "heartline-") {
		return nil, fmt.Errorf("the login heartline, and those that begin with heartline-, are Heartline's own")
	}
	if parts[1] != "-" {
		l.Hash = []byte(parts[1])
		cost, err := bcrypt.Cost(l.Hash)
		if err != nil {
			return nil, fmt.Errorf("the password of %q is no bcrypt hash; htpasswd makes one with -B", l.Name)
		}
		if cost > maxCost {
			return nil, fmt.Errorf("the password of %q is hashed with cost %d, which takes seconds at each connection; %d is the limit: hash it again", l.Name, cost, maxCost)
		}
	}
	for id := range strings.SplitSeq(parts[2], ",") {
		id = strings.TrimSpace(id)
		if err := plant.CheckID(id); err != nil {
			return nil, fmt.Errorf("a plant of %q %w", l.Name, err)
		}
		l.Plants = append(l.Plants, id)
	}
	return l, nil
}

// Login returns the login called name, nil where there is none.
func (u *Users) Login(name string) *Login { return u.byName[name] }

// All returns every login, by name.
func (u *Users) All() []*Login {
	out := make([]*Login, 0, len(u.byName))
	for _, l := range u.byName {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b *Login) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Verify reports whether password is the login's. It takes a while, on
// purpose.
func (l *Login) Verify(password string) bool {
	return l != nil && len(l.Hash) > 0 && bcrypt.CompareHashAndPassword(l.Hash, []byte(password)) == nil
}

// Line is the login as a line of the file.
func (l *Login) Line() string {
	hash := string(l.Hash)
	if hash == "" {
		hash = "-"
	}
	return l.Name + ":" + hash + ":" + strings.Join(l.Plants, ",")
}

// Hash returns the hash of a password; bcrypt reads 72 bytes of it at most.
func Hash(password string) ([]byte, error) {
	if len(password) > 72 {
		return nil, plant.Errorf(plant.CodeInvalid, "a password has at most 72 bytes")
	}
	return bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
}

// Edit rewrites the file called name with change applied to its lines; others,
// comments too, stay as they are. It is made with mode 0600 where absent.
func Edit(name string, change func(lines []string) ([]string, error)) error {
	data, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		return plant.Errorf(plant.CodeInvalid, "the file of logins cannot be read: %w", err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		lines = append(lines, strings.TrimRight(line, "\r\n"))
	}
	if lines, err = change(lines); err != nil {
		return err
	}
	text := strings.Join(lines, "\n") + "\n"
	if _, problems := parse([]byte(text)); len(problems) > 0 {
		return problems.Err()
	}
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		return plant.Errorf(plant.CodeInvalid, "the file of logins cannot be written: %w", err)
	}
	return os.Rename(name+".new", name)
}
