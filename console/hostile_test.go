package console

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// hostile is a plant whose every text tries to become markup.
func hostile() rules.PlantView {
	const script = `<script>window.hacked=1</script>`
	v := view(`"><img src=x onerror=window.hacked=1>`)
	v.Name = script
	v.Labels = map[string]string{"region": script}
	v.Lines[0].ID = `' onmouseover='window.hacked=1`
	v.Lines[0].Unit = `<img src=x onerror=window.hacked=1>`
	v.Lines[0].State = plant.Stalled
	v.Lines[0].Reason = `"><script>window.hacked=1</script>`
	return v
}
