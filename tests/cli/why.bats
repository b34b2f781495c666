#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >f.jsonl <<'JSON'
{"id":"S|pgx/CYP2D6/diplotype","sample":"S","key":"pgx/CYP2D6/diplotype","value":"*4/*4","status":"ok","because":[{"chrom":"chr22","pos":42128945,"ref":"C","alt":"T","name":"rs3892097","gt":"1/1","dp":31,"gq":93,"ad":"0,31"},{"chrom":"chr22","pos":42129770,"ref":"G","alt":"A","name":"rs1065852"}],"attrs":{"posterior":"0.9991","alternatives":"*4/*4x2","missing":"rs1065852"}}
{"id":"S|pgx/CYP2D6/phenotype","sample":"S","key":"pgx/CYP2D6/phenotype","value":"Poor Metabolizer","status":"ok","because":["S|pgx/CYP2D6/diplotype"]}
{"id":"S|pgx/CYP2D6/activity_score","sample":"S","key":"pgx/CYP2D6/activity_score","value":0,"status":"ok","because":["S|pgx/CYP2D6/diplotype"]}
JSON
	"$GENORX" recommend f.jsonl -o out.jsonl
}

# Facts of the simulated donor from its true genotypes, made once.
donor_facts() {
	local dir
	dir=$(donor)
	if [ ! -e "$dir/why.done" ]; then
		"$GENORX" pgx -o "$dir/why.pgx.jsonl" "$dir/donor1.truth.vcf.gz" &&
			"$GENORX" recommend -o "$dir/why.rec.jsonl" "$dir/why.pgx.jsonl" && touch "$dir/why.done"
	fi
	echo "$dir/why.rec.jsonl"
}

# A locus of the gene where the donor carries a variant: chrom:pos
variant_of() {
	"$GENORX" why --json donor1 "$2" "$3" |
		jq -r --arg g "$1" '.genes[] | select(.gene == $g) | .loci.shown[] | select(.state == "variant") | "\(.chrom):\(.pos)"' |
		head -n 1
}

@test "why: the whole chain, as printed" {
	cat >want <<'TEXT'
codeine (可待因), sample S

AVOID (level act), strength Strong, population general
  advice         CYP2D6 activity score 0 (Poor Metabolizer). Avoid codeine. Consider another drug that does not depend on CYP2D6.
                 CYP2D6 活性评分 0（慢代谢型）。避免使用可待因。考虑换用不依赖 CYP2D6 的其他药物。
  actions        AVOID+ALTERNATIVE
  rule           CPIC.codeine.0264, version 1, guideline PA166104996, PMID 33387367 24458010 22205192
  source         CPIC 2024-03-25
  when           AS(CYP2D6)==0
    true           AS(CYP2D6)==0   found: 0
  because        CYP2D6 Poor Metabolizer

CYP2D6
  phenotype      Poor Metabolizer
  activity score 0
  diplotype      *4/*4
    posterior      0.9991
    alternatives   *4/*4x2
  loci           2: 1 with a variant, 0 reference only, 1 not assessed
    chr22:42128945 C>T rs3892097 GT 1/1 DP 31 GQ 93 AD 0,31
    not assessed (no record) 1: rs1065852
TEXT
	"$GENORX" why S codeine out.jsonl | grep -v '^  table' | sed 's/, variant in .*//' >got
	diff want got
}

@test "why: --all-loci lists what is otherwise counted" {
	run "$GENORX" why --all-loci S codeine out.jsonl
	status_is 0
	output_has "chr22:42129770 G>A rs1065852 not assessed: no record"
}

@test "why: --json is one document with stable keys" {
	"$GENORX" why --json S codeine out.jsonl >doc.json
	[ "$(jq -r '.format, .sample, .drug, .advice[0].kind, .advice[0].rule.id, .advice[0].rule.terms[0].holds' doc.json | paste -sd ' ')" = \
		"genorx-why/1 S codeine recommendation CPIC.codeine.0264 true" ]
	[ "$(jq -c 'keys_unsorted' doc.json)" = '["format","genorx","sample","drug","drug_zh","advice","genes","facts","files"]' ]
	[ "$(jq -r '.genes[0].loci.shown[0] | "\(.chrom):\(.pos) \(.gt) \(.dp) \(.gq) \(.ad)"' doc.json)" = "chr22:42128945 1/1 31 93 0,31" ]
}

@test "why: what is missing is said" {
	run "$GENORX" why S simvastatin out.jsonl
	status_is 0
	output_has "no recommendation: SLCO1B1 not assessed"
}

@test "why: unknown drug or sample names the nearest" {
	run "$GENORX" why S codiene out.jsonl
	status_is 2
	output_has "near: codeine"
	run "$GENORX" why T codeine out.jsonl
	status_is 2
	output_has "no sample 'T'"
}

@test "why: facts without recommendations say what to run" {
	run "$GENORX" why S codeine f.jsonl
	status_is 2
	output_has "run \`genorx recommend\`"
}

@test "why: too few arguments, and a wrong option" {
	run "$GENORX" why S codeine
	status_is 2
	output_has "usage: genorx why"
	run "$GENORX" why --whatif rs1=0/1 S codeine out.jsonl
	status_is 2
	output_has "what-if"
	run "$GENORX" why --help
	status_is 0
	output_has "--what-if LOCUS=GT|GENE=DIPLOTYPE"
}

@test "what-if: a genotype as it is changes nothing" {
	f=$(donor_facts)
	"$GENORX" why --json donor1 clopidogrel "$f" >doc.json
	at=$(variant_of CYP2C19 clopidogrel "$f")
	[ -n "$at" ]
	gt=$(jq -r --arg at "$at" '.genes[0].loci.shown[] | select("\(.chrom):\(.pos)" == $at) | .gt' doc.json)
	"$GENORX" why --json --what-if "$at=$gt" donor1 clopidogrel "$f" >same.json
	[ "$(jq '[.what_if.changes[] | select(.before != .after)] | length' same.json)" = 0 ]
	[ "$(jq '.what_if.changes | length' same.json)" -ge 3 ]
	[ "$(jq '[.what_if.notes[] | select(test("anew"))] | length' same.json)" = 0 ]
}

@test "what-if: a poor metaboliser is told to avoid clopidogrel; a missing tier 1 locus is told nothing" {
	f=$(donor_facts)
	run "$GENORX" why --what-if 'CYP2C19=*2/*2' donor1 clopidogrel "$f"
	status_is 0
	output_has "what if CYP2C19=*2/*2"
	output_has "-> Poor Metabolizer"
	output_has "-> AVOID (level act, strength Strong,"
	run "$GENORX" why --what-if rs4244285=./. donor1 clopidogrel "$f"
	status_is 0
	output_has "CYP2C19 phenotype"
	output_has "-> not assessed: "
	output_has "-> CYP2C19 not assessed ("
}

@test "what-if: a diplotype of a gene that is not called here, and an HLA type" {
	run "$GENORX" why --what-if 'CYP2D6=*1/*1x2' S codeine out.jsonl
	status_is 0
	output_has "CYP2D6 diplotype *4/*4 -> *1/*1x2"
	output_has "CYP2D6 activity_score 0 -> 3"
	output_has "CPIC.codeine.0264) -> AVOID (level act, strength Strong, CPIC.codeine."
	run "$GENORX" why --what-if 'CYP2D6=*4/*4a' S codeine out.jsonl
	status_is 2
	output_has "near: *4, "
	run "$GENORX" why --what-if 'HLA-B=*57:01/*08:01' S abacavir out.jsonl
	status_is 0
	output_has "-> AVOID (level act"
	run "$GENORX" why --what-if 'HLA-B=57' S abacavir out.jsonl
	status_is 2
	output_has "two fields"
	run "$GENORX" why --what-if rs3892097=0/1 S codeine out.jsonl
	status_is 2
	output_has "CYP2D6 is not called from its loci alone; set the diplotype"
}

@test "what-if: agrees with the same genotype in the VCF" {
	f=$(donor_facts)
	vcf=$(donor)/donor1.truth.vcf.gz
	at=$(variant_of CYP2C19 clopidogrel "$f")
	bcftools view "$vcf" | awk -F'\t' -v OFS='\t' -v at="$at" '/^#/ { print; next }
		$1 ":" $2 == at { sub(/^[^:]*/, "0/0", $10) } { print }' >edited.vcf
	"$GENORX" pgx --genes CYP2C19 -o e.pgx.jsonl edited.vcf
	want=$(jq -r 'select(.key == "pgx/CYP2C19/diplotype" or .key == "pgx/CYP2C19/phenotype") | .value' e.pgx.jsonl | paste -sd ' ')
	got=$("$GENORX" why --json --what-if "$at=0/0" donor1 clopidogrel "$f" |
		jq -r '.what_if.changes[] | select(.what == "CYP2C19 diplotype" or .what == "CYP2C19 phenotype") | .after' | paste -sd ' ')
	[ -n "$want" ] && [ "$want" = "$got" ]
}

@test "what-if: unknown loci, genotypes and alleles are refused with what there is" {
	f=$(donor_facts)
	run "$GENORX" why --what-if rs424428=0/1 donor1 clopidogrel "$f"
	status_is 2
	output_has "no locus 'rs424428' in CYP2C19; near: rs4244285"
	run "$GENORX" why --what-if chr1:5=0/1 donor1 clopidogrel "$f"
	status_is 2
	output_has "it has 35: rs"
	run "$GENORX" why --what-if rs1799853=0/1 donor1 clopidogrel "$f"
	status_is 2
	output_has "rs1799853 is a locus of CYP2C9; the advice rests on CYP2C19"
	run "$GENORX" why --what-if rs4244285=A/T donor1 clopidogrel "$f"
	status_is 2
	output_has "its alleles are 0 = G (REF), 1.. = A"
	run "$GENORX" why --what-if 'CYP2C19=*2/*222' donor1 clopidogrel "$f"
	status_is 2
	output_has "near: *22"
	run "$GENORX" why --what-if 'CYP2C19=*2/*2' --what-if rs4244285=0/1 donor1 clopidogrel "$f"
	status_is 2
	output_has "not both"
}

@test "why --reads: the counts are those of the pileup, the input of the run is named" {
	dir=$(donor)
	f=$(donor_facts)
	"$GENORX" why --json --reads "$dir/donor1.bam" --max-reads 2 donor1 clopidogrel "$f" >doc.json
	at=$(variant_of CYP2C19 clopidogrel "$f")
	# plain SNV: bases of the pileup, without quality or overlap rules
	want=$(samtools mpileup -A -B -x -Q 0 -q 0 --ff SECONDARY,QCFAIL,DUP,SUPPLEMENTARY -r "$at-${at#*:}" "$dir/donor1.bam" 2>/dev/null |
		cut -f5 | sed 's/\^.//g' | tr -d '$' | tr 'acgt' 'ACGT' | fold -w1 | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -sd ' ')
	got=$(jq -r --arg at "$at" '.genes[0].loci.shown[] | select("\(.chrom):\(.pos)" == $at) | .reads.alleles[] |
		select(.n > 0) | "\(.allele):\(.n)"' doc.json | sort | paste -sd ' ')
	[ -n "$want" ] && [ "$want" = "$got" ]
	[ "$(jq '[.genes[0].loci.shown[].reads.alleles[].reads | length] | max' doc.json)" = 2 ]
	[ "$(jq -r '.files[0].path' doc.json)" = "$dir/donor1.bam" ]
	run "$GENORX" why --reads "$dir/donor1.bam" donor1 clopidogrel "$f"
	status_is 0
	output_has " forward, "
	output_has " MAPQ 60 BQ "
}

@test "why --reads: another sample, no index" {
	dir=$(donor)
	f=$(donor_facts)
	run "$GENORX" why --reads "$dir/donor1.bam" --reads-sample X donor1 clopidogrel "$f"
	status_is 67
	output_has "X"
	cp "$dir/donor1.bam" bare.bam
	run "$GENORX" why --reads bare.bam donor1 clopidogrel "$f"
	status_is 66
	output_has "samtools index"
}

@test "what-if: facts that calling anew does not give are told" {
	f=$(donor_facts)
	# the same loci under a diplotype that they do not give
	jq -c 'select(.key != "genorx/end") | del(.source) | if .key == "pgx/CYP2C19/diplotype" then .value = "*2/*3" else . end' "$f" >other.jsonl
	run "$GENORX" why --what-if rs4244285=0/1 donor1 clopidogrel other.jsonl
	status_is 0
	output_has "called anew without a change it is "
	output_has "the facts say *2/*3"
	output_has "before -> after compares two calls made anew"
}

@test "what-if: phase blocks are not joined when the facts can be had without phase" {
	vcf=$(donor)/donor1.truth.vcf.gz
	bcftools view "$vcf" | awk -F'\t' -v OFS='\t' '
		/^##FORMAT=<ID=GT/ { print; print "##FORMAT=<ID=PS,Number=1,Type=Integer,Description=\"Phase set\">"; next }
		/^#/ { print; next }
		$1 ":" $2 == "chr10:94781859" { $4 = "G"; $5 = "A"; $9 = "GT:PS"; $10 = "0|1:1" }
		$1 ":" $2 == "chr10:94775367" { $4 = "A"; $5 = "G"; $9 = "GT:PS"; $10 = "0|1:1" }
		$1 ":" $2 == "chr10:94761900" { $4 = "C"; $5 = "T"; $9 = "GT:PS"; $10 = "0|1:2" }
		{ print }' >two.vcf
	"$GENORX" pgx --genes CYP2C19 -o p.jsonl two.vcf
	"$GENORX" recommend -o r.jsonl p.jsonl
	"$GENORX" why --json --what-if rs4244285=./. donor1 clopidogrel r.jsonl >doc.json
	[ "$(jq '[.what_if.notes[] | select(test("anew|block"))] | length' doc.json)" = 0 ]
	[ "$(jq -r '.what_if.changes[0].before' doc.json)" = "*2/*17" ]
}
