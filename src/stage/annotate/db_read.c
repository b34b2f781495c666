/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_read.c -- a built database: mapped, its end, header and index of blocks checked before anything else is
 * used. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/out.h"
#include "stage/annotate/db_block.h"

_Static_assert(sizeof(struct annotate_dbentry) == 40, "index of a built database");
_Static_assert(sizeof(struct annotate_dbtail) == 80, "end of a built database");

enum { META_MAX = 64 << 20 };

static int damaged(struct grx_ctx *cx, const char *path, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: damaged or truncated database: %s: make it again by `genorx annotate --build-db`", path,
		what);
}

int annotate_gxd_sniff(struct grx_ctx *cx, const char *path, bool *yes)
{
	char b[8];
	*yes = false;
	int rc = grx_network_check(cx, path), fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (rc || fd < 0)
		return rc ? rc
			  : grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
	*yes = pread(fd, b, sizeof b, 0) == sizeof b && memcmp(b, DB_MAGIC, sizeof b) == 0;
	close(fd);
	return GRX_OK;
}

static int map_file(struct grx_ctx *cx, struct annotate_gxd *g)
{
	struct stat st;
	int fd = open(g->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		int err = errno;
		if (fd >= 0)
			close(fd);
		return grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", g->path, strerror(err));
	}
	bool ok = S_ISREG(st.st_mode) && st.st_size >= (off_t)(8 + sizeof(struct annotate_dbtail));
	g->size = ok ? (size_t)st.st_size : 0;
	void *p = ok ? mmap(NULL, g->size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	close(fd);
	if (!ok)
		return damaged(cx, g->path, "too short");
	if (p == MAP_FAILED)
		return grx_fail(cx, GRX_E_IO, "%s: cannot be mapped: %s", g->path, strerror(errno));
	g->map = p;
	return GRX_OK;
}

static int tail_read(struct grx_ctx *cx, const struct annotate_gxd *g, struct annotate_dbtail *t)
{
	uint64_t end = g->size - sizeof *t;
	memcpy(t, g->map + end, sizeof *t);
	if (memcmp(g->map, DB_MAGIC, 8) != 0)
		return grx_fail(cx, GRX_E_DATA, "%s: not a database of --build-db", g->path);
	if (memcmp(t->magic, DB_MAGIC, 8) != 0 || t->size != g->size)
		return damaged(cx, g->path, "its end is missing");
	if ((uint32_t)crc32(0, (const Bytef *)t, offsetof(struct annotate_dbtail, crc)) != t->crc)
		return damaged(cx, g->path, "checksum of its end");
	if (t->order != 0x01020304)
		return damaged(cx, g->path, "written on a machine of another byte order");
	if (t->version != 1)
		return grx_fail(cx, GRX_E_DATA,
			"%s: database version %u, this program reads 1: build it again", g->path, t->version);
	if (t->index_off < 8 || t->index_off > end || t->n_block > (end - t->index_off) / 40 ||
		t->meta_off != t->index_off + t->n_block * 40 || t->meta_len != end - t->meta_off ||
		t->meta_len > META_MAX)
		return damaged(cx, g->path, "parts that overlap");
	return GRX_OK;
}

static int index_read(struct grx_ctx *cx, struct annotate_gxd *g, const struct annotate_dbtail *t)
{
	const uint8_t *p = g->map + t->index_off;
	uint64_t off = 8, rows = 0;
	size_t bytes = (size_t)t->n_block * 40;
	g->n_block = (size_t)t->n_block;
	g->block = grx_malloc(g->n_block + 1, sizeof *g->block);
	if (!g->block)
		return grx_fail_nomem(cx, "database");
	if ((uint32_t)crc32_z(0, p, bytes) != t->index_crc)
		return damaged(cx, g->path, "checksum of the index");
	memcpy(g->block, p, bytes);
	for (size_t i = 0; i < g->n_block; i++) {
		const struct annotate_dbentry *b = &g->block[i], *a = i ? b - 1 : NULL;
		if (b->off != off || b->len > t->index_off - off || b->n_row < 1 ||
			b->n_row > DB_BLOCK_MAX_ROWS || b->first < 0 || b->last < b->first || b->tid < 0 ||
			b->tid >= g->contigs->n)
			return damaged(cx, g->path, "an entry of the index");
		if (a && (b->tid < a->tid || (b->tid == a->tid && b->first < a->last)))
			return damaged(cx, g->path, "blocks out of order");
		off += b->len;
		rows += b->n_row;
	}
	if (off != t->index_off || rows != t->n_row)
		return damaged(cx, g->path, "blocks that the index does not know");
	g->n_row = (int64_t)rows;
	return GRX_OK;
}

static bool name_ok(const char *s)
{
	return s && *s &&
	       s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.")] == '\0' &&
	       !strchr(".0123456789", *s);
}

static bool text_ok(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ')
			return false;
	return s != NULL;
}

static int contigs_read(struct grx_ctx *cx, struct annotate_gxd *g)
{
	json_t *list = json_object_get(g->meta, "contigs"), *o;
	size_t i;
	g->contigs = grx_contigs_new();
	if (!g->contigs)
		return grx_fail_nomem(cx, "database");
	if (!json_is_array(list) || json_array_size(list) > INT32_MAX)
		return damaged(cx, g->path, "no list of contigs");
	json_array_foreach(list, i, o)
	{
		const char *name = json_string_value(json_object_get(o, "name"));
		json_int_t len = json_integer_value(json_object_get(o, "length"));
		if (!text_ok(name) || !*name || len < 0)
			return damaged(cx, g->path, "a contig");
		int rc = grx_contigs_add(cx, g->contigs, name, (int64_t)len, NULL);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int field_read(
	struct grx_ctx *cx, const struct annotate_gxd *g, json_t *o, struct annotate_gxd_field *f)
{
	const char *type = json_string_value(json_object_get(o, "type"));
	f->name = json_string_value(json_object_get(o, "name"));
	f->key = json_string_value(json_object_get(o, "key"));
	f->desc = json_string_value(json_object_get(o, "description"));
	f->type = grx_streq(type, "Integer")  ? GRX_T_INT
		  : grx_streq(type, "Float")  ? GRX_T_FLOAT
		  : grx_streq(type, "String") ? GRX_T_STR
					      : 255;
	return name_ok(f->name) && text_ok(f->key) && text_ok(f->desc) && f->type != 255
		       ? GRX_OK
		       : damaged(cx, g->path, "a field");
}

static int meta_read(struct grx_ctx *cx, struct annotate_gxd *g, const struct annotate_dbtail *t)
{
	const uint8_t *p = g->map + t->meta_off;
	if ((uint32_t)crc32_z(0, p, t->meta_len) != t->meta_crc)
		return damaged(cx, g->path, "checksum of the header");
	g->meta = json_loadb((const char *)p, (size_t)t->meta_len, JSON_REJECT_DUPLICATES, NULL);
	json_t *list = json_object_get(g->meta, "fields"), *o;
	size_t i, n = json_array_size(list);
	if (!g->meta || n < 1 || n > DB_MAX_FIELDS)
		return damaged(cx, g->path, "no list of fields");
	g->field = grx_calloc(n, sizeof *g->field);
	if (!g->field)
		return grx_fail_nomem(cx, "database");
	g->n_field = (int)n;
	json_array_foreach(list, i, o)
	{
		int rc = field_read(cx, g, o, &g->field[i]);
		if (rc)
			return rc;
	}
	return contigs_read(cx, g);
}

int annotate_gxd_open(struct grx_ctx *cx, const char *path, struct annotate_gxd **out)
{
	int rc = GRX_E_BUG;
	struct annotate_dbtail t;
	struct annotate_gxd *g = grx_calloc(1, sizeof *g);
	*out = NULL;
	if (!g || !(g->path = grx_strdup(path)))
		GRX_TRY(grx_fail_nomem(cx, "database"));
	GRX_TRY(map_file(cx, g));
	GRX_TRY(tail_read(cx, g, &t));
	GRX_TRY(meta_read(cx, g, &t));
	GRX_TRY(index_read(cx, g, &t));
	*out = g;
	g = NULL;
	rc = GRX_OK;
out:
	annotate_gxd_close(g);
	return rc;
}

void annotate_gxd_close(struct annotate_gxd *g)
{
	if (!g)
		return;
	if (g->map)
		munmap((void *)(uintptr_t)g->map, g->size);
	json_decref(g->meta);
	grx_contigs_free(g->contigs);
	grx_free(g->field);
	grx_free(g->block);
	grx_free(g->path);
	grx_free(g);
}

size_t annotate_gxd_find(const struct annotate_gxd *g, int32_t tid, int64_t pos)
{
	size_t a = 0, b = g->n_block;
	while (a < b) {
		size_t m = a + (b - a) / 2;
		const struct annotate_dbentry *e = &g->block[m];
		if (e->tid < tid || (e->tid == tid && e->last < pos))
			a = m + 1;
		else
			b = m;
	}
	return a;
}
