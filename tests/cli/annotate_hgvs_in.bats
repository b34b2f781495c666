#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate --hgvs-in: lists of HGVS names to VCF.

setup() {
	cd "$BATS_TEST_TMPDIR"
	printf '>1\nCAGTGCATCGTAGCTTCGGATCCTAGCATG\nGCGTCTCAGCATGGCTCGAAAAAAATGGGA\n>MT\nGATCACAGGT\n' > r.fa
	printf '1\t60\t3\t30\t31\nMT\t10\t69\t10\t11\n' > r.fa.fai
	printf '1\tx\tgene\t41\t60\t.\t+\t.\tID=gene:G;Name=ABC\n1\tx\tmRNA\t41\t60\t.\t+\t.\tID=transcript:T;Parent=gene:G;version=2\n' > m.gff3
	printf '1\tx\texon\t41\t60\t.\t+\t.\tParent=transcript:T\n1\tx\tCDS\t41\t60\t.\t+\t0\tParent=transcript:T\n' >> m.gff3
}

@test "names become sorted records; the name, its line and further columns are kept" {
	printf '# names\nMT:m.3T>C\tx\n1:g.49_50del\tpatient 1\tcause\nchr1:g.4T>A\n\nT.2(ABC):c.2T>G\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -g m.gff3 -o out.vcf --summary s.json names.txt
	[ "$status" -eq 0 ]
	grep -v '^#' out.vcf | cut -f1,2,4,5,8 > got
	printf '1\t4\tT\tA\tHGVS=chr1:g.4T>A;HGVS_LINE=4\n' > want
	printf '1\t42\tT\tG\tHGVS=T.2(ABC):c.2T>G;HGVS_LINE=6\n' >> want
	printf '1\t48\tGAA\tG\tHGVS=1:g.49_50del;HGVS_LINE=3;HGVS_COLUMNS=patient%%201|cause\n' >> want
	printf 'MT\t3\tT\tC\tHGVS=MT:m.3T>C;HGVS_LINE=2;HGVS_COLUMNS=x\n' >> want
	diff got want
	grep -q '"names": *4' s.json
	grep -q '"comment_or_empty_lines": *2' s.json
}

@test "a bad name stops the run with its place, and nothing is written" {
	printf '1:g.4T>A\n1:g.4A>C\n1:p.Arg8Gln\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -o out.vcf names.txt
	[ "$status" -eq 65 ]
	[ ! -e out.vcf ]
	[[ $output == *"names.txt:2:6: the reference has T at 1:4, the name says A"* ]]
	[[ $output == *"names.txt:3:3: found 'p.Arg8Gln', expected a DNA name"* ]]
	[[ $output == *"2 of 3 names"* ]]
}

@test "--keep-going writes the others and counts what is left out" {
	printf '1:g.4T>A\n1:g.4A>C\n1:p.Arg8Gln\n' > names.txt
	run "$GENORX" annotate --hgvs-in --keep-going -f r.fa -o out.vcf --summary s.json names.txt
	[ "$status" -eq 0 ]
	[ "$(grep -vc '^#' out.vcf)" -eq 1 ]
	[[ $output == *"2 of 3 names left out: 1 are no HGVS name of DNA, 1 contradict"* ]]
	grep -q '"not_a_name": *1' s.json
	grep -q '"contradicts_reference_or_models": *1' s.json
}

@test "a transcript without models, or without its reference, is asked for" {
	printf 'T.2:c.2T>G\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -o out.vcf names.txt
	[ "$status" -eq 65 ]
	[[ $output == *"give its gene models with -g"* ]]
	run "$GENORX" annotate --hgvs-in -o out.vcf names.txt
	[ "$status" -eq 2 ]
	[[ $output == *"give -f/--fasta"* ]]
}

@test "the output may be bgzip with an index" {
	printf '1:g.4T>A\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -o out.vcf.gz names.txt
	[ "$status" -eq 0 ]
	[ -e out.vcf.gz.tbi ] || [ -e out.vcf.gz.csi ]
	run "$GENORX" annotate --hgvs-in -f r.fa names.txt
	[ "$status" -eq 0 ]
	[[ $output == *$'1\t4\t.\tT\tA'* ]]
}

@test "a transcript on a contig that the FASTA lacks, or on two, is refused; its contig makes it one" {
	sed 's/^1/2/; s/:T/:U/g; s/:G/:H/g' m.gff3 > more.gff3
	sed 's/^1/MT/; s/\t41\t60/\t1\t9/' m.gff3 | cat m.gff3 more.gff3 - > all.gff3
	printf 'T:c.2T>G\nU:c.2T>G\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -g all.gff3 -o out.vcf names.txt
	[ "$status" -eq 65 ]
	[ ! -e out.vcf ]
	[[ $output == *"names.txt:1:1: 'T' lies at 2 places of the reference"* ]]
	[[ $output == *"names.txt:2:1: 'U' lies on a contig that the reference does not have"* ]]
	sed 's/;version=2//' m.gff3 > none.gff3
	printf 'T.1:c.2T>G\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -g none.gff3 names.txt
	[ "$status" -eq 65 ]
	[[ $output == *"the models give no version of 'T': expected the name without it"* ]]
	printf '1(T):c.2T>G\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa -g all.gff3 names.txt
	[ "$status" -eq 0 ]
	[[ $output == *$'1\t42\t.\tT\tG'* ]]
}

@test "lines may end in CR LF; a million bases a name do not add up in memory" {
	printf '1:g.4T>A\r\n\r\n1:g.5G>A\r\n' > names.txt
	run "$GENORX" annotate --hgvs-in -f r.fa names.txt
	[ "$status" -eq 0 ]
	[[ $output == *$'\tHGVS=1:g.4T>A;HGVS_LINE=1\n'* ]]
	[[ $output == *$'\tHGVS=1:g.5G>A;HGVS_LINE=3'* ]]
	[ -z "$GENORX_SANITIZED" ] || skip "no memory limit under sanitizers"
	awk 'BEGIN { printf ">1\n"; for (i = 0; i < 100000; i++) printf "ACGTTGCAAC"; print "" }' > big.fa
	printf '1\t1000000\t3\t1000000\t1000001\n' > big.fa.fai
	awk 'BEGIN { for (i = 0; i < 2000; i++) print "1:g.1_999999delA" }' > names.txt
	run bash -c "ulimit -v 1000000; '$GENORX' annotate --hgvs-in -f big.fa -o out.vcf names.txt"
	[ "$status" -eq 65 ]
	[[ $output == *"2000 of 2000 names"* ]]
}
