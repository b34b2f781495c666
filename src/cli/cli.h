/* SPDX-License-Identifier: GPL-3.0-or-later
 * cli.h -- the commands of the program. Each takes argv with its own name first and returns the exit status.
 */
#ifndef GRX_CLI_CLI_H
#define GRX_CLI_CLI_H

#include "base/str.h"
#include "genorx/stage.h"
#include "run/common.h"

struct cli_command {
	const char *name, *brief;
	int (*run)(int argc, char **argv);
};

const struct cli_command *cli_commands(void); /* ended by name NULL */
int cli_dispatch(int argc, char **argv);
int cli_stage(const struct grx_stage *st, int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_rules(int argc, char **argv);
int cli_why(int argc, char **argv);
int cli_man(int argc, char **argv);
int cli_completion(int argc, char **argv);

/* A command that works on a started session and prints text. opts: its table; the struct it fills begins with
 * `const char *refdata` (--refdata) and is handed to work(). */
struct cli_text {
	const char *name, *usage, *brief;
	const struct grx_opt *opts;
	size_t opts_size;
	int (*work)(struct grx_ctx *cx, const void *opts, const struct grx_strs *pos, struct grx_str *out);
};
extern const struct cli_text cli_text_rules, cli_text_why;
int cli_text(const struct cli_text *c, int argc, char **argv);
const struct cli_text *cli_text_find(const char *name); /* NULL if there is none */

/* Print the chain of cx to stderr; returns rc. */
int cli_error(const struct grx_ctx *cx, int rc);
/* Print to stdout, checked; returns GRX_OK or GRX_E_IO (with a message). */
int cli_print(const struct grx_str *s);
/* Is --help or -h among the arguments before "--"? */
bool cli_wants_help(int argc, char **argv);
/* A remark on the htslib in use, "" if there is nothing to say. */
const char *cli_htslib_note(void);
/* Option tables of a command: a stage's, or run's with st NULL; opts is storage for its own table. */
int cli_sets(const struct grx_stage *st, void *opts, struct grx_common *c, struct grx_opt_set *set);
/* Synopsis line. */
void cli_usage(const struct grx_stage *st, struct grx_str *out);

#endif
