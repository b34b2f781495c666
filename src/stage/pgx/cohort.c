/* SPDX-License-Identifier: GPL-3.0-or-later
 * cohort.c -- match every sample at every gene: blocks of samples on all threads, results in order.
 * A block's facts become lines of text at once where they are written as they come. */
#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "base/par.h"
#include "io/factio.h"
#include "stage/pgx/d6.h"
#include "stage/pgx/outside.h"
#include "stage/pgx/store.h"

/* A call given from elsewhere stands; ours would be a second fact of the same name. */
static bool outside(const struct grx_ctx *cx, const char *sample, const char *gene)
{
	static const char *const what[] = {"diplotype", "phenotype", "activity_score", "status"};
	char key[128];
	for (size_t i = 0; cx->facts && i < sizeof what / sizeof *what; i++) {
		snprintf(key, sizeof key, "pgx/%s/%s", gene, what[i]);
		if (grx_facts_find(cx->facts, sample, key))
			return true;
	}
	return false;
}

/* What a block of samples gives, until it is merged in order. */
struct block {
	struct grx_arena *mem, *gene; /* its observations; what matching one gene of one sample takes */
	struct grx_facts *facts;
	size_t n_facts;            /* in lines */
	struct grx_str lines, tsv; /* lines: when the facts are written as they come */
	struct pgx_tally n;
};

static int do_cyp2d6(const struct pgx_cohort *p, struct grx_ctx *cx, const char *sample, struct block *b)
{
	static const struct pgx_gene gene = {.name = "CYP2D6"};
	struct d6_call c;
	struct pgx_verdict v;
	struct grx_arena *mem = grx_arena_new();
	int rc = GRX_E_NOMEM;
	if (!mem)
		return grx_fail_nomem(cx, "CYP2D6");
	GRX_TRY(d6_run_sample(cx, p->d6, sample, b->facts, mem, &c));
	GRX_TRY(d6_verdict(mem, &c, &v));
	b->n.status[v.status]++;
	if (p->opt->tsv)
		pgx_tsv_row(&b->tsv, sample, &gene, &v);
	rc = GRX_OK;
out:
	grx_arena_free(mem);
	return rc;
}

static int do_gene(const struct pgx_cohort *p, struct grx_ctx *cx, const char *sample, int g,
	const struct pgx_obs *obs, struct block *b)
{
	struct pgx_data d;
	struct pgx_verdict v;
	struct grx_arena *mem = b->gene;
	int rc = GRX_E_NOMEM;
	if (outside(cx, sample, p->table->gene[g].name)) {
		b->n.n_outside++;
		return GRX_OK;
	}
	if (p->d6 && !strcmp(p->table->gene[g].name, "CYP2D6"))
		return do_cyp2d6(p, cx, sample, b);
	if (pgx_data_make(mem, p->table, &p->table->gene[g], obs, &d) != GRX_OK ||
		pgx_judge(mem, p->opt, &d, &v) != GRX_OK ||
		(p->wrong_build && pgx_refuse(mem, PGX_NOT_ASSESSED, p->wrong_build, &v) != GRX_OK)) {
		rc = grx_fail_nomem(cx, "matching");
		goto out;
	}
	b->n.status[v.status]++;
	b->n.n_anchor += v.n_anchor;
	b->n.n_undocumented += v.undocumented != NULL;
	for (int l = 0; l < d.gene->n_locus; l++)
		b->n.state[d.obs[l].state]++;
	if (p->opt->tsv)
		pgx_tsv_row(&b->tsv, sample, d.gene, &v);
	GRX_TRY(pgx_facts_add(cx, b->facts, sample, &d, &v));
	rc = GRX_OK;
out:
	grx_arena_reset(b->gene);
	return rc;
}

/* The matching of all samples: blocks on any thread, their facts and rows in order. */
struct cohort {
	const struct pgx_cohort *p;
	struct grx_facts *out;
	struct grx_out *tsv; /* NULL */
	struct pgx_tally n;
	struct block *block; /* by slot */
};

static int next_block(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct cohort *c = state;
	(void)cx;
	(void)slot;
	*done = i >= (uint64_t)pgx_blocks(c->p->n_sample);
	return GRX_OK;
}

/* Facts of one sample at a time become lines at once: they are the bulk of the memory. */
static int to_lines(const struct cohort *c, struct grx_ctx *cx, struct block *b)
{
	if (!c->out->sink)
		return GRX_OK;
	if (grx_facts_stamp(b->facts) != GRX_OK || grx_facts_lines(b->facts, &b->lines) != GRX_OK)
		return grx_fail_nomem(cx, "fact lines");
	b->n_facts += b->facts->n;
	return grx_facts_reset(b->facts);
}

static int map_block(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	const struct cohort *c = state;
	const struct pgx_cohort *p = c->p;
	struct block *b = &c->block[slot];
	struct pgx_obs *obs;
	int rc = GRX_E_BUG, first = (int)i * PGX_BLOCK;
	(void)thread;
	GRX_TRY(pgx_store_get(cx, p->store, (int)i, b->mem, &obs));
	for (int k = 0; k < PGX_BLOCK && first + k < p->n_sample; k++) {
		const struct pgx_obs *own = obs + (size_t)k * (size_t)p->table->n_locus;
		for (int g = 0; g < p->table->n_gene; g++) {
			if (pgx_outside_has(p->outside, first + k, p->table->gene[g].name))
				b->n.n_outside++;
			else
				GRX_TRY(do_gene(p, cx, p->sample[first + k], g, own, b));
		}
		GRX_TRY(pgx_outside_emit(cx, p->outside, first + k, p->sample[first + k], b->facts,
			p->opt->tsv ? &b->tsv : NULL));
		GRX_TRY(to_lines(c, cx, b));
	}
	rc = GRX_OK;
out:
	grx_arena_reset(b->mem);
	return rc;
}

static void add_tally(struct pgx_tally *to, const struct pgx_tally *n)
{
	to->n_outside += n->n_outside;
	to->n_anchor += n->n_anchor;
	to->n_undocumented += n->n_undocumented;
	for (int i = 0; i <= PGX_NOT_ASSESSED; i++)
		to->status[i] += n->status[i];
	for (int i = 0; i < PGX_N_STATE; i++)
		to->state[i] += n->state[i];
}

static int merge_block(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	struct cohort *c = state;
	struct block *b = &c->block[slot];
	int rc = GRX_E_BUG;
	(void)i;
	add_tally(&c->n, &b->n);
	memset(&b->n, 0, sizeof b->n);
	if (b->tsv.oom)
		return grx_fail_nomem(cx, "the table of calls");
	if (c->tsv && b->tsv.n)
		grx_out_write(c->tsv, b->tsv.s, b->tsv.n);
	grx_str_reset(&b->tsv);
	if (c->out->sink && b->n_facts)
		GRX_TRY(c->out->sink->put(c->out->sink, cx, b->lines.s, b->lines.n, b->n_facts));
	b->n_facts = 0;
	grx_str_reset(&b->lines);
	GRX_TRY(grx_facts_append(cx, c->out, b->facts));
	GRX_TRY(grx_facts_reset(b->facts));
	rc = GRX_OK;
out:
	return rc;
}

static int open_tsv(struct cohort *c, struct grx_ctx *cx)
{
	struct grx_str head = {0};
	if (!c->p->opt->tsv)
		return GRX_OK;
	int rc = grx_out_open(cx, c->p->opt->tsv, &c->tsv);
	pgx_tsv_head(&head);
	if (rc == GRX_OK && head.oom)
		rc = grx_fail_nomem(cx, "the table of calls");
	if (rc == GRX_OK)
		grx_out_write(c->tsv, head.s, head.n);
	grx_str_clear(&head);
	return rc;
}

int pgx_cohort_call(
	struct grx_ctx *cx, const struct pgx_cohort *p, struct grx_facts *out, struct pgx_tally *n)
{
	struct cohort all = {.p = p, .out = out}, *c = &all;
	int threads = cx->threads > 0 ? cx->threads : 1, n_slot = grx_par_slots(threads), rc = GRX_E_NOMEM;
	struct grx_par_ops ops = {c, next_block, map_block, merge_block};
	c->block = grx_calloc((size_t)n_slot, sizeof *c->block);
	for (int i = 0; c->block && i < n_slot; i++) {
		struct block *b = &c->block[i];
		b->mem = grx_arena_new();
		b->gene = grx_arena_new();
		b->facts = grx_facts_new();
		if (!b->mem || !b->gene || !b->facts)
			goto out;
	}
	if (c->block)
		rc = GRX_OK;
	if (rc == GRX_OK)
		rc = open_tsv(c, cx);
	if (rc == GRX_OK)
		rc = grx_par_ordered(cx, threads, &ops);
out:
	for (int i = 0; c->block && i < n_slot; i++) {
		grx_arena_free(c->block[i].mem);
		grx_arena_free(c->block[i].gene);
		grx_facts_free(c->block[i].facts);
		grx_str_clear(&c->block[i].lines);
		grx_str_clear(&c->block[i].tsv);
	}
	grx_free(c->block);
	if (c->tsv) {
		int close_rc = grx_out_close(cx, c->tsv);
		rc = rc == GRX_OK ? close_rc : rc;
	}
	*n = c->n;
	return rc == GRX_E_NOMEM ? grx_fail_nomem(cx, "matching") : rc;
}
