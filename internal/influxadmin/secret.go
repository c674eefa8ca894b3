package influxadmin

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// ReadToken reads a file that Setup wrote a login to.
func ReadToken(file string) (string, error) { return secretFile{file}.read() }

// secretFile is a file of one secret, with mode 0600.
type secretFile struct{ path string }

// read returns the secret; CodeNotFound where there is no file.
func (f secretFile) read() (string, error) {
	text, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", plant.Errorf(plant.CodeNotFound, "%s does not exist", f.path)
	case err != nil:
		return "", plant.Errorf(plant.CodeInvalid, "%w", err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" || strings.ContainsAny(secret, "\r\n\x00") {
		return "", plant.Errorf(plant.CodeInvalid, "%s holds no secret, which is one line; delete it, and setup makes one", f.path)
	}
	return secret, nil
}

// write keeps a secret that make returns, at once and for good. The file is
// opened first: a secret that cannot be kept is not made.
func (f secretFile) write(make func() (string, error)) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return plant.Errorf(plant.CodeInvalid, "%w", err)
	}
	out, err := os.CreateTemp(filepath.Dir(f.path), ".secret-*") // mode 0600
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "cannot keep a secret there: %w", err)
	}
	defer func() { _ = os.Remove(out.Name()) }()
	secret, err := make()
	if err == nil {
		_, err = out.WriteString(secret + "\n")
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), f.path)
}

// readOrMake returns the secret, made and kept where there was none.
func (f secretFile) readOrMake(prefix string) (secret string, made bool, err error) {
	secret, err = f.read()
	if !isNot(err) {
		return secret, false, err
	}
	secret = prefix + rand.Text()
	return secret, true, f.write(func() (string, error) { return secret, nil })
}
