/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_reads.c -- evidence on CYP2D6 from the reads of a shard: counts per depth bin, bases at sites and loci.
 * Only primary, non-duplicate reads that pass the sequencer's checks count, each in the shard that owns it.
 * MAPQ does not exclude a read: a read of either gene may lie at the other one. Nor does --depth-limit: it
 * would level the depth, and copies with it. */
#include <string.h>

#include "stage/pgx/d6.h"

enum { MIN_BASEQ = 15, SURE_MAPQ = 20, MIN_ROUND_INDEL = 3 };

struct reader {
	struct grx_ctx *cx;
	const struct d6_table *t;
	struct d6_evidence *e;
	const struct grx_read *r;
	bool on7; /* the part that is looked at lies in CYP2D7 */
};

int d6_evidence_new(struct grx_ctx *cx, const struct d6_table *t, int n_sample, struct d6_evidence **out)
{
	struct d6_evidence *e = grx_calloc(1, sizeof *e);
	*out = e;
	if (!e || !(e->count = grx_calloc((size_t)n_sample * (size_t)t->n_bin, sizeof *e->count)))
		return grx_fail_nomem(cx, "evidence on CYP2D6");
	e->n_sample = n_sample;
	return GRX_OK;
}

void d6_evidence_free(struct d6_evidence *e)
{
	if (!e)
		return;
	grx_free(e->count);
	grx_free(e->obs);
	grx_free(e);
}

static int push(const struct reader *rd, int item, int value)
{
	struct d6_evidence *e = rd->e;
	if (grx_grow(&e->obs, &e->cap_obs, e->n_obs + 1, sizeof *e->obs, 0) != GRX_OK)
		return grx_fail_nomem(rd->cx, "evidence on CYP2D6");
	uint8_t flags = (uint8_t)((rd->on7 ? D6_ON7 : 0) |
				  (rd->r->mapq >= SURE_MAPQ && rd->r->mapq != 255 ? D6_SURE : 0));
	e->obs[e->n_obs++] = (struct d6_obs){
		rd->r->name_hash, rd->r->sample, (uint16_t)item, (uint8_t)value, flags};
	return GRX_OK;
}

static void count_depth(const struct reader *rd)
{
	const struct grx_read *r = rd->r;
	uint32_t gc = 0;
	for (int32_t i = 0; i < r->l_seq; i++) {
		int c = GRX_SEQ_CODE(r->seq, i);
		gc += c == 2 || c == 4;
	}
	for (int b = 0; b < rd->t->n_bin; b++) {
		if (r->pos < rd->t->bin[b].beg || r->pos >= rd->t->bin[b].end)
			continue;
		struct d6_count *c = &rd->e->count[(size_t)r->sample * (size_t)rd->t->n_bin + (size_t)b];
		c->n++;
		c->n_sure += r->mapq >= SURE_MAPQ;
		c->gc += gc;
		c->bases += (uint32_t)r->l_seq;
	}
}

/* Letter of the read's base i, 0 if its quality is low. */
static char base_at(const struct grx_read *r, int64_t i)
{
	if (!r->no_qual && r->qual[i] < MIN_BASEQ)
		return 0;
	return grx_nt16[GRX_SEQ_CODE(r->seq, i)];
}

static int see_site(const struct reader *rd, int s, char base)
{
	const struct d6_site *x = &rd->t->site[s];
	return base == x->base6 || base == x->base7 ? push(rd, s, base == x->base7) : GRX_OK;
}

/* Loci of single bases that begin at the position. */
static int see_loci(const struct reader *rd, int l, char base)
{
	const struct d6_table *t = rd->t;
	int rc = GRX_OK;
	for (int64_t pos = t->locus[l].pos; l < t->n_locus && t->locus[l].pos == pos && rc == GRX_OK; l++) {
		const struct d6_locus *x = &t->locus[l];
		if (!x->ref[1] && !x->alt[1] && (base == x->ref[0] || base == x->alt[0]))
			rc = push(rd, t->n_site + l, base == x->alt[0]);
	}
	return rc;
}

static int see_match(const struct reader *rd, int64_t pos, int64_t query, int64_t n)
{
	const struct d6_table *t = rd->t;
	int64_t beg = rd->on7 ? t->beg7 : t->beg6, end = rd->on7 ? t->end7 : t->end6;
	int rc = GRX_OK;
	for (int64_t i = pos < beg ? beg - pos : 0; i < n && pos + i < end && rc == GRX_OK; i++) {
		int s = (rd->on7 ? t->site7 : t->site6)[pos + i - beg];
		int l = (rd->on7 ? t->locus7 : t->locus6)[pos + i - beg];
		char base = s >= 0 || l >= 0 ? base_at(rd->r, query + i) : 0;
		if (!base)
			continue;
		if (s >= 0)
			rc = see_site(rd, s, base);
		if (l >= 0 && rc == GRX_OK)
			rc = see_loci(rd, l, base);
	}
	return rc;
}

/* What the read's alignment has in [beg, last]: the length of its one insertion (> 0) or deletion (< 0), 0
 * for none. false: not spanned with some bases to either side, or more than one. */
static bool indel_in(const struct grx_read *r, int64_t beg, int64_t last, int64_t *len)
{
	int64_t p = r->pos;
	int n = 0;
	*len = 0;
	for (uint32_t k = 0; k < r->n_cigar; k++) {
		int op = GRX_CIG_OP(r->cigar[k]);
		int64_t m = GRX_CIG_LEN(r->cigar[k]);
		bool here = op == GRX_C_I ? p > beg && p <= last + 1
					  : (op == GRX_C_D || op == GRX_C_N) && p <= last && p + m > beg;
		if (here) {
			*len = op == GRX_C_I ? m : -m;
			n++;
		}
		if (GRX_CIG_REF(op))
			p += m;
	}
	return n <= 1 && r->pos + MIN_ROUND_INDEL <= beg && r->end >= last + 1 + MIN_ROUND_INDEL;
}

static int see_indels(const struct reader *rd)
{
	const struct d6_table *t = rd->t;
	int rc = GRX_OK;
	for (int l = 0; l < t->n_locus && rc == GRX_OK; l++) {
		const struct d6_locus *x = &t->locus[l];
		int64_t shift = rd->on7 ? x->pos7 - x->pos : 0, len;
		int64_t want = (int64_t)strlen(x->alt) - (int64_t)strlen(x->ref);
		if (!want || !indel_in(rd->r, x->pos + shift, x->last + shift, &len))
			continue;
		if (len == 0 || len == want)
			rc = push(rd, t->n_site + l, len == want);
	}
	return rc;
}

static bool listed(const struct d6_table *t, int64_t pos, int64_t len)
{
	for (int l = 0; l < t->n_locus; l++) {
		const struct d6_locus *x = &t->locus[l];
		if ((int64_t)strlen(x->alt) - (int64_t)strlen(x->ref) == len && pos > x->pos &&
			pos <= x->last + 1)
			return true;
	}
	return false;
}

/* Insertions and deletions of CYP2D6's exons that no locus stands for. */
static int see_unlisted(const struct reader *rd)
{
	const struct d6_table *t = rd->t;
	int64_t p = rd->r->pos;
	int rc = GRX_OK;
	for (uint32_t k = 0; k < rd->r->n_cigar && rc == GRX_OK; k++) {
		int op = GRX_CIG_OP(rd->r->cigar[k]);
		int64_t m = GRX_CIG_LEN(rd->r->cigar[k]), len = op == GRX_C_I ? m : -m;
		if ((op == GRX_C_I || op == GRX_C_D) && !rd->on7 && p >= t->beg6 && p < t->end6 &&
			t->exon6[p - t->beg6] && !listed(t, p, len))
			rc = push(rd, t->n_site + t->n_locus + (int)(p - t->beg6), 1);
		p += GRX_CIG_REF(op) ? m : 0;
	}
	return rc;
}

static int see_read(struct reader *rd)
{
	const struct grx_read *r = rd->r;
	const struct d6_table *t = rd->t;
	int64_t p = r->pos, q = 0;
	rd->on7 = r->pos >= t->end6;
	if (rd->on7 ? r->end <= t->beg7 || r->pos >= t->end7 : r->end <= t->beg6)
		return GRX_OK;
	int rc = see_indels(rd);
	if (rc == GRX_OK)
		rc = see_unlisted(rd);
	for (uint32_t k = 0; k < r->n_cigar && rc == GRX_OK; k++) {
		int op = GRX_CIG_OP(r->cigar[k]);
		int64_t n = GRX_CIG_LEN(r->cigar[k]);
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X)
			rc = see_match(rd, p, q, n);
		p += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? n : 0;
	}
	return rc;
}

int d6_shard(const struct d6_table *t, struct grx_ctx *cx, const struct grx_shard *sh, int n_sample,
	struct d6_evidence **out)
{
	const unsigned skip = GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY | GRX_R_QCFAIL |
			      GRX_R_DUP;
	int rc = GRX_OK;
	struct reader rd = {.cx = cx, .t = t};
	*out = NULL;
	if (!sh->reads || t->tid < 0 || sh->tid != t->tid || sh->end <= D6_WINDOW_BEG ||
		sh->beg >= D6_WINDOW_END)
		return GRX_OK;
	GRX_TRY(d6_evidence_new(cx, t, n_sample, &rd.e));
	for (size_t i = 0; i < sh->reads->n; i++) {
		rd.r = &sh->reads->v[i];
		if (rd.r->pos < sh->beg || rd.r->pos >= sh->end || rd.r->flag & skip ||
			rd.r->sample >= n_sample || rd.r->l_seq <= 0)
			continue;
		count_depth(&rd);
		GRX_TRY(see_read(&rd));
	}
	*out = rd.e;
	rd.e = NULL;
out:
	d6_evidence_free(rd.e);
	return rc;
}

int d6_merge(
	struct grx_ctx *cx, const struct d6_table *t, struct d6_evidence *e, const struct d6_evidence *part)
{
	if (!part)
		return GRX_OK;
	for (int i = 0; i < e->n_sample * t->n_bin; i++) {
		e->count[i].n += part->count[i].n;
		e->count[i].n_sure += part->count[i].n_sure;
		e->count[i].gc += part->count[i].gc;
		e->count[i].bases += part->count[i].bases;
	}
	if (grx_grow(&e->obs, &e->cap_obs, e->n_obs + part->n_obs + 1, sizeof *e->obs, 0) != GRX_OK)
		return grx_fail_nomem(cx, "evidence on CYP2D6");
	if (part->n_obs)
		memcpy(e->obs + e->n_obs, part->obs, part->n_obs * sizeof *e->obs);
	e->n_obs += part->n_obs;
	return GRX_OK;
}
