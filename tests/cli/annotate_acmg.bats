#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate: what is not to be told without a request, every way; variants known by their place on GRCh38.
load helper

HEADER='##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
ROW='#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tdad\tmum\n'

# A coding gene of 30 bases at 101..130 of chr1; BRCA1 unless named.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	local pad
	pad=$(printf 'ACGT%.0s' $(seq 25))
	printf '>chr1\n%sATGCAGGCTGCTGCTGCTGCTGCTGCTTAA%s\n' "$pad" "$pad" > ref.fa
	samtools faidx ref.fa
	models chr1 101 130 ';Name=BRCA1' > m.gff3
	printf "%b" "$HEADER##contig=<ID=chr1,length=230>\n$ROW" > in.vcf
	printf 'chr1\t104\t.\tC\tT\t50\tPASS\t.\tGT\t0/1\t0/0\t0/0\n' >> in.vcf
	printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=230>\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t104\t.\tC\tT\t.\t.\tCLNSIG=Pathogenic\n' | bgzip > db.vcf.gz
	tabix -f -p vcf db.vcf.gz
	printf 'FAM kid dad mum 1 2\n' > f.ped
}

models() { # CONTIG BEG END GENE-ATTRIBUTES
	printf '%s\tx\tgene\t%d\t%d\t.\t+\t.\tID=gene:G1%s;biotype=protein_coding\n' "$1" "$2" "$3" "$4"
	printf '%s\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding;tag=MANE_Select\n' "$1" "$2" "$3"
	printf '%s\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:T1\n%s\tx\tCDS\t%d\t%d\t.\t+\t0\tParent=transcript:T1\n' "$1" "$2" "$3" "$1" "$2" "$3"
}

all_ways() {
	"$GENORX" annotate -f ref.fa -g m.gff3 --db c=db.vcf.gz:CLNSIG --acmg --ped f.ped --facts-out f.jsonl -O v -o out.vcf "$@" in.vcf
}

@test "annotate: a listed gene that nobody asked for is in no fact" {
	run all_ways
	status_is 0
	if grep -E '"(variant|acmg|trio)/chr|compound|BRCA1' f.jsonl; then return 1; fi
	run all_ways --finding-genes all
	status_is 0
	if grep -E '"(variant|acmg|trio)/chr|compound|BRCA1' f.jsonl; then return 1; fi
	run all_ways --secondary-findings
	status_is 0
	for key in variant acmg trio; do
		[ "$(jq -r "select(.sample == \"kid\" and (.key|startswith(\"$key/chr1:104\"))) | .attrs.gene" f.jsonl)" = BRCA1 ]
	done
}

@test "annotate: without symbols the list cannot be told apart, so nothing is told" {
	models chr1 101 130 '' > m.gff3
	run all_ways --finding-genes all
	status_is 0
	[[ "$output" == *"has a symbol"* ]]
	if grep -E '"(variant|acmg|trio)/chr' f.jsonl; then return 1; fi
	run all_ways --secondary-findings
	status_is 67
	# a gene is asked for by its identifier
	echo G1 > genes.txt
	run all_ways --finding-genes genes.txt
	status_is 0
	[ "$(grep -c '"variant/chr1:104' f.jsonl)" -eq 1 ]
}

@test "annotate: a stop that its neighbour on the same copy undoes is no PVS1" {
	together() { # GENOTYPE OF THE SECOND, OPTIONS...
		local gt=$1
		shift
		printf "%b" "$HEADER##contig=<ID=chr1,length=230>\n$ROW" > in.vcf
		printf 'chr1\t104\t.\tC\tT\t50\tPASS\t.\tGT\t0|1\t0|0\t0|0\nchr1\t105\t.\tA\tG\t50\tPASS\t.\tGT\t%s\t0|0\t0|0\n' "$gt" >> in.vcf
		run all_ways --secondary-findings "$@"
		status_is 0
		bcftools query -f '%POS %INFO/ACMG_CRITERIA\n' out.vcf > criteria.txt
	}
	# CAG>TAG is a stop, CAG>TGG is not
	together '0|1'
	grep -q '^104 .*PVS1' criteria.txt
	together '1|0' --haplotypes
	grep -q '^104 .*PVS1' criteria.txt
	together '0|1' --haplotypes
	if grep PVS1 criteria.txt; then return 1; fi
	# listed or not, the class is not by a stop that is not made
	printf 'gene\tkey\tvalue\tsource\n*\tfact_min_points\t-100\ttest\n' > rules.tsv
	together '0|1' --haplotypes --acmg-rules rules.tsv
	jq -r 'select(.sample == "kid" and (.key|startswith("acmg/chr1:104"))) | .attrs.PVS1' f.jsonl |
		grep -q '^not assessed.*acts together with other alleles on the same copy: see HAP_Consequence'
}

@test "annotate: the two ends of a breakend are one allele" {
	{
		printf "%b" "$HEADER##contig=<ID=chr1,length=230>\n##INFO=<ID=SVTYPE,Number=1,Type=String,Description=\"t\">\n$ROW"
		printf 'chr1\t104\t.\tC\tC[chr1:120[\t50\tPASS\tSVTYPE=BND\tGT\t0/1\t0/0\t0/0\n'
	} > in.vcf
	run all_ways --secondary-findings
	status_is 0
	bcftools query -f '%INFO/ACMG_CLASS\n' out.vcf | grep -qx Uncertain_significance
	[ "$(jq -s '[.[] | select(.key|startswith("acmg/n/")) | .value] | add' f.jsonl)" -eq 1 ]
}

@test "annotate: two deletions that begin at one place are two" {
	printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=230>\n##ALT=<ID=DEL,Description="d">\n##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n##INFO=<ID=SVTYPE,Number=1,Type=String,Description="e">\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n' > h.vcf
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' | cat h.vcf - > db.vcf
	{
		cat h.vcf
		printf "%b" "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"genotype\">\n$ROW"
		printf 'chr1\t100\t.\tT\t<DEL>\t50\tPASS\tSVTYPE=DEL;END=110\tGT\t0/1\t0/0\t0/0\n'
		printf 'chr1\t100\t.\tT\t<DEL>\t50\tPASS\tSVTYPE=DEL;END=200\tGT\t0/1\t0/0\t0/0\n'
	} > in.vcf
	printf 'chr1\t100\t.\tT\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=110;CLNSIG=Pathogenic\nchr1\t100\t.\tT\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=200;CLNSIG=Pathogenic\n' >> db.vcf
	bgzip -f db.vcf && tabix -f -p vcf db.vcf.gz
	run all_ways --secondary-findings
	status_is 0
	for key in variant acmg; do
		[ "$(jq -r "select(.key|startswith(\"$key/\")) | .key" f.jsonl | grep -v /n/ | tr '\n' ' ')" = "$key/chr1:100:T:<DEL>:110 $key/chr1:100:T:<DEL>:200 " ]
	done
}

@test "annotate: HFE p.Cys282Tyr is known by its place on GRCh38, whatever its name is" {
	# a file with holes as long as chromosome 6; bases only around the variant (1-based 26092901..26092930)
	printf '>6\n' > ref.fa
	truncate -s 170805983 ref.fa
	head -c 400000 /dev/zero | tr '\0' N | dd of=ref.fa bs=100000 oflag=seek_bytes seek=25900003 conv=notrunc 2> /dev/null
	printf 'ATGGCTGCTGCTGCTGCTGCTGCTGCTTAA' | dd of=ref.fa bs=1 seek=$((3 + 26092900)) conv=notrunc 2> /dev/null
	printf 'G' | dd of=ref.fa bs=1 seek=$((3 + 26092912)) conv=notrunc 2> /dev/null
	printf '\n' | dd of=ref.fa bs=1 seek=170805982 conv=notrunc 2> /dev/null
	printf '6\t170805979\t3\t170805979\t170805980\n' > ref.fa.fai
	models 6 26092901 26092930 ';Name=HFE' > m.gff3
	printf "%b" "$HEADER##contig=<ID=6,length=170805979>\n$ROW" > in.vcf
	printf '6\t26092913\t.\tG\tA,C\t50\tPASS\t.\tGT\t1/1\t0/1\t2/2\n' >> in.vcf
	printf '##fileformat=VCFv4.2\n##contig=<ID=6,length=170805979>\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n##INFO=<ID=AC,Number=A,Type=Integer,Description="a">\n##INFO=<ID=AN,Number=1,Type=Integer,Description="a">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n6\t26092913\t.\tG\tA,C\t.\t.\tCLNSIG=Pathogenic;AC=30000,30000;AN=100000\n' | bgzip > db.vcf.gz
	tabix -f -p vcf db.vcf.gz
	for names in --parens --no-hgvs; do
		run "$GENORX" annotate -f ref.fa -g m.gff3 --db c=db.vcf.gz:CLNSIG,AC,AN --acmg --secondary-findings $names --facts-out f.jsonl -O v -o out.vcf in.vcf
		status_is 0
		# homozygous G>A alone is a finding
		[ "$(jq -r 'select(.key|startswith("variant/")) | .sample + .key' f.jsonl)" = kidvariant/6:26092913:G:A ]
		# and exempt from BA1; the other ALT is not
		bcftools query -f '%INFO/ACMG_CLASS\n' out.vcf | grep -qx 'Uncertain_significance,Benign'
	done
}
