# SPDX-License-Identifier: GPL-3.0-or-later
# tidy.awk -- a published VCF case as genorx reads it. The cases are not always sorted, some do not declare their contigs,
# and one gives two depths at a site with one allele, which is malformed: put that right, keep the order of repeats.
BEGIN { FS = OFS = "\t" }
function odd_depths(   n, f, v, i, k) {
	n = split($9, f, ":"); split($10, v, ":")
	for (i = 1; i <= n; i++)
		if (f[i] == "AD" && v[i] != "" && v[i] != ".") {
			k = split($5, f, ",") + ($5 != ".")
			return split(v[i], f, ",") != k
		}
	return 0
}
/^##contig/ { next }
/^##/ { head = head $0 "\n"; next }
/^#CHROM/ { last = $0; next }
NF > 8 {
	if ($9 ~ /:/ && odd_depths()) { # the genotype alone
		for (i = 9; i <= NF; i++) sub(/:.*/, "", $i)
	}
	if (!($1 in at)) { at[$1] = ++n; contigs = contigs "##contig=<ID=" $1 ">\n" }
	body[++m] = at[$1] "\t" $2 "\t" m "\t" $0
}
END {
	printf "%s%s%s\n", head, contigs, last
	fflush()
	cmd = "sort -k1,1n -k2,2n -k3,3n | cut -f 4-"
	for (i = 1; i <= m; i++) print body[i] | cmd
	close(cmd)
}
