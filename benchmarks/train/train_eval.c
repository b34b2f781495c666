/* SPDX-License-Identifier: GPL-3.0-or-later
 * train_eval.c -- calibration, choice of the threshold, and figures of a re-scoring model.
 * F1 here counts records; `genorx compare` counts alleles: benchmarks/train/rescore.sh prints both. */
#include <math.h>
#include <stdio.h>

#include "train_rescore.h"

#define STEP 0.05 /* phred, between thresholds tried */
#define MAX  1.0  /* only calls that the model takes for wrong with 80 %: it may not carry over in full */

double phred_of_odds(double s)
{
	return 10 / log(10) * (s > 0 ? log1p(exp(-s)) : log1p(exp(s)) - s);
}

struct score score_at(const struct rows *d, int type, double threshold)
{
	struct score s = {0};
	for (size_t i = 0; i < d->n; i++) {
		const struct row *r = &d->v[i];
		if (r->type != type || !r->pass || r->rs < threshold)
			continue;
		if (r->decoy)
			s.decoy_fp += r->wrong;
		else
			*(r->wrong ? &s.fp : &s.tp) += 1;
	}
	s.f1 = 2 * s.tp / (d->truth[type] + s.tp + s.fp);
	s.f1_all = 2 * s.tp / (d->truth[type] + s.tp + s.fp + s.decoy_fp);
	return s;
}

double best_threshold(const struct rows *d, int type)
{
	struct score none = score_at(d, type, -1);
	double best = none.f1_all, at = -1;
	for (double t = STEP; t <= MAX; t += STEP) {
		struct score s = score_at(d, type, t);
		if (s.f1 >= none.f1 && s.f1_all > best) {
			best = s.f1_all;
			at = t;
		}
	}
	return at;
}

/* Newton steps on the two parameters; a little weight on slope 1, offset 0 keeps them finite. */
void platt_fit(const struct rows *d, int type, double *slope, double *offset)
{
	double a = 1, b = 0;
	for (int it = 0; it < 50; it++) {
		double ga = 1e-3 * (a - 1), gb = 1e-3 * b, haa = 1e-3, hab = 0, hbb = 1e-3;
		for (size_t i = 0; i < d->n; i++) {
			const struct row *r = &d->v[i];
			if (r->type != type)
				continue;
			double p = 1 / (1 + exp(-(a * r->raw + b))), h = p * (1 - p);
			ga += (p - r->wrong) * r->raw;
			gb += p - r->wrong;
			haa += h * r->raw * r->raw;
			hab += h * r->raw;
			hbb += h;
		}
		double det = haa * hbb - hab * hab;
		a -= (hbb * ga - hab * gb) / det;
		b -= (haa * gb - hab * ga) / det;
	}
	*slope = a > 0 ? a : 0;
	*offset = b;
}

/* 95 % interval of Wilson (1927, JASA 22:209). */
static void wilson(double k, double n, double *lo, double *hi)
{
	const double z = 1.96;
	double p = k / n, den = 1 + z * z / n, mid = (p + z * z / (2 * n)) / den;
	double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / den;
	*lo = mid - half < 0 ? 0 : mid - half;
	*hi = mid + half > 1 ? 1 : mid + half;
}

static void calibration(const struct rows *d, int type, const char *name)
{
	static const double cut[] = {0, 3, 6, 10, 15, 20, 25, 30, 40, 1000};
	for (int k = 0; k + 1 < (int)(sizeof(cut) / sizeof(*cut)); k++) {
		double n = 0, wrong = 0, expect = 0, lo, hi;
		for (size_t i = 0; i < d->n; i++) {
			const struct row *r = &d->v[i];
			if (r->type != type || r->rs < cut[k] || r->rs >= cut[k + 1])
				continue;
			n++;
			wrong += r->wrong;
			expect += pow(10, -r->rs / 10);
		}
		if (n == 0)
			continue;
		wilson(wrong, n, &lo, &hi);
		printf("calibration\t%s\tRS %g-%g\trecords %.0f\twrong %.0f\tstated %.5f\tobserved "
		       "%.5f\t95%% "
		       "%.5f-%.5f\n",
			name, cut[k], cut[k + 1], n, wrong, expect / n, wrong / n, lo, hi);
	}
}

static void line(const char *what, const char *name, double t, const struct score *s)
{
	printf("%s\t%s\tRS>=%g\ttp %.0f\tfp %.0f\tdecoy_fp %.0f\tf1 %.5f\tf1_with_decoys %.5f\n", what, name,
		t, s->tp, s->fp, s->decoy_fp, s->f1, s->f1_all);
}

void report(const struct rows *d, int type, double threshold)
{
	const char *name = type == CALL_RS_SNV ? "SNV" : "INDEL";
	struct score a = score_at(d, type, -1), b = score_at(d, type, threshold);
	line("before", name, 0, &a);
	line("after", name, threshold, &b);
	static const double at[] = {0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 7, 10, 15, 20, 30};
	for (int k = 0; k < (int)(sizeof(at) / sizeof(*at)); k++) {
		struct score s = score_at(d, type, at[k]);
		line("curve", name, at[k], &s);
	}
	calibration(d, type, name);
}
