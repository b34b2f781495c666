/* SPDX-License-Identifier: GPL-3.0-or-later
 * db.c -- the databases of a run: opened, compared with the input, declared, counted.
 * A database of another genome build would match by chance and say wrong things with confidence, so contig
 * names, lengths and reference bases are compared before and while it is joined. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/log.h"
#include "stage/annotate/db_block.h"
#include "stage/annotate/db_join.h"

#define DIFFER_MIN  10 /* REF disagreements: more than these and this fraction is another build */
#define DIFFER_FRAC 0.01
#define HASH_MAX    ((off_t)64 << 20) /* bytes that are read just to name the file by its hash */

/* --- the same genome? --- */

static int length_check(
	struct grx_ctx *cx, const char *path, const struct grx_contig *mine, const struct grx_contig *db)
{
	if (!mine->len || !db->len || mine->len == db->len)
		return GRX_OK;
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: another genome build: %s has %lld bases there, %s of the input has %lld: give the "
		"database "
		"of the input's build",
		path, db->name, (long long)db->len, mine->name, (long long)mine->len);
}

/* Contigs by alias. A database that shares none with the input would match nothing in silence. */
static int contigs_map(struct grx_ctx *cx, struct annotate_db *db)
{
	const struct grx_contigs *d = db->src.contigs;
	int32_t common = 0, rc = GRX_OK;
	db->tid = grx_calloc((size_t)cx->contigs->n + 1, sizeof *db->tid);
	if (!db->tid)
		return grx_fail_nomem(cx, "database");
	for (int32_t i = 0; i < cx->contigs->n && !rc; i++) {
		db->tid[i] = grx_contigs_find_alias(d, grx_contig_name(cx->contigs, i));
		if (db->tid[i] < 0)
			continue;
		common++;
		rc = length_check(cx, db->src.sp.path, &cx->contigs->c[i], &d->c[db->tid[i]]);
	}
	if (rc || common || !d->n || !cx->contigs->n)
		return rc;
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: no contig in common with the input: found '%s', expected '%s': rename the contigs of "
		"one "
		"(bcftools annotate --rename-chrs)",
		db->src.sp.path, grx_contig_name(d, 0), grx_contig_name(cx->contigs, 0));
}

static const char *type_name(uint8_t type)
{
	static const char *const name[] = {"Flag", "Integer", "Float", "String"};
	return name[type <= GRX_T_STR ? type : GRX_T_STR];
}

/* Columns that the input has already: the same type is replaced, another one is refused. */
static int clashes_check(struct grx_ctx *cx, struct annotate_db *db)
{
	for (int j = 0; j < db->src.sp.n_field; j++) {
		struct annotate_dbfield *f = &db->src.sp.field[j];
		uint8_t type;
		if (!cx->hdr || !grx_hdr_raw_info(cx->hdr, f->column, &type))
			continue;
		if (type != f->type)
			return grx_fail(cx, GRX_E_DATA,
				"--db %s: the input has a column INFO/%s of type %s, the database gives %s: "
				"name the "
				"new one otherwise (NEW:=%s) or remove the old one first (bcftools annotate "
				"-x "
				"INFO/%s)",
				db->src.sp.name, f->column, type_name(type), type_name(f->type), f->key,
				f->column);
		f->in_input = true;
		grx_warn(cx, "INFO/%s of the input is replaced by --db %s", f->column, db->src.sp.name);
	}
	return GRX_OK;
}

/* --- where it comes from --- */

static void source_add(struct grx_str *s, const char *label, const char *text)
{
	if (text && *text)
		grx_str_addf(s, "%s%s%s", s->n ? " " : "", label, text);
}

static void built_source(const struct annotate_gxd *g, struct grx_str *s)
{
	json_t *list = json_object_get(g->meta, "sources"), *o;
	size_t i;
	json_array_foreach(list, i, o)
	{
		const char *sha = json_string_value(json_object_get(o, "sha256"));
		grx_str_add(s, i ? "; " : " (");
		grx_str_addf(s, "%s", json_string_value(json_object_get(o, "file")));
		source_add(s, "", json_string_value(json_object_get(o, "version")));
		if (sha)
			grx_str_addf(s, " sha256:%.12s", sha);
	}
	if (i)
		grx_str_addc(s, ')');
}

static int source_text(struct grx_ctx *cx, struct annotate_db *db)
{
	const char *path = db->src.sp.path, *slash = strrchr(path, '/');
	struct grx_str s = {0};
	struct stat st;
	char hex[65];
	int rc = GRX_OK;
	grx_str_add(&s, slash ? slash + 1 : path);
	if (db->src.kind == DB_VCF) {
		source_add(&s, "", grx_vardb_meta(db->src.vcf, "source"));
		source_add(&s, "", grx_vardb_meta(db->src.vcf, "fileDate"));
	}
	if (db->src.kind == DB_BUILT) {
		built_source(db->src.gxd, &s);
	} else if (stat(path, &st) == 0 && st.st_size <= HASH_MAX) {
		rc = grx_sha_file(cx, path, hex);
		if (!rc)
			grx_str_addf(&s, " sha256:%.12s", hex);
	} else {
		grx_str_addf(&s, " %lld bytes", (long long)st.st_size);
	}
	if (!rc && s.oom)
		rc = grx_fail_nomem(cx, "database");
	else if (!rc)
		snprintf(db->source, sizeof db->source, "%s", s.s);
	grx_str_clear(&s);
	return rc;
}

/* --- opening --- */

int annotate_db_open(
	struct grx_ctx *cx, const struct annotate_state *st, const char *spec, struct annotate_db **out)
{
	int rc = GRX_E_BUG;
	struct annotate_db *db = grx_calloc(1, sizeof *db);
	*out = NULL;
	if (!db)
		GRX_TRY(grx_fail_nomem(cx, "database"));
	GRX_TRY(annotate_dbsrc_open(cx, spec, &st->opt.db_key, &db->src));
	GRX_TRY(contigs_map(cx, db));
	GRX_TRY(clashes_check(cx, db));
	GRX_TRY(source_text(cx, db));
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
	annotate_dbsrc_clear(&db->src);
	grx_free(db->tid);
	grx_free(db);
}

int annotate_db_declare(struct grx_ctx *cx, const struct annotate_db *db, struct grx_hdr *h)
{
	for (int i = 0; i < db->src.sp.n_field; i++) {
		const struct annotate_dbfield *f = &db->src.sp.field[i];
		char desc[512];
		if (f->desc)
			snprintf(desc, sizeof desc, "%s", f->desc);
		else
			snprintf(desc, sizeof desc, "%s of %s, by %s", f->key, db->src.sp.name,
				db->src.intervals ? "overlap" : "allele");
		struct grx_hdr_line l = {
			.kind = GRX_HDR_INFO, .id = f->column, .number = "A", .type = f->type, .desc = desc};
		for (size_t k = 0; k < h->n_line; k++)
			if (h->line[k].kind == GRX_HDR_INFO && strcmp(h->line[k].id, f->column) == 0)
				return grx_fail(cx, GRX_E_USAGE,
					"--db %s: column %s comes from another --db already: name it "
					"otherwise "
					"(NEW:=%s)",
					db->src.sp.name, f->column, f->key);
		int rc = grx_hdr_declare(cx, h, &l);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

int annotate_db_field(const struct annotate_db *db, const char *column, const char *key)
{
	const struct annotate_dbspec *sp = &db->src.sp;
	for (int i = 0; i < sp->n_field; i++)
		if ((column && strcmp(column, sp->field[i].column) == 0) ||
			(key && strcmp(key, sp->field[i].key) == 0))
			return i;
	return -1;
}

int annotate_db_replaced(const struct annotate_db *db, const char **list)
{
	int n = 0;
	for (int i = 0; i < db->src.sp.n_field; i++)
		if (db->src.sp.field[i].in_input)
			list[n++] = db->src.sp.field[i].column;
	return n;
}

const char *annotate_db_column(const struct annotate_db *db, int field)
{
	return db->src.sp.field[field].column;
}

const char *annotate_db_name(const struct annotate_db *db)
{
	return db->src.sp.name;
}

int annotate_db_n_field(const struct annotate_db *db)
{
	return db->src.sp.n_field;
}

const char *annotate_db_source(const struct annotate_db *db)
{
	return db->source;
}

/* --- counts --- */

static int differ_fail(struct grx_ctx *cx, const struct annotate_db *db, const struct annotate_db_count *c)
{
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: REF disagrees with the input at %lld of %lld common places; expected fewer than 1 %%: "
		"give the "
		"database of the input's build",
		db->src.sp.path, (long long)c->n_ref_differ, (long long)(c->n_ref_differ + c->n_ref_same));
}

static bool differs(const struct annotate_db_count *c)
{
	return c->n_ref_differ > DIFFER_MIN &&
	       (double)c->n_ref_differ > DIFFER_FRAC * (double)(c->n_ref_differ + c->n_ref_same);
}

int annotate_db_merge(struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part)
{
	for (int i = 0; i < st->n_db && part->db_count; i++) {
		struct annotate_db_count *t = &st->total.db_count[i];
		const struct annotate_db_count *p = &part->db_count[i];
		t->n_match += p->n_match;
		t->n_again += p->n_again;
		t->n_replaced += p->n_replaced;
		t->n_ref_same += p->n_ref_same;
		t->n_ref_differ += p->n_ref_differ;
		/* a wholly wrong database is not worth reading to the end */
		if (t->n_ref_differ > 1000 && t->n_ref_differ > t->n_ref_same)
			return differ_fail(cx, st->db[i], t);
	}
	return GRX_OK;
}

static int summary_one(json_t *to, const struct annotate_db *db, const struct annotate_db_count *t)
{
	json_t *o = json_pack("{s:s,s:I,s:I,s:I,s:I}", "source", db->source, "alleles_matched",
		(json_int_t)t->n_match, "further_rows_of_a_matched_allele", (json_int_t)t->n_again,
		"records_with_replaced_column", (json_int_t)t->n_replaced, "ref_mismatch",
		(json_int_t)t->n_ref_differ);
	return !o || json_object_set_new(to, db->src.sp.name, o) ? GRX_E_NOMEM : GRX_OK;
}

int annotate_db_finish(struct grx_ctx *cx, const struct annotate_state *st, struct json_t *summary)
{
	json_t *dbs = json_object();
	if (!dbs || json_object_set_new(summary, "databases", dbs))
		return grx_fail_nomem(cx, "summary");
	for (int i = 0; i < st->n_db; i++) {
		const struct annotate_db_count *t = &st->total.db_count[i];
		if (differs(t))
			return differ_fail(cx, st->db[i], t);
		if (t->n_ref_differ)
			grx_warn(cx, "%s: REF disagrees with the input at %lld places",
				st->db[i]->src.sp.path, (long long)t->n_ref_differ);
		if (summary_one(dbs, st->db[i], t))
			return grx_fail_nomem(cx, "summary");
	}
	return GRX_OK;
}
