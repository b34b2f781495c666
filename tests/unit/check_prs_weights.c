/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_weights.c -- scoring files of all forms, their compiled sets, cursors, cache, liftover, numbers.
 */
#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/out.h"
#include "bio/chain.h"
#include "genorx/opt.h"
#include "io/genosrc.h"
#include "io/text.h"
#include "math/rng.h"
#include "stage/prs/weights_int.h"

/* --- helpers --- */
static struct grx_ctx cx;
static char dir[] = "/tmp/check_prs_wXXXXXX";
static const char *paths[4096];
static struct grx_strs list = {0, paths};
static struct prs_set_opt opt;
static char file[8][256];

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.log = grx_log_new(0, false);
	cx.threads = 1;
	snprintf(dir, sizeof dir, "/tmp/check_prs_wXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	memset(&opt, 0, sizeof opt);
	opt.path = &list;
	opt.min_lift = 0.95;
	list.n = 0;
	for (int i = 0; i < 8; i++)
		snprintf(file[i], sizeof file[i], "%s/f%d.txt", dir, i);
}

static void teardown(void)
{
	char cmd[300];
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
	grx_log_free(cx.log);
}

static void put(int i, const char *text)
{
	FILE *f = fopen(file[i], "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	list.v[list.n++] = file[i];
}

static struct prs_set *opened(size_t run)
{
	struct prs_set *s;
	int rc = prs_set_open_runs(&cx, &opt, run, &s);
	ck_assert_msg(rc == 0, "%s", cx.err.msg);
	return s;
}

static void refused(int status, const char *text)
{
	struct prs_set *s;
	int rc = prs_set_open(&cx, &opt, &s);
	ck_assert_int_eq(rc, status);
	ck_assert_msg(strstr(cx.err.msg, text) != NULL, "'%s' not in: %s", text, cx.err.msg);
	ck_assert_ptr_null(s);
	grx_ctx_reset(&cx);
}

/* All rows by index, as text: "chrom:pos ea oa code w,w". */
static char (*all_rows(struct prs_set *s))[160]
{
	char(*t)[160] = calloc(s->n_row + 1, sizeof *t);
	struct prs_wcur *c;
	ck_assert_int_eq(prs_wcur_open(&cx, s, &c), 0);
	uint32_t seen = 0;
	for (int32_t k = -1; k < s->n_chrom; k++) {
		ck_assert_int_eq(prs_wcur_seek(&cx, c, k, 0, INT64_MAX), 0);
		const struct prs_wrow *r;
		int n;
		int64_t last = -1;
		for (;;) {
			ck_assert_msg(prs_wcur_next(&cx, c, &r, &n) == 0, "%s", cx.err.msg);
			if (n == 0)
				break;
			ck_assert(k < 0 ? n == 1 : r->pos > last);
			last = r->pos;
			for (int i = 0; i < n; i++) {
				ck_assert_int_eq(r[i].chrom, k);
				ck_assert_int_eq(r[i].pos, last);
				ck_assert(i == 0 || r[i].index > r[i - 1].index);
				char *p = t[r[i].index];
				ck_assert_str_eq(p, "");
				int m = snprintf(p, 160, "%s:%lld %.20s %.20s %s", k < 0 ? "-" : s->chrom[k],
					(long long)r[i].pos + 1, r[i].ea, r[i].oa ? r[i].oa : "-",
					prs_code_name(r[i].code));
				for (int w = 0; w < r[i].n_w && m < 140; w++)
					m += snprintf(p + m, 160 - (size_t)m, " %g", r[i].w[w]);
				seen++;
			}
		}
	}
	ck_assert_uint_eq(seen, s->n_row);
	for (uint32_t i = 0; i < s->n_row; i++)
		ck_assert_ptr_nonnull(strstr(t[i], prs_code_name(s->code0[i])));
	prs_wcur_close(c);
	return t;
}

/* --- numbers --- */
static void number_same(const char *s)
{
	const char *end;
	double a, b;
	bool ok = prs_num_scan(s, &end, &a) && !*end, want = grx_parse_f64(s, &b);
	ck_assert_msg(ok == want, "'%s': %d, expected %d", s, ok, want);
	if (ok)
		ck_assert_msg(memcmp(&a, &b, 8) == 0, "'%s': %.17g, expected %.17g", s, a, b);
}

START_TEST(numbers_edge)
{
	static const char *const t[] = {"0", "-0", "+0", "0.0", "1", "-1", ".5", "5.", ".", "", "-", "+",
		"1e", "1e+", "e5", "0x10", "inf", "nan", "-inf", "1e999", "-1e999", "1e-999", "1,5", "1 ",
		" 1", "1.2.3", "--1", "9007199254740992", "9007199254740993", "9007199254740995",
		"18446744073709551615", "18446744073709551616", "99999999999999999999", "1e22", "1e23",
		"1e-22", "1e-23", "1.5e27", "1.5e28", "4.9e-324", "2.4e-324", "1.7976931348623157e308",
		"1.7976931348623159e308", "0.000000000000000000000000000001",
		"0.1000000000000000055511151231257827", "0.16220387987485377", "0.1176470588235294117",
		"1000000000000000000000000000000000", "0000000000000000000000001", "0.00000000000000000000",
		"1e0000000000000000000005", "1e-0000001", "1e99999999999", "0e99999",
		"0.5000000000000000277"};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		number_same(t[i]);
	char long_zero[1400];
	memset(long_zero, '0', sizeof long_zero);
	memcpy(long_zero, "0.", 2);
	strcpy(long_zero + 900, "1");
	number_same(long_zero);
}
END_TEST

static uint64_t state = 12345;
static uint32_t rnd(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % n);
}

START_TEST(numbers_random)
{
	char s[64];
	/* slow under a sanitizer */
	for (int i = 0, rounds = getenv("GENORX_SANITIZED") ? 20000 : 1500000; i < rounds; i++) {
		char *p = s;
		if (rnd(3) == 0)
			*p++ = rnd(2) ? '-' : '+';
		int a = (int)rnd(rnd(4) ? 4 : 21), b = (int)rnd(rnd(4) ? 20 : 3);
		while (a-- > 0)
			*p++ = (char)('0' + rnd(10));
		if (rnd(8))
			*p++ = '.';
		while (b-- > 0)
			*p++ = (char)('0' + rnd(10));
		if (rnd(3) == 0)
			p += snprintf(p, 8, "e%d", (int)rnd(rnd(3) ? 60 : 700) - (rnd(3) ? 30 : 350));
		*p = '\0';
		number_same(s);
	}
	/* doubles and midpoints between neighbours, which are the hard ones */
	for (int i = 0; i < 300000; i++) {
		double x = (double)(((uint64_t)rnd(1u << 21) << 32 | rnd(UINT32_MAX)) + ((uint64_t)1 << 52)) *
			   pow(2, (int)rnd(60) - 80);
		snprintf(s, sizeof s, "%.17g", x);
		number_same(s);
		long double m = ((long double)x + (long double)nextafter(x, 1e300)) / 2;
		snprintf(s, sizeof s, "%.*Lg", 17 + (int)rnd(4), m);
		number_same(s);
	}
}
END_TEST

/* --- forms --- */
START_TEST(pgs_plain)
{
	put(0, "###PGS\n#format_version=2.0\n#pgs_id=PGS1\n#citation=a=b=c\n#genome_build=GRCh37\n"
	       "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tallelefrequency_"
	       "effect\n"
	       "rs1\t1\t100\ta\tG\t0.5\t0.25\nrs2\tchrX\t50\tAT\tA\t-1e-3\t\nrs3\t23\t50\tC\tA/T\t2\tNR\n"
	       "rs4\tGL1\t7\tC\tG\t1\t\n.\t1\t100\tC\t\t4\t1\n");
	struct prs_set *s = opened(PRS_RUN_BYTES);
	ck_assert_int_eq(s->n_file, 1);
	ck_assert_int_eq(s->n_col, 1);
	ck_assert_str_eq(s->col[0].id, "PGS1");
	ck_assert_int_eq(s->file[0].build, PRS_BUILD_37);
	ck_assert_int_eq(s->n_chrom, 26);
	ck_assert_str_eq(s->chrom[9], "10");
	ck_assert_str_eq(s->chrom[25], "GL1");
	char(*t)[160] = all_rows(s);
	ck_assert_str_eq(t[0], "1:100 A G no_locus 0.5");
	ck_assert_str_eq(t[1], "X:50 AT A no_locus -0.001");
	ck_assert_str_eq(t[2], "X:50 C - no_locus 2");
	ck_assert_str_eq(t[3], "GL1:7 C G no_locus 1");
	ck_assert_str_eq(t[4], "1:100 C - no_locus 4");
	ck_assert_double_eq_tol(s->col[0].sum_abs, 7.501, 1e-12);
	ck_assert_double_ge(s->col[0].bound, 15.002);
	ck_assert_int_eq(s->col[0].n_nonzero, 5);
	free(t);
	prs_set_close(s);
}
END_TEST

START_TEST(harmonised)
{
	put(0, "#pgs_id=H\n#genome_build=NR\n#HmPOS_build=GRCh38\n#HmPOS_match_chr={\"\"True\"\": null}\n"
	       "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\thm_rsID\thm_"
	       "chr\thm_pos\t"
	       "hm_inferOtherAllele\n"
	       "rs1\t1\t100\tA\t\t1\trs1\t2\t200\tG\nrs2\t1\t100\tA\tC\t1\trs2\t\t\tT\n."
	       "\t1\t5\tA\tC\t1\t\t\t\t\n");
	struct prs_set *s = opened(PRS_RUN_BYTES);
	ck_assert(s->file[0].harmonised);
	ck_assert_int_eq(s->file[0].build, PRS_BUILD_38);
	char(*t)[160] = all_rows(s);
	ck_assert_str_eq(t[0], "2:200 A G no_locus 1");
	ck_assert_str_eq(t[1], "-:0 A C no_position 1");
	ck_assert_str_eq(t[2], "-:0 A C no_position 1");
	free(t);
	prs_set_close(s);
}
END_TEST

START_TEST(types_and_complex)
{
	put(0, "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tdosage_0_weight\tdosage_"
	       "1_weight\t"
	       "dosage_2_weight\tis_dominant\tis_recessive\tis_diplotype\tvariant_type\tvariant_"
	       "description\tlocus_name\n"
	       "1\t1\tA\tC\t1\t\t\t\tTrue\tFalse\t\t\t\t\n1\t2\tA\tC\t1\t\t\t\tfalse\ttrue\t\t\t\t\n"
	       "1\t3\tA\tC\t\t.1\t.2\t-.3\t\t\t\t\t\t\n"
	       "6\t\tDR3/X\t\t2\t\t\t\t\t\tTRUE\tHLA_serotype\t\"X!=[DR4]\"\t\"HLA-DRB1, B\"\n"
	       "19\t\te4\t\t2\t\t\t\t\t\t\tAPOE_allele\t\t\n1\t9\tI\tD\t1\t\t\t\t\t\t\t\t\t\n");
	struct prs_set *s = opened(PRS_RUN_BYTES);
	char(*t)[160] = all_rows(s);
	ck_assert_str_eq(t[2], "1:3 A C no_locus 0.1 0.2 -0.3");
	ck_assert_str_eq(t[3], "-:0 DR3/X - unsupported_hla 2");
	ck_assert_str_eq(t[4], "-:0 e4 - unsupported_apoe 2");
	ck_assert_str_eq(t[5], "-:0 I - unsupported_allele 1");
	ck_assert_int_eq(s->file[0].n_complex, 2);
	ck_assert_str_eq(s->col[0].id, "f0");
	ck_assert_double_eq_tol(s->col[0].sum_abs, 7.3, 1e-12);
	free(t);
	struct prs_wcur *c;
	const struct prs_wrow *r;
	int n;
	ck_assert_int_eq(prs_wcur_open(&cx, s, &c), 0);
	ck_assert_int_eq(prs_wcur_seek(&cx, c, -1, 0, 1), 0);
	ck_assert_int_eq(prs_wcur_next(&cx, c, &r, &n), 0);
	ck_assert_str_eq(r->note, "X!=[DR4]");
	ck_assert_str_eq(r->locus, "HLA-DRB1, B");
	prs_wcur_close(c);
	prs_set_close(s);
}
END_TEST

START_TEST(plink_forms)
{
	put(0, "ID A1 S1 S2\n1:100:A:G G 1 0\nchr2_5_c_T\tT\t0.25\t-2\n3:7 a 0 3\nrs9 A 1 1\n1:100::A A 1 "
	       "1\n");
	put(1, "#ID\tA1\tT1\n1:100:A:G A 7\n");
	put(2, "1:100:A:G A 8\n1:101:A:G A 9\n");
	struct prs_set *s = opened(PRS_RUN_BYTES);
	ck_assert_int_eq(s->n_score, 4);
	ck_assert_str_eq(s->col[1].id, "S2");
	ck_assert_str_eq(s->col[2].id, "T1");
	ck_assert_str_eq(s->col[3].id, "f2");
	char(*t)[160] = all_rows(s);
	ck_assert_str_eq(t[0], "1:100 G A no_locus 1 0");
	ck_assert_str_eq(t[1], "2:5 T C no_locus 0.25 -2");
	ck_assert_str_eq(t[2], "3:7 A - no_locus 0 3");
	ck_assert_str_eq(t[3], "-:0 A - no_position 1 1");
	ck_assert_str_eq(t[4], "1:100 A - no_locus 1 1");
	ck_assert_str_eq(t[5], "1:100 A G no_locus 7");
	ck_assert(s->file[0].by_id && s->file[0].matrix);
	free(t);
	prs_set_close(s);
}
END_TEST

START_TEST(plink_numbered)
{
	put(0, "ID A1 1 2\n1:100:A:G G 1 0\n");
	put(1, "SNP a 3\n1:100:A:G G 1\n"); /* two rows: "a" is a base */
	struct prs_set *s = opened(PRS_RUN_BYTES);
	ck_assert_int_eq(s->n_score, 3);
	ck_assert_str_eq(s->col[0].id, "1");
	ck_assert_str_eq(s->col[1].id, "2");
	ck_assert_int_eq(s->file[0].n_row, 1);
	ck_assert_int_eq(s->file[1].n_row, 2);
	prs_set_close(s);
}
END_TEST

START_TEST(matrix_roles)
{
	put(0, "#weight_columns=alpha\nchr_name\tchr_position\teffect_allele\talpha\teffect_weight_B\teffect_"
	       "weight_B_se\n"
	       "1\t1\tA\t1\t2\t.5\n");
	put(1, "#pgs_id=D\nchr_name\tchr_position\teffect_allele\teffect_weight\tdraw_1\tdraw_2\tstandard_"
	       "error\n"
	       "1\t1\tA\t1\t2\t3\t4\n");
	struct prs_set *s = opened(PRS_RUN_BYTES);
	ck_assert_int_eq(s->n_col, 7);
	ck_assert_int_eq(s->n_score, 3);
	ck_assert_str_eq(s->col[0].id, "alpha");
	ck_assert_str_eq(s->col[1].id, "B");
	ck_assert_int_eq(s->col[2].role, PRS_COL_SE);
	ck_assert_int_eq(s->col[2].of, 1);
	ck_assert_str_eq(s->col[3].id, "D");
	ck_assert_int_eq(s->col[5].role, PRS_COL_DRAW);
	ck_assert_int_eq(s->col[5].of, 3);
	ck_assert_int_eq(s->col[6].role, PRS_COL_SE);
	prs_set_close(s);
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		const char *text, *want;
		int status;
	} t[] = {{"", "no column line", GRX_E_DATA}, {"#pgs_id=A\n", "no column line", GRX_E_DATA},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n", "no rows", GRX_E_DATA},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t0x1\n",
			":2:4: effect_weight '0x1'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\tinf\n", "'inf'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t1e999\n", "'1e999'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t1,5\n", "'1,5'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t\n", "''", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t0\tA\t1\n",
			":2:2: chr_position '0'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\n",
			":2:3: effect_allele '3 fields'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t1\t2\n", "'5 fields'", 65},
		{"chr_name\tchr_position\teffect_allele\n1\t1\tA\n", "effect_weight", 65},
		{"chr_name\tchr_position\teffect_weight\n1\t1\t1\n", "effect_allele", 65},
		{"chr_name chr_position effect_allele effect_weight\n1 1 A 1\n", "expected tabs", 65},
		{"rsID\teffect_allele\teffect_weight\n.\tA\t1\n", ":2:1: rsID '.'", 65},
		{"effect_allele\teffect_weight\nA\t1\n", "chr_name", 65},
		{"#genome_build=T2T\nchr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t1\n",
			"T2T", 65},
		{"#genome_build=GRCh37\nchr_name\tchr_position\teffect_allele\teffect_"
		 "weight\n1\t249250622\tA\t1\n",
			":3:2: '1:249250622'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\teffect_weight\n1\t1\tA\t1\t1\n",
			"each column once", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight_b\teffect_weight_b\n1\t1\tA\t1\t1\n",
			"two of its columns are score b", 65},
		{"chr_name\tchr_name\teffect_allele\teffect_weight\n1\t1\tA\t1\n", "each column once", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\tis_dominant\tis_"
		 "recessive\n1\t1\tA\t1\tTRUE\tTRUE\n",
			"at most one", 65},
		{"ID A1 S\nrs1 A 1 2\n", ":2:4: '2'", 65}, {"ID A1 S T\nrs1 A 1\n", "end of the line", 65},
		{"ID A1 S\nrs1 A 0x2\n", ":2:3: S '0x2'", 65}, {"rs1 A nan\n", ":1:3: 'nan'", 65},
		{"chr_name\tchr_position\teffect_allele\teffect_weight\tdraw_1\teffect_weight_"
		 "b\n1\t1\tA\t1\t1\t1\n",
			"draw_1", 65}};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		list.n = 0;
		put(0, t[i].text);
		refused(t[i].status, t[i].want);
	}
	list.n = 0;
	put(0, "ID A1 S\n1:1 A 1\n");
	put(1, "ID A1 S\n1:1 A 1\n");
	refused(GRX_E_DATA, "both have a score S");
	list.n = 0;
	list.v[list.n++] = "/nonexistent/x";
	refused(GRX_E_NOINPUT, "/nonexistent/x");
}
END_TEST

START_TEST(skipping)
{
	opt.skip_bad_rows = opt.skip_bad_files = true;
	put(0, "#pgs_id=A\nchr_name\tchr_position\teffect_allele\teffect_"
	       "weight\n1\t1\tA\tNaN\n1\t2\tA\t1\n1\tx\tA\t1\n");
	put(1, "");
	put(2, "#pgs_id=A\nchr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t1\n");
	put(3, "#pgs_id=B\nchr_name\tchr_position\teffect_allele\teffect_weight\n1\t1\tA\t1\n");
	struct prs_set *s = opened(64);
	const char *why;
	ck_assert_int_eq(s->n_file, 2);
	ck_assert_int_eq(prs_set_n_left_out(s), 2);
	ck_assert_str_eq(prs_set_left_out(s, 1, &why), file[2]);
	ck_assert_ptr_nonnull(strstr(why, "both have a score A"));
	ck_assert_uint_eq(s->n_row, 4);
	char(*t)[160] = all_rows(s);
	ck_assert_str_eq(t[0], "-:0 ? - bad_weight nan");
	ck_assert_str_eq(t[2], "-:0 ? - bad_row nan");
	ck_assert_str_eq(t[3], "1:1 A - no_locus 1");
	ck_assert_double_eq(s->col[0].sum_abs, 1);
	free(t);
	prs_set_close(s);
}
END_TEST

START_TEST(by_ids)
{
	struct grx_genosrc *src;
	put(7, "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=1000>\n##contig=<ID=chr2,length=1000>\n"
	       "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
	       "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
	       "chr1\t10\trs1\tA\tC\t.\t.\t.\tGT\t0/1\nchr1\t20\trs2;rs3\tA\tC\t.\t.\t.\tGT\t0/1\n"
	       "chr2\t6\trs4\tA\tC\t.\t.\t.\tGT\t0/1\nchr2\t7\trs4\tA\tC\t.\t.\t.\tGT\t0/1\n");
	list.n = 0;
	struct grx_genosrc_opt go = {.path = file[7]};
	ck_assert_msg(grx_genosrc_open(&cx, &go, &src) == 0, "%s", cx.err.msg);
	opt.ids = src;
	put(0, "ID A1 S\nrs3 A 1\nrs4 A 2\nrs1 C 3\nrs5 A 4\nrs1 G 5\n");
	put(1, "#pgs_id=P\nrsID\teffect_allele\teffect_weight\nrs2\tA\t1\n");
	for (size_t run = 1; run < 10000; run *= 100) {
		struct prs_set *s = opened(run);
		char(*t)[160] = all_rows(s);
		ck_assert_str_eq(t[0], "1:20 A - no_locus 1");
		ck_assert_str_eq(t[1], "-:0 A - no_position 2");
		ck_assert_str_eq(t[2], "1:10 C - no_locus 3");
		ck_assert_str_eq(t[3], "-:0 A - no_position 4");
		ck_assert_str_eq(t[4], "1:10 G - no_locus 5");
		ck_assert_str_eq(t[5], "1:20 A - no_locus 1");
		ck_assert_int_eq(s->file[0].n_placed_by_id, 3);
		ck_assert_int_eq(s->file[0].n_id_ambiguous, 1);
		free(t);
		prs_set_close(s);
	}
	list.n = 0;
	opt.compat_plink = true;
	put(0, "ID A1 S\nrs1 A 1\nrs1 C 2\nrs9 A 2\nrs9 A 3\n");
	prs_set_close(opened(PRS_RUN_BYTES));
	list.n = 0;
	put(0, "ID A1 S\nrs1 A 1\nrs1 C 2\nrs1 A 1\n");
	refused(GRX_E_DATA, ":4: variant rs1 allele A was given on line 2");
	/* frequencies by ID; the source's own reader is left alone */
	list.n = 0;
	opt.compat_plink = false;
	put(0, "ID A1 S\nrs1 A 1\n");
	put(1, "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n1\trs1\tA\tC\t0.25\t8\n1\trs2\tA\tC,G\t0.1,nan\t8\n"
	       "2\t2:9:A:T\tA\tT\t1\t8\n9\tzz\tA\tT\t1\t8\n");
	list.n = 1;
	opt.freq = file[1];
	struct prs_set *f = opened(PRS_RUN_BYTES);
	ck_assert_int_eq(f->freq_file, 1);
	ck_assert_int_eq(f->n_score, 1);
	ck_assert_int_eq(f->file[1].col_end - f->file[1].col_beg, 0);
	char(*u)[160] = all_rows(f);
	ck_assert_str_eq(u[1], "1:10 C A no_locus");
	ck_assert_str_eq(u[2], "1:20 C A no_locus");
	ck_assert_str_eq(u[3], "1:20 G A no_locus");
	ck_assert_str_eq(u[4], "2:9 T A no_locus");
	ck_assert_str_eq(u[5], "-:0 T A no_position");
	free(u);
	prs_set_close(f);
	struct grx_genocur *cur;
	ck_assert_int_eq(grx_genocur_open(&cx, src, &cur), 0);
	grx_genocur_close(cur);
	grx_genosrc_close(src);
}
END_TEST

START_TEST(duplicates)
{
	put(0, "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
	       "1\t1\tA\tG\t1\n1\t1\tA\tG\t1\n1\t1\tT\tC\t1\n" /* the same, and on the other strand */
	       "1\t2\tA\tG\t1\n1\t2\tG\tA\t-1\n"               /* both alleles: two terms */
	       "1\t3\tA\tG\t1\n1\t3\tA\tG\t2\n1\t3\tA\tG\t1\n" /* contradiction */
	       "1\t4\tA\tT\t1\n1\t4\tT\tA\t1\n"                /* palindrome: T is the other allele */
	       "1\t5\tA\tG\t1\n1\t5\tA\tC\t2\n"                /* other alleles differ */
	       "1\t6\tA\tG\t1\n1\t6\tA\t\t1\n");
	struct prs_set *s = opened(100);
	char(*t)[160] = all_rows(s);
	static const char *const code[] = {"no_locus", "duplicate", "duplicate", "no_locus", "no_locus",
		"contradictory", "contradictory", "contradictory", "no_locus", "no_locus", "no_locus",
		"no_locus", "no_locus", "duplicate"};
	for (int i = 0; i < 14; i++)
		ck_assert_msg(strstr(t[i], code[i]) != NULL, "%d: %s", i, t[i]);
	ck_assert_double_eq(s->col[0].sum_abs, 1 + 2 + 4 + 2 + 3 + 1);
	free(t);
	prs_set_close(s);
	opt.compat_pgsc = true;
	s = opened(100);
	t = all_rows(s);
	for (int i = 0; i < 14; i++)
		ck_assert_ptr_nonnull(strstr(t[i], "no_locus"));
	free(t);
	prs_set_close(s);
}
END_TEST

/* A file of n rows in no order; some at one position. */
static void put_many(int i, int n, int k, uint64_t seed)
{
	FILE *f = fopen(file[i], "w");
	ck_assert_ptr_nonnull(f);
	state = seed;
	fprintf(f, "chr_name\tchr_position\teffect_allele\tother_allele\trsID");
	for (int j = 0; j < k; j++)
		fprintf(f, "\teffect_weight_s%d_%d", i, j);
	fputc('\n', f);
	for (int r = 0; r < n; r++) {
		fprintf(f, "%u\t%u\t%.*s\tG\trs%d", rnd(24) + 1, rnd(n / 3) + 1, (int)rnd(2) + 1, "AT", r);
		for (int j = 0; j < k; j++)
			fprintf(f, "\t%s%u", rnd(3) ? "0." : "-", rnd(4) ? rnd(1000) : 0);
		fputc('\n', f);
	}
	ck_assert_int_eq(fclose(f), 0);
	list.v[list.n++] = file[i];
}

START_TEST(runs_agree)
{
	put_many(0, 3000, 1, 1);
	put_many(1, 2000, 9, 2);
	struct prs_set *a = opened(PRS_RUN_BYTES);
	char(*x)[160] = all_rows(a);
	static const size_t run[] = {1, 333, 5000, 100000};
	for (size_t i = 0; i < 4; i++) {
		struct prs_set *b = opened(run[i]);
		char(*y)[160] = all_rows(b);
		ck_assert_int_eq(memcmp(x, y, a->n_row * sizeof *x), 0);
		for (int32_t k = 0; k < a->n_col; k++)
			ck_assert_int_eq(memcmp(&a->col[k].bound, &b->col[k].bound, 16), 0);
		free(y);
		prs_set_close(b);
	}
	free(x);
	prs_set_close(a);
}
END_TEST

START_TEST(windows)
{
	put_many(0, 4000, 2, 3);
	struct prs_set *s = opened(5000);
	struct prs_wcur *c, *d;
	const struct prs_wrow *r;
	int n, n_win = 0;
	ck_assert_int_eq(prs_wcur_open(&cx, s, &c), 0);
	ck_assert_int_eq(prs_wcur_open(&cx, s, &d), 0);
	for (int32_t k = 0; k < 25; k++) { /* windows one after the other give what the chromosome gives */
		char whole[4000] = "";
		size_t at = 0;
		ck_assert_int_eq(prs_wcur_seek(&cx, d, k, 0, INT64_MAX), 0);
		while (prs_wcur_next(&cx, d, &r, &n) == 0 && n) {
			whole[at++ % 4000] = (char)n;
			n_win++;
		}
		size_t i = 0;
		for (int64_t b = 0; b < 2000; b += 37) {
			ck_assert_int_eq(prs_wcur_seek(&cx, c, k, b, b + 37), 0);
			while (prs_wcur_next(&cx, c, &r, &n) == 0 && n) {
				ck_assert(r->pos >= b && r->pos < b + 37);
				ck_assert_int_eq(whole[i++], n);
			}
		}
		ck_assert_uint_eq(i, at);
	}
	ck_assert_int_gt(n_win, 1000);
	prs_wcur_close(c);
	prs_wcur_close(d);
	prs_set_close(s);
}
END_TEST

/* --- cache --- */
static char cache_name[400];

static int cache_files(void)
{
	char cmd[600];
	snprintf(cmd, sizeof cmd, "ls -A %s | head -1; exit $(ls -A %s | wc -l)", opt.cache, opt.cache);
	FILE *p = popen(cmd, "r");
	char name[200] = "";
	if (fgets(name, sizeof name, p))
		name[strcspn(name, "\n")] = '\0';
	snprintf(cache_name, sizeof cache_name, "%s/%s", opt.cache, name);
	return WEXITSTATUS(pclose(p));
}

START_TEST(cache)
{
	char folder[300];
	snprintf(folder, sizeof folder, "%s/cache", dir);
	opt.cache = folder;
	put_many(0, 3000, 2, 4);
	struct prs_set *a = opened(5000);
	char(*x)[160] = all_rows(a);
	ck_assert_int_eq(cache_files(), 1);
	struct stat st;
	ck_assert_int_eq(stat(cache_name, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	/* a hit reads the same */
	struct prs_set *b = opened(5000);
	char(*y)[160] = all_rows(b);
	ck_assert_int_eq(memcmp(x, y, a->n_row * sizeof *x), 0);
	ck_assert_str_eq(b->disk->path, cache_name);
	ck_assert_int_eq(memcmp(&a->col[1].bound, &b->col[1].bound, 24), 0);
	free(y);
	prs_set_close(b);
	/* the compiled file as the only input */
	list.n = 1;
	list.v[0] = cache_name;
	opt.cache = NULL;
	b = opened(5000);
	y = all_rows(b);
	ck_assert_int_eq(memcmp(x, y, a->n_row * sizeof *x), 0);
	free(y);
	prs_set_close(b);
	opt.compat_pgsc = true;
	refused(GRX_E_MISMATCH, "--compat");
	opt.compat_pgsc = false;
	/* damage anywhere is found: in the metadata it is made anew, in a block it is refused */
	opt.cache = folder;
	list.v[0] = file[0];
	for (int64_t at = 0; at < st.st_size; at += st.st_size / 12) {
		int fd = open(cache_name, O_RDWR);
		unsigned char v;
		ck_assert_int_eq(pread(fd, &v, 1, at), 1);
		v ^= 0x40;
		ck_assert_int_eq(pwrite(fd, &v, 1, at), 1);
		close(fd);
		struct prs_set *s = opened(5000);
		struct prs_wcur *c;
		const struct prs_wrow *r;
		int n, rc = 0;
		ck_assert_int_eq(prs_wcur_open(&cx, s, &c), 0);
		for (int32_t k = -1; k < s->n_chrom && rc == 0; k++) {
			rc = prs_wcur_seek(&cx, c, k, 0, INT64_MAX);
			do
				rc = prs_wcur_next(&cx, c, &r, &n);
			while (rc == 0 && n);
		}
		ck_assert(rc == 0 || rc == GRX_E_DATA);
		if (rc)
			ck_assert_ptr_nonnull(strstr(cx.err.msg, cache_name));
		grx_ctx_reset(&cx);
		prs_wcur_close(c);
		prs_set_close(s);
		if (rc) {
			ck_assert_int_eq(unlink(cache_name), 0);
			prs_set_close(opened(5000));
		} else {
			ck_assert_int_lt(at, 80 + st.st_size); /* rebuilt: whole again */
		}
		ck_assert_int_eq(cache_files(), 1);
	}
	ck_assert_int_eq(truncate(cache_name, st.st_size - 1), 0);
	prs_set_close(opened(5000));
	/* other options, other contents: other names */
	opt.compat_plink = true;
	prs_set_close(opened(5000));
	ck_assert_int_eq(cache_files(), 2);
	free(x);
	prs_set_close(a);
}
END_TEST

START_TEST(cache_together)
{
	char folder[300];
	snprintf(folder, sizeof folder, "%s/cache", dir);
	opt.cache = folder;
	put_many(0, 3000, 2, 5);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			struct prs_set *s;
			_exit(prs_set_open_runs(&cx, &opt, 5000, &s) != 0 || s->n_row != 3000);
		}
	int st;
	for (int i = 0; i < 4; i++) {
		wait(&st);
		ck_assert_int_eq(st, 0);
	}
	ck_assert_int_eq(cache_files(), 1);
}
END_TEST

START_TEST(many_files)
{
	static char name[1500][64];
	for (int i = 0; i < 1500; i++) {
		snprintf(name[i], sizeof name[i], "%s/m%d", dir, i);
		FILE *f = fopen(name[i], "w");
		fprintf(f,
			"#pgs_id=M%d\nchr_name\tchr_position\teffect_allele\teffect_weight\n1\t%"
			"d\tA\t1\n1\t77\tA\t1\n",
			i, 1000 - i % 10);
		fclose(f);
		list.v[list.n++] = name[i];
	}
	struct prs_set *s = opened(5000);
	ck_assert_int_eq(s->n_score, 1500);
	struct prs_wcur *c;
	const struct prs_wrow *r;
	int n;
	ck_assert_int_eq(prs_wcur_open(&cx, s, &c), 0);
	ck_assert_int_eq(prs_wcur_seek(&cx, c, 0, 76, 77), 0);
	ck_assert_int_eq(prs_wcur_next(&cx, c, &r, &n), 0);
	ck_assert_int_eq(n, 1500);
	ck_assert_int_eq(r[1499].file, 1499);
	ck_assert_int_eq(prs_wcur_next(&cx, c, &r, &n), 0);
	ck_assert_int_eq(n, 0);
	prs_wcur_close(c);
	prs_set_close(s);
}
END_TEST

/* A compiled set beside other inputs gives what the files themselves give. */
START_TEST(compiled_again)
{
	char out[300];
	snprintf(out, sizeof out, "%s/set.prsw", dir);
	put_many(0, 500, 2, 8);
	put_many(1, 500, 1, 9);
	cx.outs = grx_outs_new();
	struct prs_set *a = opened(5000);
	ck_assert_int_eq(prs_set_save(&cx, a, out), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	grx_outs_free(cx.outs);
	cx.outs = NULL;
	prs_set_close(a);
	put(2, "chr_name\tchr_position\tref\talt\tfreq\nchr1\t5\tA\tC\t0.5\n");
	put(3, "#pgs_id=load\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight_inv_sd\t"
	       "effect_weight_PC1\n1\t5\tA\tC\t1\t2\n");
	put(4, "ID A1 PC1\n1:7:A:G A 3\n"); /* as a loading's column: no clash */
	opt.freq = file[2];
	opt.loadings = file[3];
	list.v[2] = file[4];
	list.n = 3;
	a = opened(5000);
	list.v[0] = out;
	list.v[1] = file[4];
	list.n = 2;
	struct prs_set *b = opened(3000);
	char(*x)[160] = all_rows(a), (*y)[160] = all_rows(b);
	ck_assert_uint_eq(a->n_row, 1003);
	ck_assert_uint_eq(b->n_row, a->n_row);
	ck_assert_int_eq(memcmp(x, y, a->n_row * sizeof *x), 0);
	ck_assert_int_eq(memcmp(a->code0, b->code0, a->n_row), 0);
	ck_assert_int_eq(a->n_col, b->n_col);
	ck_assert_int_eq(a->n_score, 4);
	ck_assert_int_eq(b->n_score, 4);
	ck_assert_int_eq(b->loadings_file, 4);
	ck_assert_int_eq(b->freq_file, 3);
	for (int32_t k = 0; k < a->n_col; k++) {
		ck_assert_str_eq(a->col[k].id, b->col[k].id);
		ck_assert_double_eq(a->col[k].bound, b->col[k].bound);
		ck_assert_int_eq(a->col[k].of, b->col[k].of);
	}
	free(x);
	free(y);
	prs_set_close(a);
	prs_set_close(b);
}
END_TEST

/* A set compiled where the build of the input was not known: its files' builds still count. */
START_TEST(compiled_build)
{
	put(0, "#genome_build=GRCh37\nchr_name\tchr_position\teffect_allele\teffect_weight\n1\t7\tA\t1\n");
	opt.target = PRS_BUILD_NR;
	cx.outs = grx_outs_new();
	struct prs_set *s = opened(5000), *t = NULL;
	char out[300];
	snprintf(out, sizeof out, "%s.prsw", file[0]);
	ck_assert_int_eq(prs_set_save(&cx, s, out), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	grx_outs_free(cx.outs);
	cx.outs = NULL;
	prs_set_close(s);
	list.v[0] = out;
	static const enum prs_build b[] = {PRS_BUILD_NR, PRS_BUILD_37, PRS_BUILD_38};
	for (int i = 0; i < 3; i++) {
		opt.target = b[i];
		int rc = prs_set_open(&cx, &opt, &t);
		ck_assert_int_eq(rc, i < 2 ? GRX_OK : GRX_E_MISMATCH);
		prs_set_close(t);
	}
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "GRCh37"));
}
END_TEST

/* Damage that a checksum would miss, or malice: refused, or decoded within bounds. */
START_TEST(crafted)
{
	put_many(0, 700, 3, 11);
	struct prs_set *s = opened(5000);
	const struct prs_set_disk *d = s->disk;
	struct grx_str meta = {0};
	int n_ok = 0;
	state = 5;
	for (int i = 0; i < 4000; i++) {
		const struct prs_block *k = &d->block[rnd((uint32_t)d->n_block)];
		unsigned char *raw = malloc(k->len);
		struct prs_wrow *row = malloc(k->n_row * sizeof *row);
		double *w = malloc(k->n_w * sizeof *w + 1);
		char *text = malloc(k->n_text + 1);
		ck_assert_int_eq(prs_read_at(&cx, d->fd, d->path, raw, k->len, k->off), 0);
		ck_assert(prs_block_decode(k, raw, row, w, text));
		for (uint32_t j = rnd(4) + 1; j > 0; j--)
			raw[rnd(k->len)] = (unsigned char)rnd(256);
		n_ok += prs_block_decode(k, raw, row, w, text);
		free(raw);
		free(row);
		free(w);
		free(text);
	}
	ck_assert_int_lt(n_ok, 4000);
	prs_meta_put(s, &meta);
	for (int i = 0; i < 2000; i++) {
		char *m = malloc(meta.n);
		memcpy(m, meta.s, meta.n);
		for (uint32_t j = rnd(4); j > 0; j--)
			m[rnd((uint32_t)meta.n)] = (char)rnd(256);
		struct prs_set *t = prs_set_new();
		bool ok = prs_meta_get(t, m, i % 3 ? meta.n : rnd((uint32_t)meta.n));
		ck_assert(!ok || t->n_col >= 0);
		prs_set_close(t);
		free(m);
	}
	grx_str_clear(&meta);
	prs_set_close(s);
}
END_TEST

/* --- builds and liftover --- */
static const char *const chain_text =
	"chain 900 chr1 249250621 + 100 300 chr1 248956422 + 1100 1310 1\n50\t0\t10\n150\n\n"
	"chain 500 chr1 249250621 + 400 500 chr2 242193529 - 1000 1100 2\n100\n\n"
	"chain 100 chr1 249250621 + 90 600 chr3_alt 1000 + 0 510 3\n510\n";

START_TEST(lift)
{
	opt.target = PRS_BUILD_38;
	put(0, chain_text);
	list.n = 0;
	opt.chain = file[0];
	put(1, "#pgs_id=L\n#genome_build=hg19\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_"
	       "weight\n"
	       "1\t101\tA\tG\t1\n1\t150\tA\tG\t2\n1\t151\tA\tG\t3\n1\t150\tAT\tA\t4\n1\t401\tA\tG\t5\n1\t500"
	       "\tA\tC\t6\n"
	       "1\t410\tAC\tGT\t7\n1\t410\tAC\tA\t8\n1\t350\tA\tC\t9\n2\t5\tA\tC\t10\nMT\t5\tA\tC\t11\n");
	refused(GRX_E_MISMATCH, "only 6 of 11 positions");
	opt.min_lift = 0.5;
	struct prs_set *s = opened(PRS_RUN_BYTES);
	char(*t)[160] = all_rows(s);
	ck_assert_str_eq(t[0], "1:1101 A G no_locus 1");
	ck_assert_str_eq(t[1], "1:1150 A G no_locus 2");
	ck_assert_str_eq(t[2], "1:1161 A G no_locus 3");
	ck_assert_str_eq(t[3], "-:0 AT A not_lifted 4");
	ck_assert_str_eq(t[4], "2:242192529 T C no_locus 5"); /* 242193529 - 1000 */
	ck_assert_str_eq(t[5], "2:242192430 T G no_locus 6");
	ck_assert_str_eq(t[6], "2:242192519 GT AC no_locus 7");
	ck_assert_str_eq(t[7], "-:0 AC A not_lifted 8");
	ck_assert_str_eq(t[8], "-:0 A C not_lifted 9");
	ck_assert_str_eq(t[9], "-:0 A C not_lifted 10");
	ck_assert_str_eq(t[10], "-:0 A C not_lifted 11"); /* hg19's chrM is not the rCRS */
	ck_assert(s->file[0].lifted);
	ck_assert_int_eq(s->file[0].build, PRS_BUILD_38);
	free(t);
	prs_set_close(s);
	opt.target = PRS_BUILD_37;
	list.n = 0;
	put(1, "#pgs_id=L\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\teffect_"
	       "weight\n1\t1\tA\t1\n");
	refused(GRX_E_MISMATCH, "leads from GRCh37 to GRCh38");
	opt.chain = NULL;
	refused(GRX_E_MISMATCH, "--chain");
	/* no build named, but chr21 of GRCh38 is shorter */
	list.n = 0;
	opt.target = PRS_BUILD_38;
	put(1, "#pgs_id=L\nchr_name\tchr_position\teffect_allele\teffect_"
	       "weight\n1\t1\tA\t1\n21\t48000000\tA\t1\n");
	refused(GRX_E_MISMATCH, ":4: position beyond");
	opt.target = PRS_BUILD_37;
	s = opened(PRS_RUN_BYTES);
	ck_assert_int_eq(s->file[0].build, PRS_BUILD_37);
	prs_set_close(s);
}
END_TEST

static const char *shared(const char *rel)
{
	static char buf[4][512];
	static int k;
	const char *dir_shared = getenv("GRX_SHARED");
	k = (k + 1) % 4;
	snprintf(buf[k], sizeof buf[k], "%s/%s", dir_shared ? dir_shared : "../shared", rel);
	if (access(buf[k], R_OK) == 0)
		return buf[k];
	fprintf(stderr, "SKIP: %s is not there\n", buf[k]);
	return NULL;
}

START_TEST(lift_shared)
{
	const char *chain = shared("data/prs/chain/hg19ToHg38.over.chain.gz"),
		   *a = shared("data/prs/cineca/scorefiles/customgrch37.txt"),
		   *b = shared("data/prs/cineca/scorefiles/customgrch38.txt");
	if (!chain || !a || !b)
		return;
	opt.target = PRS_BUILD_38;
	opt.chain = chain;
	list.n = 1;
	list.v[0] = a;
	struct prs_set *x = opened(PRS_RUN_BYTES);
	list.v[0] = b;
	struct prs_set *y = opened(PRS_RUN_BYTES);
	char(*t)[160] = all_rows(x), (*u)[160] = all_rows(y);
	ck_assert_uint_eq(x->n_row, y->n_row);
	for (uint32_t i = 0; i < x->n_row; i++)
		ck_assert_str_eq(t[i], u[i]);
	free(t);
	free(u);
	prs_set_close(x);
	prs_set_close(y);
}
END_TEST

START_TEST(chain_errors)
{
	static const char *const t[] = {"", "50\n", "chain 1 chr1 10 + 0 5\n",
		"chain 1 chr1 10 + 0 5 chr1 10 + 0 5 1\n4\n", "chain 1 chr1 10 + 0 5 chr1 10 + 0 5 1\n",
		"chain 1 chr1 10 + 0 5 chr1 10 + 0 5 1\n3 1\n", "chain 1 chr1 10 + 0 15 chr1 10 + 0 5 1\n5\n",
		"chain 1 chr1 10 + 0 5 chr1 10 + 0 5 1\n9\n", "chain x chr1 10 + 0 5 chr1 10 + 0 5 1\n5\n",
		"chain 1 chr1 10 - 0 5 chr1 10 + 0 5 1\n5\n"};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct grx_chain *c = grx_chain_new();
		char buf[200], *save = NULL;
		int rc = 0, n = 0;
		snprintf(buf, sizeof buf, "%s", t[i]);
		for (char *l = strtok_r(buf, "\n", &save); l && !rc; l = strtok_r(NULL, "\n", &save))
			rc = grx_chain_line(&cx, c, "x", ++n, l);
		if (!rc)
			rc = grx_chain_end(&cx, c, "x");
		ck_assert_msg(rc == GRX_E_DATA, "%zu: %d", i, rc);
		grx_ctx_reset(&cx);
		grx_chain_free(c);
	}
}
END_TEST

/* Every file of the shared folder is read, or refused for the right reason. */
START_TEST(scorefiles_shared)
{
	static const struct {
		const char *name, *refused;
		enum prs_build build;
		int64_t n_row, n_complex;
		int placed;
	} t[] = {{"PGS000001.txt.gz", NULL, PRS_BUILD_NR, 77, 0, 0},
		{"PGS000001_hmPOS_GRCh37.txt.gz", NULL, PRS_BUILD_37, 77, 0, 77},
		{"PGS000001_hmPOS_GRCh38.txt.gz", NULL, PRS_BUILD_38, 77, 0, 77},
		{"PGS000802_hmPOS_GRCh37.txt", NULL, PRS_BUILD_37, 19, 0, 19},
		{"PGS004255_hmPOS_GRCh38.txt.gz", NULL, PRS_BUILD_38, 30, 0, 30},
		{"bad_harmonised.txt", NULL, PRS_BUILD_38, 3, 0, 0},
		{"complex_variants_PGS000021.txt", NULL, PRS_BUILD_NR, -1, 8, 0},
		{"complex_variants_PGS004239.txt", NULL, PRS_BUILD_NR, -1, 9, 5},
		{"custom.txt", NULL, PRS_BUILD_37, 1, 0, 1},
		{"custom_no_oa.txt", NULL, PRS_BUILD_37, 1, 0, 1},
		{"invalid_scorefile.txt", ":16:1: rsID '.'; expected a position", 0, 0, 0, 0}};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char rel[200];
		snprintf(rel, sizeof rel, "data/prs/scorefiles/%s", t[i].name);
		const char *p = shared(rel);
		if (!p)
			return;
		list.n = 1;
		list.v[0] = p;
		if (t[i].refused) {
			refused(GRX_E_DATA, t[i].refused);
			continue;
		}
		struct prs_set *s = opened(PRS_RUN_BYTES);
		int64_t n[PRS_N_CODE] = {0}, sum = 0;
		struct prs_wcur *c;
		ck_assert_int_eq(prs_wcur_open(&cx, s, &c), 0);
		for (int32_t k = -1; k < s->n_chrom; k++) {
			const struct prs_wrow *r;
			int m;
			ck_assert_int_eq(prs_wcur_seek(&cx, c, k, 0, INT64_MAX), 0);
			while (prs_wcur_next(&cx, c, &r, &m) == 0 && m)
				for (int j = 0; j < m; j++)
					n[r[j].code]++;
		}
		for (int k = 0; k < PRS_N_CODE; k++)
			sum += n[k];
		ck_assert_int_eq(sum, s->n_row);
		ck_assert_int_eq(s->file[0].build, t[i].build);
		if (t[i].n_row >= 0)
			ck_assert_int_eq(s->n_row, t[i].n_row);
		ck_assert_int_eq(s->file[0].n_complex, t[i].n_complex);
		ck_assert_int_eq(n[PRS_NO_LOCUS], t[i].placed);
		prs_wcur_close(c);
		prs_set_close(s);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prs_weights");
	TCase *t = tcase_create("weights");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, numbers_edge);
	tcase_add_test(t, numbers_random);
	tcase_add_test(t, pgs_plain);
	tcase_add_test(t, harmonised);
	tcase_add_test(t, types_and_complex);
	tcase_add_test(t, plink_forms);
	tcase_add_test(t, plink_numbered);
	tcase_add_test(t, matrix_roles);
	tcase_add_test(t, refusals);
	tcase_add_test(t, skipping);
	tcase_add_test(t, by_ids);
	tcase_add_test(t, duplicates);
	tcase_add_test(t, runs_agree);
	tcase_add_test(t, windows);
	tcase_add_test(t, cache);
	tcase_add_test(t, cache_together);
	tcase_add_test(t, many_files);
	tcase_add_test(t, compiled_again);
	tcase_add_test(t, compiled_build);
	tcase_add_test(t, crafted);
	tcase_add_test(t, lift);
	tcase_add_test(t, lift_shared);
	tcase_add_test(t, chain_errors);
	tcase_add_test(t, scorefiles_shared);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
