/* SPDX-License-Identifier: GPL-3.0-or-later
 * pipe_int.h -- state of `genorx run`, shared by pipeline.c, steps.c and manifest.c. */
#ifndef GRX_RUN_PIPE_INT_H
#define GRX_RUN_PIPE_INT_H

#include <jansson.h>

#include "genorx/stage.h"
#include "run/leg.h"
#include "run/pipeline.h"

enum { PIPE_STEPS = 3, PIPE_FILES = 12 };

struct pipe;

struct pipe_step {
	const char *name;
	/* Run it and leave its files in cx->outs. */
	int (*run)(struct pipe *p, struct grx_ctx *cx);
	const char *file[PIPE_FILES]; /* outputs under outdir, NULL-ended; filled by plan */
	int n_file;
	char key[80];
};

struct pipe {
	const struct grx_run_opt *o;
	const struct grx_common *c;
	const char *input;
	bool input_is_reads;
	struct grx_facts *facts; /* everything known so far */
	json_t *summary;         /* stages -> counts */
	json_t *inputs;          /* array for the manifest */
	struct pipe_step step[PIPE_STEPS];
};

/* outdir/name; given: grx_free(). */
char *pipe_path(const struct pipe *p, const char *name);
/* Does this run hold the stage? */
bool pipe_has_stage(const struct pipe *p, const char *name);
/* Type of the option that a checked --set STAGE.OPTION=VALUE names. */
enum grx_opt_type pipe_set_type(const char *set);
/* The steps and their outputs. */
void pipe_plan(struct pipe *p);
/* Hash inputs and options into the keys of the steps. */
int pipe_keys(struct pipe *p, struct grx_ctx *cx) GRX_MUST;
/* Is the step done already, with the same key and outputs untouched? Loads its facts then. */
int pipe_resume(struct pipe *p, struct grx_ctx *cx, const struct pipe_step *s, bool *done) GRX_MUST;
/* Record a committed step; the last file of all is manifest.json. */
int pipe_record(struct pipe *p, struct grx_ctx *cx, const struct pipe_step *s) GRX_MUST;
int pipe_manifest(struct pipe *p, struct grx_ctx *cx) GRX_MUST;

#endif
