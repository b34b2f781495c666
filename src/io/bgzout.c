/* SPDX-License-Identifier: GPL-3.0-or-later
 * bgzout.c -- BGZF blocks made one at a time. A block that repeats (the N runs of a padded reference) is
 * compressed once and written many times: 1.5 Gb of N cost milliseconds. Invariant: `at`/`raw` are the
 * offsets of the next block. */
#include "io/bgzout.h"

#include <string.h>

#include <htslib/bgzf.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"

struct grx_bgz {
	struct grx_out *out, *gzi;
	uint64_t at, raw; /* compressed, uncompressed offset of the next block */
	uint64_t *entry;  /* pairs (at, raw) of every block but the first */
	size_t n_entry, cap_entry;
	bool oom, broken;
	size_t n;
	uint8_t buf[GRX_BGZ_BLOCK], packed[BGZF_MAX_BLOCK_SIZE];
};

int grx_bgz_open(struct grx_ctx *cx, const char *path, bool gzi, struct grx_bgz **out)
{
	struct grx_bgz *z = grx_calloc(1, sizeof(*z));
	struct grx_str name = {0};
	int rc;

	*out = NULL;
	if (!z)
		return grx_fail_nomem(cx, "compressed output");
	grx_str_addf(&name, "%s.gzi", path);
	rc = name.oom ? grx_fail_nomem(cx, "file name") : grx_out_open(cx, path, &z->out);
	if (rc == GRX_OK && gzi)
		rc = grx_out_open(cx, name.s, &z->gzi);
	grx_str_clear(&name);
	if (rc) {
		if (z->out && grx_out_close(cx, z->out))
			rc = rc ? rc : GRX_E_IO; /* the first error is kept in cx */
		grx_free(z);
		return rc;
	}
	*out = z;
	return GRX_OK;
}

static void block_put(struct grx_bgz *z, size_t packed, size_t raw)
{
	if (z->raw > 0) {
		if (grx_grow(&z->entry, &z->cap_entry, z->n_entry + 2, sizeof(*z->entry), 0)) {
			z->oom = true;
			return;
		}
		z->entry[z->n_entry++] = z->at;
		z->entry[z->n_entry++] = z->raw;
	}
	grx_out_write(z->out, z->packed, packed);
	z->at += packed;
	z->raw += raw;
}

static size_t pack(struct grx_bgz *z, const void *p, size_t n)
{
	size_t got = sizeof(z->packed);

	if (bgzf_compress(z->packed, &got, p, n, 6) < 0) {
		z->broken = true;
		return 0;
	}
	return got;
}

static void flush(struct grx_bgz *z)
{
	if (z->n)
		block_put(z, pack(z, z->buf, z->n), z->n);
	z->n = 0;
}

void grx_bgz_write(struct grx_bgz *z, const void *p, size_t n)
{
	const uint8_t *s = p;

	while (n > 0) {
		size_t k = GRX_BGZ_BLOCK - z->n;

		if (k > n)
			k = n;
		memcpy(z->buf + z->n, s, k);
		z->n += k;
		s += k;
		n -= k;
		if (z->n == GRX_BGZ_BLOCK)
			flush(z);
	}
}

void grx_bgz_puts(struct grx_bgz *z, const char *s)
{
	grx_bgz_write(z, s, strlen(s));
}

void grx_bgz_repeat(struct grx_bgz *z, const void *p, size_t n, int64_t times)
{
	size_t packed;

	if (n == 0 || n > GRX_BGZ_BLOCK || times <= 0)
		return;
	flush(z);
	packed = pack(z, p, n);
	for (; times > 0 && !z->oom; times--)
		block_put(z, packed, n);
}

static void put_u64(struct grx_out *o, uint64_t x)
{
	uint8_t b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (uint8_t)(x >> (8 * i));
	grx_out_write(o, b, 8);
}

int grx_bgz_close(struct grx_ctx *cx, struct grx_bgz *z)
{
	size_t i, n;
	int rc = GRX_OK, r;

	flush(z);
	n = pack(z, "", 0);
	grx_out_write(z->out, z->packed, n);
	if (z->gzi) {
		put_u64(z->gzi, z->n_entry / 2);
		for (i = 0; i < z->n_entry; i++)
			put_u64(z->gzi, z->entry[i]);
	}
	if (z->oom)
		rc = grx_fail_nomem(cx, "index of compressed output");
	else if (z->broken)
		rc = grx_fail(cx, GRX_E_BUG, "a BGZF block could not be compressed");
	r = grx_out_close(cx, z->out);
	rc = rc ? rc : r;
	if (z->gzi) {
		r = grx_out_close(cx, z->gzi);
		rc = rc ? rc : r;
	}
	grx_free(z->entry);
	grx_free(z);
	return rc;
}
