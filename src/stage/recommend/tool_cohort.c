/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_cohort.c -- the patients of a cohort whose advice differs between two rule sets.
 * Samples are read one after the other; what stays is one count a drug. Advice is compared by what it says
 * (population, level, actions, numbers, strength, missing genes), not by the rule that says it. */
#include <stdlib.h>
#include <string.h>

#include "io/factin.h"
#include "stage/recommend/rules_tool.h"
#include "stage/recommend/tools_int.h"

enum { FLUSH_AT = 1 << 16, SIDES = 2 };

struct drug_count {
	const char *name;
	const struct recommend_drug *d[SIDES]; /* NULL: no rules on this side */
	int64_t changed;
};
struct cohort {
	const struct grx_rules_diff *job;
	const struct recommend_rules *rs[SIDES];
	struct grx_str *out;
	struct grx_arena *mem;   /* one sample */
	struct grx_facts *facts; /* of that sample */
	size_t n_drug;
	struct drug_count *drug; /* of both sides, by name */
	int64_t samples, touched, changed, more, less;
};
/* What one side says on one drug. */
struct advice {
	const char *text;
	enum recommend_act worst; /* NONE: no advice */
};

static int text_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *hit_text(struct grx_arena *mem, const struct recommend_hit *h)
{
	const struct recommend_rule *r = h->rule;
	const char *s = grx_arena_printf(mem, "%s: %s %s", r->population,
		recommend_level_name(recommend_hit_level(h)),
		h->action_only ? recommend_act_name(r->action) : r->actions);

	for (int i = 0; s && !h->action_only && i < RECOMMEND_NUM_N; i++)
		if (*r->num[i])
			s = grx_arena_printf(mem, "%s %s=%s", s, recommend_num_name[i], r->num[i]);
	if (s && *r->strength)
		s = grx_arena_printf(mem, "%s (%s)", s, r->strength);
	if (s && h->incomplete)
		s = grx_arena_printf(mem, "%s without %s", s, h->incomplete);
	if (s && h->unsure)
		s = grx_arena_printf(mem, "%s, result not certain", s);
	return s;
}

static int hits_text(struct grx_arena *mem, const struct recommend_match *m, struct advice *o)
{
	const char **v = grx_arena_calloc(mem, (size_t)m->n + 1, sizeof(*v));

	for (int i = 0; v && i < m->n; i++) {
		v[i] = hit_text(mem, &m->hit[i]);
		if (!v[i])
			return GRX_E_NOMEM;
		if (m->hit[i].rule->action > o->worst)
			o->worst = m->hit[i].rule->action;
	}
	if (!v)
		return GRX_E_NOMEM;
	qsort(v, (size_t)m->n, sizeof(*v), text_cmp);
	o->text = m->n ? v[0] : "none";
	for (int i = 1; o->text && i < m->n; i++)
		o->text = grx_arena_printf(mem, "%s; %s", o->text, v[i]);
	return o->text ? GRX_OK : GRX_E_NOMEM;
}

static int advise(struct grx_ctx *cx, struct cohort *c, int side, const struct recommend_drug *d,
	const struct recommend_sample *s, struct advice *o)
{
	struct recommend_match m;
	int rc;

	*o = (struct advice){"no rules", RECOMMEND_A_NONE};
	if (!d)
		return GRX_OK;
	rc = recommend_tool_match(cx, c->rs[side], d, s, c->mem, &m);
	if (rc)
		return rc;
	if (m.outcome == RECOMMEND_FIRED)
		rc = hits_text(c->mem, &m, o);
	else if (m.outcome == RECOMMEND_AMBIGUOUS)
		o->text = grx_arena_printf(
			c->mem, "ambiguous, most cautious %s", recommend_act_name(o->worst = m.worst));
	else
		o->text = m.outcome == RECOMMEND_NO_RULE ? "no rule for this result" : "not assessed";
	return rc || !o->text ? grx_fail_nomem(cx, "advice") : GRX_OK;
}

static const char *direction(struct cohort *c, const struct advice *v)
{
	if (v[0].worst == RECOMMEND_A_NONE || v[1].worst == RECOMMEND_A_NONE || v[0].worst == v[1].worst)
		return "other";
	if (v[1].worst > v[0].worst) {
		c->more++;
		return "more cautious";
	}
	c->less++;
	return "less cautious";
}

static int one_sample(struct grx_ctx *cx, struct cohort *c, const char *name, const struct grx_facts *fs)
{
	struct recommend_sample s[SIDES];
	int64_t before = c->changed;
	int rc = GRX_E_BUG;

	grx_arena_reset(c->mem);
	for (int i = 0; i < SIDES; i++)
		GRX_TRY(recommend_tool_sample(cx, c->rs[i], fs, name, c->mem, &s[i]));
	for (size_t k = 0; k < c->n_drug; k++) {
		struct drug_count *d = &c->drug[k];
		struct advice v[SIDES];

		for (int i = 0; i < SIDES; i++)
			GRX_TRY(advise(cx, c, i, d->d[i], &s[i], &v[i]));
		if (!strcmp(v[0].text, v[1].text))
			continue;
		d->changed++;
		c->changed++;
		grx_str_addf(c->out, "patient\t%s\t%s\t%s\t%s\t%s\n", name, d->name, v[0].text, v[1].text,
			direction(c, v));
	}
	c->samples++;
	c->touched += c->changed > before;
	rc = GRX_OK;
	if (c->out->oom)
		rc = grx_fail_nomem(cx, "rules diff");
	else if (c->job->flush && c->out->n > FLUSH_AT)
		rc = c->job->flush(c->job->flush_arg, cx, c->out);
out:
	return rc;
}

static int sample_read(void *arg, struct grx_ctx *cx, const struct grx_factgroup *g, bool *ours)
{
	struct cohort *c = arg;
	int rc = grx_facts_reset(c->facts) == GRX_OK ? GRX_OK : grx_fail_nomem(cx, "facts");

	if (rc == GRX_OK)
		rc = grx_factin_parse(cx, c->job->facts, g, c->facts, ours);
	return rc == GRX_OK ? one_sample(cx, c, g->sample.s, c->facts) : rc;
}

/* One group of the file after the other. */
static int samples_read(struct grx_ctx *cx, struct cohort *c)
{
	const char *path = c->job->facts;
	bool grouped = false;
	int rc = grx_factin_grouped(cx, path, &grouped);

	if (rc != GRX_OK)
		return rc;
	if (!grouped)
		return grx_fail(cx, GRX_E_DATA,
			"%s: the facts of each sample must stand together in a file of JSON Lines; sort the "
			"lines "
			"by sample",
			path);
	c->facts = grx_facts_new();
	rc = c->facts ? grx_factin_each(cx, path, sample_read, c) : grx_fail_nomem(cx, "facts");
	grx_facts_free(c->facts);
	c->facts = NULL;
	return rc;
}

/* Both lists are sorted by name: merge them. */
static int drugs_merge(struct grx_ctx *cx, struct cohort *c)
{
	const struct recommend_rules *a = c->rs[0], *b = c->rs[1];
	size_t i = 0, j = 0;

	c->drug = grx_calloc(a->n_drug + b->n_drug + 1, sizeof(*c->drug));
	if (!c->drug)
		return grx_fail_nomem(cx, "drugs");
	while (i < a->n_drug || j < b->n_drug) {
		struct drug_count *d = &c->drug[c->n_drug++];
		int cmp = i == a->n_drug ? 1 : j == b->n_drug ? -1 : strcmp(a->drug[i].name, b->drug[j].name);

		d->name = cmp <= 0 ? a->drug[i].name : b->drug[j].name;
		if (cmp <= 0)
			d->d[0] = &a->drug[i++];
		if (cmp >= 0)
			d->d[1] = &b->drug[j++];
	}
	return GRX_OK;
}

int recommend_cohort_diff(struct grx_ctx *cx, const struct grx_rules_diff *job,
	const struct recommend_rules *a, const struct recommend_rules *b, struct grx_str *out)
{
	struct cohort c = {.job = job, .rs = {a, b}, .out = out, .mem = grx_arena_new()};
	int rc = c.mem ? drugs_merge(cx, &c) : grx_fail_nomem(cx, "rules diff");

	if (!rc)
		rc = samples_read(cx, &c);
	for (size_t i = 0; !rc && i < c.n_drug; i++)
		if (c.drug[i].changed)
			grx_str_addf(out, "drug\t%s\tadvice changed in %lld of %lld samples\n",
				c.drug[i].name, (long long)c.drug[i].changed, (long long)c.samples);
	if (!rc)
		grx_str_addf(out,
			"cohort\tsamples %lld\twith changed advice %lld\tchanged advices %lld\tmore cautious "
			"%lld\tless cautious %lld\n",
			(long long)c.samples, (long long)c.touched, (long long)c.changed, (long long)c.more,
			(long long)c.less);
	grx_free(c.drug);
	grx_arena_free(c.mem);
	return rc;
}
