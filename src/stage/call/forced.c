/* SPDX-License-Identifier: GPL-3.0-or-later
 * forced.c -- sites that are printed whatever the reads say: genotype, homozygous reference and no-call made
 * explicit. Exactly one record per (position, REF); alleles called there besides the given ones join it when
 * they fit. */
#include "stage/call/call_int.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "bio/allele.h"

#define NEAR_BP (CALL_PAD_BP / 2) /* longer than the REF of a site that can be assessed */

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

static void add_alt(struct call_work *w, struct call_forced *f, const char *alt)
{
	struct call_allele a = {.pos = f->site->pos, .rlen = 1, .alen = 1, .alt = alt};
	if (!grx_allele_is_acgt(alt) || strlen(alt) > CALL_MAX_LEN || f->n_alt == CALL_MAX_ALLELE - 4) {
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
		if (call_allele_same(&f->alt[i], &a))
			return;
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
	if (f->rlen > CALL_MAX_LEN)
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
	}
	return rc;
}

void call_forced_mark(struct call_rec *r, struct call_forced *f)
{
	r->forced = true;
	r->id = f->site->id;
	f->done = true;
}

/* What cannot be assessed is a no-call with the ALTs as they were given. */
static int no_call(struct call_work *w, struct call_forced *f)
{
	struct call_rec *r = call_record_push(w);
	char *alts = grx_arena_strdup(w->mem, f->site->alt ? f->site->alt : "."), *field[64];
	int n = 0;
	struct call_rec *more = grx_arena_calloc(w->mem, (size_t)w->n_sample, sizeof(*more));
	if (!r || !alts || !more)
		return grx_fail_nomem(w->cx, "forced sites");
	if (strcmp(alts, ".") != 0 && alts[0])
		n = grx_split(alts, ',', field, 64);
	for (int i = 1; i < w->n_sample; i++) {
		more[i - 1].nocall = true;
		more[i - 1].ploidy = call_ploidy(w, i, f->site->pos);
		more[i - 1].dp = call_depth(w, i, f->site->pos - w->beg);
	}
	*r = (struct call_rec){.pos = f->site->pos,
		.rlen = f->rlen,
		.n_allele = n + 1,
		.nocall = true,
		.more = more,
		.owned = f->owned,
		.ploidy = call_ploidy(w, 0, f->site->pos)};
	r->allele = grx_arena_alloc(w->mem, (size_t)n + 1, sizeof(*r->allele));
	if (!r->allele)
		return grx_fail_nomem(w->cx, "forced sites");
	r->allele[0] = f->ref;
	for (int i = 0; i < n; i++)
		r->allele[i + 1] = field[i];
	r->dp = call_depth(w, 0, f->site->pos - w->beg);
	call_record_site(w, r);
	call_forced_mark(r, f);
	return GRX_OK;
}

/* A base of a quiet place by its column, all else among the haplotypes called there. */
static int site_rest(struct call_work *w, struct call_forced *f)
{
	if (f->unusable || (f->n_alt == 0 && !f->snv))
		return GRX_OK;
	if (w->mito && f->snv)
		return call_mito_forced(w, f);
	if (w->mito && call_mito_mixed(w, f->site->pos, f->site->pos + f->rlen))
		return GRX_OK; /* a majority call would deny what is there in a fraction */
	if (f->snv && w->n_sample == 1 && !call_region_near(w, f->site->pos))
		return call_column(w, f->site->pos, f);
	grx_arena_reset(w->tmp);
	return call_forced_hap(w, f);
}

int call_forced_rest(struct call_work *w)
{
	int rc = GRX_OK;
	for (size_t i = 0; i < w->n_forced && rc == GRX_OK; i++) {
		struct call_forced *f = &w->forced[i];
		/* one beyond the border may show a call of the core: not printed, but the call gives way */
		if (f->done || f->site->pos < w->sh->beg - NEAR_BP || f->site->pos >= w->sh->end + NEAR_BP)
			continue;
		rc = site_rest(w, f);
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
