/* SPDX-License-Identifier: GPL-3.0-or-later
 * pgx_int.h -- what the files of the pgx stage share: tables, observations, matches, verdicts.
 * Alleles at a locus are small codes: 0 = REF, k = k-th ALT of the table, PGX_OTHER = seen but not in the
 * table, PGX_NONE = not called, PGX_ABSENT = no second copy. An allele definition is one bit mask of codes
 * per locus. A locus without usable evidence is missing: it is never taken as REF. */
#ifndef GRX_STAGE_PGX_INT_H
#define GRX_STAGE_PGX_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "bio/allele.h"
#include "genorx/genorx.h"

#define PGX_OTHER   30
#define PGX_NONE    (-1)
#define PGX_ABSENT  (-2)
#define PGX_REFUSED (-3) /* symbolic, '*' or N allele: says nothing about the locus */

struct pgx_locus {
	const char *chrom, *ref, *rsid; /* rsid NULL if none */
	int64_t pos;                    /* 0-based, as in the table */
	int32_t tid;                    /* in cx->contigs, -1 when the input lacks the contig */
	int n_alt;
	const char **alt;
	const char *alts;                  /* comma-separated, as in the table */
	const char *hgvs;                  /* names of the variants, "; " between; "" if none */
	bool required, report_only, tier1; /* tier1: every laboratory should test it (AMP) */
	int64_t span_beg, span_end;        /* bases that some ALT changes */
	int64_t reach;                     /* records that begin before may be about the locus */
	const char *flank; /* reference of [flank_beg, flank_end) around the locus, NULL without -f */
	int64_t flank_beg, flank_end;
};

struct pgx_allele {
	const char *name, *shown, *function; /* function NULL when none is assigned */
	const char *score_text;              /* activity value as text, NULL when none */
	double score;
	bool is_ref, has_score;
	int n_core;      /* specified loci; for the reference row all */
	uint32_t *mask;  /* per locus: codes that satisfy it; unspecified loci hold the default */
	uint8_t *core;   /* per locus: 1 specified here */
	uint8_t *wobble; /* per locus: 1 if an ambiguity class */
};

enum pgx_rule_mode { PGX_RULE_PAIR, PGX_RULE_SINGLE, PGX_RULE_SUM, PGX_RULE_SUM_UNKNOWN };

struct pgx_rule {
	enum pgx_rule_mode mode;
	const char *f1, *f2, *phenotype;
	double lo, hi;
};

struct pgx_prio {
	const char *alternatives; /* "A/B|C/D" */
	const char *pick;
};

enum pgx_method { PGX_EXACT, PGX_LOWEST, PGX_MITO, PGX_NEVER };

struct pgx_gene {
	const char *name, *undetectable, *source;
	enum pgx_method method;
	bool undocumented_ref, sexlinked, by_score;
	bool custom;   /* alleles of the user: frequencies of the shipped ones do not apply */
	bool research; /* matched on request although small variants do not settle it: no phenotype */
	int first, n_locus, n_extra; /* loci [first, first + n_locus) match, then n_extra reported only */
	int n_allele, n_rule, n_prio, ref_allele;
	struct pgx_allele *allele;
	struct pgx_rule *rule;
	struct pgx_prio *prio;
	const char
		*fall_rsid; /* when nothing matches, this locus alone suggests a pair; NULL = no such locus */
	const char *fall_name[2];      /* alleles meant by its REF and ALT */
	int hap_intron, hap_exon;      /* the two-locus haplotype of DPYD: loci in the gene, -1 elsewhere */
	int hap_both, hap_intron_only; /* its alleles */
	const struct pgx_model
		*model; /* priors and what the posterior needs; NULL = no posterior (posterior.h) */
};

/* What --compat and --combinations change. Whatever differs by mode asks this and nothing else. */
struct pgx_policy {
	bool any_quality; /* GQ, DP, FILTER and FT do not count */
	/* only records of a locus count: neither what a neighbour changes, nor the anchor base of an indel
	 * alone */
	bool own_records;
	bool ad_het_only; /* AD contradicts only a heterozygous GT, when one allele alone has reads */
	/* the phenotype is that of the shown diplotypes, whatever missing loci, unlisted alleles or
	 * likelihoods say */
	bool as_shown;
	bool combine; /* where no pair of alleles explains the data, combinations of alleles and variants */
};

struct pgx_table {
	struct grx_arena *mem;
	struct pgx_policy policy;
	int n_gene, n_locus;
	struct pgx_gene *gene;
	struct pgx_locus *locus; /* grouped by gene, ascending pos within */
	int *order;              /* loci by (tid, pos); those with tid < 0 first */
	bool known_build; /* contig lengths say GRCh38: a reference block needs no REF to be believed */
	int64_t max_span; /* longest reach */
};

struct pgx_opt;
struct pgx_verdict;
/* Load the tables of refdata/pgx as the options say: genes, definitions of the user, policy. */
int pgx_table_open(struct grx_ctx *cx, const struct pgx_opt *o, struct pgx_table **out) GRX_MUST;
/* The same with default options; only: NULL or a comma-separated list of genes. */
int pgx_table_load(struct grx_ctx *cx, const char *only, struct pgx_table **out) GRX_MUST;
int pgx_table_bind(struct grx_ctx *cx, struct pgx_table *t) GRX_MUST; /* tid and order from cx->contigs */
void pgx_table_free(struct pgx_table *t);
/* The reference around the loci, where there is one, and the reach of every locus; part of bind. */
int pgx_normal_load(struct grx_ctx *cx, struct pgx_table *t) GRX_MUST;
/* The trimmed change shifted left as far as the flank tells; buf of 201 bytes holds its allele then. */
struct grx_change pgx_normal(const struct pgx_locus *l, struct grx_change c, char *buf);
/* Without a flank: could this trimmed change be an ALT of the locus, written further right? */
bool pgx_may_be_shifted(const struct pgx_locus *l, const struct grx_change *c);

enum pgx_state {
	PGX_OK,
	PGX_NO_RECORD,
	PGX_NOCALL,
	PGX_LOW_GQ,
	PGX_LOW_DP,
	PGX_BAD_REF,
	PGX_SYMBOLIC,
	PGX_AD_CONFLICT,
	PGX_FILTERED,
	PGX_PLOIDY,
	PGX_DISCORDANT,
	PGX_NO_BUILD,
	PGX_N_STATE
};
const char *pgx_state_text(enum pgx_state s);

/* One sample at one locus. */
struct pgx_obs {
	int8_t code[2];
	uint8_t state; /* enum pgx_state; anything but PGX_OK is missing */
	uint8_t rank;  /* 0 record of the locus itself, 1 reference block, 2 another overlapping record */
	bool phased, haploid, anchor_only, many; /* many: more than two alleles in GT */
	bool pl_low;        /* LOW_GQ by PL alone, which exclude REF/REF; GQ is high enough */
	int8_t gt[2];       /* allele numbers of the record, -1 missing, -2 absent */
	int32_t ps, dp, gq; /* ps GRX_INT_MISSING, dp and gq -1 when absent */
	int32_t pq;         /* phred: the phase is wrong; 0 = not told, taken as right */
	const char *ref, *alt, *ad;
	/* phred-scaled likelihoods of unordered pairs of locus codes below n_code, pair (i <= j) at j(j+1)/2
	 * + i; a haploid observation has one per code. NULL and 0: none */
	const uint16_t *pl;
	uint8_t n_code;
};

struct pgx_opt {
	const char *reads, *cyp2d6_tsv;
	const char *tsv, *genes, *compat, *outside_calls;
	struct grx_strs definitions;
	bool all_diplotypes, keep_filtered, combinations, cyp2d6_small_variants;
	int64_t min_gq, min_dp;
	double min_posterior;
	const char *population;
};
extern const struct grx_opt pgx_opts[];
struct pgx_policy pgx_policy_of(const struct pgx_opt *o);

/* Observations of every sample as bytes (store.c): block k ends at end[k]. */
struct pgx_packed {
	const uint8_t *bytes;
	uint32_t *end;
};

/* The records of one shard that bear on loci. */
struct pgx_hit {
	int locus;
	struct pgx_packed obs;
};
struct pgx_hits {
	struct pgx_obs *row; /* of the record at hand, one per sample */
	size_t n, cap;
	struct pgx_hit *v;
	int64_t n_compared, n_bad_ref;
	char bad[3][96]; /* the first disagreements, for the message */
};
int pgx_observe(const struct pgx_table *t, const struct pgx_opt *o, struct grx_ctx *cx, struct grx_shard *sh,
	struct pgx_hits **out) GRX_MUST;
/* Keep the better of two observations; strings are copied to mem. Records of one locus that cannot both be
 * true make it missing; the parts of a split multi-allelic record are put together. Returns 1 if both were
 * good records of the locus. */
int pgx_obs_keep(struct grx_arena *mem, struct pgx_obs *have, const struct pgx_obs *more);

/* A gene of one sample made ready for matching. block[l]: -2 missing, -1 homozygous or haploid, else the
 * number of the phase block; alleles of one block keep their sides, blocks are independent of one another. */
struct pgx_data {
	const struct pgx_policy *policy;
	const struct pgx_gene *gene;
	const struct pgx_locus *locus;
	const struct pgx_obs *obs;
	int n_avail, n_missing, n_block, n_other;
	int *block;
	int8_t (*code)[2];
	bool haploid, half, mixed, phase_sets;
};
int pgx_data_make(struct grx_arena *mem, const struct pgx_table *t, const struct pgx_gene *g,
	const struct pgx_obs *obs, struct pgx_data *d) GRX_MUST;

/* Diplotype: up to two strands of alleles; exact matches have one allele a strand. */
struct pgx_dip {
	int n[2]; /* alleles on the strand; n[1] < 0: haploid or a list entry */
	const int *a[2];
	int score;
	const char *text;
	const char *phenotype; /* NULL: none can be given */
	const char *activity;  /* score as text, NULL when the gene has none */
};
struct pgx_dips {
	size_t n, cap;
	struct pgx_dip *v;
};

/* All allele pairs that explain the genotypes, best first. keep_bare: alleles left without any available
 * defining locus take part too (they cannot be excluded). Cost: alleles x loci + pairs of matched alleles x
 * blocks. */
int pgx_match(struct grx_arena *mem, const struct pgx_data *d, bool keep_bare, struct pgx_dips *out) GRX_MUST;

/* Genes where every variant counts (DPYD, RYR1). */
struct pgx_lowest {
	struct pgx_dips dips; /* diplotypes, or with list = true single alleles */
	bool list;
	int pair[2]; /* the alleles that decide; -1 none */
	bool inferred;
	const char *warning; /* NULL */
};
int pgx_lowest_call(struct grx_arena *mem, const struct pgx_data *d, struct pgx_lowest *out) GRX_MUST;

/* Lower sorts first: less function, or susceptibility; ties by name. */
int pgx_harm_cmp(const struct pgx_gene *g, int a, int b);

/* Combination mode: each strand is the alleles whose defining variants it carries, without sharing a locus,
 * plus the variants that none of them claims. For genotypes that no pair of alleles explains, half calls
 * included. *too_many: more phase blocks than are tried, nothing is returned. Cost: 2^blocks x alleles.
 * Source: the reference tool's published behaviour (docs/methods/pgx.md). */
int pgx_combine(
	struct grx_arena *mem, const struct pgx_data *d, struct pgx_dips *out, bool *too_many) GRX_MUST;
/* The verdict of combination mode; leaves v->shown empty if there is none. */
int pgx_judge_combined(struct grx_arena *mem, const struct pgx_data *d, struct pgx_verdict *v) GRX_MUST;

/* Names. */
int pgx_name_cmp(const char *a, const char *b);
int pgx_dips_text(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_dip *d) GRX_MUST;
int pgx_dip_cmp(const struct pgx_dip *x, const struct pgx_dip *y); /* score desc, then name order */
int pgx_dips_push(struct grx_arena *mem, struct pgx_dips *ds, const struct pgx_dip *d) GRX_MUST;

/* Phenotype of two alleles (b < 0: single). NULL when the table gives none. *activity: text of the sum, "n/a"
 * when a value is lacking, NULL for genes without scores. */
const char *pgx_phenotype(
	struct grx_arena *mem, const struct pgx_gene *g, int a, int b, const char **activity);

enum pgx_status { PGX_CALLED, PGX_AMBIGUOUS, PGX_PARTIAL, PGX_NO_MATCH, PGX_NOT_ASSESSED };
const char *pgx_status_text(enum pgx_status s);

/* What is said about one gene of one sample. */
struct pgx_verdict {
	enum pgx_status status;
	const char *reason;     /* why no diplotype, NULL */
	struct pgx_dips shown;  /* the top diplotypes (or all on request), or list entries */
	struct pgx_dips others; /* further diplotypes that explain the data */
	bool list, phased, inferred;
	int pair[2]; /* alleles that gave the phenotype when that is not plain from the diplotypes; or -1 */
	const char *phenotypes, *activities; /* of the shown diplotypes, joined " OR " */
	const char *phenotype, *activity;    /* the safe answer; NULL = not given */
	const char *lookup;                  /* key of the rules: phenotype, or activity scores joined "|" */
	const char *why_not;                 /* reason when phenotype is NULL */
	const char *candidates;              /* "A|B" or NULL */
	const char *lookup_pair; /* the pair that decides, as text, when pair does not hold it; NULL */
	const char *missing, *undocumented, *warning;
	int n_missing, n_anchor;
	bool doubted; /* the genotypes say one thing, with frequencies it is not probable enough */
	const struct pgx_post *post; /* NULL: no posterior */
	/* the diplotype as the fact has it: when those shown are not probable enough, others beside them */
	const char *credible;
	double credible_p;
};
/* No answer, and why; what the verdict holds besides stays. */
int pgx_refuse(
	struct grx_arena *mem, enum pgx_status status, const char *reason, struct pgx_verdict *v) GRX_MUST;
int pgx_judge(struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d,
	struct pgx_verdict *v) GRX_MUST;
/* A gene matched for research only: the diplotypes stay, nothing follows from them. */
int pgx_withhold_research(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_verdict *v) GRX_MUST;
/* The phenotypes that remain possible given the missing loci, sorted. */
struct pgx_texts {
	size_t n, cap;
	const char **v;
};
int pgx_text_add(
	struct grx_arena *mem, struct pgx_texts *t, const char *s) GRX_MUST; /* keeps sorted, unique */
int pgx_possible(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dips *top,
	struct pgx_texts *ph, struct pgx_texts *act) GRX_MUST;
int pgx_possible_lowest(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_lowest *lw,
	struct pgx_texts *ph, struct pgx_texts *act) GRX_MUST;

/* A mitochondrial gene: every variant seen at any level, joined " + "; the one of highest risk is pair[0]. */
struct pgx_mito {
	struct pgx_dips dips; /* one; none when the genotypes are half missing */
	int worst;            /* allele that decides */
	const char *warning;  /* heteroplasmic ones, NULL */
};
int pgx_mito_call(struct grx_arena *mem, const struct pgx_data *d, struct pgx_mito *out) GRX_MUST;
/* Phenotypes that remain possible: that of the worst allele, and of missing ones that are worse still. */
int pgx_possible_mito(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_mito *m,
	struct pgx_texts *ph) GRX_MUST;

int pgx_facts_add(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const struct pgx_data *d,
	const struct pgx_verdict *v) GRX_MUST;
void pgx_tsv_head(struct grx_str *s);
void pgx_tsv_row(
	struct grx_str *s, const char *sample, const struct pgx_gene *g, const struct pgx_verdict *v);

#endif
