//go:build storm

package reference

const scenarios = 400 // for make storm
