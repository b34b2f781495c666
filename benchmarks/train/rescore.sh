#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rescore.sh -- the whole way to the re-scoring model: simulated cases on real reference sequence, called with
# features, labelled by `genorx compare`, two models that each are tested on the cases of the other, the model of all
# cases into refdata/call/rescore.tsv. Method: docs/methods/call_rescore.md.
#   rescore.sh WORKDIR [MODEL.tsv]      cases that are in WORKDIR already are not made again
# GENORX_SIM: another genorx for making cases. Needs samtools, bwa, the shared reference pieces. About 10 CPU minutes.
set -eu -o pipefail
[[ $# -ge 1 ]] || { sed -n 3,7p "$0" | cut -c3-; exit 64; }
mkdir -p "$1"
work=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
build=$PWD/${BUILD:-build}
genorx=$build/genorx train=$build/train_rescore
model=${2:-refdata/call/rescore.tsv}
refs=${GRX_SHARED:-$PWD/../shared}/data/refs
if [[ ! -d $refs ]]; then
	echo "skipped: shared data absent ($refs)"
	exit 77
fi
seed=1

# Regions with real sequence outside of every case that figures are reported on (GRCh38 chr20:61,000-5,059,000,
# GRCh37 20:10.0M, chr22:16.6M, chr21:5-10M and the 21/22 regions of NA20359). Odd and even cases test each
# other; t1b is another donor, library and depth on the sequence of t1, and always on the same side.
table() {
	cat <<-END
	t1	GRCh38.chr20	chr20:5100001-6800000	101	pcr-free	30
	t2	GRCh38.chr20	chr20:6900001-8300000	102	pcr	30
	t3	GRCh38.chr21_22	chr22:45100001-46700000	103	pcr	60
	t4	GRCh38.chr21_22	chr22:46800001-48400000	104	pcr-free	20
	t5	GRCh38.chr20	chr20:8400001-9900000	105	pcr	15
	t6	GRCh38.chr21_22	chr22:48500001-49900000	106	pcr-free	45
	t1b	GRCh38.chr20	chr20:5100001-6800000	107	pcr	25
	t2b	GRCh38.chr20	chr20:6900001-8300000	108	pcr	45
	t3b	GRCh38.chr21_22	chr22:45100001-46700000	109	pcr	35
	t4b	GRCh38.chr21_22	chr22:46800001-48400000	110	pcr	30
	t5b	GRCh38.chr20	chr20:8400001-9900000	111	pcr-free	38
	t6b	GRCh38.chr21_22	chr22:48500001-49900000	112	pcr	20
	END
}

make_case() { # name, reference, region, seed, noise, depth
	local c=$work/$1
	[[ -s $c/origin.txt ]] && return
	GENORX=${GENORX_SIM:-$genorx} benchmarks/train/make_case.sh "$refs/$2.fa.gz" "$3" "$4" "$5" "$6" "$c" >"$work/$1.log" 2>&1
}

call() { # case folder, output, options
	local c=$1 o=$2
	shift 2
	"$genorx" call -f "$c/ref.fa" -R "$c/region.bed" "$@" -o "$o" "$c/reads.bam" 2>"$o.log"
}

compare() { # case folder, calls, bed, prefix, options
	local c=$1 v=$2 b=$3 p=$4
	shift 4
	"$genorx" compare -f "$c/ref.fa" --truth "$c/truth.vcf.gz" --bed "$b" --tsv "$p.tsv" --tsv-errors "$p.err" \
		-o "$p.jsonl" "$@" "$v" 2>"$p.log"
}

label() { # name
	local c=$work/$1 p=$work/$1.label
	call "$c" "$p.vcf" --emit-qual 1 --rescore none --features
	: >"$p.decoy.bed"
	for b in decoy twin; do [[ ! -s $c/$b.bed ]] || cut -f 1-3 "$c/$b.bed" >>"$p.decoy.bed"; done
	sort -k1,1 -k2,2n -o "$p.decoy.bed" "$p.decoy.bed"
	cat "$c/conf.bed" "$p.decoy.bed" | cut -f 1-3 | sort -k1,1 -k2,2n >"$p.all.bed"
	compare "$c" "$p.vcf" "$c/conf.bed" "$p.conf" --all
	compare "$c" "$p.vcf" "$p.all.bed" "$p.all" --all
	awk -v name="$1" -f benchmarks/train/label.awk file=1 "$c/conf.bed" file=2 "$p.decoy.bed" \
		file=3 "$p.conf.tsv" file=4 "$p.all.err" file=5 "$p.vcf" >"$work/$1.tsv"
}

# What counts: F1 by compare on the records that PASS, without and with the model, and false calls in decoys.
score() { # name, model or none, label of the row
	local c=$work/$1 p=$work/$1.$3
	call "$c" "$p.vcf" --rescore "$2"
	compare "$c" "$p.vcf" "$c/conf.bed" "$p"
	compare "$c" "$p.vcf" "$work/$1.label.decoy.bed" "$p.decoy"
	awk -F'\t' -v OFS='\t' -v name="$1" -v what="$3" '
		FNR == 1 { file++; for (i = 1; i <= NF; i++) c[$i] = i; next }
		file == 1 { fp[$c["type"]] = $c["fp"]; tp[$c["type"]] = $c["tp"]; next }
		$c["type"] !~ /^(SNV|INDEL)$/ { next } # rows of strata
		{ t = $c["type"]; print name, what, t, "tp " $c["tp"], "fp " $c["fp"], "fn " $c["fn"], "f1 " $c["f1"], "decoy_tp " tp[t], "decoy_fp " fp[t] }
	' "$p.decoy.tsv" "$p.tsv"
}

is_odd() { [[ $1 == t[135]* ]]; }

mapfile -t cases < <(table | cut -f 1)
while IFS=$'\t' read -r name ref region s noise depth; do
	make_case "$name" "$ref" "$region" "$s" "$noise" "$depth"
done < <(table)
for c in "${cases[@]}"; do label "$c"; done
odd=() even=() all=()
for c in "${cases[@]}"; do
	all+=("$work/$c.tsv")
	if is_odd "$c"; then odd+=("$work/$c.tsv"); else even+=("$work/$c.tsv"); fi
done
note="made_by=benchmarks/train/rescore.sh;commit=$(git describe --always --dirty);seed=$seed"
note+=$(table | awk -F'\t' '{ printf ";case=%s %s seed %s noise %s depth %s", $1, $3, $4, $5, $6 }')
mkdir -p "$(dirname "$model")"
[[ -x $train ]] || { echo "rescore.sh: no $train: make train" >&2; exit 69; }
"$train" fit "$work/odd.model" "$seed" "$note" "${odd[@]}" >"$work/odd.fit.txt"
"$train" fit "$work/even.model" "$seed" "$note" "${even[@]}" >"$work/even.fit.txt"
echo "== fitted to odd cases, tested on even ones"
"$train" test "$work/odd.model" "${even[@]}" | tee "$work/odd.test.txt"
echo "== fitted to even cases, tested on odd ones"
"$train" test "$work/even.model" "${odd[@]}" | tee "$work/even.test.txt"
echo "== genorx compare on PASS records; heldout: model fitted to the other half"
for c in "${cases[@]}"; do
	other=$work/even.model
	is_odd "$c" || other=$work/odd.model
	score "$c" none none
	score "$c" "$other" heldout
done | tee "$work/heldout.tsv"
awk -F'\t' -v OFS='\t' '
	{ for (i = 4; i <= NF; i++) { split($i, a, " "); v[$2, $3, a[1]] += a[2] } }
	END {
		for (k = 1; k <= 4; k++) {
			w = k % 2 ? "none" : "heldout"; t = k < 3 ? "SNV" : "INDEL"
			tp = v[w, t, "tp"]; fp = v[w, t, "fp"]; fn = v[w, t, "fn"]; d = v[w, t, "decoy_fp"]
			printf "pooled\t%s\t%s\ttp %d\tfp %d\tfn %d\tf1 %.5f\tdecoy_tp %d\tdecoy_fp %d\n", w, t, tp, fp, fn, 2 * tp / (2 * tp + fp + fn), v[w, t, "decoy_tp"], d
		}
	}' "$work/heldout.tsv" | tee "$work/pooled.tsv"
figures=$(cut -f 2- "$work/pooled.tsv" | tr '\t' ' ' | awk '{ printf ";held_out=%s", $0 }')
"$train" fit "$model" "$seed" "$note$figures" "${all[@]}" >"$work/all.fit.txt"
grep '^fit' "$work"/*.fit.txt
sh refdata/manifest.sh
