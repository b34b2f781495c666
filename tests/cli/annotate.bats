#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate: consequences against stored answers, database joins, findings, refusals.
load helper

# A contig with a run of As, so that one deletion can be written in many places.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	{
		echo ">chr1"
		echo "GATTACAGGCTCAAAAAAAAGTCCGATGCATTGCACCGTTAGACGTACCTGATCGGATCCTAGGCATGCAATGGC"
	} > ref.fa
	samtools faidx ref.fa
	printf 'chr1\tx\tgene\t5\t70\t.\t+\t.\tID=gene:G;Name=SYM;biotype=lncRNA\n' > m.gff3
	printf 'chr1\tx\tlnc_RNA\t5\t70\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=lncRNA;version=2\n' >> m.gff3
	printf 'chr1\tx\texon\t5\t70\t.\t+\t.\tParent=transcript:T\n' >> m.gff3
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=75>"
		echo '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">'
		echo '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">'
		echo '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">'
		echo '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n'
		printf 'chr1\t12\t.\tCA\tC\t50\tPASS\t.\tGT:DP:GQ:AD\t0/1:30:99:14,16\n'
		printf 'chr1\t21\t.\tG\tT,C\t50\tPASS\t.\tGT:DP:GQ:AD\t0/2:20:80:9,0,11\n'
		printf 'chr1\t30\t.\tA\tG\t50\tPASS\t.\tGT:DP:GQ:AD\t0/0:20:80:20,0\n'
		printf 'chr1\t40\t.\tT\tA\t50\tPASS\t.\tGT:DP:GQ:AD\t1/1:20:80:0,20\n'
	} > in.vcf
	bgzip -kf in.vcf
	# the database calls the contig 1, pads its alleles and places the deletion at the right end of the run
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=1,length=75>"
		echo '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">'
		echo '##INFO=<ID=AC,Number=R,Type=Integer,Description="counts">'
		echo '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="significance">'
		echo '##INFO=<ID=COMMON,Number=0,Type=Flag,Description="common">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf '1\t19\t.\tAAG\tAG\t.\t.\tAF=0.25;AC=7,3;CLNSIG=Pathogenic,_low_penetrance;COMMON\n'
		printf '1\t20\t.\tAGT\tACT,AAT\t.\t.\tAF=0.01,0.02;AC=90,5,6;CLNSIG=Likely_pathogenic\n'
		printf '1\t30\t.\tA\tG\t.\t.\tAF=0.5;CLNSIG=Pathogenic\n'
		printf '1\t40\t.\tT\tA\t.\t.\tAF=0.5;CLNSIG=Conflicting_classifications_of_pathogenicity\n'
	} > db.vcf
	bgzip -kf db.vcf
	tabix -p vcf db.vcf.gz
}

info() { # POS KEY
	bcftools query -f "%POS %INFO/$2\n" out.vcf | awk -v p="$1" '$1 == p { print $2 }'
}

@test "annotate: without models and databases there is nothing to do" {
	run "$GENORX" annotate -f ref.fa -o out.vcf in.vcf.gz
	status_is 2
	[[ "$output" == *"--gff"* ]]
}

@test "annotate: models need a reference" {
	run "$GENORX" annotate -g m.gff3 -o out.vcf in.vcf.gz
	status_is 2
	[[ "$output" == *"--fasta"* ]]
}

@test "annotate: consequences in CSQ, contig names by alias" {
	sed 's/^chr1/1/' m.gff3 > other.gff3
	run "$GENORX" annotate -f ref.fa -g other.gff3 -O v -o out.vcf in.vcf.gz
	status_is 0
	[[ "$(info 12 CSQ)" == "-|non_coding_transcript_exon_variant|MODIFIER|SYM|G|Transcript|T|lncRNA|1/1||T.2:n.16del||9|||||||1||deletion|||||7|chr1:g.20del|" ]]
	# one entry for each ALT
	[ "$(info 21 CSQ | tr ',' '\n' | wc -l)" -eq 2 ]
	bcftools view -h out.vcf | grep -q 'ID=CSQ,Number=.,Type=String.*Format: Allele|Consequence|IMPACT'
}

@test "annotate: database alleles are matched after normalisation" {
	run "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:AF,AC,CLNSIG,COMMON -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(info 12 d_AF)" = 0.25 ]
	[ "$(info 12 d_AC)" = 3 ]
	[ "$(info 12 d_CLNSIG)" = "Pathogenic&_low_penetrance" ]
	[ "$(info 12 d_COMMON)" = 1 ]
	[ "$(info 21 d_AF)" = .,0.01 ]
	[ "$(info 21 d_AC)" = .,5 ]
	bcftools view -h out.vcf | grep -q 'ID=d_AF,Number=A,Type=Float'
}

@test "annotate: findings are made only where somebody asked, and then with evidence" {
	run "$GENORX" annotate -f ref.fa -g m.gff3 --db clinvar=db.vcf.gz:CLNSIG --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 0 ]
	[ "$(jq -r 'select(.key == "annotate/findings") | .value' f.jsonl)" = not_looked_for ]
	# the gene is not on the list of secondary findings
	run "$GENORX" annotate -f ref.fa -g m.gff3 --db clinvar=db.vcf.gz:CLNSIG --secondary-findings --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 0 ]
	[ "$(jq -r 'select(.key == "annotate/findings") | .value' f.jsonl)" = secondary ]
	printf '# asked\nSYM\n' > genes.txt
	run "$GENORX" annotate -f ref.fa -g m.gff3 --db clinvar=db.vcf.gz:CLNSIG --finding-genes genes.txt --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 2 ]
	[ "$(jq -r 'select(.key == "annotate/findings") | .value' f.jsonl)" = asked_genes ]
	# a finding names gene, consequence, classification and the reads behind it
	run jq -r 'select(.key == "variant/chr1:21:G:C") | .key, .attrs.gene, .attrs.gt, .because[0].ad' f.jsonl
	[ "${lines[0]}" = "variant/chr1:21:G:C" ]
	[ "${lines[1]}" = SYM ]
	[ "${lines[2]}" = 0/2 ]
	[ "${lines[3]}" = 9,0,11 ]
	# reference homozygotes and conflicting classifications are none
	if grep -q 'variant/chr1:30' f.jsonl; then return 1; fi
	if grep -q 'variant/chr1:40' f.jsonl; then return 1; fi
	# every gene outside the list
	run "$GENORX" annotate -f ref.fa -g m.gff3 --db clinvar=db.vcf.gz:CLNSIG --finding-genes all --facts-out g.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(grep -c '"key": *"variant/' g.jsonl)" -eq 2 ]
	# findings go by gene
	run "$GENORX" annotate -f ref.fa --db clinvar=db.vcf.gz:CLNSIG --secondary-findings -o out.vcf in.vcf.gz
	status_is 2
}

@test "annotate: the list of secondary findings is asked for by itself and has its own rules" {
	printf 'SYM\n' > genes.txt
	printf '##fileformat=VCFv4.2\n##contig=<ID=1,length=75>\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t12\t.\tCA\tC\t.\t.\tCLNSIG=Pathogenic\n1\t40\t.\tT\tA\t.\t.\tCLNSIG=Likely_pathogenic\n' | bgzip > p.vcf.gz
	tabix -p vcf p.vcf.gz
	for g in BRCA1:2 TTN:0 HFE:0 MUTYH:2 TRDN:2; do
		sed "s/Name=SYM/Name=${g%%:*}/" m.gff3 > s.gff3
		# without the request neither findings nor anything that tells of them, even when all other genes are asked for
		run "$GENORX" annotate -f ref.fa -g s.gff3 --db c=p.vcf.gz:CLNSIG --finding-genes all --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
		status_is 0
		[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 0 ]
		run "$GENORX" annotate -f ref.fa -g s.gff3 --db c=p.vcf.gz:CLNSIG --secondary-findings --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
		status_is 0
		[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq "${g##*:}" ]
	done
	# one heterozygous variant of a recessive gene is none
	sed "s/Name=SYM/Name=MUTYH/" m.gff3 > s.gff3
	zcat p.vcf.gz | grep -v Likely | bgzip > q.vcf.gz
	tabix -p vcf q.vcf.gz
	run "$GENORX" annotate -f ref.fa -g s.gff3 --db c=q.vcf.gz:CLNSIG --secondary-findings --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 0 ]
}

# HFE made up: codon 282 of its one exon is TGC. $1 contig, $2 place of the G that makes it TAC, $3 length of the contig.
hfe_put() {
	local from=$(($2 - 844)) # ATG, 280 Ala, Cys: the G is c.845
	printf '>%s\n' "$1" > h.fa
	truncate -s $((3 + $3)) h.fa
	echo >> h.fa
	{
		head -c 40000 /dev/zero | tr '\0' N
		printf ATG
		for _ in $(seq 280); do printf GCT; done
		printf TGCTAA
		head -c 40000 /dev/zero | tr '\0' N
	} | dd of=h.fa bs=1000 seek=$((3 + from - 1 - 40000)) oflag=seek_bytes conv=notrunc status=none
	printf '%s\t%d\t3\t%d\t%d\n' "$1" "$3" "$3" $(($3 + 1)) > h.fa.fai
	{
		printf '6\tx\tgene\t%d\t%d\t.\t+\t.\tID=gene:G;Name=HFE;biotype=protein_coding\n' $from $((from + 848))
		printf '6\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=protein_coding\n' $from $((from + 848))
		printf '6\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:T\n' $from $((from + 848))
		printf '6\tx\tCDS\t%d\t%d\t.\t+\t0\tParent=transcript:T;protein_id=P\n' $from $((from + 848))
	} > h.gff3
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=6,length=%d>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n' "$3"
		printf '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n'
		printf '6\t%d\t.\tG\tA\t.\t.\tCLNSIG=Pathogenic\tGT\t1/1\n' "$2"
	} > h.vcf
	cut -f 1-8 h.vcf | bgzip > h.db.vcf.gz
	tabix -f -p vcf h.db.vcf.gz
}

@test "annotate: HFE p.Cys282Tyr twice is found however names are written, or without names where the build is known" {
	hfe_put 6 60000 120000
	for how in "" --parens; do
		run "$GENORX" annotate -f h.fa -g h.gff3 --db c=h.db.vcf.gz:CLNSIG --secondary-findings $how --facts-out f.jsonl -O v -o out.vcf h.vcf
		status_is 0
		[ "$(jq -r 'select(.key == "variant/6:60000:G:A") | .attrs.hgvsp' f.jsonl)" = P.1:p.Cys282Tyr ]
	done
	# another place of the known build is another change
	hfe_put 6 26092914 170805979
	run "$GENORX" annotate -f h.fa -g h.gff3 --db c=h.db.vcf.gz:CLNSIG --secondary-findings --facts-out f.jsonl -O v -o out.vcf h.vcf
	status_is 0
	[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 0 ]
	hfe_put 6 26092913 170805979
	for how in "" --parens --no-hgvs; do
		run "$GENORX" annotate -f h.fa -g h.gff3 --db c=h.db.vcf.gz:CLNSIG --secondary-findings $how --facts-out f.jsonl -O v -o out.vcf h.vcf
		status_is 0
		[ "$(grep -c '"key": *"variant/' f.jsonl)" -eq 1 ]
	done
}

@test "annotate: ACMG options that make no sense are refused by name and line" {
	run "$GENORX" annotate -f ref.fa -g m.gff3 --acmg --acmg-field COLOUR=x -o out.vcf in.vcf.gz
	status_is 2
	[[ "$output" == *REVEL* && "$output" == *SPLICEAI* ]]
	run "$GENORX" annotate -f ref.fa -g m.gff3 --acmg --acmg-field AF=nope -o out.vcf in.vcf.gz
	status_is 2
	run "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:AF --acmg -o out.vcf in.vcf.gz
	status_is 2
	printf 'gene\tkey\tvalue\tsource\n*\tba1_af\t5\tme\n' > r.tsv
	run "$GENORX" annotate -f ref.fa -g m.gff3 --acmg --acmg-rules r.tsv -o out.vcf in.vcf.gz
	status_is 65
	[[ "$output" == *"r.tsv:2"* ]]
	for bad in 'chr1:12:CA:C\tPP5\t\tn' 'chr1:12:CA:C\tPS3\tHuge\tn' 'chr1:12\tPS3\t\tn' 'chr1:12:CA:C\tBA1\tStrong\tn'; do
		printf "variant\tcode\tstrength\tnote\n$bad\n" > e.tsv
		run "$GENORX" annotate -f ref.fa -g m.gff3 --acmg --evidence e.tsv -o out.vcf in.vcf.gz
		status_is 65
		[[ "$output" == *"e.tsv:2"* ]]
	done
	head -c 100 ref.fa > bad.gxa
	run "$GENORX" annotate -f ref.fa -g m.gff3 --acmg --acmg-index bad.gxa -o out.vcf in.vcf.gz
	status_is 65
	[ ! -e out.vcf ]
}

@test "annotate: evidence of people counts, however the indel is written" {
	# the deletion of one A, written at the other end of the run
	printf 'variant\tcode\tstrength\tnote\nchr1:19:AA:A\tPS3\t\tassay\nchr1:19:AA:A\tPM3\tVeryStrong\tin trans\n' > e.tsv
	run "$GENORX" annotate -f ref.fa -g m.gff3 --acmg --evidence e.tsv --facts-out f.jsonl -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(info 12 ACMG_CLASS)" = Pathogenic ]
	[ "$(info 12 ACMG_POINTS)" = 12 ]
	[ "$(info 12 ACMG_CRITERIA)" = "PS3&PM3_VeryStrong" ]
	[ "$(jq -r 'select(.key == "acmg/chr1:12:CA:C") | .attrs.class_2015, .because[0].gt' f.jsonl | tr '\n' ' ')" = "Pathogenic 0/1 " ]
	# criteria that were not assessed say why
	jq -r 'select(.key == "acmg/chr1:12:CA:C") | .attrs.PM2' f.jsonl | grep -q '^not assessed; because: no frequency database'
}

@test "annotate: a database of other contigs, without the field or without an index is refused" {
	sed 's/ID=1,/ID=7,/; s/^1\t/7\t/' db.vcf | bgzip > db7.vcf.gz
	tabix -p vcf db7.vcf.gz
	run "$GENORX" annotate -f ref.fa --db d=db7.vcf.gz:AF -o out.vcf in.vcf.gz
	status_is 67
	run "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:NOPE -o out.vcf in.vcf.gz
	status_is 65
	[[ "$output" == *NOPE* ]]
	cp db.vcf.gz noindex.vcf.gz
	run "$GENORX" annotate -f ref.fa --db d=noindex.vcf.gz:AF -o out.vcf in.vcf.gz
	status_is 66
	run "$GENORX" annotate -f ref.fa --db db.vcf.gz -o out.vcf in.vcf.gz
	status_is 2
}

@test "annotate: a reference of another build is refused" {
	{
		grep '^#' in.vcf
		for p in $(seq 1 60); do printf 'chr1\t%d\t.\tG\tT\t50\tPASS\t.\tGT:DP:GQ:AD\t0/1:30:99:14,16\n' "$p"; done
	} > bad.vcf
	run "$GENORX" annotate -f ref.fa -g m.gff3 -o out.vcf bad.vcf
	status_is 67
	[ ! -e out.vcf ]
}

@test "annotate: faults in the models name file and line" {
	{ cat m.gff3; printf 'chr1\tx\texon\tfive\t9\t.\t+\t.\tParent=transcript:T\n'; } > bad.gff3
	run "$GENORX" annotate -f ref.fa -g bad.gff3 -o out.vcf in.vcf.gz
	status_is 65
	[[ "$output" == *"bad.gff3:4:"* ]]
}

@test "annotate: output does not depend on threads" {
	"$GENORX" annotate -@ 1 -f ref.fa -g m.gff3 --db d=db.vcf.gz:AF -O v -o a.vcf in.vcf.gz
	"$GENORX" annotate -@ 4 -f ref.fa -g m.gff3 --db d=db.vcf.gz:AF -O v -o b.vcf in.vcf.gz
	diff <(grep -v '^##genorx' a.vcf) <(grep -v '^##genorx' b.vcf)
}

@test "annotate: --pick keeps one entry for each allele" {
	{
		cat m.gff3
		printf 'chr1\tx\tmRNA\t3\t72\t.\t+\t.\tID=transcript:U;Parent=gene:G;biotype=protein_coding;tag=Ensembl_canonical\n'
		printf 'chr1\tx\texon\t3\t72\t.\t+\t.\tParent=transcript:U\n'
	} > two.gff3
	run "$GENORX" annotate -f ref.fa -g two.gff3 --pick -O v -o out.vcf in.vcf.gz
	status_is 0
	[ "$(info 21 CSQ | tr ',' '\n' | cut -d'|' -f7 | tr '\n' ' ')" = "U U " ]
}

@test "annotate: agrees with the stored answers on chromosome 21" {
	require_shared annot/chr21
	run env GENORX="$GENORX" GRX_SHARED="$SHARED" "$ROOT/benchmarks/truth/annotate_chr21.sh" chr21
	status_is 0
	echo "$output" | awk '/^pairs/ && !/ 0 missing, 0 extra/ { exit 1 }'
	# HGVSp differs on purpose where the recommendations say otherwise, see docs/methods/annotate_hgvs.md
	echo "$output" | awk -F'[(%]' '/^consequence/ { exit !($2 > 99.9) }'
	echo "$output" | awk -F'[(%]' '/^HGVSp/ { exit !($4 > 98.5) }'
	for c in HGVSc cDNA_position CDS_position Protein_position Amino_acids Codons EXON INTRON DISTANCE IMPACT SYMBOL Gene Feature_type BIOTYPE STRAND VARIANT_CLASS ENSP HGVS_OFFSET HGVSg; do
		echo "$output" | awk -F'[(%]' -v c="^$c " '$0 ~ c { found = 1; ok = $2 > 99.99 } END { exit !(found && ok) }' || { echo "$c"; return 1; }
	done
}

# A contig with one gene of 60 codons, GCT each.
coding_gene() {
	{
		echo ">chr1"
		printf 'ACGT%.0s' {1..50}
		printf 'ATG'
		printf 'GCT%.0s' {1..60}
		printf 'TAA'
		printf 'ACGT%.0s' {1..50}
		echo
	} > c.fa
	samtools faidx c.fa
	{
		printf '1\tx\tgene\t201\t386\t.\t+\t.\tID=gene:G;Name=SYM;biotype=protein_coding\n'
		printf '1\tx\tmRNA\t201\t386\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=protein_coding;version=1\n'
		printf '1\tx\texon\t201\t386\t.\t+\t.\tParent=transcript:T\n'
		printf '1\tx\tCDS\t201\t386\t.\t+\t0\tParent=transcript:T;protein_id=P\n'
	} > c.gff3
}

@test "annotate: an index of classified variants gives PS1, PM5 and PM1, never from the variant's own entry" {
	coding_gene
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=1,length=586>"
		echo '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">'
		echo '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="r">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		r='CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts'
		printf '1\t231\t.\tG\tA\t.\t.\tCLNSIG=Pathogenic;%s\n' "$r"
		printf '1\t232\t.\tC\tA\t.\t.\tCLNSIG=Likely_pathogenic;%s\n' "$r"
		printf '1\t240\t.\tG\tA\t.\t.\tCLNSIG=Uncertain_significance;%s\n' "$r"
		printf '1\t243\t.\tG\tA\t.\t.\tCLNSIG=Conflicting_classifications_of_pathogenicity;%s\n' "$r"
		printf '1\t245\t.\tT\tC\t.\t.\tCLNSIG=Benign;%s\n' "$r"
	} > cv.vcf
	run "$GENORX" annotate --build-acmg-index -f c.fa -g c.gff3 -o x.gxa --summary s.json cv.vcf
	status_is 0
	[ "$(jq -r '[.. | .kept? // empty] | first' s.json)" = 2 ]
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=586>"
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf 'chr1\t231\t.\tG\tA,C\t.\t.\t.\n'
		printf 'chr1\t231\t.\tGCT\tACC\t.\t.\t.\n'
		printf 'chr1\t232\t.\tC\tA\t.\t.\t.\n'
	} > v.vcf
	run "$GENORX" annotate -f c.fa -g c.gff3 --acmg --acmg-index x.gxa -O v -o out.vcf v.vcf
	status_is 0
	# itself: only the likely pathogenic neighbour counts; another base: the pathogenic one; the same residue by other
	# bases: PS1
	[ "$(bcftools query -f '%INFO/ACMG_CRITERIA\n' out.vcf | tr '\n' ' ')" = "PM5_Supporting,PM5 PS1 PM5 " ]
	# a cut index is refused and leaves nothing
	head -c 60 x.gxa > cut.gxa
	run "$GENORX" annotate -f c.fa -g c.gff3 --acmg --acmg-index cut.gxa -O v -o no.vcf v.vcf
	status_is 65
	[ ! -e no.vcf ]
	run "$GENORX" annotate --build-acmg-index -f c.fa -o no.gxa cv.vcf
	status_is 2
	[ ! -e no.gxa ]
}

@test "annotate: ACMG columns and facts do not depend on threads" {
	coding_gene
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=586>"
		echo '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
		for p in $(seq 204 3 380); do printf 'chr1\t%d\t.\tG\tA\t.\t.\t.\tGT\t0/1\n' "$p"; done
	} > v.vcf
	printf 'gene\tkey\tvalue\tsource\n*\tfact_min_points\t-100\tme\nSYM\tmissense_z\t4\tme\n' > r.tsv
	for t in 1 3; do
		run "$GENORX" annotate -@ $t -f c.fa -g c.gff3 --acmg --acmg-rules r.tsv --facts-out f$t.jsonl -O v -o o$t.vcf v.vcf
		status_is 0
	done
	cmp f1.jsonl f3.jsonl
	cmp <(grep -v '^##' o1.vcf) <(grep -v '^##' o3.vcf)
	[ "$(grep -c '"key": *"acmg/chr1' f1.jsonl)" -eq 59 ]
}
