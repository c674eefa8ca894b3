package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/internal/app"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// remote is a running Heartline, asked over its HTTP API.
type remote struct {
	url    string
	client http.Client
}

// addRemoteFlags adds what says which Heartline is asked.
func addRemoteFlags(cmd *cobra.Command, r *remote) {
	cmd.Flags().StringVar(&r.url, "url", "", "API of the Heartline to ask; default: the one that runs on data_dir")
	config.AddFlags(cmd.Flags())
}

// find fills in where the running Heartline is.
func (r *remote) find(cmd *cobra.Command) error {
	r.client.Timeout = time.Minute
	if r.url != "" {
		if u, err := url.Parse(r.url); err != nil || u.Host == "" {
			return usageError{fmt.Errorf("--url %q is no URL; write it like http://127.0.0.1:8080", r.url)}
		}
		r.url = strings.TrimSuffix(r.url, "/")
		return nil
	}
	loaded, err := config.Load(cmd.Flags(), os.Environ())
	if err != nil {
		return err
	}
	addr, err := app.ReadAddresses(loaded.Config.DataDir)
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "%w; start it, or name another with --url or --data_dir", err)
	}
	r.url = addr.HTTP
	return nil
}

// get asks for path and reads the answer into into.
func (r *remote) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return r.ask(ctx, http.MethodGet, path, into)
}

// ask sends a request. A problem that is answered becomes an error with its
// code and words.
func (r *remote) ask(ctx context.Context, method, path string, into any) error {
	return r.askWith(ctx, method, path, nil, into)
}

// askWith is ask with a body.
func (r *remote) askWith(ctx context.Context, method, path string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, bytes.NewReader(body))
	if err != nil {
		return usageError{err}
	}
	res, err := r.client.Do(req)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx) // nobody waited for the answer
	}
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "%s does not answer: %w", r.url, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 256<<20))
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "%s: %w", r.url, err)
	}
	if res.StatusCode != http.StatusOK {
		var p struct {
			Detail string
			Code   plant.Code
		}
		if json.Unmarshal(text, &p) != nil || p.Detail == "" {
			p.Detail, p.Code = "answers "+res.Status, plant.CodeUnavailable
		}
		return &answered{p.Code, p.Detail}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s%s does not answer as Heartline does: %w", r.url, path, err)
	}
	return nil
}

// answered is an error that the running Heartline answered with. Not one of
// this command line's usage, whatever its code.
type answered struct {
	code plant.Code
	what string
}

func (e *answered) Error() string { return e.what }
