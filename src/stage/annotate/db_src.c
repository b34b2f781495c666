/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_src.c -- a database of any kind, told by its content: VCF or BCF, table with a tabix index, or built.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/sniff.h"
#include "stage/annotate/db_block.h"

static const char *const number_one = "1";

int annotate_dbvcf_field(struct grx_ctx *cx, const struct annotate_dbspec *sp, struct annotate_dbfield *f,
	bool known, const char *number, uint8_t type)
{
	static const uint8_t fixed[] = {0, GRX_T_STR, GRX_T_FLOAT, GRX_T_STR};
	if (f->what != DB_INFO) {
		known = true;
		number = number_one;
		type = fixed[f->what];
	}
	if (!known)
		return grx_fail(cx, GRX_E_DATA, "%s: no INFO field '%s' in the header; --db %s asks for it",
			sp->path, f->key, sp->name);
	f->src_type = type;
	f->number = strchr("AR", number[0]) || strcmp(number, "1") == 0 ? number[0] : '.';
	uint8_t t = type == GRX_T_FLAG ? GRX_T_INT : f->number == '.' ? GRX_T_STR : type;
	if (f->typed && f->type != t && f->type != GRX_T_STR)
		return grx_fail(cx, GRX_E_USAGE,
			"--db %s: %s is %s in the header of %s and cannot be another type", sp->name, f->key,
			t == GRX_T_INT     ? "Integer"
			: t == GRX_T_FLOAT ? "Float"
					   : "String",
			sp->path);
	f->type = f->typed ? f->type : t;
	return GRX_OK;
}

/* --- values of a VCF record --- */

static bool text_ends(struct grx_arena *mem, struct grx_str *s, struct annotate_dbval *out)
{
	bool some = s->n && strcmp(s->s, ".") != 0;
	bool ok = !s->oom && (!some || annotate_dbtext_put(mem, s->s, out) == GRX_OK);
	grx_str_clear(s);
	return ok;
}

static void number_add(struct grx_str *s, const struct grx_field *f, int32_t i)
{
	char num[32];
	if (f->type == GRX_T_INT && f->v.i[i] != GRX_INT_MISSING)
		grx_str_addi(s, f->v.i[i]);
	else if (f->type == GRX_T_FLOAT && !grx_float_is_missing(f->v.f[i]))
		grx_str_add(s, grx_fmt_g(num, f->v.f[i], 7));
	else
		grx_str_addc(s, '.');
}

/* Elements [a, b) of a field as one text. */
static bool text_of(
	struct grx_arena *mem, const struct grx_field *f, int32_t a, int32_t b, struct annotate_dbval *out)
{
	struct grx_str s = {0};
	if (f->type == GRX_T_FLAG) {
		grx_str_addc(&s, '1');
		return text_ends(mem, &s, out);
	}
	if (f->type == GRX_T_STR) {
		const char *p = f->v.s[0];
		for (int32_t i = 0; i < a && p; i++) {
			p = strchr(p, ',');
			p = p ? p + 1 : NULL;
		}
		if (p && b == a + 1)
			grx_str_addn(&s, p, strcspn(p, ","));
		else if (p)
			grx_str_add(&s, p);
		return text_ends(mem, &s, out);
	}
	for (int32_t i = a; i < b && i < f->n; i++) {
		if ((f->type == GRX_T_INT && f->v.i[i] == GRX_INT_END) ||
			(f->type == GRX_T_FLOAT && grx_float_is_end(f->v.f[i])))
			break;
		if (i > a)
			grx_str_addc(&s, '&');
		number_add(&s, f, i);
	}
	return text_ends(mem, &s, out);
}

static bool fixed_value(const struct annotate_dbfield *f, const struct grx_var *v, struct grx_arena *mem,
	struct annotate_dbval *out)
{
	struct grx_str s = {0};
	if (f->what == DB_QUAL && f->type == GRX_T_FLOAT) {
		if (!grx_float_is_missing(v->qual))
			*out = (struct annotate_dbval){.kind = DB_FLOAT, .v.f = v->qual};
		return true;
	}
	if (f->what == DB_QUAL && !grx_float_is_missing(v->qual)) {
		char num[32];
		grx_str_add(&s, grx_fmt_g(num, v->qual, 7));
	} else if (f->what == DB_ID && v->id) {
		grx_str_add(&s, v->id);
	}
	for (int32_t i = 0; f->what == DB_FILTER && i < v->n_filter; i++)
		grx_str_addf(&s, "%s%s", i ? "&" : "", v->filter[i]);
	return text_ends(mem, &s, out);
}

int annotate_dbvcf_value(const struct annotate_dbfield *f, const struct grx_var *v, int alt,
	struct grx_arena *mem, struct annotate_dbval *out)
{
	*out = (struct annotate_dbval){0};
	if (f->what != DB_INFO)
		return fixed_value(f, v, mem, out) ? GRX_OK : GRX_E_NOMEM;
	const struct grx_field *x = grx_var_info(v, f->key);
	int32_t i = f->number == 'A' ? alt : f->number == 'R' ? alt + 1 : 0;
	if (!x || (x->n == 0 && x->type != GRX_T_FLAG))
		return GRX_OK;
	if (f->type == GRX_T_STR)
		return text_of(mem, x, i, f->number == 'A' || f->number == 'R' ? i + 1 : INT32_MAX, out)
			       ? GRX_OK
			       : GRX_E_NOMEM;
	if (x->type == GRX_T_FLAG)
		*out = (struct annotate_dbval){.kind = DB_INT, .v.i = 1};
	else if (i >= x->n)
		return GRX_OK;
	else if (x->type == GRX_T_INT && x->v.i[i] > GRX_INT_END && f->type == GRX_T_INT)
		*out = (struct annotate_dbval){.kind = DB_INT, .v.i = x->v.i[i]};
	else if (x->type == GRX_T_FLOAT && isfinite(x->v.f[i]) && f->type == GRX_T_FLOAT)
		*out = (struct annotate_dbval){.kind = DB_FLOAT, .v.f = x->v.f[i]};
	return GRX_OK;
}

int annotate_dbrow_value(struct grx_ctx *cx, const struct annotate_dbsrc *s, const struct annotate_dbrow *row,
	int alt, int j, struct grx_arena *mem, struct annotate_dbval *v)
{
	const struct annotate_dbfield *f = &s->sp.field[j];
	if (s->kind == DB_VCF)
		return annotate_dbvcf_value(f, row->from, alt, mem, v) ? grx_fail_nomem(cx, "column")
								       : GRX_OK;
	v->n = alt;
	return annotate_dbcell_value(cx, &s->text, f, row, mem, v);
}

/* --- opening --- */

static int fields_given(struct grx_ctx *cx, const struct annotate_dbspec *sp)
{
	return sp->n_field
		       ? GRX_OK
		       : grx_fail(cx, GRX_E_USAGE, "--db %s=%s: which fields? expected NAME=FILE:FIELD,FIELD",
				 sp->name, sp->path);
}

static int open_vcf(struct grx_ctx *cx, struct annotate_dbsrc *s)
{
	int n = 0, rc = fields_given(cx, &s->sp);
	s->kind = DB_VCF;
	s->keys = grx_calloc((size_t)s->sp.n_field + 1, sizeof *s->keys);
	if (!s->keys || rc)
		return rc ? rc : grx_fail_nomem(cx, "database");
	for (int j = 0; j < s->sp.n_field; j++)
		if (s->sp.field[j].what == DB_INFO)
			s->keys[n++] = s->sp.field[j].key;
	rc = grx_vardb_open(cx, s->sp.path, s->keys, cx->threads, &s->vcf);
	for (int j = 0; j < s->sp.n_field && !rc; j++) {
		const char *number = NULL;
		uint8_t type = 0;
		bool known = grx_vardb_info(s->vcf, s->sp.field[j].key, &number, &type);
		rc = annotate_dbvcf_field(cx, &s->sp, &s->sp.field[j], known, number, type);
	}
	if (rc)
		return rc;
	s->contigs = grx_vardb_contigs(s->vcf);
	return GRX_OK;
}

static int open_table(struct grx_ctx *cx, struct annotate_dbsrc *s, const char *key)
{
	int rc = fields_given(cx, &s->sp);
	s->kind = DB_TABLE;
	if (!rc)
		rc = grx_tabdb_open(cx, s->sp.path, cx->threads, &s->tab);
	if (!rc)
		rc = annotate_dbtext_open(cx, &s->sp, key, s->tab, &s->text);
	if (rc)
		return rc;
	s->intervals = s->text.ref < 0;
	s->contigs = grx_tabdb_contigs(s->tab);
	return GRX_OK;
}

static int built_field(struct grx_ctx *cx, const struct annotate_dbsrc *s, struct annotate_dbfield *f)
{
	const struct annotate_gxd *g = s->gxd;
	for (f->col = 0; f->col < g->n_field; f->col++)
		if (strcmp(g->field[f->col].name, f->key) == 0)
			break;
	if (f->col == g->n_field) {
		struct grx_str list = {0};
		for (int i = 0; i < g->n_field && i < 40; i++)
			grx_str_addf(&list, "%s%s", i ? ", " : "", g->field[i].name);
		int rc = grx_fail(
			cx, GRX_E_DATA, "%s: no field '%s': found %s", g->path, f->key, list.s ? list.s : "");
		grx_str_clear(&list);
		return rc;
	}
	const struct annotate_gxd_field *d = &g->field[f->col];
	if (f->typed && f->type != d->type)
		return grx_fail(cx, GRX_E_USAGE,
			"--db %s: %s cannot be given another type than it was built with", s->sp.name,
			f->key);
	if (!f->named) /* its names are complete columns already */
		f->column = d->name;
	f->key = d->key;
	f->desc = d->desc;
	f->type = f->src_type = d->type;
	f->number = 'A';
	return GRX_OK;
}

static int open_built(struct grx_ctx *cx, struct annotate_dbsrc *s)
{
	int rc = annotate_gxd_open(cx, s->sp.path, &s->gxd);
	s->kind = DB_BUILT;
	if (rc)
		return rc;
	s->contigs = s->gxd->contigs;
	if (s->sp.n_field == 0) {
		s->sp.field = grx_calloc((size_t)s->gxd->n_field, sizeof *s->sp.field);
		if (!s->sp.field)
			return grx_fail_nomem(cx, "database");
		s->sp.n_field = s->gxd->n_field;
		for (int j = 0; j < s->sp.n_field; j++)
			s->sp.field[j].key = s->gxd->field[j].name;
	}
	for (int j = 0; j < s->sp.n_field && !rc; j++)
		rc = built_field(cx, s, &s->sp.field[j]);
	return rc;
}

int annotate_dbsrc_open(
	struct grx_ctx *cx, const char *spec, const struct grx_strs *keys, struct annotate_dbsrc *s)
{
	bool built;
	enum grx_file_kind kind;
	int rc = annotate_dbspec_parse(cx, spec, &s->sp);
	if (!rc)
		rc = annotate_gxd_sniff(cx, s->sp.path, &built);
	if (!rc)
		rc = grx_file_sniff(cx, s->sp.path, &kind);
	if (rc)
		return rc;
	if (built)
		return open_built(cx, s);
	return kind == GRX_FILE_VARS ? open_vcf(cx, s)
				     : open_table(cx, s, annotate_dbspec_key(keys, s->sp.name));
}

void annotate_dbsrc_clear(struct annotate_dbsrc *s)
{
	grx_vardb_close(s->vcf);
	grx_tabdb_close(s->tab);
	annotate_dbtext_clear(&s->text);
	annotate_gxd_close(s->gxd);
	grx_free(s->keys);
	annotate_dbspec_clear(&s->sp);
}

/* --- rows of a stretch --- */

static struct annotate_dbrow vcf_row(const struct annotate_dbquery *q, const struct grx_var *v)
{
	return (struct annotate_dbrow){.contig = q->contig,
		.pos = v->pos,
		.end = v->pos + v->rlen,
		.ref = v->allele[0],
		.n_alt = v->n_allele - 1,
		.alt = v->allele + 1,
		.from = v};
}

static int vcf_site(void *arg, struct grx_ctx *cx, const struct grx_var *v, bool *need)
{
	const struct annotate_dbquery *q = arg;
	struct annotate_dbrow row = vcf_row(q, v);
	return q->site(q->arg, cx, &row, need);
}

static int vcf_record(void *arg, struct grx_ctx *cx, const struct grx_var *v)
{
	const struct annotate_dbquery *q = arg;
	struct annotate_dbrow row = vcf_row(q, v);
	return q->row(q->arg, cx, &row);
}

struct table_fetch {
	const struct annotate_dbsrc *s;
	const struct annotate_dbquery *q;
};

static int table_line(void *arg, struct grx_ctx *cx, char *line)
{
	struct table_fetch *t = arg;
	struct annotate_dbrow row;
	bool data;
	int rc = annotate_dbtext_row(cx, &t->s->text, line, 0, t->q->mem, &row, &data);
	if (!rc && data)
		rc = t->q->row(t->q->arg, cx, &row);
	grx_arena_reset(t->q->mem);
	return rc;
}

int annotate_dbsrc_fetch(struct grx_ctx *cx, const struct annotate_dbsrc *s, const struct annotate_dbquery *q)
{
	if (s->kind == DB_VCF) {
		struct annotate_dbquery mine = *q;
		struct grx_vardb_scan scan = {q->contig, q->beg, q->end, q->mem, vcf_site, vcf_record, &mine};
		return grx_vardb_scan(cx, s->vcf, &scan);
	}
	struct table_fetch t = {s, q};
	struct grx_tabquery tq = {q->contig, q->beg, q->end, table_line, &t};
	return grx_tabdb_fetch(cx, s->tab, &tq);
}
