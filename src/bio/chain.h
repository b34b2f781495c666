/* SPDX-License-Identifier: GPL-3.0-or-later
 * chain.h -- UCSC chains: where a stretch of one assembly lies in another, and on which strand.
 * Format: genome.ucsc.edu/goldenPath/help/chain.html. "From" is the chain's target (its first sequence), "to"
 * its query. All coordinates given and returned are of the forward strand, 0-based, half-open. */
#ifndef GRX_BIO_CHAIN_H
#define GRX_BIO_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct grx_chain; /* constant after grx_chain_end() */

struct grx_chain_hit {
	const char *name; /* as in the chain file; owned by the chains */
	int64_t beg, end;
	bool minus;
};

struct grx_chain *grx_chain_new(void);
void grx_chain_free(struct grx_chain *c);
/* Next line of the file (cut up in place). Errors: DATA with path:lineno. */
int grx_chain_line(
	struct grx_ctx *cx, struct grx_chain *c, const char *path, int64_t lineno, char *line) GRX_MUST;
/* No further lines: index. Errors: DATA when the last chain is not whole or there is none. */
int grx_chain_end(struct grx_ctx *cx, struct grx_chain *c, const char *path) GRX_MUST;
/* Length of a contig of the assembly that is lifted from / to; 0 unknown. Any of the names "1", "chr1". */
int64_t grx_chain_from_len(const struct grx_chain *c, const char *name);
int64_t grx_chain_to_len(const struct grx_chain *c, const char *name);
/* The chain of the highest score with a block over `beg` decides; the stretch must be within that block. */
bool grx_chain_map(
	const struct grx_chain *c, const char *name, int64_t beg, int64_t end, struct grx_chain_hit *out);

#endif
