/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_feed.c -- one source of --build-db. Left alignment moves alleles by up to 1,000 bp, so they wait until
 * the file has passed them by more than that, and are sorted meanwhile. */
#include "stage/annotate/db_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bio/allele.h"
#include "io/sniff.h"
#include "stage/annotate/db_block.h"

enum { BATCH = 1000, WAITING = 8192 };

/* --- the stream --- */

static int vcf_row(struct grx_ctx *cx, struct annotate_feed *f)
{
	if (!f->batch || f->at == f->batch->n) {
		grx_vars_release(f->batch);
		f->batch = NULL;
		grx_arena_reset(f->batch_mem);
		int rc = grx_varsrc_next(cx, f->vcf, f->batch_mem, BATCH, &f->batch);
		if (rc)
			return rc;
		f->at = 0;
		if (f->batch->n == 0) {
			f->ended = true;
			return GRX_OK;
		}
	}
	const struct grx_var *v = &f->batch->v[f->at++];
	f->row = (struct annotate_dbrow){.contig = grx_contig_name(f->src.contigs, v->tid),
		.pos = v->pos,
		.end = v->pos + v->rlen,
		.ref = v->allele[0],
		.n_alt = v->n_allele - 1,
		.alt = v->allele + 1,
		.from = v,
		.line = v->line};
	f->have_row = true;
	return GRX_OK;
}

static int text_row(struct grx_ctx *cx, struct annotate_feed *f)
{
	char *line;
	bool data = false;
	while (!data) {
		grx_arena_reset(f->row_mem);
		int rc = grx_text_line(cx, f->text, &line);
		if (rc)
			return rc;
		if (!line) {
			f->ended = true;
			return GRX_OK;
		}
		rc = annotate_dbtext_row(
			cx, &f->src.text, line, grx_text_lineno(f->text), f->row_mem, &f->row, &data);
		if (rc)
			return rc;
	}
	f->have_row = true;
	return GRX_OK;
}

static int row_peek(struct grx_ctx *cx, struct annotate_feed *f)
{
	if (f->have_row || f->ended)
		return GRX_OK;
	f->n_record++;
	return f->vcf ? vcf_row(cx, f) : text_row(cx, f);
}

/* --- alleles --- */

static int ref_check(struct grx_ctx *cx, struct annotate_feed *f, bool *ok)
{
	int64_t n = (int64_t)strlen(f->row.ref), beg = f->row.pos;
	*ok = true;
	if (!f->win.fasta || !grx_allele_is_seq(f->row.ref))
		return GRX_OK;
	int rc = annotate_dbwin_at(cx, &f->win, beg, beg + n);
	if (rc)
		return rc;
	int64_t at = beg - f->win.beg;
	*ok = at + n <= f->win.n;
	for (int64_t i = 0; i < n && *ok; i++)
		*ok = f->win.s[at + i] == f->row.ref[i] || f->row.ref[i] == 'N';
	f->n_ref_same += *ok;
	f->n_ref_differ += !*ok;
	if (f->n_ref_differ > 1000 && f->n_ref_differ > f->n_ref_same)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: REF is not what the FASTA has at %lld of the first %lld records (%s:%lld): give "
			"the "
			"reference of the same build",
			f->src.sp.path, (long long)f->n_ref_differ,
			(long long)(f->n_ref_differ + f->n_ref_same), f->row.contig,
			(long long)f->row.pos + 1);
	return GRX_OK;
}

static int values_take(struct grx_ctx *cx, struct annotate_feed *f, int alt, struct annotate_feedrow *r)
{
	int n = f->src.sp.n_field;
	r->val = grx_arena_calloc(f->mem, (size_t)n, sizeof *r->val);
	if (!r->val)
		return grx_fail_nomem(cx, "alleles");
	for (int j = 0; j < n; j++) {
		int rc = annotate_dbrow_value(cx, &f->src, &f->row, alt, j, f->mem, &r->val[j]);
		if (rc)
			return rc;
		if (r->val[j].kind == DB_STR && r->val[j].n > DB_VALUE_MAX)
			return grx_fail(cx, GRX_E_DATA, "%s: %s:%lld: %s is longer than %d bytes",
				f->src.sp.path, f->row.contig, (long long)f->row.pos + 1,
				f->src.sp.field[j].key, DB_VALUE_MAX);
	}
	return GRX_OK;
}

static bool key_own(struct grx_arena *mem, struct annotate_dbkey *k)
{
	k->ref = grx_arena_strndup(mem, k->ref, (size_t)k->ref_len);
	k->alt = grx_arena_strndup(mem, k->alt, (size_t)k->alt_len);
	return k->ref && k->alt;
}

static int row_take(struct grx_ctx *cx, struct annotate_feed *f)
{
	bool ok;
	int rc = ref_check(cx, f, &ok);
	for (int k = 0; k < f->row.n_alt && !rc && ok; k++) {
		struct annotate_dbsite s = {f->row.pos, f->row.end - f->row.pos, f->row.ref, f->row.alt[k]};
		bool has;
		if (grx_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v, 0))
			return grx_fail_nomem(cx, "alleles");
		struct annotate_feedrow *r = &f->v[f->n];
		*r = (struct annotate_feedrow){.seq = f->seq++};
		rc = annotate_dbkey_make(cx, &f->win, f->mem, &s, &r->k, &has);
		if (!rc && !has) {
			f->n_no_sequence++;
			continue;
		}
		if (!rc && !key_own(f->mem, &r->k))
			rc = grx_fail_nomem(cx, "alleles");
		if (!rc)
			rc = values_take(cx, f, k, r);
		f->n++;
	}
	f->have_row = false;
	return rc;
}

/* --- order --- */

static int32_t rank_of(struct annotate_feed *f)
{
	if (strcmp(f->row.contig, f->contig_name) != 0) {
		snprintf(f->contig_name, sizeof f->contig_name, "%s", f->row.contig);
		f->contig_rank = grx_contigs_find_alias(f->master, f->row.contig);
	}
	return f->contig_rank;
}

static int order_fail(struct grx_ctx *cx, const struct annotate_feed *f, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: %s %lld: %s:%lld %s: sort it (bcftools sort, or sort -k1,1 -k2,2n)", f->src.sp.path,
		f->vcf ? "record" : "line", (long long)f->row.line, f->row.contig, (long long)f->row.pos + 1,
		what);
}

static int feedrow_cmp(const void *p, const void *q)
{
	const struct annotate_feedrow *a = p, *b = q;
	int c = annotate_dbkey_cmp(&a->k, &b->k);
	return c ? c : a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Those that may still be preceded move to the other arena. */
static int keep_rest(struct grx_ctx *cx, struct annotate_feed *f)
{
	struct grx_arena *to = f->other;
	int nf = f->src.sp.n_field;
	size_t n = 0;
	for (size_t i = f->ready; i < f->n; i++, n++) {
		struct annotate_feedrow r = f->v[i];
		struct annotate_dbval *val = grx_arena_alloc(to, (size_t)nf, sizeof *val);
		bool ok = val && key_own(to, &r.k);
		for (int j = 0; j < nf && ok; j++) {
			val[j] = r.val[j];
			if (val[j].kind == DB_STR)
				ok = (val[j].v.s = grx_arena_strndup(to, val[j].v.s, (size_t)val[j].n)) !=
				     NULL;
		}
		if (!ok)
			return grx_fail_nomem(cx, "alleles");
		r.val = val;
		f->v[n] = r;
	}
	f->other = f->mem;
	f->mem = to;
	grx_arena_reset(f->other);
	f->n = n;
	f->next = f->ready = 0;
	return GRX_OK;
}

/* The row belongs to the contig in work: is it in order? */
static int row_place(struct grx_ctx *cx, struct annotate_feed *f, int32_t rank)
{
	if (rank < f->rank)
		return order_fail(
			cx, f, "comes after a contig that it should precede (order of the reference)");
	if (rank > f->rank) {
		f->rank = rank;
		f->last_pos = -1;
		annotate_dbwin_contig(&f->win, grx_contig_name(f->master, rank));
	}
	if (f->row.pos < f->last_pos)
		return order_fail(cx, f, "is not sorted");
	f->last_pos = f->row.pos;
	int64_t len = f->master->c[rank].len;
	if (len && f->row.pos >= len)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %s:%lld lies beyond the contig's %lld bases: another build", f->src.sp.path,
			f->row.contig, (long long)f->row.pos + 1, (long long)len);
	return GRX_OK;
}

static void ready_set(struct annotate_feed *f, int64_t before)
{
	if (f->n)
		qsort(f->v, f->n, sizeof *f->v, feedrow_cmp);
	f->ready = f->n;
	while (f->ready > 0 && f->v[f->ready - 1].k.pos >= before)
		f->ready--;
}

static int fill(struct grx_ctx *cx, struct annotate_feed *f)
{
	size_t look = WAITING;
	int rc = keep_rest(cx, f);
	while (!rc) {
		rc = row_peek(cx, f);
		if (rc)
			break;
		int32_t rank = f->have_row ? rank_of(f) : -1;
		if (f->have_row && rank < 0) {
			f->n_other_contig++;
			f->have_row = false;
			continue;
		}
		if (!f->have_row || (f->n && rank != f->rank)) {
			ready_set(f, INT64_MAX);
			break;
		}
		rc = row_place(cx, f, rank);
		if (!rc && f->n >= look) {
			ready_set(f, f->row.pos - DB_ALIGN_SPAN);
			if (f->ready)
				break;
			look = f->n * 2;
		}
		if (!rc)
			rc = row_take(cx, f);
	}
	return rc;
}

int annotate_feed_peek(struct grx_ctx *cx, struct annotate_feed *f, const struct annotate_feedrow **row)
{
	*row = NULL;
	if (f->next == f->ready) {
		int rc = fill(cx, f);
		if (rc)
			return rc;
	}
	if (f->next < f->ready)
		*row = &f->v[f->next];
	return GRX_OK;
}

/* --- opening --- */

static int open_vcf(struct grx_ctx *cx, struct annotate_feed *f)
{
	struct annotate_dbspec *sp = &f->src.sp;
	int n = 0, rc = GRX_OK;
	f->src.kind = DB_VCF;
	f->src.keys = grx_calloc((size_t)sp->n_field + 1, sizeof *f->src.keys);
	if (!f->src.keys)
		return grx_fail_nomem(cx, "database");
	for (int j = 0; j < sp->n_field; j++)
		if (sp->field[j].what == DB_INFO)
			f->src.keys[n++] = sp->field[j].key;
	struct grx_varsrc_opt o = {.path = sp->path, .info = f->src.keys, .sites_only = true};
	rc = grx_varsrc_open(cx, &o, &f->vcf);
	for (int j = 0; j < sp->n_field && !rc; j++) {
		const char *number = NULL;
		uint8_t type = 0;
		size_t len;
		bool known = grx_varsrc_info(f->vcf, sp->field[j].key, &number, &type);
		rc = annotate_dbvcf_field(cx, sp, &sp->field[j], known, number, type);
		const char *desc = grx_varsrc_desc(f->vcf, sp->field[j].key, &len);
		if (!rc && len && !(sp->field[j].desc = sp->field[j].own[1] = grx_calloc(len + 1, 1)))
			rc = grx_fail_nomem(cx, "database");
		if (!rc && len)
			memcpy(sp->field[j].own[1], desc, len);
	}
	if (!rc)
		f->src.contigs = grx_varsrc_contigs(f->vcf);
	return rc;
}

static int open_text(struct grx_ctx *cx, struct annotate_feed *f, const char *key)
{
	bool indexed = false;
	f->src.kind = DB_TABLE;
	/* an index is not needed, but where there is one it says which columns count and whether from 0 */
	int rc = grx_tabdb_has_index(cx, f->src.sp.path, &indexed);
	if (!rc && indexed)
		rc = grx_tabdb_open(cx, f->src.sp.path, 1, &f->src.tab);
	if (!rc)
		rc = annotate_dbtext_open(cx, &f->src.sp, key, f->src.tab, &f->src.text);
	if (!rc && f->src.text.ref < 0)
		return grx_fail(cx, GRX_E_DATA,
			"%s: intervals have no alleles to be built into a database: join it by --db itself",
			f->src.sp.path);
	return rc ? rc : grx_text_open(cx, f->src.sp.path, &f->text);
}

int annotate_feed_open(
	struct grx_ctx *cx, const char *spec, const struct grx_strs *keys, struct annotate_feed *f)
{
	enum grx_file_kind kind;
	bool built;
	*f = (struct annotate_feed){
		.rank = -1, .contig_rank = -1, .mem = grx_arena_new(), .other = grx_arena_new()};
	f->batch_mem = grx_arena_new();
	f->row_mem = grx_arena_new();
	f->win.mem = grx_arena_new();
	int rc = f->mem && f->other && f->batch_mem && f->row_mem && f->win.mem
			 ? annotate_dbspec_parse(cx, spec, &f->src.sp)
			 : grx_fail_nomem(cx, "database");
	if (!rc && f->src.sp.n_field == 0)
		rc = grx_fail(
			cx, GRX_E_USAGE, "--db '%s': which fields? expected NAME=FILE:FIELD,FIELD", spec);
	if (!rc && strcmp(f->src.sp.path, "-") == 0)
		rc = grx_fail(cx, GRX_E_USAGE, "--build-db reads files, not standard input");
	if (!rc)
		rc = annotate_gxd_sniff(cx, f->src.sp.path, &built);
	if (!rc && built)
		rc = grx_fail(
			cx, GRX_E_USAGE, "%s is a built database already: give its sources", f->src.sp.path);
	if (!rc)
		rc = grx_file_sniff(cx, f->src.sp.path, &kind);
	if (rc)
		return rc;
	return kind == GRX_FILE_VARS ? open_vcf(cx, f)
				     : open_text(cx, f, annotate_dbspec_key(keys, f->src.sp.name));
}

void annotate_feed_close(struct annotate_feed *f)
{
	grx_vars_release(f->batch);
	grx_varsrc_close(f->vcf);
	grx_text_close(f->text);
	grx_arena_free(f->mem);
	grx_arena_free(f->other);
	grx_arena_free(f->batch_mem);
	grx_arena_free(f->row_mem);
	grx_arena_free(f->win.mem);
	grx_free(f->v);
	annotate_dbsrc_clear(&f->src);
}

const struct grx_contigs *annotate_feed_contigs(const struct annotate_feed *f)
{
	return f->vcf ? f->src.contigs : NULL;
}

int annotate_feed_start(struct grx_ctx *cx, struct annotate_feed *f, const struct grx_contigs *master,
	struct grx_fasta *fasta)
{
	const struct grx_contigs *d = annotate_feed_contigs(f);
	bool common = !d || d->n == 0;
	f->master = master;
	f->win.fasta = fasta;
	for (int32_t i = 0; d && i < d->n; i++) {
		int32_t k = grx_contigs_find_alias(master, d->c[i].name);
		common |= k >= 0;
		if (k >= 0 && d->c[i].len && master->c[k].len && d->c[i].len != master->c[k].len)
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s: another genome build: %s has %lld bases, expected %lld", f->src.sp.path,
				d->c[i].name, (long long)d->c[i].len, (long long)master->c[k].len);
	}
	return common ? GRX_OK
		      : grx_fail(cx, GRX_E_MISMATCH, "%s: no contig in common: found '%s', expected '%s'",
				f->src.sp.path, d->c[0].name, master->n ? master->c[0].name : "none");
}
