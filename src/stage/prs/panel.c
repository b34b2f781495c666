/* SPDX-License-Identifier: GPL-3.0-or-later
 * panel.c -- the reference panel in a run: which rows it has, where the samples lie, what their scores mean.
 * A score is compared with the panel's over the same rows: those that the input and the panel both have, with
 * the same frequencies for what is missing. */
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "stage/prs/prs_int.h"

/* The first pass over the panel: its rows and their frequencies. */
int prs_panel_mark(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG;
	struct prs_eng *e = NULL;
	struct grx_genosrc_opt o = {.path = prs_ref_panel(st->ref)};
	size_t n = st->set->n_row;
	bool *off = grx_calloc((size_t)st->set->n_file, sizeof *off);
	st->freq = grx_malloc(n + 1, sizeof *st->freq);
	if (!st->freq || !off) {
		rc = grx_fail_nomem(cx, "frequencies");
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		st->freq[i] = NAN;
	GRX_TRY(grx_genosrc_open(cx, &o, &st->panel));
	GRX_TRY(prs_target_init(cx, st->set, grx_genosrc_hdr(st->panel), &st->panel_target));
	prs_target_columns(&st->panel_target, st->panel);
	off[st->set->loadings_file] = true;
	struct prs_job job = {.set = st->set,
		.po = &st->po,
		.target = &st->panel_target,
		.code = st->code,
		.flag = st->flag,
		.freq = st->freq,
		.mark_panel = true,
		.file_off = off};
	GRX_TRY(prs_pass(cx, &job, st->panel, NULL, &e));
	rc = GRX_OK;
out:
	prs_eng_free(e);
	grx_free(off);
	return rc;
}

/* What the sums over the loadings say of every sample. */
static int place_samples(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG, n = st->target.n_sample, k = prs_ref_n_online(st->ref);
	int file = st->set->loadings_file;
	struct prs_sums *s = st->eng->sums[prs_stratum(file, false, false)];
	struct prs_projected *b = grx_calloc((size_t)n, sizeof *b);
	double *proj = grx_calloc((size_t)n * (size_t)k, sizeof *proj);
	st->place = grx_calloc((size_t)n, sizeof *st->place);
	if (!b || !proj || !st->place) {
		rc = grx_fail_nomem(cx, "places of samples");
		goto out;
	}
	for (int i = 0; i < n; i++) {
		struct prs_counters c = {0};
		b[i].proj = proj + (size_t)i * (size_t)k;
		if (!s)
			continue;
		/* the first column is 1 / sd */
		for (int j = 0; j < k; j++)
			proj[(size_t)i * (size_t)k + (size_t)j] = prs_sums_get(s, i, j + 1);
		prs_sums_counters(s, i, &c);
		b[i].n = c.n_called;
		b[i].norm2 = st->eng->norm ? prs_sums_get(st->eng->norm, i, 0) : 0;
	}
	GRX_TRY(prs_place(cx, st->ref, b, n, st->place));
	rc = GRX_OK;
out:
	grx_free(b);
	grx_free(proj);
	return rc;
}

static int adjust_column(struct grx_ctx *cx, struct prs_state *st, int col, double *ref, double *own)
{
	int n = st->target.n_sample, n_ref = st->panel_target.n_sample;
	for (int i = 0; i < n_ref; i++)
		ref[i] = prs_result_sum(st, st->panel_eng, col, i, true);
	for (int i = 0; i < n; i++)
		own[i] = prs_result_sum(st, st->eng, col, i, true);
	return prs_adjust(
		cx, st->ref, ref, own, st->place, n, st->adjusted + (size_t)st->rank[col] * (size_t)n);
}

/* The second pass over the panel: its people's scores over the rows that the input has too. */
static int score_panel(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG;
	bool *off = grx_calloc((size_t)st->set->n_file, sizeof *off);
	if (!off)
		return grx_fail_nomem(cx, "files");
	off[st->set->loadings_file] = true;
	struct prs_job job = st->job;
	job.target = &st->panel_target;
	job.only_panel = true;
	job.top = false;
	job.file_off = off;
	rc = prs_pass(cx, &job, st->panel, NULL, &st->panel_eng);
	if (rc == GRX_OK) {
		st->panel_job = job;
		st->panel_job.file_off = NULL;
		st->panel_eng->job = &st->panel_job;
	}
	grx_free(off);
	return rc;
}

int prs_panel_adjust(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG;
	size_t n = (size_t)st->target.n_sample, n_ref = (size_t)st->panel_target.n_sample;
	double *ref = grx_calloc(n_ref + 1, sizeof *ref), *own = grx_calloc(n + 1, sizeof *own);
	st->adjusted = grx_calloc(n * (size_t)st->set->n_score + 1, sizeof *st->adjusted);
	if (!ref || !own || !st->adjusted) {
		rc = grx_fail_nomem(cx, "adjusted scores");
		goto out;
	}
	GRX_TRY(place_samples(cx, st));
	GRX_TRY(score_panel(cx, st));
	for (int k = 0; k < st->set->n_col; k++)
		if (prs_is_score(st->set, k))
			GRX_TRY(adjust_column(cx, st, k, ref, own));
	int64_t low = 0;
	for (size_t i = 0; i < n; i++)
		low += !st->place[i].placed || st->place[i].low_confidence;
	if (low)
		grx_warn(cx,
			"%lld of %zu samples lie outside what the reference panel covers well: their "
			"percentiles "
			"may mislead",
			(long long)low, n);
	rc = GRX_OK;
out:
	grx_free(ref);
	grx_free(own);
	return rc;
}
