/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg_cols.c -- what the stages of a leg over variants need of its source.
 * The choice between records as bytes and as parsed ones never shows in the output (docs/decisions/0007). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/par.h"
#include "run/leg_int.h"

/* Decoded for a stage that does not say what it looks at. */
static const char *const usual_fmt[] = {
	"DP", "GQ", "AD", "PL", "DS", "GL", "GP", "PS", "PQ", "MIN_DP", "RGQ", "FT", NULL};
static const char *const usual_info[] = {"END", NULL};

static struct grx_columns columns_of(const struct grx_leg_stage *ls)
{
	struct grx_columns c = {0};

	if (ls->st->columns)
		ls->st->columns(ls->state, &c);
	else if (ls->st->shard || ls->st->merge)
		c = (struct grx_columns){usual_info, usual_fmt, true};
	return c;
}

static size_t count(const char *const *key)
{
	size_t n = 0;

	while (key && key[n])
		n++;
	return n;
}

/* Keys not in the list yet. */
static void add(const char **list, const char *const *key)
{
	for (; key && *key; key++) {
		size_t i = 0;
		while (list[i] && strcmp(list[i], *key) != 0)
			i++;
		list[i] = *key;
	}
}

/* Is the record at next to stay with the one at prev for one of the stages? */
static bool any_joined(const void *arg, int32_t tid, int64_t prev, int64_t next)
{
	const struct grx_leg *leg = arg;

	for (int k = 0; k < leg->n_stage; k++) {
		const struct grx_leg_stage *ls = &leg->stage[k];
		if (ls->st->joined && ls->st->joined(ls->state, tid, prev, next))
			return true;
	}
	return false;
}

static bool has_joined(const struct grx_leg *leg)
{
	for (int k = 0; k < leg->n_stage; k++)
		if (leg->stage[k].st->joined)
			return true;
	return false;
}

static int columns_set(struct leg_run *r, struct grx_ctx *cx)
{
	const struct grx_leg *leg = r->leg;
	size_t n_info = 1, n_fmt = 1;
	bool gt = false;

	for (int k = 0; k < leg->n_stage; k++) {
		struct grx_columns c = columns_of(&leg->stage[k]);
		n_info += count(c.info);
		n_fmt += count(c.fmt);
		gt |= c.gt;
	}
	r->cols = grx_calloc(n_info + n_fmt, sizeof *r->cols);
	if (!r->cols)
		return grx_fail_nomem(cx, "columns");
	for (int k = 0; k < leg->n_stage; k++) {
		struct grx_columns c = columns_of(&leg->stage[k]);
		add(r->cols, c.info);
		add(r->cols + n_info, c.fmt);
	}
	grx_varsrc_want(r->vars, &(struct grx_varcols){r->cols, r->cols + n_info, gt});
	if (has_joined(leg))
		grx_varsrc_join(r->vars, &(struct grx_varjoin){any_joined, leg});
	return GRX_OK;
}

/* GENORX_PARSE_RECORDS=1 is for tests, which compare the two ways. */
static bool may_pass(const struct leg_run *r)
{
	if (!r->sink || getenv("GENORX_PARSE_RECORDS") || !grx_varpass_can(r->vars, r->sink))
		return false;
	for (int k = 0; k < r->leg->n_stage; k++) {
		const struct grx_leg_stage *ls = &r->leg->stage[k];
		if (!ls->st->passes || !ls->st->passes(ls->state))
			return false;
	}
	return true;
}

int leg_cols_set(struct leg_run *r, struct grx_ctx *cx)
{
	int rc = columns_set(r, cx);

	if (rc != GRX_OK || !may_pass(r))
		return rc;
	return grx_varpass_new(cx, r->vars, r->sink, grx_par_slots(cx->threads), &r->pass);
}

int leg_cols_summary(struct leg_run *r, struct grx_ctx *cx)
{
	int64_t n = grx_varsrc_cuts(r->vars);

	if (!has_joined(r->leg))
		return GRX_OK;
	if (n)
		grx_warn(cx, "%lld times more than %d records belong together: worked in parts", (long long)n,
			GRX_VARSRC_MAX_JOINED);
	json_t *o = json_pack("{s:I}", "joined_records_cut", (json_int_t)n);
	return json_object_set_new(r->leg->summary, "input", o) ? grx_fail_nomem(cx, "the summary") : GRX_OK;
}
