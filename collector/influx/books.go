package influx

import (
	"bytes"
	"math"
	"slices"
	"strconv"

	"github.com/seed-00829101/heartline/collector"
)

// noAccount is the account of a line that is no sample.
const noAccount = -1

// books numbers the ledger's accounts and counts an entry's samples by them.
// The reader's own.
type books struct {
	numbers  map[accountKey]int32
	accounts []collector.Account // only ever appended to: entries share it
	counts   []uint64            // of the entry being read
	touched  []int32
	old      map[int32]*collector.Tally // expired before they were sent; nil: none
}

// expire notes that a booked sample is not written: it is too old.
func (b *books) expire(account int32) {
	if b.old == nil {
		b.old = map[int32]*collector.Tally{}
	}
	if b.old[account] == nil {
		b.old[account] = new(collector.Tally)
	}
	b.old[account].Expired++
}

// accountKey is an account as frames have it: the plant's tag as it is
// written, escapes and all.
type accountKey struct{ plant, source string }

// book counts one sample of text, whose plant's tag is tag, and returns its
// account.
func (b *books) book(tag []byte, source string, text []byte) int32 {
	n, ok := b.numbers[accountKey{string(tag), source}]
	if !ok {
		n = b.open(tag, source, text)
	}
	if b.counts[n] == 0 {
		b.touched = append(b.touched, n)
	}
	b.counts[n]++
	return n
}

func (b *books) open(tag []byte, source string, text []byte) int32 {
	if b.numbers == nil {
		b.numbers = map[accountKey]int32{}
	}
	n := int32(len(b.accounts))
	b.numbers[accountKey{string(tag), source}] = n
	b.accounts = append(b.accounts, collector.Account{Plant: plantOf(text), Source: source})
	b.counts = append(b.counts, 0)
	return n
}

// tally is what an entry has for the ledger.
type tally struct {
	accounts []collector.Account
	samples  []counted
	postings []collector.Posting // of what is no sample of the frame
	// odd is what became of samples that were not stored; guarded by window.mu.
	odd map[int32]*collector.Tally
}

type counted struct {
	account int32
	n       uint64
}

// close returns the tally of what was booked, and begins anew.
func (b *books) close(postings []collector.Posting) tally {
	t := tally{accounts: b.accounts, postings: postings, odd: b.old, samples: make([]counted, 0, len(b.touched))}
	for _, n := range b.touched {
		t.samples = append(t.samples, counted{n, b.counts[n]})
		b.counts[n] = 0
	}
	b.touched, b.old = b.touched[:0], nil
	return t
}

// expired is how many samples were found too old, before the entry is in the
// window.
func (t *tally) expired() (n int) {
	for _, odd := range t.odd {
		n += int(odd.Expired)
	}
	return n
}

// settle adds what became of the entry to l: what is not odd was stored.
func (t *tally) settle(l *collector.Ledger) {
	l.Add(t.postings)
	for _, s := range t.samples {
		sum := collector.Tally{Received: s.n, Stored: s.n}
		if odd := t.odd[s.account]; odd != nil {
			sum.Expired, sum.DeadLettered = odd.Expired, odd.DeadLettered
			sum.Stored -= odd.Expired + odd.DeadLettered
		}
		l.Tally(t.accounts[s.account]).Add(sum)
	}
}

// source is the topic template of the source that took the sample.
func (t *tally) source(account int32) string {
	if account == noAccount {
		return ""
	}
	return t.accounts[account].Source
}

// note says that the sample of pt was not stored.
func (w *window) note(pt point, what collector.Tally) {
	if pt.account == noAccount {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &pt.from.tally
	if t.odd == nil {
		t.odd = map[int32]*collector.Tally{}
	}
	if t.odd[pt.account] == nil {
		t.odd[pt.account] = new(collector.Tally)
	}
	t.odd[pt.account].Add(what)
}

// oldest returns the n points with the oldest stamps.
func oldest(points []point, n int) []point {
	if n >= len(points) {
		return points
	}
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(a, b point) int {
		return int(min(max(stampOf(a.line)-stampOf(b.line), -1), 1))
	})
	return sorted[:n]
}

// stampOf reads the stamp at a line's end.
func stampOf(text []byte) int64 {
	n, err := strconv.ParseInt(string(text[bytes.LastIndexByte(text, ' ')+1:]), 10, 64)
	if err != nil {
		return math.MaxInt64 / 2
	}
	return n
}
