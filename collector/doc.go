// Package collector takes messages off the wire, puts their samples into
// frames, and acknowledges them once their frame is on disk.
//
// The adapters below it (mqtt, decode, queue, influx) do not know each other;
// the contracts they meet are here. See DESIGN.md beside this file.
package collector
