/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_known.c -- pairs at the places they were drawn from, with the CIGAR an aligner would print and mapping
 * qualities by lot. */
#include <string.h>

#include "stage/simulate/sim_noise.h"

/* Built-in placing can't lie on two places: the smaller part of a read across a junction is left unplaced.
 * Junctions are seen as jumps that no donor deletion makes. */
static void keep_one_part(struct sim_bases *x)
{
	int i, j = -1;
	int64_t last = -1;

	for (i = 0; i < x->n; i++) {
		if (x->rp[i] < 0)
			continue;
		if (last >= 0 && (x->rp[i] > last + 1000 || x->rp[i] < last))
			j = i;
		last = x->rp[i];
	}
	for (i = 0; j >= 0 && i < x->n; i++)
		if (2 * j > x->n ? i >= j : i < j)
			x->rp[i] = -2;
}

static uint8_t draw_mapq(struct grx_rng *r, double low)
{
	double u = grx_rng_uniform(r);

	if (u >= low)
		return 60;
	return u < 0.2 * low ? 0 : (uint8_t)(1 + grx_rng_below(r, 59));
}

/* NULL: too little of it aligns. */
static struct sim_node *place(struct sim_queue *q, const struct sim_win *win, const struct sim_pair *p, int k)
{
	struct sim_bases *x = &p->read[k];
	struct sim_aln a;
	struct sim_node *y;

	keep_one_part(x);
	if (!simulate_align(win, x->b, x->rp, x->n, &a))
		return NULL;
	y = simulate_node_new(q);
	if (!y)
		return NULL;
	simulate_node_fill(y, &a, x->b, x->q, x->n);
	y->r.tid = y->r.mtid = win->tid;
	y->r.flag = (uint16_t)(p->flag | GRX_R_PAIRED | (k ? GRX_R_REVERSE : GRX_R_MREVERSE) |
			       ((k == 0) == p->first_left ? GRX_R_READ1 : GRX_R_READ2));
	memcpy(y->name, p->name, strlen(p->name) + 1);
	return y;
}

int simulate_known_pair(struct sim_queue *q, const struct sim_win *win, struct grx_rng *rng, double low,
	const struct sim_pair *p)
{
	struct sim_node *f = place(q, win, p, 0), *r;
	int rc;

	if (!f)
		return GRX_OK;
	f->r.mapq = draw_mapq(rng, low);
	r = place(q, win, p, 1);
	if (!r)
		return simulate_node_drop(q, f);
	r->r.mapq = draw_mapq(rng, low);
	f->r.mpos = r->r.pos;
	r->r.mpos = f->r.pos;
	f->r.isize = r->r.end - f->r.pos;
	r->r.isize = -f->r.isize;
	rc = simulate_queue_push(q, f);
	return rc ? rc : simulate_queue_push(q, r);
}
