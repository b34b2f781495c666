/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_call.c -- what-if: genotypes and diplotypes set by hand, and the genes that they touch called anew. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/why_q.h"

void why_q_str(struct why_q *q, json_t *o, const char *key, const char *s)
{
	if (json_object_set_new(o, key, json_string(s)))
		q->bad = true;
}

const char *why_q_gene(const json_t *g)
{
	return json_string_value(json_object_get(g, "gene"));
}

void why_q_value(struct grx_str *o, const struct grx_fact *f)
{
	const char *reason = f ? grx_fact_attr_get(f, "reason") : NULL;
	char buf[32];

	if (!f)
		grx_str_add(o, "none");
	else if (f->value.type == GRX_V_STR)
		grx_str_add(o, f->value.str);
	else if (f->value.type == GRX_V_NUM)
		grx_str_add(o, grx_fmt_g(buf, f->value.num, 10));
	else
		grx_str_add(o, reason ? reason : "missing");
}

/* The diplotype that "GENE=DIPLOTYPE" sets for the gene, or NULL. */
static const char *diplotype_for(const char *text, const char *gene)
{
	size_t n = strlen(gene);

	return !strncmp(text, gene, n) && text[n] == '=' ? text + n + 1 : NULL;
}

static const char *supposed(const struct why_q *q, const char *gene)
{
	for (int i = q->n_suppose - 1; i >= 0; i--)
		if (diplotype_for(q->suppose[i], gene))
			return diplotype_for(q->suppose[i], gene);
	return NULL;
}

static int parse_one(struct why_q *q, const char *text, const char *genes)
{
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		if (diplotype_for(text, why_q_gene(g))) {
			q->suppose[q->n_suppose++] = text;
			return GRX_OK;
		}
	}
	return grx_pgx_edit_parse(q->cx, q->tool, text, genes, &q->edit[q->n_edit++]);
}

int why_q_parse(struct why_q *q)
{
	struct grx_str genes = {0};
	const json_t *g;
	size_t i;
	int rc = GRX_OK;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		grx_str_addf(&genes, "%s%s", i ? "," : "", why_q_gene(g));
	}
	if (genes.oom)
		rc = grx_fail_nomem(q->cx, "genes");
	else if (q->opt->what_if.n > GRX_PGX_EDIT_MAX)
		rc = grx_fail(q->cx, GRX_E_USAGE, "--what-if: at most %d loci", GRX_PGX_EDIT_MAX);
	else if (!genes.n)
		rc = grx_fail(q->cx, GRX_E_USAGE, "--what-if: the advice on %s rests on no gene", q->drug);
	for (int k = 0; rc == GRX_OK && k < q->opt->what_if.n; k++)
		rc = parse_one(q, q->opt->what_if.v[k], genes.s);
	grx_str_clear(&genes);
	return rc;
}

static bool edited(const struct why_q *q, const char *gene)
{
	for (int i = 0; i < q->n_edit; i++)
		if (grx_pgx_edit_in(q->tool, &q->edit[i], gene))
			return true;
	return false;
}

bool why_q_changed(const struct why_q *q, const char *gene)
{
	return supposed(q, gene) || edited(q, gene);
}

/* Do the facts of the gene read the same in both? */
static bool agrees(const struct why_q *q, const struct grx_facts *anew)
{
	for (size_t i = 0; i < anew->n; i++) {
		const struct grx_fact *was = grx_facts_by_id(q->fs, anew->v[i]->id);
		struct grx_str v[2] = {{0}};
		bool same;

		why_q_value(&v[0], was);
		why_q_value(&v[1], anew->v[i]);
		same = grx_streq(v[0].s, v[1].s);
		grx_str_clear(&v[0]);
		grx_str_clear(&v[1]);
		if (!same)
			return false;
	}
	return true;
}

/* Genotypes of several phase blocks: facts hold no block numbers, so that '|' of two blocks looks like one.
 */
static bool several_blocks(const struct why_q *q, const char *gene)
{
	char key[128];
	const struct grx_fact *f;

	snprintf(key, sizeof(key), "pgx/%s/diplotype", gene);
	f = grx_facts_find(q->fs, q->sample, key);
	for (int i = 0; f && i < f->n_because; i++)
		if (f->because[i].gt && strchr(f->because[i].gt, '|'))
			return grx_streq(grx_fact_attr_get(f, "phased"), "false");
	return false;
}

/* Without phase the answer can only be less certain; phase is used when the facts cannot be had otherwise. */
static int choose_phase(struct why_q *q, struct grx_pgx_call *c)
{
	struct grx_facts *anew;
	struct grx_str again = {0};
	int rc;

	if (!several_blocks(q, c->gene))
		return GRX_OK;
	anew = grx_facts_new();
	if (!anew)
		return grx_fail_nomem(q->cx, "facts");
	c->unphased = true;
	rc = grx_pgx_again(q->cx, q->tool, c, anew, &again);
	c->unphased = rc == GRX_OK && agrees(q, anew);
	if (!c->unphased)
		grx_str_addf(&q->notes,
			"%s: facts hold no phase blocks; all genotypes with '|' are taken as one block\n",
			c->gene);
	grx_facts_free(anew);
	grx_str_clear(&again);
	return rc;
}

static int call_gene(struct why_q *q, const char *gene)
{
	struct grx_pgx_call c = {.fs = q->fs, .sample = q->sample, .gene = gene};
	struct grx_str again = {0}; /* the notes of the second call are those of the first */
	int rc;

	if (supposed(q, gene) && edited(q, gene))
		return grx_fail(
			q->cx, GRX_E_USAGE, "--what-if: give loci of %s or its diplotype, not both", gene);
	if (supposed(q, gene)) {
		struct grx_facts was = {.v = grx_malloc(q->fs->n + 1, sizeof(*was.v))};
		char prefix[128];

		if (!was.v)
			return grx_fail_nomem(q->cx, "facts");
		snprintf(prefix, sizeof(prefix), "pgx/%s/", gene);
		for (size_t i = 0; i < q->fs->n; i++)
			if (!strcmp(q->fs->v[i]->sample, q->sample) && grx_starts(q->fs->v[i]->key, prefix))
				was.v[was.n++] = q->fs->v[i];
		rc = grx_facts_append(q->cx, q->gene[0], &was);
		grx_free(was.v);
		return rc ? rc : grx_pgx_suppose(q->cx, &c, supposed(q, gene), q->gene[1]);
	}
	rc = choose_phase(q, &c);
	if (rc == GRX_OK)
		rc = grx_pgx_again(q->cx, q->tool, &c, q->gene[0], &q->notes);
	c.edit = q->edit;
	c.n_edit = q->n_edit;
	if (rc == GRX_OK)
		rc = grx_pgx_again(q->cx, q->tool, &c, q->gene[1], &again);
	grx_str_clear(&again);
	return rc;
}

int why_q_call(struct why_q *q)
{
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		int rc = why_q_changed(q, why_q_gene(g)) ? call_gene(q, why_q_gene(g)) : GRX_OK;

		if (rc)
			return rc;
	}
	return GRX_OK;
}
