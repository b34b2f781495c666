#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# convert.sh -- write the tables of this folder from the extracted pharmacogene facts.
# usage: refdata/pgx/convert.sh FACTS_DIR [OUT_DIR]
# Coordinates are GRCh38, 1-based, left-aligned as in a VCF. Output is sorted by gene as in the facts and depends on
# the input alone. Only facts are taken: loci, allele definitions, clinical functions, phenotype rules; no texts.
set -eu
LC_ALL=C
export LC_ALL

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: $0 FACTS_DIR [OUT_DIR]" >&2
	exit 2
fi
facts=$1
out=${2:-$(dirname "$0")}
for f in positions allele_definitions_long alleles allele_functions phenotype_rules exemptions \
	unphased_priorities suballeles; do
	if [ ! -r "$facts/$f.tsv" ]; then
		echo "$0: $facts/$f.tsv cannot be read; give the folder of the extracted facts" >&2
		exit 66
	fi
done

# Provenance, one per row. Three genes had to be completed from other vintages of the same source.
src_def='ClinPGx 2025-11-05 allele definitions'
src_fun='CPIC 2025-11-05 CC0'

# The loci; those that allele matching must ignore are left out.
awk -F '\t' -v OFS='\t' -v src="$src_def" '
FNR == 1 && NR == 1 { next }
NR == FNR {
	if ($2 == "ignoredPosition") { split($3, a, ":"); split(a[3], b, " "); ign[$1, a[2], b[1]] = 1 }
	next
}
FNR == 1 {
	print "gene", "chrom", "pos", "ref", "alts", "rsid", "hgvs", "required", "amp_tier1", "report_only", "source"
	next
}
{
	n = split($6, alt, ",")
	ig = 0
	for (i = 1; i <= n; i++)
		if (($1, $3, $5 ">" alt[i]) in ign) ig = 1
	if (!ig)
		print $1, $2, $3, $5, $6, ($4 == "" ? "." : $4), $7, $11, $10, $12, src
}' "$facts/exemptions.tsv" "$facts/positions.tsv" > "$out/positions.tsv"

# MT-RNR1: the facts know its alleles by name only, but the name of a substitution says all: m.POSREF>ALT on
# NC_012920.1, which is chrM of GRCh38. The deletions m.960C>del, m.961T>del and m.961T>del+Cn stay unmatchable. The
# risk alleles are loci that every test of the gene must cover (CPIC 2021, PMID 34032273): amp_tier1 stands for that.
src_mt='HGVS name of the CPIC 2025-11-05 allele on NC_012920.1'
awk -F '\t' -v OFS='\t' -v src="$src_mt" '
$1 == "MT-RNR1" && $2 ~ /^m\.[0-9]+[ACGT]>[ACGT]$/ {
	n = length($2)
	pos = substr($2, 3, n - 5) + 0
	if (pos in alt) alt[pos] = alt[pos] "," substr($2, n); else { order[++k] = pos; alt[pos] = substr($2, n) }
	ref[pos] = substr($2, n - 2, 1)
	name[pos] = name[pos] (name[pos] == "" ? "" : ",") $2
	if ($3 ~ /^Increased/) risk[pos] = 1
}
END { for (i = 1; i <= k; i++) print "MT-RNR1", "chrM", order[i], ref[order[i]], alt[order[i]], ".", name[order[i]], 0, risk[order[i]] + 0, 0, src
}' "$facts/allele_functions.tsv" >> "$out/positions.tsv"

awk -F '\t' -v OFS='\t' -v src="$src_def" '
NR == 1 { print "gene", "allele", "chrom", "pos", "vcf_allele", "source"; next }
{ print $1, $2, $3, $4, $6, src }' "$facts/allele_definitions_long.tsv" > "$out/definitions.tsv"

# The reference row holds every locus; each other allele its one substitution.
awk -F '\t' -v OFS='\t' -v src="$src_mt" '
$1 == "MT-RNR1" { pos[++n] = $3; ref[n] = $4; name[n] = $7 }
END {
	for (i = 1; i <= n; i++) print "MT-RNR1", "Reference", "chrM", pos[i], ref[i], src
	for (i = 1; i <= n; i++) {
		m = split(name[i], a, ",")
		for (j = 1; j <= m; j++) print "MT-RNR1", a[j], "chrM", pos[i], substr(a[j], length(a[j])), src
	}
}' "$out/positions.tsv" >> "$out/definitions.tsv"

# Alleles: every named allele that can be matched, then those known only by function (structural, other calls).
awk -F '\t' -v OFS='\t' -v src="$src_fun" '
function prov(g) {
	if (g == "CYP2D6") return "CPIC 2024-08 CC0"
	if (g == "G6PD") return "CPIC 2023-08 CC0"
	if (g == "RYR1") return "CPIC 2026 CC0"
	return src
}
FILENAME == ARGV[2] { if (FNR > 1) sub_of[$1, $2] = $3; next }
FILENAME == ARGV[3] { if (FNR > 1 && $2 == "ignoredAlleles") ign[$1, $3] = 1; next }
FILENAME == ARGV[4] { if (FNR > 1) { fun[$1, $2] = $3; act[$1, $2] = $4; order[++nf] = $1 OFS $2 } next }
FNR == 1 {
	print "gene", "allele", "function", "activity_value", "is_reference", "n_specified", "n_core", "matchable", "reported_as", "ignored", "source"
	next
}
{
	k = $1 SUBSEP $2
	seen[k] = 1
	rep = ((k in sub_of) ? sub_of[k] : $2)
	r = $1 SUBSEP rep
	f = ($7 != "" ? $7 : ((k in fun) ? fun[k] : fun[r]))
	v = ($8 != "" ? $8 : ((k in act) ? act[k] : act[r]))
	print $1, $2, (f == "" ? "." : f), (v == "" ? "." : v), $4, $5, $6, 1, rep, ((k in ign) ? 1 : 0), prov($1)
}
END {
	for (i = 1; i <= nf; i++) {
		split(order[i], a, OFS)
		k = a[1] SUBSEP a[2]
		if (k in seen) continue
		mt = a[1] == "MT-RNR1" && (a[2] == "Reference" || a[2] ~ /^m\.[0-9]+[ACGT]>[ACGT]$/)
		ref = mt && a[2] == "Reference"
		print a[1], a[2], (fun[k] == "" ? "." : fun[k]), (act[k] == "" ? "." : act[k]), ref + 0, mt ? (ref ? n_mt : 1) : 0,
			mt && !ref ? 1 : 0, mt + 0, a[2], 0, prov(a[1])
	}
}' n_mt="$(grep -c '^MT-RNR1' "$out/positions.tsv")" "$facts/suballeles.tsv" "$facts/exemptions.tsv" "$facts/allele_functions.tsv" "$facts/alleles.tsv" > "$out/alleles.tsv"

awk -F '\t' -v OFS='\t' -v src="$src_fun" '
function prov(g) {
	if (g == "CYP2D6") return "CPIC 2024-08 CC0"
	if (g == "G6PD") return "CPIC 2023-08 CC0"
	if (g == "RYR1") return "CPIC 2026 CC0"
	return src
}
NR == 1 { print "gene", "mode", "function_1", "function_2", "activity_min", "activity_max", "phenotype", "source"; next }
{
	for (i = 3; i <= 6; i++) if ($i == "") $i = "."
	print $1, $2, $3, $4, $5, $6, $7, prov($1)
}' "$facts/phenotype_rules.tsv" > "$out/phenotypes.tsv"

awk -F '\t' -v OFS='\t' -v src="$src_def" '
NR == 1 { print "gene", "alternatives", "pick", "source"; next }
{ print $1, $2, $3, src }' "$facts/unphased_priorities.tsv" > "$out/priorities.tsv"

# How each gene is treated: which are matched here, by which method, and how undocumented alleles are handled.
# method: exact = pair search; lowest = every variant found, least function decides; mito = every variant of a
# mitochondrial gene, at any level, highest risk decides; none = not from small variants.
# undocumented: ref = an undocumented allele is taken as REF for matching and reported; none = it prevents a match.
# fallback: locus that alone suggests a pair of alleles when no diplotype explains the genotypes.
# sexlinked: 1 = haploid genotypes are single alleles.
awk -F '\t' -v OFS='\t' -v src="$src_def" '
BEGIN {
	split("CACNA1S DPYD G6PD NUDT15 RYR1 TPMT", u, " ")
	for (i in u) undoc[u[i]] = 1
	low["DPYD"] = low["RYR1"] = 1
	mito["MT-RNR1"] = 1
	part["MT-RNR1"] = "the deletions m.960C>del, m.961T>del and m.961T>del+Cn are not matched"
	none["CYP2D6"] = "copy number and gene conversion are needed for CYP2D6; small variants alone do not show them"
	part["CYP2B6"] = "gene conversion with CYP2B7 and deletions are not seen in small variants"
	part["CYP2C19"] = "deletions of the gene (*36, *37) are not seen in small variants"
	part["SLCO1B1"] = "deletions of the gene (*48, *49) are not seen in small variants"
	print "gene", "chrom", "method", "undocumented", "sexlinked", "undetectable", "fallback", "source"
	fflush()
}
FNR == 1 { next }
!($1 in done) && !$12 {
	done[$1] = 1
	m = ($1 in none) ? "none" : ($1 in low) ? "lowest" : ($1 in mito) ? "mito" : "exact"
	d = ($1 in none) ? none[$1] : (($1 in part) ? part[$1] : ".")
	print $1, $2, m, (($1 in undoc) ? "ref" : "none"), ($2 == "chrX" || $2 == "chrM" ? 1 : 0), d,
		($1 == "SLCO1B1" ? "rs4149056:*1,*5" : "."), src | "sort"
}' "$facts/positions.tsv" "$out/positions.tsv" > "$out/genes.tsv"

# HLA alleles that guidelines name: a type is turned into "positive" or "negative" for each.
awk -v OFS='\t' -v src="$src_fun" 'BEGIN {
	print "gene", "allele", "source"
	print "HLA-A", "*31:01", src
	n = split("*15:02 *57:01 *58:01", a, " ")
	for (i = 1; i <= n; i++) print "HLA-B", a[i], src
}' > "$out/hla.tsv"
