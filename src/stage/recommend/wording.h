/* SPDX-License-Identifier: GPL-3.0-or-later
 * wording.h -- templates of wording.tsv and the slots in them. */
#ifndef GRX_RECOMMEND_WORDING_H
#define GRX_RECOMMEND_WORDING_H

#include "stage/recommend/recommend_int.h"

/* Values of the slots of one template. */
struct recommend_slots {
	const char *drug, *gene, *phenotype, *pct, *mg;
	const char *by, *strength, *genetic, *action, *group, *condition, *reason;
};

struct recommend_writer {
	struct grx_ctx *cx;
	const struct recommend_rules *rs;
	const struct recommend_drug *d;
	const struct recommend_hit *h;
	bool zh;
	struct grx_str *out;
};

/* Template of a code in the writer's language: for the drug, for one of its genes, or the general one; NULL
 * when there is none. */
const char *recommend_template(const struct recommend_writer *w, const char *code, const char *role);
/* Append the template with its slots filled; without one, the code itself. */
void recommend_sentence(
	struct recommend_writer *w, const char *code, const char *t, const struct recommend_slots *v);
/* The term in the writer's language. */
const char *recommend_term_of(const struct recommend_writer *w, const char *en);
/* Does the rule name the gene? */
bool recommend_text_names(const struct recommend_rule *r, int gene);
/* One action of a rule as a sentence. */
void recommend_action_text(struct recommend_writer *w, const struct recommend_rule *r, enum recommend_act a,
	bool first, struct recommend_slots *v);
/* What the advice depends on. */
void recommend_text_conversions(struct recommend_writer *w, struct recommend_slots *v);
void recommend_text_posterior(struct recommend_writer *w, struct recommend_slots *v);
void recommend_text_population(struct recommend_writer *w, struct recommend_slots *v);

#endif
