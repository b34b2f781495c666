#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# models_gff3.sh -- made-up gene models of a whole human genome in the style of GENCODE's GFF3, the same bytes for the
# same arguments: 25 contigs, genes with about 6 transcripts of about 7 exons, half of them coding.
# Usage: models_gff3.sh [TRANSCRIPTS] > models.gff3      (500000)
exec awk -v want="${1:-500000}" '
function rnd(n) { # minimal standard generator: exact in double precision
	seed = (seed * 16807) % 2147483647
	return int(seed / 2147483647 * n)
}
function line(type, b, e, phase, attrs) {
	printf "%s\tHAVANA\t%s\t%d\t%d\t.\t%s\t%s\t%s\n", chr, type, b, e, strand, phase, attrs
}
# exons ex_b[1..n], ex_e[1..n] ascending; CDS from base `skip` of the transcript on
function transcript(tid, tail,   i, k, len, sum, lo, hi, b, e, phase, coded) {
	len = 0
	for (i = 1; i <= n; i++) len += ex_e[i] - ex_b[i] + 1
	lo = 60; hi = len - 90; hi -= (hi - lo) % 3
	line("transcript", ex_b[1], ex_e[n], ".", "ID=" tid ";Parent=" gid ";" tail)
	sum = 0; coded = 0
	for (k = 1; k <= n; k++) {
		i = strand == "+" ? k : n + 1 - k
		b = ex_b[i]; e = ex_e[i]
		line("exon", b, e, ".", "ID=exon:" tid ":" k ";Parent=" tid ";" tail ";exon_number=" k ";exon_id=ENSE" sprintf("%011d", ++n_exon) ".1")
		if (coding && sum + e - b + 1 > lo && sum < hi) {
			from = sum < lo ? lo - sum : 0
			to = sum + e - b + 1 > hi ? hi - sum : e - b + 1
			phase = (3 - coded % 3) % 3
			if (strand == "+") { cb = b + from; ce = b + to - 1 } else { cb = e - to + 1; ce = e - from }
			line("CDS", cb, ce, phase, "ID=CDS:" tid ";Parent=" tid ";" tail ";exon_number=" k ";protein_id=ENSP" sprintf("%011d", n_tx) ".1")
			coded += to - from
		}
		sum += e - b + 1
	}
}
BEGIN {
	seed = 20240607
	split("248956422 242193529 198295559 190214555 181538259 170805979 159345973 145138636 138394717 133797422 135086622 133275309 114364328 107043718 101991189 90338345 83257441 80373285 58617616 64444167 46709983 50818468 156040895 57227415", size, " ")
	print "##gff-version 3"
	for (c = 1; c <= 24; c++) total += size[c]
	for (c = 1; c <= 24; c++) {
		chr = "chr" (c < 23 ? c : c == 23 ? "X" : "Y")
		print "##sequence-region " chr " 1 " size[c]
		quota = c == 24 ? want - n_tx : int(want * size[c] / total)
		pos = 10000; step = size[c] / (quota / 6 + 2)
		while (quota > 0) {
			gid = "ENSG" sprintf("%011d", ++n_gene) "." 1 + rnd(9)
			name = "GENE" n_gene
			strand = rnd(2) ? "+" : "-"
			coding = rnd(2)
			type = coding ? "protein_coding" : "lncRNA"
			m = 1 + rnd(11); if (m > quota) m = quota
			all = 3 + rnd(12); at = pos
			for (i = 1; i <= all; i++) { all_b[i] = at; all_e[i] = at + 90 + rnd(160); at = all_e[i] + 80 + rnd(int(step / 20) + 20) }
			if (at > size[c]) break
			common = "gene_id=" gid ";gene_type=" type ";gene_name=" name
			line("gene", all_b[1], all_e[all], ".", "ID=" gid ";" common ";level=2;hgnc_id=HGNC:" n_gene ";havana_gene=OTTHUMG" sprintf("%011d", n_gene) ".3")
			for (j = 1; j <= m; j++) {
				n = 0
				for (i = 1; i <= all; i++) if (i == 1 || i == all || rnd(4)) { ex_b[++n] = all_b[i]; ex_e[n] = all_e[i] }
				tid = "ENST" sprintf("%011d", ++n_tx) "." 1 + rnd(9)
				tag = j == 1 ? "basic,Ensembl_canonical" (coding ? ",MANE_Select,appris_principal_1,CCDS" : "") : "basic"
				transcript(tid, "gene_id=" gid ";transcript_id=" tid ";gene_type=" type ";gene_name=" name ";transcript_type=" type ";transcript_name=" name "-20" j ";level=2;transcript_support_level=" 1 + rnd(5) ";hgnc_id=HGNC:" n_gene ";tag=" tag ";havana_gene=OTTHUMG" sprintf("%011d", n_gene) ".3")
			}
			quota -= m
			pos = pos + int(step); if (pos < all_e[all] - 20000) pos = all_e[all] - 20000
		}
	}
}' </dev/null
