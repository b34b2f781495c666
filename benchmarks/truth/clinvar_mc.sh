#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clinvar_mc.sh -- molecular consequences (MC) of ClinVar's records on chromosome 21 against ours on the chromosome 21 models of
# the shared data: is each MC term given by us on some transcript? The sequence there is N for most genes, so a change of
# residues cannot be told (coding_sequence_variant); such records are counted apart.
# GENORX = program, GRX_SHARED = folder with the shared test data.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
shared=${GRX_SHARED:-$root/../shared}
genorx=${GENORX:-$root/build/genorx}
dir=$shared/data/annot
[ -d "$dir/clinvar" ] || { echo "SKIP: $dir/clinvar is absent" >&2; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
gzip -dc "$dir/chr21/chr21.real.fa.gz" > "$tmp/ref.fa"
samtools faidx "$tmp/ref.fa"
# the contigs are named as in the reference; the others are left out
gzip -dc "$dir"/clinvar/*.vcf.gz | sed 's/^chr21\t/21\t/; s/^##contig=<ID=chr21/##contig=<ID=21/' |
	awk -F'\t' '/^##contig=<ID=21[,>]/ || (/^#/ && !/^##contig/) || $1 == "21"' > "$tmp/in.vcf"
"$genorx" annotate -f "$tmp/ref.fa" -g "$dir/chr21/test.gff.gz" --ref-mismatch flag --fields Consequence -O v -o "$tmp/out.vcf" "$tmp/in.vcf" 2> "$tmp/log" || { cat "$tmp/log" >&2; exit 1; }
awk -F'\t' '!/^#/ {
	records++
	mc = csq = ""
	n = split($8, info, ";")
	for (i = 1; i <= n; i++) {
		if (info[i] ~ /^MC=/) mc = substr(info[i], 4)
		if (info[i] ~ /^CSQ=/) csq = "&" substr(info[i], 5) "&"
	}
	gsub(",", "\\&", csq)
	if (mc == "") { without++; next }
	m = split(mc, term, ",")
	for (i = 1; i <= m; i++) {
		sub(/.*\|/, "", term[i])
		t = term[i]
		want = t == "nonsense" ? "stop_gained" : t == "initiator_codon_variant" ? "start_lost" : t == "non-coding_transcript_variant" ? "non_coding_transcript_(exon_)?variant" : t
		n_term[t]++
		if (csq ~ ("&" want "&")) same[t]++
		else if (csq ~ /&coding_sequence_variant&/) unknown[t]++
		else other[t]++
	}
}
END {
	printf "%d records on chromosome 21, %d without MC\n", records, without
	printf "%-32s %6s %6s %22s %6s\n", "MC term", "n", "same", "sequence unknown (N)", "other"
	for (t in n_term) {
		printf "%-32s %6d %6d %22d %6d\n", t, n_term[t], same[t], unknown[t], other[t] | "sort"
		a += n_term[t]; s += same[t]; u += unknown[t]; o += other[t]
	}
	close("sort")
	printf "of %d terms that can be judged %d are the same (%.2f %%)\n", a - u, s, (a > u) ? 100 * s / (a - u) : 0
}' "$tmp/out.vcf"
