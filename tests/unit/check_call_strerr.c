/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_strerr.c -- repeat error rates: recovered from made-up loci of known rate, counted from made-up
 * reads, and turned into gap costs that give the measured rate back. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "genorx/reads.h"
#include "genorx/stage.h"
#include "stage/call/strerr.h"

static uint32_t rng_state;

static double draw(void)
{
	rng_state = rng_state * 1664525u + 1013904223u;
	return (rng_state >> 8) / 16777216.0;
}

/* Length change of a read: one direction more than the other, geometric. */
static int stutter(double rate, double rho)
{
	int k = 1;
	if (draw() >= rate)
		return 0;
	while (k < CALL_STR_REACH && draw() < rho)
		k++;
	return draw() < 0.7 ? -k : k;
}

static void add_locus(struct call_strcount *c, const struct call_strlocus *l)
{
	int n = 0;
	for (int i = 0; i < CALL_STR_HIST; i++)
		n += i == CALL_STR_REACH ? 0 : l->hist[i];
	if (!n) {
		c->clean_locus[l->cls][l->units]++;
		c->clean_read[l->cls][l->units] += l->hist[CALL_STR_REACH];
		return;
	}
	ck_assert_int_eq(grx_grow(&c->locus, &c->cap, c->n + 1, sizeof(*l), 0), GRX_OK);
	c->locus[c->n++] = *l;
}

/* Loci at 30 reads with the prior's rates at a level; a tenth has one or two other alleles. */
static void make_loci(struct call_strcount *c, double level, int per_cell)
{
	for (int cls = 0; cls < CALL_STR_N; cls++)
		for (int u = 4; u <= 18; u++)
			for (int k = 0; k < per_cell; k++) {
				struct call_strlocus l = {
					.cls = (uint8_t)cls, .units = (uint8_t)u, .depth = 30};
				int a[2] = {0, 0};
				for (int i = 0; i < 2; i++)
					if (draw() < 0.1)
						a[i] = draw() < 0.5 ? -1 : 2;
				for (int r = 0; r < 30; r++) {
					int al = a[draw() < 0.5];
					int d = al + stutter(call_strmodel_prior(cls, u + al, level), 0.15);
					if (d >= -CALL_STR_REACH && d <= CALL_STR_REACH)
						l.hist[CALL_STR_REACH + d]++;
				}
				add_locus(c, &l);
			}
}

START_TEST(test_recovers)
{
	double level = _i == 0 ? 0 : 1;
	struct call_strcount c = {0};
	struct call_sample s;
	rng_state = 7 + (uint32_t)_i;
	make_loci(&c, level, 60);
	call_sample_fit(&c, &s);
	ck_assert(s.strmodel.reliable);
	ck_assert(fabs(s.strmodel.level - level) < 0.2);
	/* variable loci do not inflate the rates */
	for (int u = 8; u <= 18; u++) {
		double want = call_strmodel_prior(CALL_STR_AT, u, level),
		       got = s.strmodel.rate[CALL_STR_AT][u];
		ck_assert_msg(got > want / 1.6 && got < want * 1.6, "%d units: %g, want %g", u, got, want);
	}
	ck_assert(fabs(s.strmodel.contract[CALL_STR_AT] - 0.7) < 0.06);
	/* a tenth of the alleles, so 19 % of the loci; half of the changed ones are a unit shorter */
	ck_assert(fabs(s.strmodel.variable[CALL_STR_AT][10] - 0.19) < 0.08);
	ck_assert(call_strmodel_allele(&s.strmodel, CALL_STR_AT, 10, -1) >
		  call_strmodel_allele(&s.strmodel, CALL_STR_AT, 10, -2));
	if (level > 0) /* enough stutter to see its shape */
		ck_assert(fabs(s.strmodel.decay[CALL_STR_AT][12] - 0.15) < 0.04);
	call_strcount_free(&c);
}
END_TEST

/* Ten times the rate of any prior is learned too. */
START_TEST(test_beyond_prior)
{
	struct call_strcount c = {0};
	struct call_sample s;
	rng_state = 99;
	for (int k = 0; k < 400; k++) {
		struct call_strlocus l = {.cls = CALL_STR_AT, .units = 8, .depth = 30};
		for (int r = 0; r < 30; r++)
			l.hist[CALL_STR_REACH + stutter(0.05, 0.1)]++;
		add_locus(&c, &l);
	}
	call_sample_fit(&c, &s);
	ck_assert(s.strmodel.rate[CALL_STR_AT][8] > 0.04 && s.strmodel.rate[CALL_STR_AT][8] < 0.06);
	call_strcount_free(&c);
}
END_TEST

START_TEST(test_default)
{
	struct call_strcount c = {0};
	struct call_sample s;
	struct call_strmodel m;
	call_strmodel_default(&m);
	call_sample_fit(&c, &s);
	ck_assert(!s.strmodel.reliable && !s.depth_reliable && !s.ins_reliable);
	ck_assert(s.depth_median == 0 && s.ins_median == 0 && s.mismatch_rate == 0);
	ck_assert(fabs(m.level - 0.5) < 1e-9);
	for (int k = 0; k < CALL_STR_N; k++)
		for (int u = 0; u <= CALL_STR_UNITS; u++) {
			ck_assert(m.rate[k][u] == s.strmodel.rate[k][u]);
			if (u < 2 || u == CALL_STR_UNITS)
				continue;
			double lo = call_strmodel_prior(k, u, 0), hi = call_strmodel_prior(k, u, 1);
			ck_assert(m.rate[k][u] >= lo * 0.99 && m.rate[k][u] <= hi * 1.01);
		}
}
END_TEST

static void monotone(const struct call_strmodel *m)
{
	for (int k = 0; k < CALL_STR_N; k++)
		for (int u = 1; u <= CALL_STR_UNITS; u++)
			ck_assert(m->rate[k][u] >= m->rate[k][u - 1] &&
				  m->variable[k][u] >= m->variable[k][u - 1]);
}

/* A cell of few reads and much stutter stays near its neighbours, and longer never gets better than shorter.
 */
START_TEST(test_monotone)
{
	struct call_strcount c = {0};
	struct call_sample s;
	c.clean_read[CALL_STR_AT][10] = 20000;
	c.clean_read[CALL_STR_AT][14] = 20000;
	struct call_strlocus l = {.cls = CALL_STR_AT, .units = 6, .depth = 10};
	l.hist[CALL_STR_REACH] = 4;
	l.hist[CALL_STR_REACH - 1] = 1;
	l.hist[CALL_STR_REACH + 1] = 1;
	add_locus(&c, &l);
	call_sample_fit(&c, &s);
	monotone(&s.strmodel);
	ck_assert(s.strmodel.rate[CALL_STR_AT][6] < 0.01);
	call_strcount_free(&c);
}
END_TEST

/* Loci in any order of shards, added up, give the same model. */
START_TEST(test_add)
{
	struct call_strcount a = {0}, b = {0}, all = {0};
	struct call_sample s, t;
	rng_state = 5;
	make_loci(&a, 0.5, 3);
	make_loci(&b, 0.5, 3);
	rng_state = 5;
	make_loci(&all, 0.5, 3);
	make_loci(&all, 0.5, 3);
	ck_assert_int_eq(call_strcount_add(&a, &b), GRX_OK);
	call_sample_fit(&a, &s);
	call_sample_fit(&all, &t);
	ck_assert_mem_eq(s.strmodel.rate, t.strmodel.rate, sizeof(s.strmodel.rate));
	ck_assert_mem_eq(s.strmodel.weight, t.strmodel.weight, sizeof(s.strmodel.weight));
	ck_assert_mem_eq(s.strmodel.cost, t.strmodel.cost, sizeof(s.strmodel.cost));
	call_strcount_free(&a);
	call_strcount_free(&b);
	call_strcount_free(&all);
}
END_TEST

/* A change of one unit costs the phred of its rate in its direction, whatever the unit. */
START_TEST(test_costs)
{
	static const char *const hap[] = {"CGTAGCTGAAAAAAAAAAAAAAGCATCGATC",
		"GTCAGTCACACACACACACACACACAGTTGC", "GTCAGTCAGCAGCAGCAGCAGCAGCAGTTGC",
		"CGTAGGATAGATAGATAGATAGATAGATCGC"};
	static const int cls[] = {CALL_STR_AT, CALL_STR_DI, CALL_STR_TRI, CALL_STR_TETRA},
			 unit[] = {1, 2, 3, 4}, at[] = {15, 15, 15, 15};
	struct call_strmodel m;
	uint8_t ins[64], del[64], ext[64];
	const struct call_gaps g = {ins, del, ext};
	call_strmodel_default(&m);
	for (int c = 0; c < CALL_STR_N; c++)
		m.contract[c] = 0.8;
	call_strmodel_costs(&m);
	for (int i = 0; i < 4; i++) {
		int n = (int)strlen(hap[i]), b = at[i], e = at[i];
		call_gap_costs_fit(m.cost, hap[i], n, &g);
		while (b > unit[i] && hap[i][b - 1] == hap[i][b - 1 + unit[i]])
			b--;
		while (e < n && hap[i][e] == hap[i][e - unit[i]])
			e++;
		int u = (e - b) / unit[i];
		double one = m.rate[cls[i]][u] * (1 - m.decay[cls[i]][u]);
		int rest = (unit[i] - 1) * ext[at[i]], more = ins[at[i]] + rest, less = del[at[i]] + rest;
		int places = call_strmodel_sum_open(0, e - b);
		ck_assert_msg(fabs(less - places + 10 * log10(one * 0.8)) <= 0.51, "%s: shorter costs %d",
			hap[i], less);
		ck_assert_msg(fabs(more - places + 10 * log10(one * 0.2)) <= 0.51, "%s: longer costs %d",
			hap[i], more);
		for (int k = b; k <= e; k++)
			ck_assert(ins[k] == ins[at[i]] && del[k] == del[at[i]]);
		ck_assert(ins[0] == CALL_GAP_OPEN && del[0] == CALL_GAP_OPEN && ext[0] == CALL_GAP_EXT);
		ck_assert(ins[n] == CALL_GAP_OPEN && del[n] == CALL_GAP_OPEN);
	}
	ck_assert_int_eq(call_strmodel_sum_open(20, 10), 30);
}
END_TEST

/* Levels: the rates of one are a factor times those of the other, as far as a rate may go. */
START_TEST(test_levels)
{
	struct call_strmodel m;
	double mean = 0, sum = 0;
	call_strmodel_default(&m);
	ck_assert(call_str_factor[0] == 1 && call_str_factor[1] < 1 && call_str_factor[2] > 1);
	for (int k = 0; k < CALL_STR_LEVELS; k++) {
		ck_assert(m.weight[k] > 0);
		mean += m.weight[k] * call_str_factor[k];
		sum += m.weight[k];
		for (int u = 8; u <= 14; u++) {
			int want = (int)floor(0.5 - 10 * log10(call_str_factor[k])),
			    got = m.cost[k].gop_del[CALL_STR_AT][u] - m.cost[0].gop_del[CALL_STR_AT][u];
			ck_assert_msg(abs(got - want) <= 1, "level %d, %d units: %d", k, u, got);
			ck_assert_int_ge(
				m.cost[k].gop_ins[CALL_STR_AT][u], m.cost[k].gop_del[CALL_STR_AT][u]);
		}
	}
	ck_assert_double_eq_tol(mean, 1, 1e-9);
	ck_assert_double_eq_tol(sum, 1, 1e-9);
}
END_TEST

/* Loci of one allele whose tracts all stutter alike, or a fifth of them 2.5 times as much and half of them
 * 0.4 times: the spread is seen, the mean rate is right, and busy tracts are not taken for variable ones. */
START_TEST(test_spread)
{
	static const double factor[10] = {2.5, 2.5, 1, 1, 1, 0.4, 0.4, 0.4, 0.4, 0.4};
	double high[2];
	for (int spread = 0; spread < 2; spread++) {
		struct call_strcount c = {0};
		struct call_sample s;
		rng_state = 31;
		for (int k = 0; k < 400; k++) {
			struct call_strlocus l = {.cls = CALL_STR_AT, .units = 14, .depth = 40};
			for (int r = 0; r < 40; r++)
				l.hist[CALL_STR_REACH + stutter(spread ? 0.1 * factor[k % 10] : 0.1, 0.1)]++;
			add_locus(&c, &l);
		}
		call_sample_fit(&c, &s);
		high[spread] = s.strmodel.weight[2];
		ck_assert_double_eq_tol(s.strmodel.rate[CALL_STR_AT][14], 0.1, 0.012);
		ck_assert_double_lt(s.strmodel.variable[CALL_STR_AT][14], 0.03);
		call_strcount_free(&c);
	}
	ck_assert_double_lt(high[0], 0.04);
	ck_assert_double_eq_tol(high[1], 0.2, 0.05);
}
END_TEST

/* An interruption makes two short tracts of a long one; N is no repeat. */
START_TEST(test_interrupted)
{
	struct call_strmodel m;
	uint8_t g1[40], g2[40], g3[40], x[40], y[40];
	call_strmodel_default(&m);
	call_gap_costs_fit(m.cost, "CGTCAAAAAAAAAAAAAAAAAGTC", 24, &(struct call_gaps){g1, x, y});
	call_gap_costs_fit(m.cost, "CGTCAAAAAAAACAAAAAAAAGTC", 24, &(struct call_gaps){g2, x, y});
	call_gap_costs_fit(m.cost, "CGTCNNNNNNNNNNNNNNNNNGTC", 24, &(struct call_gaps){g3, x, y});
	ck_assert_int_lt(g1[8], g2[8]);
	ck_assert_int_lt(g2[8], CALL_GAP_OPEN);
	ck_assert_int_eq(g3[8], CALL_GAP_OPEN);
	ck_assert_int_eq(g2[12], g2[8]); /* the place after a tract is part of it */
	ck_assert_int_eq(g2[1], CALL_GAP_OPEN);
}
END_TEST

START_TEST(test_class)
{
	ck_assert_int_eq(call_str_class("A", 1), CALL_STR_AT);
	ck_assert_int_eq(call_str_class("C", 1), CALL_STR_GC);
	ck_assert_int_eq(call_str_class("AA", 2), -1);
	ck_assert_int_eq(call_str_class("AC", 2), CALL_STR_DI);
	ck_assert_int_eq(call_str_class("ACAC", 4), -1);
	ck_assert_int_eq(call_str_class("ACACT", 5), CALL_STR_TETRA);
	ck_assert_int_eq(call_str_class("AAGAAG", 6), -1);
}
END_TEST

#define REF_LEN  400
#define POLY_BEG 200
#define POLY_LEN 10
#define READ_LEN 100

struct pile {
	char ref[REF_LEN + 1];
	struct grx_reads reads;
	struct grx_read v[64];
	uint8_t seq[64][READ_LEN / 2], qual[READ_LEN];
	uint32_t cigar[64][3];
	struct grx_shard sh;
};

static void pile_init(struct pile *p)
{
	memset(p, 0, sizeof(*p));
	for (int i = 0; i < REF_LEN; i++)
		p->ref[i] = "ACTGATCG"[(i * 5 + i / 8 * 3) % 8];
	for (int i = 1; i < REF_LEN; i++) /* no repeat of one base but the planted one */
		if (p->ref[i] == p->ref[i - 1])
			p->ref[i] = p->ref[i] == 'A' ? 'C' : 'A';
	memset(p->ref + POLY_BEG, 'T', POLY_LEN);
	p->ref[POLY_BEG - 1] = p->ref[POLY_BEG + POLY_LEN] = 'G';
	memset(p->qual, 30, sizeof(p->qual));
	p->reads.v = p->v;
	p->sh = (struct grx_shard){.end = REF_LEN,
		.halo_end = REF_LEN,
		.ref = p->ref,
		.ref_end = REF_LEN,
		.reads = &p->reads,
		.mem = grx_arena_new()};
}

/* A read from pos with the tract changed by d bases. */
static struct grx_read *pile_read(struct pile *p, int pos, int d)
{
	size_t k = p->reads.n++;
	int m = POLY_BEG - pos, q = 0;
	uint32_t *c = p->cigar[k];
	for (int i = 0; i < READ_LEN; i++) {
		int x = i < m ? pos + i : d > 0 && i < m + d ? POLY_BEG : pos + i - d;
		const char *at = strchr(grx_nt16, p->ref[x]);
		p->seq[k][i >> 1] |= (uint8_t)((at - grx_nt16) << ((~i & 1) << 2));
	}
	c[q++] = (uint32_t)(d ? m : READ_LEN) << 4 | GRX_C_M;
	if (d) {
		c[q++] = (uint32_t)abs(d) << 4 | (d > 0 ? GRX_C_I : GRX_C_D);
		c[q++] = (uint32_t)(READ_LEN - m - (d > 0 ? d : 0)) << 4 | GRX_C_M;
	}
	p->v[k] = (struct grx_read){.pos = pos,
		.end = pos + READ_LEN - d,
		.mapq = 60,
		.l_seq = READ_LEN,
		.n_cigar = (uint32_t)q,
		.cigar = c,
		.seq = p->seq[k],
		.qual = p->qual,
		.name = "r",
		.name_hash = k};
	return &p->v[k];
}

START_TEST(test_count)
{
	static struct pile p;
	struct call_strcount c = {0};
	pile_init(&p);
	for (int i = 0; i < 20; i++)
		pile_read(&p, 130 + i, 0);
	pile_read(&p, 150, -1);
	pile_read(&p, 150, -1);
	pile_read(&p, 151, 2);
	pile_read(&p, 152, -7);                      /* beyond reach */
	pile_read(&p, 153, -1)->flag = GRX_R_DUP;    /* not counted */
	pile_read(&p, 153, -1)->flag = GRX_R_PAIRED; /* nor */
	pile_read(&p, 153, -1)->mapq = 20;           /* nor */
	pile_read(&p, 154, -1)->seq = p.seq[0];      /* nor: flanks do not match */
	pile_read(&p, POLY_BEG - 3, -1);             /* nor: ends too near */
	pile_read(&p, POLY_BEG - 3, 0);
	ck_assert_int_eq(call_strerr_count(&p.sh, -1, &c), GRX_OK);
	const struct call_strlocus *l = NULL;
	for (size_t i = 0; i < c.n; i++)
		if (c.locus[i].cls == CALL_STR_AT && c.locus[i].units == POLY_LEN)
			l = &c.locus[i];
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(l->hist[CALL_STR_REACH], 20);
	ck_assert_int_eq(l->hist[CALL_STR_REACH - 1], 2);
	ck_assert_int_eq(l->hist[CALL_STR_REACH + 2], 1);
	ck_assert_int_eq(l->other, 1);
	ck_assert_int_eq(c.len[READ_LEN], 29);
	/* of no other sample */
	struct call_strcount d = {0};
	ck_assert_int_eq(call_strerr_count(&p.sh, 1, &d), GRX_OK);
	ck_assert_uint_eq(d.n, 0);
	ck_assert_int_eq(d.len[READ_LEN], 0);
	call_strcount_free(&c);
	grx_arena_free(p.sh.mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_strerr");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, test_recovers, 0, 2);
	tcase_add_test(t, test_beyond_prior);
	tcase_add_test(t, test_default);
	tcase_add_test(t, test_monotone);
	tcase_add_test(t, test_add);
	tcase_add_test(t, test_costs);
	tcase_add_test(t, test_levels);
	tcase_add_test(t, test_spread);
	tcase_add_test(t, test_interrupted);
	tcase_add_test(t, test_class);
	tcase_add_test(t, test_count);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
