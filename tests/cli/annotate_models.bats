#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate: gene models compiled, cached, contradicting and damaged.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	{
		echo ">chr1"
		echo "GATTACAGGCTCAAAAAAAAGTCCGATGCATTGCACCGTTAGACGTACCTGATCGGATCCTAGGCATGCAATGGC"
	} > ref.fa
	samtools faidx ref.fa
	printf 'chr1\tx\tgene\t5\t70\t.\t+\t.\tID=gene:G;Name=SYM\n' > m.gff3
	printf 'chr1\tx\tmRNA\t5\t70\t.\t+\t.\tID=transcript:ENST1;Parent=gene:G;version=2\n' >> m.gff3
	printf 'chr1\tx\texon\t5\t70\t.\t+\t.\tParent=transcript:ENST1\n' >> m.gff3
	printf 'chr1\tx\tCDS\t26\t46\t.\t+\t0\tParent=transcript:ENST1\n' >> m.gff3
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=75>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf 'chr1\t30\t.\tA\tG\t.\t.\t.\nchr1\t50\t.\tT\tA\t.\t.\t.\n'
	} > in.vcf
}

answer() { # -g and more options
	"$GENORX" annotate -f ref.fa -O v -o out.vcf "$@" in.vcf
	grep -v '^##' out.vcf
}

@test "compiled models and cached ones give the answer of the GFF3, whatever its name" {
	want=$(answer -g m.gff3)
	[[ "$want" == *ENST1* ]]
	"$GENORX" annotate --build-models -g m.gff3 -o models.bin --summary s.json
	[ "$(jq -c '[.stages.transcripts, (.stages.source_sha256 | length)]' s.json)" = "[1,64]" ]
	[ "$(answer -g models.bin)" = "$want" ]
	[ "$(answer -g models.bin --strict)" = "$want" ]
	[ "$(answer -g m.gff3 --model-cache cache)" = "$want" ]
	[ -f "cache/$(sha256sum < m.gff3 | cut -d' ' -f1).gxm" ]
	[ "$(answer -g m.gff3 --model-cache cache)" = "$want" ]
	gzip -k m.gff3
	[ "$(answer -g m.gff3.gz)" = "$want" ]
}

@test "a damaged compiled file is an error and leaves no output" {
	"$GENORX" annotate --build-models -g m.gff3 -o m.gxm
	for at in 20 100 500 600 700; do
		cp m.gxm bad.gxm
		printf '\377' | dd of=bad.gxm bs=1 seek=$at conv=notrunc status=none
		cmp -s m.gxm bad.gxm && continue
		run "$GENORX" annotate -f ref.fa -g bad.gxm --strict -O v -o bad.vcf in.vcf
		[ "$status" -eq 65 ]
		[ ! -e bad.vcf ]
	done
	head -c 300 m.gxm > bad.gxm
	run "$GENORX" annotate -f ref.fa -g bad.gxm -O v -o bad.vcf in.vcf
	[ "$status" -eq 65 ]
	[[ "$output" == *"bad.gxm"*"--build-models"* ]]
}

@test "what contradicts is counted, and with --strict an error with its line" {
	printf 'chr1\tx\texon\t5\t20\t.\t+\t.\tParent=nobody\n' >> m.gff3
	answer -g m.gff3 --summary s.json > /dev/null
	[ "$(jq -c '.. | .dropped_parent_line_missing? // empty' s.json)" = '{"n":1,"first_line":5}' ]
	run "$GENORX" annotate -f ref.fa -g m.gff3 --strict -O v -o strict.vcf in.vcf
	[ "$status" -eq 65 ]
	[[ "$output" == *"m.gff3:5: dropped_parent_line_missing"* ]]
	[ ! -e strict.vcf ]
	"$GENORX" annotate --build-models -g m.gff3 -o m.gxm
	run "$GENORX" annotate -f ref.fa -g m.gxm --strict -O v -o strict.vcf in.vcf
	[ "$status" -eq 65 ]
}

@test "--build-models wants -g, no records, and no compiled file; without -o it writes to standard output" {
	run "$GENORX" annotate --build-models -o m.gxm
	[ "$status" -eq 2 ]
	"$GENORX" annotate --build-models -g m.gff3 > out.gxm
	run "$GENORX" annotate --build-models -g m.gff3 -o m.gxm in.vcf
	[ "$status" -eq 2 ]
	"$GENORX" annotate --build-models -g m.gff3 -o m.gxm
	cmp m.gxm out.gxm
	run "$GENORX" annotate --build-models -g m.gxm -o n.gxm
	[ "$status" -eq 2 ]
	run "$GENORX" annotate --build-models -g m.gff3 -o m.gff3
	[ "$status" -eq 2 ]
}
