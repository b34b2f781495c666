/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.h -- the evidence chain of the advice on one drug, as a JSON document and as text of it.
 * docs/FORMATS.md ("Chains of evidence") describes the document; a caller may add to it (what was read at a
 * locus, what another genotype would change) before it is printed. */
#ifndef GRX_RECOMMEND_WHY_H
#define GRX_RECOMMEND_WHY_H

#include "base/str.h"
#include "genorx/ctx.h"
#include "genorx/facts.h"

struct json_t; /* jansson */

struct grx_why_opt {
	const char *rules; /* folder of rule tables, to evaluate the terms of a condition; NULL: the shipped
			      ones */
	bool all_loci;     /* list loci without a variant or without evidence too, else they are counted */
};

/* grx_why() -- from each advice on a drug down to the loci: recommendation, rule row with the truth of each
 * term, phenotype, diplotype, loci with their genotypes.
 *   fs      borrowed  facts that hold the output of `recommend` together with the facts it came from
 *   sample  borrowed  NULL when fs holds one sample only
 *   drug    borrowed  English (any case) or Chinese generic name
 *   doc     given     json_decref()
 * Errors: GRX_E_USAGE for a sample or drug that is not there, naming the nearest ones. O(facts + links). */
int grx_why(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *drug,
	const struct grx_why_opt *o, struct json_t **doc) GRX_MUST;
/* Lines of plain text appended to out. */
int grx_why_text(struct grx_ctx *cx, const struct json_t *doc, struct grx_str *out) GRX_MUST;
/* Up to max names of the list nearest to name, joined by ", ". */
void grx_why_near(const char *name, const char *const *list, size_t n, int max, struct grx_str *out);

#endif
