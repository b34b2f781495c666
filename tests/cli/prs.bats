#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# prs: command line, tables, refusals.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
		printf '##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n'
		printf 'chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DS\t0/1:0.9\t1/1:2\n'
		printf 'chr1\t200\t.\tC\tT\t.\t.\t.\tGT:DS\t0/1:.\t./.:.\n'
		printf 'chr1\t300\t.\tA\tT\t.\t.\t.\tGT:DS\t0/0:0\t0/1:1\n'
	} > in.vcf
	{
		printf '###PGS CATALOG SCORING FILE\n#format_version=2.0\n#pgs_id=PGS900001\n#trait_reported=x=y\n'
		printf '#genome_build=GRCh38\nrsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n'
		printf 'rs1\t1\t100\tG\tA\t1\nrs2\t1\t200\tC\tT\t-10\nrs3\t1\t300\tT\tA\t100\nrs4\t1\t400\tT\tA\t100\n'
	} > score.txt
}

# col FILE SAMPLE NAME: a column of the table by its name
col() {
	awk -F '\t' -v s="$2" -v n="$3" 'NR==1{for(i=1;i<=NF;i++)if($i==n)k=i;next}$1==s{print $k}' "$1"
}

@test "prs: sums, coverage and reasons; a position without a record is not reference" {
	run "$GENORX" prs --score score.txt --dosage GT --palindromes keep --min-overlap 0 --tsv s.tsv --log l.tsv -o o.jsonl in.vcf
	status_is 0
	[ "$(col s.tsv A sum)" = -9 ]
	[ "$(col s.tsv B sum)" = 102 ]
	[ "$(col s.tsv B n_missing)" = 1 ]
	[ "$(col s.tsv B coverage)" = 0.5 ]
	[ "$(cut -f10 l.tsv | tail -n +2 | tr '\n' ' ')" = "matched matched matched_palindromic no_locus " ]
	[ "$(jq -r 'select(.id=="A|prs/PGS900001/sum").attrs.trait' o.jsonl)" = "x=y" ]
}

@test "prs: alleles padded to a common REF match as written and shortened" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n'
		printf 'chr1\t100\t.\tTA\tT,TAA\t.\t.\t.\tGT\t1/2\nchr1\t200\t.\tTA\tT,TAA\t.\t.\t.\tGT\t2/2\n'
		printf 'chr1\t300\t.\tCA\tTA,C\t.\t.\t.\tGT\t1/1\n'
	} > pad.vcf
	printf '#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n' > pad.txt
	printf '1\t100\tTAA\tTA\t1\n1\t200\tTA\tT\t10\n1\t300\tTA\tCA\t100\n' >> pad.txt
	run "$GENORX" prs --score pad.txt --min-overlap 0 --no-facts --tsv s.tsv --log l.tsv -o o.jsonl pad.vcf
	status_is 0
	# "TA, T" at TA>T,TAA is the deletion read one way, the insertion the other: not guessed
	[ "$(cut -f10 l.tsv | tail -n +2 | tr '\n' ' ')" = "matched multiallelic_dropped matched " ]
	[ "$(col s.tsv A sum)" = 201 ]
}

@test "prs: rows that give an ID only are of the record with that ID" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n'
		printf 'chr1\t100\trs1\tA\tG\t.\t.\t.\tGT\t0/0\nchr1\t100\trs9;rs2\tATT\tA\t.\t.\t.\tGT\t0/1\n'
	} > id.vcf
	printf 'rs1 A 10\nrs2 A 1\n' > id.txt
	run "$GENORX" prs --score id.txt --no-facts --tsv s.tsv --log l.tsv -o o.jsonl id.vcf
	status_is 0
	[ "$(cut -f10 l.tsv | tail -n +2 | sort -u)" = matched ]
	[ "$(col s.tsv A sum)" = 21 ]
	# plink2 takes each record alone: REF of rs1 is not lessened by the record beside it
	printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n' > two.vcf
	printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n' >> two.vcf
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n' >> two.vcf
	printf 'chr1\t100\trs1\tA\tG\t.\t.\t.\tGT\t0/0\nchr1\t100\trs2\tA\tC\t.\t.\t.\tGT\t0/1\n' >> two.vcf
	printf 'rs1 A 1\n' > id.txt
	run "$GENORX" prs --score id.txt --compat plink2 --missing zero --no-facts --tsv s.tsv -o o.jsonl two.vcf
	status_is 0
	[ "$(col s.tsv A sum)" = 2 ]
	run "$GENORX" prs --score id.txt --missing zero --no-facts --tsv s.tsv -o o.jsonl two.vcf
	status_is 0
	[ "$(col s.tsv A sum)" = 1 ]
}

@test "prs: a genotype that its file disowns is a no-call" {
	local n=0
	for rec in 'LowQual\tGT\t0/1' 'PASS\tGT:FT\t0/1:bad' 'PASS\tGT:DP\t0/0:0' 'PASS\tGT:GQ\t0/0:0' 'PASS\tGT\t0/0/1'; do
		{
			printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##FILTER=<ID=LowQual,Description="x">\n'
			printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n##FORMAT=<ID=FT,Number=1,Type=String,Description="x">\n'
			printf '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">\n##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">\n'
			printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n'
			printf 'chr1\t100\t.\tA\tG\t.\t%b\n' "${rec/\\t/\\t.\\t}"
		} >d.vcf
		run "$GENORX" prs --score score.txt --min-overlap 0 --tsv s.tsv -o o.jsonl d.vcf
		status_is 0
		[ "$(col s.tsv A coverage)" = 0 ]
		n=$((n + 1))
	done
	[ "$n" -eq 5 ]
}

@test "prs: DS is used where present" {
	run "$GENORX" prs --score score.txt --palindromes keep --min-overlap 0 --tsv s.tsv -o o.jsonl in.vcf
	status_is 0
	[ "$(col s.tsv A sum)" = -9.1 ]
}

@test "prs: a score below the overlap is refused, not guessed" {
	run "$GENORX" prs --score score.txt --tsv s.tsv -o o.jsonl in.vcf
	status_is 0
	[ "$(col s.tsv A sum) $(col s.tsv A status)" = "NA low_overlap" ]
	[ "$(jq -r 'select(.id=="A|prs/PGS900001/sum") | [.status, .value] | @csv' o.jsonl)" = '"refused",' ]
}

@test "prs: gzip gives the same facts as plain" {
	gzip -k score.txt
	"$GENORX" prs --score score.txt --min-overlap 0 -o a.jsonl in.vcf
	"$GENORX" prs --score score.txt.gz --min-overlap 0 -o b.jsonl in.vcf
	cmp a.jsonl b.jsonl
}

@test "prs: harmonised positions are used, for the build they name" {
	{
		printf '#pgs_id=PGS900001\n#genome_build=hg19\n#HmPOS_build=GRCh38\n'
		printf 'rsID\tchr_name\tchr_position\teffect_allele\teffect_weight\thm_chr\thm_pos\thm_inferOtherAllele\n'
		printf 'rs1\t1\t999\tG\t1\t1\t100\tA\nrs2\t1\t200\tC\t-10\t\t\t\n'
	} > hm.txt
	run "$GENORX" prs --score hm.txt --dosage GT --min-overlap 0 --tsv s.tsv --log l.tsv -o o.jsonl in.vcf
	status_is 0
	[ "$(col s.tsv A sum)" = 1 ]
	grep -q 'rs2.*no_position' l.tsv
}

@test "prs: another build is a mismatch" {
	sed -i 's/GRCh38/GRCh37/' score.txt
	run "$GENORX" prs --score score.txt -o o.jsonl in.vcf
	status_is 67
	output_has GRCh37
	[ ! -e o.jsonl ]
}

@test "prs: bad weight names file and line; no score file is a usage error" {
	sed -i 's/\t-10$/\tx/' score.txt
	run "$GENORX" prs --score score.txt -o o.jsonl in.vcf
	status_is 65
	output_has score.txt:8
	run "$GENORX" prs -o o.jsonl in.vcf
	status_is 2
	run "$GENORX" prs --score score.txt --score score.txt -o o.jsonl in.vcf
	[ "$status" -ne 0 ]
}

@test "prs: a gVCF block is a call: its reference base decides, its GQ must carry it" {
	printf '>chr1\n' > ref.fa
	awk 'BEGIN{for(i=0;i<20;i++) print "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTAC"}' >> ref.fa
	samtools faidx ref.fa
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=1000>\n##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="q">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n'
		printf 'chr1\t1\t.\tA\t<NON_REF>\t.\t.\tEND=40\tGT:GQ\t0/0:60\n'
		printf 'chr1\t41\t.\tA\tG,<NON_REF>\t50\t.\t.\tGT:GQ\t0/1:60\n'
		printf 'chr1\t42\t.\tC\t<NON_REF>\t.\t.\tEND=60\tGT:GQ\t0/0:5\n'
	} > g.vcf
	{
		printf '#pgs_id=G\n#genome_build=GRCh38\nrsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n'
		printf 'r1\t1\t10\tC\tT\t1\nr2\t1\t11\tA\tG\t10\nr3\t1\t41\tG\tA\t100\nr4\t1\t50\tC\tT\t1000\nr5\t1\t70\tC\tT\t1000\n'
	} > g.txt
	run "$GENORX" prs --score g.txt --min-overlap 0 -f ref.fa --tsv s.tsv --log l.tsv -o o.jsonl g.vcf
	status_is 0
	# position 10 is C: two copies; 11 is G: none; 50 has GQ 5: no call; 70 has no record
	[ "$(col s.tsv A sum) $(col s.tsv A n_missing) $(col s.tsv A coverage)" = "102 1 0.6" ]
	run "$GENORX" prs --score g.txt --min-overlap 0 --tsv s.tsv --log l.tsv -o o.jsonl g.vcf
	status_is 0
	[ "$(cut -f10 l.tsv | sed -n 2p)" = no_reference_base ]
}

@test "prs: real catalogue files are read, rows that cannot be scored are counted" {
	require_shared prs/scorefiles
	for f in PGS000001_hmPOS_GRCh38.txt.gz PGS000002_hmPOS_GRCh38.txt.gz PGS004255_hmPOS_GRCh38.txt.gz; do
		run "$GENORX" prs --score "$SHARED/data/prs/scorefiles/$f" --min-overlap 0 --log l.tsv -o o.jsonl in.vcf
		status_is 0
	done
	# no positions: looked up by ID, which this input has not
	for f in PGS000001.txt.gz complex_variants_PGS000021.txt; do
		run "$GENORX" prs --score "$SHARED/data/prs/scorefiles/$f" --min-overlap 0 --log l.tsv -o o.jsonl in.vcf
		status_is 0
		[ "$(tail -n +2 l.tsv | grep -c -v -E 'no_position|unsupported')" = 0 ]
	done
	run "$GENORX" prs --score "$SHARED/data/prs/scorefiles/invalid_scorefile.txt" -o o.jsonl in.vcf
	status_is 65
	output_has "invalid_scorefile.txt:16"
}

@test "prs: published sums, 2504 samples" {
	require_shared prs/cineca
	run env GRX_SHARED="$SHARED" "$ROOT/tests/golden/prs_cineca.sh" "$GENORX"
	status_is 0
	output_has "2504 of 2504 sums equal"
}

@test "prs: edge cases as plink2" {
	require_shared prs/plink2_edge
	run env GRX_SHARED="$SHARED" "$ROOT/tests/golden/prs_edge.sh" "$GENORX"
	status_is 0
}

@test "prs: fused behind the caller equals prs on the called file; loci wanted are loci found" {
	d=$(donor)
	run "$GENORX" run -f "$d/ref.fa.gz" --score "$d/score.txt" -o out "$d/donor1.bam"
	status_is 0
	"$GENORX" prs --score "$d/score.txt" -f "$d/ref.fa.gz" --tsv s.tsv --log l.tsv -o o.jsonl out/calls.vcf.gz
	cmp s.tsv out/scores.tsv
	[ "$(grep -c -E 'no_locus|allele_mismatch' l.tsv)" = 0 ]
}

@test "prs: rows of HLA types are decided by facts, person by person" {
	{
		printf '#pgs_id=H\n#genome_build=GRCh38\nrsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tis_haplotype\tvariant_type\n'
		printf 'rs1\t1\t100\tG\tA\t1\tFALSE\t\n\t6\t\tHLA-B*57:01\t\t-0.9\tTRUE\tHLA_allele\n\t6\t\tHLA-A*24\t\t0.43\tTRUE\tHLA_allele\n'
	} > hla.txt
	printf 'sample\tkey\tvalue\nA\tpgx/HLA-B/diplotype\t*57:01/*08:01\n' > f.tsv
	run "$GENORX" prs --score hla.txt --dosage GT --facts f.tsv --min-overlap 0 --tsv s.tsv --log l.tsv -o o.jsonl in.vcf
	status_is 0
	[ "$(col s.tsv A sum) $(col s.tsv A n_called) $(col s.tsv A n_missing)" = "0.1 2 0" ]
	[ "$(col s.tsv B sum) $(col s.tsv B n_called) $(col s.tsv B n_missing)" = "2 1 1" ]
	[ "$(grep -c matched_fact l.tsv)" = 1 ]
	[ "$(grep -c unsupported_hla l.tsv)" = 1 ]
	# of several weights none would be told from the others: the row stays open for all scores of the file
	awk -F'\t' -v OFS='\t' '/^#/ {print; next} {print $0, n++ ? $6 : "effect_weight_2"}' hla.txt | sed 's/effect_weight\t/effect_weight_1\t/' > hla2.txt
	run "$GENORX" prs --score hla2.txt --dosage GT --facts f.tsv --min-overlap 0 --tsv s.tsv --log l.tsv -o o.jsonl in.vcf
	status_is 0
	[ "$(awk '$1 == "A" {print $5}' s.tsv | tr '\n' ' ')" = "1 1 " ]
	[ "$(grep -c matched_fact l.tsv)" = 0 ]
}

@test "prs: standardised scores of many rows keep their variance" {
	awk 'BEGIN{OFS="\t"; print "##fileformat=VCFv4.2"; print "##contig=<ID=chr1,length=248956422>";
		print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">";
		print "#CHROM","POS","ID","REF","ALT","QUAL","FILTER","INFO","FORMAT","A";
		for(i=1;i<=100000;i++)print "chr1",i*10,".","A","G",".",".",".","GT",(i%10?"0/1":"./.")}' >m.vcf
	awk 'BEGIN{OFS="\t"; print "#pgs_id=M"; print "#genome_build=GRCh38";
		print "chr_name","chr_position","effect_allele","other_allele","effect_weight","allelefrequency_effect";
		for(i=1;i<=100000;i++)print 1,i*10,"G","A",0.7,0.5}' >m.txt
	run "$GENORX" prs --score m.txt --standardise variance --tsv s.tsv -o o.jsonl m.vcf
	status_is 0
	# 10,000 no-calls of variance 1, weight 0.7: 2 x 1.96 x 70
	awk -v l="$(col s.tsv A lo)" -v h="$(col s.tsv A hi)" 'BEGIN{x=h-l-2*1.959964*70; exit !(x<0.2&&x>-0.2)}'
}

@test "prs: a rare allele in a standardised score with standard errors" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\nchr1\t100\t.\tA\tG\t.\t.\t.\tGT\t1/1\n'
	} >r.vcf
	printf '#pgs_id=R\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\teffect_weight_se\tallelefrequency_effect\n1\t100\tG\tA\t1\t0.1\t0.00001\n' >r.txt
	run "$GENORX" prs --score r.txt --standardise variance --tsv s.tsv -o o.jsonl r.vcf
	status_is 0
	# value (2 - 2f) / sqrt(2f(1 - f)) = 447.21, its SE a tenth
	awk -v l="$(col s.tsv A lo)" -v h="$(col s.tsv A hi)" 'BEGIN{x=h-l-2*1.959964*44.7211; exit !(x<0.01&&x>-0.01)}'
}

@test "prs: GP of three genotypes for a person of one allele" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n'
		printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n##FORMAT=<ID=GP,Number=G,Type=Float,Description="x">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n'
		printf 'chr1\t100\t.\tA\tG\t.\t.\t.\tGT:GP\t0:0,1,0\t0/1:0,1,0\nchr1\t200\t.\tA\tG\t.\t.\t.\tGT:GP\t1:0.2,0.2,0.6\t0/1:0,1,0\n'
	} >h.vcf
	printf '#pgs_id=H\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tallelefrequency_effect\n1\t100\tG\tA\t1\t0.25\n1\t200\tG\tA\t1\t0.25\n' >h.txt
	run "$GENORX" prs --score h.txt --min-overlap 0 --tsv s.tsv -o o.jsonl h.vcf
	status_is 0
	# a sure heterozygote of one allele is no answer: imputed; 0.2, 0.6 of two are 0.25, 0.75
	[ "$(col s.tsv A n_imputed)" = 1 ]
	[ "$(col s.tsv A n_called)" = 1 ]
	awk -v x="$(col s.tsv A sum)" 'BEGIN{exit !(x>1.24999 && x<1.25001)}'
	[ "$(col s.tsv B sum)" = 2 ]
}

@test "prs --construct: odds ratios without numbers of cases and controls are pointed out" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
		awk 'BEGIN{srand(3); h="#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"; for(i=1;i<=60;i++)h=h "\tP" i; print h
			for(m=1;m<=9;m++){l="chr1\t" m*1000 "\t.\tA\tG\t.\t.\t.\tGT"; for(i=1;i<=60;i++)l=l "\t" (rand()<.5) "/" (rand()<.5); print l}}'
	} >ld.vcf
	awk 'BEGIN{print "CHR BP A1 A2 OR SE N N_CAS N_CON"; for(m=1;m<=9;m++)print 1,m*1000,"G","A",1.1,0.02,5000,2500,2500}' >or.txt
	run "$GENORX" prs --construct ct --tune or.txt --phi 0.1 --sumstats or.txt --ld ld.vcf -o w.tsv
	output_has "--phi is not used"
	if [[ "$output" == *effective* ]]; then return 1; fi
	cut -d ' ' -f1-7 or.txt >or2.txt
	run "$GENORX" prs --construct ldpred2-inf --sumstats or2.txt --ld ld.vcf -o w.tsv
	status_is 0
	output_has "effective"
	grep -q '^#pgs_id=w$' w.tsv
	run "$GENORX" prs --construct ct --p-max 1e-200 --sumstats or.txt --ld ld.vcf -o w.tsv
	status_is 0
	output_has "every weight is 0"
}

@test "prs --construct: LD records that failed FILTER are not used" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##FILTER=<ID=bad,Description="x">\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
		awk 'BEGIN{srand(3); h="#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"; for(i=1;i<=60;i++)h=h "\tP" i; print h
			for(m=1;m<=9;m++){l="chr1\t" m*1000 "\t.\tA\tG\t.\t" (m==3?"bad":"PASS") "\t.\tGT"; for(i=1;i<=60;i++)l=l "\t" (rand()<.5) "/" (rand()<.5); print l}}'
	} >ld.vcf
	awk 'BEGIN{print "CHR BP A1 A2 BETA SE N"; for(m=1;m<=9;m++)print 1,m*1000,"G","A",0.1,0.02,5000}' >b.txt
	run "$GENORX" prs --construct ldpred2-inf --sumstats b.txt --ld ld.vcf --construct-report r.tsv -o w.tsv
	status_is 0
	grep -q "^qc	not_in_panel	1	" r.tsv
	grep -q "^qc	kept	8	" r.tsv
}
