// Package console is the board: an HTTP API, a stream of server-sent events
// and one page that shows which plants produce again and which lines stand
// still.
//
// It keeps what it was told last in memory and asks nobody: the rules' worker
// calls Update and Transitions, and readers get copies. See DESIGN.md beside
// this file.
package console
