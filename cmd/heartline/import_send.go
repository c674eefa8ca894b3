package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// What one request holds: some ten milliseconds of work.
const (
	importRows = 2000
	importText = 512 << 10 // bytes
	importPoll = 200 * time.Millisecond
)

// sending is an import on its way.
type sending struct {
	*importing
	id       string
	refused  map[collector.MachineID]string // why
	lines    collector.LineEncoder
	hasher   collector.Hasher
	points   bytes.Buffer
	held     int // points
	bad      []console.BadRow
	badRows  int
	badText  int // bytes of bad
	rows     int
	errs     io.Writer
	progress func(int)
	waited   bool
}

// send imports the sources and waits until InfluxDB has it all.
func (i *importing) send(ctx context.Context, sources []source, found *scanned, out, errs io.Writer) error {
	began := time.Now()
	s := &sending{importing: i, refused: map[collector.MachineID]string{}, errs: errs, progress: progressOn(errs)}
	ended := false
	defer func() {
		if !ended {
			s.abandon(ctx)
		}
	}()
	if err := s.begin(ctx, found, names(sources)); err != nil {
		return err
	}
	err := i.each(ctx, sources, func(from *source, rec *history.Record) error { return s.add(ctx, from, rec) },
		func(from *source, row *history.BadRow) error { return s.addBad(ctx, from, row) })
	if err = errors.Join(err, s.flush(ctx), s.flushBad(ctx)); err != nil {
		return fmt.Errorf("%w; import again: what is in already stays as it is", err)
	}
	if err := s.end(ctx); err != nil {
		return err
	}
	ended = true
	state, err := s.wait(ctx)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(out, "%d rows in %s, %.0f a second: %d stored, %d older than the retention (output only), %d dead letters, %d dead letters already\n%d points of output\n",
		state.Received, took.Round(time.Millisecond), float64(state.Received)/took.Seconds(), state.Stored, state.Expired, state.DeadLettered, state.Duplicate, state.Slots)
	if state.Late > 0 {
		fmt.Fprintf(errs, "%d amounts are in no output: they are more than the rules' lateness older than a row of the same machine before them; sort the file by time\n", state.Late)
	}
	switch refused := int(state.DeadLettered) + int(state.Duplicate) - s.badRows; {
	case refused > 0:
		return fmt.Errorf("%d rows could not be taken, and InfluxDB refused %d points; heartline deadletter list --reason row, or --reason refused", s.badRows, refused)
	case s.badRows > 0:
		return fmt.Errorf("%d rows could not be taken; heartline deadletter list --reason row", s.badRows)
	}
	return nil
}

func (s *sending) end(ctx context.Context) error {
	var done struct{ Ended bool }
	return s.post(ctx, "/api/v1/imports/"+s.id+"/end", nil, &done)
}

// abandon ends an import that did not come to its end, so that another one need
// not wait until it is given up. Where that fails, it is.
func (s *sending) abandon(ctx context.Context) {
	if s.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = s.end(ctx)
}

func (s *sending) begin(ctx context.Context, found *scanned, name string) error {
	plan, err := json.Marshal(found.plan(name))
	if err != nil {
		return err
	}
	var begun console.ImportBegun
	err = s.post(ctx, "/api/v1/imports", plan, &begun)
	if says := (*answered)(nil); errors.As(err, &says) && says.code == plant.CodeInvalid {
		return plant.Errorf(plant.CodeInvalid, "%w", err)
	}
	if err != nil {
		return err
	}
	s.id = begun.ID
	rows := found.bad
	for _, m := range begun.Refused {
		id := collector.MachineID{Plant: m.Plant, Line: m.Line, Machine: m.Machine}
		s.refused[id] = m.Why
		rows += found.machines[id].rows
	}
	if rows > s.maxBad {
		return plant.Errorf(plant.CodeInvalid, "%d rows cannot be taken, more than --max-bad %d; nothing was taken; the first: %s", rows, s.maxBad, begun.Refused[0].Why)
	}
	return nil
}

// add sends one sample, together with others.
func (s *sending) add(ctx context.Context, from *source, rec *history.Record) error {
	x := rec.Sample
	why, refused := s.refused[collector.MachineID{Plant: x.Plant, Line: x.Line, Machine: x.Machine}]
	var line []byte
	if !refused {
		stamp := x.Stamp
		if from.kind == "" {
			stamp = collector.Stamp(x, s.hasher.Sum(x)) // as if it had come live
		}
		var err error
		if line, err = s.lines.Encode(x, stamp); err != nil {
			why, refused = err.Error(), true
		}
	}
	if refused {
		return s.addBad(ctx, from, &history.BadRow{Line: rec.Line, Plant: x.Plant, Text: x.Machine + " " + x.Stamp.String(), Err: errors.New(why)})
	}
	s.points.Write(line)
	s.points.WriteByte('\n')
	s.held++
	s.rows++
	if s.progress != nil && s.rows&0xff == 0 {
		s.progress(s.rows)
	}
	if s.held >= importRows || s.points.Len() >= importText {
		return s.flush(ctx)
	}
	return nil
}

func (s *sending) flush(ctx context.Context) error {
	if s.held == 0 {
		return nil
	}
	var done struct{ Taken int }
	err := s.post(ctx, "/api/v1/imports/"+s.id+"/points", s.points.Bytes(), &done)
	s.points.Reset()
	s.held = 0
	return err
}

func (s *sending) addBad(ctx context.Context, from *source, row *history.BadRow) error {
	s.badRows++
	s.bad = append(s.bad, console.BadRow{File: from.name, Line: row.Line, Plant: row.Plant, Text: row.Text, Words: row.Err.Error()})
	if s.badText += len(row.Text); len(s.bad) < 100 && s.badText < importText/2 {
		return nil
	}
	return s.flushBad(ctx)
}

func (s *sending) flushBad(ctx context.Context) error {
	if len(s.bad) == 0 {
		return nil
	}
	text, err := json.Marshal(map[string]any{"rows": s.bad})
	s.bad, s.badText = s.bad[:0], 0
	if err != nil {
		return err
	}
	var done struct{ Taken int }
	return s.post(ctx, "/api/v1/imports/"+s.id+"/bad", text, &done)
}

// wait waits until all of it is in InfluxDB.
func (s *sending) wait(ctx context.Context) (state console.ImportState, err error) {
	poll := time.NewTicker(importPoll)
	defer poll.Stop()
	for {
		if err := s.get(ctx, "/api/v1/imports/"+s.id, nil, &state); err != nil || state.Done {
			return state, err
		}
		select {
		case <-ctx.Done():
			return state, ctx.Err()
		case <-poll.C:
		}
	}
}

// post sends text until it is taken: where InfluxDB or the rules are behind,
// it waits, and says so once.
func (s *sending) post(ctx context.Context, path string, text []byte, into any) error {
	for {
		err := s.askWith(ctx, http.MethodPost, path, text, into)
		says := (*answered)(nil)
		if !errors.As(err, &says) || says.code != plant.CodeUnavailable {
			return err
		}
		if !s.waited {
			s.waited = true
			fmt.Fprintln(s.errs, says.what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(importPoll):
		}
	}
}
