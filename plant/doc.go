// Package plant holds the words of the domain: samples, the registry of
// plants and lines, phases and line states, transitions, and error codes.
//
// It is the leaf of the import graph: it uses the standard library only, and
// every other package may use it. Nothing here does I/O or reads a clock.
package plant
