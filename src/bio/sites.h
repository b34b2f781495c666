/* SPDX-License-Identifier: GPL-3.0-or-later
 * sites.h -- loci that must be genotyped even when homozygous reference. */
#ifndef GRX_BIO_SITES_H
#define GRX_BIO_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct grx_site {
	int32_t tid;
	int64_t pos;
	char *ref; /* NULL = take it from the reference sequence (one base) */
	char *alt; /* comma-separated, NULL or "." = none known */
	char *id;  /* rsID or NULL */
	char *who; /* stage that asked, comma-separated after merging */
};

struct grx_sites {
	size_t n, cap;
	struct grx_site *v;
};

struct grx_sites *grx_sites_new(void);
void grx_sites_free(struct grx_sites *s);
/* Strings are copied. */
int grx_sites_add(struct grx_ctx *cx, struct grx_sites *s, const struct grx_site *site) GRX_MUST;
/* Sort by (tid, pos, ref) and join sites of equal (tid, pos, ref): union of ALTs in order of first mention.
 * Sites with ref NULL join the first site of the same position that has one with length 1 or, failing that,
 * stay. */
int grx_sites_finish(struct grx_ctx *cx, struct grx_sites *s) GRX_MUST;
/* Index of the first site with (tid, pos) >= the arguments. */
size_t grx_sites_lower(const struct grx_sites *s, int32_t tid, int64_t pos);

#endif
