package config

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// maxSecret bounds a secret's file: whatever is longer is the wrong file.
const maxSecret = 64 << 10

// ReadSecret returns the content of a file that holds one secret, without the
// line's end. Errors name the file, never its content; CodeInvalid where the
// file is absent, empty or no secret.
func ReadSecret(path string) (string, error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", plant.Errorf(plant.CodeInvalid, "%s does not exist; write the secret into it, with mode 0600", path)
	case err != nil:
		return "", plant.Errorf(plant.CodeInvalid, "cannot read the secret: %w", err)
	case len(data) > maxSecret:
		return "", plant.Errorf(plant.CodeInvalid, "%s holds more than 64 KiB: it is no secret", path)
	}
	secret := strings.TrimRight(string(data), "\r\n")
	switch {
	case secret == "":
		return "", plant.Errorf(plant.CodeInvalid, "%s is empty; write the secret into it", path)
	case strings.ContainsAny(secret, "\r\n\x00"):
		return "", plant.Errorf(plant.CodeInvalid, "%s holds several lines; a secret is one line", path)
	}
	return secret, nil
}

// exposed reports whether others than the owner and the group can read path.
func exposed(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o004 != 0
}
