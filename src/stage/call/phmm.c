/* SPDX-License-Identifier: GPL-3.0-or-later
 * phmm.c -- batches of pair-HMM jobs: grouping by band and length, interleaving into lanes, dispatch.
 * Grouping decides the cost only. Everything before and after the kernel is done for each job by itself. */
#include "stage/call/phmm.h"

#include <string.h>

#define MAX_LANES 16
#define ALIGN     64

/* float32: a path may lose 2^-226 against the start before it leaves the normal numbers. Every 8 rows (at
 * most 2^-15 each at the quality cap) lanes below 2^40 are lifted; 2^100 leaves room for the sum of a band
 * of 2^26 cells. */
#define PHMM_START_EXP    100
#define PHMM_START        0x1p100f
#define PHMM_LOW          0x1p40f
#define PHMM_RESCALE_ROWS 8
#define PHMM_ANY          0.25f
#define PHMM_HAS_N        1
#define PHMM_MASKED       2

/* Up to `lanes` jobs side by side: element [p * lanes + lane] of each array. Position p of a lane is
 * haplotype index p + dlo; row i, diagonal k read position i + k. */
struct group {
	int lanes, has_n;
	int32_t rows, rows_min, w,
		w_min; /* longest and shortest read, widest and narrowest band of the group */
	int32_t np;    /* positions: rows + w */
	int32_t *base; /* 0 outside of the haplotype */
	float *stay, *close, *ins, *del, *ext; /* M to M, gap to M, M to I, M to D, gap to gap before it */
	int32_t *q;                            /* rows */
	float *eq, *ne;
	float *m, *i, *d; /* w + 1 */
	int32_t *band, *nq, *exp2, *end_exp2;
	float *sum;
};

/* Probabilities by phred value. */
struct tables {
	float open[256], ext[256], ne[256]; /* ne: e / 3 */
};

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define PHMM_X86  1
#define PH_L      16
#define PH_TARGET __attribute__((target("avx512f")))
#include "stage/call/phmm_kernel.inc"
#define PH_L      8
#define PH_TARGET __attribute__((target("avx2")))
#include "stage/call/phmm_kernel.inc"
#else
#define PHMM_X86 0
#endif
#define PH_L 4
#define PH_TARGET
#include "stage/call/phmm_kernel.inc"

bool call_phmm_has_isa(enum call_phmm_isa isa)
{
	switch (isa) {
#if PHMM_X86
	case CALL_PHMM_AVX2:
		return __builtin_cpu_supports("avx2");
	case CALL_PHMM_AVX512:
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx2");
#endif
	case CALL_PHMM_AUTO:
	case CALL_PHMM_PORTABLE:
		return true;
	default:
		return false;
	}
}

/* AUTO takes AVX2 even where AVX-512 is there: measured on a Zen 4 at 1,000 jobs of 60-150 bases and bands of
 * 15-60, 8 lanes take 1.42 us a job and 16 take 1.53: the arrays of 16 lanes outgrow the first cache, and 16
 * jobs are less alike than 8. */
static int lanes_of(enum call_phmm_isa isa)
{
	if (isa == CALL_PHMM_AUTO)
		isa = call_phmm_has_isa(CALL_PHMM_AVX2) ? CALL_PHMM_AVX2 : CALL_PHMM_PORTABLE;
	return isa == CALL_PHMM_AVX512 ? 16 : isa == CALL_PHMM_AVX2 ? 8 : 4;
}

static void forward(struct group *g)
{
#if PHMM_X86
	if (g->lanes == 16) {
		forward_16(g);
		return;
	}
	if (g->lanes == 8) {
		forward_8(g);
		return;
	}
#endif
	forward_4(g);
}

/* 10^(-x/10), x = 0..9, from decimal constants and then exact steps of the same rounding everywhere: pow()
 * may differ by the last bit between CPUs. */
static void tables_init(struct tables *t)
{
	double p[256] = {1.0, 0.7943282347242815, 0.6309573444801932, 0.5011872336272722, 0.39810717055349726,
		0.31622776601683794, 0.251188643150958, 0.19952623149688797, 0.15848931924611134,
		0.12589254117941673};
	for (int x = 10; x < 256; x++)
		p[x] = p[x - 10] / 10.0;
	for (int x = 0; x < 256; x++) {
		double e = p[x < CALL_PHMM_CAP ? x : CALL_PHMM_CAP];
		if (e > 0.75)
			e = 0.75;
		t->open[x] = (float)(p[x] < 0.5 ? p[x] : 0.5);
		t->ext[x] = (float)p[x];
		t->ne[x] = (float)(e / 3.0);
	}
}

/* Natural logarithm of a positive normal number by frexp and the series of atanh; error below 2e-15. libm
 * chooses among variants by CPU, whose last bits may differ. */
static double ln_pos(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof(u));
	int e = (int)(u >> 52) - 1023;
	u = (u & 0xfffffffffffffu) | 0x3ff0000000000000u;
	memcpy(&x, &u, sizeof(x));
	if (x > 1.4142135623730951) {
		x *= 0.5;
		e++;
	}
	double s = (x - 1.0) / (x + 1.0), s2 = s * s, sum = 0;
	for (int k = 21; k >= 1; k -= 2)
		sum = sum * s2 + 1.0 / k;
	return 2.0 * s * sum + e * 0.6931471805599453;
}

static int32_t band_lo(const struct call_phmm_job *j)
{
	return j->dlo < -j->nq ? -j->nq : j->dlo;
}

/* Diagonals that touch the haplotype; <= 0: none. */
static int64_t band_width(const struct call_phmm_job *j)
{
	int64_t hi = j->dhi < j->h->n - 1 ? j->dhi : j->h->n - 1;
	return hi - band_lo(j) + 1;
}

static void fill_hap(const struct tables *t, const struct call_phmm_job *j, struct group *g, int lane)
{
	const struct call_phmm_hap *h = j->h;
	int32_t lo = band_lo(j), len = j->nq + g->band[lane] + 1;
	int32_t p0 = lo < 0 ? -lo : 0, p1 = (int64_t)h->n - lo < len ? h->n - lo : len;
	for (int32_t p = p0; p < p1; p++) {
		size_t x = (size_t)p * g->lanes + lane;
		g->base[x] = (uint8_t)h->s[p + lo];
		g->ins[x] = t->open[h->gop_ins[p + lo]];
		g->del[x] = t->open[h->gop_del[p + lo]];
		g->ext[x] = t->ext[h->gex[p + lo]];
	}
	if (p1 > p0 && memchr(h->s + p0 + lo, 'N', (size_t)(p1 - p0)))
		g->has_n = 1;
	if (p1 < len && p1 >= p0) { /* the boundary after the last base */
		size_t x = (size_t)p1 * g->lanes + lane;
		g->ins[x] = t->open[h->gop_ins[h->n]];
		g->del[x] = t->open[h->gop_del[h->n]];
		g->ext[x] = t->ext[h->gex[h->n]];
	}
}

static void fill_read(const struct tables *t, const struct call_phmm_job *j, struct group *g, int lane)
{
	for (int32_t i = 0; i < j->nq; i++) {
		size_t x = (size_t)i * g->lanes + lane;
		g->q[x] = (uint8_t)j->q[i];
		g->ne[x] = t->ne[j->qual[i]];
	}
}

/* A group of n <= lanes jobs, filled into the arrays of g. */
static void fill(const struct tables *t, struct call_phmm_job *const *j, int n, struct group *g)
{
	g->rows = g->w = 0;
	g->rows_min = g->w_min = INT32_MAX;
	g->has_n = 0;
	for (int l = 0; l < g->lanes; l++) {
		g->nq[l] = l < n ? j[l]->nq : 0;
		g->band[l] = l < n ? (int32_t)band_width(j[l]) : 0;
		g->exp2[l] = 0;
		if (l >= n)
			continue;
		g->rows = g->nq[l] > g->rows ? g->nq[l] : g->rows;
		g->rows_min = g->nq[l] < g->rows_min ? g->nq[l] : g->rows_min;
		g->w = g->band[l] > g->w ? g->band[l] : g->w;
		g->w_min = g->band[l] < g->w_min ? g->band[l] : g->w_min;
	}
	g->np = g->rows + g->w + 1;
	size_t pos = (size_t)g->np * g->lanes, row = (size_t)g->rows * g->lanes;
	memset(g->base, 0, pos * sizeof(*g->base));
	memset(g->ins, 0, pos * sizeof(*g->ins));
	memset(g->del, 0, pos * sizeof(*g->del));
	memset(g->ext, 0, pos * sizeof(*g->ext));
	memset(g->ne, 0, row * sizeof(*g->ne));
	memset(g->q, 0, row * sizeof(*g->q));
	for (int l = 0; l < n; l++) {
		fill_hap(t, j[l], g, l);
		fill_read(t, j[l], g, l);
	}
}

static void collect(struct call_phmm_job *const *j, int n, const struct group *g)
{
	for (int l = 0; l < n; l++) {
		if (!(g->sum[l] > 0))
			continue; /* stays at the floor */
		double ll = ln_pos(g->sum[l]) - (PHMM_START_EXP + g->end_exp2[l]) * 0.6931471805599453;
		j[l]->ll = ll > CALL_PHMM_FLOOR ? ll : CALL_PHMM_FLOOR;
	}
}

/* Groups of the widest kernel; a rest takes the narrowest kernel that holds it. */
static void run_sorted(struct call_phmm_job *const *j, size_t n, struct group *g, bool auto_isa)
{
	struct tables t;
	tables_init(&t);
	int lanes = g->lanes;
	for (size_t b = 0; b < n; b += (size_t)lanes) {
		int m = n - b < (size_t)lanes ? (int)(n - b) : lanes;
		while (auto_isa && g->lanes > 4 && m <= g->lanes / 2)
			g->lanes /= 2;
		fill(&t, j + b, m, g);
		forward(g);
		collect(j + b, m, g);
	}
	g->lanes = lanes;
}

static unsigned sort_key(const struct call_phmm_job *j, int by_band)
{
	int64_t v = by_band ? band_width(j) / 2 : j->nq / 4;
	return v > 255 ? 255 : (unsigned)v;
}

/* Stable counting sort by a coarse key: neighbours need only be similar. */
static void sort_jobs(struct call_phmm_job *const *from, struct call_phmm_job **to, size_t n, int by_band)
{
	size_t at[257] = {0};
	for (size_t i = 0; i < n; i++)
		at[sort_key(from[i], by_band) + 1]++;
	for (int k = 0; k < 256; k++)
		at[k + 1] += at[k];
	for (size_t i = 0; i < n; i++)
		to[at[sort_key(from[i], by_band)]++] = from[i];
}

/* One block for all arrays, for the longest read and the widest band of the batch. */
static int group_alloc(struct grx_arena *mem, struct group *g, int32_t rows, int32_t w)
{
	size_t lane = (size_t)g->lanes, pos = ((size_t)rows + (size_t)w + 1) * lane,
	       row = (size_t)rows * lane, band = ((size_t)w + 1) * lane;
	size_t n = 6 * pos + 3 * row + 3 * band + 5 * MAX_LANES;
	char *raw = grx_arena_alloc(mem, n + ALIGN / 4, 4);
	if (!raw)
		return GRX_E_NOMEM;
	void *start = raw + (ALIGN - (uintptr_t)raw % ALIGN) % ALIGN;
	float *p = start;
	float **f[] = {
		&g->stay, &g->close, &g->ins, &g->del, &g->ext, &g->eq, &g->ne, &g->m, &g->i, &g->d, &g->sum};
	size_t nf[] = {pos, pos, pos, pos, pos, row, row, band, band, band, MAX_LANES};
	for (size_t k = 0; k < sizeof(nf) / sizeof(*nf); k++, p += nf[k - 1])
		*f[k] = p;
	start = p;
	int32_t *x = start, **f2[] = {&g->base, &g->q, &g->band, &g->nq, &g->exp2, &g->end_exp2};
	size_t nf2[] = {pos, row, MAX_LANES, MAX_LANES, MAX_LANES, MAX_LANES};
	for (size_t k = 0; k < sizeof(nf2) / sizeof(*nf2); k++, x += nf2[k - 1])
		*f2[k] = x;
	return GRX_OK;
}

int call_phmm_run_isa(struct grx_arena *mem, struct call_phmm_job *j, size_t n, enum call_phmm_isa isa)
{
	int rc = GRX_E_BUG;
	if (!call_phmm_has_isa(isa))
		return rc;
	struct call_phmm_job **list = grx_arena_alloc(mem, n, 2 * sizeof(*list));
	if (!list)
		return GRX_E_NOMEM;
	size_t m = 0;
	int32_t rows = 0;
	int64_t w = 0;
	for (size_t i = 0; i < n; i++) {
		if (j[i].nq > CALL_PHMM_MAX_LEN || j[i].h->n > CALL_PHMM_MAX_LEN)
			return rc;
		j[i].ll = j[i].nq > 0 ? CALL_PHMM_FLOOR : 0;
		if (j[i].nq <= 0 || j[i].h->n <= 0 || band_width(&j[i]) <= 0)
			continue;
		list[m++] = &j[i];
		rows = j[i].nq > rows ? j[i].nq : rows;
		w = band_width(&j[i]) > w ? band_width(&j[i]) : w;
	}
	if (m == 0)
		return GRX_OK;
	sort_jobs(list, list + n, m, 0);
	sort_jobs(list + n, list, m, 1);
	struct group g = {.lanes = lanes_of(isa)};
	GRX_TRY(group_alloc(mem, &g, rows, (int32_t)w));
	run_sorted(list, m, &g, isa == CALL_PHMM_AUTO);
	rc = GRX_OK;
out:
	return rc;
}

int call_phmm_run(struct grx_arena *mem, struct call_phmm_job *j, size_t n)
{
	return call_phmm_run_isa(mem, j, n, CALL_PHMM_AUTO);
}
