// Package report puts the fleet's figures on paper: as text, CSV, JSON, or one
// page of HTML that needs no network, in English or Chinese.
//
// It is pure but for the writing: figures come from package fleet or from a
// running server, and time is an argument.
package report
