/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.h -- the work of matching one drug to one sample: views in groups, and what becomes of them.
 * A *group* holds the views (combinations of candidates) that lead to the same advice. */
#ifndef GRX_RECOMMEND_MATCH_H
#define GRX_RECOMMEND_MATCH_H

#include "stage/recommend/recommend_int.h"

/* Views that lead to the same advice. */
struct recommend_group {
	int n;
	int *rule;                          /* rule numbers of the first of them */
	const struct recommend_gene **gene; /* that view, by gene number */
	double posterior;
	enum recommend_act worst;
};

struct recommend_matcher {
	struct grx_ctx *cx;
	const struct recommend_rules *rs;
	const struct recommend_drug *d;
	const struct recommend_sample *s;
	struct grx_arena *mem;
	double min_posterior;
	int *pick;                          /* candidate of each of the drug's genes */
	const struct recommend_gene **gene; /* the view, by gene number */
	int n_view, n_fired, n_group, cap_group;
	int *fired; /* rule numbers in this view */
	struct recommend_group *group;
	bool *seen, *open; /* by place in d->rule: fired in some view; a diplotype rule that may hold */
	int n_excluded;    /* rules that hold in some view, but for another population */
	bool none;         /* some view fires nothing */
	bool told;         /* every candidate has a probability and stems from evidence */
};

/* Same population, actions and numbers; or the same call to act though details may differ. */
bool recommend_same_advice(const struct recommend_rule *a, const struct recommend_rule *b);
bool recommend_same_act(const struct recommend_rule *a, const struct recommend_rule *b);
/* What the groups but number `but` (-1: all) say, into out->possible and out->worst. */
int recommend_possible(struct recommend_matcher *m, int but, struct recommend_match *out) GRX_MUST;
/* The rules of group g as the hits of the match. */
int recommend_hits(
	struct recommend_matcher *m, const struct recommend_group *g, struct recommend_match *out) GRX_MUST;

#endif
