//go:build !race

package reference

const scenarios = 150
