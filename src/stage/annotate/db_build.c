/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_build.c -- --build-db: sources merged by allele into blocks, compressed in any thread, written in order;
 * then the header, the index and the end. Nothing in the file depends on the time or the number of threads.
 */
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/out.h"
#include "base/par.h"
#include "stage/annotate/db_block.h"
#include "stage/annotate/db_feed.h"

enum { TEXT_MAX = 16 << 20, SOURCES_MAX = 64 };

struct slot {
	struct grx_arena *mem;
	struct annotate_dbrows rows;
	struct grx_str bytes;
	struct annotate_dbentry e;
};

struct build {
	int n_feed, n_field;
	struct annotate_feed *feed;
	uint8_t *type;
	struct grx_fasta *fasta;
	const struct grx_contigs *master;
	struct slot *slot;
	int n_slot;
	struct grx_out *out;
	uint64_t off, n_row;
	struct annotate_dbentry *index;
	size_t n_block, cap_block;
};

/* --- rows of a block --- */

/* The least allele that any source offers. */
static int least(struct grx_ctx *cx, struct build *b, int32_t *rank, struct annotate_dbkey *key, bool *some)
{
	*some = false;
	for (int i = 0; i < b->n_feed; i++) {
		struct annotate_feed *f = &b->feed[i];
		const struct annotate_feedrow *r;
		int rc = annotate_feed_peek(cx, f, &r);
		if (rc)
			return rc;
		if (!r || (*some && (f->rank > *rank ||
					    (f->rank == *rank && annotate_dbkey_cmp(&r->k, key) >= 0))))
			continue;
		*some = true;
		*rank = f->rank;
		*key = r->k;
	}
	return GRX_OK;
}

static bool own(struct grx_arena *mem, const char **s, size_t n)
{
	return (*s = grx_arena_strndup(mem, *s, n)) != NULL;
}

/* Take the allele from every source that has it, and what repeats it there. */
static int row_fill(struct grx_ctx *cx, struct build *b, int32_t rank, struct slot *s, size_t *text)
{
	struct annotate_dbkey key = s->rows.key[s->rows.n];
	struct annotate_dbval *val = s->rows.val + s->rows.n * (size_t)b->n_field;
	memset(val, 0, (size_t)b->n_field * sizeof *val);
	for (int i = 0; i < b->n_feed; val += b->feed[i++].src.sp.n_field) {
		struct annotate_feed *f = &b->feed[i];
		const struct annotate_feedrow *r;
		for (bool first = true;; first = false) {
			int rc = annotate_feed_peek(cx, f, &r);
			if (rc)
				return rc;
			if (!r || f->rank != rank || annotate_dbkey_cmp(&r->k, &key) != 0)
				break;
			for (int j = 0; j < f->src.sp.n_field && first; j++) {
				val[j] = r->val[j];
				if (val[j].kind != DB_STR)
					continue;
				*text += (size_t)val[j].n;
				if (!own(s->mem, &val[j].v.s, (size_t)val[j].n))
					return grx_fail_nomem(cx, "alleles");
			}
			f->n_allele += first;
			if (!first && f->n_again++ == 0)
				snprintf(f->again, sizeof f->again, "%s:%lld",
					grx_contig_name(b->master, rank), (long long)key.pos + 1);
			annotate_feed_take(f);
		}
	}
	return GRX_OK;
}

static int build_next(void *state, struct grx_ctx *cx, uint64_t n, int slot, bool *done)
{
	struct build *b = state;
	struct slot *s = &b->slot[slot];
	size_t cap = 0, text = 0;
	(void)n;
	grx_arena_reset(s->mem);
	s->rows = (struct annotate_dbrows){.n_field = b->n_field, .type = b->type};
	for (;;) {
		int32_t rank = 0;
		struct annotate_dbkey key = {0};
		bool some, full = s->rows.n >= DB_BLOCK_ROWS || text > TEXT_MAX;
		int rc = least(cx, b, &rank, &key, &some);
		if (rc)
			return rc;
		if (!some || (s->rows.n && (rank != s->e.tid || (full && key.pos != s->e.last))) ||
			s->rows.n == DB_BLOCK_MAX_ROWS - 1)
			break;
		if (s->rows.n == cap) {
			size_t more = cap ? cap * 2 : DB_BLOCK_ROWS;
			s->rows.key = grx_arena_grow(s->mem, s->rows.key, cap, more, sizeof *s->rows.key);
			s->rows.val = grx_arena_grow(s->mem, s->rows.val, cap * (size_t)b->n_field,
				more * (size_t)b->n_field, sizeof *s->rows.val);
			cap = more;
		}
		if (!s->rows.key || !s->rows.val || !own(s->mem, &key.ref, (size_t)key.ref_len) ||
			!own(s->mem, &key.alt, (size_t)key.alt_len))
			return grx_fail_nomem(cx, "alleles");
		s->rows.key[s->rows.n] = key;
		if (s->rows.n == 0)
			s->e = (struct annotate_dbentry){.tid = rank, .first = key.pos};
		s->e.last = key.pos;
		rc = row_fill(cx, b, rank, s, &text);
		if (rc)
			return rc;
		s->rows.n++;
	}
	*done = s->rows.n == 0;
	return GRX_OK;
}

static int build_map(void *state, struct grx_ctx *cx, uint64_t n, int slot, int thread)
{
	struct slot *s = &((struct build *)state)->slot[slot];
	(void)n;
	(void)thread;
	grx_str_reset(&s->bytes);
	return annotate_dbblock_pack(cx, &s->rows, s->mem, &s->bytes, &s->e.dir_crc);
}

static int build_merge(void *state, struct grx_ctx *cx, uint64_t n, int slot)
{
	struct build *b = state;
	struct slot *s = &b->slot[slot];
	(void)n;
	if (grx_grow(&b->index, &b->cap_block, b->n_block + 1, sizeof *b->index, 0))
		return grx_fail_nomem(cx, "index");
	s->e.n_row = (uint32_t)s->rows.n;
	s->e.off = b->off;
	s->e.len = (uint32_t)s->bytes.n;
	b->index[b->n_block++] = s->e;
	grx_out_write(b->out, s->bytes.s, s->bytes.n);
	b->off += s->bytes.n;
	b->n_row += s->rows.n;
	return GRX_OK;
}

/* --- header and end --- */

static json_t *meta_fields(const struct build *b)
{
	static const char *const type[] = {"Flag", "Integer", "Float", "String"};
	json_t *list = json_array();
	for (int i = 0; i < b->n_feed; i++)
		for (int j = 0; j < b->feed[i].src.sp.n_field && list; j++) {
			const struct annotate_dbfield *f = &b->feed[i].src.sp.field[j];
			char desc[400];
			snprintf(desc, sizeof desc, "%s%s%s of %s, by allele", f->desc ? f->desc : "",
				f->desc ? "; " : "", f->key, b->feed[i].src.sp.name);
			for (char *p = desc; *p; p++)
				*p = (unsigned char)*p < ' ' || (unsigned char)*p > '~' ? '?' : *p;
			json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i}", "name", f->column, "key", f->key,
				"type", type[f->type], "number", "A", "description", desc, "source", i);
			if (!o || json_array_append_new(list, o)) {
				json_decref(list);
				list = NULL;
			}
		}
	return list;
}

static json_t *meta_contigs(const struct build *b)
{
	json_t *list = json_array();
	for (int32_t i = 0; i < b->master->n && list; i++) {
		json_t *o = json_pack(
			"{s:s,s:I}", "name", b->master->c[i].name, "length", (json_int_t)b->master->c[i].len);
		if (!o || json_array_append_new(list, o)) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *counts_of(const struct annotate_feed *f)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I}", "alleles", (json_int_t)f->n_allele, "repeated_alleles",
		(json_int_t)f->n_again, "alleles_without_sequence", (json_int_t)f->n_no_sequence,
		"records_on_other_contigs", (json_int_t)f->n_other_contig, "records_with_ref_mismatch",
		(json_int_t)f->n_ref_differ);
}

static int source_meta(struct grx_ctx *cx, const struct annotate_feed *f, json_t *list)
{
	const char *path = f->src.sp.path, *slash = strrchr(path, '/');
	const char *date = f->vcf ? grx_varsrc_meta(f->vcf, "fileDate") : NULL;
	char hex[65];
	int rc = grx_sha_file(cx, path, hex);
	if (rc)
		return rc;
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:o}", "name", f->src.sp.name, "file",
		slash ? slash + 1 : path, "sha256", hex, "version", date ? date : "", "counts", counts_of(f));
	return !o || json_array_append_new(list, o) ? grx_fail_nomem(cx, "database header") : GRX_OK;
}

static int meta_text(struct grx_ctx *cx, const struct build *b, char **text)
{
	json_t *sources = json_array(), *meta = NULL;
	int rc = sources ? GRX_OK : grx_fail_nomem(cx, "database header");
	for (int i = 0; i < b->n_feed && !rc; i++)
		rc = source_meta(cx, &b->feed[i], sources);
	if (!rc)
		meta = json_pack("{s:s,s:i,s:b,s:o,s:o,s:O}", "format", "genorx allele database", "version",
			1, "left_aligned", b->fasta != NULL, "contigs", meta_contigs(b), "fields",
			meta_fields(b), "sources", sources);
	*text = meta ? json_dumps(meta, JSON_COMPACT) : NULL;
	json_decref(meta);
	json_decref(sources);
	return rc || *text ? rc : grx_fail_nomem(cx, "database header");
}

static int end_write(struct grx_ctx *cx, struct build *b)
{
	char *text = NULL;
	int rc = meta_text(cx, b, &text);
	if (rc)
		return rc;
	size_t bytes = b->n_block * sizeof *b->index, len = strlen(text);
	struct annotate_dbtail t = {.magic = {0},
		.index_off = b->off,
		.n_block = b->n_block,
		.meta_off = b->off + bytes,
		.meta_len = len,
		.n_row = b->n_row,
		.order = 0x01020304,
		.version = 1};
	memcpy(t.magic, DB_MAGIC, 8);
	t.size = t.meta_off + len + sizeof t;
	t.index_crc = (uint32_t)crc32_z(0, (const Bytef *)b->index, bytes);
	t.meta_crc = (uint32_t)crc32_z(0, (const Bytef *)text, len);
	t.crc = (uint32_t)crc32(0, (const Bytef *)&t, offsetof(struct annotate_dbtail, crc));
	grx_out_write(b->out, b->index, bytes);
	grx_out_write(b->out, text, len);
	grx_out_write(b->out, &t, sizeof t);
	free(text);
	return GRX_OK;
}

/* --- the job --- */

static int feeds_open(struct grx_ctx *cx, const struct annotate_opt *o, struct build *b)
{
	b->feed = grx_calloc((size_t)o->db.n, sizeof *b->feed);
	int bad = b->feed ? annotate_db_names_check(cx, &o->db, &o->db_key) : grx_fail_nomem(cx, "databases");
	if (bad)
		return bad;
	for (int i = 0; i < o->db.n; i++) {
		b->n_feed++;
		int rc = annotate_feed_open(cx, o->db.v[i], &o->db_key, &b->feed[i]);
		if (rc)
			return rc;
		b->n_field += b->feed[i].src.sp.n_field;
	}
	return b->n_field <= DB_MAX_FIELDS ? GRX_OK
					   : grx_fail(cx, GRX_E_USAGE, "--build-db: %d fields, at most %d",
						     b->n_field, DB_MAX_FIELDS);
}

static int columns_unique(struct grx_ctx *cx, const struct build *b)
{
	for (int i = 0; i < b->n_feed; i++)
		for (int k = 0; k < i; k++)
			for (int j = 0; j < b->feed[i].src.sp.n_field; j++)
				for (int l = 0; l < b->feed[k].src.sp.n_field; l++)
					if (strcmp(b->feed[i].src.sp.field[j].column,
						    b->feed[k].src.sp.field[l].column) == 0)
						return grx_fail(cx, GRX_E_USAGE,
							"--build-db: two columns %s: name one otherwise "
							"(NEW:=FIELD)",
							b->feed[i].src.sp.field[j].column);
	return GRX_OK;
}

static int feeds_start(struct grx_ctx *cx, struct build *b)
{
	int rc = columns_unique(cx, b), at = 0;
	if (b->fasta)
		b->master = grx_fasta_contigs(b->fasta);
	for (int i = 0; i < b->n_feed && !b->master; i++)
		b->master = annotate_feed_contigs(&b->feed[i]);
	if (!rc && (!b->master || b->master->n == 0))
		return grx_fail(cx, GRX_E_USAGE,
			"--build-db: no source declares its contigs: give the reference by -f/--fasta");
	b->type = grx_calloc((size_t)b->n_field, 1);
	if (!b->type)
		return grx_fail_nomem(cx, "databases");
	for (int i = 0; i < b->n_feed && !rc; i++) {
		rc = annotate_feed_start(cx, &b->feed[i], b->master, b->fasta);
		for (int j = 0; j < b->feed[i].src.sp.n_field; j++)
			b->type[at++] = b->feed[i].src.sp.field[j].type;
	}
	return rc;
}

static int slots_make(struct grx_ctx *cx, struct build *b)
{
	b->n_slot = grx_par_slots(cx->threads);
	b->slot = grx_calloc((size_t)b->n_slot, sizeof *b->slot);
	for (int i = 0; b->slot && i < b->n_slot; i++)
		if (!(b->slot[i].mem = grx_arena_new()))
			return grx_fail_nomem(cx, "blocks");
	return b->slot ? GRX_OK : grx_fail_nomem(cx, "blocks");
}

static int feeds_tell(struct grx_ctx *cx, const struct build *b, json_t *summary)
{
	for (int i = 0; i < b->n_feed; i++) {
		const struct annotate_feed *f = &b->feed[i];
		const char *path = f->src.sp.path;
		if (f->n_ref_differ > 10 && (double)f->n_ref_differ > 0.001 * (double)f->n_record)
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s: REF is not what the FASTA has in %lld of %lld records; expected fewer "
				"than 0.1 "
				"%%: give the reference of the same build",
				path, (long long)f->n_ref_differ, (long long)f->n_record);
		if (f->n_allele == 0)
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s: no allele on the contigs of the reference (%lld records elsewhere)",
				path, (long long)f->n_other_contig);
		if (f->n_ref_differ)
			grx_warn(cx, "%s: %lld records left out: REF is not what the FASTA has", path,
				(long long)f->n_ref_differ);
		if (f->n_again)
			grx_warn(cx, "%s: %lld rows repeat an allele (first at %s): the first stands", path,
				(long long)f->n_again, f->again);
		if (json_object_set_new(summary, f->src.sp.name, counts_of(f)))
			return grx_fail_nomem(cx, "summary");
	}
	return GRX_OK;
}

static void build_clear(struct build *b)
{
	for (int i = 0; i < b->n_feed; i++)
		annotate_feed_close(&b->feed[i]);
	for (int i = 0; b->slot && i < b->n_slot; i++) {
		grx_arena_free(b->slot[i].mem);
		grx_str_clear(&b->slot[i].bytes);
	}
	grx_free(b->feed);
	grx_free(b->slot);
	grx_free(b->type);
	grx_free(b->index);
	grx_fasta_close(b->fasta);
}

static int output_check(struct grx_ctx *cx, const struct annotate_opt *o, const struct grx_tool_io *io)
{
	if (io->n_input || !o->db.n || o->db.n > SOURCES_MAX)
		return grx_fail(cx, GRX_E_USAGE,
			"--build-db needs 1 to %d sources by --db NAME=FILE:FIELD,FIELD and no other input",
			SOURCES_MAX);
	return io->output && strcmp(io->output, "-") != 0
		       ? GRX_OK
		       : grx_fail(cx, GRX_E_USAGE, "--build-db needs a file to write: give -o FILE.gxd");
}

int annotate_db_tool(const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io)
{
	int rc = GRX_E_BUG;
	struct build b = {.off = 8};
	const struct grx_par_ops ops = {&b, build_next, build_map, build_merge};
	GRX_TRY(output_check(cx, o, io));
	GRX_TRY(feeds_open(cx, o, &b));
	for (int i = 0; i < b.n_feed; i++)
		GRX_TRY(grx_same_file_check(cx, b.feed[i].src.sp.path, io->output));
	if (io->fasta)
		GRX_TRY(grx_fasta_open(cx, io->fasta, &b.fasta));
	else
		grx_warn(cx, "without -f/--fasta indels are kept as written, not left-aligned");
	GRX_TRY(feeds_start(cx, &b));
	GRX_TRY(slots_make(cx, &b));
	GRX_TRY(grx_out_open(cx, io->output, &b.out));
	grx_out_write(b.out, DB_MAGIC, 8);
	GRX_TRY(grx_par_ordered(cx, cx->threads, &ops));
	GRX_TRY(feeds_tell(cx, &b, io->summary));
	GRX_TRY(end_write(cx, &b));
	struct grx_out *out = b.out;
	b.out = NULL;
	GRX_TRY(grx_out_close(cx, out));
	grx_info(
		cx, "%llu alleles, %d fields, %zu blocks", (unsigned long long)b.n_row, b.n_field, b.n_block);
	rc = GRX_OK;
out:
	if (b.out && grx_out_close(cx, b.out) != GRX_OK && rc == GRX_OK)
		rc = GRX_E_IO;
	build_clear(&b);
	return rc;
}
