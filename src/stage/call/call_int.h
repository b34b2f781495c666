/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_int.h -- inside the call stage: options, state, the work of one shard, and the seams between its
 * steps.
 *
 * A shard flows through  reads.c -> foreign.c -> scan.c -> candidate.c -> assemble.c -> region.c -> [
 * regcall.c and what is below it (call_hap.h) | pileup.c + genotype.c | mito.c ] -> record.c -> forced.c ->
 * filter.c -> gvcf.c -> emit.c. The middle (in brackets) turns a place into a matrix of log-likelihoods,
 * fragment x allele (struct call_lik), and genotypes. Invariants: alleles are trimmed and left-aligned;
 * positions are 0-based; work lives in the thread's scratch, what is handed on in the shard's arena. */
#ifndef GRX_STAGE_CALL_INT_H
#define GRX_STAGE_CALL_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "genorx/genorx.h"
#include "stage/call/feature.h"
#include "stage/call/prior.h"
#include "stage/call/rescore.h"

#define CALL_PAD_BP     600                 /* computed on both sides of the core; only the core is printed */
#define CALL_MAX_ALLELE 16                  /* alleles of one locus, REF included */
#define CALL_LN10_10    0.23025850929940458 /* ln(10) / 10: phred -> nats */
#define CALL_MAX_LEN    320                 /* longest change: allele of a candidate or of a forced site */
#define CALL_MAX_HAP    1280 /* longest haplotype window: a change, as much on both sides, repeats */

struct call_opt {
	const char *sites, *sex;
	const char *af, *af_key; /* population frequencies; NULL: none */
	const char *rescore;     /* model file; "auto": the shipped one; "none" or NULL: no re-scoring */
	double mt_fraction;
	bool gvcf, no_filter, no_learn, features;
	int64_t min_mapq, min_baseq, max_depth;
	double min_qual, emit_qual, snv_prior, indel_prior;
};

/* Counts that go into the summary; sums over shards. */
struct call_counts {
	int64_t reads, used, unmapped, secondary, supplementary, duplicate, qcfail, low_mapq, no_seq,
		bad_cigar;
	int64_t foreign, foreign_regions, foreign_bases; /* reads taken out, where */
	int64_t capped;                                  /* fragments left out by --max-depth */
	int64_t snv, indel, complex, filtered, blocks;
	int64_t hom_ref_forced, variant_forced, no_call_forced, forced_seen, forced_bad_ref, forced_symbolic;
	int64_t too_long;      /* regions longer than a haplotype may be */
	int64_t dropped_indel; /* candidate alleles beyond the number of alleles per locus or too long */
	int64_t asm_windows, asm_no_k, asm_cut; /* assembled; without a usable k; ways not followed */
	/* --af: records, alleles in use, candidates that are listed; not used and why */
	int64_t af_records, af_alleles, af_matched, af_bad_ref, af_not_assessable, af_no_value;
};

#define CALL_MAX_BASEQ  40 /* of one base against a haplotype */
#define CALL_MAX_QUAL   3000.0
#define CALL_MAX_GQ     99
#define CALL_MAX_Q      45 /* of an observation, mates joined */
#define CALL_MAX_REPEAT 8  /* observations of an allele on a strand until their weight stays */

struct call_state {
	struct call_opt opt;
	/* ln P(base | other allele) of quality q, seen for the k-th time on its strand (pileup.c) */
	double ll_err[CALL_MAX_Q + 1][CALL_MAX_REPEAT + 1];
	double l_match[CALL_MAX_BASEQ + 1]; /* ln (1 - e) by quality */
	double l_miss[CALL_MAX_BASEQ + 1];  /* ln (e / 3) - ln (1 - e) */
	double p_open[256];                 /* P(a gap opens) by cost in phred */
	enum grx_sex *sex;                  /* per sample */
	enum grx_build build;
	struct call_rescore *rescore; /* or NULL */
	struct call_af *af;           /* or NULL */
	struct call_counts n;
	/* strerr_learn.c: what was learned of each sample, index as grx_read.sample; the default before */
	int n_sample;
	struct call_sample *sample;
	struct call_strcount *count;
};

/* One read in use. cigar is the read's own or a better one found by realignment. */
struct call_aln {
	const struct grx_read *r;
	const uint32_t *cigar;
	int64_t pos, end;   /* aligned bases */
	int64_t ubeg, uend; /* with soft clips laid out on the reference */
	uint32_t n_cigar;
	int32_t mate; /* index of the overlapping mate or -1 */
};

/* A change of the reference: [pos, pos + rlen) becomes alt[0..alen). */
struct call_allele {
	int64_t pos;
	int32_t rlen, alen;
	const char *alt;
	int32_t n_read;  /* reads whose CIGAR shows it, or of the assembly */
	uint16_t sample; /* of the read, until events are merged */
	bool assembled;  /* found by clips or assembly: kept although few CIGARs show it */
};

/* What is compared together: alleles[0..n) against the reference. [beg, end) is where they can be placed. */
struct call_locus {
	int64_t beg, end;
	int n; /* ALT alleles */
	struct call_allele a[CALL_MAX_ALLELE];
	struct call_prior prior[CALL_MAX_ALLELE]; /* of allele i; that of REF is not used */
};

/* An allele that --af lists, normalised like candidates. */
struct call_freq {
	int64_t pos;
	int32_t rlen, alen;
	const char *alt;
	float f;
};

/* The seam: fragments x alleles. ll[f * n_allele + a] in nats, relative to the fragment's best allele. */
struct call_lik {
	int n_allele, width; /* alleles in use; that the rows have room for */
	size_t n, cap;
	double *ll;
	int32_t *aln,
		*aln2; /* index into w->aln of the fragment's first read, of its overlapping mate or -1 */
	uint8_t *rev;  /* strand of the (first) read */
	int8_t *best;  /* allele with a clear lead, or -1: uninformative */
	int64_t sum_mq2;
	int n_mq;
	int n_capped;
};

/* Genotype likelihoods of a locus and what is counted along. */
struct call_gt {
	int n_allele, ploidy, n_gl;
	double *gl; /* nats, VCF order */
	int dp;     /* fragments that overlap */
	int n_inform;
	int adf[CALL_MAX_ALLELE], adr[CALL_MAX_ALLELE];
	double mq; /* RMS */
};

/* A record to be printed. Alleles are strings; counts have n_allele values. */
struct call_rec {
	struct call_rec *more; /* of samples 1..: their genotype, counts and likelihoods only */
	/* of all samples, set by call_record_site() */
	bool any_call, any_variant;
	int all_dp;
	double site_qual, site_mq, fs, sor;
	int64_t pos;
	int32_t rlen;
	int n_allele, ploidy;
	const char **allele;
	const char *id;
	bool forced, nocall, variant, owned, drop;
	bool swap;  /* phased: gt[1] is on the first haplotype */
	int64_t ps; /* phase set (1-based), 0 unphased */
	double *af; /* fraction of each ALT; NULL where fractions are not fitted */
	int hc[2];  /* fragments of the first and the second haplotype of the phase set */
	int gt[2], gq, dp, n_pl;
	int *ad, *adf, *adr, *pl;
	double qual, mq;
	float feat[CALL_N_FEAT]; /* of a variant that the core owns, when has_feat */
	bool has_feat, has_rs;
	double rs; /* phred of the probability that the call is wrong, by the model */
	int n_filter;
	const char *filter[7];
};

/* Positions [beg, end). */
struct call_span64 {
	int64_t beg, end;
};

struct call_work {
	const struct call_state *st;
	struct grx_ctx *cx;
	struct grx_shard *sh;
	struct grx_arena *mem; /* gone after the shard */
	struct grx_arena *out; /* of what is handed on: variants, counts */
	int64_t beg, end;      /* window that is computed: core and pad, within the reference at hand */
	uint8_t *rcode;        /* reference of the window as 4-bit codes, one a byte; index pos - beg */
	uint8_t *rpack[2];     /* packed two a byte, starting at beg and at beg + 1 */
	struct call_aln *aln;
	int32_t n_aln;
	int32_t *first; /* linear index: first alignment that may reach into bin (pos - beg) >> 7 */
	int32_t n_bin;
	bool mito; /* bases by fractions: mito.c */
	int n_sample;
	int32_t *depth;    /* fragments with an aligned base, per position of the window; all samples */
	int32_t **s_depth; /* of each sample; s_depth[0] is depth when there is one */
	uint16_t *mm;      /* mismatches of good quality, sample x window x 4 bases */
	uint16_t *gaps;    /* gaps that reads have (left-aligned), per position */
	int32_t *falls;    /* aligned stretches of fragments that end at or before a position */
	/* for blocks only (else NULL), per position: fragments of depth whose base there says nothing (no
	 * quality, a low one, no letter of ACGT); gaps of reads that delete it or insert next to it */
	int32_t *unusable, *contra;
	struct call_allele *ind;
	size_t n_ind, cap_ind;
	struct call_allele *asm_snv; /* substitutions of assembled haplotypes that the columns do not show */
	size_t n_asm_snv, cap_asm_snv;
	struct call_rec *rec;
	size_t n_rec, cap_rec;
	int32_t *inform,
		*against; /* gvcf.c: fragments that tell a position's genotype; evidence against REF */
	struct call_lik lik;
	struct call_counts *n;
	struct call_freq *freq; /* of the window, ascending */
	size_t n_freq, cap_freq;
	struct call_region *rg; /* candidates in groups, ascending */
	size_t n_rg, cap_rg;
	struct call_called
		*called; /* alleles of the plain calls, ascending; kept only when sites are forced */
	size_t n_called, cap_called;
	struct grx_arena *tmp;           /* of one region */
	struct grx_arena *jobs;          /* of one round of likelihoods */
	const struct call_frn_mark *frn; /* where reads were taken out, ascending: foreign.h */
	size_t n_frn;
	struct call_span64 *skip; /* not judged: call_skip_add(); ascending, apart */
	size_t n_skip, cap_skip;
	struct call_forced *forced; /* sites of the window, ascending */
	size_t n_forced;
};

/* A forced site within the window. */
struct call_forced {
	const struct grx_site *site;
	const char *ref; /* upper case */
	int32_t rlen;
	int n_alt;
	struct call_allele *alt; /* normalised, but for single bases, which are taken as they are */
	const char **given;      /* the ALTs as they were given (upper case) */
	bool snv;                /* REF and all ALTs are single bases */
	bool unusable;           /* symbolic, too long or an unknown reference: can only be a no-call */
	bool owned, done;
};

extern const struct grx_opt call_opts[];

/* reads.c: choose reads, join overlapping mates, index them. Counts reads owned by the core. */
int call_reads_select(struct call_work *w) GRX_MUST;
/* First index to look at for anything overlapping pos. */
int32_t call_reads_first(const struct call_work *w, int64_t pos);
/* scan.c: depth, mismatches, indel events of every read against the reference. */
int call_scan(struct call_work *w) GRX_MUST;
/* candidate.c */
int call_indel_add(struct call_work *w, int64_t pos, int32_t rlen, const char *alt, int32_t alen) GRX_MUST;
bool call_allele_same(const struct call_allele *a, const struct call_allele *b); /* normalised ones */
/* Normalise (trim, left-align) a change into *a; false when it is no change or leaves the window. */
bool call_allele_norm(
	struct call_work *w, int64_t pos, const char *ref, const char *alt, struct call_allele *a);
/* Sort and merge w->ind, drop those with too few reads. */
void call_indels_merge(struct call_work *w);
void call_locus_tract(const struct call_work *w, const struct call_allele *a, int64_t *beg, int64_t *end);
/* Alternative bases worth a look at window index x: bit mask of nt4. */
unsigned call_snv_mask(const struct call_work *w, int64_t x);
/* STR at a locus: number of bases of the purest repeat that covers the tract, and its unit. */
int call_repeat_len(const struct call_work *w, int64_t pos, int *unit);

/* pileup.c: likelihoods of an SNV locus from the bases of its column. */
int call_lik_column(struct call_work *w, const struct call_locus *lc, struct call_lik *k) GRX_MUST;
int call_lik_reset(struct call_work *w, struct call_lik *k, int n_allele) GRX_MUST;
/* Fill st->ll_err. */
void call_errors_init(struct call_state *st);
/* New row, filled with zeros. NULL: no memory. */
double *call_lik_row(struct call_work *w, struct call_lik *k);
/* Two reads of a fragment give one observation of a base: agreement adds quality (capped), disagreement
 * subtracts. *base and *q in/out for the first read. */
void call_mates_join(int *base, int *q, int base2, int q2);

/* Set best of row f: the allele whose likelihood is `lead` times the next one's; turns the row of likelihoods
 * into ln relative to the best. */
void call_lik_best(struct call_lik *k, size_t f, double lead);

/* Keep the alleles with to[a] >= 0, renumbered to it; the others are left out. */
void call_lik_pick(struct call_lik *k, const int *to, int n_allele);

/* genotype.c */
int call_genotype(struct call_work *w, const struct call_lik *k, int ploidy, struct call_gt *g) GRX_MUST;
int call_n_genotype(int n_allele, int ploidy);
int call_gl_index(int i, int j, int ploidy); /* place of genotype i/j (any order) in VCF order */
/* Posterior: best genotype, GQ and QUAL from likelihoods and allele priors (prior[0] unused). */
void call_posterior(
	const double *gl, int n_allele, int ploidy, const struct call_prior *prior, struct call_rec *out);

/* record.c: a record over [pos, pos + rlen) with the alleles of lc named in pick[0..n). Of the others, those
 * called (and so shown in another record) count as REF, those that were only considered are left out. */
struct call_span {
	int64_t pos;
	int32_t rlen;
	int n;
	int pick[CALL_MAX_ALLELE];
	const bool *called; /* alleles of the best genotype; those not picked count as REF here */
};
int call_record_add(struct call_work *w, const struct call_locus *lc, const struct call_gt *g,
	const struct call_span *s, struct call_rec **out) GRX_MUST;
struct call_rec *call_record_push(struct call_work *w);
/* The reference of the span with a put in (NULL: none); in the shard's arena. NULL: no memory. */
const char *call_allele_text(struct call_work *w, const struct call_span *s, const struct call_allele *a);
/* AD, DP, MQ, strand figures of r from the rows of k, whose alleles are the record's. */
int call_record_counts(struct call_work *w, const struct call_lik *k, struct call_rec *r) GRX_MUST;
/* Features of a variant record, when the model or --features needs them; to[] as for call_features(), NULL:
 * the alleles of k are the record's. Last step: genotype and counts are final. */
void call_record_features(
	const struct call_work *w, const struct call_lik *k, const int *to, struct call_rec *r);

/* What a record says of all its samples together; strand figures from their summed counts. */
void call_record_site(const struct call_work *w, struct call_rec *r);
static inline struct call_rec *call_rec_of(struct call_rec *r, int sample)
{
	return sample ? &r->more[sample - 1] : r;
}

/* regcall.c: haplotypes of a region, genotypes, records. */
struct call_region;
int call_region_genotype(struct call_work *w, const struct call_region *rg) GRX_MUST;
struct call_called;
int call_called_add(struct call_work *w, const struct call_called *c) GRX_MUST;

/* forced_hap.c: the record of a forced site: its ALTs on the haplotypes that were called around it. What was
 * called keeps its genotype. */
int call_forced_hap(struct call_work *w, struct call_forced *f) GRX_MUST;
/* region.c: repeats that touch the region, its ln priors. */
void call_region_widen(const struct call_work *w, struct call_region *rg);
/* Does a region that is judged by haplotypes hold pos (or come near it)? */
bool call_region_near(const struct call_work *w, int64_t pos);
static inline uint16_t call_sample(const struct call_aln *a)
{
	return a->r->sample;
}
static inline int32_t call_depth(const struct call_work *w, int sample, int64_t x)
{
	return w->s_depth[sample][x];
}
static inline const uint16_t *call_mm(const struct call_work *w, int sample, int64_t x)
{
	return &w->mm[((int64_t)sample * (w->end - w->beg) + x) * 4];
}
/* Does --max-depth leave this fragment out of a place of that depth? Chosen by name: independent of order and
 * shard. */
bool call_capped(const struct call_work *w, const struct call_aln *a, int64_t depth);

/* forced.c: sites of the window; those whose REF disagrees are dropped and counted. */
int call_forced_prepare(struct call_work *w) GRX_MUST;
/* What is left after the loci: sites of a locus of their own, no-calls. */
int call_forced_rest(struct call_work *w) GRX_MUST;
/* Finish a record of a forced site. */
void call_forced_mark(struct call_rec *r, struct call_forced *f);
/* The site with single-base alleles at pos, or NULL; *i is a cursor that only moves forward. */
struct call_forced *call_forced_snv(struct call_work *w, int64_t pos, size_t *i);

/* loci.c: genotype every locus of the window, indels first, then columns. */
int call_loci(struct call_work *w) GRX_MUST;
/* The locus of one base with the alleles in mask (of nt4), REF left out. */
void call_locus_bases(const struct call_work *w, int64_t pos, unsigned mask, struct call_locus *lc);
/* mito.c: is this the mitochondrion; its single-base variants with their fractions. */
bool call_is_mito(const struct call_work *w);
int call_mito(struct call_work *w) GRX_MUST;
/* The record of a forced site of single bases by fractions; the plain record of the base gives way. Nothing
 * is pushed where no read tells. */
int call_mito_forced(struct call_work *w, struct call_forced *f) GRX_MUST;
/* Is a base of [beg, end) called as a mixture? */
bool call_mito_mixed(const struct call_work *w, int64_t beg, int64_t end);
int call_column(struct call_work *w, int64_t pos, struct call_forced *f) GRX_MUST;

/* call.c */
int call_ploidy(const struct call_work *w, int sample, int64_t pos);
char call_ref_at(const struct call_work *w, int64_t pos); /* 'N' outside */
bool call_is_indel(const struct call_allele *a);

/* strerr_learn.c: default models; the stage's learn(): count, and fit at the end (sh NULL); report; memory */
int call_learn_start(struct call_state *st, struct grx_ctx *cx) GRX_MUST;
int call_learn(void *state, struct grx_ctx *cx, struct grx_shard *sh, bool *enough) GRX_MUST;
int call_learn_summary(const struct call_state *st, struct grx_ctx *cx, struct json_t *summary) GRX_MUST;
void call_learn_free(struct call_state *st);

/* filter.c */
int call_filters_declare(struct grx_ctx *cx) GRX_MUST;
void call_filters_set(const struct call_state *st, struct call_rec *r);
/* Is it for the single-base or the other trees of the model? */
enum call_rescore_type call_rec_type(const struct call_rec *r);
/* emit.c: sort records, blocks between them when asked for, into sh->vars. */
int call_header(struct grx_ctx *cx, const struct call_opt *o) GRX_MUST;
int call_emit(struct call_work *w) GRX_MUST;
int call_emit_record(struct call_work *w, struct grx_vars *out, struct call_rec *r) GRX_MUST;
/* gvcf.c: blocks that tile [beg, end), none of which is covered by a record. */
int call_blocks_prepare(struct call_work *w) GRX_MUST; /* before the first block of a shard */
int call_blocks(struct call_work *w, struct grx_vars *out, int64_t beg, int64_t end) GRX_MUST;
/* Nothing was tried in [beg, end), for example since a region is too long: blocks there are no-calls. In any
 * order; an empty span is nothing. Errors: GRX_E_NOMEM. */
int call_skip_add(struct call_work *w, int64_t beg, int64_t end) GRX_MUST;
bool call_skipped(const struct call_work *w, int64_t pos);

#endif
