package main

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// bounds are what --from and --to say, in zone where they are days; 0: they
// were not given.
func bounds(fromText, toText string, zone *time.Location) (from, to plant.Instant, err error) {
	begin, err := dayOrTime("--from", fromText, zone, 0)
	if err != nil {
		return 0, 0, err
	}
	end, err := dayOrTime("--to", toText, zone, 1)
	if err != nil {
		return 0, 0, err
	}
	if !begin.IsZero() {
		from = plant.InstantOf(begin)
	}
	if !end.IsZero() {
		to = plant.InstantOf(end)
	}
	if from != 0 && to != 0 && to <= from {
		return 0, 0, usageError{fmt.Errorf("--to: %q is not after --from, %q", toText, fromText)}
	}
	return from, to, nil
}
