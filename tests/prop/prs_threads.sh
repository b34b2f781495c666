#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# prs: the same bytes (table, log, facts) for 1, 2, 3 and 8 threads and any shard size, for every way a file can be read
# (BCF and VCF.gz with and without index, plain VCF, standard input, plink 1 .bed), for many samples and for one, for
# multiallelic records joined and split, for cohorts with likelihoods and for a gVCF. Exit status: 0, 1.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
export LC_ALL=C
fail=0
compared=0
full=0
help=$("$genorx" prs --help)
[[ $help != *--standardise* ]] || full=1
sharded=0
[[ $help != *--shard-size* ]] || sharded=1

# A cohort: 3 contigs, sites 200 to 1,500 bases apart, 1 in 8 multiallelic (joined=1) and 1 in 20 an indel, 4 % no-calls.
# Writes the VCF, the score files (catalogue, custom by ID, plink's with 3 columns) and the frequencies
make_cohort() { # name seed samples variants multiallelic(0 1) PL(0 1)
	awk -v OFS='\t' -v x="$2" -v n="$3" -v m="$4" -v multi="$5" -v pl="$6" -v p="$t/$1" '
	function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
	function pick(s) { return substr(s, 1 + int(rnd() * length(s)), 1) }
	function draw(f1, f2, u) { u = rnd(); return u < f1 ? 1 : u < f1 + f2 ? 2 : 0 }
	BEGIN {
		vcf = p ".vcf"; freq = p ".afreq"; a = p ".pgs.txt"; b = p ".dom.txt"; w = p ".plink.txt"
		print "##fileformat=VCFv4.3" > vcf
		for (c = 20; c <= 22; c++) printf "##contig=<ID=%d,length=%d>\n", c, c == 20 ? 64444167 : c == 21 ? 46709983 : 50818468 > vcf
		print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">" > vcf
		if (pl) print "##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"Likelihoods\">" > vcf
		printf "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT" > vcf
		for (s = 1; s <= n; s++) printf "\tP%d", s > vcf
		printf "\n" > vcf
		print "#CHROM", "ID", "REF", "ALT", "ALT_FREQS", "OBS_CT" > freq
		print "#pgs_id=PGS000901\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight" > a
		print "#pgs_id=PGS000902\n#genome_build=GRCh38\nrsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tis_dominant\tis_recessive" > b
		print "ID", "A1", "one", "two", "three" > w
		for (k = 0; k < m; k++) {
			c = 20 + int(3 * k / m)
			if (c != last) { pos = 1000; last = c }
			pos += 200 + int(rnd() * 1300)
			ref = pick("ACGT"); do alt = pick("ACGT"); while (alt == ref)
			if (rnd() < 0.05) alt = ref "TG"
			alt2 = ""
			if (multi && rnd() < 0.125) do alt2 = pick("ACGT"); while (alt2 == ref || alt2 == alt)
			f1 = 0.02 + 0.5 * rnd(); f2 = alt2 == "" ? 0 : 0.3 * rnd()
			id = c ":" pos ":" ref ":" alt (alt2 == "" ? "" : "," alt2)
			printf "%d\t%d\t%s\t%s\t%s\t.\tPASS\t.\t%s", c, pos, id, ref, alt (alt2 == "" ? "" : "," alt2), pl ? "GT:PL" : "GT" > vcf
			for (s = 1; s <= n; s++) {
				i = draw(f1, f2); j = draw(f1, f2)
				if (i > j) { y = i; i = j; j = y }
				if (rnd() < 0.04) g = "./."; else g = i "/" j
				printf "\t%s", g > vcf
				if (pl) {
					if (g == "./.") printf ":." > vcf
					else {
						na = alt2 == "" ? 1 : 2; txt = ""
						for (hi = 0; hi <= na; hi++) for (lo = 0; lo <= hi; lo++)
							txt = txt (txt == "" ? "" : ",") (lo == i && hi == j ? 0 : 3 + int(60 * rnd()))
						printf ":%s", txt > vcf
					}
				}
			}
			printf "\n" > vcf
			print c, id, ref, alt (alt2 == "" ? "" : "," alt2), f1 (alt2 == "" ? "" : "," f2), 2000 > freq
			e = alt; if (alt2 != "" && rnd() < 0.5) e = alt2
			if (rnd() < 0.9) print c, pos, e, ref, sprintf("%.7g", rnd() - 0.5) > a
			else print c, pos + 1, e, ref, "0.25" > a # a place without a record, or other alleles
			r = rnd()
			if (alt2 == "") print id, c, pos, (r < 0.5 ? alt : ref), (r < 0.5 ? ref : alt), sprintf("%.6f", rnd()), (r < 0.3 ? "True" : "False"), (r > 0.8 ? "True" : "False") > b
			print id, e, sprintf("%.5f", rnd()), k % 3 ? "0" : sprintf("%.5f", -rnd()), sprintf("%.9g", 1e-7 * rnd()) > w
		}
	}' </dev/null
}

# outputs NAME INPUT(- from stdin:FILE) OPTIONS...: runs into $t/out/NAME.*
outputs() {
	local name=$1 in=$2 from=/dev/null
	shift 2
	case $in in stdin:*) from=${in#stdin:} in=- ;; esac
	mkdir -p "$t/out"
	"$genorx" prs --tsv "$t/out/$name.tsv" --log "$t/out/$name.log" -o "$t/out/$name.jsonl" --min-overlap 0 "$@" "$in" <"$from" 2>"$t/err" || {
		echo "$name: $(tail -n 1 "$t/err")"
		fail=1
		return 1
	}
}

# same NAME OTHER [KIND...]: equal bytes of the outputs (default: table, log, facts)
same() {
	local a=$1 b=$2 kind
	shift 2
	[[ $# -gt 0 ]] || set -- tsv log jsonl
	for kind in "$@"; do
		compared=$((compared + 1))
		cmp -s "$t/out/$a.$kind" "$t/out/$b.$kind" || {
			echo "$b.$kind differs from $a.$kind:"
			diff "$t/out/$a.$kind" "$t/out/$b.$kind" | head -n 4 || true
			fail=1
		}
	done
}

# The same for all threads and shard sizes
ways() { # name input options...
	local name=$1 in=$2 n size
	shift 2
	outputs "$name" "$in" -@ 1 "$@" || return 0
	for n in 2 3 8; do
		outputs "$name.t$n" "$in" -@ $n "$@" && same "$name" "$name.t$n"
	done
	[[ $sharded = 1 ]] || return 0
	for size in 1000 33333 1000000; do
		outputs "$name.s$size" "$in" -@ 2 --shard-size $size "$@" && same "$name" "$name.s$size"
	done
}

forms() { # name: every form of $t/NAME.vcf
	bcftools view --no-version -O b -o "$t/$1.bcf" "$t/$1.vcf"
	bcftools view --no-version -O z -o "$t/$1.vcf.gz" "$t/$1.vcf"
	mkdir -p "$t/bare"
	cp "$t/$1.bcf" "$t/$1.vcf.gz" "$t/bare/"
	bcftools index "$t/$1.bcf"
	bcftools index "$t/$1.vcf.gz"
}

# --- a cohort: GT, multiallelic
make_cohort c 7 60 1500 1 0
forms c
score=(--score "$t/c.pgs.txt" --score "$t/c.dom.txt")
[[ $full = 0 ]] || score+=(--score "$t/c.plink.txt" --freq "$t/c.afreq")
ways c "$t/c.bcf" "${score[@]}"
for in in "$t/c.vcf" "$t/c.vcf.gz" "$t/bare/c.bcf" "$t/bare/c.vcf.gz" "stdin:$t/c.bcf" "stdin:$t/c.vcf"; do
	name=c.$(tr '/:' '__' <<<"${in//"$t/"/}")
	ways "$name" "$in" "${score[@]}"
	same c "$name" tsv log
done

# --- one sample of it: as chosen, and as a file of its own
bcftools view --no-version -s P17 -I -O b -o "$t/one.bcf" "$t/c.bcf"
bcftools index "$t/one.bcf"
if [[ $full = 1 ]]; then
	ways one "$t/one.bcf" "${score[@]}"
	outputs one.chosen "$t/c.bcf" -s P17 "${score[@]}" && same one one.chosen tsv log
	cmp -s <(grep -P '^(sample|P17)\t' "$t/out/c.tsv" | cut -f 1-5) <(cut -f 1-5 "$t/out/one.tsv") || {
		echo "one: a sample alone has another score than in the cohort"
		fail=1
	}
fi

# --- multiallelic records split: what counts copies of an ALT is the same
bcftools norm --no-version -m -any -O b -o "$t/split.bcf" "$t/c.vcf" 2>/dev/null
bcftools index "$t/split.bcf"
if [[ $full = 1 ]]; then
	ways split "$t/split.bcf" --score "$t/c.pgs.txt" --freq "$t/c.afreq"
	outputs joined "$t/c.bcf" --score "$t/c.pgs.txt" --freq "$t/c.afreq" && same joined split tsv log
fi

# --- likelihoods
if [[ $full = 1 ]]; then
	make_cohort l 11 40 800 1 1
	forms l
	ways l "$t/l.bcf" --dosage PL --freq "$t/l.afreq" --score "$t/l.pgs.txt" --score "$t/l.dom.txt" --score "$t/l.plink.txt"
	for in in "$t/l.vcf.gz" "$t/bare/l.bcf" "stdin:$t/l.vcf"; do
		name=l.$(tr '/:' '__' <<<"${in//"$t/"/}")
		ways "$name" "$in" --dosage PL --freq "$t/l.afreq" --score "$t/l.pgs.txt" --score "$t/l.dom.txt" --score "$t/l.plink.txt"
		same l "$name" tsv log
	done
fi

# --- plink 1: the biallelic cohort as .bed (first allele of .bim = ALT), written here byte by byte
make_cohort b 13 50 1200 0 0
forms b
if [[ $full = 1 ]]; then
	awk -F'\t' -v p="$t/b" '
	BEGIN { printf "%c%c%c", 108, 27, 1 > (p ".bed") }
	/^##/ { next }
	/^#/ { for (i = 10; i <= NF; i++) print $i, $i, 0, 0, 0, -9 > (p ".fam"); next }
	{
		printf "%s\t%s\t0\t%s\t%s\t%s\n", $1, $3, $2, $5, $4 > (p ".bim")
		for (i = 10; i <= NF; i += 4) {
			byte = 0
			for (j = 3; j >= 0; j--) {
				g = $(i + j)
				byte = byte * 4 + (i + j > NF ? 0 : g == "./." ? 1 : g == "0/0" ? 3 : g == "0/1" ? 2 : 0)
			}
			printf "%c", byte > (p ".bed")
		}
	}' "$t/b.vcf"
	[[ $(stat -c %s "$t/b.bed") = $((3 + 1200 * 13)) ]] || {
		echo "this awk cannot write binary files"
		fail=1
	}
	all=(--score "$t/b.pgs.txt" --score "$t/b.dom.txt" --score "$t/b.plink.txt" --freq "$t/b.afreq")
	ways b.bcf "$t/b.bcf" "${all[@]}"
	ways b.bed "$t/b.bed" "${all[@]}"
	same b.bcf b.bed tsv log
fi

# --- a gVCF of a simulated person, scored at sites and in blocks
"$genorx" simulate --seed 23 --depth 20 -o "$t/d" >/dev/null
"$genorx" call -f "$t/d/ref.fa.gz" -R "$t/d/truth.bed" --gvcf -O z -o "$t/g.vcf.gz" "$t/d/donor1.bam" 2>/dev/null
cp "$t/g.vcf.gz" "$t/bare/"
[[ -e $t/g.vcf.gz.csi || -e $t/g.vcf.gz.tbi ]] || bcftools index "$t/g.vcf.gz"
ways g "$t/g.vcf.gz" -f "$t/d/ref.fa.gz" --score "$t/d/score.txt"
ways g.bare "$t/bare/g.vcf.gz" -f "$t/d/ref.fa.gz" --score "$t/d/score.txt"
same g g.bare tsv log

note=
[[ $full = 1 ]] || note="; not yet in this build: .bed, plink's files, likelihoods, --freq"
[[ $sharded = 1 ]] || note="$note; no --shard-size"
echo "$compared comparisons of bytes, $([[ $fail = 0 ]] && echo all equal || echo DIFFERENT)$note"
exit $fail
