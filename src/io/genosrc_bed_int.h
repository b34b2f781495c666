/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_bed_int.h -- what the readers of plink 1's three files share. Internal to io. */
#ifndef GRX_IO_GENOSRC_BED_INT_H
#define GRX_IO_GENOSRC_BED_INT_H

#include "io/genosrc_int.h"

#define BIM_STEP 1024 /* rows between two places that are kept */

/* A file read by position, so that many readers share its descriptor. */
struct bed_file {
	char *path;
	int fd;
	int64_t size;
};

/* One row of .bim; strings within the reader's buffer. */
struct bim_row {
	char *chrom, *id, *a1, *a2;
	int64_t pos; /* 1-based as written */
	int64_t row; /* 0-based */
};

struct bim_reader {
	const struct bed_file *f;
	char *buf;
	size_t cap, at, n;
	int64_t off; /* of buf in the file */
	int64_t row; /* next one */
	bool ended;
};

/* A run of rows with the same chromosome code. */
struct bim_seg {
	char *code;
	int32_t tid;
	int64_t first, n;
};

struct bim_place {
	int64_t off, pos;
};

struct bim {
	struct bed_file f;
	int64_t n;     /* rows */
	int64_t reach; /* longest REF */
	struct bim_seg *seg;
	size_t n_seg, cap_seg;
	struct bim_place *place; /* of every BIM_STEP-th row */
	size_t n_place, cap_place;
};

int bed_file_open(struct grx_ctx *cx, const char *path, struct bed_file *f) GRX_MUST;
void bed_file_close(struct bed_file *f);
/* All n bytes at off. */
int bed_file_read(struct grx_ctx *cx, const struct bed_file *f, void *p, size_t n, int64_t off) GRX_MUST;

int bim_reader_open(struct grx_ctx *cx, const struct bed_file *f, struct bim_reader *r) GRX_MUST;
void bim_reader_close(struct bim_reader *r);
/* Continue with row `row` at byte off. */
void bim_reader_seek(struct bim_reader *r, int64_t off, int64_t row);
/* Byte of the next row. */
int64_t bim_reader_tell(const struct bim_reader *r);
int bim_reader_next(struct grx_ctx *cx, struct bim_reader *r, struct bim_row *v, bool *more) GRX_MUST;

/* Read .bim through: order, runs, places; contigs in order of appearance into d. */
int bim_open(struct grx_ctx *cx, const char *path, struct bim *b, struct grx_contigs *d) GRX_MUST;
void bim_close(struct bim *b);
/* Set r to the last place of seg g where every row before ends at or before 0-based pos beg. */
void bim_seek(const struct bim *b, const struct bim_seg *g, int64_t beg, struct bim_reader *r);

#endif
