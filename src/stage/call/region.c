/* SPDX-License-Identifier: GPL-3.0-or-later
 * region.c -- candidates that can influence each other are judged together.
 * A border never cuts the places where an indel can be written. Where a chain of candidates ends depends on
 * what lies near alone, so that two shards that see a region see the same one: long chains are cut at
 * multiples of a fixed length of the genome. */
#include "stage/call/call_hap.h"

#include <math.h>
#include <string.h>

#define JOIN_BP    12  /* candidates closer than this share reads' ends and alignments */
#define MAX_REACH  60  /* an indel disturbs the alignment of reads that far at most */
#define MAX_SPAN   300 /* of a chain, before it is cut */
#define GRID_BP    200
#define MAX_PIECE  500 /* of what cannot be cut there, below the pad of a shard */
#define WALL_BP    400
#define MAX_PLACES 500 /* bases over which an indel can be written */
#define MIN_TRACT  6   /* bases of a repeat that hides where a read belongs */
#define TRACT_BP   4   /* ... when it begins this near */
#define MAX_TRACT  150 /* bases of it that are added */
#define QUIET_BP   10  /* no gap and no repeat this near: a column tells all */
#define QUIET_RUN  5   /* bases of one letter that make a neighbourhood noisy */
#define QUIET_PAIR 8   /* bases of a repeated pair */

struct cand {
	struct call_allele a;
	int64_t end;    /* of its places */
	int64_t lo, hi; /* that share reads with it */
};

struct list {
	struct cand *v;
	size_t n, cap;
};

/* The repeat of unit u that holds x and x + u, if it is long enough to hide where a read belongs. */
static int64_t tract_at(const struct call_work *w, int u, int64_t x, int64_t *lo, int64_t *hi)
{
	int64_t b = x, e = x;
	while (e - x < MAX_TRACT && e + u < w->end && call_ref_at(w, e) == call_ref_at(w, e + u))
		e++;
	if (e == x)
		return x + 1;
	while (x - b < MAX_TRACT && b - 1 >= w->beg && call_ref_at(w, b - 1) == call_ref_at(w, b - 1 + u))
		b--;
	if (e + u - b < MIN_TRACT || e + u - b < 3 * u)
		return e + 1;
	*lo = b < *lo ? b : *lo;
	*hi = e + u > *hi ? e + u : *hi;
	return e + 1;
}

/* [*lo, *hi) with every repeat that touches it. */
static void widen(const struct call_work *w, int64_t *lo, int64_t *hi)
{
	int64_t beg = *lo, end = *hi;
	for (int u = 1; u <= 6; u++)
		for (int64_t x = beg - TRACT_BP - u; x < end + TRACT_BP;)
			x = tract_at(w, u, x, lo, hi);
}

/* A repeat that touches the region can hold the difference of two haplotypes: reads must reach beyond it. */
void call_region_widen(const struct call_work *w, struct call_region *rg)
{
	rg->lo = rg->beg;
	rg->hi = rg->end;
	widen(w, &rg->lo, &rg->hi);
}

static int push(struct call_work *w, struct list *l, const struct call_allele *a)
{
	int64_t beg;
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 512;
		struct cand *p = grx_arena_grow(w->mem, l->v, l->n, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "candidates");
		l->v = p;
		l->cap = cap;
	}
	struct cand *c = &l->v[l->n++];
	c->a = *a;
	call_locus_tract(w, a, &beg, &c->end);
	if (c->end - a->pos > MAX_PLACES) { /* no read reaches over the places where it can be written */
		bool own = a->pos >= w->sh->beg && a->pos < w->sh->end;
		l->n--;
		w->n->too_long += own;
		return call_skip_add(w, a->pos, c->end);
	}
	int32_t len = a->rlen > a->alen ? a->rlen : a->alen;
	len = !call_is_indel(a) ? 0 : len < MAX_REACH ? len : MAX_REACH;
	c->lo = a->pos;
	c->hi = c->end;
	if (call_is_indel(a))
		widen(w, &c->lo, &c->hi);
	c->lo = a->pos - len - JOIN_BP < c->lo ? a->pos - len - JOIN_BP : c->lo;
	c->hi = c->end + len > c->hi ? c->end + len : c->hi;
	return GRX_OK;
}

/* Bases that an assembled haplotype shows at x and the column does not. */
static unsigned assembled_mask(const struct call_work *w, int64_t x, size_t *cur)
{
	static const char bases[] = "ACGT"; /* an assembly has no others */
	unsigned m = 0;
	for (; *cur < w->n_asm_snv && w->asm_snv[*cur].pos <= w->beg + x; (*cur)++)
		if (w->asm_snv[*cur].pos == w->beg + x)
			m |= 1u << (strchr(bases, w->asm_snv[*cur].alt[0]) - bases);
	return m & 15;
}

static int push_column(struct call_work *w, struct list *l, int64_t x, size_t *cur)
{
	static const char *const base[4] = {"A", "C", "G", "T"};
	unsigned m = call_snv_mask(w, x) | assembled_mask(w, x, cur);
	char ref = call_ref_at(w, w->beg + x);
	int rc = GRX_OK;
	for (unsigned b = 0; b < 4 && m && rc == GRX_OK; b++) {
		if (!(m >> b & 1) || base[b][0] == ref)
			continue;
		struct call_allele a = {.pos = w->beg + x, .rlen = 1, .alen = 1, .alt = base[b]};
		for (int s = 0; s < w->n_sample; s++)
			a.n_read += call_mm(w, s, x)[b];
		rc = push(w, l, &a);
	}
	return rc;
}

/* All candidates of the window by position; at one position what is inserted before the base comes first. */
static int gather(struct call_work *w, struct list *l)
{
	size_t k = 0, cur = 0;
	int rc = GRX_OK;
	for (int64_t x = 0; x < w->end - w->beg && rc == GRX_OK; x++) {
		bool column = false;
		for (; k < w->n_ind && w->ind[k].pos == w->beg + x && rc == GRX_OK; k++) {
			if (w->ind[k].rlen && !column && !w->mito) {
				rc = push_column(w, l, x, &cur);
				column = true;
			}
			if (w->ind[k].n_read && rc == GRX_OK)
				rc = push(w, l, &w->ind[k]);
		}
		if (!column && !w->mito && rc == GRX_OK)
			rc = push_column(w, l, x, &cur);
	}
	return rc;
}

bool call_region_prior(const struct call_work *w, struct call_region *rg, int i)
{
	struct call_prior p = call_allele_prior(w, &rg->a[i]);
	rg->lp[i] = log(p.one);
	rg->lp2[i] = log(p.two);
	rg->lp_hap[i] = log(p.hap);
	return p.listed;
}

/* Is a run of one base or of a pair near pos, or was a gap seen? */
static bool quiet(const struct call_work *w, int64_t pos)
{
	int run = 1, pair = 2;
	for (int64_t p = pos - QUIET_BP; p <= pos + QUIET_BP; p++) {
		int64_t x = p - w->beg;
		if (x < 2 || p >= w->end || w->gaps[x])
			return false;
		run = w->rcode[x] == w->rcode[x - 1] ? run + 1 : 1;
		pair = w->rcode[x] == w->rcode[x - 2] ? pair + 1 : 2;
		if (run >= QUIET_RUN || pair >= QUIET_PAIR)
			return false;
	}
	return true;
}

/* The weakest go when there are too many. */
static size_t weakest(const struct list *l, const bool *out, size_t i, size_t j)
{
	size_t k = j;
	for (size_t x = i; x < j; x++)
		if (!out[x - i] && (k == j || l->v[x].a.n_read < l->v[k].a.n_read))
			k = x;
	return k;
}

static int region_add(struct call_work *w, const struct list *l, size_t i, size_t j)
{
	size_t n = j - i;
	bool *out = grx_arena_calloc(w->mem, n, sizeof(*out));
	if (w->n_rg == w->cap_rg) {
		size_t cap = w->cap_rg ? w->cap_rg * 2 : 256;
		struct call_region *p = grx_arena_grow(w->mem, w->rg, w->n_rg, cap, sizeof(*p));
		if (p) {
			w->rg = p;
			w->cap_rg = cap;
		}
	}
	if (!out || w->n_rg == w->cap_rg)
		return grx_fail_nomem(w->cx, "regions");
	for (; n > CALL_MAX_CAND; n--) {
		size_t k = weakest(l, out, i, j);
		out[k - i] = true;
		w->n->dropped_indel += l->v[k].a.pos >= w->sh->beg && l->v[k].a.pos < w->sh->end;
	}
	struct call_region *rg = &w->rg[w->n_rg++];
	rg->n = 0;
	rg->beg = INT64_MAX;
	rg->end = 0;
	for (size_t k = i; k < j; k++) {
		const struct cand *c = &l->v[k];
		if (out[k - i])
			continue;
		rg->a[rg->n] = c->a;
		bool listed = call_region_prior(w, rg, rg->n++);
		w->n->af_matched += listed && c->a.pos >= w->sh->beg && c->a.pos < w->sh->end;
		rg->beg = c->a.pos < rg->beg ? c->a.pos : rg->beg;
		rg->end = c->end > rg->end ? c->end : rg->end;
	}
	call_region_widen(w, rg);
	int64_t pos = rg->a[0].pos;
	rg->simple = w->n_sample == 1 && rg->end == pos + 1 && rg->beg == pos && quiet(w, pos);
	for (int k = 0; k < rg->n; k++)
		rg->simple = rg->simple && rg->a[k].rlen == 1 && rg->a[k].alen == 1;
	return GRX_OK;
}

/* Whatever is still longer is cut at multiples of WALL_BP: what lies across one stays out, counted. */
static int piece_add(struct call_work *w, struct list *l, size_t i, size_t j)
{
	int64_t end = 0;
	size_t n = i;
	int rc = GRX_OK;
	for (size_t k = i; k < j; k++)
		end = l->v[k].end > end ? l->v[k].end : end;
	if (end - l->v[i].a.pos <= MAX_PIECE)
		return region_add(w, l, i, j);
	for (size_t k = i; k < j && rc == GRX_OK; k++) {
		const struct cand *c = &l->v[k];
		if (c->a.pos / WALL_BP == (c->end > c->a.pos ? c->end - 1 : c->end) / WALL_BP) {
			l->v[n++] = *c;
			continue;
		}
		w->n->dropped_indel += c->a.pos >= w->sh->beg && c->a.pos < w->sh->end;
		rc = call_skip_add(w, c->a.pos, c->end);
	}
	for (size_t k = i, m; k < n && rc == GRX_OK; k = m) {
		for (m = k + 1; m < n && l->v[m].a.pos / WALL_BP == l->v[k].a.pos / WALL_BP; m++)
			;
		rc = region_add(w, l, k, m);
	}
	return rc;
}

/* A chain [i, j) that is too long is cut where candidates change their cell of a fixed grid. */
static int chain_add(struct call_work *w, struct list *l, size_t i, size_t j)
{
	int64_t end = 0, last = 0;
	int rc = GRX_OK;
	for (size_t k = i; k < j; k++)
		end = l->v[k].end > end ? l->v[k].end : end;
	if (end - l->v[i].a.pos <= MAX_SPAN && j - i <= CALL_MAX_CAND)
		return region_add(w, l, i, j);
	for (size_t k = i; k < j && rc == GRX_OK; k++) {
		last = l->v[k].end > last ? l->v[k].end : last;
		if (k + 1 < j &&
			(l->v[k + 1].a.pos <= last || l->v[k + 1].a.pos / GRID_BP == l->v[k].a.pos / GRID_BP))
			continue;
		rc = piece_add(w, l, i, k + 1);
		i = k + 1;
		last = 0;
	}
	return rc;
}

bool call_region_near(const struct call_work *w, int64_t pos)
{
	size_t lo = 0, hi = w->n_rg;
	while (lo < hi) { /* the first region that ends beyond pos */
		size_t mid = lo + (hi - lo) / 2;
		if (w->rg[mid].end + JOIN_BP < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < w->n_rg && w->rg[lo].beg - JOIN_BP <= pos; lo++)
		if (!w->rg[lo].simple)
			return true;
	return false;
}

int call_regions_make(struct call_work *w)
{
	struct list l = {0};
	int rc = gather(w, &l);
	/* a later candidate can reach back over earlier ones that do not reach each other: reads cut between
	 * them, inside one repeat, would not tell its length */
	for (size_t k = l.n; rc == GRX_OK && k-- > 1;)
		l.v[k - 1].lo = l.v[k].lo < l.v[k - 1].lo ? l.v[k].lo : l.v[k - 1].lo;
	for (size_t i = 0, j; i < l.n && rc == GRX_OK; i = j) {
		int64_t hi = l.v[i].hi;
		for (j = i + 1; j < l.n && l.v[j].lo <= hi; j++)
			hi = l.v[j].hi > hi ? l.v[j].hi : hi;
		rc = chain_add(w, &l, i, j);
	}
	for (size_t i = 0; i < w->n_rg; i++) {
		w->rg[i].left = i ? w->rg[i - 1].end : INT64_MIN;
		w->rg[i].right = i + 1 < w->n_rg ? w->rg[i + 1].beg : INT64_MAX;
	}
	return rc;
}
