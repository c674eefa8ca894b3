// Package decode turns messages into samples, as the profile of their source
// says. It is strict: what it cannot read for certain is a failure that names
// the place, never a guess. See DESIGN.md beside this file.
package decode
