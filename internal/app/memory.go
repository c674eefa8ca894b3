package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/seed-00829101/heartline/collector"
)

const (
	memoryFile  = "memory.json.gz"
	memoryEvery = time.Minute
	memoryLast  = 2 * time.Second
)

// loadMemory reads what the last loop knew. A file that cannot be read costs
// the memory of machines nobody enrolled and of retained messages, no more.
func (a *App) loadMemory() collector.Memory {
	mem, err := readMemory(filepath.Join(a.cfg.DataDir, memoryFile))
	if err != nil {
		a.log.Warn("which retained messages were stored, and which machines nobody enrolled were heard, is not known; "+
			"retained messages without a time may be stored again", "err", err)
	}
	return mem
}

func readMemory(name string) (collector.Memory, error) {
	var mem collector.Memory
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return mem, nil
	}
	if err != nil {
		return mem, err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(zip).Decode(&mem)
	}
	if err != nil {
		return collector.Memory{}, err
	}
	return mem, nil
}

// keepMemory writes the loop's memory every minute, and when ctx ends. Run it
// while the loop runs.
func (a *App) keepMemory(ctx context.Context) error {
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.saveMemory(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), memoryLast)
			defer cancel()
			a.saveMemory(last)
			return ctx.Err()
		}
	}
}

func (a *App) saveMemory(ctx context.Context) {
	mem, err := a.loop.Memory(ctx)
	if err == nil {
		err = writeMemory(filepath.Join(a.cfg.DataDir, memoryFile), mem)
	}
	if err != nil {
		a.log.Warn("the memory of retained messages cannot be saved; some may be stored again", "err", err)
	}
}

// writeMemory makes the file appear at once with its whole content.
func writeMemory(name string, mem collector.Memory) error {
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(f)
	err = errors.Join(json.NewEncoder(zip).Encode(mem), zip.Close(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
