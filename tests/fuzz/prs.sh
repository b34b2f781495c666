#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Score files, frequencies, chains and summary statistics from random bytes: fuzz_prs and fuzz_sumstats with a few seeds. More
# cases: build/fuzz/fuzz_prs 100000; driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
for fuzz in "${BUILD:-build}"/fuzz/fuzz_{sumstats,prs}; do
	if [[ ! -x $fuzz ]]; then
		echo "prs: SKIP: $fuzz is not built (make unit)"
		exit 77
	fi
done
"${BUILD:-build}/fuzz/fuzz_sumstats" 2000
"${BUILD:-build}/fuzz/fuzz_prs" 500
