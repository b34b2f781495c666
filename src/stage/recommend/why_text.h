/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_text.h -- lines of an evidence document: what the files that print it share. */
#ifndef GRX_RECOMMEND_WHY_TEXT_H
#define GRX_RECOMMEND_WHY_TEXT_H

#include <jansson.h>

#include "base/str.h"

/* Text member, NULL when absent. */
const char *recommend_why_t_str(const json_t *o, const char *key);
/* Indented name of a line, and a whole line; no line for NULL or "". */
void recommend_why_t_title(struct grx_str *o, int depth, const char *name);
void recommend_why_t_line(struct grx_str *o, int depth, const char *name, const char *text);
/* Text, number or boolean without quotes; members of a list joined by blanks. */
void recommend_why_t_scalar(struct grx_str *o, const json_t *v);
/* ", name value" when it is there. */
void recommend_why_t_more(struct grx_str *o, const json_t *from, const char *key, const char *name);
/* The attributes of a fact, a line each, '_' as blank. */
void recommend_why_t_attrs(struct grx_str *o, int depth, const json_t *fact);
/* Value with unit, or why there is none. */
void recommend_why_t_fact_value(struct grx_str *o, const json_t *f);
/* A locus as one line; a gene down to its loci and reads. */
void recommend_why_t_locus(struct grx_str *o, const json_t *l);
void recommend_why_t_gene(struct grx_str *o, const json_t *g);

#endif
