package embedded

import (
	"errors"
	"net"
	"syscall"

	"github.com/seed-00829101/heartline/plant"
)

// CanListen says what keeps this process from listening on an address, now; nil:
// nothing. key is the configuration key to name.
func CanListen(listen, key string) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return cannotListen(listen, key, err)
	}
	return l.Close()
}

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
