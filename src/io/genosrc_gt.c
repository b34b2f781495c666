/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_gt.c -- genotypes as copies of one allele.
 * A genotype is wrong when it names an allele that the record does not have: never a guess. */
#include <string.h>

#include "base/mem.h"
#include "io/genosrc_int.h"

static int bad_gt(struct grx_ctx *cx, const struct grx_geno *g, const char *s, size_t n)
{
	return geno_bad(cx, g, "genotype is wrong or names an allele that the record does not have", s, n);
}

/* Code of a genotype of n alleles, the first two of them in a. */
static uint8_t code_of(const int32_t *a, int n, int allele)
{
	if (n == 1)
		return a[0] < 0 ? GRX_CP_HAP_NONE : a[0] == allele ? GRX_CP_HAP_1 : GRX_CP_HAP_0;
	if (n != 2 || (a[0] < 0 && a[1] < 0))
		return GRX_CP_NONE;
	if (a[0] < 0 || a[1] < 0)
		return (a[0] < 0 ? a[1] : a[0]) == allele ? GRX_CP_HALF_1 : GRX_CP_HALF_0;
	return (uint8_t)(GRX_CP_0 + (a[0] == allele) + (a[1] == allele));
}

/* ---- numbers ---- */

/* Alleles of sample i; returns how many, -1 when one is wrong. */
static int typed_gt(const struct geno_col *c, size_t i, int n_allele, int32_t a[2])
{
	int n = 0;

	for (int k = 0; k < c->n; k++, n++) {
		int32_t x = geno_col_int(c, i * (size_t)c->n + (size_t)k);
		if (x == GRX_INT_END)
			break;
		if (x == GRX_INT_MISSING)
			x = 0;
		if (x < 0 || x >> 1 > n_allele)
			return -1;
		if (n < 2)
			a[n] = GRX_GT_ALLELE(x);
	}
	return n;
}

static int typed_copies(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_col *c, int allele,
	uint8_t *code, unsigned *seen)
{
	for (int i = 0; i < c->n_sample; i++) {
		int32_t a[2] = {-1, -1};
		int n = typed_gt(c, (size_t)i, g->n_allele, a);
		if (n < 0)
			return bad_gt(cx, g, "GT", 2);
		code[i] = code_of(a, n, allele);
		*seen |= 1u << code[i];
	}
	return GRX_OK;
}

/* GT as numbers, of a BCF record or of a batch; c->n 0 without. */
static int typed_col(struct grx_ctx *cx, const struct grx_geno *g, struct geno_col *c)
{
	static const struct geno_ask ask = {.key = "GT"};
	bool have = false;
	int rc = GRX_OK;

	*c = (struct geno_col){.n_sample = g->n_sample};
	if (!g->var)
		rc = geno_col(cx, g, &ask, c, &have);
	else if (g->var->ploidy > 0 && g->var->gt)
		*c = (struct geno_col){
			(const uint8_t *)g->var->gt, BCF_BT_INT32, g->var->ploidy, g->n_sample};
	return rc;
}

int geno_ploidy(struct grx_ctx *cx, const struct grx_geno *g, int sample, int *ploidy)
{
	struct geno_col c;
	int32_t a[2];
	int rc = typed_col(cx, g, &c);

	*ploidy = !rc && c.n ? typed_gt(&c, (size_t)sample, g->n_allele, a) : 0;
	return rc;
}

/* ---- text ---- */

const char *geno_text_gt(const char *s, int n_allele, int32_t *a, int max, int *n)
{
	s += *s == '/' || *s == '|'; /* phase of the first allele, VCF 4.4 */
	for (*n = 0;; s++) {
		int32_t x = -1;
		if (*s == '.') {
			s++;
		} else {
			int d = 0;
			for (x = 0; *s >= '0' && *s <= '9' && d < 7; s++, d++)
				x = x * 10 + (*s - '0');
			if (d == 0 || x >= n_allele)
				return NULL;
		}
		if (*n < max)
			a[*n] = x;
		++*n;
		if (*s != '/' && *s != '|')
			return *s == ':' || *s == '\t' ? s : NULL;
	}
}

/* A genotype by the general rules; its end in *s. */
static int text_cell(struct grx_ctx *cx, const struct grx_geno *g, const char **s, int allele, uint8_t *code)
{
	int32_t a[2] = {-1, -1};
	int n;
	const char *end = geno_text_gt(*s, g->n_allele, a, 2, &n);

	if (!end)
		return bad_gt(cx, g, *s, strcspn(*s, ":\t"));
	*code = code_of(a, n, allele);
	*s = end;
	return GRX_OK;
}

/* FORMAT is GT alone: cells follow each other. */
static int text_dense(struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *code, unsigned *seen)
{
	struct geno_cells c = geno_text_cells(g);

	for (int i = 0; i < g->n_sample; i++) {
		c.n = g->n_sample - i;
		int done = geno_text_gt4(&c, g->n_allele, allele, code + i, seen);
		c.s += (size_t)done * 4;
		i += done;
		if (i == g->n_sample)
			break;
		int rc = text_cell(cx, g, &c.s, allele, &code[i]);
		if (rc)
			return rc;
		if (*c.s++ != '\t')
			return geno_bad(cx, g, "sample with more values than FORMAT keys", c.s - 1,
				strcspn(c.s - 1, "\t"));
		*seen |= 1u << code[i];
	}
	return GRX_OK;
}

/* GT is the first of several fields. */
static int text_first(struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *code, unsigned *seen)
{
	const struct geno_cells c = geno_text_cells(g);
	const uint32_t *off;
	struct geno_classes k;
	int rc = geno_text_fields(cx, g, &c, 0, &off);

	geno_classes(g->n_allele, allele, &k);

	for (int i = 0; i < g->n_sample && !rc; i++) {
		const struct geno_cells rest = {c.s, c.end, c.n - i};
		i += geno_text_gt3(&rest, off + i, &k, code + i, seen);
		if (i == g->n_sample)
			break;
		const char *s = c.s + off[i];
		rc = text_cell(cx, g, &s, allele, &code[i]);
		*seen |= rc ? 0 : 1u << code[i];
	}
	return rc;
}

static int text_copies(
	struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *code, unsigned *seen)
{
	int at, rc = geno_text_key(cx, g, "GT", &at);

	if (rc)
		return rc;
	if (at < 0) {
		memset(code, GRX_CP_NONE, (size_t)g->n_sample);
		*seen |= g->n_sample ? 1u << GRX_CP_NONE : 0;
		return GRX_OK;
	}
	return g->cur->sc.format.n_key == 1 ? text_dense(cx, g, allele, code, seen)
					    : text_first(cx, g, allele, code, seen);
}

/* ---- .bed ---- */

/* What two bits say: 0 two of the first allele, 1 missing, 2 one of each, 3 two of the second, which is our
 * REF. */
enum { BED_ALT2, BED_MISSING, BED_HET, BED_REF2 };

/* The four samples of a byte. */
static void bed_table(const uint8_t to[4], uint32_t table[256])
{
	for (unsigned b = 0; b < 256; b++) {
		const uint8_t v[4] = {to[b & 3], to[b >> 2 & 3], to[b >> 4 & 3], to[b >> 6]};
		memcpy(&table[b], v, 4);
	}
}

static int bed_copies(struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *code, unsigned *seen)
{
	static const uint8_t of_alt[4] = {GRX_CP_2, GRX_CP_NONE, GRX_CP_1, GRX_CP_0};
	static const uint8_t of_ref[4] = {GRX_CP_0, GRX_CP_NONE, GRX_CP_1, GRX_CP_2};
	const struct geno_rec *r = g->raw;
	const uint8_t *to = allele ? of_alt : of_ref;
	int sel = g->cur->s->sel, whole = sel >= 0 ? 0 : g->n_sample / 4;
	unsigned raw = 0;
	uint32_t table[256];

	if (whole >= 64) {
		bed_table(to, table);
		for (int i = 0; i < whole; i++)
			memcpy(code + 4 * (size_t)i, &table[r->bits[i]], 4);
	} else {
		whole = 0;
	}
	for (int i = 4 * whole; i < g->n_sample; i++) {
		int k = sel >= 0 ? sel : i;
		code[i] = to[r->bits[k >> 2] >> (2 * (k & 3)) & 3];
	}
	for (int i = 0; i < g->n_sample; i++)
		raw |= 1u << code[i];
	*seen = raw;
	bool alt = raw & (1u << GRX_CP_1 | 1u << to[BED_ALT2]),
	     ref = raw & (1u << GRX_CP_1 | 1u << to[BED_REF2]);
	if ((g->n_allele == 1 && alt) || (r->ref_none && ref))
		return bad_gt(cx, g, "a copy of the allele that .bim gives as 0", 41);
	return GRX_OK;
}

int grx_geno_copies(struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *code, unsigned *seen)
{
	struct geno_col c;
	int rc;

	*seen = 0;
	if (allele < 0 || allele >= g->n_allele)
		return grx_fail(cx, GRX_E_BUG, "copies of allele %d of %d", allele, g->n_allele);
	if (!g->var && g->cur->s->kind == GENO_BED)
		return bed_copies(cx, g, allele, code, seen);
	if (!g->var && g->cur->s->kind == GENO_VCF)
		return text_copies(cx, g, allele, code, seen);
	rc = typed_col(cx, g, &c);
	if (!rc && c.n == 2 && c.type == BCF_BT_INT8 &&
		geno_gt8(c.p, c.n_sample, g->n_allele, allele, code, seen))
		return GRX_OK;
	return rc ? rc : typed_copies(cx, g, &c, allele, code, seen);
}

/* ---- one sample as text ---- */

static size_t put_typed(const struct geno_col *c, int sample, char *buf, size_t n)
{
	size_t at = 0;

	for (int k = 0; k < c->n && at + 16 < n; k++) {
		int32_t x = geno_col_int(c, (size_t)sample * (size_t)c->n + (size_t)k);
		if (x == GRX_INT_END)
			break;
		x = x == GRX_INT_MISSING ? 0 : x;
		const char *sep = k == 0 ? "" : GRX_GT_PHASED(x) ? "|" : "/";
		int w = GRX_GT_ALLELE(x) < 0 ? snprintf(buf + at, n - at, "%s.", sep)
					     : snprintf(buf + at, n - at, "%s%d", sep, (int)GRX_GT_ALLELE(x));
		at += (size_t)w;
	}
	return at;
}

/* Without the phase of the first allele (VCF 4.4) and zeros before a number. */
static void plain_numbers(char *s)
{
	char *out = s;

	s += *s == '/' || *s == '|';
	while (*s) {
		while (*s == '0' && s[1] >= '0' && s[1] <= '9')
			s++;
		while (*s >= '0' && *s <= '9')
			*out++ = *s++;
		if (*s)
			*out++ = *s++;
	}
	*out = '\0';
}

/* Field at of the sample's cell; false when absent. */
static bool text_value(const struct grx_geno *g, const char *key, int sample, char *buf, size_t n)
{
	struct grx_ctx quiet = {0};
	int at;

	if (geno_text_key(&quiet, g, key, &at) || at < 0)
		return false;
	struct geno_cells c = geno_text_cells(g);
	for (int i = 0; i < sample; i++)
		c.s = (const char *)memchr(c.s, '\t', (size_t)(c.end - c.s)) + 1;
	const char *s = c.s;
	for (; at > 0; at--) {
		s += strcspn(s, ":\t");
		if (*s++ == '\t')
			return false;
	}
	snprintf(buf, n, "%.*s", (int)strcspn(s, ":\t"), s);
	plain_numbers(buf);
	return true;
}

void grx_geno_gt_text(const struct grx_geno *g, int sample, char *buf, size_t n)
{
	static const char *const bed[] = {"1/1", "./.", "0/1", "0/0"};
	struct grx_ctx quiet = {0};
	struct geno_col c;
	int sel = g->var ? -1 : g->cur->s->sel, k = sel >= 0 ? sel : sample;

	if (!g->var && g->cur->s->kind == GENO_BED) {
		const uint8_t *bits = ((const struct geno_rec *)g->raw)->bits;
		snprintf(buf, n, "%s", bed[bits[k >> 2] >> (2 * (k & 3)) & 3]);
		return;
	}
	if (!g->var && g->cur->s->kind == GENO_VCF) {
		if (!text_value(g, "GT", sample, buf, n))
			snprintf(buf, n, "./.");
		return;
	}
	if (typed_col(&quiet, g, &c) || put_typed(&c, sample, buf, n) == 0)
		snprintf(buf, n, "./.");
}

void grx_geno_ad_text(const struct grx_geno *g, int sample, char *buf, size_t n)
{
	static const struct geno_ask ask = {.key = "AD"};
	struct grx_ctx quiet = {0};
	struct geno_col c = {0};
	bool have = false;
	size_t at = 0;

	*buf = '\0';
	if (!g->var && g->cur->s->kind == GENO_VCF) {
		if (text_value(g, "AD", sample, buf, n) && strcmp(buf, ".") == 0)
			*buf = '\0';
		return;
	}
	if (geno_col(&quiet, g, &ask, &c, &have) || !have)
		return;
	for (int k = 0; k < c.n && at + 16 < n; k++) {
		int32_t x = geno_col_int(&c, (size_t)sample * (size_t)c.n + (size_t)k);
		if (x == GRX_INT_END || (k == 0 && x == GRX_INT_MISSING && c.n == 1))
			break;
		at += (size_t)(x == GRX_INT_MISSING
				       ? snprintf(buf + at, n - at, "%s.", k ? "," : "")
				       : snprintf(buf + at, n - at, "%s%d", k ? "," : "", (int)x));
	}
	if (strcmp(buf, ".") == 0)
		*buf = '\0';
}
