package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/report"
	"github.com/seed-00829101/heartline/rules"
)

// reportDays is how many days are reported of a running Heartline by default.
const reportDays = 30

// asked makes the report of what the running Heartline remembers. Days are
// those of the configuration's registry; the figures of today are those of now.
func (r *reporting) asked(ctx context.Context, loaded *config.Loaded, errs io.Writer, now time.Time) (*report.Report, error) {
	days := fleet.Day(loaded.Registry)
	from, _ := date("--from", r.from)
	to, _ := date("--to", r.to)
	today := days.Date(plant.InstantOf(now))
	if to.IsZero() {
		to = today
	}
	if from.IsZero() {
		from = plant.DateNumber(to.Number() - reportDays + 1)
	}
	if to.Compare(today) > 0 {
		return nil, usageError{fmt.Errorf("--to: %s is yet to come", to)}
	}
	if to.Compare(from) < 0 {
		return nil, usageError{fmt.Errorf("the last day, %s, is before the first, %s", to, from)}
	}
	made := &report.Report{From: from, To: to, Zone: days.Zone.String(), By: append([]string{}, r.by...), Source: r.url, Days: []report.Day{}}
	dates, ends := report.Days(days, from, to)
	figures := make([][]plant.Resumption, len(ends))
	forgotten := 0 // the first days
	for i, end := range ends {
		if dates[i] == today {
			end = 0
		}
		var err error
		figures[i], err = r.day(ctx, end)
		if answer := (*answered)(nil); errors.As(err, &answer) && answer.code == plant.CodeNotFound {
			forgotten = i + 1
		} else if err != nil {
			return nil, err
		}
	}
	if forgotten > 0 {
		if err := r.reported(ctx, loaded, ends[:forgotten], figures); err != nil {
			fmt.Fprintf(errs, "what is older than %s remembers is in InfluxDB, which cannot be asked: %v\n", r.url, err)
		}
	}
	for i := range figures {
		if len(figures[i]) > 0 {
			made.Days = append(made.Days, report.Day{Date: dates[i], Figures: figures[i]})
			made.Definition = figures[i][0].Definition
		}
	}
	if n := len(ends) - len(made.Days); n > 0 {
		fmt.Fprintf(errs, "of %d of %d days nothing was reported; --replay plays what InfluxDB holds of them\n", n, len(ends))
	}
	if len(made.Days) == 0 {
		return nil, plant.Errorf(plant.CodeNotFound, "nothing was reported of the days %s to %s", from, to)
	}
	if rules.BaseVersion(made.Definition) == loaded.Version {
		made.Rules = &loaded.Rules
	}
	var err error
	made.Plants, err = r.plants(ctx)
	return made, err
}

// reported fills in the figures of ends from what InfluxDB keeps: as now known
// where late data changed them, else as first reported.
func (r *reporting) reported(ctx context.Context, loaded *config.Loaded, ends []plant.Instant, into [][]plant.Resumption) error {
	s, err := openStore(loaded)
	if err != nil {
		return err
	}
	all, err := s.Resumption(ctx, s.verdicts, ends[0], ends[len(ends)-1], r.by)
	if err != nil {
		return err
	}
	type one struct {
		at             plant.Instant
		segment, value string
	}
	best := map[one]plant.Resumption{}
	for _, x := range all {
		key := one{x.At, x.Segment, x.Value}
		if was, known := best[key]; !known || was.Basis == plant.BasisFirst && x.Basis == plant.BasisNow {
			best[key] = x
		}
	}
	for i, end := range ends {
		whole, known := best[one{end, plant.SegmentAll, plant.SegmentAll}]
		if !known {
			continue
		}
		into[i] = []plant.Resumption{whole}
		for _, label := range r.by {
			for key, x := range best {
				if key.at == end && key.segment == label {
					into[i] = append(into[i], x)
				}
			}
		}
		slices.SortStableFunc(into[i][1:], func(a, b plant.Resumption) int {
			return cmp.Or(cmp.Compare(slices.Index(r.by, a.Segment), slices.Index(r.by, b.Segment)), cmp.Compare(a.Value, b.Value))
		})
	}
	return nil
}

// day asks for the figures of the end of a day; 0: of now.
func (r *reporting) day(ctx context.Context, end plant.Instant) ([]plant.Resumption, error) {
	query := url.Values{}
	if end != 0 {
		query.Set("at", end.String())
	}
	if len(r.by) > 0 {
		query.Set("by", strings.Join(r.by, ","))
	}
	var answer struct{ Resumption []plant.Resumption }
	if err := r.get(ctx, "/api/v1/resumption", query, &answer); err != nil {
		return nil, err
	}
	if len(answer.Resumption) == 0 {
		return nil, fmt.Errorf("%s answers no figures", r.url)
	}
	return answer.Resumption, nil
}

// plants are the enrolled ones, as they stand now.
func (r *reporting) plants(ctx context.Context) (out []report.Plant, err error) {
	var answer struct {
		Plants []struct {
			ID, Name string
			Labels   map[string]string
			Enrolled bool
			Phase    plant.Phase
			Since    *plant.Instant
			Relapsed bool
			Last     *plant.Verdict
			Lines    []struct {
				ID    string
				Flags []plant.GamingFlag
			}
		}
	}
	if err := r.get(ctx, "/api/v1/plants", nil, &answer); err != nil {
		return nil, err
	}
	out = []report.Plant{}
	for _, p := range answer.Plants {
		if !p.Enrolled {
			continue
		}
		x := report.Plant{ID: p.ID, Name: p.Name, Labels: p.Labels, Phase: p.Phase, Since: p.Since, Relapsed: p.Relapsed, Last: p.Last}
		for _, l := range p.Lines {
			for _, f := range l.Flags {
				x.Gaming = append(x.Gaming, report.LineFlag{Line: l.ID, GamingFlag: f})
			}
		}
		x.Flag()
		out = append(out, x)
	}
	return out, nil
}
