/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules_tool.c -- list and compare rule tables, and the front of `rules check` (grid.c enumerates). */
#include "stage/recommend/rules_tool.h"

#include <string.h>
#include <strings.h>

#include "base/ctx.h"
#include "io/text.h"
#include "stage/recommend/recommend_int.h"

static int load(struct grx_ctx *cx, const char *dir, struct recommend_issues *is, struct recommend_rules **rs)
{
	char *path = recommend_rules_dir(cx, dir);
	int rc;

	if (!path)
		return grx_fail_nomem(cx, "path of the rule tables");
	rc = recommend_rules_load(cx, path, is, rs);
	grx_free(path);
	return rc;
}

static bool rule_has_gene(const struct recommend_rules *rs, const struct recommend_rule *r, const char *gene)
{
	for (int i = 0; i < r->pred.n; i++) {
		const struct recommend_node *t = &r->pred.v[i];

		if (t->op >= RECOMMEND_N_P && t->op != RECOMMEND_N_F && !strcmp(rs->genes.v[t->a], gene))
			return true;
	}
	return false;
}

/* ---- list
 * -------------------------------------------------------------------------------------------------- */

static int near_fail(
	struct grx_ctx *cx, const char *what, const char *name, const char *const *list, size_t n)
{
	struct grx_str near = {0};
	int rc;

	recommend_near(name, list, n, 5, &near);
	rc = grx_fail(cx, GRX_E_USAGE, "rules list: no rule for %s '%s'%s%s", what, name,
		near.n ? "; near: " : "", near.n ? near.s : "");
	grx_str_clear(&near);
	return rc;
}

static int drug_unknown(struct grx_ctx *cx, const struct recommend_rules *rs, const char *name)
{
	const char **list = grx_malloc(rs->n_drug + 1, sizeof(*list));
	int rc;

	if (!list)
		return grx_fail_nomem(cx, "drug names");
	for (size_t i = 0; i < rs->n_drug; i++)
		list[i] = rs->drug[i].name;
	rc = near_fail(cx, "drug", name, list, rs->n_drug);
	grx_free(list);
	return rc;
}

int grx_rules_list(
	struct grx_ctx *cx, const char *dir, const char *drug, const char *gene, struct grx_str *out)
{
	struct recommend_rules *rs = NULL;
	const struct recommend_drug *only = NULL;
	bool known = gene == NULL;
	int rc = load(cx, dir, NULL, &rs);

	if (rc)
		return rc;
	for (int i = 0; !known && i < rs->genes.n; i++)
		known = !strcmp(rs->genes.v[i], gene);
	if (!known) {
		rc = near_fail(cx, "gene", gene, rs->genes.v, (size_t)rs->genes.n);
		goto out;
	}
	if (drug && !(only = recommend_drug_find(rs, drug))) {
		rc = drug_unknown(cx, rs, drug);
		goto out;
	}
	grx_str_add(out,
		"rule_id\tversion\tdrug\twhen\tpopulation\taction\tstrength\tverify\tguideline_id\tsource\n");
	for (size_t i = 0; i < rs->n; i++) {
		const struct recommend_rule *r = &rs->v[i];

		if ((only && strcmp(only->name, r->drug) != 0) || (gene && !rule_has_gene(rs, r, gene)))
			continue;
		grx_str_addf(out, "%s\t%lld\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", r->id, (long long)r->version,
			r->drug, r->when, r->population, recommend_act_name(r->action), r->strength,
			r->verify, r->guideline, r->source);
	}
	if (out->oom)
		rc = grx_fail_nomem(cx, "rules list");
out:
	recommend_rules_free(rs);
	return rc;
}

/* ---- diff
 * -------------------------------------------------------------------------------------------------- */

/* One column of two rows; returns 1 and a line when they differ. */
static int column(struct grx_str *out, const char *id, const char *name, const char *a, const char *b)
{
	if (!strcmp(a, b))
		return 0;
	grx_str_addf(out, "changed\t%s\t%s\t%s\t%s\n", id, name, *a ? a : ".", *b ? b : ".");
	return 1;
}

static bool changed(struct grx_str *out, const struct recommend_rule *a, const struct recommend_rule *b,
	int64_t *n_unversioned)
{
	int n = 0;

	n += column(out, a->id, "drug", a->drug, b->drug);
	n += column(out, a->id, "when", a->when, b->when);
	n += column(out, a->id, "population", a->population, b->population);
	n += column(out, a->id, "strength", a->strength, b->strength);
	n += column(out, a->id, "action", recommend_act_name(a->action), recommend_act_name(b->action));
	n += column(out, a->id, "actions", a->actions, b->actions);
	for (int i = 0; i < RECOMMEND_NUM_N; i++)
		n += column(out, a->id, recommend_num_name[i], a->num[i], b->num[i]);
	n += column(out, a->id, "verify", a->verify ? "1" : "0", b->verify ? "1" : "0");
	n += column(out, a->id, "guideline_id", a->guideline, b->guideline);
	n += column(out, a->id, "pmids", a->pmids, b->pmids);
	n += column(out, a->id, "source", a->source, b->source);
	n += column(out, a->id, "licence", a->licence, b->licence);
	if (a->version != b->version) {
		grx_str_addf(out, "changed\t%s\tversion\t%lld\t%lld\n", a->id, (long long)a->version,
			(long long)b->version);
		return true;
	}
	if (n) {
		grx_str_addf(out, "warning\t%s\tversion\t%lld\tchanged without a new version\n", a->id,
			(long long)a->version);
		(*n_unversioned)++;
	}
	return n > 0;
}

int grx_rules_diff(struct grx_ctx *cx, const char *dir_a, const char *dir_b, struct grx_str *out)
{
	struct recommend_rules *a = NULL, *b = NULL;
	int64_t n_same = 0, n_changed = 0, n_removed = 0, n_added = 0, n_unversioned = 0;
	int rc = load(cx, dir_a, NULL, &a);

	if (!rc)
		rc = load(cx, dir_b, NULL, &b);
	if (rc)
		goto out;
	for (size_t i = 0; i < a->n; i++) {
		const struct recommend_rule *r = &a->v[i], *o = grx_map_get(b->by_id, r->id);

		if (!o) {
			grx_str_addf(out, "removed\t%s\t%s\t%s\t%s\n", r->id, r->drug, r->when,
				recommend_act_name(r->action));
			n_removed++;
		} else if (changed(out, r, o, &n_unversioned)) {
			n_changed++;
		} else {
			n_same++;
		}
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct recommend_rule *r = &b->v[i];

		if (grx_map_get(a->by_id, r->id))
			continue;
		grx_str_addf(out, "added\t%s\t%s\t%s\t%s\n", r->id, r->drug, r->when,
			recommend_act_name(r->action));
		n_added++;
	}
	grx_str_addf(out,
		"summary\tadded %lld\tremoved %lld\tchanged %lld (%lld without a new version)\tsame %lld\n",
		(long long)n_added, (long long)n_removed, (long long)n_changed, (long long)n_unversioned,
		(long long)n_same);
	if (out->oom)
		rc = grx_fail_nomem(cx, "rules diff");
out:
	recommend_rules_free(a);
	recommend_rules_free(b);
	return rc;
}

/* ---- check
 * ------------------------------------------------------------------------------------------------- */

static void warn(
	struct recommend_issues *is, const struct recommend_rule *r, const char *what, const char *name)
{
	is->n_warning++;
	grx_str_addf(is->out, "warning\t%s:%lld\t%s: %s%s\n", r->file, (long long)r->line, r->id, what, name);
}

static void error(
	struct recommend_issues *is, const struct recommend_rule *r, const char *what, const char *name)
{
	is->n_error++;
	grx_str_addf(is->out, "error\t%s:%lld\t%s: %s%s\n", r->file, (long long)r->line, r->id, what, name);
}

/* Genes and phenotype names that refdata/pgx knows; an absent table leaves `has` false. */
struct known {
	struct grx_map *gene, *phenotype; /* "GENE", "GENE|phenotype" */
	bool has;
};

static int known_file(struct grx_ctx *cx, const char *name, bool phenotypes, struct known *k)
{
	char *path = grx_refdata_path(cx, name);
	struct grx_table *t = NULL;
	struct grx_str key = {0};
	bool more = true;
	int rc, gene = -1, phenotype = -1;

	if (!path)
		return grx_fail_nomem(cx, "path");
	GRX_TRY(grx_table_open(cx, path, false, &t));
	GRX_TRY(grx_table_need(cx, t, "gene", &gene));
	if (phenotypes)
		GRX_TRY(grx_table_need(cx, t, "phenotype", &phenotype));
	for (;;) {
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		grx_str_reset(&key);
		grx_str_addf(&key, "%s|%s", grx_table_get(t, gene), grx_table_get(t, phenotype));
		if (key.oom || grx_map_set(k->gene, grx_table_get(t, gene), k) ||
			(phenotypes && grx_map_set(k->phenotype, key.s, k))) {
			rc = grx_fail_nomem(cx, "known genes");
			goto out;
		}
	}
	k->has = true;
out:
	grx_table_close(t);
	grx_str_clear(&key);
	grx_free(path);
	return rc;
}

static int known_load(struct grx_ctx *cx, struct known *k, struct grx_str *out)
{
	struct grx_ctx probe;
	int rc;

	k->gene = grx_map_new();
	k->phenotype = grx_map_new();
	if (!k->gene || !k->phenotype)
		return grx_fail_nomem(cx, "known genes");
	/* the tables of another stage may be absent: that is no error here */
	grx_ctx_child(cx, &probe);
	rc = known_file(&probe, "pgx/phenotypes.tsv", true, k);
	if (!rc)
		rc = known_file(&probe, "pgx/alleles.tsv", false, k);
	if (rc == GRX_E_NOINPUT) {
		k->has = false;
		grx_str_add(out, "note\trefdata/pgx\tno phenotypes.tsv or alleles.tsv: genes and phenotypes "
				 "not compared\n");
		return GRX_OK;
	}
	if (rc)
		grx_ctx_take_error(cx, &probe);
	return rc;
}

static bool has_scores(const struct recommend_rules *rs, const char *gene)
{
	for (size_t i = 0; i < rs->n_act; i++)
		if (!strcmp(rs->act[i].gene, gene))
			return true;
	return false;
}

static void check_term(const struct recommend_rules *rs, const struct recommend_rule *r,
	const struct recommend_node *t, const struct known *k, struct recommend_issues *is)
{
	const char *gene = rs->genes.v[t->a];
	struct grx_str key = {0};

	if (t->op == RECOMMEND_N_AS && rs->n_act && !has_scores(rs, gene))
		error(is, r, "AS() of a gene without activity scores in activity.tsv: ", gene);
	if (t->op != RECOMMEND_N_P || t->rhs != RECOMMEND_R_TEXT || t->str[0] == '*' || !k->has)
		return;
	grx_str_addf(&key, "%s|%s", gene, t->str);
	if (!grx_map_get(k->gene, gene))
		error(is, r, "gene unknown to refdata/pgx: ", gene);
	else if (key.s && !grx_map_get(k->phenotype, key.s))
		error(is, r, "phenotype unknown to refdata/pgx: ", key.s);
	is->out->oom = is->out->oom || key.oom;
	grx_str_clear(&key);
}

static bool has_word(const struct recommend_rules *rs, const char *code)
{
	for (size_t i = 0; i < rs->n_word; i++)
		if (!strcmp(rs->word[i].code, code))
			return true;
	return false;
}

static void check_words(const struct recommend_rules *rs, struct recommend_issues *is)
{
	bool missing[RECOMMEND_A_N] = {false};

	for (size_t i = 0; i < rs->n; i++) {
		for (const char *s = rs->v[i].actions; *s; s += *s == '+') {
			size_t n = strcspn(s, "+");
			enum recommend_act a = recommend_act_parse(s, n);

			s += n;
			if (missing[a] || has_word(rs, recommend_act_name(a)))
				continue;
			missing[a] = true;
			warn(is, &rs->v[i], "wording.tsv has no sentence for ", recommend_act_name(a));
		}
	}
}

static void check_drugs(const struct recommend_rules *rs, struct recommend_issues *is)
{
	for (size_t i = 0; i < rs->n_drug; i++)
		if (!rs->drug[i].listed)
			warn(is, &rs->v[rs->drug[i].rule[0]], "drugs.tsv does not list ", rs->drug[i].name);
}

/* The same condition for the same drug and population: doubled, or contradicting. */
static void check_texts(
	const struct recommend_rules *rs, const struct recommend_drug *d, struct recommend_issues *is)
{
	for (int i = 0; i < d->n; i++) {
		const struct recommend_rule *a = &rs->v[d->rule[i]];

		for (int j = i + 1; j < d->n; j++) {
			const struct recommend_rule *b = &rs->v[d->rule[j]];

			if (strcmp(a->when, b->when) != 0 || strcmp(a->population, b->population) != 0)
				continue;
			if (strcmp(a->signature, b->signature) != 0)
				error(is, b, "same condition and population, other advice than ", a->id);
			else
				warn(is, b, "repeats ", a->id);
		}
	}
}

int grx_rules_check(struct grx_ctx *cx, const char *dir, struct grx_str *out)
{
	struct recommend_issues is = {.out = out};
	struct recommend_rules *rs = NULL;
	struct known k = {0};
	int64_t n_verify = 0;
	int rc = load(cx, dir, &is, &rs);

	if (rc)
		return rc;
	GRX_TRY(known_load(cx, &k, out));
	for (size_t i = 0; i < rs->n; i++) {
		const struct recommend_rule *r = &rs->v[i];

		n_verify += r->verify;
		for (int j = 0; j < r->pred.n; j++)
			if (r->pred.v[j].op >= RECOMMEND_N_P && r->pred.v[j].op != RECOMMEND_N_F)
				check_term(rs, r, &r->pred.v[j], &k, &is);
	}
	check_words(rs, &is);
	check_drugs(rs, &is);
	for (size_t i = 0; i < rs->n_drug; i++) {
		check_texts(rs, &rs->drug[i], &is);
		GRX_TRY(recommend_grid_check(cx, rs, &rs->drug[i], &is));
	}
	grx_str_addf(out,
		"summary\trules %zu\tdrugs %zu\tgenes %d\tto verify with the guideline %lld\terrors "
		"%lld\twarnings %lld\n",
		rs->n, rs->n_drug, rs->genes.n, (long long)n_verify, (long long)is.n_error,
		(long long)is.n_warning);
	if (out->oom)
		rc = grx_fail_nomem(cx, "rules check");
	else if (is.n_error)
		rc = grx_fail(cx, GRX_E_DATA, "rules check: %s: %lld errors; see the report", rs->dir,
			(long long)is.n_error);
out:
	grx_map_free(k.gene);
	grx_map_free(k.phenotype);
	recommend_rules_free(rs);
	return rc;
}
