#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of `genorx prs` on a seeded cohort (benchmarks/gen/prs_gen.c), side by side with the floor of reading the file and with
# Debian's plink2 doing the same work (a no-call by twice the frequency among the cohort's calls; one thread):
#   500,000 variants x 1,000 samples, 0.5 % no-calls: BCF and VCF.gz; 1 and 100 scores over all variants
#   100,000 x 1,000: 1,000 scores over all variants, and 100 of them as separate files of the PGS Catalog's form
#   100,000 x 1,000 at 30x with GT:PL: score by likelihoods, with variance
# First the sums are compared: with plink2's to the 6 digits it prints, with the generator's own (integer arithmetic) to 1e-9.
# CPU seconds are user + system, best of REPS; weights compiled beforehand, and once more from the text. Exit 1: a sum differs
# or a goal is missed.
# Usage: prs.sh [FOLDER]   where the data are kept (2 GB; default: made anew each time)
#   REPS=N   runs for each figure (default 3)      VARIANTS, WIDE, SAMPLES   other sizes (500000, 100000, 1000)
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=benchmarks/gen/prs_data.sh
source benchmarks/gen/prs_data.sh
need bcftools bgzip plink2
dir=${1:-$t/data}
variants=${VARIANTS:-500000} wide=${WIDE:-100000} samples=${SAMPLES:-1000}
status=0
gen_build
has_opt no-facts || skip "this build reads no plink score files and has no --no-facts"
gen gt --variants "$variants" --samples "$samples" --cols 1 --cols 100
gen pl30 --variants "$wide" --samples "$samples" --depth 30 --cols 1
gen wide --variants "$wide" --samples "$samples" --cols 1 --cols 1000 --pgs 100
if [[ ! $dir/gt.vcf.gz -nt $dir/gt.bcf ]]; then
	bcftools view --no-version -O z -o "$dir/gt.vcf.gz" "$dir/gt.bcf"
	bcftools index -f "$dir/gt.vcf.gz"
fi
cat "$dir"/*.{bcf,gz,txt} >/dev/null # from memory, not from disk

# The command that scores; --min-overlap and the like are the defaults
prs() { # cohort weights options
	printf "'%s' prs --no-facts -o '$t/o.jsonl' --tsv '$t/o.tsv' --score '%s' %s '$dir/%s'" "$genorx" "$2" "${3:-}" "$1"
}
plink() { # cohort weights columns
	printf "plink2 --threads 1 --bcf '$dir/%s' --score '%s' header-read cols=+scoresums,+denom --score-col-nums %s --out '$t/plink'" "$1" "$2" "$([[ $3 = 1 ]] && echo 3 || echo "3-$(($3 + 2))")"
}

# The compiled form of a score file for a cohort
compiled() { # text cohort options
	local out=$dir/${1##*/}.set
	if ! has_opt compile; then
		echo "$1"
		return
	fi
	[[ $out -nt $1 && $out -nt $genorx ]] || "$genorx" prs --score "$1" --compile "$out" "${@:3}" "$2" >"$t/log" 2>&1 || {
		tail -n 3 "$t/log" >&2
		return 1
	}
	echo "$out"
}

# Largest deviation of our sums from a table's: relative, or of the largest sum's size where a sum is near zero
# shellcheck disable=SC2317
against_truth() { # truth table, its column
	awk -F'\t' -v col="$2" '
	FNR == 1 { split("", c); for (i = 1; i <= NF; i++) c[$i] = i; next }
	FNR == NR { want[$(c["sample"]), $(c["score"])] = $(c[col]); next }
	($(c["sample"]), $(c["score_id"])) in want {
		w = want[$(c["sample"]), $(c["score_id"])]; d = $(c["sum"]) - w; if (d < 0) d = -d; if (w < 0) w = -w
		n++; if (w > top) top = w; if (d > worst) worst = d
	}
	END { printf "%d sums, largest deviation %.1e of the largest sum", n, n ? worst / top : 1; exit !(n && worst <= 1e-9 * top) }' "$1" "$t/o.tsv"
}
# shellcheck disable=SC2317
against_plink() {
	awk -F'\t' '
	FNR == 1 { if (NR == FNR) { for (i = 1; i <= NF; i++) if ($i ~ /_SUM$/ && $i !~ /^NAMED/) { k = $i; sub(/_SUM$/, "", k); at[k] = i } }
		else for (i = 1; i <= NF; i++) c[$i] = i
		next }
	FNR == NR { for (k in at) want[$1, k] = $(at[k]); next }
	{
		w = want[$(c["sample"]), $(c["score_id"])]; d = $(c["sum"]) - w; if (d < 0) d = -d; a = w < 0 ? -w : w
		n++; if (d > 5.1e-6 * a + 1e-7) bad++
	}
	END { printf "%d of %d sums equal to 6 digits", n - bad, n; exit !(n && !bad) }' "$t/plink.sscore" "$t/o.tsv"
}
checked() { # name, checking command
	local name=$1 said
	shift
	said=$("$@") || {
		said="$said: DIFFERENT"
		status=1
	}
	printf '  %-44s %s\n' "$name" "$said"
}

machine
plink2 --version
bcftools --version | head -n 1
printf '\nsums, %d variants x %d samples:\n' "$variants" "$samples"
w1=$(compiled "$dir/gt.w1.txt" "$dir/gt.bcf") w100=$(compiled "$dir/gt.w100.txt" "$dir/gt.bcf")
w1000=$(compiled "$dir/wide.w1000.txt" "$dir/wide.bcf") ws=$(compiled "$dir/wide.w1.txt" "$dir/wide.bcf")
wp=$(compiled "$dir/pl30.w1.txt" "$dir/pl30.bcf" --freq "$dir/pl30.afreq") # the set holds the frequencies
equal() { # cohort weights-text compiled columns truth name
	bash -c "$(prs "$1" "$3" "-@ 2")" >"$t/log" 2>&1 || { tail -n 3 "$t/log"; return 1; }
	bash -c "$(plink "$1" "$2" "$4")" >"$t/log" 2>&1 || { tail -n 3 "$t/log"; return 1; }
	checked "$6: plink2" against_plink
	checked "$6: exact" against_truth "$dir/$5.truth.tsv" mean
}
equal gt.bcf "$dir/gt.w1.txt" "$w1" 1 gt "BCF, 1 score"
cp "$t/o.tsv" "$t/bcf.tsv"
equal gt.bcf "$dir/gt.w100.txt" "$w100" 100 gt "BCF, 100 scores"
equal wide.bcf "$dir/wide.w1000.txt" "$w1000" 1000 wide "BCF, 1,000 scores"
bash -c "$(prs gt.vcf.gz "$w1")" 2>"$t/log"
checked "VCF.gz, 1 score: the bytes of BCF's" cmp "$t/o.tsv" "$t/bcf.tsv"
bash -c "$(prs gt.bcf "$w1" "--missing zero")" 2>"$t/log"
checked "BCF, 1 score, no-calls add nothing: exact" against_truth "$dir/gt.truth.tsv" zero

floor_bcf=$(timed "$reps" "bcftools view -Ou -o /dev/null '$dir/gt.bcf'")
floor_gz=$(timed "$reps" "bgzip -dc '$dir/gt.vcf.gz' >/dev/null")
floor_wide=$(timed "$reps" "bcftools view -Ou -o /dev/null '$dir/wide.bcf'")
floor_pl=$(timed "$reps" "bcftools view -Ou -o /dev/null '$dir/pl30.bcf'")
printf '\nfloor, CPU s: BCF %s, inflating VCF.gz %s, BCF of the 1,000 scores %s, BCF with PL %s\n' \
	"${floor_bcf%% *}" "${floor_gz%% *}" "${floor_wide%% *}" "${floor_pl%% *}"

printf '\n%-24s %7s %7s %6s | %7s %8s | %8s %8s | %s\n' case "CPU s" "wall s" MB "x floor" "CPU text" "plink2 s" "x less" goal
# name floor plink-time cohort compiled text goal(x floor) goal(x less; 0 none) goal(MB; 0 none) options
row() {
	local m text=-
	m=$(timed "$reps" "$(prs "$4" "$5" "-@ 1 ${10:-}")")
	[[ $6 = - ]] || text=$(timed 1 "$(prs "$4" "$6" "-@ 1 ${10:-}")")
	awk -v name="$1" -v f="$2" -v p="$3" -v m="$m" -v text="${text%% *}" -v gf="$7" -v gp="$8" -v gm="$9" 'BEGIN {
		split(m, a, " "); split(f, b, " "); split(p, q, " ")
		x = a[1] / b[1]; less = p == "-" ? 0 : q[1] / a[1]
		ok = x <= gf && (!gp || less >= gp) && (!gm || a[3] <= gm)
		goal = sprintf("<= %.1f x", gf) (gp ? sprintf(", %.1f x less", gp) : "") (gm ? ", " gm " MB" : "")
		printf "%-24s %7.2f %7.2f %6.1f | %7.2f %8s | %8s %8s | %s: %s\n", name, a[1], a[2], a[3], x, text, \
			p == "-" ? "-" : q[1], p == "-" ? "-" : sprintf("%.2f", less), goal, ok ? "met" : "MISSED"
		exit !ok }' || status=1
	echo "$m" >"$t/row"
}
p1=$(timed "$reps" "$(plink gt.bcf "$dir/gt.w1.txt" 1)")
p100=$(timed "$reps" "$(plink gt.bcf "$dir/gt.w100.txt" 100)")
p1000=$(timed 1 "$(plink wide.bcf "$dir/wide.w1000.txt" 1000)")
row "BCF, 1 score" "$floor_bcf" "$p1" gt.bcf "$w1" "$dir/gt.w1.txt" 1.6 2.5 0
read -r _ _ mb <"$t/row"
row "BCF, 100 scores" "$floor_bcf" "$p100" gt.bcf "$w100" "$dir/gt.w100.txt" 3.5 2.5 60
row "BCF, 1,000 scores" "$floor_wide" "$p1000" wide.bcf "$w1000" "$dir/wide.w1000.txt" 16 0 0
row "VCF.gz, 1 score" "$floor_gz" - gt.vcf.gz "$w1" - 2 0 0
row "PL 30x, with variance" "$floor_pl" - pl30.bcf "$wp" - 1.6 0 0 "--dosage PL"
small=$(timed 1 "$(prs wide.bcf "$ws" "-@ 1")")
awk -v a="${small##* }" -v b="$mb" -v n="$wide" -v m="$variants" 'BEGIN {
	printf "peak of 1 score: %.1f MB for %d variants, %.1f MB for %d: %s\n", a, n, b, m, b <= 1.1 * a + 2 ? "does not grow" : "GROWS"; exit !(b <= 1.1 * a + 2) }' || status=1

# 100 files in one pass: the sums of the first 100 columns of the matrix
files=$(printf -- "--score '%s' " "$dir"/wide.pgs/S*.txt)
m=$(timed 1 "'$genorx' prs --no-facts -@ 1 -o '$t/o.jsonl' --tsv '$t/files.tsv' $files '$dir/wide.bcf'")
bash -c "$(prs wide.bcf "$w1000")" 2>"$t/log"
checked "100 files: the sums of the matrix" cmp <(cut -f 1,2,5 "$t/files.tsv" | sort) \
	<(awk -F'\t' 'FNR == 1 || substr($2, 2) + 0 <= 100' "$t/o.tsv" | cut -f 1,2,5 | sort)
echo "100 files of $wide rows, parsed and scored: CPU ${m%% *} s, peak ${m##* } MB"

printf '\n%-24s %8s %8s %8s  %s\n' "two threads" "wall 1" "wall 2" "1 : 2" "same bytes"
two() { # name cohort weights options
	local i n
	for n in 1 2; do
		for ((i = 0; i < reps; i++)); do timed 1 "$(prs "$2" "$3" "-@ $n ${4:-}")"; done | sort -k2,2g | head -n 1 | cut -d' ' -f2 >"$t/wall$n"
		mv "$t/o.tsv" "$t/threads$n.tsv"
	done
	awk -v name="$1" -v a="$(cat "$t/wall1")" -v b="$(cat "$t/wall2")" -v same="$(cmp -s "$t/threads1.tsv" "$t/threads2.tsv" && echo yes || echo NO)" 'BEGIN {
		ok = a / b >= 1.7 && same == "yes"
		printf "%-24s %8.2f %8.2f %8.2f  %s (goal 1.7: %s)\n", name, a, b, a / b, same, ok ? "met" : "MISSED"; exit !ok }' || status=1
}
if [[ $(nproc) -ge 2 ]]; then
	two "BCF, 1 score" gt.bcf "$w1"
	two "BCF, 100 scores" gt.bcf "$w100"
	two "VCF.gz, 1 score" gt.vcf.gz "$w1"
	two "PL 30x, with variance" pl30.bcf "$wp" "--dosage PL"
fi
exit $status
