package influxadmin

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/internal/influxdtest"
	"github.com/seed-00829101/heartline/plant"
)

const day = 24 * time.Hour

// setting is a Setup of a server, and what it said.
type setting struct {
	t    *testing.T
	o    Options
	said []string
}

func newSetting(t *testing.T, url string) *setting {
	s := &setting{t: t}
	dir := t.TempDir()
	s.o = Options{
		Server: Server{URL: url, HTTP: &http.Client{Timeout: 30 * time.Second}},
		Org:    "works", Bucket: "factory 绍兴", Retention: 90 * day, VerdictBucket: "factory_verdicts",
		TokenFile: filepath.Join(dir, "secrets", "token"), AdminTokenFile: filepath.Join(dir, "admin-token"), AdminPasswordFile: filepath.Join(dir, "admin-password"),
	}
	return s
}

// run runs it and returns what it said.
func (s *setting) run() (string, bool, error) {
	s.t.Helper()
	s.said = nil
	s.o.Say = func(format string, args ...any) { s.said = append(s.said, fmt.Sprintf(format, args...)) }
	done, err := Setup(s.t.Context(), s.o)
	return strings.Join(s.said, "\n"), done, err
}

func (s *setting) must(parts ...string) string {
	s.t.Helper()
	said, done, err := s.run()
	if err != nil || done == s.o.DryRun && strings.Contains(said, "would:") {
		s.t.Fatalf("Setup: %t, %v; it said:\n%s", done, err, said)
	}
	for _, p := range parts {
		if !strings.Contains(said, p) {
			s.t.Errorf("it said:\n%s\nwant %q", said, p)
		}
	}
	return said
}

// login is the server as somebody who logs in with a file's content.
func (s *setting) login(file string) *Server {
	s.t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		s.t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		s.t.Errorf("%s has mode %o, want 600", file, info.Mode().Perm())
	}
	token, err := secretFile{file}.read()
	if err != nil {
		s.t.Fatal(err)
	}
	return &Server{URL: s.o.URL, Token: token, HTTP: s.o.HTTP}
}

func (s *setting) keeps(srv *Server, bucket string, want time.Duration) {
	s.t.Helper()
	got, err := srv.Keeps(s.t.Context(), s.o.Org, bucket)
	if err != nil || got != want {
		s.t.Errorf("%q keeps data %s, %v; want %s", bucket, got, err, want)
	}
}

func (s *setting) write(srv *Server, bucket string) error {
	path := "/api/v2/write?org=works&bucket=" + strings.ReplaceAll(bucket, " ", "%20")
	return srv.send(s.t.Context(), http.MethodPost, path, "text/plain", strings.NewReader("m f=9007199254740993i"), nil)
}

func TestSetupOfAFreshServer(t *testing.T) {
	onEvery(t, func(t *testing.T, url string) {
		s := newSetting(t, url)
		s.o.DryRun = true
		s.must("would: first set-up", "would: ")
		if _, err := os.Stat(s.o.AdminTokenFile); err == nil {
			t.Error("a dry run wrote a file")
		}
		s.o.DryRun = false
		said := s.must("first set-up", "kept 90 days", `factory_verdicts", kept for ever`)
		admin, own := s.login(s.o.AdminTokenFile), s.login(s.o.TokenFile)
		for _, secret := range []string{admin.Token, own.Token} {
			if strings.Contains(said, secret) {
				t.Errorf("it told a secret:\n%s", said)
			}
		}
		for _, srv := range []*Server{admin, own} {
			s.keeps(srv, s.o.Bucket, 90*day)
			s.keeps(srv, s.o.VerdictBucket, 0)
		}
		for _, bucket := range []string{s.o.Bucket, s.o.VerdictBucket} {
			if err := s.write(own, bucket); err != nil {
				t.Errorf("writing to %q: %v", bucket, err)
			}
		}
		again := s.must("is left as it is", "keeps data 90 days")
		if strings.Contains(again, "made") || s.login(s.o.TokenFile).Token != own.Token {
			t.Errorf("a second time it said:\n%s", again)
		}
	})
}

func TestTheTokenMayDoNothingElse(t *testing.T) {
	onEvery(t, func(t *testing.T, url string) {
		s := newSetting(t, url)
		s.must()
		other := *s
		other.o.Bucket, other.o.VerdictBucket, other.o.TokenFile = "others", "others_verdicts", filepath.Join(t.TempDir(), "token")
		other.must("others")
		own := s.login(s.o.TokenFile)
		if err := s.write(own, "others"); plant.CodeOf(err) != plant.CodeRefused {
			t.Errorf("writing to another's bucket: %v, want it refused", err)
		}
		if _, err := own.Keeps(t.Context(), "works", "others"); err == nil {
			t.Error("it sees another's bucket")
		}
		if _, err := own.createToken(t.Context(), "0000000000000001", "x", []string{"read"}, nil); err == nil {
			t.Error("it makes tokens")
		}
		if _, err := own.query(t.Context(), `CREATE DATABASE "mine"`); err == nil {
			t.Error("it makes databases")
		}
	})
}

func TestTheReaderMayOnlyRead(t *testing.T) {
	onEvery(t, func(t *testing.T, url string) {
		s := newSetting(t, url)
		s.o.ReaderTokenFile = filepath.Join(t.TempDir(), "reader")
		s.must(s.o.ReaderTokenFile)
		reader := s.login(s.o.ReaderTokenFile)
		s.keeps(reader, s.o.VerdictBucket, 0)
		if err := s.write(reader, s.o.Bucket); plant.CodeOf(err) != plant.CodeRefused {
			t.Errorf("writing: %v, want it refused", err)
		}
	})
}

func TestRetentionsAreLengthenedAndNeverShortened(t *testing.T) {
	onEvery(t, func(t *testing.T, url string) {
		s := newSetting(t, url)
		s.o.Retention = 30 * day
		s.must()
		s.o.Retention = 90 * day
		s.o.DryRun = true
		s.must("would: ", "90 days instead of 30 days")
		admin := s.login(s.o.AdminTokenFile)
		s.keeps(admin, s.o.Bucket, 30*day)
		s.o.DryRun = false
		s.must("90 days instead of 30 days")
		s.keeps(admin, s.o.Bucket, 90*day)
		s.o.Retention = day
		s.must("longer than the 1 days that are declared: left")
		s.keeps(admin, s.o.Bucket, 90*day)
		s.o.Retention = 0
		s.must("for ever instead of 90 days")
		s.keeps(admin, s.o.Bucket, 0)
	})
}

func TestSetupWithoutTheAdministratorSaysWhatToDo(t *testing.T) {
	onEvery(t, func(t *testing.T, url string) {
		s := newSetting(t, url)
		s.must()
		stranger := newSetting(t, s.o.URL)
		if said, _, err := stranger.run(); plant.CodeOf(err) != plant.CodeRefused || !strings.Contains(err.Error(), "--admin-token-file") {
			t.Errorf("got %v after\n%s", err, said)
		}
		if err := os.WriteFile(stranger.o.AdminTokenFile, []byte("wrong:password\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, _, err := stranger.run(); plant.CodeOf(err) != plant.CodeRefused {
			t.Errorf("with a wrong token: %v after\n%s", err, said)
		}
		if _, err := os.Stat(stranger.o.TokenFile); err == nil {
			t.Error("it wrote a token")
		}
	})
}

func TestAnotherPolicyOfOnePointEight(t *testing.T) {
	s := newSetting(t, influxdtest.Run(t, influxdtest.V1).URL)
	s.o.Bucket = "plants/ninety"
	s.must("asks nobody to log in", `made database "plants/ninety", kept 90 days`)
	s.must(`bucket "plants/ninety" is there`)
	s.keeps(s.login(s.o.TokenFile), "plants/ninety", 90*day)
	rows, err := s.o.Server.query(t.Context(), `SHOW GRANTS FOR "heartline"`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, r := range rows {
		got[r["database"].(string)] = r["privilege"]
	}
	if diff := cmp.Diff(map[string]any{"plants": "ALL PRIVILEGES", "factory_verdicts": "ALL PRIVILEGES"}, got); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
}

func TestSomethingElseAnswers(t *testing.T) {
	s := newSetting(t, "http://127.0.0.1:1")
	if _, _, err := s.run(); plant.CodeOf(err) != plant.CodeUnavailable || !strings.Contains(err.Error(), "influxdb.url") {
		t.Errorf("nobody: %v", err)
	}
	s.o.URL = page(t)
	if _, _, err := s.run(); plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), "influxdb.url") {
		t.Errorf("a page: %v", err)
	}
}
