/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_whatif.c -- calling a gene anew from the loci of its facts: without an edit it says what the facts
 * say, for random diplotypes of every gene with loci missing, low GQ, phased or not; an edit does what the
 * same genotype in the input does; unknown loci and genotypes are refused. Run from the project root. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/opt.h"
#include "bio/contig.h"
#include "stage/pgx/whatif_int.h"
#include "stage/stages.h"

static struct grx_ctx cx;
static struct grx_pgx_tool *tool;
static struct grx_arena *mem;
static uint64_t seed = 7;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.threads = 1;
	cx.refdata = "refdata";
	mem = grx_arena_new();
	ck_assert_msg(grx_pgx_tool_open(&cx, &tool) == GRX_OK, "%s", cx.err.msg);
}

static void teardown(void)
{
	grx_pgx_tool_close(tool);
	grx_arena_free(mem);
}

static int code(uint32_t mask, int n_alt)
{
	for (;;) {
		int c = (int)rnd((uint32_t)n_alt + 1);
		if (mask >> c & 1u)
			return c;
	}
}

/* A record at a locus; gq < 0: none; a < 0: not called. */
static void put(struct grx_vars *b, const struct pgx_locus *l, int a, int c, bool phased, int gq)
{
	struct grx_var *v = grx_vars_push(b);
	const char *al[33] = {l->ref};
	for (int k = 0; k < l->n_alt; k++)
		al[k + 1] = l->alt[k];
	v->tid = l->tid;
	v->pos = l->pos;
	v->rlen = (int64_t)strlen(l->ref);
	ck_assert_int_eq(grx_var_alleles_set(mem, v, l->n_alt + 1, al), GRX_OK);
	ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 1), GRX_OK);
	v->gt[0] = a < 0 ? 0 : GRX_GT(a, 0);
	v->gt[1] = a < 0 ? 0 : GRX_GT(c, phased);
	if (gq >= 0)
		grx_var_fmt_set(mem, v, "GQ", GRX_T_INT, 1, 1)->v.i[0] = gq;
}

/* The pgx stage on one batch. */
static void stage(struct grx_vars *b, const char *gene, struct grx_facts *out)
{
	struct grx_ctx sub = cx;
	struct pgx_opt opt = {0};
	struct grx_opt_set set = {"", pgx_opts, &opt};
	struct grx_hdr *hdr = grx_hdr_new(tool->contigs);
	struct grx_shard sh = {.tid = -1, .vars = b, .mem = mem, .scratch = mem};
	void *st = NULL;
	ck_assert_int_eq(grx_hdr_sample_add(&cx, hdr, "S"), GRX_OK);
	b->hdr = hdr;
	sub.hdr = hdr;
	sub.contigs = tool->contigs;
	ck_assert_int_eq(grx_opts_default(&sub, &set, 1), GRX_OK);
	opt.genes = gene;
	ck_assert_msg(grx_stage_pgx.open(&opt, &sub, &st) == GRX_OK, "%s", sub.err.msg);
	ck_assert_int_eq(grx_stage_pgx.shard(st, &sub, &sh), GRX_OK);
	ck_assert_int_eq(grx_stage_pgx.merge(st, &sub, &sh), GRX_OK);
	ck_assert_int_eq(grx_stage_pgx.finish(st, &sub, out, NULL), GRX_OK);
	grx_stage_pgx.close(st);
	grx_hdr_free(hdr);
}

static const char *text(const struct grx_fact *f)
{
	const char *reason = f ? grx_fact_attr_get(f, "reason") : NULL;
	char buf[32];
	if (!f)
		return "no fact";
	if (f->value.type == GRX_V_STR)
		return f->value.str;
	if (f->value.type == GRX_V_NUM)
		return grx_arena_strdup(mem, grx_fmt_g(buf, f->value.num, 10));
	return reason ? reason : "missing";
}

static void same(const struct grx_facts *a, const struct grx_facts *b, const char *gene)
{
	static const char *const what[] = {"diplotype", "phenotype", "activity_score", "status"};
	for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
		char key[128];
		snprintf(key, sizeof key, "pgx/%s/%s", gene, what[i]);
		const char *x = text(grx_facts_find(a, "S", key)), *y = text(grx_facts_find(b, "S", key));
		ck_assert_msg(!strcmp(x, y), "%s: %s, anew %s", key, x, y);
	}
}

static void again(const struct grx_facts *fs, const char *gene, const struct grx_pgx_edit *e, int n,
	struct grx_facts *out)
{
	struct grx_pgx_call c = {fs, "S", gene, e, n, false};
	struct grx_str notes = {0};
	ck_assert_msg(grx_pgx_again(&cx, tool, &c, out, &notes) == GRX_OK, "%s", cx.err.msg);
	ck_assert_msg(!notes.n, "%s", notes.s);
	grx_str_clear(&notes);
}

/* A sample with alleles x and y; some loci missing, not called or of low GQ. With edit: the genotype of locus
 * at is g0/g1 instead. */
struct want {
	int x, y, at, g0, g1;
	bool phased;
	uint32_t holes; /* one locus in so many is not usable; 0 none */
};

static struct grx_vars *batch(const struct pgx_gene *g, const struct want *w)
{
	struct grx_vars *b = grx_vars_new(mem, NULL);
	for (int l = 0; l < g->n_locus; l++) {
		const struct pgx_locus *loc = &tool->table->locus[g->first + l];
		int a = code(g->allele[w->x].mask[l], loc->n_alt),
		    c = code(g->allele[w->y].mask[l], loc->n_alt);
		uint32_t hole = w->holes ? rnd(w->holes) : 9, how = rnd(3);
		if (l == w->at)
			put(b, loc, w->g0, w->g1, false, 99);
		else if (hole || how == 2)
			put(b, loc, a, c, w->phased, hole ? 50 : 3);
		else if (how == 1)
			put(b, loc, -1, -1, false, -1);
	}
	return b;
}

START_TEST(test_unchanged)
{
	int n = 0;
	for (int i = 0; i < tool->table->n_gene; i++) {
		const struct pgx_gene *g = &tool->table->gene[i];
		if (g->method == PGX_NEVER)
			continue;
		for (int r = 0; r < 24; r++) {
			struct want w = {(int)rnd((uint32_t)g->n_allele), (int)rnd((uint32_t)g->n_allele), -1,
				0, 0, r % 2, r % 3 ? 10 : 0};
			struct grx_facts *a = grx_facts_new(), *b = grx_facts_new();
			grx_arena_reset(mem);
			stage(batch(g, &w), g->name, a);
			again(a, g->name, NULL, 0, b);
			same(a, b, g->name);
			grx_facts_free(a);
			grx_facts_free(b);
			n++;
		}
	}
	ck_assert_int_gt(n, 400);
}
END_TEST

START_TEST(test_edit_equals_input)
{
	for (int i = 0; i < tool->table->n_gene; i++) {
		const struct pgx_gene *g = &tool->table->gene[i];
		if (g->method == PGX_NEVER)
			continue;
		for (int r = 0; r < 12; r++) {
			int at = (int)rnd((uint32_t)g->n_locus), alt = rnd(3) ? 1 : 0;
			const struct pgx_locus *l = &tool->table->locus[g->first + at];
			struct want w = {(int)rnd((uint32_t)g->n_allele), g->ref_allele, -1, 0, 0, false, 0};
			struct grx_facts *a = grx_facts_new(), *b = grx_facts_new(), *c = grx_facts_new();
			struct grx_pgx_edit e;
			char q[160];
			uint64_t keep;
			snprintf(q, sizeof q, "%s:%lld=%d/%d", l->chrom, (long long)l->pos + 1, 0, alt);
			ck_assert_msg(
				grx_pgx_edit_parse(&cx, tool, q, g->name, &e) == GRX_OK, "%s", cx.err.msg);
			grx_arena_reset(mem);
			keep = seed;
			stage(batch(g, &w), g->name, a);
			again(a, g->name, &e, 1, b);
			seed = keep;
			w.at = at;
			w.g1 = alt;
			stage(batch(g, &w), g->name, c);
			same(c, b, g->name);
			grx_facts_free(a);
			grx_facts_free(b);
			grx_facts_free(c);
		}
	}
}
END_TEST

static int parse(const char *q, const char *genes, struct grx_pgx_edit *e)
{
	memset(&cx.err, 0, sizeof cx.err);
	return grx_pgx_edit_parse(&cx, tool, q, genes, e);
}

START_TEST(test_parse)
{
	static const struct {
		const char *q, *gt;
	} good[] = {{"rs4244285=0/1", "0/1"}, {"RS4244285=g/A", "0/1"}, {"chr10:94781859=1|0", "1|0"},
		{"10:94781859=A/A", "1/1"}, {"rs4244285=./.", "./."}, {"rs4244285=.", "./."},
		{"rs4244285=1", "1"}, {"rs4244285=./1", "./1"}};
	static const struct {
		const char *q, *says;
	} bad[] = {{"rs4244285", "expected LOCUS=GT"}, {"=0/1", "expected LOCUS=GT"},
		{"rs424428=0/1", "near: rs4244285"}, {"chr10:5=0/1", "it has 35: "},
		{"rs1799853=0/1", "a locus of CYP2C9"}, {"rs4244285=", "no genotype"},
		{"rs4244285=0/2", "its alleles are 0 = G (REF), 1.. = A"}, {"rs4244285=A/T", "no genotype"},
		{"rs4244285=0/1/1", "no genotype"}, {"rs4244285=0/", "no genotype"},
		{"rs4244285=-1/0", "no genotype"}};
	struct grx_pgx_edit e;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(parse(good[i].q, "CYP2C19", &e) == GRX_OK, "%s: %s", good[i].q, cx.err.msg);
		ck_assert_str_eq(e.gt, good[i].gt);
		ck_assert_int_eq(e.pos, 94781859);
		ck_assert_str_eq(e.name, "rs4244285");
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(parse(bad[i].q, "CYP2C19", &e), GRX_E_USAGE);
		ck_assert_msg(strstr(cx.err.msg, bad[i].says) != NULL, "%s: %s", bad[i].q, cx.err.msg);
	}
}
END_TEST

START_TEST(test_no_loci)
{
	struct grx_facts *fs = grx_facts_new(), *out = grx_facts_new();
	struct grx_str notes = {0};
	struct grx_pgx_call c = {fs, "S", "CYP2C19", NULL, 0, false};
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", "pgx/CYP2C19/diplotype", "other", "*1/*2"), GRX_OK);
	ck_assert_int_eq(grx_pgx_again(&cx, tool, &c, out, &notes), GRX_E_USAGE);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "hold no loci of CYP2C19"));
	grx_facts_free(fs);
	grx_facts_free(out);
}
END_TEST

/* A record that other positions explain, or an allele of no table, is not guessed to be an allele. */
START_TEST(test_not_rebuilt)
{
	struct grx_facts *fs = grx_facts_new(), *out = grx_facts_new();
	struct grx_str notes = {0};
	struct grx_pgx_call c = {fs, "S", "CYP2C19", NULL, 0, false};
	struct grx_because b = {.chrom = "chr10",
		.pos = 94781859,
		.ref = "TGG",
		.alt = "TGC",
		.name = "rs4244285",
		.gt = "0/1",
		.dp = 20,
		.gq = 50};
	struct grx_fact *f;
	ck_assert_int_eq(grx_facts_add(&cx, fs, "S", "pgx/CYP2C19/diplotype", "pgx", &f), GRX_OK);
	ck_assert_int_eq(grx_fact_because(fs, f, &b), GRX_OK);
	ck_assert_int_eq(grx_pgx_again(&cx, tool, &c, out, &notes), GRX_OK);
	ck_assert_ptr_nonnull(
		strstr(notes.s, "rs4244285: a record of another position (TGG>TGC) cannot be rebuilt"));
	f = (struct grx_fact *)grx_facts_find(out, "S", "pgx/CYP2C19/diplotype");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->status, GRX_FACT_MISSING);
	grx_str_clear(&notes);
	grx_facts_free(fs);
	grx_facts_free(out);
}
END_TEST

START_TEST(test_defines)
{
	struct grx_str s = {0};
	grx_pgx_defines(tool, "CYP2C19", "10", 94781859, 8, &s);
	ck_assert_ptr_nonnull(strstr(s.s, "*2"));
	ck_assert_ptr_null(strstr(s.s, "*17"));
	grx_str_reset(&s);
	grx_pgx_defines(tool, "CYP2C19", "chr10", 5, 8, &s);
	ck_assert_uint_eq(s.n, 0);
	grx_str_clear(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("whatif");
	TCase *t = tcase_create("whatif");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 0);
	tcase_add_test(t, test_unchanged);
	tcase_add_test(t, test_edit_equals_input);
	tcase_add_test(t, test_parse);
	tcase_add_test(t, test_no_loci);
	tcase_add_test(t, test_not_rebuilt);
	tcase_add_test(t, test_defines);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
