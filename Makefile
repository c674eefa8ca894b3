# Everything a user or a contributor types. `make help` lists it.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  = -s -w -X main.version=$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help build influxd demo test storm bench lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/heartline
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/heartline ./cmd/heartline

influxd: bin/influxd ## build bin/influxd (InfluxDB 1.8, under a minute)

bin/influxd: tools/influxd/go.mod tools/influxd/go.sum
	cd tools/influxd && $(GO) build -trimpath -o ../../bin/influxd github.com/influxdata/influxdb/cmd/influxd

demo: build influxd ## run Heartline with simulated plants; Ctrl-C ends it
	@exec bin/heartline demo

test: build influxd ## every test, against real servers, under the race detector
	$(GO) test -race ./...

storm: build influxd ## the long storms: kill -9, restarts, disk full
	$(GO) test -race -tags storm -count=1 -timeout 30m -run Storm $(if $(SKIP),-skip '$(SKIP)') ./internal/e2e

bench: ## benchmarks of the hot path
	$(GO) test -run '^$$' -bench . -benchmem ./collector/... ./rules/...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags storm ./internal/e2e
	cd tools/lint && $(GO) build -o ../../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck -tags storm ./...

clean: ## remove what was built; data directories stay
	rm -rf bin
