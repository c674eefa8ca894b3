// Package sim makes heartbeats of plants that do not exist, and of plants
// that did: fleets of any size for benchmarks and tests, the small story of
// the demo, and the rows of a historian's export, replayed as if they
// happened now. What it makes depends on its arguments alone: no clock, no
// chance but the seed's. Publish sends it to a broker in real time.
package sim
