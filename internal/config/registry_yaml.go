package config

import (
	"bytes"
	"runtime"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// minChunk is the least that is worth a goroutine of its own, in bytes.
const minChunk = 64 << 10

// decodeRegistry reads plants.yaml. Large ones are cut between plants and
// read on all processors, as the YAML library alone needs about a second for
// 10,000 plants. Where a cut does not work out (an alias into another part, a
// mistake anywhere) the file is read as a whole, which also tells what is wrong.
func decodeRegistry(file string, data []byte, reg *plant.Registry) plant.Problems {
	if parts := cutPlants(data, min(runtime.GOMAXPROCS(0), len(data)/minChunk)); len(parts) > 1 {
		if plants, calendars, ok := decodeParts(parts); ok {
			reg.Plants, reg.Calendars = plants, calendars
			return nil
		}
	}
	return decodeYAML(file, data, reg)
}

// cutPlants cuts a registry into about n documents of their own, each before
// a line that begins a plant; nil where the file is not laid out for it.
func cutPlants(data []byte, n int) [][]byte {
	head := bytes.Index(data, []byte("plants:\n"))
	if n < 2 || head > 0 && data[head-1] != '\n' || head < 0 {
		return nil
	}
	head += len("plants:\n")
	first := bytes.IndexByte(data[head:], '-')
	if first < 0 || len(bytes.Trim(data[head:head+first], " ")) > 0 {
		return nil
	}
	item := append([]byte{'\n'}, data[head:head+first+1]...) // "\n  -"
	item = append(item, ' ')
	var parts [][]byte
	rest := data
	for left := n; left > 1; left-- {
		from := max(len(rest)/left, head)
		if from >= len(rest) {
			break
		}
		at := bytes.Index(rest[from:], item)
		if at < 0 {
			break
		}
		at += from + 1
		parts = append(parts, rest[:at])
		rest, head = append([]byte("plants:\n"), rest[at:]...), len("plants:\n")
	}
	return append(parts, rest)
}

// decodeParts reads parts at the same time; false where one of them is not
// good by itself.
func decodeParts(parts [][]byte) ([]*plant.Plant, []*plant.Calendar, bool) {
	regs := make([]plant.Registry, len(parts))
	good := make([]bool, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() {
			dec := yaml.NewDecoder(bytes.NewReader(part))
			dec.KnownFields(true)
			good[i] = dec.Decode(&regs[i]) == nil && dec.Decode(new(yaml.Node)) != nil
		})
	}
	all.Wait()
	var plants []*plant.Plant
	var calendars []*plant.Calendar
	for i := range regs {
		if !good[i] {
			return nil, nil, false
		}
		plants = append(plants, regs[i].Plants...)
		calendars = append(calendars, regs[i].Calendars...)
	}
	return plants, calendars, true
}
