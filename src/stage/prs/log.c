/* SPDX-License-Identifier: GPL-3.0-or-later
 * log.c -- one walk over all rows at the end: the log of every row with its reason (--log), and what the rows
 * without a genotype would be expected to add. */
#include <stdio.h>

#include "base/out.h"
#include "base/str.h"
#include "io/bgzout.h"
#include "stage/prs/prs_int.h"

/* Plain, or BGZF by the name. */
struct sink {
	struct grx_out *plain;
	struct grx_bgz *z;
	struct grx_str line;
};

static int sink_open(struct grx_ctx *cx, const char *path, struct sink *s)
{
	return grx_ends(path, ".gz") || grx_ends(path, ".bgz") ? grx_bgz_open(cx, path, false, &s->z)
							       : grx_out_open(cx, path, &s->plain);
}

static void sink_put(struct sink *s)
{
	if (s->z)
		grx_bgz_write(s->z, s->line.s, s->line.n);
	else
		grx_out_write(s->plain, s->line.s, s->line.n);
	grx_str_reset(&s->line);
}

static int sink_close(struct grx_ctx *cx, struct sink *s)
{
	int rc = s->z ? grx_bgz_close(cx, s->z) : s->plain ? grx_out_close(cx, s->plain) : GRX_OK;
	if (s->line.oom && rc == GRX_OK)
		rc = grx_fail_nomem(cx, "a line of the log");
	grx_str_clear(&s->line);
	return rc;
}

static void log_row(const struct prs_state *st, const struct prs_wrow *r, struct sink *s)
{
	static const char *const type[] = {"additive", "dominant", "recessive", "dosage"};
	const struct prs_file *f = &st->set->file[r->file];
	char w[32];
	grx_str_addf(&s->line, "%s\t%lld\t%s\t%s\t", st->set->col[f->col_beg].id, (long long)r->line,
		r->id ? r->id : ".", r->chrom >= 0 ? st->set->chrom[r->chrom] : ".");
	if (r->pos >= 0)
		grx_str_addf(&s->line, "%lld", (long long)r->pos + 1);
	else
		grx_str_addc(&s->line, '.');
	grx_str_addf(&s->line, "\t%s\t%s\t%s\t%s\t%s\n", r->ea ? r->ea : ".", r->oa ? r->oa : ".",
		r->n_w > 0 ? grx_fmt_g(w, r->w[0], 10) : ".", type[r->type],
		prs_code_name((enum prs_code)st->code[r->index]));
	sink_put(s);
}

/* The sum is of what was seen; this is for whoever compares it with a population. */
static void absent_add(struct prs_state *st, const struct prs_wrow *r)
{
	struct prs_absent *a = &st->absent[r->file];
	enum prs_code code = (enum prs_code)st->code[r->index];
	struct prs_term t = {.type = r->type == PRS_ADDITIVE ? (uint8_t)st->po.effect : r->type,
		.f = r->af,
		.std = st->po.std};
	bool rare = t.std == PRS_STD_VARIANCE && !(r->af > 1e-6 && r->af < 1 - 1e-6);
	double c, scale, e, var, w = r->n_w > 0 ? r->w[0] : NAN, table[3] = {0, 0, 0};
	if (code == PRS_DUPLICATE)
		return;
	/* a bad weight has no expectation; of contradictory ones nobody knows which */
	if (isnan(r->af) || rare || !isfinite(w) || code == PRS_CONTRADICTORY) {
		a->n_unknown += !prs_code_is_match(code);
		return;
	}
	if (r->type == PRS_DOSAGE) {
		for (int g = 0; g < 3; g++)
			table[g] = r->w[g];
		t.table = table;
		w = 1;
	}
	prs_expect(&t, 2, 1, &e, &var);
	prs_std_of(&t, 2, 1, &c, &scale);
	e = (e - c) * scale;
	var *= scale * scale;
	a->var += w * w * var;
	if (prs_code_is_match(code))
		return;
	a->n++;
	a->expected += w * e;
	a->var_absent += w * w * var;
}

static int walk(struct grx_ctx *cx, struct prs_state *st, struct prs_wcur *c, struct sink *s)
{
	int rc = GRX_E_BUG, n;
	const struct prs_wrow *r;
	for (int32_t k = -1; k < st->set->n_chrom; k++) {
		GRX_TRY(prs_wcur_seek(cx, c, k, 0, INT64_MAX));
		do {
			GRX_TRY(prs_wcur_next(cx, c, &r, &n));
			for (int i = 0; i < n; i++) {
				if (r[i].file == st->set->freq_file || r[i].file == st->set->loadings_file)
					continue;
				if (!prs_is_wide(st->set, &st->set->file[r[i].file]))
					absent_add(st, &r[i]);
				if (s)
					log_row(st, &r[i], s);
			}
		} while (n > 0);
	}
	rc = GRX_OK;
out:
	return rc;
}

/* A wide file has no rows of a score of its own: without a log nothing is to be learnt from it. */
static bool worth_it(const struct prs_state *st)
{
	for (int k = 0; k < st->set->n_file; k++)
		if (k != st->set->freq_file && k != st->set->loadings_file &&
			!prs_is_wide(st->set, &st->set->file[k]))
			return true;
	return st->opt->log != NULL;
}

int prs_rows_walk(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG;
	struct prs_wcur *c = NULL;
	struct sink s = {0};
	if (!worth_it(st))
		return GRX_OK;
	GRX_TRY(prs_wcur_open(cx, st->set, &c));
	if (st->opt->log) {
		GRX_TRY(sink_open(cx, st->opt->log, &s));
		grx_str_add(&s.line, "score_id\tline\trsid\tchrom\tpos\teffect_allele\tother_allele\tweight\t"
				     "effect_type\treason\n");
		sink_put(&s);
	}
	rc = walk(cx, st, c, st->opt->log ? &s : NULL);
out:
	prs_wcur_close(c);
	int rc2 = sink_close(cx, &s);
	return rc ? rc : rc2;
}
