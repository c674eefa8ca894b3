package collector

import (
	"context"

	"github.com/seed-00829101/heartline/plant"
)

// ImportSource is the source of samples of history in the ledger.
const ImportSource = "import"

// ReasonRow is the reason of dead letters that are rows of an import.
const ReasonRow = "row"

// Import says that an import begins or ends.
type Import struct {
	ID  string `json:"id"`
	End bool   `json:"end,omitempty"`
	// Interval is the time between two of a machine's samples, where it is
	// longer than the registry says.
	Interval plant.Duration `json:"interval,omitempty"`
}

// Imported is a part of an import.
type Imported struct {
	Samples []plant.Sample
	Stamps  []plant.Instant // what each is stored at, see Stamp
	Bad     []DeadLetter    // rows that cannot be read
	Known   []string        // plants of rows that are dead letters already
	Control *Import         // begins or ends; nil: goes on
}

// Import takes a part of an import between two messages: the part is on disk
// when Import returns nil. Nothing is compared with what came before: a sample
// that is taken again is the same point. Safe for concurrent use.
func (l *Loop) Import(ctx context.Context, part *Imported) error {
	return l.ask(ctx, func(done func()) error {
		if part.Control != nil {
			if err := l.open.frame.AddControl(Control{Kind: ControlImport, Import: part.Control}); err != nil {
				return err
			}
		}
		for i := range part.Samples {
			l.takeImported(&part.Samples[i], part.Stamps[i])
		}
		for i := range part.Bad {
			l.buryRow(part.Bad[i])
		}
		for _, id := range part.Known {
			l.open.books.other(l.rowAccount(id), Tally{Received: 1, Duplicate: 1})
		}
		l.ackLater(done)
		return nil
	})
}

func (l *Loop) takeImported(s *plant.Sample, stamp plant.Instant) {
	if err := l.open.frame.AddImported(s, stamp, ImportSource); err != nil {
		l.buryRow(DeadLetter{At: l.cfg.Clock(), Plant: s.Plant, Words: "machine " + s.Machine + " of line " + s.Line + " at " + stamp.String() + ": " + err.Error()})
		return
	}
	l.open.books.sample(l.chart.number(Account{s.Plant, ImportSource}, true)) // as the store books it
}

func (l *Loop) rowAccount(plantID string) int {
	return l.chart.number(Account{plantID, ImportSource}, l.cfg.Enrolled(MachineID{Plant: plantID}))
}

func (l *Loop) buryRow(d DeadLetter) {
	d.Source, d.Reason = ImportSource, ReasonRow
	l.stats.DeadLettered.Add(1)
	l.open.books.other(l.rowAccount(d.Plant), Tally{Received: 1, DeadLettered: 1})
	l.open.dead = append(l.open.dead, d)
}
