/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_int.h -- shared by the files of the reads source: header, index, record checks, access, merge. */
#ifndef GRX_IO_READSRC_INT_H
#define GRX_IO_READSRC_INT_H

#include <htslib/sam.h>
#include <pthread.h>

#include "base/map.h"
#include "io/htsmisc.h"
#include "io/readsrc.h"

/* A sample as one file's header has it. */
struct rs_sm {
	char *name;
	int number; /* in grx_reads_info.samples, -1: not chosen */
};

/* What a header says. */
struct rs_head {
	struct grx_contigs *contigs;
	size_t n_sm, cap_sm;
	struct rs_sm **sm;  /* in order of appearance; without read groups one, named after the file */
	struct grx_map *rg; /* every @RG ID -> its struct rs_sm */
	bool has_rg;        /* any @RG line */
	bool no_text;       /* binary dictionary only: read groups are unknown */
};

/* Outcome of the checks of one record. */
enum rs_verdict { RS_KEEP, RS_OTHER_SAMPLE, RS_UNKNOWN_RG, RS_BAD_CIGAR, RS_NO_SEQ, RS_GAP, RS_COUNTED };

/* Refused records of a window. */
struct rs_refused {
	size_t n, cap;
	struct grx_refused *v;
};

/* A read of the bin under construction. */
struct rs_key {
	uint64_t hash;
	uint32_t seq; /* place among the bin's reads in the file */
	size_t at;    /* index in the list */
};

/* The reads of a bin that compete for the same places. */
struct rs_class {
	size_t n, cap;
	struct rs_key *key;
};

/* The bin under construction (readsrc_thin.c). */
struct rs_thin {
	size_t limit; /* reads of a class: a sample's of one kind; 0: all stay */
	bool mark;    /* those beyond it are marked rather than dropped */
	int64_t bin;
	size_t first; /* of its reads in the list */
	uint32_t seq;
	size_t cap_class, n_used, cap_used;
	struct rs_class *cls;
	size_t *used; /* classes with reads in this bin */
	bool replaced, dropped;
	uint32_t drop[GRX_THIN_BIN]; /* dropped, by pos */
};

/* A batch under construction: the reads' bytes are in some arena. */
struct rs_list {
	size_t n, cap;
	struct grx_read *v;
	struct rs_refused bad;
	struct rs_thin thin;
};

/* Where a new read goes: its index in the list, in place of a dropped one, or nowhere. */
struct rs_place {
	size_t at;
	bool reuse, none;
};

/* One open file. */
struct rs_handle {
	samFile *fp;
	sam_hdr_t *hdr;
	hts_idx_t *idx; /* own index for CRAM, else NULL (the shared one is used) */
	bam1_t *rec;
	char rg_last[64]; /* memo of the last read group looked up */
	const struct rs_sm *rg_sm;
	bool busy;
};

struct rs_held {
	struct grx_read r;
	enum rs_verdict v;
	struct grx_refused was; /* of RS_COUNTED: refused records of r.tid that were not held one by one */
};

/* What bounded depth left of the records read while the stream is held, to be given a second time after the
 * rewind. Thinned once more then, with the rest of a bin cut by the rewind, it gives what the file itself
 * would. Where reads over the limit are only marked all must be held. */
struct rs_replay {
	bool hold;
	size_t n, cap, at;
	struct rs_held *v;
	struct rs_list bin; /* of bin_tid, under construction; not in v yet */
	int32_t bin_tid;
	struct grx_arena *mem; /* bytes of both */
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
	struct rs_list list; /* carried reads, bytes in mem[cur]; records refused from `beg` on */
	struct grx_arena *mem[2];
	int cur;
	int64_t n_unplaced;
};

/* One file. Handles are a pool: a thread takes a free one for one window. */
struct rs_file {
	char *path, *name; /* as given; as htslib gets it */
	const char *fasta; /* borrowed */
	bool allow_missing_eof, allow_unknown_rg, strict_cram, is_cram, indexed;
	bool unused; /* none of its samples is chosen: its handles are closed */
	struct rs_head head;
	hts_idx_t *idx;
	char *idx_name;
	int64_t *n_mapped; /* per contig; NULL unknown */
	int64_t n_unplaced;
	int n_handle;
	struct rs_handle *h;
	size_t thin_limit; /* 0 = off */
	bool thin_mark;
	bool locks;
	pthread_mutex_t lock; /* guards busy */
	pthread_cond_t freed;
	struct rs_stream st;
};

/* What one worker uses to build a batch. */
struct rs_work {
	struct rs_list list;
	size_t *part; /* reads of file f: list.v[part[2 f] .. part[2 f + 1]) */
	size_t cap_order;
	uint32_t *order[2];
};

struct grx_readsrc {
	struct grx_reads_info info;
	int n_file;
	struct rs_file *file;
	char *fasta;
	char **sample;
	int64_t *n_mapped;       /* over all files, or NULL */
	int64_t **sample_mapped; /* [n_sample] of [contigs] or NULL */
	int n_work;
	struct rs_work *work;
};

struct rs_window {
	int32_t tid;
	int64_t beg, end;
	int64_t far_beg, far_end; /* what must be read so that every bin of its reads is whole */
};

/* readsrc_hdr.c: header text and binary dictionary, checked against each other. */
int rs_head_read(struct grx_ctx *cx, const char *path, sam_hdr_t *h, struct rs_head *out) GRX_MUST;
void rs_head_clear(struct rs_head *h);

/* readsrc_set.c: choose the samples of the run, number them, name files that hold none. */
int rs_samples_choose(struct grx_ctx *cx, struct grx_readsrc *s, const struct grx_readsrc_opt *o) GRX_MUST;
/* One dictionary for all files. */
int rs_dicts_agree(struct grx_ctx *cx, const struct grx_readsrc *s) GRX_MUST;
/* Mapped reads by contig, of all and of each sample, as far as the indexes tell. */
int rs_counts_sum(struct grx_ctx *cx, struct grx_readsrc *s) GRX_MUST;

/* readsrc_idx.c: find, load and verify the index; leaves f->idx NULL when there is none. */
int rs_index_open(struct grx_ctx *cx, struct rs_file *f) GRX_MUST;

/* readsrc_rec.c: check every claim of h's record and describe it in to->r, which then points into h->rec. */
int rs_rec_check(
	struct grx_ctx *cx, const struct rs_file *f, struct rs_handle *h, struct rs_held *to) GRX_MUST;
/* Move r's bytes from wherever they are into mem. */
int rs_read_move(struct grx_ctx *cx, struct grx_read *r, struct grx_arena *mem) GRX_MUST;
/* Append a checked record: a read with its bytes moved to mem, or a refused one. */
int rs_list_add(
	struct grx_ctx *cx, struct rs_list *l, const struct rs_held *h, struct grx_arena *mem) GRX_MUST;
void rs_list_clear(struct rs_list *l);
int rs_refuse(struct grx_ctx *cx, struct rs_refused *b, const struct grx_refused *r) GRX_MUST;

/* readsrc_thin.c: find the place of r, which comes next in the file; close() after the last one of a window,
 * which must end with a bin. */
int rs_thin_add(struct grx_ctx *cx, struct rs_list *l, struct grx_read *r, struct rs_place *place) GRX_MUST;
int rs_thin_close(struct grx_ctx *cx, struct rs_list *l) GRX_MUST;
void rs_thin_clear(struct rs_thin *t);
/* "chr1:1234" of the record, for messages. */
const char *rs_where(const struct rs_file *f, const bam1_t *b, char *buf, size_t cap);

struct rs_merge_to {
	int n_file;
	bool lend; /* the batch may point into w->list, which the worker's next batch overwrites */
	struct grx_arena *mem;
};

/* readsrc_merge.c: the lists of all files (w->part) as one batch, ascending (pos, sample, file). */
int rs_merge(
	struct grx_ctx *cx, struct rs_work *w, const struct rs_merge_to *to, struct grx_reads **out) GRX_MUST;

/* readsrc_get.c: append what one file has in the window. */
int rs_file_fetch(struct grx_ctx *cx, struct rs_file *f, const struct rs_window *w, struct rs_list *to,
	struct grx_arena *mem) GRX_MUST;
int rs_file_stream(struct grx_ctx *cx, struct rs_file *f, const struct rs_window *w, struct rs_list *to,
	struct grx_arena *mem) GRX_MUST;
int rs_file_drain(struct grx_ctx *cx, struct rs_file *f) GRX_MUST;
int rs_file_hold(struct grx_ctx *cx, struct rs_file *f) GRX_MUST;
void rs_file_rewind(struct rs_file *f);
void rs_stream_clear(struct rs_stream *st);

/* readsrc_file.c: path, fasta and the flags of f are set by the caller. */
int rs_file_open(struct grx_ctx *cx, struct rs_file *f, int n_handle) GRX_MUST;
void rs_file_close(struct rs_file *f);
/* A handle for this thread alone, opened if need be; waits while all are busy. Give it back in any case. */
int rs_handle_take(struct grx_ctx *cx, struct rs_file *f, struct rs_handle **out) GRX_MUST;
void rs_handle_give(struct rs_file *f, struct rs_handle *h);
void rs_handles_close(struct rs_file *f);

#endif
