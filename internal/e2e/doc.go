// Package e2e holds the tests that run Heartline as its users do: the real
// binary, a real broker, a real influxd, and clients that are not ours.
//
// `make test` runs the quick ones, `make storm` (build tag storm) the long
// ones. Both need bin/heartline and bin/influxd, which make builds.
package e2e
