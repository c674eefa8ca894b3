//go:build !race && !storm

package reference

const scenarios = 130
