package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progressOn returns what tells on a terminal how many records were read, once
// that takes over two seconds; nil where w is no terminal.
func progressOn(w io.Writer) func(records int) {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	began := time.Now()
	said := began
	return func(records int) {
		now := time.Now()
		if now.Sub(began) < 2*time.Second || now.Sub(said) < 500*time.Millisecond {
			return
		}
		said = now
		fmt.Fprintf(f, "\r%d records, %.0f a second ", records, float64(records)/now.Sub(began).Seconds())
	}
}
