/* SPDX-License-Identifier: GPL-3.0-or-later
 * tsv.c -- the two tables: scores by sample (--tsv), and every row with its reason (--log). */
#include <math.h>

#include "base/out.h"
#include "base/str.h"
#include "stage/prs/prs_int.h"

static void put_num(struct grx_out *o, double x, bool have)
{
	char buf[32];
	grx_out_puts(o, "\t");
	grx_out_puts(o, have && isfinite(x) ? grx_fmt_g(buf, x, 10) : "NA");
}

static void put_result(struct grx_out *o, const struct prs_result *r)
{
	grx_out_printf(o, "%s\t%s\t%lld\t%lld", r->sample, r->score->id, (long long)r->count->n_rows,
		(long long)r->count->n_matched);
	put_num(o, r->sum, r->ok);
	put_num(o, r->avg, r->ok);
	grx_out_printf(o, "\t%lld\t%lld\t%lld\t%lld", (long long)r->acc.n_missing,
		(long long)r->acc.n_imputed, (long long)r->acc.allele_ct, (long long)r->acc.denom);
	put_num(o, grx_fix_get(&r->acc.dose), true);
	put_num(o, r->coverage, true);
	put_num(o, r->coverage_weight, true);
	grx_out_puts(o, r->ok ? "\tok\n" : "\tlow_overlap\n");
}

int prs_tsv_write(struct grx_ctx *cx, const struct prs_state *st)
{
	struct grx_out *o;
	int rc = grx_out_open(cx, st->opt->tsv, &o);
	if (rc != 0)
		return rc;
	grx_out_puts(o,
		"sample\tscore_id\tn_rows\tn_matched\tsum\tavg\tn_missing\tn_imputed\tallele_ct\tdenom\t"
		"named_allele_dosage_sum\tcoverage\tcoverage_weight\tstatus\n");
	for (int k = 0; k < st->set->n_score; k++) {
		struct prs_count c;
		prs_count_score(st, k, &c);
		for (int s = 0; s < st->rule.n_sample; s++) {
			struct prs_result r;
			prs_result_get(st, k, s, &c, &r);
			put_result(o, &r);
		}
	}
	return grx_out_close(cx, o);
}

int prs_log_write(struct grx_ctx *cx, const struct prs_state *st)
{
	static const char *const type[] = {"additive", "dominant", "recessive", "dosage"};
	struct grx_out *o;
	int rc = grx_out_open(cx, st->opt->log, &o);
	if (rc != 0)
		return rc;
	grx_out_puts(o, "score_id\tline\trsid\tchrom\tpos\teffect_allele\tother_allele\tweight\teffect_"
			"type\treason\n");
	for (size_t i = 0; i < st->set->n_row; i++) {
		const struct prs_row *r = &st->set->row[i];
		char w[32], pos[32] = ".";
		if (r->pos >= 0) {
			/* integers of this size are exact in a double */
			grx_fmt_g(pos, (double)(r->pos + 1), 15);
		}
		grx_out_printf(o, "%s\t%lld\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", st->set->score[r->score].id,
			(long long)r->line, r->id ? r->id : ".", r->chr[0] ? r->chr : ".", pos, r->ea,
			r->oa ? r->oa : ".", grx_fmt_g(w, r->w, 10), type[r->type],
			prs_code_name((enum prs_code)st->code[i]));
	}
	return grx_out_close(cx, o);
}
