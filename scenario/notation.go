package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// stretch is one item of a course: what the counter does, how long, and how
// that reaches us.
type stretch struct {
	// One of these says what the counter does; with none of them, nothing.
	each  float64 // counts more with each sample
	rate  float64 // counts an hour
	total float64 // what it shows from here on
	sets  bool    // total holds

	// How long: samples, a span, or until an instant.
	samples int
	span    time.Duration
	until   plant.Instant

	state string // the machine's word, from here on
	says  bool   // state is set
	reads []read // readings, from here on
	lost  bool   // what is sent never arrives
	bad   bool   // of bad quality
	twice bool   // arrives twice
	kept  bool   // arrives when the stretch ends
	late  time.Duration
	ahead time.Duration // of the device's clock; less than 0: behind
}

// parseCourse reads items like `0 until 09:00, 400/h for 2h, _x6 +1x90 bad`.
func parseCourse(text string, c *clock) ([]stretch, error) {
	words, err := splitWords(text)
	if err != nil {
		return nil, err
	}
	var out []stretch
	for len(words) > 0 {
		var s stretch
		first := words[0]
		if err := s.amount(first); err != nil {
			return nil, err
		}
		words = words[1:]
		for len(words) > 0 && !beginsItem(words[0]) {
			n, err := s.modify(words, c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", first, err)
			}
			words = words[n:]
		}
		if s.samples == 0 && s.span == 0 && s.until == 0 {
			s.samples = 1
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("is empty; write what the counter does, like 0 until 09:00, 400/h for 2h, 0 x30")
	}
	return out, nil
}

// splitWords splits at white space and commas; "..." holds a word together.
func splitWords(text string) ([]string, error) {
	var out []string
	var word strings.Builder
	quoted, any := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted, any = !quoted, true
		case !quoted && (r == ',' || r == ' ' || r == '\t' || r == '\n'):
			if any {
				out = append(out, word.String())
			}
			word.Reset()
			any = false
		default:
			word.WriteRune(r)
			any = true
		}
	}
	if quoted {
		return nil, fmt.Errorf(`%q opens a " that is not closed`, text)
	}
	if any {
		out = append(out, word.String())
	}
	return out, nil
}

const amountHelp = "an item begins with what the counter does: 0 (nothing made), +2 (two more with each sample), 400/h, =1000 (the total shows 1000) or _ (no sample)"

// beginsItem reports whether word says what the counter does.
func beginsItem(word string) bool {
	return strings.HasPrefix(word, "+") || strings.HasPrefix(word, "=") || strings.HasPrefix(word, "_") || isAmount(word)
}

// isAmount reports whether word is 0, 0x30 or a rate, not a date or a time.
func isAmount(word string) bool {
	number, _, _ := strings.Cut(word, "x")
	if strings.Contains(number, "/") {
		return true
	}
	_, err := strconv.ParseFloat(number, 64)
	return err == nil && number[0] >= '0' && number[0] <= '9'
}

// amount reads what the counter does, with xN where that is joined to it.
func (s *stretch) amount(word string) error {
	what, times, joined := strings.Cut(word, "x")
	var err error
	switch {
	case what == "_":
		s.lost = true
	case strings.HasPrefix(what, "+"):
		s.each, err = number(what[1:])
	case strings.HasPrefix(what, "="):
		s.sets = true
		s.total, err = number(what[1:])
	case strings.Contains(what, "/"):
		var r plant.Rate
		if amount, _, _ := strings.Cut(what, "/"); strings.Trim(amount, "0.") != "" || amount == "" {
			err = r.UnmarshalText([]byte(what))
		}
		s.rate = r.PerHour
	case what == "0":
	case isAmount(what):
		return fmt.Errorf("%q: write +%s for %s more with each sample, =%s for a total of %s, or %s/h", word, what, what, what, what, what)
	default:
		return fmt.Errorf("%q: %s", word, amountHelp)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", word, err)
	}
	if joined {
		return s.times(times)
	}
	return nil
}

func number(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0) || v > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is no count; write a number like 5", text)
	}
	return v, nil
}

func (s *stretch) times(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxSamples {
		return fmt.Errorf("x%s is no number of samples; write it like x30, between 1 and %d", text, maxSamples)
	}
	return s.extent(func() { s.samples = n })
}

func (s *stretch) extent(set func()) error {
	if s.samples != 0 || s.span != 0 || s.until != 0 {
		return fmt.Errorf("says twice how long it lasts; write one of x30, for 2h, until 09:40")
	}
	set()
	return nil
}

const modifierHelp = "behind the amount come x30, for 2h or until 09:40, then bad, lost, kept, twice, late=10m, ahead=7m, behind=7m, state=WORD, or a reading like temp=81.5"

// modify reads what stands at the front of words, and how many words that were.
func (s *stretch) modify(words []string, c *clock) (int, error) {
	word := words[0]
	key, value, has := strings.Cut(word, "=")
	switch {
	case word == "until":
		return s.untilTime(words, c)
	case word == "for":
		if len(words) < 2 {
			return 0, fmt.Errorf("for is followed by a span, like for 2h")
		}
		d, err := span(words[1])
		if err != nil {
			return 0, err
		}
		return 2, s.extent(func() { s.span = d })
	case word == "bad":
		s.bad = true
	case word == "lost":
		s.lost = true
	case word == "kept":
		s.kept = true
	case word == "twice":
		s.twice = true
	case has && key == "state":
		s.state, s.says = value, true
	case has && (key == "late" || key == "ahead" || key == "behind"):
		d, err := span(value)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", key, err)
		}
		switch key {
		case "late":
			s.late = d
		case "ahead":
			s.ahead = d
		case "behind":
			s.ahead = -d
		}
	case has && key != "":
		return 1, s.reading(key, value)
	case len(word) > 1 && word[0] == 'x':
		return 1, s.times(word[1:])
	default:
		return 0, fmt.Errorf("%q is not understood; %s", word, modifierHelp)
	}
	return 1, nil
}

// untilTime reads until and a time of one or two words.
func (s *stretch) untilTime(words []string, c *clock) (int, error) {
	if len(words) < 2 {
		return 0, fmt.Errorf("until is followed by a time, like until 09:40")
	}
	n := 2
	if len(words) > 2 && strings.Contains(words[2], ":") && !strings.Contains(words[1], ":") {
		n = 3
	}
	at, err := c.read(strings.Join(words[1:n], " "))
	if err != nil {
		return 0, err
	}
	return n, s.extent(func() { s.until = at })
}

func span(text string) (time.Duration, error) {
	sp, err := plant.ParseSpan(text)
	d := sp.Fixed + time.Duration(sp.Days)*24*time.Hour
	if err == nil && d > maxLength {
		err = fmt.Errorf("%q is longer than %d years", text, maxYears)
	}
	return d, err
}
