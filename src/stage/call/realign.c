/* SPDX-License-Identifier: GPL-3.0-or-later
 * realign.c -- how well each read fits each allele of a locus: alignment to one haplotype per allele.
 * A read that ends in a repeat fits all of them, one that the mapper placed with mismatches fits the right
 * one: both are counted for what they say. Costs are phred, gap opening depends on the repeat context of the
 * haplotype. */
#include "stage/call/call_int.h"

#include <string.h>

#define FLANK         30 /* bases of a read beyond the tract that are aligned */
#define HAP_FLANK     50 /* bases of the haplotype beyond the tract */
#define BAND_PAD      5
#define MAX_BAND      640
#define GAP_OPEN      45
#define GAP_EXTEND    3
#define MAX_BASE_COST 40
#define INFORMATIVE   3.0 /* phred: lead of the best allele for AD */
#define MAX_LEAD      45  /* phred: no read counts for more */
#define INF           1000000
#define MAX_SEG       (CALL_MAX_HAP)

struct hap {
	char s[CALL_MAX_HAP + 8];
	uint8_t gop[CALL_MAX_HAP + 8];
	int n, shift; /* shift: alen - rlen */
	int64_t vpos; /* haplotype index of the change */
};

/* The part of a read around a tract. dl and dr: reference position minus index, at its left and right end. */
struct seg {
	char q[MAX_SEG];
	uint8_t qual[MAX_SEG];
	int n;
	int64_t dl, dr;
	int64_t lpos, rpos; /* reference positions of its ends */
};

static int gap_open(int unit, int count)
{
	static const uint8_t homo[] = {
		45, 45, 45, 45, 43, 41, 38, 36, 33, 30, 28, 26, 24, 22, 20, 19, 18, 17, 16, 15, 14};
	static const uint8_t di[] = {
		45, 45, 45, 41, 37, 34, 31, 28, 26, 24, 22, 21, 20, 19, 18, 17, 16, 16, 15, 15, 14};
	static const uint8_t more[] = {
		45, 45, 44, 40, 36, 33, 30, 28, 27, 26, 25, 24, 23, 22, 21, 20, 20, 20, 20, 20, 20};
	if (count > 20)
		count = 20;
	return unit == 1 ? homo[count] : unit == 2 ? di[count] : more[count];
}

void call_gap_costs(const char *hap, int n, uint8_t *gop)
{
	memset(gop, GAP_OPEN, (size_t)n + 1);
	for (int u = 1; u <= 6; u++) {
		for (int i = u, b = 0; i <= n; i++) {
			if (i < n && hap[i] == hap[i - u])
				continue;
			int c = (i - b) / u;
			if (c >= 2) {
				uint8_t g = (uint8_t)gap_open(u, c);
				for (int k = b; k <= i && k <= n; k++)
					if (g < gop[k])
						gop[k] = g;
			}
			b = i - u + 1;
		}
	}
}

/* Gotoh in a band; a gap may not follow the other kind of gap. Ends of the haplotype are free. */
int call_align_cost(const struct call_band *b)
{
	int m[MAX_BAND + 2], d, ins[MAX_BAND + 2];
	int nd = b->dhi - b->dlo + 1, best = INF;
	if (nd > MAX_BAND)
		nd = MAX_BAND;
	for (int k = 0; k <= nd; k++)
		m[k] = 0, ins[k] = INF;
	m[nd] = INF;
	for (int i = 0; i < b->nq; i++) {
		int mis = b->qual[i] < MAX_BASE_COST ? b->qual[i] : MAX_BASE_COST;
		d = INF;
		best = INF;
		for (int k = 0; k < nd; k++) {
			int j = i + b->dlo + k;
			if (j < 0 || j >= b->nh) {
				m[k] = ins[k] = d = INF;
				continue;
			}
			/* m[k]: best of all states that end at (i - 1, j - 1); m[k + 1]: at (i - 1, j) */
			int open = m[k + 1] + b->gop[j], ext = ins[k + 1] + GAP_EXTEND;
			int in = i == 0 ? INF : open < ext ? open : ext;
			int mt = m[k] + (b->q[i] == b->hap[j] ? 0 : mis);
			int all = mt < d ? mt : d;
			if (in < all)
				all = in;
			/* next diagonal of this row: skip haplotype base j + 1 */
			int od = mt + b->gop[j + 1], ed = d + GAP_EXTEND;
			d = od < ed ? od : ed;
			m[k] = all;
			ins[k] = in;
			if (all < best)
				best = all;
		}
		if (best >= b->limit)
			break;
	}
	return best;
}

static bool hap_build(const struct call_work *w, const struct call_locus *lc, const struct call_allele *a,
	int64_t wb, struct hap *h)
{
	int64_t we = lc->end + HAP_FLANK;
	int n = 0;
	int64_t alen = a ? a->alen : 0, rlen = a ? a->rlen : 0, pos = a ? a->pos : we;
	if (we - wb + alen > CALL_MAX_HAP)
		return false;
	for (int64_t p = wb; p < pos; p++)
		h->s[n++] = call_ref_at(w, p);
	h->vpos = n;
	for (int i = 0; i < alen; i++)
		h->s[n++] = a->alt[i];
	/* keep room at the end for deletions: reads reach equally far into every haplotype */
	for (int64_t p = pos + rlen; p < we + rlen - alen && n < CALL_MAX_HAP; p++)
		h->s[n++] = call_ref_at(w, p);
	h->n = n;
	h->s[n] = 'N';
	h->shift = (int)(alen - rlen);
	call_gap_costs(h->s, h->n, h->gop);
	return true;
}

/* Bases of a read whose place on the reference (clips laid out) is within [beg, end). */
static bool seg_take(const struct call_aln *a, int64_t beg, int64_t end, struct seg *g)
{
	const struct grx_read *r = a->r;
	int64_t pos = a->ubeg;
	int32_t q = 0, q0 = -1, q1 = -1;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		bool onref = op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X || op == GRX_C_S;
		if (onref) {
			int64_t b = pos < beg ? beg : pos, e = pos + n > end ? end : pos + n;
			if (b < e) {
				if (q0 < 0) {
					q0 = q + (int32_t)(b - pos);
					g->dl = b - q0;
					g->lpos = b;
				}
				q1 = q + (int32_t)(e - pos);
				g->dr = e - q1;
				g->rpos = e;
			}
		}
		pos += onref || op == GRX_C_D || op == GRX_C_N ? n : 0;
		q += GRX_CIG_QUERY(op) ? (int32_t)n : 0;
	}
	if (q0 < 0 || q1 - q0 > MAX_SEG || q1 - q0 < 5 || r->qual[0] == 255)
		return false;
	g->n = q1 - q0;
	g->dl += q0;
	g->dr += q0;
	for (int i = 0; i < g->n; i++) {
		g->q[i] = grx_nt16[GRX_SEQ_CODE(r->seq, q0 + i)];
		g->qual[i] = r->qual[q0 + i];
	}
	return true;
}

static int cost_ungapped(const struct seg *g, const struct hap *h, int d)
{
	int c = 0;
	if (d < 0 || d + g->n > h->n)
		return INF;
	const char *s = h->s + d;
	for (int i = 0; i < g->n; i++)
		if (g->q[i] != s[i])
			c += g->qual[i] < MAX_BASE_COST ? g->qual[i] : MAX_BASE_COST;
	return c;
}

/* Diagonals (haplotype index - read index) that the mapping suggests. */
static void diagonals(const struct seg *g, const struct hap *h, int64_t wb, int d[4])
{
	d[0] = (int)(g->dl - wb);
	d[1] = (int)(g->dr - wb) + h->shift;
	d[2] = (int)(g->dr - wb);
	d[3] = (int)(g->dl - wb) + h->shift;
}

/* Best cost, or limit when there is none below; *diag gets the diagonal when no gap is needed, else INF. */
static int seg_cost(const struct seg *g, const struct hap *h, int64_t wb, int limit, int *diag)
{
	int d[4], best = INF, lo = INF, hi = -INF;
	diagonals(g, h, wb, d);
	for (int i = 0; i < 4; i++) {
		int c = cost_ungapped(g, h, d[i]);
		if (c < best) {
			best = c;
			*diag = d[i];
		}
		lo = d[i] < lo ? d[i] : lo;
		hi = d[i] > hi ? d[i] : hi;
	}
	if (best <= 14) /* the cheapest gap */
		return best;
	struct call_band b = {.q = g->q,
		.qual = g->qual,
		.nq = g->n,
		.hap = h->s,
		.gop = h->gop,
		.nh = h->n,
		.dlo = lo - BAND_PAD,
		.dhi = hi + BAND_PAD,
		.limit = limit < best ? limit : best};
	int c = call_align_cost(&b);
	if (c < best) {
		best = c;
		*diag = INF;
	}
	return best;
}

/* Fragment rows: a second mate is joined to the first: the surer one counts when they agree, the difference
 * when not. */
static void row_join(double *l, const double *m, int n)
{
	int bl = 0, bm = 0;
	double lo_l = 0, lo_m = 0;
	for (int i = 0; i < n; i++) {
		bl = l[i] > l[bl] ? i : bl;
		bm = m[i] > m[bm] ? i : bm;
		lo_l = l[i] < lo_l ? l[i] : lo_l;
		lo_m = m[i] < lo_m ? m[i] : lo_m;
	}
	if (bl == bm || lo_l == 0 || lo_m == 0) {
		if (lo_m < lo_l)
			memcpy(l, m, (size_t)n * sizeof(*l));
		return;
	}
	double top = -1e9;
	for (int i = 0; i < n; i++) {
		l[i] += m[i];
		top = l[i] > top ? l[i] : top;
	}
	for (int i = 0; i < n; i++)
		l[i] -= top;
}

static void row_best(struct call_lik *k, size_t f)
{
	const double *l = k->ll + f * (size_t)k->n_allele;
	int b = 0;
	double second = -1e9;
	for (int i = 1; i < k->n_allele; i++)
		if (l[i] > l[b])
			b = i;
	for (int i = 0; i < k->n_allele; i++)
		if (i != b && l[i] > second)
			second = l[i];
	k->best[f] = (int8_t)(l[b] - second >= INFORMATIVE * CALL_LN10_10 ? b : -1);
}

static void row_from_costs(double *l, const int *cost, int n, int mapq)
{
	int lo = INF;
	int cap = mapq < MAX_LEAD ? mapq : MAX_LEAD;
	for (int i = 0; i < n; i++)
		lo = cost[i] < lo ? cost[i] : lo;
	for (int i = 0; i < n; i++) {
		int c = cost[i] - lo < cap ? cost[i] - lo : cap;
		l[i] = -c * CALL_LN10_10;
	}
}

static struct hap *haps_build(struct call_work *w, const struct call_locus *lc, int64_t wb)
{
	struct hap *h = grx_arena_alloc(w->mem, (size_t)lc->n + 1, sizeof(*h));
	if (!h || !hap_build(w, lc, NULL, wb, &h[0]))
		return NULL;
	for (int i = 0; i < lc->n; i++)
		if (!hap_build(w, lc, &lc->a[i], wb, &h[i + 1]))
			return NULL;
	return h;
}

/* Longest change of a locus: reads and haplotypes are taken that much wider. */
static int64_t locus_reach(const struct call_locus *lc)
{
	int64_t m = 0;
	for (int i = 0; i < lc->n; i++) {
		int64_t n = lc->a[i].rlen > lc->a[i].alen ? lc->a[i].rlen : lc->a[i].alen;
		m = n > m ? n : m;
	}
	return m > 100 ? 100 : m;
}

/* Does the depth cap leave this fragment out? Chosen by name: independent of order and shard. */
static bool capped(const struct call_work *w, const struct call_aln *a, int64_t pos)
{
	int64_t x = pos - w->beg, max = w->st->opt.max_depth;
	if (x < 0 || pos >= w->end || w->depth[x] <= max)
		return false;
	uint64_t h = a->r->name_hash * 0x9E3779B97F4A7C15u >> 32;
	return h * (uint64_t)w->depth[x] >= (uint64_t)max << 32;
}

struct rows {
	int32_t aln[8192]; /* read of each row */
};

static int add_read(struct call_work *w, struct call_lik *k, const int *cost, int32_t i, struct rows *rw)
{
	const struct call_aln *a = &w->aln[i];
	double m[CALL_MAX_ALLELE];
	row_from_costs(m, cost, k->n_allele, a->r->mapq);
	k->sum_mq2 += (int64_t)a->r->mapq * a->r->mapq;
	k->n_mq++;
	if (a->mate >= 0 && a->mate < i)
		for (size_t f = k->n; f > 0 && f + 200 > k->n; f--)
			if (rw->aln[f - 1] == a->mate) {
				row_join(k->ll + (f - 1) * (size_t)k->n_allele, m, k->n_allele);
				row_best(k, f - 1);
				k->aln2[f - 1] = i;
				return GRX_OK;
			}
	double *l = call_lik_row(w, k);
	if (!l)
		return grx_fail_nomem(w->cx, "likelihoods");
	memcpy(l, m, (size_t)k->n_allele * sizeof(*l));
	k->rev[k->n - 1] = (a->r->flag & GRX_R_REVERSE) != 0;
	rw->aln[k->n - 1] = k->aln[k->n - 1] = i;
	row_best(k, k->n - 1);
	return GRX_OK;
}

int call_lik_realign(struct call_work *w, const struct call_locus *lc, struct call_lik *k)
{
	int rc = call_lik_reset(w, k, lc->n + 1);
	int64_t reach = locus_reach(lc), wb = lc->beg - HAP_FLANK - reach;
	struct seg g;
	struct rows *rw = grx_arena_alloc(w->mem, 1, sizeof(*rw));
	struct hap *h = haps_build(w, lc, wb);
	if (rc != GRX_OK || !rw)
		return rc != GRX_OK ? rc : grx_fail_nomem(w->cx, "haplotypes");
	if (!h)
		return GRX_OK; /* too long a tract: no evidence either way */
	for (int32_t i = call_reads_first(w, lc->beg); i < w->n_aln; i++) {
		const struct call_aln *a = &w->aln[i];
		int cost[CALL_MAX_ALLELE], diag, low = INF;
		if (a->pos > lc->end + 300)
			break;
		if (a->uend <= lc->beg || a->ubeg >= lc->end + 1)
			continue;
		if (capped(w, a, lc->beg) || k->n == 8192) {
			k->n_capped++;
			continue;
		}
		if (!seg_take(a, lc->beg - FLANK - reach, lc->end + FLANK + reach, &g))
			continue;
		for (int j = 0; j <= lc->n; j++) {
			cost[j] = seg_cost(&g, &h[j], wb, low + MAX_LEAD, &diag);
			low = cost[j] < low ? cost[j] : low;
		}
		rc = add_read(w, k, cost, i, rw);
		if (rc != GRX_OK)
			return rc;
	}
	return GRX_OK;
}

/* Only reads mapped without a gap of their own are given another alignment. */
static bool is_plain(const struct call_aln *a)
{
	for (uint32_t i = 0; i < a->n_cigar; i++) {
		int op = GRX_CIG_OP(a->cigar[i]);
		if (op != GRX_C_M && op != GRX_C_S && op != GRX_C_EQ && op != GRX_C_X && op != GRX_C_H)
			return false;
	}
	return true;
}

/* Lay the aligned bases of a plain read on haplotype h along diagonal d and write the CIGAR that follows. */
static bool lay(struct call_work *w, struct call_aln *a, const struct call_allele *al, const struct hap *h,
	int64_t wb, int64_t start)
{
	uint32_t *c = grx_arena_alloc(w->mem, 8, sizeof(*c));
	int64_t lead = a->pos - a->ubeg, tail = a->uend - a->end, len = a->end - a->pos;
	/* haplotype index of the first aligned base */
	int64_t h0 = start + lead, left = h->vpos - h0, ins = al->alen;
	uint32_t n = 0;
	if (!c || left <= 0 || left + ins >= len)
		return false; /* starts or ends within the change: its mismatches are few and bases there
				 count low */
	if (lead)
		c[n++] = (uint32_t)lead << 4 | GRX_C_S;
	c[n++] = (uint32_t)left << 4 | GRX_C_M;
	if (ins)
		c[n++] = (uint32_t)ins << 4 | GRX_C_I;
	if (al->rlen)
		c[n++] = (uint32_t)al->rlen << 4 | GRX_C_D;
	c[n++] = (uint32_t)(len - left - ins) << 4 | GRX_C_M;
	if (tail)
		c[n++] = (uint32_t)tail << 4 | GRX_C_S;
	a->cigar = c;
	a->n_cigar = n;
	a->pos = wb + h0;
	a->end = a->pos + len - ins + al->rlen;
	return true;
}

int call_realign_apply(struct call_work *w, const struct call_locus *lc, int ai)
{
	int64_t reach = locus_reach(lc), wb = lc->beg - HAP_FLANK - reach;
	const struct call_allele *al = &lc->a[ai];
	struct seg g;
	struct hap *h = haps_build(w, lc, wb);
	if (!h)
		return GRX_OK;
	for (int32_t i = call_reads_first(w, lc->beg); i < w->n_aln && w->aln[i].r->pos <= lc->end + 300;
		i++) {
		struct call_aln *a = &w->aln[i];
		int dr, da;
		if (a->uend <= lc->beg || a->ubeg > lc->end || !is_plain(a))
			continue;
		if (!seg_take(a, lc->beg - FLANK - reach, lc->end + FLANK + reach, &g))
			continue;
		int cr = seg_cost(&g, &h[0], wb, INF, &dr), ca = seg_cost(&g, &h[ai + 1], wb, INF, &da);
		if (ca + 6 > cr || da == INF)
			continue;
		/* index of the segment's first base in the read, then of the read's first base on the
		 * haplotype */
		int64_t seg0 = g.lpos - a->ubeg;
		lay(w, a, al, &h[ai + 1], wb, da - seg0);
	}
	return GRX_OK;
}
