/* SPDX-License-Identifier: GPL-3.0-or-later
 * helpers.c -- the tables beside the rules: wording, names, scores, populations, drugs that act on enzymes.
 * An absent file is fine: wording falls back to codes, names to English, and nothing is converted. */
#include <math.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/text.h"
#include "base/hash.h"
#include "stage/recommend/recommend_int.h"

enum { MAX_COL = 8, MAX_ROWS = 100000 };

/* One row on its way in: texts kept in the arena of the rules. */
struct row {
	struct grx_ctx *cx;
	struct recommend_rules *rs;
	const struct grx_table *t;
	const char *v[MAX_COL];
};
struct file {
	const char *name;
	int n_col;
	const char *col[MAX_COL];
	int (*row)(struct row *r);
};
struct job {
	struct recommend_rules *rs;
	const struct file *file;
	struct grx_sha *sha;
};

static int bad(struct row *r, const char *what, const char *value, const char *want)
{
	return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: %s '%s'; expected %s", grx_table_path(r->t),
		(long long)grx_table_lineno(r->t), what, value, want);
}

/* Room for one more row of a list of the rules. */
#define ROOM(r, list, n, cap)                                                                                \
	(grx_grow(&(r)->rs->list, &(r)->rs->cap, (r)->rs->n + 1, sizeof(*(r)->rs->list), MAX_ROWS)           \
			? grx_fail_nomem((r)->cx, "rule tables")                                             \
			: GRX_OK)

static int word_row(struct row *r)
{
	int rc = ROOM(r, word, n_word, cap_word);

	if (!rc)
		r->rs->word[r->rs->n_word++] = (struct recommend_wording){
			r->v[0], r->v[1], r->v[2], r->v[3], r->v[4]};
	return rc;
}

static int activity_row(struct row *r)
{
	int rc = ROOM(r, act, n_act, cap_act);

	if (!rc)
		r->rs->act[r->rs->n_act++] = (struct recommend_activity){r->v[0], r->v[1], r->v[2]};
	return rc;
}

static int drug_row(struct row *r)
{
	struct recommend_drug *d = grx_map_get(r->rs->by_drug, r->v[0]);

	if (d) {
		d->zh = r->v[1];
		d->listed = true;
	}
	return GRX_OK;
}

static int condition_row(struct row *r)
{
	struct recommend_drug *d = grx_map_get(r->rs->by_drug, r->v[0]);

	if (strcmp(r->v[5], "secondary") != 0 && strcmp(r->v[5], "risk") != 0)
		return bad(r, "kind", r->v[5], "secondary or risk");
	if (!d)
		return GRX_OK;
	d->subject = r->v[1];
	d->condition = r->v[2];
	d->condition_zh = r->v[3];
	d->zh = r->v[4];
	d->secondary = r->v[5][0] == 's';
	d->listed = true;
	return GRX_OK;
}

static int strength_read(
	struct row *r, const char *effect, const char *s, bool *inducer, enum recommend_strength *strength)
{
	static const char *const name[] = {"", "weak", "moderate", "strong"};

	if (strcmp(effect, "inhibitor") != 0 && strcmp(effect, "inducer") != 0)
		return bad(r, "effect", effect, "inhibitor or inducer");
	*inducer = effect[2] == 'd';
	for (int i = RECOMMEND_WEAK; i <= RECOMMEND_STRONG; i++) {
		if (strcmp(s, name[i]) != 0)
			continue;
		*strength = (enum recommend_strength)i;
		return GRX_OK;
	}
	return bad(r, "strength", s, "weak, moderate or strong");
}

static int perp_row(struct row *r)
{
	struct recommend_perp p = {.drug = r->v[0], .enzyme = r->v[1], .zh = r->v[4], .source = r->v[6]};
	int rc = strength_read(r, r->v[2], r->v[3], &p.inducer, &p.strength);

	if (!rc && strcmp(r->v[5], "0") != 0 && strcmp(r->v[5], "1") != 0)
		rc = bad(r, "verify", r->v[5], "0 or 1");
	p.verify = r->v[5][0] == '1';
	if (!rc)
		rc = ROOM(r, perp, n_perp, cap_perp);
	if (!rc)
		r->rs->perp[r->rs->n_perp++] = p;
	return rc;
}

static int conv_row(struct row *r)
{
	static const char *const name[] = {"not_modelled", "unchanged", "score_times"};
	struct recommend_conv c = {.gene = r->v[0], .source = r->v[5]};
	int model = 0, rc = strength_read(r, r->v[1], r->v[2], &c.inducer, &c.strength);

	if (rc)
		return rc;
	while (model < 3 && strcmp(r->v[3], name[model]) != 0)
		model++;
	if (model == 3)
		return bad(r, "model", r->v[3], "not_modelled, unchanged or score_times");
	c.model = (enum recommend_model)model;
	if (c.model == RECOMMEND_SCORE_TIMES &&
		(!grx_parse_f64(r->v[4], &c.factor) || !(c.factor >= 0 && c.factor <= 10)))
		return bad(r, "factor", r->v[4], "a number from 0 to 10");
	rc = ROOM(r, conv, n_conv, cap_conv);
	if (!rc)
		r->rs->conv[r->rs->n_conv++] = c;
	return rc;
}

static int class_row(struct row *r)
{
	struct recommend_class c = {.gene = r->v[0], .phenotype = r->v[1]};
	int rc;

	if (!grx_parse_f64(r->v[2], &c.lo) || !grx_parse_f64(r->v[3], &c.hi) || !(c.lo <= c.hi))
		return bad(r, "scores", r->v[2], "two numbers, lo not above hi");
	rc = ROOM(r, class, n_class, cap_class);
	if (!rc)
		r->rs->class[r->rs->n_class++] = c;
	return rc;
}

static int popul_row(struct row *r)
{
	struct recommend_popul p = {
		.name = r->v[0], .group = r->v[1], .when = r->v[2], .en = r->v[3], .zh = r->v[4]};
	char err[256];
	int col, rc = recommend_parse(r->rs, p.when, &p.pred, err, &col);

	if (rc == GRX_E_NOMEM)
		return grx_fail_nomem(r->cx, "populations");
	if (rc)
		return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: when, character %d: %s", grx_table_path(r->t),
			(long long)grx_table_lineno(r->t), col, err);
	rc = ROOM(r, popul, n_popul, cap_popul);
	if (!rc)
		r->rs->popul[r->rs->n_popul++] = p;
	return rc;
}

static int row_read(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct job *j = arg;
	struct row r = {.cx = cx, .rs = j->rs, .t = t};

	for (int i = 0; i < j->file->n_col; i++) {
		r.v[i] = grx_arena_strdup(j->rs->mem, grx_table_get(t, col[i]));
		if (!r.v[i])
			return grx_fail_nomem(cx, j->file->name);
		/* advice rests on these tables too: they are part of the version of the rule set */
		grx_sha_add(j->sha, r.v[i], strlen(r.v[i]));
		grx_sha_add(j->sha, "\t", 1);
	}
	return j->file->row(&r);
}

static int file_read(
	struct grx_ctx *cx, struct recommend_rules *rs, const struct file *f, struct grx_sha *sha)
{
	const char *path = grx_arena_printf(rs->mem, "%s/%s", rs->dir, f->name);
	struct job j = {rs, f, sha};
	FILE *probe = path ? fopen(path, "r") : NULL;

	if (!path)
		return grx_fail_nomem(cx, "path");
	if (!probe && errno == ENOENT)
		return GRX_OK;
	if (probe)
		fclose(probe); /* else the reader tells why it cannot be read */
	return grx_table_each(cx, path, f->col, f->n_col, row_read, &j);
}

/* A rule knows its population by number; one that no table lists stays a condition that nobody can decide. */
static void populations_bind(struct recommend_rules *rs)
{
	for (size_t i = 0; i < rs->n; i++) {
		rs->v[i].pop = -1;
		for (size_t k = 0; k < rs->n_popul; k++)
			if (!strcmp(rs->v[i].population, rs->popul[k].name))
				rs->v[i].pop = (int)k;
	}
}

int recommend_helpers_load(struct grx_ctx *cx, struct recommend_rules *rs, struct grx_sha *sha)
{
	static const struct file files[] = {{"wording.tsv", 5, {"code", "role", "for", "en", "zh"}, word_row},
		{"activity.tsv", 3, {"gene", "phenotype", "scores"}, activity_row},
		{"drugs.tsv", 2, {"drug", "zh"}, drug_row},
		{"conditions.tsv", 6, {"drug", "subject", "condition", "condition_zh", "zh", "kind"},
			condition_row},
		{"inhibitors.tsv", 7, {"drug", "enzyme", "effect", "strength", "zh", "verify", "source"},
			perp_row},
		{"phenoconversion.tsv", 6, {"gene", "effect", "strength", "model", "factor", "source"},
			conv_row},
		{"score_classes.tsv", 4, {"gene", "phenotype", "lo", "hi"}, class_row},
		{"populations.tsv", 5, {"population", "group", "when", "en", "zh"}, popul_row}};
	int rc = GRX_OK;

	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(files[0]); i++)
		rc = file_read(cx, rs, &files[i], sha);
	if (!rc)
		populations_bind(rs);
	return rc;
}
