/* SPDX-License-Identifier: GPL-3.0-or-later
 * bed.c -- sorted, merged intervals. */
#include "bio/bed.h"

#include <stdlib.h>

#include "base/mem.h"

struct grx_bed *grx_bed_new(void)
{
	return grx_calloc(1, sizeof(struct grx_bed));
}

void grx_bed_free(struct grx_bed *b)
{
	if (!b)
		return;
	grx_free(b->v);
	grx_free(b);
}

int grx_bed_add(struct grx_ctx *cx, struct grx_bed *b, int32_t tid, int64_t beg, int64_t end)
{
	if (grx_grow(&b->v, &b->cap, b->n + 1, sizeof *b->v, 0) != GRX_OK)
		return grx_fail_nomem(cx, "intervals");
	b->v[b->n++] = (struct grx_interval){tid, beg, end};
	return GRX_OK;
}

static int by_position(const void *pa, const void *pb)
{
	const struct grx_interval *a = pa, *b = pb;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	if (a->beg != b->beg)
		return a->beg < b->beg ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

void grx_bed_finish(struct grx_bed *b)
{
	size_t n = 0;
	if (b->n)
		qsort(b->v, b->n, sizeof *b->v, by_position);
	for (size_t i = 0; i < b->n; i++) {
		struct grx_interval *last = n ? &b->v[n - 1] : NULL;
		if (last && last->tid == b->v[i].tid && b->v[i].beg <= last->end) {
			if (b->v[i].end > last->end)
				last->end = b->v[i].end;
		} else {
			b->v[n++] = b->v[i];
		}
	}
	b->n = n;
}

size_t grx_bed_lower(const struct grx_bed *b, int32_t tid, int64_t pos)
{
	size_t lo = 0, hi = b->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct grx_interval *v = &b->v[mid];
		if (v->tid < tid || (v->tid == tid && v->end <= pos))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool grx_bed_overlaps(const struct grx_bed *b, int32_t tid, int64_t beg, int64_t end)
{
	size_t i = grx_bed_lower(b, tid, beg);
	return i < b->n && b->v[i].tid == tid && b->v[i].beg < end;
}

bool grx_bed_has(const struct grx_bed *b, int32_t tid, int64_t pos)
{
	return grx_bed_overlaps(b, tid, pos, pos + 1);
}

bool grx_bed_covers(const struct grx_bed *b, int32_t tid, int64_t beg, int64_t end)
{
	size_t i = grx_bed_lower(b, tid, beg);
	return i < b->n && b->v[i].tid == tid && b->v[i].beg <= beg && b->v[i].end >= end;
}

int64_t grx_bed_bases(const struct grx_bed *b)
{
	int64_t sum = 0;
	for (size_t i = 0; i < b->n; i++)
		sum += b->v[i].end - b->v[i].beg;
	return sum;
}
