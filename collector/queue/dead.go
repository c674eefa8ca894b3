package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Put keeps d; it is on disk when Put returns nil. An equal one within ten
// minutes is kept once; of a refused point the time does not count, as it is
// refused again when its frame is read again. What is too large for the
// server is cut, and says so. Safe for concurrent use.
//
// Errors: CodeUnavailable and CodeFull mean that it may be tried again.
func (q *Queue) Put(ctx context.Context, d collector.DeadLetter) error {
	id, err := letterID(d)
	if err != nil {
		return err
	}
	text, err := json.Marshal(q.cut(d))
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "a dead letter cannot be written as JSON: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, q.cfg.Timeout)
	defer cancel()
	m := &nats.Msg{Subject: "dead." + token(d.Reason), Data: text, Header: nats.Header{jetstream.MsgIDHeader: {id}}}
	_, err = q.dead.send(ctx, m)
	return err
}

func letterID(d collector.DeadLetter) (string, error) {
	if d.Point != nil {
		d.At = time.Time{}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "", plant.Errorf(plant.CodeInvalid, "a dead letter cannot be written as JSON: %w", err)
	}
	return fmt.Sprintf("%016x-%d", xxhash.Sum64(text), len(text)), nil
}

// cut shortens a payload that would not go through the server: JSON takes
// four bytes for three.
func (q *Queue) cut(d collector.DeadLetter) collector.DeadLetter {
	room := int(min(q.dead.nc.MaxPayload(), q.cfg.DeadMaxBytes/2)) - 16<<10
	room = max(room/4*3, 0)
	for _, part := range []*[]byte{&d.Payload, &d.Point} {
		if len(*part) > room {
			d.Words += fmt.Sprintf(" (of its %d bytes the first %d are kept)", len(*part), room)
			*part = (*part)[:room]
		}
		room -= len(*part)
	}
	return d
}

// token makes a reason a level of a subject.
func token(reason string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, reason)
	if clean == "" {
		return "other"
	}
	return clean[:min(len(clean), 32)]
}

// Letters returns the dead letters that match, newest first. The caller owns
// them. Safe for concurrent use.
func (q *Queue) Letters(ctx context.Context, query collector.LetterQuery) ([]collector.KeptLetter, error) {
	all := []collector.KeptLetter{}
	err := q.dead.newest(ctx, query.Before, func(m message) bool {
		if k := keptLetter(m); query.Wants(&k) {
			all = append(all, k)
		}
		return query.Limit <= 0 || len(all) < query.Limit
	})
	return all, err
}

// Letter returns the dead letter with this ID; CodeNotFound where it is gone.
// Safe for concurrent use.
func (q *Queue) Letter(ctx context.Context, id uint64) (collector.KeptLetter, error) {
	found, err := q.dead.between(ctx, id, id)
	if err != nil {
		return collector.KeptLetter{}, err
	}
	if len(found) == 0 {
		return collector.KeptLetter{}, plant.Errorf(plant.CodeNotFound, "there is no dead letter %d: it was replayed, or fell out by size or age", id)
	}
	return keptLetter(found[0]), nil
}

func keptLetter(m message) collector.KeptLetter {
	k := collector.KeptLetter{ID: m.seq}
	if err := json.Unmarshal(m.data, &k.DeadLetter); err != nil {
		k.DeadLetter = collector.DeadLetter{At: m.at, Payload: m.data, Reason: "unreadable", Words: "this dead letter itself cannot be read: " + err.Error()}
	}
	return k
}

// Remove gives up the dead letter with this ID; one that is gone already is
// no error. Safe for concurrent use.
func (q *Queue) Remove(ctx context.Context, id uint64) error {
	ctx, cancel := context.WithTimeout(ctx, q.cfg.Timeout)
	defer cancel()
	q.removing.Lock()
	defer q.removing.Unlock()
	err := q.dead.handle.DeleteMsg(ctx, id)
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		return nil
	}
	if err != nil {
		return requestError("stream "+q.dead.name, err)
	}
	q.removed.Add(1)
	text, err := json.Marshal(position{Seq: q.removed.Load()})
	if err != nil {
		return plant.Errorf(plant.CodeInternal, "the number of removed dead letters: %w", err)
	}
	_, err = q.state.send(ctx, &nats.Msg{Subject: q.positionSubject(removedLetters), Data: text})
	return err
}

// removedLetters is where it is noted how many dead letters were removed: they
// did not fall out.
const removedLetters = "removed"
