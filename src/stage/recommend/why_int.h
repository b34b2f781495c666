/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_int.h -- what the files of the evidence chain share: the document under construction. */
#ifndef GRX_RECOMMEND_WHY_INT_H
#define GRX_RECOMMEND_WHY_INT_H

#include <jansson.h>

#include "stage/recommend/recommend_int.h"
#include "stage/recommend/why.h"

/* bad: memory ran out somewhere; looked at once, at the end. */
struct recommend_why {
	struct grx_ctx *cx;
	const struct grx_facts *fs;
	const char *sample;
	const struct grx_why_opt *opt;
	struct recommend_rules *rs;
	struct grx_arena *mem;
	json_t *doc, *genes, *facts; /* genes, facts: arrays of doc */
	struct grx_map *seen;        /* ids of the facts in `facts` */
	bool bad;
};

/* ---- document ------------------------------------------------------------------------------------------ */
/* Take v; NULL marks w bad. */
void recommend_why_put(struct recommend_why *w, json_t *o, const char *key, json_t *v);
void recommend_why_push(struct recommend_why *w, json_t *array, json_t *v);
/* Nothing for NULL or "". */
void recommend_why_str(struct recommend_why *w, json_t *o, const char *key, const char *v);
/* One member for each entry of a list split at any of sep; blanks around an entry are cut off. */
void recommend_why_list(
	struct recommend_why *w, json_t *o, const char *key, const char *list, const char *sep);
/* Value, unit, status, reason, maker, and all attributes but those named in skip (ended by NULL). */
json_t *recommend_why_fact(struct recommend_why *w, const struct grx_fact *f, const char *const *skip);

/* ---- parts --------------------------------------------------------------------------------------------- */
/* Gene of "pgx/GENE/..." or "recommend/phenoconversion/GENE"; length in *n; NULL for other keys. */
const char *recommend_why_gene_of(const char *key, size_t *n);
/* Add a gene to the document unless it is there. */
void recommend_why_gene(struct recommend_why *w, const char *gene);
/* Add a fact that is none of a gene, with all it rests on, unless it is there. */
void recommend_why_other(struct recommend_why *w, const struct grx_fact *f);
/* Members chrom, pos, ref, alt, name, gt, dp, gq, ad of a locus link; nothing for a link to a fact. */
void recommend_why_locus(struct recommend_why *w, json_t *o, const struct grx_because *b);
/* Array of {text, holds, found} for the terms of the condition of an advice; adds their genes to `genes`. */
json_t *recommend_why_terms(struct recommend_why *w, const struct grx_fact *f, json_t *genes);

#endif
