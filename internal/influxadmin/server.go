// Package influxadmin makes in an InfluxDB what Heartline writes to: buckets
// that keep their data long enough, and a login with no more rights than
// needed. It knows 2.x (organisation, buckets, tokens) and 1.x (databases,
// retention policies, users). It writes no points.
package influxadmin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// maxAnswer bounds how much of an answer is read.
const maxAnswer = 4 << 20

// Server is one InfluxDB and the login that is used there. It is safe for
// concurrent use as long as it is not changed.
type Server struct {
	URL   string       // http://127.0.0.1:8086
	Token string       // 1.x: user:password; empty: none is sent
	HTTP  *http.Client // whose Timeout bounds each request
}

// Major returns the major version: 1 or 2. CodeUnavailable where nobody
// answers, CodeInvalid where it is another one or no InfluxDB.
func (s *Server) Major(ctx context.Context) (int, error) {
	_, err := s.Fresh(ctx)
	if err == nil {
		return 2, nil
	}
	if plant.CodeOf(err) == plant.CodeUnavailable {
		return 0, err
	}
	if _, err := s.query(ctx, "SHOW DATABASES"); err == nil || plant.CodeOf(err) == plant.CodeRefused {
		return 1, nil
	}
	return 0, plant.Errorf(plant.CodeInvalid, "what answers at %s is neither InfluxDB 1.x nor 2.x; correct influxdb.url", s.URL)
}

// call sends in and reads out as JSON; both may be nil. Errors say what the
// server said: CodeRefused for 401 and 403, CodeNotFound for 404,
// CodeUnavailable where nobody answers or the server is ill.
func (s *Server) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	return s.send(ctx, method, path, "application/json", body, out)
}

func (s *Server) send(ctx context.Context, method, path, kind string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.URL, "/")+path, body)
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "influxdb.url %q is no address", s.URL)
	}
	req.Header.Set("Content-Type", kind)
	if s.Token != "" {
		req.Header.Set("Authorization", "Token "+s.Token)
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "InfluxDB at %s does not answer; start it, or correct influxdb.url: %w", s.URL, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && resp.StatusCode/100 == 2 && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "what answers at %s is no InfluxDB: %s %s: %w", s.URL, method, path, err)
	}
	if resp.StatusCode/100 == 2 {
		return nil
	}
	return plant.Errorf(codeOf(resp.StatusCode), "InfluxDB at %s: %s", s.URL, wordsOf(resp.StatusCode, text))
}

func codeOf(status int) plant.Code {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return plant.CodeRefused
	case status == http.StatusNotFound:
		return plant.CodeNotFound
	case status >= 500 || status == http.StatusTooManyRequests:
		return plant.CodeUnavailable
	}
	return plant.CodeInvalid
}

// wordsOf reads the errors of 1.x ({"error"}) and 2.x ({"message"}).
func wordsOf(status int, text []byte) string {
	var said struct{ Error, Message string }
	_ = json.Unmarshal(text, &said)
	words := said.Error + said.Message
	if words == "" {
		words = http.StatusText(status)
	}
	return fmt.Sprintf("%s (%d)", words, status)
}

// row is a row of an answer, by the names of its columns.
type row map[string]any

// query runs one statement of InfluxQL.
func (s *Server) query(ctx context.Context, q string) ([]row, error) {
	var answer struct {
		Results []struct {
			Series []struct {
				Columns []string
				Values  [][]any
			}
			Error string
		}
	}
	form := strings.NewReader(url.Values{"q": {q}}.Encode())
	if err := s.send(ctx, http.MethodPost, "/query", "application/x-www-form-urlencoded", form, &answer); err != nil {
		return nil, err
	}
	var rows []row
	for _, result := range answer.Results {
		switch {
		case strings.HasPrefix(result.Error, "database not found"):
			return nil, plant.Errorf(plant.CodeNotFound, "InfluxDB at %s: %s", s.URL, result.Error)
		case result.Error != "":
			return nil, plant.Errorf(plant.CodeRefused, "InfluxDB at %s: %s", s.URL, result.Error)
		}
		for _, series := range result.Series {
			for _, values := range series.Values {
				r := row{}
				for i, v := range values {
					r[series.Columns[i]] = v
				}
				rows = append(rows, r)
			}
		}
	}
	return rows, nil
}

// isNot reports whether err says that something is not there.
func isNot(err error) bool { return plant.CodeOf(err) == plant.CodeNotFound }

// errNoToken says that the administrator's login is needed.
func errNoToken(file string, err error) error {
	return errors.Join(plant.Errorf(plant.CodeRefused,
		"this InfluxDB is set up already: put an administrator's token (1.8: user:password) into %s, or name its file with --admin-token-file", file), err)
}
