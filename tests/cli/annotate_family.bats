#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate --ped: facts of families, faults of the PED file, the same facts whatever the threads.
load helper

CDS=ATGGCTGCTGCTGCTGCTGCTGCTGCTTAA # 30 bases; the second base of GCT changed is a missense

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	local pad
	pad=$(printf 'ACGT%.0s' $(seq 25))
	{
		printf '>chr1\n%s%s%s%s%s\n' "$pad" "$CDS" "$pad" "$CDS" "$pad"
		printf '>chrX\n%s%s%s\n' "$pad" "$CDS" "$pad"
	} > ref.fa
	samtools faidx ref.fa
	gene chr1 A 101 > m.gff3
	gene chr1 B 231 >> m.gff3
	gene chrX C 101 >> m.gff3
	printf 'FAM kid dad mum 1 2\nFAM dad 0 0 1 1\nFAM mum 0 0 2 1\n' > f.ped
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=360>"
		echo "##contig=<ID=chrX,length=230>"
		echo '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">'
		echo '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">'
		echo '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">'
		echo '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tdad\tkid\tmum\n'
		rec chr1 105 0/0:30:99:30,0 0/1:30:99:14,16 0/0:30:99:30,0
		rec chr1 108 0/1:30:99:15,15 0/1:30:99:14,16 0/0:30:99:30,0
		rec chr1 111 0/0:30:99:30,0 0/1:30:99:14,16 0/1:30:99:15,15
		rec chr1 114 ./.:.:.:. 0/1:30:99:14,16 0/0:30:99:30,0
		rec chr1 235 0/1:30:99:15,15 1/1:30:99:0,30 0/1:30:99:15,15
		rec chr1 50 0/0:30:99:30,0 0/1:30:99:14,16 0/0:30:99:30,0
		rec chrX 105 0:30:99:30,0 1:30:99:0,30 0/1:30:99:15,15
	} | bcftools sort -O z -o in.vcf.gz 2> /dev/null
}

gene() { # CONTIG ID BEG
	printf '%s\tx\tgene\t%d\t%d\t.\t+\t.\tID=gene:G%s;Name=SYM%s;biotype=protein_coding\n' "$1" "$3" $(($3 + 29)) "$2" "$2"
	printf '%s\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:T%s;Parent=gene:G%s;biotype=protein_coding\n' "$1" "$3" $(($3 + 29)) "$2" "$2"
	printf '%s\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:T%s\n' "$1" "$3" $(($3 + 29)) "$2"
	printf '%s\tx\tCDS\t%d\t%d\t.\t+\t0\tParent=transcript:T%s\n' "$1" "$3" $(($3 + 29)) "$2"
}

rec() { # CONTIG POS DAD KID MUM [REF]
	printf '%s\t%d\t.\t%s\tA\t50\tPASS\t.\tGT:DP:GQ:AD\t%s\t%s\t%s\n' "$1" "$2" "${6:-C}" "$3" "$4" "$5"
}

fact() { # KEY JQ-FILTER
	jq -r "select(.sample == \"kid\" and .key == \"$1\") | $2" f.jsonl
}

@test "annotate --ped: new, inherited, recessive, X-linked, not assessed" {
	run "$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(fact trio/chr1:105:C:A .value)" = de_novo ]
	[ "$(fact trio/chr1:105:C:A .attrs.consequence)" = missense_variant ]
	[ "$(fact trio/chr1:105:C:A .attrs.gene)" = SYMA ]
	[ "$(fact trio/chr1:105:C:A .attrs.phenotype)" = affected ]
	[ "$(fact trio/chr1:108:C:A '.value + " " + .attrs.from')" = "inherited father" ]
	[ "$(fact trio/chr1:111:C:A '.value + " " + .attrs.from')" = "inherited mother" ]
	# a parent without a genotype is never reference
	[ "$(fact trio/chr1:114:C:A '.status + " " + .attrs.reason')" = "missing father: no genotype" ]
	[ "$(fact trio/chr1:235:C:A .value)" = homozygous_recessive ]
	[ "$(fact trio/chrX:105:C:A '.value + " " + .attrs.from')" = "x_linked mother" ]
	# outside genes nothing is said
	if grep -q 'trio/chr1:50' f.jsonl; then return 1; fi
	# parents are not children
	[ "$(jq -r 'select(.key | startswith("trio/")?) | .sample' f.jsonl | sort -u)" = kid ]
}

@test "annotate --ped: every genotype is in the evidence" {
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	run fact trio/chr1:108:C:A '.because[] | "\(.name) \(.gt) \(.dp) \(.gq) \(.ad)"'
	[ "${lines[0]}" = "child kid 0/1 30 99 14,16" ]
	[ "${lines[1]}" = "father dad 0/1 30 99 15,15" ]
	[ "${lines[2]}" = "mother mum 0/0 30 99 30,0" ]
}

@test "annotate --ped: compound heterozygous pairs, proven by the parents or possible" {
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	[ "$(fact trio/compound_het/GA '.value + " " + .attrs.proof')" = "in_trans parents" ]
	[ "$(fact trio/compound_het/GA .attrs.in_trans)" = "chr1:108:C:A+chr1:111:C:A" ]
	[[ "$(fact trio/compound_het/GA .attrs.possible)" == *"chr1:105:C:A+chr1:108:C:A"* ]]
	fact trio/compound_het/GA '.because[]' | grep -q 'kid|trio/chr1:108:C:A'
	if grep -q trio/compound_het/GB f.jsonl; then return 1; fi
}

@test "annotate --ped: reads that are not told in a file with AD are in doubt" {
	{
		bcftools view -h in.vcf.gz
		rec chr1 105 0/0:30:99:30,. 0/1:30:99:14,16 0/0:30:99:.
		rec chr1 108 0/0:30:99:30,0 0/1:30:99:14,. 0/0:30:99:30,0
		rec chr1 111 0/0:30:99 0/1:30:99 0/0:30:99 | sed 's/:AD//'
	} > ad.vcf
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf ad.vcf
	[ "$(fact trio/chr1:105:C:A '.status + " " + .attrs.reason')" = "missing father: no AD" ]
	[ "$(fact trio/chr1:108:C:A '.status + " " + .attrs.reason')" = "missing child: no AD" ]
	[ "$(fact trio/chr1:111:C:A '.status + " " + .attrs.reason')" = "missing child: no AD" ]
	# what is missing is shown as missing
	run fact trio/chr1:105:C:A '.because[] | "\(.name) \(.ad)"'
	[ "${lines[1]}" = "father dad 30,." ]
	[ "${lines[2]}" = "mother mum null" ]
	# a file without AD is judged without
	bcftools annotate -x FORMAT/AD -O v -o no.vcf in.vcf.gz
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf no.vcf
	[ "$(fact trio/chr1:105:C:A .value)" = de_novo ]
}

@test "annotate --ped: thin or filtered genotypes prove no pair" {
	{
		bcftools view -h in.vcf.gz | sed '2i##FILTER=<ID=LowQual,Description="low">'
		rec chr1 108 0/1:1:1:0,1 0/1:30:99:14,16 0/0:30:99:30,0
		rec chr1 111 0/0:30:99:30,0 0/1:30:99:14,16 0/1:30:99:15,15 | sed 's/PASS/LowQual/'
	} > thin.vcf
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf thin.vcf
	[ "$(fact trio/chr1:108:C:A '.value + " " + .attrs.from')" = "inherited father" ]
	[ "$(fact trio/compound_het/GA '.value + " " + .attrs.possible')" = "possible chr1:108:C:A+chr1:111:C:A" ]
	[ "$(fact trio/compound_het/GA .attrs.not_assessed)" = "chr1:108:C:A father: DP 1 below 10; chr1:111:C:A record: FILTER is not PASS" ]
}

@test "annotate --ped: two deletions that begin at one place are two alleles" {
	{
		bcftools view -h in.vcf.gz | sed '2i##INFO=<ID=END,Number=1,Type=Integer,Description="end">' |
			sed '2i##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">'
		rec chr1 104 0/0:30:99:30,0 0/1:30:99:14,16 0/0:30:99:30,0 G | sed 's/\tA\t50\tPASS\t\./\t<DEL>\t50\tPASS\tSVTYPE=DEL;END=119/'
		rec chr1 104 0/1:30:99:14,16 0/1:30:99:14,16 0/0:30:99:30,0 G | sed 's/\tA\t50\tPASS\t\./\t<DEL>\t50\tPASS\tSVTYPE=DEL;END=125/'
	} > sv.vcf
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --facts-out f.jsonl -O v -o out.vcf sv.vcf
	[ "$(fact 'trio/chr1:104:G:<DEL>:119' .value)" = de_novo ]
	[ "$(fact 'trio/chr1:104:G:<DEL>:125' '.value + " " + .attrs.from')" = "inherited father" ]
}

@test "annotate --ped: limits are options" {
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --trio-dp 40 --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	[ "$(fact trio/chr1:105:C:A .attrs.reason)" = "child: DP 30 below 40" ]
	"$GENORX" annotate -f ref.fa -g m.gff3 --ped f.ped --trio-child-ab 0.6 --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	[ "$(fact trio/chr1:105:C:A .attrs.reason)" = "child: only 16 of 30 reads have the ALT" ]
}

@test "annotate --ped: the same facts for any number of threads, also where a gene lies in two blocks" {
	# 30,000 records within one gene's reach: more than a block
	{
		bcftools view -h in.vcf.gz
		rec chr1 108 0/1:30:99:15,15 0/1:30:99:14,16 0/0:30:99:30,0
		for _ in $(seq 30000); do rec chr1 110 0/0:30:99:30,0 0/0:30:99:30,0 0/0:30:99:30,0 G; done
		rec chr1 111 0/0:30:99:30,0 0/1:30:99:14,16 0/1:30:99:15,15
	} > big.vcf
	for t in 1 4; do
		"$GENORX" annotate -@ $t -f ref.fa -g m.gff3 --ped f.ped --facts-out f$t.jsonl -O b -o out$t.bcf big.vcf
	done
	cmp <(grep -v genorx/end f1.jsonl) <(grep -v genorx/end f4.jsonl)
	cp f1.jsonl f.jsonl
	[ "$(fact trio/compound_het/GA .attrs.in_trans)" = "chr1:108:C:A+chr1:111:C:A" ]
}

@test "annotate --ped: faults name file and line, strangers are counted" {
	printf 'FAM kid dad mum 1\n' > bad.ped
	run "$GENORX" annotate -f ref.fa -g m.gff3 --ped bad.ped -O v -o out.vcf in.vcf.gz
	status_is 65
	output_has "bad.ped:1: found 5 columns, expected 6"
	nothing_left out.vcf
	printf 'FAM a b c 1 2\n' > bad.ped
	run "$GENORX" annotate -f ref.fa -g m.gff3 --ped bad.ped -O v -o out.vcf in.vcf.gz
	status_is 67
	output_has "names no sample"
	printf 'FAM kid gone mum 1 2\nFAM x 0 0 1 1\n' > part.ped
	run "$GENORX" annotate -f ref.fa -g m.gff3 --ped part.ped --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	output_has "1 of 2 people are not among the samples"
	[ "$(fact trio/chr1:105:C:A .attrs.reason)" = "father: not among the samples" ]
	run "$GENORX" annotate -f ref.fa -g m.gff3 --ped none.ped -O v -o out.vcf in.vcf.gz
	status_is 66
}
