/* SPDX-License-Identifier: GPL-3.0-or-later
 * fact_int.h -- the line reader of facts, shared by factio.c (all at once) and factin.c (sample by sample).
 */
#ifndef GRX_IO_FACT_INT_H
#define GRX_IO_FACT_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "genorx/facts.h"

struct grx_sha;

struct fact_reader {
	struct grx_ctx *cx;
	const char *path;
	long long line;
	struct grx_facts *fs;
	bool ours; /* a fact carries a version of this program: the end record must come */
	bool ended;
	size_t n;            /* facts in the file, duplicates included */
	struct grx_sha *sha; /* NULL: the lines are not summed here, and none is the end record */
};

/* One line of JSON into r->fs; the end record is checked against r->n and r->sha. */
int fact_line(struct fact_reader *r, const char *line) GRX_MUST;
/* GRX_E_DATA when the end record had to come and did not. */
int fact_ended(const struct fact_reader *r) GRX_MUST;

#endif
