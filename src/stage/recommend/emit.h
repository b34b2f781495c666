/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit.h -- what the stage counts and what writing one drug of one sample needs. */
#ifndef GRX_RECOMMEND_EMIT_H
#define GRX_RECOMMEND_EMIT_H

#include "base/out.h"
#include "stage/recommend/recommend_int.h"

struct recommend_counts {
	int64_t samples, drugs, rules, fired, level[RECOMMEND_L_ACT + 1], incomplete, robust, verify;
	int64_t not_assessed, ambiguous, no_rule, conflicts, opposite, converted, unmodelled, decided;
	int64_t other_population, not_found;
};

struct recommend_state {
	struct recommend_rules *rs;
	const struct recommend_opt *opt;
	bool *want; /* by drug */
	char version[32];
	struct grx_out *tsv;
	struct grx_outs *outs; /* of the run, for closing the table after an error */
	struct recommend_ask ask;
	struct grx_arena *mem, *batch; /* one sample; the samples of one call */
	struct grx_str text, text_zh, because, genes;
	struct recommend_counts n;
};

/* What emitting one drug of one sample needs. */
struct recommend_job {
	struct grx_ctx *cx;
	struct recommend_state *st;
	const struct recommend_drug *d;
	const struct recommend_sample *s;
	struct recommend_match match;
	struct grx_facts *out;
	bool current;
};

/* Add `because` to the links of f and to the list in st->because. */
int recommend_link_fact(struct recommend_job *j, struct grx_fact *f, const struct grx_fact *because) GRX_MUST;
/* Links of a rule, or, without one, of all genes of the drug; st->genes gets the genes. */
int recommend_link_all(struct recommend_job *j, struct grx_fact *f, const struct recommend_rule *r) GRX_MUST;
/* Does the rule name the gene; *diplotype is set when it does so by a diplotype. */
bool recommend_rule_sees(const struct recommend_rule *r, int gene, bool *diplotype);
/* An attribute, if it has a value. */
int recommend_attr(struct recommend_job *j, struct grx_fact *f, const char *key, const char *val) GRX_MUST;
int recommend_attr_drug(struct recommend_job *j, struct grx_fact *f, const char *level) GRX_MUST;
void recommend_tsv_row(struct recommend_job *j, const struct recommend_rule *r, const char *action,
	const char *level, const char *text);
int recommend_emit_none(struct recommend_job *j) GRX_MUST;
/* The advices of the job's match, or why there is none; then its conflicts. */
int recommend_emit(struct recommend_job *j) GRX_MUST;
/* Facts recommend/phenoconversion/GENE of the job's sample. */
int recommend_emit_conversions(struct recommend_job *j) GRX_MUST;

#endif
