# SPDX-License-Identifier: GPL-3.0-or-later
# read_stats.awk -- error statistics of placed reads against a reference, known variants left out.
# Inputs told apart by the variable `part`: 1 = FASTA of one contig piece (offset in -v from=), 2 = POS
# and REF length of known variants, 4 = BED of stretches left out, 3 = SAM. Prints "name<TAB>value" lines. See read_stats.sh.
BEGIN {
	
	for (i = 33; i < 127; i++) qv[sprintf("%c", i)] = i - 33
}
part == 1 { if (!/^>/) seq = seq toupper($1); next }
part == 2 { for (i = $1 - 6; i < $1 + $2 + 6; i++) known[i] = 1; next }
part == 4 { left[++nleft] = $2 - 500; right[nleft] = $3 + 500; next }
/^@/ { next }
!tracts {
	tracts = 1
	n = length(seq)
	split(seq, ref, "")
	for (i = 1; i <= n; i = j) {
		for (j = i + 1; j <= n && ref[j] == ref[i]; j++)
			;
		if (j - i < 4 || ref[i] == "N") continue
		nt++
		tb[nt] = i; te[nt] = j; tu[nt] = 1
		for (k = i; k < j; k++) tract[k] = nt
	}
	for (i = 2; i + 7 <= n; i = j) { # dinucleotides of 4 units and more
		for (j = i + 2; j <= n && ref[j] == ref[j - 2]; j++)
			;
		if (j - i < 8 || ref[i] == ref[i + 1]) { if (j - i < 8) j = i + 1; continue }
		nt++
		tb[nt] = i; te[nt] = j; tu[nt] = 2
		for (k = i; k < j; k++) if (!(k in tract)) tract[k] = nt
	}
	for (k = 1; k <= nt; k++) {
		start_of[tb[k]] = k
		for (i = tb[k]; i < te[k]; i++) if ((i + from - 1) in known) bad[k] = 1
	}
}
{
	flag = $2
	for (i = 1; i <= nleft; i++) if ($4 >= left[i] && $4 < right[i]) next
	if (int(flag / 256) % 2 || int(flag / 2048) % 2) { extra++; next }
	reads++
	if (int(flag / 4) % 2) { unplaced++; next }
	if (int(flag / 1024) % 2) { dup++; next }
	used++
	mq[$5 >= 60 ? "60" : $5 >= 20 ? "20-59" : $5 > 0 ? "1-19" : "0"]++
	if (int(flag / 2) % 2 == 0) unproper++
	if ($5 < 20) next
	len = length($10)
	split($10, b, ""); split($11, q, "")
	rp = $4 - from + 1; i = 1; cig = $6; nm = 0; mean = 0; clip = 0; delete gap
	start = rp
	while (match(cig, /^[0-9]+/)) {
		l = substr(cig, 1, RLENGTH) + 0; op = substr(cig, RLENGTH + 1, 1); cig = substr(cig, RLENGTH + 2)
		if (op == "S") { clip += l; i += l; continue }
		if (op == "H") continue
		if (op == "I") { gap[rp] = l; nm += l; i += l; continue }
		if (op == "D") { gap[rp] = -l; nm += l; rp += l; continue }
		i--
		rp--
		for (k = 0; k < l; k++) {
			i++
			rp++
			qq = qv[q[i]]
			nbase++; nq[qq]++; mean += qq
			if (b[i] == "N" || ref[rp] == "N" || rp < 1) continue
			cyc = int(flag / 16) % 2 ? len - i + 1 : i
			cb = int((cyc - 1) / 25); rd = int(flag / 128) % 2 ? 2 : 1
			ncyc[rd, cb]++; qcyc[rd, cb] += qq
			if (b[i] != ref[rp]) {
				nm++
				if (!((rp + from - 1) in known)) { mm++; mq_[qq]++; mcyc[rd, cb]++ }
			}
		}
		i++
		rp++
	}
	if (clip) { clipped++; if (clip >= 20) clip20++ }
	aligned = i - 1 - clip
	mean = aligned > 0 ? mean / aligned : 0
	mb = int(mean / 4); meanq[mb]++
	nmh[nm > 9 ? "10+" : nm]++
	for (p in gap) {
		ni++
		if (!((p + from - 1) in known)) {
			fi++
			if (!(p in tract)) free[gap[p] > 0 ? "ins" : "del"]++
		}
	}
	for (p = start + 5; p < rp - 5; p++) {
		if (!(p in start_of)) continue
		t = start_of[p]
		if (bad[t] || te[t] > rp - 5) continue
		k = tu[t] SUBSEP int((te[t] - tb[t]) / tu[t])
		hit = 0
		for (s = tb[t]; s <= te[t]; s++) if (s in gap) hit = gap[s]
		tn[t]++; if (hit > 0) ti[t]++; else if (hit < 0) td[t]++
		key[t] = k
	}
}
END {
	printf "reads\t%d\nduplicates\t%.4f\nunplaced\t%.4f\nextra\t%.4f\nimproper\t%.4f\n", reads, dup / reads, unplaced / reads, extra / reads, unproper / used
	split("0 1-19 20-59 60", name, " ")
	for (i = 1; i <= 4; i++) printf "mapq %s\t%.4f\n", name[i], mq[name[i]] / used
	hi = used - mq["0"] - mq["1-19"]
	printf "mismatches per kb\t%.3f\nclipped reads\t%.4f\nclipped by 20+\t%.4f\n", 1000 * mm / nbase, clipped / hi, clip20 / hi
	for (i = 0; i < 10; i++) printf "NM %d\t%.4f\n", i, nmh[i] / hi
	printf "NM 10+\t%.4f\n", nmh["10+"] / hi
	for (i = 0; i < 42; i++) if (nq[i] > 20) { c = int(i / 5); bn[c] += nq[i]; bm[c] += mq_[i] }
	for (c = 0; c < 9; c++) if (bn[c]) printf "Q %d-%d share, error\t%.4f\t%.6f\n", 5 * c, 5 * c + 4, bn[c] / nbase, bm[c] / bn[c]
	for (c = 0; c < 11; c++) printf "read mean Q %d-%d\t%.4f\n", 4 * c, 4 * c + 3, meanq[c] / hi
	for (rd = 1; rd <= 2; rd++) for (c = 0; c < 6; c++) if (ncyc[rd, c]) printf "R%d cycles %d-%d mean Q, mm/kb\t%.2f\t%.3f\n", rd, 25 * c + 1, 25 * c + 25, qcyc[rd, c] / ncyc[rd, c], 1000 * mcyc[rd, c] / ncyc[rd, c]
	printf "indels outside tracts per Mb: ins, del\t%.1f\t%.1f\n", 1e6 * free["ins"] / nbase, 1e6 * free["del"] / nbase
	for (t in tn) {
		if (tn[t] < 5 || ti[t] + td[t] > 0.35 * tn[t]) continue
		sn[key[t]] += tn[t]; si[key[t]] += ti[t]; sd[key[t]] += td[t]
	}
	for (u = 1; u <= 2; u++) for (c = 4; c < 26; c++) {
		k = u SUBSEP c
		if (sn[k] >= 50) printf "unit %d x %d: reads, ins, del\t%d\t%.5f\t%.5f\n", u, c, sn[k], si[k] / sn[k], sd[k] / sn[k]
	}
}
