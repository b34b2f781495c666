/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_pgx_d6.c -- CYP2D6 from counts: gene copies, alleles, what lacks evidence, and how reads become
 * counts. Counts are what a perfect sequencer would give. Run from the project root. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "stage/pgx/d6.h"

static struct d6_table *t;
static struct grx_ctx cx;
static struct grx_arena *mem;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.refdata = "refdata";
	ck_assert_msg(d6_table_load(&cx, &t) == GRX_OK, "%s", cx.err.msg);
	t->tid = 0;
	mem = grx_arena_new();
}

static void teardown(void)
{
	grx_arena_free(mem);
	d6_table_free(t);
}

static const struct d6_allele *allele(const char *name)
{
	for (int i = 0; i < t->n_allele; i++)
		if (!strcmp(t->allele[i].name, name))
			return &t->allele[i];
	return NULL;
}

/* Gene copies of a sample: kind, star allele of those that have one, number. */
struct copy {
	enum d6_unit kind;
	const char *star;
	int n;
};

static int like6(enum d6_unit kind, int64_t pos, const struct d6_cut *cut)
{
	struct d6_units u = {{0}};
	u.n[kind] = 1;
	return d6_units_like6(&u, pos, cut);
}

static bool carries(const struct copy *c, int l)
{
	const char *star = c->kind == D6_36 ? "*36" : c->kind == D6_68 ? "*68" : c->star;
	const struct d6_allele *a = star ? allele(star) : NULL;
	return a && (a->has[l] == D6_HAS_ALT || (a->has[l] == D6_HAS_EITHER && a->share[l] > 0.5F));
}

/* depth fragments per copy at every position, and reads by region accordingly. */
static void counts(const struct copy *c, int n, int depth, struct d6_call *out)
{
	static const struct d6_cut cut = {42130250, 42128080};
	struct d6_units u = {{0}};
	struct d6_evidence none = {.n_sample = 1};
	memset(out, 0, sizeof *out);
	ck_assert_int_eq(d6_tally(mem, t, &none, 0, &out->tally), GRX_OK);
	for (int k = 0; k < n; k++) {
		u.n[c[k].kind] = (uint8_t)(u.n[c[k].kind] + c[k].n);
		for (int i = 0; i < t->n_site; i++)
			out->tally.site[i][!like6(c[k].kind, t->site[i].pos6 + 1, &cut)] += c[k].n * depth;
		for (int l = 0; l < t->n_locus; l++)
			if (like6(c[k].kind, t->locus[l].pos + 1, &cut))
				out->tally.locus[l][carries(&c[k], l)] += c[k].n * depth;
	}
	double of[D6_N_ROLE] = {
		2, d6_units_total(&u), d6_units_total(&u), d6_units_head(&u), d6_units_tail(&u)};
	for (int r = 0; r < D6_N_ROLE; r++) {
		out->depth.expected[r] = 20.0 * depth;
		out->depth.observed[r] = of[r] * 20 * depth;
	}
	out->depth.rate = 0.1;
	out->depth.error = 0.02;
}

static void call(struct d6_call *c)
{
	ck_assert_int_eq(d6_star(mem, t, c), GRX_OK);
	ck_assert_int_eq(d6_meaning(mem, t, c), GRX_OK);
}

static const struct {
	struct copy copy[5];
	const char *text, *phenotype;
} person[] = {
	{{{D6_WHOLE, "*1", 2}, {D6_PSEUDO, NULL, 2}}, "*1/*1", "Normal Metabolizer"},
	{{{D6_WHOLE, "*1", 1}, {D6_WHOLE, "*4", 1}, {D6_PSEUDO, NULL, 2}}, "*1/*4",
		"Intermediate Metabolizer"},
	{{{D6_WHOLE, "*2", 1}, {D6_WHOLE, "*41", 1}, {D6_PSEUDO, NULL, 2}}, "*2/*41", "Normal Metabolizer"},
	{{{D6_WHOLE, "*3", 1}, {D6_WHOLE, "*6", 1}, {D6_PSEUDO, NULL, 2}}, "*3/*6", "Poor Metabolizer"},
	{{{D6_WHOLE, "*9", 1}, {D6_WHOLE, "*17", 1}, {D6_PSEUDO, NULL, 2}}, "*9/*17",
		"Intermediate Metabolizer"},
	{{{D6_PSEUDO, NULL, 2}}, "*5/*5", "Poor Metabolizer"},
	{{{D6_WHOLE, "*1", 1}, {D6_PSEUDO, NULL, 2}}, "*1/*5", "Intermediate Metabolizer"},
	{{{D6_WHOLE, "*1", 2}, {D6_WHOLE, "*4", 1}, {D6_PSEUDO, NULL, 2}}, "*1x2/*4", "Normal Metabolizer"},
	{{{D6_WHOLE, "*1", 1}, {D6_WHOLE, "*4", 2}, {D6_PSEUDO, NULL, 2}}, "*1/*4x2",
		"Intermediate Metabolizer"},
	{{{D6_WHOLE, "*2", 2}, {D6_WHOLE, "*1", 1}, {D6_PSEUDO, NULL, 2}}, "*1/*2x2",
		"Ultrarapid Metabolizer"},
	{{{D6_WHOLE, "*1", 1}, {D6_73, NULL, 1}, {D6_PSEUDO, NULL, 1}}, "*1/*13", "Intermediate Metabolizer"},
	{{{D6_WHOLE, "*1", 1}, {D6_WHOLE, "*10", 1}, {D6_36, NULL, 1}, {D6_PSEUDO, NULL, 2}}, "*1/*36 + *10",
		"Normal Metabolizer"},
	{{{D6_WHOLE, "*1", 1}, {D6_WHOLE, "*4", 1}, {D6_68, NULL, 1}, {D6_PSEUDO, NULL, 2}}, "*1/*68 + *4",
		"Intermediate Metabolizer"},
	{{{D6_WHOLE, "*4", 2}, {D6_68, NULL, 1}, {D6_PSEUDO, NULL, 2}}, "*4/*68 + *4", "Poor Metabolizer"},
};
enum { N_PERSON = sizeof person / sizeof *person };

START_TEST(people)
{
	struct d6_call c;
	counts(person[_i].copy, 5, 20, &c);
	call(&c);
	ck_assert_int_gt(c.n_dip, 0);
	ck_assert_str_eq(c.dip[0].text, person[_i].text);
	ck_assert_int_eq(c.status, PGX_CALLED);
	ck_assert_ptr_nonnull(c.phenotype);
	ck_assert_str_eq(c.phenotype, person[_i].phenotype);
}
END_TEST

/* Without fragments at one locus, no phenotype that the whole evidence did not give, and none that is surer.
 */
START_TEST(a_locus_less)
{
	struct d6_call all, less;
	counts(person[_i].copy, 5, 20, &all);
	call(&all);
	for (int l = _i % 9; l < t->n_locus; l += 9) {
		counts(person[_i].copy, 5, 20, &less);
		memset(less.tally.locus[l], 0, sizeof less.tally.locus[l]);
		call(&less);
		ck_assert_msg(!less.phenotype || !strcmp(less.phenotype, all.phenotype),
			"%s without %lld: %s", person[_i].text, (long long)t->locus[l].pos + 1,
			less.phenotype);
	}
}
END_TEST

START_TEST(missing_is_not_reference)
{
	struct d6_call c;
	counts(person[0].copy, 5, 20, &c);
	for (int l = 0; l < t->n_locus; l++)
		if (t->locus[l].pos + 1 == 42128945)
			memset(c.tally.locus[l], 0, sizeof c.tally.locus[l]);
	call(&c);
	ck_assert_ptr_null(c.phenotype);
	ck_assert_int_eq(c.n_thin, 1);
}
END_TEST

/* A copy number between two whole ones, an unknown hybrid, and alleles that no list has. */
static int (*locus_of(struct d6_call *c, int64_t pos, const char *alt))[2]
{
	for (int l = 0; l < t->n_locus; l++)
		if (t->locus[l].pos + 1 == pos && !strcmp(t->locus[l].alt, alt))
			return &c->tally.locus[l];
	ck_abort_msg("no locus %lld", (long long)pos);
	return NULL;
}

/* An allele that no read could show is neither excluded nor called: 46 beside 1 and 45. */
START_TEST(missing_is_not_evidence)
{
	static const struct copy c145[] = {{D6_WHOLE, "*1", 1}, {D6_WHOLE, "*45", 1}, {D6_PSEUDO, NULL, 2}};
	struct d6_call c;
	counts(c145, 3, 20, &c);
	(*locus_of(&c, 42130715, "T"))[0] = 0;
	call(&c);
	ck_assert_int_eq(c.status, PGX_AMBIGUOUS);
	ck_assert_int_ge(c.n_dip, 2);
	for (int i = 0; i < 2; i++)
		ck_assert(!strcmp(c.dip[i].text, "*1/*45") || !strcmp(c.dip[i].text, "*1/*46"));
}
END_TEST

/* A stricter limit than the posterior reaches: no phenotype. */
START_TEST(stricter)
{
	struct d6_call c;
	double was = t->sure_at;
	counts(person[0].copy, 5, 20, &c);
	t->sure_at = 1.1;
	call(&c);
	t->sure_at = was;
	ck_assert_int_eq(c.status, PGX_CALLED);
	ck_assert_ptr_null(c.phenotype);
	ck_assert_ptr_null(c.activity);
}
END_TEST

/* One fragment with ALT of four does not rule the allele out: 6 beside 3, not 1. */
START_TEST(few_fragments)
{
	struct d6_call c;
	int(*n)[2];
	counts(person[3].copy, 5, 20, &c);
	n = locus_of(&c, 42129083, "C");
	(*n)[0] = 3;
	(*n)[1] = 1;
	call(&c);
	bool listed = false;
	for (int i = 0; i < c.n_dip; i++)
		listed |= !strcmp(c.dip[i].text, "*3/*6");
	ck_assert(listed);
	ck_assert(c.status != PGX_CALLED || !strcmp(c.dip[0].text, "*3/*6"));
}
END_TEST

/* 18 % of the reads are of a person without ALT: two copies of 4 are neither one nor two then. */
START_TEST(another_person)
{
	static const struct copy c44[] = {{D6_WHOLE, "*4", 2}, {D6_PSEUDO, NULL, 2}};
	struct d6_call c;
	counts(c44, 2, 20, &c);
	for (int l = 0; l < t->n_locus; l++) {
		int other = c.tally.locus[l][1] * 18 / 100;
		c.tally.locus[l][1] -= other;
		c.tally.locus[l][0] += other;
	}
	call(&c);
	ck_assert_int_eq(c.status, PGX_NO_MATCH);
	ck_assert_ptr_null(c.phenotype);
}
END_TEST

/* The more reads, the surer; also where a region has none at all. */
START_TEST(deep)
{
	struct d6_call c;
	counts(person[_i].copy, 5, 100, &c);
	call(&c);
	ck_assert_int_eq(c.status, PGX_CALLED);
	ck_assert_str_eq(c.dip[0].text, person[_i].text);
	ck_assert_str_eq(c.phenotype, person[_i].phenotype);
}
END_TEST

START_TEST(unknown_is_refused)
{
	static const struct copy odd[] = {{D6_WHOLE, "*1", 2}, {D6_ODD, NULL, 1}, {D6_PSEUDO, NULL, 2}};
	struct d6_call c;
	counts(odd, 3, 20, &c);
	call(&c);
	ck_assert_int_eq(c.status, PGX_NO_MATCH);
	ck_assert_ptr_null(c.phenotype);
	counts(person[0].copy, 5, 20, &c);
	c.depth.observed[D6_TAIL] *= 3;
	call(&c);
	ck_assert_int_eq(c.status, PGX_NOT_ASSESSED);
	counts(person[0].copy, 5, 20, &c);
	for (int l = 0; l < t->n_locus; l++)
		if (t->locus[l].pos + 1 == 42128817 || t->locus[l].pos + 1 == 42128945 ||
			t->locus[l].pos + 1 == 42129770) {
			c.tally.locus[l][0] = 32;
			c.tally.locus[l][1] = 8;
		}
	call(&c);
	ck_assert_ptr_null(c.phenotype);
}
END_TEST

START_TEST(units)
{
	static const struct d6_cut cut = {42130250, 42128080};
	struct d6_units u = {{1, 1, 1, 1, 1, 1, 1}};
	ck_assert_int_eq(d6_units_total(&u), 7);
	ck_assert_int_eq(d6_units_head(&u), 5);
	ck_assert_int_eq(d6_units_tail(&u), 4);
	ck_assert_int_eq(like6(D6_73, 42126700, &cut), 1);
	ck_assert_int_eq(like6(D6_73, 42130700, &cut), 0);
	ck_assert_int_eq(like6(D6_68, 42130700, &cut), 1);
	ck_assert_int_eq(like6(D6_68, 42129000, &cut), 0);
	ck_assert_int_eq(like6(D6_36, 42126640, &cut), 0);
	ck_assert_int_eq(like6(D6_36, 42127500, &cut), 1);
	ck_assert_int_eq(like6(D6_EXON9, 42126640, &cut), 0);
	ck_assert_int_eq(like6(D6_EXON9, 42126500, &cut), 1);
	ck_assert(d6_units_near_switch(&u, 42130000, &cut));
	ck_assert(!d6_units_near_switch(&u, 42129400, &cut));
	memset(&u, 0, sizeof u);
	u.n[D6_WHOLE] = 2;
	ck_assert(!d6_units_near_switch(&u, 42130000, &cut));
}
END_TEST

/* 20 reads per copy and 100 bases everywhere; `from` to `to`: where the input has reads. */
static void fill(struct d6_count *c, int64_t from, int64_t to, double genes)
{
	for (int b = 0; b < t->n_bin; b++) {
		int64_t beg = t->bin[b].beg > from ? t->bin[b].beg : from,
			end = t->bin[b].end < to ? t->bin[b].end : to;
		double copies = t->bin[b].role == D6_FLANK ? 2 : genes;
		memset(&c[b], 0, sizeof c[b]);
		if (end <= beg)
			continue;
		c[b].n = c[b].n_sure = (uint32_t)(0.2 * copies * (double)(end - beg) / 2);
		c[b].bases = c[b].n * 150;
		c[b].gc = c[b].bases / 2;
	}
}

START_TEST(depth)
{
	struct d6_count c[D6_MAX_BIN];
	struct d6_depth d;
	fill(c, 42000000, 43000000, 2);
	d6_depth(t, c, &d);
	ck_assert_ptr_null(d.why_not);
	ck_assert_double_eq_tol(d.observed[D6_GENE] / d.expected[D6_GENE], 4, 0.05);
	ck_assert_double_eq_tol(d.observed[D6_TAIL] / d.expected[D6_TAIL], 2, 0.05);
	fill(c, 42119850, 42149990, 3); /* a slice */
	d6_depth(t, c, &d);
	ck_assert_ptr_null(d.why_not);
	ck_assert_double_eq_tol(d.observed[D6_HEAD] / d.expected[D6_HEAD], 3, 0.05);
	fill(c, 42126000, 42131000, 2); /* the gene alone */
	d6_depth(t, c, &d);
	ck_assert_ptr_nonnull(d.why_not);
	fill(c, 42110000, 42131000, 2); /* one side */
	d6_depth(t, c, &d);
	ck_assert_ptr_nonnull(d.why_not);
	fill(c, 42000000, 43000000, 2); /* captured here and there */
	for (int b = 0; b < t->n_bin; b += 3)
		c[b].n = c[b].n_sure *= t->bin[b].role == D6_FLANK ? 4 : 1;
	d6_depth(t, c, &d);
	ck_assert_ptr_nonnull(d.why_not);
	ck_assert_ptr_nonnull(strstr(d.why_not, "uneven"));
	fill(c, 42000000, 43000000, 2); /* alternate contigs */
	for (int b = 0; b < t->n_bin; b++)
		c[b].n_sure /= 2;
	d6_depth(t, c, &d);
	ck_assert_ptr_nonnull(d.why_not);
	ck_assert_ptr_nonnull(strstr(d.why_not, "alternate"));
	memset(c, 0, sizeof c);
	d6_depth(t, c, &d);
	ck_assert_ptr_nonnull(d.why_not);
}
END_TEST

enum { READ_LEN = 150 };
static uint8_t seq[(READ_LEN + 1) / 2], qual[READ_LEN];

static void put_base(int i, char base)
{
	int code = base == 'A' ? 1 : base == 'C' ? 2 : base == 'G' ? 4 : 8;
	seq[i / 2] = (uint8_t)(i % 2 ? (seq[i / 2] & 0xF0) | code : (seq[i / 2] & 0x0F) | code << 4);
}

static struct grx_read read_at(int64_t pos, const uint32_t *cigar, uint32_t n_cigar, int64_t span)
{
	return (struct grx_read){.tid = 0,
		.pos = pos,
		.end = pos + span,
		.mapq = 60,
		.l_seq = READ_LEN,
		.n_cigar = n_cigar,
		.cigar = cigar,
		.seq = seq,
		.qual = qual,
		.name = "r",
		.name_hash = 7};
}

static void tally_of(struct grx_read *r, size_t n, struct d6_tally *c)
{
	struct d6_evidence *e = NULL, *part = NULL;
	struct grx_reads reads = {.n = n, .v = r};
	ck_assert_int_eq(d6_evidence_new(&cx, t, 1, &e), GRX_OK);
	for (int64_t beg = 42126000; beg < 42150000; beg += 1000) { /* shards of 1 kb */
		struct grx_shard sh = {.tid = 0, .beg = beg, .end = beg + 1000, .reads = &reads};
		ck_assert_int_eq(d6_shard(t, &cx, &sh, 1, &part), GRX_OK);
		ck_assert_int_eq(d6_merge(&cx, t, e, part), GRX_OK);
		d6_evidence_free(part);
	}
	ck_assert_int_eq(d6_tally(mem, t, e, 0, c), GRX_OK);
	d6_evidence_free(e);
}

static int locus_at(int64_t pos, const char *ref)
{
	for (int l = 0; l < t->n_locus; l++)
		if (t->locus[l].pos + 1 == pos && !strcmp(t->locus[l].ref, ref))
			return l;
	ck_abort_msg("no locus");
	return -1;
}

START_TEST(reads_to_counts)
{
	static const uint32_t whole[] = {READ_LEN << 4 | GRX_C_M};
	static const uint32_t gap[] = {60 << 4 | GRX_C_M, 1 << 4 | GRX_C_D, 90 << 4 | GRX_C_M};
	int del = locus_at(42128241, "CT"), snv = locus_at(42128945, "C");
	struct d6_tally c;
	memset(qual, 30, sizeof qual);
	memset(seq, 0x11, sizeof seq);
	struct grx_read r[2] = {
		read_at(42128241 - 60, gap, 3, READ_LEN + 1), read_at(42128945 - 51, whole, 1, READ_LEN)};
	tally_of(r, 1, &c);
	ck_assert_int_eq(c.locus[del][1], 1); /* *3 */
	ck_assert_int_eq(c.locus[del][0], 0);
	r[0] = read_at(42128241 - 60, whole, 1, READ_LEN);
	put_base(50, 'T');
	tally_of(r, 2, &c);
	ck_assert_int_eq(c.locus[del][0], 1);
	ck_assert_int_eq(c.locus[snv][1], 1); /* *4 */
	ck_assert_int_eq(c.n_fragment, 1);
	struct grx_read mate[2] = {r[1], r[1]}; /* a mate that shows the same counts once */
	tally_of(mate, 2, &c);
	ck_assert_int_eq(c.locus[snv][1], 1);
	mate[0].flag = GRX_R_DUP;
	mate[1].flag = GRX_R_SECONDARY;
	tally_of(mate, 2, &c);
	ck_assert_int_eq(c.n_fragment, 0);
	memset(qual, 5, sizeof qual); /* bases of low quality */
	tally_of(r + 1, 1, &c);
	ck_assert_int_eq(c.locus[snv][1] + c.locus[snv][0], 0);
}
END_TEST

/* A read that lies at CYP2D6 with little confidence but shows CYP2D7 at the sites is of CYP2D7. */
START_TEST(sites_tell_the_gene)
{
	static const uint32_t whole[] = {READ_LEN << 4 | GRX_C_M};
	struct d6_tally c;
	int64_t beg = 42128793 - 20;
	memset(qual, 30, sizeof qual);
	for (int seven = 0; seven < 2; seven++) {
		memset(seq, 0x88, sizeof seq);
		for (int i = 0; i < t->n_site; i++)
			if (t->site[i].pos6 >= beg && t->site[i].pos6 < beg + READ_LEN)
				put_base((int)(t->site[i].pos6 - beg),
					seven ? t->site[i].base7 : t->site[i].base6);
		struct grx_read r = read_at(beg, whole, 1, READ_LEN);
		r.mapq = 0;
		tally_of(&r, 1, &c);
		ck_assert_int_eq(c.n_six, !seven);
		ck_assert_int_eq(c.n_seven, seven);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pgx CYP2D6");
	TCase *tc = tcase_create("calls");
	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, people, 0, N_PERSON);
	tcase_add_loop_test(tc, a_locus_less, 0, N_PERSON);
	tcase_add_test(tc, missing_is_not_reference);
	tcase_add_loop_test(tc, deep, 0, N_PERSON);
	tcase_add_test(tc, missing_is_not_evidence);
	tcase_add_test(tc, stricter);
	tcase_add_test(tc, few_fragments);
	tcase_add_test(tc, another_person);
	tcase_add_test(tc, unknown_is_refused);
	tcase_add_test(tc, units);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, reads_to_counts);
	tcase_add_test(tc, sites_tell_the_gene);
	suite_add_tcase(s, tc);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
