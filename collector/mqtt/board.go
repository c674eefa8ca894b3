package mqtt

import (
	"bytes"
	"container/list"
	"log/slog"
	"sync"
)

// maxStatus is how many status topics are kept.
const maxStatus = 1 << 18

// value is the newest value of one status topic.
type value struct {
	topic   string
	payload []byte
	version uint64 // counts puts, from 1
}

// board keeps the newest value of every status topic, oldest change first.
type board struct {
	log *slog.Logger

	mu      sync.Mutex // guards all below: written by publishers, read by links
	version uint64
	values  *list.List // of value
	byTopic map[string]*list.Element
	full    bool
}

func newBoard(log *slog.Logger) *board {
	return &board{log: log, values: list.New(), byTopic: map[string]*list.Element{}}
}

func (b *board) put(topic string, payload []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.byTopic[topic]
	if old == nil && len(b.byTopic) >= maxStatus {
		if !b.full {
			b.full = true
			b.log.Error("a status topic is not published: there are too many", "topic", topic, "limit", maxStatus)
		}
		return
	}
	if old != nil {
		if bytes.Equal(old.Value.(value).payload, payload) {
			return // brokers have it, or get it
		}
		b.values.Remove(old)
	}
	b.version++
	b.byTopic[topic] = b.values.PushBack(value{topic, bytes.Clone(payload), b.version})
}

// since returns the values that changed after version, oldest change first.
func (b *board) since(version uint64) []value {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.values.Back()
	if e == nil || e.Value.(value).version <= version {
		return nil
	}
	for e.Prev() != nil && e.Prev().Value.(value).version > version {
		e = e.Prev()
	}
	var out []value
	for ; e != nil; e = e.Next() {
		out = append(out, e.Value.(value))
	}
	return out
}
