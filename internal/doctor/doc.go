// Package doctor says in advance what will not go well: limits of brokers,
// disk, clock and files against the declared rate and outage, and what is heard
// that nobody configured.
package doctor
