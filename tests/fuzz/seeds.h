/* SPDX-License-Identifier: GPL-3.0-or-later
 * seeds.h -- what fuzz targets over text share when they run by seeds instead of under libFuzzer: random
 * numbers, a failure that stops, and a main: `TARGET [N]` seeds 1..N, `TARGET -s SEED` one, `TARGET FILE...`
 * kept inputs. */
#ifndef GRX_FUZZ_SEEDS_H
#define GRX_FUZZ_SEEDS_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genorx/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint64_t seeds_state = 1;

static inline uint32_t draw(uint32_t n)
{
	seeds_state ^= seeds_state << 13;
	seeds_state ^= seeds_state >> 7;
	seeds_state ^= seeds_state << 17;
	return (uint32_t)(seeds_state >> 33) % n;
}

static inline void seed_set(uint64_t seed)
{
	seeds_state = seed * 0x9E3779B97F4A7C15u + 1;
	for (int i = 0; i < 8; i++)
		draw(2);
}

static inline void seeds_file(const char *name)
{
	static uint8_t b[1 << 20];
	FILE *f = fopen(name, "rb");
	if (!f) {
		fprintf(stderr, "%s: cannot read\n", name);
		abort();
	}
	size_t n = fread(b, 1, sizeof(b), f);
	fclose(f);
	LLVMFuzzerTestOneInput(b, n);
}

/* to: seeds without an argument. */
static inline void seeds_run(int argc, char **argv, uint64_t to, void (*seeded)(uint64_t seed))
{
	uint64_t from = 1;
	if (argc == 3 && strcmp(argv[1], "-s") == 0) {
		from = to = strtoull(argv[2], NULL, 10);
	} else if (argc == 2 && argv[1][0] >= '0' && argv[1][0] <= '9') {
		to = strtoull(argv[1], NULL, 10);
	} else if (argc > 1) {
		to = 0;
		for (int i = 1; i < argc; i++)
			seeds_file(argv[i]);
	}
	for (uint64_t s = from; s <= to; s++)
		seeded(s);
}

#endif
