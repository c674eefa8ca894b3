package app

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// over reports whether an import has come to its end.
func (i *importer) over(x *importing) bool {
	end := i.app.past.ended.Load()
	return x.ending && end != nil && end.id == x.id
}

// running is the name of the import that runs; "": none does.
func (i *importer) running(now time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if x := i.open; x != nil && !i.over(x) && now.Sub(x.last) < importIdle {
		return x.name
	}
	return ""
}

// begin waits for the turn to take something into the queue; end passes it on.
func (i *importer) begin(ctx context.Context) error {
	select {
	case i.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return plant.Errorf(plant.CodeUnavailable, "the import waits: another request of it is being taken")
	}
}

func (i *importer) end() { <-i.turn }

// find returns the import called id, which has not ended.
func (i *importer) find(id string) (*importing, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if x := i.open; x != nil && x.id == id && !x.ending {
		x.last = i.app.opt.Clock()
		return x, nil
	}
	return nil, plant.Errorf(plant.CodeNotFound, "no import %q is open: it ended, or Heartline was started anew; import again, what is in already stays as it is", id)
}

// idle is the import that nothing came of for importIdle; nil: none.
func (i *importer) idle() *importing {
	i.mu.Lock()
	defer i.mu.Unlock()
	if x := i.open; x != nil && !x.ending && i.app.opt.Clock().Sub(x.last) >= importIdle {
		return x
	}
	return nil
}

// heard notes that something came of x, or was taken: that may have lasted.
func (i *importer) heard(x *importing) {
	i.mu.Lock()
	defer i.mu.Unlock()
	x.last = i.app.opt.Clock()
}

// take calls do with the import called id, once there is room for more of it
// and it is its turn. The import may have ended meanwhile.
func (i *importer) take(ctx context.Context, id string, do func(x *importing) error) error {
	if _, err := i.find(id); err != nil {
		return err
	}
	if err := i.begin(ctx); err != nil {
		return err
	}
	defer i.end()
	if err := i.room(ctx); err != nil {
		return err
	}
	x, err := i.find(id)
	if err != nil {
		return err
	}
	defer i.heard(x)
	return do(x)
}
