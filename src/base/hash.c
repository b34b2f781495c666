/* SPDX-License-Identifier: GPL-3.0-or-later
 * hash.c -- SHA-256 and MD5 of libcrypto.
 * The low-level functions, not EVP: EVP fetches its algorithms through locks that it made itself and crashes
 * when their allocation failed; these allocate nothing and cannot fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <errno.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct grx_sha {
	SHA256_CTX c;
};

struct grx_md5 {
	MD5_CTX c;
};

struct grx_sha *grx_sha_new(void)
{
	struct grx_sha *h = grx_calloc(1, sizeof(*h));
	if (h)
		SHA256_Init(&h->c);
	return h;
}

void grx_sha_add(struct grx_sha *h, const void *p, size_t n)
{
	SHA256_Update(&h->c, p, n);
}

static void to_hex(const unsigned char *d, unsigned n, char *hex)
{
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", d[i]);
}

int grx_sha_end(struct grx_sha *h, char hex[65])
{
	unsigned char d[SHA256_DIGEST_LENGTH];
	int ok = SHA256_Final(d, &h->c);
	grx_free(h);
	if (ok != 1)
		return GRX_E_BUG;
	to_hex(d, sizeof d, hex);
	return GRX_OK;
}

int grx_sha_file(struct grx_ctx *cx, const char *path, char hex[65])
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
	struct grx_sha *h = grx_sha_new();
	char *buf = grx_malloc(1 << 16, 1);
	int rc = GRX_OK;
	size_t n;
	if (!h || !buf)
		rc = grx_fail_nomem(cx, "a checksum");
	while (rc == GRX_OK && (n = fread(buf, 1, 1 << 16, f)) > 0)
		grx_sha_add(h, buf, n);
	if (rc == GRX_OK && ferror(f))
		rc = grx_fail(cx, GRX_E_IO, "%s: read error: %s", path, strerror(errno));
	if (h && grx_sha_end(h, hex) != GRX_OK && rc == GRX_OK)
		rc = grx_fail(cx, GRX_E_BUG, "%s: SHA-256 failed in libcrypto", path);
	grx_free(buf);
	fclose(f);
	return rc;
}

struct grx_md5 *grx_md5_new(void)
{
	struct grx_md5 *h = grx_calloc(1, sizeof(*h));
	if (h)
		MD5_Init(&h->c);
	return h;
}

void grx_md5_add(struct grx_md5 *h, const void *p, size_t n)
{
	MD5_Update(&h->c, p, n);
}

void grx_md5_free(struct grx_md5 *h)
{
	grx_free(h);
}

void grx_md5_end(struct grx_md5 *h, char hex[33])
{
	unsigned char d[MD5_DIGEST_LENGTH];
	MD5_Final(d, &h->c);
	grx_free(h);
	to_hex(d, sizeof d, hex);
}

int grx_md5(const void *p, size_t n, char hex[33])
{
	struct grx_md5 h;
	unsigned char d[MD5_DIGEST_LENGTH];
	MD5_Init(&h.c);
	MD5_Update(&h.c, p, n);
	MD5_Final(d, &h.c);
	to_hex(d, sizeof d, hex);
	return GRX_OK;
}
