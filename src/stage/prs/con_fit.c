/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_fit.c -- from matched variants to weights: what every method needs, and the methods by name. */
#include <stdlib.h>
#include <string.h>

#include "stage/prs/con_int.h"

static const struct {
	const char *name;
	int (*fit)(struct grx_ctx *cx, const struct con_data *d, struct con_result *res);
} method[] = {{"ct", prs_con_ct}, {"ldpred2-inf", prs_con_inf}, {"ldpred2-grid", prs_con_ldgrid},
	{"ldpred2-auto", prs_con_auto}, {"prscs", prs_con_cs}, {"lassosum2", prs_con_lasso}};

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;
	return a < b ? -1 : a > b;
}

static int median_n(struct grx_ctx *cx, struct con_data *d)
{
	double *n = grx_malloc(d->m, sizeof *n);
	if (!n)
		return grx_fail_nomem(cx, "sample sizes");
	memcpy(n, d->n, d->m * sizeof *n);
	qsort(n, d->m, sizeof *n, by_value);
	d->n_median = n[d->m / 2];
	grx_free(n);
	return GRX_OK;
}

int prs_con_fit(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	for (size_t i = 0; i < sizeof method / sizeof *method; i++)
		if (grx_streq(d->o->method, method[i].name))
			return method[i].fit(cx, d, res);
	return grx_fail(cx, GRX_E_USAGE,
		"no such method '%s': expected ct, ldpred2-inf, ldpred2-grid, ldpred2-auto, prscs or "
		"lassosum2",
		d->o->method ? d->o->method : "");
}

/* What every method needs of the variants kept. */
int prs_con_prepare(struct grx_ctx *cx, struct con_data *d)
{
	int rc = GRX_E_BUG;
	GRX_TRY(prs_con_snps(cx, d));
	GRX_TRY(median_n(cx, d));
	GRX_TRY(prs_con_blocks(cx, d));
	d->h2_init = d->o->h2 > 0 ? d->o->h2 : prs_con_h2_ldsc(d);
out:
	return rc;
}

void prs_con_data_free(struct con_data *d)
{
	prs_con_sum_free(&d->sum);
	prs_con_panel_free(&d->panel);
	grx_free(d->snp);
	grx_free(d->bhat);
	grx_free(d->n);
	grx_free(d->cut);
	grx_free(d->ldsc);
	*d = (struct con_data){0};
}
