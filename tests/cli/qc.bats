#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# qc: figures against samtools and bcftools on real cases, gates, outputs.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	C="$SHARED/data/cases/HG002_GRCh37_chr20_10.0M_30x"
	REF="$SHARED/data/refs/GRCh37.20.fa.gz"
}

# value KEY: of f.jsonl
value() {
	jq -r --arg k "qc/$1" 'select(.key == $k).value' f.jsonl
}

# near A B: equal to 8 digits
near() {
	awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !(d * d <= 1e-16 * b * b) }'
}

@test "qc: depth and breadth are those of samtools depth" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/reads.bam
	run "$GENORX" qc -f "$REF" -R "$C/regions.bed" -o f.jsonl "$C/reads.bam"
	status_is 0
	samtools depth -a -G 2048 -b "$C/regions.bed" "$C/reads.bam" |
		awk '{ s += $3; n++; a += $3 >= 10; b += $3 >= 20 } END { printf "%.10g %.10g %.10g\n", s / n, a / n, b / n }' >want
	read -r mean ten twenty <want
	near "$(value depth/mean)" "$mean"
	near "$(value breadth/10x)" "$ten"
	near "$(value breadth/20x)" "$twenty"
	near "$(value contig/20/depth)" "$mean"
}

@test "qc: duplicates, mapped reads and insert size are those of samtools view" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/reads.bam
	run "$GENORX" qc -R "$C/regions.bed" -o f.jsonl "$C/reads.bam"
	status_is 0
	samtools view -F 2304 "$C/reads.bam" | awk '$4 > 10000000 && $4 <= 10100000 {
		if (int($2 / 4) % 2) u++; else { m++; d += int($2 / 1024) % 2 } }
		END { printf "%.10g %.10g\n", d / m, m / (m + u) }' >want
	read -r dup mapped <want
	near "$(value duplicates/frac)" "$dup"
	near "$(value mapped/frac)" "$mapped"
	samtools view -f 3 -F 3852 "$C/reads.bam" | awk '$9 > 0 && $4 > 10000000 && $4 <= 10100000 { print $9 }' | sort -n |
		awk '{ a[NR] = $1 } END { print (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }' >want
	near "$(value insert/median)" "$(cat want)"
}

@test "qc: the sex of a slice is missing with its reason" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/reads.bam
	run "$GENORX" qc -R "$C/regions.bed" -o f.jsonl "$C/reads.bam"
	status_is 0
	[ "$(jq -r 'select(.key == "qc/sex").status' f.jsonl)" = missing ]
	[ -n "$(jq -r 'select(.key == "qc/sex").attrs.reason' f.jsonl)" ]
}

@test "qc: threads do not change a byte" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/reads.bam
	for t in 1 2; do
		run "$GENORX" qc -@ $t -f "$REF" -R "$C/regions.bed" --json $t.json --multiqc ${t}_mqc.json -o $t.jsonl "$C/reads.bam"
		status_is 0
	done
	cmp 1.jsonl 2.jsonl
	cmp 1.json 2.json
	cmp 1_mqc.json 2_mqc.json
	jq -e '.plot_type == "table" and (.data | length == 1) and (.id | length > 0)' 1_mqc.json
	jq -e '.depth | add == 100000' 1.json
}

@test "qc: gates decide, and refuse with 77 only when asked" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x/reads.bam
	printf 'metric\twarn_below\tfail_below\twarn_above\tfail_above\tunit\tmin_n\tsource\n' >g.tsv
	printf 'depth/mean\t50\t40\t\t\tx\t\ttest\nmapped/frac\t0.9999\t0.5\t\t\tfraction\t\ttest\n' >>g.tsv
	run "$GENORX" qc -R "$C/regions.bed" --gates g.tsv --tsv m.tsv -o f.jsonl "$C/reads.bam"
	status_is 0
	[ "$(value gate/depth/mean)" = fail ]
	[ "$(value gate/mapped/frac)" = warn ]
	[ "$(value gate)" = fail ]
	[ "$(jq -r 'select(.key == "qc/gate").because[0]' f.jsonl)" = "HG002|qc/gate/depth/mean" ]
	[ "$(awk -F '\t' '$1 == "depth/mean" { print $5 }' m.tsv)" = fail ]
	run "$GENORX" qc -R "$C/regions.bed" --gates g.tsv --fail-on-gate -o g.jsonl "$C/reads.bam"
	status_is 77
	output_has "depth/mean"
	nothing_left g.jsonl
	printf 'depht/mean\t50\t40\t\t\tx\t\ttest\n' >>g.tsv
	run "$GENORX" qc -R "$C/regions.bed" --gates g.tsv -o g.jsonl "$C/reads.bam"
	status_is 65
	output_has "g.tsv:4"
}

@test "qc: Ti/Tv and het/hom of a VCF are those of bcftools stats" {
	require_shared cases/sim_HG002_GRCh38_chr20_5Mb_30x/truth.vcf.gz
	local v="$SHARED/data/cases/sim_HG002_GRCh38_chr20_5Mb_30x/truth.vcf.gz"
	run "$GENORX" qc -o f.jsonl "$v"
	status_is 0
	bcftools stats "$v" | awk -F '\t' '$1 == "TSTV" { printf "%.10g\n", $3 / $4 }' >want
	near "$(value titv)" "$(cat want)"
	bcftools query -f '[%GT]\n' "$v" | awk -F '[/|]' '{ if ($1 != $2) h++; else if ($1 > 0) o++ } END { printf "%.10g\n", h / o }' >want
	near "$(value hethom)" "$(cat want)"
	[ -z "$(value depth/mean)" ]
}

@test "a refused read is counted once, with an index and without" {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	# reads whose CIGAR reaches beyond the contig cannot be written by samtools; SEQ '*' can
	samtools view -h "$D/donor1.bam" chr10 | awk -F'\t' -v OFS='\t' '/^@/ { print; next } ++n % 50 == 0 { $10 = "*"; $11 = "*"; bad++ } { print }' >"$T/x.sam"
	samtools view -b -o "$T/x.bam" "$T/x.sam"
	samtools index "$T/x.bam"
	want=$(grep -v '^@' "$T/x.sam" | awk -F'\t' '$10 == "*"' | wc -l)
	[ "$want" -gt 5 ]
	"$GENORX" qc -f "$D/ref.fa.gz" --json "$T/a.json" -o "$T/a.jsonl" "$T/x.bam"
	"$GENORX" qc -f "$D/ref.fa.gz" --json "$T/b.json" -o "$T/b.jsonl" - <"$T/x.bam"
	cmp "$T/a.json" "$T/b.json"
	[ "$(jq '.. | .no_sequence? // empty' "$T/a.json")" = "$want" ]
}

# person SEX RG: 8,000 reads an autosome, X and Y as a man or a woman has them; one line a read
person() {
	awk -v sex="$1" -v rg="$2" 'BEGIN { s = sprintf("%50s", ""); q = s; gsub(/ /, "A", s); gsub(/ /, "I", q)
		n["chrX"] = sex == "M" ? 4000 : 8000; n["chrY"] = sex == "M" ? 1600 : 0
		for (i = 1; i <= 3; i++) n["chr" i] = 8000
		for (c in n) for (i = 0; i < n[c]; i++)
			printf "%s%s%d\t0\t%s\t%d\t60\t50M\t*\t0\t0\t%s\t%s\tRG:Z:%s\n", rg, c, i, c, 1 + int(i * 99900 / n[c]), s, q, rg }'
}

# couple FILE: a man and a woman in one BAM
couple() {
	{
		printf '@HD\tVN:1.6\n'
		for c in 1 2 3 X Y; do printf '@SQ\tSN:chr%s\tLN:100000\n' $c; done
		printf '@RG\tID:m\tSM:man\n@RG\tID:w\tSM:woman\n'
		person M m
		person F w
	} | samtools sort -o "$1" - 2>/dev/null
	samtools index "$1"
}

@test "qc: the sex of one of two samples of a file is that of its own reads" {
	couple two.bam
	for s in man:male woman:female; do
		run "$GENORX" qc -s "${s%:*}" -o f.jsonl two.bam
		status_is 0
		[ "$(jq -r 'select(.key == "qc/sex").value' f.jsonl)" = "${s#*:}" ]
		samtools view -b -r "${s:0:1}" -o one.bam two.bam
		samtools index one.bam
		run "$GENORX" qc -s "${s%:*}" -o g.jsonl one.bam
		[ "$(jq -r 'select(.key == "qc/sex").value' g.jsonl)" = "${s#*:}" ]
	done
}

@test "call: X and Y of a sample of unknown sex are called diploid, and that is said" {
	couple two.bam
	{ for c in 1 2 3 X Y; do echo ">chr$c"; head -c 100000 /dev/zero | tr '\0' A | fold -w 100; echo; done; } >ref.fa
	samtools faidx ref.fa
	run "$GENORX" call -s man -f ref.fa -o c.vcf two.bam
	status_is 0
	output_has "X and Y are called diploid"
	[[ $output != *woman* && $output != *"man:"* ]]
	run "$GENORX" call -s man --sex male -f ref.fa -o c.vcf two.bam
	status_is 0
	[[ $output != *diploid* ]]
	run "$GENORX" call -s man -r chr1 -f ref.fa -o c.vcf two.bam
	[[ $output != *diploid* ]]
	samtools view -b -r m -o man.bam two.bam
	samtools reheader <(samtools view -H man.bam | grep -v woman) man.bam >one.bam
	samtools index one.bam
	run "$GENORX" call -f ref.fa -o c.vcf one.bam
	status_is 0
	[[ $output != *diploid* ]]
}
