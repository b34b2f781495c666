/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_hgvs.c -- HGVS names of alleles and back. One two-exon transcript lies on contig `1` along
 * the genome and, since `2` is the reverse complement of `1`, on `2` against it: every case must have the
 * same c. and p. name on both, and every c. and g. name must lead back to an allele of the same name. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "stage/annotate/hgvs_int.h"

/* M A R K K W D H L | E E F P Y G stop */
#define UTR5   "GCGTCTCAGC"
#define CDS1   "ATGGCTCGAAAAAAATGGGATCATC"
#define INTRON "GTAAGTCCAGTTGACCTATTCGATTACCTCTTTTCCACAG"
#define CDS2   "TGGAAGAATTTCCCTACGGTTAA"
#define UTR3   "TCATAGCTGATTCC"
#define LEFT   "CAGTGCATCGTAGCTTCGGATCCTAGCATG"
#define RIGHT  "GTCATCGGATTAGCCATGCATTACGGCATC"
#define GENOME LEFT UTR5 CDS1 INTRON CDS2 UTR3 RIGHT
enum { N = sizeof GENOME - 1, AT = sizeof LEFT - 1, N_TX = N - 60, E1 = 35, E2 = 37 };

static struct bench {
	char dir[64], fa[96], fai[112], gff[96];
	struct grx_ctx cx;
	struct annotate_models *models;
	struct annotate_accessions *acc;
	struct annotate_state st;
	struct grx_shard sh;
	struct annotate_name_world world;
} b;

static void exon(
	FILE *f, char contig, char id, char strand, int from, int to, int cds_from, int cds_to, int phase)
{
	/* 0-based in the genome of contig 1 */
	int a = strand == '+' ? from : N - to, z = strand == '+' ? to : N - from;
	int ca = strand == '+' ? cds_from : N - cds_to, cz = strand == '+' ? cds_to : N - cds_from;
	fprintf(f, "%c\tx\texon\t%d\t%d\t.\t%c\t.\tParent=transcript:T%c\n", contig, a + 1, z, strand, id);
	fprintf(f, "%c\tx\tCDS\t%d\t%d\t.\t%c\t%d\tParent=transcript:T%c;protein_id=P%c\n", contig, ca + 1,
		cz, strand, phase, id, id);
}

static void gene(FILE *f, char contig, char id, char strand)
{
	int a = strand == '+' ? AT : N - AT - N_TX;
	fprintf(f, "%c\tx\tgene\t%d\t%d\t.\t%c\t.\tID=gene:G%c;Name=SYM%c;biotype=protein_coding\n", contig,
		a + 1, a + N_TX, strand, id, id);
	fprintf(f,
		"%c\tx\tmRNA\t%d\t%d\t.\t%c\t.\tID=transcript:T%c;Parent=gene:G%c;biotype=protein_coding;"
		"version=3\n",
		contig, a + 1, a + N_TX, strand, id, id);
	exon(f, contig, id, strand, AT, AT + E1, AT + 10, AT + E1, 0);
	exon(f, contig, id, strand, AT + E1 + 40, AT + E1 + 40 + E2, AT + E1 + 40, AT + E1 + 63, 2);
}

static void bench_open_with(bool more)
{
	char rc[N + 1];
	memset(&b, 0, sizeof b);
	snprintf(b.dir, sizeof b.dir, "/tmp/check_hgvs.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b.dir));
	snprintf(b.fa, sizeof b.fa, "%s/r.fa", b.dir);
	snprintf(b.fai, sizeof b.fai, "%s.fai", b.fa);
	snprintf(b.gff, sizeof b.gff, "%s/m.gff3", b.dir);
	grx_revcomp(GENOME, N, rc);
	FILE *f = fopen(b.fa, "w");
	fprintf(f, ">1\n%s\n>2\n%s\n", GENOME, rc);
	fclose(f);
	f = fopen(b.fai, "w");
	fprintf(f, "1\t%d\t3\t%d\t%d\n2\t%d\t%d\t%d\t%d\n", N, N, N + 1, N, N + 7, N, N + 1);
	fclose(f);
	f = fopen(b.gff, "w");
	gene(f, '1', '1', '+');
	gene(f, '2', '2', '-');
	if (more) {
		gene(f, '3', '3', '+'); /* the FASTA has no such contig */
		gene(f, '1', '4', '+'); /* as pseudoautosomal genes do */
		gene(f, '2', '4', '-');
	}
	fclose(f);
	b.cx.threads = 1;
	b.cx.refdata = "refdata";
	b.cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b.cx, b.fa, &b.cx.fasta) == 0, "%s", b.cx.err.msg);
	b.cx.contigs = grx_fasta_contigs(b.cx.fasta);
	struct annotate_models_opt mo = {.gff = b.gff};
	ck_assert_msg(annotate_models_open(&b.cx, &mo, b.cx.contigs, &b.models) == 0, "%s", b.cx.err.msg);
	ck_assert_int_eq(annotate_accessions_load(&b.cx, &b.acc), 0);
	static const char *name[2] = {"1", "2"};
	b.st.fasta_name = name;
	b.st.n_contig = 2;
	b.st.models = b.models;
	ck_assert_int_eq(annotate_hgvs_open(&b.cx, &b.st), 0);
	b.sh.tid = -1;
	b.world.w = (struct annotate_work){.st = &b.st,
		.cx = &b.cx,
		.sh = &b.sh,
		.mem = grx_arena_new(),
		.keep = grx_arena_new(),
		.win_mem = grx_arena_new()};
	b.world.contigs = b.cx.contigs;
	b.world.accessions = b.acc;
	b.world.models = b.models;
}

static void bench_open(void)
{
	bench_open_with(false);
}

static void bench_close(void)
{
	annotate_hgvs_close(&b.st);
	annotate_accessions_free(b.acc);
	annotate_models_free(b.models);
	grx_arena_free(b.world.w.mem);
	grx_arena_free(b.world.w.keep);
	grx_arena_free(b.world.w.win_mem);
	grx_fasta_close(b.cx.fasta);
	grx_log_free(b.cx.log);
	unlink(b.fa);
	unlink(b.fai);
	unlink(b.gff);
	rmdir(b.dir);
}

/* --- names of alleles --- */

/* The change of [beg, end) of contig 1, on contig tid. */
static void allele_of(int tid, int beg, int end, const char *alt, struct annotate_allele *al)
{
	struct annotate_work *w = &b.world.w;
	size_t n = strlen(alt);
	char *a = grx_arena_strdup(w->mem, alt),
	     *r = grx_arena_strndup(w->mem, GENOME + beg, (size_t)(end - beg));
	if (tid) {
		grx_revcomp(alt, n, a);
		grx_revcomp(GENOME + beg, (size_t)(end - beg), r);
	}
	*al = (struct annotate_allele){.tid = tid,
		.beg = tid ? N - end : beg,
		.end = tid ? N - beg : end,
		.ref = r,
		.alt = a,
		.ref_len = end - beg,
		.alt_len = (int32_t)n,
		.number = 1,
		.dna = true,
		.shown = a};
}

struct names {
	char g[256], c[256], p[256];
};

static void copy(char *to, const struct grx_str *s, const char *skip)
{
	const char *text = s->n ? s->s : "", *at = strstr(text, skip);
	snprintf(to, 256, "%s", at ? at + strlen(skip) : text);
}

static void names_of(const struct annotate_allele *al, struct names *out)
{
	struct annotate_work *w = &b.world.w;
	struct annotate_moved mv = {.al = al};
	const struct annotate_side *s;
	const struct annotate_tx *t;
	const struct annotate_seq *q;
	struct annotate_eval ev, moved;
	struct grx_str o = {0};
	ck_assert_int_eq(annotate_tx_hold(w, (size_t)al->tid, &t), 0);
	ck_assert_int_eq(t->tid, al->tid);
	ck_assert_int_eq(annotate_hgvs_g(w, &mv, &o), 0);
	copy(out->g, &o, "");
	ck_assert_int_eq(annotate_moved_get(w, &mv, t->strand, &s), 0);
	grx_str_reset(&o);
	ck_assert_int_eq(annotate_hgvs_c(w, t, s, &o), 0);
	copy(out->c, &o, ":");
	ck_assert_int_eq(annotate_tx_seq(w, t, &q), 0);
	ck_assert_int_eq(annotate_eval(w, t, q, al, &ev), 0);
	ck_assert_int_eq(annotate_eval(w, t, q, &s->al, &moved), 0);
	grx_str_reset(&o);
	ck_assert_int_eq(annotate_hgvs_p(w, &moved, annotate_consequence(&ev), &o), 0);
	copy(out->p, &o, ":");
	grx_str_clear(&o);
}

/* beg and length in the transcript's message (0-based), what replaces them, names */
static const struct {
	int at, n;
	const char *alt, *c, *p;
} named[] = {
	{13, 1, "T", "c.4G>T", "p.Ala2Ser"},
	{15, 1, "C", "c.6T>C", "p.Ala2="},
	{9, 1, "A", "c.-1C>A", ""},
	{0, 1, "A", "c.-10G>A", ""},
	{98, 1, "G", "c.*1T>G", ""},
	{35, 1, "A", "c.25+1G>A", ""},
	{54, 1, "G", "c.25+20T>G", ""},
	{55, 1, "G", "c.26-20C>G", ""},
	{74, 1, "C", "c.26-1G>C", ""},
	{10, 1, "G", "c.1A>G", "p.Met1?"},
	{27, 1, "A", "c.18G>A", "p.Trp6Ter"},
	/* a run of seven A: to its 3' end, and the first residue that differs */
	{18, 1, "", "c.15del", "p.Lys5AsnfsTer15"},
	{18, 0, "A", "c.15dup", "p.Trp6MetfsTer?"},
	{18, 0, "AA", "c.14_15dup", "p.Trp6AsnfsTer15"},
	{14, 0, "TTT", "c.4_5insTTT", "p.Ala2delinsValSer"},
	{13, 0, "GCT", "c.4_6dup", "p.Ala2dup"},
	{13, 3, "AA", "c.4_6delinsAA", "p.Ala2AsnfsTer18"},
	{25, 3, "CCA", "c.16_18inv", "p.Trp6Pro"},
	{28, 3, "", "c.19_21del", "p.Asp7del"},
	{13, 6, "", "c.4_9del", "p.Ala2_Arg3del"},
	{12, 5, "ACCC", "c.3_6delinsACC", "p.Met1?"},
	/* the stop: extension, also by a shifted frame; taken away with what stands before: frameshift */
	{95, 1, "C", "c.46T>C", "p.Ter16GlnextTer2"},
	{95, 1, "", "c.46del", "p.Ter16AsnextTer3"},
	{95, 0, "CAG", "c.45_46insCAG", "p.Ter16GlnextTer1"},
	{95, 3, "TAG", "c.48A>G", "p.Ter16="},
	{92, 6, "", "c.43_48del", "p.Gly15SerfsTer2"},
	{84, 1, "", "c.36del", "p.Tyr14ThrfsTer6"},
	/* over the border of an exon there is no p. */
	{34, 3, "", "c.25_25+2del", ""},
	{73, 4, "", "c.26-2_27del", ""},
	/* one residue gives way to a stop: a substitution */
	{84, 0, "AGC", "c.34_35insAGC", "p.Phe12Ter"},
};

/* Names lead back to an allele of the same names. */
static void back(const char *name, const struct names *want)
{
	struct annotate_name n;
	struct annotate_name_error e;
	struct annotate_named_record r;
	struct grx_str why = {0};
	struct names got;
	int32_t at;
	ck_assert_msg(annotate_name_parse(name, &n, &e), "%s: %d: expected %s", name, e.at, e.expected);
	ck_assert_int_eq(annotate_name_resolve(&b.world, &n, &r, &why, &at), 0);
	ck_assert_msg(why.n == 0, "%s: %s", name, why.s);
	size_t nr = strlen(r.ref), na = strlen(r.alt), skip = nr != na && r.ref[0] == r.alt[0];
	struct annotate_allele al = {.tid = r.tid,
		.beg = r.pos + (int64_t)skip,
		.end = r.pos + (int64_t)nr,
		.ref = r.ref + skip,
		.alt = r.alt + skip,
		.ref_len = (int32_t)(nr - skip),
		.alt_len = (int32_t)(na - skip),
		.dna = true,
		.shown = ""};
	names_of(&al, &got);
	ck_assert_str_eq(got.g, want->g);
	ck_assert_str_eq(got.c, want->c);
	grx_str_clear(&why);
}

START_TEST(both_strands)
{
	bench_open();
	for (int tid = 0; tid < 2; tid++) {
		struct annotate_allele al;
		struct names got;
		char full[300];
		int beg = AT + named[_i].at;
		allele_of(tid, beg, beg + named[_i].n, named[_i].alt, &al);
		names_of(&al, &got);
		ck_assert_msg(strcmp(got.c, named[_i].c) == 0, "contig %d: found %s, expected %s", tid + 1,
			got.c, named[_i].c);
		ck_assert_msg(strcmp(got.p, named[_i].p) == 0, "contig %d, %s: found '%s', expected '%s'",
			tid + 1, got.c, got.p, named[_i].p);
		back(got.g, &got);
		snprintf(full, sizeof full, "T%d.3:%s", tid + 1, got.c);
		back(full, &got);
	}
	bench_close();
}
END_TEST

START_TEST(genomic)
{
	static const struct {
		int tid, beg, end;
		const char *alt;
		int sv;
		const char *g;
	} t[] = {
		{0, 3, 4, "A", 0, "1:g.4T>A"},
		{0, AT + 18, AT + 19, "", 0, "1:g.55del"},
		{0, AT + 18, AT + 18, "A", 0, "1:g.55dup"},
		{0, 3, 5, "CA", 0, "1:g.4_5inv"},
		{0, 0, 2, "", 0, "1:g.1_2del"},
		/* at the very start nothing lies before an insertion */
		{0, 0, 0, "T", 0, ""},
		{0, 10, 50, "", AT_SV_DEL, "1:g.11_50del"},
		{1, 10, 50, "", AT_SV_DUP, "2:g.123_162dup"},
		{0, 10, 50, "", AT_SV_INV, "1:g.11_50inv"},
		{0, 10, 11, "", AT_SV_INV, ""},
		{0, 10, 50, "", AT_SV_CNV, ""},
		{0, 10, 10, "", AT_SV_INS, ""},
	};
	bench_open();
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct annotate_allele al;
		struct grx_str o = {0};
		allele_of(t[i].tid, t[i].beg, t[i].end, t[i].alt, &al);
		al.sv = (uint8_t)t[i].sv;
		struct annotate_moved mv = {.al = &al};
		ck_assert_int_eq(annotate_hgvs_g(&b.world.w, &mv, &o), 0);
		ck_assert_str_eq(o.n ? o.s : "", t[i].g);
		grx_str_clear(&o);
	}
	bench_close();
}
END_TEST

START_TEST(accessions)
{
	bench_open();
	ck_assert_str_eq(annotate_accession_of(b.acc, "chr21", 46709983), "NC_000021.9");
	ck_assert_str_eq(annotate_accession_of(b.acc, "21", 48129895), "NC_000021.8");
	ck_assert_str_eq(annotate_accession_of(b.acc, "chrM", 16569), "NC_012920.1");
	ck_assert_ptr_null(annotate_accession_of(b.acc, "21", 1000));
	bench_close();
}
END_TEST

/* --- proteins given whole --- */

START_TEST(proteins)
{
	static const struct {
		const char *ref, *alt, *p;
		bool parens;
		int ref_end, alt_end;
	} t[] = {
		{"MARKWDHL*", "MARKWDHL*", "P1:p.=", false, 3, 3},
		{"MARKWDHL*", "MARKWDHL*", "P1:p.=", false, 0, 0},
		{"MARKWDHL*", "MASKWDHL*", "P1:p.Arg3Ser", false, 3, 3},
		{"MARKWDHL*", "MASKWDHL*", "P1:p.(Arg3Ser)", true, 3, 3},
		{"MARKWDHL*", "MASSWDHL*", "P1:p.Arg3_Lys4delinsSerSer", false, 4, 4},
		{"MARKWDHL*", "MAKWDHL*", "P1:p.Arg3del", false, 3, 2},
		{"MARKWDHL*", "MARRKWDHL*", "P1:p.Arg3dup", false, 3, 4},
		{"MARKWDHL*", "MARKGWDHL*", "P1:p.Lys4_Trp5insGly", false, 5, 6},
		{"MARKWDHL*", "MA*KWDHL*", "P1:p.Arg3Ter", false, 3, 9},
		{"MARKWDHL*", "MA*KWDHL*", "P1:p.Arg3Ter", false, 4, 9},
		{"MARKWDHL*", "MASGIIW*", "P1:p.Arg3SerfsTer6", false, 0, 0},
		{"MARKWDHL*", "MASGIIWL*", "P1:p.Arg3SerfsTer7", false, 0, 0}, /* of the same length */
		{"MARKWDHL*", "MASGIIWGGGG", "P1:p.Arg3SerfsTer?", false, 0, 0},
		{"MARKWDHL*", "MARKWDHLQS*", "P1:p.Ter9GlnextTer2", false, 0, 0},
		{"MARKWDHL*", "MARKWDHLQ*", "P1:p.Ter9GlnextTer1", false, 8, 9},
		{"MARKWDHL*", "VARKWDHL*", "P1:p.Met1?", false, 1, 1},
		{"MAUKWDHL*", "MACKWDHL*", "P1:p.Sec3Cys", false, 3, 3},
		{"MARKWDHL*", "MARKWDHI*", "P1:p.Leu8Ile", false, 8, 8},
		/* the same protein: three bases gone, and a frame that is lost */
		{"MARKWDHL*", "MARKWDH*", "P1:p.Leu8del", false, 8, 7},
		{"MARKWDHL*", "MARKWDH*", "P1:p.Leu8Ter", false, 0, 0},
		{"MARKWDHL*", "MARKWDI*", "P1:p.His7_Leu8delinsIle", false, 8, 7},
		{"MARKWDHL*", "MARKWDI*", "P1:p.His7IlefsTer2", false, 0, 0},
		{"MARKWDHL*", "MAS*", "P1:p.Arg3SerfsTer2", false, 0, 0},
		{"MARKWDHL*", "MAS*WDHL*", "P1:p.Arg3_Lys4delinsSerTer", false, 4, 9},
		/* no stop is known in either: a CDS without an end, which is read on into what follows it */
		{"MARKWDHL", "MASKWDHLGG", "P1:p.Arg3Ser", false, 3, 3},
		{"MAXKWDHL*", "MARKWDHL*", "", false, 3, 3},
	};
	bench_open();
	const struct annotate_tx *tx;
	ck_assert_int_eq(annotate_tx_hold(&b.world.w, 0, &tx), 0);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct grx_str o = {0};
		b.st.opt.parens = t[i].parens;
		struct annotate_proteins c = {t[i].ref, t[i].alt, t[i].ref_end, t[i].alt_end};
		ck_assert_int_eq(annotate_hgvs_protein(&b.world.w, tx, &c, &o), 0);
		/* accessions without a version are printed with .1 */
		char want[64] = "";
		if (*t[i].p)
			snprintf(want, sizeof want, "P1.1%s", t[i].p + 2);
		ck_assert_str_eq(o.s, want);
		grx_str_clear(&o);
	}
	bench_close();
}
END_TEST

/* --- names that are refused --- */

START_TEST(refused)
{
	static const struct {
		const char *name;
		int at;
		const char *why; /* part of it */
	} t[] = {
		{"", 0, "a sequence"},
		{"1", 1, "':'"},
		{"1:", 2, "'g.'"},
		{"1:p.Arg8Gln", 2, "a protein name fits several"},
		{"1:r.12a>c", 2, "not one of RNA"},
		{"1:x.12A>C", 2, "'g.'"},
		{"1:g.A>C", 4, "a position"},
		{"1:g.0del", 5, "there is no 0"},
		{"1:g.-3del", 4, "a position"},
		{"1:g.99999999999del", 14, "below"},
		{"1:g.(3_5)_7del", 4, "a known position"},
		{"1:g.?_7del", 4, "a known position"},
		{"1:g.[3A>C;5T>G]", 4, "one change"},
		{"1:g.3", 5, "a change"},
		{"1:g.3A>", 7, "one base behind"},
		{"1:g.3AC>G", 7, "one base before"},
		{"1:g.3insA", 8, "two positions"},
		{"1:g.3_4ins", 10, "the inserted bases"},
		{"1:g.3_4ins(10)", 10, "the inserted bases"},
		{"1:g.3_4ins10_20", 10, "the inserted bases"},
		{"1:g.3del ", 8, "the end of the name"},
		{"1:g.3CA[2", 9, "']'"},
		{"1:g.3CA[", 8, "number of copies"},
		{"T1.3:c.25+?del", 10, "a known offset"},
		{"T1.3:c.25+0del", 11, "an offset of at least 1"},
		{"T1.3(:c.2del", 5, "')'"},
		/* well-formed, but not so */
		{"3:g.3del", 0, "not a contig"},
		{"NC_000021.9:g.3del", 0, "another build"},
		{"1:g.4A>C", 5, "the reference has T at 1:4, the name says A"},
		{"2:g.4_5delGG", 7, "the reference has"},
		{"1:g.4_6delTG", 7, "2 bases are said, the positions span 3"},
		{"1:g.4_6del2", 7, "2 bases are said"},
		{"1:m.4del", 2, "m. is for the mitochondrion"},
		{"1:g.6_4del", 4, "before the first"},
		{"1:g.1000del", 4, "beyond the end"},
		{"1:g.4_6insA", 4, "not neighbours"},
		{"1:g.4inv", 4, "cannot be inverted"},
		{"1:g.4CC[3]", 5, "no copy of the unit"},
		{"T9:c.1del", 0, "not in the models"},
		{"T1.2:c.1del", 0, "another version"},
		{"T1.3(SYM2):c.1del", 5, "belongs to the gene 'SYM1'"},
		{"T1.3:c.49del", 7, "position 49 is not in T1.3"},
		{"T1.3:c.-11del", 7, "is not in T1.3"},
		{"T1.3:c.*15del", 7, "position *15 is not in T1.3"},
		{"T1.3:c.24+1G>A", 7, "not the edge of an exon"},
		{"T1.3:c.25-1G>A", 7, "not the edge of an exon"},
		{"T1.3:c.25+41G>A", 7, "leaves the intron"},
		{"T1.3:c.4A>C", 8, "the reference has"},
		{"1:g.4T>T", 5, "already"},
		{"1:g.4N>T", 5, "already"},
		{"1:g.4_5delinsTG", 7, "already"},
		{"1(SYM1):g.4T>A", 2, "nothing in parentheses"},
		{"1:g.48_55A[3]", 9, "whole copies of the unit"},
		{"T3:c.4G>T", 0, "on a contig that the reference does not have"},
		{"T4:c.4G>T", 0, "lies at 2 places of the reference"},
		{"T4.3:c.4G>T", 0, "lies at 2 places of the reference"},
		{"3(T4):c.4G>T", 0, "not in the models"},
		{"2(T1):c.4G>T", 0, "does not lie on '2'"},
	};
	bench_open_with(true);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct annotate_name n;
		struct annotate_name_error e;
		struct annotate_named_record r;
		struct grx_str why = {0};
		int32_t at;
		bool ok = annotate_name_parse(t[i].name, &n, &e);
		if (!ok) {
			at = e.at;
			grx_str_add(&why, e.expected);
		} else {
			ck_assert_int_eq(annotate_name_resolve(&b.world, &n, &r, &why, &at), 0);
		}
		ck_assert_msg(why.n && strstr(why.s, t[i].why), "%s: found '%s', expected '%s'", t[i].name,
			why.n ? why.s : "a record", t[i].why);
		ck_assert_msg(at == t[i].at, "%s: at %d, expected %d", t[i].name, at, t[i].at);
		grx_str_clear(&why);
	}
	bench_close();
}
END_TEST

/* --- records of names --- */

START_TEST(records)
{
	static const struct {
		const char *name;
		int64_t pos; /* 1-based */
		const char *ref, *alt;
	} t[] = {
		{"1:g.4T>A", 4, "T", "A"},
		{"1:g.4=", 4, "T", "."},
		{"1:g.4_6=", 4, "TGC", "."},
		{"1:g.1_2del", 1, "CAG", "G"},
		{"1:g.55del", 48, "GA", "G"},
		{"1:g.49_50delAA", 48, "GAA", "G"},
		{"1:g.55dup", 48, "G", "GA"},
		{"1:g.54_55dupAA", 48, "G", "GAA"},
		{"1:g.55_56insA", 48, "G", "GA"},
		{"1:g.49A[9]", 48, "G", "GAA"},
		{"1:g.49_55A[5]", 48, "GAA", "G"},
		{"1:g.49_55A[6]C[1]", 55, "A", "C"},
		{"1:g.4_5delTGinsCA", 4, "TG", "CA"},
		{"1:g.4_5delinsTA", 5, "G", "A"},
		{"1:g.4_5inv", 4, "TG", "CA"},
		{"T1:c.4G>T", 44, "G", "T"},
		{"T1.3(SYM1):c.4G>T", 44, "G", "T"},
		{"T2.3:c.4G>T", N - 43, "C", "A"},
		{"T2.3:c.9A[9]", N - 55, "A", "ATT"},
		{"T2.3:c.25+1G>A", N - AT - 35, "C", "T"},
		{"1(T1.3):c.4G>T", 44, "G", "T"},
		{"1(T4.3):c.4G>T", 44, "G", "T"},
		{"2(T4):c.4G>T", N - 43, "C", "A"},
		{"1:g.49_55A[7]", 49, "AAAAAAA", "."},
		{"1:g.1_2inv", 1, "CA", "TG"},
		{"T1.3:c.-10_*14del", AT, "G" /* and the rest */, "G"},
	};
	bench_open_with(true);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct annotate_name n;
		struct annotate_name_error e;
		struct annotate_named_record r;
		struct grx_str why = {0};
		int32_t at;
		ck_assert_msg(
			annotate_name_parse(t[i].name, &n, &e), "%s: %d: %s", t[i].name, e.at, e.expected);
		ck_assert_int_eq(annotate_name_resolve(&b.world, &n, &r, &why, &at), 0);
		ck_assert_msg(why.n == 0, "%s: %s", t[i].name, why.s);
		ck_assert_msg(r.pos + 1 == t[i].pos, "%s: at %lld, expected %lld", t[i].name,
			(long long)r.pos + 1, (long long)t[i].pos);
		ck_assert_str_eq(r.alt, t[i].alt);
		if (strlen(r.ref) < 20)
			ck_assert_str_eq(r.ref, t[i].ref);
	}
	bench_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_hgvs");
	TCase *t = tcase_create("hgvs");
	tcase_add_loop_test(t, both_strands, 0, sizeof named / sizeof *named);
	tcase_add_test(t, genomic);
	tcase_add_test(t, accessions);
	tcase_add_test(t, proteins);
	tcase_add_test(t, refused);
	tcase_add_test(t, records);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
