#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time of `genorx call` goes on the simulated 5 Mb case, one thread: the 25 largest functions and the sum of each
# step. perf where the kernel lets us (user time only), else valgrind's callgrind on 200 kb (instructions, not time).
#   PROFILER=perf|callgrind    instead of the choice above
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
c=$shared/cases/sim_HG002_GRCh38_chr20_5Mb_30x
ref=$shared/refs/GRCh38.chr20.fa.gz
[[ -d $c ]] || skip "shared data absent ($c)"
need nm
how=${PROFILER:-}
if [[ -z $how ]]; then
	how=callgrind
	if command -v perf >/dev/null && perf record -q -e cycles:u -o "$t/probe" true >/dev/null 2>&1; then how=perf; fi
fi
need "${how/callgrind/valgrind}"
run=("$genorx" call --allow-other-reference -f "$ref" -O z -o "$t/x.vcf.gz")

# one line for each function: share object name
if [[ $how = perf ]]; then
	event=cycles:u
	perf stat -e cycles:u true 2>&1 | grep -q 'not supported' && event=cpu-clock:u # a virtual machine without counters
	perf record -q -F 2000 -e $event -o "$t/data" "${run[@]}" -R "$c/region.bed" "$c/reads.bam" 2>/dev/null
	perf report -i "$t/data" --no-children --sort overhead,dso,symbol --stdio --stdio-color never 2>/dev/null |
		awk '/^ +[0-9]/ { sub(/%/, "", $1); sub(/\[[.k]\] /, ""); print $1, $2, $3 }' >"$t/flat"
	echo "perf $event, one thread, 5 Mb at 30x"
else
	valgrind --tool=callgrind --callgrind-out-file="$t/data" "${run[@]}" -r chr20:1000000-1200000 "$c/reads.bam" >/dev/null 2>&1
	callgrind_annotate --threshold=99.9 "$t/data" 2>/dev/null | grep -E '^ *[0-9][0-9,]* \( *[0-9.]+%\)' | grep -v 'PROGRAM TOTALS' |
		sed -E 's/^ *[0-9,]+ \( *([0-9.]+)%\) +([^ ]*):([^ ]+)( \[(.*)\])?$/\1 \5 \3/; s/ [^ ]*\/([^ ]*) / \1 /' |
		awk 'NF == 3 { sub(/\x27.*/, "", $3); print } NF == 2 { print $1, "genorx", $2 }' >"$t/flat"
	echo "callgrind (instructions), one thread, 200 kb at 30x"
fi

# Step of a function: by the source file it is in where it is ours, by the library where it is not. Functions that the
# compiler cloned (.part.0, .constprop.0) count for their origin.
nm -l --defined-only "$genorx" 2>/dev/null | awk '$2 ~ /[tT]/ && NF >= 4 { f = $4; sub(/:[0-9]+$/, "", f); sub(/.*\/src\//, "", f); print $3, f }' >"$t/where"
awk '
	FILENAME == ARGV[1] { n = $1; sub(/\.(part|constprop|isra|cold)\..*|\.cold$/, "", n); file[n] = $2; next }
	function step(obj, name,   f) {
		f = file[name]
		if (f ~ /stage\/call\//) {
			sub(/.*\//, "", f)
			if (f ~ /^phmm/) return "likelihood: pair-HMM"
			if (f ~ /^(ungapped|haplik|lik)/) return "likelihood: ungapped, choice"
			if (f ~ /^scan/) return "scan"
			if (f ~ /^(assemble|clip|hapdiff)/) return "assembly and clips"
			if (f ~ /^(candidate|loci|pileup|forced)/) return "candidates and pile-up"
			if (f ~ /^(region|enumerate|haplotype|regcall)/) return "regions and haplotypes"
			if (f ~ /^segment/) return "segments"
			if (f ~ /^(genotype|hapgeno)/) return "genotypes, phase"
			if (f ~ /^strerr/) return "repeat-error model"
			if (f ~ /^foreign/) return "foreign reads"
			if (f ~ /^reads/) return "reads (pairs, copies, duplicates)"
			if (f ~ /^(record|emit|filter|gvcf|call)/) return "records and output"
			return "call, other"
		}
		if (f ~ /^io\//) return "reading and writing (ours)"
		if (f ~ /^math\//) return "mathematics"
		if (f != "") return "base, other stages"
		if (obj ~ /libhts/ || name ~ /^(bam_|sam_|bgzf_|hts_|faidx_|fai_|cram_|vcf_|bcf_)/) return "decode: htslib"
		if (obj ~ /libdeflate|libz/) return "decode: inflate"
		if (obj ~ /libm[.-]/) return "mathematics"
		if (obj ~ /libc[.-]|ld-linux|vdso/) return "C library (copy, sort, memory)"
		return "other (" obj ")"
	}
	{
		name = $3; sub(/\.(part|constprop|isra|cold)\..*|\.cold$/, "", name)
		s = step($2, name); sum[s] += $1; total += $1
		if (++n <= 25) top[n] = sprintf("%6.2f %%  %-34s %s", $1, name, s)
	}
	END {
		print "\nlargest functions (self)"
		for (i = 1; i <= n && i <= 25; i++) print top[i]
		print "\nsteps"
		for (s in sum) printf "%6.2f %%  %s\n", sum[s], s | "sort -rn"
		close("sort -rn")
		printf "%6.2f %%  sum of what the profiler attributes\n", total
	}' "$t/where" "$t/flat"
