/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_val.c -- likelihoods, probabilities, dosages and plain numbers of all samples of a record.
 * Genotype (j, k), j <= k, is value k (k + 1) / 2 + j of its column (VCF specification 4.3, section 1.6.2);
 * the haploid genotype j is value j. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "io/genosrc_int.h"

#define NONE INT32_MAX /* no likelihood */

static int genotypes(int n_allele)
{
	return n_allele * (n_allele + 1) / 2;
}

static int bad_number(struct grx_ctx *cx, const struct grx_geno *g, const char *key)
{
	return geno_bad(cx, g, "number of values does not fit alleles and ploidy", key, strlen(key));
}

/* n values of a sample, not as many as a diploid has: those of a haploid, or none for us. Text has been
 * checked. */
static int check_few(struct grx_ctx *cx, const struct grx_geno *g, int sample, int n, const char *key)
{
	int ploidy = 0, rc = GRX_OK;

	if (n == 0 || (!g->var && g->cur->s->kind == GENO_VCF))
		return GRX_OK;
	rc = geno_ploidy(cx, g, sample, &ploidy);
	if (rc)
		return rc;
	return (ploidy == 1 && n == g->n_allele) || ploidy > 2 ? GRX_OK : bad_number(cx, g, key);
}

static int check_shape(
	struct grx_ctx *cx, const struct grx_geno *g, const struct geno_col *c, const char *key)
{
	/* a column of nothing but haploid or missing values is narrower */
	return c->n <= genotypes(g->n_allele) || (g->var ? g->var->ploidy : 3) > 2 ? GRX_OK
										   : bad_number(cx, g, key);
}

/* ---- PL, GL ---- */

/* Phred numbers of one sample; returns how many, 0 when any is missing, -1 when one is
 * negative. */
static int phreds(const struct geno_col *c, size_t i, bool gl, int32_t *v, int max)
{
	int n = 0;

	for (; n < c->n; n++) {
		size_t at = i * (size_t)c->n + (size_t)n;
		bool end = false;
		int32_t x;
		if (gl) {
			float f = geno_col_real(c, at, &end);
			x = isnan(f)    ? GRX_INT_MISSING
			    : f < -1e6f ? 10000000
			    : f > 1e6f  ? -10000000
					: (int32_t)lrintf(-10 * f);
		} else {
			x = geno_col_int(c, at);
			end = x == GRX_INT_END;
		}
		if (end)
			break;
		if (x == GRX_INT_MISSING)
			return 0;
		if (x < 0 && !gl)
			return -1;
		if (n < max)
			v[n] = x;
	}
	return n;
}

static uint8_t phred_byte(int32_t x, int32_t least)
{
	return x == NONE || (int64_t)x - least > 255 ? 255 : (uint8_t)(x - least);
}

/* Best genotype by copies of the allele. */
static void best(const int32_t *v, int n, int n_allele, int allele, int32_t l[3])
{
	l[0] = l[1] = l[2] = NONE;
	if (n == n_allele) {
		for (int j = 0; j < n; j++) {
			int k = j == allele ? 2 : 0;
			l[k] = v[j] < l[k] ? v[j] : l[k];
		}
		return;
	}
	for (int k = 0, at = 0; k < n_allele; k++)
		for (int j = 0; j <= k; j++, at++) {
			int cp = (j == allele) + (k == allele);
			l[cp] = v[at] < l[cp] ? v[at] : l[cp];
		}
}

struct planes {
	uint8_t *l[3];
};

static int put_phreds(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_col *c, bool gl,
	int allele, const struct planes *out)
{
	int32_t few[64], *v = few, l[3];
	int want = genotypes(g->n_allele), rc = GRX_OK;
	bool bulk = g->n_allele == 2 && !gl;
	uint8_t *const order[3] = {out->l[allele ? 0 : 2], out->l[1], out->l[allele ? 2 : 0]};

	if (want > 64 && !(v = grx_malloc((size_t)want, sizeof *v)))
		return grx_fail_nomem(cx, "likelihoods");
	for (int i = 0; i < c->n_sample && !rc; i++) {
		i += bulk ? geno_pl3(c, i, order) : 0;
		if (i == c->n_sample)
			break;
		int n = phreds(c, (size_t)i, gl, v, want);
		if (n < 0)
			rc = geno_bad(cx, g, "negative value of AD or PL", "PL", 2);
		else if (n != want)
			rc = check_few(cx, g, i, n, gl ? "GL" : "PL");
		l[0] = l[1] = l[2] = NONE;
		if (n == want || n == g->n_allele)
			best(v, n, g->n_allele, allele, l);
		int32_t least = l[0] < l[1] ? l[0] : l[1];
		least = l[2] < least ? l[2] : least;
		for (int k = 0; k < 3; k++)
			out->l[k][i] = phred_byte(l[k], least);
	}
	if (v != few)
		grx_free(v);
	return rc;
}

int grx_geno_pl(struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *l0, uint8_t *l1,
	uint8_t *l2, bool *have)
{
	static const struct geno_ask pl = {"PL", GENO_GENOS, false}, gl = {"GL", GENO_GENOS, true};
	int rc = GRX_E_BUG;
	struct geno_col c;
	struct planes out = {{l0, l1, l2}};
	bool is_gl = false;

	*have = false;
	if (allele < 0 || allele >= g->n_allele)
		return grx_fail(cx, GRX_E_BUG, "likelihoods of allele %d of %d", allele, g->n_allele);
	if (g->n_allele == 1) /* nothing to choose from */
		goto none;
	GRX_TRY(geno_col(cx, g, &pl, &c, have));
	if (!*have) {
		is_gl = true;
		GRX_TRY(geno_col(cx, g, &gl, &c, have));
	}
	if (!*have)
		goto none;
	GRX_TRY(check_shape(cx, g, &c, is_gl ? "GL" : "PL"));
	rc = put_phreds(cx, g, &c, is_gl, allele, &out);
out:
	return rc;
none:
	for (int k = 0; k < 3; k++)
		memset(out.l[k], 0, (size_t)g->n_sample);
	return GRX_OK;
}

/* ---- GP ---- */

static void fill_nan(float *v, int n)
{
	for (int i = 0; i < n; i++)
		v[i] = NAN;
}

/* Probabilities of one sample; n, or 0 when any is missing. */
static int reals(const struct geno_col *c, size_t i, float *v, int max)
{
	int n = 0;

	for (; n < c->n; n++) {
		bool end;
		float f = geno_col_real(c, i * (size_t)c->n + (size_t)n, &end);
		if (end)
			break;
		if (isnan(f))
			return 0;
		if (n < max)
			v[n] = f;
	}
	return n;
}

/* All 0: no information, as probabilities and as phred alike. */
static bool probabilities(const float *v, int n, bool *flat)
{
	float sum = 0;

	for (int k = 0; k < n; k++) {
		if (v[k] < -1e-4f || v[k] > 1.0001f)
			return false;
		sum += v[k];
	}
	*flat = sum == 0;
	return *flat || fabsf(sum - 1) < 0.05f;
}

static void put_gp(const float *v, int n, int n_allele, int allele, float p[3])
{
	double sum = 0, by[3] = {0};

	if (n == n_allele) {
		for (int j = 0; j < n; j++)
			by[j == allele ? 2 : 0] += (double)v[j];
	} else {
		for (int k = 0, at = 0; k < n_allele; k++)
			for (int j = 0; j <= k; j++, at++)
				by[(j == allele) + (k == allele)] += (double)v[at];
	}
	sum = by[0] + by[1] + by[2];
	for (int k = 0; k < 3; k++)
		p[k] = (float)(by[k] / sum);
}

static int gp_all(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_col *c, float *v,
	int allele, float *const out[2])
{
	int want = genotypes(g->n_allele);

	for (int i = 0; i < c->n_sample; i++) {
		int n = reals(c, (size_t)i, v, want);
		float p[3] = {0, NAN, NAN};
		bool flat = false;
		int rc = n == want ? GRX_OK : check_few(cx, g, i, n, "GP");
		if (rc)
			return rc;
		if (n == want || n == g->n_allele) {
			if (!probabilities(v, n, &flat))
				return geno_bad(cx, g,
					"GP are not probabilities that sum to 1 (phred-scaled GP is not "
					"read)",
					"GP", 2);
			if (!flat)
				put_gp(v, n, g->n_allele, allele, p);
		}
		out[0][i] = p[1];
		out[1][i] = p[2];
	}
	return GRX_OK;
}

int grx_geno_gp(struct grx_ctx *cx, const struct grx_geno *g, int allele, float *p1, float *p2, bool *have)
{
	static const struct geno_ask gp = {"GP", GENO_GENOS, true};
	float few[64], *v = few, *const out[2] = {p1, p2};
	struct geno_col c;
	int want = genotypes(g->n_allele), rc;

	*have = false;
	if (allele < 0 || allele >= g->n_allele)
		return grx_fail(cx, GRX_E_BUG, "probabilities of allele %d of %d", allele, g->n_allele);
	rc = g->n_allele == 1 ? GRX_OK : geno_col(cx, g, &gp, &c, have);
	if (rc || !*have) {
		fill_nan(p1, g->n_sample);
		fill_nan(p2, g->n_sample);
		return rc;
	}
	rc = check_shape(cx, g, &c, "GP");
	if (!rc && want > 64 && !(v = grx_malloc((size_t)want, sizeof *v)))
		rc = grx_fail_nomem(cx, "probabilities");
	if (!rc)
		rc = gp_all(cx, g, &c, v, allele, out);
	if (v != few)
		grx_free(v);
	return rc;
}

/* ---- DS ---- */

/* REF: 2, or 1 for the haploid, less the rest. */
static int ref_ploidy(struct grx_ctx *cx, const struct grx_geno *g, uint8_t **code)
{
	unsigned seen;

	*code = grx_malloc((size_t)g->n_sample, 1);
	if (!*code)
		return grx_fail_nomem(cx, "dosages");
	return grx_geno_copies(cx, g, 0, *code, &seen);
}

static float ref_dosage(const struct geno_col *c, int i, uint8_t code)
{
	bool hap = code == GRX_CP_HAP_0 || code == GRX_CP_HAP_1 || code == GRX_CP_HAP_NONE, end;
	float left = hap ? 1 : 2;

	for (int k = 0; k < c->n; k++)
		left -= geno_col_real(c, (size_t)i * (size_t)c->n + (size_t)k, &end);
	return left < 0 && left > -0.01f ? 0 : left;
}

static int ds_ref(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_col *c, float *ds)
{
	uint8_t *code = NULL;
	int rc = ref_ploidy(cx, g, &code);

	for (int i = 0; !rc && i < c->n_sample; i++) {
		ds[i] = ref_dosage(c, i, code[i]);
		if (ds[i] < 0)
			rc = geno_bad(cx, g, "DS of the ALT alleles sum to more than the ploidy", "DS", 2);
	}
	grx_free(code);
	return rc;
}

/* One for each ALT, or all missing; a column of BCF is as wide as its widest sample. */
static bool ds_whole(const struct geno_col *c, int i, int n_alt)
{
	int n = 0;
	bool any = false;

	for (; n < c->n; n++) {
		bool end;
		float f = geno_col_real(c, (size_t)i * (size_t)c->n + (size_t)n, &end);
		if (end)
			break;
		any |= !isnan(f);
	}
	return n == n_alt || !any;
}

int grx_geno_ds(struct grx_ctx *cx, const struct grx_geno *g, int allele, float *ds, bool *have)
{
	static const struct geno_ask ask = {"DS", GENO_ALT, true};
	struct geno_col c;
	int rc = GRX_OK;

	*have = false;
	if (g->n_allele > 1)
		rc = geno_col(cx, g, &ask, &c, have);
	if (rc || !*have) {
		fill_nan(ds, g->n_sample);
		return rc;
	}
	if (c.n > g->n_allele - 1 || allele < 0 || allele >= g->n_allele)
		return bad_number(cx, g, "DS");
	for (int i = 0; i < c.n_sample; i++) {
		if (!ds_whole(&c, i, g->n_allele - 1))
			return bad_number(cx, g, "DS");
		for (int k = 0; k < c.n; k++) {
			bool end;
			float f = geno_col_real(&c, (size_t)i * (size_t)c.n + (size_t)k, &end);
			if (f < -0.001f || f > 2.001f)
				return geno_bad(cx, g, "DS is not between 0 and 2", "DS", 2);
			if (k + 1 == allele)
				ds[i] = f < 0 ? 0 : f > 2 ? 2 : f;
		}
		if (allele > c.n)
			ds[i] = NAN;
	}
	return allele == 0 ? ds_ref(cx, g, &c, ds) : GRX_OK;
}

/* ---- others ---- */

int grx_geno_int(struct grx_ctx *cx, const struct grx_geno *g, const char *key, int32_t *v, bool *have)
{
	const struct geno_ask ask = {key, GENO_ONE, false};
	struct geno_col c = {0};
	int rc = geno_col(cx, g, &ask, &c, have);

	if (rc)
		return rc;
	if (*have && c.n != 1)
		return geno_bad(cx, g, "more than one value of a sample", key, strlen(key));
	for (int i = 0; i < g->n_sample; i++) {
		int32_t x = *have ? geno_col_int(&c, (size_t)i) : -1;
		v[i] = x < 0 ? -1 : x;
	}
	return GRX_OK;
}

static bool filter_bad(const char *s, size_t n)
{
	return !(n == 0 || (n == 1 && *s == '.') || (n == 4 && memcmp(s, "PASS", 4) == 0));
}

static int text_ft(struct grx_ctx *cx, const struct grx_geno *g, bool *bad, bool *have)
{
	int at, rc = geno_text_key(cx, g, "FT", &at);

	const uint32_t *off = NULL;

	*have = !rc && at >= 0;
	if (!*have)
		return rc;
	const struct geno_cells c = geno_text_cells(g);
	rc = geno_text_fields(cx, g, &c, at, &off);
	for (int i = 0; i < g->n_sample && !rc; i++) {
		const char *f = c.s + off[i];
		bad[i] = off[i] != GENO_NO_FIELD && filter_bad(f, strcspn(f, ":\t"));
	}
	return rc;
}

static int bcf_ft(struct grx_ctx *cx, const struct grx_geno *g, bool *bad, bool *have)
{
	const struct geno_fmt *f = geno_bcf_fmt(g, "FT");
	int sel = g->cur->s->sel;

	*have = f && f->n;
	if (*have && f->type != BCF_BT_CHAR)
		return geno_bad(cx, g, "FT is not text", "FT", 2);
	for (int i = 0; *have && i < g->n_sample; i++) {
		const char *s = (const char *)f->p + (size_t)(sel >= 0 ? sel : i) * (size_t)f->n;
		bad[i] = filter_bad(s, strnlen(s, (size_t)f->n));
	}
	return GRX_OK;
}

int grx_geno_ft(struct grx_ctx *cx, const struct grx_geno *g, bool *bad, bool *have)
{
	*have = false;
	memset(bad, 0, (size_t)g->n_sample * sizeof *bad);
	if (!g->var && g->cur->s->kind == GENO_VCF)
		return text_ft(cx, g, bad, have);
	if (!g->var)
		return g->cur->s->kind == GENO_BCF ? bcf_ft(cx, g, bad, have) : GRX_OK;
	const struct grx_field *f = grx_var_fmt(g->var, "FT");
	*have = f && f->type == GRX_T_STR;
	for (int i = 0; *have && i < g->n_sample; i++)
		bad[i] = f->v.s[i] && filter_bad(f->v.s[i], strlen(f->v.s[i]));
	return GRX_OK;
}
