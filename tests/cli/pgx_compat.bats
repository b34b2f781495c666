#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_compat.bats -- pgx: compat mode, combinations, a user's definitions, calls of other tools, and odd files.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	T=$BATS_TEST_TMPDIR
}

# A VCF on stdout: the records given, fields separated by spaces; contigs as in them (lengths: ${LEN:+known}).
vcf() {
	printf '##fileformat=VCFv4.2\n##FILTER=<ID=LowQual,Description="low">\n'
	printf '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
	for f in GT:1:String GQ:1:Integer DP:1:Integer AD:R:Integer PS:1:Integer; do
		printf '##FORMAT=<ID=%s,Number=%s,Type=%s,Description="f">\n' $(echo "$f" | tr : ' ')
	done
	printf '%s\n' "$@" | cut -d ' ' -f 1 | sort -u | while read -r c; do
		printf '##contig=<ID=%s%s>\n' "$c" "${LEN:+,length=$LEN}"
	done
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t%s\n' "${SAMPLES:-S}" | tr ' ' '\t'
	printf '%s\n' "$@" | sort -s -k 1,1 -k 2,2n | tr ' ' '\t'
}

# Column $2 of gene $1 in the table.
col() {
	awk -F '\t' -v g="$1" -v c="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i } NR > 1 && $2 == g { print $k }' "$T/t.tsv"
}

pgx() {
	run "$GENORX" pgx --refdata refdata --tsv "$T/t.tsv" -o "$T/f.jsonl" "$@"
}

# $1 of the facts: jq expression on the fact of key $2.
fact() {
	jq -r "select(.key == \"$2\") | $1" "$T/f.jsonl"
}

# CYP3A5 whole, with genotypes for its loci in the order *7, *6, *3 (others reference): $1 $2 $3
cyp3a5() {
	vcf "7 99652770 . T TA 50 PASS . GT $1" "7 99660516 . C T 50 PASS . GT 0/0" "7 99665212 . C T 50 PASS . GT $2" \
		"7 99672916 . T C 50 PASS . GT $3" "7 99676198 . G A 50 PASS . GT 0/0"
}

@test "compat takes evidence that the default does not" {
	for rec in "PASS . GT:GQ 0/1:3" "PASS . GT:DP 0/1:1" "LowQual . GT 0/1"; do
		vcf "chr16 31096368 . C T 50 $rec" >"$T/a.vcf"
		pgx --genes VKORC1 "$T/a.vcf"
		[ "$(col VKORC1 status)" = not_assessed ]
		pgx --genes VKORC1 --compat pharmcat "$T/a.vcf"
		[ "$status" -eq 0 ]
		[ "$(col VKORC1 phenotypes)" = "-1639 AG" ]
	done
}

@test "compat never turns a no-call into reference" {
	vcf "chr16 31096368 . C T 50 PASS . GT ./." >"$T/a.vcf"
	pgx --genes VKORC1 --compat pharmcat "$T/a.vcf"
	[ "$(col VKORC1 status)" = not_assessed ]
	pgx --genes VKORC1 --compat nonsense "$T/a.vcf"
	[ "$status" -eq 2 ]
}

@test "--all shows every pair, joined by '; ', scores by ','" {
	cyp3a5 0/0 0/1 0/1 >"$T/a.vcf"
	pgx --genes CYP3A5 "$T/a.vcf"
	[ "$(col CYP3A5 diplotypes)" = "*3/*6" ]
	vcf "chr6 18138997 . C T 50 PASS . GT 0/1" "chr6 18130687 . T C 50 PASS . GT 0/1" >"$T/a.vcf"
	pgx --genes TPMT --all "$T/a.vcf"
	[[ "$(col TPMT diplotypes)" != *" OR "* ]]
	n=$(col TPMT diplotypes | awk -F '; ' '{ print NF }')
	[ "$n" -eq "$(col TPMT score | awk -F , '{ print NF }')" ]
	[ "$n" -eq "$(col TPMT phenotypes | awk -F '; ' '{ print NF }')" ]
}

@test "combinations: shown on request, never with a phenotype" {
	cyp3a5 0/1 0/1 0/1 >"$T/a.vcf"
	pgx --genes CYP3A5 "$T/a.vcf"
	[ "$(col CYP3A5 status)" = no_match ]
	pgx --genes CYP3A5 --combinations "$T/a.vcf"
	[ "$(col CYP3A5 status)" = ambiguous ]
	[[ "$(col CYP3A5 diplotypes)" == *"*7/[*3 + *6]"* ]]
	[ "$(col CYP3A5 safe_phenotype)" = . ]
	[ "$(fact .status pgx/CYP3A5/phenotype)" = missing ]
}

@test "a half call: no match, in combination mode a variant with '?'" {
	cyp3a5 0/0 0/0 1/. >"$T/a.vcf"
	pgx --genes CYP3A5 "$T/a.vcf"
	[ "$(col CYP3A5 status)" = no_match ]
	[[ "$(col CYP3A5 reason)" == *"half missing"* ]]
	pgx --genes CYP3A5 --combinations "$T/a.vcf"
	[ "$(col CYP3A5 diplotypes)" = "*3/g.99672916?" ]
	[ "$(col CYP3A5 safe_phenotype)" = . ]
}

@test "an undocumented allele of a gene that takes it as reference is named in combination mode" {
	vcf "chr6 18130687 . T A 50 PASS . GT 0/1" >"$T/a.vcf"
	pgx --genes TPMT --combinations "$T/a.vcf"
	[ "$(col TPMT diplotypes)" = "*1/g.18130687T>A" ]
	[ "$(col TPMT safe_phenotype)" = . ]
}

@test "CYP2D6 from small variants: on request, for research, without a phenotype" {
	vcf "chr22 42128945 . C T 50 PASS . GT 1/1" >"$T/a.vcf"
	pgx --genes CYP2D6 "$T/a.vcf"
	[ "$(col CYP2D6 diplotypes)" = . ]
	pgx --genes CYP2D6 --cyp2d6-small-variants "$T/a.vcf"
	[ "$(col CYP2D6 diplotypes)" != . ]
	[ "$(col CYP2D6 safe_phenotype)" = . ]
	[[ "$(col CYP2D6 reason)" == *"copy number"* ]]
	[ "$(col CYP2D6 posterior)" = . ] # nor a probability, with all loci there and none in doubt
	awk -F '\t' 'BEGIN { print "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">\n##contig=<ID=chr22>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS" }
		$1 == "CYP2D6" && !$10 { print $2 "\t" $3 "\t.\t" $4 "\t" $5 "\t.\tPASS\t.\tGT\t0/0" }' refdata/pgx/positions.tsv >"$T/a.vcf"
	pgx --genes CYP2D6 --cyp2d6-small-variants "$T/a.vcf"
	[ "$(col CYP2D6 diplotypes)" = "*1/*1" ]
	[ "$(col CYP2D6 status)" = ambiguous ]
	[ "$(col CYP2D6 posterior)" = . ]
	[ "$(col CYP2D6 phenotypes)" = . ]
	[ "$(col CYP2D6 activity_scores)" = . ]
}

toy() { # definitions of a gene beside a repeat, on stdout
	cat <<-'J'
		{"gene": "TOY1", "chromosome": "chr20", "genomeBuild": "GRCh38.p14", "variants": [
		{"position": 104, "ref": "C", "alts": ["CTA", "CTATA"], "rsid": "rs1", "chromosomeHgvsName": "g.105TA[6]; g.105TA[7]"},
		{"position": 150, "ref": "G", "alts": ["A"], "rsid": "rs2", "chromosomeHgvsName": "g.150G>A"}],
		"namedAlleles": [{"name": "*1", "reference": true, "alleles": ["C", "G"]}, {"name": "*2", "alleles": ["CTA", null]},
		{"name": "*3", "alleles": [null, "A"]}, {"name": "*4", "alleles": ["CTATA", null]}]}
	J
}

@test "definitions of the user: a new gene, and in place of ours" {
	toy >"$T/d.json"
	vcf "chr20 104 . C CTA 50 PASS . GT 0/1" "chr20 150 . G A 50 PASS . GT 0/1" >"$T/a.vcf"
	pgx --definitions "$T/d.json" "$T/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col TOY1 diplotypes)" = "*2/*3" ]
	[[ "$(col TOY1 reason)" == *"no phenotype is defined"* ]]
	sed 's/TOY1/VKORC1/' "$T/d.json" >"$T/e.json"
	pgx --definitions "$T/e.json" --definitions "$T/d.json" --genes TOY1,VKORC1 "$T/a.vcf"
	[ "$(col VKORC1 diplotypes)" = "*2/*3" ]
	[ "$(col VKORC1 safe_phenotype)" = . ]
	pgx --definitions "$T/d.json" --definitions "$T/d.json" "$T/a.vcf"
	[ "$status" -eq 2 ]
}

# $1: sed script that breaks the definitions; $2: what the message must hold besides the file
broken() {
	toy | sed "$1" >"$T/d.json"
	pgx --definitions "$T/d.json" "$T/a.vcf"
	[ "$status" -eq 65 ]
	output_has "$T/d.json"
	output_has "$2"
}

@test "broken definitions are refused with the place" {
	vcf "chr20 104 . C CTA 50 PASS . GT 0/1" >"$T/a.vcf"
	broken '1s/{"gene"/{gene/' ":1:"
	broken 's/"gene": "TOY1"/"gene": 5/' gene
	broken 's/GRCh38.p14/GRCh37/' genomeBuild
	broken 's/"position": 104/"position": 0/' "variants[0]"
	broken 's/"position": 150, "ref": "G"/"position": 104, "ref": "C"/' "variants[1]"
	broken 's/"alts": \["A"\]/"alts": ["<DEL>"]/' "variants[1]"
	broken 's/"alleles": \["CTA", null\]/"alleles": ["CTA"]/' "namedAlleles[1]"
	broken 's/"alleles": \[null, "A"\]/"alleles": [null, "T"]/' "alleles[1]: found 'T'"
	broken 's/"reference": true, //' "reference"
	broken 's/"name": "\*3"/"name": "*2"/' "namedAlleles[2]"
	broken 's/\["C", "G"\]/["C", null]/' "namedAlleles[0]"
}

@test "an indel written elsewhere in the repeat: matched with -f, no evidence either way without" {
	toy >"$T/d.json"
	awk 'BEGIN { s = "C"; for (i = 0; i < 103; i++) s = "A" s; for (i = 0; i < 5; i++) s = s "TA"
		for (i = 0; i < 36; i++) s = s "G"; for (i = 0; i < 60; i++) s = s "ACGT"; print ">chr20\n" s }' >"$T/r.fa"
	samtools faidx "$T/r.fa"
	# ours; shifted by two units, in between, to the end; padded on both sides
	for rec in "104 . C CTA" "108 . A ATA" "111 . T TAT" "114 . A ATA" "103 . AC ACTA" "104 . CTATA CTATATA"; do
		vcf "chr20 $rec 50 PASS . GT 0/1" "chr20 150 . G A 50 PASS . GT 0/0" >"$T/a.vcf"
		pgx -f "$T/r.fa" --allow-other-reference --definitions "$T/d.json" --genes TOY1 "$T/a.vcf"
		[ "$status" -eq 0 ]
		[ "$(col TOY1 diplotypes)" = "*1/*2" ]
		[ "$(col TOY1 status)" = called ]
	done
	vcf "chr20 104 . C CTA 50 PASS . GT 0/0" "chr20 114 . A ATA 50 PASS . GT 0/1" "chr20 150 . G A 50 PASS . GT 0/0" >"$T/a.vcf"
	pgx --definitions "$T/d.json" --genes TOY1 "$T/a.vcf"
	[ "$(col TOY1 status)" = partial ]
	[[ "$(col TOY1 missing)" == rs1* ]]
	pgx -f "$T/none.fa" --definitions "$T/d.json" "$T/a.vcf"
	[ "$status" -eq 66 ]
}

@test "chr prefix or not, and gVCF blocks of both kinds" {
	for c in chr16 16; do
		for alt in '<NON_REF>' '<*>'; do
			LEN=90338345 vcf "$c 31096000 . A $alt . . END=31097000 GT:DP:GQ 0/0:30:60" >"$T/a.vcf"
			pgx --genes VKORC1 "$T/a.vcf"
			[ "$status" -eq 0 ]
			[ "$(col VKORC1 phenotypes)" = "-1639 GG" ]
		done
		LEN=90338345 vcf "$c 31096368 . C T,<NON_REF> 50 PASS . GT 0/1" >"$T/a.vcf"
		pgx --genes VKORC1 "$T/a.vcf"
		[ "$(col VKORC1 phenotypes)" = "-1639 AG" ]
	done
}

@test "one record with another REF: its locus is missing, with the reason" {
	cyp3a5 0/0 0/0 1/1 | awk -F "\t" -v OFS="\t" "\$2 == 99652770 { \$4 = \"G\"; \$5 = \"GA\" } { print }" >"$T/a.vcf"
	pgx --genes CYP3A5 "$T/a.vcf"
	[ "$status" -eq 0 ]
	[[ "$(col CYP3A5 missing)" == *"REF differs"* ]]
}

@test "a gene without any record is not assessed; a repeated record counts once" {
	vcf "chr16 31096368 . C T 50 PASS . GT 0/1" "chr16 31096368 . C T 50 PASS . GT 0/1" >"$T/a.vcf"
	pgx "$T/a.vcf"
	[ "$(col TPMT status)" = not_assessed ]
	[[ "$(col TPMT reason)" == *"none of the"* ]]
	[ "$(col VKORC1 status)" = called ]
}

one() { # a VCF with one sample
	vcf "chr16 31096368 . C T 50 PASS . GT 0/1" >"$T/a.vcf"
}

@test "outside calls: phenotype and score by our tables" {
	one
	printf '# comment\nCYP2D6\t*4.001/*2\nTPMT\t*1/*3A\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col CYP2D6 diplotypes)" = "*2/*4.001" ]
	[ "$(col CYP2D6 lookup_pair)" = "*2/*4" ]
	[ "$(col CYP2D6 safe_phenotype)" = "Intermediate Metabolizer" ]
	[ "$(col CYP2D6 activity_scores)" = 1.0 ]
	[ "$(fact .value pgx/CYP2D6/activity_score)" = 1 ]
	[[ "$(fact .attrs.origin pgx/CYP2D6/diplotype)" == *"o.tsv:2" ]]
	[ "$(col TPMT safe_phenotype)" = "Intermediate Metabolizer" ]
	[ "$(grep -c pgx/TPMT/phenotype "$T/f.jsonl")" -eq 1 ]
	printf 'CYP2D6\t*1x3/*1\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$(col CYP2D6 lookup_pair)" = "*1/*1x≥3" ]
	[ "$(col CYP2D6 safe_phenotype)" = "Ultrarapid Metabolizer" ]
	printf 'CYP2D6\t*13 + *1/*36 + *10x2\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$(col CYP2D6 activity_scores)" = 1.5 ]
}

@test "outside calls: HLA labels, a mitochondrial variant, an unknown allele, an unknown gene" {
	one
	printf 'HLA-B\tB*15:02:01/HLA-B*44:02\nHLA-A\t*31/*02:01\nMT-RNR1\tm.1555A>G\nCYP2D6\t*1/*9999\nNOGENE\t*1/*2\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$status" -eq 0 ]
	output_has "NOGENE"
	[ "$(fact .value pgx/HLA-B/phenotype)" = "*15:02 positive; *57:01 negative; *58:01 negative" ]
	[ "$(fact .status pgx/HLA-A/phenotype)" = missing ]
	[ "$(fact .value pgx/MT-RNR1/phenotype)" = "increased risk of aminoglycoside-induced hearing loss" ]
	[ "$(fact .status pgx/CYP2D6/phenotype)" = missing ]
	[ "$(col CYP2D6 status)" = no_match ]
}

@test "outside calls that contradict each other or our tables leave the phenotype open" {
	one
	printf 'CYP2D6\t*1/*4\nCYP2D6\t*4/*4\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$(col CYP2D6 status)" = ambiguous ]
	[ "$(col CYP2D6 diplotypes)" = "*1/*4; *4/*4" ]
	[ "$(fact .attrs.candidates pgx/CYP2D6/phenotype)" = "Intermediate Metabolizer|Poor Metabolizer" ]
	[ "$(fact .attrs.candidates pgx/CYP2D6/activity_score)" = "1.0|0.0" ]
	printf 'CYP2D6\t*4/*4\tNormal Metabolizer\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$(col CYP2D6 safe_phenotype)" = . ]
	[[ "$(fact .attrs.reason pgx/CYP2D6/phenotype)" == *contradicts* ]]
}

@test "outside calls: bad rows are refused with file and line" {
	one
	while IFS='|' read -r row what; do
		printf 'TPMT\t*1/*1\n%b\n' "$row" >"$T/o.tsv"
		pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
		[ "$status" -eq 65 ]
		output_has "$T/o.tsv:2"
		output_has "$what"
	done <<-'R'
		CYP2D6|fields separated by tabs
		\t*1/*2|a gene
		CYP2D6\t|a diplotype, a phenotype or an activity score
		CYP2D6\t*1/*2\t\thigh|an activity score
		CYP2D6\t*1/*2/*3|at most two alleles
	R
	printf 'sample\tkey\tvalue\nS\tpgx/TPMT/phenotype\tNormal Metabolizer\n' >"$T/x.tsv"
	printf 'TPMT\t*1/*1\n' >"$T/o.tsv"
	pgx --facts "$T/x.tsv" --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$status" -eq 65 ]
	output_has "$T/o.tsv:1"
}

@test "outside calls of a cohort need a column sample" {
	SAMPLES="S U" vcf "chr16 31096368 . C T 50 PASS . GT 0/1 0/0" >"$T/a.vcf"
	printf 'CYP2D6\t*1/*4\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$status" -eq 65 ]
	output_has "column sample"
	printf 'gene\tsample\tdiplotype\nCYP2D6\tU\t*1/*4\nCYP2D6\tZ\t*4/*4\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$status" -eq 0 ]
	output_has "not in the input"
	[ "$(awk -F '\t' '$2 == "CYP2D6" { print $1 ":" $3 }' "$T/t.tsv" | sort | tr '\n' ' ')" = "S:. U:*1/*4 " ]
}

@test "MT-RNR1 is withheld for missing loci in either mode, and no fact of it says otherwise" {
	vcf "chrM 1494 . C T 50 PASS . GT 0" >"$T/a.vcf"
	for mode in none pharmcat; do
		pgx --genes MT-RNR1 --compat "$mode" "$T/a.vcf"
		[ "$status" -eq 0 ]
		[ "$(fact .value pgx/MT-RNR1/phenotype)" = null ]
		[ "$(fact .attrs.reason pgx/MT-RNR1/phenotype)" = "not assessed: missing loci could change the phenotype" ]
		[ "$(fact .attrs.compat pgx/MT-RNR1/phenotype)" = null ]
	done
}

@test "outside calls: a negative label beside a type that is the marker is a contradiction" {
	vcf "chr16 31096368 . C T 50 PASS . GT 0/1" >"$T/a.vcf"
	printf 'HLA-B\t*57:01/*07:02\t*57:01 negative\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(fact .value pgx/HLA-B/phenotype)" = null ]
	[[ "$(fact .attrs.candidates pgx/HLA-B/phenotype)" == *"*57:01 positive"*"|*57:01 negative" ]]
	printf 'HLA-B\t*08:01/*07:02\t*57:01 negative\n' >"$T/o.tsv"
	pgx --outside-calls "$T/o.tsv" "$T/a.vcf"
	[ "$(fact .value pgx/HLA-B/phenotype)" = "*57:01 negative" ]
}

@test "advice that rests on compat mode says so" {
	printf '##fileformat=VCFv4.3\n##contig=<ID=chr16>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n' >"$BATS_TEST_TMPDIR/v.vcf"
	sed -i 's/chr16>/chr7>/' "$BATS_TEST_TMPDIR/v.vcf"
	# CYP3A5 without rs776746
	awk -F '\t' -v OFS='\t' '$1 == "CYP3A5" && $6 != "rs776746" { print $2, $3, ".", $4, $5, ".", ".", ".", "GT", "0/0" }' refdata/pgx/positions.tsv |
		sort -k2,2n >>"$BATS_TEST_TMPDIR/v.vcf"
	for mode in none pharmcat; do
		"$GENORX" pgx --refdata refdata --genes CYP3A5 --compat $mode -o "$BATS_TEST_TMPDIR/p.jsonl" "$BATS_TEST_TMPDIR/v.vcf"
		"$GENORX" recommend --refdata refdata --drugs tacrolimus --tsv "$BATS_TEST_TMPDIR/$mode.tsv" -o "$BATS_TEST_TMPDIR/$mode.jsonl" "$BATS_TEST_TMPDIR/p.jsonl"
	done
	grep -q INSUFFICIENT_DATA "$BATS_TEST_TMPDIR/none.tsv"
	if grep -q compatibility "$BATS_TEST_TMPDIR/none.tsv"; then return 1; fi
	grep -q 'INCREASE_DOSE.*compatibility mode.*not for care' "$BATS_TEST_TMPDIR/pharmcat.tsv"
	grep -q '"compat":"pharmcat"' "$BATS_TEST_TMPDIR/pharmcat.jsonl"
}
