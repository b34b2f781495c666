/* SPDX-License-Identifier: GPL-3.0-or-later
 * filter.c -- hard filters, each a plain threshold on what the record itself shows. */
#include "stage/call/call_int.h"

#include <string.h>

#define MIN_DEPTH    4
#define MIN_MQ       30.0
#define MAX_FS       60.0
#define MAX_FS_SOR   25.0 /* together with */
#define MAX_SOR      4.0
#define SOR_MAX_QUAL 150.0 /* ... unless the evidence is overwhelming */
#define MIN_BALANCE  0.12
#define MIN_HOM_SUM  10   /* informative fragments of a homozygous call, for */
#define MAX_HOM_REST 0.25 /* ... the fraction of them that show another allele */

int call_filters_declare(struct grx_ctx *cx)
{
	/* clang-format off */
	static const struct grx_hdr_line f[] = {
		{GRX_HDR_FILTER, "LowQual", NULL, GRX_T_FLAG, "QUAL is below --min-qual"},
		{GRX_HDR_FILTER, "LowDepth", NULL, GRX_T_FLAG, "Fewer than 4 fragments"},
		{GRX_HDR_FILTER, "LowMapQ", NULL, GRX_T_FLAG, "Root mean square mapping quality below 30"},
		{GRX_HDR_FILTER, "StrandBias", NULL, GRX_T_FLAG, "FS above 60, or above 25 with SOR above 4 and QUAL below 150: ALT is seen on one strand only"},
		{GRX_HDR_FILTER, "AlleleBalance", NULL, GRX_T_FLAG,
			"Heterozygous, but ALT is in less than 12 % of the informative fragments; or homozygous, and over 25 % show another allele"},
		{GRX_HDR_FILTER, "LowScore", NULL, GRX_T_FLAG, "RS is below the threshold of the re-scoring model"},
	};
	/* clang-format on */
	int rc = GRX_OK;
	for (size_t i = 0; i < sizeof(f) / sizeof(*f) && rc == GRX_OK; i++)
		rc = grx_hdr_declare(cx, cx->hdr, &f[i]);
	return rc;
}

enum call_rescore_type call_rec_type(const struct call_rec *r)
{
	for (int i = 1; i < r->n_allele; i++)
		if (r->rlen != 1 || r->allele[i][0] == 0 || r->allele[i][1] != 0)
			return CALL_RS_INDEL;
	return CALL_RS_SNV;
}

/* The model only ever demotes: a high score lifts no other filter. */
static bool low_score(const struct call_state *st, struct call_rec *r)
{
	if (!st->rescore || !r->has_feat)
		return false;
	enum call_rescore_type type = call_rec_type(r);
	r->rs = call_rescore_rs(st->rescore, type, r->feat);
	r->has_rs = true;
	return r->rs < call_rescore_threshold(st->rescore, type);
}

/* A carrier shows its ALT in too few of its fragments; said of a record only when no carrier is better. */
static bool unbalanced(const struct call_state *st, struct call_rec *r)
{
	int carriers = 0, bad = 0;
	if (r->af)
		return false; /* any fraction is possible */
	for (int s = 0; s < (r->more ? st->n_sample : 1); s++) {
		const struct call_rec *x = call_rec_of(r, s);
		int sum = 0;
		if (!x->variant)
			continue;
		carriers++;
		for (int i = 0; i < r->n_allele; i++)
			sum += x->ad[i];
		bool het = x->ploidy == 2 && x->gt[0] != x->gt[1];
		bad += het ? x->ad[x->gt[1]] < MIN_BALANCE * sum
			   : sum >= MIN_HOM_SUM && sum - x->ad[x->gt[1]] > MAX_HOM_REST * sum;
	}
	return carriers > 0 && bad == carriers;
}

void call_filters_set(const struct call_state *st, struct call_rec *r)
{
	int n = 0;
	bool low = low_score(st, r);
	if (st->opt.no_filter || !r->any_call)
		return;
	if (r->any_variant && r->site_qual < st->opt.min_qual)
		r->filter[n++] = "LowQual";
	if (r->all_dp < MIN_DEPTH)
		r->filter[n++] = "LowDepth";
	if (r->site_mq < MIN_MQ)
		r->filter[n++] = "LowMapQ";
	if (r->any_variant &&
		(r->fs > MAX_FS || (r->fs > MAX_FS_SOR && r->sor > MAX_SOR && r->site_qual < SOR_MAX_QUAL)))
		r->filter[n++] = "StrandBias";
	if (unbalanced(st, r))
		r->filter[n++] = "AlleleBalance";
	if (low)
		r->filter[n++] = "LowScore";
	if (n == 0)
		r->filter[n++] = "PASS";
	r->n_filter = n;
}
