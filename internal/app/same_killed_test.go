package app

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector/queue"
)

// victimDir is where the process that TestKilledWorkersSayTheSame kills finds its
// queue; empty: this is not that process.
const victimDir = "HEARTLINE_TEST_VICTIM_DIR"

const victimSeed = 1

// TestKilledWorkersSayTheSame puts a random day through the worker in a process
// that is killed at random moments, with kill -9, together with the queue's
// server: many times while it writes a snapshot. Every document is as without.
func TestKilledWorkersSayTheSame(t *testing.T) {
	if dir := os.Getenv(victimDir); dir != "" {
		beVictim(t, dir)
		return
	}
	rnd := rand.New(rand.NewPCG(victimSeed, 10))
	rec := record(t, victimSeed)
	h := &house{t: t, dir: t.TempDir(), rec: rec}
	h.open()
	for _, f := range rec.frames {
		if _, err := h.Append(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	h.close()
	kills := map[string]int{}
	for done := false; !done; {
		last := runVictim(t, h.dir, rnd.IntN(2) == 0, 20+rnd.IntN(400))
		if done = last == "done"; !done {
			kills[strings.Fields(last)[0]]++
		}
	}
	h.open()
	defer h.close()
	if diff := cmp.Diff(rec.whole(t), h.documents()); diff != "" {
		t.Fatalf("kills changed what was said (-without +with):\n%s", diff)
	}
	t.Logf("killed after %v", kills)
	if kills["snapshot"]+kills["piece"] < 3 || kills["frame"]+kills["result"] == 0 {
		t.Errorf("that tests too little: killed after %v", kills)
	}
}

// runVictim starts the process and kills it after it said that many things, and
// then, in a snapshot, at once; else with the next. It returns the last it said.
func runVictim(t *testing.T, dir string, inSnapshot bool, after int) (last string) {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledWorkersSayTheSame$", "-test.v")
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said, ours := strings.CutPrefix(lines.Text(), "victim ")
		if !ours {
			continue
		}
		last = said
		_, _ = in.Write([]byte{0}) // it goes on
		if after--; after <= 0 && (!inSnapshot || said == "snapshot" || said == "piece") && last != "done" {
			_ = cmd.Process.Kill()
			break
		}
	}
	err = cmd.Wait()
	if last == "" || last == "done" && err != nil {
		t.Fatalf("the process said %q and ended: %v", last, err)
	}
	return last
}

// beVictim is that process.
func beVictim(t *testing.T, dir string) {
	v := &victim{&house{t: t, dir: dir, rec: record(t, victimSeed), clock: time.Unix(1e9, 0), told: map[string]bool{}}}
	v.open()
	if !v.work(v, v.reader) {
		t.Fatal("the worker did not go through every frame")
	}
	v.close()
	say("done")
}

// say waits until it was heard: where the kill comes is up to who hears it.
func say(what string) {
	fmt.Fprintln(os.Stdout, "victim "+what)
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// victim is a house whose worker ends by nothing but a kill.
type victim struct{ *house }

func (v *victim) AppendResult(ctx context.Context, seq uint64, part int, doc []byte) error {
	say("result")
	return v.Queue.AppendResult(ctx, seq, part, doc)
}

func (v *victim) SaveSnapshot(ctx context.Context, seq uint64, pieces iter.Seq2[[]byte, error]) error {
	say("snapshot")
	return v.Queue.SaveSnapshot(ctx, seq, func(yield func([]byte, error) bool) {
		for piece, err := range pieces {
			say("piece")
			if !yield(piece, err) {
				return
			}
		}
	})
}

func (v *victim) reader(ctx context.Context, from uint64) (frameReader, error) {
	v.seen = from - 1
	r, err := v.Reader(ctx, from)
	return &victimReader{r, v}, err
}

type victimReader struct {
	*queue.Reader
	v *victim
}

// Next implements frameReader; after the last frame the worker is stopped.
func (r *victimReader) Next(ctx context.Context) (uint64, []byte, error) {
	say("frame")
	if r.v.seen == uint64(len(r.v.rec.frames)) {
		r.v.stop()
		return 0, nil, ctx.Err()
	}
	f, err := r.Reader.Next(ctx)
	if err == nil {
		r.v.seen = f.Seq
	}
	return f.Seq, f.Data, err
}
