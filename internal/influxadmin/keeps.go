package influxadmin

import (
	"context"
	"time"
)

// Keeps returns for how long a bucket keeps its data, 0 for ever. CodeNotFound
// where it is not there or not visible to the token, CodeRefused where the
// token may not ask.
func (s *Server) Keeps(ctx context.Context, org, bucket string) (time.Duration, error) {
	major, err := s.Major(ctx)
	if err != nil {
		return 0, err
	}
	if major == 1 {
		p, err := s.policy(ctx, bucket)
		return p.keep, err
	}
	b, err := s.bucket(ctx, org, bucket)
	return b.keep(), err
}

// Shorter reports whether data kept for a is gone before data kept for b.
func Shorter(a, b time.Duration) bool { return a != 0 && (b == 0 || a < b) }
