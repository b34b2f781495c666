/* SPDX-License-Identifier: GPL-3.0-or-later
 * trio_int.h -- inside the family part: people, genotypes, what one child's allele comes to. */
#ifndef GRX_STAGE_ANNOTATE_TRIO_INT_H
#define GRX_STAGE_ANNOTATE_TRIO_INT_H

#include "base/mem.h"
#include "stage/annotate/trio.h"

/* A child among the samples of the header with at least one parent named in the PED file. */
struct trio_kid {
	int32_t kid, father, mother; /* sample numbers; -1: not in the header or not named */
	const char *name, *family;
	const char *father_name, *mother_name; /* NULL: not named */
	enum grx_sex sex;
	int8_t affected;        /* 1 yes, 0 no, -1 unknown */
	struct trio_gene *open; /* genes with candidates, most recent first */
};

struct trio_ped {
	int32_t n_kid;
	struct trio_kid *kid;
	int64_t n_people, n_not_in_header, n_without_parents, n_parent_absent;
};

/* Read the PED file (family, person, father, mother, sex, phenotype) against the header's samples; memory of
 * mem. GRX_E_DATA with file:line for lines that are malformed or contradict each other; GRX_E_MISMATCH when
 * it names no sample of the header. */
int annotate_ped_read(struct grx_ctx *cx, const char *path, const struct grx_hdr *h, struct grx_arena *mem,
	struct trio_ped *out) GRX_MUST;

enum trio_state { TG_ABSENT, TG_MISSING, TG_REF, TG_OTHER, TG_HET, TG_HOM };

/* One person's genotype with regard to one ALT. */
struct trio_geno {
	enum trio_state state;
	int32_t sample;
	bool complete, phased;
	int8_t ploidy, n_alt, n_other; /* copies; of this ALT; of other ALTs */
	int8_t hap;                    /* of the ALT when phased and heterozygous; else -1 */
	int64_t ps;                    /* phase set; 0 none */
	int32_t dp, gq;                /* -1 absent */
	int32_t ad_alt, ad_all;        /* -1 absent */
	bool filtered;                 /* FORMAT/FT says so */
};

/* How a contig is inherited outside the pseudo-autosomal regions. */
enum trio_region { TR_AUTO, TR_X, TR_Y, TR_MT };

struct trio_limits {
	int32_t dp, gq;
	double child_ab, parent_ab;
};

enum trio_value {
	TV_NOT_ASSESSED,
	TV_DE_NOVO,
	TV_INHERITED,
	TV_HOMOZYGOUS_RECESSIVE,
	TV_HOMOZYGOUS,
	TV_X_LINKED,
	TV_MENDELIAN_ERROR,
	TV_N
};
extern const char *const annotate_trio_value_name[TV_N];

enum trio_origin { TO_UNKNOWN, TO_FATHER, TO_MOTHER, TO_DE_NOVO };

struct trio_case {
	enum trio_region region;
	enum grx_sex sex;
	bool record_filtered;
	bool has_ad; /* the file has FORMAT/AD: a sample without is not assessed */
	struct trio_geno kid, father, mother;
	const struct trio_limits *lim;
};

struct trio_verdict {
	enum trio_value value;
	enum trio_origin origin; /* proven: all three genotypes are good, the other parent lacks the allele */
	const char *from;        /* "father", "mother", "both", "either"; NULL */
	char why[160];           /* what was not assessed; "" */
	bool compound;           /* heterozygous on a pair of chromosomes */
};

/* Pure: the genotypes alone decide. */
void annotate_trio_judge(const struct trio_case *c, struct trio_verdict *v);
struct trio_geno annotate_trio_geno(const struct grx_var *v, int32_t sample, int32_t allele);

/* One allele of one child; lives in its shard. */
struct trio_call {
	struct trio_call *next;
	int32_t kid; /* number in trio_ped */
	int32_t tid;
	int64_t pos;
	const char *key, *consequence, *symbol;
	int32_t n_gene;
	const char **gene; /* identifiers, distinct */
	struct trio_verdict verdict;
	int8_t hap;
	bool two_alts; /* the genotype holds another ALT besides */
	int64_t ps;
	int n_because;
	struct grx_because because[3];
	const char *classified; /* what the database says, when it says (likely) pathogenic */
};

struct annotate_trio_part {
	struct trio_call *call, **end;
	int64_t n_withheld; /* alleles in genes of the list of secondary findings, not asked for */
};

/* --- pairs in one gene --- */
/* Candidate of kid k: fact f is the allele's own. Genes left behind are closed: their pairs become facts. */
int annotate_pairs_add(struct grx_ctx *cx, struct trio_kid *k, const struct trio_call *c,
	const struct grx_fact *f, struct grx_facts *to, int64_t *n_pair) GRX_MUST;
/* Close all genes of a child. */
int annotate_pairs_end(
	struct grx_ctx *cx, struct trio_kid *k, struct grx_facts *to, int64_t *n_pair) GRX_MUST;
void annotate_pairs_free(struct trio_kid *k);

#endif
