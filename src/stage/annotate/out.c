/* SPDX-License-Identifier: GPL-3.0-or-later
 * out.c -- the writers of annotate: what is written of a record, and the files beside the variants.
 * Rows of a shard stay in its memory until merge(), which comes in genome order: the bytes do not depend on
 * threads. */
#include "stage/annotate/out_int.h"

#include "base/out.h"
#include "genorx/stage.h"
#include "io/bgzout.h"

/* --- files --- */

static int sink_open(struct grx_ctx *cx, const char *path, struct annotate_sink *s)
{
	if (!path)
		return GRX_OK;
	return grx_ends(path, ".gz") ? grx_bgz_open(cx, path, false, &s->bgz)
				     : grx_out_open(cx, path, &s->plain);
}

void annotate_sink_write(const struct annotate_sink *s, const void *p, size_t n)
{
	if (s->bgz)
		grx_bgz_write(s->bgz, p, n);
	else
		grx_out_write(s->plain, p, n);
}

static bool sink_is(const struct annotate_sink *s)
{
	return s->bgz || s->plain;
}

static int sink_close(struct grx_ctx *cx, struct annotate_sink *s)
{
	struct annotate_sink was = *s;
	*s = (struct annotate_sink){0};
	if (was.bgz)
		return grx_bgz_close(cx, was.bgz);
	return was.plain ? grx_out_close(cx, was.plain) : GRX_OK;
}

int annotate_rows_take(struct annotate_work *w, struct annotate_rows *rows)
{
	struct annotate_buf *b = &rows->buf;
	struct annotate_piece *last = rows->last;
	if (!b->n)
		return GRX_OK;
	if (last && last->s + last->n == b->s) {
		last->n += b->n;
	} else {
		struct annotate_piece *x = grx_arena_calloc(w->keep, 1, sizeof *x);
		if (!x)
			return grx_fail_nomem(w->cx, "rows");
		*x = (struct annotate_piece){.s = b->s, .n = b->n};
		*(last ? &last->next : &rows->first) = x;
		rows->last = x;
	}
	b->s += b->n;
	b->cap -= b->n;
	b->n = 0;
	return GRX_OK;
}

static void rows_write(const struct annotate_sink *s, const struct annotate_rows *rows)
{
	for (const struct annotate_piece *x = rows->first; x; x = x->next)
		annotate_sink_write(s, x->s, x->n);
}

/* --- the state --- */

static int exclude(struct grx_ctx *cx, bool a, const char *what_a, bool b, const char *what_b)
{
	return a && b ? grx_fail(cx, GRX_E_USAGE, "%s and %s exclude each other: give one of them", what_a,
				what_b)
		      : GRX_OK;
}

static int options_check(struct grx_ctx *cx, const struct annotate_opt *o)
{
	int rc = exclude(cx, o->pick, "--pick", o->per_gene, "--per-gene");
	if (!rc)
		rc = exclude(cx, o->pick, "--pick", o->flag_pick, "--flag-pick");
	if (!rc)
		rc = exclude(cx, o->most_severe, "--most-severe", o->pick, "--pick");
	if (!rc)
		rc = exclude(cx, o->most_severe, "--most-severe", o->per_gene, "--per-gene");
	if (!rc)
		rc = exclude(cx, o->most_severe, "--most-severe", o->flag_pick, "--flag-pick");
	if (!rc && o->tsv && o->json && strcmp(o->tsv, o->json) == 0)
		rc = grx_fail(cx, GRX_E_USAGE, "--tsv and --json name the same file '%s': give each its own",
			o->tsv);
	if (!rc && !o->gff && (o->tsv || o->json || o->fields))
		rc = grx_fail(cx, GRX_E_USAGE, "%s needs gene models: give -g/--gff",
			o->tsv    ? "--tsv"
			: o->json ? "--json"
				  : "--fields");
	return rc;
}

static void texts_set(struct annotate_out *o, const struct annotate_terms *t)
{
	for (int i = 0; i < AT_N; i++) {
		o->term[i] = (struct annotate_text){
			annotate_term_name[i], (uint32_t)strlen(annotate_term_name[i])};
		o->impact[i] = (struct annotate_text){t->impact[i], (uint32_t)strlen(t->impact[i])};
	}
}

int annotate_out_open(struct grx_ctx *cx, struct annotate_state *st, struct annotate_out **out)
{
	struct annotate_out *o = *out = grx_calloc(1, sizeof *o);
	if (!o)
		return grx_fail_nomem(cx, "output");
	o->outs = cx->outs;
	texts_set(o, &st->terms);
	int rc = options_check(cx, &st->opt);
	if (!rc)
		rc = annotate_fields_plan(cx, &st->opt, o);
	if (!rc)
		rc = annotate_pick_order(cx, st->opt.pick_order, o);
	return rc || !st->opt.gff ? rc : annotate_csq_declare(cx, o);
}

int annotate_out_begin(struct grx_ctx *cx, struct annotate_state *st)
{
	struct annotate_out *o = st->out;
	int rc = sink_open(cx, st->opt.tsv, &o->to_tsv);
	if (!rc)
		rc = sink_open(cx, st->opt.json, &o->to_json);
	return rc || !sink_is(&o->to_tsv) ? rc : annotate_tsv_header(cx, st, o);
}

void annotate_out_close(struct annotate_out *o)
{
	if (!o)
		return;
	struct grx_ctx quiet = {.outs = o->outs};
	/* what is still open belongs to a run that failed: its temp goes with the registry */
	(void)!sink_close(&quiet, &o->to_tsv);
	(void)!sink_close(&quiet, &o->to_json);
	grx_free(o);
}

bool annotate_out_quiet(const void *opts)
{
	const struct annotate_opt *o = opts;
	return o->tsv || o->json;
}

/* --- records --- */

static struct annotate_out_part *part_of(struct annotate_work *w)
{
	struct annotate_out_part *p = w->part->out;
	size_t n = (size_t)(w->st->out->csq.n_allele_run + w->st->out->tsv.n_allele_run) + 1;
	if (p)
		return p;
	p = grx_arena_calloc(w->keep, 1, sizeof *p);
	if (!p || !(p->allele = grx_arena_calloc(w->keep, n, sizeof *p->allele)))
		return NULL;
	return w->part->out = p;
}

/* The entry as it is written: with --most-severe only its worst term, of no transcript. */
static const struct annotate_entry *shown_entry(
	const struct annotate_work *w, const struct annotate_entry *e, struct annotate_entry *bare)
{
	if (!w->st->opt.most_severe)
		return e;
	*bare = (struct annotate_entry){
		.al = e->al, .terms = AT_BIT(annotate_worst(e->terms)), .distance = -1};
	return bare;
}

static int entry_write(struct annotate_work *w, struct annotate_cell *c)
{
	const struct annotate_out *o = w->st->out;
	struct annotate_out_part *p = w->part->out;
	char *sep;
	int rc;
	w->part->n_entries++;
	if (p->csq.n) {
		if (!(sep = annotate_buf_room(w->keep, &p->csq, 1)))
			return grx_fail_nomem(w->cx, "CSQ");
		*sep = ',';
		p->csq.n++;
	}
	c->style = &o->csq.style;
	if ((rc = annotate_plan_entry(w, &o->csq, c, p->allele, &p->csq)))
		return rc;
	if (!sink_is(&o->to_tsv))
		return GRX_OK;
	c->style = &o->tsv.style;
	if ((rc = annotate_plan_entry(w, &o->tsv, c, p->allele + o->csq.n_allele_run, &p->tsv.buf)))
		return rc;
	return annotate_tsv_tail(w, c, &p->tsv.buf);
}

static int allele_write(struct annotate_work *w, const struct annotate_record *r, int32_t i)
{
	const struct annotate_out *o = w->st->out;
	struct annotate_out_part *p = w->part->out;
	struct annotate_cell c = {.w = w, .o = o, .style = &o->csq.style, .r = r, .i = i, .al = &r->al[i]};
	p->allele_buf.n = 0;
	int rc = annotate_plan_allele(w, &o->csq, &c, p->allele);
	if (!rc && sink_is(&o->to_tsv)) {
		c.style = &o->tsv.style;
		rc = annotate_plan_allele(w, &o->tsv, &c, p->allele + o->csq.n_allele_run);
	}
	for (int32_t k = 0; k < r->n_entry[i] && !rc; k++) {
		struct annotate_entry bare;
		if (!annotate_out_wants(w->st, r, i, k))
			continue;
		bool picked = w->st->opt.flag_pick && annotate_out_picked(w->st, r, i, k);
		annotate_cell_entry(&c, shown_entry(w, &r->entry[i][k], &bare), picked);
		rc = entry_write(w, &c);
	}
	return rc;
}

/* The text of CSQ becomes the record's; the next one begins behind it. */
static int csq_set(struct annotate_work *w, struct grx_var *v, struct annotate_buf *b)
{
	if (!b->n)
		return GRX_OK;
	char *end = annotate_buf_room(w->keep, b, 1);
	struct grx_field *f = grx_var_info_set(w->keep, v, "CSQ", GRX_T_STR, 1);
	if (!end || !f)
		return grx_fail_nomem(w->cx, "CSQ");
	*end = '\0';
	f->v.s[0] = b->s;
	b->s += b->n + 1;
	b->cap -= b->n + 1;
	b->n = 0;
	return GRX_OK;
}

int annotate_out_record(struct annotate_work *w, const struct annotate_record *r)
{
	struct annotate_out_part *p = part_of(w);
	if (!p)
		return grx_fail_nomem(w->cx, "CSQ");
	int rc = GRX_OK;
	for (int32_t i = 0; i < r->n_al && !rc; i++)
		rc = allele_write(w, r, i);
	if (!rc)
		rc = csq_set(w, r->v, &p->csq);
	if (!rc)
		rc = annotate_rows_take(w, &p->tsv);
	return !rc && sink_is(&w->st->out->to_json) && r->n_al ? annotate_json_record(w, r) : rc;
}

int annotate_out_merge(struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part)
{
	(void)cx; /* errors of writing stick and are told when the file is closed */
	if (!part->out)
		return GRX_OK;
	rows_write(&st->out->to_tsv, &part->out->tsv);
	rows_write(&st->out->to_json, &part->out->json);
	return GRX_OK;
}

int annotate_out_finish(struct grx_ctx *cx, struct annotate_state *st)
{
	int rc = sink_close(cx, &st->out->to_tsv);
	return rc ? rc : sink_close(cx, &st->out->to_json);
}
