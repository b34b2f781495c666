/* SPDX-License-Identifier: GPL-3.0-or-later
 * truth.c -- the truth file, read one contig ahead of the calls: what lies on contigs not yet asked for
 * waits. Records come in the order of the file's dictionary (the reader refuses others), so that a contig is
 * complete once a later one has begun. */
#include "io/varsrc.h"
#include "stage/compare/compare_int.h"

#define BATCH 8192

static int turn_map(struct grx_ctx *cx, struct compare_state *s, int32_t n_file)
{
	struct compare_truth *t = &s->truth;
	int32_t n = grx_fasta_contigs(cx->fasta)->n;
	t->rid = grx_arena_alloc(s->mem, (size_t)n + 1, sizeof *t->rid);
	if (!t->rid)
		return grx_fail_nomem(cx, "contig map");
	for (int32_t i = 0; i < n; i++)
		t->rid[i] = -1;
	for (int32_t i = 0; i < n_file; i++)
		if (t->tid[i] >= 0)
			t->rid[t->tid[i]] = i;
	return GRX_OK;
}

int compare_truth_open(struct grx_ctx *cx, struct compare_state *s)
{
	static const char *const fmt[] = {"PS", NULL};
	struct grx_varsrc_opt o = {.path = s->opt->truth, .fmt = fmt};
	struct compare_truth *t = &s->truth;
	int rc = GRX_E_BUG;

	t->l = s->calls;
	t->l.side = COMPARE_TRUTH;
	t->at = -1;
	t->mem = grx_arena_new();
	t->ahead.mem = grx_arena_new();
	if (!t->mem || !t->ahead.mem) {
		rc = grx_fail_nomem(cx, "truth set");
		goto out;
	}
	GRX_TRY(grx_varsrc_open(cx, &o, &t->src));
	const struct grx_contigs *d = grx_varsrc_contigs(t->src);
	GRX_TRY(compare_map_contigs(cx, s->mem, d, grx_fasta_contigs(cx->fasta), s->opt->truth, &t->tid));
	GRX_TRY(turn_map(cx, s, d->n));
	t->l.tid = t->tid;
	GRX_TRY(compare_find_sample(
		cx, grx_varsrc_hdr(t->src), s->opt->truth_sample, s->opt->truth, &t->l.sample));
	rc = GRX_OK;
out:
	return rc;
}

static int read_batch(struct grx_ctx *cx, struct compare_state *s)
{
	struct compare_truth *t = &s->truth;
	struct grx_vars *b = NULL;
	int rc = grx_varsrc_next(cx, t->src, t->mem, BATCH, &b);
	if (rc == GRX_OK && b->n == 0)
		t->at = INT32_MAX;
	if (rc == GRX_OK && b->n > 0) {
		t->at = b->v[b->n - 1].tid;
		rc = compare_load_batch(cx, &t->l, b, &t->ahead, &s->tally[COMPARE_TRUTH]);
	}
	grx_vars_release(b);
	grx_arena_reset(t->mem);
	return rc;
}

static int push(struct grx_ctx *cx, struct compare_units *to, const struct compare_unit *u)
{
	return compare_unit_push(cx, to, u, compare_unit_ref(u), compare_unit_alt(u));
}

int compare_truth_take(struct grx_ctx *cx, struct compare_state *s, int32_t tid)
{
	struct compare_truth *t = &s->truth;
	struct compare_units rest = {0};
	int rc = GRX_OK;
	while (rc == GRX_OK && t->at <= t->rid[tid])
		rc = read_batch(cx, s);
	if (rc == GRX_OK && !(rest.mem = grx_arena_new()))
		rc = grx_fail_nomem(cx, "truth set");
	for (size_t i = 0; i < t->ahead.n && rc == GRX_OK; i++) {
		const struct compare_unit *u = &t->ahead.v[i];
		rc = push(cx, u->tid == tid ? &s->units : &rest, u);
	}
	compare_units_clear(&t->ahead);
	t->ahead = rest;
	return rc;
}

int compare_truth_next(struct grx_ctx *cx, struct compare_state *s, int32_t *tid)
{
	struct compare_truth *t = &s->truth;
	int rc = GRX_OK;
	while (rc == GRX_OK && t->ahead.n == 0 && t->at != INT32_MAX)
		rc = read_batch(cx, s);
	*tid = t->ahead.n ? t->ahead.v[0].tid : -1;
	return rc;
}

void compare_truth_close(struct compare_truth *t)
{
	compare_units_clear(&t->ahead);
	grx_varsrc_close(t->src);
	grx_arena_free(t->mem);
	*t = (struct compare_truth){0};
}
