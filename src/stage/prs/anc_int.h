/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_int.h -- what the files of the reference panel share: packed genotypes, the opened bundle, the clouds.
 */
#ifndef GRX_PRS_ANC_INT_H
#define GRX_PRS_ANC_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "stage/prs/ancestry.h"

#define ANC_MAX_PC     20
#define ANC_MAX_ONLINE (4 * ANC_MAX_PC)
#define ANC_SIMILAR_PC 5   /* components that tell populations apart */
#define ANC_NORM_PC    4   /* components that a score is adjusted for */
#define ANC_MIN_TRAIN  100 /* people that an adjustment needs */
#define ANC_MIN_POP    20  /* people that a population's mean, spread and percentile need */

/* --- packed genotypes (anc_geno.c): copies of ALT 0, 1, 2, or 3 = missing; two bits a person, 32 people a
 * word from the lowest bits up; people beyond the last are missing. */
static inline int64_t anc_words(int64_t n_person)
{
	return (n_person + 31) / 32;
}
struct anc_count {
	int64_t n[4];
};
void anc_pack(const uint8_t *code, int64_t n, uint64_t *row); /* GRX_CP_* of n people */
/* Of the first n people. */
void anc_tally(const uint64_t *row, int64_t n, struct anc_count *c);
/* The first n people of a row as bit sets, 64 a word, for counting pairs. */
static inline int64_t anc_plane_words(int64_t n_person)
{
	return (n_person + 63) / 64;
}
struct anc_planes {
	int64_t n, called, x, xx;   /* sums of copies and of their squares over the people with a call */
	uint64_t *one, *two, *have; /* one copy, two copies, a call */
};
void anc_planes_of(const uint64_t *row, int64_t n, struct anc_planes *p);
/* Squared correlation over the people with both genotypes; 0 where one does not vary. Same n. */
double anc_r2(const struct anc_planes *a, const struct anc_planes *b);
int anc_get(const uint64_t *row, int64_t person);

struct anc_locus {
	int autosome; /* 1 .. 22 */
	int64_t pos;
	char ref, alt;
	double mean, inv_sd; /* of ALT copies among training people with a call; sd with divisor n */
};
/* Genotypes of many people at the loci of a decomposition: the first n_train people train. */
struct anc_matrix {
	int64_t n_person, n_train, n_locus;
	size_t cap_word, cap_locus;
	uint64_t *word; /* n_locus rows of anc_words(n_person) */
	struct anc_locus *locus;
};
int anc_matrix_add(
	struct grx_ctx *cx, struct anc_matrix *m, const struct anc_locus *l, const uint64_t *row) GRX_MUST;
void anc_matrix_clear(struct anc_matrix *m);

/* --- principal components (anc_pca.c) */
struct anc_pca {
	int64_t n_train;
	int n;      /* components found */
	double *sv; /* singular values */
	double *v;  /* n_train x n: people's singular vectors */
	int64_t n_pass;
	bool converged;
	double worst;
};
/* Singular vectors of the standardised matrix (missing 0) of the training people. Errors: NOMEM; DATA when
 * fewer than two components can be had. */
int anc_pca_run(struct grx_ctx *cx, const struct anc_matrix *m, const struct prs_ref_opt *o, int want,
	struct anc_pca *out) GRX_MUST;
void anc_pca_clear(struct anc_pca *p);
/* Loadings U (n x p->n) of the loci [from, from + n). */
int anc_pca_loadings(struct grx_ctx *cx, const struct anc_matrix *m, const struct anc_pca *p,
	const int64_t span[2], double *u) GRX_MUST;
/* Standardised genotypes of the loci [from, from + n) for people [p0, p0 + np): x is n rows of `stride`. */
void anc_standardise(const struct anc_matrix *m, const int64_t span[2], const int64_t people[2], double *x,
	int64_t stride);

/* --- placing (anc_place.c) */
/* Shrinkage-corrected coordinates of one person: proj = U'b and |b|^2 with all loci called; pc[n_pc]. */
int anc_oadp(struct grx_ctx *cx, const double *sv, const int n_online_pc[2], const double *proj, double norm2,
	double *pc) GRX_MUST;

/* --- likeness (anc_similar.c) */
struct anc_cloud {
	int64_t n;
	const char *why; /* NULL: usable */
	double mean[ANC_SIMILAR_PC], chol[ANC_SIMILAR_PC * ANC_SIMILAR_PC];
};
struct anc_person {
	const char *sample, *pop, *super;
	bool train, placed;
	int super_i; /* index into prs_ref.pop; -1 none */
	double pc[ANC_MAX_PC];
};
struct prs_ref {
	struct grx_arena *mem;
	const char *panel, *loadings;
	int n_sample, n_train, n_pc, n_online;
	int64_t n_locus;
	double sv[ANC_MAX_ONLINE];
	struct anc_person *person; /* in the order of panel.fam */
	int n_pop;
	const char **pop;
	struct anc_cloud *cloud; /* one per pop */
	double *distance;        /* of training people, ascending */
};
/* Fills pop, super_i, cloud and distance from person, n_sample, n_pc. */
int anc_clouds(struct grx_ctx *cx, struct prs_ref *r) GRX_MUST;
/* Fills pop, p_similar, low_confidence, distance and its quantile from place->pc. */
void anc_similar(const struct prs_ref *r, struct prs_place *place);

/* --- adjustment (anc_norm.c): x = score, design 1, pc1 .. pck */
#define ANC_N_COEF (ANC_NORM_PC + 1)
struct anc_norm {
	int n_coef;
	double a[ANC_N_COEF];                  /* mean = a'd by least squares */
	double sd;                             /* of its residuals, divisor n */
	bool full;                             /* the two below were found */
	double mu[ANC_N_COEF], lv[ANC_N_COEF]; /* mean = mu'd, ln variance = lv'd, by maximum likelihood */
	double loglik;
};
/* d: n x n_coef row-major, first column 1. *why = NULL, or why nothing (or not `full`) could be fitted. */
int anc_norm_fit(struct grx_ctx *cx, const double *d, int n_coef, const double *x, int64_t n,
	struct anc_norm *out, const char **why) GRX_MUST;
double anc_norm_loglik(const double *d, const double *x, int64_t n, const struct anc_norm *at);

#endif
