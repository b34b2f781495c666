/* SPDX-License-Identifier: GPL-3.0-or-later
 * icare.h -- individualised absolute risk from a relative-risk model, population rates of disease and of
 * death from other causes, and the distribution of risk in the population (Gail 1989 JNCI 81:1879; the iCARE
 * approach, Pal Choudhury 2020 PLoS One 15:e0228198). Ages are whole years; rates are per person-year. The
 * population's rate among people free of disease is lambda(t); person i has h0(t) r_i. h0 follows from
 *     lambda(t) = h0(t) E_t,   E_t = sum_i w_i r_i S_i(t) / sum_i w_i S_i(t),   S_i(t) = exp(-r_i sum_{u<t}
 * h0(u)) (people of high risk leave first, so E_t falls with age). S_i(t) needs h0 below t only: one pass
 * from the youngest age up gives the fixed point exactly, without iteration. grx_icare_risk() takes the
 * hazards as constant within a year and integrates exactly: sum_t h r / (h r + m) (1 - exp(-(h r + m)))
 * exp(-sum_{u<t} (h r + m)); with left = true the sum of iCARE itself, sum_t h r exp(-...): larger by about
 * half a year's hazard, above 1 for hazards that large. */
#ifndef GRX_MATH_ICARE_H
#define GRX_MATH_ICARE_H

#include <stdbool.h>

/* The population: n groups with log relative risk lp[i], share w[i] (any scale). If spread, each group has a
 * score on top: lp = lp[i] + beta * (shift[i] + Z), Z ~ N(0,1); shift may be NULL. */
struct grx_icare_pop {
	int n;
	const double *lp, *w, *shift;
	bool spread;
	double beta;
};
/* Join people of like risk: v is sorted by shift and lp, and neighbours of the same shift become one person
 * of their weight and mean relative risk until a group holds 1/groups of the weight and the next lp differs.
 * Returns how many there are: at most groups + the number of shifts. Few distinct values stay as they are. */
struct grx_icare_person {
	double lp, w, shift;
};
int grx_icare_condense(struct grx_icare_person *v, int n, int groups);
/* h0[n_age] from lambda[n_age] (youngest first). false: a value is not finite. Cost: n_age x n (x 97 if
 * spread) exponentials. e (may be NULL) receives E_t. */
bool grx_icare_baseline(
	const struct grx_icare_pop *p, const double *lambda, int n_age, double *h0, double *e);
/* Probability of disease in n years from the age of h0[0], m[0] on, for log relative risk lp. */
double grx_icare_risk(const double *h0, const double *m, int n, double lp, bool left);
/* The same averaged over the people of p who are free of disease when the years begin; cum = sum of h0
 * before. */
double grx_icare_mean_risk(
	const struct grx_icare_pop *p, const double *h0, const double *m, int n, double cum);

#endif
