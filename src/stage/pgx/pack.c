/* SPDX-License-Identifier: GPL-3.0-or-later
 * pack.c -- observations of a block of samples at one locus as bytes and back.
 * Private to one run, never a file format: what is read here was written by the same program. */
#include <string.h>

#include "stage/pgx/store.h"

static void put_u(struct grx_str *b, uint64_t x)
{
	char buf[10];
	size_t n = 0;
	for (; x >= 128; x >>= 7)
		buf[n++] = (char)(x | 128);
	buf[n++] = (char)x;
	grx_str_addn(b, buf, n);
}

static void put_i(struct grx_str *b, int64_t x)
{
	put_u(b, x < 0 ? ~((uint64_t)x << 1) : (uint64_t)x << 1);
}

static void put_s(struct grx_str *b, const char *s)
{
	size_t n = s ? strlen(s) : 0;
	put_u(b, s ? n + 1 : 0);
	grx_str_addn(b, s ? s : "", n);
}

static uint64_t get_u(struct pgx_bytes *b)
{
	uint64_t x = 0;
	for (unsigned shift = 0; b->p < b->end && shift < 64; shift += 7) {
		uint8_t c = *b->p++;
		x |= (uint64_t)(c & 127) << shift;
		if (c < 128)
			return x;
	}
	b->bad = true;
	return 0;
}

static int64_t get_i(struct pgx_bytes *b)
{
	uint64_t x = get_u(b);
	return x & 1 ? -(int64_t)(x >> 1) - 1 : (int64_t)(x >> 1);
}

static const char *get_s(struct pgx_bytes *b, struct grx_arena *mem)
{
	uint64_t n = get_u(b);
	if (!n)
		return NULL;
	if (n - 1 > (uint64_t)(b->end - b->p)) {
		b->bad = true;
		return NULL;
	}
	const char *s = grx_arena_strndup(mem, (const char *)b->p, n - 1);
	b->bad |= !s;
	b->p += n - 1;
	return s;
}

/* ---- one observation ---------------------------------------------------------------------------------- */

static int n_pl(const struct pgx_obs *o)
{
	return o->haploid ? o->n_code : o->n_code * (o->n_code + 1) / 2;
}

static void put_obs(struct grx_str *b, const struct pgx_obs *o, int rec)
{
	unsigned flags = (unsigned)o->phased | (unsigned)o->haploid << 1 | (unsigned)o->anchor_only << 2 |
			 (unsigned)o->many << 3 | (unsigned)o->rank << 4 | (unsigned)o->pl_low << 6;
	const char head[] = {(char)o->state, (char)flags, (char)o->code[0], (char)o->code[1], (char)o->gt[0],
		(char)o->gt[1], (char)(o->pl ? o->n_code : 0)};
	grx_str_addn(b, head, sizeof head);
	put_u(b, (uint64_t)rec);
	put_i(b, o->ps == GRX_INT_MISSING ? 0 : (int64_t)o->ps + (o->ps >= 0));
	put_i(b, o->dp);
	put_i(b, o->gq);
	put_i(b, o->pq);
	put_s(b, o->ad);
	for (int i = 0; o->pl && i < n_pl(o); i++)
		put_u(b, o->pl[i]);
}

static void get_pl(struct pgx_bytes *b, struct grx_arena *mem, struct pgx_obs *o)
{
	int n = n_pl(o);
	uint16_t *pl = n ? grx_arena_alloc(mem, (size_t)n, sizeof *pl) : NULL;
	b->bad |= n && !pl;
	for (int i = 0; pl && i < n; i++)
		pl[i] = (uint16_t)get_u(b);
	o->pl = pl;
}

/* Allele strings of a record. */
struct rec {
	const char *ref, *alt;
};

static void get_obs(
	struct pgx_bytes *b, struct grx_arena *mem, const struct rec *rec, uint64_t n_rec, struct pgx_obs *o)
{
	memset(o, 0, sizeof *o);
	if (b->end - b->p < 7) {
		b->bad = true;
		return;
	}
	const uint8_t *h = b->p;
	b->p += 7;
	o->state = h[0];
	o->phased = h[1] & 1;
	o->haploid = h[1] >> 1 & 1;
	o->anchor_only = h[1] >> 2 & 1;
	o->many = h[1] >> 3 & 1;
	o->rank = h[1] >> 4 & 3;
	o->pl_low = h[1] >> 6 & 1;
	for (int i = 0; i < 2; i++) {
		o->code[i] = (int8_t)h[2 + i];
		o->gt[i] = (int8_t)h[4 + i];
	}
	o->n_code = h[6];
	uint64_t k = get_u(b);
	b->bad |= k > n_rec;
	if (k && !b->bad) {
		o->ref = rec[k - 1].ref;
		o->alt = rec[k - 1].alt;
	}
	int64_t ps = get_i(b);
	o->ps = ps ? (int32_t)(ps - (ps > 0)) : GRX_INT_MISSING;
	o->dp = (int32_t)get_i(b);
	o->gq = (int32_t)get_i(b);
	o->pq = (int32_t)get_i(b);
	o->ad = get_s(b, mem);
	get_pl(b, mem, o);
}

/* ---- one chunk ---------------------------------------------------------------------------------------- */

/* The distinct pairs of allele strings of a chunk: first[k] = the sample that shows pair k first, of[i] =
 * pair of sample i from 1, 0 none. Samples of one record share its strings. Returns their number. */
static int number_recs(const struct pgx_obs *obs, int n, int *first, int *of)
{
	int n_rec = 0;
	for (int i = 0; i < n; i++) {
		int k = 0;
		of[i] = 0;
		if (!obs[i].ref)
			continue;
		while (k < n_rec && !(grx_streq(obs[first[k]].ref, obs[i].ref) &&
					    grx_streq(obs[first[k]].alt, obs[i].alt)))
			k++;
		if (k == n_rec)
			first[n_rec++] = i;
		of[i] = k + 1;
	}
	return n_rec;
}

void pgx_chunk_put(struct grx_str *b, const struct pgx_obs *obs, int n)
{
	int first[PGX_BLOCK], of[PGX_BLOCK];
	int n_rec = number_recs(obs, n, first, of);
	put_u(b, (uint64_t)n_rec);
	for (int k = 0; k < n_rec; k++) {
		put_s(b, obs[first[k]].ref);
		put_s(b, obs[first[k]].alt);
	}
	for (int i = 0; i < n; i++)
		put_obs(b, &obs[i], of[i]);
}

int pgx_chunk_get(struct pgx_bytes *b, struct grx_arena *mem, int n, size_t stride, struct pgx_obs *obs)
{
	struct rec rec[PGX_BLOCK];
	uint64_t n_rec = get_u(b);
	if (n_rec > PGX_BLOCK)
		return GRX_E_BUG;
	for (uint64_t k = 0; k < n_rec; k++) {
		rec[k].ref = get_s(b, mem);
		rec[k].alt = get_s(b, mem);
	}
	for (int i = 0; i < n; i++)
		get_obs(b, mem, rec, n_rec, &obs[(size_t)i * stride]);
	return b->bad ? GRX_E_NOMEM : GRX_OK; /* what we wrote ourselves is never cut: an arena is empty */
}

int pgx_pack(struct grx_arena *mem, const struct pgx_obs *obs, int n_sample, struct pgx_packed *out)
{
	int nb = pgx_blocks(n_sample), rc = GRX_E_NOMEM;
	struct grx_str b = {0};
	out->end = grx_arena_alloc(mem, (size_t)nb, sizeof *out->end);
	if (!out->end)
		return rc;
	for (int k = 0; k < nb; k++) {
		int from = k * PGX_BLOCK, n = n_sample - from;
		pgx_chunk_put(&b, obs + from, n < PGX_BLOCK ? n : PGX_BLOCK);
		out->end[k] = (uint32_t)b.n;
	}
	uint8_t *bytes = b.oom || b.n > UINT32_MAX ? NULL : grx_arena_alloc(mem, b.n, 1);
	if (bytes) {
		memcpy(bytes, b.s, b.n);
		out->bytes = bytes;
		rc = GRX_OK;
	}
	grx_str_clear(&b);
	return rc;
}
