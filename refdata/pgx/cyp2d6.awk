# SPDX-License-Identifier: GPL-3.0-or-later
# cyp2d6.awk -- align CYP2D6 with CYP2D7 on GRCh38 and write where they differ, and each defining locus in both.
# Input: refdata/pgx/positions.tsv, then two FASTA records named chr22:BEG-END (1-based), CYP2D6 first.
# -v what=sites|loci. Global alignment with affine gaps in a band around the expected offset; ties go to the
# diagonal, then to the gap in CYP2D7, so that the result is a function of the sequences alone.
BEGIN {
	FS = OFS = "\t"
	match_score = 1; mismatch = -3; gap_open = -6; gap_ext = -1; band = 120
	NEG = -1000000
	src = "alignment of GRCh38 chr22 by refdata/pgx/cyp2d6.sh"
	# exons of NM_000106, checked by splice sites and an open frame of 497 codons
	n_exon = split("42130612-42130810 42129738-42129909 42129033-42129185 42128784-42128944 " \
		"42128174-42128350 42127842-42127983 42127447-42127634 42126851-42126992 42126499-42126752", exon, " ")
}
FNR == 1 { file++ }
file == 1 {
	if ($1 == "CYP2D6") { n_locus++; l_pos[n_locus] = $3; l_ref[n_locus] = $4; l_alt[n_locus] = $5 }
	next
}
/^>/ { split(substr($1, 2), a, /[:-]/); n_seq++; beg[n_seq] = a[2]; next }
{ seq[n_seq] = seq[n_seq] toupper($1) }

function region(p,   i, e, prev) {
	for (i = 1; i <= n_exon; i++) {
		split(exon[i], e, "-")
		if (p > e[2])
			return i == 1 ? "upstream" : "intron" (i - 1)
		if (p >= e[1])
			return "exon" i
	}
	return "downstream"
}

function best3(a, b, c) {
	if (a >= b && a >= c)
		return 1
	return b >= c ? 2 : 3
}

# M: pair, X: base of CYP2D6 alone, Y: base of CYP2D7 alone. t*[i,d]: state before, d = j - i + band
function align(n, m,   i, j, d, s, k, st) {
	for (d = 0; d <= 2 * band; d++) { Mp[d] = Xp[d] = Yp[d] = NEG }
	for (i = 0; i <= n; i++) {
		for (d = 0; d <= 2 * band; d++) {
			j = i + d - band
			Mc[d] = Xc[d] = Yc[d] = NEG
			if (j < 0 || j > m)
				continue
			if (i == 0 && j == 0) { Mc[d] = 0; continue }
			if (i > 0 && j > 0) {
				s = a6[i] == a7[j] ? match_score : mismatch
				k = best3(Mp[d], Xp[d], Yp[d])
				tM[i, d] = k
				Mc[d] = s + (k == 1 ? Mp[d] : k == 2 ? Xp[d] : Yp[d])
			}
			if (i > 0 && d < 2 * band) {
				k = best3(Mp[d + 1] + gap_open, Xp[d + 1], Yp[d + 1] + gap_open)
				tX[i, d] = k
				Xc[d] = gap_ext + (k == 1 ? Mp[d + 1] + gap_open : k == 2 ? Xp[d + 1] : Yp[d + 1] + gap_open)
			}
			if (j > 0 && d > 0) {
				k = best3(Mc[d - 1] + gap_open, Xc[d - 1] + gap_open, Yc[d - 1])
				tY[i, d] = k
				Yc[d] = gap_ext + (k == 1 ? Mc[d - 1] + gap_open : k == 2 ? Xc[d - 1] + gap_open : Yc[d - 1])
			}
		}
		for (d = 0; d <= 2 * band; d++) { Mp[d] = Mc[d]; Xp[d] = Xc[d]; Yp[d] = Yc[d] }
	}
	i = n; j = m; d = j - i + band
	st = best3(Mp[d], Xp[d], Yp[d])
	while (i > 0 || j > 0) {
		d = j - i + band
		if (st == 1) { pair[i] = j; st = tM[i, d]; i--; j-- }
		else if (st == 2) { gap[i] = 1; st = tX[i, d]; i-- }
		else { gap[i] = gap[i + 1] = 1; st = tY[i, d]; j-- }
	}
}

# Last base up to which an insertion or deletion can be shifted without changing the sequence.
function shifted(p, ref, alt,   i, unit, at) {
	i = p - beg[1] + 1
	unit = length(ref) > length(alt) ? substr(ref, length(alt) + 1) : substr(alt, length(ref) + 1)
	at = i + length(ref)
	while (unit != "" && at <= n6 && a6[at] == substr(unit, 1, 1)) {
		unit = substr(unit, 2) substr(unit, 1, 1)
		at++
	}
	return at - 2 + beg[1]
}

function near_gap(i,   k) {
	for (k = -5; k <= 5; k++)
		if ((i + k) in gap)
			return 1
	return 0
}

function sites(   i, p, use) {
	print "pos_cyp2d6", "pos_cyp2d7", "base_cyp2d6", "base_cyp2d7", "region", "use", "source"
	for (i = 1; i <= n6; i++) {
		if (!(i in pair) || a6[i] == a7[pair[i]])
			continue
		p = i + beg[1] - 1
		use = "yes"
		if (p in defining)
			use = "defining"
		else if (near_gap(i))
			use = "gap"
		else if (p >= 42130547 && p <= 42130578)
			use = "conversion"
		print p, pair[i] + beg[2] - 1, a6[i], a7[pair[i]], region(p), use, src
	}
}

function loci(   l, i, k, na, alt) {
	print "pos", "ref", "alt", "last", "pos_cyp2d7", "base_cyp2d7", "region", "source"
	for (l = 1; l <= n_locus; l++) {
		i = l_pos[l] - beg[1] + 1
		if (substr(seq[1], i, length(l_ref[l])) != l_ref[l]) {
			print "cyp2d6.awk: REF of " l_pos[l] " is not that of the sequence" > "/dev/stderr"
			exit 1
		}
		na = split(l_alt[l], alt, ",")
		for (k = 1; k <= na; k++)
			print l_pos[l], l_ref[l], alt[k], \
				length(alt[k]) == length(l_ref[l]) ? l_pos[l] : shifted(l_pos[l], l_ref[l], alt[k]), \
				(i in pair) ? pair[i] + beg[2] - 1 : ".", (i in pair) ? a7[pair[i]] : ".", \
				region(l_pos[l]), src
	}
}

END {
	if (n_seq != 2) {
		print "cyp2d6.awk: expected two sequences" > "/dev/stderr"
		exit 1
	}
	n6 = split(seq[1], a6, "")
	n7 = split(seq[2], a7, "")
	for (l = 1; l <= n_locus; l++)
		if (length(l_ref[l]) == 1)
			defining[l_pos[l]] = 1
	align(n6, n7)
	if (what == "sites")
		sites()
	else
		loci()
}
