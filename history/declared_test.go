package history

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

// list is a Reader of records; At 0 is one that cannot be read.
type list []Record

func (l *list) Next() (Record, error) {
	if len(*l) == 0 {
		return Record{}, io.EOF
	}
	rec := (*l)[0]
	*l = (*l)[1:]
	if rec.At == 0 {
		return rec, plant.Errorf(plant.CodeInvalid, "bad")
	}
	return rec, nil
}

func TestWithDeclared(t *testing.T) {
	said := func(at plant.Instant, id string) Record {
		return Record{Kind: Declared, At: at, Plant: id, Declaration: &plant.Declaration{}}
	}
	base := list{{At: 10, Plant: "a"}, {At: 20, Plant: "b"}, {}, {At: 30, Plant: "a"}}
	declared := []Record{said(25, "a"), said(5, "a"), said(6, "a"), said(20, "b"), said(40, "a"), said(7, "silent")}
	for enrolled, want := range map[bool]string{
		false: "[a10 said-a10 said-a10 b20 said-b20 bad said-a25 a30]",
		true:  "[said-a5 said-a6 said-silent7 a10 said-b20 b20 bad said-a25 a30 said-a40]",
	} {
		records := append(list(nil), base...)
		r := WithDeclared(&records, declared, enrolled)
		var got []string
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			switch {
			case err != nil:
				got = append(got, "bad")
			case rec.Kind == Declared:
				got = append(got, fmt.Sprintf("said-%s%d", rec.Plant, rec.At))
			default:
				got = append(got, fmt.Sprintf("%s%d", rec.Plant, rec.At))
			}
		}
		if fmt.Sprint(got) != want {
			t.Errorf("enrolled %v: %v\nwant %s", enrolled, got, want)
		}
	}
	if r := WithDeclared(&base, nil, true); r != Reader(&base) {
		t.Error("without declarations it is not the recording itself")
	}
}
