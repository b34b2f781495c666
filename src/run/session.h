/* SPDX-License-Identifier: GPL-3.0-or-later
 * session.h -- what every invocation sets up and tears down: log, threads, tables, output registry. */
#ifndef GRX_RUN_SESSION_H
#define GRX_RUN_SESSION_H

#include "genorx/ctx.h"
#include "run/common.h"

struct grx_session {
	struct grx_ctx cx;
	char *refdata;
};

/* Initialise a context with nothing but an error chain and a quiet log: enough to parse options. */
int grx_session_init(struct grx_session *s) GRX_MUST;
/* Apply the common options. */
int grx_session_start(struct grx_session *s, const struct grx_common *c) GRX_MUST;
/* Removes temps of outputs that were not committed. */
void grx_session_end(struct grx_session *s);

#endif
