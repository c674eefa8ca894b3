package influxadmin

import (
	"context"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// second sets a 2.x up.
func (r *run) second(ctx context.Context) error {
	if r.TokenFile == "" {
		return plant.Errorf(plant.CodeInvalid, "influxdb.token_file is empty: name the file that the token is written to")
	}
	fresh, err := r.Fresh(ctx)
	if err != nil {
		return err
	}
	if fresh {
		err = r.do(func() error { return r.begin(ctx) },
			"first set-up: user %q (password in %s, token in %s), organisation %q, bucket %q kept %s",
			AdminUser, r.AdminPasswordFile, r.AdminTokenFile, r.Org, r.Bucket, Words(r.Retention))
		if r.DryRun {
			r.Say("would: make bucket %q kept for ever, and a token for both in %s", r.VerdictBucket, r.TokenFile)
			return nil
		}
	} else {
		err = r.asAdmin()
	}
	if err != nil {
		return err
	}
	return r.inOrg(ctx)
}

// begin keeps the administrator's secrets before it uses them, so that they
// are never lost.
func (r *run) begin(ctx context.Context) error {
	token, _, err := secretFile{r.AdminTokenFile}.readOrMake("")
	if err != nil {
		return err
	}
	password, _, err := secretFile{r.AdminPasswordFile}.readOrMake("")
	if err != nil {
		return err
	}
	r.Token = token
	return r.Begin(ctx, AdminUser, password, r.Org, r.Bucket, r.Retention)
}

func (r *run) inOrg(ctx context.Context) error {
	org, err := r.orgID(ctx, r.Org)
	if isNot(err) {
		err = r.do(func() (err error) {
			if err = r.createOrg(ctx, r.Org); err == nil {
				org, err = r.orgID(ctx, r.Org)
			}
			return err
		}, "made organisation %q", r.Org)
	}
	if err != nil {
		return err
	}
	var ids []string
	err = r.both(func(name string, keep time.Duration) error {
		id, err := r.bucketOf(ctx, org, name, keep)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return err
	}
	// Reading is how the retention is checked.
	if err := r.token(ctx, org, r.TokenFile, []string{"read", "write"}, ids); err != nil || r.ReaderTokenFile == "" {
		return err
	}
	return r.token(ctx, org, r.ReaderTokenFile, []string{"read"}, ids)
}

// token makes a token for the buckets, where its file holds none.
func (r *run) token(ctx context.Context, org, file string, actions, buckets []string) error {
	if _, err := (secretFile{file}).read(); !isNot(err) {
		r.Say("the token in %s is left as it is", file)
		return err
	}
	may := strings.Join(actions, " and ")
	return r.do(func() error {
		return secretFile{file}.write(func() (string, error) {
			return r.createToken(ctx, org, "Heartline: "+may+" "+r.Bucket+" and "+r.VerdictBucket, actions, buckets)
		})
	}, "made a token that may %s the two buckets, and nothing else, in %s", may, file)
}

// bucketOf makes or mends a bucket and lets InfluxQL find it.
func (r *run) bucketOf(ctx context.Context, org, name string, keep time.Duration) (id string, err error) {
	b, err := r.bucket(ctx, r.Org, name)
	switch {
	case isNot(err):
		err = r.do(func() (err error) {
			if err = r.createBucket(ctx, org, name, keep); err == nil {
				b, err = r.bucket(ctx, r.Org, name)
			}
			return err
		}, "made bucket %q, kept %s", name, Words(keep))
	case err != nil:
	case r.wrong(b.keep(), keep):
		err = r.do(func() error { return r.keepFor(ctx, b, keep) }, "bucket %q keeps data %s instead of %s", name, Words(keep), Words(b.keep()))
	default:
		r.enough(name, b.keep(), keep)
	}
	if err != nil || b.ID == "" {
		return b.ID, err
	}
	if ok, err := r.mapped(ctx, org, name); ok || err != nil {
		return b.ID, err
	}
	return b.ID, r.do(func() error { return r.mapBucket(ctx, org, name, b.ID) }, "InfluxQL finds bucket %q as database %q", name, name)
}
