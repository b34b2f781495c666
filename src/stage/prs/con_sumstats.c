/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_sumstats.c -- GWAS summary statistics into rows. A value that is no number is an error with
 * file:line:column; a missing one is a reason. Every row is kept, with its reason, so that the counts add up
 * to the file. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/map.h"
#include "bio/contig.h"
#include "io/text.h"
#include "math/prob.h"
#include "stage/prs/con_int.h"

enum { CON_MAX_ROW = 200000000 };
#define LN10        2.302585092994045684
#define HALF_LN_2PI 0.918938533204672742

struct reader {
	struct grx_ctx *cx;
	const struct prs_construct_opt *o;
	struct con_sum *s;
	struct grx_text *text;
	struct con_head head;
	char *field[CON_MAX_COL + 1];
	struct grx_str head_line;
};

/* ln P(|Z| > z) of large z by the asymptotic series; error below 1e-5 from 30 on. */
static double ln_tail2(double z)
{
	double q = 1 / (z * z);
	return 0.693147180559945309 - 0.5 * z * z - log(z) - HALF_LN_2PI + log1p(-q + 3 * q * q);
}

double prs_con_nlp_of_z(double z)
{
	z = fabs(z);
	return z < 30 ? -log10(2 * grx_norm_cdf(-z)) : -ln_tail2(z) / LN10;
}

double prs_con_z_of_nlp(double nlp)
{
	if (nlp < 200)
		return nlp <= 0 ? 0 : -grx_norm_inv(0.5 * pow(10, -nlp));
	double z = sqrt(2 * LN10 * nlp);
	for (int i = 0; i < 20; i++) /* Newton: d ln_tail2 / dz is about -z - 1/z */
		z += (ln_tail2(z) + LN10 * nlp) / (z + 1 / z);
	return z;
}

static bool is_missing(const char *s)
{
	static const char *const word[] = {"NA", "#NA", "N/A", "nan", "NR", "null", "none", ".", "-"};
	if (*s == '\0')
		return true;
	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (strcasecmp(s, word[i]) == 0)
			return true;
	return false;
}

static const char *cell(const struct reader *rd, enum con_col k)
{
	int c = rd->head.col[k];
	return c < 0 ? "" : rd->field[c];
}

static int bad(const struct reader *rd, enum con_col k, const char *want)
{
	int c = rd->head.col[k];
	return grx_fail(rd->cx, GRX_E_DATA, "%s:%lld: column %d (%s): '%s' found, expected %s or NA",
		rd->s->path, (long long)grx_text_lineno(rd->text), c + 1, rd->head.name[c], rd->field[c],
		want);
}

/* NAN when absent or missing. */
static int real(const struct reader *rd, enum con_col k, double *x)
{
	*x = NAN;
	const char *s = cell(rd, k);
	if (is_missing(s) || grx_parse_f64(s, x))
		return GRX_OK;
	return bad(rd, k, "a number");
}

/* -log10 of p as text: "3e-450" is a p-value too. NAN missing; -1 not in (0, 1]; INFINITY for 0. */
static int read_p(const struct reader *rd, double *nlp)
{
	char buf[64];
	double mant, p;
	int64_t ex = 0;
	const char *s = cell(rd, K_P);
	*nlp = NAN;
	if (is_missing(s))
		return GRX_OK;
	size_t n = strcspn(s, "eE");
	if (n >= sizeof buf)
		return bad(rd, K_P, "a number");
	memcpy(buf, s, n);
	buf[n] = '\0';
	if (!grx_parse_f64(buf, &mant))
		return bad(rd, K_P, "a number");
	const char *e = s[n] ? s + n + 1 : "0";
	if (!grx_parse_i64(*e == '+' ? e + 1 : e, &ex) || ex > 100000 || ex < -100000)
		return bad(rd, K_P, "a number");
	p = mant * pow(10, (double)ex);
	if (mant < 0 || p > 1)
		*nlp = -1;
	else if (mant == 0)
		*nlp = INFINITY;
	else /* through p where it can be: 1 and 1e0 give exactly 0 */
		*nlp = p > 1e-300 ? -log10(p) : -log10(mant) - (double)ex;
	if (*nlp == 0)
		*nlp = 0; /* no -0 */
	return GRX_OK;
}

static int8_t chrom_of(const char *s)
{
	int64_t c;
	if (strncasecmp(s, "chr", 3) == 0)
		s += 3;
	return grx_parse_i64(s, &c) && c >= 1 && c <= 22 ? (int8_t)c : 0;
}

static int read_place(struct reader *rd, struct con_row *r)
{
	const char *chr = cell(rd, K_CHR), *pos = cell(rd, K_POS), *id = cell(rd, K_ID);
	if (!is_missing(id)) {
		r->id = grx_arena_strdup(rd->s->mem, id);
		if (!r->id)
			return grx_fail_nomem(rd->cx, "summary statistics");
	}
	if (rd->s->by_id) {
		r->reason = r->id ? r->reason : CON_NO_PLACE;
		return GRX_OK;
	}
	if (is_missing(pos) || is_missing(chr)) {
		r->reason = CON_NO_PLACE;
		return GRX_OK;
	}
	if (!grx_parse_i64(pos, &r->pos) || r->pos < 1 || r->pos > 3000000000) {
		double f; /* 1e+06, as R writes it */
		if (!grx_parse_f64(pos, &f) || f < 1 || f > 3e9 || f != floor(f))
			return bad(rd, K_POS, "a position of 1 or more");
		r->pos = (int64_t)f;
	}
	r->chrom = chrom_of(chr);
	if (r->chrom == 0)
		r->reason = CON_NOT_AUTOSOME;
	return GRX_OK;
}

static char base_of(const char *s)
{
	char c = (char)toupper((unsigned char)s[0]);
	return c != '\0' && s[1] == '\0' && strchr("ACGT", c) ? c : '\0';
}

static int read_effect(struct reader *rd, struct con_row *r)
{
	int rc = GRX_E_BUG;
	double ratio;
	GRX_TRY(real(rd, K_BETA, &r->beta));
	for (enum con_col k = K_OR; k <= K_HR && isnan(r->beta); k++) {
		GRX_TRY(real(rd, k, &ratio));
		if (!isnan(ratio) && ratio <= 0)
			return bad(rd, k, "a ratio above 0");
		r->beta = log(ratio);
	}
	GRX_TRY(real(rd, K_SE, &r->se));
	rc = GRX_OK;
out:
	return rc;
}

static int read_n(struct reader *rd, struct con_row *r)
{
	int rc = GRX_E_BUG;
	double a, b;
	GRX_TRY(real(rd, K_N, &r->n));
	GRX_TRY(real(rd, K_NCASE, &a));
	GRX_TRY(real(rd, K_NCTRL, &b));
	if (a > 0 && b > 0) /* effective size of a case-control study */
		r->n = 4 / (1 / a + 1 / b);
	if (isnan(r->n) && rd->o->n > 0)
		r->n = rd->o->n;
	rc = GRX_OK;
out:
	return rc;
}

/* Fill in what the others imply. z alone: beta on the scale of the standardised trait. */
static void complete(struct con_row *r, double z, double f)
{
	if (isnan(r->beta) && !isnan(z)) {
		r->unscaled = !(f > 0 && f < 1);
		double var = r->unscaled ? 0.5 : 2 * f * (1 - f);
		r->se = 1 / sqrt(var * (r->n + z * z));
		r->beta = z * r->se;
	}
	if (isnan(r->se) && !isnan(r->beta) && isfinite(r->nlp) && r->nlp > 0)
		r->se = fabs(r->beta) / prs_con_z_of_nlp(r->nlp);
	if (isnan(r->nlp) && r->se > 0 && !isnan(r->beta))
		r->nlp = prs_con_nlp_of_z(r->beta / r->se);
}

static bool inconsistent(const struct con_row *r, double tol)
{
	double z = fabs(r->beta / r->se);
	/* p of 0, or the least number a program writes: an underflow, if beta and se say so too */
	if (r->nlp >= CON_NLP_FLOOR && prs_con_nlp_of_z(z) >= CON_NLP_FLOOR - 9)
		return false;
	if (isinf(r->nlp))
		return true;
	double zp = prs_con_z_of_nlp(r->nlp);
	return fabs(z - zp) > tol * fmax(1, fmax(z, zp));
}

static enum con_reason judge(const struct con_row *r, const struct prs_construct_opt *o)
{
	double maf = fmin(r->freq, 1 - r->freq);
	if (r->reason != CON_KEPT)
		return (enum con_reason)r->reason;
	if (!r->ea || !r->oa || r->ea == r->oa)
		return CON_NON_ACGT;
	if (r->nlp < 0)
		return CON_BAD_P;
	if (r->se <= 0)
		return CON_BAD_SE;
	if (isnan(r->beta) || isnan(r->se) || isnan(r->nlp))
		return CON_MISSING;
	if (isnan(r->n) || r->n < 10)
		return CON_NO_N;
	if (inconsistent(r, o->z_tol))
		return CON_INCONSISTENT;
	if (r->info < o->min_info)
		return CON_INFO;
	if (maf < o->min_maf || fmin(r->maf, 1 - r->maf) < o->min_maf)
		return CON_MAF;
	return CON_KEPT;
}

static int read_numbers(struct reader *rd, struct con_row *r)
{
	int rc = GRX_E_BUG;
	double z;
	GRX_TRY(read_effect(rd, r));
	GRX_TRY(read_n(rd, r));
	GRX_TRY(real(rd, K_NLP, &r->nlp));
	if (isnan(r->nlp))
		GRX_TRY(read_p(rd, &r->nlp));
	GRX_TRY(real(rd, K_Z, &z));
	GRX_TRY(real(rd, K_INFO, &r->info));
	GRX_TRY(real(rd, K_FREQ, &r->freq));
	GRX_TRY(real(rd, K_MAF, &r->maf));
	if (r->freq < 0 || r->freq > 1)
		return bad(rd, K_FREQ, "a frequency from 0 to 1");
	if (r->maf < 0 || r->maf > 1)
		return bad(rd, K_MAF, "a frequency from 0 to 1");
	rd->s->has_freq = rd->s->has_freq || !isnan(r->freq);
	complete(r, z, isnan(r->freq) ? r->maf : r->freq);
	rc = GRX_OK;
out:
	return rc;
}

static int read_row(struct reader *rd, char *line)
{
	int rc = GRX_E_BUG;
	struct con_sum *s = rd->s;
	struct con_row r = {.line = grx_text_lineno(rd->text), .snp = -1};
	int n = prs_con_split(line, rd->head.sep, rd->field, CON_MAX_COL + 1);
	if (n != rd->head.n_col)
		return grx_fail(rd->cx, GRX_E_DATA, "%s:%lld: %d columns, expected %d as in the header",
			s->path, (long long)r.line, n, rd->head.n_col);
	GRX_TRY(grx_grow(&s->row, &s->cap, s->n + 1, sizeof *s->row, CON_MAX_ROW));
	GRX_TRY(read_place(rd, &r));
	r.ea = base_of(cell(rd, K_EA));
	r.oa = base_of(cell(rd, K_OA));
	GRX_TRY(read_numbers(rd, &r));
	r.reason = (uint8_t)judge(&r, rd->o);
	s->row[s->n++] = r;
	rc = GRX_OK;
out:
	if (rc == GRX_E_NOMEM)
		return grx_fail_nomem(rd->cx, "summary statistics");
	return rc;
}

static int read_header(struct reader *rd)
{
	int rc = GRX_E_BUG;
	char *line;
	do {
		GRX_TRY(grx_text_line(rd->cx, rd->text, &line));
	} while (line && grx_starts(line, "##"));
	if (!line)
		return grx_fail(rd->cx, GRX_E_DATA, "%s: no header line: is the file empty?", rd->s->path);
	grx_str_add(&rd->head_line, line);
	if (rd->head_line.oom)
		return grx_fail_nomem(rd->cx, "header");
	GRX_TRY(prs_con_head(rd->cx, rd->s->path, grx_text_lineno(rd->text), rd->head_line.s, &rd->head));
	rd->s->by_id = rd->head.col[K_CHR] < 0 || rd->head.col[K_POS] < 0;
out:
	return rc;
}

/* A case-control study of 1,000 and 99,000 is worth 3,960 people, not 100,000. */
static void warn_cases(const struct reader *rd)
{
	const int *c = rd->head.col;
	bool effective = c[K_N] >= 0 && (strcasecmp(rd->head.name[c[K_N]], "neff") == 0 ||
						strcasecmp(rd->head.name[c[K_N]], "n_eff") == 0);
	if (c[K_OR] >= 0 && !effective && (c[K_NCASE] < 0 || c[K_NCTRL] < 0))
		grx_warn(rd->cx,
			"%s: odds ratios without columns of cases and controls: the sample size must be the "
			"effective one, 4/(1/cases + 1/controls)",
			rd->s->path);
}

int prs_con_sum_read(struct grx_ctx *cx, const struct prs_construct_opt *o, struct con_sum *s)
{
	int rc = GRX_E_BUG;
	char *line;
	struct reader rd = {.cx = cx, .o = o, .s = s};
	*s = (struct con_sum){.path = o->sumstats, .mem = grx_arena_new()};
	if (!s->mem)
		return grx_fail_nomem(cx, "summary statistics");
	GRX_TRY(grx_text_open(cx, o->sumstats, &rd.text));
	GRX_TRY(read_header(&rd));
	warn_cases(&rd);
	for (;;) {
		GRX_TRY(grx_text_line(cx, rd.text, &line));
		if (!line)
			break;
		if (*line != '\0')
			GRX_TRY(read_row(&rd, line));
	}
	if (s->n == 0)
		rc = grx_fail(cx, GRX_E_DATA, "%s: a header, but no rows", s->path);
out:
	grx_str_clear(&rd.head_line);
	grx_text_close(rd.text);
	return rc;
}

void prs_con_sum_free(struct con_sum *s)
{
	grx_free(s->row);
	grx_map_free(s->ids);
	grx_arena_free(s->mem);
	*s = (struct con_sum){0};
}
