/* SPDX-License-Identifier: GPL-3.0-or-later
 * ancestry.h -- a reference panel: where a person lies among its people, and what a score means there.
 * A bundle is a folder made by `prs --build-reference`: panel.bed/.bim/.fam (genotypes, read by io/genosrc),
 * people.tsv (sample, population, superpopulation, used for training or not, PC1..), loadings.tsv.gz (a
 * scoring file in matrix form: one column per component), bundle.json (settings, counts, hashes). */
#ifndef GRX_PRS_ANCESTRY_H
#define GRX_PRS_ANCESTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/genorx.h"

struct prs_ref;

int prs_ref_open(struct grx_ctx *cx, const char *folder, struct prs_ref **out) GRX_MUST;
void prs_ref_close(struct prs_ref *r);
const char *prs_ref_panel(const struct prs_ref *r);    /* path of panel.bed */
const char *prs_ref_loadings(const struct prs_ref *r); /* path of loadings.tsv.gz */
int prs_ref_n_sample(const struct prs_ref *r);         /* in the order of panel.fam */
int prs_ref_n_pc(const struct prs_ref *r);             /* components kept for use (10) */
int prs_ref_n_online(const struct prs_ref *r);         /* columns of the loadings (4 x that, or fewer) */
int64_t prs_ref_n_locus(const struct prs_ref *r);      /* rows of the loadings */

/* What the pass over the target gathers for one person: for the rows of the loadings, b = (d - mean) / sd
 * with missing 0: proj[k] = sum b U_k, norm2 = sum b^2, n = rows with a call. */
struct prs_projected {
	const double *proj; /* prs_ref_n_online() */
	double norm2;
	int64_t n;
};

struct prs_place {
	double pc[20]; /* shrinkage-corrected (OADP) coordinates */
	bool placed;   /* false: too few loci (why) */
	const char *why;
	int pop;          /* most similar superpopulation; -1 none */
	double p_similar; /* probability of its Mahalanobis distance */
	bool low_confidence;
	double distance;          /* Euclidean from the training mean over the components */
	double distance_quantile; /* of the panel's own distances */
};
int prs_place(struct grx_ctx *cx, const struct prs_ref *r, const struct prs_projected *b, int n,
	struct prs_place *out) GRX_MUST;
const char *prs_ref_pop(const struct prs_ref *r, int pop);
/* One person of the panel; borrowed. */
struct prs_ref_person {
	const char *sample, *population;
	int pop;          /* superpopulation, for prs_ref_pop(); -1 none */
	bool train;       /* counts in percentiles */
	const double *pc; /* prs_ref_n_pc() components; NULL not placed */
};
void prs_ref_person(const struct prs_ref *r, int i, struct prs_ref_person *out);

struct prs_adjusted {
	bool ok; /* at least one of the numbers below can be had */
	const char *
		why; /* NULL: all of them; else why one is NAN: "the score does not vary in the panel", ... */
	double percentile, z_pop; /* in the most similar population; NAN when not to be had */
	int64_t n_pop;            /* training people it was compared with */
	double z_norm1, z_norm2;  /* NAN when not to be had */
	double scale_pop, scale_norm1, scale_norm2; /* change of z by one unit of score; NAN with it */
	bool extrapolated; /* a component lies beyond those of all training people: z_norm1 and z_norm2
			      extrapolate */
};
/* One score: ref_score[prs_ref_n_sample()] and score[n] over the same rows with the same frequencies. People
 * of the panel whose score is NAN are left out. Fits once, applies to all. Errors: NOMEM. */
int prs_adjust(struct grx_ctx *cx, const struct prs_ref *r, const double *ref_score, const double *score,
	const struct prs_place *place, int n, struct prs_adjusted *out) GRX_MUST;

struct prs_ref_opt {
	const char *panel, *out; /* VCF/BCF/.bed; folder to write */
	const char *people;  /* TSV: sample population superpopulation [unrelated]; NULL: one population */
	const char *exclude; /* BED of long-range LD regions, or NULL */
	double maf, geno, mind, hwe_p, r2;
	int64_t window_variants, step_variants, n_pc, seed;
};
int prs_ref_build(struct grx_ctx *cx, const struct prs_ref_opt *o) GRX_MUST;

#endif
