/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_sv.c -- structural alleles on hand-made models: where they lie, their terms; and a table
 * with one variant for each of the 41 terms. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/fasta.h"
#include "io/text.h"
#include "stage/annotate/out.h"
#include "stage/annotate/record.h"
#include "stage/annotate/sv.h"

/* 5' UTR 10, CDS 25, intron 40, CDS 23, 3' UTR 14 */
#define MESSAGE                                                                                              \
	"GCGTCTCAGCATGGCTCGAAAAAAATGGGATCATCGTAAGTCCAGTTGACCTATTCGATTACCTCTTTTCCACAGTGGAAGAATTTCCCTACGGTTAA" \
	"TCATAG"                                                                                             \
	"CTGATTCC"

enum {
	BEG_F = 300, /* where the forward transcript begins (0-based); its parts: */
	N_ALL = sizeof MESSAGE - 1,
	C1 = BEG_F + 10,
	INTRON = C1 + 25,
	C26 = INTRON + 40,
	UTR3 = C26 + 23,
	END_F = BEG_F + N_ALL,
	BEG_N = 700,  /* lncRNA, two exons */
	BEG_D = 1000, /* nonsense-mediated decay, one exon; CDS ends inside a codon */
	BEG_S = 1300, /* a gap of 5 bases in the 5' UTR */
	LEN = 1700,
	DISTANCE = 50
};

struct bench {
	char dir[64], fa[96], fai[112], gff[96];
	char seq[LEN + 1];
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct annotate_state st;
	struct annotate_part part;
	struct grx_shard sh;
	struct annotate_work w;
	const char *names[2];
};

static void transcript(
	FILE *f, const char *id, const char *biotype, const int (*exon)[2], int n, int c1, int c2)
{
	fprintf(f, "1\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:%s;Parent=gene:G%s;biotype=%s\n",
		exon[0][0] + 1, exon[n - 1][1], id, id, biotype);
	for (int i = 0; i < n; i++) {
		int a = exon[i][0] > c1 ? exon[i][0] : c1, b = exon[i][1] < c2 ? exon[i][1] : c2;
		fprintf(f, "1\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:%s\n", exon[i][0] + 1, exon[i][1],
			id);
		if (a < b)
			fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t+\t.\tParent=transcript:%s\n", a + 1, b, id);
	}
}

static void files(struct bench *b)
{
	unsigned seed = 11;
	for (int i = 0; i < LEN; i++) {
		seed = seed * 1103515245u + 12345u;
		b->seq[i] = "ACGT"[seed >> 16 & 3];
	}
	memcpy(b->seq + BEG_F, MESSAGE, N_ALL);
	FILE *f = fopen(b->fa, "w");
	fprintf(f, ">1\n%s\n", b->seq);
	fclose(f);
	f = fopen(b->fai, "w");
	fprintf(f, "1\t%d\t3\t%d\t%d\n", LEN, LEN, LEN + 1);
	fclose(f);
	f = fopen(b->gff, "w");
	const int ef[2][2] = {{BEG_F, INTRON}, {C26, END_F}},
		  en[2][2] = {{BEG_N, BEG_N + 50}, {BEG_N + 90, BEG_N + 150}};
	const int ed[1][2] = {{BEG_D, BEG_D + 100}},
		  es[2][2] = {{BEG_S, BEG_S + 20}, {BEG_S + 25, BEG_S + 120}};
	transcript(f, "F", "protein_coding", ef, 2, C1, UTR3);
	transcript(f, "N", "lncRNA", en, 2, LEN, 0);
	transcript(f, "D", "nonsense_mediated_decay", ed, 1, BEG_D + 11, BEG_D + 100);
	transcript(f, "S", "protein_coding", es, 2, BEG_S + 40, BEG_S + 100);
	fclose(f);
}

static void bench_open(struct bench *b)
{
	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/check_annotate_sv.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->fa, sizeof b->fa, "%s/r.fa", b->dir);
	snprintf(b->fai, sizeof b->fai, "%s.fai", b->fa);
	snprintf(b->gff, sizeof b->gff, "%s/m.gff3", b->dir);
	files(b);
	b->cx.threads = 1;
	b->cx.refdata = "refdata";
	b->cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b->cx, b->fa, &b->cx.fasta) == 0, "%s", b->cx.err.msg);
	b->contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "1", LEN, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "HLA*01:01", 500, NULL), 0);
	b->cx.contigs = b->contigs;
	b->names[0] = "1";
	b->st.fasta_name = b->names;
	b->st.opt = (struct annotate_opt){.distance = DISTANCE, .no_hgvs = true};
	struct annotate_models_opt mo = {.gff = b->gff};
	ck_assert_msg(annotate_models_open(&b->cx, &mo, b->contigs, &b->st.models) == 0, "%s", b->cx.err.msg);
	b->st.features = annotate_models_has_features(b->st.models);
	ck_assert_msg(annotate_terms_load(&b->cx, &b->st.terms) == 0, "%s", b->cx.err.msg);
	ck_assert_msg(annotate_out_open(&b->cx, &b->st, &b->st.out) == 0, "%s", b->cx.err.msg);
	b->sh.tid = -1;
	b->w = (struct annotate_work){.st = &b->st,
		.cx = &b->cx,
		.sh = &b->sh,
		.part = &b->part,
		.mem = grx_arena_new(),
		.keep = grx_arena_new(),
		.win_mem = grx_arena_new()};
}

static void bench_close(struct bench *b)
{
	annotate_out_close(b->st.out);
	annotate_models_free(b->st.models);
	grx_arena_free(b->w.mem);
	grx_arena_free(b->w.keep);
	grx_arena_free(b->w.win_mem);
	grx_str_clear(&b->w.txt);
	grx_contigs_free(b->contigs);
	grx_fasta_close(b->cx.fasta);
	grx_log_free(b->cx.log);
	unlink(b->fa);
	unlink(b->fai);
	unlink(b->gff);
	rmdir(b->dir);
}

/* A record at pos (0-based); info: "END=5;SVLEN=-3,4;SVTYPE=DEL" or "". */
struct site {
	int pos, n_ref;
	const char *alt, *info;
};

static void info_put(struct bench *b, struct grx_var *v, char *item)
{
	char *val = strchr(item, '=');
	*val++ = '\0';
	if (strcmp(item, "SVTYPE") == 0) {
		grx_var_info_set(b->w.mem, v, "SVTYPE", GRX_T_STR, 1)->v.s[0] = grx_arena_strdup(
			b->w.mem, val);
		return;
	}
	int n = 1;
	for (char *c = val; *c; c++)
		n += *c == ',';
	struct grx_field *f = grx_var_info_set(
		b->w.mem, v, strcmp(item, "END") == 0 ? "END" : "SVLEN", GRX_T_INT, n);
	for (int i = 0; i < n; i++) {
		f->v.i[i] = *val == '.' ? GRX_INT_MISSING : (int32_t)strtol(val, NULL, 10);
		val += strcspn(val, ",") + 1;
	}
}

static struct annotate_record judge(struct bench *b, const struct site *s)
{
	struct annotate_record r;
	struct grx_var *v = grx_arena_calloc(b->w.mem, 1, sizeof *v);
	char *ref = grx_arena_strndup(b->w.mem, b->seq + s->pos, (size_t)s->n_ref);
	char *alts = grx_arena_strdup(b->w.mem, s->alt), *save;
	const char *allele[5] = {ref};
	int n = 1;
	for (char *a = strtok_r(alts, ",", &save); a; a = strtok_r(NULL, ",", &save))
		allele[n++] = a;
	v->pos = s->pos;
	v->rlen = s->n_ref;
	ck_assert_int_eq(grx_var_alleles_set(b->w.mem, v, n, allele), 0);
	char *info = grx_arena_strdup(b->w.mem, s->info);
	for (char *i = strtok_r(info, ";", &save); i; i = strtok_r(NULL, ";", &save))
		info_put(b, v, i);
	ck_assert_msg(annotate_record_make(&b->w, v, &r) == 0, "%s", b->cx.err.msg);
	return r;
}

/* Terms of allele i on transcript id ("": intergenic); 0 without such an entry. */
static uint64_t terms_on(const struct annotate_record *r, int i, const char *id)
{
	ck_assert_int_lt(i, r->n_al);
	for (int k = 0; k < r->n_entry[i]; k++)
		if (strcmp(r->entry[i][k].tx ? r->entry[i][k].tx->id : "", id) == 0)
			return r->entry[i][k].terms;
	return 0;
}

static char *text_of(uint64_t terms, char *buf, size_t cap)
{
	struct grx_str s = {0};
	annotate_terms_add(&s, terms);
	snprintf(buf, cap, "%s", s.n ? s.s : "");
	grx_str_clear(&s);
	return buf;
}

static uint64_t expect(struct bench *b, const struct site *s, const char *id, const char *terms)
{
	char buf[400];
	struct annotate_record r = judge(b, s);
	uint64_t t = r.n_al ? terms_on(&r, 0, id) : 0;
	ck_assert_msg(strcmp(text_of(t, buf, sizeof buf), terms) == 0, "%d %s %s on %s: '%s', expected '%s'",
		s->pos, s->alt, s->info, id, buf, terms);
	return t;
}

/* A variant for each term: sequence alleles, structural alleles. */
static const struct {
	struct site s;
	const char *id, *terms;
} each_term[] = {
	{{C1 + 17, 1, "A", ""}, "F", "stop_gained"},
	{{C26 + 20, 1, "C", ""}, "F", "stop_lost"},
	{{C26 + 22, 1, "G", ""}, "F", "stop_retained_variant"},
	{{C1, 1, "G", ""}, "F", "start_lost"},
	{{C1, 1, "ATGA", ""}, "F", "start_retained_variant"},
	{{C1 + 8, 2, "A", ""}, "F", "frameshift_variant"},
	{{C1 + 3, 1, "C", ""}, "F", "missense_variant"},
	{{C1 + 5, 1, "C", ""}, "F", "synonymous_variant"},
	{{C26 + 4, 4, "A", ""}, "F", "inframe_deletion"},
	{{C26 + 7, 1, "AGAA", ""}, "F", "inframe_insertion"},
	{{C26 + 8, 1, "TGCA", ""}, "F", "protein_altering_variant"},
	{{INTRON, 1, "A", ""}, "F", "splice_donor_variant"},
	{{INTRON + 2, 1, "C", ""}, "F", "splice_donor_region_variant&intron_variant"},
	{{INTRON + 4, 1, "C", ""}, "F", "splice_donor_5th_base_variant&intron_variant"},
	{{INTRON + 7, 1, "A", ""}, "F", "splice_region_variant&intron_variant"},
	{{C26 - 12, 1, "A", ""}, "F", "splice_polypyrimidine_tract_variant&intron_variant"},
	{{C26 - 1, 1, "T", ""}, "F", "splice_acceptor_variant"},
	{{INTRON - 2, 5, "T", ""}, "F",
		"splice_donor_variant&splice_donor_region_variant&coding_sequence_variant&intron_variant"},
	{{C1 - 3, 1, "C", ""}, "F", "5_prime_UTR_variant"},
	{{UTR3 + 3, 1, "C", ""}, "F", "3_prime_UTR_variant"},
	{{BEG_N + 5, 1, "*,N", ""}, "N", "non_coding_transcript_exon_variant"},
	{{BEG_N + 70, 1, "N", ""}, "N", "intron_variant&non_coding_transcript_variant"},
	{{BEG_D + 5, 1, "N", ""}, "D", "5_prime_UTR_variant&NMD_transcript_variant"},
	{{BEG_D + 98, 2, "NN", ""}, "D",
		"incomplete_terminal_codon_variant&coding_sequence_variant&NMD_transcript_variant"},
	{{BEG_S + 22, 1, "N", ""}, "S", "sequence_variant"},
	{{BEG_F - 20, 1, "N", ""}, "F", "upstream_gene_variant"},
	{{END_F + 20, 1, "N", ""}, "F", "downstream_gene_variant"},
	{{100, 1, "N", ""}, "", "intergenic_variant"},
	{{BEG_F - 2, 1, "<DEL>", "END=500"}, "F", "transcript_ablation"},
	{{BEG_F - 2, N_ALL + 4, "N", ""}, "F", "transcript_ablation"},
	{{BEG_F - 2, 1, "<DUP>", "END=500"}, "F", "transcript_amplification"},
	{{C1 + 4, 1, "<INS>", "SVLEN=300"}, "F", "feature_elongation&coding_sequence_variant"},
	{{C26 + 10, 1, "<DEL>", "END=600"}, "F",
		"stop_lost&feature_truncation&coding_sequence_variant&3_prime_UTR_variant"},
	{{BEG_F - 2, 1, "<INV>", "END=500"}, "F", "coding_transcript_variant"},
};

START_TEST(all_terms)
{
	struct bench b;
	uint64_t seen = 0;
	bench_open(&b);
	for (size_t i = 0; i < sizeof each_term / sizeof *each_term; i++)
		seen |= expect(&b, &each_term[i].s, each_term[i].id, each_term[i].terms);
	/* a mature miRNA says it alone, for a base and for a deletion */
	const struct annotate_exon exon = {.beg = 10, .end = 90};
	const struct annotate_mark mark = {AT_MARK_MATURE, 20, 42};
	struct annotate_tx mir = {.strand = 1,
		.beg = 10,
		.end = 90,
		.n_exon = 1,
		.exon = &exon,
		.n_mark = 1,
		.mark = &mark,
		.cdna_len = 80,
		.biotype = "miRNA"};
	struct annotate_allele al = {
		.beg = 41, .end = 42, .ref = "A", .alt = "C", .ref_len = 1, .alt_len = 1};
	struct annotate_eval ev = {.tx = &mir, .al = &al, .alt = "C"};
	ck_assert_uint_eq(annotate_consequence(&ev), AT_BIT(AT_MATURE_MIRNA));
	al.beg = 42, al.end = 43;
	ck_assert_uint_eq(annotate_consequence(&ev), AT_BIT(AT_NC_EXON));
	al = (struct annotate_allele){.sv = AT_SV_DEL, .beg = 41, .end = 300, .ref = "", .alt = ""};
	ck_assert_uint_eq(annotate_sv_terms(&mir, &al, &ev.pl), AT_BIT(AT_MATURE_MIRNA));
	seen |= AT_BIT(AT_MATURE_MIRNA);
	for (int motif = 0; motif < 2; motif++)
		for (int sv = AT_SV_DEL; sv <= AT_SV_DUP; sv++) {
			struct annotate_feature f = {.beg = 41, .end = 300, .motif = motif};
			al.sv = (uint8_t)sv;
			seen |= annotate_feature_terms(&f, &al);
		}
	for (int i = 0; i < AT_N; i++)
		ck_assert_msg(seen & AT_BIT(i), "%s was not reached", annotate_term_name[i]);
	bench_close(&b);
}
END_TEST

static const struct {
	struct site s;
	const char *id, *terms;
} structural[] = {
	/* either sign of SVLEN, or END */
	{{C1 + 3, 1, "<DEL>", "SVLEN=-3"}, "F", "feature_truncation&inframe_deletion"},
	{{C1 + 3, 1, "<DEL>", "SVLEN=4"}, "F", "frameshift_variant&feature_truncation"},
	{{C1 + 3, 1, "<DEL:ME:ALU>", "END=317;SVTYPE=DEL"}, "F", "feature_truncation&inframe_deletion"},
	{{C1 - 3, 1, "<DEL>", "SVLEN=5"}, "F",
		"start_lost&feature_truncation&coding_sequence_variant&5_prime_UTR_variant"},
	/* inside the intron: nothing is truncated */
	{{INTRON + 15, 1, "<DEL>", "SVLEN=-5"}, "F", "intron_variant"},
	{{INTRON - 1, 1, "<DEL>", "SVLEN=-5"}, "F",
		"splice_donor_variant&splice_donor_5th_base_variant&intron_variant"},
	{{INTRON - 5, 1, "<DUP>", "SVLEN=10"}, "F",
		"feature_elongation&coding_sequence_variant&intron_variant"},
	{{INTRON - 5, 1, "<DUP:TANDEM>", "END=900"}, "F",
		"coding_sequence_variant&3_prime_UTR_variant&intron_variant"},
	{{INTRON - 5, 1, "<CNV>", "SVLEN=10"}, "F", "coding_sequence_variant&intron_variant"},
	{{INTRON - 5, 1, "<CNV>", "SVLEN=10;SVTYPE=DEL"}, "F",
		"splice_donor_variant&feature_truncation&splice_donor_5th_base_variant&"
		"coding_sequence_variant&intron_variant"},
	{{BEG_F - 2, 1, "<CN0>", "END=500"}, "F", "transcript_ablation"},
	{{BEG_F - 2, 1, "<CN=3>", "END=500"}, "F", "transcript_amplification"},
	{{BEG_F - 2, 1, "<CN1>", "END=500"}, "F", "coding_transcript_variant"},
	{{BEG_F - 2, 1, "<CNV>", "END=1600"}, "N", "non_coding_transcript_variant"},
	{{BEG_F - 2, 1, "<INV>", "END=1600"}, "D", "NMD_transcript_variant"},
	{{INTRON - 5, 1, "<INV>", "SVLEN=0;END=350"}, "F",
		"splice_donor_variant&splice_donor_5th_base_variant&coding_sequence_variant&intron_variant"},
	{{INTRON + 15, 1, "<INS:ME:ALU>", "SVLEN=300"}, "F", "intron_variant"},
	{{BEG_N + 5, 1, "<INS>", ""}, "N", "feature_elongation&non_coding_transcript_exon_variant"},
	/* upstream: the interval ends before the transcript */
	{{BEG_F - 30, 1, "<DEL>", "END=290"}, "F", "upstream_gene_variant"},
	/* the four forms of a breakend, single ones, a symbol */
	{{C1 + 4, 1, "N[1:900[", ""}, "F", "feature_truncation&coding_sequence_variant"},
	{{C1 + 4, 1, "N]1:900]", ""}, "F", "feature_truncation&coding_sequence_variant"},
	{{C1 + 4, 1, "[1:900[N", ""}, "F", "feature_truncation&coding_sequence_variant"},
	{{C1 + 4, 1, "]1:900]N", ""}, "F", "feature_truncation&coding_sequence_variant"},
	{{INTRON + 15, 1, "NAC.", ""}, "F", "feature_truncation&intron_variant"},
	{{INTRON + 15, 1, ".N", ""}, "F", "feature_truncation&intron_variant"},
	{{INTRON + 15, 1, "<BND>", "END=3"}, "F", "feature_truncation&intron_variant"},
	{{BEG_F - 1, 1, "N.", ""}, "F", "upstream_gene_variant"}, /* before its first base */
	/* not judged */
	{{C1 + 4, 1, "<DEL>", ""}, "F", ""},
	{{C1 + 4, 1, "<DEL>", "END=3"}, "F", ""},
	{{C1 + 4, 1, "<DEL>", "SVLEN=."}, "F", ""},
	{{C1 + 4, 1, "<FOO>", "END=400"}, "F", ""},
	{{C1 + 4, 1, "<DELETION>", "END=400"}, "F", ""},
	{{C1 + 4, 1, "<CN>", "END=400"}, "F", ""},
	{{C1 + 4, 1, "<NON_REF>", "END=400"}, "F", ""},
	{{C1 + 4, 1, "<*>", ""}, "F", ""},
	{{C1 + 4, 1, "*", ""}, "F", ""},
	{{C1 + 4, 1, "N[:900[", ""}, "F", ""},
	{{C1 + 4, 1, "N[1:9x[", ""}, "F", ""},
	{{C1 + 4, 1, "N[1:9", ""}, "F", ""},
	{{C1 + 4, 1, "[[[", ""}, "F", ""},
};

START_TEST(structural_terms)
{
	struct bench b;
	bench_open(&b);
	for (size_t i = 0; i < sizeof structural / sizeof *structural; i++)
		expect(&b, &structural[i].s, structural[i].id, structural[i].terms);
	ck_assert_int_eq(b.part.n_sv[AT_SVN_NO_END], 2);
	ck_assert_int_eq(b.part.n_sv[AT_SVN_BAD_END], 1);
	ck_assert_int_eq(b.part.n_sv[AT_SVN_NON_REF], 2);
	ck_assert_int_eq(b.part.n_sv[AT_SVN_UNKNOWN], 7);
	ck_assert_int_eq(b.part.n_star, 1);
	ck_assert_int_eq(b.part.n_symbolic, 12);
	bench_close(&b);
}
END_TEST

/* Places, in detail. */
START_TEST(places)
{
	struct bench b;
	bench_open(&b);
	struct annotate_record r = judge(&b, &(struct site){C1, 1, "<DEL>,<DUP>", "END=400;SVLEN=-10,20"});
	ck_assert_int_eq(r.n_al, 2);
	ck_assert_int_eq(r.al[0].beg, C1 + 1);
	ck_assert_int_eq(r.al[0].end, C1 + 11);
	ck_assert_int_eq(r.al[1].end, C1 + 21);
	ck_assert_str_eq(r.al[1].shown, "duplication");
	ck_assert_str_eq(annotate_variant_class(r.v, &r.al[0]), "deletion");
	ck_assert_int_eq(annotate_sv_overlap(&r.al[0], C1, C1 + 5), 4);
	ck_assert(annotate_sv_overlap_pc(&r.al[0], C1, C1 + 5) == 80.0);
	/* beyond the contig: cut and counted */
	r = judge(&b, &(struct site){C1, 1, "<DEL>", "END=999999"});
	ck_assert_int_eq(r.al[0].end, LEN);
	ck_assert_int_eq(b.part.n_sv[AT_SVN_CLIPPED], 1);
	/* both ends of a breakend, contig names with colons; the mate names the ALT */
	r = judge(&b, &(struct site){C1, 1, "N[1:711[", ""});
	ck_assert_int_eq(r.n_al, 2);
	ck_assert_int_eq(r.al[0].beg, C1 + 1);
	ck_assert_str_eq(r.al[0].shown, "N.");
	ck_assert_int_eq(r.al[1].beg, 710);
	ck_assert_str_eq(r.al[1].shown, "N[1:711[");
	ck_assert_uint_eq(terms_on(&r, 1, "N"), AT_BIT(AT_FEATURE_TRUNCATION) | AT_BIT(AT_NC_EXON));
	r = judge(&b, &(struct site){C1, 1, "]HLA*01:01:7]N", ""});
	ck_assert_int_eq(r.al[0].beg, C1);
	ck_assert_str_eq(r.al[0].shown, ".N");
	ck_assert_int_eq(r.al[1].tid, 1);
	ck_assert_int_eq(r.al[1].beg, 7);
	ck_assert_uint_eq(terms_on(&r, 1, ""), AT_BIT(AT_INTERGENIC));
	ck_assert_str_eq(annotate_variant_class(r.v, &r.al[1]), "chromosome_breakpoint");
	/* mates nowhere */
	r = judge(&b, &(struct site){C1, 1, "N[2:7[,N[1:5000[,N[<ctg>:7[", ""});
	ck_assert_int_eq(r.n_al, 3);
	ck_assert_int_eq(b.part.n_sv[AT_SVN_NO_MATE], 3);
	bench_close(&b);
}
END_TEST

START_TEST(classes)
{
	static const struct {
		struct site s;
		const char *name;
	} row[] = {{{100, 1, "N", ""}, "SNV"}, {{100, 1, "N,R", ""}, "SNV"},
		{{100, 2, "NN", ""}, "substitution"}, {{100, 2, "NNN", ""}, "indel"},
		{{100, 2, "N", ""}, "indel"}, {{100, 3, "NNN,NN", ""}, "indel"},
		{{100, 1, "N,*", ""}, "sequence_alteration"}, {{100, 1, "<INS:ME:SVA>", ""}, "SVA_insertion"},
		{{100, 1, "<DUP:TANDEM>", "END=200"}, "tandem_duplication"},
		{{100, 1, "<CNV>", "END=200"}, "copy_number_variation"},
		{{100, 1, "<INV>", "END=200"}, "inversion"}};
	struct bench b;
	bench_open(&b);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct annotate_record r = judge(&b, &row[i].s);
		ck_assert_str_eq(annotate_variant_class(r.v, &r.al[0]), row[i].name);
	}
	/* with the anchor base */
	const char *const ins[] = {"A", "ATT", "AG"}, *const del[] = {"ACT", "A"},
			  *const both[] = {"AC", "A", "ACC"};
	const struct {
		const char *const *allele;
		int n;
		const char *name;
	} anchored[] = {{ins, 3, "insertion"}, {ins, 2, "insertion"}, {del, 2, "deletion"},
		{both, 3, "sequence_alteration"}};
	for (size_t i = 0; i < sizeof anchored / sizeof *anchored; i++) {
		struct grx_var v = {0};
		struct annotate_allele al = {.number = 1};
		ck_assert_int_eq(grx_var_alleles_set(b.w.mem, &v, anchored[i].n, anchored[i].allele), 0);
		ck_assert_str_eq(annotate_variant_class(&v, &al), anchored[i].name);
	}
	bench_close(&b);
}
END_TEST

static int truth_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	const char *allele[2] = {grx_table_get(t, col[0]), grx_table_get(t, col[1])};
	struct grx_var v = {.n_allele = 2, .allele = allele};
	struct annotate_allele al = {.number = 1};
	(void)cx;
	ck_assert_str_eq(annotate_variant_class(&v, &al), grx_table_get(t, col[2]));
	++*(int *)arg;
	return GRX_OK;
}

START_TEST(classes_as_theirs)
{
	static const char *const name[] = {"ref", "alt", "VARIANT_CLASS"};
	const char *dir = getenv("GRX_SHARED");
	char path[512];
	int n = 0;
	struct grx_ctx cx = {0};
	snprintf(path, sizeof path, "%s/data/annot/chr21/truth.tsv.gz", dir ? dir : "../shared");
	if (access(path, R_OK) != 0) {
		printf("SKIP: shared data absent: %s\n", path);
		return;
	}
	cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_table_each(&cx, path, name, 3, truth_row, &n) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(n, 83981);
	grx_log_free(cx.log);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_sv");
	TCase *t = tcase_create("annotate_sv");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, all_terms);
	tcase_add_test(t, structural_terms);
	tcase_add_test(t, places);
	tcase_add_test(t, classes);
	tcase_add_test(t, classes_as_theirs);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
