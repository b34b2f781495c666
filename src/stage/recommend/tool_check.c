/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_check.c -- `rules check`: terms against refdata/pgx, wording, drugs, doubled rows; grid.c enumerates,
 * tool_pheno.c, tool_cases.c and tool_pairs.c look at the tables around the rules. */
#include <string.h>

#include "base/ctx.h"
#include "stage/recommend/rules_tool.h"
#include "stage/recommend/tools_int.h"

static struct recommend_place rule_at(const struct recommend_rule *r, const struct recommend_node *t)
{
	return (struct recommend_place){r->file, r->line, t ? r->when_col + t->col - 1 : 0};
}

/* Genes and phenotype names that refdata/pgx knows; an absent table leaves `has` false. */
struct known {
	struct grx_map *gene, *phenotype; /* "GENE", "GENE|phenotype" */
	bool has, phenotypes;
};

static int known_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct known *k = arg;
	struct grx_str key = {0};
	int rc = GRX_OK;

	if (k->phenotypes)
		grx_str_addf(&key, "%s|%s", grx_table_get(t, col[0]), grx_table_get(t, col[1]));
	if (key.oom || grx_map_set(k->gene, grx_table_get(t, col[0]), k) ||
		(k->phenotypes && grx_map_set(k->phenotype, key.s, k)))
		rc = grx_fail_nomem(cx, "known genes");
	grx_str_clear(&key);
	return rc;
}

static int known_file(struct grx_ctx *cx, const char *name, bool phenotypes, struct known *k)
{
	static const char *const cols[] = {"gene", "phenotype"};
	char *path = grx_refdata_path(cx, name);
	int rc;

	if (!path)
		return grx_fail_nomem(cx, "path");
	k->phenotypes = phenotypes;
	rc = grx_table_each(cx, path, cols, phenotypes ? 2 : 1, known_row, k);
	k->has = k->has || !rc;
	grx_free(path);
	return rc;
}

static int known_load(struct grx_ctx *cx, struct known *k, struct recommend_issues *is)
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
		recommend_find(is, RECOMMEND_S_NOTE, (struct recommend_place){"refdata/pgx", 0, 0},
			"no phenotypes.tsv or alleles.tsv: genes and phenotypes not compared");
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
		recommend_find(is, RECOMMEND_S_ERROR, rule_at(r, t),
			"%s: AS(%s), expected a gene with activity scores in activity.tsv", r->id, gene);
	/* HLA genes have types, not phenotypes: their labels begin with '*' and any allele may be named */
	if (!k->has || grx_starts(gene, "HLA-"))
		return;
	grx_str_addf(&key, "%s|%s", gene, t->str ? t->str : "");
	if (!grx_map_get(k->gene, gene))
		recommend_find(is, RECOMMEND_S_ERROR, rule_at(r, t),
			"%s: gene unknown to refdata/pgx: %s, expected a gene of pgx/alleles.tsv", r->id,
			gene);
	else if (t->op == RECOMMEND_N_P && t->rhs == RECOMMEND_R_TEXT && key.s &&
		 !grx_map_get(k->phenotype, key.s))
		recommend_find(is, RECOMMEND_S_ERROR, rule_at(r, t),
			"%s: phenotype unknown to refdata/pgx: %s '%s', expected one of pgx/phenotypes.tsv",
			r->id, gene, t->str);
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
			recommend_find(is, RECOMMEND_S_WARNING, rule_at(&rs->v[i], NULL),
				"%s: wording.tsv has no sentence for %s", rs->v[i].id, recommend_act_name(a));
		}
	}
}

/* In the shipped layout (a drugs.tsv in the folder) an unlisted drug is most likely a mistyped one. */
static void check_drugs(const struct recommend_rules *rs, struct recommend_issues *is)
{
	bool any = false;

	for (size_t i = 0; i < rs->n_drug; i++)
		any = any || rs->drug[i].listed;
	for (size_t i = 0; i < rs->n_drug; i++) {
		const struct recommend_rule *r = &rs->v[rs->drug[i].rule[0]];

		if (!rs->drug[i].listed)
			recommend_find(is, any ? RECOMMEND_S_ERROR : RECOMMEND_S_WARNING, rule_at(r, NULL),
				"%s: unknown drug '%s', expected a drug of drugs.tsv", r->id,
				rs->drug[i].name);
	}
}

/* The same condition for the same drug and population: doubled, or contradicting. */
static void check_texts(
	const struct recommend_rules *rs, const struct recommend_drug *d, struct recommend_issues *is)
{
	for (int i = 0; i < d->n; i++) {
		const struct recommend_rule *a = &rs->v[d->rule[i]];

		for (int j = i + 1; j < d->n; j++) {
			const struct recommend_rule *b = &rs->v[d->rule[j]];
			bool differ = strcmp(a->signature, b->signature) != 0;

			if (strcmp(a->when, b->when) != 0 || strcmp(a->population, b->population) != 0)
				continue;
			recommend_find(is, differ ? RECOMMEND_S_ERROR : RECOMMEND_S_WARNING,
				(struct recommend_place){b->file, b->line, b->when_col},
				differ ? "%s: same condition and population, other advice than %s"
				       : "%s: repeats %s",
				b->id, a->id);
		}
	}
}

/* A population that the table does not list is never left out for anybody. */
static void check_population(
	const struct recommend_rules *rs, const struct recommend_rule *r, struct recommend_issues *is)
{
	if (rs->n_popul && r->pop < 0 && strcmp(r->population, "general") != 0)
		recommend_find(is, RECOMMEND_S_ERROR, rule_at(r, NULL),
			"%s: unknown population '%s', expected general or one of populations.tsv", r->id,
			r->population);
}

static int check_rules(
	struct grx_ctx *cx, const struct recommend_rules *rs, struct recommend_issues *is, int64_t *n_verify)
{
	struct known k = {0};
	int rc = GRX_E_BUG;

	GRX_TRY(known_load(cx, &k, is));
	for (size_t i = 0; i < rs->n; i++) {
		const struct recommend_rule *r = &rs->v[i];

		*n_verify += r->verify;
		check_population(rs, r, is);
		for (int j = 0; j < r->pred.n; j++)
			if (recommend_gene_term(&r->pred.v[j]))
				check_term(rs, r, &r->pred.v[j], &k, is);
	}
	check_words(rs, is);
	check_drugs(rs, is);
	for (size_t i = 0; i < rs->n_drug; i++) {
		check_texts(rs, &rs->drug[i], is);
		GRX_TRY(recommend_grid_check(cx, rs, &rs->drug[i], is));
	}
	rc = GRX_OK;
out:
	grx_map_free(k.gene);
	grx_map_free(k.phenotype);
	return rc;
}

int grx_rules_check(struct grx_ctx *cx, const char *dir, bool require_cases, struct grx_str *out)
{
	struct recommend_issues is = {.out = out};
	struct recommend_rules *rs = NULL;
	int64_t n_verify = 0, n_case = 0;
	int rc = recommend_tool_load(cx, dir, &is, &rs);

	if (rc)
		return rc;
	GRX_TRY(check_rules(cx, rs, &is, &n_verify));
	GRX_TRY(recommend_check_phenotypes(cx, rs, &is));
	GRX_TRY(recommend_check_cases(cx, rs, require_cases, &is, &n_case));
	GRX_TRY(recommend_check_pairs(cx, rs, &is));
	grx_str_addf(out,
		"summary\trules %zu\tdrugs %zu\tgenes %d\ttest cases %lld\tto verify with the guideline "
		"%lld\terrors %lld\twarnings %lld\n",
		rs->n, rs->n_drug, rs->genes.n, (long long)n_case, (long long)n_verify, (long long)is.n_error,
		(long long)is.n_warning);
	if (out->oom)
		rc = grx_fail_nomem(cx, "rules check");
	else if (is.n_error)
		rc = grx_fail(cx, GRX_E_DATA, "rules check: %s: %lld errors; see the report", rs->dir,
			(long long)is.n_error);
out:
	recommend_rules_free(rs);
	return rc;
}
