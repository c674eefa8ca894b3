package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// maxPostings bounds what an unpacked ledger may be, in bytes.
const maxPostings = 256 << 20

// packPostings returns ps as gzipped JSON; nil where there are none.
func packPostings(ps []collector.Posting) ([]byte, error) {
	if len(ps) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed) // fails for unknown levels only
	if err := errors.Join(json.NewEncoder(zip).Encode(ps), zip.Close()); err != nil {
		return nil, plant.Errorf(plant.CodeInternal, "the ledger cannot be packed: %w", err)
	}
	return out.Bytes(), nil
}

func unpackPostings(packed []byte) ([]collector.Posting, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var ps []collector.Posting
	err = json.NewDecoder(io.LimitReader(zip, maxPostings)).Decode(&ps)
	return ps, err
}
