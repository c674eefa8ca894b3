package mqtt

import (
	"slices"
	"strings"
)

// maxWills is how many will topics of one shape are subscribed to one by one.
// More share one filter: brokers keep state for each subscription
// (nats-server a consumer), and a registry may hold ten thousand gateways.
const maxWills = 16

// Filters returns the fewest filters that bring every source and will
// topic without any two of them matching one topic: brokers may send a message
// once for each filter that matches, and nothing in MQTT tells such copies
// from two equal messages. Where filters overlap, one that covers both takes
// their place; what it brings beyond them is dropped by the receiver.
func Filters(sources []Source, wills []Will) []string {
	var filters []string
	for _, s := range sources {
		filters = append(filters, s.Template.Filter())
	}
	return disjoint(append(filters, willFilters(wills)...))
}

// willFilters returns the wills' topics; where many of them have the same
// number of levels and the same first level, or else the same number of
// levels, one filter for those.
func willFilters(wills []Will) []string {
	topics := make([]string, len(wills))
	for i, w := range wills {
		topics[i] = w.Topic
	}
	near := merge(topics, func(t string) string {
		first, _, _ := strings.Cut(t, "/")
		return strings.Repeat("/", strings.Count(t, "/")) + first
	})
	return merge(near, func(t string) string { return strings.Repeat("/", strings.Count(t, "/")) })
}

// merge puts one filter in the place of those that share a key where they are
// more than maxWills.
func merge(filters []string, key func(string) string) []string {
	groups := map[string][]string{}
	for _, f := range sortedUnique(filters) {
		groups[key(f)] = append(groups[key(f)], f)
	}
	var out []string
	for _, group := range groups {
		if len(group) > maxWills {
			all := group[0]
			for _, f := range group[1:] {
				all = union(all, f)
			}
			group = []string{all}
		}
		out = append(out, group...)
	}
	return out
}

// disjoint merges filters until no two overlap.
func disjoint(filters []string) []string {
	out := sortedUnique(filters)
	for merged := true; merged; {
		merged = false
		for i := 0; i < len(out) && !merged; i++ {
			for j := i + 1; j < len(out); j++ {
				if overlap(out[i], out[j]) {
					out[i] = union(out[i], out[j])
					out = slices.Delete(out, j, j+1)
					merged = true
					break
				}
			}
		}
	}
	return sortedUnique(out)
}

// overlap reports whether some topic matches both filters.
func overlap(a, b string) bool {
	if (a[:1] == "$") != (b[:1] == "$") { // wildcards at the front match no $ topic
		return false
	}
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for i := 0; ; i++ {
		switch {
		case i < len(as) && as[i] == "#", i < len(bs) && bs[i] == "#":
			return true // also of the level above: a/# matches a
		case i == len(as) || i == len(bs):
			return len(as) == len(bs)
		case as[i] != bs[i] && as[i] != "+" && bs[i] != "+":
			return false
		}
	}
}

// union returns a filter that matches whatever a or b matches.
func union(a, b string) string {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	var out []string
	for i := 0; i < len(as) || i < len(bs); i++ {
		if i >= len(as) || i >= len(bs) || as[i] == "#" || bs[i] == "#" {
			out = append(out, "#")
			break
		}
		if as[i] != bs[i] {
			as[i] = "+"
		}
		out = append(out, as[i])
	}
	return strings.Join(out, "/")
}

func sortedUnique(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
