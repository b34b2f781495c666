/* SPDX-License-Identifier: GPL-3.0-or-later
 * cases.c -- drive a stage over facts sample by sample. */
#include "run/cases.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/par.h"
#include "io/factin.h"

struct slot {
	struct grx_factgroup group;
	struct grx_facts *known;
	bool ours;
};

struct run {
	struct grx_leg *leg;
	struct grx_cases *cases;
	struct grx_factin *in;
	struct grx_facts *made;
	struct grx_map *seen;  /* samples of extra that have had their turn */
	struct grx_map *first; /* sample -> its first fact in extra.v */
	size_t *next;          /* [extra.n]: number of the sample's next fact; extra.n = none */
	struct slot *slot;
	bool ours;
};

static int next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	struct run *r = state;
	bool more;
	(void)i;
	int rc = grx_factin_next(cx, r->in, &r->slot[slot].group, &more);
	*done = !more;
	return rc;
}

/* The facts of each sample of extra as a chain, so that a cohort does not search them sample by sample. */
static int index_extra(struct run *r, struct grx_ctx *cx)
{
	const struct grx_facts *x = r->cases->extra;
	r->first = grx_map_new();
	r->next = grx_malloc(x->n + 1, sizeof *r->next);
	if (!r->first || !r->next)
		return grx_fail_nomem(cx, "facts");
	for (size_t i = x->n; i-- > 0;) {
		struct grx_fact **later = grx_map_get(r->first, x->v[i]->sample);
		r->next[i] = later ? (size_t)(later - x->v) : x->n;
		if (grx_map_set(r->first, x->v[i]->sample, &x->v[i]) != GRX_OK)
			return grx_fail_nomem(cx, "facts");
	}
	return GRX_OK;
}

/* Facts of one sample of extra to fs. */
static int take_extra(struct grx_ctx *cx, const struct run *r, const char *sample, struct grx_facts *fs)
{
	const struct grx_facts *x = r->cases->extra;
	struct grx_fact **f = grx_map_get(r->first, sample);
	struct grx_facts view = {.n = 1};
	int rc = GRX_OK;
	for (size_t i = f ? (size_t)(f - x->v) : x->n; i < x->n && rc == GRX_OK; i = r->next[i]) {
		view.v = &x->v[i];
		rc = grx_facts_append(cx, fs, &view);
	}
	return rc;
}

static int map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	const struct run *r = state;
	struct slot *s = &r->slot[slot];
	(void)i;
	(void)thread;
	int rc = grx_factin_parse(cx, r->cases->path, &s->group, s->known, &s->ours);
	return rc == GRX_OK ? take_extra(cx, r, s->group.sample.s, s->known) : rc;
}

/* The stage sees what is known; then both go to the file. */
static int hand_over(struct run *r, struct grx_ctx *cx, struct grx_facts *known)
{
	const struct grx_leg_stage *ls = &r->leg->stage[0];
	int rc = GRX_E_BUG;
	size_t n;
	GRX_TRY(grx_facts_drop_stage(cx, known, ls->st->name, &n));
	r->cases->n_replaced += n;
	struct grx_facts *before = cx->facts;
	cx->facts = known;
	rc = ls->st->each(ls->state, cx, r->made);
	cx->facts = before;
	if (rc != GRX_OK)
		return rc;
	if (grx_facts_stamp(r->made) != GRX_OK)
		return grx_fail_nomem(cx, "facts");
	GRX_TRY(grx_factout_add(cx, r->cases->to, known));
	GRX_TRY(grx_factout_add(cx, r->cases->to, r->made));
	GRX_TRY(grx_facts_reset(known));
	GRX_TRY(grx_facts_reset(r->made));
	rc = GRX_OK;
out:
	return rc;
}

static int merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	struct run *r = state;
	struct slot *s = &r->slot[slot];
	(void)i;
	r->ours = r->ours || s->ours;
	if (r->cases->extra->n && grx_map_set(r->seen, s->group.sample.s, r) != GRX_OK)
		return grx_fail_nomem(cx, "samples");
	return hand_over(r, cx, s->known);
}

/* Samples of which only the other files tell. */
static int rest(struct run *r, struct grx_ctx *cx)
{
	const struct grx_facts *x = r->cases->extra;
	struct grx_facts *known = grx_facts_new();
	int rc = known ? GRX_OK : grx_fail_nomem(cx, "facts");
	for (size_t i = 0; i < x->n && rc == GRX_OK; i++) {
		if (grx_map_get(r->seen, x->v[i]->sample))
			continue;
		rc = take_extra(cx, r, x->v[i]->sample, known);
		if (rc == GRX_OK && grx_map_set(r->seen, x->v[i]->sample, r) != GRX_OK)
			rc = grx_fail_nomem(cx, "samples");
		if (rc == GRX_OK)
			rc = hand_over(r, cx, known);
	}
	grx_facts_free(known);
	return rc;
}

static int slots(struct run *r, struct grx_ctx *cx, int n)
{
	r->slot = grx_calloc((size_t)n, sizeof *r->slot);
	for (int i = 0; r->slot && i < n; i++)
		if (!(r->slot[i].known = grx_facts_new()))
			return grx_fail_nomem(cx, "facts");
	return r->slot ? GRX_OK : grx_fail_nomem(cx, "facts");
}

static void slots_free(struct run *r, int n)
{
	for (int i = 0; r->slot && i < n; i++) {
		grx_facts_free(r->slot[i].known);
		grx_str_clear(&r->slot[i].group.sample);
		grx_str_clear(&r->slot[i].group.lines);
	}
	grx_free(r->slot);
}

int grx_cases_run(struct grx_leg *leg, struct grx_ctx *cx)
{
	struct run r = {.leg = leg, .cases = leg->facts_arg};
	struct grx_par_ops ops = {&r, next, map, merge};
	int n = grx_par_slots(cx->threads), rc = GRX_E_BUG;
	r.made = grx_facts_new();
	r.seen = grx_map_new();
	if (!r.made || !r.seen) {
		rc = grx_fail_nomem(cx, "facts");
		goto out;
	}
	GRX_TRY(slots(&r, cx, n));
	GRX_TRY(index_extra(&r, cx));
	GRX_TRY(grx_factin_open(cx, r.cases->path, &r.in));
	GRX_TRY(grx_par_ordered(cx, cx->threads, &ops));
	GRX_TRY(grx_factin_end(cx, r.in, r.ours));
	GRX_TRY(rest(&r, cx));
	rc = GRX_OK;
out:
	grx_factin_close(r.in);
	slots_free(&r, n);
	grx_facts_free(r.made);
	grx_map_free(r.seen);
	grx_map_free(r.first);
	grx_free(r.next);
	return rc;
}
