/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_genosrc.c -- the source of genotypes against the variant reader and plain arithmetic: every accessor
 * over generated records of all kinds, as text, gzip, bgzip, BCF, batch and .bed; windows; broken files. Each
 * record is written out as a line; lines must be equal whatever the road. */
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"
#include "io/genosrc.h"
#include "io/varsrc.h"

static char dir[64];
static struct grx_ctx cx;
static uint64_t state;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.threads = 1;
	cx.outs = grx_outs_new();
	strcpy(dir, "/tmp/check_genosrc.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char cmd[128];
	grx_outs_free(cx.outs);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static unsigned rnd(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

/* ---- generated VCF ---- */

static const char head[] = "##fileformat=VCFv4.2\n##FILTER=<ID=q10,Description=\"low\">\n"
			   "##contig=<ID=chr1,length=60000>\n##contig=<ID=chr2,length=50000>\n"
			   "##contig=<ID=chrX,length=40000>\n"
			   "##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n"
			   "##INFO=<ID=AF,Number=A,Type=Float,Description=\"a\">\n"
			   "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
			   "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n"
			   "##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description=\"d\">\n"
			   "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"d\">\n"
			   "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"d\">\n"
			   "##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"d\">\n"
			   "##FORMAT=<ID=GL,Number=G,Type=Float,Description=\"d\">\n"
			   "##FORMAT=<ID=GP,Number=G,Type=Float,Description=\"d\">\n"
			   "##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n"
			   "##FORMAT=<ID=FT,Number=1,Type=String,Description=\"d\">\n"
			   "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";

enum { K_GT, K_DP, K_MIN_DP, K_GQ, K_AD, K_PL, K_GL, K_GP, K_DS, K_FT, K_N };
static const char *const keys[] = {"GT", "DP", "MIN_DP", "GQ", "AD", "PL", "GL", "GP", "DS", "FT", NULL};

/* GT of a sample; returns its ploidy as the columns must have it, 0: a lone '.'. */
static int put_gt(struct grx_str *b, int n_allele, int kind)
{
	int ploidy = kind == 0 ? 2 : (int[]){2, 2, 2, 1, 1, 3, 2, 2}[rnd(8)];
	char sep = rnd(3) ? '/' : '|';
	int none = 0;
	for (int i = 0; i < ploidy; i++) {
		if (i)
			grx_str_addc(b, sep);
		if (rnd(kind == 2 ? 2 : 30) == 0) {
			grx_str_addc(b, '.');
			none++;
		} else {
			grx_str_addf(b, "%d",
				(int)rnd((unsigned)(rnd(2)         ? n_allele
						    : n_allele > 2 ? 3
								   : n_allele)));
		}
	}
	return none == 1 && ploidy == 1 ? 0 : ploidy;
}

static int n_genotypes(int n_allele, int ploidy)
{
	int64_t c = 1;
	for (int i = 1; i <= ploidy; i++)
		c = c * (n_allele + i - 1) / i;
	return (int)c;
}

static void put_list(struct grx_str *b, int key, int n, int scale, int ploidy)
{
	if (rnd(12) == 0) {
		grx_str_addc(b, '.');
		return;
	}
	double sum = 0, p[512];
	for (int i = 0; i < n && i < 512; i++)
		sum += p[i] = 1 + rnd(100);
	for (int i = 0; i < n; i++) {
		if (i)
			grx_str_addc(b, ',');
		if (key != K_GP && key != K_DS && rnd(60) == 0)
			grx_str_addc(b, '.');
		else if (key == K_AD || key == K_PL)
			grx_str_addf(b, "%d", (int)rnd((unsigned)scale));
		else if (key == K_GL)
			grx_str_addf(b, rnd(9) ? "-%d.%02d" : "-%d.%02de-01", (int)rnd(40), (int)rnd(100));
		else if (key == K_GP)
			grx_str_addf(b, "%.4f", p[i] / sum);
		else
			grx_str_addf(b, "%.3f", rnd(1000) * (ploidy > 1 ? 2 : 1) / 1000.0 / n);
	}
}

static void put_value(struct grx_str *b, int key, int n_allele, int ploidy, int scale)
{
	static const char *const ft[] = {"PASS", ".", "q10", "lowGQ;q10"};
	int genos = n_genotypes(n_allele, ploidy ? ploidy : rnd(2) ? 2 : 1);
	switch (key) {
	case K_DP:
	case K_MIN_DP:
	case K_GQ:
		if (rnd(9) == 0)
			grx_str_addc(b, '.');
		else
			grx_str_addf(b, "%d", (int)rnd((unsigned)scale));
		return;
	case K_AD:
		put_list(b, key, n_allele, scale, ploidy);
		return;
	case K_DS:
		if (n_allele == 1)
			grx_str_addc(b, '.');
		else
			put_list(b, key, n_allele - 1, scale, ploidy);
		return;
	case K_FT:
		grx_str_add(b, ft[rnd(4)]);
		return;
	default:
		put_list(b, key, genos, scale, ploidy);
	}
}

static void put_samples(struct grx_str *b, int n_sample, int n_allele)
{
	static const char *const sets[] = {
		"0", "0", "0", "01", "0145", "06", "08", "07", "0135", "09", "35", "087", "024"};
	const char *set = sets[rnd(sizeof sets / sizeof *sets)];
	int kind = (int)rnd(4), scale = (int[]){100, 1000, 100000}[rnd(3)];
	if (n_allele > 6 && strpbrk(set, "567"))
		set = "01";
	for (const char *k = set; *k; k++)
		grx_str_addf(b, "%c%s", k == set ? '\t' : ':', keys[*k - '0']);
	for (int i = 0; i < n_sample; i++) {
		int ploidy = 2;
		size_t stop = rnd(15) == 0 ? 1 + rnd((unsigned)strlen(set)) : strlen(set);
		grx_str_addc(b, '\t');
		for (size_t k = 0; k < stop; k++) {
			if (k)
				grx_str_addc(b, ':');
			if (set[k] == '0')
				ploidy = put_gt(b, n_allele, kind);
			else
				put_value(b, set[k] - '0', n_allele, ploidy, scale);
		}
	}
}

/* REF, ALT; sets the number of alleles; true when it wants INFO END. */
static bool put_alleles(struct grx_str *b, int *n_allele)
{
	static const char *const alt[] = {
		"C", "G", "T", "AC", "AG", "AT", "ACC", "ACG", "ACT", "AGG", "AGT", "ATT"};
	unsigned kind = rnd(10);
	*n_allele = 2;
	grx_str_add(b, kind == 9 ? "\tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\t" : rnd(2) ? "\tA\t" : "\ta\t");
	if (kind == 0) {
		grx_str_add(b, ".");
		*n_allele = 1;
		return rnd(2);
	}
	if (kind == 1) {
		grx_str_add(b, rnd(2) ? "<NON_REF>" : "<*>");
		return true;
	}
	if (kind == 2) {
		grx_str_add(b, "<DEL>");
		return true;
	}
	if (kind > 5) {
		grx_str_add(b, rnd(2) ? "T" : "g");
		return false;
	}
	*n_allele = kind == 3 ? 13 : 2 + (int)rnd(4);
	for (int i = 1; i < *n_allele; i++)
		grx_str_addf(b, "%s%s", i > 1 ? "," : "", i == 2 && kind == 5 ? "*" : alt[i - 1]);
	return false;
}

static void make_vcf(struct grx_str *b, int n_sample, int n_rec)
{
	static const char *const contig[] = {"chr1", "chr2", "chrX"};
	grx_str_add(b, head);
	if (n_sample)
		grx_str_add(b, "\tFORMAT");
	for (int i = 0; i < n_sample; i++)
		grx_str_addf(b, "\tS%d", i);
	grx_str_addc(b, '\n');
	for (int c = 0; c < 3; c++) {
		int pos = 1 + (int)rnd(50);
		for (int i = 0; i < n_rec; i++) {
			int n_allele;
			pos += rnd(4) ? (int)rnd(60) : 0;
			grx_str_addf(b, "%s\t%d\t", contig[c], pos);
			if (rnd(3))
				grx_str_addf(b, "rs%d", i);
			else
				grx_str_add(b, ".");
			bool end = put_alleles(b, &n_allele);
			grx_str_addf(b, "\t%s\t%s\t", rnd(2) ? "." : "50.5",
				(const char *[]){"PASS", ".", "q10"}[rnd(3)]);
			if (end)
				grx_str_addf(b, "END=%d", pos + (int)rnd(200));
			else
				grx_str_add(b, ".");
			if (n_sample)
				put_samples(b, n_sample, n_allele);
			grx_str_addc(b, '\n');
		}
	}
	ck_assert(!b->oom);
}

static char *path_of(const char *name)
{
	static char path[32][160];
	static int at;
	at = (at + 1) % 32;
	snprintf(path[at], sizeof path[at], "%s/%s", dir, name);
	return path[at];
}

static void put_file(const char *path, const char *s, size_t n)
{
	FILE *f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(s, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static void put_gzip(const char *path, const char *s, size_t n)
{
	gzFile f = gzopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(gzwrite(f, s, (unsigned)n), (int)n);
	ck_assert_int_eq(gzclose(f), Z_OK);
}

/* The text as bgzip or BCF, with an index. */
static void convert(const char *in, const char *out, char type)
{
	struct grx_varsrc *s = NULL;
	struct grx_varsink *k = NULL;
	struct grx_arena *mem = grx_arena_new();
	struct grx_vars *b = NULL;
	struct grx_varsrc_opt o = {.path = in};
	ck_assert_msg(grx_varsrc_open(&cx, &o, &s) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_varsink_open(&cx, out, type, true, grx_varsrc_hdr(s), &k), 0);
	do {
		ck_assert_msg(grx_varsrc_next(&cx, s, mem, 100, &b) == 0, "%s", cx.err.msg);
		ck_assert_int_eq(grx_varsink_put(&cx, k, b), 0);
		grx_vars_release(b);
	} while (b->n);
	ck_assert_msg(grx_varsink_close(&cx, k) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	grx_outs_free(cx.outs);
	cx.outs = grx_outs_new();
	grx_varsrc_close(s);
	grx_arena_free(mem);
}

/* ---- lines of records ---- */

struct lines {
	size_t n, cap;
	struct one {
		int32_t tid;
		int64_t pos, end;
		char *s;
	} * v;
};

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].s);
	free(l->v);
	memset(l, 0, sizeof *l);
}

static void lines_add(struct lines *l, int32_t tid, int64_t pos, int64_t end, char *s)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = realloc(l->v, l->cap * sizeof *l->v);
	}
	l->v[l->n++] = (struct one){tid, pos, end, s};
}

/* Rounded so that the last bit of a sum does not show. */
static void put_real(struct grx_str *b, float f)
{
	if (isnan(f))
		grx_str_add(b, " nan");
	else
		grx_str_addf(b, " %.3f", (double)f + 0.00001);
}

/* Values may be refused by rules of their own (probabilities, dosages, several values of one): counted here.
 */
static int strict;
static bool may_be_strict;

static void fine(int rc)
{
	ck_assert_msg(rc == 0 || (rc == GRX_E_DATA && may_be_strict), "%s", cx.err.msg);
	strict += rc != 0;
	memset(&cx.err, 0, sizeof cx.err);
}

/* Everything the source says of a record. */
static char *tell(const struct grx_geno *g)
{
	struct grx_str b = {0};
	int n = g->n_sample;
	uint8_t *v = calloc(4 * (size_t)n + 4, 1);
	float *f = calloc(2 * (size_t)n + 2, sizeof *f);
	int32_t *x = calloc((size_t)n + 1, sizeof *x);
	bool have, *bad = malloc((size_t)n + 1);
	unsigned seen, check;
	char text[256];
	grx_str_addf(&b, "%d:%lld-%lld %s block=%d filtered=%d", (int)g->tid, (long long)g->pos,
		(long long)g->end, g->id ? g->id : ".", g->block, g->filtered);
	for (int a = 0; a < g->n_allele; a++)
		grx_str_addf(&b, " %s", g->allele[a]);
	for (int a = 0; a < g->n_allele; a++) {
		fine(grx_geno_copies(&cx, g, a, v, &seen));
		check = 0;
		grx_str_addf(&b, "\n copies %d:", a);
		for (int i = 0; i < n; i++) {
			grx_str_addf(&b, " %d", v[i]);
			check |= 1u << v[i];
		}
		ck_assert(may_be_strict || seen == check);
		fine(grx_geno_pl(&cx, g, a, v, v + n, v + 2 * n, &have));
		grx_str_addf(&b, "\n PL %d:", have);
		for (int i = 0; i < n; i++)
			grx_str_addf(&b, " %d,%d,%d", v[i], v[n + i], v[2 * n + i]);
		fine(grx_geno_gp(&cx, g, a, f, f + n, &have));
		grx_str_addf(&b, "\n GP %d:", have);
		for (int i = 0; i < 2 * n; i++)
			put_real(&b, f[i]);
		fine(grx_geno_ds(&cx, g, a, f, &have));
		grx_str_addf(&b, "\n DS %d:", have);
		for (int i = 0; i < n; i++)
			put_real(&b, f[i]);
	}
	for (int k = K_DP; k <= K_GQ; k++) {
		fine(grx_geno_int(&cx, g, keys[k], x, &have));
		grx_str_addf(&b, "\n %s %d:", keys[k], have);
		for (int i = 0; i < n; i++)
			grx_str_addf(&b, " %d", (int)x[i]);
	}
	fine(grx_geno_ft(&cx, g, bad, &have));
	grx_str_addf(&b, "\n FT %d:", have);
	for (int i = 0; i < n; i++)
		grx_str_addf(&b, " %d", bad[i]);
	grx_str_add(&b, "\n text:");
	for (int i = 0; i < n; i++) {
		grx_geno_gt_text(g, i, text, sizeof text);
		grx_str_addf(&b, " %s", text);
		grx_geno_ad_text(g, i, text, sizeof text);
		grx_str_addf(&b, "(%s)", text);
	}
	free(v);
	free(f);
	free(x);
	free(bad);
	ck_assert(!b.oom);
	return b.s;
}

/* ---- the same by plain arithmetic on the variant reader's records ---- */

static int plain_code(const int32_t *gt, int ploidy, int allele)
{
	int n = 0, none = 0, copies = 0;
	for (; n < ploidy && !GRX_GT_IS_END(gt[n]); n++) {
		none += GRX_GT_ALLELE(gt[n]) < 0;
		copies += GRX_GT_ALLELE(gt[n]) == allele;
	}
	if (n == 1)
		return none ? GRX_CP_HAP_NONE : copies ? GRX_CP_HAP_1 : GRX_CP_HAP_0;
	if (n != 2 || none == 2)
		return GRX_CP_NONE;
	if (none)
		return copies ? GRX_CP_HALF_1 : GRX_CP_HALF_0;
	return copies;
}

/* Values of sample i before the padding; *some: one is missing. */
static int plain_values(const struct grx_field *f, int i, double *v, bool *some)
{
	int n = 0;
	*some = false;
	for (; n < f->n; n++) {
		size_t at = (size_t)i * (size_t)f->n + (size_t)n;
		if (f->type == GRX_T_INT) {
			if (f->v.i[at] == GRX_INT_END)
				break;
			*some |= f->v.i[at] == GRX_INT_MISSING;
			v[n] = f->v.i[at];
		} else {
			if (grx_float_is_end(f->v.f[at]))
				break;
			*some |= isnan(f->v.f[at]);
			v[n] = (double)f->v.f[at];
		}
	}
	return n;
}

static void plain_pl(struct grx_str *b, const struct grx_var *v, int n_sample, int allele)
{
	const struct grx_field *f = grx_var_fmt(v, "PL");
	bool gl = !f;
	f = f ? f : grx_var_fmt(v, "GL");
	int A = v->n_allele;
	if (A == 1)
		f = NULL;
	grx_str_addf(b, "\n PL %d:", f != NULL);
	for (int i = 0; i < n_sample; i++) {
		double x[4096], best[3] = {1e9, 1e9, 1e9};
		bool some = true;
		int n = f ? plain_values(f, i, x, &some) : 0;
		if (some || (n != A && n != A * (A + 1) / 2)) {
			grx_str_add(b, f ? " 255,255,255" : " 0,0,0");
			continue;
		}
		for (int k = 0, at = 0; k < A && at < n; k++)
			for (int j = n == A ? k : 0; j <= k; j++, at++) {
				int copies = (j == allele) + (k == allele);
				double phred = gl ? rint((double)(float)(-10 * (float)x[at])) : x[at];
				best[copies] = fmin(best[copies], phred);
			}
		double least = fmin(best[0], fmin(best[1], best[2]));
		for (int k = 0; k < 3; k++)
			grx_str_addf(b, "%c%d", k ? ',' : ' ', (int)fmin(best[k] - least, 255));
	}
}

static void plain_gp(struct grx_str *b, const struct grx_var *v, int n_sample, int allele)
{
	const struct grx_field *f = grx_var_fmt(v, "GP");
	int A = v->n_allele;
	float *p = malloc((2 * (size_t)n_sample + 1) * sizeof *p);
	if (A == 1)
		f = NULL;
	for (int i = 0; i < n_sample; i++) {
		double x[4096], sum = 0, c[3] = {0};
		bool some = true;
		int n = f ? plain_values(f, i, x, &some) : 0;
		p[i] = p[n_sample + i] = NAN;
		if (some || (n != A && n != A * (A + 1) / 2))
			continue;
		for (int k = 0, at = 0; k < A && at < n; k++)
			for (int j = n == A ? k : 0; j <= k; j++, at++) {
				c[(j == allele) + (k == allele)] += x[at];
				sum += x[at];
			}
		p[i] = (float)(c[1] / sum);
		p[n_sample + i] = (float)(c[2] / sum);
	}
	grx_str_addf(b, "\n GP %d:", f != NULL);
	for (int i = 0; i < 2 * n_sample; i++)
		put_real(b, p[i]);
	free(p);
}

static void plain_ds(struct grx_str *b, const struct grx_var *v, int n_sample, int allele)
{
	const struct grx_field *f = v->n_allele > 1 ? grx_var_fmt(v, "DS") : NULL;
	grx_str_addf(b, "\n DS %d:", f != NULL);
	for (int i = 0; i < n_sample; i++) {
		double x[64];
		bool some = true;
		int n = f ? plain_values(f, i, x, &some) : 0;
		float left = 2;
		if (n && v->ploidy &&
			plain_code(v->gt + (size_t)i * (size_t)v->ploidy, v->ploidy, 0) >= GRX_CP_HAP_0 &&
			plain_code(v->gt + (size_t)i * (size_t)v->ploidy, v->ploidy, 0) <= GRX_CP_HAP_NONE)
			left = 1;
		for (int k = 0; k < n; k++)
			left -= (float)x[k];
		put_real(b, some || n == 0 ? NAN : allele ? (float)x[allele - 1] : left);
	}
}

static void plain_rest(struct grx_str *b, const struct grx_var *v, int n_sample)
{
	for (int k = K_DP; k <= K_GQ; k++) {
		const struct grx_field *f = grx_var_fmt(v, keys[k]);
		grx_str_addf(b, "\n %s %d:", keys[k], f != NULL);
		for (int i = 0; i < n_sample; i++)
			grx_str_addf(b, " %d", f && f->v.i[i] >= 0 ? (int)f->v.i[i] : -1);
	}
	const struct grx_field *f = grx_var_fmt(v, "FT");
	grx_str_addf(b, "\n FT %d:", f != NULL);
	for (int i = 0; i < n_sample; i++)
		grx_str_addf(b, " %d", f && f->v.s[i] && strcmp(f->v.s[i], "PASS") != 0);
	f = grx_var_fmt(v, "AD");
	grx_str_add(b, "\n text:");
	for (int i = 0; i < n_sample; i++) {
		grx_str_addc(b, ' ');
		for (int k = 0; k < v->ploidy; k++) {
			int32_t x = v->gt[(size_t)i * (size_t)v->ploidy + (size_t)k];
			if (GRX_GT_IS_END(x))
				break;
			if (k)
				grx_str_addc(b, GRX_GT_PHASED(x) ? '|' : '/');
			if (GRX_GT_ALLELE(x) < 0)
				grx_str_addc(b, '.');
			else
				grx_str_addf(b, "%d", (int)GRX_GT_ALLELE(x));
		}
		if (!v->ploidy)
			grx_str_add(b, "./.");
		grx_str_addc(b, '(');
		for (int k = 0; f && k < f->n; k++) {
			int32_t x = f->v.i[(size_t)i * (size_t)f->n + (size_t)k];
			bool lone = k == 0 && x == GRX_INT_MISSING &&
				    (f->n == 1 || f->v.i[(size_t)i * (size_t)f->n + 1] == GRX_INT_END);
			if (x == GRX_INT_END || lone)
				break;
			grx_str_add(b, k ? "," : "");
			if (x == GRX_INT_MISSING)
				grx_str_addc(b, '.');
			else
				grx_str_addf(b, "%d", (int)x);
		}
		grx_str_addc(b, ')');
	}
}

static char *plain(const struct grx_var *v, int n_sample)
{
	struct grx_str b = {0};
	bool filtered = v->n_filter > 0 && strcmp(v->filter[0], "PASS") != 0;
	grx_str_addf(&b, "%d:%lld-%lld %s block=%d filtered=%d", (int)v->tid, (long long)v->pos,
		(long long)(v->pos + v->rlen), v->id ? v->id : ".", grx_var_is_ref_block(v), filtered);
	for (int a = 0; a < v->n_allele; a++)
		grx_str_addf(&b, " %s", v->allele[a]);
	for (int a = 0; a < v->n_allele; a++) {
		grx_str_addf(&b, "\n copies %d:", a);
		for (int i = 0; i < n_sample; i++)
			grx_str_addf(&b, " %d",
				v->ploidy ? plain_code(v->gt + (size_t)i * (size_t)v->ploidy, v->ploidy, a)
					  : GRX_CP_NONE);
		plain_pl(&b, v, n_sample, a);
		plain_gp(&b, v, n_sample, a);
		plain_ds(&b, v, n_sample, a);
	}
	plain_rest(&b, v, n_sample);
	ck_assert(!b.oom);
	return b.s;
}

/* Of the variant reader: plain arithmetic, and the view of its batch. */
static void read_plain(const char *path, const char *sample, struct lines *out, struct lines *view)
{
	struct grx_varsrc *s = NULL;
	struct grx_vars *b = NULL;
	struct grx_arena *mem = grx_arena_new();
	struct grx_varsrc_opt o = {.path = path, .fmt = keys, .sample = sample};
	ck_assert_msg(grx_varsrc_all(&cx, &o, mem, &s, &b) == 0, "%s", cx.err.msg);
	cx.contigs = grx_varsrc_contigs(s);
	int n_sample = grx_varsrc_hdr(s)->n_sample;
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		struct grx_geno g;
		lines_add(out, v->tid, v->pos, v->pos + v->rlen, plain(v, n_sample));
		grx_geno_of_var(v, n_sample, &g);
		lines_add(view, v->tid, v->pos, v->pos + v->rlen, tell(&g));
	}
	cx.contigs = NULL;
	grx_vars_release(b);
	grx_varsrc_close(s);
	grx_arena_free(mem);
}

/* All that a reader gives; groups are whole positions. */
static int read_cur(struct grx_genocur *c, struct lines *out)
{
	const struct grx_geno *v;
	int n, rc;
	int32_t tid = -1;
	int64_t pos = -1;
	while (!(rc = grx_genocur_next(&cx, c, &v, &n)) && n) {
		ck_assert(v[0].tid != tid || v[0].pos != pos);
		tid = v[0].tid;
		pos = v[0].pos;
		for (int i = 0; i < n; i++) {
			ck_assert(v[i].tid == tid && v[i].pos == pos);
			lines_add(out, tid, pos, v[i].end, tell(&v[i]));
		}
	}
	return rc;
}

static struct grx_genosrc *source(const char *path, const char *sample)
{
	struct grx_genosrc *s = NULL;
	struct grx_genosrc_opt o = {.path = path, .sample = sample};
	ck_assert_msg(grx_genosrc_open(&cx, &o, &s) == 0, "%s", cx.err.msg);
	return s;
}

static void read_geno(const char *path, const char *sample, struct lines *out)
{
	struct grx_genosrc *s = source(path, sample);
	struct grx_genocur *c = NULL;
	ck_assert_int_eq(grx_genocur_open(&cx, s, &c), 0);
	ck_assert_msg(read_cur(c, out) == 0, "%s", cx.err.msg);
	grx_genocur_close(c);
	grx_genosrc_close(s);
}

static void same(const struct lines *a, const struct lines *b, const char *what)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		const char *x = a->v[i].s, *y = b->v[i].s;
		size_t k = 0, back = 0;
		while (x[k] && x[k] == y[k])
			k++;
		while (back < k && x[k - back] != '\n')
			back++;
		ck_assert_msg(x[k] == y[k], "%s, record %zu: %.200s\n%.300s\nagainst\n%.300s", what, i, x,
			x + k - back, y + k - back);
	}
	ck_assert_uint_eq(a->n, b->n);
}

/* ---- tests ---- */

START_TEST(test_all_roads)
{
	static const int samples[] = {1, 3, 40, 0, 101, 33, 64, 2};
	struct grx_str b = {0};
	struct lines want = {0}, got = {0};
	char *vcf = path_of("a.vcf"), *gz = path_of("a.vcf.gzip"), *bgz = path_of("a.vcf.gz"),
	     *bcf = path_of("a.bcf");
	const char *const road[] = {vcf, gz, bgz, bcf};
	state = 1000 + (uint64_t)_i;
	make_vcf(&b, samples[_i % 8], samples[_i % 8] > 40 ? 60 : 150);
	put_file(vcf, b.s, b.n);
	put_gzip(gz, b.s, b.n);
	convert(vcf, bgz, 'z');
	convert(vcf, bcf, 'b');
	for (int one = 0; one < (samples[_i % 8] > 1 ? 2 : 1); one++) {
		const char *sample = one ? "S1" : NULL;
		read_plain(vcf, sample, &want, &got);
		same(&want, &got, "batch");
		lines_free(&got);
		for (int i = 0; i < 4; i++) {
			read_geno(road[i], sample, &got);
			same(&want, &got, road[i]);
			lines_free(&got);
		}
		lines_free(&want);
	}
	grx_str_clear(&b);
}
END_TEST

START_TEST(test_windows)
{
	struct grx_str b = {0};
	struct lines all = {0}, want = {0}, got = {0};
	char *vcf = path_of("w.vcf"), *bgz = path_of("w.vcf.gz"), *bcf = path_of("w.bcf");
	state = 77;
	make_vcf(&b, 5, 800);
	put_file(vcf, b.s, b.n);
	convert(vcf, bgz, 'z');
	convert(vcf, bcf, 'b');
	read_geno(vcf, NULL, &all);
	for (int i = 0; i < 2; i++) {
		struct grx_genosrc *s = source(i ? bcf : bgz, NULL);
		struct grx_genocur *c[2] = {NULL, NULL};
		ck_assert(grx_genosrc_random(s));
		ck_assert_int_eq(grx_genocur_open(&cx, s, &c[0]), 0);
		ck_assert_int_eq(grx_genocur_open(&cx, s, &c[1]), 0);
		for (int k = 0; k < 120; k++) {
			int32_t tid = (int32_t)rnd(3);
			int64_t beg = rnd(25000), end = beg + rnd(k % 2 ? 20000 : 50);
			ck_assert_int_eq(grx_genocur_seek(&cx, c[k % 2], tid, beg, end), 0);
			ck_assert_msg(read_cur(c[k % 2], &got) == 0, "%s", cx.err.msg);
			for (size_t j = 0; j < all.n; j++)
				if (all.v[j].tid == tid && all.v[j].pos < end && all.v[j].end > beg &&
					beg < end)
					lines_add(&want, tid, 0, 0, strdup(all.v[j].s));
			same(&want, &got, i ? "window of BCF" : "window of VCF");
			lines_free(&want);
			lines_free(&got);
		}
		grx_genocur_close(c[0]);
		grx_genocur_close(c[1]);
		grx_genosrc_close(s);
	}
	lines_free(&all);
	grx_str_clear(&b);
}
END_TEST

struct worker {
	struct grx_genosrc *s;
	struct grx_ctx cx;
	int64_t n;
	uint64_t sum;
	int rc;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct grx_genocur *c = NULL;
	const struct grx_geno *v;
	uint8_t code[8], l[3][8];
	unsigned seen;
	bool have;
	int n = 0;
	w->rc = grx_genocur_open(&w->cx, w->s, &c);
	for (int k = 0; k < 60 && !w->rc; k++) {
		w->rc = grx_genocur_seek(&w->cx, c, k % 3, k * 300, k * 300 + 2000);
		while (!w->rc && !(w->rc = grx_genocur_next(&w->cx, c, &v, &n)) && n)
			for (int i = 0; i < n && !w->rc; i++, w->n++) {
				w->rc = grx_geno_copies(&w->cx, &v[i], 0, code, &seen);
				w->rc = w->rc ? w->rc
					      : grx_geno_pl(&w->cx, &v[i], 0, l[0], l[1], l[2], &have);
				for (int j = 0; j < 5; j++)
					w->sum = w->sum * 3 + code[j] + l[0][j];
			}
	}
	grx_genocur_close(c);
	return NULL;
}

START_TEST(test_threads)
{
	struct grx_str b = {0};
	char *vcf = path_of("p.vcf"), *bgz = path_of("p.vcf.gz"), *bcf = path_of("p.bcf");
	struct worker w[8];
	pthread_t t[8];
	state = 21;
	make_vcf(&b, 5, 500);
	put_file(vcf, b.s, b.n);
	convert(vcf, bgz, 'z');
	convert(vcf, bcf, 'b');
	struct grx_genosrc *s[2] = {source(bgz, NULL), source(bcf, NULL)};
	memset(w, 0, sizeof w);
	for (int i = 0; i < 8; i++) {
		w[i].s = s[i % 2];
		ck_assert_int_eq(pthread_create(&t[i], NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_join(t[i], NULL), 0);
	for (int i = 0; i < 8; i++) {
		ck_assert_msg(w[i].rc == 0, "%s", w[i].cx.err.msg);
		ck_assert(w[i].n > 1000 && w[i].n == w[0].n && w[i].sum == w[0].sum);
	}
	grx_genosrc_close(s[0]);
	grx_genosrc_close(s[1]);
	grx_str_clear(&b);
}
END_TEST

/* A group of 150 records of 12 kB does not fit the first buffer. */
START_TEST(test_large)
{
	struct grx_str b = {0};
	struct lines want = {0}, got = {0};
	char *vcf = path_of("l.vcf"), *bcf = path_of("l.bcf");
	state = 5;
	grx_str_addf(&b, "%s\tFORMAT", head);
	for (int i = 0; i < 3000; i++)
		grx_str_addf(&b, "\tS%d", i);
	grx_str_addc(&b, '\n');
	for (int r = 0; r < 200; r++) {
		grx_str_addf(&b, "chr1\t%d\t.\tA\tC\t.\t.\t.\tGT", r < 3 ? 10 + r : 50 + r / 150);
		for (int i = 0; i < 3000; i++)
			grx_str_addf(&b, "\t%d/%d", (int)rnd(2), (int)rnd(2));
		grx_str_addc(&b, '\n');
	}
	put_file(vcf, b.s, b.n);
	convert(vcf, bcf, 'b');
	struct grx_genosrc *s[2] = {source(vcf, NULL), source(bcf, NULL)};
	struct grx_genocur *c[2];
	uint8_t *code[2] = {malloc(3000), malloc(3000)};
	const struct grx_geno *v[2];
	int n[2];
	unsigned seen;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(grx_genocur_open(&cx, s[i], &c[i]), 0);
	do {
		for (int i = 0; i < 2; i++)
			ck_assert_int_eq(grx_genocur_next(&cx, c[i], &v[i], &n[i]), 0);
		ck_assert_int_eq(n[0], n[1]);
		for (int k = 0; k < n[0]; k++) {
			for (int i = 0; i < 2; i++)
				ck_assert_int_eq(grx_geno_copies(&cx, &v[i][k], k % 2, code[i], &seen), 0);
			ck_assert_mem_eq(code[0], code[1], 3000);
		}
	} while (n[0]);
	for (int i = 0; i < 2; i++) {
		grx_genocur_close(c[i]);
		grx_genosrc_close(s[i]);
		free(code[i]);
	}
	lines_free(&want);
	lines_free(&got);
	grx_str_clear(&b);
}
END_TEST

/* ---- plink ---- */

struct bed_row {
	const char *code;
	int tid, pos;
	const char *a1, *a2;
	uint8_t gt[80]; /* copies of allele 1, 3 missing */
};

static int by_place(const void *a, const void *b)
{
	const struct bed_row *x = a, *y = b;
	return x->tid != y->tid ? x->tid - y->tid : x->pos - y->pos;
}

static void put_bed(const struct bed_row *row, int n_row, int n_sample, const char *name)
{
	static const uint8_t bits[] = {3, 2, 0, 1};
	struct grx_str bim = {0}, fam = {0}, bed = {0};
	char file[160];
	grx_str_addn(&bed, "\x6c\x1b\x01", 3);
	for (int i = 0; i < n_row; i++) {
		grx_str_addf(
			&bim, "%s\tv%d\t0\t%d\t%s\t%s\n", row[i].code, i, row[i].pos, row[i].a1, row[i].a2);
		for (int k = 0; k < n_sample; k += 4) {
			unsigned b = 0;
			for (int j = k; j < k + 4 && j < n_sample; j++)
				b |= (unsigned)bits[row[i].gt[j]] << (2 * (j - k));
			grx_str_addc(&bed, (char)b);
		}
	}
	for (int k = 0; k < n_sample; k++)
		grx_str_addf(&fam, "F%d S%d 0 0 %d -9\n", k, k, k % 3);
	snprintf(file, sizeof file, "%s/%s.bed", dir, name);
	put_file(file, bed.s, bed.n);
	snprintf(file, sizeof file, "%s/%s.bim", dir, name);
	put_file(file, bim.s, bim.n);
	snprintf(file, sizeof file, "%s/%s.fam", dir, name);
	put_file(file, fam.s, fam.n);
	grx_str_clear(&bim);
	grx_str_clear(&fam);
	grx_str_clear(&bed);
}

static int make_rows(struct bed_row *row, int n_sample)
{
	static const char *const code[] = {"1", "23", "24", "25", "26"};
	static const int tid[] = {0, 1, 2, 1, 3};
	int n = 0;
	for (int c = 0; c < 5; c++) {
		int pos = 1 + (int)rnd(300);
		for (int i = 0; i < (c == 0 ? 3000 : 40); i++, n++) {
			pos += (int)rnd(40);
			row[n] = (struct bed_row){.code = code[c],
				.tid = tid[c],
				.pos = pos,
				.a1 = rnd(2) ? "A" : "acg",
				.a2 = rnd(20) ? "T" : "TTTTTTTTTT"};
			bool mono = rnd(20) == 0;
			if (mono)
				row[n].a1 = "0";
			for (int k = 0; k < n_sample; k++)
				row[n].gt[k] = (uint8_t)(rnd(9) == 0 ? 3 : mono ? 0 : rnd(3));
		}
	}
	return n;
}

static void check_row(const struct grx_geno *g, const struct bed_row *r, int sel)
{
	uint8_t code[80];
	unsigned seen;
	char text[16];
	ck_assert(g->tid == r->tid && g->pos == r->pos - 1 && g->ref_unsure);
	ck_assert_int_eq(g->end, g->pos + (int64_t)strlen(r->a2));
	ck_assert_str_eq(g->allele[0], r->a2);
	ck_assert_int_eq(g->n_allele, *r->a1 == '0' ? 1 : 2);
	if (g->n_allele == 2)
		ck_assert_str_eq(g->allele[1], *r->a1 == 'a' ? "ACG" : r->a1);
	for (int a = 0; a < g->n_allele; a++) {
		ck_assert_msg(grx_geno_copies(&cx, g, a, code, &seen) == 0, "%s", cx.err.msg);
		for (int k = 0; k < g->n_sample; k++) {
			int x = r->gt[sel >= 0 ? sel : k];
			ck_assert_int_eq(code[k], x == 3 ? GRX_CP_NONE : a ? x : 2 - x);
			ck_assert(seen & 1u << code[k]);
		}
	}
	grx_geno_gt_text(g, 0, text, sizeof text);
	const char *const want[] = {"0/0", "0/1", "1/1", "./."};
	ck_assert_str_eq(text, want[r->gt[sel >= 0 ? sel : 0]]);
}

START_TEST(test_bed)
{
	int n_sample = (int[]){1, 5, 64, 79}[_i];
	struct bed_row *row = calloc(4000, sizeof *row);
	state = 50 + (uint64_t)_i;
	int n_row = make_rows(row, n_sample), n, at = 0, sel = n_sample > 3 && _i % 2 ? 3 : -1;
	put_bed(row, n_row, n_sample, "p");
	/* stable: rows of 23 and 25 at one position in the order of the file */
	for (int i = 1; i < n_row; i++)
		for (int j = i; j > 0 && by_place(&row[j - 1], &row[j]) > 0; j--) {
			struct bed_row t = row[j];
			row[j] = row[j - 1];
			row[j - 1] = t;
		}
	struct grx_genosrc *s = source(path_of("p.bed"), sel < 0 ? NULL : "S3");
	struct grx_genocur *c;
	const struct grx_geno *v;
	ck_assert_str_eq(grx_contig_name(grx_genosrc_contigs(s), 1), "X");
	ck_assert_int_eq(grx_genosrc_contigs(s)->n, 4);
	ck_assert_int_eq(grx_genosrc_sex(s)[0], 0);
	ck_assert(grx_genosrc_has(s, "GT") && !grx_genosrc_has(s, "PL") && grx_genosrc_random(s));
	ck_assert_int_eq(grx_genocur_open(&cx, s, &c), 0);
	while (1) {
		ck_assert_msg(grx_genocur_next(&cx, c, &v, &n) == 0, "%s", cx.err.msg);
		if (n == 0)
			break;
		for (int i = 0; i < n; i++)
			check_row(&v[i], &row[at++], sel);
	}
	ck_assert_int_eq(at, n_row);
	for (int k = 0; k < 100; k++) {
		int tid = (int)rnd(4), beg = (int)rnd(k % 2 ? 1000 : 60000), end = beg + (int)rnd(3000);
		ck_assert_int_eq(grx_genocur_seek(&cx, c, tid, beg, end), 0);
		at = 0;
		for (;;) {
			ck_assert_int_eq(grx_genocur_next(&cx, c, &v, &n), 0);
			for (int i = 0; i < n; i++, at++) {
				while (at < n_row && !(row[at].tid == tid && row[at].pos - 1 < end &&
							     row[at].pos - 1 + (int)strlen(row[at].a2) > beg))
					at++;
				ck_assert_int_lt(at, n_row);
				check_row(&v[i], &row[at], sel);
			}
			if (n == 0)
				break;
		}
		for (; at < n_row; at++)
			ck_assert(!(row[at].tid == tid && row[at].pos - 1 < end &&
				    row[at].pos - 1 + (int)strlen(row[at].a2) > beg));
	}
	grx_genocur_close(c);
	grx_genosrc_close(s);
	free(row);
}
END_TEST

/* ---- broken files ---- */

/* Read all there is of a file; the message of the failure must hold `what`. */
static void fails(const char *path, int status, const char *what)
{
	struct grx_genosrc *s = NULL;
	struct grx_genocur *c = NULL;
	struct grx_genosrc_opt o = {.path = path};
	const struct grx_geno *v;
	int n = 1, rc;
	cx.err.status = 0;
	cx.err.msg[0] = '\0';
	rc = grx_genosrc_open(&cx, &o, &s);
	if (!rc)
		rc = grx_genocur_open(&cx, s, &c);
	while (!rc && n) {
		rc = grx_genocur_next(&cx, c, &v, &n);
		for (int i = 0; !rc && i < n; i++) {
			uint8_t p[4][64];
			float f[2][64];
			int32_t x[64];
			unsigned seen;
			bool have;
			rc = grx_geno_copies(&cx, &v[i], 0, p[0], &seen);
			rc = rc ? rc : grx_geno_pl(&cx, &v[i], 0, p[1], p[2], p[3], &have);
			rc = rc ? rc : grx_geno_gp(&cx, &v[i], 0, f[0], f[1], &have);
			rc = rc ? rc : grx_geno_ds(&cx, &v[i], 0, f[0], &have);
			rc = rc ? rc : grx_geno_int(&cx, &v[i], "DP", x, &have);
		}
	}
	grx_genocur_close(c);
	grx_genosrc_close(s);
	ck_assert_msg(rc == status && strstr(cx.err.msg, what),
		"%s: status %d, expected %d: '%s', expected '%s'", path, rc, status, cx.err.msg, what);
	memset(&cx.err, 0, sizeof cx.err);
}

static const struct {
	const char *line, *what;
} broken[] = {
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/2\n", "record 2 (chr1:100): genotype is wrong"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/x\n", "genotype is wrong"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0\t\n", "genotype is wrong"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/\t0/0\n", "genotype is wrong"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0:3\t0/0\n", "more values than FORMAT"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0\n", "too few columns: '10, expected 11"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\t0/0\n", "too many columns"},
	{"chr1\t100\t.\tA\tG\t.\t.\n", "too few columns"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\n", "too few columns"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:PL\t0/0:1,2,3\t0/0:1,2\n", "number of values"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:PL\t0/0:1,2,3\t0/0:1,2,3,4\n", "number of values"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:PL\t0/0:1,2,3\t0/0:1,a,3\n", "not an integer"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:PL\t0/0:1,2,3\t0/0:1,-2,3\n", "negative value"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:PL\t0/0:1,2,3\t0/0:\n", "empty sample value"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DP\t0/0:3\t0/0:3,4\n", "number of values"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DP\t0/0:3\t0/0:99999999999\n", "not an integer"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DS\t0/0:0.1\t0/0:2.5\n", "DS is not between 0 and 2"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:GP\t0/0:0,0,1\t0/0:0,30,60\n", "not probabilities"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tDP:GT\t3:0/0\t3:0/0\n", "GT must be the first"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT:DP:DP\t0/0:3:3\t0/0:3:3\n", "FORMAT key twice"},
	{"chr1\t100\t.\tA\tG\t.\t.\t.\tGT::DP\t0/0:3:3\t0/0:3:3\n", "FORMAT key"},
	{"chr1\t40\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "not sorted"},
	{"chr9\t100\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "not declared"},
	{"chr1\t90000\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "beyond the contig"},
	{"chr1\tx\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "POS is not a position"},
	{"chr1\t100\t.\tA\tA\t.\t.\t.\tGT\t0/0\t0/0\n", "ALT equals REF"},
	{"chr1\t100\t.\tA\tG,G\t.\t.\t.\tGT\t0/0\t0/0\n", "ALT allele twice"},
	{"chr1\t100\t.\tZ\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "REF is not a sequence"},
	{"chr1\t100\t.\tA\tG?\t.\t.\t.\tGT\t0/0\t0/0\n", "ALT is neither"},
	{"chr1\t100\t.\tA\tG\tx\t.\t.\tGT\t0/0\t0/0\n", "QUAL"},
	{"chr1\t100\t.\tA\tG\t.\t.\tEND=5\tGT\t0/0\t0/0\n", "END is before POS"},
	{"chr1\t100\t.\tA\tG\t.\tPASS<.\t.\tGT\t0/0\t0/0\n", "FILTER"},
	{"\n", "blank line"},
	{"#x\n", "comment line"},
	{"chr1\t100\t.\tA\rC\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "carriage return"},
};

START_TEST(test_broken_lines)
{
	struct grx_str b = {0};
	char *vcf = path_of("x.vcf");
	grx_str_addf(&b, "%s\tFORMAT\tS0\tS1\nchr1\t50\t.\tA\tC\t.\t.\t.\tGT\t0/0\t0|1\n%s", head,
		broken[_i].line);
	put_file(vcf, b.s, b.n);
	/* two values in a diploid genotype are those of a haploid one: its GT decides, as in the PL of chrX
	 */
	if (*broken[_i].what)
		fails(vcf, GRX_E_DATA, broken[_i].what);
	grx_str_clear(&b);
}
END_TEST

/* BCF holds as many values as the widest sample has: one for two ALTs is not the first of two. */
START_TEST(test_few_values_bcf)
{
	struct grx_str b = {0};
	char *vcf = path_of("x.vcf"), *bcf = path_of("x.bcf");
	for (int i = 0; i < 2; i++) {
		grx_str_clear(&b);
		grx_str_addf(&b, "%s\tFORMAT\tS0\tS1\nchr1\t50\t.\tA\tC,G\t.\t.\t.\tGT:DS\t0/1:%s\n", head,
			i ? ".\t0/2:." : "1\t1/2:1");
		memcpy(strstr(b.s, "DS,Number=A") + 10, ".", 1); /* or it could not be written */
		put_file(vcf, b.s, b.n);
		convert(vcf, bcf, 'b');
		struct lines a = {0};
		if (i)
			read_geno(bcf, NULL, &a);
		else
			fails(bcf, GRX_E_DATA, "number of values");
		lines_free(&a);
	}
	grx_str_clear(&b);
}
END_TEST

START_TEST(test_broken_files)
{
	struct grx_str b = {0};
	char *vcf = path_of("t.vcf"), *bgz = path_of("t.vcf.gz"), *bcf = path_of("t.bcf"),
	     *gz = path_of("t.gz"), *cut = path_of("cut");
	char *buf = malloc(1 << 22);
	state = 9;
	make_vcf(&b, 20, 300);
	put_file(vcf, b.s, b.n);
	put_gzip(gz, b.s, b.n);
	convert(vcf, bgz, 'z');
	convert(vcf, bcf, 'b');
	const char *const in[] = {bgz, bcf, gz};
	for (int i = 0; i < 3; i++) {
		FILE *f = fopen(in[i], "rb");
		size_t n = fread(buf, 1, 1 << 22, f);
		fclose(f);
		put_file(cut, buf, n - 28); /* the end block, or some bytes */
		fails(cut, GRX_E_DATA, "truncated");
		put_file(cut, buf, n / 2);
		fails(cut, GRX_E_DATA, "truncated");
		for (size_t k = n / 2; k < n / 2 + 30; k++)
			buf[k] ^= 0x55;
		put_file(cut, buf, n);
		fails(cut, GRX_E_DATA, i == 2 ? "" : "corrupt"); /* gzip: what it damaged may show first */
	}
	put_file(path_of("e.vcf"), "", 0);
	fails(path_of("e.vcf"), GRX_E_DATA, "empty");
	put_file(path_of("e.vcf"), "chr1\t1\n", 7);
	fails(path_of("e.vcf"), GRX_E_DATA, "not a VCF");
	fails(path_of("absent.vcf"), GRX_E_NOINPUT, "absent.vcf");
	/* without its last line end a line still counts; cut inside it does not */
	put_file(path_of("e.vcf"), b.s, b.n - 1);
	struct lines a = {0}, c = {0};
	read_geno(vcf, NULL, &a);
	read_geno(path_of("e.vcf"), NULL, &c);
	same(&a, &c, "no last line end");
	lines_free(&a);
	lines_free(&c);
	grx_str_clear(&b);
	free(buf);
}
END_TEST

/* Bytes of BCF changed after the compression was undone: never a crash, and no other values without a word.
 */
START_TEST(test_bcf_mutants)
{
	struct grx_str b = {0};
	char *vcf = path_of("m.vcf"), *bcf = path_of("m.bcf"), *out = path_of("m2.bcf");
	char *buf = malloc(1 << 22), *mut = malloc(1 << 22);
	state = 4;
	make_vcf(&b, 6, 12);
	put_file(vcf, b.s, b.n);
	convert(vcf, bcf, 'u');
	gzFile f = gzopen(bcf, "rb");
	int n = gzread(f, buf, 1 << 22), refused = 0;
	gzclose(f);
	int rounds = getenv("GENORX_SANITIZED") ? 300 : 1500;
	int first = 9 + (int)((uint8_t)buf[5] | (uint8_t)buf[6] << 8);
	for (int k = 0; k < rounds; k++) {
		memcpy(mut, buf, (size_t)n);
		for (unsigned j = 0; j <= rnd(3); j++)
			mut[first + (int)rnd((unsigned)(n - first))] = (char)(rnd(2) ? rnd(256)
										     : 0xf0 | rnd(16));
		put_file(out, mut, (size_t)(rnd(9) ? n : first + (int)rnd((unsigned)(n - first))));
		struct grx_genosrc *s = NULL;
		struct grx_genocur *c = NULL;
		struct grx_genosrc_opt o = {.path = out};
		const struct grx_geno *v;
		int m = 1, rc = grx_genosrc_open(&cx, &o, &s);
		if (!rc)
			rc = grx_genocur_open(&cx, s, &c);
		while (!rc && m) {
			rc = grx_genocur_next(&cx, c, &v, &m);
			for (int i = 0; !rc && i < m; i++) {
				uint8_t p[4][64];
				float fl[2][64];
				unsigned seen;
				bool have, ft[64];
				char text[64];
				for (int a = 0; !rc && a < v[i].n_allele && a < 3; a++) {
					rc = grx_geno_copies(&cx, &v[i], a, p[0], &seen);
					rc = rc ? rc : grx_geno_pl(&cx, &v[i], a, p[1], p[2], p[3], &have);
					rc = rc ? rc : grx_geno_gp(&cx, &v[i], a, fl[0], fl[1], &have);
					rc = rc ? rc : grx_geno_ds(&cx, &v[i], a, fl[0], &have);
				}
				rc = rc ? rc : grx_geno_ft(&cx, &v[i], ft, &have);
				grx_geno_gt_text(&v[i], 2, text, sizeof text);
				grx_geno_ad_text(&v[i], 2, text, sizeof text);
			}
		}
		ck_assert_msg(rc == 0 || rc == GRX_E_DATA, "status %d: %s", rc, cx.err.msg);
		refused += rc != 0;
		memset(&cx.err, 0, sizeof cx.err);
		grx_genocur_close(c);
		grx_genosrc_close(s);
	}
	ck_assert_int_gt(refused, rounds / 3);
	grx_str_clear(&b);
	free(buf);
	free(mut);
}
END_TEST

/* Text with some bytes changed: both readers must refuse it, or give the same. Returns whether it was
 * refused. */
static bool same_verdict(const char *vcf, int k)
{
	struct grx_varsrc *s = NULL;
	struct grx_vars *b = NULL;
	struct grx_arena *mem = grx_arena_new();
	struct grx_varsrc_opt o = {.path = vcf, .fmt = keys};
	struct grx_genosrc *gs = NULL;
	struct grx_genocur *c = NULL;
	struct grx_genosrc_opt go = {.path = vcf};
	const struct grx_geno *v;
	struct lines want = {0}, got = {0};
	char said[256];
	int n = 1, a, rc = grx_varsrc_open(&cx, &o, &s);
	if (!rc)
		rc = grx_varsrc_next(&cx, s, mem, SIZE_MAX, &b);
	for (size_t i = 0; !rc && i < b->n; i++)
		lines_add(&want, 0, 0, 0, plain(&b->v[i], grx_varsrc_hdr(s)->n_sample));
	a = rc;
	snprintf(said, sizeof said, "%.200s", cx.err.msg);
	memset(&cx.err, 0, sizeof cx.err);
	strict = 0;
	may_be_strict = true;
	rc = grx_genosrc_open(&cx, &go, &gs);
	if (!rc)
		rc = grx_genocur_open(&cx, gs, &c);
	while (!rc && n) {
		rc = grx_genocur_next(&cx, c, &v, &n);
		for (int i = 0; !rc && i < n; i++)
			lines_add(&got, 0, 0, 0, tell(&v[i]));
	}
	/* a haploid genotype with the likelihoods of a diploid: used here */
	bool haploid = rc == 0 && strstr(said, "does not fit alleles and ploidy");
	strict += haploid;
	ck_assert_msg(a == rc || haploid, "case %d: variant reader: %d '%s', this one: %d '%s'", k, a, said,
		rc, cx.err.msg);
	memset(&cx.err, 0, sizeof cx.err);
	if (!rc && !strict)
		same(&want, &got, "changed text");
	lines_free(&want);
	lines_free(&got);
	grx_genocur_close(c);
	grx_genosrc_close(gs);
	grx_vars_release(b);
	grx_varsrc_close(s);
	grx_arena_free(mem);
	may_be_strict = false;
	return rc != 0;
}

START_TEST(test_text_mutants)
{
	static const char letters[] = "\t:,./|0123456789-ACGT<>*e\n;=x";
	char *vcf = path_of("m.vcf");
	int refused = 0, stricter = 0, n = getenv("GENORX_SANITIZED") ? 100 : 1500;
	state = 40 + (uint64_t)_i;
	for (int k = 0; k < n; k++) {
		struct grx_str b = {0};
		make_vcf(&b, 1 + (int)rnd(4), 3);
		size_t first = (size_t)(strstr(b.s, "\nchr1\t") + 1 - b.s);
		for (unsigned j = 0; j <= rnd(2); j++) {
			char *p = b.s + first + rnd((unsigned)(b.n - first));
			if (rnd(3))
				*p = letters[rnd(sizeof letters - 1)];
			else
				memmove(p, p + 1, (size_t)(b.s + b.n - p)), b.n--;
		}
		put_file(vcf, b.s, b.n);
		refused += same_verdict(vcf, k);
		stricter += strict > 0;
		grx_str_clear(&b);
	}
	ck_assert_int_gt(refused, n / 10);
	ck_assert_int_lt(refused, n - n / 10);
	ck_assert_int_lt(stricter, n / 10);
}
END_TEST

START_TEST(test_broken_bed)
{
	static struct bed_row row[2] = {
		{"1", 0, 100, "A", "C", {0, 1, 2, 3, 0}}, {"1", 0, 200, "A", "C", {0}}};
	char *bed = path_of("q.bed"), *bim = path_of("q.bim"), *fam = path_of("q.fam");
	struct lines none = {0};
	put_bed(row, 2, 5, "q");
	put_file(bed, "\x6c\x1b\x01\x00\x00\x00", 6);
	fails(bed, GRX_E_DATA, "has 6 bytes, but 2 variants (.bim) of 5 samples (.fam) take 7");
	put_file(bed, "\x6c\x1b\x00\x00\x00\x00\x00", 7);
	fails(bed, GRX_E_DATA, "individual-major");
	put_file(bed, "\x6c\x1c\x01\x00\x00\x00\x00", 7);
	fails(bed, GRX_E_DATA, "not a plink 1 .bed");
	put_bed(row, 2, 5, "q");
	static const char *const bims[][2] = {
		{"1 v 0 100 A C\n1 w 0 50 A C\n", "q.bim:2: not sorted"},
		{"1 v 0 100 A C\n1 w 0 x A C\n", "q.bim:2: position"},
		{"1 v 0 100 A C\n1 w 0 -5 A C\n", "q.bim:2: position"},
		{"1 v 0 100 A C\n1 w 0 200 A\n", "q.bim:2: expected 6 columns"},
		{"1 v 0 100 A C\n1 w 0 200 A A\n", "q.bim:2: both alleles"},
		{"1 v 0 100 0 C\n1 w 0 200 A C\n", "(1:100): genotype is wrong"},
		{"1 v 0 100 A 0\n1 w 0 200 A C\n", "(1:100): genotype is wrong"},
		{"1 v 0 100 A C\n2 w 0 200 A C\n1 w 0 300 A C\n",
			"q.bim:3: not sorted: the chromosome comes back"},
		{"1 v 0 100 A C\n", "has 7 bytes, but 1"},
		{"", "no variants"},
	};
	for (size_t i = 0; i < sizeof bims / sizeof *bims; i++) {
		put_file(bim, bims[i][0], strlen(bims[i][0]));
		fails(bed, GRX_E_DATA, bims[i][1]);
	}
	put_bed(row, 2, 5, "q");
	put_file(fam, "a b 0 0 1\na\n", 12);
	fails(bed, GRX_E_DATA, "q.fam:2: expected 6 columns");
	put_file(fam, "f b 0 0 1 0\ng b 0 0 2 0\nc c 0 0 0 0\nd d 0 0 0 0\ne e 0 0 0 0\n", 60);
	struct grx_genosrc *s = source(bed, NULL);
	ck_assert_str_eq(grx_genosrc_hdr(s)->sample[1], "g_b");
	ck_assert_int_eq(grx_genosrc_sex(s)[1], 2);
	grx_genosrc_close(s);
	ck_assert_int_eq(unlink(fam), 0);
	fails(bed, GRX_E_NOINPUT, "q.fam");
	lines_free(&none);
}
END_TEST

START_TEST(test_index)
{
	struct grx_str b = {0};
	char *vcf = path_of("i.vcf"), *bcf = path_of("i.bcf"), csi[160];
	struct grx_genosrc *s;
	struct grx_genosrc_opt o = {.path = bcf, .sample = "nobody"};
	struct grx_genocur *c[2] = {NULL, NULL};
	state = 3;
	make_vcf(&b, 3, 20);
	put_file(vcf, b.s, b.n);
	convert(vcf, bcf, 'b');
	ck_assert_int_eq(grx_genosrc_open(&cx, &o, &s), GRX_E_MISMATCH);
	memset(&cx.err, 0, sizeof cx.err);
	snprintf(csi, sizeof csi, "touch -d 2001-01-01 %s.csi", bcf);
	ck_assert_int_eq(system(csi), 0);
	fails(bcf, GRX_E_MISMATCH, "older");
	snprintf(csi, sizeof csi, "%s.csi", bcf);
	ck_assert_int_eq(unlink(csi), 0);
	s = source(bcf, NULL);
	ck_assert(!grx_genosrc_random(s) && grx_genosrc_has(s, "PL") && !grx_genosrc_has(s, "END"));
	ck_assert_int_eq(grx_genocur_open(&cx, s, &c[0]), 0);
	ck_assert_int_eq(grx_genocur_open(&cx, s, &c[1]), GRX_E_BUG);
	ck_assert_int_eq(grx_genocur_seek(&cx, c[0], 0, 0, 10), GRX_E_BUG);
	grx_genocur_close(c[0]);
	grx_genosrc_close(s);
	memset(&cx.err, 0, sizeof cx.err);
	grx_str_clear(&b);
}
END_TEST

/* An index of fewer records, beside a file of more: never the fewer without a word. */
START_TEST(test_index_of_shorter)
{
	struct grx_str b = {0};
	char *vcf = path_of("s.vcf"), *part = path_of("part"), *bgz = path_of("s.vcf.gz"),
	     *bcf = path_of("s.bcf"), cmd[512];
	for (int i = 0; i < 3; i++) { /* no record, half of them, all */
		state = 8;
		grx_str_clear(&b);
		make_vcf(&b, 3, 400);
		put_file(vcf, b.s, b.n);
		char *half = i ? b.s + b.n / 2 : strstr(b.s, "\nchr1") + 1;
		half = i ? strchr(half, '\n') + 1 : half;
		for (int k = 0; k < 2; k++) {
			char *out = k ? bcf : bgz;
			put_file(part, b.s, i == 2 ? b.n : (size_t)(half - b.s));
			convert(part, out, k ? 'b' : 'z');
			const char *ext = k ? "csi" : "tbi";
			snprintf(cmd, sizeof cmd, "cp %s.%s %s.kept", out, ext, out);
			ck_assert_int_eq(system(cmd), 0);
			convert(vcf, out, k ? 'b' : 'z');
			snprintf(cmd, sizeof cmd, "mv %s.kept %s.%s && touch %s.%s", out, out, ext, out, ext);
			ck_assert_int_eq(system(cmd), 0);
			if (i < 2) {
				fails(out, GRX_E_MISMATCH, "index of another file");
				continue;
			}
			struct lines a = {0}, all = {0};
			read_geno(out, NULL, &a);
			read_geno(vcf, NULL, &all);
			same(&a, &all, "index of the same records");
			lines_free(&a);
			lines_free(&all);
		}
	}
	grx_str_clear(&b);
}
END_TEST

/* The same study as .bed and as VCF, written by others. */
START_TEST(test_shared)
{
	const char *shared = getenv("GRX_SHARED") ? getenv("GRX_SHARED") : "../shared";
	char path[2][512];
	struct grx_genosrc *s[2];
	struct grx_genocur *c[2];
	const struct grx_geno *v[2];
	int n[2], total = 0;
	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof path[i],
			"%s/data/prs/cineca/target_genomes/cineca_synthetic_subset.%s", shared,
			i ? "bed" : "vcf.gz");
	if (access(path[0], R_OK) || access(path[1], R_OK)) {
		printf("check_genosrc: SKIP test_shared: no %s\n", path[0]);
		return;
	}
	for (int i = 0; i < 2; i++) {
		s[i] = source(path[i], NULL);
		ck_assert_int_eq(grx_genocur_open(&cx, s[i], &c[i]), 0);
	}
	int n_sample = grx_genosrc_hdr(s[0])->n_sample;
	ck_assert_int_eq(n_sample, grx_genosrc_hdr(s[1])->n_sample);
	uint8_t *code[2] = {malloc((size_t)n_sample), malloc((size_t)n_sample)};
	do {
		unsigned seen[2];
		for (int i = 0; i < 2; i++)
			ck_assert_msg(grx_genocur_next(&cx, c[i], &v[i], &n[i]) == 0, "%s", cx.err.msg);
		ck_assert_int_eq(n[0], n[1]);
		for (int k = 0; k < n[0]; k++, total++)
			for (int a = 0; a < v[0][k].n_allele; a++) {
				ck_assert_str_eq(v[0][k].allele[a], v[1][k].allele[a]);
				for (int i = 0; i < 2; i++)
					ck_assert_int_eq(
						grx_geno_copies(&cx, &v[i][k], a, code[i], &seen[i]), 0);
				ck_assert_uint_eq(seen[0], seen[1]);
				ck_assert_mem_eq(code[0], code[1], (size_t)n_sample);
			}
	} while (n[0]);
	ck_assert_int_eq(total, 829);
	for (int i = 0; i < 2; i++) {
		grx_genocur_close(c[i]);
		grx_genosrc_close(s[i]);
		free(code[i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("genosrc");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, test_all_roads, 0, getenv("GENORX_SANITIZED") ? 6 : 16);
	tcase_add_test(t, test_windows);
	tcase_add_test(t, test_threads);
	tcase_add_test(t, test_large);
	tcase_add_loop_test(t, test_bed, 0, 4);
	tcase_add_loop_test(t, test_broken_lines, 0, (int)(sizeof broken / sizeof *broken));
	tcase_add_test(t, test_few_values_bcf);
	tcase_add_test(t, test_broken_files);
	tcase_add_test(t, test_bcf_mutants);
	tcase_add_loop_test(t, test_text_mutants, 0, 4);
	tcase_add_test(t, test_broken_bed);
	tcase_add_test(t, test_index);
	tcase_add_test(t, test_index_of_shorter);
	tcase_add_test(t, test_shared);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
