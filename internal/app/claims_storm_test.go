//go:build storm

package app

import "testing"

func TestStormNothingThatGoesWrongMakesAFalseVerdict(t *testing.T) { claims(t, 100, 5) }
