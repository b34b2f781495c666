/* SPDX-License-Identifier: GPL-3.0-or-later
 * foreign_int.h -- inside foreign*.c: a stretch of the genome with its fragments laid out.
 * Invariants: rows in order of position; columns ascending; all in the shard's arena and reused. */
#ifndef GRX_STAGE_CALL_FOREIGN_INT_H
#define GRX_STAGE_CALL_FOREIGN_INT_H

#include "stage/call/call_int.h"
#include "stage/call/foreign.h"

#define CALL_FRN_READ 600 /* longer reads are neither evidence nor judged */
#define CALL_FRN_MATE 450 /* mates whose starts are further apart count one by one */
#define CALL_FRN_HALF 75  /* half a read: from the middle of the starts to the middle of the fragment */

/* Alleles at a position: a base, the start of a deletion, the base before an insertion, none seen. */
enum { FRN_NONE = 4, FRN_DEL = 5, FRN_INS = 6, FRN_CODES = 7 };

struct frn_row {
	const struct grx_read *r;
	uint8_t *code; /* per position of [r->pos, r->end) */
	size_t index;  /* in the batch */
};

struct frn_frag {
	int32_t row[2]; /* the second is -1 without a mate at hand */
	int64_t anchor; /* the window of this position judges it */
};

struct frn_col {
	int64_t pos;
	uint8_t ref, alt;
	float share;
};

struct frn_stretch {
	int64_t beg, end;
	struct frn_row *row;
	size_t n_row, cap_row;
	struct frn_frag *frag;
	size_t n_frag;
	int32_t *slot; /* hash of names, 2 * cap_row */
	uint8_t *code;
	size_t n_code, cap_code;
	uint16_t *count; /* positions x FRN_CODES */
	size_t cap_count;
	struct frn_col *col;
	size_t n_col, cap_col;
};

/* The columns of one context, and the range of fragments that may be in it. */
struct frn_view {
	int32_t col[CALL_FRN_COLS];
	int n_col;
	size_t lo, hi;
};

/* A read to look at: one that the stage uses, of short-read length. */
bool call_frn_usable(const struct call_work *w, const struct grx_read *r);
/* Where a fragment is judged; both mates give the same. */
int64_t call_frn_anchor(const struct grx_read *r);
/* Lay out all reads over [beg, end) and find the columns. Cost: linear in their bases. */
int call_frn_gather(struct call_work *w, struct frn_stretch *s, int64_t beg, int64_t end) GRX_MUST;
/* The context of the window at win; c->depth is the caller's. */
void call_frn_context(const struct frn_stretch *s, int64_t win, struct frn_view *v, struct call_frn_ctx *c);
/* x[CALL_FRN_COLS] of a fragment; false when it says nothing in any column. */
bool call_frn_row(const struct frn_stretch *s, const struct frn_frag *f, const struct frn_view *v, int8_t *x);

#endif
