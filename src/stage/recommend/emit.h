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

/* The advices of the job's match, or why there is none; then its conflicts. */
int recommend_emit(struct recommend_job *j) GRX_MUST;
/* Facts recommend/phenoconversion/GENE of the job's sample. */
int recommend_emit_conversions(struct recommend_job *j) GRX_MUST;

#endif
