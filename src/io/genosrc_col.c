/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_col.c -- a FORMAT column as typed numbers, wherever it is: in a BCF record, in text, in a batch.
 * Of text only the column asked for is decoded, into scratch that the next decoded column overwrites. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/genosrc_int.h"

/* ---- typed numbers ---- */

int32_t geno_col_int(const struct geno_col *c, size_t i)
{
	int16_t s;
	int32_t x;

	switch (c->type) {
	case BCF_BT_INT8:
		x = (int8_t)c->p[i];
		return x == bcf_int8_missing ? GRX_INT_MISSING : x == bcf_int8_vector_end ? GRX_INT_END : x;
	case BCF_BT_INT16:
		memcpy(&s, c->p + 2 * i, 2);
		return s == bcf_int16_missing ? GRX_INT_MISSING : s == bcf_int16_vector_end ? GRX_INT_END : s;
	default:
		memcpy(&x, c->p + 4 * i, 4);
		return x;
	}
}

float geno_col_real(const struct geno_col *c, size_t i, bool *end)
{
	float f;

	if (c->type != BCF_BT_FLOAT) {
		int32_t x = geno_col_int(c, i);
		*end = x == GRX_INT_END;
		return *end || x == GRX_INT_MISSING ? NAN : (float)x;
	}
	memcpy(&f, c->p + 4 * i, 4);
	*end = grx_float_is_end(f);
	return isfinite(f) ? f : NAN;
}

/* ---- BCF ---- */

const struct geno_fmt *geno_bcf_fmt(const struct grx_geno *g, const char *key)
{
	const struct geno_rec *r = g->raw;
	int id = bcf_hdr_id2int(g->cur->vh->live, BCF_DT_ID, key);

	for (int i = 0; id >= 0 && i < r->n_fmt; i++)
		if (r->fmt[i].id == id)
			return &r->fmt[i];
	return NULL;
}

static int bcf_col(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_ask *ask,
	struct geno_col *c, bool *have)
{
	const struct geno_fmt *f = geno_bcf_fmt(g, ask->key);
	int sel = g->cur->s->sel;

	if (!f || !f->n)
		return GRX_OK;
	if (f->type == BCF_BT_CHAR || f->type == BCF_BT_NULL || (f->type == BCF_BT_FLOAT && !ask->real))
		return geno_bad(cx, g,
			ask->real ? "FORMAT value is not a number" : "FORMAT value is not an integer",
			ask->key, strlen(ask->key));
	*c = (struct geno_col){f->p, f->type, f->n, g->n_sample};
	if (sel >= 0)
		c->p += (size_t)sel * (size_t)f->n *
			(f->type == BCF_BT_INT8           ? 1u
				: f->type == BCF_BT_INT16 ? 2u
							  : 4u);
	*have = true;
	return GRX_OK;
}

/* ---- batches ---- */

static int var_col(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_ask *ask,
	struct geno_col *c, bool *have)
{
	const struct grx_field *f = grx_var_fmt(g->var, ask->key);

	if (!f || f->n < 1)
		return GRX_OK;
	if (f->type == GRX_T_INT)
		*c = (struct geno_col){(const uint8_t *)f->v.i, BCF_BT_INT32, f->n, g->n_sample};
	else if (f->type == GRX_T_FLOAT && ask->real)
		*c = (struct geno_col){(const uint8_t *)f->v.f, BCF_BT_FLOAT, f->n, g->n_sample};
	else
		return geno_bad(cx, g,
			ask->real ? "FORMAT value is not a number" : "FORMAT value is not an integer",
			ask->key, strlen(ask->key));
	*have = true;
	return GRX_OK;
}

/* ---- text: FORMAT and cells ---- */

static bool key_ok(const char *s, int n)
{
	if (n == 0 || n > 47 || *s == '.')
		return false;
	for (int i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') ||
			    (s[i] >= 'a' && s[i] <= 'z') || strchr("_.-+", s[i])))
			return false;
	return true;
}

static int check_format(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_format *f, size_t n)
{
	for (int i = 0; i < f->n_key; i++) {
		const struct geno_key *k = &f->key[i];
		const char *s = f->text + k->off;
		if (!key_ok(s, k->n))
			return geno_bad(cx, g, "FORMAT key", s, (size_t)k->n);
		if (k->gt && i > 0)
			return geno_bad(cx, g, "GT must be the first FORMAT key", f->text, n);
		for (int j = 0; j < i; j++)
			if (f->key[j].n == k->n && memcmp(f->text + f->key[j].off, s, (size_t)k->n) == 0)
				return geno_bad(cx, g, "FORMAT key twice", f->text, n);
	}
	return GRX_OK;
}

/* Keys of this record's FORMAT; nearly always those of the last one. */
static int read_format(struct grx_ctx *cx, const struct grx_geno *g, struct geno_format *f)
{
	const struct geno_rec *r = g->raw;
	size_t n = (size_t)(r->cell - 1 - r->format);

	if (f->n_key && f->n == n && memcmp(f->text, r->format, n) == 0)
		return GRX_OK;
	f->n_key = 0;
	if (grx_grow(&f->text, &f->cap, n + 1, 1, 0))
		return grx_fail_nomem(cx, "FORMAT");
	memcpy(f->text, r->format, n);
	f->text[n] = '\0';
	f->n = n;
	for (size_t at = 0; at <= n;) {
		size_t k = strcspn(f->text + at, ":");
		if (grx_grow(&f->key, &f->cap_key, (size_t)f->n_key + 1, sizeof *f->key, 0))
			return grx_fail_nomem(cx, "FORMAT");
		f->key[f->n_key++] = (struct geno_key){
			.off = (int)at, .n = (int)k, .gt = k == 2 && memcmp(f->text + at, "GT", 2) == 0};
		if (f->n_key > 255)
			return geno_bad(cx, g, "more than 255 FORMAT keys, the limit of BCF", "", 0);
		at += k + 1;
	}
	int rc = check_format(cx, g, f, n);
	if (!rc)
		geno_format_types(g, f);
	if (rc)
		f->n_key = 0;
	return rc;
}

int geno_text_key(struct grx_ctx *cx, const struct grx_geno *g, const char *key, int *at)
{
	const struct geno_rec *r = g->raw;
	struct geno_format *f = (struct geno_format *)&g->cur->sc.format;
	int n = (int)strlen(key), rc;

	*at = -1;
	if (!r->cell)
		return GRX_OK;
	rc = read_format(cx, g, f);
	for (int i = 0; !rc && i < f->n_key; i++)
		if (f->key[i].n == n && memcmp(f->text + f->key[i].off, key, (size_t)n) == 0)
			*at = i;
	return rc;
}

struct geno_cells geno_text_cells(const struct grx_geno *g)
{
	const struct geno_rec *r = g->raw;
	struct geno_cells c = {r->cell, r->end + 1, g->n_sample};

	for (int i = 0; i < g->cur->s->sel; i++)
		c.s = (const char *)memchr(c.s, '\t', (size_t)(c.end - c.s)) + 1;
	return c;
}

int geno_text_fields(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_cells *c, int at,
	const uint32_t **off)
{
	struct geno_scratch *sc = (struct geno_scratch *)&g->cur->sc;

	*off = NULL;
	if (grx_grow(&sc->off, &sc->cap_off, (size_t)c->n + 1, sizeof *sc->off, 0))
		return grx_fail_nomem(cx, "sample values");
	int bad = geno_text_index(c, sc->format.n_key, at, sc->off);
	*off = sc->off;
	if (bad < 0)
		return GRX_OK;
	char buf[64];
	snprintf(buf, sizeof buf, "sample %d", bad + 1);
	return geno_bad(cx, g, "sample with more values than FORMAT keys", buf, strlen(buf));
}

/* ---- text: numbers ---- */

static bool at_end(char c)
{
	return c == ',' || c == ':' || c == '\t';
}

static bool scan_int(const char **s, int32_t *v)
{
	const char *p = *s + (**s == '-');
	int64_t x = 0;
	int n = 0;

	for (; *p >= '0' && *p <= '9' && n < 11; p++, n++)
		x = x * 10 + (*p - '0');
	if (n == 0 || n > 10)
		return false;
	x = **s == '-' ? -x : x;
	*s = p;
	*v = (int32_t)x;
	return x <= INT32_MAX && x >= BCF_MIN_BT_INT32;
}

/* [+-]digits[.digits][e[+-]digits] */
static bool real_syntax(const char *s)
{
	s += *s == '-' || *s == '+';
	size_t before = strspn(s, "0123456789"), after = 0;
	s += before;
	if (*s == '.') {
		after = strspn(++s, "0123456789");
		s += after;
	}
	if (before + after == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		size_t n = strspn(s, "0123456789");
		if (n == 0)
			return false;
		s += n;
	}
	return *s == '\0';
}

/* Rare forms: exponents, many digits, nan, inf. */
static bool scan_real_slow(const char **s, float *v)
{
	char buf[64];
	double x;
	size_t n = strcspn(*s, ",:\t");
	const char *p = *s + (**s == '-' || **s == '+');

	if (n == 0 || n >= sizeof buf)
		return false;
	if (strncasecmp(p, "nan", 3) == 0 || strncasecmp(p, "inf", 3) == 0) {
		*s = p + 3;
		*v = NAN;
		return true;
	}
	memcpy(buf, *s, n);
	buf[n] = '\0';
	if (!real_syntax(buf))
		return false;
	if (!grx_parse_f64(buf, &x)) /* beyond what a double holds: no number we could use */
		x = NAN;
	*s += n;
	*v = (float)x;
	return true;
}

/* Few digits: an integer over a power of ten, both exact, hence rounded once. */
static bool scan_real(const char **s, float *v)
{
	static const double ten[] = {
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	const char *p = *s + (**s == '-');
	int64_t m = 0;
	int n = 0, after = 0;

	for (; *p >= '0' && *p <= '9' && n < 16; p++, n++)
		m = m * 10 + (*p - '0');
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && n < 16; p++, n++, after++)
			m = m * 10 + (*p - '0');
	if (n == 0 || n > 15 || !at_end(*p))
		return scan_real_slow(s, v);
	*v = (float)((**s == '-' ? -1.0 : 1.0) * ((double)m / ten[after]));
	*s = p;
	return true;
}

static int32_t code(const struct geno_sink *k, bool end)
{
	float f;
	int32_t x;

	if (!k->ask->real)
		return end ? GRX_INT_END : GRX_INT_MISSING;
	if (end)
		bcf_float_set(&f, bcf_float_vector_end);
	else
		bcf_float_set(&f, bcf_float_missing);
	memcpy(&x, &f, 4);
	return x;
}

const char *geno_scan_values(const struct geno_sink *k, const char *s, int32_t *v, struct geno_scan *out)
{
	int32_t x = 0;
	float f;

	for (*out = (struct geno_scan){0};; s++) {
		if (*s == '.' && at_end(s[1])) {
			x = code(k, false);
			s++;
		} else if (k->ask->real) {
			if (!scan_real(&s, &f))
				return NULL;
			memcpy(&x, &f, 4);
		} else {
			if (!scan_int(&s, &x))
				return NULL;
			out->negative |= x < 0;
		}
		if (out->n < k->n && v)
			v[out->n] = x;
		out->n++;
		if (*s != ',')
			return *s == ':' || *s == '\t' ? s : NULL;
	}
}

/* Three integers of few digits, the likelihoods of nearly all samples; false: not of this form. */
static bool scan_three(const char *s, int32_t *v)
{
	for (int k = 0; k < 3; k++, s++) {
		unsigned d = (unsigned)(*s - '0');
		int32_t x = (int32_t)d;
		int n = 1;
		if (d > 9)
			return false;
		for (s++; (d = (unsigned)(*s - '0')) <= 9 && n < 9; s++, n++)
			x = x * 10 + (int32_t)d;
		v[k] = x;
		if (k < 2 ? *s != ',' : *s != ':' && *s != '\t')
			return false;
	}
	return true;
}

/* Do n values fit? Other ploidies are legal and carry nothing for us: all missing. */
bool geno_fits(const struct geno_sink *k, const struct grx_geno *g, const char *s, int *n)
{
	int32_t a[1];
	int ploidy = 0;

	if (*n == k->n || k->ask->shape == GENO_ANY)
		return true;
	if (k->ask->shape == GENO_ALT && k->n == 0)
		return true;
	if (k->ask->shape != GENO_GENOS)
		return false;
	while (s[-1] != '\t') /* to the genotype: the first field */
		s--;
	geno_text_gt(s, g->n_allele, a, 0, &ploidy);
	if (k->has_gt && ploidy == 1)
		return *n == g->n_allele;
	int64_t want = 1;
	for (int i = 1; i <= ploidy && want < INT32_MAX; i++)
		want = want * (g->n_allele + i - 1) / i;
	if (!k->has_gt || ploidy < 3 || *n != want)
		return false;
	*n = 0;
	return true;
}

/* The column of one sample, at s; NULL: the cell ends before. */
static int scan_cell(
	struct grx_ctx *cx, const struct grx_geno *g, const struct geno_sink *k, const char *s, int32_t *v)
{
	struct geno_scan l = {0};

	if (s && (*s == ':' || *s == '\t'))
		return geno_bad(cx, g, "empty sample value", k->ask->key, strlen(k->ask->key));
	if (s && !(*s == '.' && (s[1] == ':' || s[1] == '\t'))) {
		if (!geno_scan_values(k, s, v, &l))
			return geno_bad(cx, g,
				k->ask->real ? "FORMAT value is not a number"
					     : "FORMAT value is not an integer",
				s, strcspn(s, "\t"));
		if (!geno_fits(k, g, s, &l.n))
			return geno_bad(cx, g, "number of values does not fit alleles and ploidy", s,
				strcspn(s, "\t"));
	}
	int n = l.n;
	if (n == 0 && k->n > 0)
		v[n++] = code(k, false);
	for (; n < k->n; n++)
		v[n] = code(k, true);
	return GRX_OK;
}

int geno_width(enum geno_shape shape, int n_allele)
{
	switch (shape) {
	case GENO_ALT:
		return n_allele - 1;
	case GENO_ALLELES:
		return n_allele;
	case GENO_GENOS:
		return n_allele * (n_allele + 1) / 2;
	default:
		return 1;
	}
}

static int text_col(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_ask *ask,
	struct geno_col *c, bool *have)
{
	int rc = GRX_E_BUG, at;
	struct geno_scratch *sc = (struct geno_scratch *)&g->cur->sc;
	struct geno_sink k = {.ask = ask, .n = 1};

	GRX_TRY(geno_text_key(cx, g, ask->key, &at));
	if (at < 0)
		return GRX_OK;
	k.has_gt = sc->format.key[0].gt;
	k.n = geno_width(ask->shape, g->n_allele);
	if (g->n_allele > 1000)
		return geno_bad(cx, g, "more than 999 ALT alleles with values for each sample", ask->key,
			strlen(ask->key));
	size_t need = (size_t)k.n * (size_t)g->n_sample;
	if (grx_grow(&sc->num, &sc->cap_num, need + 1, sizeof(int32_t), 0))
		return grx_fail_nomem(cx, "sample values");
	k.v = sc->num;
	const struct geno_cells cells = geno_text_cells(g);
	const uint32_t *off;
	GRX_TRY(geno_text_fields(cx, g, &cells, at, &off));
	bool three = k.n == 3 && !ask->real;
	for (int i = 0; i < g->n_sample; i++) {
		const char *s = off[i] == GENO_NO_FIELD ? NULL : cells.s + off[i];
		int32_t *v = k.v + (size_t)i * (size_t)k.n;
		if (!(three && s && scan_three(s, v)))
			GRX_TRY(scan_cell(cx, g, &k, s, v));
	}
	*c = (struct geno_col){
		(const uint8_t *)k.v, ask->real ? BCF_BT_FLOAT : BCF_BT_INT32, k.n, g->n_sample};
	*have = k.n > 0;
	rc = GRX_OK;
out:
	return rc;
}

int geno_col(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_ask *ask, struct geno_col *c,
	bool *have)
{
	*have = false;
	if (g->var)
		return var_col(cx, g, ask, c, have);
	switch (g->cur->s->kind) {
	case GENO_BCF:
		return bcf_col(cx, g, ask, c, have);
	case GENO_VCF:
		return text_col(cx, g, ask, c, have);
	default:
		return GRX_OK;
	}
}
