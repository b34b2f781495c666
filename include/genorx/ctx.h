/* SPDX-License-Identifier: GPL-3.0-or-later
 * ctx.h -- what every call is handed: the error chain, the log, the shared constant inputs.
 * One context per run; each worker thread gets a child with an error chain of its own.
 * Invariant: everything but `err` is constant while shards are in flight. */
#ifndef GENORX_CTX_H
#define GENORX_CTX_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/err.h"

struct grx_contigs; /* bio/contig.h */
struct grx_fasta;   /* io/fasta.h   */
struct grx_hdr;     /* genorx/vars.h */
struct grx_facts;   /* genorx/facts.h */
struct grx_sites;   /* bio/sites.h  */
struct grx_outs;    /* base/out.h   */
struct grx_log;     /* base/log.h   */

/* The first message, then context lines added by callers, newest last. */
struct grx_errs {
	int status;
	char msg[2048];
};

/* What is known of the reads file; filled by the reads source before open(). */
struct grx_reads_info {
	const char *path;           /* the first file */
	const char *sample;         /* samples[0]: @RG SM; borrowed */
	int n_sample;               /* >= 1; more than one only for stages with many_samples */
	const char *const *samples; /* in the order of --sample, else of the files and their headers */
	int n_file;                 /* that hold a chosen sample */
	bool indexed;
	int64_t depth_limit;     /* reads per sample and file that begin in the same 64 bases; 0 = all */
	int64_t n_unplaced;      /* reads without a position; -1 unknown */
	const int64_t *n_mapped; /* per contig from the indexes, all samples of the files together, or NULL */
	/* [n_sample] of [contigs]: the same of one sample; NULL where a file holds several, or without index
	 */
	const int64_t *const *sample_mapped;
};

struct grx_ctx {
	struct grx_errs err;
	struct grx_log *log;
	int threads;
	double start_s; /* wall clock at the start, for the summary */
	bool allow_network;
	const char *stage;                 /* name for messages */
	const char *refdata;               /* folder of shipped tables */
	const char *command;               /* options that shape the output, for headers and manifest */
	const struct grx_contigs *contigs; /* dictionary of the run; NULL before a source is open */
	struct grx_fasta *fasta;           /* NULL without -f */
	struct grx_hdr *hdr;     /* header of the variant stream; stages declare columns in open() */
	struct grx_facts *facts; /* facts known before this leg (input, earlier legs) */
	struct grx_sites *sites; /* loci that later stages want, merged and sorted */
	struct grx_outs *outs;   /* output registry: temp files, committed together at the end */
	const struct grx_reads_info *reads; /* NULL when the leg has no reads */
};

#endif
