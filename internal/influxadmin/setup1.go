package influxadmin

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// first sets a 1.x up.
func (r *run) first(ctx context.Context) error {
	switch _, err := (&Server{URL: r.URL, HTTP: r.Server.HTTP}).query(ctx, "SHOW DATABASES"); {
	case err == nil:
		r.Say("this InfluxDB asks nobody to log in ([http] auth-enabled is false)")
	case strings.Contains(err.Error(), noUsersYet):
		if err := r.do(func() error { return r.beginFirst(ctx) }, "first set-up: user %q (user:password in %s)", AdminUser, r.AdminTokenFile); err != nil || r.DryRun {
			return err
		}
	case plant.CodeOf(err) == plant.CodeRefused:
		if err := r.asAdmin(); err != nil {
			return err
		}
	default:
		return err
	}
	if err := r.both(func(name string, keep time.Duration) error { return r.policyOf(ctx, name, keep) }); err != nil {
		return err
	}
	// Reading is how the retention is checked.
	if err := r.user(ctx, r.TokenFile, User, "ALL"); err != nil {
		return err
	}
	return r.user(ctx, r.ReaderTokenFile, User+"-reader", "READ")
}

// user makes a user of the two databases, where file, if any, holds none.
func (r *run) user(ctx context.Context, file, name, right string) error {
	if file == "" {
		return nil
	}
	if _, err := (secretFile{file}).read(); !isNot(err) {
		r.Say("the login in %s is left as it is", file)
		return err
	}
	return r.do(func() error {
		return secretFile{file}.write(func() (string, error) {
			password := rand.Text()
			err := r.setUser(ctx, name, password, "")
			if err == nil {
				err = r.both(func(bucket string, _ time.Duration) error { return r.grant(ctx, right, name, split(bucket).db) })
			}
			return name + ":" + password, err
		})
	}, "made user %q with the right %s on the two databases alone; user:password in %s", name, right, file)
}

func (r *run) beginFirst(ctx context.Context) error {
	login, _, err := secretFile{r.AdminTokenFile}.readOrMake(AdminUser + ":")
	if err != nil {
		return err
	}
	user, password, ok := strings.Cut(login, ":")
	if !ok {
		return plant.Errorf(plant.CodeInvalid, "%s holds no user:password", r.AdminTokenFile)
	}
	if err := r.setUser(ctx, user, password, "WITH ALL PRIVILEGES"); err != nil {
		return err
	}
	r.Token = login
	return nil
}

func (r *run) policyOf(ctx context.Context, bucket string, keep time.Duration) error {
	p, err := r.policy(ctx, bucket)
	switch {
	case isNot(err):
		return r.do(func() error { return r.createPolicy(ctx, bucket, keep) }, "made database %q, kept %s", bucket, Words(keep))
	case err != nil:
		return err
	case r.wrong(p.keep, keep):
		return r.do(func() error { return r.alter(ctx, p, keep) }, "database %q keeps data %s instead of %s", bucket, Words(keep), Words(p.keep))
	}
	r.enough(bucket, p.keep, keep)
	return nil
}
