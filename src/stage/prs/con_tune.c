/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_tune.c -- choose among scores by a phenotype. The largest of many r2 is too large by construction: what
 * it is worth is told by permutations that repeat the whole choice. */
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "io/text.h"
#include "math/linalg.h"
#include "math/rng.h"
#include "stage/prs/con_int.h"

enum { N_PERM = 999, MIN_PEOPLE = 20 };

static int tune_row(struct grx_ctx *cx, struct grx_text *t, char *line, struct grx_map *index, double *y)
{
	char *f[4];
	int n = prs_con_split(line, strchr(line, '\t') ? '\t' : ' ', f, 4);
	double v;
	if (n == 0 || *f[0] == '#')
		return GRX_OK;
	if (n < 2)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: one column, expected sample TAB phenotype",
			grx_text_path(t), (long long)grx_text_lineno(t));
	const double *at = grx_map_get(index, f[0]);
	if (!grx_parse_f64(f[1], &v)) {
		bool header = grx_text_lineno(t) == 1 && !at;
		if (header || strcmp(f[1], "NA") == 0 || *f[1] == '\0')
			return GRX_OK;
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: column 2: '%s' is no number: expected a phenotype or NA", grx_text_path(t),
			(long long)grx_text_lineno(t), f[1]);
	}
	if (!at)
		return GRX_OK;
	if (!isnan(y[at - y]))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: sample '%s' has a phenotype already",
			grx_text_path(t), (long long)grx_text_lineno(t), f[0]);
	y[at - y] = v;
	return GRX_OK;
}

int prs_con_tune_read(struct grx_ctx *cx, const struct con_data *d, double *y)
{
	int rc = GRX_E_BUG, known = 0;
	char *line;
	struct grx_text *t = NULL;
	struct grx_map *index = grx_map_new();
	if (!index)
		return grx_fail_nomem(cx, "phenotypes");
	for (int i = 0; i < d->panel.n_person; i++) {
		y[i] = NAN;
		if (grx_map_set(index, d->panel.sample[i], &y[i]) != 0) {
			rc = grx_fail_nomem(cx, "phenotypes");
			goto out;
		}
	}
	GRX_TRY(grx_text_open(cx, d->o->tune, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		GRX_TRY(tune_row(cx, t, line, index, y));
	}
	for (int i = 0; i < d->panel.n_person; i++)
		known += !isnan(y[i]);
	if (known < MIN_PEOPLE)
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: phenotypes of %d people of the panel %s; at least %d are needed (first panel "
			"sample: '%s')",
			d->o->tune, known, d->o->ld, MIN_PEOPLE, d->panel.sample[0]);
out:
	grx_text_close(t);
	grx_map_free(index);
	return rc;
}

/* Centre and scale to length 1; constant: all 0. */
static void unit(double *x, size_t n)
{
	double mean = 0, ss = 0;
	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		x[i] -= mean;
		ss += x[i] * x[i];
	}
	for (size_t i = 0; i < n; i++)
		x[i] = ss > 1e-20 ? x[i] / sqrt(ss) : 0;
}

/* r of every score with v; the best one's index. A score that goes against the phenotype is not a good one.
 */
static int correlate(const double *s, size_t n_grid, size_t n, const double *v, double *r)
{
	int best = 0;
	for (size_t g = 0; g < n_grid; g++) {
		r[g] = grx_dot((int64_t)n, s + g * n, v);
		best = r[g] > r[best] ? (int)g : best;
	}
	return best;
}

static void shuffle(struct grx_rng *rng, double *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = grx_rng_below(rng, i);
		double t = v[i - 1];
		v[i - 1] = v[j];
		v[j] = t;
	}
}

int prs_con_tune_pick(
	struct grx_ctx *cx, const struct con_data *d, const struct con_tune *t, int *best, double *p)
{
	size_t people = (size_t)d->panel.n_person, n_grid = (size_t)t->n_grid, n = 0, beaten = 0;
	double *s = grx_malloc(n_grid * people, sizeof *s), *v = grx_malloc(people, sizeof *v);
	double *r = grx_malloc(n_grid, sizeof *r);
	struct grx_rng *rng = grx_rng_new((uint64_t)d->o->seed, "prs-tune", 0);
	int rc = GRX_OK;
	if (!s || !v || !r || !rng) {
		rc = grx_fail_nomem(cx, "tuning");
		goto out;
	}
	for (size_t i = 0; i < people; i++)
		if (!isnan(t->y[i]))
			v[n++] = t->y[i];
	for (size_t g = 0; g < n_grid; g++) {
		for (size_t i = 0, k = 0; i < people; i++)
			if (!isnan(t->y[i]))
				s[g * n + k++] = t->score[g * people + i];
		unit(s + g * n, n);
	}
	unit(v, n);
	*best = correlate(s, n_grid, n, v, t->r2);
	double top = t->r2[*best];
	for (int i = 0; i < N_PERM; i++) {
		shuffle(rng, v, n);
		beaten += r[correlate(s, n_grid, n, v, r)] >= top;
	}
	*p = (1.0 + (double)beaten) / (N_PERM + 1);
	for (size_t g = 0; g < n_grid; g++)
		t->r2[g] = t->r2[g] > 0 ? t->r2[g] * t->r2[g] : 0;
out:
	grx_free(s);
	grx_free(v);
	grx_free(r);
	grx_rng_free(rng);
	return rc;
}
