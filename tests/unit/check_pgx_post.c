/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_pgx_post.c -- the posterior of diplotypes: worked examples, a plain enumeration beside the fast sums,
 * the likelihoods of records, the frequency table, and what may be said of doubtful genotypes. Run from the
 * project root. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bio/contig.h"
#include "io/text.h"
#include "stage/pgx/posterior.h"
#include "stage/pgx/store.h"

static struct pgx_table *table;
static struct grx_ctx cx;
static struct grx_arena *mem;
static const struct pgx_opt opt = {.min_gq = 10, .min_dp = 4, .min_posterior = 0.9};
static uint64_t seed = 7;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.refdata = "refdata";
	mem = grx_arena_new();
	ck_assert_msg(pgx_table_load(&cx, NULL, &table) == GRX_OK, "%s", cx.err.msg);
	ck_assert_msg(pgx_model_load(&cx, table, "global") == GRX_OK, "%s", cx.err.msg);
}

static void teardown(void)
{
	pgx_table_free(table);
	grx_arena_free(mem);
}

/* ---- a gene made by hand: three loci, alleles *1 none, *2 first, *3 second, *4 first and second ----------
 */

static struct pgx_gene toy;
static struct pgx_locus toy_locus[3];
static struct pgx_allele toy_allele[5];
static struct pgx_obs toy_obs[3];
static struct pgx_table toy_table;
static uint32_t toy_mask[5][3];
static uint8_t toy_core[5][3];
static const char *toy_alt[] = {"T"};

static void make_toy(enum pgx_method method, const double *prior)
{
	static const char *const names[] = {"*1", "*2", "*3", "*4", "*5"};
	static const char *const scores[] = {"1.0", "0.0", "0.5", "0.0", "0.0"};
	static const double values[] = {1, 0, 0.5, 0, 0};
	static const int carries[5][3] = {{0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0}, {0, 0, 1}};
	int n = method == PGX_LOWEST ? 4 : 4;
	memset(&toy, 0, sizeof toy);
	for (int l = 0; l < 3; l++) {
		toy_locus[l] = (struct pgx_locus){.chrom = "chr1",
			.ref = "A",
			.rsid = "rs",
			.pos = 10 * l,
			.n_alt = 1,
			.alt = toy_alt,
			.alts = "T"};
		toy_obs[l] = (struct pgx_obs){
			.state = PGX_NO_RECORD, .ps = GRX_INT_MISSING, .dp = -1, .gq = -1};
	}
	for (int k = 0; k < n; k++) {
		int a = method == PGX_LOWEST && k == 3 ? 4
						       : k; /* there *5 at the third locus instead of *4 */
		toy_allele[k] = (struct pgx_allele){.name = names[a],
			.shown = names[a],
			.function = scores[a],
			.score_text = scores[a],
			.score = values[a],
			.has_score = true,
			.is_ref = !k,
			.mask = toy_mask[k],
			.core = toy_core[k],
			.wobble = toy_core[0]};
		for (int l = 0; l < 3; l++) {
			toy_mask[k][l] = carries[a][l] ? 2 : 1;
			toy_core[k][l] = (uint8_t)carries[a][l];
		}
	}
	memset(toy_core[0], 0, sizeof toy_core[0]);
	toy = (struct pgx_gene){.name = "TOY",
		.method = method,
		.by_score = true,
		.n_locus = 3,
		.n_allele = n,
		.allele = toy_allele,
		.hap_intron = -1,
		.hap_exon = -1,
		.hap_both = -1,
		.hap_intron_only = -1};
	toy_table = (struct pgx_table){
		.mem = mem, .n_gene = 1, .n_locus = 3, .gene = &toy, .locus = toy_locus};
	ck_assert_msg(pgx_model_load(&cx, &toy_table, "global") == GRX_OK, "%s", cx.err.msg);
	for (int k = 0; k < n; k++) {
		ck_assert(fabs(toy.model->prior[k] - (method == PGX_LOWEST ? 0.25 : 0.25)) < 1e-12);
		toy.model->prior[k] = prior[k];
	}
}

/* GT a/b or a|b at a locus. */
static struct pgx_obs *shows(int l, int a, int b, bool phased, int gq)
{
	struct pgx_obs *o = &toy_obs[l];
	*o = (struct pgx_obs){.state = PGX_OK,
		.code = {(int8_t)a, (int8_t)b},
		.gt = {(int8_t)a, (int8_t)b},
		.phased = phased,
		.ps = GRX_INT_MISSING,
		.dp = -1,
		.gq = gq};
	return o;
}

static double prob_of_pair(const char *pair)
{
	struct pgx_data d;
	struct pgx_dips none = {0};
	struct pgx_post p;
	ck_assert_int_eq(pgx_data_make(mem, &toy_table, &toy, toy_obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_post_exact(mem, &d, &none, &none, &p), GRX_OK);
	return pgx_prob_of(&p.alt, pair);
}

static const double priors[] = {0.7, 0.2, 0.08, 0.02};

#define NEAR(x, y) ck_assert_msg(fabs((x) - (y)) < 5e-7, "%.7f, expected %.7f", (x), (y))

START_TEST(worked_examples)
{
	static const uint16_t pl[] = {20, 0, 20}, sure[] = {6000, 0, 6000};
	make_toy(PGX_EXACT, priors);
	/* nothing seen: the prior, 2 x 0.7 x 0.2 */
	NEAR(prob_of_pair("*1/*2"), 0.28);
	NEAR(prob_of_pair("*1/*1"), 0.49);
	/* first locus 0/1 with PL 20,0,20, the others missing: copies with REF there 0.78, with ALT 0.22;
	 * 0.28 / (0.78^2 0.01 + 2 0.78 0.22 + 0.22^2 0.01) */
	struct pgx_obs *o = shows(0, 0, 1, false, -1);
	o->pl = pl;
	o->n_code = 2;
	NEAR(prob_of_pair("*1/*2"), 0.28 / 0.349768);
	NEAR(prob_of_pair("*2/*2"), 0.04 * 0.01 / 0.349768);
	/* both loci certainly heterozygous, phase unknown: 2 0.7 0.02 against 2 0.2 0.08 */
	o->pl = sure;
	shows(2, 0, 0, false, 99);
	o = shows(1, 0, 1, false, -1);
	o->pl = sure;
	o->n_code = 2;
	NEAR(prob_of_pair("*1/*4"), 0.028 / 0.060);
	NEAR(prob_of_pair("*2/*3"), 0.032 / 0.060);
	/* phased onto one copy: certain; and with PQ 10, wrong once in ten: 0.028 x 0.9 against 0.032 x 0.1
	 */
	toy_obs[0].phased = toy_obs[1].phased = true;
	NEAR(prob_of_pair("*1/*4"), 1.0);
	toy_obs[1].pq = 10;
	NEAR(prob_of_pair("*1/*4"), 0.0252 / (0.0252 + 0.0032));
	/* in phase sets of their own they say nothing about one another */
	toy_obs[0].ps = 5;
	toy_obs[1].ps = 9;
	NEAR(prob_of_pair("*1/*4"), 0.028 / 0.060);
}
END_TEST

START_TEST(from_quality_alone)
{
	make_toy(PGX_EXACT, priors);
	/* 0/1 with GQ 20: 0.99; either homozygote is one allele away and has half of 0.01 */
	shows(0, 0, 1, false, 20);
	double z = 0.78 * 0.78 * 0.005 + 2 * 0.78 * 0.22 * 0.99 + 0.22 * 0.22 * 0.005;
	NEAR(prob_of_pair("*1/*2"), 0.28 * 0.99 / z);
	/* 0/0 with GQ 20: 0.99, 0.01 and, two alleles away, 0.0001 */
	shows(0, 0, 0, false, 20);
	z = 0.78 * 0.78 * 0.99 + 2 * 0.78 * 0.22 * 0.01 + 0.22 * 0.22 * 0.0001;
	NEAR(prob_of_pair("*1/*1"), 0.49 * 0.99 / z);
	NEAR(prob_of_pair("*1/*2"), 0.28 * 0.01 / z);
	/* haploid 1 with GQ 20 */
	shows(0, 1, PGX_ABSENT, true, 20)->haploid = true;
	toy.sexlinked = true;
	NEAR(prob_of_pair("*2"), 0.2 * 0.99 / (0.22 * 0.99 + 0.78 * 0.01));
	/* no quality: 1e-6 */
	toy.sexlinked = false;
	toy.model->prior[1] = 1e-7;
	shows(0, 0, 1, false, -1);
	double ref = 0.7 + 0.08, alt = 1e-7 + 0.02;
	z = ref * ref * 0.5e-6 + 2 * ref * alt * (1 - 1e-6) + alt * alt * 0.5e-6;
	NEAR(prob_of_pair("*1/*4"), 2 * 0.7 * 0.02 * (1 - 1e-6) / z);
}
END_TEST

START_TEST(every_variant_counts)
{
	/* carriers of *2 (0.0), *3 (0.5) and *5 (0.0) by 0.2, 0.08 and 0.02 of copies, apart from one another
	 */
	static const double f[] = {0.7, 0.2, 0.08, 0.02};
	struct pgx_data d;
	struct pgx_post p;
	make_toy(PGX_LOWEST, f);
	/* *2 and *3 certainly heterozygous, phase unknown, third locus certainly REF: on one copy 0.0 + 1.0,
	 * on two 0.0 + 0.5, equally likely */
	shows(0, 0, 1, false, 200);
	shows(1, 0, 1, false, 200);
	shows(2, 0, 0, false, 200);
	ck_assert_int_eq(pgx_data_make(mem, &toy_table, &toy, toy_obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_post_lowest(mem, &d, &p), GRX_OK);
	NEAR(pgx_prob_of(&p.act, "1.0"), 0.5);
	NEAR(pgx_prob_of(&p.act, "0.5"), 0.5);
	/* phased onto one copy, the third locus missing: *5 on the copy with *2 changes nothing, on the other
	 * it does */
	toy_obs[0].phased = toy_obs[1].phased = true;
	toy_obs[2].state = PGX_NO_RECORD;
	ck_assert_int_eq(pgx_data_make(mem, &toy_table, &toy, toy_obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_post_lowest(mem, &d, &p), GRX_OK);
	NEAR(pgx_prob_of(&p.act, "1.0"), 0.98);
	NEAR(pgx_prob_of(&p.act, "0.0"), 0.02);
	NEAR(p.shown, 0.98 * 0.98);
	/* one locus with PL 20,0,20: HWE times likelihood */
	static const uint16_t pl[] = {20, 0, 20};
	shows(0, 0, 1, false, -1)->pl = pl;
	toy_obs[0].n_code = 2;
	shows(1, 0, 0, false, 200);
	shows(2, 0, 0, false, 200);
	ck_assert_int_eq(pgx_data_make(mem, &toy_table, &toy, toy_obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_post_lowest(mem, &d, &p), GRX_OK);
	double z = 0.64 * 0.01 + 0.32 + 0.04 * 0.01;
	NEAR(pgx_prob_of(&p.act, "1.0"), 0.32 / z);
	NEAR(pgx_prob_of(&p.act, "2.0"), 0.0064 / z);
	NEAR(p.shown, 0.32 / z);
}
END_TEST

/* ---- the fast sums against a plain one ------------------------------------------------------------------
 */

/* A sample that carries x and y, likelihoods at random around that. */
static void carry(const struct pgx_gene *g, int x, int y, struct pgx_obs *obs)
{
	int phase = (int)rnd(3);
	for (int l = 0; l < g->n_locus; l++) {
		struct pgx_obs *o = &obs[g->first + l];
		int k = table->locus[g->first + l].n_alt + 1, n = k * (k + 1) / 2, c[2] = {0, 0};
		uint16_t *pl = grx_arena_alloc(mem, (size_t)n, sizeof *pl);
		while (!(g->allele[x].mask[l] >> c[0] & 1u))
			c[0]++;
		while (!(g->allele[y].mask[l] >> c[1] & 1u))
			c[1]++;
		*o = (struct pgx_obs){.state = rnd(8) ? PGX_OK : PGX_NOCALL,
			.code = {(int8_t)c[0], (int8_t)c[1]},
			.gt = {(int8_t)c[0], (int8_t)c[1]},
			.phased = phase == 1 || (phase == 2 && rnd(2)),
			.ps = phase == 2 && rnd(2) ? 3 : GRX_INT_MISSING,
			.dp = -1,
			.gq = (int32_t)rnd(60) - 1,
			.pq = rnd(2) ? (int32_t)rnd(30) : 0};
		for (int i = 0; i < n; i++)
			pl[i] = (uint16_t)rnd(40);
		int lo = c[0] < c[1] ? c[0] : c[1], hi = c[0] < c[1] ? c[1] : c[0];
		pl[hi * (hi + 1) / 2 + lo] = 0;
		o->pl = rnd(3) ? pl : NULL;
		o->n_code = o->pl ? (uint8_t)k : 0;
	}
}

/* P(D_l | a left, b right) of two alleles by definition. */
static double pair_lik(const struct pgx_data *d, int x, int y, int l)
{
	double lik[64], sum = 0;
	int k = d->locus[l].n_alt + 1, n = 0;
	pgx_locus_lik(&d->obs[l], d->code[l], k, lik);
	for (int a = 0; a < k; a++)
		for (int b = 0; b < k; b++)
			if ((d->gene->allele[x].mask[l] >> a & 1u) &&
				(d->gene->allele[y].mask[l] >> b & 1u)) {
				sum += lik[a * k + b];
				n++;
			}
	return sum / n;
}

static double plain_pair(const struct pgx_data *d, int x, int y)
{
	double p = d->gene->model->prior[x] * d->gene->model->prior[y] * (x == y ? 1 : 2);
	for (int l = 0; l < d->gene->n_locus; l++)
		if (d->block[l] == -1)
			p *= pair_lik(d, x, y, l);
	for (int b = 0; b < d->n_block; b++) {
		double s = 1, t = 1;
		for (int l = 0; l < d->gene->n_locus; l++)
			if (d->block[l] == b) {
				s *= pair_lik(d, x, y, l);
				t *= pair_lik(d, y, x, l);
			}
		p *= (s + t) / 2;
	}
	return p;
}

static void compare(const struct pgx_gene *g, const struct pgx_obs *obs)
{
	struct pgx_data d;
	struct pgx_dips none = {0};
	struct pgx_post p;
	double z = 0;
	ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_post_exact(mem, &d, &none, &none, &p), GRX_OK);
	for (int x = 0; x < g->n_allele; x++)
		for (int y = x; y < g->n_allele; y++)
			z += plain_pair(&d, x, y);
	for (size_t i = 0; i < p.alt.n; i++) {
		double own = 0;
		for (int x = 0; x < g->n_allele; x++)
			for (int y = x; y < g->n_allele; y++) {
				int a[2] = {x, y};
				struct pgx_dip dip = {.n = {1, 1}, .a = {a, a + 1}};
				ck_assert_int_eq(pgx_dips_text(mem, g, &dip), GRX_OK);
				own += strcmp(dip.text, p.alt.v[i].text) ? 0 : plain_pair(&d, x, y) / z;
			}
		ck_assert_msg(fabs(own - p.alt.v[i].p) < 1e-9, "%s %s: %.12f, plain sum %.12f", g->name,
			p.alt.v[i].text, p.alt.v[i].p, own);
	}
	double all = 0;
	for (size_t i = 0; i < p.ph.n; i++)
		all += p.ph.v[i].p;
	ck_assert(fabs(all - 1) < 1e-9);
}

START_TEST(equals_plain_sum)
{
	struct pgx_obs *obs = grx_calloc((size_t)table->n_locus, sizeof *obs);
	for (int i = 0; i < table->n_gene; i++) {
		const struct pgx_gene *g = &table->gene[i];
		if (g->method != PGX_EXACT || g->n_allele > 60)
			continue;
		for (int k = 0; k < 8; k++) {
			carry(g, (int)rnd((uint32_t)g->n_allele),
				k % 2 ? g->ref_allele : (int)rnd((uint32_t)g->n_allele), obs);
			compare(g, obs);
			grx_arena_reset(mem);
		}
	}
	grx_free(obs);
}
END_TEST

/* ---- calibration ----------------------------------------------------------------------------------------
 */

/* An allele by its frequency. */
static int draw(const struct pgx_gene *g)
{
	double u = rnd(1u << 30) / (double)(1u << 30);
	for (int k = 0; k < g->n_allele; k++) {
		u -= g->model->prior[k];
		if (u < 0)
			return k;
	}
	return g->ref_allele;
}

/* Reads of two copies, each read wrong once in 50, as likelihoods; GT is the likeliest pair. */
static void read_locus(const struct pgx_locus *l, int a, int b, int depth, struct pgx_obs *o)
{
	int k = l->n_alt + 1, n = k * (k + 1) / 2, best = 0;
	double ln[64] = {0};
	const double e = 0.02;
	for (int r = 0; r < depth; r++) {
		int base = rnd(2) ? a : b;
		if (rnd(50) == 0)
			base = (base + 1 + (int)rnd((uint32_t)k - 1)) % k;
		for (int j = 0; j < k; j++)
			for (int i = 0; i <= j; i++)
				ln[j * (j + 1) / 2 + i] += log(((base == i ? 1 - e : e / (k - 1)) +
								       (base == j ? 1 - e : e / (k - 1))) /
							       2);
	}
	uint16_t *pl = grx_arena_alloc(mem, (size_t)n, sizeof *pl);
	for (int i = 0; i < n; i++)
		best = ln[i] > ln[best] ? i : best;
	*o = (struct pgx_obs){
		.state = depth ? PGX_OK : PGX_NO_RECORD, .ps = GRX_INT_MISSING, .dp = depth, .gq = -1};
	for (int j = 0; j < k; j++)
		for (int i = 0; i <= j; i++) {
			int at = j * (j + 1) / 2 + i;
			pl[at] = (uint16_t)(-10 * (ln[at] - ln[best]) / log(10) + 0.5);
			if (at == best) {
				o->code[0] = o->gt[0] = (int8_t)i;
				o->code[1] = o->gt[1] = (int8_t)j;
			}
		}
	o->pl = pl;
	o->n_code = (uint8_t)k;
}

struct calibration {
	int n[3];
	double said[3], right[3];
};

static void calibrate(const struct pgx_gene *g, struct pgx_obs *obs, struct calibration *c)
{
	int a[2] = {draw(g), draw(g)}, mean = 1 + (int)rnd(6);
	struct pgx_dip dip = {.n = {1, 1}, .a = {a, a + 1}};
	struct pgx_dips none = {0};
	struct pgx_data d;
	struct pgx_post p;
	ck_assert_int_eq(pgx_dips_text(mem, g, &dip), GRX_OK);
	for (int l = 0; l < g->n_locus; l++) {
		int code[2] = {0, 0};
		for (int i = 0; i < 2; i++)
			while (!(g->allele[a[i]].mask[l] >> code[i] & 1u))
				code[i]++;
		read_locus(&table->locus[g->first + l], code[0], code[1], (int)rnd(2 * (uint32_t)mean + 1),
			&obs[g->first + l]);
	}
	ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_post_exact(mem, &d, &none, &none, &p), GRX_OK);
	for (size_t i = 0; i < p.alt.n; i++) {
		int bin = p.alt.v[i].p < 0.1 ? 0 : p.alt.v[i].p < 0.9 ? 1 : 2;
		c->n[bin]++;
		c->said[bin] += p.alt.v[i].p;
		c->right[bin] += !strcmp(p.alt.v[i].text, dip.text);
	}
}

/* People drawn from the frequencies, read at depths of 0 to 12 without phase: of what is said to be right
 * with probability p, p is right. */
START_TEST(probabilities_hold)
{
	static const char *const names[] = {
		"CYP2B6", "CYP2C19", "CYP3A5", "NAT2", "SLCO1B1", "TPMT", "UGT1A1"};
	struct pgx_obs *obs = grx_calloc((size_t)table->n_locus, sizeof *obs);
	struct calibration c = {0};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (int k = 0; k < table->n_gene; k++)
			for (int r = 0; r < 150 && !strcmp(table->gene[k].name, names[i]); r++) {
				calibrate(&table->gene[k], obs, &c);
				grx_arena_reset(mem);
			}
	for (int b = 0; b < 3; b++) {
		double said = c.said[b] / c.n[b], right = c.right[b] / c.n[b];
		double sd = sqrt(said * (1 - said) / c.n[b]);
		printf("said %.4f, right %.4f of %d\n", said, right, c.n[b]);
		ck_assert_msg(c.n[b] > 100 && fabs(said - right) < 4 * sd + 0.005,
			"said %.4f, right %.4f of %d", said, right, c.n[b]);
	}
	grx_free(obs);
}
END_TEST

/* ---- the tables -----------------------------------------------------------------------------------------
 */

static int frequency_row(void *arg, struct grx_ctx *c, struct grx_table *t, const int *col)
{
	int *n = arg;
	double x;
	bool found = false;
	ck_assert_int_eq(grx_table_f64(c, t, col[3], &x), GRX_OK);
	for (int i = 0; i < table->n_gene; i++)
		for (int k = 0; k < table->gene[i].n_allele; k++)
			found = found ||
				(!strcmp(table->gene[i].name, grx_table_get(t, col[0])) &&
					!strcmp(table->gene[i].allele[k].shown, grx_table_get(t, col[1])));
	ck_assert_msg(found, "frequencies.tsv:%lld: no allele %s of %s", (long long)grx_table_lineno(t),
		grx_table_get(t, col[1]), grx_table_get(t, col[0]));
	ck_assert_msg(strlen(grx_table_get(t, col[4])) > 10, "frequencies.tsv:%lld: no source",
		(long long)grx_table_lineno(t));
	++*n;
	return GRX_OK;
}

START_TEST(frequency_table)
{
	static const char *const cols[] = {"gene", "allele", "population", "frequency", "source"};
	static const char *const pops[] = {
		"global", "european", "african", "east_asian", "south_asian", "american"};
	int n = 0;
	ck_assert_msg(
		grx_table_each(&cx, "refdata/pgx/frequencies.tsv", cols, 5, frequency_row, &n) == GRX_OK,
		"%s", cx.err.msg);
	ck_assert_int_gt(n, 300);
	for (size_t p = 0; p < sizeof pops / sizeof *pops; p++) {
		ck_assert_msg(pgx_model_load(&cx, table, pops[p]) == GRX_OK, "%s", cx.err.msg);
		for (int i = 0; i < table->n_gene; i++) {
			const struct pgx_gene *g = &table->gene[i];
			double sum = 0;
			for (int k = 0; g->model && k < g->n_allele; k++) {
				ck_assert(g->model->prior[k] > 0 && g->model->prior[k] < 1);
				sum += g->model->prior[k];
			}
			ck_assert_msg(g->method != PGX_EXACT || fabs(sum - 1) < 1e-9, "%s %s: %g", g->name,
				pops[p], sum);
		}
	}
	ck_assert_int_eq(pgx_model_load(&cx, table, "nowhere"), GRX_E_USAGE);
}
END_TEST

/* ---- what may be said -----------------------------------------------------------------------------------
 */

static const struct pgx_gene *gene_named(const char *name)
{
	for (int i = 0; i < table->n_gene; i++)
		if (!strcmp(table->gene[i].name, name))
			return &table->gene[i];
	ck_abort_msg("no gene %s", name);
}

/* All loci 0/0 with GQ 60 but those named, which are 0/1 with these likelihoods. */
static void judge(const char *gene, const char *const *het, const uint16_t *pl, struct pgx_verdict *v)
{
	const struct pgx_gene *g = gene_named(gene);
	struct pgx_obs *obs = grx_arena_calloc(mem, (size_t)table->n_locus, sizeof *obs);
	struct pgx_data d;
	for (int l = 0; l < g->n_locus; l++) {
		struct pgx_obs *o = &obs[g->first + l];
		*o = (struct pgx_obs){.state = PGX_OK, .ps = GRX_INT_MISSING, .dp = -1, .gq = 60};
		for (const char *const *h = het; *h; h++)
			if (grx_streq(table->locus[g->first + l].rsid, *h)) {
				o->code[1] = o->gt[1] = 1;
				o->gq = -1;
				o->pl = pl;
				o->n_code = pl ? (uint8_t)(table->locus[g->first + l].n_alt + 1) : 0;
			}
	}
	ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_judge(mem, &opt, &d, v), GRX_OK);
}

START_TEST(doubt_withholds)
{
	static const uint16_t nearly_even[] = {12, 0, 200, 200, 200, 200},
			      clear[] = {200, 0, 200, 200, 200, 200};
	static const char *const one[] = {"rs1142345", NULL}, *const two[] = {"rs1142345", "rs1800460", NULL};
	struct pgx_verdict v;
	/* one copy of 3C called, 16 to 1; but it is rare, so that two of 1 are more likely after all */
	judge("TPMT", one, nearly_even, &v);
	ck_assert_str_eq(v.shown.v[0].text, "*1/*3C");
	ck_assert_msg(!v.phenotype && v.status == PGX_AMBIGUOUS && v.post->shown < 0.5, "%s %d %g",
		v.phenotype, v.status, v.post->shown);
	ck_assert_str_eq(v.candidates, "Intermediate Metabolizer|Normal Metabolizer");
	ck_assert_str_eq(v.post->best, "*1/*1");
	ck_assert(v.credible && strstr(v.credible, " OR "));
	judge("TPMT", one, clear, &v);
	ck_assert(v.phenotype && v.status == PGX_CALLED && v.post->shown > 0.999);
	ck_assert_str_eq(v.phenotype, "Intermediate Metabolizer");
	/* both variants, phase unknown: *3A is what is common, *3B with *3C stays in sight */
	judge("TPMT", two, clear, &v);
	ck_assert_str_eq(v.shown.v[0].text, "*1/*3A");
	ck_assert_str_eq(v.phenotype, "Intermediate Metabolizer");
	ck_assert(v.post->shown > 0.99);
	double other = pgx_prob_of(&v.post->alt, "*3B/*3C");
	ck_assert(other > 0 && other < 0.001);
}
END_TEST

/* ---- records --------------------------------------------------------------------------------------------
 */

struct shot {
	const char *alt1, *alt2; /* of chr2:233760233 CAT */
	int a, b, gq;
	const char *key;
	double x[6];
};

static struct pgx_obs see(const struct shot *q)
{
	struct pgx_obs have = {.state = PGX_NO_RECORD};
	struct grx_contigs *ct = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&cx, ct, "2", 242193529, ""), GRX_OK);
	cx.contigs = ct;
	ck_assert_int_eq(pgx_table_bind(&cx, table), GRX_OK);
	struct grx_hdr *h = grx_hdr_new(ct);
	ck_assert_int_eq(grx_hdr_sample_add(&cx, h, "S"), GRX_OK);
	struct grx_vars *b = grx_vars_new(mem, h);
	struct grx_var *v = grx_vars_push(b);
	const char *al[3] = {"CAT", q->alt1, q->alt2};
	int n = q->alt2 ? 3 : 2, n_gt = n * (n + 1) / 2;
	v->pos = 233760232;
	v->rlen = 3;
	ck_assert_int_eq(grx_var_alleles_set(mem, v, n, al), GRX_OK);
	ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 1), GRX_OK);
	v->gt[0] = GRX_GT(q->a, 0);
	v->gt[1] = GRX_GT(q->b, 0);
	grx_var_fmt_set(mem, v, "GQ", GRX_T_INT, 1, 1)->v.i[0] = q->gq;
	bool real = strcmp(q->key, "PL") != 0;
	struct grx_field *f = grx_var_fmt_set(mem, v, q->key, real ? GRX_T_FLOAT : GRX_T_INT, n_gt, 1);
	for (int i = 0; i < n_gt; i++) {
		if (real)
			f->v.f[i] = (float)q->x[i];
		else
			f->v.i[i] = (int32_t)q->x[i];
	}
	struct grx_shard sh = {.tid = -1, .vars = b, .mem = mem};
	struct pgx_hits *hits;
	ck_assert_int_eq(pgx_observe(table, &opt, &cx, &sh, &hits), GRX_OK);
	for (size_t i = 0; i < hits->n; i++)
		if (table->locus[hits->v[i].locus].pos == 233760232) {
			struct pgx_bytes by = {
				hits->v[i].obs.bytes, hits->v[i].obs.bytes + hits->v[i].obs.end[0], false};
			ck_assert_int_eq(pgx_chunk_get(&by, mem, 1, 1, &have), GRX_OK);
		}
	grx_hdr_free(h);
	grx_contigs_free(ct);
	cx.contigs = NULL;
	return have;
}

/* Codes of the locus: 0 CAT, 1 C, 2 CATAT, 3 CATATAT; pairs 00 01 11 02 12 22 03 13 23 33. */
static void expect(const struct pgx_obs *o, const int *pl)
{
	ck_assert_int_eq(o->state, PGX_OK);
	ck_assert_int_eq(o->n_code, 4);
	for (int i = 0; i < 10; i++)
		ck_assert_msg(o->pl[i] == pl[i], "pair %d: %d, expected %d", i, o->pl[i], pl[i]);
}

START_TEST(likelihoods_of_records)
{
	/* with <NON_REF> its columns stand for C and CATATAT */
	struct pgx_obs o = see(&(struct shot){"CATAT", "<NON_REF>", 0, 1, 99, "PL", {30, 0, 40, 50, 60, 70}});
	expect(&o, (const int[]){30, 50, 70, 0, 60, 40, 50, 70, 60, 70});
	/* heterozygous, no other column: what is not listed is as unlikely as the worst that is */
	o = see(&(struct shot){"CATAT", NULL, 0, 1, 99, "GL", {-3, 0, -4}});
	expect(&o, (const int[]){30, 40, 40, 0, 40, 40, 40, 40, 40, 40});
	/* reference: what is not listed goes like the ALT that was not called */
	o = see(&(struct shot){"CATAT", NULL, 0, 0, 99, "PL", {0, 30, 300}});
	expect(&o, (const int[]){0, 30, 300, 30, 300, 300, 30, 300, 300, 300});
	/* GP as if from a flat prior; the best is 0 */
	o = see(&(struct shot){"CATAT", NULL, 0, 0, 99, "GP", {0.9, 0.09, 0.01}});
	expect(&o, (const int[]){0, 10, 20, 10, 20, 20, 10, 20, 20, 20});
	/* GQ says sure, the likelihoods say nothing: no evidence */
	o = see(&(struct shot){"CATAT", NULL, 0, 0, 99, "PL", {0, 0, 0}});
	ck_assert_int_eq(o.state, PGX_LOW_GQ);
	o = see(&(struct shot){
		"CATAT", NULL, 0, 1, 99, "PL", {0, 20, 200}}); /* another genotype is likelier */
	ck_assert_int_eq(o.state, PGX_LOW_GQ);
	/* an allele that the table lacks was called: no likelihood over its codes */
	o = see(&(struct shot){"CA", NULL, 0, 1, 99, "PL", {90, 0, 90}});
	ck_assert(o.state == PGX_OK && !o.n_code && !o.pl);
	o = see(&(struct shot){"CATAT", NULL, 0, 1, 99, "GP", {0.5, 7, 0.5}}); /* no probability */
	ck_assert(o.state == PGX_OK && !o.n_code);
}
END_TEST

START_TEST(numbers_as_text)
{
	char b[32];
	ck_assert_str_eq(pgx_prob_text(1, b), "0.999999");
	ck_assert_str_eq(pgx_prob_text(1 - 1e-9, b), "0.999999");
	ck_assert_str_eq(pgx_prob_text(0.98765449, b), "0.987654");
	ck_assert_str_eq(pgx_prob_text(0.5, b), "0.5");
	ck_assert_str_eq(pgx_prob_text(0.0000821, b), "8.2e-05");
	ck_assert_str_eq(pgx_prob_text(0, b), "0");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pgx posterior");
	TCase *t = tcase_create("posterior");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, worked_examples);
	tcase_add_test(t, from_quality_alone);
	tcase_add_test(t, every_variant_counts);
	tcase_add_test(t, equals_plain_sum);
	tcase_add_test(t, probabilities_hold);
	tcase_add_test(t, frequency_table);
	tcase_add_test(t, doubt_withholds);
	tcase_add_test(t, likelihoods_of_records);
	tcase_add_test(t, numbers_as_text);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
