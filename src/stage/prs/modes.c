/* SPDX-License-Identifier: GPL-3.0-or-later
 * modes.c -- scoring, --build-reference, --construct: an option of one of them says nothing in another, and
 * one that would be passed over in silence is refused. */
#include <string.h>

#include "base/opt.h"
#include "stage/prs/prs_int.h"

enum { SCORING = 1, BUILDING = 2, MAKING = 4 };

static const char *const mode_says[] = {
	[SCORING] = "is for scoring",
	[BUILDING] = "is for --build-reference",
	[BUILDING | MAKING] = "is for --build-reference and --construct",
	[MAKING] = "is for --construct",
};

/* The rows of the table are in the order of the modes. */
static int modes_of(const char *name, int last)
{
	if (strcmp(name, "build-reference") == 0 || strcmp(name, "people") == 0)
		return BUILDING;
	if (strcmp(name, "seed") == 0)
		return BUILDING | MAKING;
	return strcmp(name, "construct") == 0 || last == (BUILDING | MAKING) ? MAKING : last;
}

static bool differs(const struct grx_opt *o, const void *a, const void *b)
{
	const void *x = (const char *)a + o->offset, *y = (const char *)b + o->offset;
	const char *s, *t;
	switch (o->type) {
	case GRX_OPT_FLAG:
		return *(const bool *)x != *(const bool *)y;
	case GRX_OPT_INT:
		return *(const int64_t *)x != *(const int64_t *)y;
	case GRX_OPT_REAL:
		return *(const double *)x != *(const double *)y;
	case GRX_OPT_LIST:
		return ((const struct grx_strs *)x)->n > 0;
	default:
		memcpy(&s, x, sizeof s);
		memcpy(&t, y, sizeof t);
		return s && (!t || strcmp(s, t) != 0);
	}
}

int prs_modes_check(struct grx_ctx *cx, const struct prs_opt *o)
{
	int mode = o->build_out ? BUILDING : o->make.method ? MAKING : SCORING, of = SCORING;
	struct prs_opt def = {0};
	struct grx_opt_set set = {.opts = prs_opt_table, .into = &def};
	int rc = grx_opts_default(cx, &set, 1);
	if (rc == GRX_OK && o->build_out && o->make.method)
		rc = grx_fail(cx, GRX_E_USAGE, "prs: --build-reference or --construct: give one of them");
	for (const struct grx_opt *p = prs_opt_table; p->name && rc == GRX_OK; p++) {
		of = modes_of(p->name, of);
		if (!(of & mode) && differs(p, o, &def))
			rc = grx_fail(cx, GRX_E_USAGE, "prs: --%s %s: it would do nothing here%s", p->name,
				mode_says[of],
				mode == BUILDING ? " (--build-reference makes a panel and stops)"
				: mode == MAKING ? " (--construct makes a scoring file and stops)"
						 : "");
	}
	grx_opts_clear(&set, 1);
	return rc;
}
