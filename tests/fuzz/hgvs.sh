#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# HGVS names from random bytes: fuzz_hgvs with a few seeds. More cases: build/fuzz/fuzz_hgvs 100000; driven by libFuzzer:
# make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_hgvs
if [[ ! -x $fuzz ]]; then
	echo "hgvs: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 20000
