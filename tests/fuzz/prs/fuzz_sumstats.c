/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_sumstats.c -- GWAS summary statistics from arbitrary bytes: refused with the file's name, or taken;
 * what is taken has one reason for each row, and the rows kept have finite numbers that agree with each
 * other.
 *
 * Usage: fuzz_sumstats [N]          N cases of the seeds 1..N (2000)
 *
 *        fuzz_sumstats -s SEED      that of one seed
 *
 *        fuzz_sumstats FILE...      cases of these bytes (what libFuzzer leaves)
 *
 * Built with clang -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by libFuzzer. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "seeds.h"
#include "stage/prs/con_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
	long file, taken, rows, kept, refused;
} count;
static char path[64];

GRX_PRINTF(1, 2) static void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("fuzz_sumstats: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

static void write_case(const uint8_t *p, size_t n)
{
	snprintf(path, sizeof(path), "/tmp/fuzz_sumstats.%ld", (long)getpid());
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		die("%s: cannot write", path);
}

static void refused(const struct grx_ctx *cx, int rc)
{
	if (rc != GRX_E_DATA)
		die("status %d: %s", rc, cx->err.msg);
	if (!strstr(cx->err.msg, path))
		die("refused without the file: %s", cx->err.msg);
	count.refused++;
}

static bool frequency(double f)
{
	return isnan(f) || (f >= 0 && f <= 1);
}

static bool base(char c)
{
	return c && strchr("ACGT", c);
}

static void check_kept(const struct con_sum *s, const struct con_row *r)
{
	if (!isfinite(r->beta) || !isfinite(r->se) || !(r->se > 0) || isnan(r->nlp) || r->nlp < 0)
		die("line %ld: kept with beta %g se %g -log10 p %g", (long)r->line, r->beta, r->se, r->nlp);
	if (!isfinite(r->n) || r->n < 10)
		die("line %ld: kept with n %g", (long)r->line, r->n);
	if (!base(r->ea) || !base(r->oa) || r->ea == r->oa)
		die("line %ld: kept with alleles %d %d", (long)r->line, r->ea, r->oa);
	if (s->by_id ? !r->id : r->chrom < 1 || r->chrom > 22 || r->pos < 1)
		die("line %ld: kept without a place", (long)r->line);
	if (!frequency(r->freq) || !frequency(r->maf))
		die("line %ld: kept with frequency %g %g", (long)r->line, r->freq, r->maf);
}

static void check_counts(const struct con_sum *s, size_t n)
{
	int64_t c[CON_N_REASON] = {0}, sum = 0;
	if (s->n != n)
		die("%zu rows of %zu after the checks", s->n, n);
	prs_con_count(s, c);
	for (int i = 0; i < CON_N_REASON; i++)
		sum += c[i];
	if (sum != (int64_t)n)
		die("reasons of %ld rows of %zu", (long)sum, n);
	for (size_t i = 0; i < n; i++)
		if (s->row[i].reason == CON_KEPT)
			check_kept(s, &s->row[i]);
}

/* Order and uniqueness of what is kept. */
static void check_order(const struct con_sum *s)
{
	for (size_t i = 1; i < s->n && !s->by_id; i++) {
		const struct con_row *a = &s->row[i - 1], *b = &s->row[i];
		if (a->chrom > b->chrom || (a->chrom == b->chrom && a->pos > b->pos))
			die("line %ld before line %ld", (long)a->line, (long)b->line);
		if (a->reason == CON_KEPT && b->reason == CON_KEPT && a->chrom == b->chrom &&
			a->pos == b->pos && a->ea == b->ea && a->oa == b->oa)
			die("lines %ld and %ld are one variant", (long)a->line, (long)b->line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct grx_ctx cx = {0};
	struct prs_construct_opt o;
	struct con_sum s;
	write_case(data, n);
	prs_construct_defaults(&o);
	o.sumstats = path;
	count.file++;
	int rc = prs_con_sum_read(&cx, &o, &s);
	if (rc == GRX_OK) {
		size_t rows = s.n;
		check_counts(&s, rows);
		rc = prs_con_qc_rows(&cx, &s);
		if (rc == GRX_OK) {
			check_counts(&s, rows);
			check_order(&s);
			count.taken++;
			for (size_t i = 0; i < rows; i++)
				count.kept += s.row[i].reason == CON_KEPT;
			count.rows += (long)rows;
		}
	}
	if (rc != GRX_OK)
		refused(&cx, rc);
	prs_con_sum_free(&s);
	unlink(path);
	return 0;
}

#ifndef FZ_NO_MAIN
#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const odd[] = {"", ".", "NA", "NaN", "inf", "-1", "0", "1", "1e309", "1e-320", "3e-450",
	"1e-99999999", "0x1", "e5", "-", "99999999999999999999", "N", "a", "\"", "1,5", "<DEL>", " ", "\xff",
	"23", "1e+06"};

enum {
	C_CHR,
	C_POS,
	C_ID,
	C_EA,
	C_OA,
	C_BETA,
	C_SE,
	C_P,
	C_N,
	C_FREQ,
	C_INFO,
	C_Z,
	C_OR,
	C_CASE,
	C_CTRL,
	C_NLP,
	C_COLS
};
static const char *const ssf[C_COLS] = {"chromosome", "base_pair_location", "rsid", "effect_allele",
	"other_allele", "beta", "standard_error", "p_value", "n", "effect_allele_frequency", "info",
	"z_score", "odds_ratio", "ncase", "ncontrol", "neg_log_10_p_value"};
static const char *const plain[C_COLS] = {"CHR", "BP", "SNP", "A1", "A2", "BETA", "SE", "P", "N", "FRQ",
	"INFO", "Z", "OR", "N_CASES", "N_CONTROLS", "LOG10P"};

/* Numbers of a row that agree with each other. */
struct truth {
	double beta, se, z;
};

static void value(char *b, int c, const struct truth *t)
{
	static const char *const base[] = {"A", "C", "G", "T", "AT", "t"};
	switch (c) {
	case C_CHR:
		snprintf(b, 32, "%u", 1 + draw(draw(8) ? 3 : 25));
		break;
	case C_POS:
		snprintf(b, 32, "%u", 1 + draw(draw(3) ? 1000000 : 5));
		break;
	case C_ID:
		snprintf(b, 32, "rs%u", draw(30));
		break;
	case C_EA:
	case C_OA:
		snprintf(b, 32, "%s", base[draw(draw(6) ? 4 : N(base))]);
		break;
	case C_BETA:
		snprintf(b, 32, "%.5g", t->beta);
		break;
	case C_OR:
		snprintf(b, 32, "%.6g", exp(t->beta));
		break;
	case C_SE:
		snprintf(b, 32, "%.5g", t->se);
		break;
	case C_P:
		snprintf(b, 32, "%.4e", erfc(fabs(t->z) / sqrt(2)));
		break;
	case C_NLP:
		snprintf(b, 32, "%.6g", -log10(erfc(fabs(t->z) / sqrt(2))));
		break;
	case C_Z:
		snprintf(b, 32, "%.5g", t->z);
		break;
	case C_FREQ:
	case C_INFO:
		snprintf(b, 32, "%.3f", draw(1001) / 1000.0);
		break;
	default:
		snprintf(b, 32, "%u", 5 + draw(100000));
	}
}

static int columns(int *use)
{
	int n = 0;
	for (int c = 0; c < C_COLS; c++)
		if (c <= C_N ? draw(30) > 0 : draw(5) == 0)
			use[n++] = c;
	for (int i = n - 1; i > 0 && draw(2); i--) {
		int j = (int)draw((uint32_t)i + 1), c = use[i];
		use[i] = use[j];
		use[j] = c;
	}
	return n;
}

static void make(struct grx_str *s)
{
	int use[C_COLS], n = columns(use), rows = (int)draw(12);
	const char *const *name = draw(2) ? ssf : plain, *sep = draw(4) ? "\t" : draw(2) ? " " : ",";
	if (draw(8) == 0)
		grx_str_add(s, "## made by a program\n");
	for (int i = 0; i < n; i++)
		grx_str_addf(s, "%s%s", i ? sep : "", draw(200) ? name[use[i]] : odd[draw(N(odd))]);
	grx_str_add(s, "\n");
	for (int r = 0; r < rows; r++) {
		struct truth t = {.se = 0.001 * (1 + draw(100)), .z = ((int)draw(1000) - 500) / 100.0};
		t.beta = t.z * t.se;
		for (int i = 0; i < n - (draw(100) == 0); i++) {
			char b[32];
			value(b, use[i], &t);
			grx_str_addf(s, "%s%s", i ? sep : "", draw(120) ? b : odd[draw(N(odd))]);
		}
		grx_str_add(s, draw(30) ? "\n" : "\r\n");
	}
}

static void seeded(uint64_t seed)
{
	struct grx_str s = {0};
	seed_set(seed);
	make(&s);
	for (int k = draw(6) ? 0 : 1 + (int)draw(4); k > 0 && s.n > 0; k--)
		s.s[draw((uint32_t)s.n)] = (char)draw(256);
	LLVMFuzzerTestOneInput((const uint8_t *)s.s, s.n);
	grx_str_clear(&s);
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 2000, seeded);
	printf("fuzz_sumstats: taken %ld of %ld files; %ld rows with a reason each, %ld kept; %ld refused "
	       "with the file's name\n",
		count.taken, count.file, count.rows, count.kept, count.refused);
	return 0;
}
#endif
