package collector

import (
	"cmp"
	"slices"
)

// Account is what the ledger counts by: a plant, and the topic template of
// the source that took its messages. The plant of what cannot be read and
// whose topic names none is empty.
type Account struct {
	Plant  string `json:"plant"`
	Source string `json:"source"`
}

// Tally counts what became of an account's samples. A message that cannot be
// read counts as one sample. At any moment
//
//	Received = Stored + Duplicate + Expired + DeadLettered + in flight
//
// Gaps are sequence numbers that never came, and are in no other figure; a
// posting of one that came late after all is negative.
type Tally struct {
	Received     uint64 `json:"received"`
	Stored       uint64 `json:"stored"`
	Duplicate    uint64 `json:"duplicate"`
	Expired      uint64 `json:"expired"`
	DeadLettered uint64 `json:"dead_lettered"`
	Gaps         int64  `json:"gaps"`
}

// Add adds o to t.
func (t *Tally) Add(o Tally) {
	t.Received += o.Received
	t.Stored += o.Stored
	t.Duplicate += o.Duplicate
	t.Expired += o.Expired
	t.DeadLettered += o.DeadLettered
	t.Gaps += o.Gaps
}

// InFlight is what was received and is on its way through the queue.
func (t Tally) InFlight() uint64 {
	return t.Received - t.Stored - t.Duplicate - t.Expired - t.DeadLettered
}

// Posting is a part of the ledger: one account and its tally.
type Posting struct {
	Account
	Tally
}

// Ledger is what became of every sample, by account. The zero Ledger is empty
// and ready. Not safe for concurrent use.
type Ledger struct{ accounts map[Account]*Tally }

// Tally returns a's tally, to be added to; it stays the Ledger's.
func (l *Ledger) Tally(a Account) *Tally {
	t := l.accounts[a]
	if t == nil {
		if l.accounts == nil {
			l.accounts = map[Account]*Tally{}
		}
		t = new(Tally)
		l.accounts[a] = t
	}
	return t
}

// Add adds every posting.
func (l *Ledger) Add(ps []Posting) {
	for _, p := range ps {
		l.Tally(p.Account).Add(p.Tally)
	}
}

// Postings returns a copy of the ledger, sorted by plant and source.
func (l *Ledger) Postings() []Posting {
	out := make([]Posting, 0, len(l.accounts))
	for a, t := range l.accounts {
		out = append(out, Posting{a, *t})
	}
	slices.SortFunc(out, func(a, b Posting) int {
		return cmp.Or(cmp.Compare(a.Plant, b.Plant), cmp.Compare(a.Source, b.Source))
	})
	return out
}

// Count adds what a frame holds: its samples as received, and what its ledger
// records say. What cannot be read is a CodeDamaged error; the rest is added.
func (l *Ledger) Count(frame []byte) error {
	f, err := ReadFrame(frame)
	if err != nil {
		return err
	}
	var lines LineReader
	var damage error // the first
	for rec, err := range f.Records() {
		if err == nil {
			err = l.count(&f, &rec, &lines)
		}
		if damage == nil {
			damage = err
		}
	}
	return damage
}

func (l *Ledger) count(f *Frame, rec *Record, lines *LineReader) error {
	if rec.Control != nil {
		l.Add(rec.Control.Postings)
		return nil
	}
	id, err := lines.Plant(rec.Line)
	if err != nil {
		return err
	}
	l.Tally(Account{id, f.Origins[rec.Origin].Source}).Received++
	return nil
}
