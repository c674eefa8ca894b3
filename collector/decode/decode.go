package decode

import (
	"fmt"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxDepth is how deep objects and arrays may nest.
	maxDepth = 64
	// maxPath bounds the path of a member: a path is looked up as a whole, and
	// a deep object of long names would have each of its members pay for all.
	maxPath = 2 * collector.MaxFieldName
	// maxSamples bounds what one message may become.
	maxSamples = 10_000
	// MaxFields bounds the fields of a sample.
	MaxFields = 1_000
	// maxAllFields bounds the fields of all samples of a message together.
	maxAllFields = 1 << 18
	// maxFailures bounds the dead letters of one message: each of them keeps
	// the whole payload.
	maxFailures = 8
)

// Decoder reads the messages of every configured source. It implements
// collector.Decoder and is not safe for concurrent use: make one per loop.
type Decoder struct {
	layouts []*layout // by Message.Source
	texts   interner
	json    jsonReader
	line    lineReader
	rows    rowReader
	tag     tagReader

	// The message being read.
	m        *collector.Message
	layout   *layout
	place    placer
	parts    []part
	fields   []plant.Field // of all parts, each a run
	around   []plant.Field // of the message around an array of samples
	named    []byte        // the topic's name of a value
	failures []collector.Failure
	unread   int // failures past maxFailures
}

var _ collector.Decoder = (*Decoder)(nil)

// placer says where in the message the value being read stands.
type placer interface{ where(v value) string }

// New returns a decoder in which profiles[i] reads the messages of source i.
// A profile that Check refuses is a CodeInvalid error.
func New(profiles []*collector.Profile) (*Decoder, error) {
	d := &Decoder{}
	for i, p := range profiles {
		if p == nil {
			return nil, plant.Errorf(plant.CodeInvalid, "source %d has no profile", i)
		}
		if err := p.Check().Err(); err != nil {
			return nil, plant.Errorf(plant.CodeInvalid, "profile %q: %w", p.Name, err)
		}
		d.layouts = append(d.layouts, newLayout(p))
	}
	return d, nil
}

// Decode implements collector.Decoder.
func (d *Decoder) Decode(dst []plant.Sample, m *collector.Message) ([]plant.Sample, []collector.Failure) {
	d.m, d.parts, d.fields, d.around = m, d.parts[:0], d.fields[:0], d.around[:0]
	d.failures, d.unread = d.failures[:0], 0
	if m.Source < 0 || m.Source >= len(d.layouts) {
		d.fail(reasonTopic, fmt.Sprintf("the message belongs to source %d, which is not configured", m.Source))
		return dst, d.failures
	}
	d.layout = d.layouts[m.Source]
	if int64(len(m.Payload)) > d.layout.maxSize {
		d.fail(reasonSize, fmt.Sprintf("the payload is %d bytes long; profile %q allows %d (max_size)",
			len(m.Payload), d.layout.name, d.layout.maxSize))
		return dst, d.failures
	}
	switch d.layout.format {
	case collector.FormatLineProtocol:
		dst = d.readLines(dst)
	case collector.FormatCSV:
		dst = d.readCSV(dst)
	case collector.FormatPairs:
		dst = d.readPairs(dst)
	case collector.FormatValue:
		dst = d.readValue(dst)
	default:
		dst = d.readJSON(dst)
	}
	if d.unread > 0 {
		d.failures[maxFailures-1].Words += fmt.Sprintf("; and %d more parts of this message cannot be read", d.unread)
	}
	return dst, d.failures
}
