/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs.c -- the stage: variants -> polygenic scores as facts.
 * shard() joins the sorted rows with the sorted records and adds up what surely belongs to this shard alone.
 * A position that may go on in a neighbouring shard (its first and its last position, and what a reference
 * block covers beyond them) is only noted; merge() decides it when both sides are known. Hence the same sums
 * for any cut. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "stage/prs/prs_int.h"
#include "stage/stages.h"

/* What one shard found. */
struct part {
	struct grx_arena *mem;
	size_t n_found, cap_found;
	struct prs_found *found;
	size_t n_pend, cap_pend;
	struct prs_pend *pend;
	struct prs_acc **acc;         /* as prs_state.acc */
	struct prs_top **top;         /* as prs_state.top */
	struct prs_call *call;        /* scratch, n_sample */
	const struct grx_var **block; /* reference blocks that may cover later rows */
	size_t n_block, cap_block;
	int64_t n_ref_block;
	int32_t last_tid;
	int64_t last_pos, first_pos;
	int32_t first_tid;
};

static int key_cmp(int32_t ta, int64_t pa, int32_t tb, int64_t pb)
{
	if (ta != tb)
		return ta < tb ? -1 : 1;
	return pa < pb ? -1 : pa > pb;
}

/* First row at or after (tid, pos). */
static size_t loc_lower(const struct prs_set *ps, int32_t tid, int64_t pos)
{
	size_t lo = 0, hi = ps->n_loc;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (key_cmp(ps->loc[mid]->tid, ps->loc[mid]->pos, tid, pos) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void *part_grow(struct part *p, void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	size_t want = *cap ? 2 * *cap : 64;
	void *w = grx_arena_grow(p->mem, v, n, want, size);
	if (w)
		*cap = want;
	return w;
}

static int note_found(struct grx_ctx *cx, struct part *p, size_t row, const struct prs_hit *h)
{
	void *v = part_grow(p, p->found, p->n_found, &p->cap_found, sizeof *p->found);
	if (!v)
		return grx_fail_nomem(cx, "score matches");
	p->found = v;
	p->found[p->n_found++] = (struct prs_found){
		.row = row, .code = h->code, .palindromic = h->palindromic};
	return GRX_OK;
}

static int note_pend(
	struct grx_ctx *cx, const struct prs_state *st, struct part *p, size_t row, const struct prs_hit *h)
{
	int rc = GRX_E_BUG;
	void *v = part_grow(p, p->pend, p->n_pend, &p->cap_pend, sizeof *p->pend);
	if (!v)
		return grx_fail_nomem(cx, "score matches");
	p->pend = v;
	struct prs_pend e = {
		.row = row, .prio = h->prio, .code = h->code, .palindromic = h->palindromic, .af = NAN};
	if (prs_code_is_match(h->code)) {
		e.call = grx_arena_alloc(p->mem, (size_t)st->rule.n_sample, sizeof *e.call);
		if (!e.call)
			return grx_fail_nomem(cx, "genotypes of a score row");
		GRX_TRY(prs_calls(cx, &st->rule, h, e.call, &e.af));
		if (st->top)
			e.evid = grx_arena_alloc(p->mem, (size_t)st->rule.n_sample, sizeof *e.evid);
		if (st->top && !e.evid)
			return grx_fail_nomem(cx, "largest terms");
		for (int s = 0; e.evid && s < st->rule.n_sample; s++)
			prs_evid_get(&st->set->row[row], row, h, e.call, s, &e.evid[s]);
	}
	p->pend[p->n_pend++] = e;
	rc = GRX_OK;
out:
	return rc;
}

static struct prs_acc *part_acc(const struct prs_state *st, struct part *p, int score, bool pal)
{
	size_t k = (size_t)score * 2 + pal;
	if (!p->acc[k])
		p->acc[k] = grx_arena_calloc(p->mem, (size_t)st->rule.n_sample, sizeof **p->acc);
	return p->acc[k];
}

/* Note the evidence of a settled row for its largest terms. */
static int part_top(
	struct grx_ctx *cx, const struct prs_state *st, struct part *p, size_t row, const struct prs_hit *h)
{
	size_t k = (size_t)st->set->row[row].score * 2 + h->palindromic;
	if (!st->top)
		return GRX_OK;
	if (!p->top[k])
		p->top[k] = grx_arena_calloc(p->mem, (size_t)st->rule.n_sample, sizeof **p->top);
	if (!p->top[k])
		return grx_fail_nomem(cx, "largest terms");
	for (int s = 0; s < st->rule.n_sample; s++) {
		struct prs_evid e;
		double d = (double)p->call[s].d;
		if (isnan(d) || !prs_top_open(&p->top[k][s], prs_value(&st->set->row[row], d)))
			continue;
		prs_evid_get(&st->set->row[row], row, h, p->call, s, &e);
		prs_top_add(&p->top[k][s], &e);
	}
	return GRX_OK;
}

/* Settle a row for good inside this shard. */
static int settle(
	struct grx_ctx *cx, const struct prs_state *st, struct part *p, size_t row, const struct prs_hit *h)
{
	int rc = GRX_E_BUG;
	const struct prs_row *r = &st->set->row[row];
	GRX_TRY(note_found(cx, p, row, h));
	if (prs_code_is_match(h->code)) {
		double af;
		struct prs_acc *acc = part_acc(st, p, r->score, h->palindromic);
		if (!acc)
			return grx_fail_nomem(cx, "score sums");
		GRX_TRY(prs_calls(cx, &st->rule, h, p->call, &af));
		prs_add(&st->rule, r, p->call, af, acc);
		GRX_TRY(part_top(cx, st, p, row, h));
	}
	rc = GRX_OK;
out:
	return rc;
}

/* Reference bases at a row that a block covers; *n = 0 when nobody knows them. */
static int ref_bases(struct grx_ctx *cx, const struct grx_shard *sh, const struct prs_row *r,
	const struct grx_var *v, const char **ref, size_t *n)
{
	size_t want = strlen(r->ea), wo = r->oa ? strlen(r->oa) : 0;
	want = wo > want ? wo : want;
	*n = 0;
	*ref = NULL;
	size_t off = (size_t)(r->pos - v->pos), have = strlen(v->allele[0]);
	if (off + want <= have && !memchr(v->allele[0] + off, 'N', want)) {
		*ref = v->allele[0] + off;
		*n = want;
		return GRX_OK;
	}
	if (sh->ref && sh->tid == r->tid && r->pos >= sh->ref_beg && r->pos + (int64_t)want <= sh->ref_end) {
		*ref = sh->ref + (r->pos - sh->ref_beg);
		*n = want;
		return GRX_OK;
	}
	if (!cx->fasta)
		return GRX_OK;
	char *s = NULL;
	int64_t got = 0;
	int rc = grx_fasta_fetch(cx, cx->fasta, grx_contig_name(cx->contigs, r->tid), r->pos,
		r->pos + (int64_t)want, sh->mem, &s, &got);
	*ref = s;
	*n = got > 0 ? (size_t)got : 0;
	return rc;
}

/* Best of the records at the row's position [beg, end) and of the blocks that cover it. */
static int best_hit(struct grx_ctx *cx, const struct prs_state *st, const struct grx_shard *sh,
	const struct part *p, const struct prs_row *r, const size_t range[2], struct prs_hit *best)
{
	*best = (struct prs_hit){.prio = PRS_P_NONE, .code = PRS_NO_LOCUS, .allele = -1};
	for (size_t i = range[0]; i < range[1]; i++) {
		struct prs_hit h;
		if (grx_var_is_ref_block(&sh->vars->v[i]))
			continue;
		prs_match_record(r, &sh->vars->v[i], st->rule.compat, &h);
		if (h.prio < best->prio || !best->v)
			*best = h;
	}
	/* of several blocks the one that starts last: the same whether or not the others are in this shard */
	for (size_t i = 0; i < p->n_block && best->prio >= PRS_P_BLOCK; i++) {
		const char *ref;
		size_t n;
		struct prs_hit h;
		if (p->block[i]->tid != r->tid || p->block[i]->pos + p->block[i]->rlen <= r->pos)
			continue;
		int rc = ref_bases(cx, sh, r, p->block[i], &ref, &n);
		if (rc != 0)
			return rc;
		prs_match_block(r, p->block[i], ref, n, &h);
		if (h.prio <= best->prio)
			*best = h;
	}
	return GRX_OK;
}

/* Move blocks that start at or before (tid, pos) into the list; forget those that end before. */
static int blocks_advance(
	struct grx_ctx *cx, struct part *p, const struct grx_vars *b, size_t *next, const struct prs_row *r)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_block; i++)
		if (p->block[i]->tid == r->tid && p->block[i]->pos + p->block[i]->rlen > r->pos)
			p->block[n++] = p->block[i];
	p->n_block = n;
	for (; *next < b->n && key_cmp(b->v[*next].tid, b->v[*next].pos, r->tid, r->pos) <= 0; (*next)++) {
		const struct grx_var *v = &b->v[*next];
		if (!grx_var_is_ref_block(v) || v->tid != r->tid || v->pos + v->rlen <= r->pos)
			continue;
		void *w = part_grow(p, p->block, p->n_block, &p->cap_block, sizeof *p->block);
		if (!w)
			return grx_fail_nomem(cx, "reference blocks");
		p->block = w;
		p->block[p->n_block++] = v;
	}
	return GRX_OK;
}

/* Rows from the first position of the shard on, until neither a record nor a block can reach further. */
static int join(struct grx_ctx *cx, const struct prs_state *st, const struct grx_shard *sh, struct part *p)
{
	int rc = GRX_E_BUG;
	const struct grx_vars *b = sh->vars;
	const struct prs_set *ps = st->set;
	size_t rec = 0, next = 0;
	for (size_t i = loc_lower(ps, p->first_tid, p->first_pos); i < ps->n_loc; i++) {
		const struct prs_row *r = ps->loc[i];
		GRX_TRY(blocks_advance(cx, p, b, &next, r));
		bool beyond = key_cmp(r->tid, r->pos, p->last_tid, p->last_pos) > 0;
		if (beyond && p->n_block == 0)
			break;
		while (rec < b->n && key_cmp(b->v[rec].tid, b->v[rec].pos, r->tid, r->pos) < 0)
			rec++;
		size_t range[2] = {rec, rec};
		while (range[1] < b->n && b->v[range[1]].tid == r->tid && b->v[range[1]].pos == r->pos)
			range[1]++;
		struct prs_hit h;
		GRX_TRY(best_hit(cx, st, sh, p, r, range, &h));
		if (!h.v)
			continue;
		bool edge = key_cmp(r->tid, r->pos, p->last_tid, p->last_pos) >= 0 ||
			    key_cmp(r->tid, r->pos, p->first_tid, p->first_pos) == 0;
		size_t row = (size_t)(r - ps->row);
		if (edge)
			GRX_TRY(note_pend(cx, st, p, row, &h));
		else
			GRX_TRY(settle(cx, st, p, row, &h));
	}
	rc = GRX_OK;
out:
	return rc;
}

static int prs_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	const struct prs_state *st = state;
	sh->part = NULL;
	if (!sh->vars || sh->vars->n == 0)
		return GRX_OK;
	struct part *p = grx_arena_calloc(sh->mem, 1, sizeof *p);
	if (!p)
		return grx_fail_nomem(cx, "prs shard");
	p->mem = sh->mem;
	p->acc = grx_arena_calloc(sh->mem, (size_t)st->set->n_score * 2, sizeof *p->acc);
	p->call = grx_arena_alloc(sh->mem, (size_t)st->rule.n_sample, sizeof *p->call);
	p->top = grx_arena_calloc(sh->mem, (size_t)st->set->n_score * 2, sizeof *p->top);
	if (!p->acc || !p->call || !p->top)
		return grx_fail_nomem(cx, "prs shard");
	const struct grx_var *first = &sh->vars->v[0], *last = &sh->vars->v[sh->vars->n - 1];
	p->first_tid = first->tid;
	p->first_pos = first->pos;
	p->last_tid = last->tid;
	p->last_pos = last->pos;
	for (size_t i = 0; i < sh->vars->n; i++)
		p->n_ref_block += grx_var_is_ref_block(&sh->vars->v[i]);
	sh->part = p;
	return join(cx, st, sh, p);
}

static struct prs_acc *state_acc(struct prs_state *st, size_t k)
{
	if (!st->acc[k])
		st->acc[k] = grx_calloc((size_t)st->rule.n_sample, sizeof **st->acc);
	return st->acc[k];
}

static struct prs_top *state_top(struct prs_state *st, size_t k)
{
	if (!st->top[k])
		st->top[k] = grx_calloc((size_t)st->rule.n_sample, sizeof **st->top);
	return st->top[k];
}

static void pend_free(struct prs_pend *e)
{
	grx_free(e->call);
	grx_free(e->evid);
}

static int pend_flush(struct grx_ctx *cx, struct prs_state *st, size_t i)
{
	struct prs_pend *e = &st->pend[i];
	const struct prs_row *r = &st->set->row[e->row];
	st->code[e->row] = (uint8_t)e->code;
	st->pal[e->row] = e->palindromic;
	if (prs_code_is_match(e->code)) {
		struct prs_acc *acc = state_acc(st, (size_t)r->score * 2 + e->palindromic);
		if (!acc)
			return grx_fail_nomem(cx, "score sums");
		prs_add(&st->rule, r, e->call, e->af, acc);
		struct prs_top *top = st->top ? state_top(st, (size_t)r->score * 2 + e->palindromic) : NULL;
		if (st->top && !top)
			return grx_fail_nomem(cx, "largest terms");
		for (int s = 0; top && s < st->rule.n_sample; s++)
			prs_top_add(&top[s], &e->evid[s]);
	}
	pend_free(e);
	memmove(e, e + 1, (--st->n_pend - i) * sizeof *e);
	return GRX_OK;
}

static struct prs_pend *pend_find(struct prs_state *st, size_t row)
{
	for (size_t i = 0; i < st->n_pend; i++)
		if (st->pend[i].row == row)
			return &st->pend[i];
	return NULL;
}

/* Replace what lives in the shard's arena by heap copies. */
static int pend_copy(struct prs_pend *e, size_t n)
{
	const struct prs_call *call = e->call;
	const struct prs_evid *evid = e->evid;
	e->call = call ? grx_malloc(n, sizeof *call) : NULL;
	e->evid = evid ? grx_malloc(n, sizeof *evid) : NULL;
	if ((call && !e->call) || (evid && !e->evid)) {
		pend_free(e);
		return GRX_E_NOMEM;
	}
	if (call)
		memcpy(e->call, call, n * sizeof *call);
	if (evid)
		memcpy(e->evid, evid, n * sizeof *evid);
	return GRX_OK;
}

/* Keep the better of two candidates for the same row; on a tie the earlier record, the later block. */
static int pend_add(struct grx_ctx *cx, struct prs_state *st, const struct prs_pend *e)
{
	struct prs_pend *old = pend_find(st, e->row);
	if (old && (old->prio < e->prio || (old->prio == e->prio && e->prio < PRS_P_BLOCK)))
		return GRX_OK;
	struct prs_pend copy = *e;
	if (pend_copy(&copy, (size_t)st->rule.n_sample) != GRX_OK)
		return grx_fail_nomem(cx, "genotypes of a score row");
	if (old) {
		pend_free(old);
	} else {
		if (grx_grow(&st->pend, &st->cap_pend, st->n_pend + 1, sizeof *st->pend, 0) != 0) {
			pend_free(&copy);
			return grx_fail_nomem(cx, "score rows at a border");
		}
		old = &st->pend[st->n_pend++];
	}
	*old = copy;
	return GRX_OK;
}

/* A block of an earlier shard gives way to what this one found, unless the block says more. */
static void pend_yield(struct prs_state *st, const struct prs_found *f)
{
	struct prs_pend *e = st->n_pend ? pend_find(st, f->row) : NULL;
	if (!e || e->prio < f->prio)
		return;
	pend_free(e);
	memmove(e, e + 1, (--st->n_pend - (size_t)(e - st->pend)) * sizeof *e);
}

static int prs_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	int rc = GRX_E_BUG;
	struct prs_state *st = state;
	const struct part *p = sh->part;
	if (!p)
		return GRX_OK;
	st->n_block += p->n_ref_block;
	for (size_t i = 0; i < p->n_pend; i++)
		GRX_TRY(pend_add(cx, st, &p->pend[i]));
	for (size_t i = 0; i < p->n_found; i++)
		pend_yield(st, &p->found[i]);
	for (size_t i = 0; i < st->n_pend;) {
		const struct prs_row *r = &st->set->row[st->pend[i].row];
		if (key_cmp(r->tid, r->pos, p->last_tid, p->last_pos) < 0)
			GRX_TRY(pend_flush(cx, st, i));
		else
			i++;
	}
	for (size_t i = 0; i < p->n_found; i++) {
		const struct prs_found *f = &p->found[i];
		if (prs_code_is_match(f->code) || st->code[f->row] == PRS_NO_LOCUS) {
			st->code[f->row] = (uint8_t)f->code;
			st->pal[f->row] = f->palindromic;
		}
	}
	for (size_t k = 0; k < (size_t)st->set->n_score * 2; k++) {
		if (!p->acc[k])
			continue;
		struct prs_acc *a = state_acc(st, k);
		if (!a) {
			rc = grx_fail_nomem(cx, "score sums");
			goto out;
		}
		struct prs_top *top = p->top[k] ? state_top(st, k) : NULL;
		if (p->top[k] && !top) {
			rc = grx_fail_nomem(cx, "largest terms");
			goto out;
		}
		for (int s = 0; s < st->rule.n_sample; s++) {
			prs_acc_merge(&a[s], &p->acc[k][s]);
			if (top)
				prs_top_merge(&top[s], &p->top[k][s]);
		}
	}
	rc = GRX_OK;
out:
	return rc;
}

/* --- open, finish, close --- */

static void rule_set(struct prs_state *st)
{
	const struct prs_opt *o = st->opt;
	struct prs_rule *ru = &st->rule;
	ru->compat = grx_streq(o->compat, "pgsc_calc");
	ru->mean = !grx_streq(o->missing, "zero");
	ru->x_double = !grx_streq(o->x_haploid, "single");
	ru->use_gt = !grx_streq(o->dosage, "DS");
	ru->use_ds = !grx_streq(o->dosage, "GT");
	ru->ref_gq = (int)o->ref_gq;
	ru->n_sample = st->hdr->n_sample;
	ru->contig = st->contig;
}

static int contigs_classify(struct grx_ctx *cx, struct prs_state *st)
{
	int32_t n = cx->contigs->n;
	st->contig = grx_calloc((size_t)n + 1, 1);
	if (!st->contig)
		return grx_fail_nomem(cx, "contigs");
	for (int32_t i = 0; i < n; i++) {
		const char *c = grx_contig_canonical(grx_contig_name(cx->contigs, i));
		st->contig[i] = strcmp(c, "X") == 0    ? PRS_X
				: strcmp(c, "Y") == 0  ? PRS_Y
				: strcmp(c, "MT") == 0 ? PRS_MT
						       : PRS_AUTOSOME;
	}
	return GRX_OK;
}

static int prs_open(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	struct prs_state *st = grx_calloc(1, sizeof *st);
	if (!st)
		return grx_fail_nomem(cx, "prs");
	*state = st;
	st->opt = opts;
	st->hdr = cx->hdr;
	if (!st->hdr || st->hdr->n_sample == 0)
		return grx_fail(cx, GRX_E_DATA, "prs: the input has no samples; expected genotypes");
	GRX_TRY(prs_set_load(cx, st->opt, &st->set));
	prs_set_warn(cx, st->set);
	GRX_TRY(contigs_classify(cx, st));
	rule_set(st);
	size_t n = st->set->n_row, k = (size_t)st->set->n_score;
	st->code = grx_malloc(n, 1);
	st->pal = grx_calloc(n, sizeof *st->pal);
	st->acc = grx_calloc(2 * k, sizeof *st->acc);
	st->keep_pal = grx_calloc(k, sizeof *st->keep_pal);
	st->why_pal = grx_calloc(k, sizeof *st->why_pal);
	bool few = st->rule.n_sample <= PRS_TOP_MAX_SAMPLES;
	st->top = few ? grx_calloc(2 * k, sizeof *st->top) : NULL;
	if ((few && !st->top) || !st->code || !st->pal || !st->acc || !st->keep_pal || !st->why_pal) {
		rc = grx_fail_nomem(cx, "prs");
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		st->code[i] = st->set->row[i].code;
	grx_info(cx, "%d scores, %zu rows, %zu to look for", st->set->n_score, n, st->set->n_loc);
	rc = GRX_OK;
out:
	return rc;
}

static int prs_wants(const void *opts, struct grx_ctx *cx, struct grx_sites *add)
{
	int rc = GRX_E_BUG;
	struct prs_set *ps = NULL;
	if (!cx->reads)
		return GRX_OK; /* no caller ahead: do not read the files twice */
	GRX_TRY(prs_set_load(cx, opts, &ps));
	rc = prs_wants_add(cx, ps, add);
out:
	prs_set_free(ps);
	return rc;
}

/* Strand proof of one score: enough rows that do tell the strand, nearly all as written and none flipped. */
static void palindromes_decide(struct prs_state *st, int k)
{
	enum { PRS_PROOF_ROWS = 10 };
	const char *mode = st->opt->palindromes ? st->opt->palindromes : st->rule.compat ? "drop" : "auto";
	int64_t direct = 0, flip = 0, other = 0;
	const struct prs_score *sc = &st->set->score[k];
	for (size_t i = sc->row_beg; i < sc->row_end; i++) {
		if (st->pal[i])
			continue;
		direct += st->code[i] == PRS_MATCHED || st->code[i] == PRS_MATCHED_REF;
		flip += st->code[i] == PRS_MATCHED_FLIP;
		other += st->code[i] == PRS_ALLELE_MISMATCH;
	}
	if (strcmp(mode, "auto") != 0) {
		st->keep_pal[k] = strcmp(mode, "keep") == 0;
		st->why_pal[k] = st->keep_pal[k] ? "kept: option" : "dropped: option";
	} else if (direct < PRS_PROOF_ROWS) {
		st->why_pal[k] = "dropped: fewer than 10 other rows to prove the strand";
	} else if (flip > 0 || 10 * direct < 9 * (direct + other)) {
		st->why_pal[k] = "dropped: other rows match on the other strand or not at all";
	} else {
		st->keep_pal[k] = true;
		st->why_pal[k] = "kept: all other rows match as written";
	}
	for (size_t i = sc->row_beg; i < sc->row_end; i++)
		if (st->pal[i] && prs_code_is_match(st->code[i]))
			st->code[i] = st->keep_pal[k] ? PRS_MATCHED_PAL : PRS_PALINDROMIC_DROPPED;
}

static int prs_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	int rc = GRX_E_BUG;
	struct prs_state *st = state;
	while (st->n_pend > 0)
		GRX_TRY(pend_flush(cx, st, 0));
	for (int k = 0; k < st->set->n_score; k++)
		palindromes_decide(st, k);
	GRX_TRY(prs_facts_add(cx, st, out));
	if (st->opt->tsv)
		GRX_TRY(prs_tsv_write(cx, st));
	if (st->opt->log)
		GRX_TRY(prs_log_write(cx, st));
	if (summary && prs_summary_add(st, summary) != 0) {
		rc = grx_fail_nomem(cx, "summary");
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

static void prs_close(void *state)
{
	struct prs_state *st = state;
	if (!st)
		return;
	for (size_t i = 0; i < st->n_pend; i++)
		pend_free(&st->pend[i]);
	for (int k = 0; st->acc && k < 2 * st->set->n_score; k++)
		grx_free(st->acc[k]);
	for (int k = 0; st->top && k < 2 * st->set->n_score; k++)
		grx_free(st->top[k]);
	grx_free(st->top);
	grx_free(st->acc);
	grx_free(st->pend);
	grx_free(st->code);
	grx_free(st->pal);
	grx_free(st->keep_pal);
	grx_free(st->why_pal);
	grx_free(st->contig);
	prs_set_free(st->set);
	grx_free(st);
}

const struct grx_stage grx_stage_prs = {
	.name = "prs",
	.brief = "polygenic scores of PGS Catalog files, with coverage",
	.takes = GRX_VARS,
	.gives = GRX_FACTS,
	.usage = "in.vcf.gz",
	.opts_size = sizeof(struct prs_opt),
	.opts = prs_opt_table,
	.wants = prs_wants,
	.open = prs_open,
	.shard = prs_shard,
	.merge = prs_merge,
	.finish = prs_finish,
	.close = prs_close,
};
