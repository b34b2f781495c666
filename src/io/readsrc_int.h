/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_int.h -- shared by the files of the reads source: header, index, record checks, access. */
#ifndef GRX_IO_READSRC_INT_H
#define GRX_IO_READSRC_INT_H

#include <htslib/sam.h>

#include "base/map.h"
#include "io/htsmisc.h"
#include "io/readsrc.h"

/* What the header says. */
struct rs_head {
	struct grx_contigs *contigs;
	char *sample;       /* chosen one */
	struct grx_map *rg; /* every @RG ID -> a pointer to `keep` or to `drop` */
	char keep, drop;
	bool has_rg;  /* any @RG line */
	bool no_text; /* binary dictionary only: read groups are unknown */
	bool pick;    /* several samples: filter by RG */
};

/* One open file. Each worker has its own; the stream uses number 0. */
struct rs_handle {
	samFile *fp;
	sam_hdr_t *hdr;
	hts_idx_t *idx; /* own index for CRAM, else NULL (the shared one is used) */
	bam1_t *rec;
	size_t n, cap; /* reads of the batch under construction */
	struct grx_read *v;
	char rg_last[64]; /* memo of the last read group looked up */
	bool rg_keep;
};

/* Refused records of a window. */
struct rs_refused {
	size_t n, cap;
	struct grx_refused *v;
};

/* Outcome of the checks of one record. */
enum rs_verdict { RS_KEEP, RS_DROP_SAMPLE, RS_BAD_CIGAR, RS_NO_SEQ };

struct rs_held {
	struct grx_read r;
	enum rs_verdict v;
};

/* Records read while the stream is held, to be given a second time after the rewind. */
struct rs_replay {
	bool hold;
	size_t n, cap, at;
	struct rs_held *v;
	struct grx_arena *mem;
};

/* A stream between two windows. */
struct rs_stream {
	bool started, file_end, eof;
	bool pending; /* `next` is the next record; its bytes are in handle 0 or in the replay */
	struct rs_held next;
	struct rs_replay replay;
	int32_t tid; /* of the last window and of the carried reads */
	int64_t beg;
	int32_t last_tid; /* of the last record: order check */
	int64_t last_pos;
	size_t n, cap;
	struct grx_read *v; /* carried reads; bytes in mem[cur] */
	struct grx_arena *mem[2];
	int cur;
	int64_t n_unplaced;
	struct rs_refused bad; /* records that reach into the window or begin in it */
};

struct grx_readsrc {
	char *path, *name; /* as given; as htslib gets it */
	const char *fasta;
	char *fasta_own;
	bool allow_missing_eof, is_cram;
	struct rs_head head;
	hts_idx_t *idx;
	char *idx_name;
	int64_t *n_mapped;
	struct grx_reads_info info;
	int n_handle;
	struct rs_handle *h;
	struct rs_stream st;
};

/* readsrc_hdr.c: header text and binary dictionary, checked against each other. */
int rs_head_read(
	struct grx_ctx *cx, const char *path, sam_hdr_t *h, const char *want, struct rs_head *out) GRX_MUST;
void rs_head_clear(struct rs_head *h);

/* readsrc_idx.c: find, load and verify the index; leaves s->idx NULL when there is none. */
int rs_index_open(struct grx_ctx *cx, struct grx_readsrc *s) GRX_MUST;

/* readsrc_rec.c: check every claim of b and describe it in r, which then points into b (moved by
 * rs_rec_keep()). */
int rs_rec_check(struct grx_ctx *cx, const struct grx_readsrc *s, struct rs_handle *h, struct grx_read *r,
	enum rs_verdict *v) GRX_MUST;
/* Copy the bytes of h->rec that r needs into mem and turn r's pointers there; then append r to h->v. */
int rs_rec_keep(struct grx_ctx *cx, struct rs_handle *h, struct grx_read *r, struct grx_arena *mem) GRX_MUST;
/* Move r's bytes from wherever they are into mem. */
int rs_read_move(struct grx_ctx *cx, struct grx_read *r, struct grx_arena *mem) GRX_MUST;
/* Copy n reads of v into a batch in mem. */
int rs_batch(struct grx_ctx *cx, const struct grx_read *v, size_t n, struct grx_arena *mem,
	struct grx_reads **out) GRX_MUST;
/* readsrc_get.c */
void rs_stream_clear(struct rs_stream *st);
/* "chr1:1234" of the record, for messages. */
const char *rs_where(const struct grx_readsrc *s, const bam1_t *b, char *buf, size_t cap);

/* readsrc.c */
int rs_handle_open(struct grx_ctx *cx, const struct grx_readsrc *s, struct rs_handle *h) GRX_MUST;

#endif
