/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_varpass.c -- records passed as bytes come out as parsed ones do, byte for byte, with the same errors.
 * Every file goes through a leg twice with a stage that sets INFO fields of all types, some of them the
 * file's own: once as bytes, once with GENORX_PARSE_RECORDS. The files: made here, damaged here, and those of
 * the shared data. */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <htslib/hts.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/out.h"
#include "io/var_int.h"
#include "io/varpass_text.h"
#include "run/leg.h"
#include "run/session.h"

static char dir[256];
static struct grx_session ses;
static bool quick;
static int rounds; /* of the random tests */

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 29;
}

/* ---- the stage ---- */

struct adder {
	struct grx_hdr_line own[3]; /* the file's own columns */
	int n_own;
	bool look, nothing; /* wants columns; sets none */
};

static struct adder adder;
static bool bad_stage; /* changes what it must not */

static int adder_open(const void *opts, struct grx_ctx *cx, void **state)
{
	static const struct grx_hdr_line fresh[] = {{GRX_HDR_INFO, "XI", ".", GRX_T_INT, "i"},
		{GRX_HDR_INFO, "XF", ".", GRX_T_FLOAT, "f"}, {GRX_HDR_INFO, "XS", "1", GRX_T_STR, "s \"q\""},
		{GRX_HDR_INFO, "XG", "0", GRX_T_FLAG, "g"}};
	static const int type_of[] = {GRX_T_FLAG, GRX_T_INT, GRX_T_FLOAT, GRX_T_STR};
	const bcf_hdr_t *h = ((const struct grx_varhdr *)cx->hdr->raw)->pub;
	(void)opts;
	*state = &adder;
	adder.n_own = 0;
	for (size_t i = 0; i < 4; i++) {
		int rc = grx_hdr_declare(cx, cx->hdr, &fresh[i]);
		if (rc)
			return rc;
	}
	for (int i = 0; i < h->n[BCF_DT_ID] && adder.n_own < 3; i++) {
		if (!h->id[BCF_DT_ID][i].val || !bcf_hdr_idinfo_exists(h, BCF_HL_INFO, i) ||
			h->id[BCF_DT_ID][i].key[0] == 'X')
			continue;
		struct grx_hdr_line l = {GRX_HDR_INFO, h->id[BCF_DT_ID][i].key, ".",
			(uint8_t)type_of[bcf_hdr_id2type(h, BCF_HL_INFO, i)], "own"};
		int rc = grx_hdr_declare(cx, cx->hdr, &l);
		if (rc)
			return rc;
		adder.own[adder.n_own++] = l;
	}
	return GRX_OK;
}

static void fill(struct grx_arena *mem, struct grx_field *f, uint64_t h)
{
	static const char *const text[] = {"x", "a,b|c", "T|missense_variant|1/2", ".", "\xc3\xa4"};
	static const int32_t whole[] = {
		0, 1, -1, 127, -120, -121, 128, 32767, 70000, -70000, INT32_MAX, GRX_INT_MISSING};
	static const float real[] = {0, 1, -1, 0.1f, 1e-5f, 1e30f, 123456.7f, 0.5f};
	for (int i = 0; i < f->n && f->type == GRX_T_INT; i++)
		f->v.i[i] = whole[(h >> 3 * i) % 12];
	for (int i = 0; i < f->n && f->type == GRX_T_FLOAT; i++)
		f->v.f[i] = (h >> 2 * i) % 9 == 8 ? grx_float_missing() : real[(h >> 2 * i) % 8];
	if (f->type != GRX_T_STR)
		return;
	f->v.s[0] = grx_arena_strdup(mem, text[h % 5]);
	if (h % 97 == 0) { /* beyond what one BGZF block holds */
		f->v.s[0] = grx_arena_alloc(mem, 70001, 1);
		memset(f->v.s[0], 'h', 70000);
		f->v.s[0][70000] = '\0';
	}
}

static int adder_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	static const char *const key[] = {"XI", "XF", "XS", "XG"};
	static const uint8_t type[] = {GRX_T_INT, GRX_T_FLOAT, GRX_T_STR, GRX_T_FLAG};
	const struct adder *a = state;
	(void)cx;
	for (size_t i = 0; i < sh->vars->n && !a->nothing; i++) {
		struct grx_var *v = &sh->vars->v[i];
		uint64_t h = mix(mix((uint64_t)v->pos, (uint64_t)v->n_allele), (uint64_t)v->line);
		h = mix(h, (uint64_t)v->rlen * 7 + (uint64_t)v->n_filter + (v->id ? strlen(v->id) : 0));
		for (int k = 0; k < v->n_allele; k++)
			h = mix(h, strlen(v->allele[k]) * 256 + (uint8_t)v->allele[k][0]);
		for (int k = 0; k < v->n_filter; k++)
			h = mix(h, strlen(v->filter[k]));
		if (a->look && v->gt)
			h = mix(h, (uint64_t)(uint32_t)v->gt[0] + (uint64_t)v->ploidy);
		const struct grx_field *dp = a->look ? grx_var_fmt(v, "DP") : NULL;
		h = mix(h, dp && dp->type == GRX_T_INT ? (uint64_t)(uint32_t)dp->v.i[0] : 1);
		uint32_t bits;
		memcpy(&bits, &v->qual, 4);
		h = mix(h, bits);
		for (int k = 0; k < 4; k++)
			if (h >> (8 + k) & 1) {
				struct grx_field *f = grx_var_info_set(sh->mem, v, key[k], type[k],
					k == 3   ? 0
					: k == 2 ? 1
						 : 1 + (int)((h >> 20) % 3));
				fill(sh->mem, f, mix(h, (uint64_t)k));
			}
		for (int k = 0; k < a->n_own; k++)
			if (h >> (12 + k) & 1) {
				struct grx_field *f = grx_var_info_set(sh->mem, v, a->own[k].id,
					a->own[k].type, a->own[k].type == GRX_T_FLAG ? 0 : 1);
				fill(sh->mem, f, mix(h, (uint64_t)k + 9));
			}
		if (bad_stage)
			v->qual = 3;
	}
	return GRX_OK;
}

static bool adder_passes(const void *state)
{
	(void)state;
	return true;
}

static void adder_columns(const void *state, struct grx_columns *want)
{
	static const char *const info[] = {"END", NULL}, *const fmt[] = {"DP", "AD", NULL};
	if (((const struct adder *)state)->look)
		*want = (struct grx_columns){info, fmt, true};
}

/* The records of each hundred thousand bases belong together. */
static int64_t n_asked;

static bool adder_joined(const void *state, int32_t tid, int64_t prev, int64_t next)
{
	(void)state;
	(void)tid;
	n_asked++;
	return next / 100000 == prev / 100000;
}

static int adder_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, json_t *summary)
{
	(void)state;
	(void)cx;
	(void)out;
	(void)summary;
	return GRX_OK;
}

static void adder_close(void *state)
{
	(void)state;
}

static struct grx_stage stage = {
	.name = "adder",
	.takes = GRX_VARS,
	.gives = GRX_VARS,
	.open = adder_open,
	.shard = adder_shard,
	.passes = adder_passes,
	.columns = adder_columns,
	.finish = adder_finish,
	.close = adder_close,
};

/* ---- running ---- */

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_varpass.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(grx_session_init(&ses), 0);
	quick = getenv("GENORX_QUICK") || getenv("GENORX_SANITIZED");
	rounds = quick ? 40 : 250;
	adder = (struct adder){0};
	stage.joined = NULL;
	bad_stage = false;
}

static void teardown(void)
{
	char cmd[300];
	grx_session_end(&ses);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

struct result {
	int rc;
	char msg[2100];
	uint8_t *p;
	size_t n;
	json_int_t cut;
};

static void slurp(const char *path, struct result *r)
{
	FILE *f = fopen(path, "rb");
	r->p = NULL;
	r->n = 0;
	if (!f)
		return;
	fseek(f, 0, SEEK_END);
	r->n = (size_t)ftell(f);
	rewind(f);
	r->p = malloc(r->n + 1);
	ck_assert_uint_eq(fread(r->p, 1, r->n, f), r->n);
	fclose(f);
}

static struct result run_leg(const char *in, char type, int threads, bool parse)
{
	char out[300], cmd[1800];
	struct result r = {0};
	struct grx_common c = {.threads = threads, .output = out};
	struct grx_facts *facts = grx_facts_new();
	struct grx_leg leg = {.common = &c,
		.input = in,
		.n_stage = 1,
		.stage = {{.st = &stage}},
		.vars_path = out,
		.vars_type = type,
		.out = facts,
		.summary = json_object()};
	snprintf(out, sizeof out, "%s/out", dir);
	unlink(out);
	if (parse)
		setenv("GENORX_PARSE_RECORDS", "1", 1);
	else
		unsetenv("GENORX_PARSE_RECORDS");
	grx_ctx_reset(&ses.cx);
	ses.cx.threads = threads;
	r.rc = grx_leg_run(&ses.cx, &leg);
	snprintf(r.msg, sizeof r.msg, "%s", r.rc ? ses.cx.err.msg : "");
	if (r.rc)
		grx_outs_abort(ses.cx.outs);
	else
		ck_assert_int_eq(grx_outs_commit(&ses.cx), 0);
	r.cut = json_integer_value(
		json_object_get(json_object_get(leg.summary, "input"), "joined_records_cut"));
	json_decref(leg.summary);
	grx_facts_free(facts);
	if (type == 'z' || type == 'b') {
		snprintf(cmd, sizeof cmd, "test ! -e %s || { bgzip -dc < %s > %s.x && mv %s.x %s; }", out,
			out, out, out, out);
		ck_assert_int_eq(system(cmd), 0);
	}
	slurp(out, &r);
	return r;
}

/* Both ways of one file. True when it was read to the end. */
static bool both(const char *in, char type, int threads)
{
	struct result a = run_leg(in, type, 1, true), b = run_leg(in, type, threads, false);
	ck_assert_msg(a.rc == b.rc, "%s: %d (%s), as bytes %d (%s)", in, a.rc, a.msg, b.rc, b.msg);
	ck_assert_msg(strcmp(a.msg, b.msg) == 0, "%s: '%s', as bytes '%s'", in, a.msg, b.msg);
	ck_assert_msg(a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0), "%s -O%c: other bytes (%zu, %zu)",
		in, type, a.n, b.n);
	ck_assert(!a.rc == (a.p != NULL));
	free(a.p);
	free(b.p);
	if (a.rc && getenv("GENORX_SHOW"))
		fprintf(stderr, "%s\n", a.msg);
	return a.rc == 0;
}

static char *path_of(const char *name)
{
	static char path[4][400];
	static int k;
	k = (k + 1) % 4;
	snprintf(path[k], sizeof(path[k]), "%s/%s", dir, name);
	return path[k];
}

/* ---- files ---- */

static const char head[] =
	"##fileformat=VCFv4.2\n##contig=<ID=c1,length=100000000>\n##contig=<ID=c2,length=5000>\n"
	"##FILTER=<ID=q10,Description=\"q\">\n##FILTER=<ID=s50,Description=\"s\">\n"
	"##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n##INFO=<ID=AF,Number=A,Type=Float,"
	"Description=\"a\">\n"
	"##INFO=<ID=CSQ,Number=.,Type=String,Description=\"c\">\n##INFO=<ID=DB,Number=0,Type=Flag,"
	"Description=\"f\">\n"
	"##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n"
	"##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n##FORMAT=<ID=DP,Number=1,Type=Integer,"
	"Description=\"d\">\n"
	"##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"d\">\n##FORMAT=<ID=GL,Number=.,Type=Float,"
	"Description=\"d\">\n"
	"##FORMAT=<ID=FT,Number=1,Type=String,Description=\"d\">\n";

/* n records with what files hold; odd: also what htslib writes in another form than it reads. */
static const char *make_vcf(const char *name, int n, int n_sample, bool odd, bool undeclared)
{
	static const char *const alt[] = {
		"C", "G", "C,T", ".", "*", "CT,<NON_REF>", "<DEL>", "C[c2:10[", "t"};
	static const char *const qual[] = {".", "50", "0", "29.5", "30.00", "1e3", "0.00005", "1234567"};
	static const char *const filter[] = {".", "PASS", "q10", "q10;s50"};
	static const char *const info[] = {".", "DP=3", "DB", "AF=0.5", "DP=.;AF=0.1",
		"CSQ=a|b,c|d;DP=100000", "AF=0.10", "AF=1e-9;DP=-5", "DP=007", "DB;DP=4;"};
	static const char *const cell[] = {"0/1:3:1,2:-0.5,0:PASS", "./.:.:.:.:.", "0|0:10:10,0:0.25:x",
		"1:4:0,4:.:q10", "0/1:03:1,2:-0.50:y", "./.", "0/0:1:1,0:1e-7:z"};
	char *path = path_of(name);
	FILE *f = fopen(path, "w");
	uint64_t h = (uint64_t)(n + n_sample + odd);
	int64_t pos = 1;
	fprintf(f, "%s#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO%s", head, n_sample ? "\tFORMAT" : "");
	for (int i = 0; i < n_sample; i++)
		fprintf(f, "\tS%d", i);
	fputc('\n', f);
	for (int i = 0; i < n; i++) {
		h = mix(h, (uint64_t)i);
		pos += (int64_t)(h >> 7) % 9 * ((h & 3) != 0);
		const char *a = alt[(h >> 11) % (odd ? 9 : 5)];
		int n_alt = *a == '.' ? 0 : 1 + (strchr(a, ',') != NULL);
		const char *in = info[(h >> 17) % (odd ? 10 : 6)];
		if (strstr(in, "AF") && n_alt != 1)
			in = "DP=1";
		fprintf(f, "c1\t%lld\t%s\tA\t%s\t%s\t%s\t%s%s", (long long)pos, h & 1 ? "." : "rs1;x", a,
			qual[(h >> 13) % (odd ? 8 : 4)], filter[(h >> 15) % 4], in,
			undeclared && i > n / 2 && (h & 7) == 0 && strcmp(in, "DP=3") == 0 ? ";QQ=1" : "");
		if (odd && (h >> 40) % 11 == 0 && strcmp(in, ".") && in[strlen(in) - 1] != ';')
			fprintf(f, ";END=%lld", (long long)pos + 3);
		if (n_sample)
			fputs("\tGT:DP:AD:GL:FT", f);
		for (int k = 0; k < n_sample; k++) {
			h = mix(h, 3);
			const char *c = cell[(h >> 9) % (odd ? 7 : 4)];
			fprintf(f, "\t%s", n_alt == 1 ? c : odd ? "0/0:5" : "0/0:5:.:.:.");
		}
		fputc('\n', f);
	}
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

/* The same records in another form. */
static const char *convert(const char *in, const char *name, const char *how)
{
	char cmd[1200], *path = path_of(name);
	snprintf(cmd, sizeof cmd, "bcftools view --no-version %s -o %s %s 2>/dev/null", how, path, in);
	ck_assert_int_eq(system(cmd), 0);
	return path;
}

static const struct {
	int n, n_sample;
	bool odd, undeclared;
} made[] = {{1, 0, false, false}, {9000, 0, false, false}, {9000, 1, false, false}, {9000, 1, true, false},
	{9000, 3, true, true}, {1500, 200, true, false}, {0, 2, false, false}};

START_TEST(same_bytes)
{
	char in[400];
	for (int look = 0; look < 2; look++) {
		adder.look = look;
		strcpy(in,
			make_vcf("in.vcf", made[_i].n, made[_i].n_sample, made[_i].odd, made[_i].undeclared));
		ck_assert(both(in, 'v', 1 + look));
		ck_assert(both(in, 'z', 2));
		if (made[_i].undeclared)
			continue;
		strcpy(in, convert(in, "in.bcf", "-Ob"));
		ck_assert(both(in, 'u', 1 + look));
		ck_assert(both(in, 'b', 3));
		ck_assert(both(convert(in, "in.ubcf", "-Ou"), 'u', 2));
		ck_assert(both(convert(in, "in.vcf.gz", "-Oz"), 'z', 2));
		ck_assert(both(in, 'v', 2)); /* another kind: parsed either way */
	}
}
END_TEST

START_TEST(set_nothing)
{
	char in[400];
	adder.nothing = true;
	strcpy(in, make_vcf("in.vcf", 5000, 2, true, false));
	ck_assert(both(in, 'v', 2));
	ck_assert(both(convert(in, "in.bcf", "-Ob"), 'u', 2));
}
END_TEST

/* What passes as bytes must not be changed elsewhere: refused, not lost. */
START_TEST(more_than_info)
{
	char in[400];
	strcpy(in, make_vcf("in.vcf", 100, 0, false, false));
	bad_stage = true;
	struct result r = run_leg(in, 'v', 1, false);
	ck_assert_int_eq(r.rc, GRX_E_BUG);
	r = run_leg(convert(in, "in.bcf", "-Ob"), 'u', 1, false);
	ck_assert_int_eq(r.rc, GRX_E_BUG);
	ck_assert_ptr_nonnull(strstr(r.msg, "more than INFO"));
}
END_TEST

/* Records that belong together come in one block, up to the limit. */
START_TEST(joined)
{
	char in[400];
	FILE *f = fopen(strcpy(in, path_of("j.vcf")), "w");
	fprintf(f, "%s#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", head);
	for (int i = 0; i < 230000; i++) /* 120,000 of the first hundred thousand bases, then 110,000 */
		fprintf(f, "c1\t%d\t.\tA\tC\t.\t.\t.\n", i < 120000 ? 1 + i / 2 : 100000 + (i - 120000) * 20);
	ck_assert_int_eq(fclose(f), 0);
	stage.joined = adder_joined;
	adder.nothing = true;
	char bcf[400];
	strcpy(bcf, convert(in, "j.bcf", "-Ou"));
	for (int k = 0; k < 4; k++) {
		n_asked = 0;
		struct result r = run_leg(k & 1 ? bcf : in, k & 1 ? 'u' : 'v', 2, k & 2);
		ck_assert_msg(r.rc == 0, "%s", r.msg);
		ck_assert_int_eq(r.cut, 1);
		ck_assert_int_gt(n_asked, 50000);
		free(r.p);
	}
}
END_TEST

static void put(const char *path, const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

/* One to three bytes changed, or the end cut off, behind the header. */
static void damage(const char *in, const char *out, size_t from, uint64_t seed)
{
	struct result r;
	slurp(in, &r);
	ck_assert_uint_gt(r.n, from);
	uint64_t h = mix(seed, 77);
	size_t span = r.n - from;
	for (uint64_t k = 0; k <= h % 3; k++) {
		h = mix(h, k);
		r.p[from + (h >> 8) % span] = h & 64 ? (uint8_t)(h >> 40)
						     : (uint8_t)(r.p[from + (h >> 8) % span] ^ 1u << (h & 7));
	}
	if (seed % 10 == 0)
		r.n -= (h >> 20) % span;
	put(out, r.p, r.n);
	free(r.p);
}

static void damaged(const char *in, size_t from, char type)
{
	char bad[400];
	int n_ok = 0;
	strcpy(bad, path_of(type == 'v' ? "bad.vcf" : "bad.bcf"));
	for (int i = 0; i < rounds; i++) {
		adder.look = i & 1;
		damage(in, bad, from, (uint64_t)i + 1);
		n_ok += both(bad, type, 1 + (i & 1));
	}
	ck_assert_int_gt(n_ok, 0);
	ck_assert_int_lt(n_ok, rounds);
}

START_TEST(damaged_bcf)
{
	char in[400], vcf[400];
	struct result r;
	strcpy(vcf, make_vcf("in.vcf", 60, _i * 2, _i & 1, false));
	strcpy(in, convert(vcf, "in.ubcf", "-Ou"));
	slurp(in, &r);
	size_t from = 9 + ((size_t)r.p[5] | (size_t)r.p[6] << 8 | (size_t)r.p[7] << 16);
	free(r.p);
	damaged(in, from, 'u');
}
END_TEST

START_TEST(damaged_vcf)
{
	char in[400];
	struct result r;
	strcpy(in, make_vcf("in.vcf", 60, _i * 2, _i & 1, false));
	slurp(in, &r);
	r.p[r.n] = '\0';
	size_t from = (size_t)(strstr((char *)r.p, "\nc1\t") + 1 - (char *)r.p);
	free(r.p);
	damaged(in, from, 'v');
}
END_TEST

/* A BGZF file with a damaged or missing end. */
START_TEST(cut_files)
{
	char in[400], bad[400];
	struct result r;
	strcpy(in, make_vcf("in.vcf", 9000, 1, false, false));
	for (int k = 0; k < 2; k++) {
		strcpy(bad, path_of(k ? "bad.vcf.gz" : "bad.bcf"));
		slurp(convert(in, k ? "in.vcf.gz" : "in.bcf", k ? "-Oz" : "-Ob"), &r);
		for (size_t cut = 1; cut < r.n; cut += r.n / 17 + 5) {
			put(bad, r.p, r.n - cut);
			ck_assert(!both(bad, k ? 'z' : 'b', 2));
		}
		r.p[r.n / 2] ^= 0x55; /* after blocks of good records */
		put(bad, r.p, r.n);
		ck_assert(!both(bad, k ? 'z' : 'b', 2));
		free(r.p);
	}
}
END_TEST

/* What is called plain is what htslib writes. */
START_TEST(decimals)
{
	kstring_t k = {0};
	char text[48];
	int n = 0;
	for (int e = 0; e <= 9; e++)
		for (int m = 0; m <= 999999; m += m < 2000 ? 1 : 397) {
			char digits[24];
			snprintf(digits, sizeof digits, "%0*d", e + 1, m);
			int whole = (int)strlen(digits) - e;
			snprintf(text, sizeof text, "%s%.*s%s%s", m & 1 ? "-" : "", whole, digits,
				e ? "." : "", digits + whole);
			if (!varpass_float_plain(text, strlen(text)))
				continue;
			k.l = 0;
			kputd((float)atof(text), &k);
			ck_assert_str_eq(k.s, text);
			n++;
		}
	ck_assert_int_gt(n, 20000);
	free(k.s);
	static const char *const other[] = {
		"", "-", ".5", "5.", "1.0", "01", "-0", "1e5", "nan", "1000000", "0.00001", "1.234567", "+1"};
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		ck_assert(!varpass_float_plain(other[i], strlen(other[i])));
}
END_TEST

/* Real and broken files of the shared data. */
START_TEST(shared_files)
{
	static const char *const pattern[] = {"broken/*/*.vcf", "broken/*/*/*.vcf", "annot/*/*.vcf.gz",
		"annot/*.vcf.gz", "pop/*/*.bcf", "pgx/*/*.vcf", "pgx/*/*.vcf.gz", "cases/*/*.vcf.gz"};
	const char *root = getenv("GRX_SHARED");
	char name[500];
	int n = 0, n_ok = 0;
	for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++) {
		glob_t g;
		snprintf(name, sizeof name, "%s/data/%s", root ? root : "../shared", pattern[i]);
		if (glob(name, 0, NULL, &g))
			continue;
		for (size_t k = 0; k < g.gl_pathc; k += quick ? 5 : 1) {
			size_t len = strlen(g.gl_pathv[k]);
			bool bcf = strcmp(g.gl_pathv[k] + len - 4, ".bcf") == 0;
			FILE *f = fopen(g.gl_pathv[k], "rb");
			if (!f || fseek(f, 0, SEEK_END) || ftell(f) > 300000) {
				if (f)
					fclose(f);
				continue;
			}
			fclose(f);
			adder.look = k & 1;
			n++;
			n_ok += both(g.gl_pathv[k], bcf ? 'u' : 'v', 2);
		}
		globfree(&g);
	}
	printf(n ? "%d files of the shared data, %d of them read to the end: same bytes and messages\n"
		 : "no shared data (GRX_SHARED): skipped\n",
		n, n_ok);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("varpass");
	TCase *c[3] = {tcase_create("made"), tcase_create("damaged"), tcase_create("shared")};
	for (int i = 0; i < 3; i++) {
		tcase_set_timeout(c[i], 300);
		tcase_add_checked_fixture(c[i], setup, teardown);
		suite_add_tcase(s, c[i]);
	}
	tcase_add_loop_test(c[0], same_bytes, 0, (int)(sizeof made / sizeof *made));
	tcase_add_test(c[0], set_nothing);
	tcase_add_test(c[0], more_than_info);
	tcase_add_test(c[0], joined);
	tcase_add_test(c[0], decimals);
	tcase_add_loop_test(c[1], damaged_bcf, 0, 4);
	tcase_add_loop_test(c[1], damaged_vcf, 0, 4);
	tcase_add_test(c[1], cut_files);
	tcase_add_test(c[2], shared_files);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
