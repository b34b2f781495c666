#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# REF against the reference: refused, flagged, dropped.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '>1\nACGTACGTACGTACGTACGTACGTACGTAC\n' > r.fa
	samtools faidx r.fa
	printf '1\tx\tgene\t1\t30\t.\t+\t.\tID=gene:G\n1\tx\tlnc_RNA\t1\t30\t.\t+\t.\tID=transcript:T;Parent=gene:G\n' > m.gff3
	printf '1\tx\texon\t1\t30\t.\t+\t.\tParent=transcript:T\n' >> m.gff3
	printf '##fileformat=VCFv4.2\n##contig=<ID=1,length=30>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' > in.vcf
	printf '1\t5\t.\tA\tC\t.\t.\t.\n1\t6\t.\tG\tT\t.\t.\t.\n1\t9\t.\tT\tC\t.\t.\t.\n' >> in.vcf
}

@test "REF that the FASTA contradicts stops the run, with count and positions, and leaves nothing" {
	run "$GENORX" annotate -f r.fa -g m.gff3 -O v -o out.vcf in.vcf
	[ "$status" -eq 67 ]
	[[ $output == *"REF of 2 of 3 records is not what the FASTA has (1:6, 1:9)"* ]]
	[ ! -e out.vcf ]
}

@test "--ref-mismatch flag and drop" {
	"$GENORX" annotate -f r.fa -g m.gff3 --ref-mismatch flag -O v -o out.vcf in.vcf
	[ "$(grep -c '|REF_MISMATCH|' out.vcf)" -eq 2 ]
	"$GENORX" annotate -f r.fa -g m.gff3 --ref-mismatch drop --summary s.json -O v -o out.vcf in.vcf
	[ "$(grep -v '^#' out.vcf | grep -c CSQ=)" -eq 1 ]
	[ "$(grep -vc '^#' out.vcf)" -eq 3 ]
	[ "$(jq .stages.annotate.dropped_ref_mismatch s.json)" -eq 2 ]
}

@test "REF behind the end of the FASTA's contig is a mismatch, and N there is none" {
	sed -i 's/,length=30//' in.vcf
	printf '1\t28\t.\tTACGG\tT\t.\t.\t.\n1\t31\t.\tN\tN.\t.\t.\t.\n1\t90\t.\tA\tC\t.\t.\t.\n' > tail.txt
	grep '^#' in.vcf > far.vcf
	cat tail.txt >> far.vcf
	run "$GENORX" annotate -f r.fa -g m.gff3 -O v -o out.vcf far.vcf
	[ "$status" -eq 67 ]
	[[ $output == *"REF of 2 of 3 records is not what the FASTA has (1:28, 1:90)"* ]]
}

@test "flag and drop go on, however many records the FASTA contradicts; records without reference are named" {
	grep '^#' in.vcf | sed 's/^##contig.*/&\n##contig=<ID=7>/' > many.vcf
	awk 'BEGIN { for (i = 0; i < 3000; i++) print "1\t6\t.\tG\tT\t.\t.\t."; print "7\t9\t.\tG\tT\t.\t.\t." }' >> many.vcf
	for how in flag drop; do
		run "$GENORX" annotate -f r.fa -g m.gff3 --ref-mismatch $how --summary s.json -O v -o out.vcf many.vcf
		[ "$status" -eq 0 ]
		[[ $output == *"REF of 3000 of 3001 records"* ]]
		[[ $output == *"1 of 3001 records lie on contigs that the FASTA does not have"* ]]
		[ "$(jq .stages.annotate.ref_mismatch s.json)" -eq 3000 ]
		[ "$(jq .stages.annotate.records_on_contigs_without_reference s.json)" -eq 1 ]
	done
}

@test "REF is checked for databases alone too; a database may not take a reserved column" {
	bcftools view -Oz -o d.vcf.gz in.vcf && tabix d.vcf.gz
	run "$GENORX" annotate -f r.fa --db d=d.vcf.gz:ID -O v -o out.vcf in.vcf
	[ "$status" -eq 67 ]
	[[ $output == *"REF of 2 of 3 records"* ]]
	[ ! -e out.vcf ]
	run "$GENORX" annotate -f r.fa --db d=d.vcf.gz:END:=ID -O v in.vcf
	[ "$status" -eq 2 ]
	[[ $output == *"column END has a meaning of its own"* ]]
}

@test "an option that does nothing without another one is refused" {
	bcftools view -Oz -o d.vcf.gz in.vcf && tabix d.vcf.gz
	run "$GENORX" annotate --db d=d.vcf.gz:ID --haplotypes -O v in.vcf
	[ "$status" -eq 2 ]
	[[ $output == *"--haplotypes does nothing without -g/--gff"* ]]
	run "$GENORX" annotate -f r.fa -g m.gff3 --evidence nosuch.tsv -O v in.vcf
	[ "$status" -eq 2 ]
	[[ $output == *"--evidence does nothing without --acmg"* ]]
}
