/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcfraw.h -- typed values of BCF read in place. Internal to io.
 * Layout: VCF specification 4.3, section 6. Every count and length is checked against the record before use.
 */
#ifndef GRX_IO_BCFRAW_H
#define GRX_IO_BCFRAW_H

#include <stdbool.h>
#include <stdint.h>

#include <htslib/vcf.h>

#define BCFRAW_HEAD  8  /* the two lengths before a record */
#define BCFRAW_FIXED 24 /* bytes of the shared part before ID */

/* Reads typed values up to end; `bad` sticks. */
struct bcfraw {
	uint8_t *p, *end;
	bool bad;
};

static inline uint32_t bcfraw_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Bytes of a value of a type; -1: no such type. */
static inline int bcfraw_width(int type)
{
	switch (type) {
	case BCF_BT_NULL:
		return 0;
	case BCF_BT_INT8:
	case BCF_BT_CHAR:
		return 1;
	case BCF_BT_INT16:
		return 2;
	case BCF_BT_INT32:
	case BCF_BT_FLOAT:
		return 4;
	default:
		return -1;
	}
}

static inline int32_t bcfraw_int(const uint8_t *p, int type)
{
	if (type == BCF_BT_INT8)
		return (int8_t)*p;
	if (type == BCF_BT_INT16)
		return (int16_t)(p[0] | p[1] << 8);
	return (int32_t)bcfraw_u32(p);
}

static inline bool bcfraw_is_int(int type)
{
	return type == BCF_BT_INT8 || type == BCF_BT_INT16 || type == BCF_BT_INT32;
}

/* The mark before values: type and number. */
static inline int bcfraw_mark(struct bcfraw *r, int *type)
{
	*type = BCF_BT_NULL;
	if (r->bad || r->p >= r->end) {
		r->bad = true;
		return 0;
	}
	int n = *r->p >> 4;
	*type = *r->p++ & 15;
	if (n == 15) { /* the number follows as an integer of its own */
		if (r->p >= r->end || *r->p >> 4 != 1 || !bcfraw_is_int(*r->p & 15) ||
			r->end - r->p < 1 + bcfraw_width(*r->p & 15)) {
			r->bad = true;
			return 0;
		}
		int t = *r->p++ & 15;
		n = bcfraw_int(r->p, t);
		r->p += bcfraw_width(t);
	}
	r->bad |= bcfraw_width(*type) < 0 || n < 0;
	return n;
}

/* n values of width w: where they are. */
static inline uint8_t *bcfraw_values(struct bcfraw *r, size_t n, size_t w)
{
	uint8_t *p = r->p;

	if (r->bad || (size_t)(r->end - p) / (w ? w : 1) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n * w;
	return p;
}

static inline uint8_t *bcfraw_typed(struct bcfraw *r, int *type, int *n)
{
	*n = bcfraw_mark(r, type);
	return bcfraw_values(r, (size_t)*n, (size_t)bcfraw_width(*type));
}

#endif
