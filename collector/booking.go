package collector

import (
	"strings"
	"sync"
)

// maxAccounts bounds the ledger: past it, everything is booked on the account
// without a plant.
const maxAccounts = 100_000

// chart numbers the accounts, so that booking a sample is adding to a slice.
// The loop's own.
type chart struct {
	numbers  map[Account]int
	accounts []Account
}

// number returns a's number. A new account is opened where its plant may have
// one, else the number is that of the account without a plant.
func (c *chart) number(a Account, mayOpen bool) int {
	if n, ok := c.numbers[a]; ok {
		return n
	}
	if a.Plant != "" && (!mayOpen || len(c.accounts) >= maxAccounts) {
		return c.number(Account{Source: a.Source}, true)
	}
	if c.numbers == nil {
		c.numbers = map[Account]int{}
	}
	a.Plant = strings.Clone(a.Plant)
	c.accounts = append(c.accounts, a)
	c.numbers[a] = len(c.accounts) - 1
	return len(c.accounts) - 1
}

// bookings are what one batch adds to the ledger, by the numbers of a chart.
type bookings struct {
	samples []uint64 // samples in the frame
	others  []Tally  // what is not: duplicates, dead letters, gaps
	touched []int
}

// sample books a sample that is in the frame.
func (b *bookings) sample(n int) {
	b.touch(n)
	b.samples[n]++
}

// other books what is not a sample of the frame.
func (b *bookings) other(n int, t Tally) {
	b.touch(n)
	b.others[n].Add(t)
}

func (b *bookings) touch(n int) {
	if n >= len(b.samples) {
		b.samples = append(b.samples, make([]uint64, n+1-len(b.samples))...)
		b.others = append(b.others, make([]Tally, n+1-len(b.others))...)
	}
	if b.samples[n] == 0 && b.others[n] == (Tally{}) {
		b.touched = append(b.touched, n)
	}
}

func (b *bookings) reset() {
	for _, n := range b.touched {
		b.samples[n], b.others[n] = 0, Tally{}
	}
	b.touched = b.touched[:0]
}

// appendOthers appends what goes into the frame beside its samples.
func (b *bookings) appendOthers(dst []Posting, c *chart) []Posting {
	for _, n := range b.touched {
		if b.others[n] != (Tally{}) {
			dst = append(dst, Posting{c.accounts[n], b.others[n]})
		}
	}
	return dst
}

// appendAll appends everything: samples as received.
func (b *bookings) appendAll(dst []Posting, c *chart) []Posting {
	for _, n := range b.touched {
		t := b.others[n]
		t.Received += b.samples[n]
		dst = append(dst, Posting{c.accounts[n], t})
	}
	return dst
}

// appended is the ledger of what the loop put into the queue since its start.
type appended struct {
	mu     sync.Mutex // guards ledger: written at each commit, read by anybody
	ledger Ledger
}

func (a *appended) add(ps []Posting) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ledger.Add(ps)
}

// Appended is what was put into the queue since the loop's start, by account:
// its Received counts all, the others what was decided before the queue. Safe
// for concurrent use.
func (l *Loop) Appended() []Posting {
	l.appended.mu.Lock()
	defer l.appended.mu.Unlock()
	return l.appended.ledger.Postings()
}
