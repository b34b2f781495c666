/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate.c -- consequences and HGVS on a hand-made two-exon transcript. The same transcript lies on
 * the forward and (as its reverse complement) on the reverse strand; every case must give the same answer on
 * both. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "stage/annotate/annotate_int.h"
#include "stage/stages.h"

/*            1  2  3  4  5  6  7  8 */
#define UTR5    "GCGTCTCAGC"
#define CDS1    "ATGGCTCGAAAAAAATGGGATCATC"
#define INTRON  "GTAAGTCCAGTTGACCTATTCGATTACCTCTTTTCCACAG"
#define CDS2    "TGGAAGAATTTCCCTACGGTTAA"
#define UTR3    "TCATAGCTGATTCC"
#define MESSAGE UTR5 CDS1 INTRON CDS2 UTR3
#define GAP     300 /* bp of plain sequence around each transcript */

enum {
	N_UTR5 = sizeof UTR5 - 1,
	N_CDS1 = sizeof CDS1 - 1,
	N_INTRON = sizeof INTRON - 1,
	N_CDS2 = sizeof CDS2 - 1,
	N_UTR3 = sizeof UTR3 - 1,
	N_ALL = sizeof MESSAGE - 1,
	N_CDS = N_CDS1 + N_CDS2
};

/* A place in the transcript: c. position (beyond N_CDS: 3' UTR) and intron offset; then bases replaced, new
 * bases. */
struct site {
	int c, off, n;
	const char *alt;
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

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

/* Plain sequence without repeats that could shift an indel out of the transcript. */
static void plain(char *to, int n, unsigned seed)
{
	for (int i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		to[i] = "ACGT"[seed >> 16 & 3];
	}
}

static void gff_transcript(FILE *f, const char *id, int at, char strand, const char *biotype, bool coding)
{
	int n1 = N_UTR5 + N_CDS1, n2 = N_CDS2 + N_UTR3;
	int e1 = strand == '+' ? at : at + N_ALL - n1, e2 = strand == '+' ? at + n1 + N_INTRON : at;
	int c1 = strand == '+' ? e1 + N_UTR5 : e1, c2 = strand == '+' ? e2 : e2 + N_UTR3;
	fprintf(f, "1\tx\tgene\t%d\t%d\t.\t%c\t.\tID=gene:G%s;Name=SYM%s;biotype=%s\n", at + 1, at + N_ALL,
		strand, id, id, biotype);
	/* children before the parent's own line: the order of lines is free */
	fprintf(f, "1\tx\texon\t%d\t%d\t.\t%c\t.\tParent=transcript:%s\n", e2 + 1, e2 + n2, strand, id);
	fprintf(f, "1\tx\texon\t%d\t%d\t.\t%c\t.\tParent=transcript:%s\n", e1 + 1, e1 + n1, strand, id);
	if (coding) {
		fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t%c\t0\tParent=transcript:%s;protein_id=P%s\n", c1 + 1,
			c1 + N_CDS1, strand, id, id);
		fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t%c\t2\tParent=transcript:%s;protein_id=P%s\n", c2 + 1,
			c2 + N_CDS2, strand, id, id);
	}
	fprintf(f, "1\tx\tmRNA\t%d\t%d\t.\t%c\t.\tID=transcript:%s;Parent=gene:G%s;biotype=%s;version=3\n",
		at + 1, at + N_ALL, strand, id, id, biotype);
}

static void bench_open(struct bench *b)
{
	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/check_annotate.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->fa, sizeof b->fa, "%s/r.fa", b->dir);
	snprintf(b->fai, sizeof b->fai, "%s.fai", b->fa);
	snprintf(b->gff, sizeof b->gff, "%s/m.gff3", b->dir);
	/* GAP + forward + GAP + reverse + GAP + non-coding + GAP */
	b->n = 3 * N_ALL + 4 * GAP;
	b->seq = calloc(b->n + 1, 1);
	plain(b->seq, (int)b->n, 7);
	memcpy(b->seq + GAP, MESSAGE, N_ALL);
	char rc[N_ALL + 1];
	grx_revcomp(MESSAGE, N_ALL, rc);
	memcpy(b->seq + 2 * GAP + N_ALL, rc, N_ALL);
	memcpy(b->seq + 3 * GAP + 2 * N_ALL, MESSAGE, N_ALL);
	FILE *f = fopen(b->fa, "w");
	fprintf(f, ">chr1\n%s\n", b->seq);
	fclose(f);
	f = fopen(b->fai, "w");
	fprintf(f, "chr1\t%zu\t6\t%zu\t%zu\n", b->n, b->n, b->n + 1);
	fclose(f);
	f = fopen(b->gff, "w");
	fprintf(f, "##gff-version 3\n");
	gff_transcript(f, "F", GAP, '+', "protein_coding", true);
	gff_transcript(f, "R", 2 * GAP + N_ALL, '-', "protein_coding", true);
	gff_transcript(f, "N", 3 * GAP + 2 * N_ALL, '+', "lncRNA", false);
	fclose(f);
	b->cx.threads = 1;
	b->cx.refdata = "refdata";
	b->cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b->cx, b->fa, &b->cx.fasta) == 0, "%s", b->cx.err.msg);
	b->contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "chr1", (int64_t)b->n, NULL), 0);
	b->cx.contigs = b->contigs;
	b->cx.hdr = grx_hdr_new(b->contigs);
	b->opt = (struct annotate_opt){.gff = b->gff, .distance = 100, .ref_mismatch = "flag"};
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

/* CSQ of one record, copied into out. */
static void annotate_one(
	struct bench *b, int64_t pos, const char *ref, const char *alt, char *out, size_t cap)
{
	struct grx_arena *mem = grx_arena_new();
	struct grx_vars *vs = grx_vars_new(mem, b->cx.hdr);
	struct grx_var *v = grx_vars_push(vs);
	const char *allele[2] = {ref, alt};
	v->tid = 0;
	v->pos = pos;
	v->rlen = (int64_t)strlen(ref);
	ck_assert_int_eq(grx_var_alleles_set(mem, v, 2, allele), 0);
	struct grx_shard sh = {.tid = -1, .vars = vs, .mem = mem};
	ck_assert_msg(grx_stage_annotate.shard(b->state, &b->cx, &sh) == 0, "%s", b->cx.err.msg);
	ck_assert_msg(grx_stage_annotate.merge(b->state, &b->cx, &sh) == 0, "%s", b->cx.err.msg);
	const struct grx_field *f = grx_var_info(&vs->v[0], "CSQ");
	snprintf(out, cap, "%s", f ? f->v.s[0] : "");
	grx_arena_free(mem);
}

/* Field i (0-based) of the entry of transcript id. */
static char *field_of(const char *csq, const char *id, int want, char *buf, size_t cap)
{
	char copy[8192], *save, *e;
	snprintf(copy, sizeof copy, "%s", csq);
	buf[0] = '\0';
	for (e = strtok_r(copy, ",", &save); e; e = strtok_r(NULL, ",", &save)) {
		char *f[32] = {0}, *p = e;
		for (int i = 0; i < 32 && p; i++) {
			f[i] = p;
			p = strchr(p, '|');
			if (p)
				*p++ = '\0';
		}
		ck_assert_msg(f[28] != NULL, "29 fields in an entry");
		if (strcmp(f[6], id) == 0)
			snprintf(buf, cap, "%s", f[want]);
	}
	return buf;
}

static int message_offset(int c, int off)
{
	int at = c > 0 ? N_UTR5 + c - 1 : N_UTR5 + c;
	if (c > N_CDS1)
		at += N_INTRON;
	return at + off;
}

/* VCF record of a change in the message at `at`, on the strand. */
static void record_of(
	struct bench *b, const struct site *s, char strand, int64_t base, int64_t *pos, char *ref, char *alt)
{
	int at = message_offset(s->c, s->off);
	int64_t g = strand == '+' ? base + at : base + N_ALL - at - s->n;
	char a[64];
	snprintf(a, sizeof a, "%s", s->alt);
	if (strand == '-')
		grx_revcomp(s->alt, strlen(s->alt), a);
	bool anchor = s->n == 0 || !*a;
	*pos = anchor ? g - 1 : g;
	snprintf(ref, 128, "%.*s", s->n + anchor, b->seq + *pos);
	snprintf(alt, 128, "%.*s%s", (int)anchor, b->seq + *pos, a);
}

struct expect {
	struct site at;
	const char *terms, *hgvsc, *hgvsp;
};

static const struct expect cases[] = {
	{{4, 0, 1, "C"}, "missense_variant", "c.4G>C", "p.Ala2Pro"},
	{{6, 0, 1, "C"}, "synonymous_variant", "c.6T>C", "p.Ala2%3D"},
	{{18, 0, 1, "A"}, "stop_gained", "c.18G>A", "p.Trp6Ter"},
	{{46, 0, 1, "C"}, "stop_lost", "c.46T>C", "p.Ter16GlnextTer2"},
	{{48, 0, 1, "G"}, "stop_retained_variant", "c.48A>G", "p.Ter16%3D"},
	{{1, 0, 1, "G"}, "start_lost", "c.1A>G", "p.Met1?"},
	{{2, 0, 1, ""}, "frameshift_variant&start_lost", "c.2del", "p.Met1?"},
	{{10, 0, 1, ""}, "frameshift_variant", "c.15del", "p.Lys5AsnfsTer15"}, /* 3' rule in A7 */
	{{40, 0, 0, "T"}, "frameshift_variant", "c.40dup", "p.Tyr14LeufsTer?"},
	{{16, 0, 2, "CC"}, "missense_variant", "c.16_17delinsCC", "p.Trp6Pro"},
	{{31, 0, 3, ""}, "inframe_deletion", "c.31_33del", "p.Glu11del"},
	{{34, 0, 0, "GAA"}, "inframe_insertion", "c.31_33dup", "p.Glu11dup"},
	{{37, 0, 0, "AGC"}, "inframe_insertion", "c.36_37insAGC", "p.Phe12_Pro13insSer"},
	{{35, 0, 0, "GCA"}, "protein_altering_variant", "c.34_35insGCA", "p.Phe12delinsCysIle"},
	{{35, 0, 0, "AGC"}, "stop_gained", "c.34_35insAGC", "p.Phe12Ter"},
	{{25, 1, 1, "A"}, "splice_donor_variant", "c.25+1G>A", ""},
	{{25, 3, 1, "C"}, "splice_donor_region_variant&intron_variant", "c.25+3A>C", ""},
	{{25, 5, 1, "C"}, "splice_donor_5th_base_variant&intron_variant", "c.25+5G>C", ""},
	{{25, 8, 1, "A"}, "splice_region_variant&intron_variant", "c.25+8C>A", ""},
	{{25, 20, 1, "A"}, "intron_variant", "c.25+20T>A", ""},
	{{26, -20, 1, "A"}, "intron_variant", "c.26-20C>A", ""},
	{{26, -12, 1, "A"}, "splice_polypyrimidine_tract_variant&intron_variant", "c.26-12T>A", ""},
	{{26, -3, 1, "T"}, "splice_region_variant&splice_polypyrimidine_tract_variant&intron_variant",
		"c.26-3C>T", ""},
	{{26, -1, 1, "T"}, "splice_acceptor_variant", "c.26-1G>T", ""},
	{{24, 0, 4, ""}, "splice_donor_variant&coding_sequence_variant", "c.24_25+2del", ""},
	{{24, 0, 1, "C"}, "splice_region_variant&synonymous_variant", "c.24T>C", "p.His8%3D"},
	{{-3, 0, 1, "C"}, "5_prime_UTR_variant", "c.-3A>C", ""},
	{{N_CDS + 4, 0, 1, "C"}, "3_prime_UTR_variant", "c.*4T>C", ""},
};

static void check_case(struct bench *b, const struct expect *x, char strand, const char *id, int64_t base)
{
	char ref[128], alt[128], csq[8192], buf[256], want[256];
	int64_t pos;
	record_of(b, &x->at, strand, base, &pos, ref, alt);
	annotate_one(b, pos, ref, alt, csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, id, 1, buf, sizeof buf), x->terms);
	snprintf(want, sizeof want, "%s.3:%s", id, x->hgvsc);
	ck_assert_str_eq(field_of(csq, id, 10, buf, sizeof buf), want);
	snprintf(want, sizeof want, "P%s.1:%s", id, x->hgvsp);
	ck_assert_str_eq(field_of(csq, id, 11, buf, sizeof buf), *x->hgvsp ? want : "");
}

START_TEST(both_strands_agree)
{
	struct bench b;
	bench_open(&b);
	check_case(&b, &cases[_i], '+', "F", GAP);
	check_case(&b, &cases[_i], '-', "R", 2 * GAP + N_ALL);
	bench_close(&b);
}
END_TEST

START_TEST(coordinates_and_neighbours)
{
	struct bench b;
	char csq[8192], buf[256];
	bench_open(&b);
	/* c.4: cDNA 14, codon 2; 0-based genome GAP + 13 */
	annotate_one(&b, GAP + 13, "G", "C", csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, "F", 8, buf, sizeof buf), "1/2");
	ck_assert_str_eq(field_of(csq, "F", 12, buf, sizeof buf), "14");
	ck_assert_str_eq(field_of(csq, "F", 13, buf, sizeof buf), "4");
	ck_assert_str_eq(field_of(csq, "F", 14, buf, sizeof buf), "2");
	ck_assert_str_eq(field_of(csq, "F", 15, buf, sizeof buf), "A/P");
	ck_assert_str_eq(field_of(csq, "F", 16, buf, sizeof buf), "Gct/Cct");
	/* the reverse transcript is further away than --distance: no entry for it */
	ck_assert_str_eq(field_of(csq, "R", 1, buf, sizeof buf), "");
	/* 10 bp before the forward transcript */
	char one[2] = {b.seq[GAP - 10], 0}, other[2] = {b.seq[GAP - 10] == 'A' ? 'C' : 'A', 0};
	annotate_one(&b, GAP - 10, one, other, csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, "F", 1, buf, sizeof buf), "upstream_gene_variant");
	ck_assert_str_eq(field_of(csq, "F", 18, buf, sizeof buf), "10");
	/* far from everything */
	one[0] = b.seq[10];
	other[0] = b.seq[10] == 'A' ? 'C' : 'A';
	annotate_one(&b, 10, one, other, csq, sizeof csq);
	ck_assert_ptr_nonnull(strstr(csq, "|intergenic_variant|MODIFIER|"));
	ck_assert_str_eq(field_of(csq, "", 1, buf, sizeof buf), "intergenic_variant");
	bench_close(&b);
}
END_TEST

START_TEST(non_coding_is_numbered_by_n)
{
	struct bench b;
	char csq[8192], buf[256];
	int64_t at = 3 * GAP + 2 * N_ALL;
	bench_open(&b);
	annotate_one(&b, at + 13, "G", "C", csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, "N", 1, buf, sizeof buf), "non_coding_transcript_exon_variant");
	ck_assert_str_eq(field_of(csq, "N", 10, buf, sizeof buf), "N.3:n.14G>C");
	annotate_one(&b, at + 35 + 19, "T", "A", csq, sizeof csq);
	ck_assert_str_eq(
		field_of(csq, "N", 1, buf, sizeof buf), "intron_variant&non_coding_transcript_variant");
	bench_close(&b);
}
END_TEST

START_TEST(odd_alleles_get_no_consequence)
{
	struct bench b;
	char csq[8192], buf[256];
	bench_open(&b);
	const char *odd[] = {"*", "<DEL>", "<NON_REF>"};
	/* breakends and symbols with an end: check_annotate_sv.c */
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		annotate_one(&b, GAP + 13, "G", odd[i], csq, sizeof csq);
		ck_assert_str_eq(csq, "");
	}
	/* an ambiguous base is in the CDS, but its residue is unknown */
	annotate_one(&b, GAP + 13, "G", "N", csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, "F", 1, buf, sizeof buf), "coding_sequence_variant");
	ck_assert_str_eq(field_of(csq, "F", 10, buf, sizeof buf), "");
	bench_close(&b);
}
END_TEST

START_TEST(wrong_ref_is_flagged_then_refused)
{
	struct bench b;
	char csq[8192], buf[256];
	bench_open(&b);
	struct grx_facts *fs = grx_facts_new();
	json_t *sum = json_object();
	annotate_one(&b, GAP + 13, "T", "C", csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, "F", 20, buf, sizeof buf), "REF_MISMATCH");
	ck_assert_int_eq(grx_stage_annotate.finish(b.state, &b.cx, fs, sum), GRX_OK);
	json_decref(sum);
	grx_facts_free(fs);
	grx_stage_annotate.close(b.state);

	/* the default */
	b.opt.ref_mismatch = "error";
	ck_assert_int_eq(grx_stage_annotate.open(&b.opt, &b.cx, &b.state), GRX_OK);
	fs = grx_facts_new();
	sum = json_object();
	annotate_one(&b, GAP + 13, "T", "C", csq, sizeof csq);
	ck_assert_int_eq(grx_stage_annotate.finish(b.state, &b.cx, fs, sum), GRX_E_MISMATCH);
	snprintf(buf, sizeof buf, "1 of 1 records is not what the FASTA has (chr1:%d)", GAP + 14);
	ck_assert_msg(strstr(b.cx.err.msg, buf) != NULL, "%s", b.cx.err.msg);
	json_decref(sum);
	grx_facts_free(fs);
	bench_close(&b);
}
END_TEST

/* A CDS that starts with two bases of a codon (phase 2): one N completes it. */
START_TEST(incomplete_start)
{
	struct bench b;
	char csq[8192], buf[256], text[512];
	bench_open(&b);
	grx_stage_annotate.close(b.state);
	int s = GAP + N_UTR5 + 2; /* TGGCTCGA...: from the second base of the start codon */
	snprintf(text, sizeof text,
		"chr1\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:I;biotype=nonsense_mediated_decay\n"
		"chr1\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:I\n"
		"chr1\tx\tCDS\t%d\t%d\t.\t+\t2\tParent=transcript:I\n",
		s, GAP + N_ALL, s, GAP + N_ALL, s, s + 22);
	write_text(b.gff, text);
	ck_assert_msg(grx_stage_annotate.open(&b.opt, &b.cx, &b.state) == 0, "%s", b.cx.err.msg);
	/* G of GCT (c.4 of the whole CDS): the third base here, fourth with the N */
	annotate_one(&b, GAP + N_UTR5 + 3, "G", "C", csq, sizeof csq);
	ck_assert_str_eq(field_of(csq, "I", 1, buf, sizeof buf), "missense_variant&NMD_transcript_variant");
	ck_assert_str_eq(field_of(csq, "I", 13, buf, sizeof buf), "4");
	ck_assert_str_eq(field_of(csq, "I", 11, buf, sizeof buf), "I.1:p.Ala2Pro");
	ck_assert_str_eq(field_of(csq, "I", 20, buf, sizeof buf), "cds_start_NF");
	/* no start codon to lose */
	annotate_one(&b, GAP + N_UTR5 + 1, "T", "C", csq, sizeof csq);
	ck_assert_str_eq(
		field_of(csq, "I", 1, buf, sizeof buf), "coding_sequence_variant&NMD_transcript_variant");
	bench_close(&b);
}
END_TEST

START_TEST(genetic_codes)
{
	ck_assert_int_eq(annotate_codon("TGA", 1), '*');
	ck_assert_int_eq(annotate_codon("TGA", 2), 'W');
	ck_assert_int_eq(annotate_codon("AGA", 2), '*');
	ck_assert_int_eq(annotate_codon("ATA", 2), 'M');
	ck_assert_int_eq(annotate_codon("ACN", 1), 'T');
	ck_assert_int_eq(annotate_codon("NNN", 1), 'X');
	ck_assert_str_eq(annotate_three('*'), "Ter");
	ck_assert_str_eq(annotate_three('U'), "Sec");
}
END_TEST

/* Text -> status of the loader. */
static int load(const char *text, struct grx_ctx *cx)
{
	char path[] = "/tmp/check_annotate.XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	write_text(path, text);
	struct grx_contigs *d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(cx, d, "chr1", 1000, NULL), 0);
	struct annotate_models *m = NULL;
	int rc = annotate_models_open(cx, &(struct annotate_models_opt){.gff = path}, d, &m);
	annotate_models_free(m);
	grx_contigs_free(d);
	unlink(path);
	return rc;
}

START_TEST(bad_models)
{
	const struct {
		const char *text;
		int rc;
		const char *says;
	} bad[] = {
		{"", GRX_E_DATA, "no feature lines"},
		{"chr1\tx\texon\t5\n", GRX_E_DATA, ":1: found 4 columns"},
		{"#c\nchr1\tx\texon\t9\t5\t.\t+\t.\tParent=t\n", GRX_E_DATA, ":2: start '9' and end '5'"},
		{"chr1\tx\texon\t1\t5\t.\tx\t.\tParent=t\n", GRX_E_DATA, "strand 'x'"},
		{"chr1\tx\tCDS\t1\t5\t.\t+\t7\tParent=t\n", GRX_E_DATA, "phase '7'"},
		{"chr1\tx\texon\t1\t5000\t.\t+\t.\tParent=t\n", GRX_E_MISMATCH, "beyond"},
		{"chr9\tx\texon\t1\t5\t.\t+\t.\tParent=t\n", GRX_E_MISMATCH, "no sequence name in common"},
		{"1\tx\tgene\t1\t5\t.\t+\t.\tID=g\n", GRX_E_DATA, "0 transcripts"},
		{"1\tx\tmRNA\t1\t5\t.\t+\t.\tID=t\n1\tx\texon\t1\t5\t.\t+\t.\tParent=t\n", GRX_OK, ""},
		{"1\tx\texon\t1\t9\t.\t+\t.\tgene_id \"g\"; transcript_id \"t\";\n"
		 "1\tx\ttranscript\t1\t9\t.\t+\t.\tgene_id \"g\"; transcript_id \"t\";\n",
			GRX_OK, ""},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct grx_ctx cx = {0};
		cx.log = grx_log_new(0, false);
		ck_assert_msg(load(bad[i].text, &cx) == bad[i].rc, "case %zu: %s", i, cx.err.msg);
		ck_assert_msg(strstr(cx.err.msg, bad[i].says) != NULL, "case %zu: %s", i, cx.err.msg);
		grx_log_free(cx.log);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate");
	TCase *t = tcase_create("annotate");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, both_strands_agree, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_test(t, coordinates_and_neighbours);
	tcase_add_test(t, non_coding_is_numbered_by_n);
	tcase_add_test(t, odd_alleles_get_no_consequence);
	tcase_add_test(t, wrong_ref_is_flagged_then_refused);
	tcase_add_test(t, incomplete_start);
	tcase_add_test(t, genetic_codes);
	tcase_add_test(t, bad_models);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
