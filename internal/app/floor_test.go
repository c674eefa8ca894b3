package app

import (
	"slices"
	"testing"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// recordedBoard remembers what it was told.
type recordedBoard struct{ removed []string }

func (b *recordedBoard) Update([]rules.PlantView)       {}
func (b *recordedBoard) Transitions([]plant.Transition) {}
func (b *recordedBoard) Shifts([]plant.ShiftFigures)    {}
func (b *recordedBoard) Remove(ids ...string)           { b.removed = append(b.removed, ids...) }

// A plant that leaves the registry leaves the board, and its retained topics
// are taken away.
func TestPlantsThatAreGoneLeaveBoardAndTopics(t *testing.T) {
	board, topics := &recordedBoard{}, map[string]string{"heartline/v1/plants/a%20b/alerts": "of an earlier run, which was killed"}
	f := &floor{board: board, publish: func(topic string, payload []byte) { topics[topic] = string(payload) }, flags: &flagCount{}, alerts: &alertCount{}}
	f.Changed([]rules.PlantView{
		{ID: "a b", Enrolled: true, Lines: []rules.LineView{{ID: "l%"}}},
		{ID: "stranger"},
	})
	want := map[string]string{
		"heartline/v1/plants/a%20b/phase":            `{"plant":"a b","phase":"unknown","since":null,"relapsed":false,"recovery":null,"recovery_low":null,"recovery_high":null}`,
		"heartline/v1/plants/a%20b/lines/l%25/state": `{"plant":"a b","line":"l%","state":"unknown","since":null}`,
		"heartline/v1/plants/a%20b/alerts":           "",
	}
	for topic, payload := range want {
		if topics[topic] != payload {
			t.Errorf("%s says %s, want %s", topic, topics[topic], payload)
		}
	}
	if len(topics) != len(want) {
		t.Errorf("published %v", topics)
	}
	alert := rules.AlertView{Plant: "a b", At: 1e15, Since: 1e15, Alert: plant.Alert{Rule: "hot", Severity: "warning"}}
	f.Changed([]rules.PlantView{{ID: "a b", Enrolled: true, Alerts: []rules.AlertView{alert}}})
	if got := topics["heartline/v1/plants/a%20b/alerts"]; got != `{"plant":"a b","alerts":[{"plant":"a b","at":"1970-01-12T13:46:40.000Z","since":"1970-01-12T13:46:40.000Z","rule":"hot","severity":"warning"}]}` {
		t.Errorf("the topic of alerts says %s", got)
	}
	f.Changed([]rules.PlantView{{ID: "a b", Enrolled: true, Alerts: []rules.AlertView{}}})
	if got := topics["heartline/v1/plants/a%20b/alerts"]; got != `{"plant":"a b","alerts":[]}` {
		t.Errorf("after the alert the topic says %s", got)
	}
	f.Gone([]string{"a b"})
	for topic := range want {
		if topics[topic] != "" {
			t.Errorf("%s is still %s", topic, topics[topic])
		}
	}
	if !slices.Equal(board.removed, []string{"a b"}) {
		t.Errorf("the board was told to remove %v", board.removed)
	}
}
