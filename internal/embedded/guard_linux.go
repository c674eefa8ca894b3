package embedded

import "syscall"

// selfPath stays right when the binary is replaced while we run.
func selfPath() (string, error) { return "/proc/self/exe", nil }

// childAttr has the kernel kill the child when the guard is killed.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
