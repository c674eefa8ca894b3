package influxadmin

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Heartline's own login on 1.x, and the administrator's where the first set-up
// is ours.
const (
	User      = "heartline"
	AdminUser = "admin"
)

// Options say what Setup makes, and where.
type Options struct {
	Server // Token is read from AdminTokenFile

	Org           string // 2.x
	Bucket        string // on 1.x: a database, or database/policy
	Retention     time.Duration
	VerdictBucket string // kept for ever

	// TokenFile gets the login that may use the two buckets and nothing
	// else; where it holds one already, that is left alone.
	TokenFile string
	// ReaderTokenFile, where it is named, gets a login that may only read
	// them: for dashboards.
	ReaderTokenFile string
	// AdminTokenFile holds the administrator's token (1.x: user:password);
	// on a fresh server it is made, if absent, with AdminPasswordFile.
	AdminTokenFile, AdminPasswordFile string

	Shorten bool                             // retentions that are longer than declared, too
	DryRun  bool                             // change nothing, only say
	Say     func(format string, args ...any) // is told each thing done, or found done
}

// Setup makes what is missing and lengthens retentions that are too short; it
// never shortens one, and may be run again at any time. Done is false where a
// dry run found something to do.
func Setup(ctx context.Context, o Options) (done bool, err error) {
	r := &run{Options: o, done: true}
	if r.Server.HTTP == nil {
		return false, plant.Errorf(plant.CodeInternal, "influxadmin: no HTTP client")
	}
	major, err := r.Major(ctx)
	switch {
	case err != nil:
	case r.Bucket == "" || r.VerdictBucket == "":
		err = plant.Errorf(plant.CodeInvalid, "influxdb.bucket and influxdb.verdict_bucket have to be named")
	case major == 2:
		err = r.second(ctx)
	default:
		err = r.first(ctx)
	}
	return r.done && err == nil, err
}

// run is one Setup.
type run struct {
	Options
	done bool // nothing was left to do by a dry run
}

// do does one step, or says what it would do.
func (r *run) do(step func() error, format string, args ...any) error {
	if r.DryRun {
		r.done = false
		r.Say("would: "+format, args...)
		return nil
	}
	if err := step(); err != nil {
		return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
	}
	r.Say(format, args...)
	return nil
}

// asAdmin takes the administrator's login from its file.
func (r *run) asAdmin() error {
	token, err := secretFile{r.AdminTokenFile}.read()
	if isNot(err) {
		return errNoToken(r.AdminTokenFile, nil)
	}
	r.Token = token
	return err
}

// both runs step for each bucket with how long it has to keep its data.
func (r *run) both(step func(bucket string, keep time.Duration) error) error {
	if err := step(r.Bucket, r.Retention); err != nil {
		return err
	}
	return step(r.VerdictBucket, 0)
}

// wrong reports whether a retention has to be changed.
func (r *run) wrong(has, want time.Duration) bool {
	return Shorter(has, want) || r.Shorten && has != want
}

// enough says that a bucket keeps data for long enough.
func (r *run) enough(bucket string, has, want time.Duration) {
	if has != want {
		r.Say("bucket %q keeps data %s, longer than the %s that are declared: left, as shortening deletes data", bucket, Words(has), Words(want))
		return
	}
	r.Say("bucket %q is there and keeps data %s", bucket, Words(has))
}

// Words says how long something is kept.
func Words(keep time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case keep == 0:
		return "for ever"
	case keep%day == 0:
		return fmt.Sprintf("%d days", keep/day)
	}
	return keep.String()
}
