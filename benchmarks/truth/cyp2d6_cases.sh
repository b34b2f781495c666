#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cyp2d6_cases.sh -- donors of known CYP2D6 structure: simulated reads on the real sequence of CYP2D6 and CYP2D7.
#   cyp2d6_cases.sh OUTDIR [CASE...]
# Leaves OUTDIR/truth.tsv and for each case CASE.bam, CASE.bam.bai, CASE.segments.tsv and CASE.variants.tsv. Without
# CASE all are made: seven structures, each against *1, *2 and *4, and diplotypes of ordinary structure. REF names the
# reference (default: the GRCh38 chr22 of the shared data), DEPTH the depth (30), NOISE the preset (pcr-free), SEED
# (1), NORMAL a region of ordinary depth to be covered as well, GENORX the program.
#
# The gene lies on the reverse strand; in order of coordinates: REP6, CYP2D6, REP7, spacer of 1.6 kb, CYP2D7. Unequal
# recombination between homologous places makes each structure; by sequence comparison of the reference
# REP6 42123232-42125945 = REP7 + 12152 (3 differences), CYP2D6 introns 1 to exon 2 = CYP2D7 + 13672, intron 8 and
# exon 9 + 13704. Structures after Turner et al., Clin Pharmacol Ther 2023;114:1220 (PharmVar tutorial).
set -eu -o pipefail
[[ $# -ge 1 ]] || { sed -n 3,9p "$0" | cut -c3-; exit 64; }
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
shift
genorx=${GENORX:-$root/${BUILD:-build}/genorx}
ref=${REF:-${GRX_SHARED:-$root/../shared}/data/refs/GRCh38.chr22.PGx.fa.gz}
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
	[[ $1 = '*36' || $1 = '*68' || $1 = '*13' ]] ||
		awk -F'\t' -v a="$1" -v h="$2" -v c="$3" '
		NR == FNR { if ($1 == "CYP2D6") ref[$3] = $4; next }
		$1 == "CYP2D6" && $2 == a && a != "*1" && $5 != ref[$4] && $5 ~ /^[ACGT]+$/ {
			print h "\t" c "\tchr22\t" $4 "\t" ref[$4] "\t" $5
		}' "$positions" "$defs"
	passengers | awk -v a="$1" -v h="$2" -v c="$3" '$1 == a { print h "\t" c "\tchr22\t" $2 "\t" $3 "\t" $4 }'
}

# ---- structures ----

begin=42120000 end=42165000
rep=42124500     # within REP6; REP7 is 12152 further on
intron1=42130200 # CYP2D6; CYP2D7 is 13672 further on
intron8=42126800 # before exon 9; CYP2D7 is 13704 further on

# pieces HAPLOTYPE BEG END NAME ...: rows of the segments table
pieces() {
	local h=$1 n=0
	shift
	while [[ $# -gt 0 ]]; do
		n=$((n + 1))
		printf '%s\t%s\tchr22\t%s\t%s\t%s\n' "$h" $n "$1" "$2" "$3"
		shift 3
	done
}

# haplotype HAPLOTYPE STRUCTURE: both tables. The copies are named a, b from CYP2D6's side, the last next to CYP2D7.
haplotype() {
	local h=$1 s=$2 a b
	case $s in
	'*5') pieces "$h" $begin $rep a $((rep + 12152)) $end b >&3 ;;
	'*'*x2)
		pieces "$h" $begin $((rep + 12152)) a $rep $end b >&3
		allele "${s%x2}" "$h" a
		allele "${s%x2}" "$h" b ;;
	'*13') pieces "$h" $begin $intron1 a $((intron1 + 13672)) $end b >&3 ;;
	'*36+*10' | '*68+*4')
		a=${s#*+} b=${s%+*}
		if [[ $b = '*36' ]]; then
			pieces "$h" $begin $((intron8 + 13704)) a $intron8 $end b >&3
		else
			pieces "$h" $begin $((intron1 + 13672)) a $intron1 $end b >&3
		fi
		allele "$a" "$h" a
		allele "$b" "$h" b ;;
	*)
		pieces "$h" $begin $end a >&3
		allele "$s" "$h" a ;;
	esac
}

# kind STRUCTURE: name, intact CYP2D6 genes, hybrid genes, CYP2D6 + CYP2D7 + hybrids
kind() {
	case $1 in
	'*5') echo deletion 0 0 1 ;;
	'*'*x2) echo duplication 2 0 3 ;;
	'*13') echo hybrid_2D7_2D6 0 1 1 ;;
	*+*) echo tandem_hybrid_2D6_2D7 1 1 3 ;;
	*) echo normal 1 0 2 ;;
	esac
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
	"$genorx" simulate -f "$ref" -r "chr22:$((begin + 1))-$end" -r "$normal" --structure "$out/$c.segments.tsv" \
		--structure-variants "$out/$c.variants.tsv" --noise "$noise" --depth "$depth" \
		--seed $((seed * 1000 + $4)) -o "$tmp/$c" 2>"$tmp/log" || { cat "$tmp/log" >&2; return 1; }
	mv "$tmp/$c/donor1.bam" "$out/$c.bam"
	mv "$tmp/$c/donor1.bam.bai" "$out/$c.bam.bai"
	rm -r "${tmp:?}/$c"
	read -r -a k1 <<<"$(kind "$2")"
	read -r -a k2 <<<"$(kind "$3")"
	printf '%s\t%s\t%s\t%s/%s\t%s/%s\t%d\t%d\t%d\n' "$c" "$2" "$3" "${k1[0]}" "${k2[0]}" "$2" "$3" \
		$((k1[1] + k2[1])) $((k1[2] + k2[2])) $((k1[3] + k2[3])) >>"$out/truth.tsv"
}

# Case, first and second haplotype. Names: S5_1 = *5 with *1, D2_4 = *2/*4.
cases() {
	local s o
	for s in '*5' '*1x2' '*2x2' '*4x2' '*13' '*36+*10' '*68+*4'; do
		for o in '*1' '*2' '*4'; do
			echo "S${s}_$o" | tr -d '*' | tr '+' 't' | tr '\n' ' '
			echo "$o $s"
		done
	done
	for s in 1/1 1/2 2/4 1/4 1/41 10/17 1/10 10/10 4/4 3/6 9/35 2/17 29/41; do
		echo "D${s/\//_} *${s%/*} *${s#*/}"
	done
}

printf 'case\thaplotype1\thaplotype2\tstructure\tdiplotype\tcn_cyp2d6\tcn_hybrid\tcn_cyp2d6_cyp2d7\n' >"$out/truth.tsv"
number=0
while read -r c one two; do
	number=$((number + 1))
	[[ $# -eq 0 || " $* " = *" $c "* ]] || continue
	make "$c" "$one" "$two" $number
done < <(cases)
echo "$(($(wc -l <"$out/truth.tsv") - 1)) cases in $out"
