package influxadmin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// policy is a retention policy of 1.x. Its names are bucket db/rp, or db for
// the default policy.
type policy struct {
	db, name string
	keep     time.Duration // 0: for ever
}

// split reads a bucket's name as 1.x does.
func split(bucket string) policy {
	db, rp, _ := strings.Cut(bucket, "/")
	return policy{db: db, name: rp}
}

// policy finds the retention policy that bucket means; CodeNotFound where it,
// or its database, is not there.
func (s *Server) policy(ctx context.Context, bucket string) (policy, error) {
	p := split(bucket)
	rows, err := s.query(ctx, "SHOW RETENTION POLICIES ON "+quoteIdent(p.db))
	if err != nil {
		return p, err
	}
	for _, r := range rows {
		if isDefault, _ := r["default"].(bool); r["name"] != p.name && (p.name != "" || !isDefault) {
			continue
		}
		p.name, _ = r["name"].(string)
		text, _ := r["duration"].(string)
		p.keep, err = time.ParseDuration(text)
		if err != nil {
			err = plant.Errorf(plant.CodeInvalid, "InfluxDB at %s keeps %q for %q, which is no duration", s.URL, bucket, text)
		}
		return p, err
	}
	return p, plant.Errorf(plant.CodeNotFound, "InfluxDB at %s: retention policy not found: %q", s.URL, bucket)
}

// SetDatabase makes the database of a 1.x where it is absent, and has its
// default policy keep data for exactly keep, 0 for ever.
func (s *Server) SetDatabase(ctx context.Context, name string, keep time.Duration) error {
	if _, err := s.query(ctx, "CREATE DATABASE "+quoteIdent(name)); err != nil {
		return err
	}
	p, err := s.policy(ctx, name)
	if err != nil {
		return err
	}
	return s.alter(ctx, p, keep)
}

func (s *Server) alter(ctx context.Context, p policy, keep time.Duration) error {
	_, err := s.query(ctx, fmt.Sprintf("ALTER RETENTION POLICY %s ON %s DURATION %s SHARD DURATION %s",
		quoteIdent(p.name), quoteIdent(p.db), durationOf(keep), shardOf(keep)))
	return err
}

// createPolicy makes a policy that bucket db/rp names, and its database.
func (s *Server) createPolicy(ctx context.Context, bucket string, keep time.Duration) error {
	p := split(bucket)
	if p.name == "" {
		return s.SetDatabase(ctx, p.db, keep)
	}
	_, err := s.query(ctx, "CREATE DATABASE "+quoteIdent(p.db))
	if err == nil {
		_, err = s.query(ctx, fmt.Sprintf("CREATE RETENTION POLICY %s ON %s DURATION %s REPLICATION 1 SHARD DURATION %s",
			quoteIdent(p.name), quoteIdent(p.db), durationOf(keep), shardOf(keep)))
	}
	return err
}

func durationOf(keep time.Duration) string {
	if keep == 0 {
		return "INF"
	}
	return fmt.Sprintf("%ds", int64(keep/time.Second))
}

// shardOf follows InfluxDB's own rule for the span of one shard; a shard must
// not be longer than what is kept.
func shardOf(keep time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case keep > 0 && keep < 2*day:
		return "1h"
	case keep > 0 && keep < 180*day:
		return "1d"
	}
	return "7d"
}

func quoteIdent(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func quoteString(s string) string {
	return `'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(s) + `'`
}

// setUser makes a user with this password, or gives an old one the password.
func (s *Server) setUser(ctx context.Context, name, password, rights string) error {
	rows, err := s.query(ctx, "SHOW USERS")
	if err != nil && !strings.Contains(err.Error(), noUsersYet) {
		return err
	}
	for _, r := range rows {
		if r["user"] == name {
			_, err := s.query(ctx, fmt.Sprintf("SET PASSWORD FOR %s = %s", quoteIdent(name), quoteString(password)))
			return err
		}
	}
	_, err = s.query(ctx, strings.TrimSpace(fmt.Sprintf("CREATE USER %s WITH PASSWORD %s %s", quoteIdent(name), quoteString(password), rights)))
	return err
}

// grant gives a user a right, READ, WRITE or ALL, on one database.
func (s *Server) grant(ctx context.Context, right, user, db string) error {
	_, err := s.query(ctx, fmt.Sprintf("GRANT %s ON %s TO %s", right, quoteIdent(db), quoteIdent(user)))
	return err
}

// noUsersYet is what a 1.x with authentication says until it has an
// administrator.
const noUsersYet = "create admin user first"
