package rules

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/rules/custom"
)

// fillIn puts something into every field of v.
func fillIn(v reflect.Value, rnd *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillIn(v.Field(i), rnd)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if w, ok := v.Interface().(*custom.Watch); ok { // in CBOR as a whole
			w.Last = 7
			return
		}
		fillIn(v.Elem(), rnd)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+rnd.IntN(5), 5))
		for i := range v.Len() {
			fillIn(v.Index(i), rnd)
		}
	case reflect.String:
		v.SetString(string(rune('a' + rnd.IntN(26))))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(rnd.NormFloat64())
	case reflect.Int64, reflect.Int:
		v.SetInt(int64(rnd.Uint64() | 1))
	case reflect.Uint8:
		v.SetUint(uint64(1 + rnd.IntN(255)))
	case reflect.Uint64:
		v.SetUint(rnd.Uint64() | 1)
	default:
		panic("fillIn: " + v.Type().String())
	}
}

// Each field of a machine's memory is in a snapshot: visit knows it.
func TestSnapshotsHoldEveryFieldOfAMachine(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 200 {
		var want, got memory
		if i > 0 {
			fillIn(reflect.ValueOf(&want).Elem(), rnd)
		}
		packs := fields{}
		want.visit(&packs)
		reads := fields{b: packs.b, reads: true, words: new(words)}
		got.visit(&reads)
		if err := reads.end(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(memory{}), cmpopts.IgnoreUnexported(custom.Watch{})); diff != "" {
			t.Fatalf("-saved +read:\n%s", diff)
		}
		if i == 0 {
			continue
		}
		for n := range packs.b { // no part of it is taken for more than it is
			cutOff := fields{b: packs.b[:n], reads: true, words: new(words)}
			new(memory).visit(&cutOff)
			_ = cutOff.end()
		}
	}
}

// A field that is not known is passed over: a later version wrote it.
func TestUnknownFieldsArePassedOver(t *testing.T) {
	var packs fields
	later, word := int64(7), "later"
	(&memory{Heard: 5}).visit(&packs)
	integer(&packs, 1000, &later)
	text(&packs, 1001, &word)
	var got memory
	reads := fields{b: packs.b, reads: true, words: new(words)}
	got.visit(&reads)
	if err := reads.end(); err != nil || got.Heard != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}
