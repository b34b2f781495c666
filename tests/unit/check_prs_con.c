/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_con.c -- construction of scores: statistics and every reason to leave a row out, the GIG sampler
 * against numerical integration, each method against an independent answer, bytes for any number of threads.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/out.h"
#include "io/genosrc.h"
#include "math/gig.h"
#include "math/prob.h"
#include "stage/prs/con_int.h"

static struct grx_ctx cx;
static struct prs_construct_opt opt;
static char path[] = "/tmp/check_con_XXXXXX";

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.log = grx_log_new(0, false);
	cx.threads = 1;
	cx.outs = grx_outs_new();
	prs_construct_defaults(&opt);
	strcpy(path + sizeof path - 7, "XXXXXX");
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	opt.sumstats = path;
	opt.out = opt.ld = "x";
	grx_math_init();
}

static void teardown(void)
{
	unlink(path);
	grx_outs_free(cx.outs);
	grx_log_free(cx.log);
}

static void put(const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

/* --- statistics */
static void read_ok(const char *text, struct con_sum *s)
{
	put(text);
	ck_assert_msg(prs_con_sum_read(&cx, &opt, s) == 0, "%s", cx.err.msg);
}

#define SSF                                                                                                  \
	"chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\teffect_allele_"  \
	"frequency\t"                                                                                        \
	"p_value\tn\tinfo\trsid\n"

START_TEST(read_ssf)
{
	struct con_sum s;
	read_ok(SSF "1\t100\tA\tG\t0.02\t0.01\t0.3\t0.0455\t5000\t0.9\trs1\n"
		    "22\t1e+06\tc\tt\t-0.03\t0.01\tNA\t2.7e-3\t5000\t#NA\tNA\n",
		&s);
	ck_assert_uint_eq(s.n, 2);
	ck_assert_int_eq(s.row[0].reason, CON_KEPT);
	ck_assert_int_eq(s.row[0].pos, 100);
	ck_assert_str_eq(s.row[0].id, "rs1");
	ck_assert_double_eq_tol(s.row[0].nlp, -log10(0.0455), 1e-12);
	ck_assert_int_eq(s.row[1].reason, CON_KEPT);
	ck_assert_int_eq(s.row[1].pos, 1000000);
	ck_assert_int_eq(s.row[1].ea, 'C');
	ck_assert(isnan(s.row[1].freq) && isnan(s.row[1].info) && !s.row[1].id);
	prs_con_sum_free(&s);
}
END_TEST

START_TEST(read_aliases)
{
	struct con_sum s;
	/* blanks, odds ratio, se from p, effective n */
	read_ok("CHR  SNP BP A1 A2 OR P N_CAS N_CON\n chr2  rs9 7 A C 1.1 0.01 100 300\n", &s);
	ck_assert_double_eq_tol(s.row[0].beta, log(1.1), 1e-12);
	ck_assert_double_eq_tol(s.row[0].se, log(1.1) / 2.5758293, 1e-6);
	ck_assert_double_eq_tol(s.row[0].n, 300, 1e-9);
	ck_assert_int_eq(s.row[0].chrom, 2);
	prs_con_sum_free(&s);
	/* z only; commas; no place but an ID */
	read_ok("SNP,A1,A2,Z,N,FRQ\nrs1,A,G,3,991,0.5\n", &s);
	ck_assert(s.by_id);
	ck_assert_double_eq_tol(s.row[0].beta / s.row[0].se, 3, 1e-9);
	ck_assert_double_eq_tol(s.row[0].se, 1 / sqrt(0.5 * 1000), 1e-9);
	prs_con_sum_free(&s);
	/* both effect columns: the one that is there */
	read_ok("CHR BP A1 A2 BETA OR SE P N\n1 1 A G NA 1.2 0.05 NA 100\n1 2 A G 0.1 NA 0.05 NA 100\n", &s);
	ck_assert_double_eq_tol(s.row[0].beta, log(1.2), 1e-12);
	ck_assert_double_eq_tol(s.row[1].beta, 0.1, 1e-12);
	prs_con_sum_free(&s);
}
END_TEST

static void refused(const char *text, const char *needle)
{
	struct con_sum s;
	put(text);
	cx.err.status = 0;
	cx.err.msg[0] = '\0';
	ck_assert_int_eq(prs_con_sum_read(&cx, &opt, &s), GRX_E_DATA);
	ck_assert_msg(strstr(cx.err.msg, needle) != NULL, "'%s' lacks '%s'", cx.err.msg, needle);
	prs_con_sum_free(&s);
}

START_TEST(read_malformed)
{
	refused("", "no header");
	refused(SSF, "no rows");
	refused("CHR BP A1 BETA SE\n", "other_allele");
	refused("CHR BP A1 A2 SE\n", "beta");
	refused("CHR BP A1 A2 BETA\n", "standard_error");
	refused("CHR BP A1 A2 BETA BETA SE\n", "mean the same");
	refused("CHR BP A1 A2 BETA SE N\n1 1 A G 0.1 0.1 100\n1 1 A G 0.1x 0.1 100\n",
		":3: column 5 (BETA): '0.1x'");
	refused("CHR BP A1 A2 BETA SE N\n1 1 A G 0.1 0.1\n", ":2: 6 columns, expected 7");
	refused("CHR BP A1 A2 BETA SE N\n1 -5 A G 0.1 0.1 100\n", "column 2 (BP)");
	refused("CHR BP A1 A2 BETA SE P N\n1 5 A G 0.1 0.1 e5 100\n", "column 7 (P)");
	refused("CHR BP A1 A2 OR SE P N\n1 5 A G -1 0.1 0.5 100\n", "above 0");
	refused("CHR POS SNPID Allele1 Allele2 AC_Allele2 AF_Allele2 BETA SE p.value N\n",
		"effect allele is Allele2");
	refused("CHR BP A1 A2 BETA SE FRQ N\n1 5 A G 1 0.1 1.5 100\n", "column 7 (FRQ)");
}
END_TEST

static int reason_of(const char *row)
{
	char text[512];
	struct con_sum s;
	snprintf(text, sizeof text, SSF "%s\n", row);
	read_ok(text, &s);
	int r = s.row[0].reason;
	prs_con_sum_free(&s);
	return r;
}

START_TEST(row_reasons)
{
	ck_assert_int_eq(reason_of("1\t1\tA\tG\tNA\t0.01\t0.3\t0.05\t5000\t1\t."), CON_MISSING);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\tNA\t0.3\tNA\t5000\t1\t."), CON_MISSING);
	ck_assert_int_eq(reason_of("1\tNA\tA\tG\t0.02\t0.01\t0.3\t0.0455\t5000\t1\t."), CON_NO_PLACE);
	ck_assert_int_eq(reason_of("X\t1\tA\tG\t0.02\t0.01\t0.3\t0.0455\t5000\t1\t."), CON_NOT_AUTOSOME);
	ck_assert_int_eq(reason_of("1\t1\tAT\tG\t0.02\t0.01\t0.3\t0.0455\t5000\t1\t."), CON_NON_ACGT);
	ck_assert_int_eq(reason_of("1\t1\tA\tA\t0.02\t0.01\t0.3\t0.0455\t5000\t1\t."), CON_NON_ACGT);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0\t0.3\t0.0455\t5000\t1\t."), CON_BAD_SE);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.3\t1.2\t5000\t1\t."), CON_BAD_P);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.3\t0\t5000\t1\t."), CON_INCONSISTENT);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.5\t0.01\t0.3\t0\t5000\t1\t."), CON_KEPT); /* underflow */
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.5\t0.01\t0.3\t1e-545\t5000\t1\t."), CON_KEPT);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.9\t0.01\t0.3\t1e-300\t5000\t1\t."), CON_KEPT); /* a floor */
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.1\t0.01\t0.3\t1e-300\t5000\t1\t."), CON_INCONSISTENT);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.3\t1e-5\t5000\t1\t."), CON_INCONSISTENT);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.3\t0.0455\tNA\t1\t."), CON_NO_N);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.3\t0.0455\t5000\t0.5\t."), CON_INFO);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.999\t0.0455\t5000\t1\t."), CON_MAF);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0.02\t0.01\t0.3\t0.0455\t5000\t1\t."), CON_KEPT);
	ck_assert_int_eq(reason_of("1\t1\tA\tG\t0\t0.01\t0.3\t1\t5000\t1\t."), CON_KEPT);
}
END_TEST

START_TEST(z_and_p)
{
	for (double z = 0.5; z < 100; z *= 1.3)
		ck_assert_double_eq_tol(prs_con_z_of_nlp(prs_con_nlp_of_z(z)), z, 1e-4 * z);
	/* P(|Z| > 40) = 7.3e-350: ln = ln 2 - 800 - ln 40 - ln(2 pi)/2 - 1/1600 */
	ck_assert_double_eq_tol(prs_con_nlp_of_z(40), 349.1366, 1e-3);
	/* the two forms meet at 30 */
	ck_assert_double_eq_tol(prs_con_nlp_of_z(29.9999999), prs_con_nlp_of_z(30.0000001), 1e-5);
}
END_TEST

START_TEST(duplicates_and_n)
{
	struct con_sum s;
	struct grx_str t = {0};
	int64_t count[CON_N_REASON];
	grx_str_add(&t, "CHR BP A1 A2 BETA SE N\n");
	for (int i = 0; i < 20; i++)
		grx_str_addf(&t, "1 %d A G 0.1 0.1 1000\n", 100 + i);
	grx_str_add(&t, "1 100 A G 0.1 0.1 1000\n"); /* exact repeat: counts once */
	grx_str_add(&t, "1 101 C T 0.2 0.1 1000\n"); /* same variant, other strand, other value: none */
	grx_str_add(&t, "1 102 A C 0.2 0.1 1000\n"); /* another variant at the place */
	grx_str_add(&t, "1 500 A G 0.2 0.1 669\n1 501 A G 0.2 0.1 671\n");
	read_ok(t.s, &s);
	ck_assert_int_eq(prs_con_qc_rows(&cx, &s), 0);
	prs_con_count(&s, count);
	ck_assert_int_eq(count[CON_DUPLICATE], 3);
	ck_assert_int_eq(count[CON_N_OUTLIER], 1);
	ck_assert_int_eq(count[CON_KEPT], 21);
	prs_con_sum_free(&s);
	grx_str_clear(&t);
}
END_TEST

START_TEST(contradicting_file)
{
	struct con_sum s;
	struct grx_str t = {0};
	grx_str_add(&t, "CHR BP A1 A2 BETA SE P N\n");
	for (int i = 0; i < 20; i++)
		grx_str_addf(&t, "1 %d A G 1.1 0.1 0.3 1000\n", 100 + i); /* an OR called BETA */
	read_ok(t.s, &s);
	ck_assert_int_eq(prs_con_qc_rows(&cx, &s), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "contradicts"));
	prs_con_sum_free(&s);
	grx_str_clear(&t);
}
END_TEST

/* --- against the panel */
enum { PEOPLE = 200 };

/* alt_count of 400 alleles, people 0.. filled first with 2. */
static void codes(uint8_t *c, int alt_count)
{
	for (int i = 0; i < PEOPLE; i++) {
		c[i] = (uint8_t)(alt_count >= 2 ? 2 : alt_count);
		alt_count -= c[i];
	}
}

/* One row against one panel variant; its reason, and the frequency taken up. */
static int against(const char *row, const char *ref, const char *alt, int alt_count, double *freq)
{
	char text[512];
	uint8_t c[PEOPLE];
	const char *name[PEOPLE];
	struct con_data d = {.o = &opt};
	for (int i = 0; i < PEOPLE; i++)
		name[i] = "s";
	snprintf(text, sizeof text, SSF "%s\n", row);
	read_ok(text, &d.sum);
	ck_assert_int_eq(prs_con_qc_rows(&cx, &d.sum), 0);
	ck_assert_int_eq(prs_con_panel_init(&cx, &d.panel, PEOPLE, name), 0);
	codes(c, alt_count < 0 ? 100 : alt_count);
	for (int i = 0; alt_count < 0 && i < 30; i++)
		c[i] = GRX_CP_NONE;
	struct con_allele a = {.chrom = 1, .pos = 1, .ref = ref, .alt = alt};
	ck_assert_int_eq(prs_con_panel_match(&cx, &d, &d.sum.row[0], &a, c), 0);
	int r = d.sum.row[0].reason;
	if (r == CON_KEPT && d.sum.row[0].snp < 0)
		r = CON_MISMATCH;
	*freq = d.panel.n ? d.panel.mean[0] / 2 : NAN;
	if (r == CON_KEPT) { /* written with the panel's letters */
		bool is_alt = d.sum.row[0].ea == alt[0];
		ck_assert(is_alt || d.sum.row[0].ea == ref[0]);
		ck_assert_int_eq(d.sum.row[0].oa, is_alt ? ref[0] : alt[0]);
		ck_assert_double_eq_tol(*freq, is_alt ? alt_count / 400.0 : 1 - alt_count / 400.0, 1e-12);
	}
	prs_con_data_free(&d);
	return r;
}

#define ROW(ea, oa, f) "1\t1\t" ea "\t" oa "\t0.02\t0.01\t" f "\t0.0455\t5000\t1\t."
START_TEST(panel_reasons)
{
	double f;
	/* as written, swapped, other strand, other strand swapped */
	ck_assert_int_eq(against(ROW("A", "G", "0.25"), "G", "A", 100, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.25, 1e-12);
	ck_assert_int_eq(against(ROW("A", "G", "0.75"), "A", "G", 100, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.75, 1e-12);
	ck_assert_int_eq(against(ROW("A", "G", "0.25"), "C", "T", 100, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.25, 1e-12);
	ck_assert_int_eq(against(ROW("A", "G", "0.75"), "T", "C", 100, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.75, 1e-12);
	ck_assert_int_eq(against(ROW("A", "G", "0.25"), "C", "A", 100, &f), CON_MISMATCH);
	ck_assert_int_eq(against(ROW("A", "G", "0.25"), "G", "AT", 100, &f), CON_MISMATCH);
	/* palindromes: same strand, other strand, not to be told, no frequency */
	ck_assert_int_eq(against(ROW("A", "T", "0.25"), "T", "A", 100, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.25, 1e-12);
	ck_assert_int_eq(against(ROW("A", "T", "0.25"), "A", "T", 100, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.25, 1e-12);
	ck_assert_int_eq(against(ROW("C", "G", "0.25"), "C", "G", 300, &f), CON_KEPT);
	ck_assert_double_eq_tol(f, 0.25, 1e-12);
	ck_assert_int_eq(against(ROW("A", "T", "0.45"), "T", "A", 100, &f), CON_PALINDROMIC);
	/* 0.41 here, 0.59 there: another strand, or drift */
	ck_assert_int_eq(against(ROW("A", "T", "0.41"), "T", "A", 236, &f), CON_PALINDROMIC);
	ck_assert_int_eq(against(ROW("A", "T", "NA"), "T", "A", 100, &f), CON_PALINDROMIC);
	ck_assert_int_eq(against(ROW("A", "G", "0.75"), "G", "A", 100, &f), CON_FREQ_DIFF);
	ck_assert_int_eq(against(ROW("A", "G", "NA"), "G", "A", 100, &f), CON_KEPT);
	ck_assert_int_eq(against(ROW("A", "G", "0.05"), "G", "A", 0, &f), CON_PANEL_MAF);
	ck_assert_int_eq(against(ROW("A", "G", "0.25"), "G", "A", -1, &f), CON_PANEL_MISSING);
}
END_TEST

/* Rows over panel variants of frequency 0.25 (effect allele A of G/A); the text ahead of snps. */
static int whole(const char *head, const char *(*row)(int), int m, struct con_data *d)
{
	struct grx_str text = {0};
	uint8_t c[PEOPLE];
	const char *name[PEOPLE];
	*d = (struct con_data){.o = &opt};
	for (int i = 0; i < PEOPLE; i++)
		name[i] = "s";
	grx_str_add(&text, head);
	for (int i = 0; i < m; i++)
		grx_str_addf(&text, "1 %d %s\n", i + 1, row(i));
	read_ok(text.s, &d->sum);
	grx_str_clear(&text);
	ck_assert_int_eq(prs_con_qc_rows(&cx, &d->sum), 0);
	ck_assert_int_eq(prs_con_panel_init(&cx, &d->panel, PEOPLE, name), 0);
	for (int i = 0; i < m; i++) {
		struct con_allele a = {.chrom = 1, .pos = i + 1, .ref = "G", .alt = "A"};
		codes(c, 100);
		ck_assert_int_eq(prs_con_panel_match(&cx, d, &d->sum.row[i], &a, c), 0);
	}
	cx.err.status = 0;
	return prs_con_snps(&cx, d);
}

static const char *row_build(int i)
{
	return i % 2 ? "A G 0.1 0.05 1000 0.25" : "A C 0.1 0.05 1000 0.25";
}

static const char *row_swapped(int i)
{
	return i % 3 ? "A G 0.1 0.05 1000 0.75" : "A G 0.1 0.05 1000 0.4";
}

static const char *row_z(int i)
{
	(void)i;
	return "A G 3 991";
}

START_TEST(whole_file)
{
	struct con_data d;
	ck_assert_int_eq(whole("CHR BP A1 A2 BETA SE N FRQ\n", row_build, 100, &d), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "build"));
	prs_con_data_free(&d);
	ck_assert_int_eq(whole("CHR BP A1 A2 BETA SE N FRQ\n", row_swapped, 100, &d), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "--freq-diff"));
	prs_con_data_free(&d);
	/* z alone: b is of standard deviations, the weight of copies at the panel's frequency */
	ck_assert_int_eq(whole("CHR BP A1 A2 Z N\n", row_z, 3, &d), GRX_OK);
	ck_assert_double_eq_tol(d.snp[0].bhat, 3 / sqrt(1000), 1e-12);
	ck_assert_double_eq_tol(d.snp[0].scale, 1 / sqrt(2 * 0.25 * 0.75), 1e-12);
	prs_con_data_free(&d);
}
END_TEST

/* A world of m variants on chromosome 1, every kb kilobases, in the given blocks; genotypes from latent
 * chains. */
struct toy {
	struct con_data d;
	struct grx_rng *rng;
};

static void toy_init(struct toy *t, size_t m, double rho, int64_t step)
{
	char line[128];
	struct grx_str text = {0};
	const char *name[PEOPLE];
	char names[PEOPLE][16];
	static double z[PEOPLE][2];
	*t = (struct toy){.d = {.o = &opt, .build = "GRCh38"}, .rng = grx_rng_new(7, "toy", m)};
	grx_str_add(&text, "CHR BP A1 A2 BETA SE N\n");
	for (size_t j = 0; j < m; j++) {
		snprintf(line, sizeof line, "1 %lld A G %.5f 0.05 1000\n",
			(long long)(1000 + step * (int64_t)j),
			0.05 * grx_rng_normal(t->rng, 0, 1) * (j % 7 == 3 ? 8 : 1));
		grx_str_add(&text, line);
	}
	read_ok(text.s, &t->d.sum);
	grx_str_clear(&text);
	ck_assert_int_eq(prs_con_qc_rows(&cx, &t->d.sum), 0);
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(names[i], sizeof names[i], "s%d", i);
		name[i] = names[i];
		z[i][0] = z[i][1] = 0;
	}
	ck_assert_int_eq(prs_con_panel_init(&cx, &t->d.panel, PEOPLE, name), 0);
	for (size_t j = 0; j < m; j++) {
		uint8_t c[PEOPLE];
		for (int i = 0; i < PEOPLE; i++) {
			c[i] = 0;
			for (int h = 0; h < 2; h++) {
				double a = j ? rho : 0;
				z[i][h] = a * z[i][h] + sqrt(1 - a * a) * grx_rng_normal(t->rng, 0, 1);
				c[i] = (uint8_t)(c[i] + (z[i][h] < 0.2));
			}
			if (grx_rng_uniform(t->rng) < 0.02)
				c[i] = GRX_CP_NONE;
		}
		struct con_allele a = {.chrom = 1, .pos = 1000 + step * (int64_t)j, .ref = "G", .alt = "A"};
		size_t n;
		struct con_row *r = prs_con_row_find(&t->d.sum, 1, a.pos, &n);
		ck_assert_uint_eq(n, 1);
		ck_assert_int_eq(prs_con_panel_match(&cx, &t->d, r, &a, c), 0);
	}
	ck_assert_msg(prs_con_prepare(&cx, &t->d) == 0, "%s", cx.err.msg);
	ck_assert_uint_eq(t->d.m, m);
}

static void toy_free(struct toy *t)
{
	grx_rng_free(t->rng);
	prs_con_data_free(&t->d);
}

START_TEST(correlations)
{
	struct toy t;
	toy_init(&t, 12, 0.8, 1000);
	const struct con_panel *p = &t.d.panel;
	for (size_t i = 0; i < 12; i++) {
		for (size_t j = 0; j < 12; j++) { /* directly, missing at the mean */
			double x[PEOPLE], y[PEOPLE], mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
			prs_con_dosage(p, i, x);
			prs_con_dosage(p, j, y);
			for (int k = 0; k < PEOPLE; k++) {
				mx += x[k] / PEOPLE;
				my += y[k] / PEOPLE;
			}
			for (int k = 0; k < PEOPLE; k++) {
				xx += (x[k] - mx) * (x[k] - mx);
				yy += (y[k] - my) * (y[k] - my);
				xy += (x[k] - mx) * (y[k] - my);
			}
			ck_assert_double_eq_tol(prs_con_r(p, i, j), xy / sqrt(xx * yy), 1e-9);
		}
	}
	toy_free(&t);
}
END_TEST

START_TEST(blocks_cut)
{
	struct toy t;
	opt.block_max = 40;
	toy_init(&t, 150, 0.9, 1000);
	ck_assert_uint_eq(t.d.cut[0], 0);
	ck_assert_uint_eq(t.d.cut[t.d.n_block], 150);
	ck_assert_uint_le(t.d.largest, 40);
	ck_assert_uint_ge(t.d.n_block, 4);
	for (size_t k = 0; k < t.d.n_block; k++)
		ck_assert_uint_lt(t.d.cut[k], t.d.cut[k + 1]);
	toy_free(&t);
}
END_TEST

START_TEST(blocks_bed)
{
	struct toy t;
	char bed[] = "/tmp/check_con_bedXXXXXX";
	int fd = mkstemp(bed);
	FILE *f = fdopen(fd, "w");
	/* positions 1000, 2000 ..: 1-based p lies in [beg, end) as p - 1 */
	fputs("chr start stop\nchr1 0 4999\nchr1 4999 9000\n", f);
	fclose(f);
	opt.blocks = bed;
	toy_init(&t, 12, 0.8, 1000);
	ck_assert_uint_eq(t.d.n_block, 3); /* 1000-4000, 5000-9000, the rest */
	ck_assert_uint_eq(t.d.cut[1], 4);
	ck_assert_uint_eq(t.d.cut[2], 9);
	toy_free(&t);
	unlink(bed);
}
END_TEST

/* --- clumping by hand: 0..3 with r(0,1) high, 2 independent, 3 a copy of 0 but far */
START_TEST(clump_by_hand)
{
	struct con_data d = {.o = &opt};
	const char *name[PEOPLE];
	uint8_t x[4][PEOPLE];
	for (int i = 0; i < PEOPLE; i++) {
		name[i] = "s";
		x[0][i] = (uint8_t)(i % 3);
		x[1][i] = (uint8_t)(i % 20 == 0 ? 1 : i % 3);
		x[2][i] = (uint8_t)(i / 67);
		x[3][i] = x[0][i];
	}
	ck_assert_int_eq(prs_con_panel_init(&cx, &d.panel, PEOPLE, name), 0);
	struct con_snp snp[4];
	memset(snp, 0, sizeof snp);
	for (int j = 0; j < 4; j++) {
		ck_assert_int_eq(prs_con_panel_add(&cx, &d.panel, x[j]), 0);
		snp[j].g = (size_t)j;
		snp[j].chrom = 1;
		snp[j].pos = j == 3 ? 1000000 : 1000 + j;
	}
	d.snp = snp;
	d.m = 4;
	bool keep[4];
	double nlp[4] = {3, 5, 1, 2};
	ck_assert_int_eq(prs_con_clump(&cx, &d, nlp, keep), 0);
	ck_assert(!keep[0] && keep[1] && keep[2] && keep[3]);
	opt.clump_kb = 2000;
	nlp[1] = 2.5; /* 0 takes out 1 and 3 */
	ck_assert_int_eq(prs_con_clump(&cx, &d, nlp, keep), 0);
	ck_assert(keep[0] && !keep[1] && keep[2] && !keep[3]);
	opt.p_max = 0.01; /* 2 is not significant */
	ck_assert_int_eq(prs_con_clump(&cx, &d, nlp, keep), 0);
	ck_assert(keep[0] && !keep[1] && !keep[2] && !keep[3]);
	prs_con_panel_free(&d.panel);
}
END_TEST

/* --- the inverse Gaussian family against Simpson's rule over ln x */
static double gig_moment(double p, double a, double b, double k)
{
	double num = 0, den = 0, h = 1e-3;
	/* centre at the mode of x f(x), so that nothing overflows */
	double mode = (p + sqrt(p * p + a * b)) / a, lm = log(mode);
	double top = p * lm - 0.5 * (a * mode + b / mode);
	for (double u = lm - 40; u < lm + 15; u += h) {
		double x = exp(u), w = exp(p * u - 0.5 * (a * x + b / x) - top);
		num += w * exp(k * u);
		den += w;
	}
	return num / den;
}

START_TEST(gig_moments)
{
	static const double par[][3] = {{0.5, 2, 3}, {0.5, 0.1, 1e-4}, {0.5, 50, 200}, {-0.5, 1, 2},
		{2.5, 4, 0.5}, {-3, 0.5, 8}, {0, 1, 1}, {0.5, 1e-3, 1e-3}, {10, 3, 2}};
	struct grx_rng *r = grx_rng_new(3, "gig", 0);
	for (size_t i = 0; i < sizeof par / sizeof *par; i++) {
		const double *q = par[i];
		enum { N = 100000 };
		double s[2] = {0}, ss[2] = {0};
		for (int k = 0; k < N; k++) {
			double x = grx_gig(r, q[0], q[1], q[2]), v[2] = {sqrt(x), 1 / sqrt(x)};
			ck_assert(x > 0 && isfinite(x));
			for (int j = 0; j < 2; j++) {
				s[j] += v[j] / N;
				ss[j] += v[j] * v[j] / N;
			}
		}
		for (int j = 0; j < 2; j++) {
			double want = gig_moment(q[0], q[1], q[2], j ? -0.5 : 0.5);
			double se = sqrt((ss[j] - s[j] * s[j]) / N);
			ck_assert_double_eq_tol(s[j], want, 5 * se + 1e-6 * want);
		}
	}
	/* no b: Gamma(p, 2/a), or nothing */
	double s = 0;
	for (int k = 0; k < 100000; k++)
		s += grx_gig(r, 0.5, 4, 0) / 100000;
	ck_assert_double_eq_tol(s, 0.25, 0.01);
	for (double omega = 1e-99; omega < 1e100; omega *= 1e3) { /* every one ends */
		double x = grx_gig(r, 1e-9, omega, omega), y = grx_gig(r, 0.5, omega, omega);
		ck_assert(x > 0 && isfinite(x) && y > 0 && isfinite(y));
	}
	ck_assert(isnan(grx_gig(r, -0.5, 4, 0)));
	ck_assert(isnan(grx_gig(r, 0.5, 0, 1)));
	grx_rng_free(r);
}
END_TEST

/* Gaussian elimination with pivots: an independent solver. */
static void solve_dense(double *a, double *b, size_t m)
{
	for (size_t c = 0; c < m; c++) {
		size_t best = c;
		for (size_t i = c; i < m; i++)
			best = fabs(a[i * m + c]) > fabs(a[best * m + c]) ? i : best;
		for (size_t k = 0; k < m; k++) {
			double t = a[c * m + k];
			a[c * m + k] = a[best * m + k];
			a[best * m + k] = t;
		}
		double t = b[c];
		b[c] = b[best];
		b[best] = t;
		for (size_t i = 0; i < m; i++) {
			double f = i == c ? 0 : a[i * m + c] / a[c * m + c];
			for (size_t k = c; f != 0 && k < m; k++)
				a[i * m + k] -= f * a[c * m + k];
			b[i] -= f * b[c];
		}
	}
	for (size_t i = 0; i < m; i++)
		b[i] /= a[i * m + i];
}

START_TEST(inf_direct)
{
	enum { M = 30 };
	struct toy t;
	struct con_result res = {0};
	opt.method = "ldpred2-inf";
	opt.h2 = 0.4;
	opt.n_draw = 2000;
	toy_init(&t, M, 0.8, 1000);
	ck_assert_msg(prs_con_fit(&cx, &t.d, &res) == 0, "%s", cx.err.msg);
	for (size_t k = 0; k < t.d.n_block; k++) {
		size_t beg = t.d.cut[k], m = t.d.cut[k + 1] - beg;
		static double a[M * M], inv[M * M], b[M];
		for (size_t i = 0; i < m; i++) {
			for (size_t j = 0; j < m; j++)
				a[i * m + j] = i == j ? 1 + M / (0.4 * 1000)
						      : (float)(0.95 * prs_con_r(&t.d.panel,
									       t.d.snp[beg + i].g,
									       t.d.snp[beg + j].g));
			b[i] = t.d.bhat[beg + i];
		}
		for (size_t i = 0; i < m; i++) {
			double e[M] = {0};
			e[i] = 1;
			memcpy(inv, a, sizeof inv);
			solve_dense(inv, e, m);
			ck_assert_double_eq_tol(res.se[beg + i], sqrt(e[i] / 1000), 1e-9);
		}
		solve_dense(a, b, m);
		for (size_t i = 0; i < m; i++)
			ck_assert_double_eq_tol(res.b[beg + i], b[i], 1e-9);
	}
	for (size_t j = 0; j < M; j++) { /* draws: mean and SD */
		double s = 0, ss = 0;
		for (int k = 0; k < res.n_draw; k++) {
			double v = res.draw[(size_t)k * M + j] - res.b[j];
			s += v / res.n_draw;
			ss += v * v / res.n_draw;
		}
		ck_assert_double_eq_tol(s, 0, 5 * res.se[j] / sqrt(2000));
		ck_assert_double_eq_tol(sqrt(ss), res.se[j], 0.1 * res.se[j]);
	}
	prs_con_result_free(&res);
	toy_free(&t);
}
END_TEST

START_TEST(lasso_kkt)
{
	enum { M = 25 };
	struct toy t;
	float r[M * M];
	double b[M] = {0}, rb[M], lambda[M];
	opt.block_max = 100;
	toy_init(&t, M, 0.6, 1000);
	for (size_t i = 0; i < M; i++) {
		lambda[i] = 0.03 * (i % 2 ? 1 : 1.2);
		for (size_t j = 0; j < M; j++)
			r[i * M + j] = i == j ? 1 : (float)prs_con_r(&t.d.panel, t.d.snp[i].g, t.d.snp[j].g);
	}
	memcpy(rb, t.d.bhat, sizeof rb);
	struct con_cd c = {.m = M,
		.r = r,
		.lambda = lambda,
		.delta = 0.1,
		.tol = 1e-12,
		.max_iter = 100000,
		.b = b,
		.rb = rb};
	ck_assert_int_gt(prs_con_descend(&c), 0);
	int on = 0;
	for (size_t i = 0; i < M; i++) {
		double grad = t.d.bhat[i];
		for (size_t j = 0; j < M; j++)
			grad -= r[i * M + j] * b[j];
		grad -= 0.1 * b[i];
		on += b[i] != 0;
		if (b[i] != 0)
			ck_assert_double_eq_tol(grad, copysign(lambda[i], b[i]), 1e-8);
		else
			ck_assert_double_le(fabs(grad), lambda[i] + 1e-8);
	}
	ck_assert(on > 2 && on < M);
	toy_free(&t);
}
END_TEST

/* Two variants: the posterior over the four patterns of causal variants in closed form. */
static void exact_two(double r, const double *bhat, double n, double p, double v, double *mean)
{
	double total = 0, acc[2] = {0};
	for (int pat = 0; pat < 4; pat++) {
		int k = (pat & 1) + (pat >> 1);
		double prior = pow(p, k) * pow(1 - p, 2 - k), ev = 0, m[2] = {0};
		if (pat == 1 || pat == 2) {
			int j = pat >> 1;
			double q = n + 1 / v; /* precision */
			m[j] = n * bhat[j] / q;
			ev = 0.5 * n * bhat[j] * m[j] - 0.5 * log(q * v);
		} else if (pat == 3) { /* precision n R + I/v */
			double d = n + 1 / v, o = n * r, det = d * d - o * o;
			m[0] = n * (d * bhat[0] - o * bhat[1]) / det;
			m[1] = n * (d * bhat[1] - o * bhat[0]) / det;
			ev = 0.5 * n * (bhat[0] * m[0] + bhat[1] * m[1]) - 0.5 * log(det * v * v);
		}
		double w = prior * exp(ev);
		total += w;
		acc[0] += w * m[0];
		acc[1] += w * m[1];
	}
	mean[0] = acc[0] / total;
	mean[1] = acc[1] / total;
}

START_TEST(gibbs_exact)
{
	static const double rs[] = {0, 0.5, -0.7};
	for (int i = 0; i < 3; i++) {
		enum { N = 200000 };
		double bhat[2] = {0.06, 0.05}, n[2] = {1000, 1000}, b[2] = {0}, rb[2] = {0.06, 0.05};
		double mean[2] = {0}, mean2[2] = {0}, want[2];
		float r[4] = {1, (float)rs[i], (float)rs[i], 1};
		struct grx_rng *rng = grx_rng_new(5, "two", (uint64_t)i);
		struct con_gibbs g = {.m = 2,
			.m_all = 2,
			.h2 = 0.002,
			.p = 0.2,
			.r = r,
			.bhat = bhat,
			.n = n,
			.b = b,
			.rb = rb,
			.mean = mean,
			.mean2 = mean2};
		exact_two(r[1], bhat, 1000, 0.2, 0.002 / (2 * 0.2), want);
		for (int k = 0; k < N; k++)
			prs_con_sweep(&g, rng);
		for (int j = 0; j < 2; j++)
			ck_assert_double_eq_tol(mean[j] / N, want[j], 0.0005);
		ck_assert_double_eq_tol(rb[0], bhat[0] - b[0] - r[1] * b[1], 1e-9);
		grx_rng_free(rng);
	}
}
END_TEST

/* prscs with one variant and phi fixed: E[b] by integration over psi ~ phi x BetaPrime(1, 1/2). */
START_TEST(cs_exact)
{
	struct toy t;
	struct con_result res = {0};
	opt.method = "prscs";
	opt.phi = 0.5;
	opt.n_iter = 40000;
	opt.n_draw = 0;
	toy_init(&t, 1, 0, 1000);
	t.d.bhat[0] = 0.08;
	double num = 0, den = 0, v = 0;
	for (double u = -40; u < 12; u += 1e-3) { /* ln psi, up to the sampler's bound 1e6 */
		double psi = exp(u), like = exp(-0.5 * 1000 * 0.08 * 0.08 / (1 + psi)) / sqrt(1 + psi);
		double w = psi * pow(psi + 0.5, -1.5) * like, k = psi / (1 + psi);
		den += w;
		num += w * 0.08 * k;
		v += w * (0.08 * 0.08 * k * k + k / 1000);
	}
	ck_assert_msg(prs_con_fit(&cx, &t.d, &res) == 0, "%s", cx.err.msg);
	ck_assert_double_eq_tol(res.b[0], num / den, 0.0008);
	ck_assert_double_eq_tol(res.se[0], sqrt(v / den - num * num / den / den), 0.0008);
	prs_con_result_free(&res);
	toy_free(&t);
}
END_TEST

START_TEST(diagnostics)
{
	enum { N = 2000 };
	static double x[2 * N];
	struct grx_rng *r = grx_rng_new(1, "diag", 0);
	for (int i = 0; i < 2 * N; i++)
		x[i] = grx_rng_normal(r, 0, 1);
	ck_assert_double_eq_tol(prs_con_rhat(x, 2, N), 1, 0.01);
	ck_assert_double_ge(prs_con_ess(x, 2, N), 0.7 * 2 * N);
	/* AR(1) with 0.9: n (1 - a) / (1 + a) */
	for (int i = 1; i < 2 * N; i++)
		x[i] = (i == N ? 0 : 0.9 * x[i - 1]) + sqrt(0.19) * x[i];
	double ess = prs_con_ess(x, 2, N);
	ck_assert(ess > 100 && ess < 400); /* 210 */
	for (int i = N; i < 2 * N; i++)
		x[i] += 5;
	ck_assert_double_ge(prs_con_rhat(x, 2, N), 2);
	for (int i = 0; i < 2 * N; i++)
		x[i] = 1;
	ck_assert(isnan(prs_con_rhat(x, 2, N)));
	grx_rng_free(r);
}
END_TEST

/* The whole file of a method as text. */
static char *output(const char *method, int threads)
{
	struct toy t;
	struct con_result res = {0};
	char *buf = calloc(1, 1 << 20);
	prs_construct_defaults(&opt);
	opt.method = method;
	opt.sumstats = path;
	opt.block_max = 20;
	opt.n_iter = opt.n_burn = 40;
	opt.n_draw = 4;
	opt.out = "/tmp/check_con_out.tsv";
	opt.report = "/tmp/check_con_rep.tsv";
	cx.threads = threads;
	toy_init(&t, 90, 0.3, 1000);
	ck_assert_msg(prs_con_fit(&cx, &t.d, &res) == 0, "%s: %s", method, cx.err.msg);
	ck_assert_int_eq(prs_con_write(&cx, &t.d, &res), 0);
	ck_assert_int_eq(prs_con_write_report(&cx, &t.d, &res), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	grx_outs_free(cx.outs);
	cx.outs = grx_outs_new();
	size_t n = 0;
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(i ? opt.report : opt.out, "r");
		ck_assert_ptr_nonnull(f);
		n += fread(buf + n, 1, (1 << 19), f);
		fclose(f);
	}
	unlink(opt.out);
	unlink(opt.report);
	prs_con_result_free(&res);
	toy_free(&t);
	return buf;
}

START_TEST(threads_same_bytes)
{
	static const char *const method[] = {
		"ct", "ldpred2-inf", "ldpred2-grid", "ldpred2-auto", "prscs", "lassosum2"};
	char *a = output(method[_i], 1), *b = output(method[_i], 2);
	ck_assert_str_eq(a, b);
	ck_assert_ptr_nonnull(strstr(a, "#genome_build=GRCh38\n"));
	ck_assert_ptr_nonnull(
		strstr(a, "\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\t"));
	ck_assert(_i < 1 || _i > 4 || strstr(a, "\tdraw_4\n"));
	ck_assert_ptr_nonnull(strstr(a, "qc\tkept\t90\t"));
	free(a);
	free(b);
}
END_TEST

START_TEST(tune_pick)
{
	enum { G = 3 };
	struct con_data d = {.o = &opt, .panel = {.n_person = PEOPLE}};
	static double s[G * PEOPLE], y[PEOPLE], r2[G];
	struct grx_rng *r = grx_rng_new(2, "tune", 0);
	double p;
	int best;
	for (int i = 0; i < PEOPLE; i++) {
		y[i] = i % 10 == 0 ? NAN : grx_rng_normal(r, 0, 1);
		s[i] = grx_rng_normal(r, 0, 1);
		s[PEOPLE + i] = (i % 10 ? y[i] : 0) + grx_rng_normal(r, 0, 1);
		s[2 * PEOPLE + i] = i % 10 ? -3 * y[i] : 0; /* strong, but the wrong way round */
	}
	ck_assert_int_eq(prs_con_tune_pick(&cx, &d, &(struct con_tune){G, s, y, r2}, &best, &p), 0);
	ck_assert_int_eq(best, 1);
	ck_assert_double_eq_tol(r2[1], 0.5, 0.15);
	ck_assert_double_eq_tol(r2[2], 0, 1e-12);
	ck_assert_double_eq_tol(p, 0.001, 1e-9);
	grx_rng_free(r);
}
END_TEST

/* --- through the files */
static void write_panel(const char *vcf, int people, int m)
{
	struct grx_rng *r = grx_rng_new(4, "panel", 0);
	FILE *f = fopen(vcf, "w");
	ck_assert_ptr_nonnull(f);
	fputs("##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n"
	      "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
	      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT",
		f);
	for (int i = 0; i < people; i++)
		fprintf(f, "\tS%d", i);
	for (int j = 0; j < m; j++) {
		fprintf(f, "\nchr1\t%d\trs%d\tA\t%s\t.\tPASS\t.\tGT", 1000 * (j + 1), j,
			j == 1 ? "C,G" : "G");
		for (int i = 0; i < people; i++)
			fprintf(f, "\t%d/%d", (int)grx_rng_below(r, 2) * (j == 1 ? 2 : 1),
				(int)grx_rng_below(r, 2) * (j == 1 ? 2 : 1));
	}
	fputc('\n', f);
	fclose(f);
	grx_rng_free(r);
}

START_TEST(through_files)
{
	char vcf[] = "/tmp/check_con_panel_XXXXXX.vcf", buf[4096] = "";
	int fd = mkstemps(vcf, 4);
	close(fd);
	write_panel(vcf, 60, 5);
	/* the second variant is the second ALT of its record; the fourth is on the other strand */
	put("CHR BP SNP A1 A2 BETA SE N FRQ\n1 1000 rs0 G A 0.5 0.05 1000 0.5\n1 2000 rs1 G A 0.4 0.05 1000 "
	    "0.5\n"
	    "1 3000 rs2 A G 0.3 0.05 1000 0.5\n1 4000 rs3 C T 0.2 0.05 1000 0.5\n1 7000 rs9 G A 0.5 0.05 "
	    "1000 0.5\n");
	opt.method = "ldpred2-inf";
	opt.ld = vcf;
	opt.out = "/tmp/check_con_whole.tsv";
	opt.n_draw = 0;
	ck_assert_msg(prs_construct(&cx, &opt) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	FILE *f = fopen(opt.out, "r");
	ck_assert_uint_gt(fread(buf, 1, sizeof buf - 1, f), 0);
	fclose(f);
	unlink(opt.out);
	ck_assert_ptr_nonnull(strstr(buf, "#variants_number=4\n"));
	ck_assert_ptr_nonnull(strstr(buf, "#genome_build=GRCh38\n"));
	ck_assert_ptr_nonnull(strstr(buf, "\n1\t2000\tG\tA\t0."));
	ck_assert_ptr_nonnull(strstr(buf, "\n1\t4000\tG\tA\t0."));
	/* too few people; nothing in common; an option out of range */
	write_panel(vcf, 20, 5);
	ck_assert_int_eq(prs_construct(&cx, &opt), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "20 people"));
	cx.err.status = 0;
	write_panel(vcf, 60, 5);
	put("CHR BP A1 A2 BETA SE N\n2 1000 G A 0.5 0.05 1000\n");
	ck_assert_int_eq(prs_construct(&cx, &opt), GRX_E_MISMATCH);
	cx.err.status = 0;
	opt.clump_r2 = 2;
	ck_assert_int_eq(prs_construct(&cx, &opt), GRX_E_USAGE);
	unlink(vcf);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prs_con");
	TCase *tc = tcase_create("con");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, read_ssf);
	tcase_add_test(tc, read_aliases);
	tcase_add_test(tc, read_malformed);
	tcase_add_test(tc, row_reasons);
	tcase_add_test(tc, z_and_p);
	tcase_add_test(tc, duplicates_and_n);
	tcase_add_test(tc, contradicting_file);
	tcase_add_test(tc, panel_reasons);
	tcase_add_test(tc, whole_file);
	tcase_add_test(tc, correlations);
	tcase_add_test(tc, blocks_cut);
	tcase_add_test(tc, blocks_bed);
	tcase_add_test(tc, clump_by_hand);
	tcase_add_test(tc, gig_moments);
	tcase_add_test(tc, inf_direct);
	tcase_add_test(tc, lasso_kkt);
	tcase_add_test(tc, gibbs_exact);
	tcase_add_test(tc, cs_exact);
	tcase_add_test(tc, diagnostics);
	tcase_add_test(tc, tune_pick);
	tcase_add_test(tc, through_files);
	tcase_add_loop_test(tc, threads_same_bytes, 0, 6);
	suite_add_tcase(s, tc);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
