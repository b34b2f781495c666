#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The call stage on random genomes, reads and forced sites: fuzz_call_region with a few seeds. More cases:
# build/fuzz/fuzz_call_region 10000; driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_call_region
if [[ ! -x $fuzz ]]; then
	echo "call_region: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 16 "$([[ -n ${GENORX_SANITIZED:-} ]] && echo 19 || echo 35)" 2>&1 | tr '\r' '\n' | grep -v '^case'
