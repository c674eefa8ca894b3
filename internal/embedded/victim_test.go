package embedded

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// victimEnv makes the test binary a process that runs influxd and is killed.
const victimEnv = "HEARTLINE_TEST_VICTIM"

type victimSays struct {
	Guard, Influxd int
	URL            string
}

// victim starts influxd, says so, and on SIGINT stops it as serve does.
func victim(binary string) {
	dir, _ := os.MkdirTemp(os.Getenv("TMPDIR"), "victim")
	x, err := StartInflux(context.Background(), InfluxConfig{
		Binary: binary, Dir: dir, Listen: "127.0.0.1:0", Bucket: "factory", VerdictBucket: "verdicts",
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		slog.Error("victim", "err", err)
		os.Exit(1)
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	c := x.current()
	_ = json.NewEncoder(os.Stdout).Encode(victimSays{Guard: c.guard.Process.Pid, Influxd: c.pid, URL: x.URL()})
	<-interrupted
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := x.Stop(ctx); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

func startVictim(t *testing.T) (*exec.Cmd, victimSays) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+influxd(t), "TMPDIR="+t.TempDir())
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var says victimSays
	if err := json.NewDecoder(out).Decode(&says); err != nil {
		t.Fatalf("the victim did not start: %v", err)
	}
	return cmd, says
}

func TestKilledParentLeavesNoChild(t *testing.T) {
	for range 2 {
		cmd, says := startVictim(t)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		until(t, "guard and influxd are gone", func() bool { return gone(says.Guard) && gone(says.Influxd) })
	}
}

func TestCtrlCLeavesNoChild(t *testing.T) {
	cmd, says := startVictim(t)
	// As a terminal does: to the whole foreground group.
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the stop was not clean: %v", err)
	}
	if !gone(says.Guard) || !gone(says.Influxd) {
		t.Error("a process was left behind")
	}
}
