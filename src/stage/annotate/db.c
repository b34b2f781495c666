/* SPDX-License-Identifier: GPL-3.0-or-later
 * db.c -- join INFO fields of indexed VCFs by allele: `--db NAME=FILE:FIELD,FIELD` gives columns NAME_FIELD.
 * Both sides are trimmed and left-aligned before they are compared, so padding and repeats do not matter.
 * Columns are allele-wise (Number=A) whatever the database has, because each ALT may match another of its
 * records; several values for one allele are joined by '&'. No match leaves '.', and a record without any
 * match gets no column. Shards have no worker number, so each fetch takes any free handle. */
#include "stage/annotate/db.h"

#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "bio/allele.h"
#include "io/varsrc.h"

#define ALIGN_SPAN   1000  /* bp searched to the left for the leftmost place */
#define FETCH_PAD    250   /* bp around the alleles: a database may have them further right in a repeat */
#define CLUSTER_GAP  10000 /* bp between alleles that are fetched together */
#define CLUSTER_SPAN 500000

struct annotate_field {
	const char *key;    /* in the database */
	const char *column; /* NAME_KEY */
	uint8_t type;       /* of our column */
	uint8_t db_type;
	char number; /* 'A', 'R', '1' or '.' of the database */
};

struct annotate_db {
	char *text; /* the cut-up specification */
	const char *name, *path;
	int n_field;
	struct annotate_field *field;
	const char **keys; /* NULL-ended */
	char **columns;
	struct grx_vardb *h;
};

/* --- opening --- */

static int spec_parse(struct grx_ctx *cx, const char *spec, struct annotate_db *db)
{
	db->text = grx_strdup(spec);
	if (!db->text)
		return grx_fail_nomem(cx, "database");
	char *eq = strchr(db->text, '='), *colon = strrchr(db->text, ':');
	if (!eq || eq == db->text || !colon || colon < eq + 2 || !colon[1])
		return grx_fail(cx, GRX_E_USAGE, "--db '%s': expected NAME=FILE:FIELD,FIELD", spec);
	*eq = *colon = '\0';
	db->name = db->text;
	db->path = eq + 1;
	if (db->name[strspn(db->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.")])
		return grx_fail(
			cx, GRX_E_USAGE, "--db '%s': NAME may hold letters, digits, '_' and '.'", spec);
	db->n_field = 1;
	for (char *p = colon + 1; *p; p++)
		db->n_field += *p == ',';
	db->field = grx_calloc((size_t)db->n_field, sizeof *db->field);
	db->keys = grx_calloc((size_t)db->n_field + 1, sizeof *db->keys);
	db->columns = grx_calloc((size_t)db->n_field, sizeof *db->columns);
	if (!db->field || !db->keys || !db->columns)
		return grx_fail_nomem(cx, "database");
	char *p = colon + 1;
	for (int i = 0; i < db->n_field; i++) {
		db->keys[i] = p;
		p += strcspn(p, ",");
		if (*p)
			*p++ = '\0';
		struct grx_str s = {0};
		grx_str_addf(&s, "%s_%s", db->name, db->keys[i]);
		if (s.oom)
			return grx_fail_nomem(cx, "database");
		db->columns[i] = s.s;
		db->field[i].key = db->keys[i];
		db->field[i].column = s.s;
	}
	return GRX_OK;
}

static int fields_find(struct grx_ctx *cx, struct annotate_db *db)
{
	for (int i = 0; i < db->n_field; i++) {
		struct annotate_field *f = &db->field[i];
		const char *number;
		if (!grx_vardb_info(db->h, f->key, &number, &f->db_type))
			return grx_fail(cx, GRX_E_DATA,
				"%s: no INFO field '%s' in the header; --db %s asks for it", db->path, f->key,
				db->name);
		f->number = strchr("AR1", number[0]) ? number[0] : '.';
		f->type = f->db_type == GRX_T_FLAG ? GRX_T_INT : f->number == '.' ? GRX_T_STR : f->db_type;
	}
	return GRX_OK;
}

/* A database that shares no contig with the input would match nothing in silence. */
static int contigs_check(struct grx_ctx *cx, const struct annotate_db *db)
{
	struct grx_varsrc *s = NULL;
	struct grx_varsrc_opt o = {.path = db->path, .sites_only = true};
	int rc = grx_varsrc_open(cx, &o, &s);
	if (rc)
		return rc;
	const struct grx_contigs *d = grx_varsrc_contigs(s);
	bool common = d->n == 0 || cx->contigs->n == 0;
	for (int32_t i = 0; i < cx->contigs->n && !common; i++)
		common = grx_contigs_find_alias(d, grx_contig_name(cx->contigs, i)) >= 0;
	if (!common)
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: no contig in common with the input: found '%s', expected '%s'", db->path,
			grx_contig_name(d, 0), grx_contig_name(cx->contigs, 0));
	grx_varsrc_close(s);
	return rc;
}

int annotate_db_open(
	struct grx_ctx *cx, const struct annotate_state *st, const char *spec, struct annotate_db **out)
{
	int rc = GRX_E_BUG;
	struct annotate_db *db = grx_calloc(1, sizeof *db);
	(void)st;
	if (!db)
		GRX_TRY(grx_fail_nomem(cx, "database"));
	GRX_TRY(spec_parse(cx, spec, db));
	GRX_TRY(grx_network_check(cx, db->path));
	GRX_TRY(grx_vardb_open(cx, db->path, db->keys, cx->threads > 1 ? cx->threads : 1, &db->h));
	GRX_TRY(fields_find(cx, db));
	GRX_TRY(contigs_check(cx, db));
	*out = db;
	db = NULL;
	rc = GRX_OK;
out:
	annotate_db_close(db);
	return rc;
}

void annotate_db_close(struct annotate_db *db)
{
	if (!db)
		return;
	grx_vardb_close(db->h);
	for (int i = 0; db->columns && i < db->n_field; i++)
		grx_free(db->columns[i]);
	grx_free(db->columns);
	grx_free(db->keys);
	grx_free(db->field);
	grx_free(db->text);
	grx_free(db);
}

int annotate_db_declare(struct grx_ctx *cx, const struct annotate_db *db, struct grx_hdr *h)
{
	for (int i = 0; i < db->n_field; i++) {
		char desc[256];
		snprintf(desc, sizeof desc, "%s of %s, by allele", db->field[i].key, db->name);
		struct grx_hdr_line l = {.kind = GRX_HDR_INFO,
			.id = db->field[i].column,
			.number = "A",
			.type = db->field[i].type,
			.desc = desc};
		int rc = grx_hdr_declare(cx, h, &l);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

int annotate_db_field(const struct annotate_db *db, const char *column, const char *key)
{
	for (int i = 0; i < db->n_field; i++)
		if ((column && strcmp(column, db->field[i].column) == 0) ||
			(key && strcmp(key, db->field[i].key) == 0))
			return i;
	return -1;
}

const char *annotate_db_column(const struct annotate_db *db, int field)
{
	return db->field[field].column;
}

const char *annotate_db_source(const struct annotate_db *db)
{
	const char *slash = strrchr(db->path, '/');
	return slash ? slash + 1 : db->path;
}

const char *annotate_db_name(const struct annotate_db *db)
{
	return db->name;
}

/* --- matching --- */

struct want {
	size_t rec;
	int32_t alt; /* 0-based ALT number */
	struct grx_change c;
	uint64_t hash;
	struct want *next; /* in its bucket */
	bool matched;
};

struct wants {
	size_t n;
	struct want *v; /* in record order */
	size_t n_bucket;
	struct want **bucket;
	char ***text; /* [record][field * n_alt + alt]: strings to be joined */
};

static uint64_t change_hash(const struct grx_change *c)
{
	uint64_t h = (uint64_t)c->pos * UINT64_C(0x9E3779B97F4A7C15);
	h ^= grx_hash_mem(c->ref, (size_t)c->ref_len) * 3;
	return h ^ grx_hash_mem(c->alt, (size_t)c->alt_len) * 7;
}

static bool change_equal(const struct grx_change *a, const struct grx_change *b)
{
	return a->pos == b->pos && a->ref_len == b->ref_len && a->alt_len == b->alt_len &&
	       memcmp(a->ref, b->ref, (size_t)a->ref_len) == 0 &&
	       memcmp(a->alt, b->alt, (size_t)a->alt_len) == 0;
}

/* Minimal leftmost form; tid in the run's dictionary. False for alleles without a sequence. */
static int normalise(struct annotate_work *w, int32_t tid, const struct grx_var *v, int32_t k,
	struct grx_arena *mem, struct grx_change *c, bool *ok)
{
	const char *ref = v->allele[0], *alt = v->allele[k];
	*ok = grx_allele_is_seq(ref) && grx_allele_is_seq(alt);
	if (!*ok)
		return GRX_OK;
	*c = (struct grx_change){v->pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(c);
	if ((c->ref_len == 0) == (c->alt_len == 0) || !w->st->fasta_name[tid])
		return GRX_OK;
	char *buf = grx_arena_alloc(mem, (size_t)(c->ref_len > c->alt_len ? c->ref_len : c->alt_len) + 1, 1);
	if (!buf)
		return grx_fail_nomem(w->cx, "allele");
	int rc = annotate_window(w, tid, c->pos - ALIGN_SPAN, c->pos + c->ref_len + 1);
	if (rc)
		return rc;
	grx_change_left_align(c, w->win, w->win_beg, w->win_beg + w->win_n, buf);
	return GRX_OK;
}

static int wants_make(struct annotate_work *w, struct wants *ws)
{
	struct grx_vars *b = w->sh->vars;
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += (size_t)b->v[i].n_allele;
	ws->v = grx_arena_alloc(w->keep, n + 1, sizeof *ws->v);
	ws->n_bucket = 64;
	while (ws->n_bucket < 2 * n)
		ws->n_bucket *= 2;
	ws->bucket = grx_arena_alloc(w->keep, ws->n_bucket, sizeof(struct want *));
	ws->text = grx_arena_alloc(w->keep, b->n + 1, sizeof *ws->text);
	if (!ws->v || !ws->bucket || !ws->text)
		return grx_fail_nomem(w->cx, "alleles");
	for (size_t i = 0; i < b->n; i++)
		for (int32_t k = 1; k < b->v[i].n_allele && !grx_var_is_ref_block(&b->v[i]); k++) {
			struct want *x = &ws->v[ws->n];
			bool ok;
			int rc = normalise(w, b->v[i].tid, &b->v[i], k, w->keep, &x->c, &ok);
			if (rc)
				return rc;
			if (!ok)
				continue;
			x->rec = i;
			x->alt = k - 1;
			x->hash = change_hash(&x->c);
			ws->n++;
		}
	return GRX_OK;
}

/* Element i of a comma-separated list, as its own string. */
static char *element(struct grx_arena *mem, const char *s, int i)
{
	for (; i > 0 && s; i--) {
		s = strchr(s, ',');
		s = s ? s + 1 : NULL;
	}
	return s ? grx_arena_strndup(mem, s, strcspn(s, ",")) : NULL;
}

static char *joined(struct grx_arena *mem, const struct grx_field *f)
{
	struct grx_str s = {0};
	char num[32];
	for (int32_t i = 0; i < f->n; i++) {
		if (i)
			grx_str_addc(&s, '&');
		if (f->type == GRX_T_STR)
			grx_str_add(&s, f->v.s[i]);
		else if (f->type == GRX_T_INT && f->v.i[i] != GRX_INT_MISSING)
			grx_str_addf(&s, "%d", (int)f->v.i[i]);
		else if (f->type == GRX_T_FLOAT && !grx_float_is_missing(f->v.f[i]))
			grx_str_add(&s, grx_fmt_g(num, f->v.f[i], 7));
		else
			grx_str_addc(&s, '.');
		if (f->type == GRX_T_STR)
			break; /* one string holds the whole list */
	}
	for (char *p = s.s; p && *p; p++)
		if (*p == ',')
			*p = '&';
	char *r = s.n ? grx_arena_strndup(mem, s.s, s.n) : NULL;
	grx_str_clear(&s);
	return r;
}

/* Column of field j in record v with a value per ALT, all missing at first. */
static struct grx_field *column_get(
	struct annotate_work *w, struct grx_var *v, const struct annotate_field *f)
{
	struct grx_field *c = (struct grx_field *)(uintptr_t)grx_var_info(v, f->column);
	return c && !c->from_file ? c : grx_var_info_set(w->keep, v, f->column, f->type, v->n_allele - 1);
}

static int value_put(struct annotate_work *w, const struct annotate_field *f, const struct grx_field *from,
	int32_t k, const struct want *x, char **text)
{
	struct grx_var *v = &w->sh->vars->v[x->rec];
	int32_t i = f->number == 'A' ? k - 1 : f->number == 'R' ? k : 0;
	if (f->type == GRX_T_STR) {
		text[x->alt] = f->number == '.' ? joined(w->keep, from)
						: element(w->keep, from->v.s[0] ? from->v.s[0] : ".", i);
		return GRX_OK;
	}
	if (f->db_type != GRX_T_FLAG && i >= from->n)
		return GRX_OK;
	struct grx_field *c = column_get(w, v, f);
	if (!c)
		return grx_fail_nomem(w->cx, "column");
	if (f->type == GRX_T_FLOAT)
		c->v.f[x->alt] = from->v.f[i];
	else
		c->v.i[x->alt] = f->db_type == GRX_T_FLAG ? 1 : from->v.i[i];
	return GRX_OK;
}

static int match_put(struct annotate_work *w, const struct annotate_db *db, const struct grx_var *dv,
	int32_t k, struct want *x, struct wants *ws)
{
	int32_t n_alt = w->sh->vars->v[x->rec].n_allele - 1;
	if (!ws->text[x->rec])
		ws->text[x->rec] = grx_arena_calloc(
			w->keep, (size_t)(n_alt * db->n_field) + 1, sizeof(char *));
	if (!ws->text[x->rec])
		return grx_fail_nomem(w->cx, "column");
	x->matched = true;
	for (int j = 0; j < db->n_field; j++) {
		const struct grx_field *from = grx_var_info(dv, db->field[j].key);
		if (!from || (from->n == 0 && from->type != GRX_T_FLAG))
			continue;
		int rc = value_put(w, &db->field[j], from, k, x, ws->text[x->rec] + j * n_alt);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int db_record(struct annotate_work *w, const struct annotate_db *db, int32_t tid,
	const struct grx_var *dv, struct wants *ws)
{
	for (int32_t k = 1; k < dv->n_allele; k++) {
		struct grx_change c;
		bool ok;
		int rc = normalise(w, tid, dv, k, w->mem, &c, &ok);
		if (rc)
			return rc;
		if (!ok)
			continue;
		uint64_t h = change_hash(&c);
		for (struct want *x = ws->bucket[h & (ws->n_bucket - 1)]; x; x = x->next)
			if (x->hash == h && !x->matched && change_equal(&x->c, &c) &&
				(rc = match_put(w, db, dv, k, x, ws)))
				return rc;
	}
	return GRX_OK;
}

/* Alleles [a, b) lie close together: one fetch. */
static int cluster_join(struct annotate_work *w, struct annotate_db *db, struct wants *ws, size_t a, size_t b)
{
	struct grx_vars *found = NULL;
	int32_t tid = w->sh->vars->v[ws->v[a].rec].tid;
	int64_t lo = INT64_MAX, hi = 0;
	memset(ws->bucket, 0, ws->n_bucket * sizeof(struct want *));
	for (size_t i = b; i-- > a;) {
		struct want *x = &ws->v[i], **at = &ws->bucket[x->hash & (ws->n_bucket - 1)];
		x->next = *at;
		*at = x;
		lo = x->c.pos < lo ? x->c.pos : lo;
		hi = x->c.pos + x->c.ref_len > hi ? x->c.pos + x->c.ref_len : hi;
	}
	lo = lo > FETCH_PAD ? lo - FETCH_PAD : 0;
	int rc = grx_vardb_fetch(w->cx, db->h, GRX_VARDB_ANY, grx_contig_name(w->cx->contigs, tid), lo,
		hi + FETCH_PAD, w->mem, &found);
	for (size_t i = 0; !rc && i < found->n; i++)
		rc = db_record(w, db, tid, &found->v[i], ws);
	grx_vars_release(found);
	grx_arena_reset(w->mem);
	return rc;
}

/* Lists of strings become one column: values by ALT, '.' where nothing matched. */
static int texts_write(struct annotate_work *w, const struct annotate_db *db, struct wants *ws)
{
	struct grx_str s = {0};
	int rc = GRX_OK;
	for (size_t i = 0; i < w->sh->vars->n && !rc; i++) {
		struct grx_var *v = &w->sh->vars->v[i];
		int32_t n_alt = v->n_allele - 1;
		for (int j = 0; ws->text[i] && j < db->n_field && !rc; j++) {
			char **t = ws->text[i] + j * n_alt;
			bool any = false;
			grx_str_reset(&s);
			for (int32_t k = 0; k < n_alt; k++) {
				if (k)
					grx_str_addc(&s, ',');
				grx_str_add(&s, t[k] && *t[k] ? t[k] : ".");
				any |= t[k] != NULL;
			}
			if (!any)
				continue;
			struct grx_field *f = grx_var_info_set(w->keep, v, db->field[j].column, GRX_T_STR, 1);
			if (s.oom || !f || !(f->v.s[0] = grx_arena_strdup(w->keep, s.s)))
				rc = grx_fail_nomem(w->cx, "column");
		}
	}
	grx_str_clear(&s);
	return rc;
}

static int db_join(struct annotate_work *w, struct annotate_db *db, int64_t *n_match, struct wants *ws)
{
	int rc = GRX_OK;
	const struct grx_var *v = w->sh->vars->v;
	memset(ws->text, 0, w->sh->vars->n * sizeof *ws->text);
	for (size_t i = 0; i < ws->n; i++)
		ws->v[i].matched = false;
	for (size_t a = 0, b; a < ws->n && !rc; a = b) {
		for (b = a + 1; b < ws->n; b++)
			if (v[ws->v[b].rec].tid != v[ws->v[a].rec].tid ||
				v[ws->v[b].rec].pos > v[ws->v[b - 1].rec].pos + CLUSTER_GAP ||
				v[ws->v[b].rec].pos > v[ws->v[a].rec].pos + CLUSTER_SPAN)
				break;
		rc = cluster_join(w, db, ws, a, b);
	}
	for (size_t i = 0; i < ws->n; i++)
		*n_match += ws->v[i].matched;
	return rc ? rc : texts_write(w, db, ws);
}

int annotate_db_join(struct annotate_work *w)
{
	struct wants ws = {0};
	if (!w->st->n_db)
		return GRX_OK;
	int rc = wants_make(w, &ws);
	for (int i = 0; i < w->st->n_db && !rc; i++)
		rc = db_join(w, w->st->db[i], &w->part->n_db_match[i], &ws);
	return rc;
}
