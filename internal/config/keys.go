package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// key is one key of heartline.yaml that holds a value, not a group of keys.
type key struct {
	path  string // mqtt.listen
	help  string
	index []int // of the field in Config
	typ   reflect.Type
}

// list reports whether the key's value is a list of groups: those have
// neither flag nor environment variable.
func (k key) list() bool {
	return k.typ.Kind() == reflect.Slice && k.typ.Elem().Kind() == reflect.Struct
}

// env is the key's environment variable.
func (k key) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.path, ".", "_"))
}

const envPrefix = "HEARTLINE_"

// keys returns every key, in the order of the struct.
func keys() []key { return keysOf(reflect.TypeFor[Config](), "", nil) }

func keysOf(t reflect.Type, prefix string, index []int) []key {
	var out []key
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int(nil), index...), i)
		path := prefix + yamlName(f)
		if f.Type.Kind() == reflect.Struct && !isText(f.Type) {
			out = append(out, keysOf(f.Type, path+".", at)...)
			continue
		}
		out = append(out, key{path: path, help: f.Tag.Get("help"), index: at, typ: f.Type})
	}
	return out
}

func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// isText reports whether users write a t as one word.
func isText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

// text returns the key's value in c as users write it; lists of words are
// joined by commas.
func (k key) text(c *Config) string {
	v := reflect.ValueOf(c).Elem().FieldByIndex(k.index)
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, err := m.MarshalText()
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	if words, ok := v.Interface().([]string); ok {
		return strings.Join(words, ",")
	}
	return fmt.Sprint(v.Interface())
}

// parse checks the text of a flag or an environment variable and returns it
// as the value that is merged.
func (k key) parse(text string) (any, error) {
	if k.typ.Kind() == reflect.Slice {
		words := []any{}
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				words = append(words, word)
			}
		}
		return words, nil
	}
	return text, checkScalar(k.typ, text)
}

// checkScalar reports why text is no t.
func checkScalar(t reflect.Type, text string) error {
	if isText(t) {
		return reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	}
	var err error
	want := "a text"
	switch t.Kind() {
	case reflect.String:
	case reflect.Bool:
		want = "true or false"
		if text != "true" && text != "false" {
			err = strconv.ErrSyntax
		}
	case reflect.Int, reflect.Int64:
		want = "a whole number"
		_, err = strconv.ParseInt(text, 10, t.Bits())
	case reflect.Float64:
		want = "a number"
		_, err = strconv.ParseFloat(text, 64)
	default:
		return fmt.Errorf("no value can be written for a %s", t)
	}
	if err != nil {
		return fmt.Errorf("%q is not %s", text, want)
	}
	return nil
}
