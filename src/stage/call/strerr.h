/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr.h -- what the call stage learns about a sample before it calls: how often its reads change the
 * length of a repeat tract (stutter: PCR slippage, phasing of the sequencer), and its depth, insert size and
 * mismatch rate.
 *
 * Stutter is a property of the library: a run of 15 A is read wrongly by 1 read in 80 without PCR and by 1 in
 * 8 with it, so no fixed table serves both. Loci are genotyped and rates fitted in turn (EM), the fit shrinks
 * to a published prior where data are few. Equations, sources and limits: docs/methods/call_str.md.
 * Invariants: sums are integers or are added in the order of loci, so results do not depend on threads. */
#ifndef GRX_STAGE_CALL_STRERR_H
#define GRX_STAGE_CALL_STRERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/err.h"

struct grx_shard;

#define CALL_STR_UNITS 40 /* repeat units: 0..40, more counts as 40 */
#define CALL_STR_REACH 4  /* stutter and alleles of -4..4 units are told apart */
#define CALL_STR_HIST  (2 * CALL_STR_REACH + 1)
#define CALL_STR_HET   0.6 /* of variable loci are heterozygous with the reference length */
#define CALL_GAP_OPEN  45  /* phred, outside repeats; the usual default, as are the 10 of extension */
#define CALL_GAP_EXT   10

/* Class of a repeat: A/T homopolymer, G/C homopolymer, unit of 2, of 3, of 4 to 6. */
enum call_str_class { CALL_STR_AT, CALL_STR_GC, CALL_STR_DI, CALL_STR_TRI, CALL_STR_TETRA, CALL_STR_N };

/* Tracts of one class and length differ: each stutters at one of these levels, factors on the mean rate. The
 * first is 1, the second below, the third above. */
#define CALL_STR_LEVELS 3
extern const double call_str_factor[CALL_STR_LEVELS];

struct call_strcost {
	uint8_t gop_ins[CALL_STR_N][CALL_STR_UNITS + 1], gop_del[CALL_STR_N][CALL_STR_UNITS + 1],
		gex[CALL_STR_N][CALL_STR_UNITS + 1];
};

/* Rates are per read that spans a tract, by the length of the molecule's allele. */
struct call_strmodel {
	double rate[CALL_STR_N][CALL_STR_UNITS + 1];     /* P(length differs by any whole number of units) */
	double contract[CALL_STR_N];                     /* fraction of these that are shorter */
	double decay[CALL_STR_N][CALL_STR_UNITS + 1];    /* P(one more unit | changed): geometric */
	double variable[CALL_STR_N][CALL_STR_UNITS + 1]; /* P(a locus has another length on a copy) */
	double level;               /* 0: like the PCR-free prior, 1: like the PCR prior; between or beyond */
	double n_read, n_stut;      /* spanning reads and, of these, stutter: the data behind it */
	int64_t n_locus, n_skipped; /* loci with a read off the reference length; left out (depth) */
	bool reliable; /* enough stutter seen to fit the level; otherwise the documented default */
	double weight[CALL_STR_LEVELS]; /* share of tracts of each level; their mean factor is 1 */
	/* Phred costs before each base of a tract, for an alignment score that takes the best path (Viterbi).
	 * A change of one unit then costs -10 log10 of its measured rate, however long the unit:
	 * gop + (unit - 1) * gex; gop_ins for a longer read, gop_del for a shorter one. One that sums all
	 * paths adds 10 log10(number of bases of the tract) to gop: call_strmodel_sum_open(). Tetra: gex for
	 * a unit of 4; longer units get theirs in call_gap_costs_fit(). */
	struct call_strcost cost[CALL_STR_LEVELS];
};

/* Learned about one sample. Figures are 0 where nothing was seen. */
struct call_sample {
	struct call_strmodel strmodel;
	double depth_median, depth_mad; /* fragments of MAPQ >= 20, over positions that have any */
	int64_t n_pos;                  /* number of these */
	double read_len;                /* median */
	double ins_median, ins_mad;     /* |TLEN| of proper pairs */
	double mismatch_rate;           /* per aligned base of MAPQ >= 40; true variants left out */
	bool depth_reliable, ins_reliable;
};

/* A locus with at least one read off the reference length: reads by length difference in units. */
struct call_strlocus {
	uint8_t cls, units; /* of the reference, up to CALL_STR_UNITS */
	uint16_t depth;     /* at its first base */
	uint16_t hist[CALL_STR_HIST];
	uint16_t other; /* reads whose difference is no whole unit or is beyond reach */
};

#define CALL_STR_DEPTH 2048 /* histogram of depth: 0..2047, more counts as 2047 */
#define CALL_STR_LEN   2048 /* of read length and of insert size / 2 */

/* Counts of one sample; zero-initialise, call_strcount_free() at the end. */
struct call_strcount {
	struct call_strlocus *locus; /* on the heap */
	size_t n, cap;
	int64_t clean_locus[CALL_STR_N][CALL_STR_UNITS + 1]; /* loci without such a read */
	int64_t clean_read[CALL_STR_N][CALL_STR_UNITS + 1];
	int64_t depth[CALL_STR_DEPTH], len[CALL_STR_LEN], ins[CALL_STR_LEN];
	int64_t base, mismatch;
};

/* strerr_count.c */
/* Add the reads of a shard that belong to sample (an index; -1: all) to c: reads of good mapping that span a
 * tract of its core. Needs sh->ref and sh->reads. Errors: GRX_E_NOMEM. Cost: linear in bases and reads. */
int call_strerr_count(const struct grx_shard *sh, int sample, struct call_strcount *c) GRX_MUST;
/* Add from to to, loci in order. Errors: GRX_E_NOMEM. */
int call_strcount_add(struct call_strcount *to, const struct call_strcount *from) GRX_MUST;
void call_strcount_free(struct call_strcount *c);
/* Enough for a fit: further shards would change it little. */
bool call_strcount_enough(const struct call_strcount *c);

/* strerr_cost.c */
/* Class of the repeat unit s[0..u), u 1..6; -1 when it is itself a repeat of a shorter one. */
int call_str_class(const char *s, int u);
/* Fill gop_ins, gop_del and gex from the rates. */
void call_strmodel_costs(struct call_strmodel *m);
/* Gap-open cost for a score that sums over paths: gop of a tract of n_bases plus its number of placements. */
int call_strmodel_sum_open(int gop, int n_bases);
/* Gap costs before each base of a haplotype and at its end: n + 1 entries each. */
struct call_gaps {
	uint8_t *ins, *del, *ext; /* to open an insertion or a deletion; to extend either */
};
/* The costs of hap[0..n) at a level. A position takes the class whose change of one unit in the commoner
 * direction is cheapest; an interrupted repeat counts by its parts. Cost O(n). */
void call_gap_costs_fit(const struct call_strcost *m, const char *hap, int n, const struct call_gaps *g);

/* strerr_fit.c */
/* The model of a sample of which nothing is known: half way between PCR-free and PCR. */
void call_strmodel_default(struct call_strmodel *m);
/* Published rate of a tract (per read) at a PCR level: 0 PCR-free, 1 PCR. */
double call_strmodel_prior(int cls, int units, double level);
/* strerr_loci.c */
/* Prior of a genotype of the reference length and one of d units more (d 0: that both copies are the
 * reference) at a locus of so many units: goes with the rates, for where stutter is frequent so is variation.
 */
double call_strmodel_allele(const struct call_strmodel *m, int cls, int units, int d);
/* Everything of *s from the counts. */
void call_sample_fit(const struct call_strcount *c, struct call_sample *s);

#endif
