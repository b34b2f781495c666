/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_acmg.c -- ACMG/AMP: both combiners against their definitions over all combinations, every
 * leaf of the PVS1 tree, and every criterion met, not met and not assessed, on a hand-made gene of six exons.
 * Expectations of sequence come from a plain translation here, not from the stage's. Run from the project
 * root. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/out.h"
#include "io/fasta.h"
#include "math/prob.h"
#include "stage/annotate/acmg_int.h"
#include "stage/stages.h"

/* --- combiners --- */

/* Richards 2015, table 5, written out line by line, with the line of ClinGen for PM2. */
static bool table_p(int vs, int s, int m, int p)
{
	return (vs && s) || (vs && m >= 2) || (vs && m && p) || (vs && p >= 2) || vs >= 2 || s >= 2 ||
	       (s && m >= 3) || (s && m == 2 && p >= 2) || (s && m == 1 && p >= 4);
}

static bool table_lp(int vs, int s, int m, int p)
{
	return (vs && m) || (s && m) || (s && p >= 2) || m >= 3 || (m == 2 && p >= 2) || (m == 1 && p >= 4) ||
	       (vs && p);
}

START_TEST(test_2015_over_all_combinations)
{
	for (int i = 0; i < 3 * 4 * 5 * 6 * 2 * 3 * 4; i++) {
		int x = i, vs = x % 3, s = (x /= 3) % 4, m = (x /= 4) % 5, p = (x /= 5) % 6,
		    ba = (x /= 6) % 2, bs = (x /= 2) % 3, bp = (x /= 3) % 4;
		struct annotate_acmg_counts n = {vs, s, m, p, ba, bs, bp};
		bool path = table_p(vs, s, m, p), lp = table_lp(vs, s, m, p);
		bool b = ba || bs >= 2, lb = (bs && bp) || bp >= 2;
		int want = (path || lp) && (b || lb) ? AC_UNCERTAIN
			   : path                    ? AC_PATHOGENIC
			   : lp                      ? AC_LIKELY_PATHOGENIC
			   : b                       ? AC_BENIGN
			   : lb                      ? AC_LIKELY_BENIGN
						     : AC_UNCERTAIN;
		ck_assert_int_eq(annotate_acmg_2015(&n), want);
	}
}
END_TEST

START_TEST(test_points_and_posterior)
{
	const struct annotate_acmg_cut cut = {10, 6, -1, -7};
	static const int worth[] = {1, 2, 4, 8};
	for (int p = -20; p <= 20; p++) {
		int want = p >= 10   ? AC_PATHOGENIC
			   : p >= 6  ? AC_LIKELY_PATHOGENIC
			   : p >= 0  ? AC_UNCERTAIN
			   : p >= -6 ? AC_LIKELY_BENIGN
				     : AC_BENIGN;
		ck_assert_int_eq(annotate_acmg_by_points(p, false, &cut), want);
		ck_assert_int_eq(annotate_acmg_by_points(p, true, &cut), AC_BENIGN);
		double odds = pow(350, p / 8.0);
		ck_assert_double_eq_tol(annotate_acmg_odds(p) / odds, 1, 1e-12);
		ck_assert_double_eq_tol(
			annotate_acmg_posterior(p, 0.1), odds * 0.1 / ((odds - 1) * 0.1 + 1), 1e-12);
	}
	/* the anchors of the paper: one very strong one is 350:1, supporting its eighth root */
	ck_assert_double_eq_tol(annotate_acmg_odds(8), 350, 1e-9);
	ck_assert_double_eq_tol(annotate_acmg_odds(1), 2.08, 0.005);
	ck_assert(annotate_acmg_posterior(6, 0.102) > 0.90 && annotate_acmg_posterior(10, 0.102) > 0.99);
	/* every code at every strength */
	for (int code = 0; code < AC_N; code++)
		for (int st = 0; st < 4; st++) {
			struct annotate_acmg_crit c[AC_N] = {{0}};
			struct annotate_acmg_counts n;
			c[code].state = AC_MET;
			c[code].strength = (uint8_t)st;
			ck_assert_int_eq(
				annotate_acmg_points(c, &n), code >= AC_BA1 ? -worth[st] : worth[st]);
			c[code].state = AC_NOT_MET;
			ck_assert_int_eq(annotate_acmg_points(c, &n), 0);
			ck_assert_int_eq(n.vs + n.s + n.m + n.p + n.ba + n.bs + n.bp, 0);
		}
}
END_TEST

START_TEST(test_words)
{
	ck_assert_int_eq(annotate_acmg_clnsig("Pathogenic|drug_response"), AC_PATHOGENIC);
	ck_assert_int_eq(annotate_acmg_clnsig("Pathogenic/Likely_pathogenic"), AC_LIKELY_PATHOGENIC);
	ck_assert_int_eq(annotate_acmg_clnsig("Pathogenic,_low_penetrance"), -1);
	ck_assert_int_eq(annotate_acmg_clnsig("Conflicting_classifications_of_pathogenicity"), -1);
	ck_assert_int_eq(annotate_acmg_stars("criteria_provided,_multiple_submitters,_no_conflicts"), 2);
	ck_assert_int_eq(annotate_acmg_stars("no_assertion_criteria_provided"), 0);
	ck_assert(annotate_acmg_in_ranges("10-20,30-40", 20, 29));
	ck_assert(!annotate_acmg_in_ranges("10-20,30-40", 21, 29));
}
END_TEST

/* --- a gene --- */

/* Exons: number of bases; the first holds no coding sequence, the last ends with 40 bases of 3' UTR. */
enum { N_EXON = 6, UTR5 = 40, HEAD = 10, CDS = 597, LEAD = 300, INTRON = 100 };
static const int exon_len[N_EXON] = {UTR5, HEAD + 30, 57, 100, 300, 110 + 40};

struct bench {
	char dir[64], fa[96], fai[112], gff[96], rules[96], evidence[96], index[96];
	char seq[4096], cds[CDS + 1];
	int n, exon_at[N_EXON];
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct annotate_opt opt;
	struct annotate_state *st;
	char text[4096], cls[64], met[256];
	int points;
	const char *filter;     /* value of role FILTER */
	const char *several;    /* value of role AF as text */
	const char *homs;       /* value of role NHOMALT as text */
	bool af_max;            /* the frequency is the largest of populations */
	const char *gene, *tag; /* NULL: GENEA, MANE_Select */
	const char *third;      /* tag of T3; NULL: Ensembl_canonical */
	int unknown_from;       /* CDS base from which the reference is N; 0 none */
	bool second, canonical; /* GFF with a transcript of another exon; with a canonical one that begins in
				   exon 2 */
};

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static unsigned rnd(unsigned *s)
{
	return *s = *s * 1103515245u + 12345u, *s >> 16;
}

/* Codons without a stop in frame; residue 50 is the next methionine, 100..109 a run of one codon. */
static void make_cds(char *cds)
{
	static const char codon[8][4] = {"GCT", "CAG", "GAC", "TTC", "CGT", "AAG", "ACC", "GTG"};
	unsigned s = 5;
	for (int i = 0; i < CDS / 3; i++)
		memcpy(cds + 3 * i,
			i == 0 || i == 49    ? "ATG"
			: i >= 99 && i < 109 ? "CAG"
					     : codon[rnd(&s) & 7],
			3);
	memcpy(cds + 3 * 62, "CAC", 3);
	memcpy(cds + 3 * 111, "CAC", 3);
	memcpy(cds + CDS - 3, "TAA", 4);
}

static void make_seq(struct bench *b)
{
	unsigned s = 9;
	int at = LEAD, c = 0;
	make_cds(b->cds);
	b->n = 2 * LEAD + (N_EXON - 1) * INTRON;
	for (int i = 0; i < N_EXON; i++)
		b->n += exon_len[i];
	for (int i = 0; i < b->n; i++)
		b->seq[i] = "ACGT"[rnd(&s) & 3];
	for (int i = 0; i < N_EXON; i++) {
		b->exon_at[i] = at;
		for (int k = 0; k < exon_len[i]; k++)
			if (i > (k < HEAD) && c < CDS)
				b->seq[at + k] = b->cds[c++];
			else if (i > 1 && c < CDS)
				b->seq[at + k] = b->cds[c++];
		at += exon_len[i];
		if (i < N_EXON - 1) {
			memcpy(b->seq + at, "GTAAGT", 6);
			memcpy(b->seq + at + INTRON - 2, "AG", 2);
			for (int k = 0; i == 2 && k < 30; k++)
				b->seq[at + 40 + k] = "CAG"[k % 3];
			at += INTRON;
		}
	}
	ck_assert_int_eq(c, CDS);
}

/* Genomic place of CDS base 1.. */
static int place(const struct bench *b, int cds)
{
	int left = cds - 1;
	for (int i = 1; i < N_EXON; i++) {
		int skip = i == 1 ? HEAD : 0, n = exon_len[i] - skip;
		if (left < n)
			return b->exon_at[i] + skip + left;
		left -= n;
	}
	ck_abort_msg("no such base");
}

static void transcript(FILE *f, const struct bench *b, const char *id, const char *gene, const char *tag,
	int first, int last)
{
	fprintf(f,
		"1\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:%s;Parent=gene:%s;biotype=protein_coding;version="
		"1;tag=%s\n",
		b->exon_at[first] + 1, b->exon_at[last] + exon_len[last], id, gene, tag);
	int phase = 0;
	for (int i = first; i <= last; i++) {
		int beg = b->exon_at[i], end = beg + exon_len[i];
		fprintf(f, "1\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:%s\n", beg + 1, end, id);
		int cb = i == 1 ? beg + HEAD : beg, ce = i == N_EXON - 1 ? end - 40 : end;
		if (i == 0)
			continue;
		fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t+\t%d\tParent=transcript:%s;protein_id=P%s\n", cb + 1, ce,
			phase, id, id);
		phase = (3 - (ce - cb - phase) % 3) % 3;
	}
}

/* T2 has an exon of 30 bases in the intron after exon 2; T3 begins at a start codon of its own in exon 4. */
static void extra_transcripts(FILE *f, const struct bench *b)
{
	int x = b->exon_at[2] + exon_len[2] + 40;
	if (b->second) {
		fprintf(f,
			"1\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:T2;Parent=gene:G;biotype=protein_coding;"
			"version=1\n",
			b->exon_at[1] + 1, b->exon_at[4] + exon_len[4]);
		int part[4][3] = {{b->exon_at[1], exon_len[1], HEAD}, {b->exon_at[2], exon_len[2], 0},
			{x, 30, 0}, {b->exon_at[4], exon_len[4], 0}};
		for (int i = 0; i < 4; i++) {
			fprintf(f, "1\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:T2\n", part[i][0] + 1,
				part[i][0] + part[i][1]);
			fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t+\t0\tParent=transcript:T2;protein_id=PT2\n",
				part[i][0] + part[i][2] + 1, part[i][0] + part[i][1]);
		}
	}
	if (b->canonical) {
		int from = place(b, 3 * 49 + 1);
		fprintf(f,
			"1\tx\tmRNA\t%d\t%d\t.\t+\t.\tID=transcript:T3;Parent=gene:G;biotype=protein_coding;"
			"version=1;tag=%s\n",
			b->exon_at[1] + 1, b->exon_at[4] + exon_len[4],
			b->third ? b->third : "Ensembl_canonical");
		for (int i = 1; i < 5; i++)
			fprintf(f, "1\tx\texon\t%d\t%d\t.\t+\t.\tParent=transcript:T3\n", b->exon_at[i] + 1,
				b->exon_at[i] + exon_len[i]);
		fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t+\t0\tParent=transcript:T3;protein_id=PT3\n", from + 1,
			b->exon_at[3] + exon_len[3]);
		fprintf(f, "1\tx\tCDS\t%d\t%d\t.\t+\t2\tParent=transcript:T3;protein_id=PT3\n",
			b->exon_at[4] + 1, b->exon_at[4] + exon_len[4]);
	}
}

static void bench_open_as(
	struct bench *b, const char *rules, const char *evidence, bool index, bool second, bool canonical)
{
	char text[8192];
	b->second = second;
	b->canonical = canonical;
	snprintf(b->dir, sizeof b->dir, "/tmp/check_acmg.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->fa, sizeof b->fa, "%s/r.fa", b->dir);
	snprintf(b->fai, sizeof b->fai, "%s.fai", b->fa);
	snprintf(b->gff, sizeof b->gff, "%s/m.gff3", b->dir);
	snprintf(b->rules, sizeof b->rules, "%s/rules.tsv", b->dir);
	snprintf(b->evidence, sizeof b->evidence, "%s/e.tsv", b->dir);
	snprintf(b->index, sizeof b->index, "%s/x.gxa", b->dir);
	make_seq(b);
	for (int i = b->unknown_from ? place(b, b->unknown_from) : b->n; i < b->n; i++)
		b->seq[i] = 'N';
	snprintf(text, sizeof text, ">chr1\n%s\n", b->seq);
	put(b->fa, text);
	snprintf(text, sizeof text, "chr1\t%d\t6\t%d\t%d\n", b->n, b->n, b->n + 1);
	put(b->fai, text);
	FILE *f = fopen(b->gff, "w");
	fprintf(f, "##gff-version 3\n1\tx\tgene\t%d\t%d\t.\t+\t.\tID=gene:G;Name=%s;biotype=protein_coding\n",
		LEAD + 1, b->n - LEAD, b->gene ? b->gene : "GENEA");
	transcript(f, b, "T1", "G", b->tag ? b->tag : "MANE_Select", 0, N_EXON - 1);
	extra_transcripts(f, b);
	fclose(f);
	snprintf(text, sizeof text, "gene\tkey\tvalue\tsource\n*\tfact_min_points\t-100\ttest\n%s", rules);
	put(b->rules, text);
	if (evidence) {
		snprintf(text, sizeof text, "variant\tcode\tstrength\tnote\n%s", evidence);
		put(b->evidence, text);
	}
	b->cx.threads = 1;
	b->cx.refdata = "refdata";
	b->cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b->cx, b->fa, &b->cx.fasta) == 0, "%s", b->cx.err.msg);
	b->contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->contigs, "chr1", b->n, NULL), 0);
	b->cx.contigs = b->contigs;
	b->cx.hdr = grx_hdr_new(b->contigs);
	ck_assert_int_eq(grx_hdr_sample_add(&b->cx, b->cx.hdr, "S"), 0);
	b->opt = (struct annotate_opt){.gff = b->gff,
		.distance = 100,
		.acmg = true,
		.acmg_rules = b->rules,
		.evidence = evidence ? b->evidence : NULL,
		.ref_mismatch = "error",
		.acmg_index = index ? b->index : NULL};
}

static void bench_open_with(
	struct bench *b, const char *rules, const char *evidence, bool index, bool second, bool canonical)
{
	memset(b, 0, sizeof *b);
	bench_open_as(b, rules, evidence, index, second, canonical);
}

static void bench_open(struct bench *b, const char *rules, const char *evidence, bool index)
{
	bench_open_with(b, rules, evidence, index, false, false);
}

static void bench_start(struct bench *b)
{
	void *state;
	ck_assert_msg(grx_stage_annotate.open(&b->opt, &b->cx, &state) == 0, "%s", b->cx.err.msg);
	b->st = state;
}

static void bench_close(struct bench *b)
{
	char cmd[128];
	grx_stage_annotate.close(b->st);
	grx_hdr_free(b->cx.hdr);
	grx_contigs_free(b->contigs);
	grx_fasta_close(b->cx.fasta);
	grx_log_free(b->cx.log);
	snprintf(cmd, sizeof cmd, "rm -r %s", b->dir);
	ck_assert_int_eq(system(cmd), 0);
}

/* A joined value: role and number. */
struct val {
	enum annotate_acmg_role role;
	double x;
};

/* Classify REF>ALT at pos (0-based) with the values (ended by role AR_N); the text of one criterion. */
static const char *run(
	struct bench *b, int pos, const char *ref, const char *alt, int end, const struct val *val, int code)
{
	struct grx_arena *mem = grx_arena_new();
	struct grx_vars *vs = grx_vars_new(mem, b->cx.hdr);
	struct grx_var *v = grx_vars_push(vs);
	const char *allele[2] = {ref, alt};
	static const char *const column[AR_N] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9",
		"c10", "c11", "c12", "c13", "c14", "c15", "c16"};
	v->tid = 0;
	v->pos = pos;
	v->rlen = end ? end - pos : (int64_t)strlen(ref);
	ck_assert_int_eq(grx_var_alleles_set(mem, v, 2, allele), 0);
	ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 1), 0);
	v->gt[0] = GRX_GT(0, 0);
	v->gt[1] = GRX_GT(1, 0);
	if (end) {
		grx_var_info_set(mem, v, "END", GRX_T_INT, 1)->v.i[0] = end;
		((struct grx_field *)(uintptr_t)grx_var_info(v, "END"))->from_file = true;
	}
	/* a role is there when a value of it is given, or when its value is not a number: then it is not
	 * known */
	memset(b->st->acmg->in, 0, sizeof b->st->acmg->in);
	for (; val && val->role != AR_N; val++) {
		b->st->acmg->in[val->role] = (struct annotate_acmg_input){
			column[val->role], "test database (1)"};
		if (!isnan(val->x))
			grx_var_info_set(mem, v, column[val->role], GRX_T_FLOAT, 1)->v.f[0] = (float)val->x;
	}
	if (b->af_max)
		b->st->acmg->in[AR_AF].column = "c0max";
	if (b->af_max && grx_var_info(v, "c0"))
		grx_var_info_set(mem, v, "c0max", GRX_T_FLOAT, 1)->v.f[0] = grx_var_info(v, "c0")->v.f[0];
	if (b->filter) {
		b->st->acmg->in[AR_FILTER] = (struct annotate_acmg_input){"c16", "test database (1)"};
		grx_var_info_set(mem, v, "c16", GRX_T_STR, 1)->v.s[0] = grx_arena_strdup(mem, b->filter);
	}
	if (b->several) {
		b->st->acmg->in[AR_AF] = (struct annotate_acmg_input){"c0", "test database (1)"};
		grx_var_info_set(mem, v, "c0", GRX_T_STR, 1)->v.s[0] = grx_arena_strdup(mem, b->several);
	}
	if (b->homs) {
		b->st->acmg->in[AR_NHOMALT] = (struct annotate_acmg_input){"c4", "test database (1)"};
		grx_var_info_set(mem, v, "c4", GRX_T_STR, 1)->v.s[0] = grx_arena_strdup(mem, b->homs);
	}
	ck_assert_int_eq(grx_facts_reset(b->st->found), 0);
	struct grx_shard sh = {.tid = -1, .vars = vs, .mem = mem};
	ck_assert_msg(grx_stage_annotate.shard(b->st, &b->cx, &sh) == 0, "%s", b->cx.err.msg);
	ck_assert_msg(grx_stage_annotate.merge(b->st, &b->cx, &sh) == 0, "%s", b->cx.err.msg);
	snprintf(b->cls, sizeof b->cls, "%s", grx_var_info(&vs->v[0], "ACMG_CLASS")->v.s[0]);
	snprintf(b->met, sizeof b->met, "%s", grx_var_info(&vs->v[0], "ACMG_CRITERIA")->v.s[0]);
	b->points = grx_var_info(&vs->v[0], "ACMG_POINTS")->v.i[0];
	ck_assert_uint_eq(b->st->found->n, 1);
	const char *s = grx_fact_attr_get(b->st->found->v[0], annotate_acmg_code_name[code]);
	snprintf(b->text, sizeof b->text, "%s", s ? s : "");
	grx_arena_free(mem);
	return b->text;
}

static void starts(const char *text, const char *with, const char *has)
{
	ck_assert_msg(strncmp(text, with, strlen(with)) == 0, "'%s' does not begin with '%s'", text, with);
	ck_assert_msg(strstr(text, has) != NULL, "'%s' lacks '%s'", text, has);
}

/* A substitution at CDS base c. */
static const char *snv(struct bench *b, int c, char alt, const struct val *val, int code)
{
	int at = place(b, c);
	char r[2] = {b->seq[at]}, a[2] = {alt};
	return run(b, at, r, a, 0, val, code);
}

/* First CDS base at or after residue r of a codon CAG, outside the run. */
static int cag(const struct bench *b, int r)
{
	while (memcmp(b->cds + 3 * (r - 1), "CAG", 3) != 0 || place(b, 3 * r) != place(b, 3 * r - 2) + 2)
		r++;
	ck_assert_int_lt(r, CDS / 3);
	return 3 * (r - 1) + 1;
}

#define GENE(key, value) "GENEA\t" key "\t" value "\ttest\n"
#define LOF              GENE("lof", "yes")

START_TEST(test_pvs1_nonsense)
{
	static const struct {
		const char *rules;
		int residue;
		const char *with, *branch;
	} x[] = {
		{LOF, 20, "met, VeryStrong", "NF1:"},
		/* the penultimate exon ends at CDS base 487: the last 50 bases of it escape */
		{LOF, 134, "met, VeryStrong", "NF1:"},
		{LOF, 150, "met, Strong", "NF5:"},
		{LOF GENE("critical", "150-199"), 150, "met, Strong", "NF3:"},
		{LOF GENE("lof_tolerated", "150-199"), 150, "not met", "NF4:"},
		{LOF, 185, "met, Moderate", "NF6:"},
		{GENE("lof", "lower1"), 20, "met, Strong", "NF1:"},
		{GENE("lof", "lower2"), 20, "met, Moderate", "NF1:"},
		{GENE("lof", "lower2"), 185, "not met", "NF6:"},
		{GENE("lof", "no"), 20, "not met", "not how the gene causes disease"},
		{"", 20, "not assessed", "NF1:"},
		/* the rule of 50 bases itself */
		{LOF "*\tpvs1_nmd_bases\t480\ttest\n", 20, "met, Strong", "NF5:"},
	};
	for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
		struct bench b;
		bench_open(&b, x[i].rules, NULL, false);
		bench_start(&b);
		starts(snv(&b, cag(&b, x[i].residue), 'T', NULL, AC_PVS1), x[i].with, x[i].branch);
		bench_close(&b);
	}
}
END_TEST

/* First stop of the CDS without bases [from, to], and its place in the old CDS; 0 none. */
static int stop_without(const char *cds, int from, int to)
{
	char s[CDS + 1];
	memcpy(s, cds, (size_t)(from - 1));
	strcpy(s + from - 1, cds + to);
	for (int i = 0; s[i] && s[i + 1] && s[i + 2]; i += 3)
		if (!strncmp(s + i, "TAA", 3) || !strncmp(s + i, "TAG", 3) || !strncmp(s + i, "TGA", 3))
			return i + 1 + (i + 1 >= from ? to - from + 1 : 0);
	return 0;
}

START_TEST(test_pvs1_frameshift_goes_by_the_new_stop)
{
	struct bench b;
	int early = 0, late = 0;
	bench_open(&b, LOF, NULL, false);
	bench_start(&b);
	/* every deletion of one base that no neighbour repeats: the place of the new stop decides, not its
	 * own */
	for (int c = 95; c < 480; c++) {
		if (b.cds[c - 1] == b.cds[c] || b.cds[c - 1] == b.cds[c - 2] ||
			place(&b, c) != place(&b, c - 1) + 1 || place(&b, c + 1) != place(&b, c) + 1)
			continue;
		char ref[3] = {b.cds[c - 2], b.cds[c - 1]}, alt[2] = {b.cds[c - 2]};
		int at = stop_without(b.cds, c, c);
		bool decays = at && at - 1 + 1 <= 487 - 50;
		/* what is in doubt by one base is left out */
		if (at >= 436 && at <= 440)
			continue;
		const char *t = run(&b, place(&b, c - 1), ref, alt, 0, NULL, AC_PVS1);
		starts(t, decays ? "met, VeryStrong" : "met, Strong", decays ? "NF1:" : "NF5:");
		early += decays;
		late += !decays;
	}
	ck_assert_int_gt(early, 50);
	ck_assert_int_gt(late, 5);
	bench_close(&b);
}
END_TEST

START_TEST(test_pvs1_splice)
{
	/* donor of exon i: the exon is lost. 57 bases keep the frame, 100 do not, the last one takes the tail
	 */
	static const struct {
		const char *rules;
		int exon;
		bool acceptor;
		const char *with, *branch;
	} x[] = {
		{LOF, 3, false, "met, VeryStrong", "SS1:"},
		{LOF, 3, true, "met, VeryStrong", "SS1:"},
		{LOF, 2, false, "met, Moderate", "SS9:"},
		{LOF "*\tpvs1_removed\t0.05\ttest\n", 2, false, "met, Strong", "SS8:"},
		{LOF GENE("lof_tolerated", "12-12"), 2, false, "not met", "SS7:"},
		{LOF GENE("critical", "12-12"), 2, false, "met, Strong", "SS10:"},
		{LOF, 5, true, "met, Strong", "SS5:"},
		{LOF GENE("critical", "198-198"), 5, true, "met, Strong", "SS3:"},
		{LOF GENE("lof_tolerated", "198-198"), 5, true, "not met", "SS4:"},
		{LOF "*\tpvs1_removed\t0.5\ttest\n", 5, true, "met, Moderate", "SS6:"},
		{LOF, 0, false, "not met", "SS0:"},
		{LOF, 1, false, "met, Supporting", "IC2:"},
		{"", 3, false, "not assessed", "SS1:"},
	};
	for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
		struct bench b;
		bench_open(&b, x[i].rules, NULL, false);
		bench_start(&b);
		int at = x[i].acceptor ? b.exon_at[x[i].exon] - 1
				       : b.exon_at[x[i].exon] + exon_len[x[i].exon];
		char ref[2] = {b.seq[at]};
		starts(run(&b, at, ref, "C", 0, NULL, AC_PVS1), x[i].with, x[i].branch);
		/* the splice predictor does not count again */
		const struct val v[] = {{AR_SPLICEAI, 0.99}, {AR_N, 0}};
		starts(run(&b, at, ref, "C", 0, v, AC_PP3), "not assessed", "PVS1");
		bench_close(&b);
	}
}
END_TEST

START_TEST(test_pvs1_start_and_structural)
{
	struct bench b;
	bench_open(&b, LOF, NULL, false);
	bench_start(&b);
	starts(snv(&b, 1, 'G', NULL, AC_PVS1), "met, Supporting", "IC2:");
	/* the whole gene, exon 3 with its frame, exon 2 in frame, the last exon */
	const struct {
		int beg, end;
		const char *with, *branch;
	} del[] = {{LEAD - 10, b.n - LEAD + 10, "met, VeryStrong", "DEL1:"},
		{b.exon_at[3] - 20, b.exon_at[3] + exon_len[3] + 20, "met, VeryStrong", "DEL2:"},
		{b.exon_at[2] - 20, b.exon_at[2] + exon_len[2] + 20, "met, Moderate", "DEL9:"},
		{b.exon_at[4] - 20, b.exon_at[4] + exon_len[4] + 20, "met, Strong", "DEL8:"},
		{b.exon_at[5] - 20, b.exon_at[5] + exon_len[5] + 20, "met, Strong", "DEL5:"},
		{b.exon_at[2] + exon_len[2] + 10, b.exon_at[2] + exon_len[2] + 60, "not met",
			"no null variant"},
		{b.exon_at[1] - 20, b.exon_at[1] + exon_len[1] + 20, "met, Supporting", "IC2:"}};
	for (size_t i = 0; i < sizeof del / sizeof *del; i++) {
		char ref[2] = {b.seq[del[i].beg - 1]};
		const char *t = run(&b, del[i].beg - 1, ref, "<DEL>", del[i].end, NULL, AC_PVS1);
		if (i == 5)
			starts(t, "not met", "");
		else
			starts(t, del[i].with, del[i].branch);
	}
	char ref[2] = {b.seq[b.exon_at[3] - 21]};
	starts(run(&b, b.exon_at[3] - 21, ref, "<DUP>", b.exon_at[3] + exon_len[3] + 20, NULL, AC_PVS1),
		"met, Strong", "DUP2:");
	ref[0] = b.seq[b.exon_at[2] - 21];
	starts(run(&b, b.exon_at[2] - 21, ref, "<DUP>", b.exon_at[2] + exon_len[2] + 20, NULL, AC_PVS1),
		"not met", "DUP:");
	/* deep intronic and missense changes are no null variants */
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PVS1), "not met", "no null variant");
	bench_close(&b);
}
END_TEST

START_TEST(test_pvs1_transcripts_that_matter)
{
	struct bench b;
	bench_open_with(&b, LOF, NULL, false, true, false);
	bench_start(&b);
	/* a stop in an exon that the preferred transcript lacks */
	int at = b.exon_at[2] + exon_len[2] + 43;
	ck_assert_int_eq(b.seq[at], 'C');
	starts(run(&b, at, "C", "T", 0, NULL, AC_PVS1), "not met", "NF2:");
	bench_close(&b);
	bench_open_with(&b, LOF, NULL, false, false, true);
	bench_start(&b);
	struct annotate_tx t;
	unsigned flags = 0;
	for (size_t i = 0; i < annotate_models_n(b.st->models); i++) {
		annotate_models_get(b.st->models, i, &t);
		flags |= t.flags;
	}
	if (flags)
		starts(snv(&b, 1, 'G', NULL, AC_PVS1), "not met", "IC0:");
	else
		puts("check_annotate_acmg: SKIP: IC0: models do not mark canonical transcripts yet");
	bench_close(&b);
}
END_TEST

/* --- frequency --- */

START_TEST(test_frequency)
{
	struct bench b;
	const double no = NAN;
	const struct val none[] = {{AR_N, 0}}, common[] = {{AR_AC, 12000}, {AR_AN, 100000}, {AR_N, 0}},
			 some[] = {{AR_AC, 2500}, {AR_AN, 100000}, {AR_N, 0}},
			 rare[] = {{AR_AC, 3}, {AR_AN, 100000}, {AR_N, 0}},
			 zero[] = {{AR_AC, 0}, {AR_AN, 100000}, {AR_N, 0}},
			 few[] = {{AR_AC, 500}, {AR_AN, 1000}, {AR_N, 0}},
			 no_an[] = {{AR_AF, 0.3}, {AR_N, 0}},
			 missing[] = {{AR_AC, no}, {AR_AN, no}, {AR_N, 0}},
			 callable[] = {{AR_AC, no}, {AR_AN, no}, {AR_SITE_AN, 150000}, {AR_N, 0}},
			 poor[] = {{AR_AC, no}, {AR_AN, no}, {AR_SITE_AN, 100}, {AR_N, 0}},
			 faf[] = {{AR_FAF, 0.05}, {AR_AN, 100000}, {AR_N, 0}};
	const struct {
		const struct val *v;
		int code;
		const char *with, *has;
	} x[] = {
		{none, AC_BA1, "not assessed", "no frequency database"},
		{none, AC_PM2, "not assessed", "no frequency database"},
		{common, AC_BA1, "met, StandAlone", "more than 0.05"},
		{common, AC_BS1, "not met", "BA1 stands alone"},
		{common, AC_PM2, "not met", "12000 of 100000"},
		{some, AC_BA1, "not met", ""},
		{some, AC_BS1, "met, Strong", "more than 0.01"},
		{rare, AC_BS1, "not met", ""},
		{rare, AC_PM2, "not met", "at most 0 alleles"},
		{zero, AC_PM2, "met, Supporting", "0 of 100000"},
		{few, AC_BA1, "not assessed", "only 1000 alleles"},
		{few, AC_BS1, "not assessed", "only 1000 alleles"},
		{few, AC_PM2, "not assessed", "2000 alleles"},
		{no_an, AC_BA1, "not assessed", "AN"},
		{no_an, AC_PM2, "not assessed", ""},
		/* missing is not absent */
		{missing, AC_BA1, "not assessed", "no entry"},
		{missing, AC_PM2, "not assessed", "does not say whether the site was callable"},
		{callable, AC_PM2, "met, Supporting", "absent, 150000 alleles"},
		{poor, AC_PM2, "not assessed", "too few"},
		/* more than, not at: 0.05 as the file wrote it */
		{faf, AC_BA1, "not met", "0.05"},
	};
	bench_open(&b, GENE("inheritance", "AD"), NULL, false);
	bench_start(&b);
	for (size_t i = 0; i < sizeof x / sizeof *x; i++)
		starts(snv(&b, cag(&b, 20), 'A', x[i].v, x[i].code), x[i].with, x[i].has);
	bench_close(&b);
	/* 95 % limit: for one allele of 100,000 it is -ln(0.95) / 100000 */
	ck_assert_double_eq_tol(grx_chi2_inv(0.05, 2) / 2, -log(0.95), 1e-9);
	/* recessive, Whiffin, absence by word of the rules, BS2 */
	bench_open(&b,
		GENE("inheritance", "AR") GENE("full_penetrance", "yes") GENE("prevalence", "0.0001")
			GENE("allelic_contribution", "0.5") GENE("genetic_contribution", "0.25")
				GENE("penetrance", "1") "*\tpm2_absent_is_callable\tyes\ttest\n",
		NULL, false);
	bench_start(&b);
	const struct val ar[] = {{AR_AC, 3}, {AR_AN, 100000}, {AR_NHOMALT, 0}, {AR_N, 0}},
			 hom[] = {{AR_AC, 900}, {AR_AN, 100000}, {AR_NHOMALT, 2}, {AR_N, 0}};
	starts(snv(&b, cag(&b, 20), 'A', ar, AC_PM2), "met, Supporting", "recessive");
	starts(snv(&b, cag(&b, 20), 'A', ar, AC_BS2), "not met", "0 homozygotes");
	starts(snv(&b, cag(&b, 20), 'A', hom, AC_BS2), "met, Strong", "2 homozygotes");
	/* sqrt(1e-4) * 0.5 * sqrt(0.25) = 0.0025 */
	starts(snv(&b, cag(&b, 20), 'A', hom, AC_BS1), "met, Strong", "more than 0.0025");
	starts(snv(&b, cag(&b, 20), 'A', missing, AC_PM2), "met, Supporting", "covers every site");
	bench_close(&b);
	bench_open(&b, GENE("pm2_af", "0.00003"), NULL, false);
	bench_start(&b);
	starts(snv(&b, cag(&b, 20), 'A', rare, AC_PM2), "met, Supporting", "frequency at most 3e-05");
	starts(snv(&b, cag(&b, 20), 'A', some, AC_PM2), "not met", "");
	bench_close(&b);
	bench_open(&b, GENE("inheritance", "AD") GENE("full_penetrance", "yes"), NULL, false);
	bench_start(&b);
	starts(snv(&b, cag(&b, 20), 'A', rare, AC_BS2), "not met", "3 carriers");
	starts(snv(&b, cag(&b, 20), 'A', some, AC_BS2), "met", "2500 carriers");
	bench_close(&b);
	bench_open(&b, GENE("inheritance", "XL") GENE("full_penetrance", "yes"), NULL, false);
	bench_start(&b);
	starts(snv(&b, cag(&b, 20), 'A', rare, AC_BS2), "not assessed", "hemizygotes is not known");
	bench_close(&b);
}
END_TEST

/* --- predictors --- */

START_TEST(test_predictors)
{
	static const struct {
		double revel;
		const char *pp3, *bp4;
	} x[] = {{0.003, "not met", "met, Strong"}, {0.016, "not met", "met, Strong"},
		{0.017, "not met", "met, Moderate"}, {0.183, "not met", "met, Moderate"},
		{0.184, "not met", "met, Supporting"}, {0.29, "not met", "met, Supporting"},
		{0.291, "not met", "not met"}, {0.643, "not met", "not met"},
		{0.644, "met, Supporting", "not met"}, {0.772, "met, Supporting", "not met"},
		{0.773, "met, Moderate", "not met"}, {0.931, "met, Moderate", "not met"},
		{0.932, "met, Strong", "not met"}};
	struct bench b;
	bench_open(&b, "", NULL, false);
	bench_start(&b);
	int c = cag(&b, 20);
	for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
		const struct val v[] = {{AR_REVEL, x[i].revel}, {AR_N, 0}};
		starts(snv(&b, c, 'A', v, AC_PP3), x[i].pp3, "REVEL");
		starts(snv(&b, c, 'A', v, AC_BP4), x[i].bp4, "REVEL");
	}
	const struct val low_damage[] = {{AR_REVEL, 0.1}, {AR_SPLICEAI, 0.5}, {AR_N, 0}},
			 only[] = {{AR_SPLICEAI, 0.05}, {AR_N, 0}},
			 high_quiet[] = {{AR_REVEL, 0.95}, {AR_SPLICEAI, 0}, {AR_N, 0}},
			 middle[] = {{AR_SPLICEAI, 0.15}, {AR_N, 0}},
			 damage[] = {{AR_SPLICEAI, 0.2}, {AR_N, 0}},
			 quiet[] = {{AR_SPLICEAI, 0.1}, {AR_N, 0}}, none[] = {{AR_N, 0}};
	/* the two are never added, and the benign one does not undo the damaging one */
	starts(snv(&b, c, 'A', low_damage, AC_PP3), "met, Supporting", "splice delta");
	starts(snv(&b, c, 'A', low_damage, AC_BP4), "not met", "splicing changes");
	starts(snv(&b, c, 'A', high_quiet, AC_PP3), "met, Strong", "REVEL");
	starts(snv(&b, c, 'A', high_quiet, AC_BP4), "not met", "");
	starts(snv(&b, c, 'A', only, AC_BP4), "not assessed", "missense tool has no value");
	starts(snv(&b, c, 'A', none, AC_PP3), "not assessed", "neither");
	/* synonymous: third base of a GTG, GCT, ... away from the edges */
	int syn = 3 * 30;
	while (memcmp(b.cds + syn - 3, "GCT", 3) != 0)
		syn += 3;
	starts(snv(&b, syn, 'C', quiet, AC_BP7), "met, Supporting", "synonymous");
	ck_assert_str_eq(b.met, "BP4&BP7");
	ck_assert_str_eq(b.cls, "Likely_benign");
	starts(snv(&b, syn, 'C', middle, AC_BP7), "not met", "");
	starts(snv(&b, syn, 'C', damage, AC_PP3), "met, Supporting", "");
	starts(snv(&b, syn, 'C', none, AC_BP7), "not assessed", "no value");
	/* deep in an intron and near its end */
	int deep = b.exon_at[2] + exon_len[2] + 50, near = b.exon_at[3] - 15;
	char ref[2] = {b.seq[deep]}, ref2[2] = {b.seq[near]};
	starts(run(&b, deep, ref, ref[0] == 'A' ? "C" : "A", 0, quiet, AC_BP7), "met", "deep in the intron");
	starts(run(&b, near, ref2, ref2[0] == 'A' ? "C" : "A", 0, quiet, AC_BP7), "not met", "");
	bench_close(&b);
}
END_TEST

/* --- companions --- */

/* The residue of a codon that make_cds() uses. */
static char residue(const struct bench *b, int r)
{
	static const char table[][5] = {
		"GCTA", "CAGQ", "GACD", "TTCF", "CGTR", "AAGK", "ACCT", "GTGV", "CACH"};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (memcmp(b->cds + 3 * (r - 1), table[i], 3) == 0)
			return table[i][3];
	ck_abort_msg("no such codon");
}

static struct annotate_acmg_row companion(
	const struct bench *b, int residue, char ref, char alt, int base, char dna, int cls, int stars)
{
	int at = place(b, base);
	char r[2] = {b->seq[at]}, a[2] = {dna};
	struct grx_change c = {at, r, a, 1, 1};
	struct annotate_acmg_row x = {.tx = "T1"};
	snprintf(x.contig, sizeof x.contig, "1\t%d", b->n);
	x.c = (struct annotate_acmg_change){.residue = residue,
		.pos = at + 1,
		.ref = ref,
		.alt = alt,
		.cls = (uint8_t)cls,
		.stars = (uint8_t)stars,
		.id = annotate_acmg_change_id(&c)};
	return x;
}

static void index_write(struct bench *b, struct annotate_acmg_row *row, size_t n)
{
	b->cx.outs = grx_outs_new();
	ck_assert_msg(
		annotate_acmg_index_write(&b->cx, b->index, "made up (1)", row, n) == 0, "%s", b->cx.err.msg);
	ck_assert_int_eq(grx_outs_commit(&b->cx), 0);
	grx_outs_free(b->cx.outs);
	b->cx.outs = NULL;
}

START_TEST(test_companions)
{
	struct bench b;
	const struct val none[] = {{AR_N, 0}}, strong[] = {{AR_REVEL, 0.95}, {AR_N, 0}};
	bench_open(&b, LOF, NULL, true);
	int c = cag(&b, 20), r = c / 3 + 1;
	/* CAG > AAG is Gln > Lys; CAG > GAG Glu; CAG > CAC and CAT both His */
	struct annotate_acmg_row row[] = {
		companion(&b, r, 'Q', 'H', c + 2, 'C', AC_PATHOGENIC, 2),
		companion(&b, r, 'Q', 'K', c, 'A', AC_PATHOGENIC, 3),
		companion(&b, r - 2, residue(&b, r - 2), 'V', c - 6, 'T', AC_PATHOGENIC, 2),
		companion(&b, r - 1, residue(&b, r - 1), 'V', c - 3, 'T', AC_LIKELY_PATHOGENIC, 2),
		companion(&b, r + 2, residue(&b, r + 2), 'V', c + 6, 'T', AC_PATHOGENIC, 2),
		companion(&b, r + 2, residue(&b, r + 2), 'G', c + 7, 'G', AC_PATHOGENIC, 1),
	};
	index_write(&b, row, 6);
	bench_start(&b);
	/* the same residue by another change: His by CAT */
	starts(snv(&b, c + 2, 'T', none, AC_PS1), "met, Strong", "p.Q");
	starts(snv(&b, c + 2, 'T', none, AC_PM5), "not met", "PS1 is met");
	/* its own entry never counts: Lys is there once, and it is this variant */
	starts(snv(&b, c, 'A', none, AC_PS1), "not met", "no such variant");
	starts(snv(&b, c, 'A', none, AC_PM5), "met, Moderate", "p.Q");
	starts(snv(&b, c, 'G', none, AC_PM5), "met, Moderate", "3 stars");
	/* three others around, none of them of the same residue; the one with one star does not count */
	starts(snv(&b, c, 'G', none, AC_PM1), "met, Moderate", "3 pathogenic and 0 benign");
	/* with a strong predictor the two are at most strong */
	starts(snv(&b, c, 'G', strong, AC_PM1), "not met", "at most strong");
	starts(snv(&b, cag(&b, 40), 'A', none, AC_PM1), "not met", "0 pathogenic");
	starts(snv(&b, cag(&b, 40), 'A', none, AC_PM5), "not met", "no such variant");
	/* pathogenic variants before the next start codon */
	starts(snv(&b, 1, 'G', none, AC_PVS1), "met, Moderate", "IC1:");
	bench_close(&b);
	/* likely pathogenic companions are a level lower; benign neighbours end a hot spot */
	bench_open(&b, LOF, NULL, true);
	for (int i = 0; i < 5; i++)
		row[i].c.cls = AC_LIKELY_PATHOGENIC;
	row[5].c.cls = AC_BENIGN;
	row[5].c.stars = 2;
	index_write(&b, row, 6);
	bench_start(&b);
	starts(snv(&b, c + 2, 'T', none, AC_PS1), "met, Moderate", "");
	starts(snv(&b, c, 'G', none, AC_PM5), "met, Supporting", "");
	starts(snv(&b, c, 'G', none, AC_PM1), "not met", "1 benign");
	bench_close(&b);
	/* without an index nothing is said */
	bench_open(&b, LOF, NULL, false);
	bench_start(&b);
	starts(snv(&b, c, 'G', none, AC_PS1), "not assessed", "--acmg-index");
	starts(snv(&b, c, 'G', none, AC_PM1), "not assessed", "--acmg-index");
	bench_close(&b);
}
END_TEST

START_TEST(test_index_is_checked)
{
	struct bench b;
	char data[4096];
	bench_open(&b, "", NULL, true);
	struct annotate_acmg_row row[] = {companion(&b, 20, 'Q', 'K', 58, 'A', AC_PATHOGENIC, 2),
		companion(&b, 10, 'Q', 'K', 28, 'A', AC_BENIGN, 4)};
	index_write(&b, row, 2);
	struct annotate_acmg_index *x = NULL;
	size_t n;
	ck_assert_int_eq(annotate_acmg_index_open(&b.cx, b.index, &x), 0);
	const struct annotate_acmg_change *c = annotate_acmg_index_at(x, "T1", 1, 15, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(c->residue, 10);
	ck_assert_ptr_null(annotate_acmg_index_at(x, "T2", 1, 15, &n));
	annotate_acmg_index_close(x);
	FILE *f = fopen(b.index, "rb");
	size_t len = fread(data, 1, sizeof data, f);
	fclose(f);
	/* cut anywhere, or one byte changed anywhere: refused */
	for (size_t i = 0; i < 2 * len; i++) {
		f = fopen(b.index, "wb");
		char was = data[i % len];
		if (i >= len)
			data[i - len] ^= 1;
		fwrite(data, 1, i < len ? i : len, f);
		fclose(f);
		data[i % len] = was;
		b.cx.err.status = 0;
		x = NULL;
		ck_assert_int_eq(annotate_acmg_index_open(&b.cx, b.index, &x), GRX_E_DATA);
		ck_assert_ptr_null(x);
	}
	b.opt.acmg_index = NULL;
	b.cx.err.status = 0;
	bench_start(&b);
	bench_close(&b);
}
END_TEST

/* --- length, gene facts, evidence, what must not count twice --- */

START_TEST(test_length_and_gene)
{
	struct bench b;
	bench_open(&b, LOF, NULL, false);
	bench_start(&b);
	/* one codon of the run of ten: a repeat; two codons elsewhere: none */
	int at = place(&b, 3 * 102 + 1) - 1;
	char ref[16], alt[16];
	snprintf(ref, sizeof ref, "%.4s", b.seq + at);
	snprintf(alt, sizeof alt, "%.1s", b.seq + at);
	starts(run(&b, at, ref, alt, 0, NULL, AC_BP3), "met, Supporting", "10 copies");
	starts(run(&b, at, ref, alt, 0, NULL, AC_PM4), "not met", "10 copies");
	at = place(&b, 3 * 69) - 1;
	snprintf(ref, sizeof ref, "%.7s", b.seq + at);
	snprintf(alt, sizeof alt, "%.1s", b.seq + at);
	starts(run(&b, at, ref, alt, 0, NULL, AC_PM4), "met, Moderate", "");
	starts(run(&b, at, ref, alt, 0, NULL, AC_BP3), "not met", "");
	snprintf(ref, sizeof ref, "%.4s", b.seq + at);
	starts(run(&b, at, ref, alt, 0, NULL, AC_PM4), "met, Supporting", "");
	/* the stop is lost */
	starts(snv(&b, CDS - 2, 'C', NULL, AC_PM4), "met, Moderate", "longer");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PM4), "not met", "");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PP2), "not assessed", "missense_z");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_BP1), "not assessed", "truncating");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PP5), "not assessed", "withdrawn");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PS2), "not assessed", "--evidence");
	bench_close(&b);
	bench_open(&b, GENE("missense_z", "3.1") GENE("truncating_only", "yes") GENE("critical", "100-110"),
		NULL, false);
	bench_start(&b);
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PP2), "met, Supporting", "3.1");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_BP1), "met, Supporting", "yes");
	starts(snv(&b, cag(&b, 20), 'T', NULL, AC_BP1), "not met", "not a missense");
	starts(snv(&b, 3 * 104 + 1, 'A', NULL, AC_PM1), "met, Moderate", "critical residues");
	at = place(&b, 3 * 102 + 1) - 1;
	snprintf(ref, sizeof ref, "%.4s", b.seq + at);
	snprintf(alt, sizeof alt, "%.1s", b.seq + at);
	starts(run(&b, at, ref, alt, 0, NULL, AC_BP3), "not met", "critical");
	bench_close(&b);
	bench_open(&b, GENE("missense_z", "3.08") GENE("truncating_only", "no"), NULL, false);
	bench_start(&b);
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_PP2), "not met", "3.08");
	starts(snv(&b, cag(&b, 20), 'A', NULL, AC_BP1), "not met", "no");
	bench_close(&b);
}
END_TEST

/* The reference is not known up to its end: the walk along the repeat ends there. */
START_TEST(test_length_in_unknown_bases)
{
	struct bench b;
	memset(&b, 0, sizeof b);
	b.unknown_from = 3 * 170 + 1;
	bench_open_as(&b, "", NULL, false, false, false);
	bench_start(&b);
	int at = place(&b, b.unknown_from) - 1;
	char ref[8], alt[2] = {b.seq[at]};
	snprintf(ref, sizeof ref, "%cNNN", b.seq[at]);
	const char *why = "cannot be worked out from the reference";
	for (int i = 0; i < 2; i++) {
		starts(run(&b, at, ref, alt, 0, NULL, i ? AC_PM4 : AC_BP3), "not assessed", why);
		starts(run(&b, at, alt, ref, 0, NULL, i ? AC_PM4 : AC_BP3), "not assessed", why);
	}
	/* inserted bases that nobody knows beside known ones */
	at = place(&b, 3 * 69) - 1;
	snprintf(ref, sizeof ref, "%cNNN", b.seq[at]);
	alt[0] = b.seq[at];
	starts(run(&b, at, alt, ref, 0, NULL, AC_PM4), "not assessed", why);
	bench_close(&b);
}
END_TEST

/* "0.4&1e-05" are those of all alleles of a record: which is this one's cannot be told. */
START_TEST(test_several_values_are_none)
{
	struct bench b;
	const char *why = "several values in one column belong to no single allele";
	const struct val an[] = {{AR_AN, 100000}, {AR_SITE_AN, 150000}, {AR_N, 0}};
	bench_open(&b, GENE("inheritance", "AR") GENE("full_penetrance", "yes"), NULL, false);
	bench_start(&b);
	int c = cag(&b, 20);
	b.several = "0.4&1e-05";
	b.homs = "9&0";
	starts(snv(&b, c, 'A', an, AC_BA1), "not assessed", why);
	starts(snv(&b, c, 'A', an, AC_BS1), "not assessed", why);
	starts(snv(&b, c, 'A', an, AC_PM2), "not assessed", why);
	starts(snv(&b, c, 'A', an, AC_BS2), "not assessed", why);
	b.several = "0.4";
	b.homs = "9";
	starts(snv(&b, c, 'A', an, AC_BA1), "met, StandAlone", "0.4");
	starts(snv(&b, c, 'A', an, AC_BS2), "met, Strong", "9 homozygotes");
	bench_close(&b);
}
END_TEST

START_TEST(test_no_wrong_benign)
{
	struct bench b;
	const struct val faf[] = {{AR_FAF, 0.098}, {AR_N, 0}},
			 af[] = {{AR_AF, 0.08}, {AR_AN, 100000}, {AR_N, 0}},
			 af_max[] = {{AR_AF, 0.08}, {AR_AN, 100000}, {AR_AN_MAX, 40}, {AR_N, 0}},
			 af_many[] = {{AR_AF, 0.08}, {AR_AN, 100000}, {AR_AN_MAX, 4000}, {AR_N, 0}},
			 some[] = {{AR_AC, 2500}, {AR_AN, 100000}, {AR_N, 0}},
			 often[] = {{AR_AC, 25000}, {AR_AN, 100000}, {AR_N, 0}},
			 zero[] = {{AR_AC, 0}, {AR_AN, 100000}, {AR_N, 0}},
			 quiet[] = {{AR_SPLICEAI, 0}, {AR_N, 0}},
			 callable[] = {{AR_AC, NAN}, {AR_AN, NAN}, {AR_SITE_AN, 150000}, {AR_N, 0}};
	bench_open_with(&b, "", NULL, false, true, false);
	bench_start(&b);
	int c = cag(&b, 20);
	/* five alleles of twenty are a filtering frequency of 0.098, too */
	starts(snv(&b, c, 'A', faf, AC_BA1), "not assessed", "AN");
	/* the largest frequency is that of one population, whose size counts */
	starts(snv(&b, c, 'A', af, AC_BA1), "met, StandAlone", "");
	b.af_max = true;
	starts(snv(&b, c, 'A', af, AC_BA1), "not assessed", "AN_MAX");
	starts(snv(&b, c, 'A', af_max, AC_BA1), "not assessed", "only 40 alleles");
	starts(snv(&b, c, 'A', af_many, AC_BA1), "met, StandAlone", "");
	b.af_max = false;
	/* a record that the database itself does not trust */
	b.filter = "AS_VQSR";
	starts(snv(&b, c, 'A', often, AC_BA1), "not assessed", "AS_VQSR");
	starts(snv(&b, c, 'A', zero, AC_PM2), "not assessed", "AS_VQSR");
	b.filter = "PASS";
	starts(snv(&b, c, 'A', often, AC_BA1), "met, StandAlone", "");
	b.filter = NULL;
	/* 2.5 % is no evidence where the disorder may be recessive */
	starts(snv(&b, c, 'A', some, AC_BS1), "not assessed", "not stated as dominant");
	/* a structural allele is not absent because a database of short ones lacks it */
	char ref[2] = {b.seq[b.exon_at[3] - 21]};
	starts(run(&b, b.exon_at[3] - 21, ref, "<DEL>", b.exon_at[3] + 20, callable, AC_PM2), "not assessed",
		"without a known sequence");
	starts(snv(&b, c, 'A', callable, AC_PM2), "met, Supporting", "");
	/* no effect on splicing says nothing of a lost residue, or of the other transcript's protein */
	int at = place(&b, 3 * 69) - 1;
	char del[8], left[2] = {b.seq[at]};
	snprintf(del, sizeof del, "%.4s", b.seq + at);
	starts(run(&b, at, del, left, 0, quiet, AC_BP4), "not assessed", "the protein changes");
	at = b.exon_at[2] + exon_len[2] + 43;
	starts(run(&b, at, "C", "T", 0, quiet, AC_BP7), "not assessed", "another transcript");
	starts(run(&b, at, "C", "T", 0, quiet, AC_BP4), "not assessed", "another transcript");
	ck_assert_str_eq(b.cls, "Uncertain_significance");
	/* nor of an untranslated exon */
	at = b.exon_at[0] + 5;
	char utr[2] = {b.seq[at]};
	starts(run(&b, at, utr, utr[0] == 'A' ? "C" : "A", 0, quiet, AC_BP4), "not assessed", "untranslated");
	bench_close(&b);
	bench_open(&b, "*\tbs1_default_for\tall\ttest\n", NULL, false);
	bench_start(&b);
	starts(snv(&b, c, 'A', some, AC_BS1), "met, Strong", "");
	bench_close(&b);
	/* exempt by its name, also on a transcript that does not speak: T3 begins 49 codons later */
	memset(&b, 0, sizeof b);
	b.gene = "HFE";
	bench_open_as(&b, "", NULL, false, false, true);
	b.opt.secondary_findings = true; /* or nothing is told of the gene */
	bench_start(&b);
	starts(snv(&b, 187, 'G', often, AC_BA1), "not met", "exempt");
	starts(snv(&b, 187, 'T', often, AC_BA1), "met, StandAlone", "");
	starts(snv(&b, 187 + 3 * 49, 'G', often, AC_BA1), "not met", "exempt");
	bench_close(&b);
	/* without names, and on a build without known places, the exempt ones cannot be told */
	bench_open(&b, "", NULL, false);
	void *state = NULL;
	b.opt.no_hgvs = true;
	ck_assert_int_eq(grx_stage_annotate.open(&b.opt, &b.cx, &state), GRX_E_USAGE);
	b.opt.no_hgvs = false;
	b.cx.err.status = 0;
	bench_start(&b);
	bench_close(&b);
}
END_TEST

START_TEST(test_no_wrong_pathogenic)
{
	struct bench b;
	char text[128];
	const struct val none[] = {{AR_N, 0}};
	/* transcripts disagree and none is marked: nobody can say */
	memset(&b, 0, sizeof b);
	b.tag = "basic";
	bench_open_as(&b, LOF, NULL, false, true, false);
	bench_start(&b);
	int at = b.exon_at[2] + exon_len[2] + 43;
	starts(run(&b, at, "C", "T", 0, NULL, AC_PVS1), "not assessed", "mark none");
	/* both lose it */
	starts(snv(&b, cag(&b, 20), 'T', NULL, AC_PVS1), "met, VeryStrong", "NF1:");
	bench_close(&b);
	/* MANE Plus Clinical speaks where it is hit harder: T3 begins in exon 2, T1 is Select */
	memset(&b, 0, sizeof b);
	b.third = "MANE_Plus_Clinical";
	bench_open_as(&b, LOF, NULL, false, false, true);
	bench_start(&b);
	starts(snv(&b, 3 * 49 + 1, 'G', NULL, AC_PVS1), "not met", "IC0:");
	bench_close(&b);
	/* REF that is not there: no class */
	bench_open(&b, LOF, NULL, false);
	b.opt.ref_mismatch = "flag";
	bench_start(&b);
	at = place(&b, cag(&b, 20));
	struct grx_arena *mem = grx_arena_new();
	struct grx_vars *vs = grx_vars_new(mem, b.cx.hdr);
	struct grx_var *v = grx_vars_push(vs);
	v->pos = at;
	v->rlen = 1;
	ck_assert_int_eq(grx_var_alleles_set(mem, v, 2, (const char *[]){"G", "T"}), 0);
	ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 1), 0);
	v->gt[0] = GRX_GT(0, 0);
	v->gt[1] = GRX_GT(1, 0);
	struct grx_shard sh = {.tid = -1, .vars = vs, .mem = mem};
	ck_assert_int_eq(grx_stage_annotate.shard(b.st, &b.cx, &sh), 0);
	ck_assert_int_eq(grx_stage_annotate.merge(b.st, &b.cx, &sh), 0);
	ck_assert_str_eq(grx_var_info(v, "ACMG_CLASS")->v.s[0], ".");
	ck_assert_uint_eq(b.st->found->n, 0);
	ck_assert_int_eq(b.st->total.n_acmg_ref_mismatch, 1);
	grx_arena_free(mem);
	bench_close(&b);
	/* an index of another build: the variant's own entry would be a companion */
	bench_open(&b, LOF, NULL, true);
	struct annotate_acmg_row row[] = {companion(&b, 20, residue(&b, 20), 'K', 58, 'A', AC_PATHOGENIC, 2)};
	snprintf(row[0].contig, sizeof row[0].contig, "1\t%d", b.n + 1);
	index_write(&b, row, 1);
	void *state = NULL;
	ck_assert_int_eq(grx_stage_annotate.open(&b.opt, &b.cx, &state), GRX_E_MISMATCH);
	b.cx.err.status = 0;
	/* an index of other models: neighbours whose residue the protein does not have */
	int r = cag(&b, 20) / 3 + 1;
	struct annotate_acmg_row other[] = {companion(&b, r + 1, 'W', 'K', 3 * r + 1, 'A', AC_PATHOGENIC, 2),
		companion(&b, r + 2, 'W', 'K', 3 * r + 4, 'A', AC_PATHOGENIC, 2),
		companion(&b, r - 1, 'W', 'K', 3 * r - 5, 'A', AC_PATHOGENIC, 2)};
	index_write(&b, other, 3);
	bench_start(&b);
	starts(snv(&b, 3 * r - 2, 'G', none, AC_PM1), "not met", "0 pathogenic");
	bench_close(&b);
	/* evidence of another build */
	bench_open(&b, LOF, "", false);
	at = place(&b, cag(&b, 20));
	snprintf(text, sizeof text, "variant\tcode\tstrength\tnote\nchr1:%d:G:T\tPS3\t\tassay\n", at + 1);
	put(b.evidence, text);
	ck_assert_int_eq(grx_stage_annotate.open(&b.opt, &b.cx, &state), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(b.cx.err.msg, "same build"));
	b.cx.err.status = 0;
	put(b.evidence, "variant\tcode\tstrength\tnote\nchrUn:5:G:T\tPS3\t\tassay\n");
	bench_start(&b);
	bench_close(&b);
}
END_TEST

START_TEST(test_evidence_and_class)
{
	struct bench b;
	char ev[256];
	const struct val zero[] = {{AR_AC, 0}, {AR_AN, 100000}, {AR_N, 0}},
			 common[] = {{AR_AC, 20000}, {AR_AN, 100000}, {AR_N, 0}};
	bench_open(&b, LOF, "", false);
	int at = place(&b, cag(&b, 20));
	snprintf(ev, sizeof ev,
		"variant\tcode\tstrength\tnote\nchr1:%d:C:T\tPP4\tModerate\tclinic\n1:%d:CA:"
		"TA\tPP1\t\tfamily\n"
		"chr1:%d:C:T\tPM2\tnot_met\tseen in our controls\n",
		at + 1, at + 1, at + 1);
	put(b.evidence, ev);
	bench_start(&b);
	starts(run(&b, at, "C", "T", 0, zero, AC_PP4), "met, Moderate", "clinic; source: e.tsv:2");
	starts(run(&b, at, "C", "T", 0, zero, AC_PP1), "met, Supporting", "family");
	starts(run(&b, at, "C", "T", 0, zero, AC_PM2), "not met", "our controls");
	ck_assert_str_eq(b.met, "PVS1&PP1&PP4_Moderate");
	ck_assert_int_eq(b.points, 11);
	ck_assert_str_eq(b.cls, "Pathogenic");
	/* another allele of the place has none of it */
	starts(run(&b, at, "C", "G", 0, zero, AC_PP4), "not assessed", "");
	starts(run(&b, at, "C", "G", 0, zero, AC_PM2), "met, Supporting", "");
	/* both combiners, and their disagreement, are told: a frequent null variant */
	run(&b, at, "C", "T", 0, common, AC_BA1);
	const struct grx_fact *f = b.st->found->v[0];
	ck_assert_str_eq(b.cls, "Benign");
	ck_assert_str_eq(grx_fact_attr_get(f, "class_2015"), "Uncertain_significance");
	ck_assert_str_eq(grx_fact_attr_get(f, "agreement"), "no: points and the rules of 2015 differ");
	ck_assert_str_eq(f->because[0].gt, "0/1");
	bench_close(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_acmg");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_2015_over_all_combinations);
	tcase_add_test(t, test_points_and_posterior);
	tcase_add_test(t, test_words);
	tcase_add_test(t, test_pvs1_nonsense);
	tcase_add_test(t, test_pvs1_frameshift_goes_by_the_new_stop);
	tcase_add_test(t, test_pvs1_splice);
	tcase_add_test(t, test_pvs1_start_and_structural);
	tcase_add_test(t, test_pvs1_transcripts_that_matter);
	tcase_add_test(t, test_frequency);
	tcase_add_test(t, test_predictors);
	tcase_add_test(t, test_companions);
	tcase_add_test(t, test_index_is_checked);
	tcase_add_test(t, test_length_and_gene);
	tcase_add_test(t, test_length_in_unknown_bases);
	tcase_add_test(t, test_several_values_are_none);
	tcase_add_test(t, test_no_wrong_benign);
	tcase_add_test(t, test_no_wrong_pathogenic);
	tcase_add_test(t, test_evidence_and_class);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
