/* SPDX-License-Identifier: GPL-3.0-or-later
 * top.c -- the loci behind a score: its largest terms with the genotypes they rest on, for runs of few
 * samples. */
#include <string.h>

#include "base/str.h"
#include "stage/prs/prs_int.h"

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
	if (e->row == UINT32_MAX || (i == PRS_TOP && !before(e, &t->e[i - 1])))
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
	const struct grx_contigs *d, const struct prs_top *t, struct grx_facts *out, struct grx_fact *f)
{
	int rc = GRX_OK;
	struct grx_str terms = {0};
	for (int i = 0; i < t->n && rc == GRX_OK; i++) {
		const struct prs_evid *e = &t->e[i];
		const char *chrom = grx_contig_name(d, e->tid);
		char buf[32];
		struct grx_because b = {.chrom = chrom,
			.pos = e->pos + 1,
			.ref = e->ref,
			.alt = e->alt,
			.name = e->name[0] ? e->name : NULL,
			.gt = e->gt,
			.dp = e->dp,
			.gq = e->gq,
			.ad = e->ad[0] ? e->ad : NULL};
		rc = grx_fact_because(out, f, &b);
		grx_str_addf(&terms, "%s%s:%lld:%s=%s", i ? ";" : "", chrom, (long long)e->row_pos + 1, e->ea,
			grx_fmt_g(buf, e->value, 6));
	}
	if (rc == GRX_OK && t->n > 0)
		rc = terms.oom ? GRX_E_NOMEM : grx_fact_attr(out, f, "largest_terms", "%s", terms.s);
	grx_str_clear(&terms);
	return rc;
}
