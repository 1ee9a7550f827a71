# An index of commands; Meson builds. `make help` lists them.
#
#   make run ARGS="--port 9000"     passes arguments on
#   make test BUILD=/tmp/b          builds somewhere else
#   make campaign ROUNDS=200 SEED=7   200 kills, and of the others what belongs to that
#   make simulation SEEDS=1000 SEED=7

MAKEFLAGS += --no-print-directory
BUILD  ?= $(CURDIR)/build
PREFIX ?= /usr/local
ROUNDS ?= 200
SEED   ?= 1
SEEDS  ?= 1000
export BUILD

.DEFAULT_GOAL := help
.PHONY: help run test demo build lint format bench campaign simulation planted sandbox asan fuzz \
        coverage tsan valgrind install clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## install what is missing, build, start `partnerapp dev`
	@$(BUILD)/partnerapp dev $(ARGS)

test: ## the same set-up, then every test
	@tools/setup build test
	@tools/build
	@tools/test

demo: build ## Enable with Segment, from the press to the sink, step by step
	@tests/clients/install
	@node tools/demo.mjs

build: ## only build: partnerapp, partnerapp-runner and partnerapp-emulator
	@tools/setup build
	@tools/build

lint: ## formatting, static analysis, spelling, scripts
	@tools/setup build lint
	@tools/lint

format: ## rewrite C files in the house format
	@tools/setup lint
	@find src tests -name node_modules -prune -o -name '*.[ch]' -exec clang-format -i {} +

bench: ## W1 … W9 with goals, beside Express, a tuned Node, nginx, isolated-vm; build/bench.json
	@tools/setup build bench
	@tools/build
	@tests/bench/run

campaign: ROUNDS = 100
campaign: ## ROUNDS (100) kills, ten times as many power cuts, failing disks …: nothing may be lost
	@tools/setup build test
	@tools/build
	@node tests/campaign/campaign.mjs all $(ROUNDS) $(SEED)

simulation: ## months of retries, outages and crashes in SEEDS simulated worlds from SEED on
	@tools/setup build test
	@tools/build
	@$(BUILD)/tests/simulation/simulation --seeds $(SEEDS) --from $(SEED)

planted: ## bugs that the simulation must find, one after the other
	@tools/setup build test
	@tools/build
	@tests/simulation/planted

sandbox: ## every hostile script, ROUNDS times, without and with the engine's JIT
	@tools/setup build test
	@tools/build
	@tests/campaign/sandbox $(ROUNDS)

asan: ## unit and hostile-input tests with clang, ASan and UBSan
	@tools/setup build test fuzz
	@tools/asan

fuzz: ## each fuzz target for SECONDS_EACH (60) seconds
	@tools/setup build fuzz
	@tools/fuzz

coverage: ## lines and branches that the tests reach; less than tests/coverage.json fails
	@tools/setup build test coverage
	@tools/coverage

tsan: ## the whole service with clang and ThreadSanitizer
	@tools/setup build test fuzz
	@tools/tsan

valgrind: ## unit tests under valgrind: no leak, no read of what was never written
	@tools/setup build valgrind
	@tools/valgrind

install: build ## the programs and libpartnerapp, into DESTDIR and PREFIX (/usr/local)
	install -D -m 0755 $(BUILD)/partnerapp $(DESTDIR)$(PREFIX)/bin/partnerapp
	install -D -m 0755 $(BUILD)/partnerapp-runner $(DESTDIR)$(PREFIX)/bin/partnerapp-runner
	install -D -m 0755 $(BUILD)/partnerapp-starter $(DESTDIR)$(PREFIX)/bin/partnerapp-starter
	install -D -m 0755 $(BUILD)/partnerapp-emulator $(DESTDIR)$(PREFIX)/bin/partnerapp-emulator
	install -D -m 0644 $(BUILD)/runtime/npm/third-party.txt $(DESTDIR)$(PREFIX)/share/doc/partnerapp/third-party.txt
	install -D -m 0644 src/lambda/library/partnerapp.h $(DESTDIR)$(PREFIX)/include/partnerapp.h
	install -D -m 0644 $(BUILD)/src/lambda/library/partnerapp.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/partnerapp.pc
	install -D -m 0755 $(BUILD)/src/lambda/library/libpartnerapp.so.0.1.0 $(DESTDIR)$(PREFIX)/lib/libpartnerapp.so.0.1.0
	ln -sf libpartnerapp.so.0.1.0 $(DESTDIR)$(PREFIX)/lib/libpartnerapp.so.0
	ln -sf libpartnerapp.so.0 $(DESTDIR)$(PREFIX)/lib/libpartnerapp.so
	install -D -m 0644 $(BUILD)/web/third-party-console.txt $(DESTDIR)$(PREFIX)/share/doc/partnerapp/third-party-console.txt

clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz $(BUILD)-coverage $(BUILD)-tsan $(BUILD)-valgrind
