//go:build !linux

package embedded

import (
	"os"
	"syscall"
)

func selfPath() (string, error) { return os.Executable() }

// childAttr: no such signal here. If the guard alone is killed, our process
// ends the child by the process id the guard reported.
func childAttr() *syscall.SysProcAttr { return nil }
