/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_main.c -- from summary statistics and a panel to a scoring file: the order of the steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "stage/prs/con_int.h"

void prs_construct_defaults(struct prs_construct_opt *o)
{
	*o = (struct prs_construct_opt){.method = "ldpred2-auto",
		.min_info = 0.8,
		.min_maf = 0.01,
		.freq_diff = 0.2,
		.z_tol = 0.25,
		.clump_r2 = 0.1,
		.clump_kb = 250,
		.p_max = 1,
		.shrink = 0.95,
		.block_max = 500,
		.thin = 5,
		.n_draw = 50,
		.seed = 1};
}

static int check_one(struct grx_ctx *cx, const char *name, double x, double lo, double hi)
{
	if (x >= lo && x <= hi)
		return GRX_OK;
	return grx_fail(cx, GRX_E_USAGE, "construction: %s is %g; expected %g to %g", name, x, lo, hi);
}

/* Also for callers that do not come through the command line. */
static int check(struct grx_ctx *cx, const struct prs_construct_opt *o)
{
	const struct {
		const char *name;
		double x, lo, hi;
	} range[] = {{"gwas-n", o->n, 0, 1e9}, {"min-info", o->min_info, 0, 1},
		{"min-maf", o->min_maf, 0, 0.5}, {"freq-diff", o->freq_diff, 0, 1},
		{"clump-r2", o->clump_r2, 0, 1}, {"clump-kb", o->clump_kb, 0, 1e6},
		{"p-max", o->p_max, 1e-300, 1}, {"h2", o->h2, 0, 1}, {"p-causal", o->p_causal, 0, 1},
		{"phi", o->phi, 0, 1}, {"ld-shrink", o->shrink, 0.01, 1},
		{"block-max", (double)o->block_max, 10, 5000}, {"n-iter", (double)o->n_iter, 0, 1e6},
		{"n-burn", (double)o->n_burn, 0, 1e6}, {"n-chain", (double)o->n_chain, 0, 1000},
		{"thin", (double)o->thin, 1, 1e4}, {"n-draw", (double)o->n_draw, 0, 1e4},
		{"z-tol", o->z_tol, 0, 100}};
	if (!o->sumstats || !o->ld || !o->out)
		return grx_fail(
			cx, GRX_E_USAGE, "construction needs summary statistics, an LD panel and an output");
	for (size_t i = 0; i < sizeof range / sizeof *range; i++) {
		int rc = check_one(cx, range[i].name, range[i].x, range[i].lo, range[i].hi);
		if (rc != GRX_OK)
			return rc;
	}
	return GRX_OK;
}

/* Options that another method would heed. */
static void warn_unused(struct grx_ctx *cx, const struct prs_construct_opt *o)
{
	bool grid = grx_streq(o->method, "ct") || grx_streq(o->method, "lassosum2") ||
		    (grx_streq(o->method, "ldpred2-grid") && !(o->h2 > 0 && o->p_causal > 0));
	if (o->tune && !grid)
		grx_warn(cx, "--tune is not used: %s has no parameters to choose", o->method);
	if (o->phi > 0 && !grx_streq(o->method, "prscs"))
		grx_warn(cx, "--phi is not used by %s", o->method);
	if (o->p_causal > 0 && strncmp(o->method, "ldpred2-", 8) != 0)
		grx_warn(cx, "--p-causal is not used by %s", o->method);
	if (o->h2 > 0 && strncmp(o->method, "ldpred2-", 8) != 0)
		grx_warn(cx, "--h2 is not used by %s", o->method);
}

static void tell(struct grx_ctx *cx, const struct con_data *d)
{
	int64_t count[CON_N_REASON];
	prs_con_count(&d->sum, count);
	grx_info(cx, "%zu rows, %zu variants kept in %zu LD blocks, largest %zu; h2 by LD score %.3f",
		d->sum.n, d->m, d->n_block, d->largest, prs_con_h2_ldsc(d));
	for (int k = 1; k < CON_N_REASON; k++)
		if (count[k] > 0)
			grx_info(cx, "%lld rows: %s", (long long)count[k],
				prs_con_reason_name((enum con_reason)k));
	if ((int64_t)d->m * 2 < (int64_t)d->sum.n)
		grx_warn(cx, "only %zu of %zu rows are used: --construct-report tells why", d->m, d->sum.n);
	if (d->panel.n_person < 500)
		grx_warn(cx, "LD from %d people is noisy: 1,000 or more of the GWAS's ancestry are advised",
			d->panel.n_person);
}

int prs_construct(struct grx_ctx *cx, const struct prs_construct_opt *o)
{
	int rc = GRX_E_BUG;
	struct con_data d = {.o = o, .build = "NR"};
	struct con_result res = {0};
	GRX_TRY(check(cx, o));
	if (o->method)
		warn_unused(cx, o);
	GRX_TRY(prs_con_sum_read(cx, o, &d.sum));
	GRX_TRY(prs_con_qc_rows(cx, &d.sum));
	GRX_TRY(prs_con_panel_read(cx, &d));
	GRX_TRY(prs_con_prepare(cx, &d));
	tell(cx, &d);
	GRX_TRY(prs_con_fit(cx, &d, &res));
	GRX_TRY(prs_con_write(cx, &d, &res));
	GRX_TRY(prs_con_write_report(cx, &d, &res));
out:
	prs_con_result_free(&res);
	prs_con_data_free(&d);
	return rc;
}
