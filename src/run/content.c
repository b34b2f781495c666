/* SPDX-License-Identifier: GPL-3.0-or-later
 * content.c -- content hashes. */
#include "run/content.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/mem.h"

#define WHOLE_BYTES  ((int64_t)1 << 30)
#define SAMPLE_BYTES ((size_t)1 << 20)
#define SAMPLES      64

static int sampled(struct grx_ctx *cx, const char *path, int64_t size, char hex[80])
{
	int rc = GRX_OK;
	FILE *f = fopen(path, "rb");
	char *buf = grx_malloc(SAMPLE_BYTES, 1), plain[65];
	struct grx_sha *h = grx_sha_new();
	if (!buf || !h)
		rc = grx_fail_nomem(cx, "a checksum");
	else if (!f)
		rc = grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
	for (int i = 0; i < SAMPLES && rc == GRX_OK; i++) {
		int64_t at = (size - (int64_t)SAMPLE_BYTES) / (SAMPLES - 1) * i;
		size_t n = 0;
		if (fseeko(f, at, SEEK_SET) == 0)
			n = fread(buf, 1, SAMPLE_BYTES, f);
		if (n == 0)
			rc = grx_fail(cx, GRX_E_IO, "%s: read error: %s", path, strerror(errno));
		grx_sha_add(h, buf, n);
	}
	if (h) {
		grx_sha_add(h, &size, sizeof size);
		int end = grx_sha_end(h, plain);
		if (rc == GRX_OK)
			rc = end;
	}
	if (rc == GRX_OK)
		snprintf(hex, 80, "sampled:%s", plain);
	if (f)
		fclose(f);
	grx_free(buf);
	return rc;
}

int grx_content_file(struct grx_ctx *cx, const char *path, char hex[80], int64_t *bytes)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
	*bytes = (int64_t)st.st_size;
	if (st.st_size > WHOLE_BYTES)
		return sampled(cx, path, (int64_t)st.st_size, hex);
	return grx_sha_file(cx, path, hex);
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int bytewise(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_entry(struct grx_ctx *cx, const char *path, struct grx_str *out)
{
	struct stat st;
	char hex[80];
	int64_t bytes;
	if (stat(path, &st) != 0)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return grx_content_tree(cx, path, out);
	if (!S_ISREG(st.st_mode))
		return GRX_OK;
	int rc = grx_content_file(cx, path, hex, &bytes);
	if (rc == GRX_OK)
		grx_str_addf(out, "%s %s\n", strrchr(path, '/') + 1, hex);
	return rc;
}

int grx_content_tree(struct grx_ctx *cx, const char *dir, struct grx_str *out)
{
	struct dirent **list = NULL;
	int rc = GRX_OK, n = scandir(dir, &list, not_hidden, bytewise);
	if (n < 0)
		return grx_fail(cx, GRX_E_NOINPUT,
			"%s: the folder of reference tables cannot be read: %s: give --refdata", dir,
			strerror(errno));
	for (int i = 0; i < n; i++) {
		struct grx_str path = {0};
		grx_str_addf(&path, "%s/%s", dir, list[i]->d_name);
		if (rc == GRX_OK)
			rc = path.oom ? grx_fail_nomem(cx, "a path") : add_entry(cx, path.s, out);
		grx_str_clear(&path);
		free(list[i]);
	}
	free(list);
	return rc;
}

int grx_content_text(struct grx_ctx *cx, const char *text, char hex[80])
{
	struct grx_sha *h = grx_sha_new();
	if (!h)
		return grx_fail_nomem(cx, "a checksum");
	grx_sha_add(h, text, strlen(text));
	return grx_sha_end(h, hex) == GRX_OK ? GRX_OK
					     : grx_fail(cx, GRX_E_BUG, "SHA-256 failed in libcrypto");
}
