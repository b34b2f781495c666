/* SPDX-License-Identifier: GPL-3.0-or-later
 * out.c -- the output registry: temp, write, flush, fsync, close, rename; nothing half-done keeps its final
 * name. */
#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum entry_state { ENTRY_OPEN, ENTRY_COMPLETE, ENTRY_PLACED, ENTRY_DONE };

struct entry {
	char *path, *temp;
	enum entry_state state;
};

struct grx_outs {
	size_t n, cap;
	struct entry *v;
	bool std; /* standard output has its output: a second one would be mixed into it */
};

struct grx_out {
	FILE *f;
	char *temp; /* borrowed from the registry; NULL = stdout */
	const char *path;
	int err; /* first errno */
};

struct grx_outs *grx_outs_new(void)
{
	return grx_calloc(1, sizeof(struct grx_outs));
}

void grx_outs_abort(struct grx_outs *os)
{
	if (!os)
		return;
	for (size_t i = 0; i < os->n; i++) {
		/* placed by a commit that failed later: an output without its index or its table is no result
		 */
		if (os->v[i].state == ENTRY_PLACED)
			unlink(os->v[i].path);
		else if (os->v[i].state != ENTRY_DONE)
			unlink(os->v[i].temp);
		os->v[i].state = ENTRY_DONE;
	}
}

void grx_outs_free(struct grx_outs *os)
{
	if (!os)
		return;
	grx_outs_abort(os);
	for (size_t i = 0; i < os->n; i++) {
		grx_free(os->v[i].path);
		grx_free(os->v[i].temp);
	}
	grx_free(os->v);
	grx_free(os);
}

static int io_fail(struct grx_ctx *cx, const char *path, const char *what, int err)
{
	const char *hint = err == ENOSPC || err == EDQUOT ? ": free some space and run again" : "";
	return grx_fail(cx, GRX_E_IO, "%s: %s: %s%s", path, what, strerror(err), hint);
}

/* "dir" of "dir/name", "." of "name" */
static void folder_of(const char *path, char *dir, size_t cap)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		snprintf(dir, cap, ".");
	else
		snprintf(dir, cap, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static int fsync_path(struct grx_ctx *cx, const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return io_fail(cx, path, "cannot be opened to sync", errno);
	int bad = fsync(fd) != 0 && errno != EINVAL ? errno : 0;
	if (close(fd) != 0 && !bad)
		bad = errno;
	return bad ? io_fail(cx, path, "sync failed", bad) : GRX_OK;
}

int grx_outs_commit(struct grx_ctx *cx)
{
	struct grx_outs *os = cx->outs;
	char dir[PATH_MAX];
	if (grx_mem_refused())
		return grx_fail_nomem(cx, "a part of the outputs");
	for (size_t i = 0; i < os->n; i++) {
		if (os->v[i].state == ENTRY_OPEN)
			return grx_fail(cx, GRX_E_BUG, "%s: still open at commit", os->v[i].path);
	}
	for (size_t i = 0; i < os->n; i++) {
		struct entry *e = &os->v[i];
		if (e->state == ENTRY_DONE)
			continue;
		if (rename(e->temp, e->path) != 0)
			return io_fail(cx, e->path, "cannot be renamed into place", errno);
		e->state = ENTRY_PLACED;
	}
	for (size_t i = 0; i < os->n; i++) {
		if (os->v[i].state != ENTRY_PLACED)
			continue;
		folder_of(os->v[i].path, dir, sizeof dir);
		int rc = fsync_path(cx, dir, O_DIRECTORY);
		if (rc != GRX_OK)
			return rc;
	}
	for (size_t i = 0; i < os->n; i++)
		os->v[i].state = ENTRY_DONE;
	return GRX_OK;
}

/* A path that is not a regular file (a device, a pipe) is written in place: it cannot be renamed over. Nor
 * may the system's names for open files (/dev/stdout, /dev/fd/N), whatever they point to. /dev/shm holds
 * ordinary files. */
static bool is_special(const char *path)
{
	struct stat st;
	if (grx_starts(path, "/dev/std") || grx_starts(path, "/dev/fd/") || grx_starts(path, "/proc/"))
		return true;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int check_target(struct grx_ctx *cx, const char *path)
{
	struct stat st;
	if (path[0] == '\0')
		return grx_fail(cx, GRX_E_USAGE, "an output file has an empty name: name it");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return grx_fail(cx, GRX_E_IO, "%s: is a folder: give a file name", path);
	return GRX_OK;
}

static int make_temp(struct grx_ctx *cx, const char *path, const char *temp)
{
	for (int try = 0; try < 2; try++) {
		int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			if (close(fd) == 0)
				return GRX_OK;
			int err = errno;
			unlink(temp);
			return io_fail(cx, path, "close failed", err);
		}
		/* left by a killed process that had our pid */
		if (errno != EEXIST || unlink(temp) != 0)
			break;
	}
	return io_fail(cx, path,
		errno == ENOENT ? "cannot be created: make its folder first" : "cannot be created", errno);
}

int grx_outs_temp(struct grx_ctx *cx, const char *path, const char **temp)
{
	struct grx_outs *os = cx->outs;
	if (strcmp(path, "-") == 0 || is_special(path)) {
		if (path[0] == '-' && os->std)
			return grx_fail(cx, GRX_E_USAGE,
				"standard output is named for two outputs ('-', or -o was not given): "
				"name a file for one of them");
		os->std |= path[0] == '-';
		*temp = path;
		return GRX_OK;
	}
	int rc = check_target(cx, path);
	if (rc != GRX_OK)
		return rc;
	for (size_t i = 0; i < os->n; i++) {
		if (strcmp(os->v[i].path, path) == 0 && os->v[i].state != ENTRY_DONE)
			return grx_fail(
				cx, GRX_E_USAGE, "%s: named for two outputs: give each its own file", path);
	}
	if (grx_grow(&os->v, &os->cap, os->n + 1, sizeof *os->v, 0) != GRX_OK)
		return grx_fail_nomem(cx, "the list of outputs");
	struct entry *e = &os->v[os->n];
	struct grx_str t = {0};
	/* htslib guesses nothing from the name here, but an index name is made by adding to it */
	grx_str_addf(&t, "%s.tmp.%ld", path, (long)getpid());
	*e = (struct entry){grx_strdup(path), t.s, ENTRY_OPEN};
	if (!e->path || t.oom) {
		grx_free(e->path);
		grx_free(t.s);
		return grx_fail_nomem(cx, "an output name");
	}
	rc = make_temp(cx, path, e->temp);
	if (rc != GRX_OK) {
		grx_free(e->path);
		grx_free(e->temp);
		return rc;
	}
	os->n++;
	*temp = e->temp;
	return GRX_OK;
}

static struct entry *find_entry(struct grx_outs *os, const char *temp)
{
	for (size_t i = 0; i < os->n; i++) {
		if (strcmp(os->v[i].temp, temp) == 0 && os->v[i].state == ENTRY_OPEN)
			return &os->v[i];
	}
	return NULL;
}

int grx_outs_sync(struct grx_ctx *cx, const char *temp)
{
	struct entry *e = find_entry(cx->outs, temp);
	if (!e) /* stdout or a device */
		return GRX_OK;
	int rc = fsync_path(cx, temp, 0);
	if (rc == GRX_OK)
		e->state = ENTRY_COMPLETE;
	return rc;
}

int grx_out_open(struct grx_ctx *cx, const char *path, struct grx_out **out)
{
	const char *temp = NULL;
	int rc = grx_outs_temp(cx, path, &temp);
	if (rc != GRX_OK)
		return rc;
	struct grx_out *o = grx_calloc(1, sizeof(*o));
	if (!o)
		return grx_fail_nomem(cx, "an output");
	bool std = strcmp(temp, "-") == 0;
	o->path = std ? "standard output" : path;
	o->temp = std ? NULL : grx_strdup(temp);
	/* a duplicate, so that closing it reports a full disk and leaves fd 1 alone */
	int fd = std ? dup(STDOUT_FILENO) : open(temp, O_WRONLY | O_CLOEXEC | O_TRUNC);
	o->f = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (!o->f || (!std && !o->temp)) {
		rc = io_fail(cx, o->path, "cannot be opened for writing", errno);
		if (o->f)
			fclose(o->f);
		else if (fd >= 0)
			close(fd);
		grx_free(o->temp);
		grx_free(o);
		return rc;
	}
	*out = o;
	return GRX_OK;
}

void grx_out_write(struct grx_out *o, const void *p, size_t n)
{
	if (!o->err && n && fwrite(p, 1, n, o->f) != n)
		o->err = errno ? errno : EIO;
}

void grx_out_puts(struct grx_out *o, const char *s)
{
	grx_out_write(o, s, strlen(s));
}

void grx_out_printf(struct grx_out *o, const char *fmt, ...)
{
	if (o->err)
		return;
	va_list ap;
	va_start(ap, fmt);
	if (vfprintf(o->f, fmt, ap) < 0)
		o->err = errno ? errno : EIO;
	va_end(ap);
}

int grx_out_close(struct grx_ctx *cx, struct grx_out *o)
{
	int err = o->err;
	if (fflush(o->f) != 0 && !err)
		err = errno;
	if (!err && o->temp && fsync(fileno(o->f)) != 0 && errno != EINVAL && errno != EROFS)
		err = errno;
	if (fclose(o->f) != 0 && !err)
		err = errno;
	int rc = err ? io_fail(cx, o->path, "write failed", err) : GRX_OK;
	if (rc == GRX_OK && o->temp) {
		struct entry *e = find_entry(cx->outs, o->temp);
		if (e)
			e->state = ENTRY_COMPLETE;
	}
	grx_free(o->temp);
	grx_free(o);
	return rc;
}

int grx_mkdir(struct grx_ctx *cx, const char *path)
{
	struct stat st;
	if (mkdir(path, 0700) == 0)
		return GRX_OK;
	int err = errno;
	if (err == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return GRX_OK;
	return grx_fail(cx, GRX_E_IO, "%s: the output folder cannot be made: %s", path, strerror(err));
}

int grx_same_file_check(struct grx_ctx *cx, const char *in, const char *out)
{
	struct stat a, b;
	if (!in || !out || strcmp(in, "-") == 0 || strcmp(out, "-") == 0)
		return GRX_OK;
	if (stat(in, &a) != 0 || stat(out, &b) != 0 || !S_ISREG(a.st_mode))
		return GRX_OK;
	if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return grx_fail(
			cx, GRX_E_USAGE, "%s: is both input and output: give the output another name", out);
	return GRX_OK;
}

int grx_network_check(struct grx_ctx *cx, const char *path)
{
	const char *p = path;
	while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (p > path && *p >= '0' && *p <= '9') ||
		(p > path && (*p == '+' || *p == '-')))
		p++;
	if (p > path && strncmp(p, "://", 3) == 0 && !cx->allow_network)
		return grx_fail(cx, GRX_E_USAGE,
			"%s: is a remote address; patient data stay local: copy the file here, or give "
			"--allow-network",
			path);
	return GRX_OK;
}
