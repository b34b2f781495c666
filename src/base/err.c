/* SPDX-License-Identifier: GPL-3.0-or-later
 * err.c -- the error chain of a context: first message, then the context that callers add, as `inner; outer`.
 */
#include "genorx/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"

int grx_fail(struct grx_ctx *cx, int status, const char *fmt, ...)
{
	if (cx->err.status == GRX_OK) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(cx->err.msg, sizeof cx->err.msg, fmt, ap);
		va_end(ap);
		cx->err.status = status;
	}
	return status;
}

int grx_fail_add(struct grx_ctx *cx, int rc, const char *fmt, ...)
{
	size_t n = strlen(cx->err.msg);
	if (cx->err.status != GRX_OK && n + 4 < sizeof cx->err.msg) {
		va_list ap;
		va_start(ap, fmt);
		n += (size_t)snprintf(cx->err.msg + n, sizeof cx->err.msg - n, "; ");
		vsnprintf(cx->err.msg + n, sizeof cx->err.msg - n, fmt, ap);
		va_end(ap);
	}
	return rc;
}

int grx_fail_nomem(struct grx_ctx *cx, const char *what)
{
	return grx_fail(
		cx, GRX_E_NOMEM, "out of memory for %s: give the job more memory or use fewer threads", what);
}

void grx_ctx_child(const struct grx_ctx *cx, struct grx_ctx *child)
{
	*child = *cx;
	grx_ctx_reset(child);
}

void grx_ctx_take_error(struct grx_ctx *cx, const struct grx_ctx *child)
{
	if (cx->err.status == GRX_OK)
		cx->err = child->err;
}

void grx_ctx_reset(struct grx_ctx *cx)
{
	cx->err.status = GRX_OK;
	cx->err.msg[0] = '\0';
}
