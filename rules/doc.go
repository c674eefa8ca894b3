// Package rules decides which plants are producing again and which lines
// stand still.
//
// It is pure: Step takes events in the order of the queue and returns what
// changed. It reads no clock and does no I/O, so live operation, a restart, a
// test and a backtest are the same code. Terms and formulas: docs/rules.md.
package rules
