package config

import (
	"encoding"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// csvRow is what one row says.
type csvRow struct {
	plant   *plant.Plant
	line    *plant.Line
	gateway plant.Gateway
}

// csvColumn is a column that a registry in CSV may have.
type csvColumn struct {
	name string
	path string // in YAML, below the plant
	set  func(r *csvRow, text string) error
}

var csvColumns = []csvColumn{
	{"plant", "id", word(func(r *csvRow) *string { return &r.plant.ID })},
	{"name", "name", word(func(r *csvRow) *string { return &r.plant.Name })},
	{"timezone", "timezone", word(func(r *csvRow) *string { return &r.plant.Timezone })},
	{"day_starts", "day_starts", word(func(r *csvRow) *string { return &r.plant.DayStarts })},
	{"calendar", "calendar", word(func(r *csvRow) *string { return &r.plant.Calendar })},
	{"labels", "labels", setLabels},
	{"plant_weight", "weight", number(func(r *csvRow) *float64 { return &r.plant.Weight })},
	{"line", "lines.id", word(func(r *csvRow) *string { return &r.line.ID })},
	{"unit", "lines.unit", word(func(r *csvRow) *string { return &r.line.Unit })},
	{"normal", "lines.normal", quantity(func(r *csvRow) encoding.TextUnmarshaler { return &r.line.Normal })},
	{"ideal_cycle", "lines.ideal_cycle", quantity(func(r *csvRow) encoding.TextUnmarshaler { return &r.line.IdealCycle })},
	{"interval", "lines.interval", quantity(func(r *csvRow) encoding.TextUnmarshaler { return &r.line.Interval })},
	{"machines", "lines.machines", words(func(r *csvRow) *[]string { return &r.line.Machines })},
	{"output", "lines.output", setOutput},
	{"counter_field", "lines.counter.field", word(func(r *csvRow) *string { return &r.line.Counter.Field })},
	{"scrap_field", "lines.counter.scrap", word(func(r *csvRow) *string { return &r.line.Counter.Scrap })},
	{"counter_kind", "lines.counter.kind", word(func(r *csvRow) *string { return &r.line.Counter.Kind })},
	{"scale", "lines.counter.scale", number(func(r *csvRow) *float64 { return &r.line.Counter.Scale })},
	{"rollover", "lines.counter.rollover", setRollover},
	{"resets", "lines.counter.resets", yesNo(func(r *csvRow) *bool { return &r.line.Counter.Resets })},
	{"decimal", "lines.counter.decimal", yesNo(func(r *csvRow) *bool { return &r.line.Counter.Decimal })},
	{"proxy", "lines.counter.proxy", yesNo(func(r *csvRow) *bool { return &r.line.Counter.Proxy })},
	{"states", "lines.states", word(func(r *csvRow) *string { return &r.line.States })},
	{"weight", "lines.weight", number(func(r *csvRow) *float64 { return &r.line.Weight })},
	{"commissioned", "lines.commissioned", yesNo(func(r *csvRow) *bool {
		r.line.Commissioned = new(bool)
		return r.line.Commissioned
	})},
	{"gateway", "gateways.id", word(func(r *csvRow) *string { return &r.gateway.ID })},
	{"will_topic", "gateways.will_topic", word(func(r *csvRow) *string { return &r.gateway.WillTopic })},
	{"clock_offset", "gateways.clock_offset", quantity(func(r *csvRow) encoding.TextUnmarshaler { return &r.gateway.ClockOffset })},
	{"keep_alive", "gateways.keep_alive", quantity(func(r *csvRow) encoding.TextUnmarshaler { return &r.gateway.KeepAlive })},
}

func csvNames() []string {
	out := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		out[i] = c.name
	}
	return out
}

func word(at func(*csvRow) *string) func(*csvRow, string) error {
	return func(r *csvRow, text string) error { *at(r) = text; return nil }
}

func words(at func(*csvRow) *[]string) func(*csvRow, string) error {
	return func(r *csvRow, text string) error { *at(r) = splitWords(text); return nil }
}

// splitWords reads m1;m2.
func splitWords(text string) []string {
	out := strings.Split(strings.TrimSuffix(text, ";"), ";")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

func quantity(at func(*csvRow) encoding.TextUnmarshaler) func(*csvRow, string) error {
	return func(r *csvRow, text string) error { return at(r).UnmarshalText([]byte(text)) }
}

func number(at func(*csvRow) *float64) func(*csvRow, string) error {
	return func(r *csvRow, text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		*at(r) = v
		return nil
	}
}

func yesNo(at func(*csvRow) *bool) func(*csvRow, string) error {
	return func(r *csvRow, text string) error {
		switch strings.ToLower(text) { // spreadsheets write TRUE
		case "true":
			*at(r) = true
		case "false":
			*at(r) = false
		default:
			return fmt.Errorf("%q is not true or false", text)
		}
		return nil
	}
}

func setRollover(r *csvRow, text string) error {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a whole number", text)
	}
	r.line.Counter.Rollover = v
	return nil
}

func setOutput(r *csvRow, text string) error {
	if text == "sum" {
		r.line.Output = plant.Output{Sum: true}
		return nil
	}
	r.line.Output.Machines = splitWords(text)
	return nil
}

// setLabels reads region=Zhejiang;size=small.
func setLabels(r *csvRow, text string) error {
	r.plant.Labels = map[string]string{}
	for _, one := range splitWords(text) {
		name, value, ok := strings.Cut(one, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return fmt.Errorf("%q is no label; write them like region=Zhejiang;size=small", one)
		}
		if _, dup := r.plant.Labels[name]; dup {
			return fmt.Errorf("label %q is there twice", name)
		}
		r.plant.Labels[name] = strings.TrimSpace(value)
	}
	return nil
}

// csvRows knows which line of the file each line of each plant stands in.
type csvRows struct{ plants [][]int }

var (
	csvPath  = regexp.MustCompile(`^plants\[(\d+)\](?:\.lines\[(\d+)\])?\.?(.*)$`)
	csvIndex = regexp.MustCompile(`\[\d+\]`)
)

// locate turns a path of the YAML form into a line of the file and a column.
func (r *csvRows) locate(path string) (int, string) {
	m := csvPath.FindStringSubmatch(path)
	if m == nil {
		return 0, path
	}
	i, _ := strconv.Atoi(m[1])
	j, _ := strconv.Atoi(m[2])
	if i >= len(r.plants) || j >= len(r.plants[i]) {
		return 0, path
	}
	below := csvIndex.ReplaceAllString(m[3], "")
	if m[2] != "" {
		below = strings.TrimSuffix("lines."+below, ".")
	}
	for _, c := range csvColumns {
		if below == c.path || strings.HasPrefix(below, c.path+".") {
			return r.plants[i][j], "column " + c.name
		}
	}
	return r.plants[i][j], ""
}
