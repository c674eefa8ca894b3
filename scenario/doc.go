// Package scenario tests rules like code: a scenario file says what plants
// make over time and what is expected of them, and is played through the very
// Step that runs live. docs/scenarios.md describes the language.
package scenario
