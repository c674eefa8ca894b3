// Package config reads what a user wrote: heartline.yaml with its environment
// variables and flags, the registry, the rules and the profiles. It is strict:
// whatever is wrong in any of the files is told at once, with its file, line
// and path, and nothing starts.
//
// The package is not safe for concurrent use; what Load returns is read-only
// and safe for concurrent use.
package config
