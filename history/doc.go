// Package history reads what was recorded before: a historian's export as CSV,
// and samples as NDJSON. It knows files, not rules.
package history
