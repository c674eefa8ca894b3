// Package renew keeps what was made of files that people change while we run:
// secrets, certificates, logins.
package renew

import (
	"os"
	"sync"
	"time"
)

// Files is what was made of files, made anew when they changed. While that
// fails the old holds, and it is tried again at each Now: a file may become
// readable and change in nothing that we see. Safe for concurrent use.
type Files[T any] struct {
	names   []string
	read    func() (T, error)
	renewed func(T)
	refused func(error)

	mu     sync.Mutex // guards what follows
	stamps []stamp
	value  T
	failed string // what was said of the newest files; "": they are used
}

// stamp tells a file from what it was.
type stamp struct {
	changed time.Time
	size    int64
}

// Open reads files for the first time, with read; an error is read's. Later,
// renewed is told of what was made of new files, and refused why that failed,
// once until the words change. Both are called by whoever calls Now.
func Open[T any](read func() (T, error), renewed func(T), refused func(error), names ...string) (*Files[T], error) {
	f := &Files[T]{names: names, read: read, renewed: renewed, refused: refused}
	f.stamps = f.now()
	var err error
	f.value, err = read()
	return f, err
}

// Now returns what the files are now, or were last.
func (f *Files[T]) Now() T {
	value, _ := f.look()
	return value
}

// Good reports whether the newest files are used.
func (f *Files[T]) Good() bool {
	_, good := f.look()
	return good
}

func (f *Files[T]) look() (T, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamps := f.now()
	if f.failed == "" && same(stamps, f.stamps) {
		return f.value, true
	}
	value, err := f.read()
	if err != nil {
		if words := err.Error(); words != f.failed {
			f.failed = words
			f.refused(err)
		}
		return f.value, false
	}
	f.stamps, f.value, f.failed = stamps, value, ""
	f.renewed(value)
	return value, true
}

// now are the stamps of the files as they are; zero of one that is not there.
func (f *Files[T]) now() []stamp {
	out := make([]stamp, len(f.names))
	for i, name := range f.names {
		if info, err := os.Stat(name); err == nil {
			out[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return out
}

func same(a, b []stamp) bool {
	for i := range a {
		if !a[i].changed.Equal(b[i].changed) || a[i].size != b[i].size {
			return false
		}
	}
	return true
}
