/* SPDX-License-Identifier: GPL-3.0-or-later
 * splice.c -- splice-site, splice-region and intron terms of one allele on one transcript.
 * An equal-length replacement is judged only by the bases that differ. Coordinates here are closed and
 * 1-based, as in the definitions; an insertion has start = end + 1 and is judged by overlap() with its
 * special boundary cases. Source: Ensembl Variation 115 intron effects; SO:0001630, SO:0001575, SO:0001574,
 * SO:0001787, SO:0002170, SO:0002169. */
#include "stage/annotate/annotate_int.h"

#define SHORT_INTRON 13 /* bp; such a gap is an alignment artefact that keeps the frame, not an intron */

struct sites {
	bool donor, acceptor, fifth, donor_region, poly, region, intronic, in_short;
};

struct intron {
	int64_t beg, end; /* closed, 1-based, genomic order */
};

static bool region_hit(int64_t s, int64_t e, const struct intron *in)
{
	bool ins = s == e + 1;
	if (annotate_overlap(s, e, in->beg + 2, in->beg + 7) ||
		annotate_overlap(s, e, in->end - 7, in->end - 2))
		return true;
	if (annotate_overlap(s, e, in->beg - 3, in->beg - 1) ||
		annotate_overlap(s, e, in->end + 1, in->end + 3))
		return true;
	return ins && (s == in->beg || e == in->end || s == in->beg + 2 || e == in->end - 2);
}

/* One differing region [s, e] against one intron. */
static void intron_effects(int64_t s, int64_t e, const struct intron *in, int strand, struct sites *x)
{
	bool ins = s == e + 1;
	if (in->end - in->beg + 1 <= SHORT_INTRON) {
		x->in_short |= annotate_overlap(s, e, in->beg, in->end);
		if (annotate_overlap(s, e, in->beg, in->end))
			return;
	}
	if (annotate_overlap(s, e, in->beg + 2, in->end - 2) ||
		(ins && (s == in->beg + 2 || e == in->end - 2)))
		x->intronic = true;
	bool at_beg = annotate_overlap(s, e, in->beg, in->beg + 1);
	bool at_end = annotate_overlap(s, e, in->end - 1, in->end);
	x->donor |= strand > 0 ? at_beg : at_end;
	x->acceptor |= strand > 0 ? at_end : at_beg;
	if (strand > 0) {
		x->fifth |= annotate_overlap(s, e, in->beg + 4, in->beg + 4);
		x->donor_region |= annotate_overlap(s, e, in->beg + 2, in->beg + 5);
		x->poly |= annotate_overlap(s, e, in->end - 16, in->end - 2) ||
			   (ins && (s == in->end - 16 || e == in->end - 2));
	} else {
		x->fifth |= annotate_overlap(s, e, in->end - 4, in->end - 4);
		x->donor_region |= annotate_overlap(s, e, in->end - 5, in->end - 2);
		x->poly |= annotate_overlap(s, e, in->beg + 2, in->beg + 16) ||
			   (ins && (s == in->beg + 2 || e == in->beg + 16));
	}
	x->region |= region_hit(s, e, in);
}

static void region_effects(const struct annotate_tx *t, int64_t s, int64_t e, struct sites *x)
{
	int64_t lo = s < e ? s : e, hi = s < e ? e : s;
	/* introns in genomic order, from the first whose far edge is not before lo - 3 */
	int32_t i = annotate_exon_from(t, lo - 4);
	for (i = i > 0 ? i - 1 : 0; i + 1 < t->n_exon; i++) {
		struct intron in = {annotate_exon_at(t, i)->end + 1, annotate_exon_at(t, i + 1)->beg};
		if (hi < in.beg - 3)
			break;
		if (lo <= in.end + 3)
			intron_effects(s, e, &in, t->strand, x);
	}
}

uint64_t annotate_splice(
	const struct annotate_tx *t, const struct annotate_allele *al, bool in_exon, bool *in_fs_intron)
{
	struct sites x = {0};
	if (al->ref_len == al->alt_len) {
		for (int32_t i = 0; i < al->ref_len; i++) {
			if (al->ref[i] == al->alt[i])
				continue;
			int32_t j = i;
			while (j + 1 < al->ref_len && al->ref[j + 1] != al->alt[j + 1])
				j++;
			region_effects(t, al->beg + i + 1, al->beg + j + 1, &x);
			i = j;
		}
	} else {
		region_effects(t, al->beg + 1, al->end, &x);
	}
	*in_fs_intron = x.in_short;
	uint64_t b = 0;
	if (x.donor)
		b |= AT_BIT(AT_SPLICE_DONOR);
	if (x.acceptor)
		b |= AT_BIT(AT_SPLICE_ACCEPTOR);
	if (x.fifth)
		b |= AT_BIT(AT_SPLICE_DONOR_5TH);
	else if (x.donor_region)
		b |= AT_BIT(AT_SPLICE_DONOR_REGION);
	if (x.region && !(b & ~AT_BIT(AT_SPLICE_POLYPYRIMIDINE)))
		b |= AT_BIT(AT_SPLICE_REGION);
	if (x.poly && !in_exon)
		b |= AT_BIT(AT_SPLICE_POLYPYRIMIDINE);
	if (x.intronic)
		b |= AT_BIT(AT_INTRON);
	return b;
}
