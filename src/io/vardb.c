/* SPDX-License-Identifier: GPL-3.0-or-later
 * vardb.c -- annotation databases: indexed VCF or BCF, one handle per worker.
 * Contig names are matched by alias here (chr1 = 1), because databases come in either form. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "io/var_int.h"

struct grx_vardb {
	char *path;
	int workers;
	struct grx_varidx **w;
	struct grx_contigs *contigs;
	struct grx_hdr *hdr;
	struct grx_varwant want;
	/* of GRX_VARDB_ANY */
	bool *busy;
	bool lock_ready;
	pthread_mutex_t lock;
	pthread_cond_t freed;
};

static int lock_init(struct grx_ctx *cx, struct grx_vardb *db)
{
	db->busy = grx_calloc((size_t)db->workers, sizeof *db->busy);
	if (!db->busy || pthread_mutex_init(&db->lock, NULL))
		return grx_fail_nomem(cx, "database");
	if (pthread_cond_init(&db->freed, NULL)) {
		pthread_mutex_destroy(&db->lock);
		return grx_fail_nomem(cx, "database");
	}
	db->lock_ready = true;
	return GRX_OK;
}

static int handle_take(struct grx_vardb *db)
{
	int got = -1;
	pthread_mutex_lock(&db->lock);
	while (got < 0) {
		for (int i = 0; i < db->workers && got < 0; i++)
			if (!db->busy[i])
				got = i;
		if (got < 0)
			pthread_cond_wait(&db->freed, &db->lock);
	}
	db->busy[got] = true;
	pthread_mutex_unlock(&db->lock);
	return got;
}

static void handle_give(struct grx_vardb *db, int i)
{
	pthread_mutex_lock(&db->lock);
	db->busy[i] = false;
	pthread_cond_signal(&db->freed);
	pthread_mutex_unlock(&db->lock);
}

void grx_vardb_close(struct grx_vardb *db)
{
	if (!db)
		return;
	for (int i = 0; db->w && i < db->workers; i++)
		grx_varidx_close(db->w[i]);
	if (db->lock_ready) {
		pthread_cond_destroy(&db->freed);
		pthread_mutex_destroy(&db->lock);
	}
	grx_free(db->busy);
	grx_hdr_free(db->hdr);
	grx_contigs_free(db->contigs);
	grx_free(db->w);
	grx_free(db->path);
	grx_free(db);
}

int grx_vardb_open(
	struct grx_ctx *cx, const char *path, const char *const *info, int workers, struct grx_vardb **out)
{
	int rc = GRX_E_BUG;
	struct grx_vardb *db = grx_calloc(1, sizeof *db);

	*out = NULL;
	if (!db)
		return grx_fail_nomem(cx, "database");
	db->workers = workers < 1 ? 1 : workers;
	db->path = grx_strdup(path);
	db->w = grx_calloc((size_t)db->workers, sizeof *db->w);
	if (!db->path || !db->w) {
		rc = grx_fail_nomem(cx, "database");
		goto out;
	}
	db->want = (struct grx_varwant){.info = info, .sites_only = true};
	for (int i = 0; i < db->workers; i++)
		GRX_TRY(grx_varidx_open(cx, path, true, &db->w[i]));
	GRX_TRY(grx_varhdr_neutral(cx, path, grx_varidx_hdr(db->w[0]), &db->contigs, &db->hdr));
	GRX_TRY(lock_init(cx, db));
	*out = db;
	db = NULL;
	rc = GRX_OK;
out:
	grx_vardb_close(db);
	return rc;
}

bool grx_vardb_info(const struct grx_vardb *db, const char *key, const char **number, uint8_t *type)
{
	return grx_varhdr_info(grx_varidx_hdr(db->w[0]), key, number, type);
}

const char *grx_vardb_meta(const struct grx_vardb *db, const char *key)
{
	return grx_varhdr_meta(grx_varidx_hdr(db->w[0]), key);
}

const struct grx_contigs *grx_vardb_contigs(const struct grx_vardb *db)
{
	return db->contigs;
}

static int fetch(struct grx_ctx *cx, struct grx_vardb *db, int worker, const char *contig, int64_t beg,
	int64_t end, struct grx_arena *mem, struct grx_vars **out)
{
	int rc = GRX_E_BUG;
	struct grx_vars *b = grx_vars_new(mem, db->hdr);
	struct grx_varidx *x = db->w[worker];
	int32_t tid = grx_contigs_find_alias(db->contigs, contig);
	bcf1_t *rec = NULL;

	*out = NULL;
	if (!b)
		return grx_fail_nomem(cx, "variants");
	if (tid >= 0)
		GRX_TRY(grx_varidx_seek(cx, x, tid, beg < 0 ? 0 : beg, end));
	while (tid >= 0) {
		GRX_TRY(grx_varidx_next(cx, x, &rec));
		if (!rec)
			break;
		GRX_TRY(grx_var_decode(cx, grx_varidx_hdr(x)->live, &db->want, rec, b));
		rec = NULL;
	}
	*out = b;
	rc = GRX_OK;
out:
	if (rc) {
		if (rec)
			bcf_destroy(rec);
		grx_vars_release(b);
	}
	return rc;
}

int grx_vardb_fetch(struct grx_ctx *cx, struct grx_vardb *db, int worker, const char *contig, int64_t beg,
	int64_t end, struct grx_arena *mem, struct grx_vars **out)
{
	bool any = worker == GRX_VARDB_ANY;
	int handle = any ? handle_take(db) : worker;
	int rc = fetch(cx, db, handle, contig, beg, end, mem, out);
	if (any)
		handle_give(db, handle);
	return rc;
}

/* One record; taken. */
static int scan_record(struct grx_ctx *cx, struct grx_vardb *db, const struct grx_varhdr *vh, bcf1_t *rec,
	const struct grx_vardb_scan *q)
{
	int rc = GRX_E_BUG;
	bool need = false;
	struct grx_vars *b = NULL;
	errno = 0; /* the decoder leaves columns out in silence when memory runs out */
	if (bcf_unpack(rec, BCF_UN_STR) < 0 || errno == ENOMEM)
		GRX_TRY(grx_fail_nomem(cx, "variants"));
	const struct grx_var site = {.tid = rec->rid,
		.pos = rec->pos,
		.rlen = rec->rlen,
		.n_allele = (int32_t)rec->n_allele,
		.allele = (const char **)rec->d.allele};
	GRX_TRY(q->site(q->arg, cx, &site, &need));
	if (need) {
		b = grx_vars_new(q->mem, db->hdr);
		if (!b)
			GRX_TRY(grx_fail_nomem(cx, "variants"));
		GRX_TRY(grx_var_decode(cx, vh->live, &db->want, rec, b));
		rec = NULL;
		GRX_TRY(q->row(q->arg, cx, &b->v[0]));
	}
	rc = GRX_OK;
out:
	if (rec)
		bcf_destroy(rec);
	grx_vars_release(b);
	if (b)
		grx_arena_reset(q->mem);
	return rc;
}

int grx_vardb_scan(struct grx_ctx *cx, struct grx_vardb *db, const struct grx_vardb_scan *q)
{
	int32_t tid = grx_contigs_find_alias(db->contigs, q->contig);
	bcf1_t *rec = NULL;
	if (tid < 0)
		return GRX_OK;
	int handle = handle_take(db);
	struct grx_varidx *x = db->w[handle];
	int rc = grx_varidx_seek(cx, x, tid, q->beg < 0 ? 0 : q->beg, q->end);
	while (!rc && !(rc = grx_varidx_next(cx, x, &rec)) && rec)
		rc = scan_record(cx, db, grx_varidx_hdr(x), rec, q);
	handle_give(db, handle);
	return rc;
}
