# SPDX-License-Identifier: GPL-3.0-or-later
# label.awk -- called records with their features and whether they are wrong, as a table for train_rescore.
# Usage: awk -v name=NAME -f label.awk file=1 conf.bed file=2 decoy.bed file=3 table.tsv file=4 errors.tsv file=5 calls.vcf
# table.tsv: of `genorx compare --all --bed conf.bed`; errors.tsv: of the same with both BEDs. A record is wrong when
# any allele of its genotype is a false positive there (a wrong genotype counts). Records in neither BED are left out.
BEGIN { FS = OFS = "\t" }
FNR == 1 { split("", col); for (i = 1; i <= NF; i++) col[$i] = i }
file <= 2 { a = file == 1 ? "conf" : "decoy"; k = a SUBSEP $1; n[k]++; beg[k, n[k]] = $2; end[k, n[k]] = $3; next }
file == 3 { if (FNR > 1) truth[$col["type"]] = $col["truth"]; next }
file == 4 { if (FNR > 1 && $col["kind"] == "FP") fp[$col["chrom"], $col["pos"], $col["ref"], $col["alt"]] = 1; next }
/^##INFO=<ID=FV,/ { names = $0; sub(/.*model: /, "", names); sub(/".*/, "", names); gsub(/, /, "\t", names); next }
/^##/ { next }
/^#/ {
	printf "##truth\tSNV\t%d\tINDEL\t%d\n", truth["SNV"], truth["INDEL"]
	print "case", "chrom", "pos", "type", "area", "wrong", "pass", "qual", names
	next
}
# BEDs are sorted, so are records: the cursor of a BED only moves on
function inside(a, chrom, pos, k) {
	k = a SUBSEP chrom
	while (at[k] + 1 <= n[k] && end[k, at[k] + 1] <= pos) at[k]++
	return at[k] + 1 <= n[k] && beg[k, at[k] + 1] <= pos
}
# as compare does: anchor, suffix, rest of the prefix; blocks of equal length base by base
function is_fp(chrom, pos, r, a, i) {
	anchor = ""
	if (substr(r, 1, 1) == substr(a, 1, 1)) { anchor = substr(r, 1, 1); r = substr(r, 2); a = substr(a, 2); pos++ }
	while (r != "" && a != "" && substr(r, length(r)) == substr(a, length(a))) { r = substr(r, 1, length(r) - 1); a = substr(a, 1, length(a) - 1) }
	while (r != "" && a != "" && substr(r, 1, 1) == substr(a, 1, 1)) { anchor = substr(r, 1, 1); r = substr(r, 2); a = substr(a, 2); pos++ }
	if (length(r) == length(a)) {
		for (i = 1; i <= length(r); i++) if ((chrom, pos + i - 1, substr(r, i, 1), substr(a, i, 1)) in fp) return 1
		return 0
	}
	if (r == "" || a == "") { pos--; r = anchor r; a = anchor a }
	return (chrom, pos, r, a) in fp
}
{
	if (!match($8, /(^|;)FV=[^;]*/)) next
	x = substr($8, RSTART, RLENGTH); sub(/.*FV=/, "", x); gsub(/,/, "\t", x)
	snv = length($4) == 1
	n_alt = split($5, alt, ",")
	for (i = 1; i <= n_alt; i++) snv = snv && length(alt[i]) == 1
	at0 = $2 - 1 + !snv # where compare's unit starts
	area = inside("conf", $1, at0) ? "conf" : ""
	if (inside("decoy", $1, at0)) area = "decoy"
	if (area == "") next
	split($10, smp, ":")
	m = split(smp[1], gt, /[\/|]/)
	wrong = 0
	for (i = 1; i <= m; i++) if (gt[i] > 0 && is_fp($1, $2, $4, alt[gt[i]])) wrong = 1
	print name, $1, $2, snv ? "SNV" : "INDEL", area, wrong, $7 == "PASS" ? 1 : 0, $6, x
}
