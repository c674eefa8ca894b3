//go:build storm

package reference

const scenarios = 1500 // for make storm
