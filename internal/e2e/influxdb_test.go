package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// influxQL runs a query and returns the rows of its first series.
func influxQL(t *testing.T, base, db, query string) (columns []string, rows [][]any) {
	t.Helper()
	resp, err := http.Get(base + "/query?" + url.Values{"db": {db}, "q": {query}, "epoch": {"ns"}}.Encode())
	if err != nil {
		return nil, nil // away: a test that cares asks again
	}
	defer resp.Body.Close()
	var answer struct {
		Results []struct {
			Error  string
			Series []struct {
				Columns []string
				Values  [][]any
			}
		}
	}
	dec := json.NewDecoder(resp.Body)
	dec.UseNumber()
	if err := dec.Decode(&answer); err != nil || len(answer.Results) == 0 {
		return nil, nil
	}
	if e := answer.Results[0].Error; e != "" {
		t.Fatalf("%s: %s", query, e)
	}
	if len(answer.Results[0].Series) == 0 {
		return nil, nil
	}
	s := answer.Results[0].Series[0]
	return s.Columns, s.Values
}

// count runs a query that gives one number.
func count(t *testing.T, base, db, query string) int {
	t.Helper()
	_, rows := influxQL(t, base, db, query)
	if len(rows) == 0 {
		return 0
	}
	n, err := rows[0][1].(json.Number).Int64()
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// exact runs a query that gives one number, and returns its digits.
func exact(t *testing.T, base, db, query string) string {
	t.Helper()
	_, rows := influxQL(t, base, db, query)
	if len(rows) == 0 {
		return ""
	}
	return rows[0][1].(json.Number).String()
}

// flux runs a query and returns its answer as CSV.
func flux(t *testing.T, base, query string) string {
	t.Helper()
	resp, err := http.Post(base+"/api/v2/query", "application/vnd.flux", strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("flux: %s %v\n%s", resp.Status, err, body)
	}
	return string(body)
}
