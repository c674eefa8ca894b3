package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// Edit is one line of a file, as it is and as it is to be.
type Edit struct {
	File     string
	Line     int // from 1
	Old, New string
	data     []byte // of the whole file, as it is to be
}

// Confirm returns the edit of the registry by which a line is commissioned.
// Everything else stays as it is written, comments too. CodeNotFound where
// there is no such line, CodeConflict where it counts already.
func (l *Loaded) Confirm(plantID, lineID string) (*Edit, error) {
	p := l.Registry.Plant(plantID)
	if p == nil || p.Line(lineID) == nil {
		return nil, plant.Errorf(plant.CodeNotFound, "there is no line %s of a plant %s in the registry", lineID, plantID)
	}
	if p.Line(lineID).IsCommissioned() {
		return nil, plant.Errorf(plant.CodeConflict, "line %s/%s is commissioned already: it counts", plantID, lineID)
	}
	data, err := os.ReadFile(l.registryFile)
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "the registry cannot be read again: %w", err)
	}
	row, column := 0, 0 // of the word false, from 1
	if strings.HasSuffix(l.registryFile, ".csv") {
		row, column, err = commissionedCell(data, plantID, lineID)
	} else {
		row, column, err = commissionedNode(data, plantID, lineID)
	}
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if row < 1 || row > len(lines) || column < 1 || column > len(lines[row-1]) {
		return nil, plant.Errorf(plant.CodeInternal, "the place of line %s/%s in %s was not found", plantID, lineID, l.registryFile)
	}
	old := string(lines[row-1])
	edited := old[:column-1] + strings.Replace(old[column-1:], "false", "true", 1)
	if edited == old {
		return nil, plant.Errorf(plant.CodeInvalid, "%s:%d does not say commissioned: false in words; write true there yourself", l.registryFile, row)
	}
	lines[row-1] = []byte(edited)
	return &Edit{File: l.registryFile, Line: row, Old: strings.TrimRight(old, "\r\n"), New: strings.TrimRight(edited, "\r\n"), data: bytes.Join(lines, nil)}, nil
}

// Write makes the edited file appear at once, with the mode it had.
func (e *Edit) Write() error {
	info, err := os.Stat(e.File)
	if err == nil {
		err = os.WriteFile(e.File+".new", e.data, info.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(e.File+".new", e.File)
	}
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "the registry cannot be written: %w", err)
	}
	return nil
}

// commissionedNode is where a registry in YAML says it.
func commissionedNode(data []byte, plantID, lineID string) (row, column int, err error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return 0, 0, plant.Errorf(plant.CodeInvalid, "%w", err)
	}
	if len(doc.Content) == 0 {
		return 0, 0, plant.Errorf(plant.CodeInvalid, "the registry is empty")
	}
	line := withID(member(withID(member(resolve(doc.Content[0]), "plants"), plantID), "lines"), lineID)
	value := member(line, "commissioned")
	if value == nil {
		return 0, 0, plant.Errorf(plant.CodeInvalid, "commissioned is said elsewhere (an alias, a merge): write true there yourself")
	}
	return value.Line, value.Column, nil
}

// member is the value of a key of n; nil where there is none.
func member(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

// withID is the element of a list whose id is so called.
func withID(list *yaml.Node, id string) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, e := range list.Content {
		if v := member(resolve(e), "id"); v != nil && v.Value == id {
			return resolve(e)
		}
	}
	return nil
}

// commissionedCell is where a registry in CSV says it.
func commissionedCell(data []byte, plantID, lineID string) (row, column int, err error) {
	mark := len(data) - len(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	in := csv.NewReader(bytes.NewReader(data[mark:]))
	in.Comment, in.FieldsPerRecord = '#', -1
	at := map[string]int{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return 0, 0, plant.Errorf(plant.CodeInternal, "the row of line %s/%s was not found", plantID, lineID)
		}
		if err != nil {
			return 0, 0, plant.Errorf(plant.CodeInvalid, "%w", err)
		}
		if len(at) == 0 {
			for i, name := range record {
				at[strings.ToLower(strings.TrimSpace(name))] = i
			}
			continue
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		}
		if i, ok := at["commissioned"]; ok && i < len(record) && cell("plant") == plantID && cell("line") == lineID {
			row, column := in.FieldPos(i)
			if row == 1 {
				column += mark
			}
			return row, column, nil
		}
	}
}
