/* SPDX-License-Identifier: GPL-3.0-or-later
 * varsrc.h -- VCF/BCF in and out. htslib accepts many wrong records in silence: this layer validates each
 * one. */
#ifndef GRX_IO_VARSRC_H
#define GRX_IO_VARSRC_H

#include "base/mem.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "genorx/ctx.h"
#include "genorx/vars.h"

struct grx_varsrc;

struct grx_varsrc_opt {
	const char *path; /* "-" = stdin; plain, gzip, bgzip VCF or BCF */
	const struct grx_bed *
		regions; /* keep records whose pos is inside; NULL = all (uses the index when there is one) */
	bool overlap;    /* keep records that overlap them instead (with an index) */
	const char *const *info; /* INFO keys to decode, NULL-ended, or NULL */
	const char *const *fmt;  /* FORMAT keys to decode besides GT */
	const char *sample;      /* keep this sample only, NULL = all; absent: GRX_E_MISMATCH */
	bool sites_only;         /* drop genotypes: fastest */
};

/* Columns that are decoded, lists NULL-ended or NULL. */
struct grx_varcols {
	const char *const *info, *const *fmt;
	bool gt;
};

/* Must the records at two successive positions be of one batch? NULL f: none must. */
struct grx_varjoin {
	bool (*f)(const void *arg, int32_t tid, int64_t prev, int64_t next);
	const void *arg;
};
#define GRX_VARSRC_MAX_JOINED 100000 /* records of a batch; then it ends all the same, which is counted */

/* Errors: NOINPUT; DATA for a file that is not VCF/BCF, truncated (no BGZF EOF block), a header that clashes.
 */
int grx_varsrc_open(struct grx_ctx *cx, const struct grx_varsrc_opt *o, struct grx_varsrc **out) GRX_MUST;
void grx_varsrc_close(struct grx_varsrc *s);
/* Has the file an index? */
int grx_varsrc_indexed(struct grx_ctx *cx, const char *path, bool *yes) GRX_MUST;
/* Header and dictionary; owned by s. Contigs seen only in records are DATA errors. */
struct grx_hdr *grx_varsrc_hdr(struct grx_varsrc *s);
const struct grx_contigs *grx_varsrc_contigs(const struct grx_varsrc *s);
/* Other columns than those of the options, from the next batch on; the lists are borrowed. */
void grx_varsrc_want(struct grx_varsrc *s, const struct grx_varcols *c);
/* From the next batch on. */
void grx_varsrc_join(struct grx_varsrc *s, const struct grx_varjoin *j);
/* Batches that grew to GRX_VARSRC_MAX_JOINED records and were cut between joined positions. */
int64_t grx_varsrc_cuts(const struct grx_varsrc *s);
/* About max records into a new batch in mem, more where it would split a position or what is joined; *out->n
 * == 0 at the end of file. Records are validated: sorted, POS in the contig, REF/ALT syntax, GT index <=
 * n_allele-1, QUAL finite, column counts; GRX_E_DATA names file:record and contig:pos. Raw records live as
 * long as mem: freed by grx_varsrc_release() on the batch. */
int grx_varsrc_next(struct grx_ctx *cx, struct grx_varsrc *s, struct grx_arena *mem, size_t max,
	struct grx_vars **out) GRX_MUST;
/* Free raw records of a batch; call before resetting mem. Safe on NULL and on batches made by call. */
void grx_vars_release(struct grx_vars *b);
/* All records of a (small) file: truth sets, site lists. */
int grx_varsrc_all(struct grx_ctx *cx, const struct grx_varsrc_opt *o, struct grx_arena *mem,
	struct grx_varsrc **src, struct grx_vars **out) GRX_MUST;
/* Sites of a VCF for forced genotyping, mapped to dictionary d by exact name (MISMATCH when no contig is
 * known). */
int grx_sites_read(
	struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct grx_sites *add) GRX_MUST;

/* Random access to an indexed VCF/BCF (annotation databases): records overlapping [beg, end). Contig names by
 * alias. One handle per worker. Missing index: GRX_E_NOINPUT with what to run; stale: GRX_E_MISMATCH. */
struct grx_vardb;
#define GRX_VARDB_ANY (-1) /* as worker: a handle that is free; waits for one */
int grx_vardb_open(struct grx_ctx *cx, const char *path, const char *const *info, int workers,
	struct grx_vardb **out) GRX_MUST;
void grx_vardb_close(struct grx_vardb *db);
/* Is INFO key declared? *number ("1","A","R",...) and *type are set. Borrowed. */
bool grx_vardb_info(const struct grx_vardb *db, const char *key, const char **number, uint8_t *type);
/* Records overlapping [beg, end), one at a time: site() sees place and alleles and says whether the record is
 * needed, and only then are the columns decoded for row(). The record is gone after row(); mem is reset. */
struct grx_vardb_scan {
	const char *contig;
	int64_t beg, end;
	struct grx_arena *mem;
	int (*site)(void *arg, struct grx_ctx *cx, const struct grx_var *v, bool *need);
	int (*row)(void *arg, struct grx_ctx *cx, const struct grx_var *v);
	void *arg;
};
int grx_vardb_scan(struct grx_ctx *cx, struct grx_vardb *db, const struct grx_vardb_scan *q) GRX_MUST;
/* Its contigs, borrowed; a line ##key=value of its header, NULL without. */
const struct grx_contigs *grx_vardb_contigs(const struct grx_vardb *db);
const char *grx_vardb_meta(const struct grx_vardb *db, const char *key);
/* The same of a source: is INFO key declared, and header lines. */
bool grx_varsrc_info(struct grx_varsrc *s, const char *key, const char **number, uint8_t *type);
const char *grx_varsrc_meta(struct grx_varsrc *s, const char *key);
/* Description of INFO key as n bytes that are not ended; "" without. */
const char *grx_varsrc_desc(struct grx_varsrc *s, const char *key, size_t *n);
/* Does the header of the input declare INFO key? False for one that was made here. */
bool grx_hdr_raw_info(const struct grx_hdr *h, const char *key, uint8_t *type);
/* The same of FORMAT key. */
bool grx_hdr_raw_format(const struct grx_hdr *h, const char *key);
int grx_vardb_fetch(struct grx_ctx *cx, struct grx_vardb *db, int worker, const char *contig, int64_t beg,
	int64_t end, struct grx_arena *mem, struct grx_vars **out) GRX_MUST;

/* Sink: type 'v' VCF, 'z' bgzip VCF, 'u' uncompressed BCF, 'b' BCF. path "-" = stdout. index: write .tbi/.csi
 * beside it (z and b only). The header is h's raw header plus declared lines and meta; written by the first
 * put or by close. */
struct grx_varsink;
int grx_varsink_open(struct grx_ctx *cx, const char *path, char type, bool index, const struct grx_hdr *h,
	struct grx_varsink **out) GRX_MUST;
int grx_varsink_put(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_vars *b) GRX_MUST;
int grx_varsink_close(struct grx_ctx *cx, struct grx_varsink *s) GRX_MUST; /* frees s whatever happens */
void grx_varsink_abandon(struct grx_varsink *s);                           /* error path */

#endif
