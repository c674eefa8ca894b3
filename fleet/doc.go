// Package fleet says what share of the plants produces again: resumption rate
// with coverage and bounds, output recovery, activity index, of all plants and
// by label, at any moment of the past.
//
// It is pure: it is told what the rules decided, and asked about moments. It
// reads no clock and does no I/O. Terms and formulas: docs/fleet.md.
package fleet
