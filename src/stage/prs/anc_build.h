/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_build.h -- what the files that make a reference bundle share. */
#ifndef GRX_PRS_ANC_BUILD_H
#define GRX_PRS_ANC_BUILD_H

#include "base/mem.h"
#include "stage/prs/anc_int.h"

/* Why a record of the panel is not among the loci of the components; one for each record. The first ones are
 * not in panel.bed either. */
enum anc_drop {
	ANC_USED,
	ANC_NOT_BIALLELIC, /* no or several ALT, reference block */
	ANC_NOT_ACGT,      /* symbolic or ambiguous allele */
	ANC_FILTERED,      /* FILTER names something else than PASS */
	ANC_REPEATED,      /* several records with these alleles here: none is kept */
	ANC_NOT_SNP,
	ANC_NOT_AUTOSOME,
	ANC_SAME_POSITION, /* another record starts here: genotypes of a split locus */
	ANC_PALINDROMIC,   /* A/T or C/G */
	ANC_EXCLUDED,      /* inside --exclude */
	ANC_MISSING,       /* fraction of missing genotypes above --geno */
	ANC_RARE,          /* minor allele frequency below --maf, or no variation */
	ANC_HWE,           /* Hardy-Weinberg exact p below --hwe */
	ANC_LD,            /* correlated with a kept locus nearby */
	ANC_N_DROP
};
const char *anc_drop_name(enum anc_drop d);

/* People that do not train, by reason. */
struct anc_people_count {
	int64_t n, train, not_listed, related, missing, listed_absent;
};

struct anc_build {
	const struct prs_ref_opt *o;
	const char *dir;        /* where the parts are written */
	const char *build_name; /* "GRCh38", "GRCh37", "unknown" */
	struct grx_arena *mem;
	struct prs_ref ref; /* person, n_sample, n_pc, n_online, sv */
	const uint8_t *sex; /* borrowed, or NULL */
	bool *unrelated;    /* by sample: may train */
	int64_t *n_missing; /* by sample: among autosomal SNPs */
	int64_t n_snp, n_record, n_panel;
	int64_t drop[ANC_N_DROP];
	struct anc_people_count people;
	bool ref_unsure;    /* plink 1 source: REF is a convention */
	uint8_t *candidate; /* one bit a locus of panel.bed */
	size_t cap_candidate;
	int32_t *order; /* column of the matrix -> sample; training people first */
	struct anc_matrix m;
	struct anc_pca pca;
	double *proj, *norm2; /* of people that do not train, in the order of the matrix */
	int64_t *called;
};

/* "dir/name" in the arena; NULL: no memory. */
char *anc_path(const struct anc_build *b, const char *name);
/* Samples of the panel with their populations (anc_people.c). Errors: DATA with file:line, MISMATCH. */
int anc_people_read(struct grx_ctx *cx, struct anc_build *b, const char *const *sample, int n) GRX_MUST;
/* Who trains, once missing genotypes are counted; fills order. */
int anc_people_train(struct grx_ctx *cx, struct anc_build *b) GRX_MUST;
/* Copy the panel into panel.bed, .bim and .fam and mark the candidates (anc_panel.c). */
int anc_panel_copy(struct grx_ctx *cx, struct anc_build *b) GRX_MUST;
/* Fill the matrix from panel.bed (anc_pick.c). */
int anc_pick_loci(struct grx_ctx *cx, struct anc_build *b) GRX_MUST;
/* loadings.tsv.gz, people.tsv, bundle.json (anc_write.c). */
int anc_write_all(struct grx_ctx *cx, struct anc_build *b) GRX_MUST;

#endif
