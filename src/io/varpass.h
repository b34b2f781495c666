/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass.h -- records passed from a reader to a writer of the same kind as bytes, INFO added on the way.
 * A block of whole records is read serially, decoded and encoded by any thread, written in order. What is not
 * plain about a record goes the general way (varsrc, htslib, varsink), so that the result, the checks and the
 * messages are the same: docs/decisions/0007. */
#ifndef GRX_IO_VARPASS_H
#define GRX_IO_VARPASS_H

#include "io/varsrc.h"

struct grx_varpass;
struct grx_varblock; /* one in flight: bytes, and where its records are */

/* Can records go from src to dst as bytes? Both BCF or both VCF, all records and samples of the file. */
bool grx_varpass_can(const struct grx_varsrc *src, const struct grx_varsink *dst);
/* Takes over reading and writing; both stay the caller's and must outlive it. Stages have declared their
 * columns. n_block blocks, grx_varpass_block(p, 0 .. n_block-1). */
int grx_varpass_new(struct grx_ctx *cx, struct grx_varsrc *src, struct grx_varsink *dst, int n_block,
	struct grx_varpass **out) GRX_MUST;
void grx_varpass_free(struct grx_varpass *p);
struct grx_varblock *grx_varpass_block(struct grx_varpass *p, int i);

/* About max records into the block, as grx_varsrc_next(); *done at the end of the file. Memory: the bytes of
 * the block. */
int grx_varpass_next(
	struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, size_t max, bool *done) GRX_MUST;
/* Records of the block in mem; any thread. Stages may set INFO fields, nothing else. */
int grx_varpass_decode(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	struct grx_arena *mem, struct grx_vars **out) GRX_MUST;
/* Bytes to be written, compressed where the output is; any thread. GRX_E_BUG when more than INFO changed. */
int grx_varpass_encode(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	const struct grx_vars *v) GRX_MUST;
/* In the order of the blocks. */
int grx_varpass_write(
	struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, const struct grx_vars *v) GRX_MUST;

#endif
