package config

import (
	"reflect"
	"strings"
)

// Changed returns the keys whose values differ, in the order of the file:
// mqtt.listen, not mqtt.
func Changed(a, b *Config) []string {
	return changed("", reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem())
}

func changed(path string, a, b reflect.Value) (keys []string) {
	if a.Kind() != reflect.Struct {
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			keys = append(keys, path)
		}
		return keys
	}
	for i := range a.NumField() {
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("yaml"), ",")
		if path != "" {
			name = path + "." + name
		}
		keys = append(keys, changed(name, a.Field(i), b.Field(i))...)
	}
	return keys
}
