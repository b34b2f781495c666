/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_norm.c -- the distribution of a score along the components: normal, with a mean linear in them (by
 * least squares), and with a log variance linear in them too (by maximum likelihood, Fisher scoring: the
 * information of mean and variance is block diagonal and never indefinite). The score is centred and scaled
 * first, so that steps and tolerances mean the same for every score. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"
#include "stage/prs/anc_int.h"

#define MAX_STEP 200
/* Gain in log likelihood that the next step promises: reached to rounding. */
#define GAIN_TOL 1e-18
/* A spread this small beside the score itself is rounding. */
#define FLAT 1e-10

struct sample {
	const double *d; /* n x k */
	double *x;       /* centred, scaled */
	int64_t n;
	int k;
};

/* Solves (sum w d d') out = rhs; false: singular. */
static int weighted_solve(struct grx_ctx *cx, const struct sample *s, const double *w, double *rhs, bool *ok)
{
	double info[ANC_N_COEF * ANC_N_COEF] = {0};
	int64_t bad;
	for (int64_t i = 0; i < s->n; i++)
		for (int a = 0; a < s->k; a++)
			for (int b = 0; b <= a; b++)
				info[a * s->k + b] += (w ? w[i] : 1.0) * s->d[i * s->k + a] *
						      s->d[i * s->k + b];
	struct grx_mat l = grx_mat_rows(info, s->k, s->k);
	int rc = grx_chol(cx, l, &bad);
	*ok = bad < 0;
	if (rc == GRX_OK && *ok)
		grx_chol_solve(l, rhs);
	return rc;
}

static double row_dot(const struct sample *s, int64_t i, const double *coef)
{
	double sum = 0;
	for (int a = 0; a < s->k; a++)
		sum += s->d[i * s->k + a] * coef[a];
	return sum;
}

static double loglik(const struct sample *s, const double *mu, const double *lv)
{
	double sum = 0;
	for (int64_t i = 0; i < s->n; i++) {
		double r = s->x[i] - row_dot(s, i, mu), v = row_dot(s, i, lv);
		sum -= 0.5 * (v + r * r * exp(-v));
	}
	return sum;
}

/* Gradients of mean and log variance, and the weights of the mean's information. */
static void gradients(
	const struct sample *s, const struct anc_norm *at, double *w, double *g_mu, double *g_lv)
{
	memset(g_mu, 0, ANC_N_COEF * sizeof(*g_mu));
	memset(g_lv, 0, ANC_N_COEF * sizeof(*g_lv));
	for (int64_t i = 0; i < s->n; i++) {
		double r = s->x[i] - row_dot(s, i, at->mu);
		w[i] = exp(-row_dot(s, i, at->lv));
		for (int a = 0; a < s->k; a++) {
			g_mu[a] += s->d[i * s->k + a] * r * w[i];
			g_lv[a] += s->d[i * s->k + a] * 0.5 * (r * r * w[i] - 1.0);
		}
	}
}

/* One scoring step with halving; *gain = what it promised, 0 when no shorter step was better. */
static int scoring_step(
	struct grx_ctx *cx, const struct sample *s, struct anc_norm *at, double *w, double *gain)
{
	int rc = GRX_E_BUG;
	double g_mu[ANC_N_COEF], g_lv[ANC_N_COEF], d_mu[ANC_N_COEF], d_lv[ANC_N_COEF];
	bool ok_mu = false, ok_lv = false;
	gradients(s, at, w, g_mu, g_lv);
	memcpy(d_mu, g_mu, sizeof(d_mu));
	for (int a = 0; a < ANC_N_COEF; a++)
		d_lv[a] = 2.0 * g_lv[a];
	GRX_TRY(weighted_solve(cx, s, w, d_mu, &ok_mu));
	GRX_TRY(weighted_solve(cx, s, NULL, d_lv, &ok_lv));
	*gain = ok_mu && ok_lv ? 0.5 * (grx_dot(s->k, g_mu, d_mu) + grx_dot(s->k, g_lv, d_lv)) : NAN;
	double was = at->loglik;
	for (double step = 1.0; ok_mu && ok_lv && *gain > 0; step *= 0.5) {
		struct anc_norm to = *at;
		for (int a = 0; a < s->k; a++) {
			to.mu[a] += step * d_mu[a];
			to.lv[a] += step * d_lv[a];
		}
		to.loglik = loglik(s, to.mu, to.lv);
		if (to.loglik >= was - 1e-13 * fabs(was)) {
			*at = to;
			break;
		}
		if (step < 1e-6)
			*gain = NAN;
	}
	rc = GRX_OK;
out:
	return rc;
}

static int full_fit(struct grx_ctx *cx, const struct sample *s, struct anc_norm *at)
{
	double gain = 0, *w = grx_malloc((size_t)s->n, sizeof(*w));
	int rc = w ? GRX_OK : grx_fail_nomem(cx, "score adjustment");
	memcpy(at->mu, at->a, sizeof(at->mu));
	memset(at->lv, 0, sizeof(at->lv));
	at->lv[0] = 2.0 * log(at->sd);
	at->loglik = loglik(s, at->mu, at->lv);
	for (int step = 0; step < MAX_STEP && rc == GRX_OK; step++) {
		rc = scoring_step(cx, s, at, w, &gain);
		if (!(gain > GAIN_TOL * (double)s->n))
			break;
	}
	at->full = rc == GRX_OK && gain <= 1e-9 * (double)s->n && isfinite(at->loglik);
	grx_free(w);
	return rc;
}

/* Least squares and the spread about it. */
static int mean_fit(struct grx_ctx *cx, const struct sample *s, struct anc_norm *at, const char **why)
{
	bool ok = false;
	for (int64_t i = 0; i < s->n; i++)
		for (int a = 0; a < s->k; a++)
			at->a[a] += s->d[i * s->k + a] * s->x[i];
	int rc = weighted_solve(cx, s, NULL, at->a, &ok);
	if (rc == GRX_OK && !ok)
		*why = "the training people do not vary in all components";
	double sum = 0, sum2 = 0;
	for (int64_t i = 0; i < s->n && ok; i++) {
		double r = s->x[i] - row_dot(s, i, at->a);
		sum += r;
		sum2 += r * r;
	}
	double mean = sum / (double)s->n;
	at->sd = sqrt(fmax(0.0, sum2 / (double)s->n - mean * mean));
	if (ok && !(at->sd > FLAT))
		*why = "the score is a function of the components";
	return rc;
}

/* Mean and standard deviation (divisor n); x becomes (x - mean) / sd. sd = 0: flat beside its size. */
static void centre(struct sample *s, const double *x, double *mean, double *sd)
{
	double sum = 0, sum2 = 0, big = 0;
	for (int64_t i = 0; i < s->n; i++) {
		sum += x[i];
		big = fmax(big, fabs(x[i]));
	}
	*mean = sum / (double)s->n;
	for (int64_t i = 0; i < s->n; i++)
		sum2 += (x[i] - *mean) * (x[i] - *mean);
	*sd = sqrt(sum2 / (double)s->n);
	if (!(*sd > 1e-12 * big))
		*sd = 0.0;
	for (int64_t i = 0; i<s->n && * sd> 0; i++)
		s->x[i] = (x[i] - *mean) / *sd;
}

/* Back from the centred, scaled score. */
static void uncentre(struct anc_norm *o, double mean, double sd, int64_t n)
{
	for (int a = 0; a < o->n_coef; a++) {
		o->a[a] = o->a[a] * sd + (a == 0 ? mean : 0.0);
		o->mu[a] = o->mu[a] * sd + (a == 0 ? mean : 0.0);
	}
	o->lv[0] += 2.0 * log(sd);
	o->loglik -= (double)n * log(sd);
	o->sd *= sd;
}

double anc_norm_loglik(const double *d, const double *x, int64_t n, const struct anc_norm *at)
{
	struct sample s = {d, (double *)(uintptr_t)x, n, at->n_coef};
	return loglik(&s, at->mu, at->lv);
}

int anc_norm_fit(struct grx_ctx *cx, const double *d, int n_coef, const double *x, int64_t n,
	struct anc_norm *out, const char **why)
{
	int rc = GRX_E_BUG;
	double mean = 0, sd = 0;
	struct sample s = {d, grx_malloc((size_t)n, sizeof(double)), n, n_coef};
	*out = (struct anc_norm){.n_coef = n_coef};
	*why = NULL;
	if (!s.x)
		return grx_fail_nomem(cx, "score adjustment");
	centre(&s, x, &mean, &sd);
	if (sd == 0.0)
		*why = "the score does not vary in the panel";
	else
		GRX_TRY(mean_fit(cx, &s, out, why));
	if (!*why) {
		GRX_TRY(full_fit(cx, &s, out));
		uncentre(out, mean, sd, n);
		if (!out->full)
			*why = "the variance along the components could not be fitted";
	}
	rc = GRX_OK;
out:
	grx_free(s.x);
	return rc;
}
