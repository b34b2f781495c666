#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# call: several samples, the mitochondrion, filters on request; on data made here and on the real trio.
load helper

setup() {
	T=$BATS_TEST_TMPDIR
}

# A contig of 4 kb named $1 and 150-base reads at 200x whose bases differ from it at the positions of $2 ("pos:fraction
# ..."), as BAM. The generator is a fixed congruence: the same reads on every machine.
pile() {
	awk -v name="$1" -v want="$2" -v ref="$T/ref.fa" 'function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
		BEGIN { x = 4711; n = split(want, w, " "); for (i = 1; i <= n; i++) { split(w[i], p, ":"); f[p[1]] = p[2] }
			split("A C G T", nt, " "); sw["A"] = "G"; sw["G"] = "A"; sw["C"] = "T"; sw["T"] = "C"
			for (i = 1; i <= 4000; i++) b[i] = nt[1 + int(4 * rnd())]
			printf ">%s\n", name >ref; for (i = 1; i <= 4000; i++) printf "%s%s", b[i], i % 60 ? "" : "\n" >ref
			print "" >ref
			print "@HD\tVN:1.6\tSO:coordinate"; print "@SQ\tSN:" name "\tLN:4000"; print "@RG\tID:a\tSM:S"
			for (i = 1; i <= 5300; i++) pos[i] = 1 + int(3850 * i / 5301)
			for (i = 1; i <= 5300; i++) { s = q = ""
				for (k = pos[i]; k < pos[i] + 150; k++) { c = b[k]; if (k in f && rnd() < f[k]) c = sw[c]
					if (rnd() < 0.001) c = nt[1 + int(4 * rnd())]; s = s c; q = q "F" }
				print "r" i "\t" (i % 2 ? 0 : 16) "\t" name "\t" pos[i] "\t60\t150M\t*\t0\t0\t" s "\t" q "\tRG:Z:a" } }' |
		samtools view -b -o "$T/r.bam" -
	samtools index "$T/r.bam"
	samtools faidx "$T/ref.fa"
}

@test "call: heteroplasmy is 0/1 with its fraction, all copies 1, sequencing errors nothing" {
	pile chrM "1000:1 2000:0.2 3000:0.06 3500:0.005"
	"$GENORX" call -f "$T/ref.fa" -O v -o "$T/m.vcf" "$T/r.bam"
	run bcftools query -f '%POS [%GT]\n' "$T/m.vcf"
	[ "$output" = "1000 1
2000 0/1
3000 0/1" ]
	run bcftools query -f '[%AF]\n' -i 'POS=2000' "$T/m.vcf"
	awk -v f="$output" 'BEGIN { exit !(f > 0.14 && f < 0.26) }'
}

@test "call: the same pile on an autosome is diploid" {
	pile chr1 "1000:1 2000:0.5 3000:0.06"
	"$GENORX" call -f "$T/ref.fa" -O v -o "$T/d.vcf" "$T/r.bam"
	run bcftools query -f '%POS [%GT]\n' -i 'FILTER="PASS"' "$T/d.vcf"
	[ "$output" = "1000 1/1
2000 0/1" ]
}

@test "call: a trio in one run has all samples and no Mendelian error among sure genotypes" {
	require_shared cases/HG001_GRCh37_chr20_10.00M_10kb_trio
	c=$SHARED/data/cases/HG001_GRCh37_chr20_10.00M_10kb_trio
	"$GENORX" call -f "$SHARED/data/refs/GRCh37.20.fa.gz" -R "$c/regions.bed" -O v -o "$T/t.vcf" "$c/reads.bam" "$c/NA12891.bam" "$c/NA12892.bam"
	run bcftools query -l "$T/t.vcf"
	[ "$output" = "HG001
NA12891
NA12892" ]
	run bcftools query -f '[%GT %GQ ]\n' -i 'FILTER="PASS"' "$T/t.vcf"
	n=$(echo "$output" | wc -l)
	[ "$n" -ge 50 ]
	echo "$output" | awk '{ gsub(/\|/, "/"); if ($2 < 30 || $4 < 30 || $6 < 30 || /\./) next; split($1, c, "/"); ok = 0
			for (i = 1; i <= 2; i++) { f = "/" $3 "/"; m = "/" $5 "/"
				if (index(f, "/" c[i] "/") && index(m, "/" c[3 - i] "/")) ok = 1 }
			sure++; bad += !ok } END { print sure " sure, " bad + 0 " bad"; exit bad + 0 > 0 || sure < 30 }'
}

@test "call: --gvcf of several samples is refused with what to do" {
	require_shared cases/HG001_GRCh37_chr20_10.00M_10kb_trio
	c=$SHARED/data/cases/HG001_GRCh37_chr20_10.00M_10kb_trio
	run "$GENORX" call --gvcf -f "$SHARED/data/refs/GRCh37.20.fa.gz" -R "$c/regions.bed" -o "$T/t.vcf.gz" "$c/reads.bam" "$c/NA12891.bam"
	status_is 2
	output_has "--sample NAME"
	[ ! -e "$T/t.vcf.gz" ]
}

@test "call: --no-filter hides nothing and filters nothing" {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x
	c=$SHARED/data/cases/HG002_GRCh37_chr20_10.0M_30x
	for o in "" --no-filter; do
		"$GENORX" call $o -f "$SHARED/data/refs/GRCh37.20.fa.gz" -r 20:10000001-10050000 -O v -o "$T/x$o.vcf" "$c/reads.bam"
	done
	[ "$(grep -vc '^#' "$T/x.vcf")" -eq "$(grep -vc '^#' "$T/x--no-filter.vcf")" ]
	run awk -F'\t' '!/^#/ && $7 != "." { n++ } END { print n + 0 }' "$T/x--no-filter.vcf"
	[ "$output" = 0 ]
	grep -q 'RS=' "$T/x--no-filter.vcf"
}

@test "call: of two samples each has its own depth and its own cap" {
	pile chr1 "1000:0.5"
	samtools addreplacerg -r ID:b -r SM:T -w -o "$T/b.bam" "$T/r.bam"
	samtools view -h "$T/r.bam" | awk -F'\t' -v OFS='\t' '/^@/ || $1 ~ /[05]$/' | samtools view -b -o "$T/a.bam" -
	samtools index "$T/a.bam"
	samtools index "$T/b.bam"
	"$GENORX" call -f "$T/ref.fa" --max-depth 60 -O v -o "$T/two.vcf" "$T/a.bam" "$T/b.bam"
	run bcftools query -f '[%DP ]\n' -i 'POS=1000' "$T/two.vcf"
	echo "depths $output"
	echo "$output" | awk '{ exit !($1 >= 25 && $1 <= 55 && $2 >= 40 && $2 <= 85) }'
	printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=4000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t2000\t.\t%s\t<DEL>\t.\t.\t.\n' \
		"$(samtools faidx "$T/ref.fa" chr1:2000-2000 | tail -1)" | bgzip >"$T/s.vcf.gz"
	tabix "$T/s.vcf.gz"
	"$GENORX" call -f "$T/ref.fa" --sites "$T/s.vcf.gz" -O v -o "$T/f.vcf" "$T/a.bam" "$T/b.bam"
	run bcftools query -f '[%GT:%DP ]\n' -i 'POS=2000' "$T/f.vcf"
	echo "forced $output"
	echo "$output" | awk '{ n = split($0, s, /[ :]/); exit !(s[1] ~ /\./ && s[2] > 20 && s[4] > 150) }'
}

@test "call: a mitochondrial insertion stays when a base is asked for at its anchor" {
	pile chrM "1000:0"
	samtools view -h "$T/r.bam" | awk -F'\t' -v OFS='\t' '/^@/ { print; next }
		{ k = 2000 - $4 + 1; if (k > 20 && k < 130) { $10 = substr($10, 1, k) "ACGT" substr($10, k + 1, 146 - k); $6 = k "M4I" (146 - k) "M" } print }' |
		samtools sort -o "$T/i.bam" -
	samtools index "$T/i.bam"
	b=$(samtools faidx "$T/ref.fa" chrM:2000-2000 | tail -1)
	printf '##fileformat=VCFv4.2\n##contig=<ID=chrM,length=4000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchrM\t2000\t.\t%s\t%s\t.\t.\t.\n' \
		"$b" "$(echo "$b" | tr ACGT GTAC)" | bgzip >"$T/s.vcf.gz"
	tabix "$T/s.vcf.gz"
	"$GENORX" call -f "$T/ref.fa" -O v -o "$T/p.vcf" "$T/i.bam"
	"$GENORX" call -f "$T/ref.fa" --sites "$T/s.vcf.gz" -O v -o "$T/f.vcf" "$T/i.bam"
	bcftools query -f '%POS %REF %ALT [%GT]\n' "$T/p.vcf" >"$T/p"
	bcftools query -f '%POS %REF %ALT [%GT]\n' "$T/f.vcf" >"$T/f"
	cat "$T/p" "$T/f"
	grep -q " 1$" "$T/p"
	[ "$(grep -c -F -x -f "$T/p" "$T/f")" -eq "$(wc -l <"$T/p")" ]
}
