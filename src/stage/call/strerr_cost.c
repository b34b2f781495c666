/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_cost.c -- gap costs of an alignment score from stutter rates, and their place on a haplotype. */
#include "stage/call/strerr_int.h"

#include <math.h>

#define MAX_UNIT 6
#define GEX_BITS                                                                                             \
	5 /* while the haplotype is scanned ext holds unit and extension, ins and del the cost of one unit   \
	   */
#define GEX_MASK  ((1 << GEX_BITS) - 1)
#define TETRA_LEN 4

static const int class_unit[CALL_STR_N] = {1, 1, 2, 3, TETRA_LEN};

static int phred(double p)
{
	return (int)floor(-10 * log10(p) + 0.5);
}

static uint8_t clamp(int x, int lo, int hi)
{
	return (uint8_t)(x < lo ? lo : x > hi ? hi : x);
}

const double call_str_factor[CALL_STR_LEVELS] = {1, 0.4, 2.5};

static void level_costs(const struct call_strmodel *m, double factor, struct call_strcost *o)
{
	for (int c = 0; c < CALL_STR_N; c++) {
		double f = m->contract[c];
		for (int u = 0; u <= CALL_STR_UNITS; u++) {
			double rho = m->decay[c][u], rate = m->rate[c][u] * factor;
			double one = (rate < CALL_STR_MAX_RATE ? rate : CALL_STR_MAX_RATE) * (1 - rho);
			int ext = clamp(phred(rho) / class_unit[c], 1, CALL_GAP_EXT);
			int rest = (class_unit[c] - 1) * ext;
			o->gex[c][u] = (uint8_t)ext;
			o->gop_ins[c][u] = clamp(phred(one * (1 - f)) - rest, 1, CALL_GAP_OPEN);
			o->gop_del[c][u] = clamp(phred(one * f) - rest, 1, CALL_GAP_OPEN);
		}
	}
}

void call_strmodel_costs(struct call_strmodel *m)
{
	for (int k = 0; k < CALL_STR_LEVELS; k++)
		level_costs(m, call_str_factor[k], &m->cost[k]);
}

int call_strmodel_sum_open(int gop, int n_bases)
{
	return n_bases > 1 ? gop + phred(1.0 / n_bases) : gop;
}

int call_str_class(const char *s, int u)
{
	for (int d = 1; d <= u / 2; d++) {
		bool same = u % d == 0;
		for (int i = d; i < u && same; i++)
			same = s[i] == s[i - d];
		if (same)
			return -1;
	}
	if (u == 1)
		return *s == 'A' || *s == 'T' ? CALL_STR_AT : CALL_STR_GC;
	return u == 2 ? CALL_STR_DI : u == 3 ? CALL_STR_TRI : CALL_STR_TETRA;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Tract of bases [b, e) with unit u, of class c: cost of one unit to ins and del, unit and extension to ext,
 * where cheaper. */
static void tract_mark(const struct call_strcost *m, int c, int u, int b, int e, const struct call_gaps *g)
{
	if (c < 0)
		return;
	int n = (e - b) / u < CALL_STR_UNITS ? (e - b) / u : CALL_STR_UNITS;
	int rest = (class_unit[c] - 1) * m->gex[c][n], ext = m->gex[c][n] * class_unit[c] / u;
	ext = ext < 1 ? 1 : ext;
	if (least(m->gop_ins[c][n], m->gop_del[c][n]) >= CALL_GAP_OPEN)
		return;
	int ins = call_strmodel_sum_open(m->gop_ins[c][n] + rest, e - b);
	int del = call_strmodel_sum_open(m->gop_del[c][n] + rest, e - b);
	for (int k = b; k <= e; k++)
		if (least(ins, del) < least(g->ins[k], g->del[k])) {
			g->ins[k] = (uint8_t)ins;
			g->del[k] = (uint8_t)del;
			g->ext[k] = (uint8_t)(u << GEX_BITS | ext);
		}
}

void call_gap_costs_fit(const struct call_strcost *m, const char *hap, int n, const struct call_gaps *g)
{
	for (int i = 0; i <= n; i++) {
		g->ins[i] = g->del[i] = CALL_GAP_OPEN;
		g->ext[i] = 1 << GEX_BITS | CALL_GAP_EXT;
	}
	for (int u = 1; u <= MAX_UNIT; u++)
		for (int i = u, b = 0; i <= n; i++) {
			if (i < n && hap[i] == hap[i - u] && hap[i] != 'N')
				continue;
			/* two copies of a unit are everywhere by chance; their cheap gaps would hide others
			 */
			if (i - b >= (u == 1 ? 2 : 3) * u)
				tract_mark(m, call_str_class(hap + b, u), u, b, i, g);
			b = i - u + 1;
		}
	for (int i = 0; i <= n; i++) {
		int u = g->ext[i] >> GEX_BITS, ext = g->ext[i] & GEX_MASK;
		g->ins[i] = clamp(g->ins[i] - (u - 1) * ext, 1, CALL_GAP_OPEN);
		g->del[i] = clamp(g->del[i] - (u - 1) * ext, 1, CALL_GAP_OPEN);
		g->ext[i] = (uint8_t)ext;
	}
}
