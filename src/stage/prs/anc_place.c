/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_place.c -- where a new person lies among the panel's people: online augmentation, decomposition and
 * Procrustes (OADP; Zhang, Dey and Lee 2020, doi:10.1093/bioinformatics/btaa152).
 * With X = U S V' of the panel and a new column b, the singular vectors of [X b] within the span of U and b
 * are those of the small matrix R = [S, U'b; 0, |b - UU'b|]. People's rows of V never enter: V'V = I and its
 * columns sum to zero (X is centred by locus), so that all products of the Procrustes steps are of small
 * matrices too. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "math/linalg.h"
#include "stage/prs/anc_int.h"

#define MAX_K         ANC_MAX_ONLINE
#define MAX_STU       (2 * ANC_MAX_PC)
#define MAX_STEP      2000
#define STEP_TOL      1e-6 /* relative change of the padding columns */
#define NEAR_SINGULAR 1e-9 /* of squared singular values */
/* Fewer called rows of the loadings than this: not placed. A file that lists only variants has far fewer. */
#define MIN_CALLED 0.75

struct oadp {
	int k, stu, n_pc;
	double *r, *vr;        /* (k + 1)^2: augmented matrix, then left vectors; right vectors */
	double *sv;            /* k + 1 */
	double *a;             /* k x stu: the panel's people after augmentation are V a */
	double *w;             /* k x stu: the target, V [diag(s) | padding] */
	double *c, *rot;       /* stu x stu */
	double *cs, *cv, *tmp; /* stu; stu x stu */
	double *next;          /* k x stu: V next = the rotated, scaled people */
	double x[MAX_STU], scale;
};

static int oadp_alloc(struct grx_ctx *cx, struct oadp *o, double **block)
{
	size_t k1 = (size_t)o->k + 1, k = (size_t)o->k, s = (size_t)o->stu;
	double *p = *block = grx_calloc(2 * k1 * k1 + k1 + 3 * k * s + 4 * s * s + s, sizeof(double));
	if (!p)
		return grx_fail_nomem(cx, "projection");
	o->r = p;
	o->vr = o->r + k1 * k1;
	o->sv = o->vr + k1 * k1;
	o->a = o->sv + k1;
	o->w = o->a + k * s;
	o->next = o->w + k * s;
	o->c = o->next + k * s;
	o->rot = o->c + s * s;
	o->cv = o->rot + s * s;
	o->tmp = o->cv + s * s;
	o->cs = o->tmp + s * s;
	return GRX_OK;
}

/* a = rows of the panel's people, x = row of the new person, both in the augmented components. */
static int augment(struct grx_ctx *cx, struct oadp *o, const double *sv, const double *proj, double norm2)
{
	int k1 = o->k + 1;
	double rest = norm2 - grx_dot(o->k, proj, proj);
	for (int i = 0; i < o->k; i++) {
		o->r[i * k1 + i] = sv[i];
		o->r[i * k1 + o->k] = proj[i];
	}
	o->r[o->k * k1 + o->k] = rest > 0 ? sqrt(rest) : 0.0;
	int rc = grx_svd(cx, grx_mat_rows(o->r, k1, k1), o->sv, grx_mat_rows(o->vr, k1, k1));
	for (int j = 0; j < o->stu && rc == GRX_OK; j++) {
		for (int i = 0; i < o->k; i++)
			o->a[i * o->stu + j] = o->vr[i * k1 + j] * o->sv[j];
		o->x[j] = o->vr[o->k * k1 + j] * o->sv[j];
	}
	return rc;
}

/* Orthogonal polar factor of c into rot, transposed, and the sum of c's singular values: c (c'c)^(-1/2) by
 * eigen decomposition, three times as fast as by singular values, which are for a c near to singular. */
static int polar(struct grx_ctx *cx, struct oadp *o, double *trace)
{
	int rc = GRX_E_BUG, s = o->stu;
	struct grx_mat c = grx_mat_rows(o->c, s, s), v = grx_mat_rows(o->cv, s, s);
	struct grx_mat rot = grx_mat_rows(o->rot, s, s), tmp = grx_mat_rows(o->tmp, s, s);
	GRX_TRY(grx_syrk(cx, 1.0, grx_mat_t(c), 0.0, tmp));
	GRX_TRY(grx_eigen_sym(cx, tmp, o->cs, v));
	bool regular = o->cs[s - 1] > NEAR_SINGULAR * o->cs[0];
	if (!regular)
		GRX_TRY(grx_svd(cx, c, o->cs, v));
	*trace = 0;
	for (int k = 0; k < s; k++) {
		double sv = regular ? sqrt(o->cs[k]) : o->cs[k];
		*trace += sv;
		for (int i = 0; i < s; i++)
			o->tmp[i * s + k] = o->cv[i * s + k] / (regular ? sv : 1.0);
	}
	if (regular) { /* rot = v diag(1 / sv) v' c' */
		GRX_TRY(grx_gemm(cx, 1.0, c, v, 0.0, rot));
		memcpy(o->c, o->rot, (size_t)(s * s) * sizeof(*o->c));
	}
	GRX_TRY(grx_gemm(cx, 1.0, tmp, grx_mat_t(c), 0.0, rot));
	rc = GRX_OK;
out:
	return rc;
}

/* The rotation and scale that bring V a nearest to V w: from the polar factor of w'a. */
static int rotate(struct grx_ctx *cx, struct oadp *o, double norm_a)
{
	int rc = GRX_E_BUG, s = o->stu;
	struct grx_mat a = grx_mat_rows(o->a, o->k, s), w = grx_mat_rows(o->w, o->k, s);
	double trace = 0;
	GRX_TRY(grx_gemm(cx, 1.0, grx_mat_t(w), a, 0.0, grx_mat_rows(o->c, s, s)));
	GRX_TRY(polar(cx, o, &trace));
	o->scale = norm_a > 0 ? trace / norm_a : 1.0;
	GRX_TRY(grx_gemm(cx, o->scale, a, grx_mat_rows(o->rot, s, s), 0.0, grx_mat_rows(o->next, o->k, s)));
	rc = GRX_OK;
out:
	return rc;
}

/* The first n_pc columns of the target are the panel's own components; the others are free, and follow the
 * rotated ones until nothing moves. They start from the panel's next components. */
static int procrustes(struct grx_ctx *cx, struct oadp *o, const double *sv)
{
	int rc = GRX_E_BUG, s = o->stu;
	double norm_a = 0;
	for (int i = 0; i < o->k * s; i++)
		norm_a += o->a[i] * o->a[i];
	for (int j = 0; j < s; j++)
		o->w[j * s + j] = sv[j];
	for (int step = 0; step < MAX_STEP; step++) {
		double moved = 0, size = 0;
		GRX_TRY(rotate(cx, o, norm_a));
		for (int i = 0; i < o->k; i++)
			for (int j = o->n_pc; j < s; j++) {
				double d = o->next[i * s + j] - o->w[i * s + j];
				moved += d * d;
				size += o->next[i * s + j] * o->next[i * s + j];
				o->w[i * s + j] = o->next[i * s + j];
			}
		if (moved <= STEP_TOL * STEP_TOL * size)
			break;
	}
	rc = GRX_OK;
out:
	return rc;
}

int anc_oadp(struct grx_ctx *cx, const double *sv, const int n_online_pc[2], const double *proj, double norm2,
	double *pc)
{
	int rc = GRX_E_BUG;
	double *block = NULL;
	struct oadp o = {.k = n_online_pc[0], .n_pc = n_online_pc[1]};
	o.stu = 2 * o.n_pc < o.k ? 2 * o.n_pc : o.k;
	if (o.k > MAX_K || o.n_pc > ANC_MAX_PC || o.n_pc > o.k)
		return grx_fail(cx, GRX_E_BUG, "projection: more components than loadings");
	GRX_TRY(oadp_alloc(cx, &o, &block));
	GRX_TRY(augment(cx, &o, sv, proj, norm2));
	GRX_TRY(procrustes(cx, &o, sv));
	for (int j = 0; j < o.n_pc; j++) {
		double sum = 0;
		for (int i = 0; i < o.stu; i++)
			sum += o.x[i] * o.rot[i * o.stu + j];
		pc[j] = o.scale * sum;
	}
	rc = GRX_OK;
out:
	grx_free(block);
	return rc;
}

struct place_run {
	const struct prs_ref *r;
	const struct prs_projected *b;
	struct prs_place *out;
	int n;
};

static int place_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct place_run *p = state;
	(void)cx;
	(void)slot;
	*done = i >= (uint64_t)p->n;
	return GRX_OK;
}

/* Loci without a call hold 0 in proj and norm2; both grow to all loci as if they were missing at random. */
static int place_one(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	const struct place_run *p = state;
	const struct prs_projected *b = &p->b[i];
	struct prs_place *out = &p->out[i];
	double proj[ANC_MAX_ONLINE], called = (double)b->n / (double)p->r->n_locus;
	(void)slot;
	(void)thread;
	*out = (struct prs_place){.pop = -1};
	if (called < MIN_CALLED) {
		out->why = "fewer than 75 % of the panel's loci have a genotype (GT; sites that match the "
			   "reference must be in the file too)";
		return GRX_OK;
	}
	for (int k = 0; k < p->r->n_online; k++) {
		proj[k] = b->proj[k] / called;
		if (!isfinite(proj[k]))
			return grx_fail(cx, GRX_E_BUG, "projection onto the panel is not finite");
	}
	int rc = anc_oadp(
		cx, p->r->sv, (int[]){p->r->n_online, p->r->n_pc}, proj, b->norm2 / called, out->pc);
	if (rc != GRX_OK)
		return rc;
	out->placed = true;
	anc_similar(p->r, out);
	return GRX_OK;
}

static int place_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	(void)state;
	(void)cx;
	(void)i;
	(void)slot;
	return GRX_OK;
}

int prs_place(struct grx_ctx *cx, const struct prs_ref *r, const struct prs_projected *b, int n,
	struct prs_place *out)
{
	struct place_run p = {r, b, out, n};
	struct grx_par_ops ops = {&p, place_next, place_one, place_merge};
	return grx_par_ordered(cx, cx->threads, &ops);
}
