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

/* Bits 0, 2, 4 ... of x side by side. */
static uint64_t even_bits(uint64_t x)
{
	x &= LOW;
	x = (x | x >> 1) & 0x3333333333333333u;
	x = (x | x >> 2) & 0x0f0f0f0f0f0f0f0fu;
	x = (x | x >> 4) & 0x00ff00ff00ff00ffu;
	x = (x | x >> 8) & 0x0000ffff0000ffffu;
	return (x | x >> 16) & 0x00000000ffffffffu;
}

void anc_planes_of(const uint64_t *row, int64_t n, struct anc_planes *p)
{
	struct anc_count c;
	anc_tally(row, n, &c);
	p->n = n;
	p->called = n - c.n[3];
	p->x = c.n[1] + 2 * c.n[2];
	p->xx = c.n[1] + 4 * c.n[2];
	for (int64_t w = 0; w < anc_words(n); w++) {
		uint64_t x = word_of(row, w, n), lo = even_bits(x), hi = even_bits(x >> 1), miss = lo & hi;
		int shift = w % 2 ? 32 : 0;
		if (!shift)
			p->one[w / 2] = p->two[w / 2] = p->have[w / 2] = 0;
		p->one[w / 2] |= (lo & ~miss) << shift;
		p->two[w / 2] |= (hi & ~miss) << shift;
		p->have[w / 2] |= (~miss & 0xffffffffu) << shift;
	}
}

/* Sums over people with both genotypes; all exact. */
struct pair_sums {
	int64_t n, x, y, xx, yy, xy;
};

#define COUNT(x) (uint64_t) __builtin_popcountll(x)

/* Sum of products; people without a genotype have neither bit. */
static inline __attribute__((always_inline)) int64_t product_body(
	const struct anc_planes *a, const struct anc_planes *b)
{
	uint64_t p1 = 0, p2 = 0, p4 = 0;
	for (int64_t w = 0; w < anc_plane_words(a->n); w++) {
		p1 += COUNT(a->one[w] & b->one[w]);
		p2 += COUNT((a->one[w] & b->two[w]) | (a->two[w] & b->one[w]));
		p4 += COUNT(a->two[w] & b->two[w]);
	}
	return (int64_t)(p1 + 2 * p2 + 4 * p4);
}

/* Sums of a over the people that b has too. */
static inline __attribute__((always_inline)) void within_body(
	const struct anc_planes *a, const struct anc_planes *b, int64_t sum[3])
{
	uint64_t n = 0, one = 0, two = 0;
	for (int64_t w = 0; w < anc_plane_words(a->n); w++) {
		n += COUNT(a->have[w] & b->have[w]);
		one += COUNT(a->one[w] & b->have[w]);
		two += COUNT(a->two[w] & b->have[w]);
	}
	sum[0] = (int64_t)n;
	sum[1] = (int64_t)(one + 2 * two);
	sum[2] = (int64_t)(one + 4 * two);
}

static inline __attribute__((always_inline)) void pair_body(
	const struct anc_planes *a, const struct anc_planes *b, struct pair_sums *s)
{
	int64_t x[3] = {a->called, a->x, a->xx}, y[3] = {b->called, b->x, b->xx};
	if (b->called < b->n)
		within_body(a, b, x);
	if (a->called < a->n)
		within_body(b, a, y);
	*s = (struct pair_sums){b->called < b->n ? x[0] : y[0], x[1], y[1], x[2], y[2], product_body(a, b)};
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("popcnt"))) static void tally_fast(const uint64_t *row, int64_t n, struct anc_count *c)
{
	tally_body(row, n, c);
}

__attribute__((target("popcnt"))) static void pair_fast(
	const struct anc_planes *a, const struct anc_planes *b, struct pair_sums *s)
{
	pair_body(a, b, s);
}

__attribute__((target("popcnt,avx512f,avx512vpopcntdq"))) static void pair_wide(
	const struct anc_planes *a, const struct anc_planes *b, struct pair_sums *s)
{
	pair_body(a, b, s);
}

static bool fast(void)
{
	return __builtin_cpu_supports("popcnt");
}

static bool wide(void)
{
	return __builtin_cpu_supports("avx512vpopcntdq");
}
#else
#define pair_wide  pair_body
#define tally_fast tally_body
#define pair_fast  pair_body

static bool fast(void)
{
	return false;
}

static bool wide(void)
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

double anc_r2(const struct anc_planes *a, const struct anc_planes *b)
{
	struct pair_sums s;
	if (wide())
		pair_wide(a, b, &s);
	else if (fast())
		pair_fast(a, b, &s);
	else
		pair_body(a, b, &s);
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
