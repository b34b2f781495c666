/* SPDX-License-Identifier: GPL-3.0-or-later
 * locus.c -- turn variant records into what each sample shows at each defining locus.
 * A record of the locus itself (same POS and REF) beats a reference block, which beats any other overlapping
 * record. A no-call stays a no-call; an overlapping record of something else is no evidence for REF. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bio/allele.h"
#include "bio/contig.h"
#include "stage/pgx/posterior.h"
#include "stage/pgx/store.h"

#define MAX_ALLELE 64

const char *pgx_state_text(enum pgx_state s)
{
	static const char *const text[PGX_N_STATE] = {"ok", "no record", "no-call", "low GQ", "low DP",
		"REF differs from the table", "symbolic, spanning or unaligned allele",
		"AD contradicts the genotype", "FILTER not PASS", "more than two alleles",
		"records contradict each other", "reference block of unknown build"};
	return text[s];
}

/* The record's alleles as codes of one locus. */
struct translation {
	int8_t code[MAX_ALLELE];
	uint8_t rank;
	bool anchor_only, bad_ref, compared, block;
};

static struct grx_change trimmed(int64_t pos, const char *ref, const char *alt)
{
	struct grx_change c = {pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(&c);
	return c;
}

static bool same_change(const struct grx_change *a, const struct grx_change *b)
{
	return a->pos == b->pos && a->ref_len == b->ref_len && a->alt_len == b->alt_len &&
	       !memcmp(a->alt, b->alt, (size_t)a->alt_len) && !memcmp(a->ref, b->ref, (size_t)a->ref_len);
}

static bool is_snv(const struct pgx_locus *l)
{
	for (int k = 0; k < l->n_alt; k++)
		if (l->alt[k][1])
			return false;
	return !l->ref[1];
}

/* Does the change alter bases that the locus is about? Insertions touch only their own point. */
static bool touches(const struct pgx_locus *l, const struct grx_change *c)
{
	if (l->span_beg == l->span_end) /* insertion locus */
		return c->ref_len ? c->pos < l->span_beg && c->pos + c->ref_len > l->span_beg
				  : c->pos == l->span_beg;
	if (!c->ref_len)
		return c->pos > l->span_beg && c->pos < l->span_end;
	return c->pos < l->span_end && c->pos + c->ref_len > l->span_beg;
}

/* Every ALT changes the length: a substitution inside leaves the question of the locus as it was. */
static bool only_lengths(const struct pgx_locus *l)
{
	for (int k = 0; k < l->n_alt; k++)
		if (strlen(l->alt[k]) == strlen(l->ref))
			return false;
	return true;
}

static int8_t code_of_alt(const struct pgx_locus *l, int64_t pos, const char *ref, const char *alt)
{
	if (!grx_allele_is_acgt(alt))
		return PGX_REFUSED;
	char buf[256], want_buf[256];
	struct grx_change c = pgx_normal(l, trimmed(pos, ref, alt), buf);
	for (int k = 0; k < l->n_alt; k++) {
		struct grx_change want = pgx_normal(l, trimmed(l->pos, l->ref, l->alt[k]), want_buf);
		if (same_change(&c, &want))
			return (int8_t)(k + 1);
	}
	if (pgx_may_be_shifted(l, &c))
		return PGX_REFUSED;
	bool own = pos == l->pos && !strcmp(ref, l->ref);
	if (!own && (!touches(l, &c) || (c.ref_len == c.alt_len && only_lengths(l))))
		return 0;
	if (is_snv(l) && c.ref_len == c.alt_len &&
		c.ref_len > 1) { /* one base of a multi-base substitution */
		char base = c.alt[l->pos - c.pos];
		for (int k = 0; k <= l->n_alt; k++)
			if ((k ? l->alt[k - 1] : l->ref)[0] == base)
				return (int8_t)k;
	}
	return PGX_OTHER;
}

/* Compare REF over the bases that both cover. */
static bool ref_agrees(const struct pgx_locus *l, const struct grx_var *v)
{
	const char *r = v->allele[0];
	int64_t n = (int64_t)strlen(r), m = (int64_t)strlen(l->ref);
	for (int64_t i = 0; i < m; i++) {
		int64_t j = l->pos + i - v->pos;
		if (j >= 0 && j < n && r[j] != l->ref[i] && r[j] != 'N')
			return false;
	}
	return true;
}

static bool translate(const struct pgx_locus *l, const struct grx_var *v, struct translation *tr)
{
	bool block = grx_var_is_ref_block(v), own = v->pos == l->pos && !strcmp(v->allele[0], l->ref);
	int64_t need = l->pos + (int64_t)strlen(l->ref);
	memset(tr, 0, sizeof *tr);
	if (v->n_allele > MAX_ALLELE)
		return false;
	tr->bad_ref = !ref_agrees(l, v);
	tr->block = block && !own;
	tr->compared = v->pos + (int64_t)strlen(v->allele[0]) > l->pos && v->pos < need;
	if (block && !own) {
		if (v->pos > l->pos)
			return false;
		tr->rank = 1;
		tr->anchor_only = v->pos + v->rlen < need;
		if (tr->anchor_only && v->pos != l->pos)
			return false;
	} else {
		tr->rank = own ? 0 : 2;
		tr->anchor_only = own && block && !is_snv(l) && v->rlen <= 1;
	}
	for (int i = 1; i < v->n_allele; i++) {
		tr->code[i] = code_of_alt(l, v->pos, v->allele[0], v->allele[i]);
		if (tr->code[i] > 0 && tr->code[i] != PGX_OTHER)
			tr->rank = 0; /* written with other padding, yet about this locus */
	}
	return true;
}

static int32_t fmt_int(const struct grx_var *v, const char *key, int sample)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	if (f && f->type == GRX_T_FLOAT && f->n >= 1) { /* some callers declare GQ as Float */
		float y = f->v.f[(size_t)sample * (size_t)f->n];
		return grx_float_is_missing(y) || grx_float_is_end(y) || !(y > -1e9f && y < 1e9f)
			       ? GRX_INT_MISSING
			       : (int32_t)floorf(y);
	}
	if (!f || f->type != GRX_T_INT || f->n < 1)
		return GRX_INT_MISSING;
	int32_t x = f->v.i[(size_t)sample * (size_t)f->n];
	return x == GRX_INT_END ? GRX_INT_MISSING : x;
}

/* AD as text; *contradicts: there are reads, but none of an allele that GT calls. */
static const char *ad_text(struct grx_arena *mem, const struct grx_var *v, int sample,
	const struct pgx_obs *o, bool *contradicts)
{
	const struct grx_field *f = grx_var_fmt(v, "AD");
	struct grx_str s = {0};
	int n_pos = 0, n = 0, n_bare = 0;
	*contradicts = false;
	if (!f || f->type != GRX_T_INT)
		return NULL;
	for (int i = 0; i < f->n; i++) {
		int32_t x = f->v.i[(size_t)sample * (size_t)f->n + (size_t)i];
		if (x == GRX_INT_END || x == GRX_INT_MISSING)
			break;
		grx_str_addf(&s, n++ ? ",%d" : "%d", (int)x);
		n_pos += x > 0;
		n_bare += x == 0 && (i == o->gt[0] || i == o->gt[1]);
	}
	*contradicts = n == v->n_allele && n > 1 && n_pos && n_bare;
	const char *t = n && !s.oom ? grx_arena_strdup(mem, s.s) : NULL;
	grx_str_clear(&s);
	return t;
}

/* Genotype codes of one sample; returns the number of called alleles. */
static int take_gt(const struct grx_var *v, int sample, const struct translation *tr, struct pgx_obs *o)
{
	const int32_t *gt = v->gt + (size_t)sample * (size_t)v->ploidy;
	int n = 0, called = 0;
	o->code[0] = o->code[1] = PGX_NONE;
	o->gt[0] = o->gt[1] = -1;
	for (int i = 0; i < v->ploidy; i++) {
		if (GRX_GT_IS_END(gt[i]))
			break;
		if (n == 2) {
			o->many = true;
			break;
		}
		int a = GRX_GT_ALLELE(gt[i]);
		if (a >= v->n_allele || a >= MAX_ALLELE)
			a = -1;
		o->gt[n] = (int8_t)a;
		o->code[n] = a < 0 ? PGX_NONE : tr->code[a];
		called += a >= 0;
		if (n == 1)
			o->phased = GRX_GT_PHASED(gt[i]);
		n++;
	}
	if (n == 1) {
		o->haploid = true;
		o->phased = true;
		o->code[1] = PGX_ABSENT;
		o->gt[1] = -2;
	}
	return called;
}

static void take_ps(const struct grx_var *v, int sample, struct pgx_obs *o)
{
	const struct grx_field *f = grx_var_fmt(v, "PS");
	o->ps = fmt_int(v, "PS", sample);
	if (f && f->type == GRX_T_STR && f->v.s[sample] && strcmp(f->v.s[sample], "."))
		o->ps = (int32_t)(grx_hash_str(f->v.s[sample]) & 0x7fffffff);
	int32_t pq = fmt_int(v, "PQ", sample);
	o->pq = pq != GRX_INT_MISSING && pq > 0 ? pq : 0;
	if (pq != GRX_INT_MISSING && pq <= 0 && !o->haploid) /* no better than a guess */
		o->phased = false;
}

static bool passes(const char *filter)
{
	return !filter || !*filter || !strcmp(filter, "PASS") || !strcmp(filter, ".");
}

/* By FILTER, or for this sample by FT. */
static bool filtered(const struct grx_var *v, int sample)
{
	const struct grx_field *ft = grx_var_fmt(v, "FT");
	for (int i = 0; i < v->n_filter; i++)
		if (!passes(v->filter[i]))
			return true;
	return ft && ft->type == GRX_T_STR && !passes(ft->v.s[sample]);
}

/* Distance of the best to the second best likelihood, when it is the called genotype that is best; -1 without
 * PL. */
static int32_t gq_of_pl(const struct grx_var *v, int sample, const struct pgx_obs *o)
{
	const struct grx_field *f = grx_var_fmt(v, "PL");
	int lo = o->gt[0] < o->gt[1] ? o->gt[0] : o->gt[1], hi = o->gt[0] < o->gt[1] ? o->gt[1] : o->gt[0];
	int32_t own, least = GRX_INT_MISSING;
	if (!f || f->type != GRX_T_INT || hi < 0 || lo == -1)
		return -1;
	int at = lo < 0 ? hi : hi * (hi + 1) / 2 + lo,
	    n = lo < 0 ? v->n_allele : v->n_allele * (v->n_allele + 1) / 2;
	if (f->n < n || n < 2)
		return -1;
	const int32_t *pl = f->v.i + (size_t)sample * (size_t)f->n;
	own = pl[at];
	for (int i = 0; i < n; i++) {
		if (pl[i] == GRX_INT_MISSING || pl[i] == GRX_INT_END)
			return -1;
		if (i != at && (least == GRX_INT_MISSING || pl[i] < least))
			least = pl[i];
	}
	return least > own ? least - own : 0;
}

/* GQ; else RGQ, as written at sites without variant; else what PL says. */
static int32_t gq_get(const struct grx_var *v, int sample, const struct pgx_obs *o)
{
	int32_t gq = fmt_int(v, "GQ", sample);
	if (gq == GRX_INT_MISSING)
		gq = fmt_int(v, "RGQ", sample);
	return gq == GRX_INT_MISSING ? gq_of_pl(v, sample, o) : gq;
}

/* DP; of a block the least depth inside it when that is told. */
static int32_t dp_get(const struct grx_var *v, int sample)
{
	int32_t dp = fmt_int(v, "DP", sample), least = fmt_int(v, "MIN_DP", sample);
	if (least != GRX_INT_MISSING && (dp == GRX_INT_MISSING || least < dp))
		dp = least;
	return dp == GRX_INT_MISSING ? -1 : dp;
}

/* Whether the genotype can be used, and why not. */
static enum pgx_state state_of(const struct pgx_opt *opt, const struct grx_var *v,
	const struct translation *tr, const struct pgx_obs *o, int called, int sample)
{
	if (o->many)
		return PGX_PLOIDY;
	if (!called || (called == 1 && !o->haploid && (o->code[0] == 0 || o->code[1] == 0)))
		return PGX_NOCALL;
	if (tr->bad_ref)
		return PGX_BAD_REF;
	if (o->code[0] == PGX_REFUSED || o->code[1] == PGX_REFUSED)
		return PGX_SYMBOLIC;
	if (filtered(v, sample) && !opt->keep_filtered)
		return PGX_FILTERED;
	int32_t margin = pgx_pl_margin(o); /* GQ may be told higher than the likelihoods bear out */
	if ((o->gq >= 0 && o->gq < opt->min_gq) || (margin >= 0 && margin < opt->min_gq))
		return PGX_LOW_GQ;
	return o->dp >= 0 && o->dp < opt->min_dp ? PGX_LOW_DP : PGX_OK;
}

/* What the policy of the run says otherwise about evidence. */
static void apply_policy(const struct pgx_policy *p, struct pgx_obs *o, bool *contradicts)
{
	int n_with_reads = 0;
	if (p->any_quality && (o->state == PGX_FILTERED || o->state == PGX_LOW_GQ || o->state == PGX_LOW_DP))
		o->state = PGX_OK;
	for (const char *s = o->ad; s && *s; s += strcspn(s, ","), s += *s == ',')
		n_with_reads += *s != '0';
	if (p->ad_het_only && (n_with_reads != 1 || o->gt[1] < 0 || o->gt[0] == o->gt[1]))
		*contradicts = false;
}

struct seen {
	const struct pgx_table *t;
	const struct pgx_opt *opt;
	const struct pgx_locus *l;
	const struct grx_var *v;
	const struct translation *tr;
};

/* Do the likelihoods rule out that both copies are REF? */
static bool not_ref(const struct pgx_obs *o, int32_t min_gq)
{
	int k = o->n_code, n = o->haploid ? k : k * (k + 1) / 2;
	for (int i = 1; o->pl && i < n; i++)
		if (o->pl[i] <= o->pl[0] - min_gq)
			return true;
	return false;
}

static int observe_sample(struct grx_arena *mem, const struct seen *x, int sample, struct pgx_obs *o)
{
	const struct grx_var *v = x->v;
	const struct translation *tr = x->tr;
	bool contradicts = false;
	memset(o, 0, sizeof *o);
	o->rank = tr->rank;
	o->anchor_only = tr->anchor_only;
	o->ref = v->allele[0];
	int called = v->ploidy && v->gt ? take_gt(v, sample, tr, o) : 0;
	o->dp = dp_get(v, sample);
	o->gq = gq_get(v, sample, o);
	take_ps(v, sample, o);
	o->ad = ad_text(mem, v, sample, o, &contradicts);
	if (called && !tr->bad_ref && pgx_likelihoods(mem, v, sample, tr->code, x->l, o) != GRX_OK)
		return GRX_E_NOMEM;
	o->state = (uint8_t)state_of(x->opt, v, tr, o, called, sample);
	o->pl_low = o->state == PGX_LOW_GQ && o->gq >= x->opt->min_gq && not_ref(o, x->opt->min_gq);
	apply_policy(&x->t->policy, o, &contradicts);
	if (o->state == PGX_OK && contradicts)
		o->state = PGX_AD_CONFLICT;
	if (o->state == PGX_OK && tr->block && !tr->compared && !x->t->known_build)
		o->state = PGX_NO_BUILD;
	return GRX_OK;
}

static const char *join_alts(struct grx_arena *mem, const struct grx_var *v)
{
	struct grx_str s = {0};
	for (int i = 1; i < v->n_allele; i++)
		grx_str_addf(&s, i > 1 ? ",%s" : "%s", v->allele[i]);
	const char *t = s.oom ? NULL : grx_arena_strdup(mem, s.n ? s.s : ".");
	grx_str_clear(&s);
	return t;
}

/* Something other than REF, be it an allele that cannot be read. */
static bool shows(int8_t code)
{
	return code > 0 || code == PGX_REFUSED;
}

static bool any_shown(const struct translation *tr, int n_allele)
{
	for (int i = 1; i < n_allele; i++)
		if (shows(tr->code[i]))
			return true;
	return false;
}

static void compare_ref(
	const struct pgx_locus *l, const struct grx_var *v, const struct translation *tr, struct pgx_hits *h)
{
	h->n_compared += tr->compared;
	if (!tr->bad_ref)
		return;
	if (h->n_bad_ref < 3)
		snprintf(h->bad[h->n_bad_ref], sizeof h->bad[0], "%s:%lld REF %.20s, expected %.20s",
			l->chrom, (long long)v->pos + 1, v->allele[0], l->ref);
	h->n_bad_ref++;
}

static int add_hit(const struct pgx_table *t, const struct pgx_opt *opt, struct grx_shard *sh,
	const struct grx_var *v, int locus, struct pgx_hits *h)
{
	struct translation tr;
	const struct pgx_locus *l = &t->locus[locus];
	if (!translate(l, v, &tr) || (t->policy.own_records && (tr.rank == 2 || (tr.rank && tr.anchor_only))))
		return GRX_OK;
	int n = sh->vars->hdr->n_sample;
	struct pgx_obs *obs = h->row;
	struct pgx_packed packed;
	const struct seen x = {t, opt, l, v, &tr};
	const char *alt = join_alts(sh->mem, v);
	if (!alt)
		return GRX_E_NOMEM;
	compare_ref(l, v, &tr, h);
	if (tr.rank == 2 && !tr.bad_ref && !any_shown(&tr, v->n_allele))
		return GRX_OK; /* something else in the neighbourhood: no evidence here */
	for (int s = 0; s < n; s++) {
		if (observe_sample(sh->mem, &x, s, &obs[s]) != GRX_OK)
			return GRX_E_NOMEM;
		obs[s].alt = alt;
		bool nothing = !shows(obs[s].code[0]) && !shows(obs[s].code[1]);
		if (tr.rank == 2 && nothing &&
			!tr.bad_ref) /* something else in the neighbourhood: no evidence here */
			obs[s] = (struct pgx_obs){.state = PGX_NO_RECORD};
	}
	if (pgx_pack(sh->mem, obs, n, &packed) != GRX_OK)
		return GRX_E_NOMEM;
	if (h->n == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 16;
		h->v = grx_arena_grow(sh->mem, h->v, h->n, cap, sizeof *h->v);
		if (!h->v)
			return GRX_E_NOMEM;
		h->cap = cap;
	}
	h->v[h->n++] = (struct pgx_hit){locus, packed};
	return GRX_OK;
}

/* First entry of t->order at or after (tid, pos). */
static int lower(const struct pgx_table *t, int32_t tid, int64_t pos)
{
	int lo = 0, hi = t->n_locus;
	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;
		const struct pgx_locus *l = &t->locus[t->order[mid]];
		if (l->tid < tid || (l->tid == tid && l->pos < pos))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int pgx_observe(const struct pgx_table *t, const struct pgx_opt *o, struct grx_ctx *cx, struct grx_shard *sh,
	struct pgx_hits **out)
{
	struct pgx_hits *h = grx_arena_calloc(sh->mem, 1, sizeof *h);
	size_t n_sample = sh->vars ? (size_t)sh->vars->hdr->n_sample : 0;
	*out = h;
	if (!h || !(h->row = grx_arena_alloc(sh->mem, n_sample + 1, sizeof *h->row)))
		return grx_fail_nomem(cx, "pharmacogene observations");
	for (size_t i = 0; sh->vars && i < sh->vars->n; i++) {
		const struct grx_var *v = &sh->vars->v[i];
		int64_t end = v->pos + (v->rlen > 0 ? v->rlen : (int64_t)strlen(v->allele[0]));
		for (int k = lower(t, v->tid, v->pos - t->max_span); k < t->n_locus; k++) {
			const struct pgx_locus *l = &t->locus[t->order[k]];
			if (l->tid != v->tid || l->pos >= end)
				break;
			if (l->reach <= v->pos)
				continue;
			if (add_hit(t, o, sh, v, t->order[k], h) != GRX_OK)
				return grx_fail_nomem(cx, "pharmacogene observations");
		}
	}
	return GRX_OK;
}

static bool all_ref(const struct pgx_obs *o)
{
	return !shows(o->code[0]) && !shows(o->code[1]);
}

static bool same_call(const struct pgx_obs *a, const struct pgx_obs *b)
{
	bool straight = a->code[0] == b->code[0] && a->code[1] == b->code[1];
	bool crossed = a->code[0] == b->code[1] && a->code[1] == b->code[0];
	if (a->phased && b->phased && !a->haploid)
		return straight;
	return straight || crossed;
}

/* The lower of two qualities, -1 = not told. */
static int32_t lower_gq(int32_t a, int32_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* The two het parts of one split record: each has the other's allele as REF. One allele told twice may be one
 * copy in two spellings: that it is on both is sure only by phase. */
static bool join_parts(struct pgx_obs *have, const struct pgx_obs *more)
{
	int8_t x[2] = {have->code[0], have->code[1]}, y[2] = {more->code[0], more->code[1]};
	if (have->haploid || more->haploid || (x[0] && x[1]) || (y[0] && y[1]))
		return false;
	bool phased = have->phased && more->phased;
	if (phased && ((x[0] && y[0]) || (x[1] && y[1])))
		return false; /* both on one copy */
	if (!phased && x[0] + x[1] == y[0] + y[1] && x[0] + x[1] != PGX_OTHER)
		return false;
	have->code[0] = x[0] ? x[0] : x[1];
	have->code[1] = y[0] ? y[0] : y[1];
	if (phased && x[1]) {
		have->code[0] = y[0];
		have->code[1] = x[1];
	}
	have->phased = phased;
	have->pl = NULL; /* each record knew the other's allele as REF */
	have->n_code = 0;
	have->gq = lower_gq(have->gq, more->gq);
	return true;
}

/* A part of a split record: its likelihoods may speak of two copies of its allele, for they lack the other
 * part's; but never of none. */
static bool is_part(const struct pgx_obs *o)
{
	bool het = !o->haploid && (o->code[0] > 0) != (o->code[1] > 0);
	return het && (o->state == PGX_OK || (o->state == PGX_LOW_GQ && o->pl_low));
}

/* Two records of the locus itself for one sample. What neither contradicts stays; a doubt in either is a
 * doubt. Returns true if more is to replace have. */
static bool settle_equal(struct pgx_obs *have, const struct pgx_obs *more)
{
	bool parts = !grx_streq(have->ref, more->ref) || !grx_streq(have->alt, more->alt);
	if (parts && !same_call(have, more) && is_part(have) && is_part(more) && join_parts(have, more)) {
		have->state = PGX_OK;
		return false;
	}
	if (have->state != PGX_OK || more->state != PGX_OK)
		return have->state == PGX_OK;
	if (same_call(have, more) && (!parts || all_ref(have)))
		return false;
	if (parts && have->haploid == more->haploid && (all_ref(have) || all_ref(more)))
		return all_ref(have);
	if (!parts || !join_parts(have, more))
		have->state = PGX_DISCORDANT;
	return false;
}

static size_t n_pl(const struct pgx_obs *o)
{
	size_t k = o->n_code;
	return o->haploid ? k : k * (k + 1) / 2;
}

/* Does this record of something else say that bases of the locus are not those of its own record? */
static bool changes(const struct pgx_obs *o)
{
	return o->rank == 2 && (o->state == PGX_OK || o->state == PGX_SYMBOLIC || o->state == PGX_DISCORDANT);
}

/* A deletion of the base, say, leaves no copy that a record of the locus, whatever its genotype, tells right:
 * beside 0/1 it is the copy called 0 that lacks the base, beside 1/1 one of the two is wrong. */
static bool clashes(const struct pgx_obs *have, const struct pgx_obs *more)
{
	const struct pgx_obs *near = have->rank == 2 ? have : more, *own = have->rank == 2 ? more : have;
	if (have->rank == 2 && more->rank == 2)
		return changes(have) != changes(more);
	if (have->rank == 1 && more->rank == 0 && have->state == PGX_DISCORDANT)
		return true;
	return changes(near) && own->rank < 2 && own->state == PGX_OK;
}

int pgx_obs_keep(struct grx_arena *mem, struct pgx_obs *have, const struct pgx_obs *more)
{
	bool both = have->state == PGX_OK && more->state == PGX_OK && have->rank == more->rank;
	bool replace = have->state == PGX_NO_RECORD || more->rank < have->rank;
	if (more->state == PGX_NO_RECORD)
		return 0;
	bool clash = have->state != PGX_NO_RECORD && clashes(have, more);
	if (have->state != PGX_NO_RECORD && have->rank == more->rank)
		replace = settle_equal(have, more);
	if (replace) {
		*have = *more;
		have->ref = more->ref ? grx_arena_strdup(mem, more->ref) : NULL;
		have->alt = more->alt ? grx_arena_strdup(mem, more->alt) : NULL;
		have->ad = more->ad ? grx_arena_strdup(mem, more->ad) : NULL;
		have->pl = more->pl ? grx_arena_grow(mem, more->pl, n_pl(more), n_pl(more), sizeof *more->pl)
				    : NULL;
	}
	if (clash)
		have->state = PGX_DISCORDANT;
	return both;
}
