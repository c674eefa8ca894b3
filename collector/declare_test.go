package collector_test

import (
	"context"
	"testing"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// What a person declared is in a frame, word for word, when Declare returns.
func TestADeclarationIsInTheQueueBeforeItIsAnswered(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	said := plant.Declaration{ID: "a", Kind: plant.DeclareExclude, Plant: "p", From: 1e18, To: 2e18, Reason: "洪水", By: "li"}
	if err := r.loop.Declare(t.Context(), said); err != nil {
		t.Fatal(err)
	}
	var got []plant.Declaration
	for _, data := range q.all() { // the loop still runs: what is here was durable first
		f, err := collector.ReadFrame(data)
		if err != nil {
			t.Fatal(err)
		}
		for rec, err := range f.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if c := rec.Control; c != nil && c.Kind == collector.ControlDeclared {
				got = append(got, *c.Declaration)
			}
		}
	}
	if len(got) != 1 || got[0] != said {
		t.Errorf("the queue holds %+v, want %+v", got, said)
	}
	_ = r.stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.loop.Declare(ctx, said); err == nil {
		t.Error("a loop that ended says that it took a declaration")
	}
}
