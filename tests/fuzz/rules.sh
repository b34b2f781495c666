#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Conditions and rule tables from random bytes: fuzz_rules with a few seeds. More cases: build/fuzz/fuzz_rules 100000;
# driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_rules
if [[ ! -x $fuzz ]]; then
	echo "rules: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 3000
