package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"

	"github.com/seed-00829101/heartline/plant"
)

// dirMode lets only our own user read what plants said.
const dirMode = 0o700

// LockDir makes dir with mode 0700, tightens it where it exists, and takes the
// lock that keeps a second process out. The kernel drops the lock when we die,
// however we die. unlock may be called more than once.
//
// Errors: CodeConflict where another process holds the directory, CodeInvalid
// where it cannot be made or written.
func LockDir(dir string) (unlock func() error, err error) {
	if err := privateDir(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, notWritable(dir, err)
	}
	if !held {
		return nil, plant.Errorf(plant.CodeConflict,
			"data directory %q is in use by another Heartline process: stop that one, or give this one a data_dir of its own", dir)
	}
	var once sync.Once
	return func() error {
		var err error
		once.Do(func() { err = lock.Unlock() })
		return err
	}, nil
}

// privateDir makes dir, or tightens it, and proves that we can write there.
func privateDir(dir string) error {
	if dir == "" {
		return plant.Errorf(plant.CodeInvalid, "data_dir is empty: name a directory that Heartline may write to")
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return notWritable(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return notWritable(dir, err)
	}
	if info.Mode().Perm() != dirMode {
		if !usedBefore(dir) {
			return plant.Errorf(plant.CodeInvalid,
				"data directory %q holds other things and is open to others (mode %04o): Heartline's is its owner's alone; name an empty one, or one to be made", dir, info.Mode().Perm())
		}
		if err := os.Chmod(dir, dirMode); err != nil {
			return notWritable(dir, err)
		}
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return notWritable(dir, err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return notWritable(dir, err)
	}
	return nil
}

// usedBefore reports whether dir is empty or was used by Heartline before.
func usedBefore(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "lock")); err == nil {
		return true
	}
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}

func notWritable(dir string, err error) error {
	return plant.Errorf(plant.CodeInvalid,
		"data directory %q cannot be used: %w; make it writable for user id %s, or set data_dir to another one",
		dir, err, fmt.Sprint(os.Getuid()))
}
