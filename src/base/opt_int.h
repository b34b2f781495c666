/* SPDX-License-Identifier: GPL-3.0-or-later
 * opt_int.h -- shared by opt.c and opt_text.c. */
#ifndef GRX_BASE_OPT_INT_H
#define GRX_BASE_OPT_INT_H

#include "base/opt.h"

/* A remote address as an option's value is refused later by the reader, when --allow-network is known;
 * outputs never go to one. */
int grx_network_check_opt(struct grx_ctx *cx, const struct grx_opt *o, const char *v) GRX_MUST;

#endif
