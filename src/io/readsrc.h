/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc.h -- BAM/CRAM in: indexed random access (a handle per worker) or one sorted stream.
 * Both give the same batches for the same shard. */
#ifndef GRX_IO_READSRC_H
#define GRX_IO_READSRC_H

#include "base/mem.h"
#include "bio/contig.h"
#include "genorx/ctx.h"
#include "genorx/reads.h"

struct grx_readsrc;

struct grx_readsrc_opt {
	const char *path; /* "-" = stdin */
	int n_path;       /* several files: paths[0..n_path), path is then ignored */
	const char *const *paths;
	const char *fasta;  /* for CRAM; NULL for BAM */
	const char *sample; /* choose by @RG SM, "A" or "A,B"; NULL = all */
	bool many_samples;  /* else more than one is an error */
	bool allow_missing_eof, allow_unknown_rg;
	bool strict_cram; /* GRX_E_GATE for a CRAM when htslib's decoder has known memory errors */
	/* Of the reads of one sample in one file that begin in the same GRX_THIN_BIN bases, those beyond so
	 * many, by name hash, are dropped (GRX_REFUSED_DEPTH), or with depth_mark marked `over`; 0 =
	 * off. */
	int64_t depth_limit;
	bool depth_mark;
	int workers; /* threads that will fetch */
};

/* Files open at once: at most GRX_READSRC_HANDLES (or the number of files, if that is more), whatever the
 * threads. */
enum { GRX_READSRC_HANDLES = 128 };
/* Grid of thinning, and the span of reads up to which it is the same for any window. */
enum { GRX_THIN_BIN = 64, GRX_THIN_SPAN = 512 };

/* Several files are one source: their reads come merged by position. Dictionaries must agree (GRX_E_MISMATCH
 * names both files); a sample may lie in several files and a file hold several samples; files without a
 * chosen sample are left aside. More files than the limit on open files: GRX_E_USAGE says how to raise it.
 * Checks: readable, BAM or CRAM, sorted by coordinate (@HD SO or as read), EOF block, header sane,
 * sample, index (fresh: not older than the file; its contig count fits; last offset within the file). A
 * missing index is no error here: info->indexed says so and grx_readsrc_fetch() is then refused. */
int grx_readsrc_open(struct grx_ctx *cx, const struct grx_readsrc_opt *o, struct grx_readsrc **out) GRX_MUST;
void grx_readsrc_close(struct grx_readsrc *s);
const struct grx_contigs *grx_readsrc_contigs(const struct grx_readsrc *s);
const struct grx_reads_info *grx_readsrc_info(const struct grx_readsrc *s);
/* The first file without any index, NULL when all have one. One that is there but not safe to use (CRAM with
 * an old htslib) counts: such a source is read as a stream, regions too. */
const char *grx_readsrc_unindexed(const struct grx_readsrc *s);

/* Indexed: all placed reads overlapping [beg, end) of tid, into mem; valid until the worker's next fetch.
 * worker < o.workers, one thread per worker. Every record's own claims are checked (cigar length against
 * l_seq, end within the contig, name): a bad record that BAM allows is counted in reads->n_bad_*, a corrupt
 * file is GRX_E_DATA with file and position. */
int grx_readsrc_fetch(struct grx_ctx *cx, struct grx_readsrc *s, int worker, int32_t tid, int64_t beg,
	int64_t end, struct grx_arena *mem, struct grx_reads **out) GRX_MUST;

/* Stream: the same for windows asked for in ascending order (beg may step back by at most the halo); keeps
 * the reads that reach into later windows. Unsorted input: GRX_E_DATA. Call grx_readsrc_drain() after the
 * last window: reads on to the end of the file (counts unplaced reads, sees truncation). */
int grx_readsrc_stream(struct grx_ctx *cx, struct grx_readsrc *s, int32_t tid, int64_t beg, int64_t end,
	struct grx_arena *mem, struct grx_reads **out) GRX_MUST;
int grx_readsrc_drain(struct grx_ctx *cx, struct grx_readsrc *s) GRX_MUST;
/* Look ahead in a stream: before its first window, hold() makes it remember every record; after some windows
 * rewind() takes it back to the start. Memory: the records read in between, thinned, until they were given
 * again. */
int grx_readsrc_hold(struct grx_ctx *cx, struct grx_readsrc *s) GRX_MUST;
void grx_readsrc_rewind(struct grx_readsrc *s);

/* Write reads: BAM in coordinate order with a BAI beside it, through cx->outs. Used by simulate and tests. */
struct grx_readsink;
int grx_readsink_open(struct grx_ctx *cx, const char *path, const struct grx_contigs *d, const char *sample,
	struct grx_readsink **out) GRX_MUST;
/* tid, pos, flag, mapq, cigar, seq, qual, mtid, mpos, isize, name, nm of r are written; l_seq must fit. */
int grx_readsink_put(struct grx_ctx *cx, struct grx_readsink *s, const struct grx_read *r) GRX_MUST;
int grx_readsink_close(struct grx_ctx *cx, struct grx_readsink *s) GRX_MUST; /* writes EOF and index */
void grx_readsink_abandon(struct grx_readsink *s);

#endif
