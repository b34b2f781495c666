/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_tsv.c -- the table of --tsv: VEP's tab format, one row for each allele and feature.
 * Header lines begin with ##, the line of names with one #. Behind VEP's columns stand those of the joined
 * databases. No value is '-'. */
#include "stage/annotate/out_int.h"

#include <stdio.h>

#include "bio/contig.h"
#include "genorx/vars.h"
#include "stage/annotate/db.h"

static void header_text(const struct annotate_state *st, const struct annotate_out *o, struct grx_str *s)
{
	const struct annotate_plan *p = &o->tsv;
	grx_str_add(s, "## genorx annotate " GENORX_VERSION "; columns as in Ensembl VEP's tab format\n");
	grx_str_add(s, "## Column descriptions:\n");
	for (int i = 0; i < p->n; i++)
		grx_str_addf(
			s, "## %s : %s\n", annotate_column[p->col[i]].name, annotate_column[p->col[i]].what);
	for (int d = 0; d < st->n_db; d++)
		for (int f = 0; f < annotate_db_n_field(st->db[d]); f++)
			grx_str_addf(s, "## %s : from the database %s\n", annotate_db_column(st->db[d], f),
				annotate_db_name(st->db[d]));
	for (int i = 0; i < p->n; i++)
		grx_str_addf(s, "%c%s", i ? '\t' : '#', annotate_column[p->col[i]].name);
	for (int d = 0; d < st->n_db; d++)
		for (int f = 0; f < annotate_db_n_field(st->db[d]); f++)
			grx_str_addf(s, "\t%s", annotate_db_column(st->db[d], f));
	grx_str_addc(s, '\n');
}

int annotate_tsv_header(struct grx_ctx *cx, const struct annotate_state *st, const struct annotate_out *o)
{
	struct grx_str s = {0};
	header_text(st, o, &s);
	if (!s.oom)
		annotate_sink_write(&o->to_tsv, s.s, s.n);
	int rc = s.oom ? grx_fail_nomem(cx, "header of the table") : GRX_OK;
	grx_str_clear(&s);
	return rc;
}

/* Element k (0-based) of a comma-separated list that has one for each of n; else all of it. */
static void element_add(struct grx_str *o, const char *s, int32_t k, int32_t n)
{
	int32_t have = 1;
	for (const char *c = s; *c; c++)
		have += *c == ',';
	if (have == n) {
		for (; k > 0; k--)
			s = strchr(s, ',') + 1;
		size_t len = strcspn(s, ",");
		if (len != 1 || *s != '.')
			grx_str_addn(o, s, len);
	} else if (strcmp(s, ".") != 0) {
		grx_str_add(o, s);
	}
}

static void number_add(struct grx_str *o, const struct grx_field *f, int32_t i)
{
	char buf[32];
	if (f->type == GRX_T_INT && f->v.i[i] != GRX_INT_MISSING && f->v.i[i] != GRX_INT_END)
		grx_str_addi(o, f->v.i[i]);
	else if (f->type == GRX_T_FLOAT && !grx_float_is_missing(f->v.f[i]) && !grx_float_is_end(f->v.f[i]))
		grx_str_add(o, grx_fmt_g(buf, (double)f->v.f[i], 6));
}

/* Value of a joined column for ALT number k, appended to o; nothing when it is missing. */
void annotate_db_value(const struct grx_var *v, const char *column, int32_t k, struct grx_str *o)
{
	const struct grx_field *f = grx_var_info(v, column);
	int32_t n = v->n_allele - 1;
	if (!f)
		return;
	if (f->type == GRX_T_FLAG) {
		grx_str_addc(o, '1');
	} else if (f->type == GRX_T_STR) {
		if (f->v.s[0])
			element_add(o, f->v.s[0], k - 1, n);
	} else if (f->n == n) {
		number_add(o, f, k - 1);
	} else {
		for (int32_t i = 0; i < f->n; i++) {
			if (i)
				grx_str_addc(o, ',');
			number_add(o, f, i);
		}
	}
}

static int text_add(struct annotate_work *w, const struct annotate_cell *c, struct annotate_buf *b)
{
	char *p = annotate_buf_room(w->keep, b, 3 * w->txt.n + 2);
	if (!p || w->txt.oom)
		return grx_fail_nomem(w->cx, "table");
	char *from = p;
	*p++ = '\t';
	if (w->txt.n)
		p = annotate_put_text(p, w->txt.s, c->style->esc);
	else
		*p++ = '-';
	b->n += (size_t)(p - from);
	return GRX_OK;
}

int annotate_tsv_tail(struct annotate_work *w, const struct annotate_cell *c, struct annotate_buf *b)
{
	for (int d = 0; d < w->st->n_db; d++)
		for (int f = 0; f < annotate_db_n_field(w->st->db[d]); f++) {
			grx_str_reset(&w->txt);
			annotate_db_value(
				c->r->v, annotate_db_column(w->st->db[d], f), c->al->number, &w->txt);
			int rc = text_add(w, c, b);
			if (rc)
				return rc;
		}
	char *p = annotate_buf_room(w->keep, b, 1);
	if (!p)
		return grx_fail_nomem(w->cx, "table");
	*p = '\n';
	b->n++;
	return GRX_OK;
}
