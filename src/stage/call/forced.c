/* SPDX-License-Identifier: GPL-3.0-or-later
 * forced.c -- sites that are printed whatever the reads say: genotype, homozygous reference and no-call made
 * explicit. Exactly one record per (position, REF); alleles called there besides the given ones join it when
 * they fit. */
#include "stage/call/call_int.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "bio/allele.h"

static bool ref_agrees(const struct call_work *w, const struct call_forced *f, bool *unknown)
{
	for (int32_t i = 0; i < f->rlen; i++) {
		char c = call_ref_at(w, f->site->pos + i);
		if (c == 'N' || f->ref[i] == 'N')
			*unknown = true;
		else if (c != f->ref[i])
			return false;
	}
	return true;
}

static char *upper(struct grx_arena *mem, const char *s)
{
	char *t = grx_arena_strdup(mem, s);
	for (char *p = t; p && *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return t;
}

static bool same_allele(const struct call_allele *a, const struct call_allele *b)
{
	return a->pos == b->pos && a->rlen == b->rlen && a->alen == b->alen &&
	       memcmp(a->alt, b->alt, (size_t)a->alen) == 0;
}

static void add_alt(struct call_work *w, struct call_forced *f, const char *alt)
{
	struct call_allele a = {.pos = f->site->pos, .rlen = 1, .alen = 1, .alt = alt};
	if (!grx_allele_is_acgt(alt) || strlen(alt) > CALL_MAX_HAP / 4 || f->n_alt == CALL_MAX_ALLELE - 4) {
		f->unusable = true;
		return;
	}
	if (strcmp(alt, f->ref) == 0)
		return;
	if (f->rlen > 1 || strlen(alt) > 1) {
		f->snv = false;
		if (!call_allele_norm(w, f->site->pos, f->ref, alt, &a)) {
			f->unusable = true;
			return;
		}
	}
	for (int i = 0; i < f->n_alt; i++)
		if (same_allele(&f->alt[i], &a))
			return;
	a.forced = true;
	f->given[f->n_alt] = alt;
	f->alt[f->n_alt++] = a;
}

static int site_take(struct call_work *w, const struct grx_site *s, struct call_forced *f)
{
	char *alts, *field[64];
	char one[2] = {call_ref_at(w, s->pos), 0};
	*f = (struct call_forced){
		.site = s, .snv = true, .owned = s->pos >= w->sh->beg && s->pos < w->sh->end};
	f->ref = upper(w->mem, s->ref && s->ref[0] && strcmp(s->ref, ".") != 0 ? s->ref : one);
	alts = upper(w->mem, s->alt ? s->alt : ".");
	f->alt = grx_arena_calloc(w->mem, CALL_MAX_ALLELE, sizeof(*f->alt));
	f->given = grx_arena_calloc(w->mem, CALL_MAX_ALLELE, sizeof(*f->given));
	if (!f->ref || !alts || !f->alt || !f->given)
		return grx_fail_nomem(w->cx, "forced sites");
	f->rlen = (int32_t)strlen(f->ref);
	w->n->forced_seen += f->owned;
	if (!ref_agrees(w, f, &f->unusable)) {
		w->n->forced_bad_ref += f->owned;
		f->done = true;
		return GRX_OK;
	}
	if (f->rlen > CALL_MAX_HAP / 4)
		f->unusable = true;
	int n = grx_split(alts, ',', field, 64);
	for (int i = 0; i < n && !f->unusable; i++)
		if (strcmp(field[i], ".") != 0 && field[i][0])
			add_alt(w, f, field[i]);
	if (f->n_alt == 0 && f->rlen > 1)
		f->snv = false;
	w->n->forced_symbolic += f->owned && f->unusable;
	return GRX_OK;
}

int call_forced_prepare(struct call_work *w)
{
	const struct grx_sites *s = w->cx->sites;
	int rc = GRX_OK;
	if (!s || !s->n)
		return GRX_OK;
	size_t lo = grx_sites_lower(s, w->sh->tid, w->beg), hi = grx_sites_lower(s, w->sh->tid, w->end);
	w->forced = grx_arena_calloc(w->mem, hi - lo + 1, sizeof(*w->forced));
	if (!w->forced)
		return grx_fail_nomem(w->cx, "forced sites");
	for (size_t i = lo; i < hi && rc == GRX_OK; i++) {
		struct call_forced *f = &w->forced[w->n_forced];
		rc = site_take(w, &s->v[i], f);
		if (f->done || rc != GRX_OK)
			continue;
		w->n_forced++;
		for (int k = 0; k < f->n_alt && !f->snv && !f->unusable && rc == GRX_OK; k++) {
			const struct call_allele *a = &f->alt[k];
			size_t before = w->n_ind;
			rc = call_indel_add(w, a->pos, a->rlen, a->alt, a->alen);
			if (rc == GRX_OK && w->n_ind > before) {
				w->ind[before].n_read = 0;
				w->ind[before].forced = true;
			}
		}
	}
	return rc;
}

void call_forced_mark(struct call_rec *r, struct call_forced *f)
{
	r->forced = true;
	r->id = f->site->id;
	f->done = true;
}

static int find(const struct call_locus *lc, const struct call_allele *a)
{
	for (int i = 0; i < lc->n; i++)
		if (same_allele(&lc->a[i], a))
			return i;
	return -1;
}

/* Can the allele be written over REF of the site? */
static bool fits(const struct call_forced *f, const struct call_allele *a)
{
	int64_t pos = f->site->pos;
	return a->pos >= pos + call_is_indel(a) && a->pos + a->rlen <= pos + f->rlen;
}

static int site_record(struct call_work *w, struct call_forced *f, const struct call_locus *lc,
	const struct call_gt *g, const bool *called, bool *open)
{
	struct call_span s = {.pos = f->site->pos, .rlen = f->rlen};
	struct call_rec *r;
	bool in[CALL_MAX_ALLELE] = {0};
	s.called = called;
	for (int i = 0; i < f->n_alt; i++) {
		int k = find(lc, &f->alt[i]);
		if (k < 0)
			return GRX_OK; /* not (all) here */
		s.pick[s.n++] = k;
		in[k] = true;
	}
	for (int k = 0; k < lc->n; k++) {
		if (called[k] && !in[k] && fits(f, &lc->a[k]))
			s.pick[s.n++] = k;
		open[k] = open[k] && !in[k] && !fits(f, &lc->a[k]);
	}
	int rc = call_record_add(w, lc, g, &s, &r);
	if (rc != GRX_OK)
		return rc;
	for (int i = 0; i < f->n_alt; i++)
		r->allele[i + 1] = f->given[i];
	call_forced_mark(r, f);
	return GRX_OK;
}

/* Index of the first site at or after pos. */
static size_t forced_lower(const struct call_work *w, int64_t pos)
{
	size_t lo = 0, hi = w->n_forced;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (w->forced[mid].site->pos < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int call_forced_locus(struct call_work *w, const struct call_locus *lc, const struct call_gt *g,
	const bool *called, bool *open)
{
	int rc = GRX_OK;
	if (!lc->has_forced)
		return GRX_OK;
	for (size_t i = forced_lower(w, lc->beg - CALL_MAX_HAP); i < w->n_forced && rc == GRX_OK; i++) {
		struct call_forced *f = &w->forced[i];
		if (f->site->pos > lc->end)
			break;
		if (f->done || f->snv || f->unusable || f->n_alt == 0)
			continue;
		rc = site_record(w, f, lc, g, called, open);
	}
	return rc;
}

/* A site that shares no locus with what was seen, or whose ALTs lie in several. */
static int own_locus(struct call_work *w, struct call_forced *f)
{
	struct call_locus lc = {.n = f->n_alt, .beg = f->site->pos, .end = f->site->pos + f->rlen};
	struct call_gt g;
	bool none[CALL_MAX_ALLELE] = {0};
	for (int i = 0; i < f->n_alt; i++) {
		int64_t b, e;
		lc.a[i] = f->alt[i];
		lc.prior[i + 1] = w->st->opt.indel_prior;
		call_locus_tract(w, &f->alt[i], &b, &e);
		lc.beg = b < lc.beg ? b : lc.beg;
		lc.end = e > lc.end ? e : lc.end;
	}
	int rc = call_locus_genotype(w, &lc, &g);
	return rc == GRX_OK ? site_record(w, f, &lc, &g, none, none) : rc;
}

/* What cannot be assessed is a no-call with the ALTs as they were given. */
static int no_call(struct call_work *w, struct call_forced *f)
{
	struct call_rec *r = call_record_push(w);
	char *alts = grx_arena_strdup(w->mem, f->site->alt ? f->site->alt : "."), *field[64];
	int n = 0;
	if (!r || !alts)
		return grx_fail_nomem(w->cx, "forced sites");
	if (strcmp(alts, ".") != 0 && alts[0])
		n = grx_split(alts, ',', field, 64);
	*r = (struct call_rec){.pos = f->site->pos,
		.rlen = f->rlen,
		.n_allele = n + 1,
		.nocall = true,
		.owned = f->owned,
		.ploidy = call_ploidy(w, f->site->pos)};
	r->allele = grx_arena_alloc(w->mem, (size_t)n + 1, sizeof(*r->allele));
	if (!r->allele)
		return grx_fail_nomem(w->cx, "forced sites");
	r->allele[0] = f->ref;
	for (int i = 0; i < n; i++)
		r->allele[i + 1] = field[i];
	r->dp = w->depth[f->site->pos - w->beg];
	call_forced_mark(r, f);
	return GRX_OK;
}

int call_forced_rest(struct call_work *w)
{
	int rc = GRX_OK;
	for (size_t i = 0; i < w->n_forced && rc == GRX_OK; i++) {
		struct call_forced *f = &w->forced[i];
		if (f->done || !f->owned)
			continue;
		rc = f->unusable || f->n_alt == 0 ? no_call(w, f) : own_locus(w, f);
		if (rc == GRX_OK && !f->done)
			rc = no_call(w, f);
	}
	return rc;
}

struct call_forced *call_forced_snv(struct call_work *w, int64_t pos, size_t *i)
{
	while (*i < w->n_forced && w->forced[*i].site->pos < pos)
		(*i)++;
	for (size_t k = *i; k < w->n_forced && w->forced[k].site->pos == pos; k++)
		if (w->forced[k].snv && !w->forced[k].unusable && !w->forced[k].done)
			return &w->forced[k];
	return NULL;
}
