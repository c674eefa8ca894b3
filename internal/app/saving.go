package app

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// piecesAtOnce is how many pieces of a snapshot are made after a frame, and wait
// to be written: what takes some 20 ms.
const piecesAtOnce = 16

// saving is a snapshot that is put together while the rules go on. The worker
// makes pieces between two frames, a goroutine of its own writes them.
type saving struct {
	seq    uint64 // that it includes
	state  *rules.Saving
	ahead  []byte      // a piece that found no room
	pieces chan []byte // closed after the last
	made   bool        // all pieces are
	cancel context.CancelFunc
	ended  chan written // capacity 1

	making time.Duration // spent by the worker
}

// written is how the writing went.
type written struct {
	bytes int64
	took  time.Duration // without waiting for pieces
	err   error
}

var errGivenUp = errors.New("given up")

// beginSaving begins a snapshot of state and live. It ends by itself, or by
// giveUp; either must be waited for. That ctx ends does not end it.
func beginSaving(ctx context.Context, q frames, state *rules.State, live *fleet.Live) (*saving, error) {
	began := time.Now()
	head, err := snapshotHead(live)
	if err != nil {
		return nil, err
	}
	s := &saving{seq: state.Seq(), pieces: make(chan []byte, piecesAtOnce), ended: make(chan written, 1), ahead: head}
	if s.state, err = state.Save(); err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() { s.ended <- s.write(ctx, q) }()
	s.making = time.Since(began)
	return s, nil
}

func (s *saving) write(ctx context.Context, q frames) (out written) {
	began := time.Now()
	var waited time.Duration
	out.err = q.SaveSnapshot(ctx, s.seq, func(yield func([]byte, error) bool) {
		for {
			since := time.Now()
			select {
			case <-ctx.Done():
				yield(nil, errGivenUp)
				return
			case piece, more := <-s.pieces:
				waited += time.Since(since)
				if !more {
					return
				}
				out.bytes += int64(len(piece))
				if !yield(piece, nil) {
					return
				}
			}
		}
	})
	out.took = time.Since(began) - waited
	return out
}

// advance makes a few pieces, as many as there is room for, and reports whether
// the snapshot has ended, and how.
func (s *saving) advance() (end written, ended bool, err error) {
	began := time.Now()
	defer func() { s.making += time.Since(began) }()
	for range piecesAtOnce {
		if err := s.make(); err != nil {
			return end, false, err
		}
		if s.made {
			break
		}
		select {
		case s.pieces <- s.ahead:
			s.ahead = nil
			continue
		default:
		}
		break
	}
	select {
	case end = <-s.ended:
		return end, true, nil
	default:
		return end, false, nil
	}
}

// make has the next piece ready, or notes that there is none.
func (s *saving) make() error {
	if s.ahead != nil || s.made {
		return nil
	}
	piece, err := s.state.Next()
	if err == io.EOF {
		s.made = true
		close(s.pieces)
		return nil
	}
	s.ahead = piece
	return err
}

// finish makes all that is left, waiting for the writer, until ctx ends.
func (s *saving) finish(ctx context.Context) (end written, err error) {
	for {
		if err := s.make(); err != nil {
			return s.giveUp(), err
		}
		next := s.pieces
		if s.made {
			next = nil
		}
		select {
		case next <- s.ahead:
			s.ahead = nil
		case end = <-s.ended:
			return end, nil
		case <-ctx.Done():
			return s.giveUp(), ctx.Err()
		}
	}
}

// giveUp ends it: the snapshot before it stays the newest.
func (s *saving) giveUp() written {
	s.cancel()
	s.state.Drop()
	return <-s.ended
}

// passing reports whether the queue may take later what it did not take now.
func passing(err error) bool {
	code := plant.CodeOf(err)
	return code == plant.CodeFull || code == plant.CodeUnavailable
}
