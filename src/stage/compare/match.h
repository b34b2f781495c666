/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.h -- states of the haplotype search: two copies of the reference on which both files are replayed.
 * What both sides have written of a copy is equal by construction; `s` holds what one side is ahead. */
#ifndef GRX_STAGE_COMPARE_MATCH_H
#define GRX_STAGE_COMPARE_MATCH_H

#include "stage/compare/compare_int.h"

struct compare_copy {
	int64_t end[2]; /* reference written up to here, by side */
	const char *s;  /* bases that `lead` has written and the other has not */
	int32_t n;
	int8_t lead; /* side ahead; 0 when n == 0 */
	bool ins[2]; /* an insertion sits exactly at end: a second one there has no defined order */
};

struct compare_node {
	struct compare_copy c[2];
	uint64_t hash;
	int32_t parent;
	int32_t used, used_truth;
	uint32_t orient; /* two bits for each phase set of the cluster: 0 open, 1 as written, 2 turned */
	uint8_t seg;     /* bit side: units of that side used since both copies were level */
	bool took;       /* the unit of this layer was used */
	bool fresh;      /* both copies were level just before the unit of this layer */
};

struct compare_replay {
	struct grx_arena *mem;
	const char *ref; /* ref[0] is base ref_beg */
	int64_t ref_beg;
	bool oom;
};

/* Write reference up to pos on both sides of both copies; false when the sides disagree or when a stretch
 * that ends here used units of one side only. */
bool compare_node_advance(struct compare_replay *r, struct compare_node *x, int64_t pos);
/* Write u on copy k; false when it overlaps what its side has written there, or the sides disagree. */
bool compare_node_put(struct compare_replay *r, struct compare_node *x, int k, const struct compare_unit *u);
/* Copies carry no names: bring them (and the orientations) into a fixed order, then set the hash. */
void compare_node_canon(struct compare_node *x);
bool compare_node_same(const struct compare_node *a, const struct compare_node *b);
/* Are both copies written equally by both sides, with nothing ahead, anywhere? */
bool compare_node_level(const struct compare_node *x);
bool compare_node_twin_copies(const struct compare_node *x);
/* More units used, then more truth units. */
bool compare_node_better(const struct compare_node *a, const struct compare_node *b);

#endif
