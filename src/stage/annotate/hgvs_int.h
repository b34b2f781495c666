/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_int.h -- shared by the files of the HGVS part (hgvs_*.c). */
#ifndef GRX_STAGE_ANNOTATE_HGVS_INT_H
#define GRX_STAGE_ANNOTATE_HGVS_INT_H

#include "stage/annotate/accession.h"
#include "stage/annotate/hgvs.h"

/* Decimal of x at p, at most 20 bytes; behind it. No NUL. */
char *annotate_put_number(char *p, int64_t x);
/* Genomic span that a name gives: of a duplication the bases repeated, of an insertion its two flanks. True
 * for a duplication. */
bool annotate_side_span(const struct annotate_side *s, int strand, bool dup, int64_t *beg, int64_t *end);

bool annotate_is_mito(const char *contig);

/* --- names read back --- */

#define AT_NAME_BASES 1000000 /* longest sequence that a name may stand for */
#define AT_NAME_UNITS 16

struct annotate_coord {
	int64_t n;   /* g., m., n.: 1..; c.: also negative, before the start codon */
	int64_t off; /* into the intron */
	bool star;   /* counted from the stop codon */
};
enum annotate_name_kind {
	AT_NAME_SUB,
	AT_NAME_SAME,
	AT_NAME_DEL,
	AT_NAME_DUP,
	AT_NAME_INS,
	AT_NAME_DELINS,
	AT_NAME_INV,
	AT_NAME_REPEAT
};
/* A name taken apart; pointers into its text. */
struct annotate_name {
	const char *text;
	int32_t acc_n;         /* text[0..acc_n): the sequence, */
	int32_t sel_at, sel_n; /* and what stands in parentheses behind it: a transcript or a gene */
	int32_t pos_at, change_at;
	char type;                  /* g m c n */
	struct annotate_coord a, b; /* equal without a range */
	bool range;
	uint8_t kind;    /* enum annotate_name_kind */
	const char *ref; /* bases said to be replaced; ref_n 0: not said */
	int32_t ref_n;
	int64_t ref_len; /* their number, when only that is said; 0 not */
	const char *alt;
	int32_t alt_n;
	int32_t n_unit; /* of a repeat; one without bases: the span is the unit */
	struct {
		const char *seq;
		int32_t n;
		int64_t count;
	} unit[AT_NAME_UNITS];
};
struct annotate_name_error {
	int32_t at;           /* 0-based in the name */
	const char *expected; /* static */
};
/* Pure. False: *e says where it goes wrong and what was expected. */
bool annotate_name_parse(const char *s, struct annotate_name *out, struct annotate_name_error *e);

/* What names are read against. */
struct annotate_name_world {
	struct annotate_work w; /* a reference window and memory */
	const struct grx_contigs *contigs;
	const struct annotate_accessions *accessions;
	const struct annotate_models *models; /* NULL without */
};
/* The record of a name: REF and ALT as in VCF, left-aligned, in world->w.keep; alt "." for no change. *bad:
 * the name contradicts the reference or the models, why is in `why` and at which byte of the name in *at. */
struct annotate_named_record {
	int32_t tid;
	int64_t pos;
	const char *ref, *alt;
};
int annotate_name_resolve(struct annotate_name_world *world, const struct annotate_name *n,
	struct annotate_named_record *out, struct grx_str *why, int32_t *at) GRX_MUST;

#endif
