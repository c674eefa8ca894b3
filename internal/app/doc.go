// Package app wires everything together and owns every goroutine.
//
// It alone sees all packages; what is decided here is only who talks to whom,
// in which order things start, and that they stop in the reverse order. See
// DESIGN.md beside this file.
package app
