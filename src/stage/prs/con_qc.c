/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_qc.c -- checks of summary statistics among themselves and against the panel.
 * Which of two contradicting rows is right nobody can tell, so neither is used. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "io/genosrc.h"
#include "stage/prs/con_int.h"

#define MAX_PANEL_MISSING 0.1
#define PAL_EDGE          0.42 /* a palindrome with a minor allele more common than that cannot be told */

static const char *const reason_name[CON_N_REASON] = {"kept", "value_missing", "no_position", "not_autosome",
	"not_acgt", "bad_se", "bad_p", "inconsistent_p", "no_n", "info_low", "maf_low", "duplicate",
	"n_outlier", "not_in_panel", "allele_mismatch", "palindromic", "frequency_differs", "panel_missing",
	"panel_maf_low"};

const char *prs_con_reason_name(enum con_reason r)
{
	return reason_name[r];
}

void prs_con_count(const struct con_sum *s, int64_t count[CON_N_REASON])
{
	memset(count, 0, CON_N_REASON * sizeof *count);
	for (size_t i = 0; i < s->n; i++)
		count[s->row[i].reason]++;
}

static char other_strand(char c)
{
	return c == 'A' ? 'T' : c == 'T' ? 'A' : c == 'C' ? 'G' : 'C';
}

static int by_place(const void *pa, const void *pb)
{
	const struct con_row *a = pa, *b = pb;
	if (a->chrom != b->chrom)
		return a->chrom < b->chrom ? -1 : 1;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	return a->line < b->line ? -1 : 1;
}

static int by_id(const void *pa, const void *pb)
{
	const struct con_row *a = pa, *b = pb;
	int c = strcmp(a->id ? a->id : "", b->id ? b->id : "");
	return c != 0 ? c : a->line < b->line ? -1 : 1;
}

static bool same_place(const struct con_sum *s, const struct con_row *a, const struct con_row *b)
{
	if (s->by_id)
		return grx_streq(a->id, b->id);
	return a->chrom == b->chrom && a->pos == b->pos;
}

/* The same variant, on either strand and in either order. */
static bool same_variant(const struct con_row *a, const struct con_row *b)
{
	for (int flip = 0; flip < 2; flip++) {
		char e = flip ? other_strand(b->ea) : b->ea, o = flip ? other_strand(b->oa) : b->oa;
		if ((a->ea == e && a->oa == o) || (a->ea == o && a->oa == e))
			return true;
	}
	return false;
}

static bool same_values(const struct con_row *a, const struct con_row *b)
{
	return a->ea == b->ea && a->oa == b->oa && a->beta == b->beta && a->se == b->se && a->n == b->n;
}

/* Rows [beg, end) of one place; at most four variants, so the inner loop runs four times at most. */
static void mark_duplicates(struct con_row *row, size_t beg, size_t end)
{
	for (size_t i = beg; i < end; i++) {
		bool clash = false;
		for (size_t j = i + 1; row[i].reason == CON_KEPT && j < end; j++) {
			if (row[j].reason != CON_KEPT || !same_variant(&row[i], &row[j]))
				continue;
			clash = clash || !same_values(&row[i], &row[j]);
			row[j].reason = CON_DUPLICATE;
		}
		if (clash)
			row[i].reason = CON_DUPLICATE;
	}
}

static void duplicates(struct con_sum *s)
{
	for (size_t i = 0; i < s->n;) {
		size_t e = i + 1;
		while (e < s->n && same_place(s, &s->row[i], &s->row[e]))
			e++;
		bool placed = s->by_id ? s->row[i].id != NULL : s->row[i].pos > 0;
		if (placed && e - i > 1)
			mark_duplicates(s->row, i, e);
		i = e;
	}
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;
	return a < b ? -1 : a > b;
}

static int n_outliers(struct grx_ctx *cx, struct con_sum *s)
{
	size_t k = 0;
	double *n = grx_malloc(s->n, sizeof *n);
	if (!n)
		return grx_fail_nomem(cx, "sample sizes");
	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].reason == CON_KEPT)
			n[k++] = s->row[i].n;
	qsort(n, k, sizeof *n, by_value);
	double limit = k ? 0.67 * n[(size_t)(0.9 * (double)(k - 1))] : 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].reason == CON_KEPT && s->row[i].n < limit)
			s->row[i].reason = CON_N_OUTLIER;
	grx_free(n);
	return GRX_OK;
}

static int index_ids(struct grx_ctx *cx, struct con_sum *s)
{
	s->ids = grx_map_new();
	if (!s->ids)
		return grx_fail_nomem(cx, "IDs");
	for (size_t i = 0; i < s->n; i++) {
		struct con_row *r = &s->row[i];
		if (r->id && (i == 0 || !grx_streq(r->id, s->row[i - 1].id)) &&
			grx_map_set(s->ids, r->id, r) != 0)
			return grx_fail_nomem(cx, "IDs");
	}
	return GRX_OK;
}

int prs_con_qc_rows(struct grx_ctx *cx, struct con_sum *s)
{
	int64_t count[CON_N_REASON];
	prs_con_count(s, count);
	int64_t tested = count[CON_KEPT] + count[CON_INCONSISTENT] + count[CON_INFO] + count[CON_MAF];
	if (count[CON_INCONSISTENT] * 2 > tested && tested >= 10)
		return grx_fail(cx, GRX_E_DATA,
			"%s: in %lld of %lld rows beta/se contradicts p: is the standard error that of the "
			"odds ratio, or the "
			"effect not on the log scale?",
			s->path, (long long)count[CON_INCONSISTENT], (long long)tested);
	qsort(s->row, s->n, sizeof *s->row, s->by_id ? by_id : by_place);
	duplicates(s);
	int rc = n_outliers(cx, s);
	return rc == GRX_OK && s->by_id ? index_ids(cx, s) : rc;
}

struct con_row *prs_con_row_find(const struct con_sum *s, int chrom, int64_t pos, size_t *n)
{
	struct con_row key = {.chrom = (int8_t)chrom, .pos = pos};
	size_t lo = 0, hi = s->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (by_place(&s->row[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; lo + *n < s->n && s->row[lo + *n].chrom == chrom && s->row[lo + *n].pos == pos;)
		++*n;
	return s->row + lo;
}

/* Does the panel's ALT stand for the effect allele (1), the other allele (0), or neither (-1)? */
static int orient(const struct con_row *r, char ref, char alt)
{
	for (int flip = 0; flip < 2; flip++) {
		char e = flip ? other_strand(r->ea) : r->ea, o = flip ? other_strand(r->oa) : r->oa;
		if (e == alt && o == ref)
			return 1;
		if (e == ref && o == alt)
			return 0;
	}
	return -1;
}

static double minor(double f)
{
	return fmin(f, 1 - f);
}

/* f: panel frequency of the allele that has the letter of the effect allele. 1 same strand, 0 other, -1
 * unknown. */
static int palindrome_strand(double row, double f)
{
	if (isnan(row) || minor(row) > PAL_EDGE || minor(f) > PAL_EDGE)
		return -1;
	return (row < 0.5) == (f < 0.5);
}

static double alt_frequency(const struct con_panel *p, const uint8_t *code, double *known)
{
	int64_t n = 0, sum = 0;
	for (int i = 0; i < p->n_person; i++) {
		if (code[i] > GRX_CP_2)
			continue;
		n++;
		sum += code[i];
	}
	*known = (double)n / p->n_person;
	return n ? (double)sum / (2.0 * (double)n) : NAN;
}

/* Reason of the row against a panel variant; *way as of orient(), turned for a palindrome of the other
 * strand. */
static enum con_reason against_panel(
	const struct con_data *d, const struct con_row *r, const uint8_t *code, int *way)
{
	double known, fa = alt_frequency(&d->panel, code, &known);
	if (1 - known > MAX_PANEL_MISSING)
		return CON_PANEL_MISSING;
	if (minor(fa) < d->o->min_maf || minor(fa) <= 0)
		return CON_PANEL_MAF;
	if (other_strand(r->ea) == r->oa) {
		int same = palindrome_strand(r->freq, *way ? fa : 1 - fa);
		/* rarely is the strand another one: not where drift would do as well */
		if (same < 0 || (!same && fabs(r->freq - (*way ? fa : 1 - fa)) <= d->o->freq_diff))
			return CON_PALINDROMIC;
		*way = same ? *way : 1 - *way;
	}
	if (fabs(r->freq - (*way ? fa : 1 - fa)) > d->o->freq_diff)
		return CON_FREQ_DIFF;
	return CON_KEPT;
}

int prs_con_panel_match(
	struct grx_ctx *cx, struct con_data *d, struct con_row *r, const struct con_allele *a, uint8_t *code)
{
	r->seen = true;
	if (r->reason != CON_KEPT || r->snp >= 0 || strlen(a->ref) != 1 || strlen(a->alt) != 1)
		return GRX_OK;
	int way = orient(r, a->ref[0], a->alt[0]);
	if (way < 0)
		return GRX_OK;
	enum con_reason why = against_panel(d, r, code, &way);
	if (why != CON_KEPT) {
		r->reason = (uint8_t)why;
		return GRX_OK;
	}
	for (int i = 0; way == 0 && i < d->panel.n_person; i++)
		code[i] = code[i] <= GRX_CP_2 ? (uint8_t)(2 - code[i]) : code[i];
	if (d->sum.by_id) {
		r->chrom = (int8_t)a->chrom;
		r->pos = a->pos;
	}
	/* by the panel's letters: a row of the other strand would be read as one of this, and with A/T or C/G
	 * the other allele with it */
	r->ea = (way ? a->alt : a->ref)[0];
	r->oa = (way ? a->ref : a->alt)[0];
	r->snp = (int32_t)d->panel.n;
	return prs_con_panel_add(cx, &d->panel, code);
}
