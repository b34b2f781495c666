/* SPDX-License-Identifier: GPL-3.0-or-later
 * tabdb.c -- tables with a tabix index: the lines of a stretch.
 * As in varidx.c the stream's error code is looked at after each query, since the iterator calls an error the
 * end. */
#include "io/tabdb.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/tbx.h>

#include "base/mem.h"
#include "io/htsmisc.h"

struct handle {
	htsFile *fp;
	kstring_t line;
	bool busy;
};

struct grx_tabdb {
	char *path;
	tbx_t *tbx; /* constant once loaded */
	struct grx_tabconf conf;
	struct grx_contigs *contigs;
	int n;
	struct handle *h;
	bool lock_ready;
	pthread_mutex_t lock;
	pthread_cond_t freed;
};

static const char *const suffix[] = {".csi", ".tbi", NULL};

static int open_handle(struct grx_ctx *cx, struct grx_tabdb *db, struct handle *h)
{
	int rc = GRX_E_BUG;
	char *name = NULL;
	GRX_TRY(grx_readable_check(cx, db->path));
	GRX_TRY(grx_hts_name(cx, db->path, &name));
	errno = 0;
	h->fp = hts_open(name, "r");
	if (!h->fp && errno != ENOEXEC) {
		GRX_TRY(grx_hts_sys_fail(cx, db->path, errno));
		GRX_TRY(grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", db->path, strerror(errno)));
	}
	if (!h->fp || h->fp->format.compression != bgzf)
		GRX_TRY(grx_fail(cx, GRX_E_DATA,
			"%s: random access needs a bgzip-compressed table with a tabix index: run `bgzip` "
			"and "
			"`tabix`",
			db->path));
	rc = grx_bgzf_eof_check(cx, h->fp->fp.bgzf, db->path, false);
out:
	grx_free(name);
	return rc;
}

int grx_tabdb_has_index(struct grx_ctx *cx, const char *path, bool *yes)
{
	char *index = NULL;
	int rc = grx_index_find(cx, path, suffix, &index);
	*yes = index != NULL;
	grx_free(index);
	return rc;
}

static int load_index(struct grx_ctx *cx, struct grx_tabdb *db)
{
	int rc = GRX_E_BUG;
	char *index = NULL;
	GRX_TRY(grx_index_find(cx, db->path, suffix, &index));
	if (!index)
		GRX_TRY(grx_fail(cx, GRX_E_NOINPUT,
			"%s: no index (.tbi or .csi): make one by `tabix -s 1 -b 2 -e 2 %s` (`tabix -p bed` "
			"for a "
			"BED)",
			db->path, db->path));
	GRX_TRY(grx_index_fresh(cx, db->path, index, "tabix -f"));
	errno = 0;
	db->tbx = tbx_index_load3(db->path, index, HTS_IDX_SILENT_FAIL);
	if (!db->tbx) {
		GRX_TRY(grx_hts_sys_fail(cx, index, errno));
		GRX_TRY(grx_fail(
			cx, GRX_E_MISMATCH, "%s: index is damaged: make it again by `tabix -f`", index));
	}
	const tbx_conf_t *c = &db->tbx->conf;
	db->conf = (struct grx_tabconf){.zero_based = (c->preset & TBX_UCSC) != 0,
		.chrom = c->sc - 1,
		.beg = c->bc - 1,
		.end = c->ec > 0 && c->ec != c->bc ? c->ec - 1 : -1,
		.comment = (char)c->meta_char,
		.skip = c->line_skip};
	if (db->conf.chrom < 0 || db->conf.beg < 0)
		GRX_TRY(grx_fail(cx, GRX_E_MISMATCH,
			"%s: index names no columns: make it again by `tabix -f`", index));
	rc = GRX_OK;
out:
	grx_free(index);
	return rc;
}

static int load_names(struct grx_ctx *cx, struct grx_tabdb *db)
{
	int n = 0, rc = GRX_OK;
	const char **name = tbx_seqnames(db->tbx, &n);
	db->contigs = grx_contigs_new();
	if (!db->contigs || (n && !name))
		rc = grx_fail_nomem(cx, "contig names");
	for (int i = 0; i < n && !rc; i++)
		rc = grx_contigs_add(cx, db->contigs, name[i], 0, NULL);
	free(name);
	return rc;
}

void grx_tabdb_close(struct grx_tabdb *db)
{
	if (!db)
		return;
	for (int i = 0; db->h && i < db->n; i++) {
		if (db->h[i].fp)
			(void)!hts_close(db->h[i].fp);
		free(db->h[i].line.s);
	}
	if (db->tbx)
		tbx_destroy(db->tbx);
	if (db->lock_ready) {
		pthread_cond_destroy(&db->freed);
		pthread_mutex_destroy(&db->lock);
	}
	grx_contigs_free(db->contigs);
	grx_free(db->h);
	grx_free(db->path);
	grx_free(db);
}

static int lock_init(struct grx_ctx *cx, struct grx_tabdb *db)
{
	if (pthread_mutex_init(&db->lock, NULL))
		return grx_fail_nomem(cx, "database");
	if (pthread_cond_init(&db->freed, NULL)) {
		pthread_mutex_destroy(&db->lock);
		return grx_fail_nomem(cx, "database");
	}
	db->lock_ready = true;
	return GRX_OK;
}

int grx_tabdb_open(struct grx_ctx *cx, const char *path, int workers, struct grx_tabdb **out)
{
	int rc = GRX_E_BUG;
	struct grx_tabdb *db = grx_calloc(1, sizeof *db);
	*out = NULL;
	if (!db)
		return grx_fail_nomem(cx, "database");
	grx_hts_quiet();
	db->n = workers < 1 ? 1 : workers;
	db->path = grx_strdup(path);
	db->h = grx_calloc((size_t)db->n, sizeof *db->h);
	if (!db->path || !db->h)
		GRX_TRY(grx_fail_nomem(cx, "database"));
	for (int i = 0; i < db->n; i++)
		GRX_TRY(open_handle(cx, db, &db->h[i]));
	GRX_TRY(load_index(cx, db));
	GRX_TRY(load_names(cx, db));
	GRX_TRY(lock_init(cx, db));
	*out = db;
	db = NULL;
	rc = GRX_OK;
out:
	grx_tabdb_close(db);
	return rc;
}

const struct grx_tabconf *grx_tabdb_conf(const struct grx_tabdb *db)
{
	return &db->conf;
}

const struct grx_contigs *grx_tabdb_contigs(const struct grx_tabdb *db)
{
	return db->contigs;
}

static struct handle *handle_take(struct grx_tabdb *db)
{
	struct handle *got = NULL;
	pthread_mutex_lock(&db->lock);
	while (!got) {
		for (int i = 0; i < db->n && !got; i++)
			if (!db->h[i].busy)
				got = &db->h[i];
		if (!got)
			pthread_cond_wait(&db->freed, &db->lock);
	}
	got->busy = true;
	pthread_mutex_unlock(&db->lock);
	return got;
}

static void handle_give(struct grx_tabdb *db, struct handle *h)
{
	pthread_mutex_lock(&db->lock);
	h->busy = false;
	pthread_cond_signal(&db->freed);
	pthread_mutex_unlock(&db->lock);
}

static int lines(struct grx_ctx *cx, struct grx_tabdb *db, struct handle *h, hts_itr_t *itr,
	const struct grx_tabquery *q)
{
	int got, rc = GRX_OK;
	for (;;) {
		errno = 0;
		got = tbx_itr_next(h->fp, db->tbx, itr, &h->line);
		if (got < 0)
			break;
		size_t n = h->line.l;
		if (n && h->line.s[n - 1] == '\r')
			h->line.s[--n] = '\0';
		if (memchr(h->line.s, 0, n))
			return grx_fail(cx, GRX_E_DATA, "%s: NUL byte in a line", db->path);
		rc = q->row(q->arg, cx, h->line.s);
		if (rc)
			return rc;
	}
	if (got < -1 || h->fp->fp.bgzf->errcode)
		return grx_bgzf_fail(cx, h->fp->fp.bgzf, db->path, "in a query");
	return GRX_OK;
}

int grx_tabdb_fetch(struct grx_ctx *cx, struct grx_tabdb *db, const struct grx_tabquery *q)
{
	int32_t k = grx_contigs_find_alias(db->contigs, q->contig);
	int tid = k < 0 ? -1 : tbx_name2id(db->tbx, grx_contig_name(db->contigs, k));
	int64_t end = q->end > INT32_MAX ? INT32_MAX : q->end;
	if (tid < 0 || end <= q->beg)
		return GRX_OK;
	struct handle *h = handle_take(db);
	hts_itr_t *itr = tbx_itr_queryi(db->tbx, tid, q->beg < 0 ? 0 : q->beg, end);
	int rc = itr ? lines(cx, db, h, itr, q) : grx_fail_nomem(cx, "query");
	if (itr)
		hts_itr_destroy(itr);
	handle_give(db, h);
	return rc;
}
