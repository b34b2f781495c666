/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_facts.c -- the facts of one sample out of files that may hold a cohort.
 * A file whose samples stand together is read sample by sample and only the one asked for is kept. */
#include <string.h>

#include "base/mem.h"
#include "cli/why.h"
#include "io/factin.h"
#include "io/factio.h"
#include "stage/recommend/why.h"

enum { MAX_NEAR = 5, MAX_NAMES = 100000 };

/* Names met on the way, for the message when the sample is not there. */
struct names {
	size_t n, cap;
	char **v;
};

static int name_add(struct grx_ctx *cx, struct names *l, const char *name)
{
	if (l->n >= MAX_NAMES || !*name || !strcmp(name, ".") || !strcmp(name, "*"))
		return GRX_OK;
	if (grx_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v), 0) != GRX_OK ||
		!(l->v[l->n] = grx_strdup(name)))
		return grx_fail_nomem(cx, "sample names");
	l->n++;
	return GRX_OK;
}

/* Facts of run-wide things stand under the sample "" or "."; they belong to every sample. */
static bool wanted(const char *name, const char *sample)
{
	return !strcmp(name, sample) || !*name || !strcmp(name, ".");
}

/* What one person's facts are picked from a cohort by. */
struct pick {
	const char *path, *sample;
	struct grx_facts *fs;
	struct names *names;
};

static int pick_group(void *arg, struct grx_ctx *cx, const struct grx_factgroup *g, bool *ours)
{
	const struct pick *p = arg;
	const char *name = g->sample.s ? g->sample.s : "";
	int rc = name_add(cx, p->names, name);

	return rc == GRX_OK && wanted(name, p->sample) ? grx_factin_parse(cx, p->path, g, p->fs, ours) : rc;
}

static bool has_sample(const struct grx_facts *fs, const char *sample)
{
	for (size_t i = 0; i < fs->n; i++)
		if (!strcmp(fs->v[i]->sample, sample))
			return true;
	return false;
}

static int no_sample(struct grx_ctx *cx, const char *sample, const struct names *l)
{
	struct grx_str s = {0};
	bool near;
	int rc;

	grx_why_near(sample, (const char *const *)l->v, l->n, MAX_NEAR, &s);
	near = s.n > 0;
	for (size_t i = 0; !near && i < l->n && i < MAX_NEAR; i++)
		grx_str_addf(&s, "%s%s", i ? ", " : "", l->v[i]);
	rc = grx_fail(cx, GRX_E_USAGE, "no sample '%s' in the facts; %s%s", sample,
		near ? "near: " : "they hold: ", s.s ? s.s : "none");
	grx_str_clear(&s);
	return rc;
}

int why_facts(struct grx_ctx *cx, const struct grx_strs *pos, struct grx_facts *fs)
{
	struct names names = {0};
	const char *sample = pos->v[0];
	bool whole = false;
	int rc = GRX_E_BUG;

	for (int i = 2; i < pos->n; i++) {
		bool grouped = false;

		GRX_TRY(grx_factin_grouped(cx, pos->v[i], &grouped));
		if (grouped)
			GRX_TRY(grx_factin_each(
				cx, pos->v[i], pick_group, &(struct pick){pos->v[i], sample, fs, &names}));
		else
			GRX_TRY(grx_facts_read(cx, pos->v[i], fs));
		whole = whole || !grouped;
	}
	/* facts read as a whole: the chain itself says what is there */
	rc = whole || has_sample(fs, sample) ? GRX_OK : no_sample(cx, sample, &names);
out:
	for (size_t i = 0; i < names.n; i++)
		grx_free(names.v[i]);
	grx_free(names.v);
	return rc;
}
