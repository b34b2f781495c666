#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Records passed as bytes (docs/decisions/0007) come out as parsed ones do: annotate with a database that knows every
# allele, then once more over its own output, so that its columns are there already. Files of ours and of the shared data,
# every kind of output, from files and through pipes, with 1 and 2 threads; indexes answer the same; a cut file leaves
# nothing behind. check_varpass covers fields of all types and damaged records.
# GENORX_QUICK=1 keeps to few files.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
shared=${GRX_SHARED:-../shared}/data
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
max=${GENORX_QUICK:+8}
n=0 runs=0

# A database of the file's own alleles, $2 the seed of its values.
make_db() { # file seed database
	{
		printf '##fileformat=VCFv4.2\n'
		bcftools view -h "$1" 2>/dev/null | grep '^##contig' || true
		printf '##INFO=<ID=I,Number=A,Type=Integer,Description="i">\n##INFO=<ID=F,Number=A,Type=Float,Description="f">\n'
		printf '##INFO=<ID=S,Number=1,Type=String,Description="s">\n##INFO=<ID=G,Number=0,Type=Flag,Description="g">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		bcftools query -f '%CHROM\t%POS\t%REF\t%ALT\n' "$1" 2>/dev/null | awk -F'\t' -v OFS='\t' -v seed="$2" '
		$4 ~ /^[ACGTacgt]+$/ {
			k = (NR * 7 + seed) % 100000
			print $1, $2, ".", $3, $4, ".", ".", "I=" k - 300 ";F=" k / 640 ";S=t" k "|x" (k % 3 ? ";G" : "")
		}'
	} | bgzip >"$3" && bcftools index -f "$3" 2>/dev/null
}

both() { # input type options
	local in=$1 type=$2 a=0 b=0
	shift 2
	rm -f "$t"/pass* "$t"/parse*
	GENORX_PARSE_RECORDS=1 "$genorx" annotate -O "$type" -o "$t/parse.out" "$@" "$in" 2>"$t/parse.err" || a=$?
	"$genorx" annotate -O "$type" -o "$t/pass.out" "$@" "$in" 2>"$t/pass.err" || b=$?
	runs=$((runs + 1))
	[[ $a = "$b" ]] || {
		echo "$in -O$type: exit $a, as bytes $b" >&2
		return 1
	}
	cmp "$t/parse.err" "$t/pass.err" >&2
	if ((a)); then
		[[ -z $(find "$t" -name 'pass.out*') ]] || return 1
		return 0
	fi
	case $type in
	u | v) cmp "$t/parse.out" "$t/pass.out" >&2 ;;
	*) cmp <(bgzip -dc <"$t/parse.out") <(bgzip -dc <"$t/pass.out") >&2 ;;
	esac
}

one() { # file
	local db="$t/db.vcf.gz" type types='v z' k
	case $1 in *.bcf) types='u b' ;; esac
	make_db "$1" 1 "$db" || return 0
	for type in $types; do
		both "$1" "$type" -@ 1 --db "d=$db:I,F,S,G"
		both "$1" "$type" -@ 2 --db "d=$db:I,F,S,G"
	done
	[[ -s $t/pass.out ]] || return 0
	for k in 2 3; do
		make_db "$1" $k "$db"
		cp "$t/pass.out" "$t/again"
		both "$t/again" "$type" --db "d=$db:I,F,S,G"
	done
	n=$((n + 1))
}

# Ours: a donor's truth with genotypes, as text and as BCF.
"$genorx" simulate --seed 5 --depth 3 -o "$t/d" 2>/dev/null
bcftools view --no-version -O b -o "$t/own.bcf" "$t/d/donor1.truth.vcf.gz"
one "$t/d/donor1.truth.vcf.gz"
one "$t/own.bcf"
both "$t/own.bcf" u -f "$t/d/ref.fa.gz" -g "$t/d/models.gff3.gz"
both "$t/own.bcf" b -f "$t/d/ref.fa.gz" -g "$t/d/models.gff3.gz" --db c="$t/d/demo_db.vcf.gz":CLNSIG,AF

# Pipes, indexes, a cut file.
make_db "$t/own.bcf" 1 "$t/db.vcf.gz"
both "$t/own.bcf" b --db "d=$t/db.vcf.gz:I,F"
"$genorx" annotate -O u -o - --db "d=$t/db.vcf.gz:I,F" - <"$t/own.bcf" 2>/dev/null | cmp - <(bgzip -dc <"$t/pass.out") >&2
contig=$(bcftools query -f '%CHROM\n' "$t/own.bcf" | uniq | sed -n 2p)
bcftools view -H "$t/pass.out" "$contig" >"$t/pass.part"
bcftools view -H "$t/parse.out" "$contig" >"$t/parse.part"
[[ -s $t/pass.part ]]
cmp "$t/pass.part" "$t/parse.part" >&2
head -c $(($(wc -c <"$t/own.bcf") / 2)) "$t/own.bcf" >"$t/cut.bcf"
both "$t/cut.bcf" b --db "d=$t/db.vcf.gz:I"
if "$genorx" annotate -O b -o "$t/cut.out" --db "d=$t/db.vcf.gz:I" "$t/cut.bcf" 2>/dev/null; then
	echo "a cut file was accepted" >&2
	exit 1
fi
[[ ! -e $t/cut.out ]]

if [[ -d $shared ]]; then
	while IFS= read -r f; do
		one "$f"
	done < <(find "$shared/annot" "$shared/pgx" "$shared/pop" "$shared/cases" "$shared/broken/own" \
		\( -name '*.vcf' -o -name '*.vcf.gz' -o -name '*.bcf' \) -size -200k 2>/dev/null | sort | awk 'NR % 7 == 1' | head -n "${max:-40}")
else
	echo "no shared data (GRX_SHARED): only our own files"
fi
echo "records as bytes and parsed: same output and messages, $n files, $runs runs"
