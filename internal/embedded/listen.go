package embedded

import (
	"errors"
	"syscall"

	"github.com/seed-00829101/heartline/plant"
)

// cannotListen says in one sentence why an address cannot be listened on, and
// which configuration key to change.
func cannotListen(listen, key string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return plant.Errorf(plant.CodeConflict,
			"%s (%s) is taken by another program: stop that one, or set %s to another address; port 0 picks a free one: %w",
			listen, key, key, err)
	case errors.Is(err, syscall.EACCES):
		return plant.Errorf(plant.CodeInvalid, "%s (%s): this user may not listen on that port; choose one above 1023: %w", listen, key, err)
	default:
		return plant.Errorf(plant.CodeInvalid, "%s (%s) cannot be listened on: %w; write host:port of this machine", listen, key, err)
	}
}
