#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_cohort.bats -- pgx on many samples and big files: same bytes by threads and by index, private temporary files.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export GENORX_REFDATA=$PWD/refdata
	t=$BATS_TEST_TMPDIR
}

# A reference block over far more than the gene, then records at and beside loci of SLCO1B1.
block_vcf() {
	printf '##fileformat=VCFv4.3\n##contig=<ID=chr12,length=133275309>\n'
	printf '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
	printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
	printf '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
	printf 'chr12\t%s\n' '1000	.	A	G	50	PASS	.	GT:DP	0/1:30' \
		'20000000	.	T	<*>	.	PASS	END=21178614	GT:DP	0/0:25' \
		'21178615	.	T	C	50	PASS	.	GT:DP	0/1:30' \
		'21178616	.	G	<*>	.	PASS	END=22000000	GT:DP	0/0:25' \
		'90000000	.	A	G	50	PASS	.	GT:DP	0/1:30'
}

@test "an indexed file gives the bytes of the whole file, with reference blocks that begin far away" {
	block_vcf | bgzip >"$t/a.vcf.gz"
	"$GENORX" pgx --summary "$t/whole.json" -o "$t/whole.jsonl" "$t/a.vcf.gz"
	tabix -p vcf "$t/a.vcf.gz"
	"$GENORX" pgx --summary "$t/part.json" -o "$t/part.jsonl" "$t/a.vcf.gz"
	cmp "$t/whole.jsonl" "$t/part.jsonl"
	grep '"key":"pgx/SLCO1B1/diplotype"' "$t/part.jsonl" | grep -q '"n_missing":"0"'
	jq -S .stages "$t/whole.json" >"$t/w"
	jq -S .stages "$t/part.json" >"$t/p"
	cmp "$t/w" "$t/p"
}

# 1,500 samples at 30 loci, a tenth without a call.
cohort() {
	awk -F '\t' 'NR > 1 && $2 == "chr12"' refdata/pgx/positions.tsv | sort -k3,3n | head -n 30 | awk -F '\t' -v n="$1" '
		function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
		BEGIN {
			x = 7
			printf "##fileformat=VCFv4.3\n##contig=<ID=chr12,length=133275309>\n"
			printf "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
			printf "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads\">\n"
			printf "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
			for (s = 1; s <= n; s++) printf "\tS%d", s
			printf "\n"
		}
		{
			sub(/,.*/, "", $5)
			printf "%s\t%s\t.\t%s\t%s\t.\t.\t.\tGT:AD", $2, $3, $4, $5
			for (s = 1; s <= n; s++) {
				r = rnd()
				printf r < 0.1 ? "\t./.:." : r < 0.8 ? "\t0/0:%d,0" : r < 0.95 ? "\t0/1:%d,9" : "\t1/1:0,%d", 10 + int(rnd() * 20)
			}
			printf "\n"
		}'
}

@test "a cohort: same bytes for 1, 2 and 5 threads, the samples in the order of the file" {
	cohort 200 >"$t/c.vcf"
	for n in 1 2 5; do
		"$GENORX" pgx -@ $n --tsv "$t/$n.tsv" --summary "$t/$n.json" -o "$t/$n.jsonl" "$t/c.vcf"
	done
	cmp "$t/1.jsonl" "$t/2.jsonl"
	cmp "$t/1.jsonl" "$t/5.jsonl"
	cmp "$t/1.tsv" "$t/5.tsv"
	jq -r .sample "$t/1.jsonl" | grep -v '^\*' | uniq >"$t/order"
	seq 1 200 | sed 's/^/S/' | cmp - "$t/order"
	# every sample as if it were alone
	bcftools view --no-version -s S77 "$t/c.vcf" >"$t/one.vcf"
	"$GENORX" pgx -o "$t/one.jsonl" "$t/one.vcf"
	diff <(grep '"sample":"S77"' "$t/1.jsonl") <(grep '"sample":"S77"' "$t/one.jsonl")
}

@test "a stage that fails in the cohort leaves no file of facts" {
	cohort 40 >"$t/c.vcf"
	printf 'chr12\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n' >>"$t/c.vcf"
	run "$GENORX" pgx -o "$t/x.jsonl" "$t/c.vcf"
	[ "$status" -eq 65 ]
	[ ! -e "$t/x.jsonl" ]
	[ -z "$(find "$t" -name '*.tmp*')" ]
}
