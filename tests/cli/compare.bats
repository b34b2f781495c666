#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# compare: representations, genotype errors, refusals, a real truth set.
load helper

# vcf FILE CONTIG: records on standard input as POS REF ALT FILTER QUAL GT, by blanks
vcf() {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=%s>\n##FILTER=<ID=low,Description="low">\n' "$2"
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
		while read -r pos ref alt filter qual gt; do
			printf '%s\t%s\t.\t%s\t%s\t%s\t%s\t.\tGT\t%s\n' "$2" "$pos" "$ref" "$alt" "$qual" "$filter" "$gt"
		done
	} >"$1"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	printf '>c1\nGATTACAGCTCCCCCCATGCAGTCAGTCAGTCTTGACCGATAACGTGCTAGCATCGATCGGCTAAGCTTGCATGCC\n' >ref.fa
	samtools faidx ref.fa
	printf '5 A G PASS 50 0/1\n10 TC T PASS 50 1/1\n40 AT GA PASS 50 0/1\n' | vcf truth.vcf c1
}

# row TYPE: counts truth tp fp fn query_tp and genotype errors
row() {
	awk -v t="$1" '$1 == t { print $2, $3, $4, $5, $10, $11 }' out.tsv
}

@test "compare: other representations of the same haplotypes are true positives" {
	printf '5 A G . 50 0/1\n10 TCC TC . 50 1/1\n40 A G . 50 0/1\n41 T A . 50 0/1\n' | vcf calls.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf --tsv out.tsv -o f.jsonl calls.vcf
	status_is 0
	[ "$(row SNV)" = "3 3 0 0 3 0" ]
	[ "$(row INDEL)" = "1 1 0 0 1 0" ]
	[ "$(jq -r 'select(.key == "compare/SNV/f1").value' f.jsonl)" = 1 ]
}

@test "compare: header of the table begins with the agreed columns" {
	run "$GENORX" compare -f ref.fa --truth truth.vcf --tsv out.tsv -o f.jsonl truth.vcf
	status_is 0
	[ "$(head -1 out.tsv | cut -f1-8 | tr '\t' ' ')" = "type truth tp fp fn precision recall f1" ]
}

@test "compare: a wrong genotype is false on both sides and named" {
	printf '5 A G . 50 1/1\n10 TC T . 50 1/1\n' | vcf calls.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf --tsv out.tsv --tsv-errors err.tsv -o f.jsonl calls.vcf
	status_is 0
	[ "$(row SNV)" = "3 0 1 3 0 1" ]
	[ "$(awk '$2 == 5 { print $6, $8 }' err.tsv | sort | tr '\n' ' ')" = "FN genotype FP genotype " ]
}

@test "compare: FILTER, --all and --min-qual" {
	printf '5 A G low 50 0/1\n10 TC T . 9 1/1\n' | vcf calls.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf --tsv out.tsv --summary s.json -o f.jsonl calls.vcf
	status_is 0
	[ "$(row SNV)" = "3 0 0 3 0 0" ]
	[ "$(jq .stages.compare.calls.dropped.filter s.json)" = 1 ]
	run "$GENORX" compare -f ref.fa --truth truth.vcf --all --min-qual 10 --tsv out.tsv -o f.jsonl calls.vcf
	status_is 0
	[ "$(row SNV)" = "3 1 0 2 1 0" ]
	[ "$(row INDEL)" = "1 0 0 1 0 0" ]
	run "$GENORX" compare -f ref.fa --truth truth.vcf --all --pass-only -o f.jsonl calls.vcf
	status_is 2
}

@test "compare: only variants that start inside the BED count; undefined rates are missing" {
	printf 'c1\t0\t6\n' >conf.bed
	run "$GENORX" compare -f ref.fa --truth truth.vcf --bed conf.bed --tsv out.tsv -o f.jsonl truth.vcf
	status_is 0
	[ "$(row SNV)" = "1 1 0 0 1 0" ]
	[ "$(row INDEL)" = "0 0 0 0 0 0" ]
	[ "$(awk '$1 == "INDEL" { print $6, $7, $8 }' out.tsv)" = ". . ." ]
	[ "$(jq -r 'select(.key == "compare/INDEL/f1").status' f.jsonl)" = missing ]
}

@test "compare: inputs that disagree are refused with 67, options with 2" {
	printf '5 A G . 50 0/1\n' | vcf other.vcf chr1
	run "$GENORX" compare -f ref.fa --truth truth.vcf -o f.jsonl other.vcf
	status_is 67
	run "$GENORX" compare -f ref.fa --truth other.vcf -o f.jsonl truth.vcf
	status_is 67
	printf 'chr1\t0\t6\n' >other.bed
	run "$GENORX" compare -f ref.fa --truth truth.vcf --bed other.bed -o f.jsonl truth.vcf
	status_is 67
	printf '5 C G . 50 0/1\n' | vcf wrongref.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf -o f.jsonl wrongref.vcf
	status_is 67
	run "$GENORX" compare -f ref.fa -o f.jsonl truth.vcf
	status_is 2
	run "$GENORX" compare --truth truth.vcf -o f.jsonl truth.vcf
	status_is 2
	run "$GENORX" compare -f ref.fa --truth truth.vcf -r c1:1-9 -o f.jsonl truth.vcf
	status_is 2
	output_has "unknown option"
	nothing_left f.jsonl
}

@test "compare: a real truth set equals itself, whole or normalised and split by another tool" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/truth.vcf.gz
	local c="$SHARED/data/cases/HG002_GRCh37_chr20_10.0M_30x" ref="$SHARED/data/refs/GRCh37.20.fa.gz"
	bcftools norm -a -m- -f "$ref" "$c/truth.vcf.gz" >atoms.vcf 2>/dev/null
	for calls in "$c/truth.vcf.gz" atoms.vcf; do
		run "$GENORX" compare -f "$ref" --truth "$c/truth.vcf.gz" --bed "$c/conf.bed" --tsv out.tsv -o f.jsonl "$calls"
		status_is 0
		[ "$(row SNV)" = "207 207 0 0 207 0" ]
		[ "$(row INDEL)" = "31 31 0 0 31 0" ]
	done
}

@test "compare: threads do not change a byte" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/truth.vcf.gz
	local c="$SHARED/data/cases/HG002_GRCh37_chr20_10.0M_30x" ref="$SHARED/data/refs/GRCh37.20.fa.gz"
	for t in 1 2; do
		run "$GENORX" compare -@ $t -f "$ref" --truth "$c/truth.vcf.gz" --tsv "$t.tsv" --curve "$t.curve" --svg "$t.svg" -o "$t.jsonl" "$c/truth.vcf.gz"
		status_is 0
	done
	cmp 1.tsv 2.tsv
	cmp 1.curve 2.curve
	cmp 1.svg 2.svg
	cmp 1.jsonl 2.jsonl
}

# cell ROW COLUMN of out.tsv
cell() {
	awk -F'\t' -v r="$1" -v k="$2" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $1 == r { print $c[k] }' out.tsv
}

@test "compare: strata of size, repeat and regions, in the table, the facts and the errors" {
	printf 'c1\t0\t20\n' >left.bed
	printf '5 A G . 50 0/1\n' | vcf calls.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf --strata left=left.bed --strata here.2=left.bed --tsv out.tsv --tsv-errors err.tsv -o f.jsonl calls.vcf
	status_is 0
	[ "$(cell INDEL/del_1 truth) $(cell INDEL/del_1 fn) $(cell INDEL/ins_1 truth)" = "1 1 0" ]
	[ "$(cell INDEL/repeat fn) $(cell INDEL/no_repeat fn)" = "0 1" ]
	[ "$(cell SNV/left truth) $(cell SNV/left tp) $(cell INDEL/left fn) $(cell SNV/here.2 tp)" = "1 1 1 1" ]
	[ "$(cell SNV/left class) $(cell SNV/left stratum) $(cell SNV stratum)" = "SNV left all" ]
	[ "$(awk -F'\t' '$2 == 10 { print $NF }' err.tsv)" = "del_1,no_repeat,left,here.2" ]
	[ "$(jq -r 'select(.key == "compare/INDEL/del_1/fn").value' f.jsonl)" = 1 ]
	[ -z "$(jq -r 'select(.key | startswith("compare/INDEL/ins_1/"))' f.jsonl)" ]
	for bad in left noname=  =left.bed 'a b=left.bed' all=left.bed; do
		run "$GENORX" compare -f ref.fa --truth truth.vcf --strata "$bad" -o f2.jsonl calls.vcf
		status_is 2
	done
	run "$GENORX" compare -f ref.fa --truth truth.vcf --strata x=left.bed --strata x=left.bed -o f2.jsonl calls.vcf
	status_is 2
	run "$GENORX" compare -f ref.fa --truth truth.vcf --strata x=absent.bed -o f2.jsonl calls.vcf
	status_is 66
	nothing_left f2.jsonl
}

@test "compare: curve by QUAL and by GQ, its last row agrees with the table; the plot is XML and the same each time" {
	printf '5 A G . 30 0/1\n7 A C . 20 0/1\n10 TC T . . 1/1\n40 A G . 10 0/1\n' | vcf calls.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf --tsv out.tsv --curve curve.tsv --svg plot.svg --curve-stratum no_repeat -o f.jsonl calls.vcf
	status_is 0
	[ "$(awk -F'\t' '$1 == "SNV" && $2 == "all" { print $3, $4, $5, $6 }' curve.tsv | tr '\n' ';')" = "30 1 0 2;20 1 1 2;10 2 1 1;" ]
	[ "$(awk -F'\t' '$1 == "INDEL" && $2 == "all" { print $3, $4, $9, $11 }' curve.tsv)" = ". 1 1 1" ]
	[ "$(awk -F'\t' '$1 == "SNV" && $2 == "no_repeat"' curve.tsv | tail -1 | cut -f7-9)" = "$(awk -F'\t' '$1 == "SNV"' out.tsv | cut -f6-8)" ]
	python3 -c 'import sys, xml.dom.minidom as m; m.parse("plot.svg")' || xmllint --noout plot.svg
	grep -q 'SNV F1 0.6667' plot.svg
	run "$GENORX" compare -f ref.fa --truth truth.vcf --svg again.svg --curve-stratum no_repeat -o f.jsonl calls.vcf
	cmp plot.svg again.svg
	run "$GENORX" compare -f ref.fa --truth truth.vcf --curve-stratum nowhere --curve curve.tsv -o f.jsonl calls.vcf
	status_is 2
	awk -v OFS='\t' '/^##FORMAT/ { print; print "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"q\">"; next } /^#/ { print; next } { $9 = "GT:GQ"; $10 = $10 ":" 100 - $2; print }' calls.vcf >gq.vcf
	run "$GENORX" compare -f ref.fa --truth truth.vcf --score-field GQ --curve curve.tsv -o f.jsonl gq.vcf
	status_is 0
	[ "$(awk -F'\t' '$1 == "SNV" { print $3 }' curve.tsv | tr '\n' ' ')" = "95 93 60 " ]
	# nothing right: a plot that says so
	printf '7 A C . 20 0/1\n' | vcf wrong.vcf c1
	run "$GENORX" compare -f ref.fa --truth truth.vcf --svg none.svg -o f.jsonl wrong.vcf
	status_is 0
	grep -q 'no true positives' none.svg
}

@test "compare: phase counts only when asked" {
	printf '5 A G . 50 0|1\n8 G T . 50 0|1\n' | vcf cis.vcf c1
	printf '5 A G . 50 0|1\n8 G T . 50 1|0\n' | vcf trans.vcf c1
	run "$GENORX" compare -f ref.fa --truth cis.vcf --tsv out.tsv -o f.jsonl trans.vcf
	[ "$(cell SNV tp)" = 2 ]
	run "$GENORX" compare -f ref.fa --obey-phase --truth cis.vcf --tsv out.tsv -o f.jsonl trans.vcf
	[ "$(cell SNV tp) $(cell SNV fp)" = "1 1" ]
}

@test "compare: contigs in another order, with calls only, with truth only" {
	for c in c1 c2 c3 c4; do sed "s/c1/$c/" ref.fa; done >four.fa
	samtools faidx four.fa
	printf '5 A G . 50 0/1\n40 A G . 50 1/1\n' | vcf one.vcf c1
	many() { # FILE header-order : contigs with records, in that order
		local f=$1 c
		shift
		printf '##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n' >"$f"
		for c in $1; do echo "##contig=<ID=$c>" >>"$f"; done
		grep '^#CHROM' one.vcf >>"$f"
		for c in $2; do grep -v '^#' one.vcf | sed "s/^c1/$c/" >>"$f"; done
	}
	many truth.vcf 'c3 c1 c4 c2' 'c3 c1 c4'
	many calls.vcf 'c1 c2 c3 c4' 'c2 c3 c4'
	run "$GENORX" compare -f four.fa --truth truth.vcf --tsv out.tsv --tsv-errors err.tsv --curve curve.tsv -o f.jsonl calls.vcf
	status_is 0
	[ "$(row SNV)" = "6 4 2 2 4 0" ]
	[ "$(awk 'NR > 1 { print $1, $2, $6 }' err.tsv | tr '\n' ';')" = "c1 5 FN;c1 40 FN;c2 5 FP;c2 40 FP;" ]
	[ "$(awk -F'\t' '$1 == "SNV" { print $4, $5, $6 }' curve.tsv)" = "4 2 2" ]
	many none.vcf 'c1 c2 c3 c4' ''
	run "$GENORX" compare -f four.fa --truth truth.vcf --tsv out.tsv -o f.jsonl none.vcf
	status_is 0
	[ "$(row SNV)" = "6 0 0 6 0 0" ]
	run "$GENORX" compare -f four.fa --truth none.vcf --tsv out.tsv -o f.jsonl calls.vcf
	status_is 0
	[ "$(row SNV)" = "0 0 6 0 0 0" ]
	# a truth file that is not sorted is refused wherever it is read
	{ grep '^#' truth.vcf; grep '^c4' truth.vcf; grep '^c1' truth.vcf; } >unsorted.vcf
	run "$GENORX" compare -f four.fa --truth unsorted.vcf --tsv t.tsv -o f2.jsonl calls.vcf
	status_is 65
	nothing_left t.tsv
}

@test "compare: the cross-check with norm and isec explains every difference" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/truth.vcf.gz
	local c="$SHARED/data/cases/HG002_GRCh37_chr20_10.0M_30x" ref="$SHARED/data/refs/GRCh37.20.fa.gz"
	bcftools view "$c/truth.vcf.gz" | awk -v OFS='\t' '/^#/ { print; next } ++n % 20 == 1 { next } n % 20 == 2 { sub(/^[^:]*/, $10 ~ /^1[|\/]1/ ? "0/1" : "1/1", $10) } { print }' >cut.vcf
	run bash "$ROOT/benchmarks/truth/compare_isec.sh" "$c/truth.vcf.gz" cut.vcf "$c/conf.bed" "$ref"
	status_is 0
	# errors of compare = allele errors of isec + genotype errors - what haplotypes explain
	echo "$output" | awk -F'\t' '
		$1 == "SNV" || $1 == "INDEL" { fn[$1] = $5; if ($7 != $8 + $10) bad = 1 }
		$1 == "truth" { seen++; if ($4 + $5 + $7 != fn[$2] || $7 != 0 || $5 < 1) bad = 1 }
		END { exit bad || seen != 2 }'
}

@test "compare: no regions of its own, and no stratum of a curve that is not made" {
	run "$GENORX" compare --help
	[[ $output != *--region* ]]
	printf '>c1\nACGTACGT\n' >x.fa
	samtools faidx x.fa
	printf '##fileformat=VCFv4.2\n##contig=<ID=c1,length=8>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n' >x.vcf
	run "$GENORX" compare -r c1 -f x.fa --truth x.vcf x.vcf
	status_is 2
	run "$GENORX" compare -f x.fa --truth x.vcf --curve-stratum SNV -o f.jsonl x.vcf
	status_is 2
	output_has "give --curve or --svg"
}

@test "compare: a record repeated many times costs no square" {
	printf '>c1\n%s\n' "$(printf 'ACGTTGCA%.0s' {1..20})" >rep.fa
	samtools faidx rep.fa
	head='##fileformat=VCFv4.2\n##contig=<ID=c1,length=160>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
	{ printf "$head"; yes "$(printf 'c1\t82\t.\tC\tT\t50\t.\t.\tGT\t0/1')" | head -n 200000; } >many.vcf
	{ printf "$head"; printf 'c1\t82\t.\tC\tT\t50\t.\t.\tGT\t0/1\n'; } >one.vcf
	run timeout 60 "$GENORX" compare -f rep.fa --truth one.vcf --tsv out.tsv -o f.jsonl many.vcf
	status_is 0
}
