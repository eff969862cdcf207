# SPDX-License-Identifier: MIT
# Runs meson in build/, and installs the packages that a build needs; no other file lists them.

PACKAGES := gcc libc6-dev make meson ninja-build pkg-config python3 libglib2.0-dev libjson-c-dev nettle-dev \
	libslirp-dev liburing-dev libgnutls28-dev libseccomp-dev zlib1g-dev libzstd-dev
TEST_PACKAGES := strace libasan8 libubsan1 libtsan2 patch python3-jsonschema iproute2 tcpdump gnutls-bin socat valgrind man-db \
	zsh fish
# What guests run on; without them, tests of guests are skipped.
GUEST_PACKAGES := qemu-system-x86 linux-image-cloud-amd64 busybox-static
# What tests of the site and of block nodes drive.
DRIVEN_PACKAGES := chromium qemu-utils
# For the long forms of these tests: virsh, the examples of libvirt's reference, and QEMU for other targets.
LIBVIRT_PACKAGES := libvirt-daemon-system libvirt-clients libvirt-daemon-driver-qemu libvirt-doc
TARGET_PACKAGES := qemu-system-arm qemu-system-ppc qemu-system-misc
DOCS_PACKAGES := python3-sphinx python3-myst-parser
BENCH_PACKAGES := qemu-utils valgrind fio
PARITY_PACKAGES := qemu-system-x86
STYLE_PACKAGES := clang-format
FUZZ_PACKAGES := clang libclang-rt-14-dev
LINT_PACKAGES := clang-tidy mypy
DEB_PACKAGES := debhelper dh-python lintian

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# $(call need,PACKAGES): installs the missing ones; prints nothing if none is missing.
need = missing=$$(for p in $(1); do dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed \
	|| echo $$p; done); if [ -n "$$missing" ]; then $(SUDO) apt-get update -q && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; fi

# The same for packages without which tests are skipped.
want = ($(call need,$(1))) || echo "tests are skipped: these packages cannot be had: $(1)"
guests = ($(call need,$(GUEST_PACKAGES))) || echo "no guest can run: these packages cannot be had: $(GUEST_PACKAGES)"

.PHONY: all run test build install deb deb-test build-all build-sanitized build-tsan threads nightly bench soak parity docs man build-fuzz fuzz fuzz-planted format check-style lint build-coverage coverage clean
all: build

run: build
	@$(call guests)
	@examples/tour.py build

build:
	@$(call need,$(PACKAGES))
	@tools/configure build -Dwerror=true -Djoined=true
	@ninja -C build --quiet programs

# Programs, manual pages and completion for shells, below DESTDIR.
install: build
	@meson install -C build --no-rebuild

# Debian packages, in build/deb.
deb:
	@$(call need,$(PACKAGES) $(DEB_PACKAGES))
	@packaging/deb build $(PACKAGES)

# Installs them in a fresh root, uses and purges them.
deb-test: deb
	@$(call need,mmdebstrap)
	@packaging/deb-test build

# With what tests and benchmarks need.
build-all: build
	@ninja -C build --quiet

build-sanitized:
	@tools/configure build-sanitized -Db_sanitize=address,undefined -Doptimization=1 -Dwerror=true -Djoined=true
	@ninja -C build-sanitized --quiet

build-tsan:
	@tools/configure build-tsan -Db_sanitize=thread -Doptimization=1 -Dwerror=true
	@ninja -C build-tsan --quiet unit-programs

# Under ThreadSanitizer, tests of data that threads share.
threads:
	@$(call need,$(PACKAGES) $(TEST_PACKAGES))
	@$(MAKE) --no-print-directory build-tsan
	@tests/run build-tsan

test:
	@$(call need,$(PACKAGES) $(TEST_PACKAGES))
	@$(call guests)
	@$(call want,$(DRIVEN_PACKAGES))
	@$(MAKE) --no-print-directory build-all
	@tests/run build --make build-sanitized

bench: build-all
	@$(call need,$(BENCH_PACKAGES))
	@tests/bench/run build

# Tests that take too long for 'make test': all mutants of the schema, the long forms of tests, ThreadSanitizer, a build by
# clang that compiles each file for itself, one with every optional library off, and each backend 10,000 times.
nightly: build-all build-sanitized threads
	@$(call need,$(TEST_PACKAGES) $(FUZZ_PACKAGES))
	@$(call want,$(GUEST_PACKAGES) $(LIBVIRT_PACKAGES) $(TARGET_PACKAGES) $(DRIVEN_PACKAGES))
	@CC=clang tools/configure build-clang -Dwerror=true
	@ninja -C build-clang --quiet
	@tests/layers/circles.py build-clang
	@tools/configure build-minimal -Dwerror=true -Dauto_features=disabled
	@ninja -C build-minimal --quiet
	@PATH=/usr/bin:$$PATH meson test -C build-minimal --no-rebuild --print-errorlogs --suite unit --suite cli -t 3
	@VINTAGE_LONG=1 VT_OVERLAP_ROUNDS=3000 PATH=/usr/bin:$$PATH meson test -C build --no-rebuild --print-errorlogs -t 20
	@VINTAGE_LONG=1 PATH=/usr/bin:$$PATH meson test -C build-sanitized --no-rebuild --print-errorlogs -t 20
	@$(MAKE) --no-print-directory soak deb-test

# Creates and deletes each backend 10,000 times; 'make test' uses fewer rounds for slow backends.
soak: build-all
	@$(call need,$(TEST_PACKAGES))
	@VINTAGE_TIMES=10000 PATH=/usr/bin:$$PATH meson test -C build --no-rebuild --print-errorlogs --suite lifecycle -t 4

# QEMU=/path/to/qemu-system-x86_64 for another one than Debian's, of any release.
parity: build
	@$(if $(QEMU),,$(call need,$(PARITY_PACKAGES)))
	@VINTAGE_QEMU=$(or $(QEMU),qemu-system-x86_64) tests/parity/run build
	@VINTAGE_BUILD=$(CURDIR)/build VINTAGE_QEMU=$(or $(QEMU),qemu-system-x86_64) tests/parity/refusals.py
	@VINTAGE_BUILD=$(CURDIR)/build VINTAGE_QEMU=$(or $(QEMU),qemu-system-x86_64) tests/parity/settled-lines.py

docs: build
	@$(call need,$(DOCS_PACKAGES))
	@docs/build build
	@docs/build-man build

# The manual pages alone: man -l build/docs/man/vintage-vm.1
man: build
	@docs/build-man build

# FUZZ_SECONDS=600 a target, FUZZ_JOBS of them at a time (one a processor); FUZZ="TARGET..." for some of them.
# fuzz-planted: each target must find the bug that is planted for it in a copy of the tree.
build-fuzz:
	@$(call need,$(PACKAGES) $(FUZZ_PACKAGES))
	@CC=clang tools/configure build-fuzz -Dfuzz=true -Db_lundef=false -Db_sanitize=address,undefined -Doptimization=1
	@ninja -C build-fuzz --quiet fuzzers

fuzz: build-fuzz
	@tests/fuzz/run build-fuzz $(FUZZ)

fuzz-planted: build-fuzz
	@$(call need,$(TEST_PACKAGES))
	@tests/fuzz/run build-fuzz --planted $(FUZZ)

format:
	@$(call need,$(STYLE_PACKAGES))
	@git ls-files '*.c' '*.h' | grep -v '^tests/golden/' | xargs clang-format -i

check-style:
	@$(call need,$(PACKAGES) $(STYLE_PACKAGES))
	@git ls-files '*.c' '*.h' | grep -v '^tests/golden/' | xargs clang-format --dry-run -Werror
	@tools/configure build -Dwerror=true -Djoined=true
	@ninja -C build --quiet headers
	@tests/lint/lint.py

# clang-tidy by .clang-tidy, and mypy --strict of the compiler; FILES="FILE.c..." for some files.
lint:
	@$(call need,$(PACKAGES) $(LINT_PACKAGES))
	@tools/configure build-lint -Dwerror=true
	@ninja -C build-lint --quiet headers
	@tools/lint build-lint $(FILES)

# Prints the share of lines that tests run, by directory; fails where runtime/ is below 90 %.  SUITES="SUITE..." for some.
build-coverage:
	@$(call need,$(PACKAGES) $(TEST_PACKAGES))
	@tools/configure build-coverage -Db_coverage=true -Dwerror=true
	@ninja -C build-coverage --quiet

coverage: build-coverage
	@tools/coverage build-coverage $(SUITES)

clean:
	rm -rf build build-sanitized build-tsan build-fuzz build-clang build-minimal build-coverage build-lint
