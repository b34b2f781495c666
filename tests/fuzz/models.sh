#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Gene models and their compiled files from random bytes: fuzz_models with a few seeds. More cases:
# build/fuzz/fuzz_models 100000; driven by libFuzzer: make fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz/fuzz_models
if [[ ! -x $fuzz ]]; then
	echo "models: SKIP: $fuzz is not built (make unit)"
	exit 77
fi
"$fuzz" 2000
