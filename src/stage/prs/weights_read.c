/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_read.c -- one scoring file from its first line to its last; what is wrong with it as a whole. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/par.h"
#include "stage/prs/weights_read.h"

int prs_rd_bad(struct prs_rd *rd, enum prs_code code, int field, const char *found, const char *want)
{
	char at[32] = "", name[64] = "";
	if (field >= 0)
		snprintf(at, sizeof at, ":%d", field + 1);
	if (field >= 0 && rd->name && field < rd->n_field && code != PRS_N_CODE)
		snprintf(name, sizeof name, "%.48s ", rd->name[field]);
	rd->bad = code;
	return grx_fail(rd->cx, GRX_E_DATA, "%s:%lld%s: %s'%.60s'; expected %s", rd->path,
		(long long)grx_text_lineno(rd->text), at, name, found, want);
}

static int too_many(struct prs_rd *rd)
{
	rd->bad = PRS_N_CODE;
	(void)grx_fail(rd->cx, GRX_E_NOMEM, "%s:%lld: more than %d columns, or no memory for them", rd->path,
		(long long)grx_text_lineno(rd->text), PRS_MAX_FIELD);
	return -1;
}

int prs_rd_split(struct prs_rd *rd, char *line)
{
	size_t n = 0;
	for (char *p = line; p;) {
		if (n == rd->cap_field && grx_grow(&rd->field, &rd->cap_field, n + 1, sizeof *rd->field,
						  PRS_MAX_FIELD) != GRX_OK)
			return too_many(rd);
		rd->field[n++] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = '\0';
	}
	return (int)n;
}

int prs_rd_split_blank(struct prs_rd *rd, char *line)
{
	size_t n = 0;
	for (char *p = line + strspn(line, " \t"); *p; p += strspn(p, " \t")) {
		if (n == rd->cap_field && grx_grow(&rd->field, &rd->cap_field, n + 1, sizeof *rd->field,
						  PRS_MAX_FIELD) != GRX_OK)
			return too_many(rd);
		rd->field[n++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	return (int)n;
}

/* What the builds of file and target ask for, before the first row. */
static int plan_build(struct prs_rd *rd)
{
	enum prs_build have = rd->f.build, want = rd->b->o->target;
	if (!rd->has_pos || have == PRS_BUILD_NR || want == PRS_BUILD_NR || have == want)
		return GRX_OK;
	if (rd->form == PRS_FORM_PLINK && rd->b->o->compat_plink)
		return GRX_OK; /* by ID */
	if (!rd->b->o->chain)
		return grx_fail(rd->cx, GRX_E_MISMATCH,
			"%s: positions are of %s, the input is on %s; use the file harmonised to %s, or give "
			"a "
			"chain file from %s to %s by --chain",
			rd->path, prs_build_text(have), prs_build_text(want), prs_build_text(want),
			prs_build_text(have), prs_build_text(want));
	rd->lift = true;
	return prs_lift_need(rd->b, have, want, rd->path);
}

static int begin_rows(struct prs_rd *rd)
{
	size_t n = rd->n_wcol < 3 ? 3 : rd->n_wcol;
	rd->w = grx_malloc(n, sizeof *rd->w);
	return rd->w ? plan_build(rd) : grx_fail_nomem(rd->cx, "columns of a scoring file");
}

/* The row is refused, the file is not: keep it as such. */
static int bad_row(struct prs_rd *rd)
{
	struct prs_wrow *r = &rd->row;
	char *why = grx_arena_strdup(rd->mem, rd->cx->err.msg);
	grx_ctx_reset(rd->cx);
	if (!why)
		return grx_fail_nomem(rd->cx, "a row of scores");
	grx_warn(rd->cx, "not counted: %s", why);
	*r = (struct prs_wrow){.index = r->index,
		.file = r->file,
		.chrom = -1,
		.pos = -1,
		.line = r->line,
		.ea = "?",
		.note = why,
		.af = NAN,
		.code = (uint8_t)rd->bad,
		.w = rd->w,
		.n_w = (int32_t)rd->n_wcol};
	for (size_t k = 0; k < rd->n_wcol; k++)
		rd->w[k] = NAN;
	rd->by_id = false;
	return GRX_OK;
}

static int take_row(struct prs_rd *rd, char *line)
{
	struct prs_wb *b = rd->b;
	int64_t index = b->n_row + rd->f.n_row;
	if (index >= UINT32_MAX)
		return grx_fail(rd->cx, GRX_E_NOMEM, "%s: more than %u rows in all scoring files", rd->path,
			UINT32_MAX);
	rd->row = (struct prs_wrow){.index = (uint32_t)index,
		.file = rd->slot,
		.chrom = -1,
		.pos = -1,
		.line = grx_text_lineno(rd->text),
		.af = NAN,
		.type = PRS_ADDITIVE,
		.code = PRS_NO_LOCUS};
	rd->by_id = false;
	rd->bad = PRS_N_CODE;
	grx_arena_reset(rd->mem);
	int rc = rd->form == PRS_FORM_PGS ? prs_row_pgs(rd, line) : prs_row_plink(rd, line);
	if (rc == GRX_E_DATA && rd->bad != PRS_N_CODE && b->o->skip_bad_rows && !rd->strict)
		rc = bad_row(rd);
	if (rc)
		return rc;
	rd->f.by_id |= rd->by_id;
	rd->f.n_row++;
	if ((rd->f.n_row & 0xffff) == 0 && (rc = grx_par_signal_check(rd->cx)) != 0)
		return rc;
	return prs_wb_add(b, &rd->row, rd->by_id);
}

static int read_lines(struct prs_rd *rd)
{
	int rc = GRX_E_BUG;
	char *line;
	for (;;) {
		bool row = true;
		GRX_TRY(grx_text_line(rd->cx, rd->text, &line));
		if (!line)
			break;
		if (rd->form == PRS_FORM_NONE && line[0] == '#') {
			GRX_TRY(prs_head_line(rd, line));
			continue;
		}
		if (line[strspn(line, " \t")] == '\0')
			continue;
		if (rd->form == PRS_FORM_NONE) {
			GRX_TRY(prs_cols_line(rd, line, &row));
			GRX_TRY(begin_rows(rd));
		}
		if (row)
			GRX_TRY(take_row(rd, line));
	}
	if (rd->f.n_row == 0) {
		rc = grx_fail(rd->cx, GRX_E_DATA,
			"%s: no %s found; expected a PGS Catalog or plink scoring file", rd->path,
			rd->form ? "rows" : "column line");
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

/* A file that names no build may still show it by a position that one build has not. */
static int detect_build(struct prs_rd *rd)
{
	struct prs_file *f = &rd->f;
	enum prs_build want = rd->b->o->target;
	if (f->build != PRS_BUILD_NR || rd->n_pos == 0)
		return GRX_OK;
	if (rd->beyond37 && rd->beyond38)
		return grx_fail(rd->cx, GRX_E_DATA,
			"%s:%lld: position beyond the end of its chromosome on GRCh37 and on GRCh38",
			rd->path, (long long)(rd->beyond37 > rd->beyond38 ? rd->beyond37 : rd->beyond38));
	if (!rd->beyond37 && !rd->beyond38) {
		grx_warn(rd->cx, "%s: names no genome build; its positions are taken as those of the input",
			rd->path);
		return GRX_OK;
	}
	enum prs_build b = rd->beyond37 ? PRS_BUILD_38 : PRS_BUILD_37;
	int64_t line = rd->beyond37 ? rd->beyond37 : rd->beyond38;
	if (want != PRS_BUILD_NR && want != b)
		return grx_fail(rd->cx, GRX_E_MISMATCH,
			"%s:%lld: position beyond the end of its chromosome on %s, the build of the input; "
			"the file "
			"names no build and is not of this one: write '#genome_build=%s' in its header if "
			"that is "
			"right, and give a chain file by --chain",
			rd->path, (long long)line, prs_build_text(want), prs_build_text(b));
	grx_warn(rd->cx, "%s: names no genome build; by its positions it is %s", rd->path, prs_build_text(b));
	f->build = b;
	f->build_text = prs_build_text(b);
	return GRX_OK;
}

static int check_lifted(struct prs_rd *rd)
{
	const struct prs_set_opt *o = rd->b->o;
	rd->f.n_lifted = rd->n_lifted;
	if (!rd->lift)
		return GRX_OK;
	if (rd->n_pos && (double)rd->n_lifted < o->min_lift * (double)rd->n_pos)
		return grx_fail(rd->cx, GRX_E_MISMATCH,
			"%s: only %lld of %lld positions could be lifted from %s to %s, less than %g of "
			"them; are "
			"build and chain file right? (--min-lift)",
			rd->path, (long long)rd->n_lifted, (long long)rd->n_pos, prs_build_text(rd->f.build),
			prs_build_text(o->target), o->min_lift);
	rd->f.lifted = true;
	rd->f.build = o->target;
	return GRX_OK;
}

static void warn(struct prs_rd *rd)
{
	const struct prs_file *f = &rd->f;
	const char *t = f->weight_type;
	if (f->variants_number >= 0 && f->variants_number != f->n_row)
		grx_warn(rd->cx,
			"%s: header says variants_number=%lld, %lld rows found; is the file complete?",
			rd->path, (long long)f->variants_number, (long long)f->n_row);
	if (t && (strcmp(t, "OR") == 0 || strcmp(t, "HR") == 0))
		grx_warn(rd->cx, "%s: weight_type=%s: weights are added as written, not their logarithms",
			rd->path, t);
	if (f->build != PRS_BUILD_NR && rd->b->o->target == PRS_BUILD_NR)
		grx_warn(rd->cx,
			"%s: is on %s; the build of the input cannot be told from its contig lengths",
			rd->path, prs_build_text(f->build));
	if (rd->n_pos == 0 && !f->by_id && f->n_complex < f->n_row)
		grx_warn(rd->cx, "%s: no row has a position", rd->path);
}

static int join_set(struct prs_rd *rd, enum prs_kind_in kind)
{
	int rc = GRX_E_BUG;
	const char *own;
	struct prs_col *col = grx_calloc(rd->n_wcol, sizeof *col);
	if (!col)
		return grx_fail_nomem(rd->cx, "scores");
	GRX_TRY(prs_head_id(rd, &own));
	for (size_t k = 0; k < rd->n_wcol; k++) {
		const struct prs_wcol *c = &rd->wcol[k];
		col[k] = (struct prs_col){.id = c->id ? c->id : own,
			.role = c->role,
			.of = c->role == PRS_COL_SCORE ? (int32_t)k : c->of};
	}
	GRX_TRY(prs_wb_join(rd->b, rd->slot, &rd->f, col, (int)rd->n_wcol, kind == PRS_IN_SCORE));
	if (kind == PRS_IN_LOADINGS)
		rd->b->set->loadings_file = rd->b->set->n_file - 1;
	rc = GRX_OK;
out:
	grx_free(col);
	return rc;
}

int prs_file_parse(struct prs_wb *b, const char *path, enum prs_kind_in kind, const char *sha)
{
	int rc = GRX_E_BUG;
	struct prs_rd rd = {.b = b, .cx = b->cx, .slot = prs_wb_slot(b), .f = {.variants_number = -1}};
	rd.path = rd.f.path = grx_arena_strdup(b->mem, path);
	rd.mem = grx_arena_new();
	rd.strict = kind != PRS_IN_SCORE;
	memcpy(rd.f.sha256, sha, sizeof rd.f.sha256);
	if (!rd.path || !rd.mem || rd.slot < 0) {
		rc = grx_fail_nomem(b->cx, "a scoring file");
		goto out;
	}
	GRX_TRY(grx_text_open(b->cx, path, &rd.text));
	GRX_TRY(read_lines(&rd));
	GRX_TRY(detect_build(&rd));
	GRX_TRY(check_lifted(&rd));
	GRX_TRY(join_set(&rd, kind));
	warn(&rd);
	rc = GRX_OK;
out:
	grx_text_close(rd.text);
	grx_arena_free(rd.mem);
	grx_free(rd.field);
	grx_free(rd.name);
	grx_free(rd.wcol);
	grx_free(rd.w);
	return rc;
}
