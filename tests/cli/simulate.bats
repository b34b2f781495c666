#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# genorx simulate: files that other programs accept, truth that they find again.
load helper

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "simulate: all files are there and samtools accepts them" {
	need samtools
	local d=$BATS_TEST_TMPDIR/s
	run "$GENORX" simulate --seed 3 --depth 10 -o "$d"
	status_is 0
	for f in ref.fa.gz ref.fa.gz.fai ref.fa.gz.gzi models.gff3.gz donor1.bam donor1.bam.bai donor1.truth.vcf.gz \
		donor1.truth.vcf.gz.tbi truth.bed donor1.expected.tsv score.txt demo_db.vcf.gz demo_db.vcf.gz.tbi clinical.tsv; do
		[ -s "$d/$f" ] || { echo "no $f" >&2; return 1; }
	done
	samtools quickcheck -v "$d/donor1.bam"
	[ "$(samtools view -H "$d/donor1.bam" | grep -c 'SM:donor1')" = 1 ]
	# our .fai and .gzi are those of samtools
	cp "$d/ref.fa.gz" "$d/again.fa.gz"
	samtools faidx "$d/again.fa.gz"
	cmp "$d/ref.fa.gz.fai" "$d/again.fa.gz.fai"
	cmp "$d/ref.fa.gz.gzi" "$d/again.fa.gz.gzi"
	[ "$(du -sm "$d" | cut -f1)" -lt 40 ]
}

@test "simulate: the truth agrees with the reference" {
	need bcftools
	local d
	d=$(donor)
	run bcftools norm -c x -f "$d/ref.fa.gz" -o /dev/null "$d/donor1.truth.vcf.gz"
	status_is 0
	[ "$(bcftools norm -c e -f "$d/ref.fa.gz" "$d/donor1.truth.vcf.gz" 2>/dev/null | grep -vc '^#')" = \
		"$(bcftools view -H "$d/donor1.truth.vcf.gz" | wc -l)" ]
	# nothing had to be moved to the left
	[ "$(bcftools norm -f "$d/ref.fa.gz" "$d/donor1.truth.vcf.gz" 2>/dev/null | grep -v '^#' | cut -f1,2,4,5)" = \
		"$(bcftools view -H "$d/donor1.truth.vcf.gz" | cut -f1,2,4,5)" ]
}

@test "simulate: an independent caller finds the SNVs again" {
	need bcftools
	local d=$BATS_TEST_TMPDIR n found
	"$GENORX" simulate --seed 5 -o "$d/s"
	bcftools mpileup -f "$d/s/ref.fa.gz" -R "$d/s/truth.bed" -Q 13 "$d/s/donor1.bam" 2>/dev/null |
		bcftools call -mv -Oz -o "$d/c.vcf.gz"
	bcftools index "$d/c.vcf.gz"
	bcftools view -v snps -i 'GT[*]="alt"' "$d/s/donor1.truth.vcf.gz" -Oz -o "$d/t.vcf.gz"
	bcftools index "$d/t.vcf.gz"
	n=$(bcftools view -H "$d/t.vcf.gz" | wc -l)
	found=$(bcftools isec -n=2 -w1 -c some "$d/t.vcf.gz" "$d/c.vcf.gz" | grep -vc '^#')
	echo "SNVs: $found of $n" >&2
	[ "$n" -gt 100 ]
	[ $((found * 100)) -ge $((n * 98)) ]
}

@test "simulate: diplotypes as told, several donors, same seed same bytes" {
	local d=$BATS_TEST_TMPDIR
	run "$GENORX" simulate --seed 9 --donors 2 --depth 5 --sex F --pgx 'CYP2C19=*2/*17,TPMT=*3A/*1' -o "$d/a"
	status_is 0
	grep -qx 'CYP2C19	\*2/\*17' "$d/a/donor1.expected.tsv"
	grep -qx 'TPMT	\*1/\*3A' "$d/a/donor1.expected.tsv"
	[ -s "$d/a/donor2.bam" ]
	"$GENORX" simulate --seed 9 --donors 2 --depth 5 --sex F --pgx 'CYP2C19=*2/*17,TPMT=*3A/*1' -o "$d/b"
	for f in ref.fa.gz donor1.bam donor2.truth.vcf.gz demo_db.vcf.gz clinical.tsv; do
		cmp "$d/a/$f" "$d/b/$f"
	done
}

@test "simulate: a plain contig for benchmarks" {
	need samtools
	run "$GENORX" simulate --size-mb 0.2 --depth 8 -o "$BATS_TEST_TMPDIR/b"
	status_is 0
	[ "$(samtools view -c "$BATS_TEST_TMPDIR/b/donor1.bam")" -gt 8000 ]
	[ "$(cut -f2 "$BATS_TEST_TMPDIR/b/ref.fa.gz.fai")" = 200000 ]
}

@test "simulate: more windows by a table" {
	printf 'chrom\tstart\tend\nchr20\t5000000\t5004000\n' >"$BATS_TEST_TMPDIR/r.tsv"
	run "$GENORX" simulate --depth 5 --regions "$BATS_TEST_TMPDIR/r.tsv" -o "$BATS_TEST_TMPDIR/r"
	status_is 0
	grep -q 'chr20	4999500	5004500' "$BATS_TEST_TMPDIR/r/truth.bed"
	printf 'chrom\tstart\tend\nchr99\t5\t4\n' >"$BATS_TEST_TMPDIR/r.tsv"
	run "$GENORX" simulate --depth 5 --regions "$BATS_TEST_TMPDIR/r.tsv" -o "$BATS_TEST_TMPDIR/r2"
	status_is 65
	[ ! -e "$BATS_TEST_TMPDIR/r2" ]
}

@test "simulate: wrong options are refused" {
	run "$GENORX" simulate
	status_is 2
	run "$GENORX" simulate -o "$BATS_TEST_TMPDIR/x" --pgx 'CYP2C19=*1/*999'
	status_is 2
	output_has "no allele '*999'"
	[ ! -e "$BATS_TEST_TMPDIR/x" ]
}

@test "simulate: a donor on a given reference, with decoys and a library's errors" {
	need bcftools
	need samtools
	local d=$BATS_TEST_TMPDIR
	"$GENORX" simulate --size-mb 0.2 --depth 0.2 -o "$d/ref"
	run "$GENORX" simulate -f "$d/ref/ref.fa.gz" -r sim1:20,001-180,000 --noise pcr --decoys 2 --twins 1 --depth 20 -o "$d/s"
	status_is 0
	[ "$(wc -l <"$d/s/decoy.bed")" -ge 2 ]
	[ "$(zcat "$d/s/twins.fa.gz" | grep -c '>')" = 1 ]
	samtools quickcheck -v "$d/s/donor1.bam"
	[ "$(samtools view -c -f 1024 "$d/s/donor1.bam")" -gt 500 ]
	[ "$(samtools view "$d/s/donor1.bam" | cut -f1 | cut -d: -f4 | grep -c '^d')" -gt 100 ]
	# nothing had to be moved or joined
	[ "$(bcftools norm -c x -m -both -f "$d/ref/ref.fa.gz" "$d/s/donor1.truth.vcf.gz" 2>/dev/null | bcftools norm -m +both - 2>/dev/null | grep -v '^#' | cut -f1,2)" = \
		"$(bcftools view -H "$d/s/donor1.truth.vcf.gz" | cut -f1,2)" ]
	[ "$(bcftools view -H "$d/s/donor1.truth.vcf.gz" | cut -f10 | cut -c2 | sort -u)" = '|' ]
	# all confident bases lie in the region, none in a decoy
	awk '$2 < 20000 || $3 > 180000 { exit 1 }' "$d/s/truth.bed"
	run "$GENORX" simulate -f "$d/ref/ref.fa.gz" -r sim1:20,001-180,000 --noise pcr --decoys 2 --twins 1 --depth 20 -o "$d/again"
	cmp "$d/s/donor1.bam" "$d/again/donor1.bam"
}

@test "simulate: options that need a given reference say so" {
	run "$GENORX" simulate --decoys 2 -o "$BATS_TEST_TMPDIR/x"
	status_is 2
	output_has "give -f FILE"
	run "$GENORX" simulate --fastq -o "$BATS_TEST_TMPDIR/x"
	status_is 2
	output_has "--noise"
	[ ! -e "$BATS_TEST_TMPDIR/x" ]
}

@test "make_case.sh: a case that the caller reads" {
	need samtools
	local d=$BATS_TEST_TMPDIR
	"$GENORX" simulate --size-mb 0.2 --depth 0.2 -o "$d/ref"
	run "$ROOT/benchmarks/train/make_case.sh" "$d/ref/ref.fa.gz" sim1:10001-190000 3 pcr-free 25 "$d/c"
	status_is 0
	for f in ref.fa ref.fa.fai reads.bam reads.bam.bai truth.vcf.gz truth.vcf.gz.tbi conf.bed decoy.bed region.bed origin.txt; do
		[ -s "$d/c/$f" ] || { echo "no $f" >&2; return 1; }
	done
	samtools quickcheck -v "$d/c/reads.bam"
	[ "$(samtools view -H "$d/c/reads.bam" | grep -c '^@SQ')" = 1 ]
	[ "$(samtools view "$d/c/reads.bam" | cut -f3,7 | grep -c twin)" = 0 ]
	"$GENORX" call -f "$d/c/ref.fa" -o "$d/c.vcf.gz" "$d/c/reads.bam"
	"$GENORX" compare -f "$d/c/ref.fa" --truth "$d/c/truth.vcf.gz" --bed "$d/c/conf.bed" --tsv "$d/c.tsv" -o "$d/c.jsonl" "$d/c.vcf.gz"
	[ -s "$d/c.tsv" ]
}

@test "simulate: a region of N alone is an error, and no reads are a warning" {
	d=$BATS_TEST_TMPDIR
	{ echo ">n"; head -c 40000 /dev/zero | tr '\0' N | fold -w 80; echo; } | grep . >"$d/n.fa"
	{ echo ">a"; awk 'BEGIN { srand(2); for (i = 0; i < 500; i++) { s = ""; for (k = 0; k < 80; k++) s = s substr("ACGT", 1 + int(4 * rand()), 1); print s } }'; } >>"$d/n.fa"
	samtools faidx "$d/n.fa"
	run "$GENORX" simulate -f "$d/n.fa" -r n --depth 5 -o "$d/n"
	status_is 65
	output_has "no base of the regions can be trusted"
	[ ! -e "$d/n/truth.bed" ]
	run "$GENORX" simulate -f "$d/n.fa" -r a:1-2000 --noise pcr-free --seed 3 --depth 0.1 -o "$d/few"
	status_is 0
	output_has "no read was made"
}
