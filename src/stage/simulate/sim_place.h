/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_place.h -- where an aligner would put a read: seeds, gapped alignments, the choice for a pair.
 * Scores as short-read aligners use them: match 1, mismatch -4, gap -6 - length, +5 for an end reached
 * without clipping. All reads run along the reference's forward strand; places on the other strand are not
 * sought. */
#ifndef GRX_STAGE_SIM_PLACE_H
#define GRX_STAGE_SIM_PLACE_H

#include "stage/simulate/simulate_int.h"

enum {
	SIM_K = 19,     /* bases of a seed, and the least score of an alternative */
	SIM_BAND = 160, /* diagonals of an alignment */
	SIM_N_HIT = 16, /* places kept for a read */
	SIM_LEAST = 30, /* score of a place */
	SIM_MAX_READ = 320
};

/* Diagonals [lo, hi] of window win (position on the window - position on the read) that share `seeds` seeds.
 */
struct sim_diag {
	size_t win;
	int64_t lo, hi;
	int seeds;
};

struct sim_hit {
	size_t win;
	int score;
	struct sim_aln aln;
};

struct sim_hits {
	int n;
	struct sim_hit v[SIM_N_HIT]; /* by falling score, then by place */
};

/* Index of all windows of w. */
struct sim_seeds;
int simulate_seeds_new(struct grx_ctx *cx, const struct sim_world *w, struct sim_seeds **out) GRX_MUST;
void simulate_seeds_free(struct sim_seeds *s);
/* Candidates for a read, most seeds first; at most max. */
int simulate_seeds_find(const struct sim_seeds *s, const char *bases, int n, struct sim_diag *out, int max);

/* Best local alignment within SIM_BAND diagonals around those of d. false: none of SIM_LEAST or more.
 * Cost n * SIM_BAND. */
bool simulate_local(
	const struct sim_win *win, const char *bases, int n, const struct sim_diag *d, struct sim_hit *out);

/* All places of a read. */
void simulate_hits(
	const struct sim_world *w, const struct sim_seeds *s, const char *bases, int n, struct sim_hits *out);

struct sim_choice {
	int at[2]; /* index into the hits of the left and of the right read */
	uint8_t mapq[2];
	bool proper;
};
/* The best pair of places, by the scores and by how well the fragment's length fits; equal ones by lot.
 * Mapping quality: by how many points the second best, with this read elsewhere, falls behind: 27 at 5, 60 at
 * 15 and more, and at most 40 more than the read alone would have. */
void simulate_choose(
	struct grx_rng *r, const struct sim_hits hits[2], double mean, double sd, struct sim_choice *out);

#endif
