package collector_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// A control record that cannot be read costs itself, not what is behind it.
func TestAControlRecordThatCannotBeReadIsSkippedAlone(t *testing.T) {
	var b collector.FrameBuilder
	b.AddPoint([]byte("heartbeat,plant=p good=1i 1"), "factory")
	if err := b.AddControl(collector.Control{Kind: collector.ControlListening}); err != nil {
		t.Fatal(err)
	}
	b.AddPoint([]byte("heartbeat,plant=p good=2i 2"), "factory")
	data := bytes.Replace(b.Seal(1), []byte(`{"kind":"listening"}`), []byte(`{"kind":"listening",`), 1)
	binary.BigEndian.PutUint64(data[len(data)-8:], xxhash.Sum64(data[:len(data)-8]))
	f, err := collector.ReadFrame(data)
	if err != nil {
		t.Fatal(err)
	}
	points, damaged := 0, 0
	for rec, err := range f.Records() {
		switch {
		case plant.CodeOf(err) == plant.CodeDamaged:
			damaged++
		case err != nil:
			t.Fatal(err)
		case rec.StoreOnly:
			points++
		}
	}
	if points != 2 || damaged != 1 {
		t.Errorf("%d points and %d damaged records, want 2 and 1", points, damaged)
	}
	var l collector.Ledger
	if err := l.Count(data); plant.CodeOf(err) != plant.CodeDamaged {
		t.Errorf("the ledger's error is %v", err)
	}
	if got := l.Tally(collector.Account{Plant: "p", Source: "factory"}).Received; got != 2 {
		t.Errorf("the ledger counts %d, want 2", got)
	}
}

// What would not read back never gets into a frame.
func TestAControlRecordThatWouldNotReadBackIsRefused(t *testing.T) {
	var b collector.FrameBuilder
	err := b.AddControl(collector.Control{Kind: collector.ControlImport, Import: &collector.Import{ID: "a", Interval: -1}})
	if plant.CodeOf(err) != plant.CodeInvalid || b.Len() != 0 {
		t.Errorf("%v, %d records; want a refusal and none", err, b.Len())
	}
}
