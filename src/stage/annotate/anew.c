/* SPDX-License-Identifier: GPL-3.0-or-later
 * anew.c -- columns that an earlier annotation left in the input.
 * The header of CSQ says how to read all of them, so an old one under the new header would be read as
 * something that it does not say. Columns of databases are replaced where they are joined (db_join.c). */
#include "stage/annotate/annotate_int.h"

#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "genorx/vars.h"
#include "io/varsrc.h"

static const char *const column[ANNOTATE_N_ANEW] = {
	"CSQ", "BCSQ", "BCSQ_OVER", "ACMG_POINTS", "ACMG_CLASS", "ACMG_CRITERIA"};

static bool is_written(const struct grx_hdr *h, const char *id)
{
	for (size_t i = 0; i < h->n_line; i++)
		if (h->line[i].kind == GRX_HDR_INFO && strcmp(h->line[i].id, id) == 0)
			return true;
	return false;
}

void annotate_anew_find(struct grx_ctx *cx, struct annotate_state *st)
{
	int n = 0;
	for (int i = 0; i < ANNOTATE_N_ANEW && cx->hdr; i++) {
		uint8_t type;
		if (!is_written(cx->hdr, column[i]) || !grx_hdr_raw_info(cx->hdr, column[i], &type))
			continue;
		grx_warn(cx,
			"INFO/%s of the input is of an earlier annotation: replaced, and removed where this "
			"run has none",
			column[i]);
		st->anew[n++] = column[i];
	}
}

static bool is_set(const struct grx_var *v, const char *key)
{
	const struct grx_field *f = grx_var_info(v, key);
	return f && !f->from_file;
}

/* The bits of samples point into INFO/BCSQ. */
static int bits_drop(struct annotate_work *w, struct grx_var *v)
{
	const struct grx_field *f = grx_var_fmt(v, "BCSQ");
	if (f && !f->from_file)
		return GRX_OK;
	return grx_var_fmt_set(w->keep, v, "BCSQ", GRX_T_INT, 0, w->cx->hdr->n_sample)
		       ? GRX_OK
		       : grx_fail_nomem(w->cx, "BCSQ");
}

int annotate_anew(struct annotate_work *w)
{
	const struct grx_vars *b = w->sh->vars;
	bool bits = w->st->opt.bcsq && w->st->anew[0] && w->cx->hdr->n_sample > 0;
	for (size_t i = 0; bits && i < b->n; i++) {
		int rc = bits_drop(w, &b->v[i]);
		if (rc)
			return rc;
	}
	for (const char *const *key = w->st->anew; *key; key++)
		for (size_t i = 0; i < b->n; i++)
			if (!is_set(&b->v[i], *key) && grx_var_info_drop(w->keep, &b->v[i], *key))
				return grx_fail_nomem(w->cx, *key);
	return GRX_OK;
}
