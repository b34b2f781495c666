/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_mosaic.h -- placed reads of --structure: kept until the window they landed in is written. */
#ifndef GRX_STAGE_SIM_MOSAIC_H
#define GRX_STAGE_SIM_MOSAIC_H

#include "stage/simulate/sim_noise.h"
#include "stage/simulate/sim_place.h"

struct sim_mosaic {
	const struct sim_world *w;
	struct sim_seeds *seeds;
	struct sim_queue made; /* its arena holds the reads */
	struct sim_node **v;   /* by place after simulate_mosaic_sort() */
	size_t n, cap, next;   /* next: the first not handed on */
	int64_t unplaced;      /* pairs of which a read has no place */
	double mean, sd;
};

int simulate_mosaic_open(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	struct sim_mosaic *m) GRX_MUST;
void simulate_mosaic_close(struct sim_mosaic *m);
/* Place a pair and keep it; GRX_R_PROPER by the places. */
int simulate_mosaic_pair(
	struct grx_ctx *cx, struct sim_mosaic *m, struct grx_rng *r, const struct sim_pair *p) GRX_MUST;
void simulate_mosaic_sort(struct sim_mosaic *m);
/* Hand the reads placed in window win to q; windows in ascending order. */
int simulate_mosaic_push(struct sim_mosaic *m, size_t win, struct sim_queue *q) GRX_MUST;

#endif
