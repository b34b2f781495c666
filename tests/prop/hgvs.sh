#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Random alleles of random three-exon genes, made of repeats so that much of them moves, each on the forward strand and
# mirrored on the reverse one. Both must have the same c. and p. names; the c. and g. names read back must give records
# that make the same sequence and lie as far left as it allows; the p. name put on the reference protein must give the
# protein of the changed CDS, which a second program (here) splices and translates.
set -euo pipefail
genorx=${GENORX:-build/genorx}
rounds=${HGVS_ROUNDS:-${GENORX_SANITIZED:+2}}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/hgvsprop.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C

make_case() { # seed; r.fa, m.gff3, in.vcf, truth: id, reference protein, changed protein or "-"
	awk -v seed="$1" -v dir="$tmp" '
	function rc(s,   i, r) { for (i = length(s); i; i--) r = r substr("TGCA", index("ACGT", substr(s, i, 1)), 1); return r }
	function base() { return substr("ACGT", 1 + int(rand() * 4), 1) }
	function bases(n,   s, k) { # every second base is that of one to three before
		while (length(s) < n) { k = 1 + int(rand() * 3); s = s (rand() < 0.5 && length(s) >= k ? substr(s, length(s) - k + 1, 1) : base()) }
		return s
	}
	function codon(c) { do c = bases(3); while (aa[c] == "*"); return c }
	function protein(s,   i, p, a) {
		for (i = 1; i + 2 <= length(s); i += 3) { a = aa[substr(s, i, 3)]; p = p a; if (a == "*") break }
		return p
	}
	function piece(type, id, strand, a, b, phase) { # 0-based half-open on the forward contig
		if (strand == "-") { t = a; a = N - b; b = N - t }
		printf "%d\tx\t%s\t%d\t%d\t.\t%s\t%s\tParent=transcript:T%d;protein_id=P%d\n", id, type, a + 1, b, strand, phase, id, id > gff
	}
	function put(id, a, b, alt,   ref, at, s) {
		for (s = 1; s <= 2; s++) {
			G = s == 1 ? g : rc(g); A = s == 1 ? a : N - b; ref = substr(G, A + 1, b - a); at = A + 1
			x = s == 1 ? alt : rc(alt)
			if (ref == "" || x == "") { at--; ref = substr(G, A, 1) ref; x = substr(G, A, 1) x }
			printf "%d\t%d\t%d\t%s\t%s\t.\t.\t.\n", s, at, id, ref, x > vcf
		}
		for (s = 1; s <= 3; s++) if (a >= beg[s] && b <= end[s] && (b > a || (a > beg[s] && a < end[s]))) {
			A = a - beg[s] + off[s]
			if (A < 3) break
			print id "\t" protein(cds) "\t" protein(substr(cds, 1, A) alt substr(cds u3, A + b - a + 1)) > truth
			return
		}
	}
	BEGIN {
		srand(seed); gff = dir "/m.gff3"; vcf = dir "/body"; truth = dir "/truth"
		split("T C A G", b4, " ")
		code = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
		for (i = 0; i < 64; i++) aa[b4[1 + int(i / 16)] b4[1 + int(i / 4) % 4] b4[1 + i % 4]] = substr(code, i + 1, 1)
		for (cds = "ATG"; length(cds) < 75;) cds = cds (rand() < 0.3 ? substr(cds, length(cds) - 2) : codon())
		cds = cds "TAA"; u5 = bases(12); u3 = bases(24)
		off[1] = 0; off[2] = 16 + int(rand() * 12); off[3] = off[2] + 16 + int(rand() * 12)
		g = bases(40) u5
		for (s = 1; s <= 3; s++) {
			n = (s < 3 ? off[s + 1] : 78) - off[s]; beg[s] = length(g); g = g substr(cds, off[s] + 1, n); end[s] = length(g)
			g = g (s < 3 ? "GT" bases(30 + int(rand() * 10)) "AG" : u3)
		}
		stop = length(g); g = g bases(40); N = length(g)
		for (id = 1; id <= 2; id++) {
			strand = id == 1 ? "+" : "-"; a = id == 1 ? 41 : N - stop + 1
			printf "%d\tx\tgene\t%d\t%d\t.\t%s\t.\tID=gene:G%d\n%d\tx\tmRNA\t%d\t%d\t.\t%s\t.\tID=transcript:T%d;Parent=gene:G%d;biotype=protein_coding;version=1\n", \
				id, a, a + stop - 41, strand, id, id, a, a + stop - 41, strand, id, id > gff
			for (s = 1; s <= 3; s++) {
				piece("exon", id, strand, s == 1 ? 40 : beg[s], s == 3 ? stop : end[s], ".")
				piece("CDS", id, strand, beg[s], end[s], (3 - off[s] % 3) % 3)
			}
		}
		printf ">1\n%s\n>2\n%s\n", g, rc(g) > dir "/r.fa"
		for (a = 10; a < N - 10; a++) for (k = 0; k < 4; k++) {
			len = rand() < 0.4 ? 0 : 1 + int(rand() * rand() * 8); m = len && rand() < 0.4 ? 0 : 1 + int(rand() * rand() * 7)
			alt = len || rand() < 0.4 ? bases(m) : substr(g, a - m + 1, m)
			if (len > 1 && rand() < 0.1) alt = rc(substr(g, a + 1, len))
			if (alt == substr(g, a + 1, len)) continue
			put(++id, a, a + len, alt)
		}
	}'
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=2>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		sort -k1,1n -k2,2n "$tmp/body"
	} > "$tmp/in.vcf"
	rm -f "$tmp/r.fa.fai"
	awk '/^>/ { name = substr($0, 2); at += length($0) + 1; next } { printf "%s\t%d\t%d\t%d\t%d\n", name, length($0), at, length($0), length($0) + 1; at += length($0) + 1 }' \
		"$tmp/r.fa" > "$tmp/r.fa.fai"
}

# id, contig, c., p., g. of every record
names() {
	awk -F '\t' -v OFS='\t' '!/^#/ { split(substr($8, index($8, "CSQ=") + 4), e, ","); gsub(/%3D/, "=", e[1]); split(e[1], f, "|"); print $3, $1, f[1], f[2], f[3] }' "$1"
}

# the p. name put on the reference protein
proteins_check() {
	awk -F '\t' '
	BEGIN {
		split("Ala A Arg R Asn N Asp D Cys C Gln Q Glu E Gly G His H Ile I Leu L Lys K Met M Phe F Pro P Ser S Thr T Trp W Tyr Y Val V Ter *", q, " ")
		for (i = 1; i < 43; i += 2) one[q[i]] = q[i + 1]
	}
	function letters(s,   r) { for (; s != ""; s = substr(s, 4)) r = r one[substr(s, 1, 3)]; return r }
	function cut(p) { return index(p, "*") ? substr(p, 1, index(p, "*")) : p }
	function residue() { R = one[substr(s, 1, 3)]; s = substr(s, 4); n = s + 0; sub(/^[0-9]+/, "", s); return n }
	function bad(why) { print "p: " $1 " " $4 ": " why " (" ref[$1] " > " alt[$1] ")"; wrong++ }
	FNR == NR { ref[$1] = $2; alt[$1] = $3; next }
	$2 == 1 && $4 != "" && ($1 in ref) {
		s = $4; sub(/.*:p\./, "", s); r = ref[$1]; x = alt[$1]; judged++
		if (s == "Met1?") next
		a = residue(); if (substr(r, a, 1) != R) { bad("residue"); next }
		b = a
		if (substr(s, 1, 1) == "_") { s = substr(s, 2); b = residue(); if (substr(r, b, 1) != R) { bad("second residue"); next } }
		if (s == "=") { if (x != r) bad("="); next }
		if (match(s, /(fs|ext)Ter/)) {
			new = one[substr(s, 1, 3)]; k = substr(s, RSTART + RLENGTH); d = substr(s, RSTART, 2) == "fs" ? 0 : 1
			if (s ~ /^ext/) { bad("no residue before ext"); next }
			if (substr(x, 1, a - 1) != substr(r, 1, a - 1) || substr(x, a, 1) != new) bad("first residue")
			else if ((k == "?") != !index(x, "*") || (k != "?" && index(x, "*") != a + k - 1 + d)) bad("new stop")
			next
		}
		head = substr(r, 1, a - 1); tail = substr(r, b + 1); mid = substr(r, a, b - a + 1)
		if (s == "del") y = head tail
		else if (s == "dup") y = head mid mid tail
		else if (s ~ /^ins/) { if (b != a + 1) { bad("flanks"); next } y = substr(r, 1, a) letters(substr(s, 4)) substr(r, b) }
		else if (s ~ /^delins/) y = head letters(substr(s, 7)) tail
		else y = head letters(s) tail
		if (cut(y) != x) bad("gives " cut(y))
		else if (s == "del" && b < length(r) - 1 && substr(r, a, 1) == substr(r, b + 1, 1)) bad("not moved")
	}
	END { print judged + 0 > "/dev/stderr"; exit wrong > 0 }' "$tmp/truth" "$tmp/names"
}

# the same names on both strands; p. may be missing on one where the allele lies at the edge of an exon: as in VEP it has
# none when it begins in the intron, and where it begins depends on the strand that the record is written on
strands_check() {
	awk -F '\t' '
	{ gsub(/[TP][12]\.1:/, "") }
	$2 == 1 { c[$1] = $3; p[$1] = $4; next }
	{ two[$1] = $3; p2[$1] = $4 }
	END {
		for (id in c) {
			n++
			edge += one_lacks = p[id] != p2[id] && (p[id] == "" || p2[id] == "")
			outer = (c[id] == "" || two[id] == "") && c[id] two[id] ~ /-1[12]|[*]2/ # written beside the transcript
			if ((c[id] != two[id] && !outer) || (p[id] != p2[id] && !one_lacks)) { print id, c[id], two[id], p[id], p2[id]; wrong++ }
		}
		if (edge > n / 50) { print edge " of " n " have a p. name on one strand only"; wrong++ }
		exit wrong > 0
	}' "$tmp/names"
}

# records of names against the sequences that the alleles make
records_check() {
	awk -F '\t' '
	function edited(c, pos, ref, alt) { return substr(seq[c], 1, pos - 1) alt substr(seq[c], pos + length(ref)) }
	FILENAME ~ /fa$/ { if (/^>/) name = substr($0, 2); else seq[name] = $0; next }
	/^#/ { next }
	FILENAME ~ /in.vcf$/ { want[$3, $1] = edited($1, $2, $4, $5); next }
	{
		match($8, /HGVS_COLUMNS=[^;]*/); id = substr($8, RSTART + 13, RLENGTH - 13); n++
		l = length($4); m = length($5)
		if (edited($1, $2, $4, $5) != want[id, $1]) { print "another sequence: " $0; wrong++ }
		else if (l != m && $2 > 1 && substr($4, l) == substr($5, m) && (l == 1 || m == 1)) { print "not leftmost: " $0; wrong++ }
	}
	END { print n + 0 > "/dev/stderr"; exit wrong > 0 }' "$tmp/r.fa" "$tmp/in.vcf" "$tmp/back.vcf"
}

n_names=0 n_proteins=0
for seed in $(seq 1 "${rounds:-8}"); do
	make_case "$seed"
	"$genorx" annotate -f "$tmp/r.fa" -g "$tmp/m.gff3" --fields HGVSc,HGVSp,HGVSg -O v -o "$tmp/out.vcf" "$tmp/in.vcf" 2> "$tmp/log" ||
		{ cat "$tmp/log"; exit 1; }
	names "$tmp/out.vcf" > "$tmp/names"
	strands_check > "$tmp/bad" || { echo "seed $seed: the strands differ"; head -5 "$tmp/bad"; exit 1; }
	proteins_check > "$tmp/bad" 2> "$tmp/count" || { echo "seed $seed:"; head -5 "$tmp/bad"; exit 1; }
	n_proteins=$((n_proteins + $(cat "$tmp/count")))
	awk -F '\t' '$3 != "" { print $3 "\t" $1 } { print $5 "\t" $1 }' "$tmp/names" > "$tmp/names.txt"
	"$genorx" annotate --hgvs-in -f "$tmp/r.fa" -g "$tmp/m.gff3" -o "$tmp/back.vcf" "$tmp/names.txt" 2> "$tmp/log" ||
		{ echo "seed $seed:"; cat "$tmp/log"; exit 1; }
	records_check > "$tmp/bad" 2> "$tmp/count" || { echo "seed $seed:"; head -5 "$tmp/bad"; exit 1; }
	[[ $(cat "$tmp/count") -eq $(wc -l < "$tmp/names.txt") ]] || { echo "seed $seed: $(cat "$tmp/count") records of $(wc -l < "$tmp/names.txt") names"; exit 1; }
	n_names=$((n_names + $(cat "$tmp/count")))
done
[[ $n_names -gt 1000 && $n_proteins -gt 100 ]] || { echo "only $n_names names, $n_proteins proteins"; exit 1; }
echo "hgvs property: $n_names names of random alleles on both strands came back; $n_proteins p. names give the changed protein"
