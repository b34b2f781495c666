/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_geno.c -- genotypes at two bits a person: packing, counting, squared correlation. */
#include <string.h>

#include "base/mem.h"
#include "io/genosrc.h"
#include "stage/prs/anc_int.h"

#define LOW 0x5555555555555555u

/* Haploid calls count as two copies, half calls as missing. */
static const uint8_t code_bits[GRX_CP_N] = {[GRX_CP_0] = 0,
	[GRX_CP_1] = 1,
	[GRX_CP_2] = 2,
	[GRX_CP_NONE] = 3,
	[GRX_CP_HAP_0] = 0,
	[GRX_CP_HAP_1] = 2,
	[GRX_CP_HAP_NONE] = 3,
	[GRX_CP_HALF_0] = 3,
	[GRX_CP_HALF_1] = 3};

void anc_pack(const uint8_t *code, int64_t n, uint64_t *row)
{
	for (int64_t w = 0; w < anc_words(n); w++) {
		int64_t here = n - 32 * w < 32 ? n - 32 * w : 32;
		uint64_t x = here < 32 ? ~UINT64_C(0) << (2 * here) : 0;
		for (int64_t i = 0; i < here; i++)
			x |= (uint64_t)code_bits[code[32 * w + i]] << (2 * i);
		row[w] = x;
	}
}

int anc_get(const uint64_t *row, int64_t person)
{
	return (int)(row[person / 32] >> (2 * (person % 32)) & 3);
}

/* Word w of a row with the people from n on made missing. */
static inline __attribute__((always_inline)) uint64_t word_of(const uint64_t *row, int64_t w, int64_t n)
{
	int64_t here = n - 32 * w;
	return here < 32 ? row[w] | ~UINT64_C(0) << (2 * here) : row[w];
}

static inline __attribute__((always_inline)) void tally_body(
	const uint64_t *row, int64_t n, struct anc_count *c)
{
	int64_t one = 0, two = 0, miss = 0;
	for (int64_t w = 0; w < anc_words(n); w++) {
		uint64_t x = word_of(row, w, n), lo = x & LOW, hi = x >> 1 & LOW;
		one += __builtin_popcountll(lo & ~hi);
		two += __builtin_popcountll(hi & ~lo);
		miss += __builtin_popcountll(hi & lo);
	}
	miss -= 32 * anc_words(n) - n;
	*c = (struct anc_count){{n - one - two - miss, one, two, miss}};
}

/* Sums over people with both genotypes; all exact. */
struct pair_sums {
	int64_t n, x, y, xx, yy, xy;
};

static inline __attribute__((always_inline)) void pair_body(
	const uint64_t *a, const uint64_t *b, int64_t n, struct pair_sums *s)
{
	int64_t x1 = 0, x2 = 0, y1 = 0, y2 = 0, p11 = 0, p12 = 0, p22 = 0, here = 0;
	for (int64_t w = 0; w < anc_words(n); w++) {
		uint64_t x = word_of(a, w, n), y = word_of(b, w, n);
		uint64_t both = ~((x & x >> 1) | (y & y >> 1)) & LOW;
		uint64_t xl = x & both, xh = x >> 1 & both, yl = y & both, yh = y >> 1 & both;
		here += __builtin_popcountll(both);
		x1 += __builtin_popcountll(xl);
		x2 += __builtin_popcountll(xh);
		y1 += __builtin_popcountll(yl);
		y2 += __builtin_popcountll(yh);
		p11 += __builtin_popcountll(xl & yl);
		p12 += __builtin_popcountll((xl & yh) | (xh & yl));
		p22 += __builtin_popcountll(xh & yh);
	}
	*s = (struct pair_sums){
		here, x1 + 2 * x2, y1 + 2 * y2, x1 + 4 * x2, y1 + 4 * y2, p11 + 2 * p12 + 4 * p22};
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("popcnt"))) static void tally_fast(const uint64_t *row, int64_t n, struct anc_count *c)
{
	tally_body(row, n, c);
}

__attribute__((target("popcnt"))) static void pair_fast(
	const uint64_t *a, const uint64_t *b, int64_t n, struct pair_sums *s)
{
	pair_body(a, b, n, s);
}

static bool fast(void)
{
	return __builtin_cpu_supports("popcnt");
}
#else
#define tally_fast tally_body
#define pair_fast  pair_body

static bool fast(void)
{
	return false;
}
#endif

void anc_tally(const uint64_t *row, int64_t n, struct anc_count *c)
{
	if (fast())
		tally_fast(row, n, c);
	else
		tally_body(row, n, c);
}

double anc_r2(const uint64_t *a, const uint64_t *b, int64_t n)
{
	struct pair_sums s;
	if (fast())
		pair_fast(a, b, n, &s);
	else
		pair_body(a, b, n, &s);
	double xy = (double)s.n * (double)s.xy - (double)s.x * (double)s.y;
	double xx = (double)s.n * (double)s.xx - (double)s.x * (double)s.x;
	double yy = (double)s.n * (double)s.yy - (double)s.y * (double)s.y;
	return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0.0;
}

int anc_matrix_add(struct grx_ctx *cx, struct anc_matrix *m, const struct anc_locus *l, const uint64_t *row)
{
	size_t words = (size_t)anc_words(m->n_person), n = (size_t)m->n_locus;
	if (grx_grow(&m->word, &m->cap_word, (n + 1) * words, sizeof(*m->word), 0) != GRX_OK ||
		grx_grow(&m->locus, &m->cap_locus, n + 1, sizeof(*m->locus), 0) != GRX_OK)
		return grx_fail_nomem(cx, "genotypes of the panel");
	memcpy(m->word + n * words, row, words * sizeof(*row));
	m->locus[n] = *l;
	m->n_locus++;
	return GRX_OK;
}

void anc_matrix_clear(struct anc_matrix *m)
{
	grx_free(m->word);
	grx_free(m->locus);
	*m = (struct anc_matrix){.n_person = m->n_person, .n_train = m->n_train};
}
