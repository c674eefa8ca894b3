// Package queue keeps frames, results, snapshots and dead letters in
// JetStream streams. It is the collector's Queue and DeadLetters.
//
// What an append returned a sequence number for is on disk, provided the
// server runs with sync always. Frames are numbered from 1 without holes: a
// hole is a CodeDamaged error with a *Gap in it, never skipped. See DESIGN.md.
package queue
