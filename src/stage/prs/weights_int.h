/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_int.h -- what the files behind weights.h share: rows on their way, the sorter, the compiled file.
 * Way of a row: text -> prs_wrow (reader) -> prs_rec (sorter, in runs on disk) -> group of one position
 * (duplicates) -> block of the compiled file -> prs_wrow (cursor). Only rows without a position make a detour
 * through a second sorter, by ID. */
#ifndef GRX_PRS_WEIGHTS_INT_H
#define GRX_PRS_WEIGHTS_INT_H

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "stage/prs/weights.h"

enum {
	PRS_N_PRIMARY = 25,       /* 1..22, X, Y, MT: always the first chromosomes of a set */
	PRS_RUN_BYTES = 8 << 20,  /* of the main sorter; half of it for those by ID */
	PRS_MAX_ALLELE = 10000,   /* bases */
	PRS_MAX_FIELD = 1 << 20,  /* columns of a file */
	PRS_MAX_AT_ONE = 1 << 12, /* rows of one file at one position */
	PRS_MAX_CHROM = 1 << 16
};

/* --- numbers (weights_num.c) --- */
/* Decimal number at s, [+-]digits[.digits][e[+-]digits], the nearest double as strtod() gives it; *end behind
 * it. false: no number, too large, longer than 1000 characters. */
bool prs_num_scan(const char *s, const char **end, double *out);

/* --- rows as bytes (weights_rec.c) --- */
struct prs_rec_head {
	uint32_t size; /* of all, a multiple of 8 */
	uint32_t index;
	uint64_t key; /* sorted by (key, index) */
};
struct prs_rec {
	struct prs_rec_head h;
	int32_t slot; /* number of the file among the inputs */
	int32_t chrom;
	int64_t pos, line;
	double af;
	uint32_t n_w;
	uint8_t type, code, has, pad;
	/* n_w doubles; ea and what `has` names, each with NUL */
};
uint64_t prs_place_key(int32_t chrom, int64_t pos);
/* Row into buf (grown); row->file is the slot. NULL on exhausted memory or a row of 2 GiB and more. */
struct prs_rec *prs_rec_pack(const struct prs_wrow *row, uint64_t key, struct grx_str *buf);
/* Views into rec. */
void prs_rec_row(const struct prs_rec *rec, struct prs_wrow *row);

/* --- external sort (weights_sort.c) --- */
struct prs_sorter;
/* Unnamed file in TMPDIR (or /tmp), gone when closed. */
int prs_temp_fd(struct grx_ctx *cx, int *fd) GRX_MUST;
int prs_write_at(struct grx_ctx *cx, int fd, const char *path, const void *p, size_t n, int64_t off) GRX_MUST;
/* Fewer bytes than asked for: GRX_E_DATA "is cut short". */
int prs_read_at(struct grx_ctx *cx, int fd, const char *path, void *p, size_t n, int64_t off) GRX_MUST;
int prs_sorter_new(struct grx_ctx *cx, size_t run_bytes, struct prs_sorter **out) GRX_MUST;
void prs_sorter_free(struct prs_sorter *s);
int prs_sorter_add(struct grx_ctx *cx, struct prs_sorter *s, const struct prs_rec_head *rec) GRX_MUST;
/* After the last one; then next() until *rec is NULL. *rec is valid until the next call. */
int prs_sorter_end(struct grx_ctx *cx, struct prs_sorter *s) GRX_MUST;
int prs_sorter_next(struct grx_ctx *cx, struct prs_sorter *s, const struct prs_rec_head **rec) GRX_MUST;

/* --- compiled file (weights_disk.c, weights_meta.c) --- */
#define PRS_W_MAGIC   "GRXPRSW\n"
#define PRS_W_VERSION 1u

struct prs_block {
	int32_t chrom;
	uint32_t n_row;
	int64_t first, last; /* positions */
	int64_t off;
	uint32_t len, crc;
	uint32_t n_w, n_text; /* doubles and bytes of text when decoded */
};
struct prs_set_disk {
	int fd;
	char *path;            /* for messages; NULL = unnamed */
	char *temp;            /* name to remove when the set is closed, or NULL */
	struct grx_arena *mem; /* all texts of the set */
	struct prs_block *block;
	size_t n_block, cap_block;
	int n_left, cap_left;
	const char **left, **why; /* files left out */
	/* what shaped it; checked when a compiled file is opened */
	char key[65];
	uint8_t target, compat_pgsc, compat_plink, used_ids;
	uint8_t *code0;
};
struct prs_wr;
/* Begin a compiled file in d->fd. */
int prs_wr_new(struct grx_ctx *cx, struct prs_set_disk *d, struct prs_wr **out) GRX_MUST;
void prs_wr_free(struct prs_wr *w);
/* Rows of one position. */
int prs_wr_group(struct grx_ctx *cx, struct prs_wr *w, const struct prs_wrow *row, int n) GRX_MUST;
/* Last block, index, metadata, header. */
int prs_wr_end(struct grx_ctx *cx, struct prs_wr *w, const struct prs_set *s) GRX_MUST;
/* Rows of a block: row[b->n_row], w[b->n_w], text[b->n_text]. false: damaged. */
bool prs_block_decode(
	const struct prs_block *b, const unsigned char *p, struct prs_wrow *row, double *w, char *text);
/* Open a compiled file. Errors: DATA when it is damaged or of another version. */
int prs_disk_open(struct grx_ctx *cx, const char *path, struct prs_set **out) GRX_MUST;
void prs_meta_put(const struct prs_set *s, struct grx_str *out);
/* p[n] into an empty set with a disk. false: damaged. */
bool prs_meta_get(struct prs_set *s, const char *p, size_t n);
struct prs_set *prs_set_new(void); /* with an empty disk; NULL on exhausted memory */

/* --- the set in the making --- */
struct prs_bloom;
struct prs_lift;
struct prs_wb {
	struct grx_ctx *cx;
	const struct prs_set_opt *o;
	struct prs_set *set;
	struct grx_arena *mem; /* that of set->disk */
	size_t cap_file, cap_col, cap_chrom;
	struct grx_map *chroms, *ids; /* names and score ids: value index + 1 */
	struct prs_sorter *main, *by_id;
	int64_t n_by_id; /* rows to be placed by ID */
	uint64_t *bloom; /* IDs asked for */
	struct prs_lift *lift;
	int32_t *slot_file; /* file of the set that a slot became, or -1 */
	int32_t n_slot;
	size_t cap_slot;
	uint8_t *code0; /* of the set */
	size_t run_bytes;
	int64_t n_row; /* so far */
	struct grx_str rec;
	struct prs_wrow *group; /* of one position, while writing */
	size_t cap_group;
	struct grx_str bytes;
	size_t *at;
	size_t cap_at;
};
/* Index of a chromosome by any of its names; -1 with an error set on too many or exhausted memory. */
int32_t prs_wb_chrom(struct prs_wb *b, const char *name);
/* Canonical number of "chr1", "01", "23", "M" ...: 0..24; -1 for others. */
int32_t prs_chrom_primary(const char *name);
/* Hand a finished row over; by_id: place it by row->id later. */
int prs_wb_add(struct prs_wb *b, const struct prs_wrow *row, bool by_id) GRX_MUST;
/* Place the rows that have only an ID (weights_ids.c). */
int prs_wb_place_ids(struct prs_wb *b) GRX_MUST;
/* Rows that are there twice, among the rows of one position (weights_dup.c). */
int prs_dup_mark(struct grx_ctx *cx, const struct prs_set *s, struct prs_wrow *row, int n) GRX_MUST;
/* Sorted rows into the compiled file (weights_merge.c). */
int prs_wb_write(struct prs_wb *b) GRX_MUST;
/* As prs_set_open() with runs of so many bytes (tests). */
int prs_set_open_runs(
	struct grx_ctx *cx, const struct prs_set_opt *o, size_t run_bytes, struct prs_set **out) GRX_MUST;
/* 64 bits of an ID, well mixed. */
uint64_t prs_id_hash(const char *id);
const char *prs_build_text(enum prs_build b);

/* --- reading one file (weights_read.c) --- */
enum prs_kind_in { PRS_IN_SCORE, PRS_IN_LOADINGS };
/* Rows to b, file and columns to the set. On error nothing of it stays but rows without a file. */
int prs_file_parse(struct prs_wb *b, const char *path, enum prs_kind_in kind, const char *sha) GRX_MUST;
/* Frequencies (weights_freq.c). */
int prs_freq_parse(struct prs_wb *b, const char *path, const char *sha) GRX_MUST;
/* A compiled set among the inputs (weights_again.c). */
int prs_again(struct prs_wb *b, const char *path) GRX_MUST;
/* A new slot for rows; its file comes with prs_wb_join(). Less than 0: no memory (error set). */
int32_t prs_wb_slot(struct prs_wb *b);
/* Columns and file become part of the set. col[].of counts from the file's first column. is_score: its SCORE
 * columns need ids of their own. */
int prs_wb_join(struct prs_wb *b, int32_t slot, const struct prs_file *f, const struct prs_col *col,
	int n_col, bool is_score) GRX_MUST;

/* --- liftover (lift.c) --- */
/* Read the chain file on first use and check that it leads from `from` to `to`. */
int prs_lift_need(struct prs_wb *b, enum prs_build from, enum prs_build to, const char *file) GRX_MUST;
void prs_lift_free(struct prs_lift *l);
/* Lift chrom, pos and alleles of a row in place; texts from mem, which lives until the row is packed. *ok =
 * false: it cannot be lifted. */
int prs_lift_row(
	struct prs_wb *b, struct grx_arena *mem, bool hg19_mt, struct prs_wrow *row, bool *ok) GRX_MUST;

/* --- cache (weights_cache.c) --- */
/* SHA-256 of the inputs into sha[i] ("" when one is no regular file or cannot be read), and of everything
 * that shapes the set into key ("" when a sha is missing). */
int prs_cache_key(struct grx_ctx *cx, const struct prs_set_opt *o, char (*sha)[65], char key[65]) GRX_MUST;
/* *out NULL: none there, or damaged (said in a warning). */
int prs_cache_open(
	struct grx_ctx *cx, const struct prs_set_opt *o, const char *key, struct prs_set **out) GRX_MUST;
/* A file for the set in the folder; commit gives it its name. */
int prs_cache_begin(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set_disk *d) GRX_MUST;
int prs_cache_commit(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set_disk *d) GRX_MUST;
/* Is it a compiled set? */
bool prs_is_compiled(const char *path);
/* A compiled set must have been made for the same target and rules. */
int prs_compiled_check(struct grx_ctx *cx, const struct prs_set_opt *o, const struct prs_set *s) GRX_MUST;

#endif
