package decode

import (
	"errors"
	"math"
	"strconv"
)

// valueKind is what a value of a message was written as.
type valueKind uint8

const (
	isText valueKind = iota
	isNumber
	isBool
)

// value is one value of a message: its text (unescaped), the literal of a
// number, or true or false.
type value struct {
	kind valueKind
	text []byte
	size int // as it stands in the message
}

// whole tells what a number's literal says about whole numbers.
type whole uint8

const (
	wholeOK whole = iota
	wholeNot
	wholeTooLarge
)

// parseWhole reads a literal as an exact whole number. 17.0 is one; 17.5 and
// 1e3 are not taken for one.
func parseWhole(text []byte) (negative bool, n uint64, w whole) {
	i := 0
	if i < len(text) && text[i] == '-' {
		negative = true
		i++
	}
	start := i
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		digit := uint64(text[i] - '0')
		if n > (math.MaxUint64-digit)/10 {
			return negative, 0, wholeTooLarge
		}
		n = n*10 + digit
	}
	if i == start {
		return negative, 0, wholeNot
	}
	if i < len(text) && text[i] == '.' {
		for i++; i < len(text) && text[i] == '0'; i++ {
		}
	}
	if i < len(text) {
		return negative, 0, wholeNot
	}
	return negative && n > 0, n, wholeOK
}

// parseInt64 is parseWhole for int64.
func parseInt64(text []byte) (int64, whole) {
	negative, n, w := parseWhole(text)
	switch {
	case w != wholeOK:
		return 0, w
	case negative && n == 1<<63:
		return math.MinInt64, wholeOK
	case n > math.MaxInt64:
		return 0, wholeTooLarge
	case negative:
		return -int64(n), wholeOK
	}
	return int64(n), wholeOK
}

// parseFloat reads a literal of JSON's grammar; false where it does not fit.
func parseFloat(text []byte) (float64, bool) {
	f, err := strconv.ParseFloat(string(text), 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// isDecimal reports whether text is a decimal number: ParseFloat also reads
// hexadecimal and words.
func isDecimal(text []byte) bool {
	i, digits := 0, 0
	run := func() {
		for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
			digits++
		}
	}
	if i < len(text) && text[i] == '-' {
		i++
	}
	run()
	if i < len(text) && text[i] == '.' {
		i++
		run()
	}
	if digits == 0 {
		return false
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		digits = 0
		run()
		if digits == 0 {
			return false
		}
	}
	return i == len(text)
}

// notNumber reports whether text is what programs print in the place of a
// number, or a number in another way than a decimal: NaN, -Inf, 0x1p4, +5. As
// a text it would stand where numbers belong.
func notNumber(text []byte) bool {
	if isDecimal(text) {
		return false
	}
	_, err := strconv.ParseFloat(string(text), 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}
