/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_noise.c -- presets of errors, quality profiles and stutter rates.
 * Stutter: phred-scaled rates by number of units of an instrument alone and of an amplified library, after
 * the fitted gap-open values of haplotype callers for PCR-free and PCR libraries. */
#include <math.h>
#include <string.h>

#include "stage/simulate/sim_noise.h"

static const struct sim_noise preset_free = {
	.bins = 8,
	.best = {39.8, 39},
	.fall = {6, 7},
	.dull = {0.14, 0.32},
	.dull_loss = 8,
	.dip = 0.03,
	.fade = 0.04,
	.scale = 0.75,
	.rest = {1e-4, 3e-4},
	.lib_sub = 1e-4,
	.gap = 5e-5,
	.stutter = 1,
	.motif = 0.01,
	.dup = 0.013,
	.hidden_dup = 0.002,
	.chimera = 0.004,
	.short_insert = 0.006,
	.low_mapq = 0.02,
	.gc = 2,
};

static const struct sim_noise preset_pcr = {
	.bins = 0,
	.best = {40, 39.5},
	.fall = {9, 7},
	.dull = {0.13, 0.18},
	.dull_loss = 7,
	.dip = 0.03,
	.fade = 0.05,
	.scale = 0.9,
	.rest = {3e-5, 6e-5},
	.lib_sub = 1e-4,
	.gap = 6e-5,
	.pcr = true,
	.stutter = 1,
	.motif = 0.015,
	.dup = 0.08,
	.hidden_dup = 0.006,
	.chimera = 0.006,
	.short_insert = 0.01,
	.low_mapq = 0.03,
	.gc = 7,
};

bool simulate_noisy(const struct simulate_opt *o)
{
	return o->noise && strcmp(o->noise, "demo") != 0;
}

void simulate_noise(const struct simulate_opt *o, struct sim_noise *e)
{
	*e = !strcmp(o->noise, "pcr") ? preset_pcr : preset_free;
	if (o->quality_bins)
		e->bins = o->quality_bins[0] - '0';
	e->rest[0] *= o->substitutions;
	e->rest[1] *= o->substitutions;
	e->lib_sub *= o->substitutions;
	e->gap *= o->gaps;
	e->stutter *= o->stutter;
	e->motif *= o->motifs;
	e->dup *= o->duplicates;
	e->hidden_dup *= o->duplicates;
	e->chimera *= o->chimeras;
	e->short_insert *= o->short_inserts;
	e->low_mapq *= o->low_mapq;
}

uint64_t simulate_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint8_t simulate_bin(int bins, int q)
{
	static const uint8_t eight[] = {7, 7, 12, 18, 22, 27, 32, 37, 41};

	q = q < 2 ? 2 : q > 41 ? 41 : q;
	if (bins == 4)
		return q < 8 ? 2 : q < 18 ? 12 : q < 30 ? 23 : 37;
	return bins == 8 ? eight[q / 5] : (uint8_t)q;
}

/* Loss of quality at cycle x in [0, 1): little at first, then along a square; cluster finding costs the first
 * cycles a bit. */
static double cycle_loss(double x, int i, double fall)
{
	return (x > 0.3 ? fall * (x - 0.3) * (x - 0.3) / 0.49 : 0) + (i < 4 ? 4 : 0);
}

void simulate_quality(
	const struct sim_noise *e, struct grx_rng *r, int len, int mate, struct sim_quality *out)
{
	double level = e->best[mate] + grx_rng_normal(r, 0, 0.8),
	       fall = e->fall[mate] + grx_rng_normal(r, 0, 1.5), drift = 0, jump = 0;
	int i, at = grx_rng_uniform(r) < e->fade ? (int)grx_rng_below(r, (uint64_t)len) : len, q;

	if (grx_rng_uniform(r) < e->dull[mate])
		level -= grx_rng_exponential(r, e->dull_loss);
	jump = 6 + grx_rng_exponential(r, 6);
	out->hazard[0] = 0;
	for (i = 0; i < len; i++) {
		double p, dull = (e->best[mate] - level) * 0.25;

		drift = 0.8 * drift + grx_rng_normal(r, 0, 1.3 + (dull > 0 ? 0.3 * dull : 0));
		q = (int)(level + drift - cycle_loss((double)i / len, i, fall) - (i >= at ? jump : 0) + 0.5);
		if (grx_rng_uniform(r) < e->dip)
			q -= 4 + (int)grx_rng_exponential(r, 8);
		q = q < 5 ? 5 : q > 41 ? 41 : q;
		p = e->scale * pow(10, -q / 10.0) + e->rest[mate];
		out->q[i] = simulate_bin(e->bins, q);
		out->hazard[i + 1] = out->hazard[i] - (float)log1p(-p);
	}
}

double simulate_stutter(const struct sim_noise *e, bool library, char base, int unit, int copies)
{
	/* the library's points are those of amplified libraries as a whole: the instrument's share is small
	 */
	static const struct sim_point
		at[2][7] = {{{4, 40}, {6, 34}, {8, 28}, {10, 23}, {12, 20}, {15, 18}, {20, 15}},
			{{4, 46}, {6, 34}, {8, 24}, {10, 16}, {12, 12}, {15, 9}, {20, 7}}},
		gc[2][7] = {{{4, 38}, {6, 28}, {8, 19}, {10, 15}, {12, 12}, {15, 8}, {20, 6}},
			{{4, 38}, {6, 28}, {8, 18}, {10, 12}, {12, 9}, {15, 6}, {20, 4}}},
		two[2][7] = {{{4, 35}, {6, 28}, {8, 24}, {10, 21}, {12, 20}, {15, 18}, {20, 15}},
			{{4, 32}, {6, 24}, {8, 18}, {10, 14}, {12, 13}, {15, 12}, {20, 9}}};
	const struct sim_point *c = unit > 1                     ? two[library]
				    : base == 'G' || base == 'C' ? gc[library]
								 : at[library];
	double p;

	if (library && !e->pcr)
		return 0;
	p = e->stutter * pow(10, -(simulate_curve(c, 7, copies) + (unit > 2 ? 3 : 0)) / 10);
	return p < 0.4 ? p : 0.4;
}
