# xianzhi: build, tests, checks. `make help` lists the targets.
#
# Variants never share objects: plain in build/obj, SAN=address,undefined in build/asan, SAN=thread in
# build/tsan, FUZZ=1 (clang, libFuzzer) in build/fuzz. DEV=1 adds -Werror, V=1 shows whole commands.

.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

VERSION := 0.1.0
PREFIX  ?= /usr/local
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)

LAYERS  := base warc extract store crawler serve
PKGS    := libcurl libuv gumbo libxml-2.0 zlib libdeflate sqlite3 yaml-0.1 jansson libpsl icu-uc \
           icu-i18n libseccomp libcrypto libssl libxxhash xlsxwriter libzip libmicrohttpd libpcre2-8
LIBS_EXTRA := -lunistring -lpthread -lm

# --- variant -------------------------------------------------------------------------------------
CC      := gcc
OPT     ?= -O2
ifeq ($(FUZZ),1)
  CC      := clang
  VARIANT := fuzz
  OPT     := -O1
  SANFLAGS := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined
else ifneq ($(findstring thread,$(SAN)),)
  VARIANT := tsan
  OPT     := -O1
  SANFLAGS := -fsanitize=thread
else ifneq ($(SAN),)
  VARIANT := asan
  OPT     := -O1
  SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
  VARIANT :=
endif
OUT := build$(if $(VARIANT),/$(VARIANT))
OBJ := $(OUT)/obj

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
CPPFLAGS  = -Iinclude -I. -D_GNU_SOURCE -DZHI_VERSION='"$(VERSION)"' $(PKG_CFLAGS)
CFLAGS   := -std=c11 -g $(OPT) $(WARN) $(if $(DEV),-Werror) $(SANFLAGS) -fno-common
LDFLAGS  := $(SANFLAGS)

# pkg-config is asked only when something is compiled, so that `make deps` runs before it exists.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g'))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

Q := $(if $(V),,@)

# --- sources: every .c of a layer's folder belongs to it --------------------------------------------
LIB_SRC  := $(foreach d,$(LAYERS),$(wildcard $(d)/*.c $(d)/*/*.c))
CLI_SRC  := $(wildcard cli/*.c)
COUNTY_SRC := $(wildcard tests/county/*.c tests/county/*/*.c)
TEST_SRC := $(wildcard tests/unit/t_*.c tests/contract/t_*.c tests/e2e/t_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/f_*.c)
SUPPORT_SRC := $(wildcard tests/support/*.c)
SHIM_SRC := tests/faults/shim.c tests/faults/names.c $(if $(VARIANT),,tests/faults/alloc.c)
BENCH_SRC := $(wildcard bench/*.c)
EMBEDDED := $(wildcard config/*.yaml config/divisions.txt store/schema/*.sql serve/ui/* serve/openapi.json)

objs = $(patsubst %.c,$(OBJ)/%.o,$(1))
LIB     := $(OUT)/libxianzhi.a
BIN     := $(OUT)/xianzhi
COUNTY  := $(OUT)/county
SHIM    := $(OUT)/shim.so
TESTS   := $(patsubst tests/%.c,$(OUT)/tests/%,$(TEST_SRC))
REPLAYS := $(patsubst tests/fuzz/%.c,$(OUT)/tests/fuzz/%,$(FUZZ_SRC))
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/bin/%,$(FUZZ_SRC))
BENCHES := $(patsubst bench/%.c,$(OUT)/bench/%,$(BENCH_SRC))

.PHONY: all help print-pkgs deps replay tests test test-one test-browser test-deb demo lint format torture fuzz fuzzers \
        bench benches conformance deb install clean

all: $(BIN) ## the program: build/xianzhi

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

print-pkgs:
	@echo $(PKGS)

# --- set-up ----------------------------------------------------------------------------------------
deps: build/.deps-build ## install the Debian packages the build needs (once)
# The packages of one purpose in packages.txt: build, lint, deb, browser.
build/.deps-%: config/packages.txt
	$(Q)config/install-packages $*
	$(Q)mkdir -p build && touch $@

# Node packages are fetched by their lock files; nothing of them is in the tree. Debian's npm is of use only where there is
# no other.
build/.deps-node: config/packages.txt
	$(Q)command -v npm >/dev/null || config/install-packages node
	$(Q)mkdir -p build && touch $@
build/.deps-browser: build/.deps-node
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

replay: build/wabac/sw.js ## the service worker that replays pages as they looked, beside the program
build/wabac/sw.js: serve/wabac/package.json serve/wabac/package-lock.json | build/.deps-node
	$(Q)mkdir -p $(@D) && cp $^ $(@D)/
	$(Q)cd $(@D) && $(NPM_CI) >/dev/null && cp node_modules/@webrecorder/wabac/LICENSE.md .
	$(Q)cp $(@D)/node_modules/@webrecorder/wabac/dist/sw.js $@

build/browser/.ready: tests/browser/package.json tests/browser/package-lock.json | build/.deps-browser
	$(Q)mkdir -p $(@D) && cp $^ $(@D)/
	$(Q)cd $(@D) && $(NPM_CI) >/dev/null
	$(Q)touch $@

# --- compile ---------------------------------------------------------------------------------------
$(OBJ)/%.o: %.c | build/.deps-build
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Sources that embed a data file (ZHI_EMBED) are rebuilt when it changes.
$(call objs,$(shell grep -ls ZHI_EMBED $(LIB_SRC))): $(EMBEDDED)

$(LIB): $(call objs,$(LIB_SRC))
	$(if $(V),,@echo "  AR    $@")
	$(Q)rm -f $@ && ar qcs $@ $^

define say-link
@mkdir -p $(@D)
$(if $(V),,@echo "  LINK  $@")
endef
define link
$(say-link)
$(Q)$(CC) $(LDFLAGS) $^ $(PKG_LIBS) $(LIBS_EXTRA) -o $@
endef

$(BIN): $(call objs,$(CLI_SRC)) $(LIB)
	$(link)

$(COUNTY): $(call objs,$(COUNTY_SRC)) $(LIB)
	$(link)

# Preloaded by tests that make calls fail; never built with a sanitizer.
$(SHIM): $(SHIM_SRC) tests/faults/shim.h
	$(say-link)
	$(Q)$(CC) -Iinclude -I. -D_GNU_SOURCE -std=c11 -g -O1 $(WARN) $(if $(DEV),-Werror) -fPIC -shared $(SHIM_SRC) -ldl -o $@

$(OUT)/tests/%: $(OBJ)/tests/%.o $(call objs,$(SUPPORT_SRC)) $(LIB)
	$(link) -lcmocka

# A fuzz target without libFuzzer: replays its seeds and past crashes, any compiler, part of `make test`.
$(OUT)/tests/fuzz/%: $(OBJ)/tests/fuzz/%.o $(OBJ)/tests/fuzz/replay.o $(LIB)
	$(link)

build/fuzz/bin/%: build/fuzz/obj/tests/fuzz/%.o build/fuzz/libxianzhi.a
	@mkdir -p $(@D)
	$(Q)clang -fsanitize=address,undefined,fuzzer $^ $(PKG_LIBS) $(LIBS_EXTRA) -o $@

$(OUT)/bench/%: $(OBJ)/bench/%.o $(LIB)
	$(link)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
.SECONDARY:

# --- run -------------------------------------------------------------------------------------------
tests: $(BIN) $(COUNTY) $(SHIM) $(TESTS) $(REPLAYS)

test: build/.deps-build ## every test: plain, then ASan+UBSan, then the threaded parts under TSan, the browser, the package
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory tests
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory SAN=address,undefined tests
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory SAN=thread tests
	$(Q)$(MAKE) --no-print-directory build/wabac/sw.js build/browser/.ready
	$(Q)tests/run build build/asan build/tsan browser
	$(Q)$(MAKE) --no-print-directory test-deb

test-browser: build/.deps-build build/wabac/sw.js build/browser/.ready ## the archive in Chromium: journeys, replay, accessibility
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(BIN)
	$(Q)tests/run browser

test-one: tests ## the tests of one variant: make test-one [SAN=...]
	$(Q)tests/run $(OUT)

demo: build/.deps-build ## crawl a simulated county and show what comes out
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(BIN) $(COUNTY)
	$(Q)tests/demo

lint: build/.deps-lint build/.deps-build ## format, static analysis, layers, headers
	$(Q)tests/lint

format: build/.deps-lint
	$(Q)git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

TORTURE_PLACES ?= 40
torture: build/.deps-build ## kill a crawl and fail its calls at hundreds of places, and look what is left
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory tests
	$(Q)tests/faults/run $(OUT) $(TORTURE_PLACES)

FUZZ_SECONDS ?= 60
fuzz: build/.deps-lint ## every fuzz target under ASan for FUZZ_SECONDS each
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory FUZZ=1 fuzzers
	$(Q)tests/fuzz/run $(FUZZ_SECONDS)
fuzzers: $(FUZZERS)

bench: build/.deps-build ## measure against bare libcurl and wget, one run
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(BIN) $(COUNTY) $(SHIM) benches
	$(Q)bench/run
	$(Q)bench/recrawl
	$(Q)bench/resume
benches: $(BENCHES)

conformance: build/.deps-build build/browser/.ready ## outside tools (warcio, jwarc, pywb) read what we wrote and serve
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(BIN) $(COUNTY) $(SHIM) $(OUT)/tests/e2e/t_faults
	$(Q)tests/conformance/run

deb: build/.deps-deb build/.deps-build build/wabac/sw.js ## the Debian package: build/xianzhi_VERSION_ARCH.deb
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(BIN)
	$(Q)packaging/build $(OUT) $(VERSION)

test-deb: ## install, use and purge the package in an overlay of this system, where that can be (root)
	$(Q)if tests/packaging/check --able; then \
	  $(MAKE) -j$(JOBS) --no-print-directory $(BIN) $(COUNTY) && \
	  $(MAKE) --no-print-directory deb && \
	  tests/packaging/check $(OUT)/xianzhi_$(VERSION)_$$(dpkg --print-architecture).deb $(COUNTY); fi

install: all replay
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/xianzhi
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/xianzhi/wabac build/wabac/sw.js build/wabac/LICENSE.md
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/xianzhi config/*.yaml

clean: ## remove build output
	rm -rf build
