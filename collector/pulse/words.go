package pulse

import "strings"

const (
	maxWords    = 16
	longestWord = 64
)

// words is the words of state that were seen, and how often.
type words struct {
	seen   []Word
	newest int
	other  uint64 // past maxWords
}

// Word is a word of a machine's own for what it does.
type Word struct {
	Text  string // at most 64 bytes of it
	Count uint64
}

func (w *words) add(text string) {
	if text == "" {
		return
	}
	if len(text) > longestWord {
		text = text[:longestWord]
	}
	if w.newest < len(w.seen) && w.seen[w.newest].Text == text {
		w.seen[w.newest].Count++
		return
	}
	for i := range w.seen {
		if w.seen[i].Text == text {
			w.seen[i].Count++
			w.newest = i
			return
		}
	}
	if len(w.seen) == maxWords {
		w.other++
		return
	}
	w.newest = len(w.seen)
	w.seen = append(w.seen, Word{strings.Clone(text), 1})
}
