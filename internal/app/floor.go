package app

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// floor tells the people on the floor: the board, the retained MQTT topics,
// and whoever else listens. It is the worker's audience.
type floor struct {
	board   board
	publish func(topic string, payload []byte)
	decided func([]plant.Transition) // nil ok
	flags   *flagCount
	alerts  *alertCount

	topics map[string][]string // by plant: where it has a retained status
}

// board is the part of the console that is fed.
type board interface {
	Update(views []rules.PlantView)
	Transitions(ts []plant.Transition)
	Shifts(shifts []plant.ShiftFigures)
	Remove(ids ...string)
}

// Changed implements audience. Topics are retained, and the publisher drops
// what it published already.
func (f *floor) Changed(views []rules.PlantView) {
	f.board.Update(views)
	f.flags.changed(views)
	f.alerts.changed(views)
	for i := range views {
		if v := &views[i]; v.Enrolled {
			f.status(v)
		}
	}
}

// Gone implements audience: an empty payload takes a retained status away.
func (f *floor) Gone(ids []string) {
	f.board.Remove(ids...)
	f.flags.gone(ids)
	f.alerts.gone(ids)
	for _, id := range ids {
		for _, topic := range f.topics[id] {
			f.publish(topic, nil)
		}
		delete(f.topics, id)
	}
}

// Decided implements audience.
func (f *floor) Decided(ts []plant.Transition) {
	f.board.Transitions(ts)
	if f.decided != nil {
		f.decided(ts)
	}
}

// Closed implements audience.
func (f *floor) Closed(shifts []plant.ShiftFigures) { f.board.Shifts(shifts) }

// phaseStatus is the payload of heartline/v1/plants/{plant}/phase. Recovery
// is that of the newest closed window; null where it was not evaluated.
type phaseStatus struct {
	Plant    string         `json:"plant"`
	Phase    plant.Phase    `json:"phase"`
	Since    *plant.Instant `json:"since"` // null before the first verdict
	Relapsed bool           `json:"relapsed"`
	Recovery *float64       `json:"recovery"`
	Low      *float64       `json:"recovery_low"`
	High     *float64       `json:"recovery_high"`
}

// lineStatus is the payload of heartline/v1/plants/{plant}/lines/{line}/state.
type lineStatus struct {
	Plant  string          `json:"plant"`
	Line   string          `json:"line"`
	State  plant.LineState `json:"state"`
	Since  *plant.Instant  `json:"since"` // null before the first sample
	Reason string          `json:"reason,omitempty"`
}

// alertsStatus is the payload of heartline/v1/plants/{plant}/alerts: those that
// fire. The topic appears with a plant's first alert. Nobody knows what an earlier
// run left there: one that fires no more is taken away with a plant's first status.
type alertsStatus struct {
	Plant  string            `json:"plant"`
	Alerts []rules.AlertView `json:"alerts"`
}

func (f *floor) status(v *rules.PlantView) {
	base, first := "heartline/v1/plants/"+topicLevel(v.ID), len(f.topics[v.ID]) == 0
	phase := phaseStatus{Plant: v.ID, Phase: v.Phase, Since: ever(v.Since), Relapsed: v.Relapsed}
	if v.Last != nil {
		phase.Recovery, phase.Low, phase.High = v.Last.Recovery, v.Last.RecoveryLow, v.Last.RecoveryHigh
	}
	f.send(v.ID, base+"/phase", phase)
	if topic := base + "/alerts"; len(v.Alerts) > 0 || slices.Contains(f.topics[v.ID], topic) {
		f.send(v.ID, topic, alertsStatus{v.ID, v.Alerts})
	} else if first {
		f.publish(topic, nil)
	}
	for i := range v.Lines {
		l := &v.Lines[i]
		f.send(v.ID, base+"/lines/"+topicLevel(l.ID)+"/state", lineStatus{Plant: v.ID, Line: l.ID, State: l.State, Since: ever(l.Since), Reason: l.Reason})
	}
}

// ever is t, or nil for never.
func ever(t plant.Instant) *plant.Instant {
	if t == 0 {
		return nil
	}
	return &t
}

func (f *floor) send(plantID, topic string, status any) {
	if f.topics == nil {
		f.topics = map[string][]string{}
	}
	if !slices.Contains(f.topics[plantID], topic) {
		f.topics[plantID] = append(f.topics[plantID], topic)
	}
	payload, err := json.Marshal(status)
	if err != nil {
		panic("app: a status cannot fail to marshal: " + err.Error())
	}
	f.publish(topic, payload)
}

// topicLevel is id as a level of a topic: white space, which the embedded
// broker refuses, and the escape itself are percent-encoded.
func topicLevel(id string) string { return topicEscapes.Replace(id) }

var topicEscapes = strings.NewReplacer("%", "%25", " ", "%20", "\t", "%09", "\u00a0", "%C2%A0", "\u3000", "%E3%80%80")
