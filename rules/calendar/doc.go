// Package calendar works out when a plant should run: production days,
// shifts, breaks and maintenance, as instants. It reads no clock.
package calendar
