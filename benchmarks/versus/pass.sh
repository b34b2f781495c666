#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Input and output of a stage that only adds INFO: annotate with a database that knows nothing, against `bcftools view`,
# which reads and writes the same records. Also the general way (every record parsed) and, with a database that knows
# every allele, the cost of adding two columns. CPU seconds, wall seconds, peak MB; best of REPS.
#   one:    200,000 records of one sample         cohort: 20,000 records of 500 samples (GT:DP:GQ)
# Usage: pass.sh    REPS=N runs for each figure (default 3)
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
need bcftools bgzip
machine
bcftools --version | head -n 2 | paste -sd' '

records() { # number samples
	awk -v n="$1" -v m="$2" 'BEGIN {
		OFS = "\t"
		print "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"All filters passed\">\n##contig=<ID=21,length=46709983>"
		print "##INFO=<ID=AC,Number=A,Type=Integer,Description=\"a\">\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">"
		print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">"
		print "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"q\">"
		printf "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
		for (k = 1; k <= m; k++) printf "\tS%d", k
		print ""
		srand(1); pos = 5000000
		split("A C G T", base, " ")
		for (i = 0; i < n; i++) {
			pos += 1 + int(rand() * 300 * 200000 / n * 0.6)
			r = 1 + int(rand() * 4); a = 1 + (r + int(rand() * 3)) % 4
			printf "21\t%d\t.\t%s\t%s\t50\tPASS\tAC=1;DP=%d\tGT:DP:GQ", pos, base[r], base[a], 20 + i % 30
			for (k = 1; k <= m; k++) printf "\t0/%d:%d:%d", rand() < 0.1, 10 + (i + k) % 40, (i * 7 + k) % 99
			print ""
		}
	}'
}

header='##fileformat=VCFv4.2\n##contig=<ID=21,length=46709983>\n##INFO=<ID=I,Number=A,Type=Integer,Description="i">\n##INFO=<ID=S,Number=1,Type=String,Description="s">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
printf '%b21\t1\t.\tA\tC\t.\t.\tI=1;S=x\n' "$header" | bgzip >"$t/none.vcf.gz"
bcftools index "$t/none.vcf.gz"

row() { # label command
	printf '%-44s %s\n' "$1" "$(timed "$reps" "$2")"
}

ann() { # threads type input database
	printf "'%s' annotate -@ %s -O %s -o '%s/o' --db 'd=%s:I,S' '%s'" "$genorx" "$1" "$2" "$t" "$t/$4.vcf.gz" "$t/$3"
}

for set in 'one 200000 1' 'cohort 20000 500'; do
	read -r name n m <<<"$set"
	records "$n" "$m" | bcftools view --no-version -O b -o "$t/in.bcf" -
	bcftools view --no-version -O z -o "$t/in.vcf.gz" "$t/in.bcf"
	{
		printf '%b' "$header"
		bcftools query -f '%CHROM\t%POS\t.\t%REF\t%ALT\t.\t.\tI=7;S=text\n' "$t/in.bcf"
	} | bgzip >"$t/all.vcf.gz"
	bcftools index -f "$t/all.vcf.gz"
	echo
	echo "$name: $n records, $m samples; CPU s, wall s, MB"
	for form in 'u in.bcf' 'b in.bcf' 'v in.vcf.gz' 'z in.vcf.gz'; do
		read -r type in <<<"$form"
		row "$in -O$type bcftools view" "bcftools view --no-version -O $type -o '$t/o' '$t/$in'"
		row "$in -O$type genorx, adds nothing" "$(ann 1 "$type" "$in" none)"
		row "$in -O$type genorx, two threads" "$(ann 2 "$type" "$in" none)"
		row "$in -O$type genorx, records parsed" "GENORX_PARSE_RECORDS=1 $(ann 1 "$type" "$in" none)"
		row "$in -O$type genorx, adds two columns" "$(ann 1 "$type" "$in" all)"
	done
done
