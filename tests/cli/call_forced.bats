#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# call --sites: no genotype without evidence, one record a place, plain calls stay; on data made here.
load helper

setup() {
	T=$BATS_TEST_TMPDIR
}

# Contig $1 of 4 kb (bases 2001 to 2120 are AC repeats when $3 is not 0) and 100-base reads at 40x; $2 lists
# "pos:fraction" of bases that differ from it (A-G, C-T). $4: the base of all reads;
# $5: no read spans the repeat.
pile() {
	awk -v name="$1" -v want="$2" -v str="${3:-0}" -v all="${4:-}" -v cut="${5:-0}" -v ref="$T/ref.fa" '
		function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
		BEGIN { x = 4711; n = split(want, w, " "); for (i = 1; i <= n; i++) { split(w[i], p, ":"); f[p[1]] = p[2] }
			split("A C G T", nt, " "); sw["A"] = "G"; sw["G"] = "A"; sw["C"] = "T"; sw["T"] = "C"
			for (i = 1; i <= 4000; i++) b[i] = nt[1 + int(4 * rnd())]
			b[2000] = "T"; b[2121] = "G"
			for (i = 2001; str && i <= 2120; i++) b[i] = i % 2 ? "A" : "C"
			printf ">%s\n", name >ref; for (i = 1; i <= 4000; i++) printf "%s%s", b[i], i % 60 ? "" : "\n" >ref
			print "" >ref
			print "@HD\tVN:1.6\tSO:coordinate"; print "@SQ\tSN:" name "\tLN:4000"; print "@RG\tID:a\tSM:S"
			for (i = 1; i <= 1560; i++) { at = 1 + int(3900 * i / 1561); s = q = ""; hap = rnd()
				if (cut && at <= 2000 && at + 99 > 2120) continue
				for (k = at; k < at + 100; k++) { c = b[k]; if (k in f && hap < f[k]) c = sw[c]; s = s (all ? all : c); q = q "F" }
				print "r" i "\t" (i % 2 ? 0 : 16) "\t" name "\t" at "\t60\t100M\t*\t0\t0\t" s "\t" q "\tRG:Z:a" } }' |
		samtools view -b -o "$T/r.bam" -
	samtools index "$T/r.bam"
	samtools faidx "$T/ref.fa"
}

base() {
	samtools faidx "$T/ref.fa" "$1:$2-$3" | sed 1d | tr -d '\n'
}

# force POS REF ALT ...: the sites; then calls, one line a record
force() {
	chr=$1
	shift
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=%s,length=4000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' "$chr"
		while [ $# -gt 0 ]; do
			printf '%s\t%s\t.\t%s\t%s\t.\t.\t.\n' "$chr" "$1" "$2" "$3"
			shift 3
		done
	} >"$T/s.vcf"
	"$GENORX" call --no-learn -f "$T/ref.fa" --sites "$T/s.vcf" $opt -O v -o "$T/o.vcf" "$T/r.bam"
	run bcftools query -f '%POS %REF %ALT [%GT]\n' "$T/o.vcf"
}

swap() {
	echo "$1" | tr ACGT GTAC
}

@test "forced: an expansion that no read spans is a no-call" {
	pile chr20 "" 1 "" 1
	force chr20 2000 T TACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACAC
	[[ $output == *" ./." ]]
}

@test "forced: an indel where all bases are N is a no-call" {
	pile chr20 "" 0 N
	r=$(base chr20 1500 1502)
	force chr20 1500 "$r" "${r:0:1}"
	[ "$output" = "1500 $r ${r:0:1} ./." ]
}

@test "forced: with reads the same sites are 0/0" {
	pile chr20 ""
	r=$(base chr20 1500 1502)
	force chr20 1500 "$r" "${r:0:1}"
	[ "$output" = "1500 $r ${r:0:1} 0/0" ]
}

@test "forced: ALT '.' where two near bases are called gives one record" {
	pile chr20 "1500:0.5 1503:0.5"
	r=$(base chr20 1500 1500)
	force chr20 1500 "$r" .
	[ "$(echo "$output" | grep -c '^1500 ')" = 1 ]
	[[ $output == "1500 $r $(swap "$r") 0"[/\|]1* ]]
}

@test "forced: phase is that of the plain run" {
	pile chr20 "1500:0.5 1503:0.5"
	"$GENORX" call --no-learn -f "$T/ref.fa" -O v -o "$T/p.vcf" "$T/r.bam"
	bcftools query -f '%POS [%GT %PS]\n' "$T/p.vcf" >"$T/p"
	grep -q '|' "$T/p"
	r=$(base chr20 1500 1500)
	other=$(echo "$r" | tr ACGT CATG)
	force chr20 1500 "$r" "$(swap "$r"),$other"
	bcftools query -f '%POS [%GT %PS]\n' "$T/o.vcf" >"$T/f"
	diff "$T/p" "$T/f"
}

@test "forced: an indel is judged beside a base that was forced too" {
	pile chr20 "1500:0.5"
	r=$(base chr20 1498 1502)
	b=$(base chr20 1500 1500)
	force chr20 1498 "$r" "${r:0:1}" 1500 "$b" "$(swap "$b")"
	[ "$(echo "$output" | grep -c '0[/|]2')" = 1 ]
	[[ $output == *"1500 $b $(swap "$b") 0/1"* ]]
}

@test "forced: a heteroplasmic base is one record by fractions, whatever was asked for" {
	pile chrM "1000:0.3"
	r=$(base chrM 1000 1000)
	s=$(swap "$r")
	other=$(echo "$r" | tr ACGT CATG)
	force chrM 1000 "$r" .
	[ "$output" = "1000 $r $s 0/1" ]
	force chrM 1000 "$r" "$s,$other"
	[ "$output" = "1000 $r $s,$other 0/1" ]
	[ "$(bcftools query -f '[%AF]\n' "$T/o.vcf" | awk -F, '{ print ($1 > 0.2 && $1 < 0.4 && $2 < 0.01) }')" = 1 ]
	force chrM 1000 "$r" "$other"
	[ "$output" = "1000 $r $other,$s 0/2" ]
	n=$(base chrM 1001 1001)
	force chrM 1000 "$r$n" "$s$n"
	[ "$output" = "1000 $r $s 0/1
1000 $r$n $s$n ." ]
}

@test "forced: a mitochondrial base in all copies is seen by an MNV; a quiet one is 0" {
	pile chrM "1000:1"
	r=$(base chrM 1000 1001)
	b=${r:0:1}
	force chrM 1000 "$r" "$(swap "$b")${r:1:1}"
	[ "$output" = "1000 $r $(swap "$b")${r:1:1} 1" ]
	q=$(base chrM 1100 1100)
	force chrM 1100 "$q" "$(swap "$q")"
	[[ $output == *"1100 $q $(swap "$q") 0" ]]
}

@test "forced: blocks do not depend on regions where a REF is too long to be assessed" {
	pile chr20 ""
	r=$(base chr20 1000 1899)
	opt=--gvcf force chr20 1000 "$r" "${r:0:1}"
	[[ $output == *"1000 $r ${r:0:1} ./."* ]]
	awk -F'\t' '!/^#/ && $5 == "<*>" { e = $8; sub(/.*END=/, "", e); sub(/;.*/, "", e)
		for (p = $2; p <= e + 0; p++) n[p]++ } !/^#/ && $5 != "<*>" { n[$2]++ }
		END { for (p = 1; p <= 4000; p++) bad += n[p] != 1; exit bad > 0 }' "$T/o.vcf"
}
