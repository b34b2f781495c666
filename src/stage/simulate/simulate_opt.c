/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate_opt.c -- options of the simulate stage. */
#include <stddef.h>

#include "stage/simulate/simulate_int.h"

#define AT(field) offsetof(struct simulate_opt, field)

/* clang-format off */
const struct grx_opt simulate_opts[] = {
	{ "output", 'o', GRX_OPT_STR, AT(output), NULL, NULL, "DIR", "folder to write to; made if absent (required)" },
	{ "seed", 0, GRX_OPT_INT, AT(seed), "1", "0..", "N", "the same seed and options give the same files" },
	{ "donors", 0, GRX_OPT_INT, AT(donors), "1", "1..1000", "N", "number of donors" },
	{ "depth", 0, GRX_OPT_REAL, AT(depth), "30", "0.1..1000", "reads", "mean depth" },
	{ "read-length", 0, GRX_OPT_INT, AT(read_length), "150", "50..300", "bp", "length of a read" },
	{ "insert-mean", 0, GRX_OPT_REAL, AT(insert_mean), "400", "50..900", "bp", "mean length of a fragment" },
	{ "insert-sd", 0, GRX_OPT_REAL, AT(insert_sd), "60", "0..200", "bp", "standard deviation of the length of a fragment" },
	{ "regions", 0, GRX_OPT_IN, AT(regions), NULL, NULL, "FILE", "more windows: a table with columns chrom, start, end (0-based, half-open)" },
	{ "size-mb", 0, GRX_OPT_REAL, AT(size_mb), "0", "0..500", "Mb", "one plain random contig of this size instead of the windows" },
	{ "pgx", 0, GRX_OPT_STR, AT(pgx), NULL, NULL, "GENE=A/B,...", "diplotypes of the first donor, e.g. CYP2C19=*2/*17" },
	{ "sex", 0, GRX_OPT_CHOICE, AT(sex), NULL, "F|M", NULL, "sex of all donors (default: drawn)" },
	GRX_OPT_END
};
/* clang-format on */
