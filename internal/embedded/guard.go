package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const (
	// guardEnv marks a process of our own binary that is a guard.
	guardEnv = "HEARTLINE_GUARD_PROCESS"
	// guardName is what ps shows for it.
	guardName = "heartline-guard"
	// The guard's descriptors besides stdin, stdout and stderr.
	guardPipe   = 3 // ends when our process ends
	guardReport = 4 // takes the child's process id
	// guardGrace is how long the child may take to end by itself.
	guardGrace = 5 * time.Second
)

// Guard must be the first thing that main, and TestMain, call. In a process
// that was started as a guard it watches over the child and never returns; in
// any other it returns at once.
//
// A guard is our own binary in a process group of its own, so that Ctrl-C does
// not reach its child before us. It reads a pipe that only our process holds
// the other end of. When the pipe ends, for whatever reason, it ends the child
// and reaps it.
func Guard() {
	if os.Getenv(guardEnv) == "" {
		return
	}
	os.Exit(runGuard(os.Args[1:]))
}

func runGuard(args []string) int {
	// The kernel sends Pdeathsig when the *thread* that started the child
	// ends, so this goroutine keeps its thread for as long as we live.
	runtime.LockOSThread()
	// Caught and dropped, not ignored: an ignored signal stays ignored in the
	// child, a caught one does not.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	syscall.CloseOnExec(guardPipe)
	syscall.CloseOnExec(guardReport)

	child := exec.Command(args[0], args[1:]...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.Env = withoutGuardEnv(os.Environ())
	child.SysProcAttr = childAttr()
	if err := child.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "lvl=error msg=\"cannot start %s: %v\"\n", args[0], err)
		return 127
	}
	report := os.NewFile(guardReport, "report")
	fmt.Fprintln(report, child.Process.Pid)
	_ = report.Close()

	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	parentGone := make(chan struct{})
	go func() {
		defer close(parentGone)
		var b [1]byte
		_, _ = os.NewFile(guardPipe, "parent").Read(b[:])
	}()

	select {
	case err := <-ended:
		return exitCode(err)
	case <-parentGone:
	}
	_ = child.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		return exitCode(err)
	case <-time.After(guardGrace):
	}
	_ = child.Process.Kill()
	return exitCode(<-ended)
}

func withoutGuardEnv(env []string) []string {
	kept := env[:0:0]
	for _, e := range env {
		if len(e) <= len(guardEnv) || e[:len(guardEnv)+1] != guardEnv+"=" {
			kept = append(kept, e)
		}
	}
	return kept
}

// exitCode is the child's, or 128 and the number of the signal that ended it.
func exitCode(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 1
		}
		return 0
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
