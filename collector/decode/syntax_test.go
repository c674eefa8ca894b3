package decode

import (
	"strings"
	"testing"
)

// notJSON is what RFC 8259 does not allow, by kind of mistake. Each is put as
// a whole message, and as the value of a member.
var notJSON = []string{
	// arrays
	`[1 true]`, `[1,`, `[1,]`, `[1,,2]`, `[,1]`, `[,]`, `[`, `]`, `[1]]`, `[""`, `["x"`, `["",`, `[1:2]`, `["a":1]`, `[3[4]]`, `[[]`, `[x`, "[1,\n1\n,1", `[{}`, `[*]`, `[<null>]`,
	"[\va]", "[\f]", "[\u2060]", "[\"\t\"]", "[\"\n\"]", "[\"a\x00a\"]", "\u00a0[]", "[][]", `[]{}`, `[1]x`, `[1]#`,
	// objects
	`{`, `}`, `{}}`, `{"a"}`, `{"a":}`, `{"a":"b",}`, `{"a":"b",,"c":1}`, `{,"a":1}`, `{a:1}`, `{'a':1}`, `{1:1}`, `{null:1}`, `{"a",1}`, `{"a" 1}`, `{"a"::1}`, `{"a":1 "b":2}`, `{"a":/**/1}`,
	`{"a":1}//`, `{"a":1}/**/`, `{"a":1}#`, `{"a":1}}`, `{"a":1`, `{"a":`, `{"a"`, `{"a`, `{"a":1}{}`, `{[1]:2}`, `{{"a":1}:2}`, `{"x":1;"y":2}`, `{"a":"a" 123}`, "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", `{"\uD800":1}`,
	// numbers
	`+1`, `-`, `--1`, `-x`, `01`, `-01`, `-012`, `00`, `.5`, `-.5`, `1.`, `-2.`, `2.e3`, `2.e-3`, `.2e-3`, `0.e1`, `0.3e`, `0.3e+`, `0e`, `0e+`, `1e`, `1e+`, `1e-`, `1eE2`, `1.0e+`, `1e1.5`, `0x1`, `0x42`, `1_000`, `1 000`, `1,000`, `NaN`, `nan`, `-NaN`, `Inf`, `Infinity`, `-Infinity`, `+Inf`, `1+2`, `1a`, `1.2.3`, "\uff11", `0.1.2`, `1ea`, `.123`, `-foo`, `1.8011670033376514H-308`,
	// words
	`nul`, `nulll`, `NULL`, `True`, `TRUE`, `tru`, `truth`, `fals`, `False`, `undefined`, `a`, `å`, `*`, `<.>`, `é`, `_`,
	// texts
	`"`, `"a`, `'a'`, `"\`, `"\"`, `"\x00"`, `"\a"`, `"\'"`, `"\u"`, `"\u1"`, `"\u12"`, `"\u123"`, `"\u00A"`, `"\u123x"`, `"\U0041"`, `"\uD834\uDd"`, `"\uD800\u1"`, `"\uD800\"`, `"\{a"`, `"\🌀"`, `"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, "\"a\tb\"", "\"a\nb\"", "\"a\rb\"", "\"\x00\"", "\"\x1f\"", `"a" b`, `"a"x`, `a"b"`, `"\\\"`, "`a`", `“a”`,
	// bytes
	"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\x80\"", "\xff", "\xef\xbb\xbf{}", "\xef\xbb", "\xe5", "\xff\xfe{\x00}\x00", "\x00", "\"\\u\xe5\"", "\"\\\xe5\"", "-\xe5", "1\xe5", "1e1\xe5", "0\xe5", "\"a\xe5\"", "{\"\xb9\":\"0\"}",
	// structure
	`,`, `:`, `;`, `\`, "\f", "\v", "\u2028", `{"a":true]`, `[1}`, `{]`, `[}`, `/* */ 1`, `1 /* */`, `//`, `<`, "{}\x00", "1\x00", "{}\xff", "\u2060", `["asd]`, `[{"a":[{"b":`, `{"a":[}`, `["\`, `[\n]`, `[\u000A""]`, `[1\u000A]`,
}

func TestRefusesWhatIsNotJSON(t *testing.T) {
	d := newDecoder(t, shipped(t, "json"))
	p := shipped(t, "json")
	p.Exclude = []string{"v"}
	skipping := newDecoder(t, p)
	for _, bad := range notJSON {
		for _, tc := range []struct {
			d       *Decoder
			payload string
		}{{d, bad}, {d, `{"v":` + bad + `}`}, {skipping, `{"v":` + bad + `}`}, {d, `{"good":1,"v":[` + bad + `]}`}, {d, `{"v":1} ` + bad}} {
			samples, failures := tc.d.Decode(nil, message(tc.payload))
			switch {
			case len(samples) > 0 || len(failures) != 1:
				t.Errorf("%q: %d samples, failures %v", tc.payload, len(samples), failures)
			case failures[0].Reason != reasonSyntax && failures[0].Reason != reasonUTF8 && failures[0].Reason != reasonDepth:
				t.Errorf("%q: %+v, want a failure of syntax", tc.payload, failures[0])
			case !strings.HasPrefix(failures[0].Words, "at byte "):
				t.Errorf("%q: %q names no place", tc.payload, failures[0].Words)
			}
		}
	}
}

// every truncation of a good message is refused.
func TestRefusesTruncations(t *testing.T) {
	d := newDecoder(t, shipped(t, "json"))
	const whole = `{"ts":1700000000123,"seq":42,"state":"a\u00e4ä","good":1017,"o":{"x":-1.5e3,"y":null},"b":true}`
	for i := range len(whole) {
		samples, failures := d.Decode(nil, message(whole[:i]))
		if len(samples) != 0 || len(failures) != 1 {
			t.Errorf("%q: %d samples, failures %v", whole[:i], len(samples), failures)
		}
	}
	if samples, failures := d.Decode(nil, message(whole)); len(samples) != 1 || len(failures) != 0 {
		t.Error(failures)
	}
}
