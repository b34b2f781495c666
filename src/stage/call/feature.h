/* SPDX-License-Identifier: GPL-3.0-or-later
 * feature.h -- what the re-scoring model is told about a called record: its features, their names and order.
 *
 * Every feature is a plain count, fraction, mean or median that a reader can check against the reads. They
 * are relative to depth where that is possible, so that a model carries over between depths. Invariants:
 * values are finite and rounded to 1/100; they depend on the reads that overlap the record and on at most
 * CALL_FEAT_REACH bases around it, hence neither on threads nor on where shards are cut. */
#ifndef GRX_STAGE_CALL_FEATURE_H
#define GRX_STAGE_CALL_FEATURE_H

#include <stdint.h>

#define CALL_FEAT_REACH 500 /* bases on both sides of a record, below CALL_PAD_BP */

/* "ALT": fragments whose best allele is an ALT of the genotype; "rest": the other informative ones. */
enum call_feat {
	CALL_F_QUAL,       /* QUAL, up to 999 */
	CALL_F_QD,         /* QUAL / fragments */
	CALL_F_GQ,         /* GQ */
	CALL_F_MARGIN,     /* PL of the second genotype / fragments */
	CALL_F_HOM,        /* 0 one REF and one ALT, 1 one ALT only, 2 two different ALTs */
	CALL_F_DEPTH,      /* fragments / expected by the sample and the ploidy */
	CALL_F_ALT_FRAC,   /* ALT / informative */
	CALL_F_ALT_Z,      /* of the ALT count under the genotype, binomial */
	CALL_F_STRAND,     /* symmetric log odds ratio of strand, SOR */
	CALL_F_ALT_STRAND, /* ALT on the rarer strand / ALT */
	CALL_F_END_ALT,    /* median bases from the record to the nearer end of the aligned read, ALT */
	CALL_F_END_Z,      /* rank sum of that, ALT against rest */
	CALL_F_BQ_ALT,     /* mean base quality at the position, ALT */
	CALL_F_BQ_DIFF,    /* ... less that of the rest */
	CALL_F_MQ,         /* root mean square mapping quality */
	CALL_F_MQ_DIFF,    /* mean mapping quality, ALT less rest */
	CALL_F_MQ_LOW,     /* fraction of fragments with mapping quality below 40 */
	CALL_F_CLIP_ALT,   /* fraction of ALT that is clipped */
	CALL_F_CLIP_DIFF,  /* ... less that of the rest */
	CALL_F_MM_ALT,     /* differences within 100 bases that few others share, per ALT fragment */
	CALL_F_MM_DIFF,    /* ... less that of the rest */
	CALL_F_FOREIGN,    /* fraction of aligned bases around that was taken out as foreign */
	CALL_F_MQ_OUT,     /* reads left out for their mapping quality / all, at the position */
	CALL_F_PAIR_ALT,   /* fraction of ALT in proper pairs; unpaired reads count as proper */
	CALL_F_N_ALLELE,   /* alleles that were compared */
	CALL_F_OTHER,      /* informative fragments for no allele of the genotype / informative */
	CALL_F_UNINF,      /* fragments that fit several alleles / fragments */
	CALL_F_STR_UNIT,   /* unit of the repeat at the record */
	CALL_F_STR_COUNT,  /* its units */
	CALL_F_HOMOPOLY,   /* longest run of one base that touches the record */
	CALL_F_STUTTER,    /* phred cost of a gap in the repeat at the record, as learned of the sample */
	CALL_F_INDEL_LEN,  /* of the ALT: inserted less deleted bases, up to 100 */
	CALL_F_INDEL_UNIT, /* whole repeat units inserted or deleted, 0 when it is no whole number */
	CALL_N_FEAT
};

/* Name as in the model file; how the odds of an error may move with the value: -1 only down, 1 only up, 0
 * either way. */
struct call_feat_def {
	const char *name;
	int8_t mono;
};
extern const struct call_feat_def call_feat_def[CALL_N_FEAT];
/* Index of a name or -1. */
int call_feat_find(const char *name);

struct call_work;
struct call_rec;
struct call_lik;
/* Features of record r, whose genotype and counts are filled in, from the likelihoods k of its locus.
 * to[a]: allele of the record for allele a of k, or -1 when the record does not show it; NULL: they are the
 * same. x has CALL_N_FEAT values. Only for variant records. Cost: about 100 ns a fragment, at most 1024
 * fragments (every n-th). */
void call_features(const struct call_work *w, const struct call_rec *r, const struct call_lik *k,
	const int *to, float *x);

/* --- between feature.c and feature_context.c. n_frag: fragments of the record. */
void call_feat_context(const struct call_work *w, const struct call_rec *r, int n_frag, double *x);
/* a / b, 0 when b is 0 */
double call_feat_ratio(double a, double b);

#endif
