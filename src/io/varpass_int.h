/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_int.h -- blocks of records in flight, shared by varpass and its two kinds. Internal to io. */
#ifndef GRX_IO_VARPASS_INT_H
#define GRX_IO_VARPASS_INT_H

#include "io/varpass.h"
#include "io/varsrc_int.h"

/* Where a record is in its block, and what was handed out of it: a stage must leave that as it is. */
struct varpass_rec {
	size_t off, n; /* bytes */
	size_t info;   /* offset of INFO in the record (VCF: of its column) */
	size_t n_info; /* VCF: bytes of INFO */
	int32_t tid;
	int64_t pos;
	const char *id, **allele, **filter;
	int32_t n_allele, n_filter;
	float qual;
};

/* A key of VCF text: how its values are written. */
struct varpass_key {
	char name[48];
	size_t n;
	int type; /* BCF_HT_x, -1 not declared */
	bool wanted, gt;
};

/* A field that a stage set. */
struct varpass_set {
	const struct grx_field *f;
	const char *key;
	size_t n_key;
	int id;    /* in the sink's header */
	bool drop; /* no values: taken away */
	bool done;
};

struct grx_varblock {
	uint8_t *p;
	size_t n, cap;
	struct varpass_rec *rec;
	size_t n_rec, cap_rec;
	int64_t first;         /* number of the first record in the file */
	int64_t before[2];     /* place of the record before, contig -1: none */
	bool general;          /* written by the general way: the records have their raw form */
	struct grx_vars *vars; /* general, VCF: decoded while reading; owned until decode() hands them out */
	struct grx_arena *mem; /* of vars */
	struct grx_varhdr *vh; /* VCF: the parser's header of this block's thread, made when needed */
	int64_t *dup;          /* numbers of records like the one before them */
	size_t n_dup, cap_dup;
	kstring_t out, line;
	struct varpass_set *set; /* of the record at hand */
	size_t n_set, cap_set;
	struct varpass_key *key; /* of the header, as last used */
	size_t n_key, cap_key;
	struct varpass_key *fmt; /* of the FORMAT text */
	size_t n_fmt, cap_fmt, n_fmt_text, cap_fmt_text;
	char *fmt_text;
	uint8_t *pack;
	size_t n_pack, cap_pack;
};

struct grx_varpass {
	struct grx_varsrc *src;
	struct grx_varsink *dst;
	const bcf_hdr_t *h, *to; /* of the file, never changing; of the sink */
	bool bcf, packed;
	int id_end, id_gt;     /* numbers of the keys, -1 */
	int *id_info, *id_fmt; /* of the columns wanted */
	int n_id_info, n_id_fmt;
	int n_block;
	struct grx_varblock *block;
	/* reading: what is behind the block */
	uint8_t *tail;
	size_t n_tail, cap_tail;
	int64_t tail_place[2]; /* VCF: of the line held */
	int64_t n_read, last[2];
	bool ended, broken, general; /* broken: a read failed, with this errno */
	int err;
};

/* Room for n more bytes. */
int varpass_room(struct grx_ctx *cx, struct grx_varblock *b, size_t n) GRX_MUST;
/* Another record of the block; NULL: no memory. */
struct varpass_rec *varpass_push(struct grx_varblock *b);
int varpass_keep_tail(struct grx_ctx *cx, struct grx_varpass *p, const void *s, size_t n) GRX_MUST;
/* What stages set of record i, into b->set. GRX_E_BUG for anything but INFO, and for a column not declared.
 */
int varpass_sets(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, size_t i,
	const struct grx_var *v) GRX_MUST;
/* The first one not done yet with this number; NULL. */
struct varpass_set *varpass_set_find(struct grx_varblock *b, int id);
/* What was handed out. */
void varpass_note(struct varpass_rec *r, const struct grx_var *v);
/* Record i resembles the one before. */
int varpass_duplicate(struct grx_ctx *cx, struct grx_varblock *b, size_t i) GRX_MUST;

int varpass_bcf_next(struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, size_t max) GRX_MUST;
int varpass_bcf_decode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, struct grx_vars *v) GRX_MUST;
int varpass_bcf_encode(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	const struct grx_vars *v) GRX_MUST;
/* The block's records the general way. */
int varpass_bcf_general(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, struct grx_vars *v) GRX_MUST;
int varpass_vcf_next(struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, size_t max) GRX_MUST;
int varpass_vcf_decode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, struct grx_vars *v) GRX_MUST;
int varpass_vcf_encode(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	const struct grx_vars *v) GRX_MUST;

#endif
