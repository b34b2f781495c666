# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the benchmarks of `call`: timing, peers with a cache of their results, scoring. Sourced, never run.
#   GRX_SHARED   folder of the shared data (default ../shared)
#   GRX_PEERS    folder that keeps the peers' VCFs and timings between runs (default: none, peers run anew). An entry
#                holds the version and the command that made it and is used only by the same ones.
#   REPS         runs for each timing of genorx and the floor; the one with the least CPU counts (default 3; peers: 1)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
genorx=$PWD/${BUILD:-build}/genorx
shared=${GRX_SHARED:-$PWD/../shared}/data
peers=${GRX_PEERS:-}
reps=${REPS:-3}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
export LC_ALL=C

skip() {
	echo "skipped: $1"
	exit 77
}

need() { # tools: skip where one is absent
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is absent"
	done
	[[ -x /usr/bin/time ]] || skip "GNU time (/usr/bin/time) is absent"
	[[ -x $genorx ]] || skip "$genorx is not built"
}

machine() { # what the figures were measured on
	printf 'machine: %s, %s cores, load %s\n' "$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
	printf 'genorx:  %s\n' "$("$genorx" --version | head -n 1)"
}

# CPU seconds, wall seconds, peak MB of a shell command, best CPU of N. The peak of a pipe is that of its largest process.
timed() { # N command
	local i
	for ((i = 0; i < $1; i++)); do
		/usr/bin/time -o "$t/time" -f '%U %S %e %M' bash -c "set -o pipefail; $2" >"$t/timed.log" 2>&1 || {
			tail -n 5 "$t/timed.log" >&2
			return 1
		}
		tail -n 1 "$t/time"
	done | awk '{ printf "%.2f %.2f %.1f\n", $1 + $2, $3, $4 / 1024 }' | sort -n | head -n 1
}

# Runs a peer, or takes its result from the cache: writes $t/ID.vcf.gz, $t/ID.time and $t/ID.cached (yes, no). In the
# command the word OUT stands for the file to write.
peer() { # id version command
	local id=$1 key
	key=$(printf '%s\n%s\n' "$2" "$3")
	if [[ -n $peers && -s $peers/$id.key && $(cat "$peers/$id.key") == "$key" ]]; then
		cp "$peers/$id.vcf.gz" "$peers/$id.time" "$t/"
		echo yes >"$t/$id.cached"
		return
	fi
	timed 1 "${3//OUT/"$t/$id.vcf.gz"}" >"$t/$id.time"
	echo no >"$t/$id.cached"
	if [[ -n $peers ]]; then
		mkdir -p "$peers"
		cp "$t/$id.vcf.gz" "$t/$id.time" "$peers/"
		echo "$key" >"$peers/$id.key"
	fi
}

bcftools_peer() { # id ref regions bam
	local v
	v=$(bcftools --version | head -n 1)
	peer "$1" "$v" "bcftools mpileup -f '$2' -R '$3' -a AD,DP -Ou '$4' | bcftools call -mv -Oz -o OUT"
}

freebayes_peer() { # id ref regions bam; freebayes reads no bgzipped FASTA: a plain copy lies beside the cache
	local v plain=${peers:-$t}/${2##*/}
	plain=${plain%.gz}
	v=$(freebayes --version | head -n 1)
	if [[ ! -s $plain.fai ]]; then
		mkdir -p "${plain%/*}"
		gzip -dc "$2" >"$plain"
		samtools faidx "$plain"
	fi
	peer "$1" "$v" "freebayes -f '$plain' -t '$3' '$4' | bcftools view -Oz -o OUT"
}

# One line "SNV truth tp fp fn query_tp F1 recall INDEL truth tp fp fn query_tp F1 recall"
score() { # ref truth bed calls min-qual [options of compare]
	local ref=$1 truth=$2 bed=$3 calls=$4 min=$5
	shift 5
	"$genorx" compare -f "$ref" --truth "$truth" --bed "$bed" --min-qual "$min" --tsv "$t/score.tsv" --tsv-errors "$t/score.err" \
		-o "$t/score.jsonl" "$@" "$calls" 2>"$t/score.log" || {
		cat "$t/score.log" >&2
		return 1
	}
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		{ row[$c["type"]] = $c["truth"] " " $c["tp"] " " $c["fp"] " " $c["fn"] " " $c["query_tp"] " " $c["f1"] " " $c["recall"] }
		END { print "SNV", row["SNV"], "INDEL", row["INDEL"] }' "$t/score.tsv"
}
