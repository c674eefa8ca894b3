# Everything a user or a contributor types. `make help` lists it.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  = -s -w -X main.version=$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help build static influxd influxd2 telegraf demo test storm bench bench-go lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/heartline
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/heartline ./cmd/heartline

static: ## build static binaries for Linux: bin/heartline-linux-amd64 and -arm64
	for arch in amd64 arm64; do \
		CGO_ENABLED=0 GOOS=linux GOARCH=$$arch $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/heartline-linux-$$arch ./cmd/heartline || exit 1; \
	done

influxd: bin/influxd ## build bin/influxd (InfluxDB 1.8, under a minute)

bin/influxd: tools/influxd/go.mod tools/influxd/go.sum
	cd tools/influxd && $(GO) build -trimpath -o ../../bin/influxd github.com/influxdata/influxdb/cmd/influxd

# InfluxDB 2.7's half of Flux is Rust: influxdata/pkg-config has cargo build it,
# in a module of its own because it drags versions down in the other.
INFLUXD2_PKG_CONFIG = github.com/influxdata/pkg-config@v0.2.14

influxd2: bin/influxd2 ## build bin/influxd2 (InfluxDB 2.7, minutes; needs cargo and a C compiler)

bin/influxd2: tools/influxd2/go.mod tools/influxd2/go.sum tools/influxd2/rustc.sh
	@command -v cargo >/dev/null || { echo 'make influxd2 needs cargo, for the Rust half of Flux: install Rust from https://rustup.rs, then type make influxd2 again'; exit 1; }
	@command -v "$$($(GO) env CC)" >/dev/null || { echo 'make influxd2 needs a C compiler: install gcc (Debian: apt-get install gcc), then type make influxd2 again'; exit 1; }
	GOBIN=$(CURDIR)/bin/tools $(GO) install $(INFLUXD2_PKG_CONFIG)
	cd tools/influxd2 && CGO_ENABLED=1 PKG_CONFIG=$(CURDIR)/bin/tools/pkg-config \
		RUSTUP_TOOLCHAIN=stable RUSTC_WRAPPER=$(CURDIR)/tools/influxd2/rustc.sh \
		$(GO) build -trimpath -tags sqlite_foreign_keys,sqlite_json -ldflags '-s -w -X main.version=v2.7.12' \
		-o ../../bin/influxd2 github.com/influxdata/influxdb/v2/cmd/influxd

demo: build influxd ## run Heartline with simulated plants; Ctrl-C ends it
	@exec bin/heartline demo

test: build influxd ## every test, against real servers, under the race detector
	$(GO) test -race -timeout 20m ./...
	$(GO) test ./internal/reference
	cd tools/packaging && $(GO) test ./...

storm: build influxd ## the long storms: kill -9, restarts, disk full
	$(GO) test -race -tags storm -count=1 -timeout 30m -run Storm $(if $(SKIP),-skip '$(SKIP)') ./internal/e2e ./internal/app
	$(GO) test -tags storm -count=1 -timeout 60m ./internal/reference

telegraf: bin/telegraf ## build bin/telegraf, the peer of the benchmark

bin/telegraf: tools/telegraf/go.mod tools/telegraf/go.sum
	cd tools/telegraf && $(GO) build -trimpath -tags custom,inputs.mqtt_consumer,outputs.influxdb_v2,parsers.json_v2 \
		-o ../../bin/telegraf github.com/influxdata/telegraf/cmd/telegraf

bench: build influxd telegraf ## Heartline beside Telegraf in one run, as ratios (BENCH="--quick" shows that it works)
	cd bench && $(GO) build -o ../bin/bench . && ../bin/bench --bin ../bin $(BENCH)

bench-go: ## benchmarks of the hot path, beside their code
	$(GO) test -run '^$$' -bench . -benchmem ./collector/... ./rules/...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags storm ./internal/e2e ./internal/app
	cd bench && $(GO) vet .
	cd tools/lint && $(GO) build -o ../../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck -tags storm ./...

clean: ## remove what was built; data directories stay
	rm -rf bin
