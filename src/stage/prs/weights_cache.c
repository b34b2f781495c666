/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_cache.c -- compiled sets kept in a folder under a hash of all that shapes them.
 * A set is written under a temporary name and renamed when it is whole: runs at the same time each write
 * their own and the last name given stands; all hold the same bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/out.h"
#include "genorx/opt.h"
#include "stage/prs/weights_int.h"

bool prs_is_compiled(const char *path)
{
	char b[8];
	if (strcmp(path, "-") == 0 || strstr(path, "://"))
		return false;
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is = fd >= 0 && pread(fd, b, sizeof b, 0) == (ssize_t)sizeof b && memcmp(b, PRS_W_MAGIC, 8) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

int prs_compiled_check(struct grx_ctx *cx, const struct prs_set_opt *o, const struct prs_set *s)
{
	const struct prs_set_disk *d = s->disk;
	if (o->target != PRS_BUILD_NR && d->target != PRS_BUILD_NR && d->target != o->target)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: compiled for input on %s, this one is on %s; give the scoring files themselves",
			d->path, prs_build_text(d->target), prs_build_text(o->target));
	/* compiled for input whose build was not known: of any build, as the files say */
	for (int32_t i = 0; i < s->n_file && !o->compat_plink; i++) {
		const struct prs_file *f = &s->file[i];
		if (o->target != PRS_BUILD_NR && f->build != PRS_BUILD_NR && f->build != o->target)
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s: positions of %s are of %s, this input is on %s; give the scoring files "
				"themselves",
				d->path, f->path, prs_build_text(f->build), prs_build_text(o->target));
	}
	if (d->compat_pgsc != o->compat_pgsc || d->compat_plink != o->compat_plink)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: compiled with another --compat; give the scoring files themselves", d->path);
	return GRX_OK;
}

/* "" for what cannot be read twice or at all; reading it will say why. */
static int input_sha(struct grx_ctx *cx, const char *path, char hex[65])
{
	struct stat st;
	hex[0] = '\0';
	if (strcmp(path, "-") == 0 || strstr(path, "://") || stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
		access(path, R_OK) != 0)
		return GRX_OK;
	return grx_sha_file(cx, path, hex);
}

int prs_cache_key(struct grx_ctx *cx, const struct prs_set_opt *o, char (*sha)[65], char key[65])
{
	int rc = GRX_E_BUG;
	bool whole = true;
	struct grx_str s = {0};
	char chain[65] = "";
	key[0] = '\0';
	for (int i = 0; i < o->path->n; i++) {
		const char *slash = strrchr(o->path->v[i], '/');
		GRX_TRY(input_sha(cx, o->path->v[i], sha[i]));
		whole = whole && sha[i][0];
		/* a score without id is called as its file */
		grx_str_addf(&s, "%s %s\n", sha[i], slash ? slash + 1 : o->path->v[i]);
	}
	const char *const more[] = {o->freq, o->loadings};
	for (int i = 0; i < 2; i++) {
		char *hex = sha[o->path->n + i];
		if (more[i])
			GRX_TRY(input_sha(cx, more[i], hex));
		whole = whole && (!more[i] || *hex);
		grx_str_addf(&s, "%s\n", more[i] ? hex : "");
	}
	if (o->chain)
		GRX_TRY(input_sha(cx, o->chain, chain));
	grx_str_addf(&s, "%u %s %.17g %d %d %d %d %d %d\n", PRS_W_VERSION, chain, o->min_lift, (int)o->target,
		o->compat_pgsc, o->compat_plink, o->skip_bad_rows, o->skip_bad_files, o->ids != NULL);
	struct grx_sha *h = grx_sha_new();
	if (s.oom || !h) {
		grx_free(h);
		rc = grx_fail_nomem(cx, "the hash of the scores");
		goto out;
	}
	grx_sha_add(h, s.s, s.n);
	GRX_TRY(grx_sha_end(h, key));
	if (!whole || (o->chain && !chain[0]))
		key[0] = '\0';
	rc = GRX_OK;
out:
	grx_str_clear(&s);
	return rc;
}

static char *cache_path(struct grx_ctx *cx, const struct prs_set_opt *o, const char *key)
{
	struct grx_str s = {0};
	grx_str_addf(&s, "%s/%s.prsw", o->cache, key);
	if (!s.oom)
		return s.s;
	grx_str_clear(&s);
	(void)grx_fail_nomem(cx, "the cache of scores");
	return NULL;
}

/* The files may have been elsewhere when it was made. */
static int paths_now(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set *s)
{
	for (int32_t i = 0, j = 0; i < s->n_file; i++) {
		const char *slash = strrchr(s->file[i].path, '/'),
			   *base = slash ? slash + 1 : s->file[i].path;
		for (; j < o->path->n; j++) { /* same order; files left out are skipped */
			const char *p = o->path->v[j];
			slash = strrchr(p, '/');
			if (strcmp(slash ? slash + 1 : p, base) == 0)
				break;
		}
		if (j == o->path->n)
			return GRX_OK;
		s->file[i].path = grx_arena_strdup(s->disk->mem, o->path->v[j++]);
		if (!s->file[i].path)
			return grx_fail_nomem(cx, "scores");
	}
	return GRX_OK;
}

static bool same_target(const struct prs_set_opt *o, const struct prs_set *s, const char *key)
{
	return strcmp(s->disk->key, key) == 0 && s->disk->target == o->target;
}

int prs_cache_open(struct grx_ctx *cx, const struct prs_set_opt *o, const char *key, struct prs_set **out)
{
	char *path = cache_path(cx, o, key);
	*out = NULL;
	if (!path)
		return cx->err.status;
	int rc = access(path, F_OK) == 0 ? prs_disk_open(cx, path, out) : GRX_OK;
	if (rc == GRX_E_DATA || rc == GRX_E_NOINPUT) {
		grx_warn(cx, "%s; compiling the scores again", cx->err.msg);
		grx_ctx_reset(cx);
		rc = GRX_OK;
	}
	if (*out && !same_target(o, *out, key)) {
		grx_warn(cx, "%s: does not hold what its name says; compiling the scores again", path);
		prs_set_close(*out);
		*out = NULL;
	}
	if (*out) {
		grx_info(cx, "compiled scores from %s", path);
		rc = paths_now(cx, o, *out);
	}
	grx_free(path);
	return rc;
}

int prs_cache_begin(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set_disk *d)
{
	struct grx_str s = {0};
	int rc = grx_mkdir(cx, o->cache);
	if (rc)
		return rc;
	grx_str_addf(&s, "%s/.prsw.XXXXXX", o->cache);
	if (s.oom) {
		grx_str_clear(&s);
		return grx_fail_nomem(cx, "the cache of scores");
	}
	d->fd = mkostemp(s.s, O_CLOEXEC); /* 0600 */
	if (d->fd < 0) {
		rc = grx_fail(cx, GRX_E_IO, "%s: no file can be made in the cache folder: %s", o->cache,
			strerror(errno));
		grx_str_clear(&s);
		return rc;
	}
	d->temp = s.s;
	d->path = grx_strdup(s.s);
	return d->path ? GRX_OK : grx_fail_nomem(cx, "the cache of scores");
}

int prs_cache_commit(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set_disk *d)
{
	char *path = cache_path(cx, o, d->key);
	if (!path)
		return cx->err.status;
	if (fsync(d->fd) != 0 || rename(d->temp, path) != 0) {
		int rc = grx_fail(cx, GRX_E_IO, "%s: cannot be written: %s", path, strerror(errno));
		grx_free(path);
		return rc;
	}
	grx_free(d->temp);
	d->temp = NULL;
	grx_free(d->path);
	d->path = path;
	return GRX_OK;
}
