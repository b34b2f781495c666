#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Score files, frequencies and chains from random bytes: fuzz_prs with a few seeds. More cases: build/fuzz/fuzz_prs 100000;
# driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_prs
if [[ ! -x $fuzz ]]; then
	echo "prs: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 500
