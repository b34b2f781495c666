/* SPDX-License-Identifier: GPL-3.0-or-later
 * hash.c -- SHA-256 and MD5 through OpenSSL's EVP. */
#include "base/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct grx_sha {
	EVP_MD_CTX *md;
	bool bad;
};

struct grx_sha *grx_sha_new(void)
{
	struct grx_sha *h = grx_calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->md = EVP_MD_CTX_new();
	h->bad = !h->md || EVP_DigestInit_ex(h->md, EVP_sha256(), NULL) != 1;
	return h;
}

void grx_sha_add(struct grx_sha *h, const void *p, size_t n)
{
	if (!h->bad && EVP_DigestUpdate(h->md, p, n) != 1)
		h->bad = true;
}

static void to_hex(const unsigned char *d, unsigned n, char *hex)
{
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", d[i]);
}

int grx_sha_end(struct grx_sha *h, char hex[65])
{
	unsigned char d[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool bad = h->bad || EVP_DigestFinal_ex(h->md, d, &n) != 1 || n != 32;
	EVP_MD_CTX_free(h->md);
	grx_free(h);
	if (bad)
		return GRX_E_BUG;
	to_hex(d, n, hex);
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

int grx_md5(const void *p, size_t n, char hex[33])
{
	unsigned char d[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	if (EVP_Digest(p, n, d, &len, EVP_md5(), NULL) != 1 || len != 16)
		return GRX_E_BUG;
	to_hex(d, len, hex);
	return GRX_OK;
}
