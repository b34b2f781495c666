/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights.c -- open the scores of a run: from the cache, from a compiled file, or by reading and compiling.
 */
#include "stage/prs/weights.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/out.h"
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
	s->freq_file = s->loadings_file = -1;
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
	grx_free(d->code0);
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
	int32_t x = 0, n = 0;
	for (; n < 3 && (unsigned)(name[n] - '0') <= 9; n++)
		x = x * 10 + (name[n] - '0');
	for (size_t i = 0; i < sizeof t / sizeof *t && n == 0; i++)
		if (strcmp(name, t[i].name) == 0)
			return t[i].index;
	if (n == 0 || n > 2 || name[n])
		return -1;
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
	if (!b->set || !b->chroms || !b->ids)
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

int32_t prs_wb_slot(struct prs_wb *b)
{
	if (grx_grow(&b->slot_file, &b->cap_slot, (size_t)b->n_slot + 1, sizeof *b->slot_file, INT32_MAX) !=
		GRX_OK) {
		(void)grx_fail_nomem(b->cx, "scores");
		return -1;
	}
	b->slot_file[b->n_slot] = -1;
	return b->n_slot++;
}

static int ids_take(struct prs_wb *b, const struct prs_file *f, const struct prs_col *col, int n_col)
{
	const struct prs_set *s = b->set;
	for (int k = 0; k < n_col; k++) {
		int32_t at = s->n_col + k;
		if (col[k].role != PRS_COL_SCORE)
			continue;
		int32_t i = (int32_t)(intptr_t)grx_map_get(b->ids, col[k].id) - 1;
		/* of a file that was left out meanwhile: free again */
		bool taken = i >= 0 && i < s->n_col && strcmp(s->col[i].id, col[k].id) == 0;
		for (int j = 0; j < k && !taken && i >= s->n_col && i < at; j++)
			if (col[j].role == PRS_COL_SCORE && strcmp(col[j].id, col[k].id) == 0)
				return grx_fail(b->cx, GRX_E_DATA, "%s: two of its columns are score %s",
					f->path, col[k].id);
		if (taken)
			return grx_fail(b->cx, GRX_E_DATA,
				"%s and %s both have a score %s; give each score once",
				s->file[s->col[i].file].path, f->path, col[k].id);
		if (grx_map_set(b->ids, col[k].id, (void *)(intptr_t)(at + 1)) != GRX_OK)
			return grx_fail_nomem(b->cx, "scores");
	}
	return GRX_OK;
}

int prs_wb_join(struct prs_wb *b, int32_t slot, const struct prs_file *f, const struct prs_col *col,
	int n_col, bool is_score)
{
	struct prs_set *s = b->set;
	int rc = is_score ? ids_take(b, f, col, n_col) : GRX_OK;
	if (rc)
		return rc;
	if (grx_grow(&s->file, &b->cap_file, (size_t)s->n_file + 1, sizeof *s->file, INT32_MAX) != GRX_OK ||
		grx_grow(&s->col, &b->cap_col, (size_t)(s->n_col + n_col), sizeof *s->col, INT32_MAX) !=
			GRX_OK)
		return grx_fail_nomem(b->cx, "scores");
	struct prs_file *g = &s->file[s->n_file];
	*g = *f;
	g->col_beg = s->n_col;
	g->col_end = s->n_col + n_col;
	g->first_row = b->n_row;
	for (int k = 0; k < n_col; k++) {
		s->col[s->n_col++] = (struct prs_col){.id = col[k].id,
			.role = col[k].role,
			.file = s->n_file,
			.of = g->col_beg + col[k].of};
		s->n_score += is_score && col[k].role == PRS_COL_SCORE;
	}
	b->n_row += f->n_row;
	b->slot_file[slot] = s->n_file++;
	return GRX_OK;
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
		bool again = prs_is_compiled(path);
		rc = again ? prs_again(b, path) : prs_file_parse(b, path, PRS_IN_SCORE, sha[i]);
		if (rc && !again && may_leave_out(b->o, rc))
			rc = leave_out(b, path);
		if (rc)
			goto out;
	}
	if (b->set->n_score == 0) {
		rc = grx_fail(b->cx, GRX_E_DATA, "none of the %d scoring files can be used; the first: %s",
			b->o->path->n, b->set->disk->why[0]);
		goto out;
	}
	if (b->o->freq)
		GRX_TRY(prs_freq_parse(b, b->o->freq, sha[b->o->path->n]));
	if (b->o->loadings)
		GRX_TRY(prs_file_parse(b, b->o->loadings, PRS_IN_LOADINGS, sha[b->o->path->n + 1]));
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
	if (o->path->n == 1 && !o->freq && !o->loadings && prs_is_compiled(o->path->v[0])) {
		GRX_TRY(prs_disk_open(cx, o->path->v[0], out));
		GRX_TRY(prs_compiled_check(cx, o, *out));
		return GRX_OK;
	}
	sha = grx_calloc((size_t)o->path->n + 2, sizeof *sha); /* and of freq and loadings */
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

int prs_set_save(struct grx_ctx *cx, const struct prs_set *s, const char *path)
{
	int rc = GRX_E_BUG;
	struct grx_out *f = NULL;
	struct stat st;
	const size_t n = (size_t)1 << 18;
	char *buf = grx_malloc(n, 1);
	if (!buf)
		return grx_fail_nomem(cx, "compiled scores");
	if (fstat(s->disk->fd, &st) != 0) {
		rc = grx_fail(cx, GRX_E_IO, "compiled scores: %s", strerror(errno));
		goto out;
	}
	GRX_TRY(grx_out_open(cx, path, &f));
	for (int64_t at = 0; at < st.st_size; at += (int64_t)n) {
		size_t k = st.st_size - at < (int64_t)n ? (size_t)(st.st_size - at) : n;
		rc = prs_read_at(cx, s->disk->fd, s->disk->path, buf, k, at);
		if (rc)
			break;
		grx_out_write(f, buf, k);
	}
	int end = grx_out_close(cx, f);
	rc = rc ? rc : end;
out:
	grx_free(buf);
	return rc;
}

int prs_set_open(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set **out)
{
	return prs_set_open_runs(cx, o, PRS_RUN_BYTES, out);
}
