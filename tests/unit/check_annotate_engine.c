/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_engine.c -- the short ways of the engine against the plain ones on random models and
 * alleles; slips of the ribosome and selenocysteine on a hand-made model on both strands; borders of the
 * decay rule. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "stage/annotate/record.h"
#include "stage/stages.h"

struct bench {
	char dir[64], fa[96], fai[112], gff[96];
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct annotate_opt opt;
	void *state;
	struct grx_shard sh;
	struct annotate_part part;
	struct annotate_work w;
};

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 12;
}

static int below(unsigned *seed, int n)
{
	return (int)(next(seed) % (unsigned)n);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void work_open(struct bench *b)
{
	struct grx_arena *keep = grx_arena_new();
	b->sh = (struct grx_shard){.tid = -1, .mem = keep};
	b->part = (struct annotate_part){0};
	b->w = (struct annotate_work){.st = b->state,
		.cx = &b->cx,
		.sh = &b->sh,
		.keep = keep,
		.mem = grx_arena_new(),
		.win_mem = grx_arena_new(),
		.part = &b->part};
}

static void work_close(struct bench *b)
{
	grx_str_clear(&b->w.txt);
	grx_arena_free(b->w.mem);
	grx_arena_free(b->w.win_mem);
	grx_arena_free(b->w.keep);
}

static void bench_open(struct bench *b, const char *seq, const char *gff)
{
	memset(b, 0, sizeof *b);
	size_t n = strlen(seq);
	snprintf(b->dir, sizeof b->dir, "/tmp/check_annotate_engine.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->fa, sizeof b->fa, "%s/r.fa", b->dir);
	snprintf(b->fai, sizeof b->fai, "%s.fai", b->fa);
	snprintf(b->gff, sizeof b->gff, "%s/m.gff3", b->dir);
	FILE *f = fopen(b->fa, "w");
	fprintf(f, ">1\n%s\n", seq);
	fclose(f);
	f = fopen(b->fai, "w");
	fprintf(f, "1\t%zu\t3\t%zu\t%zu\n", n, n, n + 1);
	fclose(f);
	write_text(b->gff, gff);
	b->cx.threads = 1;
	b->cx.refdata = "refdata";
	b->cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b->cx, b->fa, &b->cx.fasta) == 0, "%s", b->cx.err.msg);
	b->contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "1", (int64_t)n, NULL), 0);
	b->cx.contigs = b->contigs;
	b->cx.hdr = grx_hdr_new(b->contigs);
	b->opt = (struct annotate_opt){.gff = b->gff, .distance = 100, .ref_mismatch = "flag"};
	ck_assert_msg(grx_stage_annotate.open(&b->opt, &b->cx, &b->state) == 0, "%s", b->cx.err.msg);
	work_open(b);
}

static void bench_close(struct bench *b)
{
	work_close(b);
	grx_stage_annotate.close(b->state);
	grx_hdr_free(b->cx.hdr);
	grx_contigs_free(b->contigs);
	grx_fasta_close(b->cx.fasta);
	grx_log_free(b->cx.log);
	unlink(b->fa);
	unlink(b->fai);
	unlink(b->gff);
	rmdir(b->dir);
}

static int rounds(int n)
{
	return getenv("GENORX_SANITIZED") ? n / 10 : n;
}

/* --- random models --- */

#define GENOME 60000
#define N_TX   60

static char *random_bases(unsigned *seed)
{
	char *s = calloc(GENOME + 1, 1);
	for (int i = 0; i < GENOME; i++)
		s[i] = "ACGT"[below(seed, 4)];
	return s;
}

/* One transcript of up to six exons, short introns and long ones, with or without a CDS. */
static void random_tx(unsigned *seed, int number, struct grx_str *gff)
{
	int at = below(seed, GENOME - 9000) + 1, n = 1 + below(seed, 6), beg[6], end[6];
	char strand = below(seed, 2) ? '+' : '-';
	bool coding = below(seed, 3) > 0;
	const char *bio = !coding ? "lncRNA" : below(seed, 4) ? "protein_coding" : "nonsense_mediated_decay";
	for (int i = 0; i < n; i++) {
		beg[i] = at;
		end[i] = at + 20 + below(seed, 150);
		at = end[i] + 1 +
		     (below(seed, 3)          ? 30 + below(seed, 90)
			     : below(seed, 4) ? 3 + below(seed, 14)
					      : 1000);
	}
	grx_str_addf(gff, "1\tx\tmRNA\t%d\t%d\t.\t%c\t.\tID=transcript:T%d;Parent=gene:G%d;biotype=%s\n",
		beg[0], end[n - 1], strand, number, number, bio);
	for (int i = 0; i < n; i++) {
		grx_str_addf(gff, "1\tx\texon\t%d\t%d\t.\t%c\t.\tParent=transcript:T%d\n", beg[i], end[i],
			strand, number);
		int b = i ? beg[i] : beg[i] + 5, e = i < n - 1 ? end[i] : end[i] - 5;
		if (coding)
			grx_str_addf(gff, "1\tx\tCDS\t%d\t%d\t.\t%c\t0\tParent=transcript:T%d\n", b, e,
				strand, number);
	}
	grx_str_addf(gff, "1\tx\tgene\t%d\t%d\t.\t%c\t.\tID=gene:G%d\n", beg[0], end[n - 1], strand, number);
}

static char *random_bench(struct bench *b, unsigned *seed)
{
	struct grx_str gff = {0};
	char *seq = random_bases(seed);
	for (int i = 0; i < N_TX; i++)
		random_tx(seed, i, &gff);
	bench_open(b, seq, gff.s);
	grx_str_clear(&gff);
	return seq;
}

/* --- what lies near, against all transcripts one by one --- */

static void near_check(struct bench *b, int64_t beg, int64_t end)
{
	const struct annotate_models *m = b->w.st->models;
	const struct annotate_tx *const *list;
	int64_t lo = beg - b->opt.distance - 1, hi = end + b->opt.distance + 1;
	int n, k = 0;
	ck_assert_int_eq(annotate_near(&b->w, 0, beg, end, &list, &n), GRX_OK);
	for (size_t i = 0; i < annotate_models_n(m); i++) {
		int64_t s, e;
		annotate_models_span(m, i, &s, &e);
		if (s >= hi || e <= lo)
			continue;
		ck_assert_msg(k < n && list[k]->index == i, "transcript %zu (%lld-%lld) near %lld-%lld", i,
			(long long)s, (long long)e, (long long)beg, (long long)end);
		k++;
	}
	ck_assert_int_eq(k, n);
}

/* Mostly onwards, now and then far back; often where a transcript just comes into reach; long and structural
 * alleles hold transcripts in between. */
static void near_walk(struct bench *b, unsigned *seed)
{
	int64_t at = below(seed, GENOME);
	for (int i = 0; i < 40; i++) {
		int64_t s, e, len = below(seed, 5) ? 1 : below(seed, 4) ? below(seed, 40) : below(seed, 9999);
		size_t some = (size_t)below(seed, N_TX);
		const struct annotate_tx *held;
		annotate_models_span(b->w.st->models, some, &s, &e);
		if (below(seed, 4) == 0)
			ck_assert_int_eq(annotate_tx_hold(&b->w, some, &held), GRX_OK);
		if (below(seed, 3) == 0)
			at = below(seed, 2) ? s - b->opt.distance - len - 4 + below(seed, 7)
					    : e + b->opt.distance - 3 + below(seed, 7);
		else
			at += below(seed, 5) ? below(seed, 900) : -below(seed, 6000);
		at = at < 0 ? 0 : at >= GENOME ? below(seed, GENOME) : at;
		near_check(b, at, at + len);
	}
}

START_TEST(near_in_any_order)
{
	unsigned seed = 11;
	struct bench b;
	char *seq = random_bench(&b, &seed);
	for (int i = 0; i < rounds(400); i++) {
		near_walk(&b, &seed);
		work_close(&b);
		work_open(&b);
	}
	bench_close(&b);
	free(seq);
}
END_TEST

/* --- the short way deep inside introns, against the plain one --- */

static void record_set(struct bench *b, const char *seq, int at, int del, const char *ins, struct grx_var *v)
{
	char ref[128], alt[128];
	memset(v, 0, sizeof *v);
	bool anchor = at > 0 && (del == 0 || !*ins);
	at -= anchor;
	snprintf(ref, sizeof ref, "%.*s", del + anchor, seq + at);
	snprintf(alt, sizeof alt, "%.*s%s", (int)anchor, seq + at, ins);
	const char *allele[2] = {ref, alt};
	v->pos = at;
	v->rlen = del + anchor;
	ck_assert_int_eq(grx_var_alleles_set(b->w.mem, v, 2, allele), 0);
}

/* Every entry again by annotate_eval() and annotate_consequence(); counts those that took the short way. */
static int entries_check(struct bench *b, const struct annotate_record *r)
{
	int n_short = 0;
	for (int32_t i = 0; i < r->n_entry[0]; i++) {
		const struct annotate_entry *e = &r->entry[0][i];
		const struct annotate_seq *q = NULL;
		struct annotate_eval ev;
		if (!e->tx || e->distance >= 0)
			continue;
		if (e->tx->coding)
			ck_assert_int_eq(annotate_tx_seq(&b->w, e->tx, &q), GRX_OK);
		ck_assert_int_eq(annotate_eval(&b->w, e->tx, q, e->al, &ev), GRX_OK);
		uint64_t terms = annotate_consequence(&ev);
		ck_assert_msg(terms == e->terms, "%s: %lld-%lld %s>%s: terms %llx, short way %llx", e->tx->id,
			(long long)e->al->beg, (long long)e->al->end, e->al->ref, e->al->alt,
			(unsigned long long)terms, (unsigned long long)e->terms);
		ck_assert_int_eq(memcmp(&ev.pl, &e->ev.pl, sizeof ev.pl), 0);
		ck_assert_int_eq(annotate_nmd_rule(&ev, terms), e->nmd);
		ck_assert(!ev.ref_codon == !e->ev.ref_codon && !ev.ref_pep == !e->ev.ref_pep);
		n_short += e->tx->coding && !e->ev.seq;
	}
	return n_short;
}

START_TEST(deep_in_introns)
{
	unsigned seed = 5;
	struct bench b;
	char *seq = random_bench(&b, &seed);
	int n_short = 0;
	for (int i = 0; i < rounds(40000); i++) {
		int64_t s, e;
		annotate_models_span(b.w.st->models, (size_t)below(&seed, N_TX), &s, &e);
		int at = (int)s + below(&seed, (int)(e - s) + 8) - 4,
		    del = below(&seed, 3) ? 1 : below(&seed, 40);
		char ins[8] = "";
		for (int k = below(&seed, 3) ? 1 : below(&seed, 6); k > 0; k--)
			ins[strlen(ins)] = "ACGT"[below(&seed, 4)];
		struct grx_var v;
		struct annotate_record r;
		record_set(&b, seq, at < 1 ? 1 : at, del, ins, &v);
		if (strcmp(v.allele[0], v.allele[1]) == 0)
			continue;
		ck_assert_msg(annotate_record_make(&b.w, &v, &r) == GRX_OK, "%s", b.cx.err.msg);
		n_short += entries_check(&b, &r);
		grx_arena_reset(b.w.mem);
	}
	ck_assert_int_gt(n_short, rounds(4000));
	bench_close(&b);
	free(seq);
}
END_TEST

/* --- slips and selenocysteine --- */

/* Read as ATG GCT AAA AAC CGG GTT TGA(Sec) GCA TAA: the last C of CDS_A is read twice. */
#define UTR5  "GCGTCTCAGC"
#define CDS_A "ATGGCTAAAAAC"
#define CDS_B "GGGTTTGAGCATAA"
#define UTR3  "TCATAGCTGATTCC"
#define GAP   300
enum {
	N_5 = sizeof UTR5 - 1,
	N_A = sizeof CDS_A - 1,
	N_B = sizeof CDS_B - 1,
	N_ALL = N_5 + N_A + N_B + sizeof UTR3 - 1
};

static const struct slip_case {
	int c, n; /* cDNA base counted from the start codon; bases replaced */
	const char *alt, *terms, *peps, *hgvsp;
} slips[] = {
	{4, 1, "C", "missense_variant", "A/P", "p.Ala2Pro"},
	/* read twice: silent in its first codon only */
	{12, 1, "T", "missense_variant", "NR/NW", "p.Arg5Trp"},
	{12, 1, "A", "missense_variant", "NR/KR", "p.Asn4Lys"},
	{13, 1, "A", "missense_variant", "R/Q", "p.Arg5Gln"},
	{17, 1, "C", "synonymous_variant", "V/V", "p.Val6="},
	{18, 1, "C", "missense_variant", "U/R", "p.Sec7Arg"},
	{20, 1, "G", "missense_variant", "U/W", "p.Sec7Trp"},
	{19, 1, "A", "stop_gained", "U/*", "p.Sec7Ter"},
	{25, 1, "C", "stop_lost", "*/S", NULL},
	{26, 1, "G", "stop_retained_variant", "*/*", "p.Ter9="},
	{7, 0, "GGG", "inframe_insertion", "/G", "p.Ala2_Lys3insGly"},
	{15, 3, "", "inframe_deletion", "V/", "p.Val6del"},
	{18, 3, "", "inframe_deletion", "U/", "p.Sec7del"},
	{5, 1, "", "frameshift_variant", NULL, NULL},
	{16, 1, "", "frameshift_variant", NULL, NULL},
	/* at the slip itself nobody knows where reading goes on */
	{12, 1, "", "coding_sequence_variant", NULL, ""},
	{11, 3, "", "coding_sequence_variant", NULL, ""},
	{12, 0, "GA", "coding_sequence_variant", NULL, ""},
};

static void slip_gff(struct grx_str *o, const char *id, int at, bool plus)
{
	const int a[2] = {N_5, N_5 + N_A}, c[2] = {N_5 + N_A - 1, N_5 + N_A + N_B}, sec = N_5 + 17;
	char strand = plus ? '+' : '-';
	grx_str_addf(o, "1\tRefSeq\tgene\t%d\t%d\t.\t%c\t.\tID=gene-%s\n", at + 1, at + N_ALL, strand, id);
	grx_str_addf(o, "1\tRefSeq\tmRNA\t%d\t%d\t.\t%c\t.\tID=rna-%s;Parent=gene-%s\n", at + 1, at + N_ALL,
		strand, id, id);
	grx_str_addf(o, "1\tRefSeq\texon\t%d\t%d\t.\t%c\t.\tParent=rna-%s\n", at + 1, at + N_ALL, strand, id);
	for (int i = 0; i < 2; i++) {
		int s = i ? c[0] : a[0], e = i ? c[1] : a[1];
		int x = at + (plus ? sec : N_ALL - sec - 3);
		grx_str_addf(o,
			"1\tRefSeq\tCDS\t%d\t%d\t.\t%c\t0\tID=cds-%s;Parent=rna-%s;exception=ribosomal "
			"slippage;transl_except=(pos:%s%d..%d%s%%2Caa:Sec)\n",
			at + 1 + (plus ? s : N_ALL - e), at + (plus ? e : N_ALL - s), strand, id, id,
			plus ? "" : "complement(", x + 1, x + 3, plus ? "" : ")");
	}
}

static void slip_check(struct bench *b, const char *seq, const struct slip_case *x, bool plus, int base)
{
	char ins[8];
	struct grx_var v;
	struct annotate_record r;
	int at = N_5 + x->c - 1;
	snprintf(ins, sizeof ins, "%s", x->alt);
	if (!plus)
		grx_revcomp(x->alt, strlen(x->alt), ins);
	record_set(b, seq, base + (plus ? at : N_ALL - at - x->n), x->n, ins, &v);
	ck_assert_msg(annotate_record_make(&b->w, &v, &r) == GRX_OK, "%s", b->cx.err.msg);
	ck_assert_int_eq(r.n_entry[0], 1);
	const struct annotate_entry *e = &r.entry[0][0];
	struct grx_str t = {0};
	annotate_terms_add(&t, e->terms);
	ck_assert_msg(
		strcmp(t.s, x->terms) == 0, "c %d+%d>%s: %s, not %s", x->c, x->n, x->alt, t.s, x->terms);
	if (x->peps) {
		ck_assert_msg(e->ev.ref_pep && e->ev.alt_pep, "c %d", x->c);
		grx_str_reset(&t);
		grx_str_addf(&t, "%s/%s", e->ev.ref_pep, e->ev.alt_pep);
		ck_assert_str_eq(t.s, x->peps);
	}
	const char *p = e->hgvsp ? strstr(e->hgvsp, "p.") : "";
	if (x->hgvsp)
		ck_assert_msg(
			strcmp(p ? p : e->hgvsp, x->hgvsp) == 0, "c %d+%d>%s: %s", x->c, x->n, x->alt, p);
	grx_str_clear(&t);
}

START_TEST(slip_and_selenocysteine)
{
	static const char message[] = UTR5 CDS_A CDS_B UTR3;
	unsigned seed = 3;
	struct grx_str gff = {0};
	struct bench b;
	char *seq = random_bases(&seed);
	seq[3 * GAP + 2 * N_ALL] = '\0';
	memcpy(seq + GAP, message, N_ALL);
	char rc[N_ALL + 1];
	grx_revcomp(message, N_ALL, rc);
	memcpy(seq + 2 * GAP + N_ALL, rc, N_ALL);
	slip_gff(&gff, "F", GAP, true);
	slip_gff(&gff, "R", 2 * GAP + N_ALL, false);
	bench_open(&b, seq, gff.s);
	for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
		slip_check(&b, seq, &slips[i], true, GAP);
		slip_check(&b, seq, &slips[i], false, 2 * GAP + N_ALL);
	}
	bench_close(&b);
	grx_str_clear(&gff);
	free(seq);
}
END_TEST

/* --- decay --- */

START_TEST(decay_at_its_border)
{
	/* stop codon `stop` ends at cDNA 3 stop - pad; the last junction lies behind cDNA 100 + delta */
	static const struct {
		int stop, pad, delta;
		enum annotate_nmd is;
	} x[] = {{16, 0, 0, AT_NMD_TARGET}, {17, 0, 0, AT_NMD_ESCAPES}, {17, 1, 0, AT_NMD_ESCAPES},
		{17, 2, 0, AT_NMD_TARGET}, {17, 0, 1, AT_NMD_ESCAPES}, {17, 0, 2, AT_NMD_TARGET},
		{16, 0, -1, AT_NMD_TARGET}, {16, 0, -2, AT_NMD_ESCAPES}, {40, 0, 0, AT_NMD_ESCAPES},
		{0, 0, 0, AT_NMD_NA}};
	const struct annotate_exon e[2] = {{0, 100, 0}, {200, 400, 100}};
	for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
		struct annotate_tx t = {
			.coding = true, .cds_beg = 1, .n_exon = 2, .exon = e, .pad = (int8_t)x[i].pad};
		ck_assert_msg(annotate_nmd_of(&t, x[i].stop, x[i].delta) == x[i].is, "case %zu", i);
		t.n_exon = 1;
		ck_assert_int_eq(
			annotate_nmd_of(&t, x[i].stop, x[i].delta), x[i].stop ? AT_NMD_ESCAPES : AT_NMD_NA);
	}
	/* two bases are read twice: residue 17 ends at cDNA 49 */
	const struct annotate_mark back = {AT_MARK_SLIP, 20, 19};
	struct annotate_tx t = {
		.coding = true, .cds_beg = 1, .n_exon = 2, .exon = e, .n_mark = 1, .mark = &back};
	ck_assert_int_eq(annotate_nmd_of(&t, 17, 0), AT_NMD_TARGET);
	ck_assert_int_eq(annotate_nmd_of(&t, 18, 0), AT_NMD_ESCAPES);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_engine");
	TCase *t = tcase_create("annotate_engine");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, near_in_any_order);
	tcase_add_test(t, deep_in_introns);
	tcase_add_test(t, slip_and_selenocysteine);
	tcase_add_test(t, decay_at_its_border);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
