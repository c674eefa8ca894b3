package embedded

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// child is a guarded process: a guard, and under it the program itself.
type child struct {
	guard *exec.Cmd
	alive *os.File // closing it makes the guard end the program
	pid   int      // of the program; 0 where it could not be started

	close sync.Once
	done  chan struct{} // closed once guard and program are gone
	code  int           // the program's exit status, valid after done
}

// startChild runs the program under a guard. Each line it prints goes to line,
// from one goroutine.
func startChild(line func(string), name string, args ...string) (*child, error) {
	self, err := selfPath()
	if err != nil {
		return nil, fmt.Errorf("find our own binary: %w", err)
	}
	var files [3][2]*os.File // alive, report, output: read end, write end
	shut := func() {
		for _, pair := range files {
			for _, f := range pair {
				if f != nil {
					_ = f.Close()
				}
			}
		}
	}
	for i := range files {
		if files[i][0], files[i][1], err = os.Pipe(); err != nil {
			shut()
			return nil, fmt.Errorf("make a pipe for %s: %w", name, err)
		}
	}
	alive, report, output := files[0], files[1], files[2]
	cmd := exec.Command(self)
	cmd.Args = append([]string{guardName, name}, args...)
	cmd.Env = append(os.Environ(), guardEnv+"=1")
	cmd.Stdout, cmd.Stderr = output[1], output[1]
	cmd.ExtraFiles = []*os.File{alive[0], report[1]} // guardPipe, guardReport
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		shut()
		return nil, fmt.Errorf("start the guard of %s: %w", name, err)
	}
	_, _, _ = alive[0].Close(), report[1].Close(), output[1].Close()

	c := &child{guard: cmd, alive: alive[1], done: make(chan struct{})}
	_, _ = fmt.Fscanln(report[0], &c.pid)
	_ = report[0].Close()
	go c.watch(output[0], line)
	return c, nil
}

// watch reads what the program prints until guard and program are both gone.
func (c *child) watch(output *os.File, line func(string)) {
	defer close(c.done)
	read := make(chan struct{})
	go func() {
		defer close(read)
		readLines(output, line)
	}()
	err := c.guard.Wait()
	c.code = exitCode(err)
	// The output ends when nobody holds it any more: then the program is gone
	// too. A killed guard leaves it behind where there is no Pdeathsig.
	select {
	case <-read:
	case <-time.After(time.Second):
		if c.pid > 0 {
			_ = syscall.Kill(c.pid, syscall.SIGKILL)
		}
		_ = output.SetReadDeadline(time.Now().Add(guardGrace))
		<-read
	}
	_ = output.Close()
	c.release()
}

// readLines cuts lines of any length at 64 KB, so that none can stop us.
func readLines(r io.Reader, line func(string)) {
	buf := bufio.NewReaderSize(r, 64<<10)
	for {
		part, _, err := buf.ReadLine()
		if len(part) > 0 {
			line(string(part))
		}
		if err != nil {
			return
		}
	}
}

func (c *child) release() { c.close.Do(func() { _ = c.alive.Close() }) }

// stop ends the program: SIGTERM, after five seconds SIGKILL; at the end of
// ctx it is killed. It returns once both are gone: the guard buries the
// program, and is killed itself only if it does not.
func (c *child) stop(ctx context.Context) error {
	c.release()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
	}
	if c.pid > 0 {
		_ = syscall.Kill(c.pid, syscall.SIGKILL)
	}
	select {
	case <-c.done:
	case <-time.After(time.Second):
		_ = c.guard.Process.Kill()
		<-c.done
	}
	return ctx.Err()
}
