/* SPDX-License-Identifier: GPL-3.0-or-later
 * gates.c -- the table of limits and the verdicts pass, warn, fail.
 * Rows sex/SEX/CHROM hold the limits of the sex inference in fail_below and fail_above; the others name a
 * metric. A metric that is missing, or rests on fewer than min_n observations, gets no verdict. */
#include <math.h>
#include <string.h>

#include "base/ctx.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/qc/qc_int.h"

enum { C_METRIC, C_WARN_BELOW, C_FAIL_BELOW, C_WARN_ABOVE, C_FAIL_ABOVE, C_UNIT, C_MIN_N, C_SOURCE, C_N };
static const char *const column[C_N] = {
	"metric", "warn_below", "fail_below", "warn_above", "fail_above", "unit", "min_n", "source"};

static int limit(struct grx_ctx *cx, const struct grx_table *t, int col, double *out)
{
	*out = NAN;
	if (!*grx_table_get(t, col))
		return GRX_OK;
	return grx_table_f64(cx, t, col, out);
}

static int read_row(struct grx_ctx *cx, const struct grx_table *t, const int *col, struct grx_arena *mem,
	struct qc_gate *g)
{
	int rc = GRX_E_BUG;
	g->metric = grx_arena_strdup(mem, grx_table_get(t, col[C_METRIC]));
	g->unit = grx_arena_strdup(mem, grx_table_get(t, col[C_UNIT]));
	g->source = grx_arena_strdup(mem, grx_table_get(t, col[C_SOURCE]));
	if (!g->metric || !g->unit || !g->source)
		return grx_fail_nomem(cx, "gates");
	g->min_n = 0;
	GRX_TRY(limit(cx, t, col[C_WARN_BELOW], &g->warn_below));
	GRX_TRY(limit(cx, t, col[C_FAIL_BELOW], &g->fail_below));
	GRX_TRY(limit(cx, t, col[C_WARN_ABOVE], &g->warn_above));
	GRX_TRY(limit(cx, t, col[C_FAIL_ABOVE], &g->fail_above));
	if (*grx_table_get(t, col[C_MIN_N]))
		GRX_TRY(grx_table_i64(cx, t, col[C_MIN_N], &g->min_n));
	if (g->warn_below < g->fail_below || g->warn_above > g->fail_above)
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: metric %s: the limits to fail must lie beyond those to warn; correct "
			"the row",
			grx_table_path(t), (long long)grx_table_lineno(t), g->metric);
	rc = GRX_OK;
out:
	return rc;
}

static void set(double *to, double x)
{
	if (!isnan(x))
		*to = x;
}

static bool sex_row(struct grx_sex_limits *l, const struct qc_gate *g)
{
	if (!strcmp(g->metric, "sex/female/x")) {
		set(&l->female_x_min, g->fail_below);
		set(&l->female_x_max, g->fail_above);
	} else if (!strcmp(g->metric, "sex/female/y")) {
		set(&l->female_y_max, g->fail_above);
	} else if (!strcmp(g->metric, "sex/male/x")) {
		set(&l->male_x_min, g->fail_below);
		set(&l->male_x_max, g->fail_above);
	} else if (!strcmp(g->metric, "sex/male/y")) {
		set(&l->male_y_min, g->fail_below);
		set(&l->male_y_max, g->fail_above);
	} else {
		return false;
	}
	return true;
}

static bool known_metric(const char *name)
{
	static const char *const known[] = {"depth/mean", "depth/median", "breadth/1x", "breadth/10x",
		"breadth/20x", "breadth/30x", "insert/median", "insert/mad", "duplicates/frac", "mapped/frac",
		"mapq/mean", "mapq0/frac", "baseq/mean", "gc/mean", "gc/at_dropout", "gc/gc_dropout", "titv",
		"hethom", "n/snv", "n/indel"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i], name))
			return true;
	return false;
}

static int add_gate(
	struct grx_ctx *cx, struct qc_state *s, const struct grx_table *t, const struct qc_gate *g)
{
	if (sex_row(&s->sex_limits, g))
		return GRX_OK;
	if (!known_metric(g->metric))
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: no metric is called '%s'; names are those of the qc facts without "
			"'qc/', as depth/mean",
			grx_table_path(t), (long long)grx_table_lineno(t), g->metric);
	if (qc_gate_find(s, g->metric))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: a second row for %s; remove one", grx_table_path(t),
			(long long)grx_table_lineno(t), g->metric);
	if (s->n_gate == QC_METRIC_MAX)
		return grx_fail(
			cx, GRX_E_DATA, "%s: more than %d gates", grx_table_path(t), (int)QC_METRIC_MAX);
	s->gate[s->n_gate++] = *g;
	return GRX_OK;
}

int qc_gates_read(struct grx_ctx *cx, struct qc_state *s)
{
	int rc = GRX_E_BUG, col[C_N];
	struct grx_table *t = NULL;
	char *own = NULL;
	bool more;

	s->sex_limits = grx_sex_limits_default;
	s->gate = grx_arena_calloc(s->mem, QC_METRIC_MAX, sizeof *s->gate);
	if (!s->opt->gates)
		own = grx_refdata_path(cx, "qc/gates.tsv");
	if (!s->gate || (!s->opt->gates && !own))
		return grx_fail_nomem(cx, "gates");
	GRX_TRY(grx_table_open(cx, own ? own : s->opt->gates, true, &t));
	for (int i = 0; i < C_N; i++)
		GRX_TRY(grx_table_need(cx, t, column[i], &col[i]));
	for (;;) {
		struct qc_gate g;
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		GRX_TRY(read_row(cx, t, col, s->mem, &g));
		GRX_TRY(add_gate(cx, s, t, &g));
	}
	rc = GRX_OK;
out:
	grx_table_close(t);
	grx_free(own);
	return rc;
}

const struct qc_gate *qc_gate_find(const struct qc_state *s, const char *metric)
{
	for (int i = 0; i < s->n_gate; i++)
		if (!strcmp(s->gate[i].metric, metric))
			return &s->gate[i];
	return NULL;
}

/* Comparisons with NaN are false: a limit that is not set never bites. */
enum qc_verdict qc_gate_judge(const struct qc_gate *g, const struct qc_metric *m)
{
	if (!g || isnan(m->value) || (m->n >= 0 && m->n < g->min_n))
		return QC_NONE;
	if (m->value < g->fail_below || m->value > g->fail_above)
		return QC_FAIL;
	if (m->value < g->warn_below || m->value > g->warn_above)
		return QC_WARN;
	return QC_PASS;
}

void qc_gates_apply(struct qc_state *s)
{
	s->worst = QC_NONE;
	for (int i = 0; i < s->n_metric; i++) {
		enum qc_verdict v = qc_gate_judge(qc_gate_find(s, s->metric[i].key), &s->metric[i]);
		s->verdict[i] = v;
		if (v != QC_NONE && (s->worst == QC_NONE || v > s->worst))
			s->worst = v;
	}
}

const char *qc_verdict_name(enum qc_verdict v)
{
	static const char *const name[] = {"pass", "warn", "fail", "none"};
	return name[v];
}
