package decode

const (
	maxTexts    = 1 << 16
	maxTextSize = 64
)

// interner keeps one string for each short text that comes again and again
// (states, units, ids), so that reading them allocates nothing. Both its size
// and its texts are bounded; beyond them a text is a string of its own.
type interner map[string]string

func (in *interner) get(text []byte) string {
	if s, ok := (*in)[string(text)]; ok {
		return s
	}
	s := string(text)
	if len(s) <= maxTextSize && len(*in) < maxTexts {
		if *in == nil {
			*in = interner{}
		}
		(*in)[s] = s
	}
	return s
}
