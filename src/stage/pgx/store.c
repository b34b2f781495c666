/* SPDX-License-Identifier: GPL-3.0-or-later
 * store.c -- observations of a cohort, packed by locus as they come, unpacked by sample at the end.
 * A chunk holds one locus of PGX_BLOCK samples. Chunks lie in memory up to a budget, then in a nameless
 * temporary file (mode 0600), so that memory grows with loci x blocks of the index only. */
#include "stage/pgx/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct chunk {
	uint64_t at; /* offset; 0-based in bytes when in memory, in the file when spilled */
	uint32_t n;  /* bytes; 0 = no record */
	bool filed;
};

struct pgx_store {
	int n_locus, n_sample, n_block;
	struct chunk *chunk; /* loci x blocks */
	struct grx_str mem;  /* chunks in memory */
	size_t budget;
	int fd;       /* -1 none */
	uint64_t end; /* of the file */
};

int pgx_blocks(int n_sample)
{
	return (n_sample + PGX_BLOCK - 1) / PGX_BLOCK;
}

int pgx_store_new(int n_locus, int n_sample, size_t budget, struct pgx_store **out)
{
	struct pgx_store *st = grx_calloc(1, sizeof *st);
	*out = st;
	if (!st)
		return GRX_E_NOMEM;
	st->fd = -1;
	st->budget = budget;
	st->n_locus = n_locus;
	st->n_sample = n_sample;
	st->n_block = pgx_blocks(n_sample);
	st->chunk = grx_calloc((size_t)n_locus * (size_t)st->n_block + 1, sizeof *st->chunk);
	return st->chunk ? GRX_OK : GRX_E_NOMEM;
}

void pgx_store_free(struct pgx_store *st)
{
	if (!st)
		return;
	if (st->fd >= 0)
		close(st->fd);
	grx_str_clear(&st->mem);
	grx_free(st->chunk);
	grx_free(st);
}

/* A file without a name: gone when it is closed, however the program ends. */
static int file_open(struct grx_ctx *cx, struct pgx_store *st)
{
	const char *dir = getenv("TMPDIR");
	struct grx_str name = {0};
	int rc = GRX_OK;
	grx_str_addf(&name, "%s/genorx.XXXXXX", dir && *dir ? dir : "/tmp");
	if (name.oom)
		return grx_fail_nomem(cx, "a temporary file");
	st->fd = mkstemp(name.s);
	if (st->fd < 0)
		rc = grx_fail(cx, GRX_E_IO,
			"%s: temporary file for genotypes cannot be created: %s; set TMPDIR to a folder with "
			"space",
			name.s, strerror(errno));
	else
		unlink(name.s);
	grx_str_clear(&name);
	return rc;
}

static int file_put(struct grx_ctx *cx, struct pgx_store *st, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t k = pwrite(st->fd, p, n, (off_t)st->end);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return grx_fail(cx, GRX_E_IO,
				"temporary file for genotypes: write failed: %s; set TMPDIR to a folder with "
				"space",
				strerror(k < 0 ? errno : ENOSPC));
		p += k;
		n -= (size_t)k;
		st->end += (uint64_t)k;
	}
	return GRX_OK;
}

static int file_get(struct grx_ctx *cx, const struct pgx_store *st, uint64_t at, uint8_t *p, size_t n)
{
	while (n) {
		ssize_t k = pread(st->fd, p, n, (off_t)at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return grx_fail(cx, GRX_E_IO, "temporary file for genotypes: read failed: %s",
				k < 0 ? strerror(errno) : "it is shorter than what was written");
		p += k;
		n -= (size_t)k;
		at += (uint64_t)k;
	}
	return GRX_OK;
}

static int chunk_put(struct grx_ctx *cx, struct pgx_store *st, struct chunk *c, const uint8_t *p, size_t n)
{
	c->n = (uint32_t)n;
	c->filed = st->mem.n + n > st->budget;
	if (!c->filed) {
		c->at = st->mem.n;
		grx_str_addn(&st->mem, (const char *)p, n);
		return st->mem.oom ? grx_fail_nomem(cx, "genotypes at pharmacogene loci") : GRX_OK;
	}
	int rc = st->fd < 0 ? file_open(cx, st) : GRX_OK;
	c->at = st->end;
	return rc == GRX_OK ? file_put(cx, st, p, n) : rc;
}

static int chunk_get(struct grx_ctx *cx, const struct pgx_store *st, const struct chunk *c,
	struct grx_arena *mem, struct pgx_bytes *b)
{
	uint8_t *p = NULL;
	if (!c->filed) {
		b->p = (const uint8_t *)st->mem.s + c->at;
	} else {
		p = grx_arena_alloc(mem, c->n, 1);
		if (!p)
			return grx_fail_nomem(cx, "genotypes at pharmacogene loci");
		int rc = file_get(cx, st, c->at, p, c->n);
		if (rc != GRX_OK)
			return rc;
		b->p = p;
	}
	b->end = b->p + c->n;
	b->bad = false;
	return GRX_OK;
}

static int in_block(const struct pgx_store *st, int block)
{
	int n = st->n_sample - block * PGX_BLOCK;
	return n < PGX_BLOCK ? n : PGX_BLOCK;
}

/* Two records of one locus: sample by sample the better one. */
static int join(
	struct grx_ctx *cx, struct pgx_store *st, struct chunk *c, int n, struct pgx_bytes *more, int *repeat)
{
	struct pgx_obs have[PGX_BLOCK], add[PGX_BLOCK];
	struct grx_arena *mem = grx_arena_new();
	struct grx_str s = {0};
	struct pgx_bytes b;
	int rc = mem ? chunk_get(cx, st, c, mem, &b) : GRX_E_NOMEM;
	if (rc == GRX_OK)
		rc = pgx_chunk_get(&b, mem, n, 1, have);
	if (rc == GRX_OK)
		rc = pgx_chunk_get(more, mem, n, 1, add);
	for (int i = 0; i < n && rc == GRX_OK; i++)
		*repeat |= pgx_obs_keep(mem, &have[i], &add[i]);
	if (rc == GRX_OK)
		pgx_chunk_put(&s, have, n);
	if (rc == GRX_E_NOMEM || s.oom)
		rc = grx_fail_nomem(cx, "genotypes at pharmacogene loci");
	if (rc == GRX_OK)
		rc = chunk_put(cx, st, c, (const uint8_t *)s.s, s.n);
	grx_str_clear(&s);
	grx_arena_free(mem);
	return rc;
}

int pgx_store_put(
	struct grx_ctx *cx, struct pgx_store *st, int locus, const struct pgx_packed *p, int *repeat)
{
	int rc = GRX_OK;
	*repeat = 0;
	for (int k = 0; k < st->n_block && rc == GRX_OK; k++) {
		struct chunk *c = &st->chunk[(size_t)locus * (size_t)st->n_block + (size_t)k];
		uint32_t from = k ? p->end[k - 1] : 0;
		struct pgx_bytes more = {p->bytes + from, p->bytes + p->end[k], false};
		rc = c->n ? join(cx, st, c, in_block(st, k), &more, repeat)
			  : chunk_put(cx, st, c, more.p, (size_t)(more.end - more.p));
	}
	return rc;
}

int pgx_store_get(struct grx_ctx *cx, const struct pgx_store *st, int block, struct grx_arena *mem,
	struct pgx_obs **out)
{
	int n = in_block(st, block), rc = GRX_OK;
	size_t stride = (size_t)st->n_locus;
	struct pgx_obs *obs = grx_arena_calloc(mem, (size_t)n * stride + 1, sizeof *obs);
	*out = obs;
	for (int l = 0; obs && l < st->n_locus && rc == GRX_OK; l++) {
		const struct chunk *c = &st->chunk[(size_t)l * (size_t)st->n_block + (size_t)block];
		struct pgx_bytes b;
		for (int i = 0; i < n && !c->n; i++)
			obs[(size_t)i * stride + (size_t)l].state = PGX_NO_RECORD;
		if (!c->n)
			continue;
		rc = chunk_get(cx, st, c, mem, &b);
		if (rc == GRX_OK)
			rc = pgx_chunk_get(&b, mem, n, stride, obs + l);
	}
	return !obs || rc == GRX_E_NOMEM ? grx_fail_nomem(cx, "genotypes at pharmacogene loci") : rc;
}
