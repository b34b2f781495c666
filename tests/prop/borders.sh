#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Variants on, just before and just after shard borders: the calls are the same for any number of threads, for the
# whole contig and for the sub-regions that end there, and for any shard size.
# One border of 100 kb each for 6 kinds of variant (SNV, insertion, deletion, MNP, STR change, cluster) at 8 offsets,
# heterozygous and homozygous; reads cover 500 bases at both sides of a border.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

# ref.fa, reads.sam, truth.tsv (border, kind, offset, genotype, 1-based position)
awk -v dir="$t" '
function rnd(n) { return int(rand() * n) }
function other(b,   c) { do c = substr("ACGT", 1 + rnd(4), 1); while (c == b); return c }
# reference base p, 1-based; bases differ from both neighbours, so that no chance repeat moves an indel
function base(p,   c) {
	if (ref[p] == "") {
		do c = substr("ACGT", 1 + rnd(4), 1)
		while (c == ref[p - 1] || c == ref[p - 2]) # called in ascending order
		ref[p] = c
	}
	return ref[p]
}
# the donor has `alt` in place of the n reference bases from p on
function edit(p, n, alt) { len[p] = n; new[p] = alt }
function variant(kind, p,   k) {
	if (kind == "snv") edit(p, 1, other(ref[p]))
	else if (kind == "mnp") edit(p, 3, other(ref[p]) other(ref[p + 1]) other(ref[p + 2]))
	else if (kind == "ins") edit(p, 1, ref[p] other(ref[p + 1]) "TGCATC" other(ref[p]))
	else if (kind == "del") edit(p, 6, ref[p])
	else if (kind == "str") { # 12 units of CA after p; the donor lacks 2
		edit(p, 5, ref[p])
	} else { # SNV, deletion, insertion, SNV within 20 bases
		edit(p, 1, other(ref[p])); edit(p + 5, 3, ref[p + 5])
		edit(p + 12, 1, ref[p + 12] "GTCC"); edit(p + 19, 1, other(ref[p + 19]))
	}
}
# haplotype of donor (hap 1) or reference (hap 0) from a to b: h[i], its reference position rp[i] (0: inserted)
function haplotype(hap, a, b,   p, i, k) {
	n = 0
	for (p = a; p <= b; p++) {
		if (hap && p in new) {
			for (k = 1; k <= length(new[p]); k++) { h[++n] = substr(new[p], k, 1); rp[n] = k <= len[p] ? p + k - 1 : 0 }
			p += len[p] - 1
		} else { h[++n] = ref[p]; rp[n] = p }
	}
}
function one_read(i, l, name,   k, s, q, c, o, op, run, cig, pos, last) {
	pos = last = run = 0; cig = op = ""
	for (k = i; k < i + l; k++) {
		c = h[k]
		if (rnd(500) == 0) { c = other(c); q = q "5" } else q = q "D"
		s = s c
		if (rp[k] && last && rp[k] > last + 1) { cig = cig run op (rp[k] - last - 1) "D"; run = 0; op = "M" }
		o = rp[k] ? "M" : "I"
		if (o != op && run) { cig = cig run op; run = 0 }
		op = o; run++
		if (rp[k]) { last = rp[k]; if (!pos) pos = rp[k] }
	}
	cig = cig run op
	sub(/^[0-9]+I/, substr(cig, 1, index(cig, "I") - 1) "S", cig) # an insertion at an end is a clip
	if (cig ~ /I$/) sub(/I$/, "S", cig)
	print name, rnd(2) * 16, "chrB", pos, 60, cig, "*", 0, 0, s, q > (dir "/reads.body")
}
BEGIN {
	srand(5); OFS = "\t"
	nk = split("snv ins del mnp str cluster", kinds, " "); no = split("-30 -12 -3 -1 0 1 2 13", offs, " ")
	for (k = 1; k <= nk; k++) for (o = 1; o <= no; o++) {
		border = ++nb * 100000; p = border + offs[o]
		for (x = border - 800; x <= border + 800; x++) base(x)
		if (kinds[k] == "str") {
			for (x = 1; x <= 24; x++) ref[p + x] = x % 2 ? "C" : "A"
			ref[p] = "G"; ref[p + 25] = "T"; ref[p - 1] = "T"
		}
		delete new; delete len
		variant(kinds[k], p)
		hom = (k + o) % 2
		print border, kinds[k], offs[o], hom ? "1/1" : "0/1", p > (dir "/truth.tsv")
		for (hap = 0; hap < 2; hap++) {
			haplotype(hap || hom, border - 500, border + 500)
			for (x = 0; x < 100; x++) one_read(1 + rnd(n - 150), 150, "b" nb "h" hap "r" x)
		}
	}
	size = nb * 100000 + 50000
	print ">chrB" > (dir "/ref.fa")
	# far from the borders there are no reads and any sequence does
	for (p = 1; p <= size; p++) { line = line (ref[p] != "" ? ref[p] : substr("ACGTTGCA", 1 + p % 8, 1)); if (p % 100 == 0) { print line > (dir "/ref.fa"); line = "" } }
	print "@HD", "VN:1.6", "SO:unsorted" > (dir "/reads.head")
	print "@SQ", "SN:chrB", "LN:" size > (dir "/reads.head")
	print "@RG", "ID:1", "SM:donor" > (dir "/reads.head")
}' </dev/null
sed -i 's/$/\tRG:Z:1/' "$t/reads.body"
cat "$t/reads.head" "$t/reads.body" | samtools sort -O bam -o "$t/reads.bam" - 2>/dev/null
samtools index "$t/reads.bam"
samtools faidx "$t/ref.fa"
size=$(cut -f 2 "$t/ref.fa.fai")

bad=0
# called into files: errexit does not see a failure in <( ), nor behind a pipe to grep that finds nothing
call() {
	if ! "$genorx" call -f "$t/ref.fa" -O v -o "$t/call.vcf" "$@" "$t/reads.bam"; then
		echo "FAILED: call $*" >&2
		exit 1
	fi
	sed '/^#/d' "$t/call.vcf"
}
# blocks may be cut at any border; their bases and what they say of each base may not differ: GT and tiling
records() { awk -F'\t' '$5 != "<*>" && $5 != "<NON_REF>"' "$1"; }
bases() { # base-wise: position and genotype of blocks, run-length coded
	awk -F'\t' '$5 == "<*>" || $5 == "<NON_REF>" {
		e = $8; sub(/^(.*;)?END=/, "", e); sub(/;.*/, "", e); g = $10; sub(/:.*/, "", g)
		if ($2 != end + 1 || g != gt) { if (n++) print beg, end, gt; beg = $2; gt = g }
		end = e }
	END { if (n) print beg, end, gt }' "$1"
}
differ() { # what, file, file
	if ! cmp -s "$2" "$3"; then
		bad=$((bad + 1))
		echo "FAILED: $1"
		diff "$2" "$3" | head -n 6 || true
	fi
}

for mode in vcf gvcf; do
	opt=()
	[[ $mode == vcf ]] || opt=(--gvcf)
	call -@ 1 "${opt[@]}" >"$t/$mode.1"
	for n in 2 3 8; do
		call -@ $n "${opt[@]}" >"$t/$mode.n"
		differ "$mode: -@ $n against -@ 1" "$t/$mode.1" "$t/$mode.n"
	done
	for ((b = 1; b <= size; b += 100000)); do
		e=$((b + 99999))
		call "${opt[@]}" --no-learn -r "chrB:$b-$((e < size ? e : size))"
	done >"$t/$mode.r"
	# a region alone would learn other error rates
	call "${opt[@]}" --no-learn >"$t/$mode.0"
	records "$t/$mode.0" >"$t/$mode.0.rec"
	records "$t/$mode.1" >"$t/$mode.1.rec"
	records "$t/$mode.r" >"$t/$mode.r.rec"
	for f in 0 1 r; do
		if [[ ! -s $t/$mode.$f.rec ]]; then
			bad=$((bad + 1))
			echo "FAILED: $mode.$f: no records"
		fi
	done
	differ "$mode: records of the regions between the borders against the whole contig" "$t/$mode.0.rec" "$t/$mode.r.rec"
	differ "$mode: blocks of the regions between the borders" <(bases "$t/$mode.0") <(bases "$t/$mode.r")
	for s in 20000 50000 250000 1000000; do
		call "${opt[@]}" --shard-size $s >"$t/$mode.s"
		records "$t/$mode.s" >"$t/$mode.s.rec"
		differ "$mode: records with --shard-size $s" "$t/$mode.1.rec" "$t/$mode.s.rec"
		differ "$mode: blocks with --shard-size $s" <(bases "$t/$mode.1") <(bases "$t/$mode.s")
	done
done
differ "VCF records against those of the gVCF" <(cut -f 1-5 "$t/vcf.1.rec") <(cut -f 1-5 "$t/gvcf.1.rec")

# the variants are found at all: each border has a record within its 60 bases, of the right genotype
lost=$(awk -F'\t' 'NR == FNR { g = $10; sub(/:.*/, "", g); gsub(/\|/, "/", g); if (g == "1/0") g = "0/1"; at[$2] = g; next }
	{ ok = 0; for (p = $5 - 2; p <= $5 + 30; p++) ok += at[p] == $4; if (!ok) print "  border " $1 ": " $2 " at " $5 " " $4 }' \
	"$t/vcf.1.rec" "$t/truth.tsv")
if [[ -n $lost ]]; then
	bad=$((bad + 1))
	printf 'FAILED: variants without a call\n%s\n' "$lost"
fi
[[ $bad -eq 0 ]] || exit 1
echo "same calls at shard borders: $(grep -c . "$t/truth.tsv") borders, $(grep -c . "$t/vcf.1.rec") records, threads, regions, VCF and gVCF"
