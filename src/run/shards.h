/* SPDX-License-Identifier: GPL-3.0-or-later
 * shards.h -- cut the genome or the regions into shards, by data alone: a fixed grid on each contig. */
#ifndef GRX_RUN_SHARDS_H
#define GRX_RUN_SHARDS_H

#include "bio/bed.h"
#include "bio/contig.h"
#include "run/common.h"

/* Default size, and the grid of learn(), which does not follow --shard-size. A shard of 50 kb at 30x takes
 * some 6 MB of reads; its halo costs 4 % more decoding. */
enum { GRX_SHARD_BP = 50000, GRX_LEARN_BP = 100000, GRX_HALO_BP = 1000 };

/* Regions of -r and -R on dictionary d; NULL in *out when neither is given. given. */
int grx_regions(struct grx_ctx *cx, const struct grx_common *c, const struct grx_contigs *d,
	struct grx_bed **out) GRX_MUST;
/* The cores, ascending: regions (or all contigs) cut at multiples of `size` bases. given. */
int grx_shards_cut(struct grx_ctx *cx, const struct grx_contigs *d, const struct grx_bed *regions,
	int64_t size, struct grx_bed **out) GRX_MUST;

#endif
