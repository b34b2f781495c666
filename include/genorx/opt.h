/* SPDX-License-Identifier: GPL-3.0-or-later
 * opt.h -- option tables: one row gives parsing, range check, help, man page and completion. */
#ifndef GENORX_OPT_H
#define GENORX_OPT_H

#include <stddef.h>
#include <stdint.h>

#include "genorx/err.h"

enum grx_opt_type {
	GRX_OPT_FLAG, /* bool field; no value */
	GRX_OPT_INT,  /* int64_t field; suffixes k M G accepted; range "lo..hi" (either side may be empty) */
	GRX_OPT_REAL, /* double field; range "lo..hi" */
	GRX_OPT_STR,  /* const char * field */
	GRX_OPT_IN,   /* const char * field: an input file, "-" stdin; same-file and network checks */
	GRX_OPT_OUT,  /* const char * field: an output file, "-" stdout */
	GRX_OPT_CHOICE, /* const char * field; range "a|b|c" */
	GRX_OPT_LIST    /* struct grx_strs field: may be given several times */
};

struct grx_strs {
	int n;
	const char **v; /* owned by the option parser; strings borrowed from argv */
};

struct grx_opt {
	const char *name; /* long name without dashes; a row with name NULL ends the table */
	char letter;      /* short name or 0 */
	enum grx_opt_type type;
	size_t offset;     /* offsetof(struct xxx_opt, field) */
	const char *def;   /* default as text, NULL = zero/none */
	const char *range; /* see types */
	const char *unit;  /* "FILE", "phred", "bp" ...: printed as the value's name */
	const char *help;  /* one sentence, lower case, no full stop */
};

/* clang-format off */
#define GRX_OPT_END { NULL, 0, GRX_OPT_FLAG, 0, NULL, NULL, NULL, NULL }
/* clang-format on */

#endif
