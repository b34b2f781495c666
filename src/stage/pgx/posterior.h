/* SPDX-License-Identifier: GPL-3.0-or-later
 * posterior.h -- probabilities of diplotypes and phenotypes given the reads and allele frequencies.
 *
 *     P(X, Y | D)  ~  f(X) f(Y) (2 if X != Y)  x  product over phase blocks of
 *                     1/2 sum over both orientations of the product over its loci of P(D_l | x_l, y_l)
 *
 * A locus without evidence has likelihood 1 whatever X and Y are: it is never reference. The posterior only
 * adds weight to what possible.c lets through; it never makes up for a missing locus. Methods:
 * docs/methods/pgx.md. */
#ifndef GRX_STAGE_PGX_POSTERIOR_H
#define GRX_STAGE_PGX_POSTERIOR_H

#include "stage/pgx/pgx_int.h"

struct grx_var;

/* ---- genolik.c: likelihoods of a record over the codes of a locus -------------------------------------- */

/* Fill o->pl and o->n_code from PL, GL or GP of sample `sample`; code[i] is the locus code of allele i of the
 * record. Left NULL and 0 when the record holds none that can be used. o->gt and o->haploid are set already.
 * Errors: GRX_E_NOMEM. */
int pgx_likelihoods(struct grx_arena *mem, const struct grx_var *v, int sample, const int8_t *code,
	const struct pgx_locus *l, struct pgx_obs *o) GRX_MUST;

/* By how much the called genotype is more likely than the next, phred; -1 without likelihoods. */
int32_t pgx_pl_margin(const struct pgx_obs *o);

/* A genotype without any quality is taken nearly at its word, error 1e-6: below the priors of the rarest
 * alleles, which would otherwise overrule it. */
#define PGX_DEFAULT_GQ 60

/* P(D | a on the left copy, b on the right one) up to a constant, lik[a * k + b] over codes below k (for a
 * haploid observation lik[a]); highest 1 or 2. */
void pgx_locus_lik(const struct pgx_obs *o, const int8_t code[2], int k, double *lik);

/* ---- model.c: what depends on the tables alone --------------------------------------------------------- */

struct pgx_model {
	double *prior;       /* per allele: frequency in the population, smoothed; sums to 1 */
	int n_group, *group; /* alleles shown under one name are one group; its number per allele */
	int *first;          /* first allele of a group */
	int n_kind, *kind;   /* alleles of one function and value are one kind; its number per allele */
	int *rep;            /* an allele of each kind */
	uint8_t *cls;        /* allele x locus: which distinct mask of the locus; 0 = that of the reference */
	uint8_t *n_cls;      /* per locus */
	const uint32_t **mask;  /* per locus: its distinct masks */
	int *n_delta;           /* per allele: loci where it is not like the reference */
	const uint16_t **delta; /* their numbers, ascending */
	const char *basis;      /* where the priors come from, for people */
};

/* Attach a model to every gene of t. population: a name of frequencies.tsv. Errors: DATA, NOMEM. */
int pgx_model_load(struct grx_ctx *cx, struct pgx_table *t, const char *population) GRX_MUST;

/* ---- posterior.c, postlow.c ---------------------------------------------------------------------------- */

struct pgx_prob {
	const char *text;
	double p;
};
struct pgx_probs {
	size_t n, cap;
	struct pgx_prob *v;
};

struct pgx_post {
	double shown;         /* of the diplotypes shown, together */
	struct pgx_probs own; /* of each; empty where every variant counts */
	struct pgx_probs
		alt; /* others: those that explain the genotypes and those of PGX_POST_LISTED or more */
	double rest; /* of all that is not shown and not in alt */
	struct pgx_probs ph;  /* every phenotype ("n/a": none is defined), by name */
	struct pgx_probs act; /* every activity score, by name; empty for genes without */
	const char *best;     /* the most probable diplotype when it is not among those shown, NULL */
	const char *same;     /* alleles that the loci at hand cannot tell from those shown, NULL */
};

#define PGX_POST_LISTED 0.001
#define PGX_POST_ALTS   10

/* Cost: pairs of alleles x loci where they differ from the reference allele. */
int pgx_post_exact(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dips *shown,
	const struct pgx_dips *others, struct pgx_post *out) GRX_MUST;
/* Every variant is carried or not, independently of the others, by either copy. Cost: linear in loci. */
int pgx_post_lowest(struct grx_arena *mem, const struct pgx_data *d, struct pgx_post *out) GRX_MUST;

/* Of a genotype at one locus of two alleles, whatever the diplotype; negative when it cannot be told. */
double pgx_post_locus(const struct pgx_data *d, int l, int8_t a, int8_t b);

int pgx_prob_push(
	struct grx_arena *mem, struct pgx_probs *ps, const char *text, double p) GRX_MUST; /* last */
/* Alternatives by probability, at most PGX_POST_ALTS; the rest named. */
void pgx_post_rank(struct pgx_post *post);
/* Those shown and as many alternatives as are needed to reach `least` together, by probability; *p: how
 * probable it is that one of them is right. */
int pgx_post_credible(struct grx_arena *mem, const struct pgx_post *post, double least, struct pgx_probs *out,
	double *p) GRX_MUST;
double pgx_prob_of(const struct pgx_probs *ps, const char *text); /* 0 when it is not there */
int pgx_prob_add(
	struct grx_arena *mem, struct pgx_probs *ps, const char *text, double p) GRX_MUST; /* by name */
/* "0.998543", below 0.001 "8.2e-05"; at most "0.999999": the model is not surer than that. */
const char *pgx_prob_text(double p, char buf[32]);

#endif
