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

# A reference of 60 kb; its bases 40,001-44,000 are those of 10,001-14,000 but for each 80th of the first 3,000.
paralog() {
	"$GENORX" simulate --size-mb 0.06 --depth 0.2 -o "$1/ref0"
	zcat "$1/ref0/ref.fa.gz" | awk '
	/^>/ { next }
	{ s = s toupper($0) }
	END {
		c = substr(s, 10001, 4000)
		for (i = 80; i <= 3000; i += 80)
			c = substr(c, 1, i - 1) (substr(c, i, 1) == "A" ? "C" : "A") substr(c, i + 1)
		s = substr(s, 1, 40000) c substr(s, 44001)
		print ">p"
		for (i = 1; i <= length(s); i += 60)
			print substr(s, i, 60)
	}' >"$1/p.fa"
	samtools faidx "$1/p.fa"
}

between() {
	[ "$1" -lt "$2" ] || { echo "$2 is not more than $1" >&2; return 1; }
	[ "$2" -lt "$3" ] || { echo "$2 is not less than $3" >&2; return 1; }
}

depth_of() {
	samtools depth -aa -r "$2" "$1" | awk '{ n += $3 } END { printf "%d", n / NR }'
}

@test "simulate: reads of a duplication, a deletion and a hybrid lie on the paralog they resemble" {
	need samtools
	local d=$BATS_TEST_TMPDIR x
	paralog "$d"
	# haplotype 1: 20,000-30,000 twice; haplotype 2: 20,000-30,000 lost, and a gene whose tail is the paralog's
	printf 'haplotype\torder\tcontig\tbegin\tend\tname\n' >"$d/s.tsv"
	printf '%s\n' '1 1 p 0 30000 a' '1 2 p 20000 60000 b' '2 1 p 0 11500 a' '2 2 p 41500 44000 b' '2 3 p 14000 20000 c' \
		'2 4 p 30000 60000 d' | tr ' ' '\t' >>"$d/s.tsv"
	x=$(samtools faidx "$d/p.fa" p:25001-25001 | tail -1)
	{ printf 'haplotype\tname\tcontig\tpos\tref\talt\n'; printf '1\tb\tp\t25001\t%s\t%s\n' "$x" "$(tr ACGT CATG <<<"$x")"; } >"$d/v.tsv"
	run "$GENORX" simulate -f "$d/p.fa" --structure "$d/s.tsv" --structure-variants "$d/v.tsv" --noise pcr-free --depth 60 -o "$d/s"
	status_is 0
	samtools quickcheck -v "$d/s/donor1.bam"
	# 60 reads: 30 a haplotype; of 20,000-30,000 two and none; of the second half of the gene one, of the paralog's three
	between 50 "$(depth_of "$d/s/donor1.bam" p:1000-9000)" 66
	between 50 "$(depth_of "$d/s/donor1.bam" p:20500-29500)" 66
	between 22 "$(depth_of "$d/s/donor1.bam" p:12000-12800)" 38
	between 74 "$(depth_of "$d/s/donor1.bam" p:42000-42800)" 100
	# where both copies are alike, quality 0; elsewhere seldom
	[ "$(samtools view -c -q 1 "$d/s/donor1.bam" p:13300-13600)" -lt 10 ]
	[ "$(samtools view -c "$d/s/donor1.bam" p:13300-13600)" -gt 60 ]
	[ "$(samtools view "$d/s/donor1.bam" p:1000-9000 | awk '$5 < 60' | wc -l)" -lt 10 ]
	# the variant stands on one of two copies; reads over the junction are clipped there
	x=$(samtools mpileup -f "$d/p.fa" -r p:25001-25001 "$d/s/donor1.bam" 2>/dev/null | awk '{ n = gsub(/[ACGTacgt]/, "", $5); printf "%d", 100 * n / $4 }')
	between 25 "$x" 75
	[ "$(samtools view "$d/s/donor1.bam" p:29950-30000 | awk '$6 ~ /[0-9]S$/' | wc -l)" -gt 5 ]
	# no base of it is confident, and the same again whatever the threads
	[ ! -s "$d/s/truth.bed" ]
	"$GENORX" simulate -f "$d/p.fa" --structure "$d/s.tsv" --structure-variants "$d/v.tsv" --noise pcr-free --depth 60 --threads 2 -o "$d/again"
	cmp "$d/s/donor1.bam" "$d/again/donor1.bam"
	# FASTQ holds pairs of the same haplotypes
	"$GENORX" simulate -f "$d/p.fa" --structure "$d/s.tsv" --noise pcr-free --depth 20 --fastq -o "$d/fq"
	x=$(zcat "$d/fq/donor1_R1.fastq.gz" | wc -l)
	[ "$x" -gt 12000 ]
	[ "$x" = "$(zcat "$d/fq/donor1_R2.fastq.gz" | wc -l)" ]
}

@test "simulate: a wrong --structure is refused with file and line" {
	need samtools
	local d=$BATS_TEST_TMPDIR h v one
	paralog "$d"
	h='haplotype order contig begin end name' v='haplotype name contig pos ref alt' one='1 1 p 0 60000 a'
	table() { printf '%s\n' "$@" | tr ' ' '\t'; }
	refused() { # CODE MESSAGE
		run "$GENORX" simulate -f "$d/p.fa" -r p:5001-60000 --structure "$d/s" ${vars:+--structure-variants "$d/v"} --noise pcr -o "$d/x"
		status_is "$1"
		output_has "$2"
		[ ! -e "$d/x" ]
	}
	local vars=
	table "$h" '3 1 p 6000 50000 a' >"$d/s"; refused 65 "/s:2: haplotype must be 1 or 2"
	table "$h" '1 1 q 6000 50000 a' >"$d/s"; refused 65 "/s:2: no contig 'q'"
	table "$h" '1 1 p 6000 6000 a' >"$d/s"; refused 65 "/s:2: begin must be less"
	table "$h" '1 1 p 6000 50000 a' "$one" >"$d/s"; refused 65 "/s:3: the segment does not lie within"
	table "$h" '1 1 p 6000 50000 a' '1 1 p 7000 9000 a' '2 1 p 6000 7000 a' >"$d/s"; refused 65 "/s:3: haplotype 1 has a segment of order 1 already"
	table "$h" '1 1 p 6000 50000 a' >"$d/s"; refused 65 "both haplotypes need at least one segment"
	table "$h" '1 x p 6000 50000 a' >"$d/s"; refused 65 "/s:2"
	table "haplotype order contig begin end" '1 1 p 6000 50000' >"$d/s"; refused 65 "name"
	table "$h" '1 1 p 6000 50000 a' '2 1 p 6000 50000 a' >"$d/s"
	vars=yes
	local x y
	x=$(samtools faidx "$d/p.fa" p:7001-7003 | tail -1) y=${x:0:1}
	table "$v" "1 b p 7001 $y G" >"$d/v"; refused 65 "/v:2: no segment of this haplotype and name"
	table "$v" "1 a p 5999 $y G" >"$d/v"; refused 65 "/v:2: no segment of this haplotype and name"
	table "$v" "1 a p 7001 $y <DEL>" >"$d/v"; refused 65 "/v:2: REF and ALT must be letters"
	table "$v" "1 a p 7001 $(tr ACGT CATG <<<"$y") $y" >"$d/v"; refused 65 "/v:2: REF is not what the reference has"
	table "$v" "1 a p 7001 $x $y" "1 a p 7003 ${x:2:1} ${x:2:1}A" >"$d/v"; refused 65 "/v:3: two variants of one copy overlap"
	run "$GENORX" simulate --structure "$d/s" --noise pcr -o "$d/x"
	status_is 2
	run "$GENORX" simulate -f "$d/p.fa" --structure "$d/s" -o "$d/x"
	status_is 2
	output_has "--noise"
	run "$GENORX" simulate -f "$d/p.fa" --structure "$d/s" --decoys 1 --noise pcr -o "$d/x"
	status_is 2
	output_has "goes without"
	run "$GENORX" simulate -f "$d/p.fa" --structure-variants "$d/v" --noise pcr -o "$d/x"
	status_is 2
	output_has "needs --structure"
}

@test "cyp2d6_cases.sh: depth and truth of a deletion and of a tandem with a hybrid" {
	need samtools
	local d=$BATS_TEST_TMPDIR/c
	run env GENORX="$GENORX" DEPTH=20 NORMAL=chr22:45,500,001-45,520,000 "$ROOT/benchmarks/truth/cyp2d6_cases.sh" "$d" S5_4 S36t10_2
	[ "$status" != 77 ] || skip "$output"
	status_is 0
	[ "$(wc -l <"$d/truth.tsv")" = 3 ]
	grep -q "^S36t10_2	\*2	\*36+\*10	normal/tandem_hybrid_2D6_2D7	\*2/\*36+\*10	2	1	5$" "$d/truth.tsv"
	between 5 "$(depth_of "$d/S5_4.bam" chr22:42131800-42135200)" 15
	between 24 "$(depth_of "$d/S36t10_2.bam" chr22:42131800-42135200)" 38
}
