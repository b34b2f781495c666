#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hgvs_clinvar.sh -- share of ClinVar records whose genomic HGVS name (CLNHGVS) comes out the same, and round trip
# VCF -> name -> VCF. There is no genome beside the records: the reference is made of their REF bases, all else is N.
# A record can be judged only where every base that decides its name (the 3' shift, dup against ins) is known.
# Usage: hgvs_clinvar.sh [OUT_DIR [CONTIG...]]    CONTIG: e.g. chr19; default all (writes a 3 Gb FASTA of N, bgzipped)
# GENORX = program, GRX_SHARED = folder with the shared test data.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
shared=${GRX_SHARED:-$root/../shared}
genorx=${GENORX:-$root/build/genorx}
for vcf in "$shared"/data/annot/clinvar/*.GRCh38.vcf.gz; do break; done
[ -e "$vcf" ] || { echo "SKIP: $shared/data/annot/clinvar is absent" >&2; exit 77; }
dir=${1:-}
if [ -z "$dir" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir"
shift || true
rm -f "$dir"/differences.tsv "$dir"/*.differences
only=" $* "
# id, contig, position, REF, ALT, CLNHGVS
gzip -dc "$vcf" | awk -F'\t' -v OFS='\t' -v only="$only" '!/^#/ && (only ~ /^ +$/ || index(only, " " $1 " ")) {
	match($8, /CLNHGVS=[^;]*/)
	h = substr($8, RSTART + 8, RLENGTH - 8)
	gsub(/%3D/, "=", h)
	print NR, $1, $2, $4, $5, h
}' > "$dir/records.tsv"
# the known bases, and one line of N for what lies between
awk -F'\t' 'NR == FNR { if ($1 == "GRCh38" && $2 != "MT") len["chr" $2] = $3; next }
	$2 in len { print $2 "\t" len[$2] "\t" $3 "\t" $4 }' "$root/refdata/annotate/contig_accessions.tsv" "$dir/records.tsv" |
	sort -t "$(printf '\t')" -k1,1 -k3,3n |
	awk -F'\t' 'function pad(k) { while (k > m) { printf "%s", n; k -= m } if (k > 0) printf "%s", substr(n, 1, k) }
		function done() { if (c != "") { pad(len - at); print "" } }
		BEGIN { n = "N"; while (length(n) < 4194304) n = n n; m = length(n) }
		$1 != c { done(); c = $1; len = $2; at = 0; print ">" c }
		{ if ($3 - 1 > at) { pad($3 - 1 - at); at = $3 - 1 }
		  if ($3 - 1 + length($4) > at) { printf "%s", substr($4, at - $3 + 2); at = $3 - 1 + length($4) } }
		END { done() }' | bgzip -l 1 > "$dir/ref.fa.gz"
samtools faidx "$dir/ref.fa.gz"
{
	echo '##fileformat=VCFv4.2'
	awk '{ print "##contig=<ID=" $1 ",length=" $2 ">" }' "$dir/ref.fa.gz.fai"
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
	awk -F'\t' 'NR == FNR { o[$1] = FNR; next } { print o[$2] "\t" $0 }' "$dir/ref.fa.gz.fai" "$dir/records.tsv" |
		sort -t "$(printf '\t')" -k1,1n -k4,4n -s | awk -F'\t' -v OFS='\t' '{ print $3, $4, $2, $5, $6, ".", ".", "." }'
} > "$dir/in.vcf"
first=$(head -1 "$dir/ref.fa.gz.fai" | cut -f1)
{
	printf '%s\tx\tgene\t1\t300\t.\t+\t.\tID=gene:G;biotype=lncRNA\n' "$first"
	printf '%s\tx\tlnc_RNA\t1\t300\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=lncRNA\n' "$first"
	printf '%s\tx\texon\t1\t300\t.\t+\t.\tParent=transcript:T\n' "$first"
} > "$dir/none.gff3"
"$genorx" annotate --repeats -f "$dir/ref.fa.gz" -g "$dir/none.gff3" -O v -o "$dir/out.vcf" "$dir/in.vcf" 2> "$dir/annotate.log" ||
	{ tail -3 "$dir/annotate.log" >&2; exit 1; }
awk -F'\t' -v OFS='\t' '/^##INFO=<ID=CSQ/ { sub(/.*Format: /, ""); sub(/".*/, ""); n = split($0, f, "|"); for (i = 1; i <= n; i++) if (f[i] == "HGVSg") col = i }
	/^#/ { next }
	{ g = ""; if (match($8, /CSQ=[^;]*/)) { split(substr($8, RSTART + 4, RLENGTH - 4), e, ","); split(e[1], f, "|"); g = f[col] }
	  gsub(/%3D/, "=", g); print $3, g }' "$dir/out.vcf" > "$dir/names.tsv"
# compare: what could be judged, what agrees, and how the rest differs
awk -F'\t' -v OFS='\t' -v diff_file="$dir/differences.tsv" '
	function base(c, p) { return ((c, p) in b) ? b[c, p] : "N" }
	# 1: every base that the name hangs on is known
	function decidable(c, pos, ref, alt,   n, u, at, k, i, x, before) {
		while (ref != "" && alt != "" && substr(ref, 1, 1) == substr(alt, 1, 1)) { ref = substr(ref, 2); alt = substr(alt, 2); pos++ }
		while (ref != "" && alt != "" && substr(ref, length(ref)) == substr(alt, length(alt))) { ref = substr(ref, 1, length(ref) - 1); alt = substr(alt, 1, length(alt) - 1) }
		if (ref != "" && alt != "") return 1
		u = ref alt; n = length(u); at = pos + length(ref)
		for (k = 0; k < 100000; k++) {
			x = base(c, at + k)
			if (x == "N") return 0
			if (x != substr(u, k % n + 1, 1)) break
		}
		if (ref != "") return 1
		for (i = 1; i <= n; i++) {
			x = base(c, at + k - i)
			if (x == "N") before = 1
			else if (x != substr(u, ((k - i) % n + n) % n + 1, 1)) return 1
		}
		return !before
	}
	function kind(h) {
		if (h == "") return "none given"
		if (h ~ /\[/) return "repeat notation [n]"
		if (h ~ /=$/) return "no change (=)"
		if (h ~ /delins/) return "delins"
		if (h ~ /ins/) return "ins"
		if (h ~ /inv/) return "inv"
		if (h ~ /dup/) return "dup"
		if (h ~ /del/) return "del"
		return "substitution"
	}
	FNR == 1 { pass++ }
	pass == 1 { ours[$1] = $2; next }
	pass == 2 { for (i = 1; i <= length($4); i++) b[$2, $3 + i - 1] = substr($4, i, 1); next }
	{
		k = kind($6); all[k]++; n++
		if (ours[$1] == $6) { same[k]++; n_same++ }
		if ($5 !~ /^[ACGT]+$/ || $4 !~ /^[ACGT]+$/) { odd[k]++; n_odd++; next }
		if (!decidable($2, $3, $4, $5)) { dark[k]++; n_dark++; if (ours[$1] == $6) { dark_same[k]++; n_dark_same++ } next }
		judged[k]++; n_judged++
		if (ours[$1] == $6) { judged_same[k]++; n_judged_same++ }
		else print $2, $3, $4, $5, "ClinVar " $6, "ours " ours[$1] > diff_file
	}
	END {
		printf "%-22s %8s %9s %9s %11s %10s %11s\n", "CLNHGVS", "records", "identical", "judgeable", "identical", "no context", "no sequence"
		for (k in all) printf "%-22s %8d %9d %9d %11d %10d %11d\n", k, all[k], same[k], judged[k], judged_same[k], dark[k], odd[k] | "sort"
		close("sort")
		printf "%-22s %8d %9d %9d %11d %10d %11d\n", "all", n, n_same, n_judged, n_judged_same, n_dark, n_odd
		printf "reproduced: %.3f %% of all records, %.3f %% of those that can be judged\n", 100 * n_same / n, 100 * n_judged_same / n_judged
	}' "$dir/names.tsv" "$dir/records.tsv" "$dir/records.tsv"
# round trip: our name back to VCF; and ClinVar's own names read. A deletion or repeat whose bases are not known here
# cannot be spelled: its record holds N or stays where the known bases end.
awk -F'\t' -v OFS='\t' 'NR == FNR { v[$1] = $3 ":" $4 ":" $5; p[$1] = $3; r[$1] = $4; a[$1] = $5; next } $2 != "" { print $2, $1, v[$1] }' \
	"$dir/records.tsv" "$dir/names.tsv" > "$dir/back.names"
awk -F'\t' -v OFS='\t' '$6 != "" { print $6, $1, $3 ":" $4 ":" $5 }' "$dir/records.tsv" > "$dir/clinvar.names"
trip() { # NAMES LABEL
	"$genorx" annotate --hgvs-in --keep-going -f "$dir/ref.fa.gz" -o "$1.vcf" "$1" 2> "$1.log" || { tail -3 "$1.log" >&2; exit 1; }
	awk -F'\t' -v label="$2" -v n="$(wc -l < "$1")" -v diff_file="$1.differences" '
		function trimmed(p, r, a) {
			while (length(r) > 1 && length(a) > 1 && substr(r, length(r)) == substr(a, length(a))) { r = substr(r, 1, length(r) - 1); a = substr(a, 1, length(a) - 1) }
			while (length(r) > 1 && length(a) > 1 && substr(r, 1, 1) == substr(a, 1, 1)) { r = substr(r, 2); a = substr(a, 2); p++ }
			return p ":" r ":" a
		}
		/^#/ { next }
		{ match($8, /HGVS_COLUMNS=[^;]*/); split(substr($8, RSTART + 13, RLENGTH - 13), c, "|"); split(c[2], v, ":"); m++
		  if (trimmed($2, $4, $5) == trimmed(v[1], v[2], v[3])) same++
		  else if ($4 $5 ~ /N/) dark++
		  else { other++; print $8 "\t" $2 ":" $4 ":" $5 "\t" c[2] > diff_file } }
		END { printf "%s: %d names, %d records, %d the same as ClinVar (%.3f %%), %d with unknown bases, %d other, %d refused\n", label, n, m, same, 100 * same / n, dark, other, n - m }' "$1.vcf"
}
trip "$dir/back.names" "VCF -> our name -> VCF"
trip "$dir/clinvar.names" "ClinVar's name -> VCF"
