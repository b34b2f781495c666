#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Same calls for any --shard-size, with variants on the borders of pieces; by index and from standard input.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$genorx" simulate --seed 23 --depth 20 -o "$t/d"
d=$t/d
calls() { grep -v '^##' "$1"; }
"$genorx" call -f "$d/ref.fa.gz" -R "$d/truth.bed" -O v -o "$t/want.vcf" "$d/donor1.bam"
# sizes that put a border on the first base of a variant, behind it, or within: divisors of that place
mapfile -t at < <(grep -v '^#' "$t/want.vcf" | awk '
	NR % 8 == 1 { put($2 - 1); put($2); put($2 - 1 + length($4)) }
	function put(p, k) { for (k = int(p / 60000) + 1; p / k > 500; k++) if (p % k == 0) { print p / k; return } }' | head -30)
[ ${#at[@]} -ge 10 ]
for size in 1000 50000 1000000 "${at[@]}"; do
	"$genorx" call -@ 2 --shard-size "$size" -f "$d/ref.fa.gz" -R "$d/truth.bed" -O v -o "$t/got.vcf" "$d/donor1.bam"
	cmp <(calls "$t/want.vcf") <(calls "$t/got.vcf") || {
		echo "shards: other calls with --shard-size $size" >&2
		exit 1
	}
done
"$genorx" call --shard-size 3000 -f "$d/ref.fa.gz" -R "$d/truth.bed" -O v -o "$t/got.vcf" - <"$d/donor1.bam"
cmp <(calls "$t/want.vcf") <(calls "$t/got.vcf")
echo "same calls for $((4 + ${#at[@]})) ways of cutting: $(calls "$t/want.vcf" | wc -l) lines"
