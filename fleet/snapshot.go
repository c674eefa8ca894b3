package fleet

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// snapshotVersion is the version of the snapshot's format.
const snapshotVersion = 1

type snapshot struct {
	Version int
	Newest  plant.Instant
	Since   plant.Instant
	Memory  liveMemory
	Courses map[string]*course
}

// Marshal writes what is remembered.
func (l *Live) Marshal() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := snapshot{Version: snapshotVersion, Newest: l.newest, Since: l.since, Memory: l.liveMemory, Courses: map[string]*course{}}
	for _, m := range l.order {
		out.Courses[m.conf.ID] = m.course
	}
	var buf bytes.Buffer
	err := gob.NewEncoder(&buf).Encode(&out)
	return buf.Bytes(), err
}

// Unmarshal reads what Marshal wrote, for the state of the rules of that
// moment. Damage is a CodeDamaged error.
func Unmarshal(data []byte, state *rules.State) (*Live, error) {
	var in snapshot
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&in); err != nil {
		return nil, plant.Errorf(plant.CodeDamaged, "the snapshot of the fleet's figures cannot be read: %w", err)
	}
	if in.Version != snapshotVersion {
		return nil, plant.Errorf(plant.CodeDamaged, "the snapshot of the fleet's figures has format version %d; this Heartline reads version %d", in.Version, snapshotVersion)
	}
	l := &Live{Fleet: &Fleet{forgets: true, since: in.Since}, newest: in.Newest, liveMemory: in.Memory}
	for id, c := range in.Courses {
		l.order = append(l.order, &member{course: c, conf: &plant.Plant{ID: id}})
	}
	l.adopt(state.Definition(), in.Newest)
	return l, nil
}

func write(w io.Writer, values ...any) {
	for _, v := range values {
		if f, ok := v.(*float64); ok {
			v = "none"
			if f != nil {
				v = *f
			}
		}
		_, _ = fmt.Fprintln(w, v) // a hash takes everything
	}
}
