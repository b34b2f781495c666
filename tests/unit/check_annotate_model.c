/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_model.c -- gene models: every flavour of GFF3 and GTF as a small file with the transcripts
 * it must give, every contradiction counted with its line, compiled models equal to parsed ones field by
 * field, damaged compiled files refused or harmless, searches equal to a plain walk. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/out.h"
#include "genorx/stage.h"
#include "stage/annotate/model_int.h"
#include "stage/annotate/annotate_int.h"

struct bench {
	char dir[48], gff[80], gxm[80];
	struct grx_ctx cx;
	struct grx_contigs *d;
	struct annotate_models *m;
	struct annotate_models_opt opt;
};

static void put(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static void bench_new(struct bench *b)
{
	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/check_model.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->gff, sizeof b->gff, "%s/m.gff3", b->dir);
	snprintf(b->gxm, sizeof b->gxm, "%s/m.gxm", b->dir);
	b->cx.refdata = "refdata";
	b->cx.log = grx_log_new(0, false);
	b->cx.outs = grx_outs_new();
	b->d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->d, "chr1", 10000, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->d, "chrX", 10000, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->d, "chrY", 10000, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&b->cx, b->d, "MT", 16569, NULL), 0);
	b->opt.gff = b->gff;
}

static void bench_free(struct bench *b)
{
	char cmd[100];
	annotate_models_free(b->m);
	grx_contigs_free(b->d);
	grx_outs_free(b->cx.outs);
	grx_log_free(b->cx.log);
	snprintf(cmd, sizeof cmd, "rm -rf %s", b->dir);
	ck_assert_int_eq(system(cmd), 0);
}

static int again(struct bench *b)
{
	annotate_models_free(b->m);
	b->m = NULL;
	b->cx.err = (struct grx_errs){0};
	return annotate_models_open(&b->cx, &b->opt, b->d, &b->m);
}

/* Lines with spaces for tabs between the first nine columns (`~` is a space inside one). */
static void lines(struct bench *b, const char *text)
{
	struct grx_str s = {0};
	int col = 0;
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			col = 0;
		if (*p == ' ' && col < 8) {
			col++;
			grx_str_addc(&s, '\t');
		} else {
			grx_str_addc(&s, *p == '~' ? ' ' : *p);
		}
	}
	put(b->gff, s.s ? s.s : "", s.n);
	grx_str_clear(&s);
}

static void load(struct bench *b, const char *text)
{
	bench_new(b);
	lines(b, text);
	int rc = again(b);
	ck_assert_msg(rc == 0, "%s", b->cx.err.msg);
}

static void tx_text(const struct annotate_tx *t, struct grx_str *s)
{
	grx_str_addf(s, "%s %s tid%d %c %lld-%lld", t->id, t->id_version, t->tid, t->strand > 0 ? '+' : '-',
		(long long)t->beg, (long long)t->end);
	for (int i = 0; i < t->n_exon; i++)
		grx_str_addf(s, " e%d-%d@%d", t->exon[i].beg, t->exon[i].end, t->exon[i].cdna);
	if (t->coding)
		grx_str_addf(s, " cds%lld-%lld of %lld genome %lld-%lld pad%d%s%s code%d %s",
			(long long)t->cds_beg, (long long)t->cds_end, (long long)t->cdna_len,
			(long long)t->coding_beg, (long long)t->coding_end, t->pad,
			t->start_nf ? " start_nf" : "", t->end_nf ? " end_nf" : "", t->table, t->protein);
	for (int i = 0; i < t->n_mark; i++)
		grx_str_addf(s, " %s%d,%d",
			(const char *[]){"mature", "sec", "slip", "diff"}[t->mark[i].kind], t->mark[i].a,
			t->mark[i].b);
	grx_str_addf(s, " gene=%s,%s,%s %s%s flags%x %s|%s|%s|%s|%s", t->gene, t->symbol, t->hgnc, t->biotype,
		t->nmd ? " nmd" : "", (unsigned)t->flags, t->ccds, t->source, t->mane, t->appris, t->tsl);
}

/* Transcript i as text must be `want`. */
static void is(struct bench *b, size_t i, const char *want)
{
	struct annotate_tx t;
	struct grx_str s = {0};
	ck_assert_uint_lt(i, annotate_models_n(b->m));
	ck_assert(annotate_models_get(b->m, i, &t));
	tx_text(&t, &s);
	ck_assert_str_eq(s.s, want);
	grx_str_clear(&s);
}

static struct annotate_count count(const struct bench *b, enum annotate_reason r)
{
	return ((const struct annotate_count *)b->m->im.sec[AT_S_COUNT])[r];
}

static void no_reason_but(const struct bench *b, enum annotate_reason but)
{
	for (int i = 0; i < AT_R_N; i++)
		if (i != (int)but)
			ck_assert_msg(count(b, (enum annotate_reason)i).n == 0, "%s: %lld",
				annotate_reason_name((enum annotate_reason)i, NULL),
				(long long)count(b, (enum annotate_reason)i).n);
}

/* --- flavours --- */

START_TEST(ensembl)
{
	struct bench b;
	load(&b, "1 e gene 101 900 . + . ID=gene:ENSG1;Name=AB1;biotype=protein_coding;description=x~"
		 "[Source:HGNC~Symbol%3BAcc:HGNC:7];gene_id=ENSG1;version=5\n"
		 "1 havana mRNA 101 900 . + . ID=transcript:ENST1;Parent=gene:ENSG1;biotype=protein_coding;"
		 "ccdsid=CCDS5.1;tag=basic,Ensembl_canonical,MANE_Select,appris_principal_2;transcript_id="
		 "ENST1;"
		 "transcript_support_level=1~(assigned~to~previous~version~6);version=4\n"
		 "1 e exon 101 300 . + . Parent=transcript:ENST1;rank=1\n"
		 "1 e CDS 201 300 . + 0 ID=CDS:ENSP1;Parent=transcript:ENST1;protein_id=ENSP1;version=2\n"
		 "1 e exon 501 900 . + . Parent=transcript:ENST1\n"
		 "1 e CDS 501 600 . + 2 ID=CDS:ENSP1;Parent=transcript:ENST1;protein_id=ENSP1;version=2\n"
		 "1 e NMD_transcript_variant 101 300 . + . "
		 "ID=transcript:ENST2;Parent=gene:ENSG1;biotype=nonsense_mediated_"
		 "decay;tag=cds_start_NF\n"
		 "1 e exon 101 300 . + . Parent=transcript:ENST2\n"
		 "1 e CDS 101 300 . + 1 ID=CDS:ENSP2;Parent=transcript:ENST2;protein_id=ENSP2\n");
	ck_assert_uint_eq(annotate_models_n(b.m), 2);
	is(&b, 0,
		"ENST2 ENST2.1 tid0 + 100-300 e100-300@0 cds1-200 of 200 genome 100-300 pad2 start_nf code1 "
		"ENSP2.1 "
		"gene=ENSG1,AB1,HGNC:7 nonsense_mediated_decay nmd flags10 |e|||");
	is(&b, 1,
		"ENST1 ENST1.4 tid0 + 100-900 e100-300@0 e500-900@200 cds101-300 of 600 genome 200-600 pad0 "
		"code1 "
		"ENSP1.2 gene=ENSG1,AB1,HGNC:7 protein_coding flags5 CCDS5.1|havana||P2|1");
	struct annotate_tx t, u;
	annotate_models_get(b.m, 0, &u);
	annotate_models_get(b.m, 1, &t);
	ck_assert_uint_eq(t.gene_no, u.gene_no);
	ck_assert_uint_lt(t.pick, u.pick);
	no_reason_but(&b, AT_R_N);
	bench_free(&b);
}
END_TEST

static const char gencode[] =
	"chrX H gene 101 300 . - . "
	"ID=ENSG1.5;gene_id=ENSG1.5;gene_type=protein_coding;gene_name=P1;hgnc_id=HGNC:3\n"
	"chrX H transcript 101 300 . - . "
	"ID=ENST1.2;Parent=ENSG1.5;gene_id=ENSG1.5;transcript_id=ENST1.2;gene_type="
	"protein_coding;gene_name=P1;transcript_type=protein_coding;transcript_support_level=NA;tag=MANE_"
	"Plus_"
	"Clinical,appris_alternative_1,CCDS,seleno;ccdsid=CCDS9.2\n"
	"chrX H exon 101 300 . - . ID=exon:ENST1.2:1;Parent=ENST1.2;transcript_id=ENST1.2\n"
	"chrX H CDS 120 239 . - 0 ID=CDS:ENST1.2;Parent=ENST1.2;transcript_id=ENST1.2;protein_id=ENSP1.3\n"
	"chrX H stop_codon 120 122 . - 0 ID=stop_codon:ENST1.2;Parent=ENST1.2\n"
	"chrX H stop_codon_redefined_as_selenocysteine 234 236 . - . ID=sec:1;Parent=ENST1.2\n"
	"chrY H gene 101 300 . - . ID=ENSG1.5_PAR_Y;gene_id=ENSG1.5;gene_type=protein_coding;gene_name=P1\n"
	"chrY H transcript 101 300 . - . "
	"ID=ENST1.2_PAR_Y;Parent=ENSG1.5_PAR_Y;gene_id=ENSG1.5;transcript_id=ENST1."
	"2;transcript_type=protein_coding\n"
	"chrY H exon 101 300 . - . ID=exon:ENST1.2_PAR_Y:1;Parent=ENST1.2_PAR_Y\n";

START_TEST(gencode_gff3)
{
	struct bench b;
	load(&b, gencode);
	is(&b, 0,
		"ENST1 ENST1.2 tid1 - 100-300 e100-300@0 cds62-181 of 200 genome 119-239 pad0 code1 ENSP1.3 "
		"sec2,2 "
		"gene=ENSG1,P1,HGNC:3 protein_coding flags2 CCDS9.2|H||A1|");
	is(&b, 1, "ENST1 ENST1.2 tid2 - 100-300 e100-300@0 gene=ENSG1,P1, protein_coding flags0 |H|||");
	no_reason_but(&b, AT_R_N);
	bool wrong;
	size_t n_found;
	ck_assert_uint_eq(annotate_models_find(b.m, "ENST1", -1, &n_found, &wrong), 0);
	ck_assert_uint_eq(annotate_models_find(b.m, "ENST1.2", -1, &n_found, &wrong), 0);
	ck_assert(!wrong);
	ck_assert_uint_eq(annotate_models_find(b.m, "ENST1.3", -1, &n_found, &wrong), SIZE_MAX);
	ck_assert(wrong);
	ck_assert_uint_eq(annotate_models_find(b.m, "ENST", -1, &n_found, &wrong), SIZE_MAX);
	ck_assert_uint_eq(annotate_models_find(b.m, "ENST11", -1, &n_found, &wrong), SIZE_MAX);
	ck_assert_uint_eq(annotate_models_find(b.m, "", -1, &n_found, &wrong), SIZE_MAX);
	bench_free(&b);
}
END_TEST

START_TEST(gtf)
{
	/* children first, no gene or transcript lines for T2; the stop codon is outside the CDS and split */
	struct bench b;
	load(&b, "1 e exon 101 200 . + . "
		 "gene_id~\"G1\";~transcript_id~\"T1\";~gene_name~\"N;1\";~transcript_biotype~"
		 "\"protein_coding\";~transcript_version~\"3\";~tag~\"basic\";~tag~\"Ensembl_canonical\";\n"
		 "1 e CDS 151 199 . + 0 "
		 "gene_id~\"G1\";~transcript_id~\"T1\";~protein_id~\"P1\";~protein_version~\"2\";\n"
		 "1 e stop_codon 200 200 . + 0 gene_id~\"G1\";~transcript_id~\"T1\";\n"
		 "1 e stop_codon 301 302 . + 0 gene_id~\"G1\";~transcript_id~\"T1\";\n"
		 "1 e exon 301 400 . + . gene_id~\"G1\";~transcript_id~\"T1\";\n"
		 "1 e transcript 101 400 . + . "
		 "gene_id~\"G1\";~transcript_id~\"T1\";~tag~\"basic\";~tag~\"Ensembl_canonical\";\n"
		 "1 e exon 501 600 . - . gene_id~\"T2\";~transcript_id~\"T2\";\n"
		 "1 e CDS 504 600 . - . gene_id~\"T2\";~transcript_id~\"T2\";\n"
		 "1 e Selenocysteine 595 597 . - . gene_id~\"T2\";~transcript_id~\"T2\";\n"
		 "1 e stop_codon 501 503 . - . gene_id~\"T2\";~transcript_id~\"T2\";\n");
	is(&b, 0,
		"T1 T1.3 tid0 + 100-400 e100-200@0 e300-400@100 cds51-102 of 200 genome 150-302 pad0 code1 "
		"P1.2 "
		"gene=G1,N;1, protein_coding flags4 |e|||");
	is(&b, 1,
		"T2 T2.1 tid0 - 500-600 e500-600@0 cds1-100 of 100 genome 500-600 pad0 code1 T2.1 sec2,2 "
		"gene=T2,, "
		"protein_coding flags10 |e|||");
	ck_assert_int_eq(count(&b, AT_R_NO_PHASE).n, 1);
	ck_assert_int_eq(count(&b, AT_R_CHILD_FIRST).n, 1);
	bench_free(&b);
}
END_TEST

START_TEST(refseq)
{
	struct bench b;
	load(&b, "NC_000001.11 RefSeq region 1 9000 . + . ID=NC_000001.11:1..9000\n"
		 "NC_000001.11 BestRefSeq gene 101 900 . - . "
		 "ID=gene-AB1;Dbxref=GeneID:79501,HGNC:HGNC:14825;Name=AB1;gene="
		 "AB1;gene_biotype=protein_coding\n"
		 "NC_000001.11 BestRefSeq mRNA 101 900 . - . "
		 "ID=rna-NM_5.2;Parent=gene-AB1;Dbxref=Ensembl:ENST8.2,GeneID:"
		 "79501,HGNC:HGNC:14825;Name=NM_5.2;Note=The~RefSeq~transcript~has~1~substitution%2C~1~"
		 "non-frameshifting~indel~compared~to~this~genomic~sequence;gene=AB1;tag=MANE~Select;"
		 "transcript_id=NM_5."
		 "2\n"
		 "NC_000001.11 BestRefSeq exon 801 900 . - . ID=exon-1;Parent=rna-NM_5.2\n"
		 "NC_000001.11 BestRefSeq exon 101 400 . - . ID=exon-2;Parent=rna-NM_5.2\n"
		 "NC_000001.11 BestRefSeq CDS 801 890 . - 0 "
		 "ID=cds-NP_5.2;Parent=rna-NM_5.2;Dbxref=CCDS:CCDS1.1,GeneID:"
		 "79501;protein_id=NP_5.2;transl_except=(pos:complement(885..887)%2Caa:Sec),(pos:complement("
		 "300..302)%2Caa:"
		 "OTHER)\n"
		 "NC_000001.11 BestRefSeq CDS 300 400 . - 0 "
		 "ID=cds-NP_5.2;Parent=rna-NM_5.2;protein_id=NP_5.2;end_range=400,"
		 ".\n"
		 "NC_000001.11 RefSeq cDNA_match 101 400 . - . "
		 "ID=a1;Target=NM_5.2~101~398~+;Gap=M100~D2~M198\n"
		 "NC_000001.11 RefSeq gene 5001 5100 . + . ID=gene-MIR1;Name=MIR1;gene=MIR1\n"
		 "NC_000001.11 RefSeq primary_transcript 5001 5100 . + . "
		 "ID=rna-NR_1.1;Parent=gene-MIR1;transcript_id=NR_1."
		 "1\n"
		 "NC_000001.11 RefSeq exon 5001 5100 . + . Parent=rna-NR_1.1\n"
		 "NC_000001.11 RefSeq miRNA 5011 5030 . + . ID=rna-MIR1;Parent=rna-NR_1.1\n"
		 "NC_000001.11 RefSeq exon 5011 5030 . + . Parent=rna-MIR1\n"
		 "NC_012920.1 RefSeq gene 3307 4262 . + . ID=gene-ND1;gene=ND1;Dbxref=GeneID:4535\n"
		 "NC_012920.1 RefSeq CDS 3307 4262 . + 0 "
		 "ID=cds-YP_3.1;Parent=gene-ND1;protein_id=YP_3.1;transl_except=(pos:"
		 "4261..4262%2Caa:TERM);transl_table=2\n");
	is(&b, 0,
		"NM_5 NM_5.2 tid0 - 100-900 e800-900@0 e100-400@100 cds11-201 of 400 genome 299-890 pad0 "
		"start_nf code1 "
		"NP_5.2 sec2,2 diff200,203 gene=79501,AB1,HGNC:14825 protein_coding flagsd "
		"CCDS1.1|BestRefSeq|ENST8.2||");
	is(&b, 1,
		"NR_1 NR_1.1 tid0 + 5000-5100 e5000-5100@0 mature5010,5030 gene=MIR1,MIR1, "
		"primary_transcript "
		"flags8 |RefSeq|||");
	is(&b, 2,
		"ND1 ND1.1 tid3 + 3306-4262 e3306-4262@0 cds1-956 of 956 genome 3306-4262 pad0 code2 YP_3.1 "
		"gene=4535,"
		"ND1, protein_coding flags10 |RefSeq|||");
	ck_assert_int_eq(count(&b, AT_R_EXCEPT).n, 1);
	ck_assert_int_eq(count(&b, AT_R_DIFFERS).n, 1);
	/* the accession is of a build */
	struct grx_contigs *d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b.cx, d, "1", 249250621, NULL), 0);
	struct annotate_models *m = NULL;
	ck_assert_int_eq(annotate_models_open(&b.cx, &b.opt, d, &m), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(b.cx.err.msg, "GRCh38"));
	grx_contigs_free(d);
	bench_free(&b);
}
END_TEST

/* The input has accessions, the models plain names. */
START_TEST(accessions_of_the_input)
{
	struct bench b;
	load(&b, gencode);
	struct grx_contigs *d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b.cx, d, "NC_000023.11", 156040895, NULL), 0);
	struct annotate_models *m = NULL;
	ck_assert_msg(annotate_models_open(&b.cx, &b.opt, d, &m) == 0, "%s", b.cx.err.msg);
	struct annotate_tx t;
	ck_assert(annotate_models_get(m, 0, &t));
	ck_assert_int_eq(t.tid, 0);
	annotate_models_free(m);
	grx_contigs_free(d);
	bench_free(&b);
}
END_TEST

START_TEST(bacteria_and_viruses)
{
	struct bench b;
	load(&b, "1 RefSeq region 1 9000 . + . ID=r;Is_circular=true\n"
		 /* +1 slip on the reverse strand, the gap is no intron */
		 "1 RefSeq gene 19 181 . - . "
		 "ID=gene-b1;Name=prfB;gene=prfB;gene_biotype=protein_coding;locus_tag=b1\n"
		 "1 RefSeq CDS 101 181 . - 0 "
		 "ID=cds-1;Parent=gene-b1;exception=ribosomal~slippage;protein_id=WP_1.1;"
		 "transl_table=11\n"
		 "1 RefSeq CDS 19 99 . - 0 "
		 "ID=cds-1;Parent=gene-b1;exception=ribosomal~slippage;protein_id=WP_1.1;transl_"
		 "table=11\n"
		 /* -1 slip and a second protein of the gene */
		 "1 RefSeq gene 1001 1300 . + . ID=gene-o1;gene=ORF1ab\n"
		 "1 RefSeq CDS 1001 1100 . + 0 "
		 "ID=cds-2;Parent=gene-o1;exception=ribosomal~slippage;protein_id=YP_2.1\n"
		 "1 RefSeq CDS 1100 1300 . + 0 "
		 "ID=cds-2;Parent=gene-o1;exception=ribosomal~slippage;protein_id=YP_2.1\n"
		 "1 RefSeq CDS 1001 1120 . + 0 ID=cds-3;Parent=gene-o1;protein_id=YP_3.1\n"
		 /* Prokka: no gene */
		 "1 Prodigal CDS 2001 2300 . + 0 ID=PK_1;locus_tag=PK_1;gene=dnaA\n"
		 "1 RefSeq pseudogene 3001 3300 . + . ID=gene-p1;gene_biotype=pseudogene;pseudo=true\n"
		 "1 RefSeq CDS 3001 3300 . + 0 ID=cds-4;Parent=gene-p1;pseudo=true\n"
		 "1 RefSeq gene 8901 9100 . + . ID=gene-z\n"
		 "1 RefSeq CDS 8901 9100 . + 0 ID=cds-5;Parent=gene-z\n");
	is(&b, 0,
		"b1 b1.1 tid0 - 18-181 e18-181@0 cds1-163 of 163 genome 18-181 pad0 code11 WP_1.1 slip81,83 "
		"gene=b1,prfB, protein_coding flags10 |RefSeq|||");
	is(&b, 1,
		"YP_3 YP_3.1 tid0 + 1000-1120 e1000-1120@0 cds1-120 of 120 genome 1000-1120 pad0 code1 "
		"YP_3.1 gene=o1,"
		"ORF1ab, protein_coding flags8 |RefSeq|||");
	is(&b, 2,
		"YP_2 YP_2.1 tid0 + 1000-1300 e1000-1300@0 cds1-300 of 300 genome 1000-1300 pad0 code1 "
		"YP_2.1 "
		"slip100,100 gene=o1,ORF1ab, protein_coding flags8 |RefSeq|||");
	is(&b, 3,
		"PK_1 PK_1.1 tid0 + 2000-2300 e2000-2300@0 cds1-300 of 300 genome 2000-2300 pad0 code1 "
		"PK_1.1 "
		"gene=PK_1,dnaA, protein_coding flags10 |Prodigal|||");
	is(&b, 4, "p1 p1.1 tid0 + 3000-3300 e3000-3300@0 gene=p1,, pseudogene flags10 |RefSeq|||");
	ck_assert_uint_eq(annotate_models_n(b.m), 5);
	ck_assert_int_eq(count(&b, AT_R_CIRCULAR).n, 1);
	ck_assert_int_eq(count(&b, AT_R_PSEUDO_CDS).n, 1);
	bench_free(&b);
}
END_TEST

START_TEST(plants_and_others)
{
	struct bench b;
	load(&b, "Chr1 x gene 101 900 . + . ID=AT1G1;Name=AT1G1\n"
		 "Chr1 x mRNA 101 900 . + . ID=AT1G1.1;Parent=AT1G1;Name=AT1G1.1\n"
		 /* UTR and CDS without exon; every piece its own ID; coordinates run down */
		 "Chr1 x three_prime_UTR 801 900 . + . ID=u2;Parent=AT1G1.1\n"
		 "Chr1 x CDS 701 800 . + . ID=c2;Parent=AT1G1.1\n"
		 "Chr1 x CDS 201 300 . + 0 ID=c1;Parent=AT1G1.1\n"
		 "Chr1 x five_prime_UTR 101 200 . + . ID=u1;Parent=AT1G1.1\n"
		 /* pieces shared by two transcripts, one comma encoded in an ID */
		 "Chr1 x mRNA 1001 1100 . + . ID=a%2Cb;Parent=AT1G2\n"
		 "Chr1 x mRNA 1001 1100 . + . ID=c;Parent=AT1G2\n"
		 "Chr1 x gene 1001 1100 . + . ID=AT1G2\n"
		 "Chr1 x exon 1001 1100 . + . Parent=a%2Cb,c\n"
		 /* the phase of the second piece tells that of the first */
		 "Chr1 x gene 2001 2300 . - . ID=g3\n"
		 "Chr1 x mRNA 2001 2300 . - . ID=t3;Parent=g3\n"
		 "Chr1 x exon 2001 2100 . - . Parent=t3\n"
		 "Chr1 x exon 2201 2300 . - . Parent=t3\n"
		 "Chr1 x CDS 2201 2300 . - . Parent=t3\n"
		 "Chr1 x CDS 2001 2100 . - 1 Parent=t3\n");
	is(&b, 0,
		"AT1G1.1 AT1G1.1 tid0 + 100-900 e100-300@0 e700-900@200 cds101-300 of 400 genome 200-800 "
		"pad0 code1 "
		"AT1G1.1 gene=AT1G1,AT1G1, protein_coding flags10 |x|||");
	is(&b, 1, "a,b a,b.1 tid0 + 1000-1100 e1000-1100@0 gene=AT1G2,, protein_coding flags10 |x|||");
	is(&b, 2, "c c.1 tid0 + 1000-1100 e1000-1100@0 gene=AT1G2,, protein_coding flags10 |x|||");
	is(&b, 3,
		"t3 t3.1 tid0 - 2000-2300 e2200-2300@0 e2000-2100@100 cds1-200 of 200 genome 2000-2300 pad1 "
		"start_nf "
		"code1 t3.1 gene=g3,, protein_coding flags10 |x|||");
	ck_assert_int_eq(count(&b, AT_R_NO_PHASE).n, 1);
	no_reason_but(&b, AT_R_NO_PHASE);
	bench_free(&b);
}
END_TEST

/* A plant's ChrM has the standard code; pieces of other proteins with one ID keep their names. */
START_TEST(codes_and_names)
{
	struct bench b;
	load(&b, "ChrM x gene 101 400 . + . ID=g\nChrM x mRNA 101 400 . + . ID=t;Parent=g\n"
		 "ChrM x exon 101 400 . + . Parent=t\nChrM x CDS 101 400 . + 0 "
		 "ID=cds;Parent=t;protein_id=P1.1\n"
		 "ChrM x mRNA 501 800 . + . ID=u;Parent=g2\nChrM x gene 501 800 . + . ID=g2\n"
		 "ChrM x exon 501 800 . + . Parent=u\nChrM x CDS 501 800 . + 0 "
		 "ID=cds;Parent=u;protein_id=P2.1\n");
	is(&b, 0,
		"t t.1 tid3 + 100-400 e100-400@0 cds1-300 of 300 genome 100-400 pad0 code1 P1.1 gene=g,, "
		"protein_coding flags10 |x|||");
	is(&b, 1,
		"u u.1 tid3 + 500-800 e500-800@0 cds1-300 of 300 genome 500-800 pad0 code1 P2.1 gene=g2,, "
		"protein_coding flags10 |x|||");
	bench_free(&b);
}
END_TEST

/* Any order of the lines gives the same transcripts. */
START_TEST(order_of_lines_is_free)
{
	struct bench b;
	struct grx_str first = {0}, s = {0};
	const char *l[32];
	size_t n = 0, len[32];
	uint32_t seed = 12345;
	for (const char *p = gencode; *p; p += len[n - 1]) {
		l[n] = p;
		len[n++] = strcspn(p, "\n") + 1;
	}
	for (int round = 0; round < 20; round++) {
		struct grx_str text = {0};
		if (round == 0) {
			load(&b, gencode);
		} else {
			for (size_t i = n; i > 1; i--) {
				seed = seed * 1103515245u + 12345u;
				size_t k = (seed >> 16) % i, x = len[k];
				const char *q = l[k];
				l[k] = l[i - 1];
				len[k] = len[i - 1];
				l[i - 1] = q;
				len[i - 1] = x;
			}
			for (size_t i = 0; i < n; i++)
				grx_str_addn(&text, l[i], len[i]);
			lines(&b, text.s);
			ck_assert_msg(again(&b) == 0, "%s", b.cx.err.msg);
		}
		struct annotate_tx t;
		grx_str_reset(&s);
		for (int tid = 0; tid < 4; tid++)
			for (size_t i = 0; i < annotate_models_n(b.m); i++) {
				ck_assert(annotate_models_get(b.m, i, &t));
				if (t.tid == tid)
					tx_text(&t, &s);
			}
		if (round == 0)
			grx_str_add(&first, s.s);
		ck_assert_str_eq(first.s, s.s);
		grx_str_clear(&text);
	}
	grx_str_clear(&first);
	grx_str_clear(&s);
	bench_free(&b);
}
END_TEST

/* --- contradictions --- */

#define GENE "1 x gene 101 900 . + . ID=g\n"
#define TX   GENE "1 x mRNA 101 900 . + . ID=t;Parent=g\n"
#define EXON TX "1 x exon 101 400 . + . Parent=t\n"
/* a second, sound transcript, so that the file has one */
#define SOUND                                                                                                \
	"1 x gene 5001 5100 . + . ID=s\n1 x mRNA 5001 5100 . + . ID=st;Parent=s\n1 x exon 5001 5100 . + . "  \
	"Parent=st\n"

static const struct {
	enum annotate_reason r;
	int n, line, left; /* counted, first line, transcripts */
	const char *text;
} wrong[] = {
	{AT_R_CDS_OUTSIDE, 1, 5, 1,
		SOUND GENE "1 x mRNA 101 900 . + . ID=t;Parent=g\n1 x exon 101 400 . + . Parent=t\n1 x CDS "
			   "2001 2300 . + 0 Parent=t\n"},
	{AT_R_CDS_OUTSIDE, 1, 2, 1,
		EXON "1 x exon 601 900 . + . Parent=t\n1 x CDS 201 700 . + 0 Parent=t\n" SOUND},
	{AT_R_CDS_GAP, 1, 2, 1,
		EXON "1 x exon 601 900 . + . Parent=t\n1 x CDS 201 300 . + 0 Parent=t\n1 x CDS 601 700 . + 2 "
		     "Parent=t\n" SOUND},
	{AT_R_PARENT, 1, 4, 1, SOUND "1 x exon 101 200 . + . Parent=zz\n1 x exon 301 400 . + . Parent=zz\n"},
	{AT_R_STRAND, 1, 2, 1, EXON "1 x CDS 101 400 . - 0 Parent=t\n" SOUND},
	{AT_R_STRAND, 1, 2, 1, TX "1 x exon 101 400 . . . Parent=t\n" SOUND},
	{AT_R_STRAND, 1, 4, 2, EXON "X x exon 101 400 . + . Parent=t\n" SOUND},
	{AT_R_CODE, 1, 2, 1, EXON "1 x CDS 101 400 . + 0 Parent=t;transl_table=4\n" SOUND},
	{AT_R_CYCLE, 1, 2, 1,
		"1 x gene 101 900 . + . ID=g;Parent=t\n1 x mRNA 101 900 . + . ID=t;Parent=g\n1 x exon 101 "
		"400 . + . Parent=t\n"},
	{AT_R_GENE, 1, 1, 1, "1 x mRNA 101 900 . + . ID=t;Parent=zz\n1 x exon 101 400 . + . Parent=t\n"},
	{AT_R_GENE_STRAND, 1, 2, 1,
		"1 x gene 101 900 . - . ID=g\n1 x mRNA 101 900 . + . ID=t;Parent=g\n1 x exon 101 400 . + . "
		"Parent=t\n"},
	{AT_R_OUT_TX, 1, 2, 1,
		"1 x gene 101 950 . + . ID=g\n1 x mRNA 101 900 . + . ID=t;Parent=g\n1 x exon 601 901 . + . "
		"Parent=t\n"},
	{AT_R_OUT_GENE, 1, 2, 1,
		"1 x gene 101 300 . + . ID=g\n1 x mRNA 101 900 . + . ID=t;Parent=g\n1 x exon 101 400 . + . "
		"Parent=t\n"},
	{AT_R_DUP_ID, 1, 4, 1, EXON "1 x mRNA 101 900 . - . ID=t;Parent=g\n"},
	{AT_R_DUP_PIECE, 1, 2, 1, EXON "1 x exon 101 400 . + . Parent=t\n"},
	{AT_R_OVERLAP, 1, 2, 1, EXON "1 x exon 301 500 . + . Parent=t\n"},
	{AT_R_OVERLAP, 1, 2, 1, EXON "1 x CDS 101 400 . + 0 Parent=t\n1 x CDS 201 300 . + 0 Parent=t\n"},
	{AT_R_OVERLAP, 1, 2, 1, EXON "1 x CDS 101 200 . + 0 Parent=t\n1 x CDS 191 400 . + 2 Parent=t\n"},
	{AT_R_CDS_GAP, 1, 2, 1,
		EXON "1 x CDS 101 200 . + 0 Parent=t\n1 x CDS 211 400 . + 2 Parent=t\n" SOUND},
	{AT_R_PHASE, 1, 2, 1,
		EXON "1 x exon 501 600 . + . Parent=t\n1 x CDS 201 400 . + 0 Parent=t\n1 x CDS 501 600 . + 2 "
		     "Parent=t\n"},
	{AT_R_NO_PHASE, 1, 2, 1, EXON "1 x CDS 101 400 . + . Parent=t\n"},
	{AT_R_STOP_APART, 1, 2, 1,
		EXON "1 x CDS 101 130 . + 0 Parent=t\n1 x stop_codon 140 142 . + 0 Parent=t\n"},
	{AT_R_NO_PARENT, 1, 4, 1, EXON "1 x exon 101 400 . + . Name=x\n"},
	{AT_R_NO_EXON, 1, 4, 1, EXON "1 x mRNA 101 400 . + . ID=t2;Parent=g\n"},
	{AT_R_SEC_UNKNOWN, 1, 2, 1,
		GENE "1 x mRNA 101 900 . + . ID=t;Parent=g;tag=seleno\n1 x exon 101 400 . + . Parent=t\n"},
	{AT_R_SEC_FRAME, 1, 2, 1,
		EXON "1 x CDS 101 400 . + 0 Parent=t;transl_except=(pos:105..107,aa:Sec)\n"},
	{AT_R_EXCEPT, 1, 2, 1, EXON "1 x CDS 101 400 . + 0 Parent=t;transl_except=(pos:101..103,aa:Met)\n"},
	{AT_R_DIFFERS, 1, 2, 1,
		GENE "1 x mRNA 101 900 . + . ID=t;Parent=g;Note=The RefSeq transcript has 1 substitution "
		     "compared to this genomic sequence\n1 x exon 101 400 . + . Parent=t\n"},
	{AT_R_PSEUDO_CDS, 1, 2, 1, EXON "1 x CDS 101 400 . + 0 Parent=t;pseudo=true\n"},
	{AT_R_CHILD_FIRST, 1, 2, 1,
		"1 x exon 101 400 . + . Parent=t\n1 x mRNA 101 900 . + . ID=t;Parent=g\n" GENE},
	/* Ensembl says it of the chromosome, wherever its line stands */
	{AT_R_CIRCULAR, 1, 2, 1,
		"1 x gene 5401 5600 . + . ID=g\n1 x mRNA 5401 5600 . + . ID=t;Parent=g\n1 x exon 5401 5600 . "
		"+ . "
		"Parent=t\n1 x chromosome 1 5500 . . . ID=chromosome:1;Is_circular=true\n" SOUND},
	{AT_R_CIRCULAR, 1, 3, 1,
		"1 x region 1 5500 . + . ID=r;Is_circular=true\n1 x gene 5401 5500 . + . ID=g\n1 x mRNA 5401 "
		"5500 . + . ID=t;Parent=g\n1 x exon 5401 5600 . + . Parent=t\n" SOUND},
	{AT_R_TRANS, 1, 2, 1,
		GENE "1 x mRNA 101 900 . ? . ID=t;Parent=g;exception=trans-splicing\n1 x exon 601 900 . + . "
		     "Parent=t\n1 x exon 101 400 . + . Parent=t\n" SOUND},
	{AT_R_TRANS, 1, 2, 1, EXON "1 x CDS 101 400 . + 0 Parent=t;exception=trans-splicing\n" SOUND},
	{AT_R_GENE_EMPTY, 1, 4, 1, EXON "1 x pseudogene 2001 2100 . + . ID=p;gene=P\n"},
	{AT_R_NO_EXON, 1, 4, 1, EXON "1 x tRNA 2001 2100 . + . ID=p\n"},
	{AT_R_NO_EXON, 1, 5, 1,
		EXON "1 x RNA 2001 2100 . + . ID=y\n1 x tRNA 2001 2100 . + . ID=p;Parent=y\n"},
	{AT_R_NO_EXON, 1, 4, 1,
		EXON "1 x mRNA 2001 2100 . + . ID=u\n1 x five_prime_UTR 2001 2100 . + . Parent=u\n"},
	{AT_R_STRAND, 1, 1, 1,
		"1 x transcript 101 200 . + . gene_id \"g\"; transcript_id \"t\";\n"
		"1 x exon 101 200 . + . gene_id \"g\"; transcript_id \"t\";\n"
		"1 x transcript 1101 1200 . + . gene_id \"g\"; transcript_id \"t\";\n"
		"1 x exon 1101 1200 . + . gene_id \"g\"; transcript_id \"t\";\n" SOUND},
	{AT_R_CODE, 1, 2, 1,
		"Mito x gene 101 400 . + . ID=g\nMito x mRNA 101 400 . + . ID=t;Parent=g\nMito x exon 101 "
		"400 . + . "
		"Parent=t\nMito x CDS 101 400 . + 0 Parent=t\n" SOUND},
	{AT_R_CIRCULAR, 1, 3, 1,
		"1 x region 1 5500 . + . ID=r;Is_circular=true\n1 x gene 5401 5600 . + . ID=g\n1 x mRNA 5401 "
		"5600 . + . ID=t;Parent=g\n1 x exon 5401 5600 . + . Parent=t\n" SOUND},
};

START_TEST(contradictions)
{
	struct bench b;
	bool is_strict;
	load(&b, wrong[_i].text);
	const char *name = annotate_reason_name(wrong[_i].r, &is_strict);
	struct annotate_count c = count(&b, wrong[_i].r);
	ck_assert_msg(c.n == wrong[_i].n && c.line == wrong[_i].line, "case %d, %s: %lld, line %lld", _i,
		name, (long long)c.n, (long long)c.line);
	ck_assert_msg(annotate_models_n(b.m) == (size_t)wrong[_i].left, "case %d, %s: %zu transcripts", _i,
		name, annotate_models_n(b.m));
	no_reason_but(&b, wrong[_i].r);
	b.opt.strict = true;
	int rc = again(&b);
	ck_assert_int_eq(rc, is_strict ? GRX_E_DATA : GRX_OK);
	if (is_strict) {
		char at[120];
		snprintf(at, sizeof at, "%s:%d: %s", b.gff, wrong[_i].line, name);
		ck_assert_msg(strstr(b.cx.err.msg, at) != NULL, "%s", b.cx.err.msg);
	}
	bench_free(&b);
}
END_TEST

/* --- regulatory features --- */

START_TEST(regulatory)
{
	struct bench b;
	char reg[100];
	load(&b, EXON);
	snprintf(reg, sizeof reg, "%s/r.gff3", b.dir);
	const char *gff =
		"1\tRegulatory_Build\tenhancer\t101\t200\t.\t.\t.\tID=enhancer:ENSR1;bound_end=200\n"
		"1\t.\tTF_binding_site\t151\t160\t2.7\t+\t.\tbinding_matrix_stable_id=ENSPFM1;stable_id="
		"ENSM9\n";
	put(reg, gff, strlen(gff));
	b.opt.regulatory = reg;
	ck_assert_msg(again(&b) == 0, "%s", b.cx.err.msg);
	size_t lo, hi;
	struct annotate_feature f;
	annotate_models_features(b.m, 0, 155, 156, &lo, &hi);
	ck_assert_uint_eq(lo, 0);
	ck_assert_uint_eq(hi, 2);
	annotate_models_feature(b.m, 0, &f);
	ck_assert(f.beg == 100 && f.end == 200 && !f.motif);
	ck_assert_str_eq(f.id, "ENSR1");
	ck_assert_str_eq(f.biotype, "enhancer");
	annotate_models_feature(b.m, 1, &f);
	ck_assert(f.beg == 150 && f.end == 160 && f.motif);
	ck_assert_str_eq(f.id, "ENSM9");
	annotate_models_features(b.m, 1, 155, 156, &lo, &hi);
	ck_assert_uint_eq(lo, hi);
	const char *bed = "track name=x\nchr1\t10\t20\tpromoterA\t0\t+\nchr1\t30\t40\n";
	put(reg, bed, strlen(bed));
	ck_assert_msg(again(&b) == 0, "%s", b.cx.err.msg);
	annotate_models_features(b.m, 0, 0, 100, &lo, &hi);
	ck_assert_uint_eq(hi - lo, 2);
	annotate_models_feature(b.m, lo, &f);
	ck_assert_str_eq(f.id, "promoterA");
	annotate_models_feature(b.m, lo + 1, &f);
	ck_assert_str_eq(f.id, "chr1:31-40");
	put(reg, "chr1\t20\t10\n", 11);
	ck_assert_int_eq(again(&b), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(b.cx.err.msg, "r.gff3:1:"));
	bench_free(&b);
}
END_TEST

/* --- compiled --- */

static void compile(struct bench *b, const char *reg)
{
	struct annotate_opt o = {.gff = b->gff, .regulatory = reg, .build_models = true};
	json_t *sum = json_object();
	struct grx_tool_io io = {.output = b->gxm, .summary = sum};
	ck_assert_msg(annotate_models_tool(&o, &b->cx, &io) == 0, "%s", b->cx.err.msg);
	ck_assert_msg(grx_outs_commit(&b->cx) == 0, "%s", b->cx.err.msg);
	json_decref(sum);
}

static void all_text(const struct annotate_models *m, struct grx_str *s)
{
	struct annotate_tx t;
	for (size_t i = 0; i < annotate_models_n(m); i++) {
		ck_assert(annotate_models_get(m, i, &t));
		tx_text(&t, s);
		grx_str_addf(s, " pick%u gene%u table%d\n", t.pick, t.gene_no, t.table);
	}
}

static void compiled_equals(struct bench *b, const struct grx_contigs *d)
{
	struct grx_str x = {0}, y = {0};
	struct annotate_models *m = NULL;
	struct annotate_models_opt o = {.gff = b->gxm, .strict = false};
	compile(b, NULL);
	ck_assert_msg(annotate_models_open(&b->cx, &o, d, &m) == 0, "%s", b->cx.err.msg);
	all_text(b->m, &x);
	all_text(m, &y);
	ck_assert_str_eq(x.s, y.s);
	for (int s = 0; s < AT_S_N; s++) {
		size_t n = b->m->im.n[s] * annotate_section_size((enum annotate_section)s);
		ck_assert_uint_eq(b->m->im.n[s], m->im.n[s]);
		ck_assert_msg(n == 0 || memcmp(b->m->im.sec[s], m->im.sec[s], n) == 0, "section %d", s);
	}
	annotate_models_free(m);
	grx_str_clear(&x);
	grx_str_clear(&y);
}

START_TEST(compiled_is_parsed)
{
	struct bench b;
	load(&b, gencode);
	compiled_equals(&b, b.d);
	bench_free(&b);
	/* real models */
	char path[300];
	const char *shared = getenv("GRX_SHARED");
	snprintf(path, sizeof path, "%s/data/annot/chr21/test.gff.gz", shared ? shared : "../shared");
	if (access(path, R_OK) != 0) {
		puts("SKIP: chr21 models are absent");
		return;
	}
	bench_new(&b);
	snprintf(b.gff, sizeof b.gff, "%s/m.gff.gz", b.dir);
	char real[4096];
	ck_assert_ptr_nonnull(realpath(path, real));
	ck_assert_int_eq(symlink(real, b.gff), 0);
	struct grx_contigs *d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b.cx, d, "chr21", 46709983, NULL), 0);
	ck_assert_msg(annotate_models_open(&b.cx, &b.opt, d, &b.m) == 0, "%s", b.cx.err.msg);
	compiled_equals(&b, d);
	grx_contigs_free(d);
	bench_free(&b);
}
END_TEST

START_TEST(cache)
{
	struct bench b;
	char dir[80], file[200];
	struct grx_str x = {0}, y = {0};
	load(&b, gencode);
	all_text(b.m, &x);
	snprintf(dir, sizeof dir, "%s/cache", b.dir);
	b.opt.cache = dir;
	ck_assert_msg(again(&b) == 0, "%s", b.cx.err.msg);
	ck_assert(b.m->im.map == NULL);
	snprintf(file, sizeof file, "%s/%s.gxm", dir, b.m->im.sha);
	ck_assert_msg(grx_outs_commit(&b.cx) == 0, "%s", b.cx.err.msg);
	ck_assert_int_eq(access(file, R_OK), 0);
	ck_assert_msg(again(&b) == 0, "%s", b.cx.err.msg);
	ck_assert(b.m->im.map != NULL);
	all_text(b.m, &y);
	ck_assert_str_eq(x.s, y.s);
	/* a damaged one is made again */
	put(file, "GRXgxm\r\nrubbish", 15);
	ck_assert_msg(again(&b) == 0, "%s", b.cx.err.msg);
	ck_assert(b.m->im.map == NULL);
	grx_str_clear(&x);
	grx_str_clear(&y);
	bench_free(&b);
}
END_TEST

static char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	char *p = malloc(1 << 20);
	*n = fread(p, 1, 1 << 20, f);
	fclose(f);
	return p;
}

/* Opened by whatever means, every transcript is either what it was or refused. */
static int walk(struct bench *b, const char *want, bool strict)
{
	struct annotate_models *m = NULL;
	struct annotate_models_opt o = {.gff = b->gxm, .strict = strict};
	struct grx_str s = {0};
	b->cx.err = (struct grx_errs){0};
	int rc = annotate_models_open(&b->cx, &o, b->d, &m);
	if (rc) {
		ck_assert_msg(rc == GRX_E_DATA || rc == GRX_E_MISMATCH, "%s", b->cx.err.msg);
		return 0;
	}
	ck_assert(!strict);
	int refused = 0;
	for (size_t i = 0; i < annotate_models_n(m); i++) {
		struct annotate_tx t;
		size_t lo, hi;
		if (!annotate_models_get(m, i, &t)) {
			refused++;
			continue;
		}
		grx_str_reset(&s);
		tx_text(&t, &s);
		ck_assert_msg(strstr(want, s.s) != NULL, "changed: %s", s.s);
		annotate_models_range(m, t.tid, 0, 10000, &lo, &hi);
		size_t n_found;
		bool other;
		annotate_models_find(m, t.id_version, -1, &n_found, &other);
	}
	grx_str_clear(&s);
	annotate_models_free(m);
	return 1 + refused;
}

START_TEST(damaged_files)
{
	struct bench b;
	struct grx_str want = {0};
	size_t n, silent = 0, opened = 0;
	load(&b, gencode);
	all_text(b.m, &want);
	compile(&b, NULL);
	char *p = slurp(b.gxm, &n);
	ck_assert_int_eq(walk(&b, want.s, false), 1);
	size_t step = getenv("GENORX_SANITIZED") ? 13 : 3;
	for (size_t k = 0; k < n; k += k < sizeof(struct annotate_im_head) ? 1 : step) {
		char was = p[k];
		p[k] ^= (char)(1 << k % 8);
		put(b.gxm, p, n);
		int r = walk(&b, want.s, false);
		opened += r > 0;
		silent += r == 1;
		int strict = walk(&b, want.s, true) > 0;
		ck_assert_int_eq(strict, 0);
		p[k] = was;
	}
	ck_assert_msg(opened < n / 3, "%zu of %zu opened", opened, n);
	printf("damaged files: %zu opened, in %zu of them all transcripts were still sound\n", opened,
		silent);
	for (size_t cut = 0; cut < n; cut += 7) {
		put(b.gxm, p, cut);
		if (cut >= 8)
			ck_assert_int_eq(walk(&b, want.s, false), 0);
	}
	free(p);
	grx_str_clear(&want);
	bench_free(&b);
}
END_TEST

/* A transcript behind the end that its contig's line gives (which was compared with the input's contig). */
START_TEST(beyond_the_contig)
{
	struct bench b;
	struct annotate_image im;
	struct annotate_tx t;
	size_t n;
	load(&b, gencode);
	compile(&b, NULL);
	char *p = slurp(b.gxm, &n);
	const struct annotate_im_head *h = (const struct annotate_im_head *)p;
	struct annotate_im_contig *c = (struct annotate_im_contig *)(p + h->sec[AT_S_CONTIG].off);
	for (uint64_t i = 0; i < h->sec[AT_S_CONTIG].n; i++)
		c[i].max_end = 150;
	annotate_image_seal(p, n);
	put(b.gxm, p, n);
	ck_assert_int_eq(annotate_image_open(&b.cx, b.gxm, true, &im), 0);
	for (size_t i = 0; i < im.n[AT_S_TX]; i++)
		ck_assert(!annotate_image_tx(&im, i, &t));
	annotate_image_clear(&im);
	free(p);
	bench_free(&b);
}
END_TEST

/* Checksums that fit hostile contents: refused or harmless, never out of bounds (for the sanitizers). */
START_TEST(hostile_files)
{
	struct bench b;
	load(&b, gencode);
	compile(&b, NULL);
	size_t n;
	char *p = slurp(b.gxm, &n), *q = malloc(n);
	uint32_t seed = 99;
	int rounds = getenv("GENORX_SANITIZED") ? 300 : 3000;
	for (int round = 0; round < rounds; round++) {
		memcpy(q, p, n);
		struct annotate_im_head *h = (struct annotate_im_head *)q;
		for (int k = 0; k < 3; k++) {
			static const uint32_t odd[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 64, 1000};
			seed = seed * 1103515245u + 12345u;
			struct annotate_im_section *s = &h->sec[(seed >> 16) % AT_S_N];
			size_t len = s->n * s->size / 4;
			seed = seed * 1103515245u + 12345u;
			if (len)
				memcpy(q + s->off + (seed >> 12) % len * 4, &odd[seed >> 8 & 7], 4);
		}
		put(b.gxm, q, n);
		struct annotate_image im;
		b.cx.err = (struct grx_errs){0};
		annotate_image_seal(q, n);
		put(b.gxm, q, n);
		if (annotate_image_open(&b.cx, b.gxm, true, &im))
			continue;
		annotate_image_clear(&im);
		struct annotate_models *m = NULL;
		struct annotate_models_opt o = {.gff = b.gxm};
		if (annotate_models_open(&b.cx, &o, b.d, &m))
			continue;
		struct grx_str s = {0};
		for (size_t i = 0; i < annotate_models_n(m); i++) {
			struct annotate_tx t;
			if (!annotate_models_get(m, i, &t))
				continue;
			tx_text(&t, &s);
			for (int64_t c = -1; c <= t.cdna_len && c < 1000; c++)
				if (annotate_cdna_pos(&t, c) >= 0)
					ck_assert_int_eq(annotate_cdna(&t, annotate_cdna_pos(&t, c)), c);
		}
		size_t lo, hi;
		for (int tid = -1; tid < 5; tid++) {
			annotate_models_range(m, tid, 0, 5000, &lo, &hi);
			ck_assert(lo <= hi && hi <= annotate_models_n(m));
			annotate_models_features(m, tid, 0, 5000, &lo, &hi);
		}
		size_t n_found;
		bool other;
		annotate_models_find(m, "ENST1.2", -1, &n_found, &other);
		grx_str_clear(&s);
		annotate_models_free(m);
	}
	free(p);
	free(q);
	bench_free(&b);
}
END_TEST

/* --- searches --- */

START_TEST(ranges_equal_a_plain_walk)
{
	struct bench b;
	struct grx_str s = {0};
	uint32_t seed = 5;
	for (int i = 0; i < 700; i++) {
		seed = seed * 1103515245u + 12345u;
		int beg = 1 + (int)((seed >> 8) % 9000), len = i % 97 ? 1 + (int)((seed >> 20) % 60) : 9000;
		if (beg + len > 10000)
			len = 10000 - beg;
		grx_str_addf(&s, "%s x mRNA %d %d . + . ID=t%d\n%s x exon %d %d . + . Parent=t%d\n",
			i % 3 ? "1" : "X", beg, beg + len, i, i % 3 ? "1" : "X", beg, beg + len, i);
	}
	load(&b, s.s);
	size_t n = annotate_models_n(b.m), steps = 0, hits = 0;
	for (int tid = 0; tid < 3; tid++)
		for (int64_t beg = -5; beg < 10005; beg += 7) {
			int64_t end = beg + 1 + beg % 5;
			size_t lo, hi, found = 0, want = 0;
			annotate_models_range(b.m, tid, beg, end, &lo, &hi);
			for (size_t i = lo; i < hi; i = annotate_models_next(b.m, i + 1, hi, beg)) {
				int64_t x, y;
				annotate_models_span(b.m, i, &x, &y);
				ck_assert(y >= beg && x <= end);
				found++;
				steps++;
			}
			for (size_t i = 0; i < n; i++) {
				struct annotate_tx t;
				if (beg % 3 == 0) /* the plain walk is slow */
					break;
				ck_assert(annotate_models_get(b.m, i, &t));
				want += t.tid == tid && t.end >= beg && t.beg <= end;
			}
			if (beg % 3)
				ck_assert_uint_eq(found, want);
			hits += found;
		}
	ck_assert_uint_eq(steps, hits);
	ck_assert_uint_gt(hits, 1000);
	for (size_t i = 0; i < n; i++) {
		struct annotate_tx t;
		size_t n_found;
		bool other;
		ck_assert(annotate_models_get(b.m, i, &t));
		ck_assert_uint_eq(annotate_models_find(b.m, t.id, -1, &n_found, &other), i);
		for (int64_t c = 1; c <= t.cdna_len; c++)
			ck_assert_int_eq(annotate_cdna(&t, annotate_cdna_pos(&t, c)), c);
		ck_assert_int_eq(annotate_cdna_pos(&t, 0), -1);
		ck_assert_int_eq(annotate_cdna_pos(&t, t.cdna_len + 1), -1);
	}
	grx_str_clear(&s);
	bench_free(&b);
}
END_TEST

/* The tree of maxima for many sizes, against a plain scan. */
START_TEST(tree)
{
	uint32_t seed = 1;
	for (size_t n = 0; n < 700; n += n < 40 ? 1 : 53) {
		int32_t *v = malloc((n + 1) * sizeof *v),
			*t = malloc((annotate_tree_size(n) + 1) * sizeof *t);
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			v[i] = (int32_t)(seed >> 16) % 1000;
		}
		annotate_tree_make(v, sizeof *v, n, t);
		struct annotate_ends e = {v, sizeof *v, n, t};
		for (int32_t x = 0; x < 1010; x += 37)
			for (size_t from = 0; from <= n; from += 1 + n / 20) {
				size_t k = annotate_tree_next(&e, from, n, x), w = from;
				while (w < n && v[w] < x)
					w++;
				ck_assert_uint_eq(k < n ? k : n, w);
			}
		free(v);
		free(t);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_model");
	TCase *t = tcase_create("annotate_model");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, ensembl);
	tcase_add_test(t, gencode_gff3);
	tcase_add_test(t, gtf);
	tcase_add_test(t, refseq);
	tcase_add_test(t, accessions_of_the_input);
	tcase_add_test(t, bacteria_and_viruses);
	tcase_add_test(t, plants_and_others);
	tcase_add_test(t, codes_and_names);
	tcase_add_test(t, order_of_lines_is_free);
	tcase_add_loop_test(t, contradictions, 0, (int)(sizeof wrong / sizeof *wrong));
	tcase_add_test(t, regulatory);
	tcase_add_test(t, compiled_is_parsed);
	tcase_add_test(t, cache);
	tcase_add_test(t, damaged_files);
	tcase_add_test(t, beyond_the_contig);
	tcase_add_test(t, hostile_files);
	tcase_add_test(t, ranges_equal_a_plain_walk);
	tcase_add_test(t, tree);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
