#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# prs: which of a file's columns speaks for a genotype, and how much a copy counts.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	{
		printf '#pgs_id=T\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tallelefrequency_effect\n'
		printf '1\t100\tA\tG\t1\t0.2\n'
	} >ref.txt
	sed 's/A\tG\t1/G\tA\t1/' ref.txt >alt.txt
}

# head SAMPLE...: header of a VCF
head_of() {
	printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##contig=<ID=chrX,length=156040895>\n'
	printf '##contig=<ID=chrY,length=57227415>\n##contig=<ID=chrM,length=16569>\n##INFO=<ID=END,Number=1,Type=Integer,Description="x">\n'
	local f
	for f in GT:1:String FT:1:String DP:1:Integer GQ:1:Integer RGQ:1:Integer DS:A:Float GP:G:Float PL:G:Integer; do
		IFS=: read -r id n type <<<"$f"
		printf '##FORMAT=<ID=%s,Number=%s,Type=%s,Description="x">\n' "$id" "$n" "$type"
	done
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT'
	printf '\t%s' "$@"
	printf '\n'
}

# sums SCORE VCF OPTION...: "sum:n_called" of every sample
sums() {
	local score=$1 vcf=$2
	shift 2
	"$GENORX" prs --score "$score" --min-overlap 0 --tsv s.tsv -o o.jsonl "$@" "$vcf" >&2 || return 1
	awk -F '\t' 'NR==1{for(i=1;i<=NF;i++)c[$i]=i;next}{printf "%s%s:%s", (NR>2?" ":""), $(c["sum"]), $(c["n_called"])}' s.tsv
}

# one FORMAT A B: a file of one record A>G
one() {
	head_of A B
	printf 'chr1\t100\t.\tA\tG\t.\t.\t.\t%s\t%s\t%s\n' "$@"
}

@test "prs: a sample without PL or GP has its GT" {
	one GT:PL 1/1:. 0/1:90,0,90 >v.vcf
	[ "$(sums alt.txt v.vcf | cut -d' ' -f1)" = 2:1 ]
	[ "$(sums ref.txt v.vcf | cut -d' ' -f1)" = 0:1 ]
	[ "$(sums alt.txt v.vcf --dosage PL | cut -d' ' -f1 | cut -c1-3,12-)" = 0.4:0 ]
	one GT:GP 1/1:. 0/1:0,1,0 >v.vcf
	[ "$(sums alt.txt v.vcf)" = "2:1 1:1" ]
}

@test "prs: what FT disowns is a no-call by DS and GP as well" {
	one GT:FT:DS 1/1:bad:2 0/1:PASS:1 >v.vcf
	[ "$(sums alt.txt v.vcf)" = "0.4:0 1:1" ]
	[ "$(sums alt.txt v.vcf --compat pgsc_calc)" = "2:1 1:1" ]
	one GT:FT:GP 1/1:bad:0,0,1 0/1:PASS:0,1,0 >v.vcf
	[ "$(sums alt.txt v.vcf | cut -c1-3,12-)" = "0.4:0 1:1" ]
}

# A has G and T: no copy of REF is left
@test "prs: REF of a site split into records, by GT, DS, GP and PL alike" {
	local c x y z
	for c in 'GT|0/1|0/0|1/1' 'GT:DS|0/1:1|0/0:0|1/1:2' 'GT:GP|0/1:0,1,0|0/0:1,0,0|1/1:0,0,1' 'GT:PL|0/1:99,0,99|0/0:0,99,99|1/1:99,99,0'; do
		IFS='|' read -r f x y z <<<"$c"
		{
			head_of A B C
			printf 'chr1\t100\t.\tA\tG\t.\t.\t.\t%s\t%s\t%s\t%s\n' "$f" "$x" "$x" "$y"
			printf 'chr1\t100\t.\tA\tT\t.\t.\t.\t%s\t%s\t%s\t%s\n' "$f" "$x" "$y" "$z"
		} >v.vcf
		[ "$(sums ref.txt v.vcf)" = "0:1 1:1 0:1" ] || {
			echo "$f: $(sums ref.txt v.vcf)"
			return 1
		}
	done
}

@test "prs: the same record twice is not a split site" {
	{
		one GT:DS 0/1:1 0/0:0
		one GT:DS 0/1:1 0/0:0 | tail -n 1
	} >v.vcf
	[ "$(sums ref.txt v.vcf --dosage GT)" = "1:1 2:1" ]
	[ "$(sums ref.txt v.vcf)" = "1:1 2:1" ]
}

@test "prs: pairs on Y and MT count one copy, two alleles of them none" {
	local c
	for c in Y:10000000 MT:100; do
		sed "s/^1\t100\tA\tG/${c%:*}\t${c#*:}\tG\tA/" ref.txt >y.txt
		{
			head_of A B C D
			printf 'chr%s\t%s\t.\tA\tG\t.\t.\t.\tGT\t1/1\t0/1\t1\t0/0\n' "$(sed s/MT/M/ <<<"${c%:*}")" "${c#*:}"
		} >v.vcf
		[ "$(sums y.txt v.vcf --missing zero)" = "1:1 NA:0 1:1 0:1" ]
		[ "$(sums y.txt v.vcf --missing zero --compat plink2)" = "1:1 0.5:1 1:1 0:1" ]
		sed -i 's/GT\t.*/GT:DS\t1\/1:1.8\t0\/1:.\t1:0.9\t0\/0:0.2/' v.vcf
		[ "$(sums y.txt v.vcf --missing zero)" = "0.9:1 NA:0 0.9:1 0.1:1" ]
	done
}

@test "prs: --palindromes drop and keep do not ask frequencies" {
	{
		head_of $(seq 60)
		printf 'chr1\t100\t.\tA\tT\t.\t.\t.\tGT'
		printf '\t0/1%.0s' $(seq 6)
		printf '\t0/0%.0s' $(seq 54)
		printf '\n'
	} >v.vcf
	local f why
	for f in 0.1 0.9; do
		sed "s/A\tG\t1\t0.2/T\tA\t1\t$f/" ref.txt >p.txt
		for c in drop:palindromic_dropped keep:matched_palindromic auto; do
			why=${c#*:}
			[ "$c" != auto ] || why=$([ "$f" = 0.1 ] && echo matched_palindromic || echo frequency_contradicts)
			"$GENORX" prs --score p.txt --palindromes "${c%:*}" --min-overlap 0 --log l.tsv -o o.jsonl v.vcf
			[ "$(tail -n 1 l.tsv | cut -f10)" = "$why" ]
		done
	done
}

@test "prs: a block by RGQ is a call from --ref-gq on" {
	head_of A B >v.vcf
	printf 'chr1\t100\t.\tA\t.\t.\t.\t.\tGT:RGQ\t0/0:3\t0/0:50\n' >>v.vcf
	[ "$(sums ref.txt v.vcf --dosage GT --missing zero)" = "NA:0 2:1" ]
}

@test "prs: a region of a gVCF is the same with and without an index" {
	printf '>chr1\n%s\n' "$(printf 'A%.0s' $(seq 600))" >r.fa
	command -v bgzip >/dev/null && command -v tabix >/dev/null && command -v samtools >/dev/null || skip "no bgzip, tabix, samtools"
	samtools faidx r.fa
	{
		head_of A | sed 's/248956422/600/'
		printf 'chr1\t100\t.\tA\t<NON_REF>\t.\t.\tEND=200\tGT:GQ\t0/0:50\nchr1\t201\t.\tA\tG,<NON_REF>\t.\t.\t.\tGT:GQ\t0/1:50\n'
		printf 'chr1\t202\t.\tA\t<NON_REF>\t.\t.\tEND=400\tGT:GQ\t0/0:50\n'
	} >v.vcf
	bgzip -c v.vcf >i.vcf.gz
	tabix -p vcf i.vcf.gz
	{
		head -n 3 ref.txt
		printf '1\t150\tA\tG\t1\t\n1\t201\tA\tG\t10\t\n1\t300\tA\tG\t100\t\n'
	} >b.txt
	local c f
	for c in 140-160=2:1 201-201=10:1 250-350=200:1 190-250=10:1 1-600=212:3; do
		for f in v.vcf i.vcf.gz; do
			[ "$(sums b.txt "$f" --dosage GT -f r.fa --region "chr1:${c%=*}")" = "${c#*=}" ] || { echo "$f $c: $(cat s.tsv)"; return 1; }
		done
	done
}

@test "prs: standard errors of standardised rows" {
	sed -e 's/effect_weight/&\teffect_weight_se/' -e 's/G\tA\t1\t0.2/G\tA\t1\t0.5\t0.00001/' alt.txt >e.txt
	one GT 1/1 0/1 >v.vcf
	[ "$(sums e.txt v.vcf --standardise variance)" = "447.2113594:1 223.6034436:1" ]
	awk -F '\t' 'NR==2{exit !($8 > 885.4 && $8 < 885.5)}' s.tsv
}

@test "prs: the summary does not depend on threads" {
	{
		head_of A
		awk 'BEGIN { for (i = 1; i <= 8000; i++) printf "chr1\t%d\t.\tA\tG\t.\t.\t.\tGT\t0/1\n", i * 30000 }'
	} >v.vcf
	{
		head -n 3 ref.txt
		awk 'BEGIN { for (i = 3; i <= 8000; i += 3) printf "1\t%d\tG\tA\t1\t\n", i * 30000 }'
	} >b.txt
	command -v bgzip >/dev/null && command -v tabix >/dev/null || skip "no bgzip, tabix"
	bgzip v.vcf
	tabix -p vcf v.vcf.gz
	for n in 1 4; do
		"$GENORX" prs --threads $n --score b.txt --summary "s$n.json" -o o.jsonl v.vcf.gz
		jq -c .stages.prs "s$n.json" >"t$n" || return 1
	done
	cmp t1 t4
}

# the row at the record asks for REF, as the block does
@test "prs: a block is not taken for the record before it" {
	local c
	for c in 0/1=0/0=3:2 0/0=./.=2:1; do
		IFS='=' read -r at block want <<<"$c"
		{
			head_of A
			printf 'chr1\t100\t.\tA\tG,<NON_REF>\t.\t.\t.\tGT\t%s\n' "$at"
			printf 'chr1\t101\t.\tA\t<NON_REF>\t.\t.\tEND=400\tGT\t%s\n' "$block"
		} >v.vcf
		{
			head -n 3 ref.txt
			printf '1\t100\tA\tG\t1\t\n1\t101\tA\tG\t1\t\n'
		} >b.txt
		[ "$(sums b.txt v.vcf)" = "$want" ]
	done
}

# callers write 0/0 with PL of 0,0,0 where there were no reads
@test "prs: likelihoods alike for all genotypes are no call, whatever GT says" {
	one GT:PL 0/0:0,0,0 0:0,0 >v.vcf
	[ "$(sums alt.txt v.vcf | tr ' ' '\n' | cut -c1-3,12-)" = "$(printf '0.4:0\n0.4:0')" ]
	cut -f1-5 alt.txt >n.txt
	[ "$(sums n.txt v.vcf)" = "NA:0 NA:0" ]
	one GT:PL 0/0:0,0,0 0/1:9,0,9 >v.vcf
	[ "$(sums n.txt v.vcf)" = "NA:0 1:1" ]
	one GT:PL 0/0:. 0:. >v.vcf
	[ "$(sums alt.txt v.vcf)" = "0:1 0:1" ]
}

@test "prs: the samples' own frequency goes by DS where their scores do" {
	{
		head_of $(seq 60)
		printf 'chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DS'
		printf '\t0/1:0.5%.0s' $(seq 59)
		printf '\t./.:.\n'
	} >v.vcf
	cut -f1-5 alt.txt >n.txt
	[ "$(sums n.txt v.vcf | cut -d' ' -f59,60)" = "0.5:1 0.5:0" ]
	[ "$(sums n.txt v.vcf --dosage GT | cut -d' ' -f59,60)" = "1:1 1:0" ]
	[ "$(sums n.txt v.vcf --compat plink2 | cut -d' ' -f59,60)" = "0.5:1 0.5:0" ]
}

@test "prs: DS above 1 of a haploid genotype is refused, not counted as four copies" {
	sed 's/^1\t100/X\t30000000/' alt.txt >x.txt
	sed 's/^1\t100/X\t30000000/' ref.txt >xr.txt
	{
		head_of A B
		printf 'chrX\t30000000\t.\tA\tG\t.\t.\t.\tGT:DS\t1:2\t0/1:1\n'
	} >v.vcf
	for s in x.txt xr.txt; do
		run "$GENORX" prs --score $s --min-overlap 0 -o o.jsonl v.vcf
		status_is 65
		output_has "chrX:30000000"
	done
	[ "$(sums x.txt v.vcf --dosage GT)" = "2:1 1:1" ]
}

# a man of 0/1 and one of 1/1 on the pseudo-autosomal X and elsewhere on it
@test "prs: men of a .bed have two alleles in the pseudo-autosomal regions" {
	printf '0 A 0 0 1 -9\n0 B 0 0 1 -9\n' >b.fam
	printf 'X\tp\t0\t1000000\tG\tA\nX\tx\t0\t30000000\tG\tA\n' >b.bim
	printf '\x6c\x1b\x01\x02\x02' >b.bed
	sed 's/^1\t100/X\t1000000/' alt.txt >p.txt
	sed 's/^1\t100/X\t30000000/' alt.txt >x.txt
	[ "$(sums p.txt b.bed --missing zero --x-haploid single)" = "1:1 2:1" ]
	[ "$(sums x.txt b.bed --missing zero --x-haploid single)" = "NA:0 1:1" ]
}

@test "prs: --compat takes each record of a split site by itself, as plink2 does" {
	{
		head_of A B
		printf 'chr1\t100\tv1\tA\tG\t.\t.\t.\tGT\t0/1\t0/0\nchr1\t100\tv2\tA\tT\t.\t.\t.\tGT\t1/0\t0/1\n'
	} >v.vcf
	printf 'ID\tA1\tb\nv1\tA\t1\n' >v.score
	[ "$(sums v.score v.vcf --compat plink2 --missing zero)" = "1:1 2:1" ]
	[ "$(sums ref.txt v.vcf --compat pgsc_calc)" = "1:1 2:1" ]
	[ "$(sums ref.txt v.vcf)" = "0:1 1:1" ]
}

@test "prs: --freq serves rows of the other strand" {
	local c
	printf 'chr_name\tchr_position\tref\talt\tfreq\n1\t100\tA\tG\t0.7\n' >f.tsv
	one GT ./. 0/1 >v.vcf
	for c in G/A=1.4:0 A/G=0.6:0 C/T=1.4:0 T/C=0.6:0; do
		{
			head -n 3 alt.txt
			printf '1\t100\t%s\t%s\t1\t\n' "${c:0:1}" "${c:2:1}"
		} >e.txt
		[ "$(sums e.txt v.vcf --freq f.tsv)" = "${c#*=} 1:1" ]
	done
}

@test "prs: a block read on the other strand is a flip" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="q">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n'
		for i in $(seq 1 13); do printf 'chr1\t%d\t.\tA\t<NON_REF>\t.\t.\tEND=%d\tGT:GQ\t0/0:60\n' $((i * 100)) $((i * 100)); done
	} >b.vcf
	{
		printf '#pgs_id=B\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n'
		for i in $(seq 1 12); do printf '1\t%d\tT\tC\t1\n' $((i * 100)); done
		printf '1\t1300\tA\tT\t1000\n'
	} >b.txt
	"$GENORX" prs --score b.txt --dosage GT --min-overlap 0 --tsv s.tsv --log l.tsv -o o.jsonl b.vcf
	[ "$(grep -c matched_flip l.tsv)" = 12 ]
	[ "$(grep -c palindromic_dropped l.tsv)" = 1 ]
	[ "$(awk -F '\t' 'NR==2{print $5}' s.tsv)" = 24 ]
	"$GENORX" prs --score b.txt --dosage GT --min-overlap 0 --no-flip --log l.tsv -o o.jsonl b.vcf
	[ "$(grep -c flip_dropped l.tsv)" = 12 ]
}

@test "prs: evidence, counted copies and expectations follow the effect, not the arithmetic" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
		printf '##FORMAT=<ID=DS,Number=A,Type=Float,Description="d">\n##FORMAT=<ID=PL,Number=G,Type=Integer,Description="p">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n'
		printf 'chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DS:PL\t0/1:1.5:250,250,0\n'
	} >e.vcf
	printf '#pgs_id=E\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\teffect_weight_se\tallelefrequency_effect\n1\t100\tG\tA\t1\t0.1\t0.5\n1\t900\tG\tA\t1\t0.1\t0.5\n' >e.txt
	"$GENORX" prs --score e.txt --dosage DS --min-overlap 0 -o o.jsonl e.vcf
	[ "$(jq -r 'select(.id=="A|prs/E/sum").attrs.largest_terms' o.jsonl)" = "chr1:100:G=1.5" ]
	jq -r 'select(.id=="A|prs/E/sum").attrs.interval' o.jsonl | grep -q 'called ones are taken as sure'
	"$GENORX" prs --score e.txt --dosage PL --standardise centre --min-overlap 0 --tsv s.tsv -o o.jsonl e.vcf
	[ "$(awk -F '\t' 'NR==1{for(i=1;i<=NF;i++)c[$i]=i}NR==2{printf "%.3f", $c["named_allele_dosage_sum"]}' s.tsv)" = 2.000 ]
	[ "$(jq -r 'select(.id=="A|prs/E/sum").attrs.uncovered_expected' o.jsonl)" = 0 ]
	"$GENORX" prs --score e.txt --dosage GT --effect recessive --min-overlap 0 -o o.jsonl e.vcf
	[ "$(jq -r 'select(.id=="A|prs/E/sum").attrs.uncovered_expected' o.jsonl)" = 0.25 ]
}
