package collector

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// cutWord returns the name or number that b begins with, the character that ends
// it (0: none does), and what follows that. Without a backslash in it, word
// aliases b.
func cutWord(b []byte) (word, rest []byte, end byte) {
	for i, c := range b {
		if c == '\\' {
			return cutEscaped(b, i)
		}
		if endsWord(c) {
			return b[:i], b[i+1:], c
		}
	}
	return b, nil, 0
}

func endsWord(c byte) bool { return c <= ' ' || c == ',' || c == '=' || c == 0x7f }

// cutEscaped is cutWord where the first backslash is at i.
func cutEscaped(b []byte, i int) (word, rest []byte, end byte) {
	word = bytes.Clone(b[:i])
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && i+1 < len(b) && (b[i+1] == ' ' || b[i+1] == ',' || b[i+1] == '='):
			i++
			word = append(word, b[i])
		case endsWord(c):
			return word, b[i+1:], c
		default:
			word = append(word, c)
		}
	}
	return word, nil, 0
}

// cutText returns what the text says whose opening quote is before b, and what
// follows its closing one. Without a backslash in it, text aliases b.
func cutText(b []byte) (text, rest []byte, ok bool) {
	from := 0 // of what text lacks
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			if from == 0 {
				return b[:i], b[i+1:], true
			}
			return append(text, b[from:i]...), b[i+1:], true
		case '\\':
			if i+1 == len(b) {
				return nil, nil, false
			}
			if j := strings.IndexByte(textEscaped, b[i+1]); j >= 0 {
				text = append(append(text, b[from:i]...), textEscapes[j])
				i++
				from = i + 1
			}
		}
	}
	return nil, nil, false
}

// cutValue returns the field's value that b begins with, a string's text apart.
func cutValue(b []byte) (f plant.Field, text, rest []byte, end byte, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		if text, rest, ok = cutText(b[1:]); !ok || len(rest) == 0 {
			return f, nil, b, 0, false
		}
		return plant.Field{Kind: plant.String}, text, rest[1:], rest[0], true
	}
	word, rest, end := cutWord(b)
	var err error
	switch {
	case len(word) == 0:
		return f, nil, b, 0, false
	case word[0] == 't' || word[0] == 'f':
		f.Kind = plant.Bool
		f.Bool, err = strconv.ParseBool(string(word))
	case word[len(word)-1] == 'i':
		f.Kind = plant.Int
		f.Int, err = strconv.ParseInt(string(word[:len(word)-1]), 10, 64)
	default:
		f.Float, err = strconv.ParseFloat(string(word), 64)
	}
	return f, nil, rest, end, err == nil && !math.IsInf(f.Float, 0) && !math.IsNaN(f.Float)
}
