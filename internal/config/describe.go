package config

import "io"

// Describe writes in words what would run.
func (l *Loaded) Describe(w io.Writer) {}
