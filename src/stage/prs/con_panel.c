/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_panel.c -- the LD panel in memory: two bits a genotype, correlations by counting bits.
 * A correlation comes from sums of whole numbers, so its bits are the same on every machine. Missing
 * genotypes stand at the mean: the matrix of a block stays positive semidefinite. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/genosrc.h"
#include "stage/prs/con_int.h"

#define MAX_BITS ((size_t)1 << 40)
/* Of another build half of the alleles differ; of the same one, one in a hundred. */
enum { MIN_MET = 50 };
#define MAX_MISMATCH  0.2
#define MAX_FREQ_DIFF 0.5

void prs_con_panel_free(struct con_panel *p)
{
	grx_free(p->bits);
	grx_free(p->mean);
	grx_free(p->norm);
	grx_arena_free(p->mem);
	*p = (struct con_panel){0};
}

int prs_con_panel_init(struct grx_ctx *cx, struct con_panel *p, int n_person, const char *const *name)
{
	*p = (struct con_panel){
		.n_person = n_person, .nw = ((size_t)n_person + 63) / 64, .mem = grx_arena_new()};
	p->sample = p->mem ? grx_arena_alloc(p->mem, (size_t)n_person, sizeof *p->sample) : NULL;
	if (!p->sample)
		return grx_fail_nomem(cx, "LD panel");
	for (int i = 0; i < n_person; i++) {
		p->sample[i] = grx_arena_strdup(p->mem, name[i]);
		if (!p->sample[i])
			return grx_fail_nomem(cx, "LD panel");
	}
	return GRX_OK;
}

/* Mean and 1/norm from the counts. */
static void moments(struct con_panel *p, size_t i, const int64_t count[3])
{
	double n = (double)(count[0] + count[1] + count[2]);
	double sum = (double)(count[1] + 2 * count[2]), sum2 = (double)(count[1] + 4 * count[2]);
	double ss = sum2 - sum * sum / n;
	p->mean[i] = sum / n;
	p->norm[i] = ss > 0 ? 1 / sqrt(ss) : 0;
}

int prs_con_panel_add(struct grx_ctx *cx, struct con_panel *p, const uint8_t *code)
{
	int64_t count[3] = {0};
	if (grx_grow(&p->bits, &p->cap_bits, (p->n + 1) * 2 * p->nw, sizeof *p->bits, MAX_BITS) != 0 ||
		grx_grow(&p->mean, &p->cap_mean, p->n + 1, sizeof *p->mean, INT32_MAX) != 0 ||
		grx_grow(&p->norm, &p->cap_norm, p->n + 1, sizeof *p->norm, INT32_MAX) != 0)
		return grx_fail_nomem(cx, "LD panel");
	uint64_t *one = p->bits + p->n * 2 * p->nw, *two = one + p->nw;
	memset(one, 0, 2 * p->nw * sizeof *one);
	for (int i = 0; i < p->n_person; i++) {
		uint64_t bit = (uint64_t)1 << (i & 63);
		size_t w = (size_t)i >> 6;
		if (code[i] <= GRX_CP_2)
			count[code[i]]++;
		one[w] |= code[i] == GRX_CP_1 || code[i] == GRX_CP_2 ? bit : 0;
		two[w] |= code[i] == GRX_CP_2 || code[i] > GRX_CP_2 ? bit : 0;
	}
	moments(p, p->n, count);
	p->n++;
	return GRX_OK;
}

/* Sums over people known at both: of x y, x, y, 1. */
struct pair {
	int64_t xy, x, y, n;
};

#define POP(v) ((int64_t)__builtin_popcountll(v))
/* One text for both instruction sets. */
#define PAIR_LOOP                                                                                            \
	struct pair s = {0};                                                                                 \
	for (size_t w = 0; w < nw; w++) {                                                                    \
		uint64_t miss = (b[w] & ~a[w]) | (d[w] & ~c[w]);                                             \
		uint64_t a1 = a[w] & ~miss, b1 = b[w] & a1, c1 = c[w] & ~miss, d1 = d[w] & c1;               \
		s.xy += POP(a1 & c1) + POP(a1 & d1) + POP(b1 & c1) + POP(b1 & d1);                           \
		s.x += POP(a1) + POP(b1);                                                                    \
		s.y += POP(c1) + POP(d1);                                                                    \
		s.n += POP(miss);                                                                            \
	}                                                                                                    \
	return s

static struct pair pair_plain(
	const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d, size_t nw)
{
	PAIR_LOOP;
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static struct pair pair_popcnt(
	const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d, size_t nw)
{
	PAIR_LOOP;
}

static bool has_popcnt(void)
{
	return __builtin_cpu_supports("popcnt");
}
#else
#define pair_popcnt pair_plain
static bool has_popcnt(void)
{
	return false;
}
#endif

double prs_con_r(const struct con_panel *p, size_t i, size_t j)
{
	const uint64_t *a = p->bits + i * 2 * p->nw, *c = p->bits + j * 2 * p->nw;
	struct pair s = (has_popcnt() ? pair_popcnt : pair_plain)(a, a + p->nw, c, c + p->nw, p->nw);
	double n = p->n_person - (double)s.n;
	double cov = (double)s.xy - p->mean[i] * (double)s.y - p->mean[j] * (double)s.x +
		     n * p->mean[i] * p->mean[j];
	double r = cov * p->norm[i] * p->norm[j];
	return r > 1 ? 1 : r < -1 ? -1 : r;
}

void prs_con_dosage(const struct con_panel *p, size_t i, double *x)
{
	const uint64_t *one = p->bits + i * 2 * p->nw, *two = one + p->nw;
	for (int k = 0; k < p->n_person; k++) {
		int o = (int)(one[k >> 6] >> (k & 63) & 1), t = (int)(two[k >> 6] >> (k & 63) & 1);
		x[k] = t && !o ? p->mean[i] : o + t;
	}
}

static int by_place(const void *pa, const void *pb)
{
	const struct con_snp *a = pa, *b = pb;
	if (a->chrom != b->chrom)
		return a->chrom < b->chrom ? -1 : 1;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static void fill_snp(struct con_data *d, const struct con_row *r, struct con_snp *s)
{
	double scale = sqrt(r->n * r->se * r->se + r->beta * r->beta), f = d->panel.mean[r->snp] / 2;
	*s = (struct con_snp){.g = (size_t)r->snp,
		.pos = r->pos,
		.line = r->line,
		.id = r->id,
		.chrom = r->chrom,
		.ea = r->ea,
		.oa = r->oa,
		.n = r->n,
		.nlp = r->nlp,
		.scale = scale,
		.bhat = r->beta / scale,
		.freq = f};
	if (r->unscaled) /* a copy is worth more where copies vary less */
		s->scale = 1 / sqrt(2 * f * (1 - f));
	if (s->nlp >= CON_NLP_FLOOR)
		s->nlp = prs_con_nlp_of_z(r->beta / r->se);
}

/* Of rows that meet the panel some contradict it; many tell that the whole does. */
static int check_whole(struct grx_ctx *cx, const struct con_data *d)
{
	int64_t n[CON_N_REASON];
	int most = CON_MISSING;
	prs_con_count(&d->sum, n);
	for (int k = CON_MISSING; k < CON_N_REASON; k++)
		most = n[k] > n[most] ? k : most;
	int64_t met = n[CON_KEPT] + n[CON_MISMATCH], told = n[CON_KEPT] + n[CON_FREQ_DIFF];
	if (n[CON_KEPT] == 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s and %s share no usable variant (%lld of %zu rows: %s): are both of the same "
			"genome "
			"build, and of the same naming?",
			d->sum.path, d->o->ld, (long long)n[most], d->sum.n,
			prs_con_reason_name((enum con_reason)most));
	if (met >= MIN_MET && (double)n[CON_MISMATCH] > MAX_MISMATCH * (double)met)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %lld of the %lld rows whose places are in %s have other alleles there: is the "
			"genome "
			"build the same?",
			d->sum.path, (long long)n[CON_MISMATCH], (long long)met, d->o->ld);
	if (told >= MIN_MET && (double)n[CON_FREQ_DIFF] > MAX_FREQ_DIFF * (double)told)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: in %lld of %lld rows the frequency differs from that of %s: is it that of the "
			"effect "
			"allele, is the effect allele the right one, and the panel of the GWAS's ancestry? "
			"--freq-diff 1 lets them pass",
			d->sum.path, (long long)n[CON_FREQ_DIFF], (long long)told, d->o->ld);
	return GRX_OK;
}

int prs_con_snps(struct grx_ctx *cx, struct con_data *d)
{
	struct con_sum *s = &d->sum;
	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].reason == CON_KEPT && s->row[i].snp < 0)
			s->row[i].reason = s->row[i].seen ? CON_MISMATCH : CON_NOT_IN_PANEL;
	int rc = check_whole(cx, d);
	if (rc != GRX_OK)
		return rc;
	d->snp = grx_calloc(d->panel.n, sizeof *d->snp);
	d->bhat = grx_malloc(d->panel.n, sizeof *d->bhat);
	d->n = grx_malloc(d->panel.n, sizeof *d->n);
	if (!d->snp || !d->bhat || !d->n)
		return grx_fail_nomem(cx, "variants");
	for (size_t i = 0; i < s->n; i++) {
		const struct con_row *r = &s->row[i];
		if (r->reason == CON_KEPT)
			fill_snp(d, r, &d->snp[d->m++]);
	}
	qsort(d->snp, d->m, sizeof *d->snp, by_place);
	for (size_t i = 0; i < d->m; i++) {
		d->bhat[i] = d->snp[i].bhat;
		d->n[i] = d->snp[i].n;
	}
	return GRX_OK;
}
