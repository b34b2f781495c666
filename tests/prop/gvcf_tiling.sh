#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Blocks of call --gvcf and its records cover every base of the asked regions exactly once, and --sites adds
# forced sites without changing what is called.
# Rule: a block covers POS..END. A record covers POS..POS+len(REF)-1, and blocks leave out what it covers. Records may
# overlap each other (a variant inside of a deletion): the bases they share count once. A record that begins in a region
# may reach beyond its end; only bases of the region are counted.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$genorx" simulate --seed 23 --depth 20 -o "$t/d"
d=$t/d
awk 'BEGIN { OFS = "\t" } { print $1, $2, $3 }' "$d/truth.bed" >"$t/r.bed"
bad=0
call() {
	"$genorx" call -f "$d/ref.fa.gz" -R "$t/r.bed" -O v -o "$t/call.vcf" "$@" "$d/donor1.bam"
	sed '/^#/d' "$t/call.vcf"
}
# POS, REF and ALT of a VCF, one allele a line, left-aligned
alleles() {
	bcftools view -e 'ALT="<*>" || ALT="<NON_REF>"' "$1" | bcftools norm -m -any -f "$d/ref.fa.gz" - 2>/dev/null |
		bcftools query -f '%CHROM\t%POS\t%REF\t%ALT\n' - | sort -u
}
call >"$t/plain"
call --gvcf >"$t/g"

# bases of the regions: by blocks and by records, each at most once, both never, none never
tiles() {
	awk -F'\t' 'NR == FNR { for (p = $2 + 1; p <= $3; p++) want[$1 " " p]; next }
	{ e = $2 + length($4) - 1; block = $5 == "<*>" || $5 == "<NON_REF>"
	  if (block) { e = $8; sub(/^(.*;)?END=/, "", e); sub(/;.*/, "", e) }
	  for (p = $2; p <= e + 0; p++) {
		k = $1 " " p
		if (!(k in want)) { if (block) print "block outside of the regions: " k; continue }
		if (block && (k in seen)) print "twice: " k
		else if (!block && seen[k] == "block") print "block and record: " k
		seen[k] = block ? "block" : "record" } }
	END { for (k in want) if (!(k in seen)) print "not covered: " k }' "$t/r.bed" "$1" | sort >"$t/faults"
	if [[ -s $t/faults ]]; then
		bad=$((bad + 1))
		echo "FAILED: $2: $(wc -l <"$t/faults") bases"
		head -n 8 "$t/faults"
	fi
}
tiles "$t/g" "call --gvcf"

# forced: the truth of the donor and a made SNV every 500 bases
{
	grep '^##contig' <(bcftools view -h "$d/donor1.truth.vcf.gz") | sed '1i ##fileformat=VCFv4.2'
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
	{
		bcftools norm -m -any "$d/donor1.truth.vcf.gz" 2>/dev/null | bcftools view -H -T "$t/r.bed" | cut -f 1-5
		awk '{ for (p = $2 + 250; p < $3; p += 500) print $1 ":" p "-" p }' "$t/r.bed" |
			xargs -r samtools faidx "$d/ref.fa.gz" |
			awk '/^>/ { split(substr($1, 2), a, /[:-]/); next } /^[ACGT]/ { print a[1] "\t" a[2] "\t.\t" $1 "\t" ($1 == "A" ? "C" : "A") }'
	} | awk '{ print $0 "\t.\t.\t." }' | awk -F'\t' '!seen[$1, $2, $4, $5]++'
} | bcftools sort -O v -o "$t/sites.vcf" 2>/dev/null
for mode in plain g; do
	opt=()
	[[ $mode == plain ]] || opt=(--gvcf)
	call "${opt[@]}" --sites "$t/sites.vcf" >"$t/f.$mode"
	# every allele asked for is there as such
	alleles "$t/call.vcf" >"$t/have"
	alleles "$t/sites.vcf" >"$t/asked"
	[[ -s $t/asked ]]
	lost=$(comm -13 "$t/have" "$t/asked" | head -n 5)
	if [[ -n $lost ]]; then
		bad=$((bad + 1))
		printf 'FAILED: %s: forced sites without a record\n%s\n' "$mode" "$lost"
	fi
	# same alleles, both runs: same genotype
	moved=$(awk -F'\t' '{ g = $10; sub(/:.*/, "", g); k = $1 " " $2 " " $4 " " $5 } $5 ~ /^</ { next }
		NR == FNR { gt[k] = g; next } k in gt && gt[k] != g { print "  " k ": " gt[k] " and forced " g }' "$t/$mode" "$t/f.$mode" | head -n 5)
	if [[ -n $moved ]]; then
		bad=$((bad + 1))
		printf 'FAILED: %s: genotypes that --sites changes\n%s\n' "$mode" "$moved"
	fi
done
tiles "$t/f.g" "call --gvcf --sites"
[[ $bad -eq 0 ]] || exit 1
echo "gVCF covers $(awk '{ n += $3 - $2 } END { print n }' "$t/r.bed") bases once; $(grep -vc '^#' "$t/sites.vcf") forced sites present, genotypes unchanged"
