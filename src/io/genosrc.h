/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc.h -- genotypes of many samples at the speed of decoding: BCF, VCF, gVCF, plink 1 .bed.
 * For stages that ask few questions of each of very many genotypes (scores, panels, LD). A record says what
 * and where it is; its sample columns stay in the file's own bytes until they are asked for, and what nobody
 * asks for costs nothing. Records of a batch of variants (grx_var) answer the same questions, so that a stage
 * has one way alone and fused. Cost: of a record nobody asks about, O(its site columns). */
#ifndef GRX_IO_GENOSRC_H
#define GRX_IO_GENOSRC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "genorx/ctx.h"
#include "genorx/vars.h"

struct grx_genosrc; /* a file and what all its readers share: constant after opening */
struct grx_genocur; /* one reader of it: one thread's */

struct grx_genosrc_opt {
	const char *path;   /* "-" = stdin; VCF plain, gzip, bgzip; BCF; .bed with .bim and .fam beside it */
	const char *sample; /* keep this sample only, NULL = all; absent: GRX_E_MISMATCH */
	int threads;        /* of a file that cannot be split: further threads that inflate */
};

/* One record. What it points to lives until the cursor moves on. */
struct grx_geno {
	int32_t tid;
	int64_t pos, end; /* 0-based, half-open; end by INFO/END where given */
	const char *id;   /* NULL missing */
	int32_t n_allele; /* >= 1 */
	const char *const
		*allele; /* REF first, upper case; plink: REF = second allele of .bim, as plink writes it */
	bool block;      /* reference block: no ALT, or only <NON_REF> / <*>: grx_var_is_ref_block() */
	bool filtered;   /* FILTER names something else than PASS */
	bool ref_unsure; /* plink 1: which allele is REF was not recorded */
	int64_t line;    /* record number in its file, 1-based */
	const void *raw; /* where the columns are: genosrc's own */
	const struct grx_var *var; /* or a record of a batch */
	const struct grx_genocur *cur;
	int32_t n_sample;
};

/* Copies of an allele in one sample's GT. */
enum {
	GRX_CP_0,
	GRX_CP_1,
	GRX_CP_2,    /* of two alleles */
	GRX_CP_NONE, /* ./. or no GT column; more than two alleles; haploid '.': GRX_CP_HAP_NONE */
	GRX_CP_HAP_0,
	GRX_CP_HAP_1,
	GRX_CP_HAP_NONE, /* of one allele */
	GRX_CP_HALF_0,
	GRX_CP_HALF_1, /* half-call: the known allele is another one; is it */
	GRX_CP_N
};

/* Errors: NOINPUT; DATA: not such a file, truncated, header or .bim/.fam/.bed that disagree (file:line). */
int grx_genosrc_open(struct grx_ctx *cx, const struct grx_genosrc_opt *o, struct grx_genosrc **out) GRX_MUST;
void grx_genosrc_close(struct grx_genosrc *s);
const char *grx_genosrc_path(const struct grx_genosrc *s); /* as given; borrowed */
struct grx_hdr *grx_genosrc_hdr(struct grx_genosrc *s);    /* contigs and samples; owned by s */
const struct grx_contigs *grx_genosrc_contigs(const struct grx_genosrc *s);
/* Can windows be read in any order by several cursors (index; .bed always)? */
bool grx_genosrc_random(const struct grx_genosrc *s);
/* Does the header declare FORMAT key? (.bed: only GT) */
bool grx_genosrc_has(const struct grx_genosrc *s, const char *key);
/* Phenotype-free facts of plink's .fam: 1 male, 2 female, 0 unknown per sample; NULL otherwise. */
const uint8_t *grx_genosrc_sex(const struct grx_genosrc *s);

int grx_genocur_open(struct grx_ctx *cx, struct grx_genosrc *s, struct grx_genocur **out) GRX_MUST;
void grx_genocur_close(struct grx_genocur *c);
/* Records that overlap [beg, end) of tid; needs grx_genosrc_random(). Without a seek the cursor reads the
 * file through (one cursor only). */
int grx_genocur_seek(
	struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end) GRX_MUST;
/* All records at the next position, in file order, into *v (owned by c, valid until the next call); *n = 0 at
 * the end. Checked: sorted, POS within the contig, REF/ALT syntax, whole records, number of columns; DATA
 * names file:record and contig:pos. */
int grx_genocur_next(struct grx_ctx *cx, struct grx_genocur *c, const struct grx_geno **v, int *n) GRX_MUST;
/* A record of a batch as one of these. g borrows v. */
void grx_geno_of_var(const struct grx_var *v, int n_sample, struct grx_geno *g);

/* Columns; each fills arrays of n_sample and may be called by any thread that owns the cursor.
 * Copies of allele (index into g->allele) per sample: GRX_CP_*. *seen = bit set of the codes that occur.
 * GT indices beyond the alleles: DATA. */
int grx_geno_copies(
	struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *code, unsigned *seen) GRX_MUST;
/* Likelihoods of 0, 1, 2 copies as phred, smallest 0, 255 = 255 or more; from PL, else GL. Multiallelic: the
 * best genotype with so many copies. No likelihood given: 255 255 255. Haploid: l0 and l2. Three planes of
 * n_sample. *have = whether the record has the column. */
int grx_geno_pl(struct grx_ctx *cx, const struct grx_geno *g, int allele, uint8_t *l0, uint8_t *l1,
	uint8_t *l2, bool *have) GRX_MUST;
/* Probabilities of 1 and 2 copies from GP (missing: NAN; haploid: p1 = 0 and p2 that of the allele). */
int grx_geno_gp(
	struct grx_ctx *cx, const struct grx_geno *g, int allele, float *p1, float *p2, bool *have) GRX_MUST;
/* Dosage of the allele from DS; REF: ploidy - sum of all (ploidy by GT, 2 without). Missing NAN. */
int grx_geno_ds(struct grx_ctx *cx, const struct grx_geno *g, int allele, float *ds, bool *have) GRX_MUST;
/* An integer column with one value a sample (DP, GQ, MIN_DP, RGQ), -1 missing. */
int grx_geno_int(
	struct grx_ctx *cx, const struct grx_geno *g, const char *key, int32_t *v, bool *have) GRX_MUST;
/* FT: true per sample where it names something else than PASS or '.'. */
int grx_geno_ft(struct grx_ctx *cx, const struct grx_geno *g, bool *bad, bool *have) GRX_MUST;
/* "12,15" of one sample's AD for evidence; "" absent. */
void grx_geno_ad_text(const struct grx_geno *g, int sample, char *buf, size_t n);
/* GT of one sample as text ("0/1"); "./." when absent. */
void grx_geno_gt_text(const struct grx_geno *g, int sample, char *buf, size_t n);

#endif
