package scenario

import (
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// flags reads kinds of gaming flag; nil: not asked for, empty: none.
func (l *loader) flags(path string, texts lines) []string {
	if texts == nil {
		return nil
	}
	out := []string{}
	for _, text := range texts {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
			switch {
			case word == "none" && len(texts) == 1:
			case !slices.Contains(plant.GamingKinds, word):
				l.add(path, "%q is no kind of flag; there are %s, or none", word, strings.Join(plant.GamingKinds, ", "))
			default:
				out = append(out, word)
			}
		}
	}
	return kindsOf(out)
}

// flags compares the kinds that stand with those that are expected.
func (f *Failure) flags(want []string, stand []plant.GamingFlag) {
	if want == nil {
		return
	}
	got := []string{}
	for i := range stand {
		got = append(got, stand[i].Kind)
	}
	f.text("flags", writeKinds(want), writeKinds(kindsOf(got)))
}

// kindsOf sorts kinds, each once.
func kindsOf(kinds []string) []string {
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func writeKinds(kinds []string) string {
	if len(kinds) == 0 {
		return "none"
	}
	return strings.Join(kinds, ", ")
}
