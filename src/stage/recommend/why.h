/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.h -- the evidence chain of a recommendation as text. */
#ifndef GRX_RECOMMEND_WHY_H
#define GRX_RECOMMEND_WHY_H

#include "base/str.h"
#include "genorx/ctx.h"
#include "genorx/facts.h"

/* grx_why() -- from each advice on a drug down to the reads: recommendation, rule row, phenotype and activity
 * score, diplotype, every locus with its genotype. fs      borrowed  facts that hold the output of
 * `recommend` together with the facts it came from sample  borrowed  NULL when fs holds one sample only drug
 * borrowed  English (any case) or Chinese generic name out     appended  lines of plain text Errors:
 * GRX_E_USAGE for a sample or drug that is not there, naming the nearest ones. O(facts + links). */
int grx_why(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *drug,
	struct grx_str *out) GRX_MUST;

#endif
