#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# corpus.sh -- replay a corpus of broken and of odd but legal inputs through the command line.
# Usage: corpus.sh [-v] [GENORX]; -v lists every unexpected file. Exit: 0 as expected, 77 corpus absent, 1 otherwise.
# Prints a table of what `call` does with reads, references and target files, with the slowest of each kind.
# Always a failure: death by a signal, status 70, more than 10 s for call or 40 s for the rest, a rejection without a message or with an output
# file left. A file the corpus says to reject or to accept must be so by every command below, or be in KNOWN with a reason.
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
verbose=0
[ "${1:-}" = -v ] && { verbose=1; shift; }
genorx=$(realpath "${1:-${GENORX:-${BUILD:-build}/genorx}}") || exit 1
export GENORX_REFDATA="${GENORX_REFDATA:-$PWD/refdata}"
data=$(realpath -m "${SHARED:-${GRX_SHARED:-../shared}}")/data
corpus=$data/broken
if [ ! -s "$corpus/MANIFEST.tsv" ]; then
	echo "corpus: SKIP: no data/broken/MANIFEST.tsv in the shared data"
	exit 77
fi
seeds=$corpus/seeds
# a sanitized binary is several times slower
limit_s=$([[ -n ${GENORX_SANITIZED:-} ]] && echo 60 || echo 40)
call_s=$([[ -n ${GENORX_SANITIZED:-} ]] && echo 60 || echo 10)
# headers of 100,000 and more contigs take minutes in htslib's parser under the sanitizer
too_slow=$([[ -n ${GENORX_SANITIZED:-} ]] && echo 'contigs_100*' || echo '')
export LSAN_OPTIONS="suppressions=$PWD/tests/data/lsan_hts.supp:print_suppressions=0"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# Files that end otherwise than the corpus says: path pattern | pattern in the first error message, or empty | why.
# Never covers a crash, a hang or a left output.
KNOWN=(
	"hts-specs/*__passed__complexfile_passed_000.vcf|*not sorted*|the file is not sorted"
	"hts-specs/*__passed__passed_body_alt.vcf|*genotype*|a genotype names an allele that the record does not have"
	"hts-specs/*__passed__passed_body_qual.vcf|*QUAL*|an infinite QUAL: own/vcf/rec_qual_inf.vcf forbids it"
	"hts-specs/*__passed__zero_length_LAA.vcf|*LAA*|local alleles of version 4.5 may be empty lists: not read"
	"hts-specs/*__passed__*.cram|*no contig in common*|made for a reference that the corpus lacks"
	"hts-specs/*__passed__*.cram|*not sorted by coordinate*|reads must be sorted by coordinate"
	"hts-specs/*__passed__*.cram|*sorted by coordinate*|reads must be sorted by coordinate"
	"hts-specs/*__passed__*.cram|*no reference sequence in the header*|unaligned reads cannot be used"
	"own/bam/hdr_pg_loop.bam||@PG chains are not followed"
	"own/bam/hdr_so_lie.bam||the records of this file are in order (chr1, then chr2)"
	"own/cram/bitflip_06_at373.cram||flip in a block that decodes to the same reads: the decoder checks blocks it uses"
	"own/cram/bitflip_10_at1390.cram||as above: same reads as the original"
	"own/cram/bitflip_13_at2454.cram||as above: same reads as the original"
	"own/cram/bitflip_20_at1548.cram||as above: same reads as the original"
	"own/cram/bitflip_21_at2488.cram||as above: same reads as the original"
	"hts-specs/*__passed_meta_contig.vcf|*declared twice*|a contig once with and once without length: stricter"
	"own/bam/bgzf_bad_isize.bam||the decoder trusts the CRC, which is right: no data lost"
	"own/bam/eof_mid.bam|*not sorted by coordinate*|the records behind the inner end-of-file block go back to chr1"
	"own/bam/rec_cig_manyN.bam||the read is dropped and counted (bad_cigar)"
	"own/bam/rec_cig_overflow.bam||the read is dropped and counted (bad_cigar)"
	"own/bam/rec_name_nonul.bam||the decoder ends the name; nothing else of the record changes"
	"own/bam/tiny_blocks.bam||htslib tells formats by the first block; no writer makes blocks of one byte"
	"own/bcf/rlen_neg.bcf||the decoder sets the length from REF, with a warning"
	"own/fasta/two_name_only.fa|*samtools faidx*|a name without sequence has no row in the index: stricter"
	"own/bed/empty.bed|*does not mean the whole genome*|stricter: an empty target set is an error"
	"own/bed/beyond.bed|*beyond the contig*|stricter: an end beyond the contig usually means another build"
	"own/bed/2p31.bed|*beyond the contig*|as above"
	"own/bed/zero_len.bed|*start is not below end*|stricter: a region without bases holds no data"
	"own/gff/gtf_named.gff||GTF attributes are read too, whatever the file's name"
	"own/gff/cds_outside.gff||the transcript is dropped and counted: public gene sets hold such rows"
	"own/gff/strand_conflict.gff||the transcript is dropped and counted"
	"own/gff/orphan_cds.gff||the row is dropped and counted"
	"own/gff/dup_id.gff||repeated pieces are merged and counted"
	"own/gff/cycle.gff||Parent of a gene is not read: a cycle cannot be followed"
	"own/gff/orphan.gff||a transcript stands without its gene line: it keeps its own name"
	"own/gff/phase_missing.gff||the reading frame is counted from the CDS pieces"
	"own/tsv/weights_allele_N.tsv||the row is dropped and counted (unsupported_allele)"
	"own/tsv/weights_allele_same.tsv||the row matches no genotype and is counted (allele_mismatch)"
	"own/tsv/weights_dup.tsv||every row of a duplicate is dropped and counted"
	"own/tsv/weights_bom.tsv|*byte-order mark*|stricter: the message says how to save the file"
	"own/vcf/rec_alt_300.vcf|*number of values*|the file also has one AF for 300 alleles, which rec_info_af_count.vcf forbids"
	"own/vcf/rec_info_ansi.vcf|*INFO key*|the escape holds a ';', so a control character stands in an INFO key"
	"own/vcf/rec_pos0.vcf|*not sorted*|the record with POS 0 stands behind POS 200"
)

# known PATH MESSAGE: prints the reason
known() {
	local k rest
	for k in "${KNOWN[@]}"; do
		rest=${k#*|}
		# shellcheck disable=SC2053
		[[ $1 == ${k%%|*} && (-z ${rest%%|*} || $2 == ${rest%%|*}) ]] && echo "${rest#*|}" && return 0
	done
	return 1
}

# reject, accept or either, from the manifest's sentence
verdict() {
	case $1 in
	*"reject or"* | *"or reject"* | *"accept or"* | *flag* | warn* | undetectable* | *"unless allowed"* | *"else reject"*) echo either ;;
	reject*) echo reject ;;
	accept*) echo accept ;;
	*) echo either ;;
	esac
}

# attempt OUT ARGS...: one command; appends 0 (accepted), 1 (rejected) or a fault to $state
attempt() {
	local out=$1 rc limit=$limit_s start
	shift
	[ "$1" = call ] && limit=$call_s
	rm -f "$out" "$out".*
	start=$(date +%s%N)
	timeout -k 1 "$limit" "$genorx" "$@" -o "$out" >"$dir/stdout" 2>"$dir/stderr" </dev/null
	rc=$?
	[ "$1" = call ] && printf '%s\t%s\t%d\t%d\n' "${fmt%%+*}" "$path" $rc $((($(date +%s%N) - start) / 1000000)) >>"$dir/calls"
	case $rc in
	0) state="$state 0" ;;
	124 | 137) state="$state hang:$1" ;;
	70) state="$state bug70:$1" ;;
	*)
		if [ $rc -ge 128 ]; then
			state="$state crash$rc:$1"
		elif ! grep -q . "$dir/stderr"; then
			state="$state silent$rc:$1"
		elif compgen -G "$out*" >/dev/null; then
			state="$state left-output:$1"
		else
			state="$state 1"
			[ -n "$said" ] || said=$(grep -m1 error: "$dir/stderr" | tr '\t' ' ')
		fi
		;;
	esac
}

# A SAM file with one read on each sequence of an index, so that the reference is really read.
sam_of_fai() {
	awk -F'\t' '{ print "@SQ\tSN:" $1 "\tLN:" $2; n[NR] = $1 }
	END { print "@RG\tID:r\tSM:s"; for (i = 1; i <= NR; i++) print "q" i "\t0\t" n[i] "\t1\t60\t1M\t*\t0\t0\tA\tI\tRG:Z:r" }' "$1"
}

# The same VCF with every contig declared: genorx needs that, the specification does not.
declare_contigs() {
	awk -F'\t' '
	NR == FNR { if (match($0, /^##contig=<ID=[^,>]*/)) has[substr($0, 14, RLENGTH - 13)] = 1
		else if ($0 !~ /^#/ && NF > 4 && !($1 in has)) { has[$1] = 1; add = add "##contig=<ID=" $1 ">\n" }
		next }
	/^#CHROM/ && add { printf "%s", add; add = "" }
	{ print }' "$1" "$1"
}

# replay FORMAT FILE: sets $state
replay() {
	local fmt=$1 f=$2 ref=$seeds/ref.fa
	state='' said=''
	case $fmt,$path in
	bam,*/contigs_1000001.bam | bam,*/long_contig_2p31.bam) # contigs of its own: no reference
		attempt "$dir/o.jsonl" qc "$f"
		return
		;;
	esac
	case $fmt in
	*+wrongref) ref=$seeds/wrongref.fa ;;
	hts-cram) ref=$corpus/hts-specs/test__cram__ce.fa ;;
	esac
	case $fmt in
	bam+* | *+csi)
		attempt "$dir/o.jsonl" qc -r chr1:1-6000 -f "$ref" "$f"
		attempt "$dir/o.vcf" call -r chr1:1-6000 -f "$ref" "$f"
		;;
	cram+noref) REF_PATH=/nonexistent REF_CACHE=/nonexistent attempt "$dir/o.jsonl" qc "$f" ;;
	bam* | cram*)
		attempt "$dir/o.jsonl" qc -f "$ref" "$f"
		attempt "$dir/o.vcf" call -f "$ref" "$f"
		;;
	hts-cram) attempt "$dir/o.jsonl" qc -f "$ref" "$f" ;;
	hts-vcf)
		declare_contigs "$f" >"$dir/in.vcf"
		attempt "$dir/o.jsonl" qc "$dir/in.vcf"
		;;
	hts-*) attempt "$dir/o.jsonl" qc "$f" ;;
	vcf+tbi) attempt "$dir/o.jsonl" qc -r chr1:1-6000 "$f" ;;
	vcf* | bcf*)
		attempt "$dir/o.jsonl" qc "$f"
		attempt "$dir/o.vcf" annotate -g "$seeds/good.gff" -f "$ref" "$f"
		case $path in
		*sites_only* | *format_no_samples*) ;; # nobody to score
		*) attempt "$dir/o.jsonl" prs --score "$tmp/score.tsv" --min-overlap 0 "$f" ;;
		esac
		;;
	bed)
		attempt "$dir/o.jsonl" qc -R "$f" -f "$ref" "$seeds/good.bam"
		attempt "$dir/o.vcf" call -R "$f" -f "$ref" "$seeds/good.bam"
		;;
	gff) attempt "$dir/o.vcf" annotate -g "$f" -f "$ref" "$seeds/good.vcf" ;;
	tsv:weights) attempt "$dir/o.jsonl" prs --score "$f" --min-overlap 0 "$tmp/grch38.vcf" ;;
	fasta+fai) attempt "$dir/o.vcf" call -f "$f" "$seeds/good.bam" ;;
	fasta)
		cp "$f" "$dir/" && chmod u+w "$dir/${f##*/}" && f=$dir/${f##*/}
		samtools faidx "$f" 2>/dev/null
		local fai=$f.fai
		[ -s "$fai" ] || fai=$seeds/ref.fa.fai
		sam_of_fai "$fai" |
			samtools view -b -o "$dir/in.bam" - 2>/dev/null
		attempt "$dir/o.vcf" call -f "$f" "$dir/in.bam"
		rm -f "$f" "$f".*
		;;
	esac
}

# worker N OF: every OF-th row of the plan; prints FORMAT, FILE, expected, reached
worker() {
	local fmt path want got dir state said
	dir=$tmp/w$1
	mkdir -p "$dir"
	awk -v n="$1" -v of="$2" 'NR % of == n' "$tmp/plan" | while IFS=$'\t' read -r fmt path want; do
		replay "$fmt" "$corpus/$path"
		case $state in
		*[a-z]*) got="FAULT$state" ;;
		*0*1* | *1*0*) got="mixed$state" ;;
		*1*) got=reject ;;
		*) got=accept ;;
		esac
		printf '%s\t%s\t%s\t%s\t%s\n' "$fmt" "$path" "$want" "$got" "$said"
	done
}

{
	while IFS=$'\t' read -r path fmt _ says; do
		# shellcheck disable=SC2254
		case ${path##*/} in "") ;; $too_slow) continue ;; esac
		case $fmt in tsv:weights | bam* | cram* | vcf* | bcf | bed | gff | fasta*) ;; *) continue ;; esac
		case $fmt,$says in cram+noref,*) fmt=cram+noref ;; esac
		printf '%s\t%s\t%s\n' "$fmt" "${path#broken/}" "$(verdict "$says")"
	done <"$corpus/MANIFEST.tsv"
	cd "$corpus" && for f in hts-specs/*__{passed,failed}__*.{vcf,bcf,sam,bam,cram}; do
		[ -e "$f" ] || continue
		case $f in
		*.sam) want=reject ;; # text is refused with a hint: sorted BAM or CRAM are read
		*__passed__*) want=accept ;;
		*.vcf) want=either ;; # most break rules on text that no stage reads; counted below
		*) want=reject ;;
		esac
		printf 'hts-%s\t%s\t%s\n' "${f##*.}" "$f" "$want"
	done
} >"$tmp/plan"
awk -F'\t' '$1 ~ /^tsv:(pheno|out|rules)/ { n++ }
	END { print "corpus: left out: " n + 0 " tables of other layouts (rules, phenotypes, outcomes)" }' \
	<(cut -f2 "$corpus/MANIFEST.tsv")
sed 's/##contig=<ID=chr1,length=6000>/##contig=<ID=chr1,length=248956422>/
	s/##contig=<ID=chr2,length=3000>/##contig=<ID=chr2,length=242193529>/; /contig=<ID=chrM/d' "$seeds/good.vcf" >"$tmp/grch38.vcf"
printf '#pgs_id=PGS000001\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n1\t100\tG\tT\t0.1\n' >"$tmp/score.tsv"

jobs=${JOBS:-$(nproc)}
for ((i = 0; i < jobs; i++)); do worker "$i" "$jobs" >"$tmp/result.$i" & done
wait
cat "$tmp"/result.* | sort >"$tmp/result"

while IFS=$'\t' read -r fmt path want got said; do
	bad=0
	case $got in FAULT*) bad=1 ;; esac
	if [ $bad = 0 ] && { [ "$want" = either ] || [ "$want" = "$got" ]; }; then
		printf '%s\t%s\tok\n' "$fmt" "$want"
	elif [ $bad = 0 ] && why=$(known "$path" "$said"); then
		printf '%s\t%s\tknown\n' "$fmt" "$want"
		[ $verbose = 1 ] && echo "known: $path: want $want, got $got: $why" >&2
	else
		printf '%s\t%s\tbad\n' "$fmt" "$want"
		echo "corpus: UNEXPECTED: $path: want $want, got $got: $said" >&2
	fi
done <"$tmp/result" >"$tmp/counts"
awk -F'\t' '{ n[$1 "\t" $2]++; k[$1 "\t" $2 "\t" $3]++; f[$1] = 1 }
	function part(fm, w, word) {
		if (!n[fm "\t" w]) return ""
		return ", " k[fm "\t" w "\tok"] + 0 " of " n[fm "\t" w] " " word (k[fm "\t" w "\tknown"] ? " (" k[fm "\t" w "\tknown"] " known otherwise)" : "")
	}
	END { for (x in f) print "corpus: " x ": " substr(part(x, "reject", "rejected") part(x, "accept", "accepted") part(x, "either", "free to choose, all safe"), 3) | "sort"; close("sort") }' "$tmp/counts"
awk -F'\t' '$1 == "hts-vcf" && $2 ~ /__failed__/ { n++; r += $4 == "reject" }
	END { if (n) print "corpus: hts-vcf: of the " n " files of the specification that break a rule, " r + 0 " are rejected" }' "$tmp/result"
echo "corpus: call:	kind	runs	refused	accepted	slowest	file"
sort -t '	' -k1,1 "$tmp"/w*/calls | awk -F'\t' '{ n[$1]++; r[$1] += $3 != 0; if ($4 >= t[$1]) { t[$1] = $4; f[$1] = $2 } }
	END { for (k in n) printf "corpus: call:\t%s\t%d\t%d\t%d\t%.2f s\t%s\n", k, n[k], r[k], n[k] - r[k], t[k] / 1000, f[k] }' | sort
bad=$(grep -c 'bad$' "$tmp/counts")
echo "corpus: $(wc -l <"$tmp/counts") files, $bad unexpected"
[ "$bad" = 0 ]
