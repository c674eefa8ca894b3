//go:build race && !storm

package reference

// The race detector slows what has one goroutine, and finds nothing.
const scenarios = 10
