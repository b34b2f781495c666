/* SPDX-License-Identifier: GPL-3.0-or-later
 * count.c -- marks to counts and rates, by type and stratum. True positives are counted on both sides: recall
 * from the truth side, precision from the call side, since one change may be written with different numbers
 * of variants. */
#include <math.h>

#include "stage/compare/compare_int.h"

const char *compare_type_name(int type)
{
	return type == COMPARE_SNV ? "SNV" : "INDEL";
}

static void count_unit(struct compare_counts *c, const struct compare_unit *u)
{
	bool tp = u->mark == COMPARE_TP, gt = u->mark == COMPARE_GT;
	if (u->side == COMPARE_TRUTH) {
		c->truth++;
		c->tp += tp;
		c->fn += !tp;
		c->gt_truth += gt;
	} else {
		c->query++;
		c->query_tp += tp;
		c->fp += !tp;
		c->gt_query += gt;
	}
}

void compare_count(struct compare_state *s)
{
	for (size_t i = 0; i < s->units.n; i++) {
		const struct compare_unit *u = &s->units.v[i];
		for (int k = 0; k < s->strata.n && u->counted; k++)
			if (u->strata >> k & 1)
				count_unit(&s->count[u->type][k], u);
	}
}

double compare_precision(const struct compare_counts *c)
{
	return c->query ? (double)c->query_tp / (double)c->query : NAN;
}

double compare_recall(const struct compare_counts *c)
{
	return c->truth ? (double)c->tp / (double)c->truth : NAN;
}

double compare_f1(const struct compare_counts *c)
{
	double p = compare_precision(c), r = compare_recall(c);
	if (isnan(p) || isnan(r))
		return NAN;
	return p + r > 0 ? 2 * p * r / (p + r) : 0;
}
