#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cyp2d6_cases.sh -- donors of known CYP2D6 structure: simulated reads on the real sequence of CYP2D6 and CYP2D7.
#   cyp2d6_cases.sh OUTDIR [CASE...]
# Leaves OUTDIR/truth.tsv and for each case CASE.bam, CASE.bam.bai, CASE.segments.tsv and CASE.variants.tsv. Without
# CASE all are made: seven structures, each against *1, *2 and *4 (S...), diplotypes of ordinary structure (D...), and
# others (X...). REF names the reference (default: GRCh38 chr22 of the shared data), DEPTH the depth (30), NOISE the
# preset (pcr-free), SEED (1), NORMAL a region of ordinary depth to be covered as well, BACKGROUND further
# SNVs in 1,000 bases of each copy (0; needs samtools), GENORX the program.
#
# The gene lies on the reverse strand; in order of coordinates: REP6, CYP2D6, REP7, spacer of 1.6 kb, CYP2D7. Unequal
# recombination between homologous places makes each structure; by sequence comparison of the reference
# REP6 42123232-42125945 = REP7 + 12152 (3 differences), CYP2D6 introns 1 to exon 2 = CYP2D7 + 13672, intron 8 and
# exon 9 + 13704. Structures after Turner et al., Clin Pharmacol Ther 2023;114:1220 (PharmVar tutorial).
set -eu -o pipefail
[[ $# -ge 1 ]] || { sed -n 3,10p "$0" | cut -c3-; exit 64; }
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
shift
genorx=${GENORX:-$root/${BUILD:-build}/genorx}
ref=${REF:-${SHARED:-${GRX_SHARED:-$root/../shared}}/data/refs/GRCh38.chr22.PGx.fa.gz}
normal=${NORMAL:-chr22:45,500,001-45,800,000}
depth=${DEPTH:-30} noise=${NOISE:-pcr-free} seed=${SEED:-1}
[[ -s $ref ]] || { echo "skipped: no reference at $ref"; exit 77; }
defs=$root/refdata/pgx/definitions.tsv positions=$root/refdata/pgx/positions.tsv
mkdir -p "$out"
tmp=$(mktemp -d "$out/tmp.XXXXXX")
trap 'rm -r "$tmp"' EXIT

# ---- star alleles ----

# What definitions.tsv leaves open (letters for two bases) or does not list, but full sequences of the alleles have:
# allele, position, REF, ALT. From the sequences of the former allele nomenclature: *2A, *4A, *10B, *36, *41 (Gaedigk
# et al., Clin Pharmacol Ther 2018;103:399); the seven in intron 1 are the conversion to the letters of CYP2D7.
passengers() {
	local a
	for a in '*2' '*41'; do
		printf "$a\t%s\n" '42130547 T C' '42130559 T G' '42130560 C G' '42130565 A G' '42130569 G C' \
			'42130571 G T' '42130578 C G' '42131469 C T' '42131531 G A' '42132026 T C'
	done
	printf '%s\n' '*2 42132375 G C' '*2 42129130 C G' '*4 42126611 C G' '*4 42129130 C G' '*4 42129796 G C' \
		'*4 42129809 T C' '*4 42129819 G T' '*4 42130692 G A' '*10 42129754 G A' '*10 42131791 C T' \
		'*10 42132217 G A' '*36 42129754 G A' '*36 42130692 G A' '*36 42129130 C G' '*68 42130692 G A'
}

# allele HAPLOTYPE COPY: rows of the variants table. A hybrid's CYP2D7 part brings its own letters.
allele() {
	[[ $1 = '*36' || $1 = '*68' ]] ||
		awk -F'\t' -v a="$1" -v h="$2" -v c="$3" '
		NR == FNR { if ($1 == "CYP2D6") ref[$3] = $4; next }
		$1 == "CYP2D6" && $2 == a && a != "*1" && $5 != ref[$4] && $5 ~ /^[ACGT]+$/ {
			print h "\t" c "\tchr22\t" $4 "\t" ref[$4] "\t" $5
		}' "$positions" "$defs"
	passengers | awk -v a="$1" -v h="$2" -v c="$3" '$1 == a { print h "\t" c "\tchr22\t" $2 "\t" $3 "\t" $4 }'
}

# ---- structures ----

begin=42120000 end=42165000
# where CYP2D6's side and CYP2D7's side may be exchanged, and how far apart they are; all in stretches of at least
# 100 equal letters but for the differences named above
declare -A place=([rep]=42124500 [intron1]=42130200 [intron4]=42128400 [intron8]=42126800)
declare -A far=([rep]=12152 [intron1]=13672 [intron4]=13694 [intron8]=13704)

# copies STRUCTURE: the copies of the gene from CYP2D6's side on, e.g. *36x2+*10 = *10 *36 *36
copies() {
	local part n rest=$1
	while [[ -n $rest ]]; do
		part=${rest##*+}
		[[ $rest = *+* ]] && rest=${rest%+*} || rest=
		n=1
		[[ $part = *x* ]] && n=${part#*x}
		for ((; n > 0; n--)); do echo "${part%x*}"; done
	done
}

# piece HAPLOTYPE ORDER BEG END: a row of the segments; copies are named as they are numbered, from CYP2D6's side on
piece() {
	printf '%s\t%s\tchr22\t%s\t%s\tcopy%s\n' "$1" "$2" "$3" "$4" "$2" >&3
}

# switch COPY: where a copy behind others begins: a hybrid of CYP2D6's head at its switch, an intact one in the repeat
switch() {
	case $1 in
	'*36') echo intron8 ;;
	'*68') echo intron1 ;;
	*) echo rep ;;
	esac
}

# haplotype HAPLOTYPE STRUCTURE: rows of both tables; descriptor 3 takes the segments
haplotype() {
	local h=$1 at=$begin n=0 list k sw=
	case $2 in
	'*5') list=(none) sw=rep ;;
	'*13:'*) list=(none) sw=${2#*:} ;;
	*) mapfile -t list < <(copies "$2") ;;
	esac
	# a hybrid of CYP2D6's head without another copy: what it came with was deleted
	[[ ${list[0]} != '*36' && ${list[0]} != '*68' ]] || sw=rep
	if [[ $sw ]]; then
		n=$((n + 1))
		piece "$h" $n "$at" "${place[$sw]}"
		at=$((place[$sw] + far[$sw]))
		[[ $sw != rep || ${list[0]} = none ]] || list=(none "${list[@]}")
	fi
	for k in "${!list[@]}"; do
		n=$((n + 1))
		if [[ -n ${list[k + 1]-} ]]; then
			sw=$(switch "${list[k + 1]}")
			piece "$h" $n "$at" $((place[$sw] + far[$sw]))
			at=${place[$sw]}
		else
			piece "$h" $n "$at" $end
		fi
		allele "${list[k]}" "$h" copy$n
	done
}

# kind STRUCTURE: name, intact CYP2D6 genes, hybrid genes, CYP2D6 + CYP2D7 + hybrids
kind() {
	local intact hybrid
	case $1 in
	'*5') echo deletion 0 0 1; return ;;
	'*13:'*) echo "hybrid_2D7_2D6_${1#*:}" 0 1 1; return ;;
	esac
	intact=$(copies "$1" | grep -cvE '^\*(36|68)$' || :)
	hybrid=$(copies "$1" | grep -cE '^\*(36|68)$' || :)
	case $intact,$hybrid in
	1,0) echo normal 1 0 2 ;;
	*,0) echo duplication "$intact" 0 $((intact + 1)) ;;
	0,*) echo hybrid_2D6_2D7 0 "$hybrid" $((hybrid + 1)) ;;
	*) echo tandem_hybrid_2D6_2D7 "$intact" "$hybrid" $((intact + hybrid + 1)) ;;
	esac
}

# background NUMBER SEGMENTS VARIANTS: more rows of the variants table: $BACKGROUND SNVs in 1,000 bases of each copy, 20
# bases and more from defining positions, from other variants and from the ends of pieces. Drawn by a generator of its
# own (Lewis 1969), as rand() differs from awk to awk.
background() {
	samtools faidx "$ref" "chr22:$((begin + 1))-$end" | awk -v n="$((seed * 1000 + $1))" -v rate="$BACKGROUND" -v off="$begin" '
	function uniform() { x = (x * 16807) % 2147483647; return x / 2147483647 }
	function taken(what, p,  i) { for (i = p - 20; i <= p + 20; i++) if ((what, i) in near) return 1; return 0 }
	BEGIN { x = n * 7919 + 1; for (i = 0; i < 10; i++) uniform() }
	file == 1 { if (!/^>/) s = s toupper($0); next }
	file == 2 { if ($1 == "CYP2D6") near["def", $3]; next }
	file == 3 { near[$1 $2, $4]; next }
	FNR > 1 {
		for (p = $4 + 20 - 1000 / rate * log(1 - uniform()); p < $5 - 20; p += 1 - 1000 / rate * log(1 - uniform())) {
			at = int(p); ref = substr(s, at - off, 1); alt = substr("ACGT", 1 + int(4 * uniform()), 1)
			if (ref == alt || taken("def", at) || taken($1 $6, at)) continue
			near[$1 $6, at]
			print $1 "\t" $6 "\tchr22\t" at "\t" ref "\t" alt
		}
	}' file=1 - file=2 "$positions" file=3 "$3" file=4 "$2"
}

# make CASE HAPLOTYPE1 HAPLOTYPE2 NUMBER
make() {
	local c=$1 k1 k2
	{
		printf 'haplotype\torder\tcontig\tbegin\tend\tname\n' >&3
		printf 'haplotype\tname\tcontig\tpos\tref\talt\n'
		haplotype 1 "$2"
		haplotype 2 "$3"
	} 3>"$out/$c.segments.tsv" >"$out/$c.variants.tsv"
	if [[ ${BACKGROUND:-0} != 0 ]]; then
		background "$4" "$out/$c.segments.tsv" "$out/$c.variants.tsv" >"$tmp/more"
		cat "$tmp/more" >>"$out/$c.variants.tsv"
	fi
	"$genorx" simulate -f "$ref" -r "chr22:$((begin + 1))-$end" -r "$normal" --structure "$out/$c.segments.tsv" \
		--structure-variants "$out/$c.variants.tsv" --noise "$noise" --depth "$depth" \
		--seed $((seed * 1000 + $4)) -o "$tmp/$c" 2>"$tmp/log" || { cat "$tmp/log" >&2; return 1; }
	mv "$tmp/$c/donor1.bam" "$out/$c.bam"
	mv "$tmp/$c/donor1.bam.bai" "$out/$c.bam.bai"
	rm -r "${tmp:?}/$c"
	read -r -a k1 <<<"$(kind "$2")"
	read -r -a k2 <<<"$(kind "$3")"
	printf '%s\t%s\t%s\t%s/%s\t%s/%s\t%d\t%d\t%d\n' "$c" "${2%:*}" "${3%:*}" "${k1[0]}" "${k2[0]}" "${2%:*}" \
		"${3%:*}" $((k1[1] + k2[1])) $((k1[2] + k2[2])) $((k1[3] + k2[3])) >>"$out/truth.tsv"
}

# Case, first and second haplotype. Names: S5_1 = *5 with *1; D2_4 = *2/*4; X = others of more than one change.
cases() {
	local s o
	for s in '*5' '*1x2' '*2x2' '*4x2' '*13:intron1' '*36+*10' '*68+*4'; do
		for o in '*1' '*2' '*4'; do
			echo "S${s%:*}_$o" | tr -d '*' | tr '+' 't' | tr '\n' ' '
			echo "$o $s"
		done
	done
	for s in 1/1 1/2 2/4 1/4 1/41 10/17 1/10 10/10 4/4 3/6 9/35 2/17 29/41; do
		echo "D${s/\//_} *${s%/*} *${s#*/}"
	done
	echo 'X13i4_1 *1 *13:intron4'
	echo 'X13i8_1 *1 *13:intron8'
	echo 'X5_5 *5 *5'
	echo 'X1x3_4 *4 *1x3'
	echo 'X36_1 *1 *36'
	echo 'X36x2t10_2 *2 *36x2+*10'
	echo 'X68t4_5 *5 *68+*4'
	echo 'X36t10_36t10 *36+*10 *36+*10'
}

printf 'case\thaplotype1\thaplotype2\tstructure\tdiplotype\tcn_cyp2d6\tcn_hybrid\tcn_cyp2d6_cyp2d7\n' >"$out/truth.tsv"
number=0
while read -r c one two; do
	number=$((number + 1))
	[[ $# -eq 0 || " $* " = *" $c "* ]] || continue
	make "$c" "$one" "$two" $number
done < <(cases)
echo "$(($(wc -l <"$out/truth.tsv") - 1)) cases in $out"
