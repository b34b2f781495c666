/* SPDX-License-Identifier: GPL-3.0-or-later
 * var_int.h -- what the variant reader, database and writer share. Internal to io.
 * grx_hdr.raw points to a struct grx_varhdr, grx_var.raw to a bcf1_t whose ids are those of `live`. */
#ifndef GRX_IO_VAR_INT_H
#define GRX_IO_VAR_INT_H

#include <htslib/vcf.h>

#include "base/str.h"
#include "io/varsrc.h"

#define VAR_MAX_UNDECLARED 1000

/* The header twice: `pub` never changes once read; `live` gains a dummy line for each key that records use
 * without declaring it. Ids below n_id are the same in both; name[id - n_id] is the key of the others. */
struct grx_varhdr {
	bcf_hdr_t *live, *pub;
	int n_id;
	_Atomic int n_undeclared; /* the writer looks while the reader goes on */
	_Atomic bool dual; /* a declared FILTER or FORMAT name was used as undeclared INFO, or the like */
	char *name[VAR_MAX_UNDECLARED];
};

/* Check header text (all lines, '\n'-ended) and parse it. sites_only cuts the sample columns. */
int grx_varhdr_parse(struct grx_ctx *cx, const char *path, const struct grx_str *text, bool sites_only,
	struct grx_varhdr **out) GRX_MUST;
/* h is taken, also on failure. */
int grx_varhdr_take(struct grx_ctx *cx, const char *path, bcf_hdr_t *h, struct grx_varhdr **out) GRX_MUST;
/* Keep one sample only; after the validator was made, which counts the columns of the file. Reading then
 * drops the others: the text parser and bcf_read() by themselves, indexed BCF by bcf_subset_format(). */
int grx_varhdr_select(
	struct grx_ctx *cx, const char *path, struct grx_varhdr *vh, const char *sample) GRX_MUST;
void grx_varhdr_free(struct grx_varhdr *vh);
/* Dictionary and neutral header; both given. tid = rid. */
int grx_varhdr_neutral(struct grx_ctx *cx, const char *path, struct grx_varhdr *vh, struct grx_contigs **d,
	struct grx_hdr **h) GRX_MUST;

/* Is INFO key declared? *number ("1","A","R",...) and *type. A line ##key=value; NULL without. */
bool grx_varhdr_info(const struct grx_varhdr *vh, const char *key, const char **number, uint8_t *type);
const char *grx_varhdr_meta(const struct grx_varhdr *vh, const char *key);

/* Record validation. Positions must not descend unless `unsorted`. */
struct grx_varval;
int grx_varval_new(struct grx_ctx *cx, const char *path, struct grx_varhdr *vh, bool sites_only,
	struct grx_varval **out) GRX_MUST;
void grx_varval_free(struct grx_varval *vv);
/* Random access: forget the last position. */
void grx_varval_rewind(struct grx_varval *vv);
/* One text line of *n bytes; upper-cases REF and ALT, cuts sample columns, drops a leading phase mark in
 * place. */
int grx_varval_line(struct grx_ctx *cx, struct grx_varval *vv, char *line, size_t *n) GRX_MUST;
/* One decoded record (BCF). */
int grx_varval_rec(struct grx_ctx *cx, struct grx_varval *vv, bcf1_t *rec) GRX_MUST;
/* Alleles of a record decoded elsewhere, which has passed its other checks: REF, and ALT as one comma-joined
 * text
 * ("." none); upper-cased in place. record: its number, for messages. */
struct grx_varsite {
	int64_t record, pos;
	int rid;
	char *ref, *alt;
};
int grx_varval_alleles(struct grx_ctx *cx, struct grx_varval *vv, const struct grx_varsite *s) GRX_MUST;
/* Go on behind record n, at this place (contig -1: any may follow). */
void grx_varval_seek(struct grx_varval *vv, int64_t n, const int64_t place[2]);
/* Contig and position of the last record. */
void grx_varval_place(const struct grx_varval *vv, int64_t place[2]);
/* Records seen. */
int64_t grx_varval_count(const struct grx_varval *vv);

/* Which columns to decode. */
struct grx_varwant {
	const char *const *info, *const *fmt;
	bool sites_only, no_gt;
};
/* Append rec (taken on success) to b; its ids are those of h. */
int grx_var_decode(struct grx_ctx *cx, const bcf_hdr_t *h, const struct grx_varwant *want, bcf1_t *rec,
	struct grx_vars *b) GRX_MUST;
/* A column found elsewhere, as the record's own field. False: no memory. */
bool grx_var_put_info(struct grx_arena *mem, struct grx_var *v, const char *key, const bcf_info_t *in);
bool grx_var_put_fmt(
	struct grx_arena *mem, struct grx_var *v, const char *key, const bcf_fmt_t *in, int n_sample);
bool grx_var_put_gt(struct grx_arena *mem, struct grx_var *v, const bcf_fmt_t *in, int n_sample);

/* Random access to one indexed file: a handle of its own with its own header. tid -1 of seek: contig not in
 * the file. */
struct grx_varidx;
/* Is there an index beside path (.csi or .tbi)? False for "-". */
int grx_varidx_exists(struct grx_ctx *cx, const char *path, bool *yes) GRX_MUST;
/* Missing index: GRX_E_NOINPUT; stale or of another file: GRX_E_MISMATCH. */
int grx_varidx_open(struct grx_ctx *cx, const char *path, bool sites_only, struct grx_varidx **out) GRX_MUST;
void grx_varidx_close(struct grx_varidx *x);
struct grx_varhdr *grx_varidx_hdr(struct grx_varidx *x);
/* Next query: records overlapping [beg, end) of the file's contig number rid. */
int grx_varidx_seek(struct grx_ctx *cx, struct grx_varidx *x, int rid, int64_t beg, int64_t end) GRX_MUST;
/* *rec NULL at the end of the query; otherwise given (bcf_destroy()). */
int grx_varidx_next(struct grx_ctx *cx, struct grx_varidx *x, bcf1_t **rec) GRX_MUST;
/* Parse a checked line into a new record. The parser keeps scratch in h: one thread at a time. */
int grx_var_parse(
	struct grx_ctx *cx, const char *path, const bcf_hdr_t *h, kstring_t *line, bcf1_t **rec) GRX_MUST;

/* The sink's header, complete now and from now on. */
int grx_varsink_head(struct grx_ctx *cx, struct grx_varsink *s, const bcf_hdr_t **h) GRX_MUST;
char grx_varsink_type(const struct grx_varsink *s);
/* Records that are bytes already. */
struct grx_varbytes {
	const void *p;
	size_t n;
	size_t n_rec;
	bool packed; /* whole BGZF blocks */
};
int grx_varsink_bytes(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_varbytes *b) GRX_MUST;
#define GRX_VAR_MAX_INFO 65535 /* fields of a record: BCF counts them in 16 bits */
/* GRX_E_DATA: what stages add to v does not fit. */
int grx_varsink_full(struct grx_ctx *cx, const struct grx_varsink *s, const struct grx_var *v) GRX_MUST;
/* A record with a raw form as a line of text, appended to out. Any thread; all of its keys are declared. */
int grx_varsink_text(
	struct grx_ctx *cx, const struct grx_varsink *s, const struct grx_var *v, kstring_t *out) GRX_MUST;

#endif
