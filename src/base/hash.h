/* SPDX-License-Identifier: GPL-3.0-or-later
 * hash.h -- SHA-256 (OpenSSL libcrypto). */
#ifndef GRX_BASE_HASH_H
#define GRX_BASE_HASH_H

#include <stddef.h>

#include "genorx/ctx.h"

struct grx_sha;
struct grx_sha *grx_sha_new(void);
void grx_sha_add(struct grx_sha *h, const void *p, size_t n);
/* hex[65]; frees h. GRX_E_BUG if libcrypto fails. */
int grx_sha_end(struct grx_sha *h, char hex[65]) GRX_MUST;
int grx_sha_file(struct grx_ctx *cx, const char *path, char hex[65]) GRX_MUST;
/* MD5 piece by piece; _end() frees h. */
struct grx_md5;
struct grx_md5 *grx_md5_new(void);
void grx_md5_add(struct grx_md5 *h, const void *p, size_t n);
void grx_md5_end(struct grx_md5 *h, char hex[33]);
void grx_md5_free(struct grx_md5 *h);
/* MD5 of an upper-case sequence, hex[33], for @SQ M5. */
int grx_md5(const void *p, size_t n, char hex[33]) GRX_MUST;

#endif
