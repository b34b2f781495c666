#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate: structural alleles as files have them; nothing crashes, everything is counted.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	{
		echo ">chr1"
		printf 'ACGT%.0s' $(seq 500)
		echo
	} > ref.fa
	samtools faidx ref.fa
	{
		printf 'chr1\tx\tgene\t401\t800\t.\t+\t.\tID=gene:G;Name=SYM;biotype=protein_coding\n'
		printf 'chr1\tx\tmRNA\t401\t800\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=protein_coding\n'
		printf 'chr1\tx\texon\t401\t500\t.\t+\t.\tParent=transcript:T\n'
		printf 'chr1\tx\texon\t701\t800\t.\t+\t.\tParent=transcript:T\n'
		printf 'chr1\tx\tCDS\t451\t500\t.\t+\t.\tParent=transcript:T\n'
		printf 'chr1\tx\tCDS\t701\t740\t.\t+\t.\tParent=transcript:T\n'
	} > m.gff3
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=2000>"
		echo '##INFO=<ID=END,Number=1,Type=Integer,Description="end">'
		echo '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="length">'
		echo '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
	} > head
}

sv() { # POS ALT INFO
	printf 'chr1\t%d\t.\tN\t%s\t.\t.\t%s\n' "$1" "$2" "$3"
}

annotate() { # LINES... -> out.vcf, summary.json
	{
		cat head
		cat
	} > in.vcf
	"$GENORX" annotate -f ref.fa -g m.gff3 --summary summary.json -O v -o out.vcf in.vcf
}

csq() { # POS -> terms on T of its own end
	bcftools query -f '%POS\t%INFO/CSQ\n' out.vcf | awk -F'\t' -v p="$1" '$1 == p { split($2, e, ","); split(e[1], f, "|"); print f[1], f[2] }'
}

@test "annotate: symbolic alleles and breakends get VEP's terms" {
	{
		sv 300 '<DEL>' 'END=900;SVTYPE=DEL'
		sv 301 '<DUP:TANDEM>' 'END=900'
		sv 302 '<INV>' 'SVLEN=600'
		sv 460 '<DEL>' 'SVLEN=-3'
		sv 461 '<INS:ME:ALU>' 'SVLEN=280;END=461'
		sv 600 'N]chr1:1500]' 'SVTYPE=BND'
		sv 601 'N[chr1:5[' 'SVTYPE=BND;END=5'
		sv 602 'N.' 'SVTYPE=BND'
	} | annotate
	[ "$(csq 300)" = "deletion transcript_ablation" ]
	[ "$(csq 301)" = "tandem_duplication transcript_amplification" ]
	[ "$(csq 302)" = "inversion coding_transcript_variant" ]
	[ "$(csq 460)" = "deletion feature_truncation&inframe_deletion" ]
	[ "$(csq 461)" = "Alu_insertion feature_elongation&coding_sequence_variant" ]
	[ "$(csq 600)" = "N. feature_truncation&intron_variant" ]
	[ "$(csq 601)" = "N. feature_truncation&intron_variant" ]
	[ "$(csq 602)" = "N. feature_truncation&intron_variant" ]
}

@test "annotate: alleles that cannot be judged are counted by reason" {
	{
		sv 460 '<DEL>' '.'
		sv 461 '<FOO>' 'END=700'
		sv 462 '*' '.'
		sv 463 '<DEL>' 'END=463'
		sv 464 'T,<NON_REF>' '.'
		sv 465 '<DEL>' 'END=99999'
		sv 466 'N[chr7:9[' '.'
	} | annotate
	run jq -c '.. | .structural_alleles? // empty' summary.json
	[[ "$output" == *'"judged":2'* ]]
	[[ "$output" == *'"skipped_non_ref":1'* ]]
	[[ "$output" == *'"skipped_unknown_symbol":1'* ]]
	[[ "$output" == *'"skipped_without_end_or_length":1'* ]]
	[[ "$output" == *'"skipped_end_not_after_start":1'* ]]
	[[ "$output" == *'"cut_at_end_of_contig":1'* ]]
	[[ "$output" == *'"breakend_mates_outside_the_contigs":1'* ]]
	[ "$(csq 460)" = ". " ]
}

@test "annotate: END before POS is an error but for a breakend, whose mate it is" {
	run annotate < <(sv 460 '<DEL>' 'END=10')
	[ "$status" -eq 65 ]
	output_has "END is before POS"
	annotate < <(sv 460 '<BND>' 'END=10')
	[ "$(csq 460)" = "chromosome_breakpoint feature_truncation&coding_sequence_variant" ]
}

@test "annotate: regulatory features, motifs and a mature miRNA, under a base and under a deletion" {
	"$GENORX" annotate --help | grep -q -- --regulatory || skip "this build reads no regulatory features"
	{
		cat m.gff3
		printf 'chr1\tx\tncRNA_gene\t1201\t1300\t.\t+\t.\tID=gene:M;Name=MIR;biotype=miRNA\n'
		printf 'chr1\tx\tmiRNA\t1201\t1300\t.\t+\t.\tID=transcript:MT;Parent=gene:M;biotype=miRNA\n'
		printf 'chr1\tx\texon\t1201\t1300\t.\t+\t.\tParent=transcript:MT\n'
		printf 'chr1\tx\tmiRNA\t1220\t1241\t.\t+\t.\tID=mir1;Derives_from=transcript:MT;Parent=transcript:MT\n'
	} > mir.gff3
	{
		printf 'chr1\tx\tenhancer\t1501\t1600\t.\t.\t.\tID=enhancer:ENSR1\n'
		printf 'chr1\tx\tTF_binding_site\t1551\t1560\t.\t+\t.\tID=ENSM1;binding_matrix_stable_id=ENSPFM1\n'
	} > reg.gff3
	{
		cat head
		printf 'chr1\t1555\t.\tG\tA\t.\t.\t.\n'
		sv 1400 '<DEL>' 'END=1700'
		sv 1401 '<DUP>' 'END=1700'
		sv 1545 '<DEL>' 'END=1570'
	} | bcftools sort -O v -o in.vcf 2> /dev/null
	"$GENORX" annotate -f ref.fa -g mir.gff3 --regulatory reg.gff3 --distance 0 -O v -o out.vcf in.vcf
	terms() { bcftools query -f '%POS\t%INFO/CSQ\n' out.vcf | awk -F'\t' -v p="$1" '$1 == p { n = split($2, e, ","); for (i = 1; i <= n; i++) { split(e[i], f, "|"); print f[2] } }' | sort | tr '\n' ' '; }
	[ "$(terms 1555)" = "TF_binding_site_variant regulatory_region_variant " ]
	[ "$(terms 1400)" = "TFBS_ablation&TF_binding_site_variant regulatory_region_ablation&regulatory_region_variant " ]
	[ "$(terms 1401)" = "TFBS_amplification&TF_binding_site_variant regulatory_region_amplification&regulatory_region_variant " ]
	[ "$(terms 1545)" = "TFBS_ablation&TF_binding_site_variant regulatory_region_variant " ]
	{
		cat head
		printf 'chr1\t1210\t.\tC\tA\t.\t.\t.\n'
		printf 'chr1\t1230\t.\tC\tA\t.\t.\t.\n'
	} > in.vcf
	"$GENORX" annotate -f ref.fa -g mir.gff3 --distance 0 -O v -o out.vcf in.vcf
	[ "$(csq 1210)" = "A non_coding_transcript_exon_variant" ]
	[ "$(csq 1230)" = "A mature_miRNA_variant" ]
}
