/* SPDX-License-Identifier: GPL-3.0-or-later
 * stage.h -- the stage contract: a stage is a stream transformer takes -> gives.
 * Alone it reads and writes files, fused it is handed the same objects in memory, and it cannot tell which.
 */
#ifndef GENORX_STAGE_H
#define GENORX_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"
#include "genorx/facts.h"
#include "genorx/opt.h"
#include "genorx/reads.h"
#include "genorx/vars.h"

struct grx_sites;
struct grx_bed;     /* bio/bed.h */
struct grx_genosrc; /* io/genosrc.h */
struct json_t;      /* jansson */

enum grx_kind { GRX_READS = 1 << 0, GRX_VARS = 1 << 1, GRX_FACTS = 1 << 2 };

/* One unit of work: a half-open, 0-based core interval plus halo, or a block of whole records of a variant
 * stream. The core cuts depend on the data alone (contigs, regions), never on the number of threads. */
struct grx_shard {
	uint64_t index;   /* 0.. in genome order; key of all ordering */
	int32_t tid;      /* contig number in cx->contigs; -1 for a block of variant records */
	int64_t beg, end; /* core; a call belongs to the shard that owns its pos */
	int64_t halo_beg, halo_end;
	const char
		*ref; /* reference bases [ref_beg, ref_end), upper case; NULL without -f or without reads */
	int64_t ref_beg, ref_end;
	struct grx_reads *reads; /* NULL unless the leg has reads */
	struct grx_vars *vars;   /* NULL until a stage or the source gives them; a stage may edit in place */
	void *part;              /* this stage's private partial result, from its shard() to its merge() */
	struct grx_arena *mem;   /* of vars, part, ref; reset after the last merge() */
	/* of reads, and for whatever else dies with shard() or learn(): the thread's own, so that a shard
	 * that waits for its merge() holds only its results; NULL in merge(), where reads is an empty batch
	 */
	struct grx_arena *scratch;
};

/* What a job beside the stream is given. */
struct grx_tool_io {
	int n_input;
	const char *const *input;
	const char *output;     /* -o; NULL not given */
	const char *fasta;      /* -f; NULL not given */
	struct json_t *summary; /* borrowed */
};

/* Columns of variant records besides the site: lists NULL-ended or NULL. */
struct grx_columns {
	const char *const *info, *const *fmt;
	bool gt;
};

/* A file the stage reads besides the main stream, or writes besides the main sink, is an option of its own.
 * All callbacks but quiet return an enum grx_status; any of wants, learn, shard, merge, quiet may be NULL.
 *   wants  names the loci that the stage needs genotyped, before calling starts
 *   passes  of variants to variants: shard() only adds or replaces INFO fields, so that a record may go from
 *          the input to the output as bytes; anything else that it changes is GRX_E_BUG. NULL: it may change
 *          all
 *   columns  the columns that shard() looks at; others are not decoded. NULL: those of most stages
 *          (leg_cols.c)
 *   joined  must the records at prev and next, two positions of contig tid without a record between them, be
 *          in one shard? Within 100,000 records it is so; then the shard ends, and the summary counts it.
 *          One thread, while others run shard()
 *   open   reads tables, declares columns in cx->hdr; cx->facts holds earlier facts
 *   learn  before any shard() and before the header is written: shards of the fixed 100 kb grid that
 *          hold a read, in genome order, one at a time on one thread, until *enough or 800 kb of cores
 *          are seen; the same ones whatever the threads, the shard size and the way of reading. Then once
 *          more with sh NULL: nothing more comes. The stage may write to its state and its header;
 *          sh->mem is scratch; part is not kept. Everything seen here comes again in shard()
 *   shard  any thread, constant state, own cx (error chain)
 *   merge  one at a time, in genome order
 *   each   of facts: cx->facts holds all facts of one or more samples; append to out what follows from
 *          them. One at a time, in the order of the input; then finish(), to which no facts are given
 *   bulk   of a stage that takes variants and gives facts, alone: instead of shard and merge it reads the
 *          genotypes itself, in windows or through (cx->hdr, cx->contigs are src's; regions NULL = all)
 *   tool   before any input is opened: options may ask for another job than the stream (to build a panel);
 *          then it does it all and sets *done
 *   quiet  alone and without -o: do the options name outputs of their own, so that no variants are written?
 *   finish after the last merge: append facts to out, add counts to summary (a JSON object, borrowed)
 *   close  NULL-safe, always called after open was tried */
struct grx_stage {
	const char *name, *brief;
	unsigned takes, gives; /* enum grx_kind bits of the main stream */
	bool many_samples;     /* takes reads of several samples; else the driver refuses them */
	bool thin;       /* wants reads thinned to --depth-limit; else it gets all, the rest marked `over` */
	bool by_sites;   /* of variants, looks only at records that overlap loci of wants() */
	bool vars_first; /* takes both: input of a kind that cannot be told is variants (standard input) */
	bool no_regions; /* has no options --region and --regions-file */
	const char *usage; /* synopsis of positional arguments, e.g. "in.vcf.gz" */
	size_t opts_size;
	const struct grx_opt *opts;
	int (*wants)(const void *opts, struct grx_ctx *cx, struct grx_sites *add);
	int (*open)(const void *opts, struct grx_ctx *cx, void **state);
	int (*learn)(void *state, struct grx_ctx *cx, struct grx_shard *sh, bool *enough);
	int (*shard)(const void *state, struct grx_ctx *cx, struct grx_shard *sh);
	int (*merge)(void *state, struct grx_ctx *cx, struct grx_shard *sh);
	int (*each)(void *state, struct grx_ctx *cx, struct grx_facts *out);
	int (*bulk)(void *state, struct grx_ctx *cx, struct grx_genosrc *src, const struct grx_bed *regions);
	int (*tool)(const void *opts, struct grx_ctx *cx, const struct grx_tool_io *io, bool *done);
	bool (*quiet)(const void *opts);
	bool (*passes)(const void *state); /* these three: after open() */
	void (*columns)(const void *state, struct grx_columns *want);
	bool (*joined)(const void *state, int32_t tid, int64_t prev, int64_t next);
	int (*finish)(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary);
	void (*close)(void *state);
};

#endif
