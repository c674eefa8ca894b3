package app

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxDefinition bounds a registry with rules once unpacked: some 100 times
// what 10,000 plants need.
const maxDefinition = 1 << 30

// definitionControl packs d into the record that puts it into the queue.
func definitionControl(d *rules.Definition) (collector.Control, error) {
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	if err := json.NewEncoder(zip).Encode(d); err != nil {
		return collector.Control{}, err
	}
	if err := zip.Close(); err != nil {
		return collector.Control{}, err
	}
	return collector.Control{Kind: collector.ControlDefinition, Version: d.Version, Definition: buf.Bytes()}, nil
}

// definitionOf unpacks what definitionControl packed.
func definitionOf(c *collector.Control) (*rules.Definition, error) {
	zip, err := gzip.NewReader(bytes.NewReader(c.Definition))
	if err != nil {
		return nil, plant.Errorf(plant.CodeDamaged, "the definition %q in the queue cannot be unpacked: %w", c.Version, err)
	}
	d := new(rules.Definition)
	if err := json.NewDecoder(io.LimitReader(zip, maxDefinition)).Decode(d); err != nil {
		return nil, plant.Errorf(plant.CodeDamaged, "the definition %q in the queue cannot be read: %w", c.Version, err)
	}
	if d.Registry == nil {
		d.Registry = new(plant.Registry)
	}
	d.Registry.Index()
	return d, nil
}
