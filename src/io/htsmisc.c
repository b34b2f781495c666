/* SPDX-License-Identifier: GPL-3.0-or-later
 * htsmisc.c -- what htslib leaves to its callers: names without schemes, truncation, stale and foreign
 * indexes. Invariant: nothing here trusts a count or an offset from a file before it was checked against the
 * file's size. */
#include "io/htsmisc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"

void grx_hts_quiet(void)
{
	hts_set_log_level(HTS_LOG_OFF);
	/* a folder that can't exist: an unset REF_PATH means "ask a server" in this htslib */
	setenv("REF_PATH", "/dev/null/none", 1);
	setenv("REF_CACHE", "", 1);
}

int grx_hts_name(struct grx_ctx *cx, const char *path, char **name)
{
	struct grx_str b = {0};
	int rc;

	*name = NULL;
	rc = grx_network_check(cx, path);
	if (rc)
		return rc;
	if (strstr(path, HTS_IDX_DELIM))
		return grx_fail(cx, GRX_E_USAGE, "%s: a file name must not hold '%s': rename the file", path,
			HTS_IDX_DELIM);
	if (strcmp(path, "-") && path[0] != '/' && path[0] != '.' && !strstr(path, "://"))
		grx_str_add(&b, "./");
	grx_str_add(&b, path);
	if (b.oom) {
		grx_str_clear(&b);
		return grx_fail_nomem(cx, "file name");
	}
	*name = b.s;
	return GRX_OK;
}

int grx_readable_check(struct grx_ctx *cx, const char *path)
{
	struct stat st;

	if (!strcmp(path, "-") || strstr(path, "://"))
		return GRX_OK;
	if (stat(path, &st))
		return grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return grx_fail(cx, GRX_E_NOINPUT, "%s: is a folder, expected a file", path);
	if (access(path, R_OK))
		return grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", path, strerror(errno));
	return GRX_OK;
}

static int no_eof(struct grx_ctx *cx, const char *path, bool allow)
{
	if (allow) {
		grx_warn(cx, "%s: no BGZF end-of-file block: the file may be truncated", path);
		return GRX_OK;
	}
	return grx_fail(cx, GRX_E_DATA,
		"%s: no BGZF end-of-file block at its end: the file is truncated; copy or make it again "
		"(reads only: --allow-missing-eof accepts it)",
		path);
}

int grx_bgzf_eof_check(struct grx_ctx *cx, BGZF *fp, const char *path, bool allow)
{
	int r;

	if (bgzf_compression(fp) != 2)
		return GRX_OK;
	r = bgzf_check_EOF(fp);
	if (r < 0)
		return grx_fail(cx, GRX_E_IO, "%s: seek failed: %s", path, strerror(errno));
	return r == 0 ? no_eof(cx, path, allow) : GRX_OK;
}

int grx_bgzf_end_check(struct grx_ctx *cx, BGZF *fp, const char *path, bool allow)
{
	if (fp->errcode)
		return grx_bgzf_fail(cx, fp, path, "");
	if (bgzf_compression(fp) == 2 && (fp->no_eof_block || !fp->last_block_eof))
		return no_eof(cx, path, allow);
	return GRX_OK;
}

int grx_hts_sys_fail(struct grx_ctx *cx, const char *path, int err)
{
	if (err == ENOMEM)
		return grx_fail_nomem(cx, "reading a file");
	if (err == EIO || err == ESTALE || err == ENFILE || err == EMFILE || err == ENOSPC)
		return grx_fail(cx, GRX_E_IO, "%s: read failed: %s", path, strerror(err));
	return GRX_OK;
}

int grx_bgzf_fail(struct grx_ctx *cx, const BGZF *fp, const char *path, const char *where)
{
	int e = errno;
	const char *sp = *where ? " " : "";

	if (e == ENOMEM)
		return grx_fail_nomem(cx, "reading a compressed block");
	if (e == EIO || e == ESTALE || e == EISDIR)
		return grx_fail(cx, GRX_E_IO, "%s: read failed%s%s: %s", path, sp, where, strerror(e));
	if (fp && (fp->errcode & (BGZF_ERR_ZLIB | BGZF_ERR_HEADER)))
		return grx_fail(cx, GRX_E_DATA,
			"%s: corrupt compressed block%s%s (header, deflate stream or checksum): copy the "
			"file again",
			path, sp, where);
	return grx_fail(cx, GRX_E_DATA, "%s: truncated or corrupt record%s%s: copy or make the file again",
		path, sp, where);
}

/* "a/b.bam" + "^.bai" -> "a/b.bai"; NULL when path has no extension. */
static char *index_name(const char *path, const char *suffix, bool *oom)
{
	struct grx_str b = {0};
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');

	if (*suffix == '^') {
		if (!dot || (slash && dot < slash))
			return NULL;
		grx_str_addn(&b, path, (size_t)(dot - path));
		suffix++;
	} else {
		grx_str_add(&b, path);
	}
	grx_str_add(&b, suffix);
	*oom = b.oom;
	return b.s;
}

int grx_index_find(struct grx_ctx *cx, const char *path, const char *const *suffix, char **found)
{
	struct stat st;

	*found = NULL;
	if (!strcmp(path, "-"))
		return GRX_OK;
	for (; *suffix; suffix++) {
		bool oom = false;
		char *name = index_name(path, *suffix, &oom);

		if (oom) {
			grx_free(name);
			return grx_fail_nomem(cx, "file name");
		}
		if (name && stat(name, &st) == 0 && S_ISREG(st.st_mode)) {
			*found = name;
			return GRX_OK;
		}
		grx_free(name);
	}
	return GRX_OK;
}

int grx_index_fresh(struct grx_ctx *cx, const char *data, const char *index, const char *remake)
{
	struct stat a, b;

	if (stat(data, &a) || stat(index, &b))
		return GRX_OK; /* remote, or gone since: the open will tell */
	if (b.st_mtime < a.st_mtime)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: the index is older than %s: make it again with `%s %s`", index, data, remake,
			data);
	return GRX_OK;
}

int64_t grx_file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
}

int grx_gzi_check(struct grx_ctx *cx, const char *data, const char *gzi)
{
	int64_t size = grx_file_size(gzi), dsize = grx_file_size(data);
	unsigned char b[8];
	uint64_t n = 0, last = 0;
	FILE *fp = fopen(gzi, "rb");
	int i;

	if (!fp) {
		i = grx_hts_sys_fail(cx, gzi, errno);
		return i ? i : grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", gzi, strerror(errno));
	}
	errno = 0;
	if (fread(b, 1, 8, fp) == 8)
		for (i = 7; i >= 0; i--)
			n = n << 8 | b[i];
	else
		size = -1;
	if (ferror(fp) && grx_hts_sys_fail(cx, gzi, errno)) {
		fclose(fp);
		return cx->err.status;
	}
	if (size < 8 || n != (uint64_t)(size - 8) / 16 || (size - 8) % 16) {
		fclose(fp);
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: says %llu entries but its size does not fit: make it again with `samtools faidx "
			"%s`",
			gzi, (unsigned long long)n, data);
	}
	if (n && fseeko(fp, (off_t)(size - 16), SEEK_SET) == 0 && fread(b, 1, 8, fp) == 8)
		for (i = 7; i >= 0; i--)
			last = last << 8 | b[i];
	fclose(fp);
	if (dsize >= 0 && last >= (uint64_t)dsize)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: points beyond the end of %s: make it again with `samtools faidx %s`", gzi, data,
			data);
	return GRX_OK;
}
