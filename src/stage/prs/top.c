/* SPDX-License-Identifier: GPL-3.0-or-later
 * top.c -- the loci behind a score: its largest terms with the genotypes they rest on, for runs of few
 * samples. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "stage/prs/prs_int.h"

static bool put(char *to, size_t cap, const char *s)
{
	size_t n = strlen(s);
	if (n >= cap)
		return false;
	memcpy(to, s, n + 1);
	return true;
}

static void put_gt(const struct grx_var *v, int sample, char *to, size_t cap)
{
	size_t n = 0;
	to[0] = '\0';
	for (int k = 0; k < v->ploidy && n + 8 < cap; k++) {
		int32_t c = v->gt[(size_t)sample * (size_t)v->ploidy + (size_t)k];
		if (GRX_GT_IS_END(c))
			break;
		const char *sep = k == 0 ? "" : GRX_GT_PHASED(c) ? "|" : "/";
		int a = GRX_GT_ALLELE(c);
		n += (size_t)(a < 0 ? snprintf(to + n, cap - n, "%s.", sep)
				    : snprintf(to + n, cap - n, "%s%d", sep, a));
	}
	if (n == 0)
		(void)put(to, cap, "./.");
}

static int32_t fmt_int(const struct grx_var *v, const char *key, int sample)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	if (!f || f->type != GRX_T_INT || f->n < 1)
		return -1;
	int32_t x = f->v.i[(size_t)sample * (size_t)f->n];
	return x == GRX_INT_MISSING || x == GRX_INT_END ? -1 : x;
}

static void put_ad(const struct grx_var *v, int sample, char *to, size_t cap)
{
	const struct grx_field *f = grx_var_fmt(v, "AD");
	size_t n = 0;
	to[0] = '\0';
	for (int k = 0; f && f->type == GRX_T_INT && k < f->n && n + 13 < cap; k++) {
		int32_t x = f->v.i[(size_t)sample * (size_t)f->n + (size_t)k];
		if (x == GRX_INT_MISSING || x == GRX_INT_END)
			break;
		n += (size_t)snprintf(to + n, cap - n, "%s%d", k ? "," : "", x);
	}
}

static bool put_alts(const struct grx_var *v, char *to, size_t cap)
{
	size_t n = 0;
	for (int k = 1; k < v->n_allele; k++) {
		if (k > 1 && n + 1 < cap)
			to[n++] = ',';
		if (!put(to + n, cap - n, v->allele[k]))
			return false;
		n += strlen(v->allele[k]);
	}
	return n > 0 || put(to, cap, ".");
}

void prs_evid_get(const struct prs_row *r, size_t row, const struct prs_hit *h, const struct prs_call *call,
	int sample, struct prs_evid *e)
{
	memset(e, 0, sizeof *e);
	e->row = SIZE_MAX;
	if (isnan(call[sample].d))
		return;
	e->value = prs_value(r, (double)call[sample].d);
	if (e->value == 0 || !put(e->ref, sizeof e->ref, h->v->allele[0]) ||
		!put_alts(h->v, e->alt, sizeof e->alt))
		return;
	e->row = row;
	e->tid = h->v->tid;
	e->pos = h->v->pos;
	e->dp = fmt_int(h->v, "DP", sample);
	e->gq = fmt_int(h->v, "GQ", sample);
	put_gt(h->v, sample, e->gt, sizeof e->gt);
	put_ad(h->v, sample, e->ad, sizeof e->ad);
}

static bool before(const struct prs_evid *a, const struct prs_evid *b)
{
	double x = fabs(a->value), y = fabs(b->value);
	return x != y ? x > y : a->row < b->row;
}

bool prs_top_open(const struct prs_top *t, double value)
{
	return t->n < PRS_TOP || !(fabs(value) < fabs(t->e[PRS_TOP - 1].value));
}

void prs_top_add(struct prs_top *t, const struct prs_evid *e)
{
	int i = t->n;
	if (e->row == SIZE_MAX || (i == PRS_TOP && !before(e, &t->e[i - 1])))
		return;
	if (i == PRS_TOP)
		i--;
	else
		t->n++;
	for (; i > 0 && before(e, &t->e[i - 1]); i--)
		t->e[i] = t->e[i - 1];
	t->e[i] = *e;
}

void prs_top_merge(struct prs_top *t, const struct prs_top *from)
{
	for (int i = 0; i < from->n; i++)
		prs_top_add(t, &from->e[i]);
}

int prs_top_because(
	const struct prs_state *st, const struct prs_top *t, struct grx_facts *out, struct grx_fact *f)
{
	int rc = GRX_OK;
	struct grx_str terms = {0};
	for (int i = 0; i < t->n && rc == GRX_OK; i++) {
		const struct prs_evid *e = &t->e[i];
		const struct prs_row *r = &st->set->row[e->row];
		const char *chrom = grx_contig_name(st->hdr->contigs, e->tid);
		char buf[32];
		struct grx_because b = {.chrom = chrom,
			.pos = e->pos + 1,
			.ref = e->ref,
			.alt = e->alt,
			.name = r->id,
			.gt = e->gt,
			.dp = e->dp,
			.gq = e->gq,
			.ad = e->ad[0] ? e->ad : NULL};
		rc = grx_fact_because(out, f, &b);
		grx_str_addf(&terms, "%s%s:%lld:%s=%s", i ? ";" : "", chrom, (long long)r->pos + 1, r->ea,
			grx_fmt_g(buf, e->value, 6));
	}
	if (rc == GRX_OK && t->n > 0)
		rc = terms.oom ? GRX_E_NOMEM : grx_fact_attr(out, f, "largest_terms", "%s", terms.s);
	grx_str_clear(&terms);
	return rc;
}
