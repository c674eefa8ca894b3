package backtest

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Baselines works out what def takes from history, of the slots that open
// reads: those of the time it is asked for. It is not nil, and empty where no
// rule needs history, or it holds too little.
func Baselines(ctx context.Context, def *rules.Definition, open func(from, to plant.Instant) (history.Reader, io.Closer, error)) (*rules.Baselines, error) {
	h := rules.NewHistory(def)
	if h.Empty() {
		return h.Baselines(), nil
	}
	r, closer, err := open(h.Span())
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	for n := 0; ; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return h.Baselines(), nil
		}
		if err != nil {
			return nil, err
		}
		if x := rec.Slot; x != nil && x.Seen() {
			h.Add(x.Plant, x.Line, x.At.Add(-15*time.Minute), x.At, x.Made)
			h.Seen(x.Plant, x.Line, x.At)
		}
	}
}
