package influxadmin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Fresh reports whether a 2.x waits for its first set-up. CodeNotFound where
// this is no 2.x.
func (s *Server) Fresh(ctx context.Context) (bool, error) {
	var state struct{ Allowed *bool }
	err := s.call(ctx, http.MethodGet, "/api/v2/setup", nil, &state)
	if err == nil && state.Allowed == nil {
		err = plant.Errorf(plant.CodeNotFound, "InfluxDB at %s does not say whether it is set up", s.URL)
	}
	return err == nil && *state.Allowed, err
}

// Begin does the first set-up of a 2.x: an administrator with this password,
// the organisation, its first bucket, and s.Token with the right to everything.
func (s *Server) Begin(ctx context.Context, user, password, org, bucket string, keep time.Duration) error {
	first := map[string]any{
		"username": user, "password": password, "org": org, "bucket": bucket,
		"retentionPeriodSeconds": int64(keep / time.Second), "token": s.Token,
	}
	return (&Server{URL: s.URL, HTTP: s.HTTP}).call(ctx, http.MethodPost, "/api/v2/setup", first, nil)
}

// orgID finds an organisation; CodeNotFound where it is not there, or not for
// this token.
func (s *Server) orgID(ctx context.Context, name string) (string, error) {
	var found struct {
		Orgs []struct{ ID, Name string }
	}
	if err := s.call(ctx, http.MethodGet, "/api/v2/orgs?org="+url.QueryEscape(name), nil, &found); err != nil {
		return "", err
	}
	if len(found.Orgs) == 0 {
		return "", plant.Errorf(plant.CodeNotFound, "InfluxDB at %s has no organisation %q", s.URL, name)
	}
	return found.Orgs[0].ID, nil
}

func (s *Server) createOrg(ctx context.Context, name string) error {
	return s.call(ctx, http.MethodPost, "/api/v2/orgs", map[string]string{"name": name}, nil)
}

// bucket is a bucket of 2.x.
type bucket struct {
	ID             string
	Name           string
	RetentionRules []retentionRule
}

type retentionRule struct {
	Type         string `json:"type"`
	EverySeconds int64  `json:"everySeconds"` // 0: for ever
}

func (b bucket) keep() time.Duration {
	for _, r := range b.RetentionRules {
		return time.Duration(r.EverySeconds) * time.Second
	}
	return 0
}

func rulesOf(keep time.Duration) []retentionRule {
	return []retentionRule{{"expire", int64(keep / time.Second)}}
}

// bucket finds a bucket; CodeNotFound where it is not there, or not for this
// token.
func (s *Server) bucket(ctx context.Context, org, name string) (bucket, error) {
	var found struct{ Buckets []bucket }
	path := "/api/v2/buckets?" + url.Values{"org": {org}, "name": {name}}.Encode()
	if err := s.call(ctx, http.MethodGet, path, nil, &found); err != nil {
		return bucket{}, err
	}
	if len(found.Buckets) == 0 {
		return bucket{}, plant.Errorf(plant.CodeNotFound, "InfluxDB at %s has no bucket %q in %q", s.URL, name, org)
	}
	return found.Buckets[0], nil
}

func (s *Server) createBucket(ctx context.Context, orgID, name string, keep time.Duration) error {
	return s.call(ctx, http.MethodPost, "/api/v2/buckets",
		map[string]any{"orgID": orgID, "name": name, "retentionRules": rulesOf(keep)}, nil)
}

func (s *Server) keepFor(ctx context.Context, b bucket, keep time.Duration) error {
	return s.call(ctx, http.MethodPatch, "/api/v2/buckets/"+b.ID, map[string]any{"retentionRules": rulesOf(keep)}, nil)
}

// mapped reports whether InfluxQL finds a bucket under the database db.
// Versions since 2.1 do that by themselves.
func (s *Server) mapped(ctx context.Context, orgID, db string) (bool, error) {
	var found struct{ Content []struct{ ID string } }
	err := s.call(ctx, http.MethodGet, "/api/v2/dbrps?"+url.Values{"orgID": {orgID}, "db": {db}}.Encode(), nil, &found)
	return len(found.Content) > 0, err
}

func (s *Server) mapBucket(ctx context.Context, orgID, db, bucketID string) error {
	return s.call(ctx, http.MethodPost, "/api/v2/dbrps", map[string]any{
		"orgID": orgID, "bucketID": bucketID, "database": db, "retention_policy": "autogen", "default": true,
	}, nil)
}

// createToken makes a token that may do these actions, read or write, with
// these buckets and nothing else.
func (s *Server) createToken(ctx context.Context, orgID, description string, actions, bucketIDs []string) (string, error) {
	var permissions []any
	for _, id := range bucketIDs {
		for _, action := range actions {
			permissions = append(permissions, map[string]any{
				"action": action, "resource": map[string]string{"type": "buckets", "id": id, "orgID": orgID},
			})
		}
	}
	var made struct{ Token string }
	err := s.call(ctx, http.MethodPost, "/api/v2/authorizations",
		map[string]any{"orgID": orgID, "description": description, "permissions": permissions}, &made)
	if err == nil && made.Token == "" {
		err = plant.Errorf(plant.CodeInvalid, "InfluxDB at %s made a token and did not tell it", s.URL)
	}
	return made.Token, err
}
