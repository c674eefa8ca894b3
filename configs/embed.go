// Package configs holds every file a user starts from. Profiles and the
// demo's files are built into the program.
package configs

import "embed"

// FS holds profiles/*.yaml and demo/*.
//
//go:embed profiles/*.yaml demo/*
var FS embed.FS
