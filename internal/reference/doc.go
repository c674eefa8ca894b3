// Package reference holds a second reading of what the rules mean, written
// from the glossary alone, and compares it with the rules on random scenarios.
// It is slow, keeps everything it has seen, and lives in tests only.
package reference
