package config

import (
	"slices"
	"testing"
)

func TestChangedNamesKeys(t *testing.T) {
	a, b := Defaults(), Defaults()
	if got := Changed(&a, &b); len(got) > 0 {
		t.Errorf("of the same: %q", got)
	}
	b.MQTT.Listen, b.MQTT.Sources, b.DataDir = "127.0.0.1:1", []Source{{Topic: "x"}}, "elsewhere"
	if got := Changed(&a, &b); !slices.Equal(got, []string{"data_dir", "mqtt.listen", "mqtt.sources"}) {
		t.Errorf("%q", got)
	}
}
