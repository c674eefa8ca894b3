package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// decoding is what `heartline decode` was asked for.
type decoding struct {
	profile, topic, template, output string
}

func newDecode() *cobra.Command {
	d := new(decoding)
	cmd := &cobra.Command{
		Use:   "decode [FILE...]",
		Short: "Show the samples that a profile makes of a payload, or where it fails",
		Long: `Reads payloads, one a file or one from standard input, as a profile reads
them, and shows the samples that come out, or exactly where it fails. Nothing
is stored, and no server is needed.

With --topic alone, the source in heartline.yaml that takes the topic says the
profile; with --profile, that profile is used, built-in or of your own (a name,
or a file ending in .yaml).

Exit status: 0 everything was read, 1 something was not, 2 bad usage or config.`,
		Example: `  heartline decode --profile kepware --template 'kepware/{plant}' --topic kepware/p1 < payload.json
  heartline decode --profile my-gateway.yaml --topic factory/p1/l1/m1/heartbeat payload.json
  mosquitto_sub -C 1 -t 'factory/+/+/+/heartbeat' | heartline decode --output json`,
		RunE: func(cmd *cobra.Command, files []string) error {
			return d.run(cmd.Flags(), files, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.profile, "profile", "", "profile to read by: a name, or a file; default: that of the source that takes --topic")
	f.StringVar(&d.topic, "topic", "factory/p/l/m/heartbeat", "topic the message came on")
	f.StringVar(&d.template, "template", "", "topic template of the source; default: that of the source that takes --topic")
	f.StringVar(&d.output, "output", "text", "text or json")
	config.AddFlags(f)
	return cmd
}

func (d *decoding) run(flags *pflag.FlagSet, files []string, in io.Reader, out, errs io.Writer) error {
	if err := checkOutput(d.output); err != nil {
		return err
	}
	template, profile, err := d.source(flags)
	if err != nil {
		return err
	}
	levels, ok := template.Match(d.topic)
	if template.String() == "" {
		return usageError{fmt.Errorf("no source takes the topic %q; name the topic's template with --template, like 'kepware/{plant}'", d.topic)}
	}
	if !ok {
		return usageError{fmt.Errorf("--topic %q does not match the template %q; name the topic with --topic, or the template with --template", d.topic, template)}
	}
	decoder, err := decode.New([]*collector.Profile{profile})
	if err != nil {
		return err
	}
	show := &shower{out: out, errs: errs, json: d.output == "json"}
	message := collector.Message{Topic: d.topic, Levels: levels, Broker: "decode"}
	if len(files) == 0 {
		if terminal(in) {
			fmt.Fprintln(errs, "reading a payload from standard input; end it with Ctrl-D")
		}
		message.Payload, err = io.ReadAll(in)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		return show.message(decoder, message, "")
	}
	for _, name := range files {
		if message.Payload, err = os.ReadFile(name); err != nil {
			return err
		}
		if err := show.message(decoder, message, name); err != nil {
			return err
		}
	}
	return show.err()
}

// source says by which template and profile the topic is read.
func (d *decoding) source(flags *pflag.FlagSet) (collector.Template, *collector.Profile, error) {
	loaded, err := config.Load(flags, os.Environ())
	if err != nil {
		return collector.Template{}, nil, err
	}
	var template collector.Template
	var profile *collector.Profile
	for i, t := range loaded.Templates {
		if _, ok := t.Match(d.topic); ok {
			template, profile = t, loaded.Profiles[i]
			break
		}
	}
	if d.profile != "" {
		if profile, err = loaded.Profile(d.profile); err != nil {
			return template, nil, err
		}
	}
	if d.template != "" {
		if template, err = collector.ParseTemplate(d.template); err != nil {
			return template, nil, usageError{fmt.Errorf("--template: %w", err)}
		}
	}
	if profile == nil {
		return template, nil, usageError{fmt.Errorf("no source takes the topic %q; name a profile with --profile, and the source's template with --template", d.topic)}
	}
	return template, profile, nil
}

// shower prints what becomes of messages.
type shower struct {
	out, errs      io.Writer
	json           bool
	samples, fails int
}

// shownSample is a sample as it is printed.
type shownSample struct {
	Plant   string         `json:"plant"`
	Line    string         `json:"line"`
	Machine string         `json:"machine"`
	Gateway string         `json:"gateway,omitempty"`
	Time    *plant.Instant `json:"time"` // null: stamped on arrival
	Seq     *uint64        `json:"seq,omitempty"`
	State   string         `json:"state,omitempty"`
	Bad     bool           `json:"bad_quality,omitempty"`
	Delta   bool           `json:"delta,omitempty"`
	Fields  map[string]any `json:"fields"`
}

func (s *shower) message(d *decode.Decoder, m collector.Message, file string) error {
	m.Arrived = time.Now()
	samples, failures := d.Decode(nil, &m)
	s.samples, s.fails = s.samples+len(samples), s.fails+len(failures)
	if s.json {
		doc := struct {
			File     string              `json:"file,omitempty"`
			Samples  []shownSample       `json:"samples"`
			Failures []collector.Failure `json:"failures"`
		}{file, []shownSample{}, append([]collector.Failure{}, failures...)}
		for i := range samples {
			doc.Samples = append(doc.Samples, shown(&samples[i]))
		}
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(doc); err != nil {
			return err
		}
	} else {
		s.text(samples, failures, file)
	}
	if file == "" {
		return s.err()
	}
	return nil
}

// text prints one line per sample and failure.
func (s *shower) text(samples []plant.Sample, failures []collector.Failure, file string) {
	prefix := ""
	if file != "" {
		prefix = file + ": "
	}
	for i := range samples {
		fmt.Fprintln(s.out, prefix+sampleLine(&samples[i]))
	}
	for _, f := range failures {
		fmt.Fprintf(s.errs, "%scannot be read (%s): %s\n", prefix, f.Reason, f.Words)
	}
}

// err says that something could not be read.
func (s *shower) err() error {
	if s.fails == 0 {
		return nil
	}
	return fmt.Errorf("%d samples were read; %d parts were not, and would become dead letters", s.samples, s.fails)
}

func shown(s *plant.Sample) shownSample {
	out := shownSample{
		Plant: s.Plant, Line: s.Line, Machine: s.Machine, Gateway: s.Gateway, State: s.State,
		Bad: s.Flags.Has(plant.BadQuality), Delta: s.Flags.Has(plant.Delta), Fields: map[string]any{},
	}
	if !s.Flags.Has(plant.NoDeviceTime) {
		out.Time = &s.Stamp
	}
	if s.HasSeq {
		out.Seq = &s.Seq
	}
	for _, f := range s.Fields {
		out.Fields[f.Name] = fieldValue(f)
	}
	return out
}

func fieldValue(f plant.Field) any {
	switch f.Kind {
	case plant.Int:
		return f.Int
	case plant.String:
		return f.Str
	case plant.Bool:
		return f.Bool
	}
	return f.Float
}

// sampleLine shows a sample in one line, whatever its texts hold.
func sampleLine(s *plant.Sample) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s/%s", s.Plant, s.Line, s.Machine)
	if s.Flags.Has(plant.NoDeviceTime) {
		b.WriteString("  on arrival")
	} else {
		b.WriteString("  " + s.Stamp.String())
	}
	if s.Gateway != "" {
		fmt.Fprintf(&b, "  gateway %q", s.Gateway)
	}
	if s.HasSeq {
		fmt.Fprintf(&b, "  seq %d", s.Seq)
	}
	if s.State != "" {
		fmt.Fprintf(&b, "  state %q", s.State)
	}
	if s.Flags.Has(plant.BadQuality) {
		b.WriteString("  bad quality")
	}
	for _, f := range s.Fields {
		switch {
		case f.Kind == plant.Int && s.Flags.Has(plant.Delta):
			fmt.Fprintf(&b, "  %s=+%d (counter)", f.Name, f.Int)
		case f.Kind == plant.Int:
			fmt.Fprintf(&b, "  %s=%d (counter)", f.Name, f.Int)
		case f.Kind == plant.String:
			fmt.Fprintf(&b, "  %s=%q", f.Name, f.Str)
		default:
			fmt.Fprintf(&b, "  %s=%v", f.Name, fieldValue(f))
		}
	}
	return b.String()
}
