/* SPDX-License-Identifier: GPL-3.0-or-later
 * session.c -- set-up and tear-down of an invocation. */
#include "run/session.h"

#include <jansson.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/out.h"
#include "math/prob.h"

static void *json_malloc(size_t n)
{
	return grx_malloc(n, 1);
}

int grx_session_init(struct grx_session *s)
{
	*s = (struct grx_session){0};
	grx_math_init();
	grx_mem_refused_reset();
	/* through the gate: a JSON text cut short by exhausted memory is noticed at the commit */
	json_set_alloc_funcs(json_malloc, grx_free);
	s->cx.threads = 1;
	s->cx.start_s = grx_wall_s();
	s->cx.log = grx_log_new(0, false);
	s->cx.outs = grx_outs_new();
	return s->cx.log && s->cx.outs ? GRX_OK : grx_fail_nomem(&s->cx, "start-up");
}

int grx_session_start(struct grx_session *s, const struct grx_common *c)
{
	grx_log_free(s->cx.log);
	s->cx.log = grx_log_new(c->verbose ? 1 : 0, c->log_json);
	s->refdata = grx_common_refdata(c);
	s->cx.refdata = s->refdata;
	s->cx.threads = grx_common_threads(c);
	s->cx.allow_network = c->allow_network;
	return s->cx.log && s->refdata ? GRX_OK : grx_fail_nomem(&s->cx, "start-up");
}

void grx_session_end(struct grx_session *s)
{
	grx_outs_free(s->cx.outs);
	grx_log_free(s->cx.log);
	grx_free(s->refdata);
	*s = (struct grx_session){0};
}
