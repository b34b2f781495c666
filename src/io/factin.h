/* SPDX-License-Identifier: GPL-3.0-or-later
 * factin.h -- a file of facts sample by sample, so that those of a cohort need not fit into memory. */
#ifndef GRX_IO_FACTIN_H
#define GRX_IO_FACTIN_H

#include "base/str.h"
#include "genorx/facts.h"

/* Is every sample's facts one run of lines? Reads the file once. False as well for what can be read only once
 * (standard input) and for tables. */
int grx_factin_grouped(struct grx_ctx *cx, const char *path, bool *yes) GRX_MUST;

struct grx_factin;
/* The lines of one sample, not yet parsed. Zero-initialise; grx_str_clear() both. */
struct grx_factgroup {
	struct grx_str sample, lines;
	long long first_line; /* 1-based in the file */
	size_t n;             /* lines */
};

int grx_factin_open(struct grx_ctx *cx, const char *path, struct grx_factin **out) GRX_MUST;
void grx_factin_close(struct grx_factin *in); /* NULL-safe */
/* The next group; *more false at the end, where count and checksum of the end record have been compared. */
int grx_factin_next(struct grx_ctx *cx, struct grx_factin *in, struct grx_factgroup *g, bool *more) GRX_MUST;
/* Parse a group into fs, any thread. *ours: some fact says it was made by this program. */
int grx_factin_parse(struct grx_ctx *cx, const char *path, const struct grx_factgroup *g,
	struct grx_facts *fs, bool *ours) GRX_MUST;
/* Every group in order to group(), which parses it or not and sets *ours as grx_factin_parse() does; the end
 * of the file is checked. For readers on one thread. */
int grx_factin_each(struct grx_ctx *cx, const char *path,
	int (*group)(void *arg, struct grx_ctx *cx, const struct grx_factgroup *g, bool *ours),
	void *arg) GRX_MUST;
/* After the last group: truncation, if facts of this program came without end record. */
int grx_factin_end(struct grx_ctx *cx, const struct grx_factin *in, bool ours) GRX_MUST;

#endif
