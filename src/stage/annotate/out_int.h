/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_int.h -- inside the writers of annotate: columns, plans of columns, one row's cell values.
 * A plan is a list of columns in one style (CSQ or table). Neighbouring columns that depend on the transcript
 * alone are one text, made once per transcript and shard; those that depend on the allele alone, once per
 * allele. Only the rest is put together for every entry. */
#ifndef GRX_STAGE_ANNOTATE_OUT_INT_H
#define GRX_STAGE_ANNOTATE_OUT_INT_H

#include "stage/annotate/out.h"

struct grx_out;
struct grx_bgz;

enum annotate_col {
	AC_UPLOADED,
	AC_LOCATION,
	AC_ALLELE,
	AC_CONSEQUENCE,
	AC_IMPACT,
	AC_SYMBOL,
	AC_GENE,
	AC_FEATURE_TYPE,
	AC_FEATURE,
	AC_BIOTYPE,
	AC_EXON,
	AC_INTRON,
	AC_HGVSC,
	AC_HGVSP,
	AC_CDNA,
	AC_CDS,
	AC_PROTEIN,
	AC_AMINO,
	AC_CODONS,
	AC_EXISTING,
	AC_REF_ALLELE,
	AC_ALLELE_NUM,
	AC_DISTANCE,
	AC_STRAND,
	AC_FLAGS,
	AC_PICK,
	AC_CLASS,
	AC_SYMBOL_SOURCE,
	AC_HGNC,
	AC_CANONICAL,
	AC_MANE,
	AC_MANE_SELECT,
	AC_MANE_CLINICAL,
	AC_TSL,
	AC_APPRIS,
	AC_CCDS,
	AC_ENSP,
	AC_SOURCE,
	AC_HGVS_OFFSET,
	AC_HGVSG,
	AC_NMD,
	AC_OVERLAP_BP,
	AC_OVERLAP_PC,
	AC_HAP_CONSEQUENCE,
	AC_HAP_HGVSP,
	AC_HAP_CHANGES,
	AC_HAP_POS,
	AC_HAP_SAMPLES,
	AC_HAP_FLAGS,
	AC_N
};

/* What a column's value depends on. */
enum annotate_scope { AC_OF_ENTRY, AC_OF_ALLELE, AC_OF_TX };

struct annotate_column {
	const char *name;
	uint8_t scope;
	bool basic; /* in the preset vep */
	const char *what;
};
extern const struct annotate_column annotate_column[AC_N];

/* How a row is written. esc by byte: the byte itself or its substitute; AE_PERCENT, AE_SPACE. */
enum { AE_PERCENT = 1, AE_SPACE = 2 };
struct annotate_style {
	char sep, list; /* between columns; between values of one column */
	bool dash;      /* an empty column is '-' */
	uint8_t esc[256];
};

struct annotate_run {
	uint8_t scope;
	int16_t first, n; /* columns */
	int16_t slot;     /* number among the runs of its scope */
	uint64_t cols;    /* the same as bits */
};

struct annotate_plan {
	int n, n_run, n_tx_run, n_allele_run;
	uint8_t col[AC_N];
	struct annotate_run run[AC_N];
	struct annotate_style style;
};

struct annotate_text {
	const char *s;
	uint32_t n;
};

/* Text in the shard's memory. room() moves an unfinished text when it must; take() ends it. */
struct annotate_buf {
	char *s;
	size_t n, cap;
};
/* Room for n more bytes at b->s + b->n, or NULL. */
char *annotate_buf_room(struct grx_arena *mem, struct annotate_buf *b, size_t n);

/* Rows kept until merge, in pieces. */
struct annotate_piece {
	struct annotate_piece *next;
	const char *s;
	size_t n;
};
struct annotate_rows {
	struct annotate_buf buf;
	struct annotate_piece *first, *last;
};
/* What was added to rows->buf is kept. */
int annotate_rows_take(struct annotate_work *w, struct annotate_rows *rows) GRX_MUST;

/* A file of rows: plain or, by the name's ending, BGZF. */
struct annotate_sink {
	struct grx_out *plain;
	struct grx_bgz *bgz;
};

enum { ANNOTATE_PICK_BY = 11 };
struct annotate_out {
	struct annotate_text term[AT_N], impact[AT_N];
	struct annotate_plan csq, tsv;
	struct annotate_style json_style;
	uint8_t order[ANNOTATE_PICK_BY]; /* criteria of --pick-order */
	int n_order;
	bool default_order;
	struct annotate_sink to_tsv, to_json;
	struct grx_outs *outs; /* where both are registered; for close() */
};

/* Of one shard. */
struct annotate_out_part {
	struct annotate_buf csq, allele_buf, tmp;
	struct annotate_text *allele; /* runs of the allele at hand: those of csq, then those of tsv */
	struct annotate_rows tsv, json;
};

/* One cell's surroundings. */
struct annotate_cell {
	const struct annotate_work *w;
	const struct annotate_out *o;
	const struct annotate_style *style;
	const struct annotate_record *r;
	int32_t i;                        /* allele */
	const struct annotate_allele *al; /* the same */
	const struct annotate_entry *e;   /* NULL while the allele's own columns are made */
	bool picked;
	uint64_t may; /* columns of the entry that may have a value; the others have none */
	int32_t exon[2],
		intron[2]; /* first and last that the allele strictly overlaps, in transcript order; 0 none */
};

/* --- out_fields.c --- */
/* Plans of CSQ and of the table by --fields; names that are no column are GRX_E_USAGE. */
int annotate_fields_plan(struct grx_ctx *cx, const struct annotate_opt *o, struct annotate_out *out) GRX_MUST;

/* --- out_value.c --- */
/* Bytes that suffice for all columns of the cell, before those of the cached runs. */
size_t annotate_cell_bound(const struct annotate_cell *c);
/* The same for the columns of a transcript. */
size_t annotate_tx_bound(const struct annotate_tx *t);
/* Column k of the cell to p; returns the end. Nothing for no value. */
char *annotate_cell_put(const struct annotate_cell *c, enum annotate_col k, char *p);
char *annotate_put_text(char *p, const char *s, const uint8_t *esc);
char *annotate_put_str(char *p, const char *s);
/* A text by the cell's style; NULL is none. */
char *annotate_put_value(const struct annotate_cell *c, const char *s, char *p);
char *annotate_put_int(char *p, int64_t x);

/* --- out_allele.c, out_entry.c: the columns by scope, and the bytes of their texts as they are --- */
char *annotate_allele_put(const struct annotate_cell *c, enum annotate_col k, char *p);
char *annotate_entry_put(const struct annotate_cell *c, enum annotate_col k, char *p);
size_t annotate_allele_bound(const struct annotate_cell *c);
size_t annotate_entry_bound(const struct annotate_entry *e);
/* The cell becomes one of this entry of its allele. */
void annotate_cell_entry(struct annotate_cell *c, const struct annotate_entry *e, bool picked);

/* --- out_pick.c --- */
int annotate_pick_order(struct grx_ctx *cx, const char *list, struct annotate_out *o) GRX_MUST;

/* --- out_csq.c, out_tsv.c, out_json.c --- */
int annotate_csq_declare(struct grx_ctx *cx, const struct annotate_out *o) GRX_MUST;
/* One entry by a plan, appended to b; `run` are the allele's runs of this plan. */
int annotate_plan_entry(struct annotate_work *w, const struct annotate_plan *p, const struct annotate_cell *c,
	const struct annotate_text *run, struct annotate_buf *b) GRX_MUST;
/* The allele's runs of a plan. */
int annotate_plan_allele(struct annotate_work *w, const struct annotate_plan *p, struct annotate_cell *c,
	struct annotate_text *run) GRX_MUST;
int annotate_tsv_header(
	struct grx_ctx *cx, const struct annotate_state *st, const struct annotate_out *o) GRX_MUST;
/* The joined databases' columns of the allele and the line's end. */
int annotate_tsv_tail(
	struct annotate_work *w, const struct annotate_cell *c, struct annotate_buf *b) GRX_MUST;
/* Value of a joined column for ALT number k (1-based), appended to o; nothing when it is missing. */
void annotate_db_value(const struct grx_var *v, const char *column, int32_t k, struct grx_str *o);
/* out_json_text.c: appended to o; a comma goes before a key or element unless something was just opened. */
void annotate_json_stringn(struct grx_str *o, const char *s, size_t n);
void annotate_json_string(struct grx_str *o, const char *s);
void annotate_json_key(struct grx_str *o, const char *key);
void annotate_json_next(struct grx_str *o);
void annotate_json_list(struct grx_str *o, const char *s, size_t n, char sep);
int annotate_json_record(struct annotate_work *w, const struct annotate_record *r) GRX_MUST;
void annotate_sink_write(const struct annotate_sink *s, const void *p, size_t n);

#endif
