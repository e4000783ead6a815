# Tandem. `make run` shows the whole job, `make test` runs every test.
SHELL    := /bin/bash
PREFIX   ?= /usr/local
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -X tandem/internal/cli.version=$(VERSION)
GOBUILD  := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'
OUT      ?= out/demo-$(shell date -u +%Y%m%dT%H%M%SZ)
SITE     ?=
SITEOUT   = out/$(shell printf '%s' '$(SITE)' | sed 's,^[a-z]*://,,; s,/*$$,,; s,[^A-Za-z0-9.-],_,g')
FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help run build test unit race gcc fuzz bench peers lint check install

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

build: ## build bin/fetch and bin/process
	@mkdir -p bin
	$(GOBUILD) -o bin/fetch ./cmd/fetch
	$(GOBUILD) -o bin/process ./cmd/process

run: build ## crawl the demo site and process it; SITE=https://… crawls that one politely
ifeq ($(SITE),)
	bin/fetch crawl --config configs/demo.yaml -o $(OUT)
	bin/process run --config configs/demo.yaml $(OUT)
else
	bin/fetch crawl --config configs/site.yaml -o $(SITEOUT) '$(SITE)'
	bin/process run --config configs/site.yaml $(SITEOUT)
endif

test: build unit race ## every test: the programs as users run them, then the packages under the race detector

unit: build
	go test -count=1 $$(go list ./cmd/... ./pipeline/procpool ./internal/arch)

race: gcc ## the packages under the race detector
	@if command -v $${CC:-gcc} >/dev/null; then \
	  CGO_ENABLED=1 go test -race -shuffle=on -count=1 $$(go list ./... | grep -v /cmd/); \
	else \
	  echo 'make race: LEFT OUT: the race detector needs gcc, which is missing (install it, or run as root); running without it'; \
	  go test -shuffle=on -count=1 $$(go list ./... | grep -v /cmd/); \
	fi

gcc: # the race detector needs a C compiler: install it where that is allowed
	@command -v $${CC:-gcc} >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq gcc libc6-dev; } || true

fuzz: ## fuzz every parser, FUZZTIME (30s) each
	@set -e; for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	  echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p; done; done

bench: ## the packages' benchmarks
	go test -run '^$$' -bench . -benchmem ./...

peers: build ## measure beside wget2, Colly, vipsthumbnail, Python, wrk and other load generators (installs them as root)
	scripts/peers.sh

lint: ## gofmt, vet, floors
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go test -count=1 ./internal/arch

check: lint race ## lint, race, tidy and the other platforms
	go mod tidy -diff
	@set -e; for p in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do echo "build $$p"; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/fetch; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/process; done

install: build ## install as PREFIX/bin/tandem-fetch and tandem-process
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 bin/fetch $(DESTDIR)$(PREFIX)/bin/tandem-fetch
	install -m 755 bin/process $(DESTDIR)$(PREFIX)/bin/tandem-process
