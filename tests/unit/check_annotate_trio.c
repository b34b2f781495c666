/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_trio.c -- families: the PED file and its errors, the verdict on one allele, pairs in a gene.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "stage/annotate/trio_int.h"

static const struct trio_limits limits = {10, 20, 0.2, 0.02};

/* "0/1:30:99:14,16": GT, then DP, GQ and AD where given; "" is no sample. */
static void geno_put(struct grx_arena *mem, struct grx_var *v, int sample, const char *text)
{
	char t[128], *f[4] = {0};
	snprintf(t, sizeof t, "%s", text);
	int n = grx_split(t, ':', f, 4), p = 0;
	for (char *c = f[0]; *c; c++) {
		if (*c == '/' || *c == '|')
			continue;
		bool phased = c > f[0] && c[-1] == '|';
		v->gt[sample * 2 + p++] = *c == '.' ? phased : GRX_GT(*c - '0', phased);
	}
	if (p == 1)
		v->gt[sample * 2 + 1] = GRX_INT_END;
	grx_var_fmt(v, "DP")->v.i[sample] = n > 1 ? atoi(f[1]) : GRX_INT_MISSING;
	grx_var_fmt(v, "GQ")->v.i[sample] = n > 2 ? atoi(f[2]) : GRX_INT_MISSING;
	char *ad = n > 3 ? f[3] : NULL;
	for (int i = 0; ad && i < v->n_allele; i++) {
		grx_var_fmt(v, "AD")->v.i[sample * v->n_allele + i] = *ad == '.' ? GRX_INT_MISSING : atoi(ad);
		ad = strchr(ad, ',') ? strchr(ad, ',') + 1 : NULL;
	}
	(void)mem;
}

static struct grx_var *var_of(struct grx_arena *mem, const char *const text[3], const char *ps)
{
	static const char *const allele[] = {"A", "C", "G"};
	struct grx_var *v = grx_arena_calloc(mem, 1, sizeof *v);
	ck_assert_int_eq(grx_var_alleles_set(mem, v, 3, allele), 0);
	ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 3), 0);
	ck_assert_ptr_nonnull(grx_var_fmt_set(mem, v, "DP", GRX_T_INT, 1, 3));
	ck_assert_ptr_nonnull(grx_var_fmt_set(mem, v, "GQ", GRX_T_INT, 1, 3));
	ck_assert_ptr_nonnull(grx_var_fmt_set(mem, v, "AD", GRX_T_INT, 3, 3));
	if (ps)
		grx_var_fmt_set(mem, v, "PS", GRX_T_INT, 1, 3)->v.i[0] = atoi(ps);
	for (int i = 0; i < 3; i++)
		if (*text[i])
			geno_put(mem, v, i, text[i]);
	return v;
}

#define OK0 "0/0:30:99:30,0,0"
#define OK1 "0/1:30:99:15,15,0"
#define OK2 "1/1:30:99:0,30,0"

static const struct {
	enum trio_region region;
	enum grx_sex sex;
	const char *geno[3]; /* child, father, mother; "" absent */
	enum trio_value value;
	const char *from, *why;
} judge[] = {
	{TR_AUTO, 0, {OK1, OK0, OK0}, TV_DE_NOVO, "", ""},
	{TR_AUTO, 0, {OK1, "0|0:30:99:30,0,0", OK0}, TV_DE_NOVO, "", ""},
	/* missing is never reference */
	{TR_AUTO, 0, {OK1, "./.", OK0}, TV_NOT_ASSESSED, "", "father: no genotype"},
	{TR_AUTO, 0, {OK1, "./0:30:99", OK0}, TV_NOT_ASSESSED, "", "father: no genotype"},
	{TR_AUTO, 0, {OK1, "", OK0}, TV_NOT_ASSESSED, "", "father: not among the samples"},
	{TR_AUTO, 0, {OK1, OK0, "0/0:9:99:9,0,0"}, TV_NOT_ASSESSED, "", "mother: DP 9 below 10"},
	{TR_AUTO, 0, {OK1, OK0, "0/0:10:19:9,0,0"}, TV_NOT_ASSESSED, "", "mother: GQ 19 below 20"},
	{TR_AUTO, 0, {OK1, OK0, "0/0"}, TV_NOT_ASSESSED, "", "mother: no depth (DP)"},
	{TR_AUTO, 0, {OK1, OK0, "0/0:30"}, TV_NOT_ASSESSED, "", "mother: no genotype quality (GQ)"},
	{TR_AUTO, 0, {OK1, OK0, "0/0:30:99:29,1,0"}, TV_NOT_ASSESSED, "",
		"mother: 1 of 30 reads have the ALT"},
	{TR_AUTO, 0, {OK1, OK0, "0/2:30:99:15,0,15"}, TV_NOT_ASSESSED, "",
		"mother: carries another ALT here"},
	{TR_AUTO, 0, {"0/1:30:99:27,3,0", OK0, OK0}, TV_NOT_ASSESSED, "",
		"child: only 3 of 30 reads have the ALT"},
	{TR_AUTO, 0, {"0/1:5:99:2,3,0", OK0, OK0}, TV_NOT_ASSESSED, "", "child: DP 5 below 10"},
	{TR_AUTO, 0, {"./1:30:99:2,3,0", OK0, OK0}, TV_NOT_ASSESSED, "", "child: genotype incomplete"},
	/* AD missing or incomplete in a file that has it */
	{TR_AUTO, 0, {OK1, "0/0:30:99:30,.,0", OK0}, TV_NOT_ASSESSED, "", "father: no AD"},
	{TR_AUTO, 0, {OK1, OK0, "0/0:30:99"}, TV_NOT_ASSESSED, "", "mother: no AD"},
	{TR_AUTO, 0, {"0/1:30:99:15,.,0", OK0, OK0}, TV_NOT_ASSESSED, "", "child: no AD"},
	{TR_AUTO, 0, {OK1, OK1, "0/0:30:99:30,.,."}, TV_INHERITED, "father", "mother: no AD"},
	{TR_AUTO, 0, {OK1, OK1, OK0}, TV_INHERITED, "father", ""},
	{TR_AUTO, 0, {OK1, OK0, "1/2:30:99:0,15,15"}, TV_INHERITED, "mother", ""},
	{TR_AUTO, 0, {OK1, OK1, OK1}, TV_INHERITED, "either", ""},
	{TR_AUTO, 0, {OK1, "./.", OK1}, TV_INHERITED, "mother", "father: no genotype"},
	{TR_AUTO, 0, {OK2, OK1, OK1}, TV_HOMOZYGOUS_RECESSIVE, "both", ""},
	{TR_AUTO, 0, {OK2, OK2, OK1}, TV_HOMOZYGOUS, "both", ""},
	{TR_AUTO, 0, {OK2, OK1, OK0}, TV_MENDELIAN_ERROR, "father", ""},
	{TR_AUTO, 0, {OK2, OK1, "./."}, TV_HOMOZYGOUS, "father", "mother: no genotype"},
	{TR_AUTO, 0, {OK2, OK0, OK0}, TV_MENDELIAN_ERROR, "", ""},
	/* X: a son has it from his mother; the father does not matter */
	{TR_X, GRX_SEX_MALE, {OK2, OK0, OK1}, TV_X_LINKED, "mother", ""},
	{TR_X, GRX_SEX_MALE, {"1:30:99:0,30,0", "./.", OK1}, TV_X_LINKED, "mother", ""},
	{TR_X, GRX_SEX_MALE, {"1:30:99:0,30,0", "1", OK2}, TV_INHERITED, "mother", ""},
	{TR_X, GRX_SEX_MALE, {"1:30:99:0,30,0", "1:30:99", OK0}, TV_DE_NOVO, "", ""},
	{TR_X, GRX_SEX_MALE, {"1:30:99:0,30,0", OK0, "./."}, TV_NOT_ASSESSED, "", "mother: no genotype"},
	{TR_X, GRX_SEX_MALE, {OK1, OK0, OK0}, TV_NOT_ASSESSED, "", "child: male, heterozygous on X"},
	{TR_X, GRX_SEX_FEMALE, {OK1, "0:30:99:30,0,0", OK0}, TV_DE_NOVO, "", ""},
	{TR_X, GRX_SEX_FEMALE, {OK1, "1:30:99:0,30,0", OK0}, TV_INHERITED, "father", ""},
	{TR_X, GRX_SEX_FEMALE, {OK1, OK1, OK0}, TV_NOT_ASSESSED, "", "father: heterozygous on X"},
	{TR_X, GRX_SEX_FEMALE, {OK2, "1:30:99:0,30,0", OK1}, TV_HOMOZYGOUS, "both", ""},
	{TR_X, GRX_SEX_UNKNOWN, {OK2, OK0, OK1}, TV_NOT_ASSESSED, "",
		"child: sex is not known, no other allele on X"},
	{TR_X, GRX_SEX_UNKNOWN, {OK1, OK0, OK1}, TV_INHERITED, "mother", ""},
	{TR_X, GRX_SEX_FEMALE, {"1:30:99:0,30,0", OK0, OK1}, TV_NOT_ASSESSED, "",
		"child: haploid genotype where two copies are expected"},
	{TR_AUTO, 0, {"1:30:99:0,30,0", OK0, OK0}, TV_NOT_ASSESSED, "",
		"child: haploid genotype where two copies are expected"},
	/* nor does one copy of a parent speak for the other */
	{TR_AUTO, 0, {OK1, OK0, "0:30:99:30,0,0"}, TV_NOT_ASSESSED, "",
		"mother: haploid genotype where two copies are expected"},
	{TR_AUTO, 0, {OK1, OK1, "0:30:99:30,0,0"}, TV_INHERITED, "father",
		"mother: haploid genotype where two copies are expected"},
	{TR_AUTO, 0, {OK2, OK1, "0:30:99:30,0,0"}, TV_HOMOZYGOUS, "father",
		"mother: haploid genotype where two copies are expected"},
	{TR_X, GRX_SEX_MALE, {OK2, OK0, "0:30:99:30,0,0"}, TV_NOT_ASSESSED, "",
		"mother: haploid genotype where two copies are expected"},
	{TR_Y, GRX_SEX_MALE, {"1:30:99:0,30,0", "1:30:99", ""}, TV_INHERITED, "father", ""},
	{TR_Y, GRX_SEX_MALE, {"1:30:99:0,30,0", "0:30:99:30,0,0", ""}, TV_DE_NOVO, "", ""},
	{TR_Y, GRX_SEX_FEMALE, {OK1, OK0, OK0}, TV_NOT_ASSESSED, "",
		"child: carries an allele of Y but is female in the PED file"},
	{TR_Y, GRX_SEX_UNKNOWN, {OK1, OK0, OK0}, TV_NOT_ASSESSED, "", "child: sex is not known, allele on Y"},
	{TR_MT, GRX_SEX_MALE, {OK1, "", OK1}, TV_INHERITED, "mother", ""},
	{TR_MT, GRX_SEX_MALE, {OK2, OK2, OK0}, TV_DE_NOVO, "", ""},
};

START_TEST(verdicts)
{
	struct grx_arena *mem = grx_arena_new();
	for (size_t i = 0; i < sizeof judge / sizeof *judge; i++) {
		struct grx_var *v = var_of(mem, judge[i].geno, NULL);
		struct trio_case c = {
			.region = judge[i].region, .sex = judge[i].sex, .has_ad = true, .lim = &limits};
		struct trio_geno *g[3] = {&c.kid, &c.father, &c.mother};
		struct trio_verdict x;
		for (int k = 0; k < 3; k++)
			*g[k] = annotate_trio_geno(v, *judge[i].geno[k] ? k : -1, 1);
		annotate_trio_judge(&c, &x);
		ck_assert_msg(x.value == judge[i].value, "row %zu: %s (%s), expected %s", i,
			annotate_trio_value_name[x.value], x.why, annotate_trio_value_name[judge[i].value]);
		ck_assert_msg(
			strcmp(x.from ? x.from : "", judge[i].from) == 0, "row %zu: from %s", i, x.from);
		ck_assert_msg(strcmp(x.why, judge[i].why) == 0, "row %zu: %s", i, x.why);
		/* a filtered record proves nothing new */
		c.record_filtered = true;
		annotate_trio_judge(&c, &x);
		ck_assert_int_ne(x.value, TV_DE_NOVO);
	}
	grx_arena_free(mem);
}
END_TEST

/* Where the allele came from is proven by good genotypes only: the child's, the giver's, the other's. */
START_TEST(origins)
{
	static const struct {
		const char *geno[3];
		bool filtered;
		enum trio_origin origin;
		const char *why;
	} row[] = {
		{{OK1, OK1, OK0}, false, TO_FATHER, ""},
		{{OK1, OK0, OK1}, false, TO_MOTHER, ""},
		{{OK1, OK1, OK0}, true, TO_UNKNOWN, "record: FILTER is not PASS"},
		{{"0/1:1:99:0,1,0", OK1, OK0}, false, TO_UNKNOWN, "child: DP 1 below 10"},
		{{"0/1:30:1:15,15,0", OK1, OK0}, false, TO_UNKNOWN, "child: GQ 1 below 20"},
		{{"0/1:30:99:29,1,0", OK1, OK0}, false, TO_UNKNOWN, "child: only 1 of 30 reads have the ALT"},
		{{OK1, "0/1:1:99:0,1,0", OK0}, false, TO_UNKNOWN, "father: DP 1 below 10"},
		{{OK1, OK0, "0/1:30:1:15,15,0"}, false, TO_UNKNOWN, "mother: GQ 1 below 20"},
		{{OK1, OK1, "0/0:1:99:1,0,0"}, false, TO_UNKNOWN, "mother: DP 1 below 10"},
	};
	struct grx_arena *mem = grx_arena_new();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct grx_var *v = var_of(mem, row[i].geno, NULL);
		struct trio_case c = {.has_ad = true, .record_filtered = row[i].filtered, .lim = &limits};
		struct trio_verdict x;
		c.kid = annotate_trio_geno(v, 0, 1);
		c.father = annotate_trio_geno(v, 1, 1);
		c.mother = annotate_trio_geno(v, 2, 1);
		annotate_trio_judge(&c, &x);
		ck_assert_int_eq(x.value, TV_INHERITED);
		ck_assert_msg(x.origin == row[i].origin, "row %zu: origin %d", i, (int)x.origin);
		ck_assert_msg(strcmp(x.why, row[i].why) == 0, "row %zu: %s", i, x.why);
	}
	grx_arena_free(mem);
}
END_TEST

START_TEST(a_file_without_ad)
{
	struct grx_arena *mem = grx_arena_new();
	const char *const text[3] = {"0/1:30:99", "0/0:30:99", "0/0:30:99"};
	struct grx_var *v = var_of(mem, text, NULL);
	struct trio_case c = {.lim = &limits};
	struct trio_verdict x;
	c.kid = annotate_trio_geno(v, 0, 1);
	c.father = annotate_trio_geno(v, 1, 1);
	c.mother = annotate_trio_geno(v, 2, 1);
	annotate_trio_judge(&c, &x);
	ck_assert_int_eq(x.value, TV_DE_NOVO);
	grx_arena_free(mem);
}
END_TEST

START_TEST(genotypes)
{
	struct grx_arena *mem = grx_arena_new();
	const char *const text[3] = {"1|2:30:99:0,15,15", "0|1:30:99", ".|1"};
	struct grx_var *v = var_of(mem, text, NULL);
	struct trio_geno g = annotate_trio_geno(v, 0, 2);
	ck_assert_int_eq(g.state, TG_HET);
	ck_assert_int_eq(g.hap, 1);
	ck_assert_int_eq(g.ps, -1);
	ck_assert_int_eq(g.n_other, 1);
	ck_assert_int_eq(g.ad_alt, 15);
	ck_assert_int_eq(annotate_trio_geno(v, 1, 1).hap, 1);
	ck_assert_int_eq(annotate_trio_geno(v, 1, 2).state, TG_OTHER);
	ck_assert_int_eq(annotate_trio_geno(v, 2, 1).hap, -1); /* incomplete */
	ck_assert_int_eq(annotate_trio_geno(v, 2, 2).state, TG_MISSING);
	/* with a PS column, phase counts within one set only */
	v = var_of(mem, text, "77");
	ck_assert_int_eq(annotate_trio_geno(v, 0, 1).ps, 77);
	ck_assert_int_eq(annotate_trio_geno(v, 1, 1).hap, -1);
	grx_arena_free(mem);
}
END_TEST

/* --- pairs --- */

struct cand_in {
	int64_t pos;
	enum trio_origin origin;
	int hap;
	int64_t ps;
	bool two_alts;
	const char *gene;
};

static struct grx_facts *pairs_of(const struct cand_in *in, int n, int64_t *n_pair)
{
	struct grx_ctx cx = {0};
	struct grx_facts *fs = grx_facts_new();
	struct trio_kid kid = {.name = "S"};
	*n_pair = 0;
	for (int i = 0; i < n; i++) {
		char key[64];
		struct grx_fact *f;
		const char *gene[1] = {in[i].gene};
		struct trio_call c = {.pos = in[i].pos,
			.hap = (int8_t)in[i].hap,
			.ps = in[i].ps,
			.two_alts = in[i].two_alts,
			.n_gene = 1,
			.gene = gene,
			.symbol = "SYM"};
		c.verdict.origin = in[i].origin;
		snprintf(key, sizeof key, "trio/v%d", i);
		ck_assert_int_eq(grx_facts_add(&cx, fs, "S", key, "annotate", &f), 0);
		ck_assert_int_eq(annotate_pairs_add(&cx, &kid, &c, f, fs, n_pair), 0);
	}
	ck_assert_int_eq(annotate_pairs_end(&cx, &kid, fs, n_pair), 0);
	ck_assert_ptr_null(kid.open);
	return fs;
}

/* Value, proof and pairs of gene G; "" when there is no fact. */
static void pair_is(const struct cand_in *in, int n, const char *want)
{
	int64_t n_pair;
	struct grx_facts *fs = pairs_of(in, n, &n_pair);
	const struct grx_fact *f = grx_facts_find(fs, "S", "trio/compound_het/G");
	char got[256] = "";
	if (f) {
		const char *a = grx_fact_attr_get(f, "in_trans"), *p = grx_fact_attr_get(f, "possible"),
			   *proof = grx_fact_attr_get(f, "proof");
		snprintf(got, sizeof got, "%s %s %s %s", f->value.str, proof ? proof : "-", a ? a : "-",
			p ? p : "-");
		ck_assert_int_ge(f->n_because, 2);
	}
	ck_assert_str_eq(got, want);
	grx_facts_free(fs);
}

START_TEST(pairs)
{
	const struct cand_in parents[] = {{100, TO_FATHER, -1, 0, 0, "G"}, {200, TO_MOTHER, -1, 0, 0, "G"},
		{300, TO_FATHER, -1, 0, 0, "G"}};
	pair_is(parents, 3, "in_trans parents v0+v1;v1+v2 -");
	const struct cand_in cis[] = {{100, TO_FATHER, -1, 0, 0, "G"}, {200, TO_FATHER, -1, 0, 0, "G"}};
	pair_is(cis, 2, "");
	const struct cand_in phase[] = {{100, TO_UNKNOWN, 0, 7, 0, "G"}, {200, TO_DE_NOVO, 1, 7, 0, "G"},
		{300, TO_UNKNOWN, 1, 7, 0, "G"}};
	pair_is(phase, 3, "in_trans phase v0+v1;v0+v2 -");
	const struct cand_in sets[] = {{100, TO_UNKNOWN, 0, 7, 0, "G"}, {200, TO_UNKNOWN, 1, 8, 0, "G"}};
	pair_is(sets, 2, "possible - - v0+v1");
	const struct cand_in unknown[] = {{100, TO_UNKNOWN, -1, 0, 0, "G"}, {200, TO_MOTHER, -1, 0, 0, "G"}};
	pair_is(unknown, 2, "possible - - v0+v1");
	const struct cand_in both[] = {{100, TO_UNKNOWN, -1, 0, 1, "G"}, {100, TO_UNKNOWN, -1, 0, 1, "G"}};
	pair_is(both, 2, "in_trans genotype v0+v1 -");
	/* another gene in between; one alone is no pair */
	const struct cand_in genes[] = {{100, TO_FATHER, -1, 0, 0, "G"}, {150, TO_MOTHER, -1, 0, 0, "H"},
		{200, TO_MOTHER, -1, 0, 0, "G"}};
	pair_is(genes, 3, "in_trans parents v0+v2 -");
	pair_is(genes, 2, "");
	/* the same identifier far away is another gene */
	const struct cand_in far[] = {{100, TO_FATHER, -1, 0, 0, "G"}, {6000000, TO_MOTHER, -1, 0, 0, "G"}};
	pair_is(far, 2, "");
}
END_TEST

START_TEST(many_pairs_are_counted)
{
	struct cand_in in[60];
	int64_t n_pair;
	for (int i = 0; i < 60; i++)
		in[i] = (struct cand_in){100 + i, i % 2 ? TO_FATHER : TO_MOTHER, -1, 0, 0, "G"};
	struct grx_facts *fs = pairs_of(in, 60, &n_pair);
	ck_assert_int_eq(n_pair, 900);
	ck_assert_int_eq(grx_facts_find(fs, "S", "trio/compound_het/G")->n, 900);
	grx_facts_free(fs);
}
END_TEST

/* --- PED --- */

static int ped(const char *text, struct grx_ctx *cx, struct grx_arena *mem, struct trio_ped *out)
{
	char path[] = "/tmp/check_annotate_trio.XXXXXX";
	char *sample[] = {"kid", "dad", "mum", "sis"};
	struct grx_hdr h = {.n_sample = 4, .sample = sample};
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	int rc = annotate_ped_read(cx, path, &h, mem, out);
	unlink(path);
	return rc;
}

START_TEST(ped_errors)
{
	const struct {
		const char *text;
		int rc;
		const char *says;
	} bad[] = {
		{"F kid dad mum 1\n", GRX_E_DATA, ":1: found 5 columns, expected 6"},
		{"#c\n\nF kid dad mum 3 2\n", GRX_E_DATA, ":3: sex '3' of 'kid'"},
		{"F kid dad mum 1 2\nG kid 0 0 1 2\n", GRX_E_DATA, ":2: person 'kid' was on line 1"},
		{"F kid kid mum 1 2\n", GRX_E_DATA, ":1: 'kid' is its own parent"},
		{"F kid dad dad 1 2\n", GRX_E_DATA, "'dad' as father and mother"},
		{"F kid dad mum 1 2\nF dad 0 0 2 1\n", GRX_E_DATA,
			":1: the father 'dad' of 'kid' is female on line 2"},
		{"F mum 0 0 1 1\nF kid dad mum 1 2\n", GRX_E_DATA,
			":2: the mother 'mum' of 'kid' is male on line 1"},
		{"F kid dad 0 1 2\nF dad kid 0 1 2\n", GRX_E_DATA, ":1: 'kid' is among its own ancestors"},
		{"F x y z 1 2\n", GRX_E_MISMATCH, "names no sample"},
		{"", GRX_E_MISMATCH, "nobody"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct grx_ctx cx = {0};
		struct trio_ped out;
		struct grx_arena *mem = grx_arena_new();
		cx.log = grx_log_new(0, false);
		ck_assert_msg(ped(bad[i].text, &cx, mem, &out) == bad[i].rc, "case %zu: %s", i, cx.err.msg);
		ck_assert_msg(strstr(cx.err.msg, bad[i].says) != NULL, "case %zu: %s", i, cx.err.msg);
		grx_log_free(cx.log);
		grx_arena_free(mem);
	}
}
END_TEST

START_TEST(ped_good)
{
	struct grx_ctx cx = {0};
	struct trio_ped p;
	struct grx_arena *mem = grx_arena_new();
	const char *text = "F\tkid dad mum\t1\t2\tA A\r\nF sis 0 mum 2 1\nF dad 0 0 1 1\nF other x y 0 -9\n"
			   "F mum nobody 0 2 -9\n";
	ck_assert_msg(ped(text, &cx, mem, &p) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(p.n_people, 5);
	ck_assert_int_eq(p.n_not_in_header, 1);
	ck_assert_int_eq(p.n_kid, 2);
	ck_assert_int_eq(p.n_without_parents, 1);
	ck_assert_int_eq(p.n_parent_absent, 1);
	ck_assert_int_eq(p.kid[0].father, 1);
	ck_assert_int_eq(p.kid[0].mother, 2);
	ck_assert_int_eq(p.kid[0].sex, GRX_SEX_MALE);
	ck_assert_int_eq(p.kid[0].affected, 1);
	ck_assert_int_eq(p.kid[1].father, -1);
	ck_assert_int_eq(p.kid[1].affected, 0);
	grx_arena_free(mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_trio");
	TCase *t = tcase_create("annotate_trio");
	tcase_add_test(t, verdicts);
	tcase_add_test(t, origins);
	tcase_add_test(t, a_file_without_ad);
	tcase_add_test(t, genotypes);
	tcase_add_test(t, pairs);
	tcase_add_test(t, many_pairs_are_counted);
	tcase_add_test(t, ped_errors);
	tcase_add_test(t, ped_good);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
