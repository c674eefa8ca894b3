package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-00829101/heartline/plant"
)

// Addresses is where everything answers. It is written to addresses.json in
// the data directory while it is true.
type Addresses struct {
	MQTT     string `json:"mqtt"`
	InfluxDB string `json:"influxdb"`
	HTTP     string `json:"http"`
}

const addressesFile = "addresses.json"

// write makes the file appear at once with its whole content.
func (a Addresses) write(dir string) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, addressesFile)
	if err := os.WriteFile(name+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// ReadAddresses returns where the Heartline that runs on dir answers; an error
// where none does.
func ReadAddresses(dir string) (Addresses, error) {
	var a Addresses
	text, err := os.ReadFile(filepath.Join(dir, addressesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return a, plant.Errorf(plant.CodeUnavailable, "no Heartline runs on %s", filepath.Clean(dir))
	}
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	return a, err
}

// removeAddresses says that nothing answers any more.
func removeAddresses(dir string) error {
	err := os.Remove(filepath.Join(dir, addressesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
