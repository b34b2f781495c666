/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_hap.h -- the haplotype engine of the call stage: regions, haplotypes, read likelihoods, genotypes.
 *
 * region.c cuts the candidates into regions; haplotype.c makes sequences of sets of candidates; segment.c
 * cuts the reads to a region; haplik.c gives ln P(segment | haplotype); enumerate.c grows the set of
 * haplotypes and prunes it; hapgeno.c gives posteriors of haplotype pairs and their margins per allele;
 * regcall.c writes records of them. A region is worked out without regard to shards: equal bytes from every
 * shard that sees it whole. Everything of one region lives in w->tmp, which is reset before the next. */
#ifndef GRX_STAGE_CALL_HAP_H
#define GRX_STAGE_CALL_HAP_H

#include "stage/call/call_int.h"
#include "stage/call/phmm.h"

#define CALL_MAX_PICK  (CALL_MAX_ALLELE - 2) /* ALTs of a record, without a '*' */
#define CALL_MAX_CAND  24                    /* candidate alleles of a region */
#define CALL_MAX_HAPS  48                    /* haplotypes compared at once */
#define CALL_KEEP_HAPS 24 /* ... kept when more follow: 12 lost a haplotype of seven changes */
#define CALL_LEAD      45 /* phred: no read counts for more */

/* Candidates that are judged together: alleles ascending by position. [beg, end) holds every place where one
 * of them can be written. */
struct call_region {
	int64_t beg, end;
	int64_t lo, hi;      /* with the repeats that touch it */
	int64_t left, right; /* where the candidates of the neighbouring regions begin */
	int n;
	struct call_allele a[CALL_MAX_CAND];
	double lp[CALL_MAX_CAND];     /* ln prior of one copy of two, relative to none */
	double lp2[CALL_MAX_CAND];    /* of both copies */
	double lp_hap[CALL_MAX_CAND]; /* of the copy of a haploid */
	bool simple;                  /* one SNV of a quiet neighbourhood: its column tells all */
};

/* A haplotype as a sample's reads show it: gap costs depend on the library. */
struct call_gapcost {
	struct call_phmm_hap seq;
	double *stay; /* n + 1 prefix sums of ln P(no gap opens) */
};

/* A haplotype: the reference window with the candidates of `mask` put in. */
struct call_hapseq {
	uint32_t mask;
	uint32_t shows;            /* mask, and what is in other sets that spell the same bases */
	struct call_phmm_hap seq;  /* with the gap costs of the first sample */
	struct call_gapcost *cost; /* sample x level */
	double lprior, lprior_hap; /* of the mask: on one of two chromosomes, on the only one */
	int32_t shift;             /* its length less that of the reference window */
	double more;               /* places where a read shows the junction of a duplication; dup.c */
};

/* The part of a read that is compared: q[0..n), laid on reference [lpos, rpos). */
struct call_seg {
	const char *q;
	const uint8_t *qual;
	int32_t n, aln;
	uint16_t sample;
	int64_t lpos, rpos;
	double l_match; /* ln P of all bases matching */
	double *ll;     /* ln P(segment | haplotype), levels x CALL_MAX_HAPS */
};

/* A fragment over the region: one or two segments. */
struct call_frag {
	int32_t seg, seg2; /* seg2: of the overlapping mate, or -1 */
	uint16_t sample;
};

struct call_haps {
	const struct call_region *rg;
	int64_t wb, we;           /* reference window of the haplotypes */
	int n, n_sample, n_level; /* levels of stutter (strerr.h); 0 or 1 where they do not matter */
	struct call_hapseq h[CALL_MAX_HAPS];
	struct call_seg *seg;
	struct call_frag *frag; /* ascending by sample */
	int n_seg, n_frag, n_capped;
	int *dup_n;      /* per sample: fragments over the ends of a duplication; NULL: none here */
	double dup_room; /* places of such a fragment on the reference */
	double *p;  /* level x haplotype x fragment: P(fragment | haplotype) relative to its best, floored */
	int *s_beg; /* fragments of sample s: [s_beg[s], s_beg[s + 1]) */
	int keep;   /* of them, when more candidates follow */
	bool whole; /* every candidate has been tried */
	bool too_big; /* the window is longer than a haplotype may be: no evidence */
};

/* Posterior of one sample over pairs of haplotypes (ploidy 1: single ones). */
struct call_pairs {
	int ploidy, n;  /* pairs */
	bool absent;    /* no copy of this contig: the sample has no genotype here */
	double *lp;     /* ln (likelihood x prior), n; pair (i <= j) at j (j + 1) / 2 + i */
	double *lp0;    /* the same with the prior of a sample on its own; the same array when it is */
	double *ll;     /* ln likelihood */
	int best, b[2]; /* the best pair and its haplotypes */
	double all;     /* ln sum of lp */
	double all0;    /* ln sum of lp0 */
};

/* region.c: candidates of the window into w->rg; counts those left out. */
int call_regions_make(struct call_work *w) GRX_MUST;
/* Set the ln priors of candidate i. Does --af list it? */
bool call_region_prior(const struct call_work *w, struct call_region *rg, int i);

/* haplotype.c */
int64_t call_hap_index(const struct call_haps *hs, uint32_t mask, int64_t pos);
bool call_mask_fits(const struct call_region *rg, uint32_t mask, int i); /* may candidate i join? */
/* Add a haplotype unless its sequence is there already or there is no room (*at: where it is, or -1). Errors:
 * NOMEM. */
int call_hap_add(struct call_work *w, struct call_haps *hs, uint32_t mask, int *at) GRX_MUST;

/* segment.c: reads of the region, cut and paired. */
int call_segments(struct call_work *w, struct call_haps *hs) GRX_MUST;

/* haplik.c: fill ll of haplotypes [from, hs->n) for every segment, then the rows of hs->p. */
int call_haps_score(struct call_work *w, struct call_haps *hs, int from) GRX_MUST;

/* dup.c: when every haplotype is there: reads over long tandem duplications, and ln of the factor by which
 * their number changes the likelihood of a pair of haplotypes (ploidy 1: of the same one twice). */
int call_dup_prepare(struct call_work *w, struct call_haps *hs) GRX_MUST;
double call_dup_ll(const struct call_haps *hs, int sample, int h1, int h2);

/* enumerate.c: haplotypes of a region with scores; deterministic, bounded. */
int call_haps_enumerate(struct call_work *w, const struct call_region *rg, struct call_haps **out) GRX_MUST;
/* Start with the reference alone: window, reads. */
int call_haps_open(struct call_work *w, const struct call_region *rg, struct call_haps **out) GRX_MUST;
/* Score what was added since `from` against all reads; every candidate has been tried. */
int call_haps_finish(struct call_work *w, struct call_haps *hs, int from) GRX_MUST;

/* hapgeno.c */
int call_pairs_make(struct call_work *w, const struct call_haps *hs, int sample, int ploidy,
	struct call_pairs *out) GRX_MUST;
/* The pairs of every sample (arena w->tmp); samples lend each other their haplotypes as prior. */
int call_pairs_all(struct call_work *w, const struct call_haps *hs, struct call_pairs **out) GRX_MUST;
/* Candidates on the best pair of any sample. */
uint32_t call_pairs_called(const struct call_haps *hs, const struct call_pairs *pp);
/* Keep the reference and the `keep` haplotypes with the best pairs, in their order. */
int call_haps_prune(struct call_work *w, struct call_haps *hs, int keep) GRX_MUST;
/* Ploidy of a sample over the region. */
int call_haps_ploidy(const struct call_work *w, const struct call_region *rg, int sample);

/* regcall.c. A record under construction: candidates pick[0..n) are its ALTs; `star`: a deletion written
 * elsewhere takes its place on one of the called haplotypes. */
struct call_place {
	int64_t pos, end;
	int n, pick[CALL_MAX_PICK];
	uint32_t unshown; /* called candidates that no record has room for */
	bool star;
	int cls[CALL_MAX_HAPS]; /* allele that each haplotype shows */
};
/* What each haplotype shows at the place, given the best pairs (one a sample). */
void call_place_classes(const struct call_haps *hs, const struct call_pairs *pp, struct call_place *p);
/* The record: margins over all pairs, genotypes of the best pairs, counts. Classes are set. */
int call_place_record(struct call_work *w, const struct call_haps *hs, const struct call_pairs *pp,
	const struct call_place *p, struct call_rec **out) GRX_MUST;
bool call_place_has(const struct call_place *p, int cand);

/* An allele of the plain calls: what forced sites must agree with. hap: per sample, bit 0, 1 for the
 * haplotypes of its region that carry it; rec: its record in w->rec. */
struct call_called {
	struct call_allele a;
	size_t region, rec;
	const uint8_t *hap;
	bool shown; /* in the record of a forced site */
};

#endif
