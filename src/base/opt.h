/* SPDX-License-Identifier: GPL-3.0-or-later
 * opt.h -- parse a command line by option tables; print help, man page source and completion from the same
 * rows. */
#ifndef GRX_BASE_OPT_H
#define GRX_BASE_OPT_H

#include "base/str.h"
#include "genorx/ctx.h"
#include "genorx/opt.h"

/* A table and the struct it fills. */
struct grx_opt_set {
	const char *title; /* heading in help, e.g. "Input and output" */
	const struct grx_opt *opts;
	void *into;
};

/* Set every field to its default. */
int grx_opts_default(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set) GRX_MUST;
/* Parse argv[1..]; long options may be given as --name VALUE or --name=VALUE, short as -x VALUE or -xVALUE;
 * "--" ends. Positional arguments go to pos (given; borrowed strings). Errors: GRX_E_USAGE naming the option,
 * the value found and the range; an unknown option names the nearest known one. */
int grx_opts_parse(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, int argc, char **argv,
	struct grx_strs *pos) GRX_MUST;
/* Set one option by name, as if given on the command line. GRX_E_BUG when no table has it. */
int grx_opts_assign(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, const char *name,
	const char *value) GRX_MUST;
/* No output may be one of the inputs: every OUT value against every IN and LIST value and the positional
 * arguments. GRX_E_USAGE naming the file. */
int grx_opts_clash(
	struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, const struct grx_strs *pos) GRX_MUST;
/* Does any row of the table have this long name? */
bool grx_opts_has(const struct grx_opt *opts, const char *name);
/* Levenshtein distance; 99 for names over 60 characters. For "did you mean". */
int grx_edit_distance(const char *a, const char *b);
/* Frees LIST fields. */
void grx_opts_clear(const struct grx_opt_set *set, int n_set);
/* Text of options for --help; for scdoc; and "--name=value" of non-default options in table order, without
 * names of output files. */
void grx_opts_help(const struct grx_opt_set *set, int n_set, struct grx_str *out);
void grx_opts_man(const struct grx_opt_set *set, int n_set, struct grx_str *out);
void grx_opts_text(const struct grx_opt_set *set, int n_set, struct grx_str *out);

#endif
