/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights.c -- open the scores of a run: from the cache, from a compiled file, or by reading and compiling.
 */
#include "stage/prs/weights.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "genorx/opt.h"
#include "stage/prs/weights_int.h"

struct prs_set *prs_set_new(void)
{
	struct prs_set *s = grx_calloc(1, sizeof *s);
	struct prs_set_disk *d = grx_calloc(1, sizeof *d);
	if (d)
		d->mem = grx_arena_new();
	if (!s || !d || !d->mem) {
		grx_free(s);
		grx_free(d);
		return NULL;
	}
	d->fd = -1;
	s->disk = d;
	return s;
}

void prs_set_close(struct prs_set *s)
{
	if (!s)
		return;
	struct prs_set_disk *d = s->disk;
	if (d->fd >= 0)
		close(d->fd);
	if (d->temp)
		unlink(d->temp);
	grx_free(d->temp);
	grx_free(d->path);
	grx_free(d->block);
	grx_free(d->left);
	grx_free(d->why);
	grx_arena_free(d->mem);
	grx_free(d);
	grx_free(s->file);
	grx_free(s->col);
	grx_free(s->chrom);
	grx_free(s);
}

int prs_set_n_left_out(const struct prs_set *s)
{
	return s->disk->n_left;
}

const char *prs_set_left_out(const struct prs_set *s, int i, const char **why)
{
	*why = s->disk->why[i];
	return s->disk->left[i];
}

int32_t prs_chrom_primary(const char *name)
{
	static const struct {
		const char *name;
		int32_t index;
	} t[] = {{"X", 22}, {"Y", 23}, {"MT", 24}, {"M", 24}, {"XY", 22}, {"PAR1", 22}, {"PAR2", 22},
		{"x", 22}, {"y", 23}, {"mt", 24}};
	static const int32_t plink[] = {22, 23, 22, 24}; /* 23 to 26 */
	if (strncmp(name, "chr", 3) == 0 || strncmp(name, "CHR", 3) == 0 || strncmp(name, "Chr", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcmp(name, t[i].name) == 0)
			return t[i].index;
	size_t n = strlen(name);
	if (n == 0 || n > 2 || strspn(name, "0123456789") != n)
		return -1;
	int32_t x = atoi(name);
	return x < 1 || x > 26 ? -1 : x <= 22 ? x - 1 : plink[x - 23];
}

static int32_t chrom_add(struct prs_wb *b, const char *name)
{
	struct prs_set *s = b->set;
	const char *copy = grx_arena_strdup(b->mem, name);
	if (s->n_chrom >= PRS_MAX_CHROM) {
		(void)grx_fail(b->cx, GRX_E_DATA,
			"more than %d chromosome names in the scoring files, the last '%.40s'", PRS_MAX_CHROM,
			name);
		return -1;
	}
	if (!copy ||
		grx_grow(&s->chrom, &b->cap_chrom, (size_t)s->n_chrom + 1, sizeof *s->chrom, 0) != GRX_OK ||
		grx_map_set(b->chroms, name, (void *)(intptr_t)(s->n_chrom + 1)) != GRX_OK) {
		(void)grx_fail_nomem(b->cx, "names of chromosomes");
		return -1;
	}
	s->chrom[s->n_chrom] = copy;
	return s->n_chrom++;
}

int32_t prs_wb_chrom(struct prs_wb *b, const char *name)
{
	int32_t i = prs_chrom_primary(name);
	if (i >= 0)
		return i;
	i = (int32_t)(intptr_t)grx_map_get(b->chroms, name) - 1;
	return i >= 0 ? i : chrom_add(b, name);
}

static int wb_init(struct prs_wb *b)
{
	int rc = GRX_E_BUG;
	char name[4];
	b->set = prs_set_new();
	b->chroms = grx_map_new();
	b->ids = grx_map_new();
	b->slot_file = grx_malloc((size_t)b->o->path->n, sizeof *b->slot_file);
	if (!b->set || !b->chroms || !b->ids || !b->slot_file)
		return grx_fail_nomem(b->cx, "scores");
	b->mem = b->set->disk->mem;
	b->set->disk->target = (uint8_t)b->o->target;
	b->set->disk->compat_pgsc = b->o->compat_pgsc;
	b->set->disk->compat_plink = b->o->compat_plink;
	for (int i = 0; i < PRS_N_PRIMARY; i++) {
		static const char *const sex[] = {"X", "Y", "MT"};
		if (i >= 22)
			memcpy(name, sex[i - 22], strlen(sex[i - 22]) + 1);
		else if (i < 9)
			memcpy(name, (char[2]){(char)('1' + i), '\0'}, 2);
		else
			memcpy(name, (char[3]){(char)('0' + (i + 1) / 10), (char)('0' + (i + 1) % 10), '\0'},
				3);
		if (chrom_add(b, name) < 0)
			return b->cx->err.status;
	}
	GRX_TRY(prs_sorter_new(b->cx, b->run_bytes, &b->main));
	rc = GRX_OK;
out:
	return rc;
}

static void wb_clear(struct prs_wb *b)
{
	prs_set_close(b->set);
	grx_map_free(b->chroms);
	grx_map_free(b->ids);
	prs_sorter_free(b->main);
	prs_sorter_free(b->by_id);
	prs_lift_free(b->lift);
	grx_free(b->bloom);
	grx_free(b->slot_file);
	grx_free(b->group);
	grx_free(b->at);
	grx_str_clear(&b->rec);
	grx_str_clear(&b->bytes);
}

static bool may_leave_out(const struct prs_set_opt *o, int rc)
{
	return o->skip_bad_files && (rc == GRX_E_DATA || rc == GRX_E_MISMATCH || rc == GRX_E_NOINPUT);
}

/* The error of the context becomes the reason. */
static int leave_out(struct prs_wb *b, const char *path)
{
	struct prs_set_disk *d = b->set->disk;
	size_t cap = (size_t)d->cap_left, cap_why = cap;
	const char *p = grx_arena_strdup(b->mem, path), *why = grx_arena_strdup(b->mem, b->cx->err.msg);
	grx_ctx_reset(b->cx);
	if (!p || !why || grx_grow(&d->left, &cap, (size_t)d->n_left + 1, sizeof *d->left, 0) != GRX_OK ||
		grx_grow(&d->why, &cap_why, (size_t)d->n_left + 1, sizeof *d->why, 0) != GRX_OK)
		return grx_fail_nomem(b->cx, "scores");
	d->cap_left = (int)cap;
	d->left[d->n_left] = p;
	d->why[d->n_left++] = why;
	grx_warn(b->cx, "left out: %s", why);
	return GRX_OK;
}

static int read_files(struct prs_wb *b, char (*sha)[65])
{
	int rc = GRX_E_BUG;
	for (int i = 0; i < b->o->path->n; i++) {
		const char *path = b->o->path->v[i];
		b->slot_file[i] = -1;
		rc = prs_file_parse(b, path, i);
		if (rc && may_leave_out(b->o, rc))
			rc = leave_out(b, path);
		if (rc)
			goto out;
		if (b->slot_file[i] >= 0)
			memcpy(b->set->file[b->slot_file[i]].sha256, sha[i], 65);
	}
	if (b->set->n_file == 0) {
		rc = grx_fail(b->cx, GRX_E_DATA, "none of the %d scoring files can be used; the first: %s",
			b->o->path->n, b->set->disk->why[0]);
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

static int compile(struct grx_ctx *cx, const struct prs_set_opt *o, size_t run_bytes, char (*sha)[65],
	const char *key, struct prs_set **out)
{
	int rc = GRX_E_BUG;
	struct prs_wb b = {.cx = cx, .o = o, .run_bytes = run_bytes};
	GRX_TRY(wb_init(&b));
	struct prs_set_disk *d = b.set->disk;
	memcpy(d->key, key, 65);
	GRX_TRY(read_files(&b, sha));
	b.set->n_row = (uint32_t)b.n_row;
	GRX_TRY(prs_wb_place_ids(&b));
	/* what the target's IDs shaped is not told by the inputs' hashes */
	bool keep = o->cache && *key && !d->used_ids;
	GRX_TRY(keep ? prs_cache_begin(cx, o, d) : prs_temp_fd(cx, &d->fd));
	GRX_TRY(prs_wb_write(&b));
	if (keep)
		GRX_TRY(prs_cache_commit(cx, o, d));
	*out = b.set;
	b.set = NULL;
	rc = GRX_OK;
out:
	wb_clear(&b);
	return rc;
}

int prs_set_open_runs(struct grx_ctx *cx, const struct prs_set_opt *o, size_t run_bytes, struct prs_set **out)
{
	int rc = GRX_E_BUG;
	char key[65] = "", (*sha)[65] = NULL;
	*out = NULL;
	if (!o->path || o->path->n == 0)
		return grx_fail(cx, GRX_E_USAGE, "prs: no scoring file; give at least one --score FILE");
	if (o->path->n == 1 && prs_is_compiled(o->path->v[0])) {
		GRX_TRY(prs_disk_open(cx, o->path->v[0], out));
		GRX_TRY(prs_compiled_check(cx, o, *out));
		return GRX_OK;
	}
	sha = grx_calloc((size_t)o->path->n, sizeof *sha);
	if (!sha) {
		rc = grx_fail_nomem(cx, "scores");
		goto out;
	}
	GRX_TRY(prs_cache_key(cx, o, sha, key));
	if (o->cache && *key)
		GRX_TRY(prs_cache_open(cx, o, key, out));
	if (!*out)
		GRX_TRY(compile(cx, o, run_bytes, sha, key, out));
	rc = GRX_OK;
out:
	grx_free(sha);
	if (rc) {
		prs_set_close(*out);
		*out = NULL;
	}
	return rc;
}

int prs_set_open(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set **out)
{
	return prs_set_open_runs(cx, o, PRS_RUN_BYTES, out);
}
