package fleet

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// frames feeds a Live and keeps what it says of the whole fleet.
type frames struct {
	live *Live
	def  *rules.Definition
	told []string
}

func newFrames(def *rules.Definition) *frames {
	return &frames{live: NewLive(rules.NewState(nil)), def: def}
}

func (f *frames) at(at plant.Instant, ts []plant.Transition, ws []rules.Window) {
	for _, r := range f.live.Frame(f.def, at, ts, ws) {
		if r.Segment == plant.SegmentAll {
			f.told = append(f.told, fmt.Sprintf("%s %s %d/%d", r.At.Time().Format("02 15:04:05"), r.Basis, r.Resumed, r.Eligible))
		}
	}
}

func (f *frames) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(f.told, want) {
		t.Errorf("got\n%s\nwant\n%s", joined(f.told), joined(want))
	}
	f.told = nil
}

func joined(lines []string) (out string) {
	for _, l := range lines {
		out += "  " + l + "\n"
	}
	return out
}

func TestFiguresAreToldAtChangesAndDaily(t *testing.T) {
	f := newFrames(definition("a", "b"))
	noon := monday.Add(12 * time.Hour)
	f.at(noon, nil, nil)
	f.want(t, "02 12:00:00 first 0/2") // the registry is new
	f.at(noon.Add(time.Minute), nil, nil)
	f.want(t)
	f.at(monday.Add(day), nil, nil)
	f.want(t, "03 00:00:00 first 0/2")
	// The day's windows close one after the other: told again, a pace later.
	end := monday.Add(day)
	f.at(end.Add(2*time.Second), change("a", end, plant.Resumed), window("a", end, 1, 1))
	f.want(t)
	f.at(end.Add(12*time.Second), nil, nil)
	f.want(t, "03 00:00:00 first 1/2")
}

func TestWhatIsKnownLaterOfADayIsOfBasisNow(t *testing.T) {
	f := newFrames(definition("a", "b"))
	end := monday.Add(day)
	f.at(monday.Add(time.Hour), nil, nil)
	f.at(end, change("a", end, plant.Resumed), window("a", end, 1, 1))
	f.at(end.Add(time.Hour), nil, nil)
	f.at(end.Add(day), nil, nil)
	f.want(t, "02 01:00:00 first 0/2", "03 00:00:00 first 1/2", "04 00:00:00 first 1/2")
	// b's backlog drains two days later: both days' ends are revised.
	f.at(end.Add(day+3*time.Hour), change("b", end, plant.Resumed), window("b", end, 1, 1))
	f.want(t, "03 00:00:00 now 2/2", "04 00:00:00 now 2/2")
	// What says nothing new is not told again.
	f.at(end.Add(day+4*time.Hour), nil, window("b", end, 1, 1))
	f.want(t)
	// A change that nobody knew of is reported for the first time, however late.
	f.at(end.Add(day+5*time.Hour), change("a", end.Add(7*time.Hour), plant.Stopped), nil)
	f.want(t, "03 07:00:00 first 1/2", "04 00:00:00 now 1/2")
}

func TestARegistryThatChangesIsAnInstant(t *testing.T) {
	f := newFrames(definition("a"))
	f.at(monday.Add(time.Hour), change("a", monday.Add(time.Hour), plant.Resumed), nil)
	more := definition("a", "b")
	more.Version, f.def = "v2", more
	f.def = more
	f.at(monday.Add(2*time.Hour), nil, nil)
	f.want(t, "02 01:00:00 first 1/1", "02 02:00:00 first 1/2")
	now := f.live.Now()
	if len(now) != 1 || now[0].Definition != "v2" || now[0].Eligible != 2 {
		t.Errorf("now: %+v", now)
	}
}

// What is written follows from the frames: a server that is killed anywhere
// and goes on from its last snapshot says the same.
func TestRestartsChangeNothing(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		ids := []string{"a", "b", "c", "d"}
		straight, broken := newFrames(definition(ids...)), newFrames(definition(ids...))
		at := monday
		type frame struct {
			at plant.Instant
			ts []plant.Transition
			ws []rules.Window
		}
		var all []frame
		for range 400 {
			at = at.Add(time.Duration(random.IntN(3*3600)) * time.Second)
			x := frame{at: at}
			if random.IntN(3) == 0 {
				id, back := ids[random.IntN(len(ids))], time.Duration(random.IntN(30))*time.Hour
				x.ts = change(id, at.Add(-back), plant.Phase(random.IntN(6)))
			}
			if random.IntN(2) == 0 {
				end := at - at%plant.Instant(day)
				x.ws = window(ids[random.IntN(len(ids))], end, random.Float64(), random.Float64())
			}
			all = append(all, x)
		}
		for _, x := range all {
			straight.at(x.at, x.ts, x.ws)
		}
		saved, from, told := []byte(nil), 0, 0
		for i := 0; i < len(all); i++ {
			broken.at(all[i].at, all[i].ts, all[i].ws)
			switch random.IntN(10) {
			case 0:
				var err error
				if saved, err = broken.live.Marshal(); err != nil {
					t.Fatal(err)
				}
				from, told = i+1, len(broken.told)
			case 1:
				if saved == nil {
					continue
				}
				state := rules.NewState(broken.def)
				live, err := Unmarshal(saved, state)
				if err != nil {
					t.Fatal(err)
				}
				broken.live, broken.told, i = live, broken.told[:told], from-1
			}
			if i > 0 && random.IntN(200) == 0 {
				saved = nil // no endless round
			}
		}
		if !slices.Equal(straight.told, broken.told) {
			t.Fatalf("seed %d: with restarts\n%swithout\n%s", seed, joined(broken.told), joined(straight.told))
		}
	}
}

func TestALongLifeIsForgotten(t *testing.T) {
	f := newFrames(definition("a"))
	for i := range 100 * 96 {
		at := monday.Add(time.Duration(i) * 15 * time.Minute)
		w := window("a", at, float64(i%96), 1)
		w[0].Verdict.From = at.Add(-15 * time.Minute)
		f.at(at, nil, w)
	}
	m := f.live.plants["a"]
	if n := len(m.Windows); n != keepWindows+keepDays {
		t.Errorf("%d windows are remembered, want %d", n, keepWindows+keepDays)
	}
	if n := len(f.live.Instants); n > keepDays+2 {
		t.Errorf("%d instants are remembered", n)
	}
	// The last window of a day ends with it.
	last := monday.Add(99 * day)
	if r := figures(t, f.live.Fleet, last)[0].Recovery; r == nil || *r != 0 {
		t.Errorf("recovery at the end of a day long ago: %v", r)
	}
	if _, err := f.live.Figures(monday); plant.CodeOf(err) != plant.CodeNotFound {
		t.Errorf("what is forgotten: %v", err)
	}
}

// A backlog of weeks changes many days at once: each frame tells some of them.
func TestManyDaysAreToldFrameByFrame(t *testing.T) {
	var ids []string
	for i := range atOnce/4 + 1 {
		ids = append(ids, fmt.Sprint(i))
	}
	f := newFrames(definition(ids...))
	at := monday
	for range 10 {
		f.at(at, nil, nil)
		at = at.Add(day)
	}
	f.told = nil
	f.at(at.Add(time.Hour), change("0", monday.Add(time.Hour), plant.Resumed), nil)
	if n := len(f.told); n != 3 {
		t.Errorf("the first frame tells %d instants, want 3: %q", n, f.told)
	}
	for i := range 5 {
		f.at(at.Add(time.Hour+time.Duration(i+1)*time.Second), nil, nil)
	}
	seen := map[string]bool{}
	for _, line := range f.told {
		if seen[line] {
			t.Errorf("told twice: %s", line)
		}
		seen[line] = true
	}
	if len(f.told) != 11 { // the change itself, and ten ends of days
		t.Errorf("told %d instants, want 11:\n%s", len(f.told), joined(f.told))
	}
}
