package decode

import (
	"bytes"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// A device's clock is believed between these, in seconds since 1970: stamps
// outside are in another unit, or from a clock that was never set.
const (
	firstSecond = 946684800  // 2000-01-01
	lastSecond  = 4102444800 // 2100-01-01
)

var units = [...]struct {
	key, words string
}{plant.Nanosecond: {"ns", "nanoseconds"}, plant.Microsecond: {"us", "microseconds"}, plant.Millisecond: {"ms", "milliseconds"}, plant.Second: {"s", "seconds"}}

func inRange(n int64, u plant.Unit) bool {
	perSecond := int64(time.Second / u.Duration())
	return n >= firstSecond*perSecond && n < lastSecond*perSecond
}

// stamp reads p's time from v.
func (d *Decoder) stamp(p *part, v value) {
	if d.layout.timeText {
		d.stampText(p, v)
		return
	}
	unit := d.layout.timeUnit
	if v.kind != isNumber {
		d.refuse(p, reasonType, v, "the time is %s; profile %q wants a number of %s", v.show(), d.layout.name, units[unit].words)
		return
	}
	n, w := parseInt64(v.text)
	if w == wholeNot {
		d.refuse(p, reasonTime, v, "the time %s is not written as a whole number of %s", v.show(), units[unit].words)
		return
	}
	for i := 0; w == wholeOK && i < len(d.layout.timeOr) && !inRange(n, unit); i++ {
		unit = d.layout.timeOr[i]
	}
	if w == wholeTooLarge || !inRange(n, unit) {
		d.refuse(p, reasonTime, v, "%s %s is no time between 2000 and 2099; %s", v.show(), units[unit].words, d.probable(n, w))
		return
	}
	p.at, p.unit = plant.Instant(n)*plant.Instant(unit.Duration()), unit
}

// probable names the unit a stamp may be in, for a person.
func (d *Decoder) probable(n int64, w whole) string {
	for u := range units {
		if w == wholeOK && inRange(n, plant.Unit(u)) {
			return "it looks like " + units[u].words + ": if it is, set time.unit: " + units[u].key + " in profile \"" + d.layout.name + "\""
		}
	}
	return "is the device's clock set?"
}

// stampText reads RFC 3339. The digits of the fraction are the unit: what
// lies below them the device did not say.
func (d *Decoder) stampText(p *part, v value) {
	if v.kind != isText {
		d.refuse(p, reasonType, v, "the time is %s; profile %q wants a text like \"2026-02-10T08:00:00.123Z\"", v.show(), d.layout.name)
		return
	}
	var t time.Time
	if err := t.UnmarshalText(v.text); err != nil {
		d.refuse(p, reasonTime, v, "%s is no RFC 3339 time with a zone, like 2026-02-10T08:00:00.123Z", v.show())
		return
	}
	digits := 0
	if dot := bytes.IndexAny(v.text, ".,"); dot >= 0 {
		for _, c := range v.text[dot+1:] {
			if c < '0' || c > '9' {
				break
			}
			digits++
		}
	}
	if digits > 9 {
		d.refuse(p, reasonTime, v, "%s is finer than a nanosecond", v.show())
		return
	}
	if !inRange(t.Unix(), plant.Second) {
		d.refuse(p, reasonTime, v, "%s is no time between 2000 and 2099; is the device's clock set?", v.show())
		return
	}
	p.at = plant.InstantOf(t)
	p.unit = [...]plant.Unit{plant.Second, plant.Millisecond, plant.Microsecond, plant.Nanosecond}[(digits+2)/3]
}
