/* SPDX-License-Identifier: GPL-3.0-or-later
 * ungapped.c -- price of a read on a haplotype without a gap, 32 bases a step.
 * Vectors of 16 bytes, two a step: every target that matters has them, and reads are too short for a wider
 * one to pay for its dispatch. */
#include "stage/call/phmm.h"

#include <string.h>

#define LANES 16
#define STEP  (2 * LANES)
#define FLUSH 64 /* steps of at most 4 * 255 each in 16 bits */

typedef uint8_t v8 __attribute__((vector_size(LANES)));
typedef uint16_t v16 __attribute__((vector_size(LANES)));

static int sum16(const v16 *v)
{
	int s = 0;
	for (int k = 0; k < LANES / 2; k++)
		s += (*v)[k];
	return s;
}

/* Adds the costs of half a step to sums of pairs of bases. */
static inline void half(const void *q, const void *qual, const void *hap, const v8 *cap, v16 *acc)
{
	v8 a, b, c;
	memcpy(&a, q, LANES);
	memcpy(&b, hap, LANES);
	memcpy(&c, qual, LANES);
	v8 over = (v8)(c > *cap);
	c = (c & ~over) | (*cap & over);
	c &= (v8)(a != b) & (v8)(a != 'N') & (v8)(b != 'N');
	v16 w = (v16)c;
	*acc += (w & 0xff) + (w >> 8);
}

static inline void step(const void *q, const void *qual, const void *hap, const v8 *cap, v16 *acc)
{
	half(q, qual, hap, cap, acc);
	half((const char *)q + LANES, (const char *)qual + LANES, (const char *)hap + LANES, cap, acc);
}

int call_ungapped_cost(const char *q, const uint8_t *qual, const char *hap, int32_t n, int cap)
{
	v8 top = (v8){0} + (uint8_t)(cap < 0 ? 0 : cap > 255 ? 255 : cap);
	v16 acc = {0};
	int sum = 0, steps = 0;
	int32_t i = 0;
	for (; i + STEP <= n; i += STEP) {
		step(q + i, qual + i, hap + i, &top, &acc);
		if (++steps == FLUSH - 1) {
			sum += sum16(&acc);
			acc = (v16){0};
			steps = 0;
		}
	}
	if (i < n) {
		char rq[STEP] = {0}, rh[STEP] = {0}, rl[STEP] = {0};
		memcpy(rq, q + i, (size_t)(n - i));
		memcpy(rh, hap + i, (size_t)(n - i));
		memcpy(rl, qual + i, (size_t)(n - i));
		step(rq, rl, rh, &top, &acc);
	}
	return sum + sum16(&acc);
}
