#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# genorx run: all outputs, resume by content, why.
load helper

setup() {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
}

run_all() { # outdir, further options
	local out=$1
	shift
	"$GENORX" run -f "$D/ref.fa.gz" -g "$D/models.gff3.gz" --score "$D/score.txt" --clinical "$D/clinical.tsv" -o "$out" "$@" "$D/donor1.bam"
}

@test "run writes everything, the manifest last and complete" {
	run_all "$T/o"
	for f in calls.vcf.gz calls.vcf.gz.tbi facts.jsonl report.html report.tsv report.json summary.json qc.json qc_mqc.json pgx.tsv scores.tsv manifest.json; do
		[ -s "$T/o/$f" ] || { echo "$f is missing" >&2; return 1; }
	done
	jq -e '.complete == true and (.steps | length) == 3' "$T/o/manifest.json"
	if compgen -G "$T/o/*.tmp.*"; then return 1; fi
	[ "$(stat -c %a "$T/o/report.html")" = 600 ]
	# outputs have the hashes that the manifest gives
	want=$(jq -r '.steps[].outputs["calls.vcf.gz"] // empty' "$T/o/manifest.json")
	[ "$want" = "$(sha256sum "$T/o/calls.vcf.gz" | cut -d' ' -f1)" ]
}

@test "resume skips what is unchanged and redoes what is not" {
	run_all "$T/o" --stop-after variants
	jq -e '.complete == false' "$T/o/manifest.json"
	[ ! -e "$T/o/report.html" ]
	before=$(stat -c %y "$T/o/calls.vcf.gz")
	run run_all "$T/o" --resume -v
	status_is 0
	output_has "step variants: unchanged"
	[ "$before" = "$(stat -c %y "$T/o/calls.vcf.gz")" ]
	# same result as an undisturbed run
	run_all "$T/p"
	cmp "$T/o/facts.jsonl" "$T/p/facts.jsonl"
	cmp "$T/o/report.html" "$T/p/report.html"
	# a damaged output is made again
	echo x >>"$T/o/calls.vcf.gz"
	run run_all "$T/o" --resume -v
	status_is 0
	case $output in *"step variants: unchanged"*) return 1 ;; esac
	cmp "$T/o/calls.vcf.gz" "$T/p/calls.vcf.gz"
	# a changed input too
	sed '2,$s/\t/\t/' "$D/clinical.tsv" | awk 'NR == 1 { print; next } { $2 = $2 + 1; print }' OFS='\t' FS='\t' >"$T/c.tsv"
	run "$GENORX" run -v --resume -f "$D/ref.fa.gz" -g "$D/models.gff3.gz" --score "$D/score.txt" --clinical "$T/c.tsv" -o "$T/o" "$D/donor1.bam"
	status_is 0
	case $output in *unchanged*) return 1 ;; esac
}

@test "a failed run leaves no manifest" {
	run_all "$T/o"
	run "$GENORX" run -f "$D/ref.fa.gz" --score /nonexistent -o "$T/o" "$D/donor1.bam"
	status_is 66
	run "$GENORX" run -f "$D/ref.fa.gz" --clinical "$D/score.txt" -o "$T/o" "$D/donor1.bam"
	[ "$status" -ne 0 ]
	[ ! -e "$T/o/manifest.json" ]
}

@test "run starts from variants" {
	"$GENORX" run --score "$D/score.txt" --clinical "$D/clinical.tsv" -o "$T/v" "$D/donor1.truth.vcf.gz"
	awk -F'\t' 'NR == FNR { if (FNR > 1) want[$1] = $2; next } FNR > 1 && ($2 in want) && $7 == "called" { n++; if (index("; " $3 "; ", "; " want[$2] "; ")) ok++ } END { exit !(n >= 8 && ok == n) }' "$D/donor1.expected.tsv" "$T/v/pgx.tsv"
}

@test "why prints the chain down to the locus" {
	run_all "$T/o"
	sample=$(awk -F'\t' 'NR == 2 { print $1 }' "$T/o/pgx.tsv")
	run "$GENORX" why "$sample" clopidogrel "$T/o/facts.jsonl"
	status_is 0
	output_has "CYP2C19"
	output_has "chr10:"
	output_has "GQ"
	run "$GENORX" why "$sample" clopidogrl "$T/o/facts.jsonl"
	status_is 2
	output_has "clopidogrel"
}

@test "an option of a stage by --set; what no stage would take is refused" {
	run run_all "$T/o" --set call.no-such=1
	status_is 2
	output_has "no-such"
	run run_all "$T/o" --set cal.min-qual=1
	status_is 2
	output_has "'cal'"
	VCF=$D/donor1.truth.vcf.gz
	for o in "--set=call.min-qual=1" --gvcf "--sites=$VCF" --sex=male; do
		run "$GENORX" run -o "$T/o" "$o" "$VCF"
		status_is 2
	done
	[ ! -e "$T/o" ]
}

@test "--set of a flag says yes or no; what is neither is refused, not taken for no" {
	VCF=$D/donor1.truth.vcf.gz
	for v in maybe 2 TRUE; do
		run "$GENORX" run -f "$D/ref.fa.gz" -g "$D/models.gff3.gz" --set annotate.pick=$v -o "$T/o" "$VCF"
		status_is 2
		output_has "--pick: '$v' is not 1 or 0"
	done
	for v in true 1 no; do
		"$GENORX" run -f "$D/ref.fa.gz" -g "$D/models.gff3.gz" --set annotate.flag-pick=$v --stop-after variants -o "$T/o.$v" "$VCF"
		[ "$(bcftools view -h "$T/o.$v/calls.vcf.gz" | grep -c '|PICK|')" = "$([ $v = no ] && echo 0 || echo 1)" ]
	done
}

# Windows of reads end within transcripts.
@test "haplotypes are refused while reads are called, and taken from a file" {
	run run_all "$T/o" --set annotate.haplotypes=1
	status_is 2
	output_has "--haplotypes needs variants from a file"
	[ ! -e "$T/o/calls.vcf.gz" ]
	"$GENORX" run -f "$D/ref.fa.gz" -g "$D/models.gff3.gz" --set annotate.haplotypes=1 --stop-after variants -o "$T/o" "$D/donor1.truth.vcf.gz"
	[ "$(bcftools view -h "$T/o/calls.vcf.gz" | grep -c 'HAP_Consequence')" = 1 ]
}

@test "resume sees the content of a file given by --set" {
	cp "$ROOT/refdata/qc/gates.tsv" "$T/g.tsv"
	"$GENORX" run --set qc.gates="$T/g.tsv" -o "$T/o" "$D/donor1.truth.vcf.gz"
	run "$GENORX" run -v --resume --set qc.gates="$T/g.tsv" -o "$T/o" "$D/donor1.truth.vcf.gz"
	output_has "step variants: unchanged"
	sed -i 's/^titv\t1.9/titv\t1.8/' "$T/g.tsv"
	run "$GENORX" run -v --resume --set qc.gates="$T/g.tsv" -o "$T/o" "$D/donor1.truth.vcf.gz"
	status_is 0
	case $output in *unchanged*) return 1 ;; esac
}

@test "results of an earlier run do not stay beside those of a stopped or smaller one" {
	run_all "$T/o"
	"$GENORX" run --stop-after variants --summary "$T/s.json" -o "$T/o" "$D/donor1.truth.vcf.gz"
	[ ! -e "$T/o/report.html" ]
	[ ! -e "$T/o/facts.jsonl" ]
	[ ! -e "$T/o/scores.tsv" ]
	jq -e '.stages.pgx' "$T/s.json"
	"$GENORX" run --stop-after variants --resume --write-sites "$T/w.vcf" -o "$T/o" "$D/donor1.truth.vcf.gz"
	[ -s "$T/w.vcf" ]
}
