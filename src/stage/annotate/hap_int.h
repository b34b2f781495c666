/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap_int.h -- what joint changes and BCSQ share: genotypes under --phase, and the tree of haplotypes of one
 * transcript.
 * Every haplotype of every sample is a path from the root; equal ones share it, so that each is worked out
 * once. Everything lives in the shard's arena. */
#ifndef GRX_STAGE_ANNOTATE_HAP_INT_H
#define GRX_STAGE_ANNOTATE_HAP_INT_H

#include "stage/annotate/annotate_int.h"

#define HAP_UNKNOWN (-1) /* allele was not called */
#define HAP_ABSENT  (-2) /* haploid: there is no second copy */
#define HAP_NO_PS   INT32_MIN

/* How an allele goes with the others of its sample. */
enum hap_how {
	HAP_ALL,   /* homozygous or haploid: on every haplotype */
	HAP_BLOCK, /* phased within its phase set */
	HAP_LOOSE, /* phase not known, put on this copy by --phase */
	HAP_MAYBE  /* the same, put on the other copy: it may lie here */
};

/* One sample at one record. */
struct hap_call {
	int32_t al[2]; /* allele, HAP_UNKNOWN or HAP_ABSENT */
	int32_t ps;    /* phase set, HAP_NO_PS without */
	uint8_t how;   /* enum hap_how */
};

/* Genotypes of all samples under the rule of --phase; *ok false when the ploidy is neither 1 nor 2 or there
 * is no GT. Errors: GRX_E_DATA for an unphased heterozygote under `r`. */
int annotate_hap_calls(
	struct annotate_work *w, const struct grx_var *v, struct hap_call *to, bool *ok) GRX_MUST;

/* --- tree --- */

struct hap_node {
	int32_t parent; /* -1: root */
	int32_t edit;   /* number of the change that it adds */
	int32_t child, next;
	int32_t depth;
	int32_t unknown; /* as in struct hap_step */
	uint8_t how;
	bool leaf; /* a haplotype of some sample ends here */
};

struct hap_path {
	int32_t ps, node;
	bool taken;            /* by its phase set */
	struct hap_path *next; /* of another phase set */
};

struct hap_tree {
	struct hap_node *node;
	size_t n, cap;
	struct hap_path *path; /* [2 * samples]; sample s, copy c at 2 s + c */
	size_t n_path;
	bool blocks; /* phase sets are told apart */
};

struct hap_step {
	int32_t edit;
	int32_t unknown; /* change to stand for it on the sample's other phase sets; -1 none */
	int32_t ps;
	uint8_t how;
};

/* blocks: does any record of the shard name a phase set? Without, all that is phased is one set. */
int annotate_hap_tree_init(struct annotate_work *w, struct hap_tree *t, size_t n_path, bool blocks) GRX_MUST;
/* The haplotype at `slot` goes on with a change. Steps come in genome order. */
int annotate_hap_step(
	struct annotate_work *w, struct hap_tree *t, size_t slot, const struct hap_step *s) GRX_MUST;
/* Marks the ends of haplotypes. */
void annotate_hap_leaves(struct hap_tree *t);
/* Changes from the root to a node: to[depth], first to last. */
void annotate_hap_chain(const struct hap_tree *t, int32_t node, int32_t *to);

/* --- bcsq.c --- */
/* INFO and FORMAT BCSQ of all records; haplotypes or, without --haplotypes, each allele alone. */
int annotate_bcsq_shard(struct annotate_work *w, const struct annotate_record *r, size_t n) GRX_MUST;
int annotate_bcsq_declare(struct grx_ctx *cx, const struct annotate_opt *o, struct grx_hdr *h) GRX_MUST;

#endif
