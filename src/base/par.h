/* SPDX-License-Identifier: GPL-3.0-or-later
 * par.h -- the one owner of threads: ordered map and merge over shards.
 * next() runs one at a time in order (reads a serial source); map() runs anywhere; merge() runs one at a time
 * in order. At most 2 x threads + 2 items are alive. The lowest failing item decides the error; later ones
 * are skipped. Same results for any number of threads, provided that map() reads constant state only. A team
 * of OpenMP threads; of plain ones with -DGRX_PAR_PTHREAD, for ThreadSanitizer. */
#ifndef GRX_BASE_PAR_H
#define GRX_BASE_PAR_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct grx_par_ops {
	void *state;
	/* Prepare item `slot` as number i. *done = true ends the loop (the item is not processed). */
	int (*next)(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done);
	int (*map)(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread);
	int (*merge)(void *state, struct grx_ctx *cx, uint64_t i, int slot);
};

/* Slots are 0 .. grx_par_slots(threads)-1; an item keeps its slot from next() to the end of merge().
 * Checks grx_par_signal() between items. Errors are those of the callbacks. */
int grx_par_ordered(struct grx_ctx *cx, int threads, const struct grx_par_ops *ops) GRX_MUST;
int grx_par_slots(int threads);
/* Set by the CLI's signal handler; 0 = none. Async-signal-safe. */
void grx_par_signal_set(int sig);
int grx_par_signal(void);
/* 128 + n with a message when a signal has come: asked before outputs get their names. */
int grx_par_signal_check(struct grx_ctx *cx) GRX_MUST;

#endif
