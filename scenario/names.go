package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// machine is one of a scenario's machines.
type machine struct {
	plant *plant.Plant
	line  *plant.Line
	id    string
}

// names finds what a scenario names: by as much of the end of its path as is
// unique (m2, dye-1/m2, shaoxing-07/dye-1/m2).
type names struct {
	plants   map[string][]*plant.Plant
	lines    map[string][]lineName
	gateways map[string][]gatewayName
	machines map[string][]*machine
	all      map[string][]string // full paths by kind, for messages
}

type lineName struct {
	plant *plant.Plant
	line  *plant.Line
}

type gatewayName struct {
	plant   *plant.Plant
	gateway *plant.Gateway
}

func namesOf(reg *plant.Registry) names {
	n := names{map[string][]*plant.Plant{}, map[string][]lineName{}, map[string][]gatewayName{}, map[string][]*machine{}, map[string][]string{}}
	for _, p := range reg.Plants {
		put(n.plants, n.all, "plant", p, p.ID)
		for _, g := range p.Gateways {
			put(n.gateways, n.all, "gateway", gatewayName{p, g}, p.ID, g.ID)
		}
		for _, l := range p.Lines {
			put(n.lines, n.all, "line", lineName{p, l}, p.ID, l.ID)
			for _, m := range l.Machines {
				put(n.machines, n.all, "machine", &machine{p, l, m}, p.ID, l.ID, m)
			}
		}
	}
	return n
}

func put[T any](in map[string][]T, all map[string][]string, kind string, what T, path ...string) {
	for i := range path {
		name := strings.Join(path[i:], "/")
		in[name] = append(in[name], what)
	}
	all[kind] = append(all[kind], strings.Join(path, "/"))
}

// maxNames bounds how many names a message lists.
const maxNames = 10

// find returns what name means; kind is for the message where it is nothing,
// or several things.
func find[T any](in map[string][]T, all []string, kind, name string) (out T, err error) {
	found := in[name]
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		all = slices.DeleteFunc(slices.Clone(all), func(path string) bool { return path != name && !strings.HasSuffix(path, "/"+name) })
		return out, fmt.Errorf("%q may mean several; write one of %s", name, list(all))
	case name == "":
		return out, fmt.Errorf("is missing: name a %s; there are %s", kind, list(all))
	case len(all) == 0:
		return out, fmt.Errorf("%q is no %s: none is declared", name, kind)
	}
	return out, fmt.Errorf("%q is no %s of the scenario; there are %s", name, kind, list(all))
}

func list(all []string) string {
	if len(all) > maxNames {
		return strings.Join(all[:maxNames], ", ") + ", ..."
	}
	return strings.Join(all, ", ")
}
