/* SPDX-License-Identifier: GPL-3.0-or-later
 * report.c -- the report stage: facts to an offline HTML page, a table and JSON.
 * Works on the facts known at the end and adds none. What is missing is shown as missing. */
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/out.h"
#include "stage/report/report_int.h"
#include "stage/stages.h"

struct report_state {
	struct report_opt o;
};

static int report_open(const void *opts, struct grx_ctx *cx, void **state)
{
	const struct report_opt *o = opts;
	struct report_state *st;

	*state = NULL;
	if (!o->output && !o->tsv && !o->json)
		return grx_fail(cx, GRX_E_USAGE,
			"report: nothing to write: give -o FILE (HTML), --tsv FILE or --json FILE");
	st = grx_calloc(1, sizeof *st);
	if (!st)
		return grx_fail_nomem(cx, "report");
	st->o = *o;
	*state = st;
	return GRX_OK;
}

/* Names of the samples in order of appearance; "*" marks facts about no sample. */
static int list_samples(struct grx_ctx *cx, struct report_page *p)
{
	p->sample_name = grx_calloc(p->facts->n + 1, sizeof *p->sample_name);
	if (!p->sample_name)
		return grx_fail_nomem(cx, "report");
	for (size_t i = 0; i < p->facts->n; i++) {
		const char *s = p->facts->v[i]->sample;
		int j = 0;
		if (!*s || strcmp(s, "*") == 0)
			continue;
		while (j < p->n_sample && strcmp(p->sample_name[j], s) != 0)
			j++;
		if (j == p->n_sample)
			p->sample_name[p->n_sample++] = s;
	}
	return GRX_OK;
}

static int write_html(struct grx_ctx *cx, struct report_page *p)
{
	struct grx_out *out;
	int rc = report_page_write(p);

	if (rc || p->b.oom)
		return grx_fail_nomem(cx, "report page");
	rc = grx_out_open(cx, p->o->output, &out);
	if (rc)
		return rc;
	grx_out_write(out, p->b.s, p->b.n);
	return grx_out_close(cx, out);
}

static int report_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	int rc = GRX_E_BUG;
	struct report_state *st = state;
	struct report_page p = {.cx = cx, .o = &st->o, .facts = cx->facts};

	(void)out;
	if (!p.facts)
		return grx_fail(cx, GRX_E_NOINPUT, "report: no facts given");
	p.lang = grx_streq(st->o.lang, "zh") ? REPORT_ZH : REPORT_EN;
	GRX_TRY(list_samples(cx, &p));
	if (st->o.output)
		GRX_TRY(write_html(cx, &p));
	if (st->o.tsv)
		GRX_TRY(report_tsv_write(cx, &p, st->o.tsv));
	if (st->o.json)
		GRX_TRY(report_json_write(cx, &p, st->o.json));
	if (summary) {
		json_object_set_new(summary, "samples", json_integer(p.n_sample));
		json_object_set_new(summary, "facts", json_integer((json_int_t)p.facts->n));
	}
	rc = GRX_OK;
out:
	grx_str_clear(&p.b);
	grx_free(p.sample_name);
	return rc;
}

static void report_close(void *state)
{
	grx_free(state);
}

const struct grx_stage grx_stage_report = {
	.name = "report",
	.brief = "write one offline page, a table and JSON from the facts",
	.takes = GRX_FACTS,
	.gives = 0,
	.usage = "facts.jsonl",
	.opts_size = sizeof(struct report_opt),
	.opts = report_opt,
	.open = report_open,
	.finish = report_finish,
	.close = report_close,
};
