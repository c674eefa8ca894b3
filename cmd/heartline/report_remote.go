package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
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
	made := &report.Report{From: from, To: to, Zone: days.Zone.String(), By: r.by, Source: r.url, Days: []report.Day{}}
	dates, ends := report.Days(days, from, to)
	forgotten := 0
	for i, end := range ends {
		if dates[i] == today {
			end = 0
		}
		figures, err := r.day(ctx, end)
		if answer := (*answered)(nil); errors.As(err, &answer) && answer.code == plant.CodeNotFound {
			forgotten++
			continue
		} else if err != nil {
			return nil, err
		}
		made.Days = append(made.Days, report.Day{Date: dates[i], Figures: figures})
		made.Definition = figures[0].Definition
	}
	if forgotten > 0 {
		fmt.Fprintf(errs, "%d of %d days are not remembered by %s; what was reported then is in InfluxDB, measurement resumption\n", forgotten, len(ends), r.url)
	}
	if len(made.Days) == 0 {
		return nil, plant.Errorf(plant.CodeNotFound, "%s remembers none of the days %s to %s", r.url, from, to)
	}
	if rules.BaseVersion(made.Definition) == loaded.Version {
		made.Rules = &loaded.Rules
	}
	var err error
	made.Plants, err = r.plants(ctx)
	return made, err
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
		}
	}
	if err := r.get(ctx, "/api/v1/plants", nil, &answer); err != nil {
		return nil, err
	}
	for _, p := range answer.Plants {
		if !p.Enrolled {
			continue
		}
		x := report.Plant{ID: p.ID, Name: p.Name, Labels: p.Labels, Phase: p.Phase, Since: p.Since, Relapsed: p.Relapsed, Last: p.Last}
		x.Flag()
		out = append(out, x)
	}
	return out, nil
}
