/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_db.c -- allele databases: keys of equal changes are equal, a built database gives back what
 * went in, columns of each type reach the right ALT, and damaged files are refused. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/out.h"
#include "stage/annotate/db_block.h"
#include "stage/stages.h"

/*             1234567890123456789012345678901234567890 */
#define SEQ1 "ACGTTTTTACGCACACACAGGATTACAGATTACACCGTTA"
#define SEQ2 "GGGGCCCCAAAATTTTGGGGCCCCAAAATTTTGGGGCCCC"

static char dir[64];

static const char *at(const char *name)
{
	static char path[8][128];
	static int k;
	k = (k + 1) & 7;
	snprintf(path[k], sizeof path[k], "%s/%s", dir, name);
	return path[k];
}

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void setup(void)
{
	snprintf(dir, sizeof dir, "/tmp/check_annotate_db.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	write_text("r.fa", ">chr1\n" SEQ1 "\n>chr2\n" SEQ2 "\n");
	write_text("r.fa.fai", "chr1\t40\t6\t40\t41\nchr2\t40\t53\t40\t41\n");
}

static void teardown(void)
{
	char cmd[128];
	snprintf(cmd, sizeof cmd, "rm -r '%s'", dir);
	ck_assert_int_eq(system(cmd), 0);
}

#define HEAD                                                                                                 \
	"##fileformat=VCFv4.2\n##contig=<ID=1,length=40>\n##contig=<ID=2,length=40>\n"                       \
	"##INFO=<ID=AF,Number=A,Type=Float,Description=\"frequency\">\n"                                     \
	"##INFO=<ID=AD,Number=R,Type=Integer,Description=\"depths\">\n"                                      \
	"##INFO=<ID=N,Number=1,Type=Integer,Description=\"number\">\n"                                       \
	"##INFO=<ID=SIG,Number=.,Type=String,Description=\"classes\">\n"                                     \
	"##INFO=<ID=NOTE,Number=A,Type=String,Description=\"notes\">\n"                                      \
	"##INFO=<ID=F,Number=0,Type=Flag,Description=\"flag\">\n"                                            \
	"##INFO=<ID=END,Number=1,Type=Integer,Description=\"end\">\n"                                        \
	"##FILTER=<ID=low,Description=\"low\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

static const char sites[] = HEAD
	"1\t1\trs1\tA\tC,G\t9\tlow\tAF=0.1,0.2;AD=5,6,7;N=3;SIG=a,b;NOTE=x,.;F\n"
	"1\t1\trs1b\tA\tC\t.\t.\tAF=0.9\n"          /* again: the first stands */
	"1\t8\trs2\tTA\tA\t.\tPASS\tAF=0.25;N=-7\n" /* a T of the run 4-8: leftmost after 3 */
	"1\t12\trs3\tCACA\tCA\t.\tlow\tAF=.;N=.;SIG=.\n"
	"1\t21\t.\tG\t<DEL>\t.\t.\tEND=30;N=21\n"
	"1\t22\t.\tA\t*\t.\t.\tN=22\n"
	"2\t5\trs99\tCCCC\tGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG\t.\t.\tN=99\n";

/* --- running the stage --- */

struct bench {
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct annotate_opt opt;
	void *state;
	struct grx_arena *mem;
	struct grx_vars *vs;
};

static void ctx_open(struct grx_ctx *cx)
{
	*cx = (struct grx_ctx){.threads = 1, .refdata = "refdata", .outs = grx_outs_new()};
	cx->log = grx_log_new(0, false);
}

static void ctx_close(struct grx_ctx *cx)
{
	grx_outs_free(cx->outs);
	grx_log_free(cx->log);
}

/* Build name.gxd; the message in err when it fails. */
static int build(const char *out, int n, const char **spec, bool with_fasta, int threads, char err[2048])
{
	struct grx_ctx cx;
	ctx_open(&cx);
	cx.threads = threads;
	struct annotate_opt o = {.build_db = true, .db = {n, spec}};
	struct grx_tool_io io = {
		.output = out, .fasta = with_fasta ? at("r.fa") : NULL, .summary = json_object()};
	int rc = annotate_db_tool(&o, &cx, &io);
	if (!rc)
		rc = grx_outs_commit(&cx);
	snprintf(err, 2048, "%s", cx.err.msg);
	json_decref(io.summary);
	ctx_close(&cx);
	return rc;
}

static int bench_open(struct bench *b, const char **spec, int n)
{
	memset(b, 0, sizeof *b);
	ctx_open(&b->cx);
	ck_assert_int_eq(grx_fasta_open(&b->cx, at("r.fa"), &b->cx.fasta), 0);
	b->contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "chr1", 40, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "chr2", 40, NULL), 0);
	b->cx.contigs = b->contigs;
	b->cx.hdr = grx_hdr_new(b->contigs);
	b->opt = (struct annotate_opt){.db = {n, spec}, .ref_mismatch = "flag"};
	b->mem = grx_arena_new();
	b->vs = grx_vars_new(b->mem, b->cx.hdr);
	return grx_stage_annotate.open(&b->opt, &b->cx, &b->state);
}

static void bench_close(struct bench *b)
{
	grx_stage_annotate.close(b->state);
	grx_hdr_free(b->cx.hdr);
	grx_contigs_free(b->contigs);
	grx_fasta_close(b->cx.fasta);
	grx_arena_free(b->mem);
	ctx_close(&b->cx);
}

static void record_add(struct bench *b, int tid, int64_t pos, const char *ref, const char *alts, int64_t end)
{
	char copy[256], *part[9];
	struct grx_var *v = grx_vars_push(b->vs);
	snprintf(copy, sizeof copy, "%s,%s", ref, alts);
	int n = grx_split(copy, ',', part, 9);
	v->tid = tid;
	v->pos = pos - 1;
	ck_assert_int_eq(grx_var_alleles_set(b->mem, v, n, (const char *const *)part), 0);
	if (end)
		v->rlen = end - v->pos;
}

static void join(struct bench *b)
{
	struct grx_shard sh = {.tid = -1, .vars = b->vs, .mem = b->mem};
	ck_assert_msg(grx_stage_annotate.shard(b->state, &b->cx, &sh) == 0, "%s", b->cx.err.msg);
	ck_assert_msg(grx_stage_annotate.merge(b->state, &b->cx, &sh) == 0, "%s", b->cx.err.msg);
}

/* Column of record i as VCF has it; "" absent. */
static const char *column(struct bench *b, size_t i, const char *key)
{
	static char out[4][256];
	static int k;
	const struct grx_field *f = grx_var_info(&b->vs->v[i], key);
	char num[32], *s = out[k = (k + 1) & 3];
	*s = '\0';
	if (f && f->type == GRX_T_STR)
		snprintf(s, 256, "%s", f->v.s[0] ? f->v.s[0] : ".");
	for (int32_t j = 0; f && f->type != GRX_T_STR && j < f->n; j++) {
		bool none = f->type == GRX_T_INT ? f->v.i[j] == GRX_INT_MISSING
						 : grx_float_is_missing(f->v.f[j]);
		if (f->type == GRX_T_INT)
			snprintf(num, sizeof num, "%d", (int)f->v.i[j]);
		else
			grx_fmt_g(num, f->v.f[j], 6);
		snprintf(s + strlen(s), 256 - strlen(s), "%s%s", j ? "," : "", none ? "." : num);
	}
	return s;
}

#define HAS(i, key, want) ck_assert_str_eq(column(&b, i, key), want)

START_TEST(each_type_reaches_its_allele)
{
	struct bench b;
	char err[2048], spec[256], use[256];
	write_text("s.vcf", sites);
	snprintf(spec, sizeof spec, "d=%s:AF,AD,N,SIG,NOTE,F,ID,QUAL,FILTER,myN:=N/String", at("s.vcf"));
	const char *one[] = {spec}, *from[] = {use};
	ck_assert_msg(build(at("s.gxd"), 1, one, true, 1, err) == 0, "%s", err);
	snprintf(use, sizeof use, "x=%s", at("s.gxd"));
	ck_assert_msg(bench_open(&b, from, 1) == 0, "%s", b.cx.err.msg);
	record_add(&b, 0, 1, "A", "G,T,C", 0);
	record_add(&b, 0, 3, "GT", "G", 0); /* rs2, another way to write it */
	record_add(&b, 0, 8, "T", "TT", 0);
	record_add(&b, 0, 11, "GCA", "G", 0); /* rs3 */
	record_add(&b, 0, 15, "ACA", "A", 0);
	record_add(&b, 0, 21, "G", "<DEL>", 30);
	record_add(&b, 0, 21, "G", "<DEL>", 31);
	record_add(&b, 0, 22, "A", "*", 0);
	record_add(&b, 1, 5, "CCCC", "GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG", 0);
	record_add(&b, 1, 5, "CCCC", "GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGC", 0);
	join(&b);
	HAS(0, "d_AF", "0.2,.,0.1");
	HAS(0, "d_AD", "7,.,6");
	HAS(0, "d_N", "3,.,3");
	HAS(0, "d_SIG", "a&b,.,a&b");
	HAS(0, "d_NOTE", ".,.,x");
	HAS(0, "d_F", "1,.,1");
	HAS(0, "d_ID", "rs1,.,rs1");
	HAS(0, "d_QUAL", "9,.,9");
	HAS(0, "d_FILTER", "low,.,low");
	HAS(0, "myN", "3,.,3");
	HAS(1, "d_AF", "0.25");
	HAS(1, "d_N", "-7");
	HAS(1, "d_FILTER", "PASS");
	HAS(2, "d_ID", "");
	for (size_t i = 3; i <= 4; i++) {
		HAS(i, "d_ID", "rs3");
		HAS(i, "d_AF", "");
		HAS(i, "d_SIG", "");
	}
	HAS(5, "d_N", "21");
	HAS(6, "d_N", ""); /* another END is another allele */
	ck_assert_int_eq(b.vs->v[7].n_info, 0);
	HAS(8, "d_N", "99");
	HAS(9, "d_N", "");
	bench_close(&b);
}
END_TEST

START_TEST(sources_are_merged_and_bytes_do_not_depend_on_threads)
{
	struct bench b;
	char err[2048], s1[256], s2[256], use[256], cmd[512];
	FILE *f = fopen(at("big.vcf"), "w");
	fputs("##fileformat=VCFv4.2\n##contig=<ID=chr1,length=3000000>\n"
	      "##INFO=<ID=A,Number=1,Type=Integer,Description=\"\">\n#"
	      "CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
	      "\n",
		f);
	for (int i = 0; i < 20000; i++)
		fprintf(f, "chr1\t%d\t.\tA\tC,T\t.\t.\tA=%d\n", 100 + i * 100, i);
	fclose(f);
	f = fopen(at("big.tsv"), "w");
	fputs("#Chrom\tPos\tRef\tAlt\tPHRED\tlabel\n", f);
	for (int i = 0; i < 20000; i += 3)
		fprintf(f, "1\t%d\tA\tC\t%d.5\tx;y z=%d\n", 100 + i * 100, i, i);
	fclose(f);
	snprintf(s1, sizeof s1, "v=%s:A", at("big.vcf"));
	snprintf(s2, sizeof s2, "t=%s:PHRED,label", at("big.tsv"));
	const char *two[] = {s1, s2};
	ck_assert_msg(build(at("1.gxd"), 2, two, false, 1, err) == 0, "%s", err);
	ck_assert_msg(build(at("4.gxd"), 2, two, false, 4, err) == 0, "%s", err);
	snprintf(cmd, sizeof cmd, "cmp '%s' '%s'", at("1.gxd"), at("4.gxd"));
	ck_assert_int_eq(system(cmd), 0);
	struct grx_ctx cx;
	struct annotate_gxd *g;
	ctx_open(&cx);
	ck_assert_int_eq(annotate_gxd_open(&cx, at("1.gxd"), &g), 0);
	ck_assert_int_eq(g->n_row, 40000);
	ck_assert_int_eq(g->n_field, 3);
	annotate_gxd_close(g);
	ctx_close(&cx);
	/* contig lengths differ: another build */
	snprintf(use, sizeof use, "x=%s:t_PHRED", at("1.gxd"));
	const char *from[] = {use};
	ck_assert_int_eq(bench_open(&b, from, 1), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(b.cx.err.msg, "another genome build"));
	bench_close(&b);
}
END_TEST

START_TEST(unsorted_sources_are_errors)
{
	char err[2048], spec[256];
	const char *one[] = {spec};
	write_text("u.tsv", "#CHROM\tPOS\tREF\tALT\tS\n1\t9\tA\tC\t1\n1\t8\tA\tC\t1\n");
	snprintf(spec, sizeof spec, "u=%s:S", at("u.tsv"));
	ck_assert_int_eq(build(at("u.gxd"), 1, one, true, 1, err), GRX_E_DATA);
	write_text("u.tsv", "#CHROM\tPOS\tREF\tALT\tS\n1\t9\tA\tC\t1\n1\t12\tC\tG\t1\n1\t10\tC\tA\t1\n");
	ck_assert_int_eq(build(at("u.gxd"), 1, one, true, 1, err), GRX_E_DATA);
	ck_assert_msg(strstr(err, "line 4: 1:10 is not sorted") != NULL, "%s", err);
	write_text("u.tsv", "#CHROM\tPOS\tREF\tALT\tS\n2\t9\tA\tC\t1\n1\t12\tC\tG\t1\n");
	ck_assert_int_eq(build(at("u.gxd"), 1, one, true, 1, err), GRX_E_DATA);
	ck_assert_msg(strstr(err, "order of the reference") != NULL, "%s", err);
	write_text("u.tsv", "#CHROM\tPOS\tREF\tALT\tS\n1\t9\tA\tC\t0.5\n1\t12\tC\tG\thigh\n");
	snprintf(spec, sizeof spec, "u=%s:S/Float", at("u.tsv"));
	ck_assert_int_eq(build(at("u.gxd"), 1, one, true, 1, err), GRX_E_DATA);
	ck_assert_msg(strstr(err, "'high' is no number") != NULL, "%s", err);
	write_text("u.tsv", "CHROM\tPOS\tSCORE\n1\t9\t0.5\n");
	snprintf(spec, sizeof spec, "u=%s:SCORE", at("u.tsv"));
	ck_assert_int_eq(build(at("u.gxd"), 1, one, true, 1, err), GRX_E_DATA);
	ck_assert_msg(strstr(err, "--db-key") != NULL, "%s", err);
	ck_assert_int_ne(access(at("u.gxd"), F_OK), 0);
}
END_TEST

/* --- keys --- */

static unsigned seed = 1;

static unsigned draw(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 12) % n;
}

/* The same changed sequence from another place in a repeat, and with more bases around it. */
static void spell(char ref[64], char alt[64], int64_t *pos, const char *seq, int n, int64_t beg, int64_t end,
	const char *put)
{
	char whole[128];
	int m = snprintf(whole, sizeof whole, "%.*s%s%s", (int)beg, seq, put, seq + end), left = 0, right = 0;
	int lo = n < m ? n : m;
	while (left < lo && seq[left] == whole[left])
		left++;
	while (right < lo - left && seq[n - 1 - right] == whole[m - 1 - right])
		right++;
	/* any window over what differs; the other way round in a repeat: the suffix first */
	if (draw(2)) {
		right = 0;
		while (right < lo && seq[n - 1 - right] == whole[m - 1 - right])
			right++;
		left = left < lo - right ? left : lo - right;
	}
	left -= (int)draw((unsigned)left + 1) % 5;
	right -= (int)draw((unsigned)right + 1) % 5;
	*pos = left;
	snprintf(ref, 64, "%.*s", n - left - right, seq + left);
	snprintf(alt, 64, "%.*s", m - left - right, whole + left);
}

START_TEST(spellings_of_one_change_have_one_key)
{
	struct grx_ctx cx;
	struct grx_arena *mem = grx_arena_new();
	struct annotate_dbwin w = {.mem = grx_arena_new(), .name = "chr1"};
	int compared = 0;
	ctx_open(&cx);
	for (int round = 0; round < 3000; round++) {
		char seq[41] = {0}, put[8] = {0}, text[128];
		int unit = 1 + (int)draw(4);
		for (int i = 0; i < 40; i++)
			seq[i] = i >= unit && draw(6) ? seq[i - unit] : "ACGT"[draw(4)];
		if (round % 500 == 0)
			grx_fasta_close(w.fasta);
		if (round % 500 == 0) {
			snprintf(text, sizeof text, ">chr1\n%s\n>chr2\n" SEQ2 "\n", seq);
			write_text("k.fa", text);
			write_text("k.fa.fai", "chr1\t40\t6\t40\t41\nchr2\t40\t53\t40\t41\n");
			ck_assert_int_eq(grx_fasta_open(&cx, at("k.fa"), &w.fasta), 0);
			w.s = NULL;
		}
		int rc = annotate_dbwin_at(&cx, &w, 0, 40);
		ck_assert_int_eq(rc, 0);
		snprintf(seq, sizeof seq, "%.40s", w.s);
		int64_t beg = 5 + draw(20), end = beg + draw(7);
		for (unsigned i = draw(7); i > 0; i--)
			put[i - 1] = "ACGT"[draw(4)];
		if ((size_t)(end - beg) == strlen(put) && strncmp(seq + beg, put, strlen(put)) == 0)
			continue;
		struct annotate_dbkey k[4];
		for (int i = 0; i < 4; i++) {
			char *ref = grx_arena_alloc(mem, 64, 1), *alt = grx_arena_alloc(mem, 64, 1);
			int64_t pos;
			bool ok;
			spell(ref, alt, &pos, seq, 40, beg, end, put);
			struct annotate_dbsite s = {pos, (int64_t)strlen(ref), ref, alt};
			if (!*ref || !*alt)
				k[i] = k[0];
			else
				ck_assert_int_eq(annotate_dbkey_make(&cx, &w, mem, &s, &k[i], &ok), 0);
			if (i == 0 && (!*ref || !*alt))
				break;
			ck_assert_msg(annotate_dbkey_cmp(&k[0], &k[i]) == 0, "%s %lld %s>%s", seq,
				(long long)pos, ref, alt);
			compared += i > 0;
		}
		grx_arena_reset(mem);
	}
	ck_assert_int_gt(compared, 1000);
	grx_fasta_close(w.fasta);
	grx_arena_free(w.mem);
	grx_arena_free(mem);
	ctx_close(&cx);
}
END_TEST

START_TEST(codes_give_back_their_bases)
{
	for (int round = 0; round < 20000; round++) {
		char text[32], back[32];
		int n = (int)draw(DB_PACK + 3);
		for (int i = 0; i < n; i++)
			text[i] = "ACGTN"[draw(round % 10 ? 4 : 5)];
		struct annotate_dbkey k = {.ref = text, .ref_len = (int)draw((unsigned)n + 1)};
		k.alt = text + k.ref_len;
		k.alt_len = n - k.ref_len;
		k.code = annotate_dbkey_code(&k);
		bool is_long = n > DB_PACK || memchr(text, 'N', (size_t)n);
		ck_assert_int_eq((k.code & DB_LONG) != 0, is_long);
		if (is_long)
			continue;
		struct annotate_dbkey r = {.code = k.code};
		annotate_dbkey_text(&r, back);
		ck_assert_int_eq(r.ref_len, k.ref_len);
		ck_assert_int_eq(r.alt_len, k.alt_len);
		ck_assert_int_eq(memcmp(back, text, (size_t)n), 0);
	}
}
END_TEST

/* --- damage --- */

static void put_file(const char *name, const unsigned char *p, size_t n)
{
	FILE *f = fopen(at(name), "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(damaged_files_are_refused)
{
	char err[2048], spec[256];
	unsigned char *p = malloc(1 << 16);
	write_text("s.vcf", sites);
	snprintf(spec, sizeof spec, "d=%s:AF,N,SIG", at("s.vcf"));
	const char *one[] = {spec};
	ck_assert_msg(build(at("s.gxd"), 1, one, true, 1, err) == 0, "%s", err);
	FILE *f = fopen(at("s.gxd"), "rb");
	size_t n = fread(p, 1, 1 << 16, f);
	fclose(f);
	struct grx_ctx cx;
	struct annotate_gxd *g;
	/* every byte is under a checksum: any change is seen when the part is read */
	for (size_t i = 0; i < n; i++) {
		int rc;
		p[i] ^= 0x10;
		put_file("m.gxd", p, n);
		p[i] ^= 0x10;
		ctx_open(&cx);
		rc = annotate_gxd_open(&cx, at("m.gxd"), &g);
		for (size_t k = 0; !rc && k < g->n_block; k++) {
			struct annotate_dbblock b = {.path = "m.gxd",
				.p = g->map + g->block[k].off,
				.e = &g->block[k],
				.mem = grx_arena_new()};
			struct annotate_dbkeys keys;
			struct annotate_dbcol col;
			rc = annotate_dbblock_open(&cx, &b);
			if (!rc)
				rc = annotate_dbblock_keys(&cx, &b, &keys);
			for (int j = 0; !rc && j < g->n_field; j++)
				rc = annotate_dbblock_col(&cx, &b, j, g->field[j].type, &col);
			grx_arena_free(b.mem);
		}
		ck_assert_msg(rc == GRX_E_DATA, "byte %zu: %d", i, rc);
		annotate_gxd_close(g);
		ctx_close(&cx);
	}
	for (size_t i = 0; i < n; i += 7) {
		put_file("m.gxd", p, i);
		ctx_open(&cx);
		ck_assert_int_eq(annotate_gxd_open(&cx, at("m.gxd"), &g), GRX_E_DATA);
		ctx_close(&cx);
	}
	free(p);
}
END_TEST

/* --- specifications --- */

START_TEST(specifications)
{
	static const struct {
		const char *text;
		int n;
		const char *path, *column, *key;
	} good[] = {{"a=x.vcf.gz:AF", 1, "x.vcf.gz", "a_AF", "AF"},
		{"a=d:x.bcf:AF,AC", 2, "d:x.bcf", "a_AF", "AF"}, {"a=x:B:=INFO/C", 1, "x", "B", "C"},
		{"a=x:B:=pos(1-based)/Integer", 1, "x", "B", "pos(1-based)"}, {"a=x:5", 1, "x", "a_5", "5"},
		{"a=x:max score", 1, "x", "a_max_score", "max score"}, {"a=x", 0, "x", NULL, NULL}};
	static const char *const bad[] = {"a", "=x:AF", "a=", "a=x:", "a=:AF", "a b=x:AF", "a=x:AF,",
		"a=x:,AF", "a=x:AF,AF", "a=x:9:=AF", "a=x:AF/Flag", "a=x:B:="};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct grx_ctx cx = {0};
		struct annotate_dbspec sp;
		ck_assert_msg(annotate_dbspec_parse(&cx, good[i].text, &sp) == 0, "%s", cx.err.msg);
		ck_assert_int_eq(sp.n_field, good[i].n);
		ck_assert_str_eq(sp.path, good[i].path);
		if (sp.n_field) {
			ck_assert_str_eq(sp.field[0].column, good[i].column);
			ck_assert_str_eq(sp.field[0].key, good[i].key);
		}
		annotate_dbspec_clear(&sp);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct grx_ctx cx = {0};
		struct annotate_dbspec sp;
		ck_assert_msg(annotate_dbspec_parse(&cx, bad[i], &sp) == GRX_E_USAGE, "%s", bad[i]);
		annotate_dbspec_clear(&sp);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate databases");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_type_reaches_its_allele);
	tcase_add_test(t, sources_are_merged_and_bytes_do_not_depend_on_threads);
	tcase_add_test(t, unsorted_sources_are_errors);
	tcase_add_test(t, spellings_of_one_change_have_one_key);
	tcase_add_test(t, codes_give_back_their_bases);
	tcase_add_test(t, damaged_files_are_refused);
	tcase_add_test(t, specifications);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
