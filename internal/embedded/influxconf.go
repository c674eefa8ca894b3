package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// influxConfFormat is the configuration of influxd 1.8. Each line but the
// paths and the address mends a default that bites: an index in memory, 100,000
// values per tag, Flux off, usage reports, a fixed port for backups.
// wal-fsync-delay is left at 0: each write is synced before it is answered.
const influxConfFormat = `# Written by Heartline at every start; changes here are lost.
reporting-disabled = true
bind-address = "127.0.0.1:0"

[meta]
  dir = %s
  logging-enabled = false

[data]
  dir = %s
  wal-dir = %s
  index-version = "tsi1"
  max-series-per-database = 0
  max-values-per-tag = 0
  query-log-enabled = false

[monitor]
  store-enabled = false

[http]
  bind-address = %s
  flux-enabled = true
  log-enabled = false

[logging]
  format = "logfmt"
  level = "info"
  suppress-logo = true

[subscriber]
  enabled = false

[continuous_queries]
  log-enabled = false
`

// writeInfluxConf writes the configuration into dir and returns its path.
func writeInfluxConf(dir, listen string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find %q: %w", dir, err)
	}
	if err := privateDir(dir); err != nil {
		return "", err
	}
	in := func(name string) string { return tomlString(filepath.Join(dir, name)) }
	text := fmt.Sprintf(influxConfFormat, in("meta"), in("data"), in("wal"), tomlString(listen))
	path := filepath.Join(dir, "influxdb.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", plant.Errorf(plant.CodeInvalid, "cannot write influxd's configuration: %w", err)
	}
	return path, nil
}

func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
