package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPartsStopInReverseOrderAndOnce(t *testing.T) {
	l := newLifecycle(slog.New(slog.DiscardHandler))
	var got []string
	for _, name := range []string{"a", "b", "c"} {
		l.onStop(name, func(context.Context) error { got = append(got, name); return nil })
	}
	if err := l.stop(time.Second); err != nil {
		t.Fatal(err)
	}
	if err := l.stop(time.Second); err != nil {
		t.Fatal(err)
	}
	if want := []string{"c", "b", "a"}; !slices.Equal(got, want) {
		t.Errorf("stopped in the order %v, want %v", got, want)
	}
}

func TestAPartThatFailsEndsEverything(t *testing.T) {
	l := newLifecycle(slog.New(slog.DiscardHandler))
	broken := errors.New("broken")
	stopped := make(chan struct{})
	l.run("good", func(ctx context.Context) error { <-ctx.Done(); close(stopped); return ctx.Err() })
	l.run("bad", func(context.Context) error { return broken })
	if err := l.wait(context.Background()); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "bad: ") {
		t.Errorf("wait returned %v, want bad: broken", err)
	}
	if err := l.stop(5 * time.Second); err != nil {
		t.Errorf("stop returned %v: the failure was said already", err)
	}
	<-stopped
}

func TestAPartThatDoesNotEndIsNamed(t *testing.T) {
	l := newLifecycle(slog.New(slog.DiscardHandler))
	let := make(chan struct{})
	l.run("stubborn", func(context.Context) error { <-let; return nil })
	err := l.stop(10 * time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "stubborn") {
		t.Errorf("stop returned %v, want an error that names the part", err)
	}
	close(let)
	l.wg.Wait()
}

func TestStopRacesFailure(t *testing.T) {
	for range 200 {
		l := newLifecycle(slog.New(slog.DiscardHandler))
		for range 4 {
			l.run("p", func(ctx context.Context) error {
				select {
				case <-ctx.Done():
					return ctx.Err()
				default:
					return errors.New("x")
				}
			})
		}
		if err := l.stop(5 * time.Second); err != nil && !strings.Contains(err.Error(), "x") {
			t.Fatal(err)
		}
	}
}
