/* SPDX-License-Identifier: GPL-3.0-or-later
 * tsv.c -- the table of scores by sample (--tsv). */
#include <stdio.h>

#include "base/out.h"
#include "base/str.h"
#include "stage/prs/prs_int.h"

static void put_num(struct grx_str *o, double x, bool have)
{
	char buf[32];
	grx_str_addc(o, '\t');
	grx_str_add(o, have && isfinite(x) ? grx_fmt_g(buf, x, 10) : "NA");
}

static void put_int(struct grx_str *o, int64_t x)
{
	grx_str_addc(o, '\t');
	grx_str_addi(o, x);
}

static void put_place(struct grx_str *o, const struct prs_state *st, const struct prs_result *r)
{
	const struct prs_adjusted *a = r->adjusted;
	bool ok = r->ok && a && a->ok;
	put_num(o, ok ? a->percentile : 0, ok);
	grx_str_add(o, "\t");
	grx_str_add(o, r->place && r->place->pop >= 0 ? prs_ref_pop(st->ref, r->place->pop) : "NA");
	put_num(o, ok ? a->z_pop : 0, ok);
	put_num(o, ok ? a->z_norm1 : 0, ok);
	put_num(o, ok ? a->z_norm2 : 0, ok);
}

/* A place that cannot be trusted must say so beside the numbers. */
static void put_trust(struct grx_str *o, const struct prs_result *r)
{
	const struct prs_adjusted *a = r->adjusted;
	bool placed = r->place && r->place->placed;
	grx_str_add(o, !placed ? "\tNA" : r->place->low_confidence ? "\tlow" : "\thigh");
	grx_str_add(o, !(r->ok && a && a->ok) ? "\tNA" : a->extrapolated ? "\tyes" : "\tno");
}

static void put_result(struct grx_str *o, const struct prs_state *st, const struct prs_result *r)
{
	grx_str_add(o, r->sample);
	grx_str_addc(o, '\t');
	grx_str_add(o, r->col->id);
	put_int(o, r->n_rows);
	put_int(o, r->n_matched);
	put_num(o, r->sum, r->ok);
	put_num(o, r->avg, r->ok);
	put_num(o, r->lo, r->ok);
	put_num(o, r->hi, r->ok);
	put_int(o, r->n.n_called);
	put_int(o, r->n.n_imputed);
	put_int(o, r->n.n_missing);
	put_int(o, r->n.allele_ct);
	put_int(o, r->n.denom);
	put_num(o, r->n.dose, true);
	put_num(o, r->coverage, true);
	put_num(o, r->coverage_weight, true);
	put_place(o, st, r);
	put_num(o, r->p_above, r->ok);
	grx_str_addc(o, '\t');
	grx_str_add(o, r->ok ? "ok" : r->refused);
	put_trust(o, r);
	grx_str_addc(o, '\n');
}

int prs_tsv_write(struct grx_ctx *cx, const struct prs_state *st)
{
	struct grx_out *o;
	struct grx_str line = {0};
	int rc = grx_out_open(cx, st->opt->tsv, &o);
	if (rc != GRX_OK)
		return rc;
	grx_out_puts(o, "sample\tscore_id\tn_rows\tn_matched\tsum\tavg\tlo\thi\tn_called\tn_imputed\tn_"
			"missing\tallele_ct\t"
			"denom\tnamed_allele_dosage_sum\tcoverage\tcoverage_"
			"weight\tpercentile\tpopulation\tz_pop\tz_norm1\t"
			"z_norm2\tp_above\tstatus\tancestry_confidence\textrapolated\n");
	int file = -1;
	struct prs_count c;
	for (int k = 0; k < st->set->n_col; k++) {
		if (!prs_is_score(st->set, k))
			continue;
		if (st->set->col[k].file != file)
			prs_count_file(st, file = st->set->col[k].file, &c);
		for (int s = 0; s < st->target.n_sample; s++) {
			struct prs_result r;
			prs_result_get(st, k, s, &c, &r);
			grx_str_reset(&line);
			put_result(&line, st, &r);
			grx_out_write(o, line.s, line.n);
		}
	}
	if (line.oom)
		rc = grx_fail_nomem(cx, "a line of the table");
	grx_str_clear(&line);
	int rc2 = grx_out_close(cx, o);
	return rc ? rc : rc2;
}
