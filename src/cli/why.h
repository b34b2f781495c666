/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.h -- parts of `genorx why`: each adds to the evidence document (docs/FORMATS.md). */
#ifndef GRX_CLI_WHY_H
#define GRX_CLI_WHY_H

#include <jansson.h>

#include "base/map.h"
#include "cli/cli.h"

struct why_opt {
	const char *refdata; /* first: struct cli_text */
	const char *rules, *reads, *fasta, *reads_sample;
	struct grx_strs what_if;
	int64_t max_reads; /* listed for each allele of a locus */
	bool json, all_loci;
};

struct grx_pgx_tool;

/* Facts of the sample pos[0] out of the files pos[2..] into fs. Errors: GRX_E_USAGE for a sample that none of
 * them has, naming the nearest. */
int why_facts(struct grx_ctx *cx, const struct grx_strs *pos, struct grx_facts *fs) GRX_MUST;
/* Member "what_if": what changes with the genotypes of --what-if. Errors: GRX_E_USAGE for an unknown locus or
 * genotype, or a gene that can't be called from the facts. */
int why_what_if(struct grx_ctx *cx, const struct why_opt *o, const struct grx_facts *fs,
	struct grx_pgx_tool *tool, json_t *doc) GRX_MUST;

/* Member "reads" of each listed locus, from the BAM or CRAM of --reads, which must be indexed and hold the
 * sample. */
int why_reads(struct grx_ctx *cx, const struct why_opt *o, json_t *doc) GRX_MUST;
/* why_score.c: is a polygenic score asked for ("prs/ID")? */
bool why_score_asked(const char *what);
/* The document of a score (docs/FORMATS.md); *out is the caller's, on error too. Errors: GRX_E_USAGE for a
 * score that the facts do not hold, naming those they do. */
int why_score(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *what,
	json_t **out) GRX_MUST;
int why_score_text(struct grx_ctx *cx, const json_t *doc, struct grx_str *o) GRX_MUST;
/* Add to "files" what the run read that wrote this facts file, if a manifest beside it tells. */
int why_files(struct grx_ctx *cx, const char *facts, json_t *doc) GRX_MUST;

#endif
