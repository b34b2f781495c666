/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcsq_int.h -- inside BCSQ: transcripts, terms and consequences as bcftools csq sees them.
 * Here genomic intervals are closed and 0-based, and sequences lie on the forward strand, because the rules
 * are stated so; only translation turns them. Source: Danecek and McCarthy, Bioinformatics 33:2037 (2017),
 * and the behaviour of bcftools 1.16 to 1.23; docs/methods/annotate_haplotypes.md. */
#ifndef GRX_STAGE_ANNOTATE_BCSQ_INT_H
#define GRX_STAGE_ANNOTATE_BCSQ_INT_H

#include "stage/annotate/hap_int.h"

#define BQ_PAD    10 /* bases of context on both ends of a spliced CDS */
#define BQ_REGION 8  /* intron bases of a splice region */
#define BQ_SITE   2  /* of a donor or acceptor */

/* Terms in the order in which they are printed = bit number; the last three have no name. */
enum bcsq_term {
	BQ_SYNONYMOUS,
	BQ_MISSENSE,
	BQ_STOP_LOST,
	BQ_STOP_GAINED,
	BQ_INFRAME_DEL,
	BQ_INFRAME_INS,
	BQ_FRAMESHIFT,
	BQ_ACCEPTOR,
	BQ_DONOR,
	BQ_START_LOST,
	BQ_SPLICE_REGION,
	BQ_STOP_RETAINED,
	BQ_UTR5,
	BQ_UTR3,
	BQ_NON_CODING,
	BQ_INTRON,
	BQ_INFRAME_ALTER,
	BQ_CODING,
	BQ_ELONGATION,
	BQ_TRUNCATION,
	BQ_START_RETAINED,
	BQ_N,
	BQ_ELSEWHERE = BQ_N, /* stands at another record: "@pos" */
	BQ_BEHIND_STOP,      /* "*" in front */
	BQ_INCOMPLETE        /* the CDS has no end: no start or stop is stated */
};
#define BQ(t) (1u << BQ_##t)
/* What haplotypes are judged for; and of that what concerns start and stop. */
#define BQ_START_STOP                                                                                        \
	(BQ(STOP_LOST) | BQ(STOP_GAINED) | BQ(STOP_RETAINED) | BQ(START_LOST) | BQ(START_RETAINED))
#define BQ_COMPOUND                                                                                          \
	(BQ_START_STOP | BQ(SYNONYMOUS) | BQ(MISSENSE) | BQ(INFRAME_DEL) | BQ(INFRAME_INS) |                 \
		BQ(FRAMESHIFT) | BQ(INFRAME_ALTER) | BQ(INCOMPLETE) | BQ(BEHIND_STOP))

struct bcsq_piece {
	int64_t beg, end; /* closed */
	int64_t pos;      /* CDS: bases before it; UTR: 5 or 3 */
};

struct bcsq_tx {
	const struct annotate_tx *t;
	const char *biotype; /* as bcftools writes it; NULL: transcripts of this kind are ignored */
	const char *gene;
	bool coding, nmd, trim5, trim3;
	int32_t n_cds, n_utr, n_exon;
	struct bcsq_piece *cds, *utr, *exon; /* ascending */
	int64_t beg, end;
	int64_t len; /* of the CDS */
	char *ref;   /* BQ_PAD + CDS + BQ_PAD, forward strand; NULL until needed */
	bool starts_with_m;
	struct hap_tree *tree;
	size_t n_edit, cap_edit;
	struct bcsq_edit *edit;
};

/* What an allele does to the CDS. */
struct bcsq_edit {
	size_t rec;
	int32_t al, cds; /* number of the piece */
	uint32_t terms;  /* of its place alone */
	int64_t beg, n;  /* replaced, in the spliced CDS */
	int64_t gbeg;    /* genomic start, for overlaps within a piece */
	int64_t d;       /* ALT minus REF bases */
	const char *alt;
	int64_t alt_n;
	bool done, apart; /* apart: it is judged by its place, not by sequence */
	bool none;        /* nothing to say: not a variant, or wholly intronic */
};

/* One consequence of a record. */
struct bcsq {
	uint32_t terms;
	const struct bcsq_tx *x;
	int32_t al;
	int64_t at;       /* with BQ_ELSEWHERE: 0-based position of the record that states it */
	const char *text; /* "|1M>1V|4A>G"; NULL none */
	struct bcsq *next;
	int32_t index;
};

struct bcsq_rec {
	const struct grx_var *v;
	struct bcsq *first, **end;
	int32_t n;
	uint32_t *bits; /* [n_sample * n_word], NULL none */
	int32_t n_word; /* used */
	bool over;
};

struct bcsq_shard {
	struct annotate_work *w;
	struct bcsq_rec *rec;
	size_t n;
	struct bcsq_tx **table;
	size_t n_tx, cap;
	struct hap_call *call;
	int32_t n_sample, max_word;
	bool local, blocks;
	struct bcsq_tx **active; /* with a tree, in the order met */
	size_t n_active, cap_active;
};

/* --- bcsq_model.c --- */
int annotate_bcsq_tx(struct bcsq_shard *b, const struct annotate_tx *t, struct bcsq_tx **out) GRX_MUST;
int annotate_bcsq_ref(struct bcsq_shard *b, struct bcsq_tx *x) GRX_MUST;
char annotate_bcsq_codon(const char *c, bool forward);

/* --- bcsq_place.c --- */
enum bcsq_place_is { BQ_NO_VARIANT, BQ_OUTSIDE, BQ_INSIDE, BQ_ACROSS };
struct bcsq_place {
	struct bcsq_shard *b;
	struct bcsq_rec *r;
	const struct bcsq_tx *x;
	int32_t al;
	/* what is asked */
	bool acceptor, donor, start, stop, region_beg, region_end, utr, sequence;
	/* answers */
	uint32_t terms;
	int64_t ref_beg, ref_end;
	const char *ref, *alt;
	int64_t pos, ref_n, alt_n;
	int64_t from_beg, from_end; /* bases alike on both ends */
	int64_t new_n;              /* replaced bases from ref_beg on */
	char *new_alt;              /* by these */
	int64_t new_alt_n;
};
/* Allele against a piece [beg, end]; what its place alone says is pushed onto the record. */
int annotate_bcsq_place(struct bcsq_place *p, int64_t beg, int64_t end, enum bcsq_place_is *is) GRX_MUST;

/* --- bcsq_call.c --- */
/* A change of the CDS by itself. */
int annotate_bcsq_single(struct bcsq_shard *b, struct bcsq_tx *x, struct bcsq_edit *e) GRX_MUST;
/* All haplotypes of a transcript. */
int annotate_bcsq_haplotypes(struct bcsq_shard *b, struct bcsq_tx *x) GRX_MUST;

/* --- bcsq_push.c --- */
/* Adds a consequence to a record unless one there already says it; *c is then completed with its number. */
int annotate_bcsq_push(struct bcsq_shard *b, struct bcsq_rec *r, struct bcsq *c) GRX_MUST;
/* The same, and marks every copy that carries c->al. */
int annotate_bcsq_stage(struct bcsq_shard *b, struct bcsq_rec *r, struct bcsq *c) GRX_MUST;
int annotate_bcsq_mark(struct bcsq_shard *b, struct bcsq_rec *r, int32_t index, size_t slot) GRX_MUST;
int annotate_bcsq_write(struct bcsq_shard *b, struct bcsq_rec *r) GRX_MUST;

#endif
