package embedded

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
)

// maxSessions is how many client ids one login holds; of more, it gives up those
// it used longest ago. Nobody else's are given up for them.
const maxSessions = 1000

// sessions is which login each client id belongs to: the first that came with
// it, so that nobody takes over another's session, or deletes what it is owed.
// Ids are kept as sums; a line of the file is a sum and a login, the newer ones
// below. Safe for concurrent use.
type sessions struct {
	file string
	log  *slog.Logger

	mu    sync.Mutex          // guards what follows
	owner map[string]string   // by sum
	held  map[string][]string // sums, by login; used longest ago first
	lines int                 // of the file
}

// openSessions reads the file. What cannot be read of it is bound anew.
func openSessions(file string, log *slog.Logger) *sessions {
	s := &sessions{file: file, log: log, owner: map[string]string{}, held: map[string][]string{}}
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("which login each client id belongs to is not known; they belong to who comes first from now on", "err", err)
	}
	for line := range bytes.Lines(data) {
		sum, login, ok := strings.Cut(string(line), " ")
		login, whole := strings.CutSuffix(login, "\n")
		if !ok || !whole || len(sum) != 2*sumSize {
			s.lines = math.MaxInt / 2 // torn: the next one is not written behind it
			continue
		}
		s.lines++
		s.bind(sum, login)
	}
	return s
}

// sumSize is how much of an id's SHA-256 is kept, in bytes.
const sumSize = 16

// claim binds a client id to a login and reports whether it could; else owner is
// whose it is. That of a login that does not exist any more is free.
func (s *sessions) claim(id, login string, exists func(login string) bool) (owner string, ok bool) {
	whole := sha256.Sum256([]byte(id))
	sum := hex.EncodeToString(whole[:sumSize])
	s.mu.Lock()
	defer s.mu.Unlock()
	owner = s.owner[sum]
	if owner != "" && owner != login && exists(owner) {
		return owner, false
	}
	s.bind(sum, login)
	if owner != login {
		if err := s.write(sum, login); err != nil {
			s.log.Warn("which login a client id belongs to cannot be kept; after a restart it belongs to who comes first", "err", err)
		}
	}
	return login, true
}

// bind notes that login used sum last.
func (s *sessions) bind(sum, login string) {
	if owner := s.owner[sum]; owner != "" {
		s.held[owner] = slices.DeleteFunc(s.held[owner], func(x string) bool { return x == sum })
		if len(s.held[owner]) == 0 {
			delete(s.held, owner)
		}
	}
	held := append(s.held[login], sum)
	if len(held) > maxSessions {
		delete(s.owner, held[0])
		held = slices.Delete(held, 0, 1)
	}
	s.owner[sum], s.held[login] = login, held
}

// write adds a line to the file, or writes it anew where half of it is past.
func (s *sessions) write(sum, login string) error {
	if s.lines > 2*len(s.owner)+maxSessions {
		return s.rewrite()
	}
	f, err := os.OpenFile(s.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s\n", sum, login)
	s.lines++
	return errors.Join(err, f.Close())
}

func (s *sessions) rewrite() error {
	var text bytes.Buffer
	for login, sums := range s.held {
		for _, sum := range sums {
			fmt.Fprintf(&text, "%s %s\n", sum, login)
		}
	}
	if err := os.WriteFile(s.file+".new", text.Bytes(), 0o600); err != nil {
		return err
	}
	s.lines = len(s.owner)
	return os.Rename(s.file+".new", s.file)
}
