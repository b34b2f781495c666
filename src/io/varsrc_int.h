/* SPDX-License-Identifier: GPL-3.0-or-later
 * varsrc_int.h -- a variant reader in flight, for varpass, which takes over its file. Internal to io. */
#ifndef GRX_IO_VARSRC_INT_H
#define GRX_IO_VARSRC_INT_H

#include "io/text_int.h"
#include "io/var_int.h"

struct grx_varsrc {
	char *path;
	struct grx_varwant want;
	const struct grx_bed *regions;
	bool overlap, one_sample;
	struct grx_text *text; /* one of these three */
	htsFile *bcf;
	struct grx_varidx *idx;
	size_t region; /* next region to ask the index for */
	bool asked;
	struct grx_varhdr *vh; /* owned unless idx owns it */
	struct grx_varval *vv; /* NULL with idx, which has its own */
	struct grx_contigs *contigs;
	struct grx_hdr *hdr;
	kstring_t line;
	int64_t n;    /* records read */
	bcf1_t *held; /* read, but of the next batch: a batch does not split a position */
	bool ended;
	struct grx_varjoin join;
	int64_t n_cut; /* batches that ended where they should not */
};

/* May a batch of n records end between the record at prev and one at next? It never splits a position. */
bool grx_varsrc_may_end(
	struct grx_varsrc *s, size_t n, size_t max, const int64_t prev[2], const int64_t next[2]);
/* A line's copy, checked before, to the end of b as a parsed record. */
int grx_varsrc_parse(
	struct grx_ctx *cx, struct grx_varsrc *s, const char *line, size_t n, struct grx_vars *b) GRX_MUST;

#endif
