/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_similar.c -- which superpopulation of the panel a person resembles, and how far from the panel's
 * middle. Populations are labels of the panel's makers: a person may resemble none or several. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"
#include "math/prob.h"
#include "stage/prs/anc_int.h"

/* Less likely than this under the nearest population: an outlier of all of them. One in a thousand of a
 * population's own people is called so; someone midway between populations must be. */
#define LOW_CONFIDENCE 1e-3

static int n_dim(const struct prs_ref *r)
{
	return r->n_pc < ANC_SIMILAR_PC ? r->n_pc : ANC_SIMILAR_PC;
}

/* Mean and covariance (divisor n) of the training people of population p, and its Cholesky factor. */
static int cloud_of(struct grx_ctx *cx, const struct prs_ref *r, int p, struct anc_cloud *c)
{
	int k = n_dim(r);
	int64_t bad;
	*c = (struct anc_cloud){0};
	for (int i = 0; i < r->n_sample; i++) {
		const struct anc_person *a = &r->person[i];
		if (!a->train || a->super_i != p)
			continue;
		c->n++;
		for (int j = 0; j < k; j++)
			c->mean[j] += a->pc[j];
	}
	for (int j = 0; j < k; j++)
		c->mean[j] /= c->n > 0 ? (double)c->n : 1.0;
	if (c->n < ANC_MIN_POP) {
		c->why = "fewer than 20 training people";
		return GRX_OK;
	}
	for (int i = 0; i < r->n_sample; i++) {
		const struct anc_person *a = &r->person[i];
		for (int j = 0; a->train && a->super_i == p && j < k; j++)
			for (int l = 0; l <= j; l++)
				c->chol[j * k + l] += (a->pc[j] - c->mean[j]) * (a->pc[l] - c->mean[l]) /
						      (double)c->n;
	}
	int rc = grx_chol(cx, grx_mat_rows(c->chol, k, k), &bad);
	if (rc == GRX_OK && bad >= 0)
		c->why = "its people do not vary in all components (singular covariance)";
	return rc;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double norm_of(const double *pc, int n)
{
	return sqrt(grx_dot(n, pc, pc));
}

/* Superpopulations by name, so that their numbers do not depend on the order of people. */
static int name_pops(struct grx_ctx *cx, struct prs_ref *r)
{
	r->pop = grx_arena_calloc(r->mem, (size_t)r->n_sample + 1, sizeof(*r->pop));
	if (!r->pop)
		return grx_fail_nomem(cx, "populations");
	r->n_pop = 0;
	for (int i = 0; i < r->n_sample; i++) {
		const char *name = r->person[i].super;
		int at = 0;
		while (at < r->n_pop && strcmp(r->pop[at], name) < 0)
			at++;
		if (!r->person[i].train || !*name || (at < r->n_pop && strcmp(r->pop[at], name) == 0))
			continue;
		memmove(r->pop + at + 1, r->pop + at, (size_t)(r->n_pop - at) * sizeof(*r->pop));
		r->pop[at] = name;
		r->n_pop++;
	}
	for (int i = 0; i < r->n_sample; i++) {
		r->person[i].super_i = -1;
		for (int p = 0; p < r->n_pop; p++)
			if (strcmp(r->pop[p], r->person[i].super) == 0)
				r->person[i].super_i = p;
	}
	return GRX_OK;
}

int anc_clouds(struct grx_ctx *cx, struct prs_ref *r)
{
	int rc = GRX_E_BUG;
	GRX_TRY(name_pops(cx, r));
	r->cloud = grx_arena_calloc(r->mem, (size_t)r->n_pop + 1, sizeof(*r->cloud));
	r->distance = grx_arena_calloc(r->mem, (size_t)r->n_sample + 1, sizeof(*r->distance));
	if (!r->cloud || !r->distance)
		return grx_fail_nomem(cx, "populations");
	for (int p = 0; p < r->n_pop; p++)
		GRX_TRY(cloud_of(cx, r, p, &r->cloud[p]));
	r->n_train = 0;
	for (int i = 0; i < r->n_sample; i++)
		if (r->person[i].train)
			r->distance[r->n_train++] = norm_of(r->person[i].pc, r->n_pc);
	qsort(r->distance, (size_t)r->n_train, sizeof(*r->distance), compare_double);
	rc = GRX_OK;
out:
	return rc;
}

/* Squared Mahalanobis distance. */
static double mahalanobis2(const struct anc_cloud *c, const double *pc, int k)
{
	double x[ANC_SIMILAR_PC];
	for (int j = 0; j < k; j++)
		x[j] = pc[j] - c->mean[j];
	grx_trsv(grx_mat_rows((double *)(uintptr_t)c->chol, k, k), x);
	return grx_dot(k, x, x);
}

/* Of a new person of a normal population whose mean and covariance (divisor n) were estimated from n people:
 * d2 (n - k) / (k (n + 1)) is F distributed with k and n - k degrees of freedom (Hotelling's T2 for a further
 * observation). */
static double tail(double d2, int64_t n, int k)
{
	return grx_f_upper(d2 * (double)(n - k) / ((double)k * (double)(n + 1)), k, (double)(n - k));
}

void anc_similar(const struct prs_ref *r, struct prs_place *place)
{
	int k = n_dim(r);
	double best_d2 = INFINITY;
	place->pop = -1;
	place->p_similar = 0;
	for (int p = 0; p < r->n_pop; p++) {
		if (r->cloud[p].why)
			continue;
		double d2 = mahalanobis2(&r->cloud[p], place->pc, k), q = tail(d2, r->cloud[p].n, k);
		if (q > place->p_similar || (q == place->p_similar && d2 < best_d2)) {
			place->pop = p;
			place->p_similar = q;
			best_d2 = d2;
		}
	}
	place->low_confidence = place->pop < 0 || place->p_similar < LOW_CONFIDENCE;
	place->distance = norm_of(place->pc, r->n_pc);
	int64_t less = 0, same = 0;
	for (int i = 0; i < r->n_train; i++) {
		less += r->distance[i] < place->distance;
		same += r->distance[i] == place->distance;
	}
	place->distance_quantile = r->n_train > 0 ? ((double)less + 0.5 * (double)same) / (double)r->n_train
						  : NAN;
}
