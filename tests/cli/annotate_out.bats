#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate: columns of CSQ, picks, the table, JSON lines.
load helper

# Two genes on opposite strands over one run of bases; U codes for a protein and is MANE Select.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	{
		echo ">chr1"
		echo "GATTACAGGCTCAAAAAAAAGTCCGATGCATTGCACCGTTAGACGTACCTGATCGGATCCTAGGCATGCAATGGC"
	} > ref.fa
	samtools faidx ref.fa
	{
		printf 'chr1\thavana\tgene\t5\t70\t.\t+\t.\tID=gene:G;Name=SYM;biotype=lncRNA\n'
		printf 'chr1\thavana\tlnc_RNA\t5\t70\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=lncRNA;version=2\n'
		printf 'chr1\thavana\texon\t5\t70\t.\t+\t.\tParent=transcript:T\n'
		printf 'chr1\thavana\tlnc_RNA\t6\t60\t.\t+\t.\tID=transcript:S;Parent=gene:G;biotype=lncRNA;version=1\n'
		printf 'chr1\thavana\texon\t6\t60\t.\t+\t.\tParent=transcript:S\n'
		printf 'chr1\tensembl\tgene\t3\t72\t.\t-\t.\tID=gene:H;Name=A b;biotype=protein_coding\n'
		printf 'chr1\tensembl\tmRNA\t3\t72\t.\t-\t.\tID=transcript:U;Parent=gene:H;biotype=protein_coding;version=1;tag=MANE_Select,Ensembl_canonical\n'
		printf 'chr1\tensembl\texon\t3\t72\t.\t-\t.\tParent=transcript:U\n'
		printf 'chr1\tensembl\tCDS\t30\t50\t.\t-\t0\tParent=transcript:U;protein_id=P\n'
	} > m.gff3
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=75>"
		echo '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n'
		printf 'chr1\t12\trs12;COSV99;x"y\tCA\tC\t50\tPASS\t.\tGT\t0/1\n'
		printf 'chr1\t21\t.\tG\tT,C\t50\tPASS\t.\tGT\t1/2\n'
		printf 'chr1\t30\t.\tA\tAGG,G,*\t50\tPASS\t.\tGT\t0/1\n'
		printf 'chr1\t40\trs4\tT\tA\t50\tPASS\t.\tGT\t0/1\n'
	} > in.vcf
	A=(annotate -f ref.fa -g m.gff3)
}

# column of CSQ by name, of all entries at a position: POS NAME
column() {
	bcftools +split-vep -d -f "%POS\t%$2\t%Allele\n" out.vcf | awk -F'\t' -v p="$1" '$1 == p { print $2 }' | paste -sd' ' -
}

@test "annotate: bcftools +split-vep reads the columns" {
	run "$GENORX" "${A[@]}" -O v -o out.vcf in.vcf
	status_is 0
	run bcftools +split-vep -l out.vcf
	status_is 0
	[ "$(printf '%s\n' "${lines[@]}" | cut -f2 | paste -sd'|' -)" = "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp|cDNA_position|CDS_position|Protein_position|Amino_acids|Codons|Existing_variation|DISTANCE|STRAND|FLAGS|VARIANT_CLASS|CANONICAL|MANE_SELECT|MANE_PLUS_CLINICAL|ENSP|HGVS_OFFSET|HGVSg|NMD" ]
	[ "$(column 12 Existing_variation)" = "rs12&COSV99 rs12&COSV99 rs12&COSV99" ]
	[ "$(column 12 VARIANT_CLASS)" = "deletion deletion deletion" ]
	[ "$(column 12 HGVSg)" = "chr1:g.20del chr1:g.20del chr1:g.20del" ]
	[ "$(column 40 ENSP)" = "P . ." ]
	[ "$(column 40 CANONICAL)" = "YES . ." ]
	[ "$(column 40 MANE_SELECT)" = "YES . ." ]
	[ "$(column 40 SYMBOL)" = "A%20b SYM SYM" ]
	# the 3' rule moves towards the end of the transcript: for U the allele stays, for T it moves 7 bases
	[ "$(column 12 HGVS_OFFSET)" = ". 7 7" ]
	# selection by severity as a VEP user does it
	[ "$(bcftools +split-vep -s worst -f '%POS %Consequence\n' out.vcf | awk '$1 == 40 { print $2 }')" = stop_lost ]
}

@test "annotate: each entry has as many columns as the header says" {
	run "$GENORX" "${A[@]}" --fields all -O v -o out.vcf in.vcf
	status_is 0
	n=$(grep '^##INFO=<ID=CSQ' out.vcf | sed 's/.*Format: //; s/".*//' | awk -F'|' '{ print NF }')
	[ "$n" -gt 40 ]
	bcftools query -f '%INFO/CSQ\n' out.vcf | tr ',' '\n' | awk -F'|' -v n="$n" 'NF != n { exit 1 }'
}

@test "annotate: --fields chooses and orders the columns" {
	run "$GENORX" "${A[@]}" --fields Feature,ALLELE_NUM,Location,SOURCE -O v -o out.vcf in.vcf
	status_is 0
	[ "$(bcftools query -f '%POS %INFO/CSQ\n' out.vcf | awk '$1 == 21 { print $2 }')" = "U|1|chr1:21|ensembl,T|1|chr1:21|havana,S|1|chr1:21|havana,U|2|chr1:21|ensembl,T|2|chr1:21|havana,S|2|chr1:21|havana" ]
	run "$GENORX" "${A[@]}" --fields minimal,VARIANT_CLASS -O v -o out.vcf in.vcf
	status_is 0
	grep -q 'Format: Allele|Consequence|IMPACT|SYMBOL|Gene|Feature|HGVSc|HGVSp|VARIANT_CLASS"' out.vcf
}

@test "annotate: an unknown column is refused with those like it" {
	run "$GENORX" "${A[@]}" --fields Allele,HGSVc -o out.vcf in.vcf
	status_is 2
	output_has "'HGSVc'"
	output_has "did you mean HGVSc"
	nothing_left out.vcf
	run "$GENORX" "${A[@]}" --fields nonsense -o out.vcf in.vcf
	status_is 2
	output_has "expected vep, minimal, all"
	run "$GENORX" "${A[@]}" --fields Allele,,IMPACT -o out.vcf in.vcf
	status_is 2
	output_has "empty"
}

@test "annotate: a column that the run would leave empty is refused by name" {
	while read -r field opt what; do
		run "$GENORX" "${A[@]}" --fields "Allele,$field" ${opt:+$opt} in.vcf
		status_is 2
		[[ $output = *"$field $what"* ]] || return 1
	done <<-'E'
	HGVSp --no-hgvs is empty with --no-hgvs
	HGVSg --no-hgvs is empty with --no-hgvs
	HAP_HGVSp --pick needs --haplotypes
	PICK --pick needs --flag-pick
	E
	run "$GENORX" "${A[@]}" --fields all --no-hgvs in.vcf
	status_is 0
}

@test "annotate: --total-length puts lengths behind positions" {
	run "$GENORX" "${A[@]}" --total-length -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 40 cDNA_position)" = "33/70 36/66 35/55" ]
	[ "$(column 40 CDS_position)" = "11/21 . ." ]
	[ "$(column 40 Protein_position)" = "4/7 . ." ]
}

@test "annotate: --pick, --per-gene and --flag-pick choose by MANE, then severity and length" {
	run "$GENORX" "${A[@]}" --pick -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 21 Feature)" = "U U" ]
	run "$GENORX" "${A[@]}" --per-gene -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 21 Feature)" = "U T U T" ]
	run "$GENORX" "${A[@]}" --flag-pick -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 21 PICK)" = "1 . . 1 . ." ]
	run "$GENORX" "${A[@]}" --flag-pick --per-gene -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 21 PICK)" = "1 1 . 1 1 ." ]
}

@test "annotate: --pick-order changes what is preferred" {
	run "$GENORX" "${A[@]}" --pick --pick-order length,rank -O v -o out.vcf in.vcf
	status_is 0
	# the longest coding sequence, or transcript without one: U's coding sequence is short
	[ "$(column 21 Feature)" = "T T" ]
	run "$GENORX" "${A[@]}" --pick --pick-order rank -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 40 Feature)" = "U" ]
	run "$GENORX" "${A[@]}" --pick --pick-order biotype -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 21 Feature)" = "U U" ]
	run "$GENORX" "${A[@]}" --pick-order rank,colour -o out.vcf in.vcf
	status_is 2
	output_has "'colour' is no criterion"
	run "$GENORX" "${A[@]}" --pick-order rank,rank -o out.vcf in.vcf
	status_is 2
	output_has "twice"
}

@test "annotate: --most-severe writes one term of no transcript" {
	run "$GENORX" "${A[@]}" --most-severe -O v -o out.vcf in.vcf
	status_is 0
	[ "$(column 30 Consequence)" = "frameshift_variant synonymous_variant" ]
	[ "$(column 30 Feature)" = ". ." ]
	[ "$(column 30 IMPACT)" = "HIGH LOW" ]
}

@test "annotate: options that contradict each other are refused" {
	for two in "--pick --per-gene" "--pick --flag-pick" "--most-severe --pick" "--most-severe --per-gene" "--most-severe --flag-pick"; do
		# shellcheck disable=SC2086
		run "$GENORX" "${A[@]}" $two -o out.vcf in.vcf
		status_is 2
		output_has "exclude each other"
	done
	run "$GENORX" "${A[@]}" --tsv x --json x in.vcf
	status_is 2
	output_has "same file"
	run "$GENORX" annotate -f ref.fa --db d=in.vcf:AF --tsv t.tsv in.vcf
	status_is 2
	output_has "--tsv needs gene models"
	nothing_left t.tsv
}

@test "annotate: --tsv is VEP's tab format" {
	run "$GENORX" "${A[@]}" --tsv t.tsv in.vcf
	status_is 0
	# no variants on standard output
	[ -z "$output" ]
	[ "$(grep -c '^## ' t.tsv)" -gt 20 ]
	[ "$(grep '^#Uploaded' t.tsv | cut -f1-13)" = "$(printf '#Uploaded_variation\tLocation\tAllele\tGene\tFeature\tFeature_type\tConsequence\tcDNA_position\tCDS_position\tProtein_position\tAmino_acids\tCodons\tExisting_variation')" ]
	n=$(grep '^#Uploaded' t.tsv | awk -F'\t' '{ print NF }')
	grep -v '^##' t.tsv | awk -F'\t' -v n="$n" 'NF != n { exit 1 } { for (i = 1; i <= NF; i++) if ($i == "") exit 1 }'
	[ "$(grep -cv '^#' t.tsv)" -eq 18 ]
	[ "$(grep -P '^rs4\t' t.tsv | head -1 | cut -f2-12)" = "$(printf 'chr1:40\tA\tH\tU\tTranscript\tstop_lost\t33\t11\t4\t*/L\ttAa/tTa')" ]
	# an insertion lies between two bases; the name of a variant without ID
	[ "$(grep -P '^chr1_30_A/AGG/G\t' t.tsv | head -1 | cut -f2,3)" = "$(printf 'chr1:30\tAGG')" ]
	# with -o both are written
	run "$GENORX" "${A[@]}" --tsv t2.tsv -O v -o out.vcf in.vcf
	status_is 0
	cmp t.tsv t2.tsv
	[ "$(grep -cv '^#' out.vcf)" -eq 4 ]
	run "$GENORX" "${A[@]}" --tsv t3.tsv -O v -o - in.vcf
	status_is 0
	[ "${lines[0]}" = "##fileformat=VCFv4.2" ]
}

@test "annotate: the table has the columns of --fields and of the databases" {
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=75>"
		echo '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">'
		echo '##INFO=<ID=SIG,Number=.,Type=String,Description="significance">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf 'chr1\t21\t.\tG\tC\t.\t.\tAF=0.25;SIG=a,b\n'
	} | bgzip > db.vcf.gz
	tabix -p vcf db.vcf.gz
	run "$GENORX" "${A[@]}" --pick --fields Feature --db d=db.vcf.gz:AF,SIG --tsv t.tsv --json j.json in.vcf
	status_is 0
	[ "$(grep '^#Up' t.tsv)" = "$(printf '#Uploaded_variation\tLocation\tFeature\td_AF\td_SIG')" ]
	[ "$(grep chr1:21 t.tsv | cut -f3-)" = "$(printf 'U\t-\t-\nU\t0.25\ta&b')" ]
	[ "$(jq -c 'select(.start == 21) | .custom_annotations.d' j.json)" = '[{"allele":"C","fields":{"d_AF":"0.25","d_SIG":"a&b"}}]' ]
}

@test "annotate: --json writes one valid object a record" {
	run "$GENORX" "${A[@]}" --json j.json in.vcf
	status_is 0
	[ -z "$output" ]
	[ "$(wc -l < j.json)" -eq 4 ]
	[ "$(jq -s length j.json)" -eq 4 ]
	run jq -c 'select(.start == 40) | [.id, .seq_region_name, .end, .strand, .allele_string, .variant_class, .most_severe_consequence, .colocated_variants, .input]' j.json
	[ "$output" = '["rs4","chr1",40,1,"T/A","SNV","stop_lost",[{"id":"rs4"}],"chr1\t40\trs4\tT\tA"]' ]
	run jq -c 'select(.start == 40) | .transcript_consequences[0] | [.transcript_id, .gene_id, .gene_symbol, .consequence_terms, .impact, .strand, .canonical, .protein_id, .hgvsp, .cds_start, .cds_end, .codons]' j.json
	[ "$output" = '["U","H","A b",["stop_lost"],"HIGH",-1,1,"P","P.1:p.Ter4LeuextTer8",11,11,"tAa/tTa"]' ]
	# quotes in an ID are escaped; two ALTs share one record
	[ "$(jq -r .id j.json | head -1)" = 'rs12;COSV99;x"y' ]
	[ "$(jq -c 'select(.start == 21) | [.transcript_consequences[].variant_allele]' j.json)" = '["T","T","T","C","C","C"]' ]
	run "$GENORX" "${A[@]}" --pick --json j.json in.vcf
	status_is 0
	[ "$(jq -c 'select(.start == 21) | [.transcript_consequences[].transcript_id]' j.json)" = '["U","U"]' ]
}

@test "annotate: JSON escapes what names hold" {
	{
		grep '^#' in.vcf
		printf 'chr1\t40\tx\\"\xc3\xa9\tT\tA\t50\tPASS\t.\tGT\t0/1\n'
	} > odd.vcf
	run "$GENORX" "${A[@]}" --json j.json odd.vcf
	status_is 0
	[ "$(jq -r .id j.json)" = "$(printf 'x\\"\xc3\xa9')" ]
}

@test "annotate: outputs beside the variants are bgzipped by name and do not depend on threads" {
	"$GENORX" "${A[@]}" -@ 1 --tsv a.tsv.gz --json a.json.gz in.vcf
	"$GENORX" "${A[@]}" -@ 3 --tsv b.tsv.gz --json b.json.gz in.vcf
	cmp a.tsv.gz b.tsv.gz
	cmp a.json.gz b.json.gz
	"$GENORX" "${A[@]}" --tsv a.tsv --json a.json in.vcf
	bgzip -dc a.tsv.gz | cmp - a.tsv
	bgzip -dc a.json.gz | cmp - a.json
}

@test "annotate: a failed run leaves no table" {
	{
		grep '^#' in.vcf
		printf 'chr1\t12\t.\tCA\tC\t50\tPASS\t.\tGT\t0/1\n'
		printf 'chr1\t10\t.\tC\tT\t50\tPASS\t.\tGT\t0/1\n'
		printf 'chr1\tten\t.\tC\tT\t50\tPASS\t.\tGT\t0/1\n'
	} > bad.vcf
	run "$GENORX" "${A[@]}" --tsv t.tsv --json j.json -O v -o out.vcf bad.vcf
	[ "$status" -ne 0 ]
	nothing_left t.tsv
	nothing_left j.json
	nothing_left out.vcf
}

@test "annotate: standard output takes one output" {
	for o in "--tsv - -o -" "--json - -o -" "--tsv - --facts-out -" "--facts-out - -o -"; do
		run "$GENORX" "${A[@]}" $o in.vcf
		status_is 2
		[[ $output = *"standard output is named for two outputs"* ]] || return 1
	done
	run "$GENORX" "${A[@]}" --tsv - in.vcf
	status_is 0
}

# The header says how to read CSQ: an entry of another run must not stay under it, in text as in BCF.
@test "annotate: columns of an earlier annotation do not stay where this one has nothing" {
	awk -F'\t' -v OFS='\t' '
		/^#CHROM/ {
			print "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: Gene|Allele\">"
			print "##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">"
		}
		/^#/ { print; next }
		$2 == 21 { $5 = "*"; $10 = "0/1" }
		$2 == 30 { $5 = "."; $10 = "0/0" }
		{ $8 = "DP=3;CSQ=old|stale"; print }' in.vcf > old.vcf
	bcftools view --no-version -O b -o old.bcf old.vcf
	for f in old.vcf old.bcf; do
		for way in "" 1; do
			run env ${way:+GENORX_PARSE_RECORDS=1} "$GENORX" "${A[@]}" -O "$([ $f = old.vcf ] && echo v || echo u)" -o out.vcf $f
			status_is 0
			[[ $output = *"INFO/CSQ of the input"* ]] || return 1
			[ "$(bcftools query -f '%POS %DP\n' out.vcf | paste -sd, -)" = "12 3,21 3,30 3,40 3" ]
			[ "$(bcftools query -f '%CSQ\n' out.vcf | grep -c old)" = 0 ]
			[ "$(bcftools query -i 'CSQ!="."' -f '%POS\n' out.vcf | paste -sd, -)" = "12,40" ]
		done
	done
	# the bits of samples go with the text that they point into
	run "$GENORX" "${A[@]}" --bcsq -O v -o first.vcf in.vcf
	status_is 0
	awk -F'\t' -v OFS='\t' '$2 == 40 { $5 = "."; sub(/^0.1/, "0/0", $10) } { print }' first.vcf > again.vcf
	run "$GENORX" "${A[@]}" --bcsq -O v -o out.vcf again.vcf
	status_is 0
	[ "$(bcftools query -f '%BCSQ[ %BCSQ]\n' out.vcf | tail -n 1)" = ". ." ]
}

# Counted in 16 bits: one more and the record would have none.
@test "annotate: a record with as many INFO fields as BCF can count is refused, not emptied" {
	[ -z "${GENORX_SANITIZED:-}" ] || skip "65,535 fields take minutes in htslib under the sanitizers"
	awk -F'\t' -v OFS='\t' '
		/^#CHROM/ { for (i = 0; i < 65535; i++) print "##INFO=<ID=K" i ",Number=0,Type=Flag,Description=\"k\">" }
		/^#/ { print; next }
		$2 == 40 { $8 = "K0"; for (i = 1; i < 65535; i++) $8 = $8 ";K" i; print }' in.vcf > many.vcf
	bcftools view --no-version -O b -o many.bcf many.vcf
	for f in many.vcf many.bcf; do
		for way in "" 1; do
			for type in v u; do
				run env ${way:+GENORX_PARSE_RECORDS=1} "$GENORX" "${A[@]}" -O $type -o out.vcf $f
				status_is 65
				[[ $output = *"more than 65535 INFO fields"* ]] || return 1
				nothing_left out.vcf
			done
		done
	done
}

@test "annotate: counts per term are facts" {
	run "$GENORX" "${A[@]}" --pick --tsv t.tsv --facts-out f.jsonl in.vcf
	status_is 0
	[ "$(jq -r 'select(.key == "annotate/n/stop_lost") | .val // .value' f.jsonl)" = 1 ]
	[ "$(jq -r 'select(.key == "annotate/n/frameshift_variant") | .val // .value' f.jsonl)" = 1 ]
}

@test "annotate: every column is explained in the documentation" {
	run "$GENORX" "${A[@]}" --fields all,Uploaded_variation,Location --tsv t.tsv in.vcf
	status_is 0
	for c in $(grep '^#Uploaded' t.tsv | tr -d '#'); do
		grep -q "^| $c |" "$ROOT/docs/methods/annotate_output.md" || { echo "$c"; return 1; }
	done
}
