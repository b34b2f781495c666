/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_noise.h -- errors of a library and of an instrument: presets, quality profiles, fragments, reads.
 * Library errors are made once for each fragment, so that mates and duplicates share them; errors of the
 * instrument are made for each read. */
#ifndef GRX_STAGE_SIM_NOISE_H
#define GRX_STAGE_SIM_NOISE_H

#include "stage/simulate/sim_queue.h"

enum { SIM_FRAG = 1400, SIM_N_PROFILE = 4096 };

struct sim_noise {
	int bins;              /* distinct qualities: 4, 8; 0 = all from 2 to 41 */
	double best[2];        /* quality of a good read's best cycles, mates 1 and 2 */
	double fall[2];        /* lost towards the last cycle */
	double dull[2];        /* share of reads that are poorer as a whole, by an exponential loss ... */
	double dull_loss;      /* ... with this mean */
	double dip;            /* share of isolated poor bases */
	double fade;           /* share of reads whose quality falls off at some cycle */
	double scale, rest[2]; /* error = scale * 10^(-Q/10) + rest, by mate */
	double lib_sub;        /* substitutions a base in the library */
	double gap;            /* false indels a base outside of repeats */
	bool pcr;              /* stutter of an amplified library on top of the instrument's */
	double stutter;        /* factor on both */
	double motif;          /* share of GGC contexts that are read wrongly */
	double dup, hidden_dup, chimera, short_insert, low_mapq, gc;
};

struct sim_quality {
	uint8_t q[SIM_MAX_LEN];
	float hazard[SIM_MAX_LEN + 1]; /* cumulative -log(1 - p) */
};

struct sim_mark { /* a repeat within a fragment */
	int at, unit, copies;
};

struct sim_fragment {
	int n, n_mark;
	char b[SIM_FRAG];
	int64_t rp[SIM_FRAG]; /* as for simulate_align() */
	struct sim_mark mark[SIM_FRAG / 4];
};

struct sim_bases { /* along the forward strand */
	int n;
	char b[2 * SIM_MAX_LEN];
	int64_t rp[2 * SIM_MAX_LEN];
	uint8_t q[2 * SIM_MAX_LEN];
};

/* Haplotype of the donor or copy of a paralog, with its tandem repeats. */
struct sim_source {
	struct sim_cursor c;
	struct sim_tract *tract; /* given: grx_free() */
	size_t n_tract;
	int paralog; /* index, or -1: haplotype `hap` */
	int hap;
};

/* A pair on its way to a BAM. */
struct sim_pair {
	struct sim_bases *read; /* 2, by place: left, right; rp is scratch afterwards */
	const char *name;
	bool first_left; /* read 1 is the left one */
	uint16_t flag;   /* GRX_R_PROPER, GRX_R_DUP or 0 */
};

/* sim_noise.c */
void simulate_noise(const struct simulate_opt *o, struct sim_noise *out);
void simulate_quality(
	const struct sim_noise *e, struct grx_rng *r, int len, int mate, struct sim_quality *out);
uint8_t simulate_bin(int bins, int q);
/* Chance that a read (library false) or a fragment (library true) has a wrong length of this repeat. */
double simulate_stutter(const struct sim_noise *e, bool library, char base, int unit, int copies);
/* 64 well mixed bits. */
uint64_t simulate_mix(uint64_t x);

/* sim_fragment.c: bases of source [from, to) with library errors; locus differences by seed. */
void simulate_fragment(const struct sim_noise *e, struct grx_rng *r, const struct sim_source *src,
	int64_t from, int64_t to, struct sim_fragment *out);
/* Read len bases from its left end or, reverse, its right end: instrument's errors, adapter, qualities. */
void simulate_read_off(const struct sim_noise *e, struct grx_rng *r, const struct sim_quality *q,
	const struct sim_fragment *f, int len, bool reverse, struct sim_bases *out);
void simulate_turn(char *b, int n); /* reverse complement in place */

/* sim_known.c: a pair to the places it was drawn from on win, with mapping qualities below 60 at rate low;
 * left out when a read of it can't be placed. */
int simulate_known_pair(struct sim_queue *q, const struct sim_win *win, struct grx_rng *r, double low,
	const struct sim_pair *p) GRX_MUST;

#endif
