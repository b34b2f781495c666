/* SPDX-License-Identifier: GPL-3.0-or-later
 * prior.h -- what is believed of an allele before its reads are seen: the default by kind, or the frequency
 * in a population (--af). Equations and limits: docs/methods/call_af.md. */
#ifndef GRX_STAGE_CALL_PRIOR_H
#define GRX_STAGE_CALL_PRIOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct call_allele;
struct call_work;
struct call_opt;
struct call_counts;
struct json_t;

/* Share of the default in the prior of a listed allele. Chosen so that the odds of one copy to none stay
 * below 2 at every frequency: a single read that shows REF alone, which halves the likelihood of a
 * heterozygote, outweighs the list. It is also the floor: a listed frequency of 0 costs 9 phred. */
#define CALL_AF_DEFAULT_SHARE 0.125

/* Probabilities of an allele, relative to that of having none of it. */
struct call_prior {
	double one, two; /* copies, of two chromosomes */
	double hap;      /* a copy, of one chromosome */
	bool listed;     /* --af has a frequency for it */
};

/* p: probability of one copy of two. Two copies have half of it, one of one has p. */
struct call_prior call_prior_default(double p);
/* p as above, f: frequency of the allele in the population, 0..1. */
struct call_prior call_prior_mixed(double p, double f);
/* Prior of a candidate, with its frequency when --af lists it. Cost: a binary search. */
struct call_prior call_allele_prior(const struct call_work *w, const struct call_allele *a);

/* af.c: an indexed VCF/BCF with frequencies. A handle per thread. */
struct call_af;
/* o->af is given. Errors: NOINPUT (file, index), MISMATCH (stale index, no common contig), DATA (no such key,
 * or not Number=A, Type=Float). */
int call_af_open(struct grx_ctx *cx, const struct call_opt *o, struct call_af **out) GRX_MUST;
void call_af_close(struct call_af *af);
/* Frequencies of the window into w->freq (shard's memory), normalised like candidates; nothing without --af
 * and on the mitochondrion. Uses and empties w->tmp. Counts records of the core. Errors: NOMEM, IO, DATA (a
 * value outside of 0..1). */
int call_af_load(struct call_work *w) GRX_MUST;
/* Frequency of the normalised allele, negative when it is not listed. */
double call_af_of(const struct call_work *w, const struct call_allele *a);
/* At the end: is the file of this genome build; summary (or NULL). Errors: MISMATCH, NOMEM. */
int call_af_finish(struct grx_ctx *cx, const struct call_opt *o, const struct call_counts *n,
	struct json_t *summary) GRX_MUST;

/* Units of the repeat of which an indel changes the number, with its class (strerr.h) and the bases of a
 * unit; 0 if it does not. */
int call_repeat_units(const struct call_work *w, const struct call_allele *a, int *cls, int *unit);

#endif
