/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_queue.h -- reads on their way to a BAM in coordinate order, and where on a haplotype fragments begin.
 * Invariant: a read leaves the queue only when no later fragment can begin before it. */
#ifndef GRX_STAGE_SIM_QUEUE_H
#define GRX_STAGE_SIM_QUEUE_H

#include "io/readsrc.h"
#include "stage/simulate/simulate_int.h"

enum {
	SIM_MAX_LEN = 320, /* bases of a read */
	SIM_SLACK = 64     /* bases by which a read may begin before its fragment's cursor */
};

struct sim_node {
	struct grx_read r;
	int64_t serial;
	char name[80];
	uint32_t cigar[64];
	uint8_t seq[SIM_MAX_LEN / 2], qual[SIM_MAX_LEN];
};

struct sim_queue {
	struct grx_ctx *cx;
	struct grx_readsink *sink;
	struct grx_arena *mem; /* borrowed: nodes; reset by the owner together with n_heap and n_spare */
	struct sim_node **heap, **spare;
	size_t n_heap, cap_heap, n_spare, cap_spare;
	int64_t serial, n_reads;
};

/* A node from the spare ones or the arena; NULL: no memory. */
struct sim_node *simulate_node_new(struct sim_queue *q);
/* Give a node back. */
int simulate_node_drop(struct sim_queue *q, struct sim_node *x) GRX_MUST;
/* Bases, qualities, CIGAR and place of x; both strings run along the reference's forward strand. */
void simulate_node_fill(
	struct sim_node *x, const struct sim_aln *a, const char *bases, const uint8_t *qual, int n);
/* Takes x; numbers it, so that equal positions keep the order of pushing. */
int simulate_queue_push(struct sim_queue *q, struct sim_node *x) GRX_MUST;
/* Write every read that begins before pos. */
int simulate_queue_emit(struct sim_queue *q, int64_t pos) GRX_MUST;
void simulate_queue_clear(struct sim_queue *q);

/* Fragments along one haplotype. */
struct sim_cursor {
	struct sim_hap hap;
	size_t seg;  /* holds `next` */
	double next; /* start of the next fragment */
	double step; /* mean distance of fragments */
};
/* Reference position where the next fragment of c begins, at the earliest; INT64_MAX behind the last one. */
int64_t simulate_cursor_pos(struct sim_cursor *c);

#endif
