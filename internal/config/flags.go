package config

import (
	"reflect"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/plant"
)

const (
	configFlag = "config"
	configEnv  = envPrefix + "CONFIG"
	// DefaultFile is read where neither --config nor HEARTLINE_CONFIG names
	// another; it need not exist.
	DefaultFile = "heartline.yaml"
)

// AddFlags adds --config, and a flag for every key that holds one value: its
// name is the key's path, like --mqtt.listen.
func AddFlags(fs *pflag.FlagSet) {
	fs.StringP(configFlag, "c", DefaultFile, "configuration file; every flag below is also one of its keys, and an environment variable: mqtt.listen is "+envPrefix+"MQTT_LISTEN")
	defaults := Defaults()
	for _, k := range keys() {
		if k.list() {
			continue
		}
		fs.Var(&flagValue{text: k.text(&defaults), kind: kindOf(k.typ)}, k.path, k.help)
	}
	fs.SetNormalizeFunc(NormalizeFlag)
}

// NormalizeFlag lets --data-dir stand for --data_dir. Give it to cobra's
// SetGlobalNormalizationFunc where flags are inherited.
func NormalizeFlag(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if !strings.Contains(name, "-") {
		return pflag.NormalizedName(name)
	}
	under := strings.ReplaceAll(name, "-", "_")
	for _, k := range keys() {
		if k.path == under {
			return pflag.NormalizedName(under)
		}
	}
	return pflag.NormalizedName(name)
}

// flagValue keeps what was written: Load checks it, together with the files.
type flagValue struct{ text, kind string }

func (v *flagValue) String() string        { return v.text }
func (v *flagValue) Set(text string) error { v.text = text; return nil }
func (v *flagValue) Type() string          { return v.kind }

func kindOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[plant.Size]():
		return "size"
	case reflect.TypeFor[Retention](), reflect.TypeFor[plant.Duration]():
		return "duration"
	case reflect.TypeFor[[]string]():
		return "files"
	}
	return t.Kind().String()
}
