#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A built allele database with changed bytes: fuzz_annotate_db with a few seeds. More cases: build/fuzz/fuzz_annotate_db 100000;
# driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_annotate_db
if [[ ! -x $fuzz ]]; then
	echo "annotate_db: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 1500
