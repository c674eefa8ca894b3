package collector

import "github.com/seed-00829101/heartline/plant"

// Profile says how to read the messages of one kind of gateway. It is data: a
// user writes one for a gateway that nobody here has met. Read it strictly
// (an unknown key is a mistake), then Check it; WithDefaults fills in the rest.
//
// A path names a member of a JSON message: `good`, or `values.good` inside an
// object. In line protocol it is the name of a field or tag. A member that no
// key of the profile speaks of becomes a field under its path, in JSON with
// dots written as underscores (values_good): numbers as readings (float),
// texts as strings, booleans as booleans; null is absent.
type Profile struct {
	// Name is what sources call the profile by.
	Name string `yaml:"name" json:"name"`
	// Format is json, line-protocol, csv, pairs or value.
	Format string `yaml:"format" json:"format"`
	// MaxSize is the largest payload that is read; default 1MiB.
	MaxSize plant.Size `yaml:"max_size" json:"max_size,omitempty"`

	// Time is where the device's own time stamp stands.
	Time ProfileTime `yaml:"time" json:"time"`
	// Seq is the path of the device's sequence number, a whole number from
	// 0; default seq, - for none. Unused where the message has no such member.
	Seq string `yaml:"seq" json:"seq,omitempty"`
	// State is the path of the machine's own word for what it does, a text;
	// default state, - for none.
	State string `yaml:"state" json:"state,omitempty"`
	// Quality says which samples must not be used for output; default: all may.
	Quality ProfileQuality `yaml:"quality" json:"quality"`
	// Counters lists what counts output; default good and scrap, as totals.
	// They are whole numbers and kept exactly. An empty list: none.
	Counters []ProfileCounter `yaml:"counters" json:"counters"`

	// Plant, Line, Machine and Gateway are paths (in line protocol: tags)
	// of ids inside the message, for what the topic does not name; default
	// none. An id that stands in both must be the same in both.
	Plant   string `yaml:"plant" json:"plant,omitempty"`
	Line    string `yaml:"line" json:"line,omitempty"`
	Machine string `yaml:"machine" json:"machine,omitempty"`
	Gateway string `yaml:"gateway" json:"gateway,omitempty"`

	// Samples is the path of an array whose elements are samples, `$` where
	// the whole message is one; default none: a message is one sample. The
	// other paths are then looked for in each element, and what it lacks is
	// taken from the message around the array. JSON only.
	Samples string `yaml:"samples" json:"samples,omitempty"`
	// Single, with Samples: $, takes a message that is one object as one
	// sample. JSON only.
	Single       bool `yaml:"single" json:"single,omitempty"`
	ProfileShape `yaml:",inline"`
	// Measurements lists the measurements that are accepted; default all.
	// Line protocol only.
	Measurements []string `yaml:"measurements" json:"measurements,omitempty"`

	// Include, where it is not empty, keeps only these paths as fields
	// (besides the counters); an object's path keeps all that is in it.
	Include []string `yaml:"include" json:"include,omitempty"`
	// Exclude drops these paths; an object's or array's path drops all that
	// is in it. It goes before Include.
	Exclude []string `yaml:"exclude" json:"exclude,omitempty"`
	// Rename gives fields another name than their path.
	Rename []ProfileRename `yaml:"rename" json:"rename,omitempty"`
}

// ProfileTime says where a sample's time stands and how it is written. A
// sample without one is stamped with its arrival.
type ProfileTime struct {
	// Field is a path; default ts, - for none. Line protocol has its own
	// place for it and takes no Field.
	Field string `yaml:"field" json:"field,omitempty"`
	// Unit is s, ms, us, ns (whole numbers since 1970) or rfc3339 (a text);
	// default ms, in line protocol ns. It is never guessed: a stamp outside
	// 2000 to 2099 is refused.
	Unit string `yaml:"unit" json:"unit,omitempty"`
	// Or lists other units (s, ms, us, ns) that stamps may be in: the one in
	// which a stamp lies between 2000 and 2099. There is never more than one.
	Or []string `yaml:"or" json:"or,omitempty"`
}

// ProfileQuality says where a sample's quality stands and what is good.
type ProfileQuality struct {
	// Field is a path; empty for none.
	Field string `yaml:"field" json:"field,omitempty"`
	// Good lists the values that are good, as written in the message: GOOD,
	// "192", "true", or a range of whole numbers, 192..255. Any other value
	// is bad; an absent one is good. With Value, the quality is that value's
	// alone, as with ProfileTags.Good.
	Good []string `yaml:"good" json:"good,omitempty"`
}

// ProfileCounter declares one counter. All counters of a profile have the
// same kind and scale.
type ProfileCounter struct {
	// Field is the counter's path.
	Field string `yaml:"field" json:"field"`
	// Kind is total (since some start; default) or delta (since the last
	// message).
	Kind string `yaml:"kind" json:"kind,omitempty"`
	// Scale is how many units of output one count is; default 1.
	Scale float64 `yaml:"scale" json:"scale,omitempty"`
	// Decimal allows fractions; the counter is then kept as a float.
	Decimal bool `yaml:"decimal" json:"decimal,omitempty"`
}

// ProfileRename names the field that a path becomes.
type ProfileRename struct {
	From string `yaml:"from" json:"from"`
	To   string `yaml:"to" json:"to"`
}

// The formats of a profile.
const (
	FormatJSON         = "json"
	FormatLineProtocol = "line-protocol"
	FormatCSV          = "csv"   // rows of cells
	FormatPairs        = "pairs" // lines of time|name|value|name|value
	FormatValue        = "value" // one bare value, named by the topic
)

const (
	// NoField, as a path, says that messages have no such member.
	NoField = "-"
	// RootSamples, as Samples, says that the whole message is the array.
	RootSamples = "$"
	// UnitRFC3339, as a time's unit, says that it is a text.
	UnitRFC3339 = "rfc3339"
	// DefaultMaxSize is the largest payload that is read.
	DefaultMaxSize plant.Size = 1 << 20
)

// WithDefaults returns p with everything unset filled in. It shares p's lists.
func (p Profile) WithDefaults() Profile {
	set := func(at *string, value string) {
		if *at == "" {
			*at = value
		}
	}
	if p.MaxSize == 0 {
		p.MaxSize = DefaultMaxSize
	}
	switch p.Format {
	case FormatLineProtocol:
		set(&p.Time.Unit, "ns")
	case FormatValue:
		set(&p.Time.Field, NoField)
		set(&p.Time.Unit, "ms")
	default:
		set(&p.Time.Field, "ts")
		set(&p.Time.Unit, "ms")
	}
	p.ProfileShape = p.shapeWithDefaults()
	set(&p.Seq, FieldSeq)
	set(&p.State, FieldState)
	if p.Counters == nil {
		p.Counters = []ProfileCounter{{Field: "good"}, {Field: "scrap"}}
	}
	return p
}
