package scenario

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/seed-00829101/heartline/plant"
)

// Show plays the scenario and writes every change of every plant, line and alert as
// expectations that it would meet. The error is one of ctx or w.
func (s *Scenario) Show(ctx context.Context, w io.Writer) error {
	o, err := s.play(ctx, nil)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(w, "# %s: %s\nexpect:\n", s.File, strconv.Quote(s.Name)); err != nil {
		return err
	}
	for _, p := range s.registry.Plants {
		if err = o.show(w, &subject{plant: p.ID}, "plant", p.ID); err != nil {
			return err
		}
		for _, l := range p.Lines {
			if err = o.show(w, &subject{plant: p.ID, line: l.ID}, "line", p.ID+"/"+l.ID); err != nil {
				return err
			}
		}
	}
	for _, who := range o.alerts() {
		each := "plant"
		switch {
		case who.machine != "":
			each = "machine"
		case who.line != "":
			each = "line"
		}
		if err = o.show(w, &who, "alert: "+strconv.Quote(who.rule)+"\n    "+each, who.of()); err != nil {
			return err
		}
	}
	return nil
}

func (o *outcome) show(w io.Writer, who *subject, kind, name string) error {
	told := o.changes(who, 0, 0)
	none := ""
	if len(told) == 0 {
		none = " none"
	}
	_, err := fmt.Fprintf(w, "  - %s: %s\n    changes:%s\n", kind, strconv.Quote(name), none)
	for _, t := range told {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "      - %s\n", got(t, shows(t), o.clock))
	}
	return err
}

// shows says what of a change is written where nobody asked: of a phase its
// recovery, of a line's state why, and since when.
func shows(t *plant.Transition) *change {
	switch {
	case t.Kind == plant.KindLine:
		return nil
	case t.Kind == plant.KindAlert:
		return new(change)
	case t.Verdict != nil:
		return &change{recovery: &share}
	}
	return new(change)
}
