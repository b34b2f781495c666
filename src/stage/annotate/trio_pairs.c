/* SPDX-License-Identifier: GPL-3.0-or-later
 * trio_pairs.c -- compound heterozygotes: two different heterozygous alleles of one child in one gene.
 * Candidates come in genome order, from whatever shard. A gene is closed when the next candidate of the child
 * lies farther behind its last one than any gene is long, or on another contig, so what is held does not grow
 * with the genome. Each candidate is a fact of its own, which carries the genotypes: the pair points there.
 */
#include "stage/annotate/trio_int.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define REACH     INT64_C(5000000) /* bp; the longest human genes of GENCODE span a little over 2 Mb */
#define MAX_NAMED 50               /* pairs that a fact names; the others are counted */

struct cand {
	struct cand *next;
	const struct grx_fact *fact;
	int64_t pos, ps;
	enum trio_origin origin;
	int8_t hap;
	bool two_alts, used;
};

struct trio_gene {
	struct trio_gene *next;
	int32_t tid;
	int64_t last;
	struct cand *cand, **end;
	char *symbol;
	char id[];
};

static void gene_free(struct trio_gene *g)
{
	for (struct cand *c = g->cand, *n; c; c = n) {
		n = c->next;
		grx_free(c);
	}
	grx_free(g->symbol);
	grx_free(g);
}

void annotate_pairs_free(struct trio_kid *k)
{
	for (struct trio_gene *g = k->open, *n; g; g = n) {
		n = g->next;
		gene_free(g);
	}
	k->open = NULL;
}

/* --- is it a pair? --- */

enum pair { PAIR_NONE, PAIR_POSSIBLE, PAIR_TRANS };

static enum pair pair_of(const struct cand *a, const struct cand *b, const char **proof)
{
	if (a->fact == b->fact)
		return PAIR_NONE;
	bool told = a->origin != TO_UNKNOWN && b->origin != TO_UNKNOWN;
	bool parental = told && a->origin != TO_DE_NOVO && b->origin != TO_DE_NOVO;
	bool phased = a->hap >= 0 && b->hap >= 0 && a->ps == b->ps;
	*proof = "genotype"; /* 1/2 */
	if (a->pos == b->pos && a->two_alts && b->two_alts)
		return PAIR_TRANS;
	if (parental) {
		*proof = "parents";
		return a->origin != b->origin ? PAIR_TRANS : PAIR_NONE;
	}
	*proof = "phase";
	if (phased)
		return a->hap != b->hap ? PAIR_TRANS : PAIR_NONE;
	*proof = "";
	return PAIR_POSSIBLE;
}

/* --- the fact --- */

struct tally {
	struct grx_str text[3]; /* by enum pair */
	int64_t n[3];
	bool parents, phase, genotype;
};

static void tally_add(struct tally *t, enum pair p, struct cand *a, struct cand *b, const char *proof)
{
	t->parents |= p == PAIR_TRANS && strcmp(proof, "parents") == 0;
	t->phase |= p == PAIR_TRANS && strcmp(proof, "phase") == 0;
	t->genotype |= p == PAIR_TRANS && strcmp(proof, "genotype") == 0;
	if (t->n[p]++ >= MAX_NAMED)
		return;
	/* "trio/": the rest of the key names the variant */
	grx_str_addf(&t->text[p], "%s%s+%s", t->text[p].n ? ";" : "", a->fact->key + 5, b->fact->key + 5);
	a->used = b->used = true;
}

static void tally_gene(struct trio_gene *g, struct tally *t)
{
	for (struct cand *a = g->cand; a; a = a->next)
		for (struct cand *b = a->next; b; b = b->next) {
			const char *proof;
			enum pair p = pair_of(a, b, &proof);
			if (p != PAIR_NONE)
				tally_add(t, p, a, b, proof);
		}
}

/* Why alleles of possible pairs have no proven origin, as their own facts say it. */
static int pair_doubts(
	struct grx_ctx *cx, const struct trio_gene *g, struct grx_facts *to, struct grx_fact *f)
{
	struct grx_str s = {0};
	int rc = GRX_OK;
	for (const struct cand *c = g->cand; c; c = c->next) {
		const char *why = grx_fact_attr_get(c->fact, "not_assessed");
		if (!why && c->fact->status == GRX_FACT_MISSING)
			why = grx_fact_attr_get(c->fact, "reason");
		if (c->used && why)
			grx_str_addf(&s, "%s%s %s", s.n ? "; " : "", c->fact->key + 5, why);
	}
	if (s.oom)
		rc = grx_fail_nomem(cx, "pairs of alleles");
	else if (s.n)
		rc = grx_fact_attr(to, f, "not_assessed", "%s", s.s);
	grx_str_clear(&s);
	return rc;
}

static int pair_fact(struct grx_ctx *cx, const struct trio_kid *k, const struct trio_gene *g,
	const struct tally *t, struct grx_facts *to)
{
	struct grx_fact *f;
	bool trans = t->n[PAIR_TRANS] > 0;
	char key[256];
	snprintf(key, sizeof key, "trio/compound_het/%.200s", g->id);
	/* one identifier on two contigs (pseudo-autosomal genes of some models) */
	if (grx_facts_find(to, k->name, key))
		snprintf(key, sizeof key, "trio/compound_het/%.180s@%.40s", g->id,
			grx_contig_name(cx->contigs, g->tid));
	if (grx_facts_find(to, k->name, key))
		return GRX_OK;
	int rc = grx_facts_add(cx, to, k->name, key, "annotate", &f);
	if (rc || (rc = grx_fact_str_set(to, f, trans ? "in_trans" : "possible")))
		return rc;
	f->n = trans ? t->n[PAIR_TRANS] : t->n[PAIR_POSSIBLE];
	if ((rc = grx_fact_attr(to, f, "gene", "%s", g->symbol)))
		return rc;
	const struct {
		const char *key, *val;
	} attr[] = {{"proof", t->parents    ? "parents"
			      : t->genotype ? "genotype"
					    : "phase"},
		{"in_trans", t->text[PAIR_TRANS].s}, {"possible", t->text[PAIR_POSSIBLE].s}};
	for (size_t i = trans ? 0 : 2; i < sizeof attr / sizeof *attr && !rc; i++)
		if (attr[i].val)
			rc = grx_fact_attr(to, f, attr[i].key, "%s", attr[i].val);
	if (!rc && !trans)
		rc = pair_doubts(cx, g, to, f);
	for (const struct cand *c = g->cand; c && !rc; c = c->next)
		if (c->used)
			rc = grx_fact_because_fact(to, f, c->fact->id);
	return rc;
}

static int gene_close(struct grx_ctx *cx, const struct trio_kid *k, struct trio_gene *g, struct grx_facts *to,
	int64_t *n_pair)
{
	struct tally t = {0};
	int rc = GRX_OK;
	tally_gene(g, &t);
	if (t.text[PAIR_TRANS].oom || t.text[PAIR_POSSIBLE].oom)
		rc = grx_fail_nomem(cx, "pairs of alleles");
	else if (t.n[PAIR_TRANS] || t.n[PAIR_POSSIBLE])
		rc = pair_fact(cx, k, g, &t, to);
	*n_pair += t.n[PAIR_TRANS];
	grx_str_clear(&t.text[PAIR_TRANS]);
	grx_str_clear(&t.text[PAIR_POSSIBLE]);
	return rc;
}

/* Close what lies behind (tid, pos), oldest first; everything when tid is -1. */
static int close_behind(struct grx_ctx *cx, struct trio_kid *k, int32_t tid, int64_t pos,
	struct grx_facts *to, int64_t *n_pair)
{
	for (struct trio_gene **at = &k->open; *at;) {
		struct trio_gene *g = *at;
		if (g->tid == tid && pos - g->last <= REACH) {
			at = &g->next;
			continue;
		}
		int rc = gene_close(cx, k, g, to, n_pair);
		*at = g->next;
		gene_free(g);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

int annotate_pairs_end(struct grx_ctx *cx, struct trio_kid *k, struct grx_facts *to, int64_t *n_pair)
{
	return close_behind(cx, k, -1, 0, to, n_pair);
}

/* --- candidates --- */

/* The open gene of this identifier, made when there is none; genes stay in the order they were met. */
static struct trio_gene *gene_get(struct trio_kid *k, const char *id, const struct trio_call *c)
{
	struct trio_gene **at = &k->open;
	for (; *at; at = &(*at)->next)
		if (strcmp((*at)->id, id) == 0)
			return *at;
	size_t n = strlen(id);
	struct trio_gene *g = grx_calloc(1, sizeof *g + n + 1);
	if (!g || !(g->symbol = grx_strdup(c->symbol && *c->symbol && c->n_gene == 1 ? c->symbol : id))) {
		grx_free(g);
		return NULL;
	}
	memcpy(g->id, id, n + 1);
	g->tid = c->tid;
	g->end = &g->cand;
	return *at = g;
}

int annotate_pairs_add(struct grx_ctx *cx, struct trio_kid *k, const struct trio_call *c,
	const struct grx_fact *f, struct grx_facts *to, int64_t *n_pair)
{
	int rc = close_behind(cx, k, c->tid, c->pos, to, n_pair);
	for (int32_t i = 0; i < c->n_gene && !rc; i++) {
		struct trio_gene *g = gene_get(k, c->gene[i], c);
		struct cand *x = g ? grx_calloc(1, sizeof *x) : NULL;
		if (!x)
			return grx_fail_nomem(cx, "pairs of alleles");
		*x = (struct cand){.fact = f,
			.pos = c->pos,
			.ps = c->ps,
			.origin = c->verdict.origin,
			.hap = c->hap,
			.two_alts = c->two_alts};
		g->last = c->pos;
		*g->end = x;
		g->end = &x->next;
	}
	return rc;
}
