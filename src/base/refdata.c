/* SPDX-License-Identifier: GPL-3.0-or-later
 * refdata.c -- where the shipped tables are. */
#include "base/ctx.h"
#include "base/str.h"

char *grx_refdata_path(const struct grx_ctx *cx, const char *name)
{
	struct grx_str s = {0};
	grx_str_addf(&s, "%s/%s", cx->refdata ? cx->refdata : "refdata", name);
	if (s.oom)
		grx_str_clear(&s);
	return s.s;
}
