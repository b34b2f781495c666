#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Definitions and outside calls from random bytes: fuzz_pgx with a few seeds. More cases: build/fuzz/fuzz_pgx 100000;
# driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_pgx
if [[ ! -x $fuzz ]]; then
	echo "pgx: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 300
