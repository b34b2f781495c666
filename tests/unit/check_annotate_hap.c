/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_hap.c -- joint changes of phased alleles on a hand-made two-exon transcript, which lies on
 * the forward and, as its reverse complement, on the reverse strand: every case must give the same on both.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "stage/annotate/hap.h"
#include "stage/annotate/record.h"
#include "stage/stages.h"

/*               1  2  3  4  5  6  7  8 (9) 10 11 12 13 14 15 16 */
#define UTR5    "GCGTCTCAGC"
#define CDS1    "ATGGCTCGAAAAAAATGGGATCATC"
#define INTRON  "GTAAGTCCAGTTGACCTATTCGATTACCTCTTTTCCACAG"
#define CDS2    "TGGAAGAATTTCCCTACGGTTAA"
#define UTR3    "TCATAGCTGATTCC"
#define MESSAGE UTR5 CDS1 INTRON CDS2 UTR3
#define GAP     300

enum {
	N_UTR5 = sizeof UTR5 - 1,
	N_CDS1 = sizeof CDS1 - 1,
	N_INTRON = sizeof INTRON - 1,
	N_CDS2 = sizeof CDS2 - 1,
	N_ALL = sizeof MESSAGE - 1,
	MAX_SITE = 4,
	MAX_SAMPLE = 3
};

/* n bases of the CDS from c. position `c` on become alt; genotypes as text; ps by sample, 0 none. */
struct site {
	int c, n;
	const char *alt, *alt2, *gt[MAX_SAMPLE];
	int ps[MAX_SAMPLE];
};

struct expect {
	const char *what, *phase;
	struct site site[MAX_SITE];
	int judged;                          /* the site whose entry is looked at */
	const char *terms, *hgvsp, *changes; /* NULL terms: nothing joint */
	int at;                              /* site that carries it */
	bool unphased, behind;
	int n_sample;
	int n_unknown, n_overlapping;
};

static const struct expect cases[] = {
	{"two bases of a codon", "a", {{4, 1, "C", 0, {"0|1"}, {0}}, {5, 1, "A", 0, {"0|1"}, {0}}}, 1,
		"missense_variant", "p.Ala2His", "4G>C+5C>A", 0, false, false, 1, 0, 0},
	{"on different copies", "a", {{4, 1, "C", 0, {"0|1"}, {0}}, {5, 1, "A", 0, {"1|0"}, {0}}}, 1, NULL,
		NULL, NULL, 0, false, false, 0, 0, 0},
	{"neighbouring codons", "a", {{6, 1, "C", 0, {"0|1"}, {0}}, {7, 1, "A", 0, {"0|1"}, {0}}}, 1, NULL,
		NULL, NULL, 0, false, false, 0, 0, 0},
	{"the codon over the exon border", "a",
		{{25, 1, "A", 0, {"1|0"}, {0}}, {26, 1, "A", 0, {"1|0"}, {0}}}, 0, "missense_variant",
		"p.Leu9Lys", "25C>A+26T>A", 0, false, false, 1, 0, 0},
	{"a lost base and one put back", "a", {{7, 1, "", 0, {"1|0"}, {0}}, {18, 1, "GC", 0, {"1|0"}, {0}}},
		1, "missense_variant", "p.Arg3_Trp6delinsGluLysAsnGly", NULL, 0, false, false, 1, 0, 0},
	{"a change within a shifted frame", "a", {{7, 1, "", 0, {"1|0"}, {0}}, {20, 1, "C", 0, {"1|0"}, {0}}},
		1, "frameshift_variant", NULL, NULL, 0, false, false, 1, 0, 0},
	{"behind a new stop", "a", {{18, 1, "A", 0, {"0|1"}, {0}}, {31, 1, "C", 0, {"0|1"}, {0}}}, 1,
		"stop_gained", "p.Trp6Ter", "18G>A+31G>C", 0, false, true, 1, 0, 0},
	{"the new stop itself is what it was", "a",
		{{18, 1, "A", 0, {"0|1"}, {0}}, {31, 1, "C", 0, {"0|1"}, {0}}}, 0, NULL, NULL, NULL, 0, false,
		false, 0, 0, 0},
	{"homozygous goes with a phased one in the other order", "a",
		{{16, 1, "G", 0, {"1|1"}, {0}}, {17, 1, "A", 0, {"0|1"}, {0}}}, 0, "missense_variant",
		"p.Trp6Glu", NULL, 0, false, false, 1, 0, 0},
	{"homozygous goes with a phased one", "a",
		{{4, 1, "C", 0, {"1/1"}, {0}}, {5, 1, "A", 0, {"0|1"}, {0}}}, 0, "missense_variant",
		"p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"homozygous goes with an unphased one", "a",
		{{4, 1, "C", 0, {"1/1"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}}, 0, "missense_variant",
		"p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"unphased as written", "a", {{4, 1, "C", 0, {"0/1"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}}, 0,
		"missense_variant", "p.Ala2His", NULL, 0, true, false, 1, 0, 0},
	{"one of the two unphased", "a", {{4, 1, "C", 0, {"0|1"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}}, 0,
		"missense_variant", "p.Ala2His", NULL, 0, true, false, 1, 0, 0},
	{"unphased skipped", "s", {{4, 1, "C", 0, {"0/1"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}}, 0, NULL, NULL,
		NULL, 0, false, false, 0, 0, 0},
	{"unphased merged", "m", {{4, 1, "C", 0, {"0/1"}, {0}}, {5, 1, "A", 0, {"1/0"}, {0}}}, 0,
		"missense_variant", "p.Ala2His", NULL, 0, true, false, 1, 0, 0},
	{"without the reference allele", "R", {{4, 1, "C", 0, {"0/1"}, {0}}, {5, 1, "A", 0, {"1/0"}, {0}}}, 0,
		"missense_variant", "p.Ala2His", NULL, 0, true, false, 1, 0, 0},
	{"one phase set", "a", {{4, 1, "C", 0, {"0|1"}, {7}}, {5, 1, "A", 0, {"0|1"}, {7}}}, 1,
		"missense_variant", "p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"two phase sets", "a", {{4, 1, "C", 0, {"0|1"}, {7}}, {5, 1, "A", 0, {"0|1"}, {8}}}, 1, NULL, NULL,
		NULL, 0, false, false, 0, 0, 0},
	{"another phase set within", "a",
		{{4, 1, "C", 0, {"0|1"}, {7}}, {5, 1, "A", 0, {"0|1"}, {8}}, {6, 1, "A", 0, {"0|1"}, {7}}}, 0,
		NULL, NULL, NULL, 0, false, false, 0, 1, 0},
	{"homozygous with each phase set", "a",
		{{4, 1, "C", 0, {"0|1"}, {7}}, {5, 1, "A", 0, {"1|1"}, {0}}, {34, 1, "A", 0, {"0|1"}, {8}}},
		0, "missense_variant", "p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"not called within the codon", "a",
		{{4, 1, "C", 0, {"0|1"}, {0}}, {5, 1, "A", 0, {"./."}, {0}}, {6, 1, "A", 0, {"0|1"}, {0}}}, 0,
		NULL, NULL, NULL, 0, false, false, 0, 1, 0},
	{"not called elsewhere", "a",
		{{4, 1, "C", 0, {"0|1"}, {0}}, {5, 1, "A", 0, {"0|1"}, {0}}, {31, 1, "C", 0, {"./."}, {0}}},
		0, "missense_variant", "p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"the second ALT", "a", {{4, 1, "T", "C", {"0|2"}, {0}}, {5, 1, "A", 0, {"0|1"}, {0}}}, 1,
		"missense_variant", "p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"the stop codon", "a", {{46, 1, "C", 0, {"0|1"}, {0}}, {47, 1, "G", 0, {"0|1"}, {0}}}, 0,
		"stop_lost", NULL, NULL, 0, false, false, 1, 0, 0},
	{"behind a lost start", "a",
		{{1, 1, "G", 0, {"0|1"}, {0}}, {4, 1, "C", 0, {"0|1"}, {0}}, {5, 1, "A", 0, {"0|1"}, {0}}}, 1,
		NULL, NULL, NULL, 0, false, false, 0, 0, 0},
	{"the start codon itself", "a", {{1, 1, "G", 0, {"0|1"}, {0}}, {2, 1, "C", 0, {"0|1"}, {0}}}, 0,
		"start_lost", "p.Met1?", NULL, 0, false, false, 1, 0, 0},
	{"one within the other", "a", {{16, 3, "", 0, {"0|1"}, {0}}, {17, 1, "C", 0, {"0|1"}, {0}}}, 1, NULL,
		NULL, NULL, 0, false, false, 0, 0, 2},
	{"several samples", "a",
		{{4, 1, "C", 0, {"0|1", "1|1", "1|0"}, {0}}, {5, 1, "A", 0, {"0|1", "1|1", "0|1"}, {0}}}, 0,
		"missense_variant", "p.Ala2His", NULL, 0, false, false, 2, 0, 0},
	{"the one that most carry", "a",
		{{4, 1, "C", 0, {"1|0", "1|0", "0|1"}, {0}}, {5, 1, "A", 0, {"0|0", "0|0", "0|1"}, {0}},
			{6, 1, "A", 0, {"1|0", "1|0", "0|0"}, {0}}},
		0, "missense_variant", "p.Ala2Pro", NULL, 0, false, false, 2, 0, 0},
	{"an in-frame deletion beside the last residue is no shifted frame", "a",
		{{41, 3, "", 0, {"0|1"}, {0}}, {44, 1, "A", 0, {"0|1"}, {0}}}, 0, "inframe_deletion",
		"p.Gly15del", "41_43del+44G>A", 0, false, false, 1, 0, 0},
	{"a residue and a stop in frame", "a",
		{{15, 3, "CTA", 0, {"0|1"}, {0}}, {18, 1, "A", 0, {"0|1"}, {0}}}, 0, "stop_gained",
		"p.Lys5_Trp6delinsAsnTer", NULL, 0, false, false, 1, 0, 0},
	{"an unphased one within that may lie on this copy", "a",
		{{4, 1, "C", 0, {"1|0"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}}, 0,
		"missense_variant", "p.Ala2Pro", "4G>C+6T>A", 0, true, false, 1, 0, 0},
	{"an unphased one elsewhere", "a",
		{{4, 1, "C", 0, {"1|0"}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}, {31, 1, "C", 0, {"0/1"}, {0}}},
		0, "missense_variant", "p.Ala2Pro", "4G>C+6T>A", 0, false, false, 1, 0, 0},
	{"an unphased shift of the frame before", "a",
		{{2, 1, "TT", 0, {"0/1"}, {0}}, {4, 1, "C", 0, {"1|0"}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}},
		1, "missense_variant", "p.Ala2Pro", "4G>C+6T>A", 1, true, false, 1, 0, 0},
	{"one allele not called, the other the reference: either copy", "a",
		{{4, 1, "C", 0, {"1|0"}, {0}}, {5, 1, "A", 0, {"0/."}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}}, 0,
		NULL, NULL, NULL, 0, false, false, 0, 1, 0},
	{"one allele not called on the other copy", "a",
		{{4, 1, "C", 0, {"1|0"}, {0}}, {5, 1, "A", 0, {"0|."}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}}, 0,
		"missense_variant", "p.Ala2Pro", NULL, 0, false, false, 1, 0, 0},
	{"one allele not called, the other carried, unphased", "a",
		{{4, 1, "C", 0, {"1|0"}, {0}}, {5, 1, "A", 0, {"./1"}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}}, 0,
		NULL, NULL, NULL, 0, false, false, 0, 1, 0},
	{"multi-allelic heterozygote", "a", {{4, 1, "T", "C", {"1|2"}, {0}}, {5, 1, "A", 0, {"0|1"}, {0}}}, 1,
		"missense_variant", "p.Ala2His", NULL, 0, false, false, 1, 0, 0},
	{"not called before, where an allele shifts the frame", "a",
		{{2, 1, "TT", 0, {"./."}, {0}}, {4, 1, "C", 0, {"1|0"}, {0}}, {6, 1, "A", 0, {"1|0"}, {0}}},
		1, NULL, NULL, NULL, 0, false, false, 0, 1, 0},
	{"homozygous around an unphased one: one copy has these two whatever its phase", "a",
		{{4, 1, "C", 0, {"1/1"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}, {6, 1, "A", 0, {"1/1"}, {0}}}, 0,
		"missense_variant", NULL, NULL, 0, false, false, 1, 0, 0},
	{"behind a stop, where an unphased allele may take it out of frame", "a",
		{{5, 1, "AA", 0, {"0/1"}, {0}}, {18, 1, "A", 0, {"1|0"}, {0}}, {31, 1, "C", 0, {"1|0"}, {0}}},
		2, "stop_gained", "p.Trp6Ter", "18G>A+31G>C", 1, true, true, 1, 0, 0},
	{"haploid", "a", {{4, 1, "C", 0, {"1"}, {0}}, {5, 1, "A", 0, {"1"}, {0}}}, 0, "missense_variant",
		"p.Ala2His", NULL, 0, false, false, 1, 0, 0},
};

struct bench {
	char dir[64], fa[96], fai[112], gff[96];
	char *seq;
	size_t n;
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct annotate_opt opt;
	void *state;
};

static void gff_transcript(FILE *f, const char *id, int at, char strand)
{
	int n1 = N_UTR5 + N_CDS1, n2 = N_ALL - n1 - N_INTRON;
	int e1 = strand == '+' ? at : at + N_ALL - n1, e2 = strand == '+' ? at + n1 + N_INTRON : at;
	int c1 = strand == '+' ? e1 + N_UTR5 : e1, c2 = strand == '+' ? e2 : e2 + n2 - N_CDS2;
	fprintf(f, "1\tx\tgene\t%d\t%d\t.\t%c\t.\tID=gene:G%s;Name=S%s;biotype=protein_coding\n", at + 1,
		at + N_ALL, strand, id, id);
	fprintf(f, "1\tx\tmRNA\t%d\t%d\t.\t%c\t.\tID=transcript:%s;Parent=gene:G%s;biotype=protein_coding\n",
		at + 1, at + N_ALL, strand, id, id);
	fprintf(f, "1\tx\texon\t%d\t%d\t.\t%c\t.\tParent=transcript:%s\n", e1 + 1, e1 + n1, strand, id);
	fprintf(f, "1\tx\texon\t%d\t%d\t.\t%c\t.\tParent=transcript:%s\n", e2 + 1, e2 + n2, strand, id);
	fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t%c\t0\tParent=transcript:%s\n", c1 + 1, c1 + N_CDS1, strand, id);
	fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t%c\t2\tParent=transcript:%s\n", c2 + 1, c2 + N_CDS2, strand, id);
}

static void files_make(struct bench *b)
{
	unsigned seed = 7;
	char rc[N_ALL + 1];
	b->n = 2 * N_ALL + 3 * GAP;
	b->seq = calloc(b->n + 1, 1);
	for (size_t i = 0; i < b->n; i++) {
		seed = seed * 1103515245u + 12345u;
		b->seq[i] = "ACGT"[seed >> 16 & 3];
	}
	memcpy(b->seq + GAP, MESSAGE, N_ALL);
	grx_revcomp(MESSAGE, N_ALL, rc);
	memcpy(b->seq + 2 * GAP + N_ALL, rc, N_ALL);
	FILE *f = fopen(b->fa, "w");
	fprintf(f, ">1\n%s\n", b->seq);
	fclose(f);
	f = fopen(b->fai, "w");
	fprintf(f, "1\t%zu\t3\t%zu\t%zu\n", b->n, b->n, b->n + 1);
	fclose(f);
	f = fopen(b->gff, "w");
	gff_transcript(f, "F", GAP, '+');
	gff_transcript(f, "R", 2 * GAP + N_ALL, '-');
	fclose(f);
}

static void bench_open(struct bench *b, const char *phase, int n_sample)
{
	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/check_hap.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->fa, sizeof b->fa, "%s/r.fa", b->dir);
	snprintf(b->fai, sizeof b->fai, "%s.fai", b->fa);
	snprintf(b->gff, sizeof b->gff, "%s/m.gff3", b->dir);
	files_make(b);
	b->cx.threads = 1;
	b->cx.refdata = "refdata";
	b->cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b->cx, b->fa, &b->cx.fasta) == 0, "%s", b->cx.err.msg);
	b->contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "1", (int64_t)b->n, NULL), 0);
	b->cx.contigs = b->contigs;
	b->cx.hdr = grx_hdr_new(b->contigs);
	for (int i = 0; i < n_sample; i++) {
		char name[8];
		snprintf(name, sizeof name, "S%d", i);
		ck_assert_int_eq(grx_hdr_sample_add(&b->cx, b->cx.hdr, name), 0);
	}
	b->opt = (struct annotate_opt){.gff = b->gff,
		.distance = 100,
		.ref_mismatch = "error",
		.haplotypes = true,
		.phase = phase,
		.ncsq = 15};
	ck_assert_msg(grx_stage_annotate.open(&b->opt, &b->cx, &b->state) == 0, "%s", b->cx.err.msg);
}

static void bench_close(struct bench *b)
{
	grx_stage_annotate.close(b->state);
	grx_hdr_free(b->cx.hdr);
	grx_contigs_free(b->contigs);
	grx_fasta_close(b->cx.fasta);
	grx_log_free(b->cx.log);
	unlink(b->fa);
	unlink(b->fai);
	unlink(b->gff);
	rmdir(b->dir);
	free(b->seq);
}

static int message_offset(int c)
{
	return N_UTR5 + c - 1 + (c > N_CDS1 ? N_INTRON : 0);
}

static void alt_of(char *to, const char *seq, bool anchor, const char *alt, char strand)
{
	char a[64] = "";
	if (strand == '-')
		grx_revcomp(alt, strlen(alt), a);
	snprintf(to, 64, "%.*s%s", (int)anchor, seq, strand == '-' ? a : alt);
}

/* Codes of one genotype text, and whether it is phased. */
static void gt_read(const char *s, int32_t g[2])
{
	bool phased = strchr(s, '|') != NULL;
	const char *second = strpbrk(s, "|/");
	g[0] = *s == '.' ? 0 : GRX_GT(atoi(s), false);
	g[1] = !second ? GRX_INT_END : second[1] == '.' ? phased : GRX_GT(atoi(second + 1), phased);
}

static void record_add(struct bench *b, struct grx_vars *vs, const struct site *s, char strand, int64_t base)
{
	struct grx_var *v = grx_vars_push(vs);
	int at = message_offset(s->c), n = b->cx.hdr->n_sample;
	int64_t g = strand == '+' ? base + at : base + N_ALL - at - s->n;
	bool anchor = !*s->alt;
	char ref[64], alt[64], alt2[64];
	g -= anchor;
	snprintf(ref, sizeof ref, "%.*s", s->n + anchor, b->seq + g);
	alt_of(alt, b->seq + g, anchor, s->alt, strand);
	alt_of(alt2, b->seq + g, anchor, s->alt2 ? s->alt2 : "", strand);
	const char *allele[3] = {ref, alt, alt2};
	v->tid = 0;
	v->pos = g;
	v->rlen = (int64_t)strlen(ref);
	ck_assert_int_eq(grx_var_alleles_set(vs->mem, v, s->alt2 ? 3 : 2, allele), 0);
	ck_assert_int_eq(grx_var_gt_alloc(vs->mem, v, 2, n), 0);
	struct grx_field *ps = s->ps[0] ? grx_var_fmt_set(vs->mem, v, "PS", GRX_T_INT, 1, n) : NULL;
	for (int i = 0; i < n; i++) {
		gt_read(s->gt[i], v->gt + 2 * i);
		if (ps)
			ps->v.i[i] = s->ps[i];
	}
}

static void joint_check(const struct expect *x, const struct annotate_entry *e, int64_t at)
{
	if (!x->terms) {
		ck_assert_msg(!e->hap, "%s: joint %s", x->what, e->hap ? e->hap->changes : "");
		return;
	}
	struct grx_str s = {0};
	ck_assert_msg(e->hap != NULL, "%s: nothing joint", x->what);
	annotate_terms_add(&s, e->hap->terms);
	ck_assert_msg(strcmp(s.s, x->terms) == 0, "%s: %s", x->what, s.s);
	const char *p = strchr(e->hap->hgvsp, ':');
	ck_assert_msg(!x->hgvsp || (p && strcmp(p + 1, x->hgvsp) == 0), "%s: %s", x->what, e->hap->hgvsp);
	ck_assert_msg(
		!x->changes || strcmp(e->hap->changes, x->changes) == 0, "%s: %s", x->what, e->hap->changes);
	ck_assert_msg(e->hap->unphased == x->unphased, "%s: phase", x->what);
	ck_assert_msg(e->hap->behind_stop == x->behind, "%s: stop", x->what);
	ck_assert_msg(e->hap->n_sample == x->n_sample, "%s: %d samples", x->what, e->hap->n_sample);
	ck_assert_msg(e->hap->at == at, "%s: at %lld", x->what, (long long)e->hap->at);
	grx_str_clear(&s);
}

static const struct annotate_entry *entry_of(const struct annotate_record *r, const char *id, int allele)
{
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t k = 0; k < r->n_entry[i]; k++)
			if (r->al[i].number == allele && r->entry[i][k].tx &&
				strcmp(r->entry[i][k].tx->id, id) == 0)
				return &r->entry[i][k];
	ck_abort_msg("no entry");
	return NULL;
}

static void case_run(struct bench *b, const struct expect *x, char strand, int64_t base)
{
	struct grx_arena *mem = grx_arena_new();
	struct grx_vars *vs = grx_vars_new(mem, b->cx.hdr);
	struct annotate_part part = {0};
	struct grx_shard sh = {.tid = -1, .vars = vs, .mem = mem};
	struct annotate_work w = {.st = b->state, .cx = &b->cx, .sh = &sh, .keep = mem, .part = &part};
	struct annotate_record r[MAX_SITE];
	int n = 0;
	w.mem = grx_arena_new();
	w.win_mem = grx_arena_new();
	while (n < MAX_SITE && x->site[n].alt)
		n++;
	for (int i = 0; i < n; i++)
		record_add(b, vs, &x->site[strand == '+' ? i : n - 1 - i], strand, base);
	for (int i = 0; i < n; i++)
		ck_assert_msg(annotate_record_make(&w, &vs->v[i], &r[i]) == 0, "%s", b->cx.err.msg);
	ck_assert_msg(annotate_hap_shard(&w, r, (size_t)n) == 0, "%s", b->cx.err.msg);
	int judged = strand == '+' ? x->judged : n - 1 - x->judged,
	    at = strand == '+' ? x->at : n - 1 - x->at;
	int allele = x->site[x->judged].alt2 ? 2 : 1;
	joint_check(x, entry_of(&r[judged], strand == '+' ? "F" : "R", allele), vs->v[at].pos + 1);
	ck_assert_msg(part.hap.n_unknown == x->n_unknown, "%s: %d unknown", x->what, (int)part.hap.n_unknown);
	ck_assert_msg(part.hap.n_overlapping == x->n_overlapping, "%s: %d overlap", x->what,
		(int)part.hap.n_overlapping);
	grx_str_clear(&w.txt);
	grx_arena_free(w.mem);
	grx_arena_free(w.win_mem);
	grx_arena_free(mem);
}

START_TEST(both_strands_agree)
{
	struct bench b;
	const struct expect *x = &cases[_i];
	int n = 1;
	while (n < MAX_SAMPLE && x->site[0].gt[n])
		n++;
	bench_open(&b, x->phase, n);
	case_run(&b, x, '+', GAP);
	case_run(&b, x, '-', 2 * GAP + N_ALL);
	bench_close(&b);
}
END_TEST

START_TEST(unphased_is_refused_on_request)
{
	struct bench b;
	bench_open(&b, "r", 1);
	struct site s[2] = {{4, 1, "C", 0, {"0/1"}, {0}}, {5, 1, "A", 0, {"0/1"}, {0}}};
	struct grx_arena *mem = grx_arena_new();
	struct grx_vars *vs = grx_vars_new(mem, b.cx.hdr);
	struct grx_shard sh = {.tid = -1, .vars = vs, .mem = mem};
	record_add(&b, vs, &s[0], '+', GAP);
	record_add(&b, vs, &s[1], '+', GAP);
	ck_assert_int_eq(grx_stage_annotate.shard(b.state, &b.cx, &sh), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(b.cx.err.msg, "1:314: the heterozygous genotype of S0"));
	grx_arena_free(mem);
	bench_close(&b);
}
END_TEST

START_TEST(blocks_do_not_end_within_a_coding_span)
{
	struct bench b;
	bench_open(&b, "a", 1);
	const struct annotate_state *st = b.state;
	int64_t a = GAP + N_UTR5, e = GAP + N_UTR5 + N_CDS1 + N_INTRON + N_CDS2;
	ck_assert(annotate_hap_joined(st, 0, a, a + 50));
	ck_assert(annotate_hap_joined(st, 0, a, e - 1));
	ck_assert(!annotate_hap_joined(st, 0, a, e));
	ck_assert(!annotate_hap_joined(st, 0, e, e + 5));
	bench_close(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_hap");
	TCase *c = tcase_create("joint");
	tcase_add_loop_test(c, both_strands_agree, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_test(c, unphased_is_refused_on_request);
	tcase_add_test(c, blocks_do_not_end_within_a_coding_span);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
