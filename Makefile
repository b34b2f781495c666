# SPDX-License-Identifier: GPL-3.0-or-later
# genorx: `make demo` and `make check` do all the set-up by themselves on a bare Debian 12.
BUILD   ?= build
PREFIX  ?= /usr/local
CC      ?= gcc
OPT     ?= -O2 -g -fvect-cost-model=dynamic
WERROR  ?= -Werror
Q       ?= @
WARN    := -Wall -Wextra -Wpedantic $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wno-format-nonliteral
DEFS    := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DGRX_PREFIX='"$(PREFIX)"'
# gcc clears and copies structures of some hundred bytes by `rep stos`, which takes longer to begin than to do
BLOCKS  := -mmemset-strategy=unrolled_loop:256:noalign,libcall:-1:noalign -mmemcpy-strategy=unrolled_loop:256:noalign,libcall:-1:noalign
BLOCKS  := $(shell $(CC) $(BLOCKS) -x c -c -o /dev/null /dev/null 2>/dev/null && echo '$(BLOCKS)')
CFLAGS  := -std=c11 $(OPT) $(BLOCKS) -ffp-contract=off -fno-math-errno $(WARN) $(DEFS) -Iinclude -Isrc $(XCFLAGS)
LIBS    := -lhts -lgsl -lgslcblas -ljansson -lcrypto -lz -lm -lpthread
LDFLAGS := $(XLDFLAGS)
OMP     ?= -fopenmp
# src folders that go into the library; a developer may build fewer: make ONLY="base math bio io stage/pgx"
ONLY    ?= base math bio io $(patsubst src/%/,%,$(wildcard src/stage/*/)) run
LIBSRC  := $(sort $(foreach d,$(ONLY),$(wildcard src/$(d)/*.c)))
CLISRC  := $(sort $(wildcard src/cli/*.c))
LIBOBJ  := $(LIBSRC:src/%.c=$(BUILD)/obj/%.o)
CLIOBJ  := $(CLISRC:src/%.c=$(BUILD)/obj/%.o)
UNITSRC := $(sort $(wildcard tests/unit/check_*.c))
UNITBIN := $(UNITSRC:tests/unit/%.c=$(BUILD)/unit/%)

DEPS_BUILD := gcc make libc6-dev libhts-dev libgsl-dev libjansson-dev libssl-dev zlib1g-dev
DEPS_TEST  := check libsubunit-dev bats samtools bcftools tabix snakemake jq git
DEPS_LINT  := clang-format cppcheck shellcheck pmccabe scdoc
DEPS_BENCH := hyperfine freebayes plink2 time

.PHONY: all lib
all: $(BUILD)/genorx
lib: $(BUILD)/libgenorx.a

$(BUILD)/libgenorx.a: $(LIBOBJ)
	@rm -f $@
	$(Q)ar rcs $@ $(LIBOBJ)

$(BUILD)/genorx: $(CLIOBJ) $(BUILD)/libgenorx.a
	$(Q)echo "LD $@"; $(CC) $(CFLAGS) $(OMP) -o $@ $(CLIOBJ) $(BUILD)/libgenorx.a $(LDFLAGS) $(LIBS)

$(BUILD)/obj/base/par.o: CFLAGS += $(OMP)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(Q)echo "CC $<"; $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libgenorx.a
	@mkdir -p $(@D)
	$(Q)echo "CC $<"; $(CC) $(CFLAGS) -Wno-missing-prototypes $(OMP) -MMD -MP -o $@ $< $(BUILD)/libgenorx.a $(LDFLAGS) -lcheck -lsubunit -lrt $(LIBS)

# fuzz targets: seeded cases in `make check`, libFuzzer by `make fuzz`
FUZZSRC := $(sort $(wildcard tests/fuzz/*.c))
$(BUILD)/fuzz/fuzz_call_region: $(FUZZSRC) $(wildcard tests/fuzz/*.h) $(BUILD)/libgenorx.a
	@mkdir -p $(@D)
	$(Q)echo "CC $@"; $(CC) $(CFLAGS) -Wno-missing-prototypes -Itests/fuzz $(OMP) -o $@ $(FUZZSRC) $(BUILD)/libgenorx.a $(LDFLAGS) $(LIBS)

# one file of each, tests/fuzz/*/fuzz_NAME.c; what else it needs lies beside it
FUZZERS := $(basename $(notdir $(wildcard tests/fuzz/*/fuzz_*.c)))
$(BUILD)/fuzz/fuzz_prs: tests/fuzz/prs/prs_case.c
.SECONDEXPANSION:
$(addprefix $(BUILD)/fuzz/,$(FUZZERS)): $(BUILD)/fuzz/%: $$(wildcard tests/fuzz/*/%.c) tests/fuzz/mem_strict.c tests/fuzz/seeds.h \
		$(BUILD)/libgenorx.a
	@mkdir -p $(@D)
	$(Q)echo "CC $@"; $(CC) $(CFLAGS) -Wno-missing-prototypes -Itests/fuzz $(OMP) -o $@ $(filter %.c,$^) $(BUILD)/libgenorx.a $(LDFLAGS) $(LIBS)

-include $(LIBOBJ:.o=.d) $(CLIOBJ:.o=.d) $(UNITBIN:=.d)

# --- set-up: Debian packages, nothing else
.PHONY: deps need-build need-test need-lint need-bench
deps: need-build need-test need-lint
need-build:
	@.ci/deps $(DEPS_BUILD)
need-test: need-build
	@.ci/deps $(DEPS_TEST)
need-lint:
	@.ci/deps $(DEPS_LINT)
need-bench:
	@.ci/deps $(DEPS_BENCH)

# --- the main job on simulated data; ends with the path of the report
.PHONY: demo
demo: need-build
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) pipeline/demo/demo.sh

# --- tests
.PHONY: check unit asan tsan
unit: $(UNITBIN) $(BUILD)/fuzz/fuzz_call_region $(addprefix $(BUILD)/fuzz/,$(FUZZERS))
check: need-test
	@$(MAKE) --no-print-directory -j2 all unit
	@BUILD=$(BUILD) tests/run.sh

SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
asan: need-test
	@$(MAKE) --no-print-directory -j2 BUILD=build-asan WERROR= OPT="-O1 -g" XCFLAGS="$(SAN)" XLDFLAGS="$(SAN)" all unit
	@BUILD=build-asan GENORX_SANITIZED=1 ASAN_OPTIONS=allocator_may_return_null=1 tests/run.sh

TSAN := -fsanitize=thread -DGRX_PAR_PTHREAD
tsan: need-test
	@$(MAKE) --no-print-directory -j2 BUILD=build-tsan WERROR= OMP= OPT="-O1 -g" XCFLAGS="$(TSAN) -Wno-unknown-pragmas" \
		XLDFLAGS="-fsanitize=thread" all
	@BUILD=build-tsan GENORX_QUICK=1 setarch -R tests/prop/threads.sh

# libFuzzer; FUZZ_S seconds
FUZZ_S ?= 600
.PHONY: fuzz
fuzz:
	@$(MAKE) --no-print-directory -j2 BUILD=build-fuzz CC=clang WERROR= OMP= OPT="-O1 -g" LDFLAGS="$(SAN)" \
		XCFLAGS="$(SAN) -fsanitize=fuzzer-no-link -DGRX_PAR_PTHREAD -Wno-everything" lib
	$(Q)clang -std=c11 -O1 -g $(DEFS) -Iinclude -Isrc -Itests/fuzz $(SAN) -fsanitize=fuzzer -DFZ_NO_MAIN \
		-o build-fuzz/libfuzzer_call_region $(FUZZSRC) build-fuzz/libgenorx.a $(LIBS)
	$(Q)for f in $(FUZZERS); do clang -std=c11 -O1 -g $(DEFS) -Iinclude -Isrc -Itests/fuzz $(SAN) -fsanitize=fuzzer -DFZ_NO_MAIN \
		-o build-fuzz/lib$$f tests/fuzz/*/$$f.c tests/fuzz/mem_strict.c build-fuzz/libgenorx.a $(LIBS) || exit 1; done
	$(Q)for f in $(FUZZERS); do mkdir -p build-fuzz/corpus_$$f && build-fuzz/lib$$f -max_total_time=$(FUZZ_S) -max_len=4096 -timeout=60 \
		-artifact_prefix=build-fuzz/ build-fuzz/corpus_$$f || exit 1; done
	@mkdir -p build-fuzz/corpus
	build-fuzz/libfuzzer_call_region -max_total_time=$(FUZZ_S) -max_len=4096 -timeout=60 -artifact_prefix=build-fuzz/ build-fuzz/corpus

# --- lint
.PHONY: lint format
lint: need-lint
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) tests/lint/lint.sh
format:
	clang-format -i $$(git ls-files '*.c' '*.h')

# --- benchmarks: peers from Debian in the same run
.PHONY: bench
bench: need-test need-bench
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) benchmarks/run.sh

# cohorts and scores for the benchmarks of prs: needs htslib only
$(BUILD)/prs_gen: benchmarks/gen/prs_gen.c benchmarks/gen/reads.c $(wildcard benchmarks/gen/*.h)
	@mkdir -p $(@D)
	$(Q)echo "CC $@"; $(CC) $(CFLAGS) -o $@ $(filter %.c,$^) $(LDFLAGS) -lhts -lm
# a database of made-up variants and a sample of it
$(BUILD)/annotate_db_gen: benchmarks/gen/annotate_db_gen.c benchmarks/gen/rng.h
	$(Q)echo "CC $@"; $(CC) $(CFLAGS) -o $@ $< $(LDFLAGS) -lm
# two eigen solvers on one matrix
$(BUILD)/annot_vars: benchmarks/gen/annot_vars.c benchmarks/gen/rng.h
	$(Q)mkdir -p $(@D); echo "CC $@"; $(CC) $(CFLAGS) -Ibenchmarks/gen -o $@ $< -lm

$(BUILD)/pca_solve: benchmarks/gen/pca_solve.c $(BUILD)/libgenorx.a
	$(Q)echo "CC $@"; $(CC) $(CFLAGS) $(OMP) -o $@ $^ $(LDFLAGS) $(LIBS)

# --- training of models in refdata/: not part of `make all`
TRAINSRC := $(sort $(wildcard benchmarks/train/*.c))
.PHONY: train
train: $(BUILD)/train_rescore
$(BUILD)/train_rescore: $(TRAINSRC) $(wildcard benchmarks/train/*.h) $(BUILD)/libgenorx.a
	$(Q)echo "CC $@"; $(CC) $(CFLAGS) -Ibenchmarks/train $(OMP) -o $@ $(TRAINSRC) $(BUILD)/libgenorx.a $(LDFLAGS) $(LIBS)

# --- manual pages from the option tables
STAGES := run qc call compare annotate pgx prs predict recommend report simulate rules why
.PHONY: docs
docs: need-lint all
	@for s in $(STAGES); do \
		$(BUILD)/genorx man $$s > docs/man/genorx-$$s.1.scd && \
		scdoc < docs/man/genorx-$$s.1.scd > docs/man/genorx-$$s.1 || exit 1; done
	@echo "docs: docs/man/*.1"

.PHONY: install dist clean
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/genorx
	install -d $(DESTDIR)$(PREFIX)/share/genorx $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(BUILD)/genorx $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(BUILD)/libgenorx.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 include/genorx/*.h $(DESTDIR)$(PREFIX)/include/genorx/
	cp -R refdata $(DESTDIR)$(PREFIX)/share/genorx/
	$(BUILD)/genorx completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/genorx
	@command -v scdoc >/dev/null || { echo "install: scdoc is absent: no manual pages (make deps installs it)"; exit 0; }; \
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 && for s in $(STAGES); do \
		scdoc < docs/man/genorx-$$s.1.scd > $(DESTDIR)$(PREFIX)/share/man/man1/genorx-$$s.1 || exit 1; done
dist:
	git archive --format=tar.gz --prefix=genorx/ -o $(BUILD)/genorx.tar.gz HEAD
clean:
	rm -rf build build-asan build-tsan demo-out
