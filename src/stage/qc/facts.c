/* SPDX-License-Identifier: GPL-3.0-or-later
 * facts.c -- metrics, sex, contigs and gates as facts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "stage/qc/qc_int.h"

#define STAGE "qc"

static int add_metrics(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out)
{
	for (int i = 0; i < s->n_metric; i++) {
		const struct qc_metric *m = &s->metric[i];
		struct grx_fact *f;
		char key[64];
		snprintf(key, sizeof key, "qc/%s", m->key);
		int rc = isnan(m->value) ? grx_facts_missing(cx, out, s->sample, key, STAGE, m->reason)
					 : grx_facts_add(cx, out, s->sample, key, STAGE, &f);
		if (rc)
			return rc;
		if (isnan(m->value))
			continue;
		rc = grx_fact_num_set(out, f, m->value, m->unit);
		if (rc)
			return grx_fail_nomem(cx, "facts");
		f->n = m->n;
	}
	return GRX_OK;
}

static int add_sex(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out)
{
	struct grx_fact *f;
	char b[2][32];
	if (s->sex == GRX_SEX_UNKNOWN && isnan(s->x_ratio))
		return grx_facts_missing(cx, out, s->sample, "qc/sex", STAGE, s->sex_why);
	int rc = grx_facts_add(cx, out, s->sample, "qc/sex", STAGE, &f);
	if (rc)
		return rc;
	if (s->sex != GRX_SEX_UNKNOWN) {
		rc = grx_fact_str_set(out, f, s->sex == GRX_SEX_MALE ? "male" : "female");
	} else {
		f->status = GRX_FACT_MISSING;
		rc = grx_fact_attr(out, f, "reason", "%s", s->sex_why);
	}
	if (!rc)
		rc = grx_fact_attr(out, f, "x_ratio", "%s", grx_fmt_g(b[0], s->x_ratio, 4));
	if (!rc)
		rc = grx_fact_attr(out, f, "y_ratio", "%s", grx_fmt_g(b[1], s->y_ratio, 4));
	return rc ? grx_fail_nomem(cx, "facts") : GRX_OK;
}

static bool is_primary(const char *name)
{
	const char *c = grx_contig_canonical(name);
	int64_t n;
	return !strcmp(c, "X") || !strcmp(c, "Y") || !strcmp(c, "MT") ||
	       (grx_parse_i64(c, &n) && n >= 1 && n <= 22);
}

/* Scanned contigs with reads, and primary ones even without. */
static int add_contigs(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out)
{
	for (int32_t i = 0; i < s->contigs->n; i++) {
		const struct qc_contig *c = &s->contig[i];
		const char *name = s->contigs->c[i].name;
		struct grx_str key = {0};
		if (c->bases == 0 || (c->reads == 0 && c->depth_sum == 0 && !is_primary(name)))
			continue;
		grx_str_addf(&key, "qc/contig/%s/depth", name);
		int rc = key.oom ? grx_fail_nomem(cx, "facts")
				 : grx_facts_num(cx, out, s->sample, key.s, STAGE,
					   (double)c->depth_sum / (double)c->bases, "x");
		grx_str_clear(&key);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int limit_attr(struct grx_facts *out, struct grx_fact *f, const char *key, double lo, double hi)
{
	char a[32], b[32];
	if (isnan(lo) && isnan(hi))
		return GRX_OK;
	return grx_fact_attr(out, f, key, "%s%s%s%s%s", isnan(lo) ? "" : "below ",
		isnan(lo) ? "" : grx_fmt_g(a, lo, 6), isnan(lo) || isnan(hi) ? "" : ", ",
		isnan(hi) ? "" : "above ", isnan(hi) ? "" : grx_fmt_g(b, hi, 6));
}

static int add_gate(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out, int i)
{
	const struct qc_metric *m = &s->metric[i];
	const struct qc_gate *g = qc_gate_find(s, m->key);
	const struct grx_fact *value;
	struct grx_fact *f;
	char key[64], fact[64], b[32];
	if (!g)
		return GRX_OK;
	snprintf(key, sizeof key, "qc/gate/%s", m->key);
	snprintf(fact, sizeof fact, "qc/%s", m->key);
	if (s->verdict[i] == QC_NONE)
		return grx_facts_missing(cx, out, s->sample, key, STAGE,
			isnan(m->value) ? m->reason : "too few observations for a verdict");
	int rc = grx_facts_add(cx, out, s->sample, key, STAGE, &f);
	if (rc)
		return rc;
	value = grx_facts_find(out, s->sample, fact);
	rc = grx_fact_str_set(out, f, qc_verdict_name(s->verdict[i]));
	if (!rc)
		rc = grx_fact_attr(out, f, "value", "%s", grx_fmt_g(b, m->value, 10));
	if (!rc)
		rc = limit_attr(out, f, "warn", g->warn_below, g->warn_above);
	if (!rc)
		rc = limit_attr(out, f, "fail", g->fail_below, g->fail_above);
	if (!rc && value)
		rc = grx_fact_because_fact(out, f, value->id);
	return rc ? grx_fail_nomem(cx, "facts") : GRX_OK;
}

static int add_overall(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out)
{
	struct grx_fact *f;
	if (s->worst == QC_NONE)
		return grx_facts_missing(cx, out, s->sample, "qc/gate", STAGE, "no metric could be judged");
	int rc = grx_facts_add(cx, out, s->sample, "qc/gate", STAGE, &f);
	if (rc)
		return rc;
	rc = grx_fact_str_set(out, f, qc_verdict_name(s->worst));
	for (int i = 0; i < s->n_metric && !rc; i++) {
		char key[64];
		if (s->verdict[i] != s->worst)
			continue;
		snprintf(key, sizeof key, "qc/gate/%s", s->metric[i].key);
		const struct grx_fact *g = grx_facts_find(out, s->sample, key);
		if (g)
			rc = grx_fact_because_fact(out, f, g->id);
	}
	return rc ? grx_fail_nomem(cx, "facts") : GRX_OK;
}

int qc_write_facts(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out)
{
	int rc = GRX_E_BUG;
	GRX_TRY(add_metrics(cx, s, out));
	if (s->saw_reads) {
		GRX_TRY(add_sex(cx, s, out));
		GRX_TRY(add_contigs(cx, s, out));
	}
	for (int i = 0; i < s->n_metric; i++)
		GRX_TRY(add_gate(cx, s, out, i));
	GRX_TRY(add_overall(cx, s, out));
	rc = GRX_OK;
out:
	return rc;
}
