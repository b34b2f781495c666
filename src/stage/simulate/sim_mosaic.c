/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_mosaic.c -- pairs of --structure go to the places an aligner would give them, whichever window that is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/simulate/sim_mosaic.h"

int simulate_mosaic_open(
	struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w, struct sim_mosaic *m)
{
	memset(m, 0, sizeof(*m));
	m->w = w;
	m->mean = o->insert_mean;
	m->sd = o->insert_sd;
	m->made.cx = cx;
	m->made.mem = grx_arena_new();
	if (!m->made.mem)
		return grx_fail_nomem(cx, "reads");
	return simulate_seeds_new(cx, w, &m->seeds);
}

void simulate_mosaic_close(struct sim_mosaic *m)
{
	simulate_seeds_free(m->seeds);
	simulate_queue_clear(&m->made);
	grx_arena_free(m->made.mem);
	grx_free(m->v);
}

static int keep(struct grx_ctx *cx, struct sim_mosaic *m, const struct sim_bases *b, const struct sim_hit *h,
	struct sim_node **out)
{
	struct sim_node *x = simulate_node_new(&m->made);

	*out = x;
	if (!x || grx_grow(&m->v, &m->cap, m->n + 1, sizeof(*m->v), 0))
		return grx_fail_nomem(cx, "reads");
	simulate_node_fill(x, &h->aln, b->b, b->q, b->n);
	x->serial = (int64_t)m->n;
	x->r.tid = m->w->win[h->win].tid;
	m->v[m->n++] = x;
	return GRX_OK;
}

/* Fields that tell of the mate. */
static void tell_mate(struct sim_node *x, const struct sim_node *mate)
{
	int64_t beg = x->r.pos < mate->r.pos ? x->r.pos : mate->r.pos,
		end = x->r.end > mate->r.end ? x->r.end : mate->r.end;

	x->r.mtid = mate->r.tid;
	x->r.mpos = mate->r.pos;
	if (x->r.tid == mate->r.tid)
		x->r.isize = x->r.flag & GRX_R_REVERSE ? beg - end : end - beg;
}

int simulate_mosaic_pair(
	struct grx_ctx *cx, struct sim_mosaic *m, struct grx_rng *r, const struct sim_pair *p)
{
	struct sim_hits h[2];
	struct sim_choice c;
	struct sim_node *x[2];
	int k, rc;

	for (k = 0; k < 2; k++)
		simulate_hits(m->w, m->seeds, p->read[k].b, p->read[k].n, &h[k]);
	if (!h[0].n || !h[1].n) {
		m->unplaced++;
		return GRX_OK;
	}
	simulate_choose(r, h, m->mean, m->sd, &c);
	for (k = 0; k < 2; k++) {
		rc = keep(cx, m, &p->read[k], &h[k].v[c.at[k]], &x[k]);
		if (rc)
			return rc;
		x[k]->r.flag = (uint16_t)((p->flag & ~GRX_R_PROPER) | GRX_R_PAIRED |
					  (k ? GRX_R_REVERSE : GRX_R_MREVERSE) |
					  (c.proper ? GRX_R_PROPER : 0) |
					  ((k == 0) == p->first_left ? GRX_R_READ1 : GRX_R_READ2));
		x[k]->r.mapq = c.mapq[k];
		memcpy(x[k]->name, p->name, strlen(p->name) + 1);
	}
	tell_mate(x[0], x[1]);
	tell_mate(x[1], x[0]);
	return GRX_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct sim_node *x = *(struct sim_node *const *)a, *y = *(struct sim_node *const *)b;

	if (x->r.tid != y->r.tid)
		return x->r.tid < y->r.tid ? -1 : 1;
	if (x->r.pos != y->r.pos)
		return x->r.pos < y->r.pos ? -1 : 1;
	return (x->serial > y->serial) - (x->serial < y->serial);
}

void simulate_mosaic_sort(struct sim_mosaic *m)
{
	if (m->n)
		qsort(m->v, m->n, sizeof(struct sim_node *), by_place);
}

int simulate_mosaic_push(struct sim_mosaic *m, size_t win, struct sim_queue *q)
{
	const struct sim_win *x = &m->w->win[win];
	int rc = GRX_OK;

	while (rc == GRX_OK && m->next < m->n && m->v[m->next]->r.tid == x->tid &&
		m->v[m->next]->r.pos < x->end)
		rc = simulate_queue_push(q, m->v[m->next++]);
	return rc;
}
