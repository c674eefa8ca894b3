package config

import (
	"os"
	"testing"
)

func TestX(t *testing.T) {
	for _, c := range []string{"../../configs/heartline.yaml", "../../configs/demo/heartline.yaml", "nothing"} {
		l, err := Load(nil, []string{"HEARTLINE_CONFIG=" + c})
		if err != nil {
			t.Log(err)
			continue
		}
		for _, w := range l.Warnings {
			t.Log("warning:", w)
		}
		l.Describe(os.Stdout)
	}
	l, err := Load(nil, nil)
	t.Log(err)
	l.Describe(os.Stdout)
}
